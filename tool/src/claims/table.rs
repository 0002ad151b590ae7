//! Makes a table of types from the entries of a document.

use std::collections::HashMap;
use std::sync::Arc;

use ffitypecheck::abi;
use ffitypecheck::ctype::{
    self, BitField, Enumerator, Function, Kind, Member, Name, Parameter, Record, Target, Type,
    TypeId, Types,
};

use super::document::{self, TypeEntry, Value};
use super::extent;
use super::Wrong;

/// The table, and the type of each id of the document.
#[derive(Debug)]
pub struct Table {
    pub types: Arc<Types>,
    ids: HashMap<String, TypeId>,
}

impl Table {
    pub fn id(&self, id: &str) -> Result<TypeId, Wrong> {
        let unknown = || Wrong::new("", format!("there is no type '{id}'"));
        self.ids.get(id).copied().ok_or_else(unknown)
    }
}

pub fn build(entries: &[(String, TypeEntry)], target: Target) -> Result<Table, Wrong> {
    // As in the output of compilers, an alignment is stated only if it differs from the natural one.
    let plain = filled(entries, target, |_, _| false)?;
    extent::no_type_contains_itself(entries, &plain)?;
    let differs = |id, align| abi::align_of(&plain.types, id) != align;
    let table = filled(entries, target, differs)?;
    for (id, entry) in entries {
        let place = format!("types.{id}");
        let number = table.id(id)?;
        extent::check(&table.types, number, entry).map_err(|wrong| wrong.within(&place))?;
    }
    Ok(table)
}

/// Makes the types. `states_align` says whether a type keeps the alignment that the document states.
fn filled(
    entries: &[(String, TypeEntry)],
    target: Target,
    states_align: impl Fn(TypeId, u64) -> bool,
) -> Result<Table, Wrong> {
    let types = Types::new(target);
    let mut ids = HashMap::with_capacity(entries.len());
    for (id, entry) in entries {
        let number = match entry {
            TypeEntry::Void {} => TypeId::VOID,
            _ => types.reserve(),
        };
        if ids.insert(id.clone(), number).is_some() {
            return Err(Wrong::new(format!("types.{id}"), "the id stands there twice"));
        }
    }
    let table = Table { types: Arc::new(types), ids };
    for (id, entry) in entries {
        let place = format!("types.{id}");
        let number = table.id(id)?;
        let mut ty = table.read(entry).map_err(|wrong| wrong.within(&place))?;
        if let Some(align) = ty.align {
            if !align.is_power_of_two() {
                return Err(Wrong::new(
                    place,
                    format!("an alignment of {align} is not a power of two"),
                ));
            }
        }
        ty.align = ty.align.filter(|align| states_align(number, *align));
        table.types.set(number, ty);
    }
    Ok(table)
}

