//! The types that the exports of a library reach. Each type becomes one entry of one unit.

use foldhash::{HashMap, HashMapExt};
use std::path::Path;

use gimli::constants::{self as dw, DwAt};

use super::entry::{constant, text, AttributeValue, DieEntry};
use super::Options;
use crate::abi;
use crate::ctype::{
    Declaration, DeclarationKind, Encoding, Function, Kind, Member, Name, PointerClass, Qualifier,
    Record, RecordClass, Type, TypeId, Types,
};
use crate::identity::{Identity, TypeClass};
use crate::note_format::{
    evidence_code, AT_EVIDENCE, AT_LINKAGE_NAME_IS_SYMBOL, AT_NAME_BEFORE_SYMBOL,
    AT_NAME_BEHIND_SYMBOL, AT_SOURCE_FILE, PASSED_SOMEHOW,
};

/// The top-level entries of the unit, and the entry of each export.
pub(super) struct Closure<'t> {
    pub entries: Vec<DieEntry<'t>>,
    /// The number of the entry of each declaration, in the order of the declarations.
    pub exports: Vec<u32>,
    /// The source files, by their numbers.
    pub files: Vec<Name>,
}

/// What an entry describes: a type, or an exported function.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Meaning {
    Type(TypeClass),
    Function(TypeClass),
}

struct ClosureBuilder<'t, 'o> {
    identity: Identity<'t>,
    options: &'o Options,
    numbers: HashMap<Meaning, u32>,
    /// The entries of exports whose name differs from their symbol, with their numbers.
    named: HashMap<DieEntry<'t>, u32>,
    files: HashMap<Name, u32>,
    entries: Vec<Option<DieEntry<'t>>>,
    work: Vec<(u32, Meaning)>,
}

/// The closure of these declarations. All their types are in one table. `definitions` are types of the same table.
/// They replace records and enumerations of the same tag that are only declared.
pub(super) fn closure<'t>(
    declarations: &'t [Declaration],
    definitions: &[TypeId],
    options: &Options,
) -> Closure<'t> {
    let mut builder = ClosureBuilder::new(options);
    if let Some(first) = declarations.first() {
        for definition in definitions {
            builder.identity.complete_with(&first.types, *definition);
        }
    }
    let exports = declarations.iter().map(|declaration| builder.export(declaration)).collect();
    let entries = builder.finish();
    let mut files: Vec<(Name, u32)> = builder.files.into_iter().collect();
    files.sort_by_key(|(_, number)| *number);
    Closure { entries, exports, files: files.into_iter().map(|(file, _)| file).collect() }
}

/// The same as ordinary DWARF: one entry for each declaration, with the given attributes.
pub(super) fn definitions<'t>(
    declarations: &'t [(Declaration, Vec<(DwAt, AttributeValue<'t>)>)],
) -> Vec<DieEntry<'t>> {
    let options = Options::default();
    let mut builder = ClosureBuilder::new(&options);
    for (declaration, attributes) in declarations {
        let entry = builder.definition(declaration, attributes);
        builder.entries.push(Some(entry));
    }
    builder.finish()
}

impl<'t, 'o> ClosureBuilder<'t, 'o> {
    fn new(options: &'o Options) -> ClosureBuilder<'t, 'o> {
        ClosureBuilder {
            identity: Identity::by_names(options.names),
            options,
            numbers: HashMap::new(),
            named: HashMap::new(),
            files: HashMap::new(),
            entries: Vec::new(),
            work: Vec::new(),
        }
    }

