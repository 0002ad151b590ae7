//! A place in a claim: the way from the declaration to one of the types that it reaches.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, Record, RecordClass, Type, TypeId, Types};

use crate::copy::references;
use crate::natural;
use crate::oracle::Role;
use toolchain::Random;

/// The way from a declaration's type to a type in it. Typedefs and qualifiers are no steps.
#[derive(Clone, Debug)]
pub struct Place {
    /// The types on the way, the declaration's first; each as the one before names it.
    pub nodes: Vec<TypeId>,
    /// Which of its references leads from each to the next.
    pub steps: Vec<usize>,
}

/// How a place is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    Call,
    Argument,
    Result,
    Variable,
    Callback,
    CallbackParameter,
    CallbackResult,
    /// Behind a pointer that the caller gives.
    PointeeOfArgument,
    /// Behind a pointer that the library gives.
    PointeeOfResult,
    /// In a record, or an element of an array, behind such a pointer.
    MemberOfArgument,
    MemberOfResult,
    MemberOfVariable,
    MemberByValue,
    InUnion,
}

impl Position {
    pub const ALL: [Position; 14] = [
        Position::Call,
        Position::Argument,
        Position::Result,
        Position::Variable,
        Position::Callback,
        Position::CallbackParameter,
        Position::CallbackResult,
        Position::PointeeOfArgument,
        Position::PointeeOfResult,
        Position::MemberOfArgument,
        Position::MemberOfResult,
        Position::MemberOfVariable,
        Position::MemberByValue,
        Position::InUnion,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Position::Call => "call",
            Position::Argument => "argument",
            Position::Result => "result",
            Position::Variable => "variable",
            Position::Callback => "callback",
            Position::CallbackParameter => "callback's parameter",
            Position::CallbackResult => "callback's result",
            Position::PointeeOfArgument => "pointee as parameter",
            Position::PointeeOfResult => "pointee as result",
            Position::MemberOfArgument => "member as parameter",
            Position::MemberOfResult => "member as result",
            Position::MemberOfVariable => "member of a variable",
            Position::MemberByValue => "member by value",
            Position::InUnion => "in a union",
        }
    }
}

impl Place {
    /// The declaration itself.
    pub fn root(id: TypeId) -> Place {
        Place { nodes: vec![id], steps: Vec::new() }
    }

    /// The type at its end.
    pub fn node(&self) -> TypeId {
        self.nodes[self.steps.len()]
    }

    /// Steps from the declaration.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    /// At most `depth` random steps.
    pub fn walk(types: &Types, root: TypeId, depth: usize, random: &mut Random) -> Place {
        let mut place = Place::root(root);
        while place.depth() < depth && place.step(types, random) {}
        place
    }

    /// One random step; not into an enumeration, which is one value.
    fn step(&mut self, types: &Types, random: &mut Random) -> bool {
        let mut ty = types.resolved(self.node()).clone();
        match &ty.kind {
            Kind::Enumeration { .. } => return false,
            // There is nothing in it.
            Kind::Array { dimensions, .. } if dimensions.contains(&Some(0)) => return false,
            _ => {}
        }
        let references = references(&mut ty);
        if references.is_empty() {
            return false;
        }
        let step = random.below(references.len());
        self.nodes.push(*references[step]);
        self.steps.push(step);
        true
    }

    /// How its end is held.
    pub fn position(&self, types: &Types) -> Position {
        let mut role = Role::Argument;
        let mut position = match types.resolved(self.nodes[0]).kind {
            Kind::Function(_) => Position::Call,
            _ => {
                role = Role::Result;
                Position::Variable
            }
        };
        let mut callbacks = 0;
        for (index, step) in self.steps.iter().enumerate() {
            let ty = types.resolved(self.nodes[index]);
            let next = types.resolved(self.nodes[index + 1]);
            position = match &ty.kind {
                Kind::Function(_) => {
                    callbacks += usize::from(index > 0);
                    // A declared function is called by the caller, and so is one that the library gives.
                    let caller_calls = index == 0 || role == Role::Result;
                    let is_result = *step == 0;
                    role = if caller_calls == is_result { Role::Result } else { Role::Argument };
                    match (callbacks > 0, is_result) {
                        (false, false) => Position::Argument,
                        (false, true) => Position::Result,
                        (true, false) => Position::CallbackParameter,
                        (true, true) => Position::CallbackResult,
                    }
                }
                Kind::Pointer { .. } => match (&next.kind, role) {
                    (Kind::Function(_), _) => Position::Callback,
                    (_, Role::Argument) => Position::PointeeOfArgument,
                    (_, Role::Result) => Position::PointeeOfResult,
                },
                Kind::Record(record) if record.class == RecordClass::Union => Position::InUnion,
                _ => match (position, role) {
                    (Position::InUnion, _) => Position::InUnion,
                    (Position::Variable | Position::MemberOfVariable, _) => {
                        Position::MemberOfVariable
                    }
                    (
                        Position::Argument
                        | Position::Result
                        | Position::CallbackParameter
                        | Position::CallbackResult
                        | Position::MemberByValue,
                        _,
                    ) => Position::MemberByValue,
                    (_, Role::Argument) => Position::MemberOfArgument,
                    (_, Role::Result) => Position::MemberOfResult,
                },
            };
        }
        position
    }

    /// The declaration with another type at this place: the types on the way are copied, all other references to them keep
    /// the original. A record whose member has another size now is laid out anew, as its compiler would; `None` where that
    /// cannot be said, or gives a claim that nobody can make.
    pub fn with(&self, types: &Types, mut replacement: TypeId) -> Option<TypeId> {
        let mut before = self.node();
        for (node, step) in self.nodes.iter().zip(&self.steps).rev() {
            let original = types.resolved(*node);
            let mut ty = original.clone();
            // A typedef may state an alignment.
            let aligned = abi::align_of(types, *node);
            if aligned > abi::align_of(types, types.resolve(*node)) {
                ty.align = Some(aligned);
            }
            let resized = abi::size_of(types, before) != abi::size_of(types, replacement);
            **references(&mut ty).get_mut(*step)? = replacement;
            match (&original.kind, &ty.kind) {
                // An array's stated size would hide that its elements have another one.
                (Kind::Array { .. }, _) => ty.size = None,
                (Kind::Record(original_record), Kind::Record(record))
                    if resized && natural::is(types, original, original_record, false) =>
                {
                    let (members, size) = natural::layout_of(types, record, false)?;
                    let record = Record { members: members.into(), ..record.clone() };
                    ty = Type { size: Some(size), kind: Kind::Record(record), ..ty };
                }
                _ => {}
            }
            replacement = types.add(ty);
            if !natural::is_possible(types, replacement) {
                return None;
            }
            before = *node;
        }
        Some(replacement)
    }

    /// The way in words: `argument 2 → st_mtim.tv_nsec`.
    pub fn spell(&self, types: &Types) -> String {
        let mut text = String::new();
        for (node, step) in self.nodes.iter().zip(&self.steps) {
            match &types.resolved(*node).kind {
                Kind::Function(_) if *step == 0 => text.push_str("result"),
                Kind::Function(_) => text.push_str(&format!("argument {step}")),
                Kind::Pointer { .. } => text.push_str(" → "),
                Kind::Array { .. } => text.push_str("[]"),
                Kind::Record(record) => {
                    let name = record.members.get(*step).and_then(|member| member.name.as_ref());
                    text.push('.');
                    text.push_str(name.map_or("(anonymous)", |name| name.as_str()));
                }
                _ => {}
            }
        }
        text
    }
}
