//! A caller's types as bytes. The bytes are made from libffi's structures without allocation and compared as they
//! are. They are read back into a claim only if no verdict on them is known yet.

use libffi_sys as ffi;

use crate::abi::{Bytes, Leaf, ScalarClass, Value, MAX_LEAVES};
use crate::check::{CallClaim, Claim};

/// Claims that take more bytes than this are not remembered.
const INLINE: usize = 512;

/// Ends a list of elements, or replaces a list or a type.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Marker {
    /// The end of a list of elements.
    End = 0xfc,
    /// Replaces a list of elements that is NULL.
    Null = 0xfd,
    /// Replaces what exceeds the bounds on nesting or on the number of types.
    TooLarge = 0xfe,
}

/// Marks a type code that libffi does not have today. The code follows in two bytes.
const OTHER: u8 = 0xff;

/// A buffer on the stack, which moves to the heap when it is full.
pub(super) struct Encoder {
    inline: [u8; INLINE],
    len: usize,
    heap: Vec<u8>,
}

impl Encoder {
    /// Starts with what a claim says about the call itself. The types follow.
    pub(super) fn new(default_abi: bool, fixed: Option<u32>, nargs: u32) -> Encoder {
        let mut encoder = Encoder { inline: [0; INLINE], len: 0, heap: Vec::new() };
        encoder.push(&[u8::from(default_abi), u8::from(fixed.is_some())]);
        encoder.push(&fixed.unwrap_or(0).to_le_bytes());
        encoder.push(&nargs.to_le_bytes());
        encoder
    }

    fn push<const N: usize>(&mut self, bytes: &[u8; N]) {
        if self.heap.is_empty() {
            if let Some(free) = self.inline.get_mut(self.len..self.len + N) {
                free.copy_from_slice(bytes);
                self.len += N;
                return;
            }
            self.heap.extend_from_slice(self.inline.get(..self.len).unwrap_or(&[]));
        }
        self.heap.extend_from_slice(bytes);
    }

    pub(super) fn marker(&mut self, marker: Marker) {
        self.push(&[marker as u8]);
    }

