//! Between declarations and libffi: a declaration becomes `ffi_type`s and a prepared cif, and a
//! caller's `ffi_type`s become a claim. Only `raw` touches libffi's own structures.
//!
//! Of the machines, x86-64 is tested; the rules for the others follow their psABIs and refuse
//! what is in doubt.

mod claimed;
mod encoded;
mod interface;
mod lower;
mod raw;
mod registers;
mod shape;
mod value;

pub use claimed::claimed_type;
pub use interface::Interface;
pub use libffi_sys::{ffi_abi, ffi_cif, ffi_type};
pub use lower::{lower, LoweredCif};
