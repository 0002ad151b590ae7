//! The types that a header defines. Identical types are defined once. Each gets its name in C.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use crate::ctype::{
    Declaration, DeclarationKind, Encoding, Kind, Record, RecordClass, Type, TypeId, Types,
};
use crate::identity::{self, difference_within, Identity, Sameness, TypeClass};
use crate::spell::{base_name, is_nullptr, to_identifier};

/// How C refers to a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By its structure: base types, pointers, arrays, functions, qualifiers.
    Structure,
    /// By this specifier: a typedef's name, `struct tag`, an integer type.
    Named(String),
    /// No name of its own. The typedef of this class defines it, and its name is used.
    InTypedef(usize),
    /// No name. The definition is written where the type is used.
    Inline,
}

/// All types of a header, by class. A class is a set of identical types.
pub(super) struct Set<'t> {
    identity: Identity<'t>,
    forms: Vec<Form>,
    /// Types that C cannot express, with the reason. An incomplete struct replaces them.
    strangers: HashMap<usize, String>,
    /// Classes whose name was already in use, and the class that uses it.
    rivals: HashMap<usize, usize>,
    /// All identifiers of C's ordinary name space so far: functions, variables, typedefs, enumerators.
    ordinary: Identifiers,
    /// The number of bytes that may still be compared to see how types of one name differ.
    left: Cell<usize>,
}

/// The limit on the bytes that [`Set::difference`] compares in all.
const COMPARED: usize = 1 << 28;

/// Identifiers that are in use, and the next suffix for each.
#[derive(Default)]
pub(super) struct Identifiers {
    taken: HashSet<String>,
    suffixes: HashMap<String, u32>,
}

impl Identifiers {
    /// Makes `name` an identifier that is not in use yet: `name__2` for the second.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let wanted = to_identifier(name);
        if self.taken.insert(wanted.clone()) {
            return wanted;
        }
        let suffix = self.suffixes.entry(wanted.clone()).or_insert(1);
        loop {
            *suffix += 1;
            let candidate = format!("{wanted}__{suffix}");
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }

    fn reserve(&mut self, identifier: String) {
        self.taken.insert(identifier);
    }
}

/// The limits on a definition without a name: the number of members at all levels, and the nesting.
const INLINE_MEMBERS: u32 = 4096;
const INLINE_DEPTH: usize = 24;

impl<'t> Set<'t> {
    /// Collects the types that the declarations reach. A type that is only declared in one unit is completed from
    /// another unit.
    pub(super) fn new(declarations: &'t [Declaration]) -> Set<'t> {
        let mut tables: Vec<(&Types, Vec<TypeId>)> = Vec::new();
        for declaration in declarations {
            let types: &Types = &declaration.types;
            match tables.iter_mut().find(|(table, _)| std::ptr::eq(*table, types)) {
                Some((_, roots)) => roots.push(declaration.ty),
                None => tables.push((types, vec![declaration.ty])),
            }
        }
        let mut identity = Identity::new(false);
        for (types, roots) in &tables {
            for id in identity::reachable(types, roots.iter().copied()) {
                identity.complete_with(types, id);
            }
        }
        for (types, roots) in &tables {
            for root in roots {
                identity.class_of(types, *root);
            }
        }
        let mut ordinary = Identifiers::default();
        let is_symbol = |declaration: &&Declaration| declaration.kind != DeclarationKind::Type;
        for declaration in declarations.iter().filter(is_symbol) {
            ordinary.reserve(to_identifier(declaration.symbol.as_str()));
        }
        let forms = vec![Form::Structure; identity.len()];
        let mut set = Set {
            identity,
            forms,
            strangers: HashMap::new(),
            rivals: HashMap::new(),
            ordinary,
            left: Cell::new(COMPARED),
        };
        set.name_all();
        set
    }

    pub(super) fn len(&self) -> usize {
        self.forms.len()
    }

    /// The class of a type that the declarations reach.
    pub(super) fn class(&self, types: &Types, id: TypeId) -> Option<usize> {
        self.identity.known_class(types, id).map(TypeClass::index)
    }

    /// The type that represents its class.
    pub(super) fn representative(&self, class: usize) -> Option<(&'t Types, TypeId)> {
        self.identity.representative(TypeClass::from_index(class))
    }

    pub(super) fn get(&self, class: usize) -> Option<&'t Type> {
        self.representative(class).map(|(types, id)| types.get(id))
    }

