//! The C interface. It only translates the public Rust interface.
//!
//! There is one file for each C object. Every entry is an `extern "C"` function, written in full for cbindgen. Its
//! body runs inside `guard::guard`, so that no panic crosses into C and no fork happens during a call.
#![allow(non_camel_case_types)]

mod built_types;
mod check;
mod cif;
mod claim;
mod decl;
mod describe;
mod fork;
mod guard;
mod kinds;
mod library;
mod memory;
mod named;
mod report;
mod settings;
mod status;
mod text;
mod types;
mod version;
mod view;

pub use built_types::*;
pub use check::*;
pub use cif::*;
pub use claim::*;
pub use decl::*;
pub use describe::*;
pub use kinds::*;
pub use library::*;
pub use memory::*;
pub use named::*;
pub use report::*;
pub use settings::*;
pub use status::*;
pub use types::*;
pub use version::*;
