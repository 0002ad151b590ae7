//! The declaration of a function, variable or type.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Function, Kind, Name, TypeId, Types};

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclarationKind {
    /// A function.
    Function,
    /// A variable, including thread-local ones.
    Variable,
    /// A type that was found by its name. It has no symbol.
    Type,
}

/// How the declaration of the symbol was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The definition at the symbol's address.
    Address,
    /// A definition of the symbol's name that has no address of its own, such as one of two functions that the
    /// compiler found identical.
    Name,
    /// The result type of the resolver at an IFUNC symbol's address.
    Resolver,
    /// Only a declaration of the symbol's name, in a unit that uses it. The definition has no type (assembly).
    Use,
}

/// The declaration of one symbol or type. It is cheap to clone, and keeps alive what it refers to.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The table that contains `ty` and everything reachable from it.
    pub types: Arc<Types>,
    /// The type of the function ([`Kind::Function`]) or variable, or the type itself.
    pub ty: TypeId,
    /// Whether it is a function, a variable or a type.
    pub kind: DeclarationKind,
    /// The symbol, without its version. For a type, its name in C (`struct stat`).
    pub symbol: Name,
    /// The symbol's version (`GLIBC_2.2.5`), if it has one.
    pub version: Option<Name>,
    /// The name in the source. It differs from the symbol for aliases (`printf` is defined as `__printf`).
    pub name: Name,
    /// The linkage name (DW_AT_linkage_name), if it differs from the name: C++, Fortran, Rust.
    pub linkage_name: Option<Name>,
    /// The path of the library.
    pub library: PathBuf,
    /// The key of the declaration in the source of the types. `None` if it was built by hand.
    pub key: Option<u64>,
    /// How the declaration was found.
    pub evidence: Evidence,
}

impl Declaration {
    /// The function type. `None` if it is not a function or its type is not known.
    pub fn function(&self) -> Option<&Function> {
        match &self.types.get(self.ty).kind {
            Kind::Function(function) if self.kind == DeclarationKind::Function => Some(function),
            _ => None,
        }
    }

    /// The source file and the line of the declaration, if known. Line 0 means that the line is not known. Reads the
    /// line table on first use.
    pub fn source(&self) -> Option<(Name, u64)> {
        self.types.source_of(self.key?)
    }

    /// Whether the type is complete, that is, not a record or enumeration that is only declared.
    pub fn is_complete(&self) -> bool {
        !self.types.resolved(self.ty).is_only_declared()
    }

    /// Whether the parameters are known. They are not if the function is declared without a prototype and this is not
    /// the definition (C17 §6.7.6.3 ¶14: the empty list then says nothing).
    pub fn parameters_known(&self) -> bool {
        self.function().is_some_and(|function| {
            function.prototyped || matches!(self.evidence, Evidence::Address | Evidence::Name)
        })
    }
}
