//! Converts between declarations and libffi. A declaration becomes `ffi_type`s and a prepared cif, and a caller's
//! `ffi_type`s become a claim. Only `raw` accesses libffi's own structures.
//!
//! Only x86-64 is tested. The rules for other machines follow their psABIs, and refuse cases that are in doubt.

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
pub use lower::{lower, lower_type, LoweredCif, LoweredType};
