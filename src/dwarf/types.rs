//! Converts DIEs to types of the C type model.

use std::sync::Arc;

use gimli::constants as dw;

use super::die::{Die, DieRef, Reference};
use super::exported::Exported;
use super::functions::function;
use super::options::options_of;
use super::records::record;
use super::scope::{ScopeName, Scopes};
use super::unit::SourceFile;
use super::values::{element_count, enumerator_value, size_and_sign};
use super::{DwarfFile, Opened, Slice};
use crate::ctype::{
    Encoding, Enumerator, Kind, Name, PointerClass, Qualifier, RecordClass, Type, TypeId,
    TypeSource, Types,
};

/// The memory that is counted for a type that is referred to.
pub(super) const PER_TYPE: u64 = 64;

/// The key of a type that is referred to but cannot be found.
pub(super) const BROKEN: u64 = u64::MAX - 1;

/// The key of the type of a parameter for which it is not known what is passed.
pub(super) const PASSED_SOMEHOW: u64 = u64::MAX - 2;

/// The key of a pointer to an unknown type.
pub(super) const SOME_POINTER: u64 = u64::MAX - 3;

/// Reads types on first use.
pub(super) struct Source {
    pub dwarf: Arc<DwarfFile>,
    /// Finds the definitions of types that are only declared. `None`: nothing is completed.
    pub exported: Option<Arc<Exported>>,
}

impl TypeSource for Source {
    fn read(&self, types: &Types, key: u64) -> Type {
        if key == BROKEN {
            return Type::unknown("the debug information refers to a type that is not there");
        }
        if key == PASSED_SOMEHOW {
            return Type::unknown("by reference or by value");
        }
        if key == SOME_POINTER {
            let kind = Kind::Pointer { target: TypeId::VOID, class: PointerClass::Pointer };
            return Type { name: None, size: None, align: None, kind };
        }
        self.dwarf.read_type(types, DieRef::from_key(key))
    }

    fn definition_of(&self, declared: &Type) -> Option<u64> {
        self.exported.as_ref()?.definition(declared.tag()?)
    }

    fn record_named(&self, types: &Types, name: &str) -> Option<Name> {
        match &self.exported {
            Some(exported) => exported.record_named(name),
            None => self.dwarf.type_names().record_named(types, name),
        }
    }

    fn size(&self) -> u64 {
        self.dwarf.size()
    }

    fn source_of(&self, key: u64) -> Option<(Name, u64)> {
        self.dwarf.source_of(DieRef::from_key(key))
    }
}

impl DwarfFile {
    /// The id of the type that DW_AT_type in a DIE of `space` refers to; `void` if the attribute is absent.
    pub(super) fn type_id(
        &self,
        types: &Types,
        space: u32,
        reference: Option<Reference>,
    ) -> TypeId {
        let Some(reference) = reference else { return TypeId::VOID };
        // The memory that a type takes in the table before it is read.
        self.work.spend(PER_TYPE);
        let key = self.follow(space, reference).and_then(DieRef::key);
        types.id_of(key.unwrap_or(BROKEN))
    }

    /// Reads a type. Called once for each type.
    fn read_type(&self, types: &Types, at: DieRef) -> Type {
        let opened = match self.work.look().and_then(|()| self.die(at)) {
            Ok(opened) => opened,
            Err(error) => return Type::unknown(&format!("{error:#}")),
        };
        // A stub refers to the type unit with the definition (DWARF 5 §5.7.1).
        let ty = match self.die_of(at.space, opened.die.signature) {
            Some(definition) => self.build(types, definition),
            None => self.build(types, opened),
        };
        // A type that was cut short is not what the file says.
        if self.work.has_ended() {
            Type::unknown(&self.work.refusal().to_string())
        } else {
            ty
        }
    }

