//! Scalars against scalars: rows 7 to 13, 20 and 21 of the table.

use super::value::{Difference, Role};
use super::{Rule, Verdict};
use crate::ctype::{ScalarClass, Target};

/// The claimed scalar against the declared one: class and size in bytes of each.
pub(super) fn compare(
    (declared, size): (ScalarClass, u64),
    (claimed, claimed_size): (ScalarClass, u64),
    role: Role,
    target: Target,
) -> Option<Difference> {
    use Verdict::{Differs, Mismatch};
    if !declared.is_integral() || !claimed.is_integral() {
        let same = declared == claimed && size == claimed_size;
        return (!same).then(|| Difference::of(Rule::NumberClass, Mismatch));
    }
    if claimed_size == size {
        return meaning(declared, claimed).map(|rule| Difference::of(rule, Differs));
    }
    let wider = claimed_size > size;
    let (rule, verdict, note) = match (role, wider) {
        (Role::Result, true) => {
            (Rule::ResultWider, Mismatch, "the upper bytes of the register are not defined")
        }
        (Role::Result, false) => (Rule::ResultNarrower, Mismatch, "the value is cut"),
        (Role::Argument, false) if size <= 4 => {
            (Rule::ArgumentNarrowerThanInt, Differs, "libffi extends it")
        }
        (Role::Argument, false) => {
            (Rule::ArgumentTooNarrow, Mismatch, "the upper bytes are not defined")
        }
        (Role::Argument, true) if claimed_size <= u64::from(target.pointer_size) => {
            (Rule::ArgumentWider, Differs, "the value is cut")
        }
        (Role::Argument, true) => {
            (Rule::ArgumentWider, Mismatch, "the arguments behind it land elsewhere")
        }
    };
    Some(Difference { note: Some(note.to_owned()), ..Difference::of(rule, verdict) })
}

/// The rule by which two integral classes of one size differ in meaning; `None`: they do not.
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
