//! Which registers a type travels in: the classes of its eightbytes (x86-64 psABI §3.2.3).

use crate::layout::{leaves, Leaf};
use crate::signature::{Library, Scalar, Type};

/// The classes of an eightbyte (x86-64 psABI §3.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    None,
    Integer,
    Sse,
    X87,
    X87Up,
    Memory,
}

/// The classes of the two eightbytes; `None` past 16 bytes, which is always memory here.
pub fn classes(library: &Library, ty: Type) -> Option<[Class; 2]> {
    (library.size_align(ty).0 <= 16).then(|| {
        let mut found = [Class::None; 2];
        if classify(library, ty, 0, &mut found) {
            found
        } else {
            [Class::Memory; 2]
        }
    })
}

/// Merges the classes of `ty`, at `start` bits, into `found`; false: memory. Inner records are judged whole, each
/// by all rules, before they are merged (psABI §3.2.3, classification step 3).
fn classify(library: &Library, ty: Type, start: u64, found: &mut [Class; 2]) -> bool {
    let mut own = [Class::None; 2];
    match ty {
        Type::Foreign(_) => {}
        Type::Scalar(scalar) => {
            if !start.is_multiple_of(scalar.align() * 8) {
                return false;
            }
            mark(scalar, start, scalar.size() * 8, &mut own);
        }
        Type::Record(number) => {
            for member in &library.records[number].members {
                let at = start + member.offset;
                let fits = match (member.width, member.spelled.ty) {
                    (Some(0), _) => true,
                    (Some(width), Type::Scalar(scalar)) => {
                        mark(scalar, at, width, &mut own);
                        true
                    }
                    (_, inner) => {
                        let stride = library.size_align(inner).0 * 8;
                        (0..member.extent.count())
                            .all(|index| classify(library, inner, at + index * stride, &mut own))
                    }
                };
                if !fits {
                    return false;
                }
            }
            if own.contains(&Class::Memory)
                || own[0] == Class::X87Up
                || (own[1] == Class::X87Up && own[0] != Class::X87)
            {
                return false;
            }
        }
    }
    for (slot, class) in found.iter_mut().zip(own) {
        *slot = merge(*slot, class);
    }
    true
}

fn mark(scalar: Scalar, start: u64, bits: u64, found: &mut [Class; 2]) {
    let first = start / 64;
    for eightbyte in first..=(start + bits - 1) / 64 {
        let class = match scalar {
            Scalar::Bool | Scalar::Integer { .. } | Scalar::Pointer => Class::Integer,
            Scalar::LongDouble if eightbyte == first => Class::X87,
            Scalar::LongDouble => Class::X87Up,
            _ => Class::Sse,
        };
        if let Some(slot) = found.get_mut(eightbyte as usize) {
            *slot = merge(*slot, class);
        }
    }
}

fn merge(one: Class, other: Class) -> Class {
    match (one, other) {
        (a, b) if a == b => a,
        (Class::None, class) | (class, Class::None) => class,
        (Class::Memory, _) | (_, Class::Memory) => Class::Memory,
        (Class::Integer, _) | (_, Class::Integer) => Class::Integer,
        (Class::X87 | Class::X87Up, _) | (_, Class::X87 | Class::X87Up) => Class::Memory,
        _ => Class::Sse,
    }
}

/// Whether a double, or one of a complex pair, lies at byte `start`.
fn is_double_at(leaf: &Leaf, start: u64) -> bool {
    matches!(leaf.scalar, Scalar::Double | Scalar::ComplexDouble)
        && (leaf.offset..leaf.offset + leaf.scalar.size() * 8).contains(&(start * 8))
}

/// Whether a record in registers holds, in one eightbyte of class SSE, a float and in another member of a union more.
pub fn mixes_floats(library: &Library, ty: Type) -> bool {
    let leaves = leaves(library, ty);
    classes(library, ty).into_iter().flatten().zip([0, 8]).any(|(class, start)| {
        let float = |leaf: &Leaf| {
            matches!(leaf.scalar, Scalar::Float | Scalar::ComplexFloat)
                && (start..start + 8).contains(&(leaf.offset / 8))
        };
        let floats = leaves.iter().filter(|leaf| float(leaf)).count();
        class == Class::Sse
            && floats > 0
            && (floats > 2 || leaves.iter().any(|leaf| is_double_at(leaf, start)))
    })
}
