//! The registers that carry a value on x86-64, by the classification of the System V psABI, §3.2.3.

use super::by_value::{by_value, element_count};
use super::bytes::{Leaf, ScalarClass, Value};
use super::layout::{align_of, size_of};
use crate::ctype::{Kind, Record, TypeId, Types};

/// Bounds on the walk through a record of up to 16 bytes.
const DEPTH: usize = 64;
const VISITS: usize = 8192;

/// The class of one eightbyte of a value (psABI x86-64 §3.2.3, "Classification").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Eightbyte {
    /// Padding only.
    NoClass,
    /// A general-purpose register.
    Integer,
    /// A vector register.
    Sse,
    /// The upper half of the vector register before it.
    SseUp,
    /// The 64-bit mantissa of an x87 `long double`.
    X87,
    /// Exponent and padding of an x87 `long double`.
    X87Up,
    /// A complex `long double`: two x87 registers as a result, memory as an argument.
    ComplexX87,
}

/// How a value is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passing {
    /// In memory: an argument in the argument area, a result through a hidden pointer.
    Memory,
    /// In registers, by the classes of its two eightbytes. The second is [`Eightbyte::NoClass`] for values of up to 8
    /// bytes. Values of the x87 classes are in registers as results only.
    Registers([Eightbyte; 2]),
}

impl Passing {
    /// Whether a result is written through a hidden pointer.
    pub fn is_memory(self) -> bool {
        self == Passing::Memory
    }
}

/// How x86-64 passes a value. `None` if it is not a value, if it belongs to another machine, or if more than its
/// bytes decides: vectors, a `_BitInt` of more than 64 bits, bytes of unknown class, and members that are not
/// aligned, if compilers disagree on them.
pub fn passing(value: &Value) -> Option<Passing> {
    match value {
        Value::Void | Value::Unknown { .. } => None,
        Value::Reference => Some(Passing::Registers([Eightbyte::Integer, Eightbyte::NoClass])),
        Value::Complex { part: ScalarClass::Float, size } if *size > 16 => {
            Some(Passing::Registers([Eightbyte::ComplexX87, Eightbyte::NoClass]))
        }
        Value::Scalar { .. } | Value::Complex { .. } => value.bytes()?.passing,
        Value::Record(bytes) => bytes.passing,
    }
}

/// How libffi passes a struct of these scalars, none of which share bytes. libffi also puts scalars that are not
/// aligned into registers, and assigns no class to bytes of unknown kind.
pub(super) fn passing_of_leaves(size: u64, leaves: &[Leaf]) -> Option<Passing> {
    if size > 16 {
        return Some(Passing::Memory);
    }
    let mut classes = [Eightbyte::NoClass; 2];
    let known = leaves.iter().filter(|leaf| leaf.class != ScalarClass::Unknown);
    let merged = known.into_iter().try_for_each(|leaf| add(&mut classes, leaf));
    passed(merged.and_then(|()| cleaned(classes)))
}

/// How x86-64 passes a record. `leaves` lists all of its scalars, unless it has more than 64 bytes.
pub(super) fn passing_of_record(
    types: &Types,
    record: &Record,
    size: u64,
    leaves: &[Leaf],
) -> Option<Passing> {
    let mut walk = ClassWalk { types, visits: 0 };
    if size <= 16 {
        // clang 14 passes a union with a `_Float128` in memory, whatever the merging of the psABI results in.
        let shared = |leaf: &Leaf| leaf.class == ScalarClass::Float128 && leaf.in_union;
        if leaves.len() > 1 && leaves.iter().any(shared) {
            return None;
        }
        return passed(walk.record(record, 0, 0));
    }
    // Of the values with more than two eightbytes, only a single vector stays in a register (§3.2.3, post-merger
    // cleanup).
    if size > 64 {
        return Some(Passing::Memory);
    }
    let vector = |leaf: &Leaf| leaf.class == ScalarClass::Vector && leaf.size > 16;
    (!leaves.iter().any(vector)).then_some(Passing::Memory)
}

/// Why a classification ends early.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Memory,
    Unknown,
}

type Classes = Result<[Eightbyte; 2], End>;

fn passed(classes: Classes) -> Option<Passing> {
    match classes {
        Ok(classes) => Some(Passing::Registers(classes)),
        Err(End::Memory) => Some(Passing::Memory),
        Err(End::Unknown) => None,
    }
}

/// Classifies members in their order, and does the post-merger cleanup after each nested record. The order matters,
/// because merging is not associative. If a nested record is passed in memory, so is the outer one.
struct ClassWalk<'a> {
    types: &'a Types,
    visits: usize,
}

