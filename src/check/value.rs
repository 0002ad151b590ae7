//! Compares a claimed value with a declared one: rows 7 to 21 and 37 of the table.

use super::direction::Role;
use super::draft::Draft;
use super::{record, scalar, Rule, Verdict};
use crate::abi::{passing, Eightbyte, Passing, ScalarClass, Value};
use crate::ctype::machine::{I386, S390, X86_64};
use crate::ctype::Target;

/// All differences. The list is empty for a match.
pub(super) fn compare(
    declared: &Value,
    claimed: &Value,
    role: Role,
    target: Target,
) -> Vec<Draft<'static>> {
    use Verdict::{Mismatch, Unverified};
    let one = |rule, verdict, note: &str| vec![Draft::noted(rule, verdict, note)];
    match (declared, claimed) {
        (Value::Void, Value::Void) => Vec::new(),
        (Value::Unknown { .. }, _) | (_, Value::Unknown { .. }) => {
            vec![Draft::new(Rule::NotKnown, Unverified)]
        }
        (Value::Void, _) => vec![Draft::new(Rule::ResultOfVoid, Mismatch)],
        (declared, Value::Void) if role == Role::Result => ignored_result(declared, target),
        (_, Value::Void) => one(Rule::ArgumentTooNarrow, Mismatch, "void is no argument"),
        (Value::Reference, claimed) => by_reference(claimed, role, target),
        (_, Value::Reference) => vec![Draft::new(Rule::InvisibleReference, Mismatch)],
        (declared, _) if !expressible(declared) => {
            one(Rule::NotExpressible, Unverified, "libffi has no way to pass it")
        }
        (Value::Scalar { class, size }, Value::Scalar { class: claimed, size: claimed_size }) => {
            scalar::compare((*class, *size), (*claimed, *claimed_size), role, target)
                .into_iter()
                .collect()
        }
        (Value::Complex { part, size }, Value::Complex { part: other, size: other_size }) => {
            let same = part == other && size == other_size;
            let differ = || Draft::new(Rule::NumberClass, Mismatch);
            (!same).then(differ).into_iter().collect()
        }
        (Value::Complex { .. }, Value::Scalar { .. })
        | (Value::Scalar { .. }, Value::Complex { .. }) => {
            vec![Draft::new(Rule::NumberClass, Mismatch)]
        }
        (Value::Record(_), _) | (_, Value::Record(_)) => by_bytes(declared, claimed, role, target),
    }
}

/// Compares a class passed by invisible reference: an argument is a pointer, a result is written through one.
fn by_reference(claimed: &Value, role: Role, target: Target) -> Vec<Draft<'static>> {
    let note = "the library passes this class as a pointer to it";
    match (role, claimed) {
        (Role::Result, Value::Record(_)) if in_memory(claimed, target) == Some(true) => Vec::new(),
        (Role::Argument, Value::Scalar { class, size }) => {
            let pointer = (ScalarClass::Pointer, u64::from(target.pointer_size));
            scalar::compare(pointer, (*class, *size), role, target)
                .map(|draft| Draft { note: Some(note.to_owned()), ..draft })
                .into_iter()
                .collect()
        }
        _ => vec![Draft::noted(Rule::InvisibleReference, Verdict::Mismatch, note)],
    }
}

/// The findings on a result that the caller does not read.
pub(super) fn ignored_result(declared: &Value, target: Target) -> Vec<Draft<'static>> {
    if on_x87_stack(declared, target) {
        // After eight such results, every later `long double` is NaN (psABI x86-64 §3.2.1).
        let note = "the library leaves the result on the x87 stack, which the caller must clear";
        return vec![Draft::noted(Rule::ResultThroughHiddenPointer, Verdict::Mismatch, note)];
    }
    let verdict = match in_memory(declared, target) {
        Some(false) => return Vec::new(),
        Some(true) => Verdict::Mismatch,
        None => Verdict::Unverified,
    };
    let note = "the library writes the result through a hidden pointer that the caller must pass";
    vec![Draft::noted(Rule::ResultThroughHiddenPointer, verdict, note)]
}

/// Whether a result is returned on the x87 stack, from which the caller must remove it.
fn on_x87_stack(value: &Value, target: Target) -> bool {
    match target.machine {
        I386 => matches!(value, Value::Scalar { class: ScalarClass::Float, .. }),
        X86_64 => matches!(
            passing(value),
            Some(Passing::Registers([Eightbyte::X87 | Eightbyte::ComplexX87, _]))
        ),
        _ => false,
    }
}

/// Whether a result is written through a pointer that the caller passes. `None` if it is not known here.
fn in_memory(value: &Value, target: Target) -> Option<bool> {
    match value {
        Value::Void => Some(false),
        Value::Reference => Some(true),
        Value::Unknown { .. } => None,
        _ if target.machine == X86_64 => passing(value).map(Passing::is_memory),
        Value::Scalar { size, .. } if *size <= 8 => Some(false),
        Value::Record(bytes) => match target.machine {
            // System V i386 and s390x return every record in memory.
            I386 | S390 => Some(true),
            _ if bytes.size > 64 => Some(true),
            _ => None,
        },
        Value::Scalar { .. } | Value::Complex { .. } => None,
    }
}

