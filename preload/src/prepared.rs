//! Which cifs were prepared by `ffi_prep_cif`, and which by `ffi_prep_cif_var`: a cif itself does not say so. The table
//! is small and has no lock. A cif replaces another one in its place, and nothing is known of that one any more.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use ffitypecheck::libffi::ffi_cif;

static PLACES: [AtomicU64; 4096] = [const { AtomicU64::new(0) }; 4096];

/// How a cif was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It was copied, or prepared long ago.
    Unknown,
    /// By `ffi_prep_cif`.
    Fixed,
    /// By `ffi_prep_cif_var`, with so many fixed arguments.
    Variadic(u16),
}

impl Preparation {
    /// The value in 16 bits.
    pub fn bits(self) -> u64 {
        match self {
            Preparation::Unknown => 0,
            Preparation::Fixed => 1,
            Preparation::Variadic(fixed) => u64::from(fixed.min(u16::MAX - 2)) + 2,
        }
    }
}

fn place(cif: *const ffi_cif) -> &'static AtomicU64 {
    let hash = (cif as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
    PLACES.get(hash as usize).unwrap_or(&PLACES[0])
}

/// The address without the bits that are the same for all cifs, above the 16 bits for the preparation.
fn tag(cif: *const ffi_cif) -> u64 {
    (cif as u64 >> 3) << 16
}

/// Remembers how a cif was prepared.
pub fn remember(cif: *const ffi_cif, preparation: Preparation) {
    place(cif).store(tag(cif) | preparation.bits(), Relaxed);
}

/// How a cif was prepared.
pub fn recall(cif: *const ffi_cif) -> Preparation {
    let value = place(cif).load(Relaxed);
    if value & !0xffff != tag(cif) {
        return Preparation::Unknown;
    }
    match value & 0xffff {
        0 => Preparation::Unknown,
        1 => Preparation::Fixed,
        fixed => Preparation::Variadic(fixed as u16 - 2),
    }
}
