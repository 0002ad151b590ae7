//! libffitypecheck-preload.so: for LD_PRELOAD. It stands between a program and libffi, and compares each call with the
//! C declaration of the function that is called. docs/preload.md describes it for users.
//!
//! The library is a guest in processes that do not know of it:
//!
//! - A pair of a function and of what a cif says is judged once (`pairs`). After that, a call costs a hash of the cif
//!   and one lookup, without a lock, an allocation or a call of the C library.
//! - A pair is judged by the thread that makes the call, inside a `section`: one thread at a time, with signals
//!   blocked, without cancellation, and with errno restored.
//! - Memory comes from an allocator of its own, because the call may have interrupted malloc.

#![deny(missing_docs, unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod counter;
mod counts;
mod fingerprint;
mod generation;
mod interpose;
mod judge;
mod loaded;
mod output;
mod pairs;
mod prepared;
mod real;
mod section;
mod settings;
mod signal_frame;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
