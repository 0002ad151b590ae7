//! The C type model: plain data that the rooms below (`check`, `libffi`, spelling) share.
//!
//! Nothing here knows DWARF, ELF or libffi.

mod base;
mod declaration;
#[cfg(test)]
mod fixture;
mod identifier;
mod layout;
mod model;
mod name;
mod spell;
mod types;

pub use declaration::{Declaration, DeclarationKind, Evidence};
pub use layout::Layout;
pub use model::{
    BitField, Encoding, Enumerator, Function, Kind, Member, Parameter, PointerClass, Qualifier,
    Record, RecordClass, Type,
};
pub use name::Name;
pub use types::{Target, TypeId, TypeSource, Types};
/// Temporary.
pub fn same_type(a: &Types, x: TypeId, b: &Types, y: TypeId) -> bool {
    a.spell_type(x) == b.spell_type(y)
}
