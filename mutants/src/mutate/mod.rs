//! One operator upon one type.

mod function;
mod members;
mod pointee;
mod record;
mod scalar;

use ffitypecheck::abi;
use ffitypecheck::ctype::{
    Encoding, Function, Kind, Member, Parameter, PointerClass, Qualifier, Record, RecordClass,
    Type, TypeId, Types,
};

use crate::operator::Operator;
use crate::place::{Place, Position};
use toolchain::Random;

/// A type that is about to be mutated, and where it stands.
struct Site<'a> {
    types: &'a Types,
    place: &'a Place,
    position: Position,
    ty: &'a Type,
    id: TypeId,
}

/// The type that the operator puts at this place; `None` where it has nothing to do.
pub fn apply(
    types: &Types,
    place: &Place,
    position: Position,
    operator: Operator,
    random: &mut Random,
) -> Option<TypeId> {
    let id = types.resolve(place.node());
    let site = Site { types, place, position, ty: types.get(id), id };
    site.scalar(operator, random)
        .or_else(|| site.pointee(operator, random))
        .or_else(|| site.function(operator, random))
        .or_else(|| site.record(operator, random))
        .or_else(|| site.any_type(operator, random))
}

impl Site<'_> {
    /// Operators for every type.
    fn any_type(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        let is_function = matches!(self.ty.kind, Kind::Function(_));
        match operator {
            Operator::Qualify if !is_function => {
                let qualifier = random.pick(&[Qualifier::Const, Qualifier::Volatile]);
                Some(self.add(None, None, Kind::Qualified { qualifier, target: self.id }))
            }
            Operator::Rename => Some(match &self.ty.kind {
                Kind::Record(_) | Kind::Enumeration { .. } => {
                    let ty = Type { name: Some("another_tag".into()), ..self.ty.clone() };
                    self.types.add(ty)
                }
                _ => self.add(Some("another_t"), None, Kind::Typedef { target: self.id }),
            }),
            Operator::ToAny if self.may_be_any() => {
                let reason = "it is converted at call time".into();
                let size = abi::size_of(self.types, self.id);
                let align = size.map(|_| abi::align_of(self.types, self.id));
                let kind = Kind::Unknown { reason };
                Some(self.types.add(Type { name: None, size, align, kind }))
            }
            Operator::FunctionToVariable if self.position == Position::Call => {
                let ty = random.pick(&[self.integer(true, 4), self.integer(false, 8)]);
                Some(random.pick(&[ty, self.pointer(ty)]))
            }
            Operator::VariableToFunction if self.position == Position::Variable => {
                let result = random.pick(&[TypeId::VOID, self.integer(true, 4)]);
                Some(self.function_of(result, &[]))
            }
            _ => None,
        }
    }

    /// A bit-field has an integer type; what has no size is a pointee, a result or the declaration itself.
    fn may_be_any(&self) -> bool {
        let sized = abi::size_of(self.types, self.id).is_some_and(|size| size > 0);
        let needs_size = self.membership().is_some() || self.is_element();
        !self.is_bit_field() && (sized || !needs_size)
    }

    fn is_element(&self) -> bool {
        let last = self.place.steps.len().checked_sub(1);
        last.is_some_and(|last| {
            matches!(self.types.resolved(self.place.nodes[last]).kind, Kind::Array { .. })
        })
    }

    fn add(&self, name: Option<&str>, size: Option<u64>, kind: Kind) -> TypeId {
        self.types.add(Type { name: name.map(Into::into), size, align: None, kind })
    }

    fn base(&self, name: &str, encoding: Encoding, size: u64) -> TypeId {
        let kind = Kind::Base { encoding, bits: None, swapped: false };
        self.add(Some(name), Some(size), kind)
    }

    fn integer(&self, signed: bool, size: u64) -> TypeId {
        let (name, encoding) = match (signed, size) {
            (true, 1) => ("signed char", Encoding::SignedChar),
            (true, 2) => ("short", Encoding::Signed),
            (true, 4) => ("int", Encoding::Signed),
            (true, 8) => ("long", Encoding::Signed),
            (true, _) => ("__int128", Encoding::Signed),
            (false, 1) => ("unsigned char", Encoding::UnsignedChar),
            (false, 2) => ("unsigned short", Encoding::Unsigned),
            (false, 4) => ("unsigned int", Encoding::Unsigned),
            (false, 8) => ("unsigned long", Encoding::Unsigned),
            (false, _) => ("unsigned __int128", Encoding::Unsigned),
        };
        self.base(name, encoding, size)
    }

    fn float(&self, size: u64) -> TypeId {
        let name = match size {
            4 => "float",
            8 => "double",
            _ => "long double",
        };
        self.base(name, Encoding::Float, size)
    }

    fn pointer(&self, target: TypeId) -> TypeId {
        self.add(None, None, Kind::Pointer { target, class: PointerClass::Pointer })
    }

    fn function_of(&self, result: TypeId, parameters: &[TypeId]) -> TypeId {
        let parameters = parameters.iter().map(|&ty| Parameter { name: None, ty }).collect();
        let (prototyped, variadic, convention) = (true, false, None);
        let function = Function { result, parameters, prototyped, variadic, convention };
        self.add(None, None, Kind::Function(function))
    }

    /// The record and the index of the member that this is, if it is one.
    fn membership(&self) -> Option<(&Record, usize)> {
        let last = self.place.steps.len().checked_sub(1)?;
        match &self.types.resolved(self.place.nodes[last]).kind {
            Kind::Record(record) => Some((record, self.place.steps[last])),
            _ => None,
        }
    }

    fn is_bit_field(&self) -> bool {
        let is = |(record, index): (&Record, usize)| {
            record.members.get(index).is_some_and(|member| member.bits.is_some())
        };
        self.membership().is_some_and(is)
    }

    fn member(&self, name: &str, ty: TypeId, offset: u64) -> Member {
        Member { name: Some(name.into()), ty, offset, bits: None, base_class: false, align: None }
    }
}

/// Whether there is nothing in it: an empty class.
fn is_empty(types: &Types, id: TypeId, depth: usize) -> bool {
    match &types.resolved(id).kind {
        Kind::Record(record) if depth < 20 => {
            record.members.iter().all(|member| is_empty(types, member.ty, depth + 1))
        }
        _ => false,
    }
}

fn is_union(record: &Record) -> bool {
    record.class == RecordClass::Union
}
