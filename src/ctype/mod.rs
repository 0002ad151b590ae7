//! The C type model: plain data that the rooms below (`check`, `libffi`, spelling) share.
//!
//! Nothing here knows DWARF, ELF or libffi.

mod base;
#[cfg(test)]
pub(crate) mod build;
pub mod bytes;
mod declaration;
pub mod eightbyte;
#[cfg(test)]
pub(crate) mod fixture;
mod header;
mod identifier;
mod identity;
mod layout;
pub(crate) mod machine;
mod model;
mod name;
mod same;
mod shape;
mod spell;
mod type_name;
mod types;

pub(crate) use base::{base_name, canonical_name, is_of_c};
pub use bytes::{Bytes, Leaf, ScalarClass, Value};
pub use declaration::{Declaration, DeclarationKind, Evidence};
pub use header::{write_header, write_types, HeaderReport};
pub use identity::{Identity, TypeClass};
pub use layout::Layout;
pub use model::{
    BitField, Encoding, Enumerator, Function, Kind, Member, Parameter, PointerClass, Qualifier,
    Record, RecordClass, Type,
};
pub use name::Name;
pub use same::{difference, same_type, Sameness};
pub(crate) use same::{difference_within, outline};
pub(crate) use type_name::{Keyword, TypeName};
pub use types::{Target, TypeId, TypeSource, Types};
