//! A pair of a function and of what a cif says about it, as 128 bits. Two pairs with the same bits count as the same.
//! The address of the cif is not part of it, because its memory may be used for another cif later.

use ffitypecheck::libffi::{ffi_cif, ffi_type};

use crate::prepared::Preparation;

/// Codes of types with a list of elements (`FFI_TYPE_STRUCT`, `FFI_TYPE_COMPLEX`).
const COMPOSITE: [u16; 2] = [13, 15];
/// Bounds on types: the nesting depth, and their number.
const DEPTH: u32 = 32;
const TYPES: u32 = 4096;

/// The bits of a pair. `low` is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub low: u64,
    pub high: u64,
}

struct Hash {
    low: u64,
    high: u64,
    /// The number of types that may follow.
    room: u32,
}

impl Hash {
    fn add(&mut self, word: u64) {
        self.low = (self.low ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.low ^= self.low >> 32;
        self.high = (self.high.rotate_left(29) ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.high ^= self.high >> 29;
    }

    /// Adds a type with its elements. `None`: a type is NULL, or there are too many.
    ///
    /// # Safety
    /// `ty` is NULL or an `ffi_type` as libffi requires.
    unsafe fn add_type(&mut self, ty: *const ffi_type, depth: u32) -> Option<()> {
        // SAFETY: as the caller promises.
        let ty = unsafe { ty.as_ref() }?;
        self.room = self.room.checked_sub(1)?;
        self.add((ty.size as u64) << 32 | u64::from(ty.alignment) << 16 | u64::from(ty.type_));
        if !COMPOSITE.contains(&ty.type_) || ty.elements.is_null() {
            return Some(());
        }
        if depth == DEPTH {
            return None;
        }
        let mut entry = ty.elements;
        loop {
            // SAFETY: the list of elements ends in NULL, and the loop ends there.
            let element = unsafe { entry.read() };
            if element.is_null() {
                self.add(u64::MAX);
                return Some(());
            }
            // SAFETY: an element is an `ffi_type`, and the list has another entry after it.
            unsafe {
                self.add_type(element, depth + 1)?;
                entry = entry.add(1);
            }
        }
    }
}

/// The bits of a pair. `None`: the cif lacks a type, or is too large.
///
/// # Safety
/// `cif` was prepared.
pub unsafe fn fingerprint(
    cif: &ffi_cif,
    function: usize,
    preparation: Preparation,
) -> Option<Fingerprint> {
    let mut hash = Hash { low: function as u64, high: 0x5851_f42d_4c95_7f2d, room: TYPES };
    hash.add(function as u64);
    hash.add(u64::from(cif.nargs) << 32 | preparation.bits() << 16 | cif.abi as u64 & 0xffff);
    // SAFETY: a prepared cif has a result type and `nargs` argument types.
    unsafe {
        hash.add_type(cif.rtype, 0)?;
        if cif.nargs > 0 && cif.arg_types.is_null() {
            return None;
        }
        for index in 0..cif.nargs as usize {
            hash.add_type(*cif.arg_types.add(index), 0)?;
        }
    }
    Some(Fingerprint { low: hash.low | 1, high: hash.high })
}
