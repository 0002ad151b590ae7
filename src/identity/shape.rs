//! What a type says by itself, without the types that it refers to. Two types are the same if their shapes are equal
//! and the types that they refer to are the same, in order.

use std::collections::HashSet;

use crate::abi;
use crate::ctype::{Kind, Name, Qualifier, RecordClass, TypeId, Types};
use crate::spell::base_name;

/// The types that a type refers to, in order: the target of a pointer or typedef; the type behind all of its
/// qualifiers; the element of an array without its qualifiers, which also belong to the array; the types of members;
/// the underlying integer type; the types of the result and the parameters.
pub fn refers_to(types: &Types, id: TypeId) -> Vec<TypeId> {
    Shape::of(types, id, Names::default()).refers_to
}

/// All types that are reachable from `roots`, including the roots, each once and breadth first.
pub fn reachable(types: &Types, roots: impl IntoIterator<Item = TypeId>) -> Vec<TypeId> {
    let mut seen = HashSet::new();
    let mut all: Vec<TypeId> = roots.into_iter().filter(|root| seen.insert(*root)).collect();
    let mut next = 0;
    while let Some(&id) = all.get(next) {
        next += 1;
        all.extend(refers_to(types, id).into_iter().filter(|target| seen.insert(*target)));
    }
    all
}

/// Names that make types different, besides the names that C has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The names of parameters.
    pub(super) parameters: bool,
    /// The names of base types that have one name in C (Rust's `u64` and `usize`), and of pointers (`&T` and `&mut
    /// T`).
    pub(super) types: bool,
}

/// The part of a type that is compared at once, and the types that are compared after it.
#[derive(Default)]
pub(super) struct Shape {
    /// If the bytes are equal, the types are equal except for the types that they refer to.
    pub(super) bytes: Vec<u8>,
    /// The types that it refers to. Shapes with equal bytes have equally many.
    pub(super) refers_to: Vec<TypeId>,
}

impl Shape {
    pub(super) fn of(types: &Types, id: TypeId, names: Names) -> Shape {
        let mut shape = Shape::default();
        shape.read(types, id, names);
        shape
    }

