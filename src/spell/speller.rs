//! Spells types in C. The whole text has one limit on its size.

use std::collections::HashSet;

use super::base::base_name;
use super::declarator::{Declarator, Qualifiers};
use super::identifier::{is_identifier, to_identifier};
use super::{comment_text, is_nullptr, is_scoped};
use crate::abi;
use crate::ctype::machine::{PPC, S390, X86_64};
use crate::ctype::{
    Declaration, DeclarationKind, Function, Kind, PointerClass, Qualifier, RecordClass, Type,
    TypeId, Types,
};

/// The limit on the bytes of names, types and lengths in one text. These also limit the punctuation between them. No
/// compiler's output has types that nest exponentially, but C++ names have no limit.
pub(super) const LIMIT: usize = 32 * 1024;
/// The limit on nesting, such as function types in the parameters of function types.
pub(super) const DEPTH: usize = 24;
/// The longest name of a parameter in bytes. A longer one is left out.
const LONGEST_PARAMETER: usize = 1024;
/// The machines on which `va_list` is an array of `struct __va_list_tag`.
const VA_LIST_IS_ARRAY: [u16; 3] = [PPC, S390, X86_64];
/// The largest number of pointers, arrays, functions and qualifiers around one name.
const CHAIN: usize = 256;

/// The name that a header gives a typedef, record or enumeration.
pub(crate) type Specifier<'a> = &'a dyn Fn(TypeId) -> Option<String>;

/// Spells the types of one table.
pub(crate) struct Speller<'a> {
    types: &'a Types,
    /// The names in a header. A header is C only, so references become pointers.
    names: Option<Specifier<'a>>,
    /// The number of bytes that may still be written.
    left: usize,
    /// Inside a comment, where no other comment may begin.
    comment: bool,
}

