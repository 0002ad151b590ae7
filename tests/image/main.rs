//! The image room on files that real tools make, and on real libraries.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::undocumented_unsafe_blocks
)]

mod exports;
mod fixture;
mod loaded;
mod malformed;
mod search;
mod sections;
mod split;
