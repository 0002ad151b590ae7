//! Divides a type in memory into segments, one level at a time. Places are counted in bits.

use super::direction::Side;
use super::path::{Path, Paths, Step};
use crate::abi::{self, ScalarClass};
use crate::ctype::{BitField, Kind, Name, RecordClass, TypeId, Types};

/// The kind of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SegmentForm {
    /// A number, pointer or enumeration.
    Scalar,
    /// A bit-field.
    Bits(BitField),
    /// Elements of `stride` bits each; the segment's type is the element's.
    Array { stride: u64 },
    /// The members of a struct or class.
    Struct,
    /// The alternatives of a union.
    Union,
    /// Nothing is known about it.
    Unknown,
}

/// A piece of memory of one type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'t> {
    /// Its first bit, counted from the start of the outermost record.
    pub(super) start: u64,
    /// The bit after its last one. `u64::MAX` for a flexible array, which may have any length.
    pub(super) end: u64,
    /// Its type as declared. For an array, the type of one element.
    pub(super) ty: TypeId,
    pub(super) form: SegmentForm,
    /// The member's name.
    pub(super) name: Option<&'t Name>,
    /// The record that it is a member of.
    pub(super) record: TypeId,
    /// The first bit of `record`, counted from the start of the outermost record.
    pub(super) record_start: u64,
    pub(super) path: Path,
    /// Whether it is a whole member rather than a part of one.
    pub(super) whole: bool,
    /// Whether a segment of the other side shared its bits.
    pub(super) touched: bool,
    pub(super) side: Side,
}

impl<'t> Segment<'t> {
    /// Makes a segment of a type at a place. Its end is not known yet.
    pub(super) fn unplaced(ty: TypeId, base: Base) -> Segment<'t> {
        Segment {
            start: base.start,
            end: base.start,
            ty,
            form: SegmentForm::Unknown,
            name: None,
            record: TypeId::VOID,
            record_start: base.start,
            path: base.path,
            whole: true,
            touched: false,
            side: base.side,
        }
    }

    pub(super) fn bits(&self) -> u64 {
        self.end - self.start
    }

    pub(super) fn is_open(&self) -> bool {
        self.end == u64::MAX
    }

    pub(super) fn is_aggregate(&self) -> bool {
        matches!(self.form, SegmentForm::Array { .. } | SegmentForm::Struct | SegmentForm::Union)
    }
}

/// The place of a record: its first bit, its path, and whether a flexible array may be at its end (`outermost`).
#[derive(Clone, Copy)]
pub(super) struct Base {
    pub(super) start: u64,
    pub(super) path: Path,
    pub(super) outermost: bool,
    pub(super) side: Side,
}

/// The members of a record, ordered by place. Members without bits are left out, unless their type is unknown.
pub(super) fn members<'t>(
    types: &'t Types,
    record: TypeId,
    base: Base,
    paths: &mut Paths<'t>,
) -> Vec<Segment<'t>> {
    let record = types.resolve(record);
    let Kind::Record(content) = &types.get(record).kind else { return Vec::new() };
    let mut segments = Vec::with_capacity(content.members.len());
    for (index, member) in content.members.iter().enumerate() {
        let mut start = base.start.saturating_add(member.offset.saturating_mul(8));
        let path = match &member.name {
            Some(name) => paths.behind(base.path, Step::Member(name)),
            // Its members count as members of the outer record.
            None if types.is_record(member.ty) => base.path,
            None => paths.behind(base.path, Step::Unnamed(member.offset)),
        };
        let name = member.name.as_ref();
        let of =
            Segment { name, record, ..Segment::unplaced(member.ty, Base { start, path, ..base }) };
        let of = Segment { record_start: base.start, ..of };
        if let Some(bits) = member.bits {
            start = base.start.saturating_add(bits.offset);
            let end = start.saturating_add(bits.width);
            if bits.width > 0 && end < u64::MAX {
                segments.push(Segment { start, end, form: SegmentForm::Bits(bits), ..of });
            }
            continue;
        }
        let last = index + 1 == content.members.len() && content.class != RecordClass::Union;
        segments.extend(typed(types, of, base.outermost && last));
    }
    segments.sort_by_key(|segment| segment.start);
    segments
}

