//! Compares scalars: rows 7 to 13, 20 and 21 of the table.

use super::direction::Role;
use super::draft::Draft;
use super::{Rule, Verdict};
use crate::abi::ScalarClass;
use crate::ctype::Target;

/// The size of `int` in bytes.
pub(super) const INT: u64 = 4;

/// Compares the claimed scalar with the declared one. Each has its class and its size in bytes.
pub(super) fn compare(
    (declared, size): (ScalarClass, u64),
    (claimed, claimed_size): (ScalarClass, u64),
    role: Role,
    target: Target,
) -> Option<Draft<'static>> {
    use Verdict::{Differs, Mismatch};
    if !declared.is_integral() || !claimed.is_integral() {
        let same = declared == claimed && size == claimed_size;
        return (!same).then(|| Draft::new(Rule::NumberClass, Mismatch));
    }
    if claimed_size == size {
        let beyond_bool = matches!(declared, ScalarClass::Enumeration { beyond_bool: true, .. });
        if beyond_bool && claimed == ScalarClass::Boolean && role == Role::Result {
            let note = "a _Bool holds 0 and 1 only";
            return Some(Draft::noted(Rule::ResultNarrower, Differs, note));
        }
        return meaning(declared, claimed).map(|rule| Draft::new(rule, Differs));
    }
    let wider = claimed_size > size;
    let boolean = claimed == ScalarClass::Boolean && role == Role::Result;
    let (rule, verdict, note) = match (role, wider) {
        (Role::Result, true) => {
            (Rule::ResultWider, Mismatch, "the upper bytes of the register are not defined")
        }
        (Role::Result, false) if boolean => {
            let (verdict, note) = read_as_boolean(declared, size, target);
            (Rule::ResultNarrower, verdict, note)
        }
        (Role::Result, false) => (Rule::ResultNarrower, Mismatch, "the value is cut"),
        (Role::Argument, false) if size <= INT => {
            (Rule::ArgumentNarrowerThanInt, Differs, "libffi extends it")
        }
        (Role::Argument, false) => {
            (Rule::ArgumentTooNarrow, Mismatch, "the upper bytes are not defined")
        }
        (Role::Argument, true) if claimed == ScalarClass::Pointer => {
            (Rule::ArgumentWider, Mismatch, "the pointer is cut")
        }
        (Role::Argument, true) if claimed_size <= u64::from(target.pointer_size) => {
            (Rule::ArgumentWider, Differs, "the value is cut")
        }
        (Role::Argument, true) => {
            (Rule::ArgumentWider, Mismatch, "the arguments after it are passed at other places")
        }
    };
    Some(Draft::noted(rule, verdict, note))
}

/// The verdict on a `_Bool` that is read from a wider integer. It reads the lowest byte, if that byte comes first.
/// Functions that return 0 or 1 are often declared to return an int or an enumeration.
fn read_as_boolean(declared: ScalarClass, size: u64, target: Target) -> (Verdict, &'static str) {
    match declared {
        _ if !target.little_endian => (Verdict::Mismatch, "the value is cut"),
        ScalarClass::Enumeration { beyond_bool: false, .. } => {
            (Verdict::Differs, "the library's constants are 0 and 1, so the value is kept")
        }
        ScalarClass::Integer { .. } if size <= INT => {
            (Verdict::Differs, "a value other than 0 and 1 is cut")
        }
        _ => (Verdict::Mismatch, "the value is cut"),
    }
}

/// The rule by which two integral classes of one size differ in meaning. `None` if they do not differ.
pub(super) fn meaning(declared: ScalarClass, claimed: ScalarClass) -> Option<Rule> {
    use ScalarClass::{Boolean, Enumeration, Integer, Pointer};
    let unsigned = |class| matches!(class, Boolean | Integer { signed: false });
    match (declared, claimed) {
        (Pointer, Pointer) => None,
        (Pointer, _) | (_, Pointer) => Some(Rule::PointerAgainstInteger),
        (Enumeration { .. }, _) | (_, Enumeration { .. }) => None,
        _ => (unsigned(declared) != unsigned(claimed)).then_some(Rule::IntegerSignedness),
    }
}
