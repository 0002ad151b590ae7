//! What a callback may leave out: its last parameters, its result, its whole signature.

use super::call::Call;
use super::direction::Direction;
use super::draft::Draft;
use super::{scalar, Rule, Verdict};
use crate::abi::{ScalarClass, Value};
use crate::ctype::machine::{AARCH64, ARM, I386, PPC64, RISCV, S390, X86_64};

/// Whether the library takes any callback: `void (*)(void)` is also how C writes that the signature is another one.
pub(super) fn is_generic(call: &Call<'_>) -> bool {
    let function = call.function;
    call.direction == Direction::Callback && function.parameters.is_empty() && !function.variadic
}

/// Of a generic callback, whatever is otherwise is one harmless finding (32). What is not known stays so.
pub(super) fn forgive_generic(call: &Call<'_>, drafts: &mut Vec<Draft<'static>>) {
    if is_generic(call) && drafts.iter().any(|draft| draft.rule != Rule::NotKnown) {
        let text = "the library declares no parameters: the real signature is not known";
        *drafts = vec![Draft::noted(Rule::Callback, Verdict::Differs, text)];
    }
}

/// Whether who calls removes the arguments, so that a callback need not know of the last ones.
pub(super) fn caller_removes_arguments(call: &Call<'_>) -> bool {
    let machine = call.types.target().machine;
    let known = matches!(machine, I386 | PPC64 | S390 | ARM | X86_64 | AARCH64 | RISCV);
    known && call.function.convention.is_none()
}

/// A callback that returns nothing, where the library expects something.
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