impl<'a> Speller<'a> {
    pub(crate) fn new(types: &'a Types, names: Option<Specifier<'a>>) -> Speller<'a> {
        Speller { types, names, left: LIMIT, comment: false }
    }

    /// Whether a text was cut. It is then not valid C.
    pub(crate) fn was_cut(&self) -> bool {
        self.left == 0
    }

    /// See [`declaration`](super::declaration).
    pub(crate) fn declaration(&mut self, declaration: &Declaration) -> String {
        let symbol = declaration.symbol.as_str();
        if declaration.kind == DeclarationKind::Type {
            let ty = self.types.declared(declaration.ty);
            let (Kind::Typedef { target }, Some(name)) = (&ty.kind, &ty.name) else {
                return self.spell(declaration.ty, "");
            };
            let name = if is_scoped(name.as_str()) {
                name.to_string()
            } else {
                to_identifier(name.as_str())
            };
            return format!("typedef {}", self.spell(*target, &name));
        }
        let identifier = to_identifier(symbol);
        let mut text = self.spell(declaration.ty, &identifier);
        if identifier != symbol {
            text.push_str(&format!(" __asm__(\"{}\")", symbol.escape_default()));
        }
        text
    }

    /// The declaration of `name` with that type. If the name is empty: the type alone.
    pub(crate) fn spell(&mut self, id: TypeId, name: &str) -> String {
        let name = self.take(name);
        let text = self.declarator(id, &name, 0);
        if text.is_empty() {
            // The whole text was cut.
            "…".to_owned()
        } else {
            text
        }
    }

    /// Returns `text`, or the part of it that still fits.
    fn take(&mut self, text: &str) -> String {
        if text.len() < self.left {
            self.left -= text.len();
            return text.to_owned();
        }
        if self.left == 0 {
            return String::new();
        }
        let mut end = self.left.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.left = 0;
        format!("{}…", text.get(..end).unwrap_or(""))
    }

    fn declarator(&mut self, id: TypeId, name: &str, depth: usize) -> String {
        let mut declarator = Declarator {
            before: Vec::new(),
            after: String::new(),
            pointer: false,
            started: !name.is_empty(),
            attribute: None,
        };
        let mut qualifiers = Qualifiers::default();
        let mut current = id;
        let mut steps = 0;
        let specifier = loop {
            steps += 1;
            if steps > CHAIN || depth > DEPTH {
                self.left = 0;
                break "…".to_owned();
            }
            if self.left == 0 {
                break String::new();
            }
            let ty = self.types.declared(current);
            match &ty.kind {
                Kind::Qualified { qualifier, target } => {
                    qualifiers.add(*qualifier);
                    current = *target;
                    continue;
                }
                Kind::Typedef { target } if ty.name.as_ref().is_none_or(|name| name == "") => {
                    current = *target;
                    continue;
                }
                Kind::Pointer { target, class } => {
                    let (star, allowed) = self.star(*class, qualifiers);
                    let star = self.take(star);
                    declarator.push_pointer(&star, allowed);
                    current = *target;
                }
                Kind::Array { element, dimensions, vector: false } => {
                    let lengths = self.lengths(dimensions);
                    declarator.push_suffix(&lengths);
                    current = *element;
                    // C17 §6.7.3 ¶9: a qualified array is an array of qualified elements.
                    continue;
                }
                Kind::Function(function) => {
                    self.calling_convention(function, &mut declarator);
                    let parameters = self.parameters(function, depth);
                    declarator.push_suffix(&parameters);
                    current = function.result;
                }
                // `std::nullptr_t`: passed as a null pointer.
                Kind::Unknown { .. } if is_nullptr(ty) => {
                    declarator.push_pointer("*", qualifiers);
                    current = TypeId::VOID;
                }
                _ => break self.specifier(current, ty, qualifiers, depth),
            }
            qualifiers = Qualifiers::default();
        };
        let mut text = specifier;
        if declarator.started {
            text.push(' ');
        }
        text.extend(declarator.before.iter().rev().map(String::as_str));
        text.push_str(name);
        text.push_str(&declarator.after);
        if let Some(attribute) = declarator.attribute {
            text.push(' ');
            text.push_str(attribute);
        }
        text
    }

    fn star(&self, class: PointerClass, qualifiers: Qualifiers) -> (&'static str, Qualifiers) {
        match class {
            _ if self.names.is_some() => ("*", qualifiers),
            PointerClass::Pointer => ("*", qualifiers),
            // A reference is always constant.
            PointerClass::LvalueReference => ("&", Qualifiers::default()),
            PointerClass::RvalueReference => ("&&", Qualifiers::default()),
        }
    }

    fn lengths(&mut self, dimensions: &[Option<u64>]) -> String {
        let mut text = String::new();
        for (index, length) in dimensions.iter().enumerate() {
            let piece = match length {
                Some(length) => format!("[{length}]"),
                None if index == 0 => "[]".to_owned(),
                // Only the outermost length may be left open. A variable length is written as a star (C17 §6.7.6.2
                // ¶4).
                None => "[*]".to_owned(),
            };
            text.push_str(&self.take(&piece));
            if self.left == 0 {
                break;
            }
        }
        text
    }

    fn parameters(&mut self, function: &Function, depth: usize) -> String {
        let empty = function.parameters.is_empty();
        if !function.prototyped && (empty || self.comment) {
            return self.take("()");
        }
        if empty {
            // Only C23 and C++ allow `(...)`.
            let variadic = if self.names.is_some() { "()" } else { "(...)" };
            return self.take(if function.variadic { variadic } else { "(void)" });
        }
        let was_comment = self.comment;
        self.comment |= !function.prototyped;
        let mut text = self.take(if function.prototyped { "(" } else { "(/* " });
        let mut seen = HashSet::new();
        for (index, parameter) in function.parameters.iter().enumerate() {
            if self.left == 0 {
                break;
            }
            if index > 0 {
                text.push_str(&self.take(", "));
            }
            let name = parameter.name.as_ref().map(|name| name.as_str());
            // Converting a name takes time even if the name is not written afterwards, so long names are dropped
            // first.
            let name = name.filter(|name| name.len() <= LONGEST_PARAMETER).map(to_identifier);
            let name = name.filter(|name| seen.insert(name.clone())).unwrap_or_default();
            let mut name = self.take(&name);
            if self.names.is_some() && abi::is_by_reference(self.types, parameter.ty) {
                name.insert(0, '*');
            }
            if self.names.is_some() && self.is_va_list(parameter.ty) {
                let space = if name.is_empty() { "" } else { " " };
                text.push_str(&self.take(&format!("__builtin_va_list{space}{name}")));
            } else {
                text.push_str(&self.declarator(parameter.ty, &name, depth + 1));
            }
        }
        if function.variadic && function.prototyped {
            text.push_str(&self.take(", ..."));
        }
        self.comment = was_comment;
        text.push_str(if function.prototyped { ")" } else { " */)" });
        text
    }

    /// Whether a parameter is a `va_list` on a target where that is an array. It is then passed as a pointer to the
    /// compiler's own `struct __va_list_tag`. A header cannot name that struct, and a struct that it defines would be
    /// another type.
    fn is_va_list(&self, parameter: TypeId) -> bool {
        let is_array = VA_LIST_IS_ARRAY.contains(&self.types.target().machine);
        let Kind::Pointer { target, class: PointerClass::Pointer } =
            self.types.declared(parameter).kind
        else {
            return false;
        };
        let target = self.types.declared(target);
        let tag = target.name.as_ref().is_some_and(|name| name == "__va_list_tag");
        is_array && tag && matches!(target.kind, Kind::Record(_))
    }

    /// The part before the declarator.
    fn specifier(&mut self, id: TypeId, ty: &Type, qualifiers: Qualifiers, depth: usize) -> String {
        let qualifiers = match self.types.declared(self.types.resolve(id)).kind {
            Kind::Pointer { .. } => qualifiers,
            // Only a pointer can be restricted (C17 §6.7.3 ¶2).
            _ => qualifiers.without(Qualifier::Restrict),
        };
        let mut text = qualifiers.text();
        if !text.is_empty() {
            text.push(' ');
        }
        if let Some(own) = self.names.and_then(|names| names(id)) {
            // The header has its own limit on the names that it gives.
            text.push_str(&own);
            return text;
        }
        let word = match &ty.kind {
            Kind::Void => "void".to_owned(),
            Kind::Base { encoding, bits, .. } => {
                let name = ty.name.as_ref().map(|name| name.as_str());
                let size = ty.size.unwrap_or(0);
                match base_name(self.types.target(), name, *encoding, size, *bits) {
                    Some(c) => c.into_owned(),
                    None => {
                        self.unknown(&format!("a base type of {size} bytes without a name in C"))
                    }
                }
            }
            Kind::Typedef { .. } => tag("", ty, ""),
            Kind::Record(record) => match record.class {
                RecordClass::Struct | RecordClass::Class => tag("struct ", ty, "struct {...}"),
                RecordClass::Union => tag("union ", ty, "union {...}"),
            },
            Kind::Enumeration { .. } => tag("enum ", ty, "enum {...}"),
            Kind::Array { element, dimensions, .. } => {
                let element = self.declarator(*element, "", depth + 1);
                let size = abi::size_of(self.types, id).unwrap_or(0);
                match dimensions.iter().try_fold(1_u64, |all, length| all.checked_mul((*length)?)) {
                    // clang also has vectors whose number of elements is not a power of two, such as 3.
                    Some(count) if !count.is_power_of_two() => {
                        format!("{element} __attribute__((ext_vector_type({count})))")
                    }
                    _ => format!("{element} __attribute__((vector_size({size})))"),
                }
            }
            Kind::Unknown { reason } => self.unknown(reason.as_str()),
            // The loop over the declarator has handled these.
            Kind::Pointer { .. } | Kind::Qualified { .. } | Kind::Function(_) => String::new(),
        };
        text.push_str(&self.take(&word));
        text
    }

    /// An unknown type is written as `void`, because pointers to it are then possible. A comment gives the reason.
    fn unknown(&self, reason: &str) -> String {
        if self.comment {
            "void".to_owned()
        } else {
            format!("void /* {} */", comment_text(reason))
        }
    }

    /// Writes a calling convention other than the target's default as an attribute: before the star of a pointer to
    /// the function, or after the declaration of the function itself.
    fn calling_convention(&mut self, function: &Function, declarator: &mut Declarator) {
        let Some(attribute) = function.convention.and_then(convention_attribute) else { return };
        if declarator.pointer {
            declarator.before.push(format!("{attribute} "));
        } else {
            declarator.attribute = Some(attribute);
        }
    }
}