    /// The classes that a class refers to, in order.
    pub(super) fn refers_to(&self, class: usize) -> Vec<usize> {
        let Some((types, id)) = self.representative(class) else { return Vec::new() };
        identity::refers_to(types, id)
            .into_iter()
            .filter_map(|target| self.class(types, target))
            .collect()
    }

    pub(super) fn form(&self, class: usize) -> &Form {
        self.forms.get(class).unwrap_or(&Form::Structure)
    }

    /// The reason why C cannot express a type, if it cannot.
    pub(super) fn stranger(&self, class: usize) -> Option<&str> {
        self.strangers.get(&class).map(String::as_str)
    }

    /// How the type differs from the one that uses its name. `None`: no other type uses its name.
    pub(super) fn difference(&self, class: usize) -> Option<String> {
        let rival = self.rivals.get(&class)?;
        let (types, id) = self.representative(class)?;
        let (other, other_id) = self.representative(*rival)?;
        let sameness = Sameness { incomplete_is_equal: true, ..Sameness::default() };
        let first = match self.form(*rival) {
            Form::Named(specifier) => specifier,
            _ => return None,
        };
        let mut left = self.left.get();
        let how = difference_within(&mut left, types, id, other, other_id, sameness);
        self.left.set(left);
        Some(format!(
            "differs from {first}: {}",
            how.unwrap_or_else(|| "in what it points to".to_owned())
        ))
    }

    pub(super) fn ordinary(&mut self) -> &mut Identifiers {
        &mut self.ordinary
    }

    fn name_all(&mut self) {
        let mut tags = Identifiers::default();
        let mut first: HashMap<(bool, &str), usize> = HashMap::new();
        for class in 0..self.len() {
            self.name_typedef(class);
            self.name_tag(class, &mut tags);
            let Some(Type { name: Some(name), kind, .. }) = self.get(class) else { continue };
            if let Kind::Typedef { .. } | Kind::Record(_) | Kind::Enumeration { .. } = kind {
                let typedef = matches!(kind, Kind::Typedef { .. });
                let known = *first.entry((typedef, name.as_str())).or_insert(class);
                if known != class {
                    self.rivals.insert(class, known);
                }
            }
        }
        let mut members = HashMap::new();
        for class in 0..self.len() {
            let Some(ty) = self.get(class) else { continue };
            let without_name = matches!(ty.kind, Kind::Record(_) | Kind::Enumeration { .. });
            if !without_name || *self.form(class) != Form::Structure {
                continue;
            }
            let weight = self.inline_weight(class, &mut members, 0);
            let form = if weight <= INLINE_MEMBERS {
                Form::Inline
            } else {
                Form::Named(specifier(&ty.kind, &tags.unique("__anonymous")))
            };
            self.set_form(class, form);
        }
    }

    fn set_form(&mut self, class: usize, form: Form) {
        if let Some(slot) = self.forms.get_mut(class) {
            *slot = form;
        }
    }

    /// Names a typedef. If it directly names a record or enumeration without a name, that gets the name too.
    fn name_typedef(&mut self, class: usize) {
        let Some(ty) = self.get(class) else { return };
        let (Kind::Typedef { .. }, Some(name)) = (&ty.kind, &ty.name) else { return };
        let name = if is_predeclared(name.as_str()) {
            name.to_string()
        } else {
            self.ordinary.unique(name.as_str())
        };
        self.set_form(class, Form::Named(name));
        let Some(target) = self.refers_to(class).first().copied() else { return };
        let nameless = self.get(target).is_some_and(|ty| match &ty.kind {
            Kind::Record(record) => ty.name.is_none() && !record.incomplete,
            Kind::Enumeration { incomplete, enumerators, .. } => {
                ty.name.is_none() && !incomplete && !enumerators.is_empty()
            }
            _ => false,
        });
        if nameless && *self.form(target) == Form::Structure {
            self.set_form(target, Form::InTypedef(class));
        }
    }

