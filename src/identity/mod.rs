//! Which types are the same, in one table or in several: where two types differ, and one number for all types that do
//! not.

mod classes;
mod difference;
mod graph;
mod shape;
mod words;

pub use classes::{Identity, TypeClass};
pub use difference::{difference, same_type, Sameness};
pub(crate) use difference::{difference_within, outline};
pub use shape::{reachable, refers_to};