    fn build(&self, types: &Types, opened: Opened<'_>) -> Type {
        let die = &opened.die;
        let target = || self.type_id(types, die.at.space, die.ty);
        let pointer = |class| Kind::Pointer { target: target(), class };
        let qualified = |qualifier| Kind::Qualified { qualifier, target: target() };
        let mut name = die.name;
        let kind = match die.tag {
            dw::DW_TAG_base_type => return self.base_type(&opened),
            dw::DW_TAG_pointer_type => pointer(PointerClass::Pointer),
            dw::DW_TAG_reference_type => pointer(PointerClass::LvalueReference),
            dw::DW_TAG_rvalue_reference_type => pointer(PointerClass::RvalueReference),
            dw::DW_TAG_const_type | dw::DW_TAG_immutable_type => qualified(Qualifier::Const),
            dw::DW_TAG_volatile_type => qualified(Qualifier::Volatile),
            dw::DW_TAG_restrict_type => qualified(Qualifier::Restrict),
            dw::DW_TAG_atomic_type => qualified(Qualifier::Atomic),
            dw::DW_TAG_typedef | dw::DW_TAG_template_alias => Kind::Typedef { target: target() },
            // A range of another type is passed as that type (DWARF 5 §5.13).
            dw::DW_TAG_subrange_type if die.ty.is_some() => Kind::Typedef { target: target() },
            dw::DW_TAG_array_type => self.array(types, &opened),
            dw::DW_TAG_structure_type => record(self, types, &opened, RecordClass::Struct),
            dw::DW_TAG_class_type | dw::DW_TAG_interface_type => {
                record(self, types, &opened, RecordClass::Class)
            }
            dw::DW_TAG_union_type => record(self, types, &opened, RecordClass::Union),
            dw::DW_TAG_enumeration_type => self.enumeration(types, &opened),
            dw::DW_TAG_subprogram | dw::DW_TAG_subroutine_type => {
                let function = Kind::Function(function(self, types, opened));
                return Type { name: None, size: None, align: None, kind: function };
            }
            // The only unspecified type that has values is that of nullptr (DWARF 5 §5.2).
            dw::DW_TAG_unspecified_type
                if name.is_some_and(|name| name.slice() == b"decltype(nullptr)") =>
            {
                name = None;
                Kind::Pointer { target: TypeId::VOID, class: PointerClass::Pointer }
            }
            // In slim type information this is an unknown type, with the reason.
            dw::DW_TAG_unspecified_type if die.description.is_some() => {
                let reason = die.description.map_or(&b""[..], |reason| reason.slice());
                Kind::Unknown { reason: Name::from_bytes(reason) }
            }
            tag => {
                let tag = tag.static_string().unwrap_or("DW_TAG_<unknown>");
                Kind::Unknown { reason: format!("C has no type like {tag}").as_str().into() }
            }
        };
        // A class may be defined outside the scope where it was declared (DWARF 5 §5.7.1). The declaration then has
        // its scopes.
        let declaration = self.die_of(die.at.space, die.specification);
        let scoped = declaration.and_then(|declaration| self.scoped_name(&declaration));
        let name = scoped.or_else(|| name.and_then(|_| self.scoped_name(&opened)));
        Type { name, size: die.byte_size, align: die.alignment, kind }
    }

    /// The name with the namespaces and classes around it.
    pub(super) fn scoped_name(&self, opened: &Opened<'_>) -> Option<Name> {
        let name = opened.die.name?;
        if !has_scopes(opened.unit.root.language) {
            return Some(Name::from_bytes(&name));
        }
        let scopes = opened.unit.scopes.get_or_init(|| Scopes::read(&opened.context));
        let start = super::space::unit_start(&opened.unit.unit.header);
        let around = scopes.around(opened.die.at.offset.saturating_sub(start) as usize);
        let mut full = Vec::new();
        for scope in around.iter().rev() {
            let name = match *scope {
                ScopeName::Own(name) => Some(name),
                ScopeName::Of(reference) => self
                    .die_of(opened.die.at.space, Some(reference))
                    .and_then(|named| named.die.name),
                ScopeName::Nameless => None,
            };
            full.extend_from_slice(name.as_ref().map_or(b"(anonymous)", Slice::slice));
            full.extend_from_slice(b"::");
        }
        full.extend_from_slice(&name);
        // Every type in a scope gets a copy of the scope's name.
        self.work.spend(full.len() as u64);
        Some(Name::from_bytes(&full))
    }

