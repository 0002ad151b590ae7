//! Finds a way to write a record for which the compiler computes the layout in the debug information.
//!
//! The rules are those of the System V psABIs (x86-64 §3.1.2, i386 §2.1). A member is at the next multiple of its
//! alignment. A bit-field directly follows the member before it, unless it would cross a boundary that an object of
//! its type may not cross. The static assertions of the header let the compiler verify the result.

use crate::abi;
use crate::ctype::machine::{AARCH64, ARM, I386, S390};
use crate::ctype::{Encoding, Kind, Member, Record, RecordClass, TypeId, Types};
use crate::spell::base_name;

/// How to write a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) packed: bool,
    /// The alignment in bytes, if it does not follow from the members.
    pub(super) align: Option<u64>,
    pub(super) fields: Vec<Field>,
}

/// A line in a record's definition.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The member with this index.
    Member {
        index: usize,
        /// The alignment in bytes in the declaration of the member.
        align: Option<u64>,
    },
    /// The member with this index, written as `size` bytes because C cannot write its type.
    Bytes { index: usize, size: u64 },
    /// An unnamed bit-field of an unsigned type of `unit` bytes.
    Gap { unit: u64, width: u64 },
    /// A larger gap in bytes.
    Padding { size: u64 },
}

/// The layout of a member's type in C, in bytes.
#[derive(Clone, Copy)]
struct MemberLayout {
    size: u64,
    align: u64,
}

/// The largest number of nested base classes that are visited. No compiler's output has more.
const BASES: usize = 64;
/// The largest number of bytes of a gap that is filled with bit-fields.
const GAPS: u64 = 64;

/// A way to write the record. `None`: C can only write its bytes.
pub(super) fn plan(types: &Types, id: TypeId, record: &Record) -> Option<Plan> {
    let (size, align) = (abi::size_of(types, id)?, abi::align_of(types, id));
    let stated = types.get(id).align.is_some_and(|align| align > 1);
    if record.class == RecordClass::Union {
        return plan_union(types, record, size, align, stated);
    }
    let attempt = |packed, without_empty_bases| {
        RecordAttempt { types, record, size, align, stated, packed, without_empty_bases }.run()
    };
    attempt(false, false)
        .or_else(|| attempt(true, false))
        .or_else(|| attempt(false, true))
        .or_else(|| attempt(true, true))
}

fn plan_union(types: &Types, record: &Record, size: u64, align: u64, stated: bool) -> Option<Plan> {
    let mut fields = Vec::new();
    let (mut natural, mut used, mut doubtful) = (1, 0, false);
    for (index, member) in record.members.iter().enumerate() {
        match member.bits {
            Some(bits) if bits.offset != 0 => return None,
            None if member.offset != 0 => return None,
            _ => {}
        }
        let shape = member_shape(types, member).unwrap_or(MemberLayout { size, align: 1 });
        let of_type = abi::align_of(types, member.ty);
        let declared = abi::declared_align(types, member, size, of_type);
        doubtful |= is_doubtful_vector(types, member.ty);
        if member_shape(types, member).is_none() {
            fields.push(Field::Bytes { index, size });
        } else {
            fields.push(Field::Member { index, align: declared });
        }
        natural = natural.max(shape.align).max(declared.unwrap_or(1));
        used = used.max(member.bits.map_or(shape.size, |bits| bits.width.div_ceil(8)));
    }
    let packed = natural > align || doubtful;
    if used > size {
        return None;
    }
    if used.checked_next_multiple_of(align)? != size {
        fields.push(union_padding(types, size, align));
    }
    let align = Some(align).filter(|align| stated || *align > if packed { 1 } else { natural });
    Some(Plan { packed, align, fields })
}

/// A field that makes a union `size` bytes long. It is unnamed if there is an integer type of that size.
fn union_padding(types: &Types, size: u64, align: u64) -> Field {
    let target = types.target();
    // On ARM and AArch64 an unnamed bit-field would change the alignment of the union (AAPCS).
    let counts = matches!(target.machine, ARM | AARCH64) && size > align;
    let integer = size.is_power_of_two() && size <= u64::from(target.pointer_size);
    if integer && !counts {
        Field::Gap { unit: size, width: size.saturating_mul(8) }
    } else {
        Field::Padding { size }
    }
}

struct RecordAttempt<'a> {
    types: &'a Types,
    record: &'a Record,
    /// The size of the record in bytes.
    size: u64,
    align: u64,
    /// The debug information states the alignment. It is written, because GCC states the alignment of a packed record that
    /// contains this one only then.
    stated: bool,
    packed: bool,
    /// Leave out C++'s empty base classes. They take no bytes, and the next member is at the same offset.
    without_empty_bases: bool,
}