/// Whether libffi has a type that is passed like this one.
fn expressible(value: &Value) -> bool {
    match value {
        Value::Scalar { class, size } => match class {
            ScalarClass::Float128
            | ScalarClass::Decimal
            | ScalarClass::Vector
            | ScalarClass::WideInteger
            | ScalarClass::Unknown => false,
            ScalarClass::Float => *size >= 4,
            _ => true,
        },
        Value::Complex { part, size } => match part {
            ScalarClass::Float => *size >= 8,
            part => part.is_integral(),
        },
        Value::Record(bytes) => !(bytes.complete && bytes.leaves.is_empty()),
        Value::Void | Value::Reference | Value::Unknown { .. } => true,
    }
}

/// Compares two values of which at least one is a record: their bytes, and how they are passed.
fn by_bytes(declared: &Value, claimed: &Value, role: Role, target: Target) -> Vec<Draft<'static>> {
    let (Some(bytes), Some(claimed_bytes)) = (declared.bytes(), claimed.bytes()) else {
        return vec![Draft::new(Rule::NotKnown, Verdict::Unverified)];
    };
    let mut differences = record::compare(&bytes, &claimed_bytes, role);
    // If some bytes are unknown, their class is unknown too.
    if !differences.iter().any(|found| found.verdict >= Verdict::Unverified) {
        differences.extend(travel(declared, claimed, role, target));
    }
    if role == Role::Argument && bytes.size == claimed_bytes.size {
        let aligned = (bytes.align, claimed_bytes.align);
        differences.extend(alignment(declared, claimed, aligned, target));
    }
    if matches!(declared, Value::Scalar { size: 16, .. }) {
        // libffi can describe an __int128 only as a struct of two halves, so the sign of the halves does not matter.
        differences.retain(|draft| draft.rule != Rule::RecordMeaning);
    }
    if differences.is_empty() {
        differences.extend(record_against_scalar(declared, claimed, role, target));
    }
    differences
}

/// Compares the registers or the memory in which the two are passed.
fn travel(declared: &Value, claimed: &Value, role: Role, target: Target) -> Option<Draft<'static>> {
    if target.machine != X86_64 {
        return None;
    }
    let Some(ours) = passing(declared) else {
        let note = "how it is passed depends on the compiler and its options";
        return Some(Draft::noted(Rule::NotExpressible, Verdict::Unverified, note));
    };
    let theirs = passing(claimed)?;
    let x87 = matches!(theirs, Passing::Registers([Eightbyte::X87, _]));
    let note = match role {
        Role::Result if x87 && matches!(claimed, Value::Record(_)) => {
            "libffi reads a struct of one long double from integer registers"
        }
        _ if ours != theirs => "they are passed in different registers",
        _ => return None,
    };
    Some(Draft::noted(Rule::RecordBytes, Verdict::Mismatch, note))
}

/// Compares the alignments. Arguments in memory lie at multiples of their alignment, and at least at multiples of a
/// stack slot (psABI x86-64 §3.2.3).
fn alignment(
    declared: &Value,
    claimed: &Value,
    (ours, theirs): (u64, u64),
    target: Target,
) -> Option<Draft<'static>> {
    let slot = u64::from(target.pointer_size);
    if ours.max(slot) == theirs.max(slot) {
        return None;
    }
    let memory = target.machine == X86_64 && passing(declared).is_some_and(Passing::is_memory);
    let verdict = if !memory {
        Verdict::Differs
    } else if passing(claimed).is_none() {
        // The debug information of the claim does not say how it is aligned.
        Verdict::Unverified
    } else {
        Verdict::Mismatch
    };
    let note = format!("it is aligned to {ours} bytes, the caller's to {theirs}");
    Some(Draft::noted(Rule::RecordBytes, verdict, note))
}

/// Compares a record with a scalar that has the same bytes and is passed in the same way.
fn record_against_scalar(
    declared: &Value,
    claimed: &Value,
    role: Role,
    target: Target,
) -> Option<Draft<'static>> {
    let differs = |verdict, note| Some(Draft::noted(Rule::RecordMeaning, verdict, note));
    match (declared, claimed) {
        (Value::Record(_), Value::Record(_)) => None,
        _ if target.machine != X86_64 => {
            let note = "whether a struct is passed like a scalar on this machine is not known";
            differs(Verdict::Unverified, note)
        }
        // These agree. libffi can describe an __int128 only as a struct. A caller without complex types uses a struct
        // for them too. A result that is a struct of one `long double` is only correct as a `long double`.
        (Value::Complex { .. }, Value::Record(_)) => None,
        (Value::Scalar { class, size: 16 }, Value::Record(_)) if class.is_integral() => None,
        (Value::Record(_), Value::Scalar { size: 16, .. }) if role == Role::Result => None,
        _ => differs(Verdict::Differs, "one of them is a struct"),
    }
}

#[cfg(test)]
mod tests;
