//! What a table keeps for C of each type that was asked for: the structs and strings of the header.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use super::guard::invalid;
use super::kinds::{
    ftc_encoding, ftc_pointer_class, ftc_qualifier, ftc_type_kind, FTC_ENUMERATOR_UNSIGNED,
    FTC_MEMBER_BASE_CLASS, FTC_MEMBER_BIT_FIELD, FTC_TYPE_FLAG_BY_REFERENCE,
    FTC_TYPE_FLAG_INCOMPLETE, FTC_TYPE_FLAG_PROTOTYPED, FTC_TYPE_FLAG_SWAPPED,
    FTC_TYPE_FLAG_VARIADIC,
};
use super::types::{ftc_enumerator, ftc_member, ftc_parameter, ftc_type, text, FTC_UNKNOWN_SIZE};
use crate::abi;
use crate::ctype::{Enumerator, Function, Kind, Member, Record, RecordClass, TypeId, Types};
use crate::error::{Error, ErrorKind, Result};
use crate::libffi::{lower_type, LoweredCif, LoweredType};
use crate::memory::collect;
use crate::spell;

/// Bounds on the search for a member: how deep anonymous records are nested, and how many members they have.
const DEPTH: usize = 64;
const MAX_NAMED: usize = 1 << 16;

/// A type as the header has it. Pointers in it point into itself, and to names in the table that it is kept in.
pub(super) struct View {
    pub(super) ty: ftc_type,
    parts: Parts,
    /// What `ty.dimensions` points to.
    _dimensions: Vec<u64>,
    spelling: OnceLock<CString>,
    /// The members of anonymous records in a record, if there are any, with their offsets in the outermost one.
    inner: OnceLock<Result<Vec<ftc_member>>>,
    value: OnceLock<Result<LoweredType>>,
    function: OnceLock<Result<LoweredCif>>,
}

enum Parts {
    None,
    Members(Vec<ftc_member>),
    /// `None` for a value that does not fit.
    Enumerators(Vec<Option<ftc_enumerator>>),
    Parameters(Vec<ftc_parameter>),
}