impl RecordAttempt<'_> {
    fn run(&self) -> Option<Plan> {
        let mut fields = Vec::new();
        // `end` is in bits, `natural` in bytes.
        let (mut end, mut natural) = (0_u64, 1_u64);
        for (index, member) in self.record.members.iter().enumerate() {
            if self.without_empty_bases && self.is_empty_base(member, &mut { BASES }) {
                continue;
            }
            let shape = member_shape(self.types, member);
            let start = match member.bits {
                Some(bits) => bits.offset,
                None => member.offset.checked_mul(8)?,
            };
            if start < end {
                return None;
            }
            let of_type = abi::align_of(self.types, member.ty);
            let mut declared = abi::declared_align(self.types, member, self.size, of_type);
            if is_doubtful_vector(self.types, member.ty) {
                if !self.packed {
                    return None;
                }
                let at = [Some(of_type), declared, Some(self.align)].into_iter().flatten().min();
                declared = at.map(|at| at.min(1 << (start / 8).trailing_zeros().min(30)));
            }
            let (size, align) = match shape {
                Some(shape) if self.packed => (shape.size, declared.unwrap_or(1)),
                Some(shape) => (shape.size, declared.unwrap_or(1).max(shape.align)),
                None => (self.room(index, start / 8)?, 1),
            };
            match member.bits {
                Some(bits) => {
                    let limit = if self.packed { u64::MAX } else { size.checked_mul(8)? };
                    let possible = can_be_bit_field(self.types, member, bits.width);
                    if bits.width == 0 || bits.width > size.checked_mul(8)? || !possible {
                        return None;
                    }
                    if bit_field_start(end, bits.width, limit, align) != start {
                        self.fill(end, start, &mut fields);
                    }
                    let fits = bit_field_start(start, bits.width, limit, align) == start;
                    if !fits || (declared.is_some() && start % (align.saturating_mul(8)) != 0) {
                        return None;
                    }
                    end = start.checked_add(bits.width)?;
                }
                None => {
                    if start % (align.saturating_mul(8)) != 0 {
                        return None;
                    }
                    if end.checked_next_multiple_of(align.saturating_mul(8))? != start {
                        self.fill(end, start, &mut fields);
                    }
                    end = start.checked_add(size.checked_mul(8)?)?;
                }
            }
            natural = natural.max(align);
            fields.push(match shape {
                None => Field::Bytes { index, size },
                Some(_) => Field::Member { index, align: declared },
            });
        }
        let whole = self.size.checked_mul(8)?;
        if natural > self.align || end > whole || !self.size.is_multiple_of(self.align) {
            return None;
        }
        if end.checked_next_multiple_of(self.align.saturating_mul(8))? != whole {
            self.fill(end, whole, &mut fields);
        }
        let align = Some(self.align).filter(|align| self.stated || *align > natural);
        Some(Plan { packed: self.packed, align, fields })
    }

    /// Whether a member is a base class that has only empty base classes as members. At most `left` classes are
    /// visited.
    fn is_empty_base(&self, member: &Member, left: &mut usize) -> bool {
        let record = match &self.types.resolved(member.ty).kind {
            Kind::Record(record) => record,
            _ => return false,
        };
        *left = left.saturating_sub(1);
        *left > 0
            && member.base_class
            && record.members.iter().all(|inner| self.is_empty_base(inner, left))
    }

    /// The number of bytes from `start` to the next member or to the end.
    fn room(&self, index: usize, start: u64) -> Option<u64> {
        let next = self.record.members.get(index + 1).map_or(self.size, |next| next.offset);
        next.min(self.size).checked_sub(start)
    }

    /// Fills the bits from `from` to `to` with unnamed bit-fields that cross no boundary. They do not appear among
    /// the members of the record.
    fn fill(&self, from: u64, to: u64, fields: &mut Vec<Field>) {
        let mut at = from;
        while at < to {
            let left = to - at;
            if !at.is_multiple_of(8) || left < 8 {
                let width = left.min(8 - at % 8);
                fields.push(Field::Gap { unit: 1, width });
                at += width;
                continue;
            }
            if left / 8 > GAPS {
                fields.push(Field::Padding { size: left / 8 });
                at += left / 8 * 8;
                continue;
            }
            // On machines where an unnamed bit-field counts for the alignment of the record (AAPCS), it may not
            // increase it.
            let long = u64::from(self.types.target().pointer_size);
            let fits =
                |unit: &u64| at.is_multiple_of(unit * 8) && unit * 8 <= left && *unit <= self.align;
            let unit = [long, 4, 2].into_iter().find(fits).unwrap_or(1);
            fields.push(Field::Gap { unit, width: unit * 8 });
            at += unit * 8;
        }
    }
}