/// Sets the end and the form of the segment `of` by its type. `None` if it has no bits, unless its type is unknown.
pub(super) fn typed<'t>(
    types: &Types,
    of: Segment<'t>,
    may_be_flexible: bool,
) -> Option<Segment<'t>> {
    let resolved = types.resolve(of.ty);
    let (form, ty) = match &types.get(resolved).kind {
        Kind::Base { .. } | Kind::Pointer { .. } | Kind::Enumeration { .. } => {
            (SegmentForm::Scalar, of.ty)
        }
        Kind::Record(record) if record.incomplete => (SegmentForm::Unknown, of.ty),
        Kind::Record(record) if record.class == RecordClass::Union => (SegmentForm::Union, of.ty),
        Kind::Record(_) => (SegmentForm::Struct, of.ty),
        Kind::Array { .. } => {
            let element = types.innermost_element(resolved);
            let stride = abi::size_of(types, element)?.checked_mul(8).filter(|bits| *bits > 0)?;
            let bits = abi::size_of(types, resolved).unwrap_or(0).saturating_mul(8);
            let end = match bits {
                0 if may_be_flexible => u64::MAX,
                0 => return None,
                bits => of.start.checked_add(bits)?,
            };
            return Some(Segment { end, ty: element, form: SegmentForm::Array { stride }, ..of });
        }
        Kind::Void | Kind::Function(_) | Kind::Unknown { .. } => (SegmentForm::Unknown, of.ty),
        Kind::Qualified { .. } | Kind::Typedef { .. } => (SegmentForm::Unknown, of.ty),
    };
    let bits = abi::size_of(types, resolved).unwrap_or(0).saturating_mul(8);
    let end = of.start.saturating_add(bits);
    let unsized_unknown = form == SegmentForm::Unknown && bits == 0;
    ((bits > 0 || unsized_unknown) && end < u64::MAX).then_some(Segment { end, ty, form, ..of })
}

/// The parts of an aggregate: the members of a record, or the first element of an array and the rest of it.
pub(super) fn opened<'t>(
    types: &'t Types,
    segment: &Segment<'t>,
    paths: &mut Paths<'t>,
) -> Vec<Segment<'t>> {
    match segment.form {
        SegmentForm::Struct | SegmentForm::Union => {
            let base = Base {
                start: segment.start,
                path: segment.path,
                outermost: false,
                side: segment.side,
            };
            let mut members = members(types, segment.ty, base, paths);
            // A member that reaches past the end of its record: the type contradicts itself.
            members.retain(|member| member.end <= segment.end);
            members
        }
        SegmentForm::Array { stride } => {
            let path = paths.behind(segment.path, Step::Element);
            let of = Segment { path, whole: false, name: None, ..*segment };
            let first = typed(types, of, false);
            let rest = segment.start.saturating_add(stride);
            let rest =
                (rest < segment.end).then_some(Segment { start: rest, whole: false, ..*segment });
            first.into_iter().chain(rest).collect()
        }
        SegmentForm::Scalar | SegmentForm::Bits(_) | SegmentForm::Unknown => Vec::new(),
    }
}

impl Types {
    /// Whether it is an array of integers of the size of `char`.
    pub(super) fn is_byte_array(&self, segment: &Segment<'_>) -> bool {
        matches!(segment.form, SegmentForm::Array { .. }) && self.is_byte(segment.ty)
    }

    /// Whether it is an integer of the size of `char`.
    pub(super) fn is_byte(&self, id: TypeId) -> bool {
        let class = abi::scalar_class(self, self.resolve(id));
        matches!(class, ScalarClass::Integer { .. }) && abi::size_of(self, id) == Some(1)
    }

    /// Whether it is an array of structs or unions.
    pub(super) fn is_record_array(&self, segment: &Segment<'_>) -> bool {
        matches!(segment.form, SegmentForm::Array { .. }) && self.is_record(segment.ty)
    }

    fn is_record(&self, id: TypeId) -> bool {
        matches!(self.resolved(id).kind, Kind::Record(_))
    }

    /// The element type of an array, behind all dimensions, typedefs and nested arrays.
    pub(super) fn innermost_element(&self, id: TypeId) -> TypeId {
        let mut current = id;
        for _ in 0..64 {
            match &self.resolved(current).kind {
                Kind::Array { element, .. } => current = *element,
                _ => return current,
            }
        }
        current
    }
}
