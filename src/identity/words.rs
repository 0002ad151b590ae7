//! Describes the difference between two types in words.

use super::shape::qualifiers;
use crate::abi;
use crate::ctype::{Kind, Name, RecordClass, Type, TypeId, Types};
use crate::spell;

/// The name of the step from a type to one that it refers to. Typedefs and qualifiers are not a step.
pub(super) fn step(ty: &Type, position: usize) -> Option<String> {
    match &ty.kind {
        Kind::Pointer { .. } => Some("pointee".to_owned()),
        Kind::Array { .. } => Some("element".to_owned()),
        Kind::Enumeration { .. } => Some("underlying type".to_owned()),
        Kind::Function(_) if position == 0 => Some("result".to_owned()),
        Kind::Function(_) => Some(format!("parameter {position}")),
        Kind::Record(record) => {
            let member = record.members.get(position)?;
            Some(match &member.name {
                Some(name) => name.to_string(),
                None => format!("member {}", position + 1),
            })
        }
        Kind::Void
        | Kind::Base { .. }
        | Kind::Qualified { .. }
        | Kind::Typedef { .. }
        | Kind::Unknown { .. } => None,
    }
}

/// What differs between two types of different shapes.
pub(super) fn what_differs(a: &Types, id_a: TypeId, b: &Types, id_b: TypeId) -> String {
    let (x, y) = (a.get(id_a), b.get(id_b));
    let (kind_x, kind_y) = (kind_name(x), kind_name(y));
    if kind_x != kind_y {
        return format!("'{}' against '{}'", spell::type_name(a, id_a), spell::type_name(b, id_b));
    }
    if x.name != y.name {
        return format!("the name is {} against {}", quoted(&x.name), quoted(&y.name));
    }
    if abi::size_of(a, id_a) != abi::size_of(b, id_b) {
        return format!(
            "the size is {} against {}",
            bytes(abi::size_of(a, id_a)),
            bytes(abi::size_of(b, id_b))
        );
    }
    if abi::align_of(a, id_a) != abi::align_of(b, id_b) {
        return format!(
            "the alignment is {} against {}",
            abi::align_of(a, id_a),
            abi::align_of(b, id_b)
        );
    }
    match (&x.kind, &y.kind) {
        (Kind::Record(x), Kind::Record(y)) => {
            if x.incomplete != y.incomplete {
                return "one is only declared".to_owned();
            }
            for (index, (x, y)) in x.members.iter().zip(&y.members).enumerate() {
                if x.name != y.name {
                    return format!(
                        "member {} is {} against {}",
                        index + 1,
                        quoted(&x.name),
                        quoted(&y.name)
                    );
                }
                let name = x.name.as_ref().map_or("an anonymous member", Name::as_str);
                if x.offset != y.offset && (x.bits.is_none() || y.bits.is_none()) {
                    return format!("{name} lies at {} against {}", x.offset, y.offset);
                }
                if x.bits != y.bits {
                    return format!("the bits of {name} are at another place");
                }
                if x.base_class != y.base_class {
                    return format!("{name} is a base class in one");
                }
            }
            counts("members", x.members.len(), y.members.len())
        }
        (
            Kind::Enumeration { enumerators: x, incomplete: first, .. },
            Kind::Enumeration { enumerators: y, incomplete: second, .. },
        ) => {
            if first != second {
                return "one is only declared".to_owned();
            }
            match x.iter().zip(y).find(|(x, y)| x != y) {
                Some((x, y)) => {
                    format!("{} = {} against {} = {}", x.name, x.value, y.name, y.value)
                }
                None => counts("enumerators", x.len(), y.len()),
            }
        }
        (Kind::Function(x), Kind::Function(y)) => {
            if x.prototyped != y.prototyped {
                return "one has no prototype".to_owned();
            }
            if x.variadic != y.variadic {
                return "one is variadic".to_owned();
            }
            if x.convention != y.convention {
                return "the calling convention differs".to_owned();
            }
            match x.parameters.iter().zip(&y.parameters).position(|(x, y)| x.name != y.name) {
                Some(index) if x.parameters.len() == y.parameters.len() => {
                    format!("parameter {} has another name", index + 1)
                }
                _ => counts("parameters", x.parameters.len(), y.parameters.len()),
            }
        }
        (Kind::Qualified { .. }, Kind::Qualified { .. })
            if qualifiers(a, id_a).0 != qualifiers(b, id_b).0 =>
        {
            format!("'{}' against '{}'", spell::type_name(a, id_a), spell::type_name(b, id_b))
        }
        (Kind::Base { swapped: x, .. }, Kind::Base { swapped: y, .. }) if x != y => {
            "the byte order differs".to_owned()
        }
        (Kind::Array { .. }, Kind::Array { .. }) => {
            format!("'{}' against '{}'", spell::type_name(a, id_a), spell::type_name(b, id_b))
        }
        (Kind::Unknown { reason: x }, Kind::Unknown { reason: y }) => format!("{x} against {y}"),
        _ => format!("one kind of {kind_x} against another"),
    }
}

/// The two numbers. If they are equal, says that something else differs.
fn counts(what: &str, x: usize, y: usize) -> String {
    if x == y {
        format!("the {what} differ")
    } else {
        format!("{x} {what} against {y}")
    }
}

fn quoted(name: &Option<Name>) -> String {
    name.as_ref().map_or_else(|| "nothing".to_owned(), |name| format!("'{name}'"))
}

fn bytes(size: Option<u64>) -> String {
    size.map_or_else(|| "unknown".to_owned(), |size| format!("{size} bytes"))
}

fn kind_name(ty: &Type) -> &'static str {
    match &ty.kind {
        Kind::Void => "void",
        Kind::Base { .. } => "base type",
        Kind::Pointer { .. } => "pointer",
        Kind::Qualified { .. } => "qualified type",
        Kind::Typedef { .. } => "typedef",
        Kind::Array { .. } => "array",
        Kind::Record(record) if record.class == RecordClass::Union => "union",
        Kind::Record(_) => "struct",
        Kind::Enumeration { .. } => "enumeration",
        Kind::Function(_) => "function",
        Kind::Unknown { .. } => "unknown type",
    }
}