/// The attribute of a record whose scalars have the opposite byte order of the target's. Its bit-fields are then
/// counted from the other end. The attribute applies to all members, and only gcc supports it.
pub(super) fn storage_order(types: &Types, record: &Record) -> Option<String> {
    let order = if types.target().little_endian { "big" } else { "little" };
    let swapped = record.members.iter().any(|member| is_swapped(types, member.ty));
    swapped.then(|| format!("scalar_storage_order(\"{order}-endian\")"))
}

fn is_swapped(types: &Types, id: TypeId) -> bool {
    let mut ty = types.resolved(id);
    for _ in 0..64 {
        match &ty.kind {
            Kind::Array { element, vector: false, .. } => ty = types.resolved(*element),
            Kind::Base { swapped, .. } => return *swapped,
            _ => return false,
        }
    }
    false
}

/// Whether the alignment of a vector depends on the compiler or its options. x86 compilers align a vector of more
/// than 16 bytes to its size only if there are registers of that size, and a vector of 8 bytes to 4 without MMX. Its
/// offset then follows from the members around it.
fn is_doubtful_vector(types: &Types, id: TypeId) -> bool {
    let mut ty = types.resolve(id);
    for _ in 0..64 {
        match &types.get(ty).kind {
            Kind::Array { element, vector: false, .. } => ty = types.resolve(*element),
            Kind::Array { vector: true, .. } => {
                let size = abi::size_of(types, ty).unwrap_or(0);
                let target = types.target();
                return match (target.machine, size) {
                    (S390, _) => size > 8,
                    (I386, 8) => true,
                    _ => size > 16,
                };
            }
            _ => return false,
        }
    }
    false
}

/// The first bit of a bit-field of `width` bits that follows `end`. It is `end`, unless the bit-field would then
/// cross the end of an object of its type, which has `limit` bits. In that case it is where the next such object may
/// begin.
fn bit_field_start(end: u64, width: u64, limit: u64, align: u64) -> u64 {
    let step = align.saturating_mul(8);
    let crosses = (end % step).saturating_add(width).div_ceil(step) > limit.div_ceil(step);
    if crosses {
        end.checked_next_multiple_of(step).unwrap_or(u64::MAX)
    } else {
        end
    }
}

/// The layout that the compiler gives a member's type. `None`: C cannot write the type here.
fn member_shape(types: &Types, member: &Member) -> Option<MemberLayout> {
    if !is_writable(types, member.ty) {
        return None;
    }
    let align = abi::align_of(types, member.ty);
    let open = matches!(
        &types.resolved(member.ty).kind,
        Kind::Array { dimensions, vector: false, .. } if dimensions.first() == Some(&None)
    );
    let size = if open { 0 } else { abi::size_of(types, member.ty)? };
    Some(MemberLayout { size, align })
}

/// Whether C can write a type here by value. It must be complete and have an equivalent in C.
fn is_writable(types: &Types, id: TypeId) -> bool {
    let mut ty = types.resolved(id);
    for _ in 0..64 {
        match &ty.kind {
            Kind::Array { element, vector: false, .. } => ty = types.resolved(*element),
            Kind::Void | Kind::Function(_) | Kind::Unknown { .. } => return false,
            Kind::Record(record) => return !record.incomplete,
            Kind::Base { encoding, bits, .. } => {
                let name = ty.name.as_ref().map(|name| name.as_str());
                let size = ty.size.unwrap_or(0);
                return base_name(types.target(), name, *encoding, size, *bits).is_some();
            }
            _ => return true,
        }
    }
    false
}

/// Whether a bit-field of the member's type may have that width in C.
fn can_be_bit_field(types: &Types, member: &Member, width: u64) -> bool {
    match &types.resolved(member.ty).kind {
        Kind::Base { encoding: Encoding::Boolean, .. } => width == 1,
        Kind::Base { encoding, .. } => !matches!(
            encoding,
            Encoding::Float
                | Encoding::Float128
                | Encoding::ComplexFloat
                | Encoding::ComplexFloat128
                | Encoding::ComplexInteger
                | Encoding::DecimalFloat
        ),
        Kind::Enumeration { incomplete, .. } => !incomplete,
        _ => false,
    }
}
