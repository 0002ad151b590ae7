//! Compares a call, as the caller prepares it, with the function's type: rows 1 to 22, 36 and 37 of the compatibility
//! table. Also used for a callback, which the library calls ([`Direction::Callback`]).

use super::callback::{caller_removes_arguments, forgive_generic, nothing_returned};
use super::direction::{Direction, Role};
use super::draft::Draft;
use super::hint::{self, Author};
use super::{unions, value, words, CallClaim, Claim, Position, Report, Rule, Verdict};
use crate::abi::{self, ScalarClass, Value};
use crate::ctype::machine::X86_64;
use crate::ctype::{Declaration, DeclarationKind, Function, Kind, Parameter, TypeId, Types};

/// Compares `claim` with `declaration`. Time and memory are proportional to the size of the two, and bounded.
pub fn check_call(declaration: &Declaration, claim: &CallClaim) -> Report {
    let Some(function) = declaration.function() else {
        let draft = not_a_function(declaration, "the caller calls it");
        return Report::new(vec![draft.finding(&declaration.symbol, None, Position::Call, "")]);
    };
    let call = Call {
        types: &declaration.types,
        function,
        parameters_known: declaration.parameters_known(),
        claim,
        claimed: None,
        direction: Direction::Call,
    };
    let finding = |draft: Draft<'_>| {
        let position = draft.position;
        draft.finding(&declaration.symbol, Some(function), position, "")
    };
    Report::new(call.drafts().into_iter().map(finding).collect())
}

/// Checks only the number of arguments. Used for a call with too many arguments to check their types.
pub(crate) fn check_number_of_arguments(declaration: &Declaration, count: usize) -> Report {
    let draft = match declaration.function() {
        None => not_a_function(declaration, "the caller calls it"),
        Some(function) if !function.variadic && function.parameters.len() < count => {
            let declared = counted(function.parameters.len(), "parameter");
            let text =
                format!("the library declares {declared}, the caller passes {count} arguments");
            Draft::noted(Rule::ArgumentCount, Verdict::Mismatch, text)
        }
        Some(_) => {
            let text = format!("the types were not checked: {count} arguments are too many");
            Draft::noted(Rule::NotKnown, Verdict::Unverified, text)
        }
    };
    let function = declaration.function();
    Report::new(vec![draft.finding(&declaration.symbol, function, Position::Call, "")])
}

/// The finding on a claimed function if the declaration is not a function.
pub(super) fn not_a_function(declaration: &Declaration, caller: &str) -> Draft<'static> {
    let ty = declaration.types.resolved(declaration.ty);
    let (rule, verdict, text) = match (&declaration.kind, &ty.kind) {
        (DeclarationKind::Variable, _) => {
            let text = format!("the library declares a variable, {caller}");
            (Rule::FunctionAgainstVariable, Verdict::Mismatch, text)
        }
        (DeclarationKind::Type, _) => {
            let text = format!("it is a type, {caller}");
            (Rule::FunctionAgainstVariable, Verdict::Mismatch, text)
        }
        (DeclarationKind::Function, Kind::Unknown { reason }) => {
            let text = format!("its type is not known: {reason}");
            (Rule::NotKnown, Verdict::Unverified, text)
        }
        (DeclarationKind::Function, _) => {
            (Rule::NotKnown, Verdict::Unverified, "its type is not known".to_owned())
        }
    };
    Draft::noted(rule, verdict, text)
}

/// A function's type and the claim about it.
pub(super) struct Call<'a> {
    pub(super) types: &'a Types,
    pub(super) function: &'a Function,
    /// Whether the function's parameters are known.
    pub(super) parameters_known: bool,
    pub(super) claim: &'a CallClaim,
    /// If the claim is a type, its table and the function type.
    pub(super) claimed: Option<(&'a Types, &'a Function)>,
    pub(super) direction: Direction,
}

