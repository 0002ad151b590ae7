//! Writes definitions as text.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use super::record::{plan, storage_order, Field, Plan};
use super::set::{Form, Identifiers, Set};
use crate::abi;
use crate::ctype::{
    Declaration, Enumerator, Kind, Member, Record, RecordClass, Type, TypeId, Types,
};
use crate::spell::{self, comment_text, to_identifier, Speller};

/// Where a specifier is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SpecifierPlace {
    /// In the typedef of this class, which may define the type that it names.
    Typedef(usize),
    /// In a member or variable, which may define its type.
    Own,
    /// In a function.
    Function,
}

/// Writes the types of a set.
pub(super) struct Writer<'t, 's> {
    pub(super) set: &'s Set<'t>,
    ordinary: RefCell<Identifiers>,
    /// How many definitions enclose the one that is being written.
    level: Cell<usize>,
    /// A text was cut inside a definition, which is then not valid C.
    cut: Cell<bool>,
    /// The number of bytes that may still be written. Nested definitions are counted once per level.
    left: Cell<usize>,
}

/// The deepest nesting of nameless definitions.
const DEPTH: usize = 64;

impl<'t, 's> Writer<'t, 's> {
    /// `ordinary` has the identifiers that enumerators may not use. `longest` is the limit on the size of the
    /// header, in bytes.
    pub(super) fn new(set: &'s Set<'t>, ordinary: Identifiers, longest: usize) -> Writer<'t, 's> {
        Writer {
            set,
            ordinary: RefCell::new(ordinary),
            level: Cell::new(0),
            cut: Cell::new(false),
            left: Cell::new(longest),
        }
    }

    /// The number of bytes that may still be written.
    pub(super) fn left(&self) -> usize {
        self.left.get()
    }

    /// Subtracts the size of a text that was written.
    pub(super) fn spend(&self, text: &str) {
        self.left.set(self.left.get().saturating_sub(text.len()));
    }

    /// `struct tag;`. If C cannot express the type, a comment gives the reason.
    pub(super) fn forward(&self, class: usize) -> String {
        let Form::Named(specifier) = self.set.form(class) else { return String::new() };
        match self.set.stranger(class) {
            Some(reason) => format!("{specifier}; /* {} */\n", comment_text(reason)),
            None => format!("{specifier};\n"),
        }
    }

    /// The definition of a record or enumeration that has a tag.
    pub(super) fn definition(&self, class: usize) -> String {
        let (Form::Named(specifier), Some((types, id))) =
            (self.set.form(class), self.set.representative(class))
        else {
            return String::new();
        };
        format!("{}{};\n", self.difference(class), self.body(types, id, specifier))
    }

    /// A comment above a type that could not keep its name.
    fn difference(&self, class: usize) -> String {
        let how = self.set.difference(class);
        how.map_or_else(String::new, |how| format!("/* {} */\n", comment_text(&how)))
    }

    /// A typedef. Empty if it would be too long.
    pub(super) fn typedef(&self, class: usize) -> String {
        let (Form::Named(name), Some((types, id))) =
            (self.set.form(class), self.set.representative(class))
        else {
            return String::new();
        };
        let ty = types.get(id);
        let Kind::Typedef { target } = ty.kind else { return String::new() };
        match self.declarator(types, target, name, SpecifierPlace::Typedef(class)) {
            Some(text) => {
                format!("{}typedef {text}{};\n", self.difference(class), aligned(ty.align))
            }
            None => format!("/* {name}: its type is too large */\n"),
        }
    }

    /// A declaration of a function or variable without the semicolon. `None` if it would be too long.
    pub(super) fn declaration(&self, declaration: &Declaration) -> Option<String> {
        let types = &declaration.types;
        let function = matches!(types.get(declaration.ty).kind, Kind::Function(_));
        let place = if function { SpecifierPlace::Function } else { SpecifierPlace::Own };
        self.cut.set(false);
        let specifier = |id| self.specifier(types, id, place);
        let mut speller = Speller::new(types, Some(&specifier));
        let text = speller.declaration(declaration);
        (!speller.was_cut() && !self.cut.get()).then_some(text)
    }

    fn declarator(
        &self,
        types: &Types,
        id: TypeId,
        name: &str,
        place: SpecifierPlace,
    ) -> Option<String> {
        let specifier = |id| self.specifier(types, id, place);
        let mut speller = Speller::new(types, Some(&specifier));
        let text = speller.spell(id, name);
        (!speller.was_cut()).then_some(text)
    }

