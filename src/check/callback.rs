//! What a callback may leave out: its last parameters, its result, or its whole signature.

use super::call::Call;
use super::direction::Direction;
use super::draft::Draft;
use super::{scalar, Rule, Verdict};
use crate::abi::{ScalarClass, Value};
use crate::ctype::machine::{AARCH64, ARM, I386, PPC64, RISCV, S390, X86_64};

/// Whether the library accepts any callback. C code also writes `void (*)(void)` if the real signature is another
/// one.
pub(super) fn is_generic(call: &Call<'_>) -> bool {
    let function = call.function;
    call.direction == Direction::Callback && function.parameters.is_empty() && !function.variadic
}

/// Replaces the findings on a generic callback by one harmless finding (row 32). If all of them are `NotKnown`, they
/// stay.
pub(super) fn forgive_generic(call: &Call<'_>, drafts: &mut Vec<Draft<'static>>) {
    if is_generic(call) && drafts.iter().any(|draft| draft.rule != Rule::NotKnown) {
        let text = "the library declares no parameters: the real signature is not known";
        *drafts = vec![Draft::noted(Rule::Callback, Verdict::Differs, text)];
    }
}

/// Whether the calling function removes the arguments. If so, a callback need not declare the last parameters.
pub(super) fn caller_removes_arguments(call: &Call<'_>) -> bool {
    let machine = call.types.target().machine;
    let known = matches!(machine, I386 | PPC64 | S390 | ARM | X86_64 | AARCH64 | RISCV);
    known && call.function.convention.is_none()
}

/// The finding on a callback that returns nothing although the library expects a result.
pub(super) fn nothing_returned(declared: &Value) -> Draft<'static> {
    match declared {
        Value::Scalar { class, size }
            if class.is_integral() && *class != ScalarClass::Pointer && *size <= scalar::INT =>
        {
            let note = "it reads what was left in the register, unless it ignores the value";
            Draft::noted(Rule::ResultOfVoid, Verdict::Differs, note)
        }
        _ => Draft::new(Rule::ResultOfVoid, Verdict::Mismatch),
    }
}

#[cfg(test)]
mod tests;