// SAFETY: the pointers are to memory that is not written after construction, in this value and in the table that owns it.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    /// The view of a type, which is made on first use and kept in the table.
    pub(super) fn of(types: &Types, id: TypeId) -> Result<&View> {
        let kept = types.kept(id, || View::new(types, id))?;
        kept.ok_or_else(|| Error::new(ErrorKind::Internal, "something else is kept with the type"))
    }

    fn new(types: &Types, id: TypeId) -> Result<View> {
        let ty = types.get(id);
        let layout = abi::layout_of(types, id);
        let mut seen = ftc_type {
            kind: ftc_type_kind::FTC_TYPE_VOID,
            flags: 0,
            encoding: ftc_encoding::FTC_ENCODING_NONE,
            bits: 0,
            pointer: ftc_pointer_class::FTC_POINTER_NONE,
            qualifier: ftc_qualifier::FTC_QUALIFIER_NONE,
            target: 0,
            resolved: types.resolve(id).index(),
            size: layout.size.unwrap_or(FTC_UNKNOWN_SIZE),
            align: layout.align,
            name: text(ty.name.as_ref()),
            reason: std::ptr::null(),
            dimensions: std::ptr::null(),
            count: 0,
            reserved: 0,
        };
        let (mut parts, mut lengths) = (Parts::None, Vec::new());
        seen.kind = match &ty.kind {
            Kind::Void => ftc_type_kind::FTC_TYPE_VOID,
            Kind::Base { encoding, bits, swapped } => {
                seen.encoding = (*encoding).into();
                seen.bits = bits.unwrap_or(0);
                seen.flags = if *swapped { FTC_TYPE_FLAG_SWAPPED } else { 0 };
                ftc_type_kind::FTC_TYPE_BASE
            }
            Kind::Pointer { target, class } => {
                seen.target = target.index();
                seen.pointer = (*class).into();
                ftc_type_kind::FTC_TYPE_POINTER
            }
            Kind::Qualified { qualifier, target } => {
                seen.target = target.index();
                seen.qualifier = (*qualifier).into();
                ftc_type_kind::FTC_TYPE_QUALIFIED
            }
            Kind::Typedef { target } => {
                seen.target = target.index();
                ftc_type_kind::FTC_TYPE_TYPEDEF
            }
            Kind::Array { element, dimensions, vector } => {
                seen.target = element.index();
                lengths =
                    collect(dimensions.iter().map(|count| count.unwrap_or(FTC_UNKNOWN_SIZE)))?;
                seen.count = lengths.len() as u32;
                // The elements of a vector stay where they are when the vector itself is moved.
                seen.dimensions = lengths.as_ptr();
                if *vector {
                    ftc_type_kind::FTC_TYPE_VECTOR
                } else {
                    ftc_type_kind::FTC_TYPE_ARRAY
                }
            }
            Kind::Record(record) => {
                seen.flags = record_flags(record);
                seen.count = record.members.len() as u32;
                parts = Parts::Members(collect(record.members.iter().map(|it| member(it, 0)))?);
                match record.class {
                    RecordClass::Struct => ftc_type_kind::FTC_TYPE_STRUCT,
                    RecordClass::Union => ftc_type_kind::FTC_TYPE_UNION,
                    RecordClass::Class => ftc_type_kind::FTC_TYPE_CLASS,
                }
            }
            Kind::Enumeration { underlying, enumerators, incomplete } => {
                seen.target = underlying.map_or(0, TypeId::index);
                seen.flags = if *incomplete { FTC_TYPE_FLAG_INCOMPLETE } else { 0 };
                seen.count = enumerators.len() as u32;
                parts = Parts::Enumerators(collect(enumerators.iter().map(enumerator))?);
                ftc_type_kind::FTC_TYPE_ENUMERATION
            }
            Kind::Function(function) => {
                seen.target = function.result.index();
                seen.flags = function_flags(function);
                seen.count = function.parameters.len() as u32;
                let parameters = function.parameters.iter().map(|parameter| ftc_parameter {
                    name: text(parameter.name.as_ref()),
                    type_id: parameter.ty.index(),
                    flags: 0,
                });
                parts = Parts::Parameters(collect(parameters)?);
                ftc_type_kind::FTC_TYPE_FUNCTION
            }
            Kind::Unknown { reason } => {
                seen.reason = text(Some(reason));
                ftc_type_kind::FTC_TYPE_UNKNOWN
            }
        };
        Ok(View {
            ty: seen,
            parts,
            _dimensions: lengths,
            spelling: OnceLock::new(),
            inner: OnceLock::new(),
            value: OnceLock::new(),
            function: OnceLock::new(),
        })
    }

    pub(super) fn spelling(&self, types: &Types, id: TypeId) -> &CStr {
        let spell = || spell::type_name(types, id);
        self.spelling.get_or_init(|| CString::new(spell()).unwrap_or_default())
    }

    /// The type as libffi passes it.
    pub(super) fn value(&self, types: &Types, id: TypeId) -> Result<&LoweredType> {
        let lower = || LoweredType::new(types, id);
        self.value.get_or_init(lower).as_ref().map_err(Clone::clone)
    }

    /// The types of a function, or of what a pointer points to.
    pub(super) fn function(&self, types: &Types, id: TypeId) -> Result<&LoweredCif> {
        let lower = || lower_type(types, id);
        self.function.get_or_init(lower).as_ref().map_err(Clone::clone)
    }

    pub(super) fn member(&self, index: u32) -> Result<&ftc_member> {
        at(self.members()?, index)
    }

    pub(super) fn enumerator(&self, index: u32) -> Result<&ftc_enumerator> {
        at(self.enumerators()?, index)?.as_ref().ok_or_else(too_wide)
    }

    pub(super) fn parameter(&self, index: u32) -> Result<&ftc_parameter> {
        let Parts::Parameters(parameters) = &self.parts else { return Err(not("a function")) };
        at(parameters, index)
    }

    pub(super) fn find_member(&self, types: &Types, name: &CStr) -> Result<&ftc_member> {
        let members = self.members()?;
        let named = |member: &&ftc_member| is_named(member.name, name);
        if let Some(member) = members.iter().find(named) {
            return Ok(member);
        }
        let inner = self.inner.get_or_init(|| inner_members(types, members));
        inner
            .as_ref()
            .map_err(Clone::clone)?
            .iter()
            .find(named)
            .ok_or_else(|| absent("member", name))
    }

    pub(super) fn find_enumerator(&self, name: &CStr) -> Result<&ftc_enumerator> {
        let mut found = self.enumerators()?.iter().flatten();
        found.find(|it| is_named(it.name, name)).ok_or_else(|| absent("constant", name))
    }

    fn members(&self) -> Result<&[ftc_member]> {
        let Parts::Members(members) = &self.parts else {
            return Err(not("a struct, union or class"));
        };
        Ok(members)
    }

    fn enumerators(&self) -> Result<&[Option<ftc_enumerator>]> {
        let Parts::Enumerators(list) = &self.parts else { return Err(not("an enumeration")) };
        Ok(list)
    }
}