impl Table {
    fn read(&self, entry: &TypeEntry) -> Result<Type, Wrong> {
        let reference = |member: &str, id: &str| self.id(id).map_err(|wrong| wrong.within(member));
        let ty = |name: &Option<String>, size, align, kind| Type {
            name: name.as_deref().map(Name::new),
            size,
            align,
            kind,
        };
        Ok(match entry {
            TypeEntry::Void {} => Type::void(),
            TypeEntry::Base { name, size, align, encoding, bits, swapped } => {
                let encoding = ctype::Encoding::from(*encoding);
                ty(
                    name,
                    Some(*size),
                    *align,
                    Kind::Base { encoding, bits: *bits, swapped: *swapped },
                )
            }
            TypeEntry::Pointer { name, size, align, class, target } => {
                let target = reference("target", target)?;
                ty(name, *size, *align, Kind::Pointer { target, class: (*class).into() })
            }
            TypeEntry::Qualified { name, align, qualifiers, target, .. } => {
                let target = reference("target", target)?;
                let Some((outer, inner)) = qualifiers.split_first() else {
                    return Err(Wrong::new("qualifiers", "there is none"));
                };
                let kind = Kind::Qualified {
                    qualifier: (*outer).into(),
                    target: self.qualified(inner, target),
                };
                ty(name, None, *align, kind)
            }
            TypeEntry::Typedef { name, align, target, .. } => {
                let target = reference("target", target)?;
                ty(&Some(name.clone()), None, *align, Kind::Typedef { target })
            }
            TypeEntry::Array { name, align, element, qualifiers, dimensions, vector, .. } => {
                let element = reference("element", element)?;
                if dimensions.is_empty() {
                    return Err(Wrong::new("dimensions", "there is none"));
                }
                let kind = Kind::Array {
                    element: self.qualified(qualifiers, element),
                    dimensions: dimensions.clone().into(),
                    vector: *vector,
                };
                ty(name, None, *align, kind)
            }
            TypeEntry::Record { name, size, align, class, incomplete, by_reference, members } => {
                let members = each("members", members, |member| self.member(member))?;
                let record = Record {
                    class: (*class).into(),
                    members,
                    incomplete: *incomplete,
                    by_reference: *by_reference,
                };
                ty(name, *size, *align, Kind::Record(record))
            }
            TypeEntry::Enumeration { name, size, align, underlying, incomplete, enumerators } => {
                let underlying = match underlying {
                    Some(underlying) => Some(reference("underlying", underlying)?),
                    None => None,
                };
                let enumerators = each("enumerators", enumerators, enumerator)?;
                let kind = Kind::Enumeration { underlying, enumerators, incomplete: *incomplete };
                ty(name, *size, *align, kind)
            }
            TypeEntry::Function { name, result, parameters, prototyped, variadic, convention } => {
                let result = reference("result", result)?;
                let parameters = each("parameters", parameters, |parameter| {
                    Ok(Parameter {
                        name: parameter.name.as_deref().map(Name::new),
                        ty: reference("type", &parameter.r#type)?,
                    })
                })?;
                let function = Function {
                    result,
                    parameters,
                    prototyped: *prototyped,
                    variadic: *variadic,
                    convention: *convention,
                };
                ty(name, None, None, Kind::Function(function))
            }
            TypeEntry::Unknown { name, reason } => {
                let reason = reason.as_deref().unwrap_or("the claim says nothing of it").into();
                ty(name, None, None, Kind::Unknown { reason })
            }
            TypeEntry::Any { name } => {
                let reason = "it is converted at call time".into();
                ty(name, None, None, Kind::Unknown { reason })
            }
        })
    }

    /// `target` with qualifiers. The first one is the outermost.
    fn qualified(&self, qualifiers: &[document::Qualifier], target: TypeId) -> TypeId {
        qualifiers.iter().rev().fold(target, |target, qualifier| {
            let kind = Kind::Qualified { qualifier: (*qualifier).into(), target };
            self.types.add(Type { name: None, size: None, align: None, kind })
        })
    }

    fn member(&self, member: &document::Member) -> Result<Member, Wrong> {
        let bits = match (member.bit_offset, member.bit_width) {
            (Some(offset), Some(width)) => Some(BitField { offset, width }),
            (None, None) => None,
            (Some(_), None) => return Err(Wrong::new("bit_width", "it is missing")),
            (None, Some(_)) => return Err(Wrong::new("bit_offset", "it is missing")),
        };
        let offset = match (member.offset, bits) {
            (Some(offset), Some(bits)) if offset != bits.offset / 8 => {
                let what = format!("bit {} lies in byte {}", bits.offset, bits.offset / 8);
                return Err(Wrong::new("offset", what));
            }
            (Some(offset), _) => offset,
            (None, Some(bits)) => bits.offset / 8,
            (None, None) => return Err(Wrong::new("offset", "it is missing")),
        };
        if member.align.is_some_and(|align| !align.is_power_of_two()) {
            return Err(Wrong::new("align", "it is not a power of two"));
        }
        Ok(Member {
            name: member.name.as_deref().map(Name::new),
            ty: self.id(&member.r#type).map_err(|wrong| wrong.within("type"))?,
            offset,
            bits,
            base_class: member.base_class,
            align: member.align,
        })
    }
}

fn enumerator(enumerator: &document::Enumerator) -> Result<Enumerator, Wrong> {
    let value = match &enumerator.value {
        Value::Signed(value) => i128::from(*value),
        Value::Unsigned(value) => i128::from(*value),
        Value::Digits(digits) => digits
            .parse()
            .map_err(|_| Wrong::new("value", format!("'{digits}' is no number of 128 bits")))?,
    };
    Ok(Enumerator { name: enumerator.name.as_str().into(), value })
}

/// Calls `read` on each entry of a list. An error states the index of the entry.
fn each<E, T>(
    list: &str,
    entries: &[E],
    read: impl Fn(&E) -> Result<T, Wrong>,
) -> Result<Box<[T]>, Wrong> {
    let read = |(index, entry)| read(entry).map_err(|w| w.within(&format!("{list}[{index}]")));
    entries.iter().enumerate().map(read).collect()
}
