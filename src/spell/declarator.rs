//! Builds a declarator, with its qualifiers, around a name.

use crate::ctype::Qualifier;

/// A set of qualifiers.
#[derive(Clone, Copy, Default)]
pub(super) struct Qualifiers([bool; 4]);

const QUALIFIERS: [(Qualifier, &str); 4] = [
    (Qualifier::Const, "const"),
    (Qualifier::Volatile, "volatile"),
    (Qualifier::Restrict, "restrict"),
    (Qualifier::Atomic, "_Atomic"),
];

impl Qualifiers {
    pub(super) fn add(&mut self, qualifier: Qualifier) {
        for (slot, (known, _)) in self.0.iter_mut().zip(QUALIFIERS) {
            *slot |= known == qualifier;
        }
    }

    pub(super) fn without(mut self, qualifier: Qualifier) -> Qualifiers {
        for (slot, (known, _)) in self.0.iter_mut().zip(QUALIFIERS) {
            *slot &= known != qualifier;
        }
        self
    }

    /// The qualifiers, such as `const volatile`, without spaces around them.
    pub(super) fn text(self) -> String {
        let words: Vec<&str> = self
            .0
            .iter()
            .zip(QUALIFIERS)
            .filter(|(set, _)| **set)
            .map(|(_, (_, word))| word)
            .collect();
        words.join(" ")
    }
}

/// A declarator that is being built.
pub(super) struct Declarator {
    /// The parts before the name, innermost first.
    pub(super) before: Vec<String>,
    pub(super) after: String,
    /// The outermost part is a pointer, which binds less tightly than an array or a function.
    pub(super) pointer: bool,
    /// Something was written, possibly only the name.
    pub(super) started: bool,
    /// An attribute of the declared function. It comes at the very end.
    pub(super) attribute: Option<&'static str>,
}

impl Declarator {
    pub(super) fn push_pointer(&mut self, star: &str, qualifiers: Qualifiers) {
        let mut text = format!("{star}{}", qualifiers.text());
        if text.len() > star.len() && self.started {
            text.push(' ');
        }
        self.before.push(text);
        self.pointer = true;
        self.started = true;
    }

    pub(super) fn push_suffix(&mut self, suffix: &str) {
        if self.pointer {
            self.before.push("(".to_owned());
            self.after.push(')');
            self.pointer = false;
        }
        self.after.push_str(suffix);
        self.started = true;
    }
}