    fn specifier(&self, types: &Types, id: TypeId, place: SpecifierPlace) -> Option<String> {
        let class = self.set.class(types, id)?;
        let keyword = match &types.get(id).kind {
            Kind::Enumeration { .. } => "enum",
            Kind::Record(record) if record.class == RecordClass::Union => "union",
            _ => "struct",
        };
        match self.set.form(class) {
            Form::Structure => None,
            Form::Named(specifier) => Some(specifier.clone()),
            Form::Inline => Some(self.body(types, id, keyword)),
            Form::InTypedef(typedef) => {
                let defines = match place {
                    // If identical nameless records have several typedefs, each typedef defines a record of its own.
                    SpecifierPlace::Typedef(own) => {
                        let direct = self.set.refers_to(own).first() == Some(&class);
                        own == *typedef || (direct && keyword != "enum")
                    }
                    // An enumeration is defined only once, because its enumerators are.
                    SpecifierPlace::Own => keyword != "enum",
                    SpecifierPlace::Function => false,
                };
                match (defines, self.set.form(*typedef)) {
                    (false, Form::Named(name)) => Some(name.clone()),
                    _ => Some(self.body(types, id, keyword)),
                }
            }
        }
    }

    /// `specifier { … }`, with its attributes.
    fn body(&self, types: &Types, id: TypeId, specifier: &str) -> String {
        let level = self.level.get();
        if level > DEPTH || self.left.get() == 0 {
            self.cut.set(true);
            return specifier.to_owned();
        }
        self.level.set(level + 1);
        let ty = types.get(id);
        let text = match &ty.kind {
            Kind::Enumeration { enumerators, .. } => {
                self.enumeration(types, id, enumerators, specifier)
            }
            Kind::Record(record) => self.record(types, id, record, specifier),
            _ => specifier.to_owned(),
        };
        self.level.set(level);
        text
    }

    fn indent(&self) -> String {
        "    ".repeat(self.level.get())
    }

    fn end(&self) -> String {
        format!("{}}}", "    ".repeat(self.level.get().saturating_sub(1)))
    }

    fn record(&self, types: &Types, id: TypeId, record: &Record, specifier: &str) -> String {
        let written = plan(types, id, record).and_then(|plan| {
            let fields = self.fields(types, record, &plan)?;
            let mut attributes = Vec::new();
            if plan.packed {
                attributes.push("packed".to_owned());
            }
            attributes.extend(plan.align.map(|align| format!("aligned({align})")));
            attributes.extend(storage_order(types, record));
            Some((fields, attributes))
        });
        let (fields, attributes) = written.unwrap_or_else(|| {
            let size = abi::size_of(types, id).unwrap_or(0);
            let line = format!(
                "{}unsigned char __bytes[{size}]; /* its members overlap in a way that C cannot express */\n",
                self.indent()
            );
            (line, vec![format!("aligned({})", abi::align_of(types, id))])
        });
        let mut text = format!("{specifier} {{\n{fields}{}", self.end());
        if !attributes.is_empty() {
            text.push_str(&format!(" __attribute__(({}))", attributes.join(", ")));
        }
        text
    }

    fn fields(&self, types: &Types, record: &Record, plan: &Plan) -> Option<String> {
        let names = member_names(types, record);
        let mut text = String::new();
        let (mut paddings, mut named) = (0, false);
        let long = u64::from(types.target().pointer_size);
        for (position, field) in plan.fields.iter().enumerate() {
            let line = match field {
                Field::Gap { unit, width } => {
                    let unit = match *unit {
                        1 => "unsigned char",
                        2 => "unsigned short",
                        4 => "unsigned int",
                        unit if unit == long => "unsigned long",
                        _ => "unsigned long long",
                    };
                    format!("{unit} : {width};")
                }
                Field::Padding { size } => {
                    paddings += 1;
                    format!("unsigned char __padding_{paddings}[{size}];")
                }
                Field::Bytes { index, size } => {
                    let (member, name) = (record.members.get(*index)?, names.get(*index)?);
                    let comment = comment_text(&spell::type_name(types, member.ty));
                    format!("unsigned char {name}[{size}]; /* {comment} */")
                }
                Field::Member { index, align } => {
                    let (member, name) = (record.members.get(*index)?, names.get(*index)?);
                    let mut line = self.declarator(types, member.ty, name, SpecifierPlace::Own)?;
                    let last = position + 1 == plan.fields.len();
                    if !(last && named && record.class != RecordClass::Union) {
                        // C allows an open array only at the end of a record.
                        line = line.replacen(&format!("{name}[]"), &format!("{name}[0]"), 1);
                    }
                    if let Some(bits) = member.bits {
                        line.push_str(&format!(" : {}", bits.width));
                    }
                    named = true;
                    format!("{line}{};", aligned(*align))
                }
            };
            self.spend(&line);
            if self.left() == 0 {
                self.cut.set(true);
                return None;
            }
            text.push_str(&format!("{}{line}\n", self.indent()));
        }
        Some(text)
    }

