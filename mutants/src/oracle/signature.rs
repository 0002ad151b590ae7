//! Calls and callbacks: rows 1, 4 to 6, 18, 19 and 32.

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Function, Kind, TypeId};

use super::{Outcome, Reader, Role, Truth};

impl<'t> Reader<'t> {
    /// `caller_calls`: the caller calls the library's function; else the library calls the caller's.
    pub fn signature(self, d: &'t Function, c: &'t Function, caller_calls: bool) -> Outcome {
        if !d.prototyped || d.convention != c.convention {
            return Outcome::undecided("no prototype, or another calling convention");
        }
        let mut outcome = self.count(d, c, caller_calls);
        let generic = !caller_calls && d.parameters.is_empty() && !d.variadic;
        let (given, taken) = if caller_calls {
            (Role::Argument, Role::Result)
        } else {
            (Role::Result, Role::Argument)
        };
        let inner = Reader { outermost: false, ..self };
        for (index, (own, c)) in d.parameters.iter().zip(&c.parameters).enumerate() {
            let argument = if self.outermost { Some((d, index)) } else { self.argument };
            outcome.join(Reader { argument, ..inner }.value(given, own.ty, c.ty));
        }
        outcome.join(self.result(taken, caller_calls, d.result, c.result));
        // Whatever is called through `void (*)(void)` has another type, which nobody states.
        if generic && outcome.verdict() != Verdict::Match && outcome.is_known() {
            Outcome::of(Verdict::Differs, Rule::Callback, Truth::Meaning)
        } else {
            outcome
        }
    }

    fn count(self, d: &Function, c: &Function, caller_calls: bool) -> Outcome {
        let (declared, claimed) = (d.parameters.len(), c.parameters.len());
        let mut outcome = Outcome::default();
        if declared != claimed {
            // Who passes too little has undefined bits read; a surplus argument that comes last is not read.
            let too_little = (claimed < declared) == caller_calls;
            let common = d.parameters.iter().zip(&c.parameters);
            let moved = common.filter(|(d, c)| !self.same(d.ty, c.ty)).count() > 0;
            let surplus = if caller_calls { Truth::Meaning } else { Truth::Harmless };
            let truth = if too_little || moved { Truth::Harmful } else { surplus };
            match (caller_calls, d.variadic && c.variadic) {
                // The surplus is one call's variadic arguments.
                (true, true) if claimed > declared => {
                    outcome.unseen(if moved { Truth::Harmful } else { Truth::Harmless });
                    for extra in c.parameters.iter().skip(declared) {
                        if self.is_promoted(extra.ty) {
                            let rule = Rule::UnpromotedVariadicArgument;
                            outcome.add(Verdict::Mismatch, rule, Truth::Harmful);
                        }
                    }
                }
                (false, true) => {
                    return Outcome::undecided(
                        "a variadic callback with another number of parameters",
                    )
                }
                // The callback does not look at the last arguments.
                (false, false) if claimed < declared => {
                    outcome.add(Verdict::Differs, Rule::ArgumentCount, truth);
                }
                _ => outcome.add(Verdict::Mismatch, Rule::ArgumentCount, truth),
            }
        } else if d.variadic != c.variadic {
            let row = if d.variadic {
                Rule::VariadicPreparedAsFixed
            } else {
                Rule::FixedPreparedAsVariadic
            };
            outcome.add(Verdict::Differs, row, Truth::Harmless);
        }
        outcome
    }

    /// Whether the default argument promotions change it.
    fn is_promoted(self, id: TypeId) -> bool {
        self.scalar(id).is_some_and(|scalar| match scalar.class {
            super::scalar::Class::Float => scalar.size == 4,
            _ => scalar.size < 4,
        })
    }

    fn result(self, role: Role, caller_calls: bool, d: TypeId, c: TypeId) -> Outcome {
        let is_void = |id| matches!(self.kind(id), Kind::Void);
        // Who expects a value, and who gives one.
        let (expects, gives) = if caller_calls { (c, d) } else { (d, c) };
        match (is_void(expects), is_void(gives)) {
            (true, true) => Outcome::default(),
            (false, false) => Reader { outermost: false, ..self }.value(role, d, c),
            _ if matches!(self.kind(c), Kind::Unknown { .. }) => super::not_known(),
            (true, false) if self.by_hidden_pointer(gives) => {
                Outcome::of(Verdict::Mismatch, Rule::ResultThroughHiddenPointer, Truth::Harmful)
            }
            (true, false) => Outcome::default(),
            // Many libraries ignore what a callback returns; if not, they read what is left in the register.
            (false, true) if !caller_calls && self.is_at_most_int(expects) => {
                Outcome::of(Verdict::Differs, Rule::ResultOfVoid, Truth::Harmful)
            }
            // The same of a function that the library gives, if the caller calls it and looks.
            (false, true) if caller_calls && !self.outermost && self.is_integral(expects) => {
                Outcome::of(Verdict::Differs, Rule::ResultOfVoid, Truth::Harmful)
            }
            (false, true) => Outcome::of(Verdict::Mismatch, Rule::ResultOfVoid, Truth::Harmful),
        }
    }

    fn is_integral(self, id: TypeId) -> bool {
        use super::scalar::Class::Pointer;
        self.scalar(id)
            .is_some_and(|scalar| scalar.is_number() || matches!(scalar.class, Pointer(_)))
    }

    fn is_at_most_int(self, id: TypeId) -> bool {
        self.scalar(id).is_some_and(|scalar| scalar.is_number() && scalar.size <= 4)
    }

    /// Returned through a hidden pointer or on the x87 stack: psABI x86-64 §3.2.3, classes MEMORY, X87, COMPLEX_X87.
    fn by_hidden_pointer(self, id: TypeId) -> bool {
        match self.scalar(id) {
            Some(scalar) => match scalar.class {
                super::scalar::Class::Float => scalar.size == 16,
                super::scalar::Class::Complex => scalar.size == 32,
                _ => false,
            },
            // Smaller ones with a long double or unaligned members are not among the mutated.
            None => {
                abi::is_by_reference(self.types, id)
                    || abi::size_of(self.types, id).is_some_and(|size| size > 16)
            }
        }
    }
}