/// The members of the anonymous records among `members`, with their offsets from the start of the outermost record.
fn inner_members(types: &Types, members: &[ftc_member]) -> Result<Vec<ftc_member>> {
    let is_anonymous =
        |member: &ftc_member| member.name.is_null() && member.flags & FTC_MEMBER_BIT_FIELD == 0;
    let (mut found, mut start) = (Vec::new(), 0);
    let mut level: Vec<ftc_member> = members.iter().copied().filter(is_anonymous).collect();
    for _ in 0..DEPTH {
        for outer in std::mem::take(&mut level) {
            let Kind::Record(record) = &types.resolved(TypeId::from_index(outer.type_id)).kind
            else {
                continue;
            };
            if found.len() + record.members.len() > MAX_NAMED {
                let message = "the record has too many members in anonymous structs and unions";
                return Err(Error::new(ErrorKind::Limit, message));
            }
            found.extend(record.members.iter().map(|inner| member(inner, outer.offset)));
        }
        level.extend(found.iter().skip(start).copied().filter(is_anonymous));
        start = found.len();
        if level.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// A member of a record that begins at byte `start` of another one.
fn member(member: &Member, start: u64) -> ftc_member {
    let base_class = if member.base_class { FTC_MEMBER_BASE_CLASS } else { 0 };
    let bit_field = if member.bits.is_some() { FTC_MEMBER_BIT_FIELD } else { 0 };
    let bit_offset = |offset: u64| offset.saturating_add(start.saturating_mul(8));
    ftc_member {
        name: text(member.name.as_ref()),
        offset: member.offset.saturating_add(start),
        bit_offset: member.bits.map_or(0, |bits| bit_offset(bits.offset)),
        bit_width: member.bits.map_or(0, |bits| bits.width),
        type_id: member.ty.index(),
        flags: base_class | bit_field,
    }
}

fn enumerator(enumerator: &Enumerator) -> Option<ftc_enumerator> {
    let (value, flags) = match (i64::try_from(enumerator.value), u64::try_from(enumerator.value)) {
        (Ok(value), _) => (value, 0),
        (_, Ok(value)) => (value as i64, FTC_ENUMERATOR_UNSIGNED),
        _ => return None,
    };
    Some(ftc_enumerator { name: text(Some(&enumerator.name)), value, flags, reserved: 0 })
}

fn record_flags(record: &Record) -> u32 {
    let incomplete = if record.incomplete { FTC_TYPE_FLAG_INCOMPLETE } else { 0 };
    let by_reference = record.by_reference == Some(true);
    incomplete | if by_reference { FTC_TYPE_FLAG_BY_REFERENCE } else { 0 }
}

fn function_flags(function: &Function) -> u32 {
    let prototyped = if function.prototyped { FTC_TYPE_FLAG_PROTOTYPED } else { 0 };
    prototyped | if function.variadic { FTC_TYPE_FLAG_VARIADIC } else { 0 }
}

fn at<T>(list: &[T], index: u32) -> Result<&T> {
    list.get(index as usize).ok_or_else(|| {
        let message = format!("the index {index} is past the end: the type has {}", list.len());
        invalid(message)
    })
}

fn is_named(found: *const std::ffi::c_char, name: &CStr) -> bool {
    // SAFETY: NULL or the name of a type's part, a C string that its table owns.
    !found.is_null() && unsafe { CStr::from_ptr(found) } == name
}

fn absent(what: &str, name: &CStr) -> Error {
    invalid(format!("the type has no {what} '{}'", name.to_string_lossy()))
}

fn not(what: &str) -> Error {
    invalid(format!("the type is not {what}"))
}

fn too_wide() -> Error {
    Error::new(ErrorKind::Limit, "the value needs more than 64 bits")
}
