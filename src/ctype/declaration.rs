//! The declaration of a function, variable or type.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Function, Kind, Name, TypeId, Types};

/// A function, a variable or a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclarationKind {
    /// A function.
    Function,
    /// A variable, thread-local ones included.
    Variable,
    /// A type by its name, without a symbol.
    Type,
}

/// What tied the symbol to its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The definition at the symbol's address.
    Address,
    /// A definition of the symbol's name, without an address of its own (one of two functions that the compiler found identical).
    Name,
    /// The result type of the resolver at an IFUNC symbol's address.
    Resolver,
    /// A mere declaration of the symbol's name, in a unit that uses it: the definition has no type (assembly).
    Use,
}

/// The declaration of one symbol or type. Cheap to clone; keeps alive what it needs.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The table that `ty` and everything reachable from it live in.
    pub types: Arc<Types>,
    /// The type of the function ([`Kind::Function`]) or variable, or the type itself.
    pub ty: TypeId,
    /// Function or variable.
    pub kind: DeclarationKind,
    /// The symbol, without its version; of a type its name in C (`struct stat`).
    pub symbol: Name,
    /// The symbol's version (`GLIBC_2.2.5`), where it has one.
    pub version: Option<Name>,
    /// The name in the source, which differs from the symbol for aliases (`printf` is defined as `__printf`).
    pub name: Name,
    /// The linkage name (DW_AT_linkage_name), where it differs from the name: C++, Fortran, Rust.
    pub linkage_name: Option<Name>,
    /// The library.
    pub library: PathBuf,
    /// What the source of the types knows the declaration by; `None` for one that was built by hand.
    pub key: Option<u64>,
    /// What tied the symbol to it.
    pub evidence: Evidence,
}

impl Declaration {
    /// The function type, or `None` for a variable.
    pub fn function(&self) -> Option<&Function> {
        match &self.types.get(self.ty).kind {
            Kind::Function(function) if self.kind == DeclarationKind::Function => Some(function),
            _ => None,
        }
    }

    /// The source file and the line of the declaration, where known; line 0: not known. Reads the line table on
    /// first use.
    pub fn source(&self) -> Option<(Name, u64)> {
        self.types.source_of(self.key?)
    }

    /// Whether the type is known: it is not a record or enumeration that is only declared.
    pub fn is_complete(&self) -> bool {
        !self.types.resolved(self.ty).is_only_declared()
    }

    /// Whether the parameters are known: all but a declaration without prototype that is not the definition
    /// (C17 §6.7.6.3 ¶14: an empty list then says nothing).
    pub fn parameters_known(&self) -> bool {
        self.function().is_some_and(|function| {
            function.prototyped || matches!(self.evidence, Evidence::Address | Evidence::Name)
        })
    }
}
