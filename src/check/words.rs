//! Describes types in words, for findings.

use super::segments::{Segment, SegmentForm};
use crate::abi::{self, Leaf, ScalarClass, Value};
use crate::ctype::{BitField, Kind, RecordClass, TypeId, Types};
use crate::spell;

/// `'sqlite3 **' (pointer, 8 bytes)`.
pub(super) fn declared(types: &Types, id: TypeId, value: &Value, promoted: bool) -> String {
    let name = spelled(types, id);
    let (kind, size) = match value {
        Value::Void => return format!("'{name}'"),
        Value::Unknown { reason } => return format!("'{name}' (not known: {reason})"),
        Value::Reference => {
            return format!("'{name}' (a class passed as a pointer to it)");
        }
        Value::Scalar { class, size } => (scalar_kind(*class), *size),
        Value::Complex { size, .. } => ("complex", *size),
        Value::Record(bytes) => (record_kind(types, id), bytes.size),
    };
    let promoted = if promoted { "promoted to " } else { "" };
    format!("'{name}' ({promoted}{kind}, {})", bytes(size))
}

/// `'struct stat' (struct, 144 bytes)`: a type, also one that is not passed by value.
pub(super) fn typed(types: &Types, id: TypeId) -> String {
    match (&types.resolved(id).kind, abi::size_of(types, id)) {
        (Kind::Record(_), Some(size)) => {
            let kind = record_kind(types, id);
            format!("'{}' ({kind}, {})", spelled(types, id), bytes(size))
        }
        (Kind::Array { vector: false, .. }, Some(size)) => {
            format!("'{}' (array, {})", spelled(types, id), bytes(size))
        }
        (Kind::Base { .. } | Kind::Pointer { .. } | Kind::Enumeration { .. }, _) => {
            declared(types, id, &abi::by_value(types, id), false)
        }
        (Kind::Unknown { reason }, _) => format!("what is not known ({reason})"),
        _ => format!("'{}'", spelled(types, id)),
    }
}

/// `'long st_size' (signed integer, 8 bytes at offset 48)`: a member or another part of a record.
pub(super) fn segment(types: &Types, segment: &Segment<'_>) -> String {
    let name = segment.name.map_or("", |name| name.as_str());
    let at = segment.start / 8;
    let size = bytes(segment.bits() / 8);
    let (name, kind) = match segment.form {
        SegmentForm::Unknown => match &types.resolved(segment.ty).kind {
            Kind::Unknown { reason } => return format!("what is not known ({reason})"),
            _ => (name.to_owned(), "not known"),
        },
        SegmentForm::Bits(bits) => {
            let spelled = spell::declaration_of(types, segment.ty, name);
            let (width, first) = (bits.width, segment.start);
            let counted = if width == 1 { "bit" } else { "bits" };
            return format!("'{spelled} : {width}' (bit-field, {width} {counted} at bit {first})");
        }
        SegmentForm::Array { stride } if segment.is_open() => {
            let of = bytes(stride / 8);
            let spelled = spell::declaration_of(types, segment.ty, &format!("{name}[]"));
            return format!("'{spelled}' (elements of {of} from offset {at})");
        }
        SegmentForm::Array { stride } => {
            (format!("{name}[{}]", segment.bits() / stride.max(1)), "array")
        }
        SegmentForm::Struct | SegmentForm::Union => {
            (name.to_owned(), record_kind(types, segment.ty))
        }
        SegmentForm::Scalar => {
            (name.to_owned(), scalar_kind(abi::scalar_class(types, types.resolve(segment.ty))))
        }
    };
    let spelled = spell::declaration_of(types, segment.ty, &name);
    format!("'{spelled}' ({kind}, {size} at offset {at})")
}

/// `int (4 bytes)`.
pub(super) fn claimed(value: &Value) -> String {
    match value {
        Value::Void => "nothing".to_owned(),
        Value::Reference => "pointer".to_owned(),
        Value::Unknown { reason } => format!("a value of unknown type ({reason})"),
        Value::Scalar { class, size } => format!("{} ({})", scalar(*class, *size), bytes(*size)),
        Value::Complex { part, size } => {
            format!("{} _Complex ({})", scalar(*part, *size / 2), bytes(*size))
        }
        Value::Record(record) => format!("struct ({})", bytes(record.size)),
    }
}

/// A scalar in a record: `int`, `a bit-field of 4 bits at bit 12`.
pub(super) fn leaf(leaf: &Leaf) -> String {
    match leaf.bits {
        Some(BitField { offset, width: 1 }) => format!("a bit-field of 1 bit at bit {offset}"),
        Some(BitField { offset, width }) => {
            format!("a bit-field of {width} bits at bit {offset}")
        }
        None => scalar(leaf.class, leaf.size).to_owned(),
    }
}

/// The name of a scalar in C on this machine, such as `int`.
pub(super) fn scalar(class: ScalarClass, size: u64) -> &'static str {
    let long = size_of::<std::ffi::c_long>() == 8;
    match class {
        ScalarClass::Boolean => "_Bool",
        ScalarClass::Integer { signed } | ScalarClass::Enumeration { signed, .. } => {
            match (size, signed) {
                (1, true) => "signed char",
                (1, false) => "unsigned char",
                (2, true) => "short",
                (2, false) => "unsigned short",
                (4, true) => "int",
                (4, false) => "unsigned int",
                (8, true) if long => "long",
                (8, false) if long => "unsigned long",
                (8, true) => "long long",
                (8, false) => "unsigned long long",
                (16, true) => "__int128",
                (16, false) => "unsigned __int128",
                _ => "integer",
            }
        }
        ScalarClass::Float => match size {
            2 => "_Float16",
            4 => "float",
            8 => "double",
            _ => "long double",
        },
        ScalarClass::Float128 => "_Float128",
        ScalarClass::Decimal => "decimal number",
        ScalarClass::Pointer => "pointer",
        ScalarClass::Vector => "vector",
        ScalarClass::WideInteger => "_BitInt",
        ScalarClass::Unknown => "unknown bytes",
    }
}

/// `8 bytes`.
pub(super) fn bytes(size: u64) -> String {
    match size {
        1 => "1 byte".to_owned(),
        size => format!("{size} bytes"),
    }
}

fn scalar_kind(class: ScalarClass) -> &'static str {
    match class {
        ScalarClass::Boolean => "boolean",
        ScalarClass::Integer { signed: true } => "signed integer",
        ScalarClass::Integer { signed: false } => "unsigned integer",
        ScalarClass::Enumeration { .. } => "enumeration",
        ScalarClass::Float | ScalarClass::Float128 => "floating point",
        ScalarClass::Decimal => "decimal floating point",
        ScalarClass::Pointer => "pointer",
        ScalarClass::Vector => "vector",
        ScalarClass::WideInteger => "wide integer",
        ScalarClass::Unknown => "not known",
    }
}

fn record_kind(types: &Types, id: TypeId) -> &'static str {
    match &types.resolved(id).kind {
        Kind::Record(record) if record.class == RecordClass::Union => "union",
        Kind::Record(record) if record.class == RecordClass::Class => "class",
        _ => "struct",
    }
}

/// A type as C spells it, without the qualifiers of the value itself. They do not concern the caller.
fn spelled(types: &Types, id: TypeId) -> String {
    let mut current = id;
    for _ in 0..64 {
        match types.get(current).kind {
            Kind::Qualified { target, .. } => current = target,
            _ => break,
        }
    }
    spell::type_name(types, current)
}
