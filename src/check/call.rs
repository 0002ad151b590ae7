//! A call as its caller prepares it against the function's type: rows 1 to 22, 36 and 37. The same for a callback, which
//! the library calls: the roles of argument and result are exchanged.

use std::ops::Range;

use super::callback::nothing_returned;
use super::value::{self, Difference, Role};
use super::{hint, unions, words, CallClaim, Claim, Finding, Position, Report, Rule, Verdict};
use crate::ctype::machine::X86_64;
use crate::ctype::{
    Declaration, DeclarationKind, Function, Kind, Name, Parameter, ScalarClass, Types, Value,
};

/// Holds `claim` against `declaration`. Takes time and memory in proportion to the two, bounded.
pub fn check_call(declaration: &Declaration, claim: &CallClaim) -> Report {
    let Some(function) = declaration.function() else {
        let draft = not_a_function(declaration, "the caller calls it");
        return Report::new(vec![draft.finding(&declaration.symbol, None, Position::Call, "")]);
    };
    let call = Call {
        types: &declaration.types,
        function,
        known: declaration.parameters_known(),
        claim,
        typed: None,
        exchanged: false,
    };
    let finding = |draft: Drafted| draft.at_its_place(&declaration.symbol, function);
    Report::new(call.drafts().into_iter().map(finding).collect())
}

/// Of a call with more arguments than are looked at, their number alone is judged.
pub(crate) fn check_number_of_arguments(declaration: &Declaration, count: usize) -> Report {
    let draft = match declaration.function() {
        None => not_a_function(declaration, "the caller calls it"),
        Some(function) if !function.variadic && function.parameters.len() < count => {
            let declared = counted(function.parameters.len(), "parameter");
            let text =
                format!("the library declares {declared}, the caller passes {count} arguments");
            Drafted::of_call(Rule::ArgumentCount, Verdict::Mismatch, text)
        }
        Some(_) => {
            let text = format!("the types were not checked: {count} arguments are too many");
            Drafted::of_call(Rule::NotKnown, Verdict::Unverified, text)
        }
    };
    Report::new(vec![draft.finding(
        &declaration.symbol,
        declaration.function(),
        Position::Call,
        "",
    )])
}

/// A function is claimed, and the declaration is of something else.
pub(super) fn not_a_function(declaration: &Declaration, caller: &str) -> Drafted {
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
    Drafted::of_call(rule, verdict, text)
}

/// The place in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// All of it.
    Call,
    Result,
    /// From 1.
    Argument(usize),
}

impl Place {
    fn position(self) -> Position {
        match self {
            Place::Call => Position::Call,
            Place::Result => Position::Result,
            Place::Argument(number) => Position::Argument(number),
        }
    }
}

/// A finding before it is told where.
pub(super) struct Drafted {
    pub(super) rule: Rule,
    pub(super) verdict: Verdict,
    pub(super) place: Place,
    pub(super) bytes: Option<Range<u64>>,
    pub(super) declared: String,
    pub(super) claimed: String,
    pub(super) text: String,
    pub(super) hint: Option<String>,
}

impl Drafted {
    pub(super) fn of_call(rule: Rule, verdict: Verdict, text: String) -> Drafted {
        let (declared, claimed) = (String::new(), String::new());
        let place = Place::Call;
        Drafted { rule, verdict, place, bytes: None, declared, claimed, text, hint: None }
    }

    /// A finding about the declared function itself.
    pub(super) fn at_its_place(self, symbol: &Name, function: &Function) -> Finding {
        let position = self.place.position();
        self.finding(symbol, Some(function), position, "")
    }

