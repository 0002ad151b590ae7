//! Copies a type of another table into the claim.

use foldhash::{HashMap, HashMapExt};

use super::{invalid, ClaimedTypes};
use crate::ctype::{Kind, Target, Type, TypeId, Types};
use crate::error::Result;

/// The types that one import copies, in the order in which they are met. The place of a type in this order is its
/// place behind the last type of the claim.
struct Copies<'t> {
    types: &'t Types,
    met: Vec<&'t Type>,
    /// The place of each type. Its address is the key: several numbers may stand for one definition.
    places: HashMap<*const Type, usize>,
    /// The members, parameters, constants and dimensions of all of them.
    parts: usize,
}

impl ClaimedTypes {
    /// Copies a type of another table, such as a library's, and everything that it refers to: what pointers point to,
    /// members, parameters, typedefs, qualifiers, and types that are not known, with their reasons. A record that is
    /// incomplete in `types` stays incomplete, and the caller cannot complete it.
    ///
    /// One import copies each type once. Another import of the same type makes another copy. A pointer may lead to all
    /// types of a library, so this may take time and memory in proportion to them.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): the types of the other table are laid out for another
    /// machine, or the table never gave out `id`. [`Limit`](crate::ErrorKind::Limit).
    pub fn import(&mut self, types: &Types, id: TypeId) -> Result<TypeId> {
        if types.target() != Target::HOST {
            return Err(invalid("the type is laid out for another machine"));
        }
        if !types.contains(id) {
            return Err(invalid(format!("{} is no type of that table", id.index())));
        }
        let mut copies = Copies { types, met: Vec::new(), places: HashMap::new(), parts: 0 };
        copies.meet(id);
        let mut next = 0;
        while let Some(ty) = copies.met.get(next).copied() {
            ty.each_named(&mut |id| copies.meet(id));
            self.room(copies.met.len(), copies.parts)?;
            next += 1;
        }
        let first = self.len;
        let new_id = |id: TypeId| copies.place(id).map_or(TypeId::VOID, |place| nth(first + place));
        for ty in &copies.met {
            self.types.add(with_references(ty, &new_id));
        }
        self.len += copies.met.len();
        self.parts += copies.parts;
        Ok(new_id(id))
    }
}

impl Copies<'_> {
    fn meet(&mut self, id: TypeId) {
        let ty = self.types.get(id);
        if is_void(ty) || self.places.contains_key(&std::ptr::from_ref(ty)) {
            return;
        }
        self.places.insert(std::ptr::from_ref(ty), self.met.len());
        self.met.push(ty);
        self.parts += match &ty.kind {
            Kind::Array { dimensions, .. } => dimensions.len(),
            Kind::Record(record) => record.members.len(),
            Kind::Enumeration { enumerators, .. } => enumerators.len(),
            Kind::Function(function) => function.parameters.len(),
            _ => 0,
        };
    }

    /// `None` for `void`, which every table has.
    fn place(&self, id: TypeId) -> Option<usize> {
        self.places.get(&std::ptr::from_ref(self.types.get(id))).copied()
    }
}

fn is_void(ty: &Type) -> bool {
    matches!(ty.kind, Kind::Void)
}

fn nth(index: usize) -> TypeId {
    TypeId::from_index(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The type with other numbers for the types that it refers to.
fn with_references(ty: &Type, new_id: &dyn Fn(TypeId) -> TypeId) -> Type {
    let mut ty = ty.clone();
    match &mut ty.kind {
        Kind::Void | Kind::Base { .. } | Kind::Unknown { .. } => {}
        Kind::Pointer { target, .. }
        | Kind::Qualified { target, .. }
        | Kind::Typedef { target } => *target = new_id(*target),
        Kind::Array { element, .. } => *element = new_id(*element),
        Kind::Record(record) => {
            record.members.iter_mut().for_each(|member| member.ty = new_id(member.ty));
        }
        Kind::Enumeration { underlying, .. } => {
            underlying.iter_mut().for_each(|underlying| *underlying = new_id(*underlying));
        }
        Kind::Function(function) => {
            function.result = new_id(function.result);
            function
                .parameters
                .iter_mut()
                .for_each(|parameter| parameter.ty = new_id(parameter.ty));
        }
    }
    ty
}