    /// Makes all entries that other entries refer to.
    fn finish(&mut self) -> Vec<DieEntry<'t>> {
        while let Some((number, meaning)) = self.work.pop() {
            let entry = self.read(meaning);
            if let Some(place) = self.entries.get_mut(number as usize) {
                *place = Some(entry);
            }
        }
        std::mem::take(&mut self.entries).into_iter().flatten().collect()
    }

    fn definition(
        &mut self,
        declaration: &'t Declaration,
        attributes: &[(DwAt, AttributeValue<'t>)],
    ) -> DieEntry<'t> {
        let types = &declaration.types;
        // A declaration without an address gets the name of the symbol, a definition the name in the source.
        let mere = attributes.iter().any(|(name, _)| *name == dw::DW_AT_declaration);
        let name = if mere { &declaration.symbol } else { &declaration.name };
        let entry = |tag| {
            DieEntry::new(tag)
                .with(dw::DW_AT_name, text(name))
                .with_some(dw::DW_AT_linkage_name, declaration.linkage_name.as_ref().map(text))
                .with(dw::DW_AT_external, AttributeValue::Flag)
        };
        let mut entry = match declaration.function() {
            Some(function) => self.function(entry(dw::DW_TAG_subprogram), types, function),
            None => {
                entry(dw::DW_TAG_variable).with_some(dw::DW_AT_type, self.ty(types, declaration.ty))
            }
        };
        entry.attributes.extend(attributes);
        entry
    }

    fn export(&mut self, declaration: &'t Declaration) -> u32 {
        let class = self.identity.class_of(&declaration.types, declaration.ty);
        let function = declaration.kind == DeclarationKind::Function;
        let shared =
            self.number(if function { Meaning::Function(class) } else { Meaning::Type(class) });
        let symbol = declaration.symbol.as_str();
        let name = Some(declaration.name.as_str());
        let name = name.filter(|name| *name != symbol && self.options.names);
        // Many names consist of the symbol with a prefix or suffix.
        let around = name.and_then(|name| name.split_once(symbol)).unwrap_or_default();
        let part = |part: &'t str| (!part.is_empty()).then_some(AttributeValue::Text(part));
        let (before, behind) = (part(around.0), part(around.1));
        let whole = name.filter(|_| before.is_none() && behind.is_none());
        let evidence = evidence_code(declaration.evidence);
        let source = self.options.sources.then(|| declaration.source()).flatten();
        let has_linkage_name = declaration.linkage_name.is_some();
        if name.is_none() && !has_linkage_name && evidence == 0 && source.is_none() {
            return shared;
        }
        let (tag, link) = if function {
            (dw::DW_TAG_subprogram, dw::DW_AT_specification)
        } else {
            (dw::DW_TAG_variable, dw::DW_AT_type)
        };
        // A C++ function's linkage name is its symbol.
        let linkage_name = declaration.linkage_name.as_ref();
        let (same, other) = match linkage_name {
            Some(name) if *name == declaration.symbol => (true, None),
            other => (false, other),
        };
        let entry = DieEntry::new(tag)
            .with_some(dw::DW_AT_name, whole.map(AttributeValue::Text))
            .with_some(AT_NAME_BEFORE_SYMBOL, before)
            .with_some(AT_NAME_BEHIND_SYMBOL, behind)
            .with_some(dw::DW_AT_linkage_name, other.map(text))
            .with_flag(AT_LINKAGE_NAME_IS_SYMBOL, same)
            .with_number(AT_EVIDENCE, Some(evidence).filter(|code| *code != 0))
            .with(link, AttributeValue::DieEntry(shared));
        let entry = self.with_source(entry, source);
        let next = self.entries.len() as u32;
        let number = *self.named.entry(entry.clone()).or_insert(next);
        if number == next {
            self.entries.push(Some(entry));
        }
        number
    }

    /// Adds the source file and the line to an entry, if they are known.
    fn with_source(&mut self, entry: DieEntry<'t>, source: Option<(Name, u64)>) -> DieEntry<'t> {
        let Some((file, line)) = source else { return entry };
        let next = self.files.len() as u32;
        let number = *self.files.entry(file).or_insert(next);
        entry
            .with(AT_SOURCE_FILE, AttributeValue::SourceFile(number))
            .with_number(dw::DW_AT_decl_line, Some(line).filter(|line| *line != 0))
    }

    fn number(&mut self, meaning: Meaning) -> u32 {
        if let Some(number) = self.numbers.get(&meaning) {
            return *number;
        }
        let number = self.entries.len() as u32;
        self.entries.push(None);
        self.numbers.insert(meaning, number);
        self.work.push((number, meaning));
        number
    }

    /// The value of a DW_AT_type that refers to the type. `None` for `void`.
    fn ty(&mut self, types: &'t Types, id: TypeId) -> Option<AttributeValue<'t>> {
        if matches!(types.get(id).kind, Kind::Void) {
            return None;
        }
        let class = self.identity.class_of(types, id);
        Some(AttributeValue::DieEntry(self.number(Meaning::Type(class))))
    }

    fn read(&mut self, meaning: Meaning) -> DieEntry<'t> {
        let (Meaning::Type(class) | Meaning::Function(class)) = meaning;
        let Some((types, mut id)) = self.identity.representative(class) else {
            return DieEntry::new(dw::DW_TAG_unspecified_type);
        };
        // A qualified array whose elements have the same qualifiers is the same type as the array itself.
        while let Kind::Qualified { target, .. } = types.get(id).kind {
            if target == id || self.identity.class_of(types, target) != class {
                break;
            }
            id = target;
        }
        let ty = types.get(id);
        let mut entry = match (&ty.kind, meaning) {
            (Kind::Function(function), Meaning::Function(_)) => {
                self.function(DieEntry::new(dw::DW_TAG_subprogram), types, function)
            }
            _ => self.named_type(types, id, ty),
        };
        if let Kind::Typedef { target } = ty.kind {
            // Some compilers also write an alignment that equals the natural one.
            let align = ty.align.filter(|align| *align != abi::align_of(types, target));
            entry = entry.with_number(dw::DW_AT_alignment, align);
        } else if !is_opaque(&entry) {
            entry = entry.with_number(dw::DW_AT_alignment, ty.align);
        }
        match meaning {
            Meaning::Type(_) if self.options.sources => {
                self.with_source(entry, types.source_of_type(id))
            }
            _ => entry,
        }
    }

    fn named_type(&mut self, types: &'t Types, id: TypeId, ty: &'t Type) -> DieEntry<'t> {
        let entry = |tag| DieEntry::new(tag).with_some(dw::DW_AT_name, ty.name.as_ref().map(text));
        match &ty.kind {
            Kind::Void => entry(dw::DW_TAG_unspecified_type),
            Kind::Base { encoding, bits, swapped } => {
                let order =
                    if types.target().little_endian { dw::DW_END_big } else { dw::DW_END_little };
                entry(dw::DW_TAG_base_type)
                    .with_number(dw::DW_AT_encoding, Some(encoding_code(*encoding)))
                    .with_number(dw::DW_AT_byte_size, ty.size)
                    .with_number(dw::DW_AT_bit_size, bits.map(u64::from))
                    .with_number(dw::DW_AT_endianity, swapped.then_some(u64::from(order.0)))
            }
            Kind::Pointer { target, class } => {
                let tag = match class {
                    PointerClass::Pointer => dw::DW_TAG_pointer_type,
                    PointerClass::LvalueReference => dw::DW_TAG_reference_type,
                    PointerClass::RvalueReference => dw::DW_TAG_rvalue_reference_type,
                };
                let usual = u64::from(types.target().pointer_size);
                entry(tag)
                    .with_some(dw::DW_AT_type, self.ty(types, *target))
                    .with_number(dw::DW_AT_byte_size, ty.size.filter(|size| *size != usual))
            }
            Kind::Qualified { qualifier, target } => {
                let tag = match qualifier {
                    Qualifier::Const => dw::DW_TAG_const_type,
                    Qualifier::Volatile => dw::DW_TAG_volatile_type,
                    Qualifier::Restrict => dw::DW_TAG_restrict_type,
                    Qualifier::Atomic => dw::DW_TAG_atomic_type,
                };
                entry(tag).with_some(dw::DW_AT_type, self.ty(types, *target))
            }
            Kind::Typedef { target } => {
                entry(dw::DW_TAG_typedef).with_some(dw::DW_AT_type, self.ty(types, *target))
            }
            Kind::Array { element, dimensions, vector } => {
                let mut array = entry(dw::DW_TAG_array_type)
                    .with_some(dw::DW_AT_type, self.ty(types, *element))
                    .with_flag(dw::DW_AT_GNU_vector, *vector);
                array.children.extend(dimensions.iter().map(|length| {
                    DieEntry::new(dw::DW_TAG_subrange_type).with_number(dw::DW_AT_count, *length)
                }));
                array
            }
            Kind::Record(record) => self.record(types, id, ty, record),
            Kind::Enumeration { underlying, enumerators, incomplete } => {
                let underlying = underlying.and_then(|underlying| self.ty(types, underlying));
                let mut enumeration = entry(dw::DW_TAG_enumeration_type)
                    .with_number(dw::DW_AT_byte_size, ty.size)
                    .with_some(dw::DW_AT_type, underlying)
                    .with_flag(dw::DW_AT_declaration, *incomplete);
                enumeration.children.extend(enumerators.iter().map(|enumerator| {
                    DieEntry::new(dw::DW_TAG_enumerator)
                        .with(dw::DW_AT_name, text(&enumerator.name))
                        .with(dw::DW_AT_const_value, constant(enumerator.value))
                }));
                enumeration
            }
            Kind::Function(function) => {
                self.function(entry(dw::DW_TAG_subroutine_type), types, function)
            }
            // A check against this type reports the reason.
            Kind::Unknown { reason } => entry(dw::DW_TAG_unspecified_type)
                .with_number(dw::DW_AT_byte_size, ty.size)
                .with(dw::DW_AT_description, text(reason)),
        }
    }

    fn record(
        &mut self,
        types: &'t Types,
        id: TypeId,
        ty: &'t Type,
        record: &'t Record,
    ) -> DieEntry<'t> {
        let tag = match record.class {
            RecordClass::Struct => dw::DW_TAG_structure_type,
            RecordClass::Union => dw::DW_TAG_union_type,
            RecordClass::Class => dw::DW_TAG_class_type,
        };
        let entry = DieEntry::new(tag).with_some(dw::DW_AT_name, ty.name.as_ref().map(text));
        let opaque = ty.name.is_some() && !self.options.is_public(types, id);
        let convention = match record.by_reference {
            Some(false) => None,
            Some(true) => Some(dw::DW_CC_pass_by_reference),
            None => Some(PASSED_SOMEHOW),
        };
        let convention = convention.map(|convention| u64::from(convention.0));
        let entry = entry.with_number(dw::DW_AT_calling_convention, convention);
        if record.incomplete || opaque {
            return entry.with(dw::DW_AT_declaration, AttributeValue::Flag);
        }
        let mut entry = entry.with_number(dw::DW_AT_byte_size, ty.size);
        for member in &record.members {
            let member = self.member(types, member, record.class);
            entry.children.push(member);
        }
        entry
    }

    fn member(&mut self, types: &'t Types, member: &'t Member, class: RecordClass) -> DieEntry<'t> {
        let tag = if member.base_class { dw::DW_TAG_inheritance } else { dw::DW_TAG_member };
        let entry = DieEntry::new(tag)
            .with_some(dw::DW_AT_name, member.name.as_ref().map(text))
            .with_some(dw::DW_AT_type, self.ty(types, member.ty));
        match member.bits {
            Some(bits) => entry
                .with_number(dw::DW_AT_data_bit_offset, Some(bits.offset))
                .with_number(dw::DW_AT_bit_size, Some(bits.width)),
            // Members of unions may omit the offset (DWARF 5 §5.7.6).
            None => entry.with_number(
                dw::DW_AT_data_member_location,
                Some(member.offset).filter(|offset| *offset > 0 || class != RecordClass::Union),
            ),
        }
        .with_number(dw::DW_AT_alignment, member.align)
    }

    fn function(
        &mut self,
        entry: DieEntry<'t>,
        types: &'t Types,
        function: &'t Function,
    ) -> DieEntry<'t> {
        let mut entry = entry
            .with_some(dw::DW_AT_type, self.ty(types, function.result))
            .with_flag(dw::DW_AT_prototyped, function.prototyped)
            .with_number(dw::DW_AT_calling_convention, function.convention.map(u64::from));
        for parameter in &function.parameters {
            let name = parameter.name.as_ref().filter(|_| self.options.names);
            let parameter = DieEntry::new(dw::DW_TAG_formal_parameter)
                .with_some(dw::DW_AT_name, name.map(text))
                .with_some(dw::DW_AT_type, self.ty(types, parameter.ty));
            entry.children.push(parameter);
        }
        if function.variadic {
            entry.children.push(DieEntry::new(dw::DW_TAG_unspecified_parameters));
        }
        entry
    }
}