/// The GNU C attribute for a DW_CC_* number (DWARF 5 §7.15, and the vendors' numbers as gcc and clang write them).
fn convention_attribute(convention: u8) -> Option<&'static str> {
    Some(match convention {
        0xb1 => "__attribute__((stdcall))",
        0xb2 => "__attribute__((pascal))",
        0x41 | 0xb3 | 0xb6 => "__attribute__((fastcall))",
        0xb5 => "__attribute__((thiscall))",
        0xc0 => "__attribute__((vectorcall))",
        0xc1 => "__attribute__((ms_abi))",
        0xc2 => "__attribute__((sysv_abi))",
        0xc3 => "__attribute__((pcs(\"aapcs\")))",
        0xc4 => "__attribute__((pcs(\"aapcs-vfp\")))",
        0xc9 => "__attribute__((preserve_most))",
        0xca => "__attribute__((preserve_all))",
        0xcb => "__attribute__((regcall))",
        _ => return None,
    })
}

/// `struct name`. A name that only C++ can write has no keyword, and keeps its scopes.
fn tag(keyword: &str, ty: &Type, anonymous: &str) -> String {
    match ty.name.as_ref().map(|name| name.as_str()) {
        Some("") | None => anonymous.to_owned(),
        Some(name) if is_scoped(name) => name.to_owned(),
        Some(name) if is_identifier(name) => format!("{keyword}{name}"),
        Some(name) => format!("{keyword}{}", to_identifier(name)),
    }
}