    fn name_tag(&mut self, class: usize, tags: &mut Identifiers) {
        let Some((types, id)) = self.representative(class) else { return };
        let ty = types.get(id);
        let form = match &ty.kind {
            Kind::Record(record) => match &ty.name {
                Some(name) => Form::Named(specifier(&ty.kind, &tags.unique(name.as_str()))),
                None if record.incomplete => {
                    Form::Named(specifier(&ty.kind, &tags.unique("__anonymous")))
                }
                None => return,
            },
            // C has no enumeration without enumerators. An integer type of its size replaces it.
            Kind::Enumeration { enumerators, incomplete: false, .. } if enumerators.is_empty() => {
                let size = ty.size.unwrap_or(4);
                let integer = base_name(types.target(), None, Encoding::Unsigned, size, None);
                Form::Named(integer.unwrap_or("int".into()).into_owned())
            }
            Kind::Enumeration { incomplete, .. } => match &ty.name {
                Some(name) => Form::Named(specifier(&ty.kind, &tags.unique(name.as_str()))),
                None if *incomplete => Form::Named("enum __anonymous".to_owned()),
                None => return,
            },
            Kind::Unknown { reason } if !is_nullptr(ty) => {
                self.strangers.insert(class, reason.to_string());
                Form::Named(format!("struct {}", tags.unique("__unknown")))
            }
            Kind::Base { encoding, bits, .. } => {
                let name = ty.name.as_ref().map(|name| name.as_str());
                let size = ty.size.unwrap_or(0);
                if base_name(types.target(), name, *encoding, size, *bits).is_some() {
                    return;
                }
                let reason = format!("a base type of {size} bytes without a name in C");
                self.strangers.insert(class, reason);
                Form::Named(format!("struct {}", tags.unique("__unknown")))
            }
            _ => return,
        };
        self.set_form(class, form);
    }

    /// The number of members in the definition of a nameless type and the nameless types inside it. More than
    /// [`INLINE_MEMBERS`] if the type contains itself or nests too deeply.
    fn inline_weight(&self, class: usize, known: &mut HashMap<usize, u32>, depth: usize) -> u32 {
        if depth > INLINE_DEPTH {
            return INLINE_MEMBERS + 1;
        }
        if let Some(weight) = known.get(&class) {
            return *weight;
        }
        known.insert(class, INLINE_MEMBERS + 1);
        let mut weight: u32 = 1;
        for mut member in self.refers_to(class) {
            // Looks through pointers, arrays and qualifiers.
            for _ in 0..INLINE_DEPTH {
                match self.get(member).map(|ty| &ty.kind) {
                    Some(Kind::Pointer { .. } | Kind::Array { .. } | Kind::Qualified { .. }) => {
                        match self.refers_to(member).first() {
                            Some(target) => member = *target,
                            None => break,
                        }
                    }
                    _ => break,
                }
            }
            let nameless = self.get(member).is_some_and(|ty| {
                ty.name.is_none()
                    && matches!(ty.kind, Kind::Record(Record { incomplete: false, .. }))
            });
            let inner = if nameless { self.inline_weight(member, known, depth + 1) } else { 0 };
            weight = weight.saturating_add(1).saturating_add(inner);
        }
        known.insert(class, weight);
        weight
    }
}

fn specifier(kind: &Kind, tag: &str) -> String {
    match kind {
        Kind::Enumeration { .. } => format!("enum {tag}"),
        Kind::Record(record) if record.class == RecordClass::Union => format!("union {tag}"),
        _ => format!("struct {tag}"),
    }
}

/// Typedefs that the compiler predeclares. A program may not declare them again.
pub(super) fn is_predeclared(name: &str) -> bool {
    matches!(name, "__builtin_va_list" | "__builtin_ms_va_list" | "__builtin_sysv_va_list")
}