    fn read(&mut self, types: &Types, id: TypeId, names: Names) {
        let ty = types.get(id);
        match &ty.kind {
            Kind::Void => self.byte(0),
            Kind::Base { encoding, bits, swapped } => {
                self.byte(1);
                self.byte(u8::from(*swapped));
                let own = ty.name.as_ref().map(Name::as_str);
                let size = ty.size.unwrap_or(0);
                // gcc's `long unsigned int` is clang's `unsigned long`. Use the name in C.
                match base_name(types.target(), own, *encoding, size, *bits) {
                    Some(c) => self.text(Some(&c)),
                    None => self.text(own),
                }
                if names.types {
                    self.text(own);
                }
                self.byte(*encoding as u8);
                self.option(ty.size);
                self.option(bits.map(u64::from));
            }
            Kind::Pointer { target, class } => {
                self.byte(2);
                self.byte(*class as u8);
                self.option(abi::size_of(types, id));
                if names.types {
                    self.text(ty.name.as_ref().map(Name::as_str));
                }
                self.refers_to.push(*target);
            }
            Kind::Qualified { .. } => match qualifiers(types, id) {
                (set, target) if is_array(types, target) => self.array(types, target, set),
                (set, target) => {
                    self.byte(3);
                    self.byte(set);
                    self.refers_to.push(target);
                }
            },
            Kind::Typedef { target } => {
                self.byte(4);
                self.text(ty.name.as_ref().map(Name::as_str));
                // gcc also records an alignment that the type would have anyway.
                self.option(ty.align.filter(|align| *align != abi::align_of(types, *target)));
                self.refers_to.push(*target);
            }
            Kind::Array { .. } => self.array(types, id, 0),
            Kind::Record(record) => {
                self.byte(6);
                // `class` and `struct` count as the same in C++.
                self.byte(u8::from(record.class == RecordClass::Union));
                self.byte(u8::from(record.incomplete));
                self.byte(record.by_reference.map_or(2, u8::from));
                self.text(ty.name.as_ref().map(Name::as_str));
                if record.incomplete {
                    return;
                }
                self.option(ty.size);
                self.number(abi::align_of(types, id));
                for member in &record.members {
                    self.text(member.name.as_ref().map(Name::as_str));
                    self.byte(u8::from(member.base_class));
                    match member.bits {
                        // The storage unit from which a bit-field is counted depends on the DWARF version. Only the
                        // bits are compared.
                        Some(bits) => {
                            self.byte(1);
                            self.number(bits.offset);
                            self.number(bits.width);
                        }
                        None => {
                            self.byte(0);
                            self.number(member.offset);
                        }
                    }
                    self.refers_to.push(member.ty);
                }
            }
            Kind::Enumeration { underlying, enumerators, incomplete } => {
                self.byte(7);
                self.byte(u8::from(*incomplete));
                self.text(ty.name.as_ref().map(Name::as_str));
                self.option(ty.size);
                self.number(abi::align_of(types, id));
                for enumerator in enumerators {
                    self.text(Some(enumerator.name.as_str()));
                    self.bytes.extend_from_slice(&enumerator.value.to_le_bytes());
                }
                self.refers_to.extend(*underlying);
            }
            Kind::Function(function) => {
                self.byte(8);
                self.byte(u8::from(function.prototyped));
                self.byte(u8::from(function.variadic));
                self.option(function.convention.map(u64::from));
                self.refers_to.push(function.result);
                for parameter in &function.parameters {
                    if names.parameters {
                        self.text(parameter.name.as_ref().map(Name::as_str));
                    }
                    self.refers_to.push(parameter.ty);
                }
            }
            Kind::Unknown { reason } => {
                self.byte(9);
                self.text(ty.name.as_ref().map(Name::as_str));
                self.option(ty.size);
                self.text(Some(reason.as_str()));
            }
        }
        // A missing type is not equal to an existing one, so the number of types is part of the shape.
        self.number(self.refers_to.len() as u64);
    }

    /// Adds an array. A qualified array is an array of qualified elements (C17 §6.7.3 ¶9), and compilers record it as
    /// either or both.
    fn array(&mut self, types: &Types, id: TypeId, outer: u8) {
        let Kind::Array { element, dimensions, vector } = &types.get(id).kind else { return };
        let (inner, element) = qualifiers(types, *element);
        self.byte(5);
        self.byte(u8::from(*vector));
        self.byte(outer | inner);
        self.number(dimensions.len() as u64);
        dimensions.iter().for_each(|length| self.option(*length));
        self.refers_to.push(element);
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn option(&mut self, number: Option<u64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }

    fn text(&mut self, text: Option<&str>) {
        self.option(text.map(|text| text.len() as u64));
        self.bytes.extend_from_slice(text.unwrap_or("").as_bytes());
    }
}

fn is_array(types: &Types, id: TypeId) -> bool {
    matches!(types.get(id).kind, Kind::Array { vector: false, .. })
}

/// The qualifiers on a type as a set, in whatever order the compiler recorded them, and the type behind them.
pub(super) fn qualifiers(types: &Types, id: TypeId) -> (u8, TypeId) {
    let (mut set, mut current) = (0, id);
    for _ in 0..64 {
        let Kind::Qualified { qualifier, target } = types.get(current).kind else {
            return (set, current);
        };
        set |= match qualifier {
            Qualifier::Const => 1,
            Qualifier::Volatile => 2,
            Qualifier::Restrict => 4,
            Qualifier::Atomic => 8,
        };
        current = target;
    }
    // Many more qualifiers than the four of C: a cycle.
    (set, TypeId::VOID)
}
