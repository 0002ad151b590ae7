//! Finds declarations that C cannot express, and the reason.

use crate::abi;
use crate::ctype::{Declaration, Kind, TypeId, Types};
use crate::spell::base_name;

/// Why C cannot declare something of that type. `None` if it can.
pub(super) fn undeclarable(declaration: &Declaration) -> Option<String> {
    let types = &declaration.types;
    let Some(function) = declaration.function() else {
        return without_object(types, declaration.ty, "its type");
    };
    let result = types.resolved(function.result);
    match &result.kind {
        Kind::Record(_) if abi::is_by_reference(types, function.result) => {
            return Some("its result is a C++ object that the caller allocates".to_owned())
        }
        Kind::Array { vector: false, .. } | Kind::Function(_) => {
            return Some("its result is an array or a function, which C does not return".to_owned())
        }
        _ => {}
    }
    let void = |id| matches!(types.resolved(id).kind, Kind::Void);
    let position = function.parameters.iter().position(|parameter| void(parameter.ty))?;
    Some(format!("parameter {} is void", position + 1))
}

fn without_object(types: &Types, id: TypeId, what: &str) -> Option<String> {
    let ty = types.resolved(id);
    match &ty.kind {
        Kind::Void => Some(format!("{what} is void")),
        Kind::Unknown { reason } => Some(format!("{what} is not known: {reason}")),
        Kind::Array { element, .. } => match &types.resolved(*element).kind {
            Kind::Record(record) if !record.incomplete => None,
            Kind::Record(_) => Some("the record in its array is only declared".to_owned()),
            Kind::Array { .. } => None,
            _ => without_object(types, *element, "the element of its array"),
        },
        Kind::Base { encoding, bits, .. } => {
            let name = ty.name.as_ref().map(|name| name.as_str());
            let size = ty.size.unwrap_or(0);
            match base_name(types.target(), name, *encoding, size, *bits) {
                Some(_) => None,
                None => Some(format!("{what} is a base type of {size} bytes without a name in C")),
            }
        }
        _ => None,
    }
}
