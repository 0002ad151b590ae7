//! A symbol goes in, its C declaration comes out of the library's own debug information, and
//! everything else (a libffi cif, a verdict on a caller's claim, a line of C) is a view of it.
//!
//! Forks: the C interface ([`capi`]) makes a fork wait until no thread is inside a call. This one does not: a child that is forked while
//! another thread is inside may wait for ever, and should call exec.

#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod build_id;
pub mod cache;
pub mod capi;
pub mod check;
pub mod ctype;
mod dwarf;
mod error;
pub mod image;
pub mod libffi;
mod library;
mod memory;
mod note_format;
mod privileges;
mod process;
pub mod slim;

pub use error::{Error, ErrorKind, Result};
pub use library::{only_definition, Library};
pub use process::{
    describe_address, describe_symbol, describe_type, forget_libraries, search_options,
    set_search_options,
};