impl ClassWalk<'_> {
    /// Counts one step. Fails if the bounds do not allow it.
    fn step(&mut self, depth: usize) -> Result<(), End> {
        self.visits += 1;
        if self.visits > VISITS || depth > DEPTH {
            Err(End::Unknown)
        } else {
            Ok(())
        }
    }

    fn record(&mut self, record: &Record, base: u64, depth: usize) -> Classes {
        if record.incomplete {
            return Err(End::Unknown);
        }
        let mut classes = [Eightbyte::NoClass; 2];
        for member in record.members.iter() {
            self.step(depth)?;
            match member.bits {
                // A bit-field of width 0 ends a storage unit. A bit-field without a name is padding.
                Some(bits) if bits.width > 0 && member.name.is_some() => {
                    let end = bits.offset.checked_add(bits.width).ok_or(End::Unknown)?;
                    let first = bits.offset / 8;
                    let offset = base.checked_add(first).ok_or(End::Unknown)?;
                    let integer = ScalarClass::Integer { signed: true };
                    add(&mut classes, &Leaf::new(offset, end.div_ceil(8) - first, integer))?;
                }
                Some(_) => {}
                None => {
                    let offset = base.checked_add(member.offset).ok_or(End::Unknown)?;
                    let inner = self.member(member.ty, offset, depth + 1)?;
                    for (class, inner) in classes.iter_mut().zip(inner) {
                        *class = merge(*class, inner)?;
                    }
                }
            }
        }
        cleaned(classes)
    }

    fn member(&mut self, id: TypeId, offset: u64, depth: usize) -> Classes {
        self.step(depth)?;
        let id = self.types.resolve(id);
        let mut classes = [Eightbyte::NoClass; 2];
        match &self.types.get(id).kind {
            Kind::Record(record) => {
                let classes = self.record(record, offset, depth)?;
                // A nested record that is not aligned: clang passes the outer record in memory, GCC looks at the
                // scalars only.
                let disputed = !offset.is_multiple_of(align_of(self.types, id));
                return if disputed { Err(End::Unknown) } else { Ok(classes) };
            }
            Kind::Array { element, dimensions, vector: false } => {
                // A flexible array member: clang passes the record in memory, GCC assigns the array no class.
                if dimensions.first() == Some(&None) {
                    return Err(End::Unknown);
                }
                let count = element_count(dimensions).ok_or(End::Unknown)?;
                let stride = size_of(self.types, *element).unwrap_or(0);
                // Arrays without elements and arrays of empty records have no bytes, so they have no class.
                let count = if stride == 0 { 0 } else { count };
                for index in 0..count {
                    let at = index.checked_mul(stride).and_then(|at| at.checked_add(offset));
                    let inner = match self.member(*element, at.ok_or(End::Unknown)?, depth + 1) {
                        // An element that must be in memory: GCC looks at the first element only, clang at all of
                        // them.
                        Err(End::Memory) if index > 0 => return Err(End::Unknown),
                        inner => inner?,
                    };
                    for (class, inner) in classes.iter_mut().zip(inner) {
                        *class = merge(*class, inner)?;
                    }
                }
            }
            _ => {
                if !offset.is_multiple_of(align_of(self.types, id)) {
                    return Err(End::Memory);
                }
                let bytes = by_value(self.types, id).bytes().ok_or(End::Unknown)?;
                for own in &bytes.leaves {
                    let offset = own.offset.checked_add(offset).ok_or(End::Unknown)?;
                    add(&mut classes, &Leaf { offset, ..*own })?;
                }
            }
        }
        Ok(classes)
    }
}

/// Merges a scalar into the eightbytes that it touches.
fn add(classes: &mut [Eightbyte; 2], leaf: &Leaf) -> Result<(), End> {
    let (first, upper) = match leaf.class {
        class if class.is_integral() => (Eightbyte::Integer, Eightbyte::Integer),
        ScalarClass::Float if leaf.size > 8 => (Eightbyte::X87, Eightbyte::X87Up),
        ScalarClass::Float | ScalarClass::Float128 | ScalarClass::Decimal => {
            (Eightbyte::Sse, Eightbyte::SseUp)
        }
        _ => return Err(End::Unknown),
    };
    let start = leaf.offset / 8;
    let end = leaf.offset.saturating_add(leaf.size).div_ceil(8);
    for (index, class) in (0..).zip(classes) {
        if (start..end).contains(&index) {
            *class = merge(*class, if index == start { first } else { upper })?;
        }
    }
    Ok(())
}

/// Merges two classes (§3.2.3, rule 4 for aggregates).
fn merge(one: Eightbyte, other: Eightbyte) -> Result<Eightbyte, End> {
    use Eightbyte::{ComplexX87, Integer, NoClass, Sse, X87Up, X87};
    match (one, other) {
        _ if one == other => Ok(one),
        (NoClass, class) | (class, NoClass) => Ok(class),
        (Integer, _) | (_, Integer) => Ok(Integer),
        (X87 | X87Up | ComplexX87, _) | (_, X87 | X87Up | ComplexX87) => Err(End::Memory),
        _ => Ok(Sse),
    }
}

/// Does the post-merger cleanup (§3.2.3).
fn cleaned(classes: [Eightbyte; 2]) -> Classes {
    match classes {
        [first, Eightbyte::X87Up] if first != Eightbyte::X87 => Err(End::Memory),
        [first, Eightbyte::SseUp] if first != Eightbyte::Sse => Ok([first, Eightbyte::Sse]),
        _ => Ok(classes),
    }
}

#[cfg(test)]
mod tests;
