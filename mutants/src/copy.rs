//! A true claim: everything that a type reaches, in a table of its own.

use std::collections::HashMap;

use ffitypecheck::ctype::{Kind, Type, TypeId, Types};

/// Copies types from one table into another, each once.
pub struct Copier<'t> {
    from: &'t Types,
    to: Types,
    copied: HashMap<TypeId, TypeId>,
    waiting: Vec<TypeId>,
}

impl<'t> Copier<'t> {
    /// Into a fresh table.
    pub fn new(from: &'t Types) -> Copier<'t> {
        let to = Types::new(from.target());
        let copied = HashMap::from([(TypeId::VOID, TypeId::VOID)]);
        Copier { from, to, copied, waiting: Vec::new() }
    }

    /// The copies.
    pub fn table(&self) -> &Types {
        &self.to
    }

    /// The copies, and nothing else any more.
    pub fn into_table(self) -> Types {
        self.to
    }

    /// The copy of a type. Its number is reserved before its content is copied, so a type may reach itself.
    pub fn copy(&mut self, id: TypeId) -> TypeId {
        let copy = self.number(id);
        while let Some(next) = self.waiting.pop() {
            let mut ty = self.from.get(next).clone();
            for reference in references(&mut ty) {
                *reference = self.number(*reference);
            }
            let number = self.number(next);
            self.to.set(number, ty);
        }
        copy
    }

    fn number(&mut self, id: TypeId) -> TypeId {
        if let Some(&number) = self.copied.get(&id) {
            return number;
        }
        let number = self.to.reserve();
        self.copied.insert(id, number);
        self.waiting.push(id);
        number
    }
}

/// Every type that a type refers to, in the order of its steps: a function's result comes before its parameters.
pub fn references(ty: &mut Type) -> Vec<&mut TypeId> {
    match &mut ty.kind {
        Kind::Void | Kind::Base { .. } | Kind::Unknown { .. } => Vec::new(),
        Kind::Pointer { target, .. }
        | Kind::Qualified { target, .. }
        | Kind::Typedef { target } => {
            vec![target]
        }
        Kind::Array { element, .. } => vec![element],
        Kind::Record(record) => record.members.iter_mut().map(|member| &mut member.ty).collect(),
        Kind::Enumeration { underlying, .. } => underlying.iter_mut().collect(),
        Kind::Function(function) => {
            let parameters = function.parameters.iter_mut().map(|parameter| &mut parameter.ty);
            std::iter::once(&mut function.result).chain(parameters).collect()
        }
    }
}