    fn base_type(&self, opened: &Opened<'_>) -> Type {
        let die = &opened.die;
        let name = die.name.map_or(&b""[..], |name| name.slice());
        let size = die.byte_size.or_else(|| Some(die.bit_size?.div_ceil(8)));
        let float = matches!(die.encoding, Some(dw::DW_ATE_float | dw::DW_ATE_complex_float));
        let is_long_double = float && name.ends_with(b"long double");
        let kind = match base_encoding(die.encoding, name, size) {
            Some(_) if is_long_double && options_of(self, opened).long_double_128 => {
                Kind::Unknown {
                    reason: "the library's long double is of another format, by -mlong-double-128"
                        .into(),
                }
            }
            Some(encoding) => Kind::Base {
                encoding,
                bits: bit_width(die, name, size),
                swapped: die.big_endian.is_some_and(|big| big == self.target.little_endian),
            },
            None if float => Kind::Unknown {
                reason: format!(
                    "the name {:?} does not say which floating-point format this is",
                    String::from_utf8_lossy(name)
                )
                .as_str()
                .into(),
            },
            None => Kind::Unknown { reason: "C has no base type of this encoding".into() },
        };
        let name = die.name.map(|name| Name::from_bytes(&name));
        Type { name, size, align: die.alignment, kind }
    }

    fn array(&self, types: &Types, opened: &Opened<'_>) -> Kind {
        let die = &opened.die;
        if die.byte_stride {
            return Kind::Unknown { reason: "the elements of the array are not contiguous".into() };
        }
        let language = opened.unit.root.language;
        let mut dimensions = Vec::new();
        opened.each_child(&mut |child| match child.tag {
            dw::DW_TAG_subrange_type | dw::DW_TAG_generic_subrange => {
                dimensions.push(element_count(&child, language, self.target.pointer_size));
            }
            // The index type is an enumeration, as some languages allow. Its range is not read here.
            dw::DW_TAG_enumeration_type => dimensions.push(None),
            _ => {}
        });
        if dimensions.is_empty() {
            dimensions.push(None);
        }
        Kind::Array {
            element: self.type_id(types, die.at.space, die.ty),
            dimensions: dimensions.into(),
            vector: die.vector,
        }
    }

    fn enumeration(&self, types: &Types, opened: &Opened<'_>) -> Kind {
        let die = &opened.die;
        let (size, sign) = size_and_sign(self, die.at.space, die.ty);
        let size = die.byte_size.or(size);
        // If nothing says so, as in strict DWARF 2, the type counts as unsigned. GCC then writes negative values in a
        // signed form (DW_FORM_sdata).
        let sign = sign.or_else(|| Some(die.encoding? == dw::DW_ATE_signed)).unwrap_or(false);
        let mut enumerators = Vec::new();
        opened.each_child(&mut |child| {
            if let (dw::DW_TAG_enumerator, Some(name), Some(value)) =
                (child.tag, child.name, &child.const_value)
            {
                let value = enumerator_value(value, size, sign);
                enumerators.push(Enumerator { name: Name::from_bytes(&name), value });
            }
        });
        Kind::Enumeration {
            underlying: die.ty.map(|ty| self.type_id(types, die.at.space, Some(ty))),
            enumerators: enumerators.into(),
            incomplete: die.declaration,
        }
    }

