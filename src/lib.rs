//! Reads the C declarations of a library's functions and variables from its DWARF debug information, and compares a
//! caller's declarations with them.
//!
//! There are four steps: open a library, describe a symbol, spell the declaration as C, and check what a caller claims.
//! [`Library`] reads a file. [`describe_symbol`] and [`describe_address`] describe what is loaded in this process.
//!
//! ```
//! use ffitypecheck::check::{check_declaration, ClaimedTypes, FunctionForm, Options, Verdict};
//! use ffitypecheck::ctype::Encoding;
//! use ffitypecheck::image::{find_library, SearchOptions};
//! use ffitypecheck::{spell, Library};
//!
//! // The library and its debug information: in the file, below /usr/lib/debug, or where the environment says.
//! let path = find_library("libc.so.6")?;
//! let library = Library::open(&path, &SearchOptions::from_environment())?;
//!
//! let declaration = library.describe("labs")?;
//! assert_eq!(spell::declaration(&declaration), "long labs(long i)");
//!
//! // A caller that claims `int labs(int)`.
//! let mut types = ClaimedTypes::new();
//! let int = types.base(Encoding::Signed, 4, false)?;
//! let function = types.function(int, &[int], FunctionForm::Prototyped)?;
//! let report = check_declaration(&declaration, types.claim(function)?, &Options::default());
//! assert_eq!(report.verdict(), Verdict::Mismatch);
//! assert!(report.findings()[0].sentence.as_str().starts_with("labs: result: the library returns 'long'"));
//! # Ok::<(), ffitypecheck::Error>(())
//! ```
//!
//! Any number of threads may use this library at once. A declaration keeps alive what it needs of its library.
//!
//! Forks: the C interface (the feature `capi`) makes a fork wait until no thread is inside a call. The Rust interface
//! does not. A child that is forked while another thread is inside a call may wait forever, and should call exec.
//!
//! The feature `capi` is for the library that `make` builds for C. It exports the functions of `ffitypecheck.h` and has
//! its own allocator. Programs in Rust should not enable it.

#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod abi;
mod build_id;
pub mod cache;
#[cfg(feature = "capi")]
pub mod capi;
pub mod check;
pub mod ctype;
mod dwarf;
mod error;
pub mod header;
pub mod identity;
pub mod image;
pub mod libffi;
mod library;
mod memory;
mod note_format;
pub mod parse;
mod privileges;
mod process;
pub mod slim;
pub mod spell;

pub use error::{Error, ErrorKind, Result};
pub use library::{only_definition, Library};
pub use process::{
    describe_address, describe_symbol, describe_type, forget_libraries, search_options,
    set_search_options,
};
