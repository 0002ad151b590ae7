//! The C type model: types and declarations as plain data. Other modules apply the ABI to them, spell, compare and
//! judge them.
//!
//! This module does not depend on DWARF, ELF or libffi.

mod declaration;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod machine;
mod model;
mod name;
mod target;
mod types;

pub use declaration::{Declaration, DeclarationKind, Evidence};
pub(crate) use model::Keyword;
pub use model::{
    BitField, Encoding, Enumerator, Function, Kind, Member, Parameter, PointerClass, Qualifier,
    Record, RecordClass, Type,
};
pub use name::Name;
pub use target::Target;
pub use types::{Layout, TypeId, TypeSource, Types};
