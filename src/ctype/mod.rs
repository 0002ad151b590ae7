//! The C type model: plain data that the rooms below (`check`, `libffi`, spelling) share.
//!
//! Nothing here knows DWARF, ELF or libffi.

#[cfg(test)]
pub(crate) mod build;
pub mod bytes;
mod declaration;
pub mod eightbyte;
mod layout;
mod model;
mod name;
mod types;

pub use bytes::{Bytes, Leaf, ScalarClass, Value};
pub use declaration::{Declaration, DeclarationKind, Evidence};
pub use layout::Layout;
pub use model::{
    BitField, Encoding, Enumerator, Function, Kind, Member, Parameter, PointerClass, Qualifier,
    Record, RecordClass, Type,
};
pub use name::Name;
pub use types::{Target, TypeId, TypeSource, Types};
