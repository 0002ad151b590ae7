//! What a callback may leave out: its last parameters, its result, its whole signature.

use super::call::{Call, Drafted};
use super::value::Difference;
use super::{scalar, Rule, Verdict};
use crate::ctype::machine::{AARCH64, ARM, I386, PPC64, RISCV, S390, X86_64};
use crate::ctype::{ScalarClass, Value};

impl Call<'_> {
    /// Whether the library takes any callback: `void (*)(void)` is also how C writes that the signature is another one.
    pub(super) fn is_generic(&self) -> bool {
        self.exchanged && self.function.parameters.is_empty() && !self.function.variadic
    }

    /// Of a generic callback, whatever is otherwise is one harmless finding. What is not known stays so.
    pub(super) fn forgive_generic(&self, drafts: &mut Vec<Drafted>) {
        let says = |draft: &Drafted| draft.rule != Rule::NotKnown;
        if self.is_generic() && drafts.iter().any(says) {
            let text = "the library declares no parameters: the real signature is not known";
            let (rule, verdict) = (Rule::Callback, Verdict::Differs);
            *drafts = vec![Drafted::of_call(rule, verdict, text.to_owned())];
        }
    }

    /// Whether who calls removes the arguments, so that a callback need not know of the last ones.
    pub(super) fn caller_removes_arguments(&self) -> bool {
        let known = matches!(
            self.types.target().machine,
            I386 | PPC64 | S390 | ARM | X86_64 | AARCH64 | RISCV
        );
        known && self.function.convention.is_none()
    }
}

/// A callback that returns nothing, where the library expects something.
pub(super) fn nothing_returned(declared: &Value) -> Difference {
    match declared {
        Value::Scalar { class, size }
            if class.is_integral() && *class != ScalarClass::Pointer && *size <= scalar::INT =>
        {
            let note = "it reads what was left in the register, unless it ignores the value";
            Difference::noted(Rule::ResultOfVoid, Verdict::Differs, note)
        }
        _ => Difference::of(Rule::ResultOfVoid, Verdict::Mismatch),
    }
}

#[cfg(test)]
mod tests;