    fn source_of(&self, at: DieRef) -> Option<(Name, u64)> {
        self.begin_question().ok()?;
        let chain = self.chain(self.die(at).ok()?);
        let (opened, (file, line)) = chain.iter().find_map(|opened| {
            let start = super::space::unit_start(&opened.unit.unit.header);
            let offset = opened.die.at.offset.checked_sub(start)? as usize;
            Some((opened, opened.context.place_in_source(offset)?))
        })?;
        let file = match file {
            SourceFile::Number(number) => number,
            SourceFile::Name(name) => return Some((Name::from_bytes(name.slice()), line)),
        };
        let path = opened.space.source_file(opened.unit, file).or_else(|| {
            // A split unit without a line table of its own uses that of its skeleton.
            let skeleton = opened.die.at.space.checked_sub(super::SPLIT)?;
            self.main().source_file(self.main().unit(skeleton as usize).ok()?, file)
        })?;
        Some((Name::from_bytes(&path), line))
    }
}

/// Whether types of this language may be in namespaces. C and similar languages need no search for scopes. dwz's
/// partial units have no language; their scopes are searched.
pub(super) fn has_scopes(language: Option<gimli::DwLang>) -> bool {
    !matches!(
        language,
        Some(
            dw::DW_LANG_C
                | dw::DW_LANG_C89
                | dw::DW_LANG_C99
                | dw::DW_LANG_C11
                | dw::DW_LANG_C17
                | dw::DW_LANG_ObjC
                | dw::DW_LANG_Mips_Assembler
        )
    )
}

/// The encoding of a base type (DWARF 5 §7.8), including GNU's complex integers (DW_ATE_lo_user). `None` if encoding,
/// name and size do not fit together.
pub(super) fn base_encoding(
    encoding: Option<gimli::DwAte>,
    name: &[u8],
    size: Option<u64>,
) -> Option<Encoding> {
    // Two floating-point formats have 16 bytes on x86, and DWARF has one encoding for both. Only the name
    // distinguishes them. GCC sometimes names a base type after a typedef; then nothing does.
    let has = |part: &&[u8]| name.windows(part.len()).any(|window| window == *part);
    let binary128 = || [&b"128"[..], b"kind=16", b"quad"].iter().any(has);
    let names = [
        &b"long double"[..],
        b"_Float64x",
        b"kind=10",
        b"long_long_float",
        b"long_double",
        b"longdouble",
        b"f80",
    ];
    // The last two are D's `real`, and the name of every complex type from clang 14.
    let extended = || names.iter().any(has) || [&b"real"[..], b"complex"].contains(&name);
    Some(match encoding? {
        dw::DW_ATE_boolean => Encoding::Boolean,
        dw::DW_ATE_signed => Encoding::Signed,
        dw::DW_ATE_unsigned | dw::DW_ATE_address => Encoding::Unsigned,
        dw::DW_ATE_signed_char => Encoding::SignedChar,
        dw::DW_ATE_unsigned_char => Encoding::UnsignedChar,
        dw::DW_ATE_UTF | dw::DW_ATE_UCS | dw::DW_ATE_ASCII => Encoding::Utf,
        dw::DW_ATE_float if size != Some(16) || extended() => Encoding::Float,
        dw::DW_ATE_float if binary128() => Encoding::Float128,
        dw::DW_ATE_complex_float if size != Some(32) || extended() => Encoding::ComplexFloat,
        dw::DW_ATE_complex_float if binary128() => Encoding::ComplexFloat128,
        dw::DW_ATE_decimal_float => Encoding::DecimalFloat,
        // Before DWARF 3 there is no encoding for decimal numbers. GCC calls `_Complex short` `__unknown__`.
        dw::DW_ATE_lo_user if name.starts_with(b"_Decimal") => Encoding::DecimalFloat,
        dw::DW_ATE_lo_user if name.starts_with(b"complex") || name == b"__unknown__" => {
            Encoding::ComplexInteger
        }
        _ => return None,
    })
}

/// The width of a `_BitInt(N)`: DW_AT_bit_size. Clang 14 leaves it out; then the width is that of all its bytes.
fn bit_width(die: &Die, name: &[u8], size: Option<u64>) -> Option<u32> {
    let bytes = size?.checked_mul(8)?;
    let bit_int = name.windows(7).any(|window| window == b"_BitInt");
    let bits = die.bit_size.filter(|&bits| bits < bytes || bit_int);
    bits.or(bit_int.then_some(bytes))?.try_into().ok()
}
