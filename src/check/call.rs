//! A call as its caller prepares it against the function's declaration: rows 1 to 22, 36 and 37.

use super::value::{self, Difference, Role};
use super::{words, CallClaim, Claim, Finding, Position, Report, Rule, Verdict};
use crate::ctype::{
    Declaration, DeclarationKind, Function, Kind, Name, Parameter, ScalarClass, Value,
};

const X86_64: u16 = 62;

/// Holds `claim` against `declaration`. Takes time and memory in proportion to the two, bounded.
pub fn check_call(declaration: &Declaration, claim: &CallClaim) -> Report {
    let mut judge = Judge { declaration, findings: Vec::new() };
    match declaration.function() {
        Some(function) => judge.call(function, claim),
        None => judge.not_a_function(),
    }
    Report::new(judge.findings)
}

struct Judge<'a> {
    declaration: &'a Declaration,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn not_a_function(&mut self) {
        let ty = self.declaration.types.resolved(self.declaration.ty);
        match (&self.declaration.kind, &ty.kind) {
            (DeclarationKind::Variable, _) => {
                let text = "the library declares a variable, the caller calls it";
                self.about_call(Rule::FunctionAgainstVariable, Verdict::Mismatch, text);
            }
            (DeclarationKind::Type, _) => {
                let text = "it is a type, the caller calls it";
                self.about_call(Rule::FunctionAgainstVariable, Verdict::Mismatch, text);
            }
            (DeclarationKind::Function, Kind::Unknown { reason }) => {
                let text = format!("its type is not known: {reason}");
                self.about_call(Rule::NotKnown, Verdict::Unverified, &text);
            }
            (DeclarationKind::Function, _) => {
                self.about_call(Rule::NotKnown, Verdict::Unverified, "its type is not known");
            }
        }
    }

    fn call(&mut self, function: &Function, claim: &CallClaim) {
        self.convention(function, claim);
        self.result(function, &claim.result);
        if !self.declaration.parameters_known() {
            if !claim.arguments.is_empty() {
                let text = "it is declared without a prototype, so its arguments are not checked";
                self.about_call(Rule::UnprototypedDeclaration, Verdict::Unverified, text);
            }
            return;
        }
        self.count(function, claim);
        self.variadic(function, claim);
        let mut parameters = function.parameters.iter();
        for (index, argument) in claim.arguments.iter().enumerate() {
            match parameters.next() {
                Some(parameter) => self.argument(function, parameter, index + 1, argument),
                None if function.variadic => self.variadic_argument(index + 1, argument),
                None => {}
            }
        }
    }

    fn convention(&mut self, function: &Function, claim: &CallClaim) {
        match (function.convention, claim.default_abi) {
            (None, true) => {}
            (Some(code), true) => {
                let text = format!(
                    "the library declares calling convention {code:#x}, the caller uses the machine's normal one"
                );
                self.about_call(Rule::CallingConvention, Verdict::Mismatch, &text);
            }
            (Some(code), false) => {
                let text = format!(
                    "the library declares calling convention {code:#x}, the caller uses another ABI than the default one"
                );
                self.about_call(Rule::CallingConvention, Verdict::Unverified, &text);
            }
            // GCC does not record ms_abi and its like.
            (None, false) => {
                let text = "the caller uses another ABI than the default one, the library does not say whether that is right";
                self.about_call(Rule::CallingConvention, Verdict::Unverified, text);
            }
        }
    }

    fn count(&mut self, function: &Function, claim: &CallClaim) {
        let (declared, claimed) = (function.parameters.len(), claim.arguments.len());
        if claimed == declared || (claimed > declared && function.variadic) {
            return;
        }
        let least = if function.variadic { "at least " } else { "" };
        let text = format!(
            "the library declares {least}{}, the caller passes {}",
            counted(declared, "parameter"),
            counted(claimed, "argument")
        );
        self.about_call(Rule::ArgumentCount, Verdict::Mismatch, &text);
    }

    fn variadic(&mut self, function: &Function, claim: &CallClaim) {
        // x86-64 passes both alike, and libffi always tells the number of vector registers.
        let alike = self.declaration.types.target().machine == X86_64;
        let verdict = if alike { Verdict::Differs } else { Verdict::Mismatch };
        let declared = function.parameters.len();
        match (function.variadic, claim.fixed) {
            (false, None) => {}
            (true, Some(fixed)) if fixed == declared => {}
            (true, None) => {
                let text = "the library declares it variadic, the call is prepared as not variadic";
                self.about_call(Rule::VariadicPreparedAsFixed, verdict, text);
            }
            (true, Some(fixed)) => {
                let text = format!(
                    "the library declares {} before the variadic ones, the call is prepared with {fixed}",
                    counted(declared, "parameter")
                );
                self.about_call(Rule::VariadicPreparedAsFixed, verdict, &text);
            }
            (false, Some(_)) => {
                let text = "the library declares it not variadic, the call is prepared as variadic";
                self.about_call(Rule::FixedPreparedAsVariadic, verdict, text);
            }
        }
    }

    fn result(&mut self, function: &Function, claim: &Claim) {
        let types = &self.declaration.types;
        let declared = types.by_value(function.result);
        let (differences, claimed) = self.differences(&declared, claim, Role::Result);
        if differences.is_empty() {
            return;
        }
        let declared = words::declared(types, function.result, &declared, false);
        for difference in differences {
            let text =
                format!("result: the library returns {declared}, the caller reads {claimed}");
            self.push(Position::Result, difference, declared.clone(), claimed.clone(), text);
        }
    }

    fn argument(
        &mut self,
        function: &Function,
        parameter: &Parameter,
        number: usize,
        claim: &Claim,
    ) {
        let types = &self.declaration.types;
        let mut declared = types.by_value(parameter.ty);
        let mut promoted = false;
        if !function.prototyped {
            let before = declared.clone();
            declared = declared.promoted();
            promoted = before != declared;
        }
        let (differences, claimed) = self.differences(&declared, claim, Role::Argument);
        if differences.is_empty() {
            return;
        }
        let declared = words::declared(types, parameter.ty, &declared, promoted);
        let name = parameter.name.as_ref().map(|name| format!(" ('{name}')")).unwrap_or_default();
        for difference in differences {
            let text = format!(
                "argument {number}{name}: the library declares {declared}, the caller passes {claimed}"
            );
            let position = Position::Argument(number);
            self.push(position, difference, declared.clone(), claimed.clone(), text);
        }
    }

    /// An argument past the declared parameters.
    fn variadic_argument(&mut self, number: usize, claim: &Claim) {
        let position = Position::Argument(number);
        let declared = "...".to_owned();
        let (verdict, rule, claimed) = match claim {
            Claim::Any => {
                (Verdict::Unverified, Rule::NotKnown, "what is converted at call time".to_owned())
            }
            Claim::Value(value) => {
                let (verdict, rule) = match value {
                    Value::Unknown { .. } => (Verdict::Unverified, Rule::NotKnown),
                    Value::Void | Value::Scalar { class: ScalarClass::Float, size: 4 } => {
                        (Verdict::Mismatch, Rule::UnpromotedVariadicArgument)
                    }
                    Value::Scalar { class, size: 1 | 2 } if class.is_integral() => {
                        (Verdict::Mismatch, Rule::UnpromotedVariadicArgument)
                    }
                    _ => return,
                };
                (verdict, rule, words::claimed(value))
            }
        };
        let text = format!(
            "argument {number}: the library reads a variadic argument, which arrives promoted, the caller passes {claimed}"
        );
        self.push(position, Difference::of(rule, verdict), declared, claimed, text);
    }

    /// The differences, and the claim in words if there are any.
    fn differences(
        &self,
        declared: &Value,
        claim: &Claim,
        role: Role,
    ) -> (Vec<Difference>, String) {
        match claim {
            Claim::Any => (
                vec![Difference::of(Rule::NotKnown, Verdict::Unverified)],
                "what is converted at call time".to_owned(),
            ),
            Claim::Value(value) => {
                let target = self.declaration.types.target();
                let differences = value::compare(declared, value, role, target);
                let words =
                    if differences.is_empty() { String::new() } else { words::claimed(value) };
                (differences, words)
            }
        }
    }

    fn push(
        &mut self,
        position: Position,
        difference: Difference,
        declared: String,
        claimed: String,
        mut text: String,
    ) {
        let Difference { rule, verdict, bytes, note } = difference;
        if let Some(bytes) = &bytes {
            text.push_str(&format!("; bytes {}..{}", bytes.start, bytes.end));
        }
        match (&bytes, note) {
            (Some(_), Some(note)) => text.push_str(&format!(": {note}")),
            (None, Some(note)) => text.push_str(&format!("; {note}")),
            (_, None) => {}
        }
        let sentence = Name::new(&format!("{}: {text}", self.declaration.symbol));
        let (declared, claimed) = (Name::new(&declared), Name::new(&claimed));
        self.findings.push(Finding {
            rule,
            verdict,
            position,
            path: "".into(),
            bytes,
            declared,
            claimed,
            sentence,
            hint: None,
            layout: None,
        });
    }

    fn about_call(&mut self, rule: Rule, verdict: Verdict, text: &str) {
        let difference = Difference::of(rule, verdict);
        self.push(Position::Call, difference, String::new(), String::new(), text.to_owned());
    }
}

/// `1 parameter`, `3 parameters`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