    /// `sqlite3_open: argument 2 ('ppDb') → pointee: …`
    pub(super) fn finding(
        self,
        symbol: &Name,
        function: Option<&Function>,
        position: Position,
        path: &str,
    ) -> Finding {
        let mut sentence = symbol.to_string();
        match position {
            Position::Call | Position::Type | Position::Variable => {}
            Position::Result => sentence.push_str(": result"),
            Position::Argument(number) => {
                sentence.push_str(&format!(": argument {number}"));
                let parameter = function.and_then(|own| own.parameters.get(number - 1));
                if let Some(name) = parameter.and_then(|parameter| parameter.name.as_ref()) {
                    sentence.push_str(&format!(" ('{name}')"));
                }
            }
        }
        let apart = if path.starts_with(['.', '[']) || path.is_empty() { "" } else { " " };
        sentence.push_str(&format!("{apart}{path}: {}", self.text));
        Finding {
            rule: self.rule,
            verdict: self.verdict,
            at_call: false,
            position,
            path: Name::new(path),
            bytes: self.bytes,
            declared: Name::new(&self.declared),
            claimed: Name::new(&self.claimed),
            sentence: Name::new(&sentence),
            hint: self.hint.as_deref().map(Name::new),
            layout: None,
        }
    }
}

/// A function's type and what is claimed of it.
pub(super) struct Call<'a> {
    pub(super) types: &'a Types,
    pub(super) function: &'a Function,
    /// Whether its parameters are known.
    pub(super) known: bool,
    pub(super) claim: &'a CallClaim,
    /// The claim as a type of its own table, where there is one.
    pub(super) typed: Option<(&'a Types, &'a Function)>,
    /// A callback: the library calls what the caller gives it.
    pub(super) exchanged: bool,
}

