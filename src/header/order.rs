//! Orders the definitions. A type that must be complete is defined before it is used, and a type that is only pointed
//! to is declared.

use std::collections::HashSet;

use super::set::{is_predeclared, Form, Set};
use crate::ctype::{Declaration, DeclarationKind, Kind, Type, TypeId, Types};

/// What must precede the use of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Need {
    /// A declaration, which is enough to point to the type.
    Name,
    /// The definition, with size and members.
    Complete,
}

/// One line or definition of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderStep {
    /// `struct tag;`
    Forward(usize),
    /// The definition of a record or enumeration with a tag.
    Define(usize),
    /// A typedef.
    Typedef(usize),
}

/// The steps so far.
#[derive(Default)]
pub(super) struct Order {
    pub(super) steps: Vec<HeaderStep>,
    /// Steps that are begun or done. A type that is met again before it is done contains itself, which no order can
    /// solve.
    seen: HashSet<(usize, Need)>,
    forwarded: HashSet<usize>,
    defined: HashSet<usize>,
}

impl Order {
    /// Adds what a declaration with that type needs.
    pub(super) fn add(&mut self, set: &Set, types: &Types, id: TypeId, need: Need) {
        if let Some(class) = set.class(types, id) {
            self.visit(set, class, need);
        }
    }

    /// Adds the types that have declarations of their own.
    pub(super) fn add_named(&mut self, set: &Set, declarations: &[Declaration]) {
        let is_type = |declaration: &&Declaration| declaration.kind == DeclarationKind::Type;
        for declaration in declarations.iter().filter(is_type) {
            self.add(set, &declaration.types, declaration.ty, Need::Complete);
        }
    }

    /// Adds the definitions of records that are only pointed to.
    pub(super) fn add_rest(&mut self, set: &Set) {
        for class in 0..set.len() {
            let named = matches!(set.form(class), Form::Named(_));
            if named && set.get(class).is_some_and(|ty| matches!(ty.kind, Kind::Record(_))) {
                self.visit(set, class, Need::Complete);
            }
        }
    }

    /// Visits depth first without recursion. `true` on the stack means that everything the type needs was visited.
    fn visit(&mut self, set: &Set, class: usize, need: Need) {
        let mut stack = vec![(class, need, false)];
        while let Some((class, need, finished)) = stack.pop() {
            if finished {
                self.finish(set, class, need);
            } else if self.seen.insert((class, need)) {
                stack.push((class, need, true));
                let needed = needs(set, class, need);
                stack.extend(needed.into_iter().rev().map(|(class, need)| (class, need, false)));
            }
        }
    }

    fn finish(&mut self, set: &Set, class: usize, need: Need) {
        let Some(ty) = set.get(class) else { return };
        let Form::Named(_) = set.form(class) else { return };
        match &ty.kind {
            Kind::Typedef { .. } => {
                let own = ty.name.as_ref().is_some_and(|name| !is_predeclared(name.as_str()));
                if own && need == Need::Name {
                    self.steps.push(HeaderStep::Typedef(class));
                }
            }
            Kind::Record(record) if need == Need::Complete && !record.incomplete => {
                self.steps.push(HeaderStep::Define(class));
                self.defined.insert(class);
            }
            Kind::Enumeration { enumerators, incomplete: false, .. } => {
                if !enumerators.is_empty() && self.defined.insert(class) {
                    self.steps.push(HeaderStep::Define(class));
                }
            }
            _ => {
                if !self.defined.contains(&class) && self.forwarded.insert(class) {
                    self.steps.push(HeaderStep::Forward(class));
                }
            }
        }
    }
}

/// What must precede a type.
fn needs(set: &Set, class: usize, need: Need) -> Vec<(usize, Need)> {
    let Some(ty) = set.get(class) else { return Vec::new() };
    let targets = set.refers_to(class);
    let all = |need| targets.iter().map(|target| (*target, need)).collect();
    match &ty.kind {
        Kind::Void | Kind::Base { .. } | Kind::Unknown { .. } | Kind::Enumeration { .. } => {
            match set.form(class) {
                Form::InTypedef(typedef) => vec![(*typedef, Need::Name)],
                _ => Vec::new(),
            }
        }
        Kind::Pointer { .. } | Kind::Function(_) => all(Need::Name),
        Kind::Qualified { .. } => all(need),
        // The element of an array must be complete wherever the array is written (C17 §6.7.6.2 ¶1).
        Kind::Array { .. } => all(Need::Complete),
        Kind::Typedef { .. } if ty.name.is_none() => all(need),
        Kind::Typedef { .. } => match (need, targets.first()) {
            (Need::Complete, Some(target)) => vec![(class, Need::Name), (*target, Need::Complete)],
            (Need::Name, Some(target)) => match (set.form(*target), set.get(*target)) {
                // If the first typedef of a record is needed, the others need it too.
                (Form::InTypedef(own), Some(Type { kind: Kind::Record(_), .. }))
                    if *own != class =>
                {
                    vec![(*own, Need::Name)]
                }
                (Form::InTypedef(_), Some(Type { kind: Kind::Record(_), .. })) => {
                    let members = set.refers_to(*target).into_iter();
                    members.map(|member| (member, Need::Complete)).collect()
                }
                (Form::InTypedef(own), _) if *own == class => Vec::new(),
                _ => all(Need::Name),
            },
            _ => all(Need::Name),
        },
        Kind::Record(_) => match (set.form(class), need) {
            (Form::Named(_), Need::Name) => Vec::new(),
            (Form::InTypedef(typedef), _) => vec![(*typedef, Need::Name)],
            _ => all(Need::Complete),
        },
    }
}