    /// Appends the code of a type. For structs and complex types the size and alignment follow in full. Scalar sizes
    /// over 255 are all invalid, and are stored as 255.
    pub(super) fn scalar(&mut self, code: u16, size: u64, align: u16) {
        match code {
            ffi::FFI_TYPE_STRUCT | ffi::FFI_TYPE_COMPLEX => {
                self.push(&[code as u8]);
                self.push(&size.to_le_bytes());
                self.push(&align.to_le_bytes());
            }
            0..=ffi::FFI_TYPE_LAST => {
                let [low, high] = align.to_le_bytes();
                self.push(&[code as u8, size.min(255) as u8, low, high]);
            }
            _ => {
                let [low, high] = code.to_le_bytes();
                self.push(&[OTHER, low, high]);
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        if self.heap.is_empty() {
            self.inline.get(..self.len).unwrap_or(&[])
        } else {
            &self.heap
        }
    }

    /// Whether the bytes are few enough to be remembered.
    pub(super) fn is_short(&self) -> bool {
        self.heap.is_empty()
    }

    /// The claim that the bytes encode.
    pub(super) fn claim(&self) -> CallClaim {
        let mut reader = Reader { rest: self.bytes() };
        let flags = reader.take::<2>();
        let fixed = u32::from_le_bytes(reader.take::<4>());
        let nargs = u32::from_le_bytes(reader.take::<4>());
        let result = reader.ty().claim();
        let arguments = (0..nargs).map(|_| reader.ty().claim()).collect();
        CallClaim {
            default_abi: flags == [1, 0] || flags == [1, 1],
            fixed: (flags == [0, 1] || flags == [1, 1]).then_some(fixed as usize),
            arguments,
            result,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

/// A type that was read back, with its alignment in libffi.
struct Described {
    value: Value,
    align: u64,
}

impl Described {
    fn unknown(reason: &str) -> Described {
        Described { value: Value::Unknown { reason: reason.to_owned() }, align: 1 }
    }

    fn claim(self) -> Claim {
        Claim::Value(self.value)
    }
}

impl Reader<'_> {
    /// The next `N` bytes. Past the end they are zeros, but the encoder always writes whole values.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.rest = rest;
                *bytes
            }
            None => [0; N],
        }
    }

    /// Whether the next byte is `marker`. If so, it is skipped.
    fn at(&mut self, marker: Marker) -> bool {
        let found = self.rest.first() == Some(&(marker as u8));
        if found {
            self.take::<1>();
        }
        found
    }

    fn ty(&mut self) -> Described {
        if self.at(Marker::TooLarge) {
            return Described::unknown("its ffi_type is nested too deeply or too large");
        }
        let [code] = self.take::<1>();
        match u16::from(code) {
            ffi::FFI_TYPE_STRUCT => self.record(),
            ffi::FFI_TYPE_COMPLEX => self.complex(),
            code if code == u16::from(OTHER) => {
                let code = u16::from_le_bytes(self.take::<2>());
                Described::unknown(&format!("its ffi_type has the unknown code {code}"))
            }
            code => {
                let [size, low, high] = self.take::<3>();
                scalar(code, u64::from(size), u16::from_le_bytes([low, high]))
            }
        }
    }

    fn complex(&mut self) -> Described {
        let size = u64::from_le_bytes(self.take::<8>());
        let align = u16::from_le_bytes(self.take::<2>());
        let mut parts = self.elements();
        let part = if parts.is_empty() { None } else { Some(parts.swap_remove(0).value) };
        match part {
            Some(Value::Scalar { class, size: part }) if part.checked_mul(2) == Some(size) => {
                Described { value: Value::Complex { part: class, size }, align: align.into() }
            }
            _ => Described::unknown("its complex ffi_type has no part of half its size"),
        }
    }

    /// The elements up to the end of the list. Empty if the list is NULL.
    fn elements(&mut self) -> Vec<Described> {
        let mut elements = Vec::new();
        while !self.rest.is_empty() && !self.at(Marker::End) && !self.at(Marker::Null) {
            elements.push(self.ty());
        }
        elements
    }

    /// A struct. If libffi's own layout of the elements has the stated size, the struct gets their scalars. Otherwise
    /// only its size is known. A size of 0 means that libffi has not computed it yet.
    fn record(&mut self) -> Described {
        let stated = u64::from_le_bytes(self.take::<8>());
        let stated_align = u64::from(u16::from_le_bytes(self.take::<2>()));
        let elements = self.elements();
        let empty = elements.is_empty();
        let mut leaves: Vec<Leaf> = Vec::new();
        let (mut end, mut widest, mut known) = (0_u64, 1_u64, true);
        for element in elements {
            let align = element.align.max(1);
            end = end.div_ceil(align).saturating_mul(align);
            widest = widest.max(align);
            let Some(bytes) = element.value.bytes() else {
                known = false;
                continue;
            };
            leaves.extend(
                bytes
                    .leaves
                    .iter()
                    .map(|leaf| Leaf { offset: leaf.offset.saturating_add(end), ..*leaf }),
            );
            end = end.saturating_add(bytes.size);
        }
        let natural = end.div_ceil(widest).saturating_mul(widest);
        let (size, align) = match stated {
            0 => (natural, widest),
            _ => (stated, stated_align.max(1)),
        };
        // The bytes are unknown if the struct has no elements, or if they do not give the stated size. A packed
        // struct ends directly after its last element.
        let told = known && !empty && leaves.len() <= MAX_LEAVES;
        if !told || (natural != size && end != size) {
            leaves.clear();
            if size > 0 {
                leaves.push(Leaf::new(0, size, ScalarClass::Unknown));
            }
        }
        let value = Value::Record(Bytes::of_leaves(size, align, leaves));
        Described { value, align }
    }
}

/// A scalar by code and size. If the code does not allow the size, the type is unknown.
fn scalar(code: u16, size: u64, align: u16) -> Described {
    let unsigned = ScalarClass::Integer { signed: false };
    let signed = ScalarClass::Integer { signed: true };
    let (class, expected) = match code {
        ffi::FFI_TYPE_VOID => return Described { value: Value::Void, align: 1 },
        ffi::FFI_TYPE_INT => (signed, 4),
        ffi::FFI_TYPE_FLOAT => (ScalarClass::Float, 4),
        ffi::FFI_TYPE_DOUBLE => (ScalarClass::Float, 8),
        ffi::FFI_TYPE_LONGDOUBLE => (ScalarClass::Float, size.clamp(8, 16)),
        ffi::FFI_TYPE_UINT8 => (unsigned, 1),
        ffi::FFI_TYPE_SINT8 => (signed, 1),
        ffi::FFI_TYPE_UINT16 => (unsigned, 2),
        ffi::FFI_TYPE_SINT16 => (signed, 2),
        ffi::FFI_TYPE_UINT32 => (unsigned, 4),
        ffi::FFI_TYPE_SINT32 => (signed, 4),
        ffi::FFI_TYPE_UINT64 => (unsigned, 8),
        ffi::FFI_TYPE_SINT64 => (signed, 8),
        ffi::FFI_TYPE_POINTER => (ScalarClass::Pointer, size_of::<usize>() as u64),
        _ => return Described::unknown("its ffi_type has an unknown code"),
    };
    if size != expected {
        return Described::unknown("its ffi_type has a size that its code cannot have");
    }
    Described { value: Value::Scalar { class, size }, align: u64::from(align).max(1) }
}