impl Call<'_> {
    /// All that was found.
    pub(super) fn drafts(&self) -> Vec<Drafted> {
        let mut drafts = self.all_drafts();
        self.forgive_generic(&mut drafts);
        drafts
    }

    fn all_drafts(&self) -> Vec<Drafted> {
        let mut drafts = Vec::new();
        self.convention(&mut drafts);
        self.result(&mut drafts);
        // An empty list of the caller's that says nothing.
        let claim_says = self.typed.is_none_or(|(_, typed)| {
            typed.prototyped || !typed.parameters.is_empty() || self.function.parameters.is_empty()
        });
        if !self.known || !claim_says {
            if !self.claim.arguments.is_empty() || !claim_says {
                let whose = if self.known { "the caller declares it" } else { "it is declared" };
                let text = format!("{whose} without a prototype, so its arguments are not checked");
                let (rule, verdict) = (Rule::UnprototypedDeclaration, Verdict::Unverified);
                drafts.push(Drafted::of_call(rule, verdict, text));
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

    fn convention(&self, drafts: &mut Vec<Drafted>) {
        let claimed = self.typed.and_then(|(_, typed)| typed.convention);
        let text = match (self.function.convention, self.claim.default_abi) {
            (None, true) => return,
            (Some(code), _) if claimed == Some(code) => return,
            (Some(code), true) => {
                let text = format!(
                    "the library declares calling convention {code:#x}, the caller uses the machine's normal one"
                );
                let (rule, verdict) = (Rule::CallingConvention, Verdict::Mismatch);
                return drafts.push(Drafted::of_call(rule, verdict, text));
            }
            (Some(code), false) => format!(
                "the library declares calling convention {code:#x}, the caller uses another ABI than the default one"
            ),
            // GCC does not record ms_abi and its like.
            (None, false) => {
                "the caller uses another ABI than the default one, the library does not say whether that is right"
                    .to_owned()
            }
        };
        let (rule, verdict) = (Rule::CallingConvention, Verdict::Unverified);
        drafts.push(Drafted::of_call(rule, verdict, text));
    }

    fn count(&self) -> Option<Drafted> {
        let (declared, claimed) = (self.function.parameters.len(), self.claim.arguments.len());
        if claimed == declared || (claimed > declared && self.function.variadic) {
            return None;
        }
        let least = if self.function.variadic { "at least " } else { "" };
        let text = match self.exchanged {
            false => format!(
                "the library declares {least}{}, the caller passes {}",
                counted(declared, "parameter"),
                counted(claimed, "argument")
            ),
            true => format!(
                "the library passes {least}{}, the callback takes {}",
                counted(declared, "argument"),
                counted(claimed, "parameter")
            ),
        };
        let ignored = self.exchanged && claimed < declared && self.caller_removes_arguments();
        let verdict = if ignored { Verdict::Differs } else { Verdict::Mismatch };
        Some(Drafted::of_call(Rule::ArgumentCount, verdict, text))
    }

    fn variadic(&self) -> Option<Drafted> {
        // x86-64 passes both alike, and libffi always tells the number of vector registers.
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
        Some(Drafted::of_call(rule, verdict, text))
    }

    fn result(&self, drafts: &mut Vec<Drafted>) {
        let declared = self.types.by_value(self.function.result);
        let Claim::Value(claimed) = &self.claim.result else {
            return self.push(Place::Result, None, &declared, false, drafts);
        };
        let target = self.types.target();
        let role = match (self.exchanged, &declared) {
            // What it is read through is the same either way.
            (false, _) | (true, Value::Reference) => Role::Result,
            (true, _) => Role::Argument,
        };
        let mut differences = match (self.exchanged, &declared, claimed) {
            _ if self.is_equal(&declared, claimed) => Vec::new(),
            (true, Value::Void, Value::Void | Value::Unknown { .. }) => Vec::new(),
            (true, Value::Void, _) => value::ignored_result(claimed, target),
            (true, Value::Unknown { .. }, _) => {
                vec![Difference::of(Rule::NotKnown, Verdict::Unverified)]
            }
            (true, _, Value::Void) => vec![nothing_returned(&declared)],
            _ => value::compare(&declared, claimed, role, target),
        };
        self.add_unions(Place::Result, &mut differences);
        self.push(Place::Result, Some((claimed, differences)), &declared, false, drafts);
    }

    fn argument(
        &self,
        parameter: &Parameter,
        number: usize,
        claim: &Claim,
        drafts: &mut Vec<Drafted>,
    ) {
        let mut declared = self.types.by_value(parameter.ty);
        let mut promoted = false;
        if !self.function.prototyped {
            let before = declared.clone();
            declared = declared.promoted();
            promoted = before != declared;
        }
        let place = Place::Argument(number);
        let Claim::Value(claimed) = claim else {
            return self.push(place, None, &declared, promoted, drafts);
        };
        let role = match (self.exchanged, &declared) {
            (false, _) | (true, Value::Reference) => Role::Argument,
            (true, _) => Role::Result,
        };
        let mut differences = match self.is_equal(&declared, claimed) {
            true => Vec::new(),
            false => value::compare(&declared, claimed, role, self.types.target()),
        };
        self.add_unions(place, &mut differences);
        self.push(place, Some((claimed, differences)), &declared, promoted, drafts);
    }

    /// What a typed claim says of unions and bit-fields, unless the bytes contradict each other already.
    fn add_unions(&self, place: Place, differences: &mut Vec<Difference>) {
        let Some((types, typed)) = self.typed else { return };
        let of = |function: &Function| match place {
            Place::Argument(number) => function.parameters.get(number - 1).map(|own| own.ty),
            Place::Result | Place::Call => Some(function.result),
        };
        let (Some(ours), Some(theirs)) = (of(self.function), of(typed)) else { return };
        if !differences.iter().any(|found| found.verdict == Verdict::Mismatch) {
            differences.extend(unions::compare((self.types, ours), (types, theirs)));
        }
    }

    /// Equal types agree, also where libffi cannot pass them: a claim of types is not a call.
    fn is_equal(&self, declared: &Value, claimed: &Value) -> bool {
        let known = match declared {
            Value::Unknown { .. } => false,
            Value::Scalar { class, .. } => *class != ScalarClass::Unknown,
            Value::Record(bytes) => bytes.complete,
            Value::Void | Value::Complex { .. } | Value::Reference => true,
        };
        self.typed.is_some() && known && declared == claimed
    }

    /// An argument past the declared parameters.
    fn variadic_argument(&self, number: usize, claim: &Claim) -> Option<Drafted> {
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
                (verdict, rule, self.claimed(Place::Argument(number), value))
            }
        };
        let text = format!(
            "the library reads a variadic argument, which arrives promoted, the caller passes {claimed}"
        );
        let (place, declared) = (Place::Argument(number), "...".to_owned());
        Some(Drafted { rule, verdict, place, bytes: None, declared, claimed, text, hint: None })
    }

    /// Drafts of the differences; without a claim: nothing is claimed.
    fn push(
        &self,
        place: Place,
        claim: Option<(&Value, Vec<Difference>)>,
        value: &Value,
        promoted: bool,
        drafts: &mut Vec<Drafted>,
    ) {
        let (claimed_value, differences) = match claim {
            Some((claimed, differences)) => (Some(claimed), differences),
            None => (None, vec![Difference::of(Rule::NotKnown, Verdict::Unverified)]),
        };
        if differences.is_empty() {
            return;
        }
        let ty = match place {
            Place::Argument(number) => self.function.parameters.get(number - 1).map(|own| own.ty),
            Place::Result | Place::Call => Some(self.function.result),
        };
        let Some(ty) = ty else { return };
        let declared = words::declared(self.types, ty, value, promoted);
        let claimed = match claimed_value {
            Some(claimed) => self.claimed(place, claimed),
            None => ANY.to_owned(),
        };
        let sentence = match (self.exchanged, place) {
            (false, Place::Result | Place::Call) => {
                format!("the library returns {declared}, the caller reads {claimed}")
            }
            (false, Place::Argument(_)) => {
                format!("the library declares {declared}, the caller passes {claimed}")
            }
            (true, Place::Result | Place::Call) => {
                format!("the library expects {declared}, the callback returns {claimed}")
            }
            (true, Place::Argument(_)) => {
                format!("the library passes {declared}, the callback takes {claimed}")
            }
        };
        for Difference { rule, verdict, bytes, note } in differences {
            let mut text = sentence.clone();
            if let Some(bytes) = &bytes {
                text.push_str(&format!("; bytes {}..{}", bytes.start, bytes.end));
            }
            match (&bytes, note) {
                (Some(_), Some(note)) => text.push_str(&format!(": {note}")),
                (None, Some(note)) => text.push_str(&format!("; {note}")),
                (_, None) => {}
            }
            let hint = match (self.exchanged, claimed_value) {
                (false, Some(claimed)) => {
                    let declared_so = self.typed.is_some();
                    hint::of_values(rule, (self.types, ty), value, claimed, declared_so)
                }
                _ => None,
            };
            let (declared, claimed) = (declared.clone(), claimed.clone());
            drafts.push(Drafted { rule, verdict, place, bytes, declared, claimed, text, hint });
        }
    }

    /// What the caller claims at a place, in words: by its type where it has one.
    fn claimed(&self, place: Place, value: &Value) -> String {
        let Some((types, function)) = self.typed else { return words::claimed(value) };
        let ty = match place {
            Place::Argument(number) => function.parameters.get(number - 1).map(|own| own.ty),
            Place::Result | Place::Call => Some(function.result),
        };
        match ty {
            Some(ty) => words::declared(types, ty, value, false),
            None => words::claimed(value),
        }
    }
}

const ANY: &str = "what is converted at call time";

impl CallClaim {
    /// What a function type claims of a call of `declared`.
    pub(super) fn of_function(
        types: &Types,
        function: &Function,
        declared: &Function,
    ) -> CallClaim {
        let value = |id| match &types.resolved(id).kind {
            Kind::Unknown { .. } => Claim::Any,
            _ => Claim::Value(types.by_value(id)),
        };
        let argument = |parameter: &Parameter| match value(parameter.ty) {
            Claim::Value(value) if !function.prototyped => Claim::Value(value.promoted()),
            claim => claim,
        };
        CallClaim {
            default_abi: function.convention.is_none(),
            // Which of its parameters are variadic arguments of one call is not said.
            fixed: function.variadic.then_some(declared.parameters.len()),
            arguments: function.parameters.iter().map(argument).collect(),
            result: value(function.result),
        }
    }
}

/// `1 parameter`, `3 parameters`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