    fn enumeration(
        &self,
        types: &Types,
        id: TypeId,
        enumerators: &[Enumerator],
        specifier: &str,
    ) -> String {
        let mut text = format!("{specifier} {{\n");
        let mut ordinary = self.ordinary.borrow_mut();
        for Enumerator { name, value } in enumerators {
            let name = ordinary.unique(name.as_str());
            self.spend(&name);
            if self.left() == 0 {
                self.cut.set(true);
                break;
            }
            text.push_str(&format!("{}{name} = {},\n", self.indent(), constant(*value)));
        }
        text.push_str(&self.end());
        text.push_str(enumeration_attribute(abi::size_of(types, id).unwrap_or(4), enumerators));
        text
    }
}

/// The names of a record's members, one for each. Names that C cannot write are changed, and members without a name
/// get one where C needs it.
pub(super) fn member_names(types: &Types, record: &Record) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(record.members.len());
    for (index, member) in record.members.iter().enumerate() {
        let mut name = match &member.name {
            Some(name) => to_identifier(name.as_str()),
            None if member.base_class => format!("__base_{index}"),
            None if is_nameless_record(types, member) => String::new(),
            None => format!("__member_{index}"),
        };
        if !name.is_empty() && !taken.insert(name.clone()) {
            name = format!("{name}__{index}");
        }
        names.push(name);
    }
    names
}

/// Whether the member's type is a nameless record, possibly qualified. In C, the members of an unnamed member with
/// such a type are members of the outer record.
pub(super) fn is_nameless_record(types: &Types, member: &Member) -> bool {
    let mut current = member.ty;
    for _ in 0..16 {
        match types.get(current) {
            Type { kind: Kind::Qualified { target, .. }, .. } => current = *target,
            Type { kind: Kind::Record(record), name: None, .. } => return !record.incomplete,
            _ => return false,
        }
    }
    false
}

fn aligned(align: Option<u64>) -> String {
    align.map_or_else(String::new, |align| format!(" __attribute__((aligned({align})))"))
}

/// An integer constant with that value. The smallest value of a type has no single token in C.
fn constant(value: i128) -> String {
    const INT: i128 = i32::MAX as i128;
    const LONG: i128 = i64::MAX as i128;
    match value {
        _ if value == -INT - 1 => format!("-{INT} - 1"),
        _ if value == -LONG - 1 => format!("-{LONG}LL - 1"),
        _ if value.unsigned_abs() <= INT.unsigned_abs() => value.to_string(),
        _ if value > 0 && value <= i128::from(u32::MAX) => format!("{value}U"),
        _ if value.unsigned_abs() <= LONG.unsigned_abs() => format!("{value}LL"),
        _ => format!("{value}ULL"),
    }
}

/// The attribute that makes the enumeration `size` bytes long. Without an attribute it is an `int` or `unsigned int`,
/// or the 8-byte type that holds all values (GNU C). A packed enumeration has the smallest type that holds all
/// values. A machine mode sets any size.
fn enumeration_attribute(size: u64, enumerators: &[Enumerator]) -> &'static str {
    let fits = |bytes: u32| {
        let signed = enumerators.iter().any(|enumerator| enumerator.value < 0);
        let bound = 1_i128 << (8 * bytes - u32::from(signed));
        let least = if signed { -bound } else { 0 };
        enumerators.iter().all(|enumerator| (least..bound).contains(&enumerator.value))
    };
    let natural = if fits(4) { 4 } else { 8 };
    let packed = [1, 2, 4].into_iter().find(|bytes| fits(*bytes)).unwrap_or(8);
    match size {
        _ if size == natural => "",
        _ if size == u64::from(packed) => " __attribute__((packed))",
        1 => " __attribute__((mode(QI)))",
        2 => " __attribute__((mode(HI)))",
        4 => " __attribute__((mode(SI)))",
        8 => " __attribute__((mode(DI)))",
        _ => "",
    }
}

/// Whether the text uses names of floating-point types that gcc has and clang does not.
pub(super) fn uses_floats_of_gcc(text: &str) -> bool {
    ["_Float32", "_Float64", "_Float128"].iter().any(|name| text.contains(name))
}