impl Call<'_> {
    /// All findings.
    pub(super) fn drafts(&self) -> Vec<Draft<'static>> {
        let mut drafts = self.all_drafts();
        forgive_generic(self, &mut drafts);
        drafts
    }

    fn all_drafts(&self) -> Vec<Draft<'static>> {
        let mut drafts = Vec::new();
        self.convention(&mut drafts);
        self.result(&mut drafts);
        // The claim says nothing if it is an empty list without a prototype and the function has parameters.
        let claim_says = self.claimed.is_none_or(|(_, claimed)| {
            let says = claimed.prototyped || !claimed.parameters.is_empty();
            says || self.function.parameters.is_empty()
        });
        if !self.parameters_known || !claim_says {
            if !self.claim.arguments.is_empty() || !claim_says {
                let known = self.parameters_known;
                let whose = if known { "the caller declares it" } else { "it is declared" };
                let text = format!("{whose} without a prototype, so its arguments are not checked");
                let (rule, verdict) = (Rule::UnprototypedDeclaration, Verdict::Unverified);
                drafts.push(Draft::noted(rule, verdict, text));
            }
            return drafts;
        }
        drafts.extend(self.count());
        drafts.extend(self.variadic());
        let mut parameters = self.function.parameters.iter();
        for (index, argument) in self.claim.arguments.iter().enumerate() {
            match parameters.next() {
                Some(parameter) => self.argument(parameter, index + 1, argument, &mut drafts),
                None if self.function.variadic => {
                    drafts.extend(self.variadic_argument(index + 1, argument));
                }
                None => {}
            }
        }
        drafts
    }

    fn convention(&self, drafts: &mut Vec<Draft<'static>>) {
        let claimed = self.claimed.and_then(|(_, claimed)| claimed.convention);
        let text = match (self.function.convention, self.claim.default_abi) {
            (None, true) => return,
            (Some(code), _) if claimed == Some(code) => return,
            (Some(code), true) => {
                let text = format!(
                    "the library declares calling convention {code:#x}, the caller uses the machine's normal one"
                );
                let (rule, verdict) = (Rule::CallingConvention, Verdict::Mismatch);
                return drafts.push(Draft::noted(rule, verdict, text));
            }
            (Some(code), false) => format!(
                "the library declares calling convention {code:#x}, the caller uses another ABI than the default one"
            ),
            // GCC does not record `ms_abi` and similar conventions.
            (None, false) => {
                "the caller uses another ABI than the default one, the library does not say whether that is right"
                    .to_owned()
            }
        };
        let (rule, verdict) = (Rule::CallingConvention, Verdict::Unverified);
        drafts.push(Draft::noted(rule, verdict, text));
    }

    fn count(&self) -> Option<Draft<'static>> {
        let (declared, claimed) = (self.function.parameters.len(), self.claim.arguments.len());
        if claimed == declared || (claimed > declared && self.function.variadic) {
            return None;
        }
        let least = if self.function.variadic { "at least " } else { "" };
        let text = match self.direction {
            Direction::Call => format!(
                "the library declares {least}{}, the caller passes {}",
                counted(declared, "parameter"),
                counted(claimed, "argument")
            ),
            Direction::Callback => format!(
                "the library passes {least}{}, the callback takes {}",
                counted(declared, "argument"),
                counted(claimed, "parameter")
            ),
        };
        let fewer = self.direction == Direction::Callback && claimed < declared;
        let ignored = fewer && caller_removes_arguments(self);
        let verdict = if ignored { Verdict::Differs } else { Verdict::Mismatch };
        Some(Draft::noted(Rule::ArgumentCount, verdict, text))
    }

    fn variadic(&self) -> Option<Draft<'static>> {
        // x86-64 passes both kinds of call alike, and libffi always passes the number of vector registers.
        let alike = self.types.target().machine == X86_64;
        let verdict = if alike { Verdict::Differs } else { Verdict::Mismatch };
        let declared = self.function.parameters.len();
        let (rule, text) = match (self.function.variadic, self.claim.fixed) {
            (false, None) => return None,
            (true, Some(fixed)) if fixed == declared => return None,
            (true, None) => {
                let text = "the library declares it variadic, the call is prepared as not variadic";
                (Rule::VariadicPreparedAsFixed, text.to_owned())
            }
            (true, Some(fixed)) => {
                let text = format!(
                    "the library declares {} before the variadic ones, the call is prepared with {fixed}",
                    counted(declared, "parameter")
                );
                (Rule::VariadicPreparedAsFixed, text)
            }
            (false, Some(_)) => {
                let text = "the library declares it not variadic, the call is prepared as variadic";
                (Rule::FixedPreparedAsVariadic, text.to_owned())
            }
        };
        Some(Draft::noted(rule, verdict, text))
    }

    fn result(&self, drafts: &mut Vec<Draft<'static>>) {
        let declared = abi::by_value(self.types, self.function.result);
        let Claim::Value(claimed) = &self.claim.result else {
            return self.push(Position::Result, None, &declared, false, drafts);
        };
        let target = self.types.target();
        // A class passed by reference is accessed through a pointer in both directions, so its role is the same.
        let role = match declared {
            Value::Reference => Role::Result,
            _ => self.direction.of_result(),
        };
        let mut found = match (self.direction, &declared, claimed) {
            _ if self.is_equal(&declared, claimed) => Vec::new(),
            (Direction::Call, ..) => value::compare(&declared, claimed, role, target),
            (_, Value::Void, Value::Void | Value::Unknown { .. }) => Vec::new(),
            (_, Value::Void, _) => value::ignored_result(claimed, target),
            (_, Value::Unknown { .. }, _) => vec![Draft::new(Rule::NotKnown, Verdict::Unverified)],
            (_, _, Value::Void) => vec![nothing_returned(&declared)],
            (Direction::Callback, ..) => value::compare(&declared, claimed, role, target),
        };
        self.add_unions(Position::Result, &mut found);
        self.push(Position::Result, Some((claimed, found)), &declared, false, drafts);
    }

    fn argument(
        &self,
        parameter: &Parameter,
        number: usize,
        claim: &Claim,
        drafts: &mut Vec<Draft<'static>>,
    ) {
        let mut declared = abi::by_value(self.types, parameter.ty);
        let mut promoted = false;
        if !self.function.prototyped {
            let before = declared.clone();
            declared = declared.promoted();
            promoted = before != declared;
        }
        let position = Position::Argument(number);
        let Claim::Value(claimed) = claim else {
            return self.push(position, None, &declared, promoted, drafts);
        };
        let role = match declared {
            Value::Reference => Role::Argument,
            _ => self.direction.of_arguments(),
        };
        let mut found = Vec::new();
        if !self.is_equal(&declared, claimed) {
            found = value::compare(&declared, claimed, role, self.types.target());
        }
        self.add_unions(position, &mut found);
        self.push(position, Some((claimed, found)), &declared, promoted, drafts);
    }

    /// Adds findings on the unions and bit-fields of a claimed type, unless the bytes already contradict each other.
    fn add_unions(&self, position: Position, found: &mut Vec<Draft<'static>>) {
        let Some((types, claimed)) = self.claimed else { return };
        let sides = (type_at(self.function, position), type_at(claimed, position));
        let (Some(ours), Some(theirs)) = sides else { return };
        if !found.iter().any(|draft| draft.verdict == Verdict::Mismatch) {
            found.extend(unions::compare((self.types, ours), (types, theirs)));
        }
    }

    /// Whether the two are known to be equal. Equal types agree even if libffi cannot pass them, because a claim of
    /// types is not a libffi call.
    fn is_equal(&self, declared: &Value, claimed: &Value) -> bool {
        let known = match declared {
            Value::Unknown { .. } => false,
            Value::Scalar { class, .. } => *class != ScalarClass::Unknown,
            Value::Record(bytes) => bytes.complete,
            Value::Void | Value::Complex { .. } | Value::Reference => true,
        };
        self.claimed.is_some() && known && declared == claimed
    }

    /// Checks an argument after the declared parameters.
    fn variadic_argument(&self, number: usize, claim: &Claim) -> Option<Draft<'static>> {
        let (verdict, rule, claimed) = match claim {
            Claim::Any => (Verdict::Unverified, Rule::NotKnown, ANY.to_owned()),
            Claim::Value(value) => {
                let (verdict, rule) = match value {
                    Value::Unknown { .. } => (Verdict::Unverified, Rule::NotKnown),
                    Value::Void | Value::Scalar { class: ScalarClass::Float, size: 4 } => {
                        (Verdict::Mismatch, Rule::UnpromotedVariadicArgument)
                    }
                    Value::Scalar { class, size: 1 | 2 } if class.is_integral() => {
                        (Verdict::Mismatch, Rule::UnpromotedVariadicArgument)
                    }
                    _ => return None,
                };
                (verdict, rule, self.claim_in_words(Position::Argument(number), value))
            }
        };
        let sentence = format!(
            "the library reads a variadic argument, which arrives promoted, the caller passes {claimed}"
        );
        let draft = Draft::new(rule, verdict).in_words("...", &claimed, &sentence);
        Some(Draft { position: Position::Argument(number), ..draft })
    }

    /// Puts the findings at a position into words. `claim` is `None` if nothing is claimed there.
    fn push(
        &self,
        position: Position,
        claim: Option<(&Value, Vec<Draft<'static>>)>,
        value: &Value,
        promoted: bool,
        drafts: &mut Vec<Draft<'static>>,
    ) {
        let (claimed_value, found) = match claim {
            Some((claimed, found)) => (Some(claimed), found),
            None => (None, vec![Draft::new(Rule::NotKnown, Verdict::Unverified)]),
        };
        if found.is_empty() {
            return;
        }
        let Some(ty) = type_at(self.function, position) else { return };
        let ours = words::declared(self.types, ty, value, promoted);
        let theirs = match claimed_value {
            Some(claimed) => self.claim_in_words(position, claimed),
            None => ANY.to_owned(),
        };
        let is_argument = matches!(position, Position::Argument(_));
        let sentence = match (self.direction, is_argument) {
            (Direction::Call, false) => {
                format!("the library returns {ours}, the caller reads {theirs}")
            }
            (Direction::Call, true) => {
                format!("the library declares {ours}, the caller passes {theirs}")
            }
            (Direction::Callback, false) => {
                format!("the library expects {ours}, the callback returns {theirs}")
            }
            (Direction::Callback, true) => {
                format!("the library passes {ours}, the callback takes {theirs}")
            }
        };
        let author = if self.claimed.is_some() { Author::Caller } else { Author::Runtime };
        for draft in found {
            let claimed = claimed_value.filter(|_| self.direction == Direction::Call);
            let hint = claimed.and_then(|claimed| {
                hint::of_values(draft.rule, (self.types, ty), value, claimed, author)
            });
            let draft = draft.in_words(&ours, &theirs, &sentence);
            drafts.push(Draft { position, hint, ..draft });
        }
    }

    /// The claim at a position in words. It is spelled as a type if the claim has one.
    fn claim_in_words(&self, position: Position, value: &Value) -> String {
        let ty = self.claimed.and_then(|(types, own)| Some((types, type_at(own, position)?)));
        match ty {
            Some((types, ty)) => words::declared(types, ty, value, false),
            None => words::claimed(value),
        }
    }
}

/// The type of a parameter, or the type of the result for any other position.
fn type_at(function: &Function, position: Position) -> Option<TypeId> {
    match position {
        Position::Argument(number) => function.parameters.get(number - 1).map(|own| own.ty),
        _ => Some(function.result),
    }
}

const ANY: &str = "what is converted at call time";

/// `1 parameter`, `3 parameters`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
