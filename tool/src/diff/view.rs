//! A library's types as seen by a caller that has only its public headers.

use std::collections::HashMap;
use std::sync::Arc;

use ffitypecheck::ctype::{
    Declaration, Function, Kind, Member, Parameter, Record, Type, TypeId, Types,
};

use crate::header::PublicTypes;

/// Copies types. Records behind pointers that no public header defines become opaque.
pub struct View<'p> {
    public: &'p PublicTypes,
    /// The library's tables of types, each with its copy.
    tables: Vec<Table>,
}

struct Table {
    types: Arc<Types>,
    copy: Arc<Types>,
    /// The copy of each type. A record may have a second, opaque copy.
    copies: HashMap<(TypeId, Opaque), TypeId>,
}

/// Whether the record that the type leads to, through typedefs, qualifiers and arrays, is opaque in the copy.
type Opaque = bool;

impl<'p> View<'p> {
    pub fn new(public: &'p PublicTypes) -> View<'p> {
        View { public, tables: Vec::new() }
    }

    pub fn of(&mut self, declaration: &Declaration) -> Declaration {
        let is_its = |table: &Table| Arc::ptr_eq(&table.types, &declaration.types);
        let place = self.tables.iter().position(is_its).unwrap_or_else(|| {
            self.tables.push(Table {
                types: Arc::clone(&declaration.types),
                copy: Arc::new(Types::new(declaration.types.target())),
                copies: HashMap::new(),
            });
            self.tables.len() - 1
        });
        let table = &mut self.tables[place];
        Declaration {
            ty: table.copy(declaration.ty, self.public),
            types: Arc::clone(&table.copy),
            ..declaration.clone()
        }
    }
}

impl Table {
    fn copy(&mut self, id: TypeId, public: &PublicTypes) -> TypeId {
        let mut left = Vec::new();
        let copy = self.place(id, false, &mut left);
        while let Some((id, opaque, copy)) = left.pop() {
            let ty = self.types.get(id).clone();
            let ty = self.seen(ty, opaque, public, &mut left);
            self.copy.set(copy, ty);
        }
        copy
    }

    /// The id of the copy. If the copy is new, it is added to `left` and made later.
    fn place(
        &mut self,
        id: TypeId,
        opaque: Opaque,
        left: &mut Vec<(TypeId, Opaque, TypeId)>,
    ) -> TypeId {
        if id == TypeId::VOID {
            return id;
        }
        *self.copies.entry((id, opaque)).or_insert_with(|| {
            let copy = self.copy.reserve();
            left.push((id, opaque, copy));
            copy
        })
    }

    /// The type with its references replaced by the copies.
    fn seen(
        &mut self,
        ty: Type,
        opaque: Opaque,
        public: &PublicTypes,
        left: &mut Vec<(TypeId, Opaque, TypeId)>,
    ) -> Type {
        let Type { name, size, align, kind } = ty;
        let kind = match kind {
            Kind::Record(record) if opaque => {
                let members = Box::default();
                let kind = Kind::Record(Record { members, incomplete: true, ..record });
                return Type { name, size: None, align: None, kind };
            }
            Kind::Pointer { target, class } => {
                let opaque = public.hides(&self.types, target);
                Kind::Pointer { target: self.place(target, opaque, left), class }
            }
            Kind::Qualified { qualifier, target } => {
                Kind::Qualified { qualifier, target: self.place(target, opaque, left) }
            }
            Kind::Typedef { target } => Kind::Typedef { target: self.place(target, opaque, left) },
            Kind::Array { element, dimensions, vector } => {
                Kind::Array { element: self.place(element, opaque, left), dimensions, vector }
            }
            Kind::Record(record) => {
                let mut member =
                    |member: Member| Member { ty: self.place(member.ty, false, left), ..member };
                let members = record.members.into_vec().into_iter().map(&mut member).collect();
                Kind::Record(Record { members, ..record })
            }
            Kind::Enumeration { underlying, enumerators, incomplete } => {
                let underlying = underlying.map(|ty| self.place(ty, false, left));
                Kind::Enumeration { underlying, enumerators, incomplete }
            }
            Kind::Function(function) => {
                let result = self.place(function.result, false, left);
                let mut parameter = |parameter: Parameter| Parameter {
                    ty: self.place(parameter.ty, false, left),
                    ..parameter
                };
                let parameters = function.parameters.into_vec();
                let parameters = parameters.into_iter().map(&mut parameter).collect();
                Kind::Function(Function { result, parameters, ..function })
            }
            kind @ (Kind::Void | Kind::Base { .. } | Kind::Unknown { .. }) => kind,
        };
        Type { name, size, align, kind }
    }
}
