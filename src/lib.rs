//! A symbol goes in, its C declaration comes out of the library's own debug information, and
//! everything else (a libffi cif, a verdict on a caller's claim, a line of C) is a view of it.

#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod check;
pub mod ctype;
mod error;
pub mod libffi;

pub use error::{Error, ErrorKind, Result};