/// Whether an entry is only a declaration, which has a name and no content.
fn is_opaque(entry: &DieEntry<'_>) -> bool {
    entry.attributes.iter().any(|(name, _)| *name == dw::DW_AT_declaration)
}

/// The code of an encoding (DWARF 5 §7.8). Where several encodings share a code, the name and the size tell them
/// apart again (`_Float128`).
fn encoding_code(encoding: Encoding) -> u64 {
    let code = match encoding {
        Encoding::Boolean => dw::DW_ATE_boolean,
        Encoding::Signed => dw::DW_ATE_signed,
        Encoding::Unsigned => dw::DW_ATE_unsigned,
        Encoding::SignedChar => dw::DW_ATE_signed_char,
        Encoding::UnsignedChar => dw::DW_ATE_unsigned_char,
        Encoding::Utf => dw::DW_ATE_UTF,
        Encoding::Float | Encoding::Float128 => dw::DW_ATE_float,
        Encoding::ComplexFloat | Encoding::ComplexFloat128 => dw::DW_ATE_complex_float,
        Encoding::ComplexInteger => dw::DW_ATE_lo_user,
        Encoding::DecimalFloat => dw::DW_ATE_decimal_float,
    };
    u64::from(code.0)
}

impl Options {
    /// Whether the definition of a record is kept.
    fn is_public(&self, types: &Types, id: TypeId) -> bool {
        let Some(headers) = &self.headers else { return true };
        // A record whose source is unknown is kept.
        let Some((source, _)) = types.source_of_type(id) else { return true };
        let source = Path::new(source.as_str());
        source.starts_with("/usr/include") || headers.iter().any(|header| source.ends_with(header))
    }
}
