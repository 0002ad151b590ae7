//! Types: from a DIE to the C type model.

use std::sync::Arc;

use gimli::constants as dw;

use super::die::{Die, DieRef, Reference};
use super::exported::Exported;
use super::scope::{ScopeName, Scopes};
use super::values::{element_count, enumerator_value};
use super::{DwarfFile, Opened, Slice};
use crate::ctype::{
    Encoding, Enumerator, Kind, Name, PointerClass, Qualifier, RecordClass, Type, TypeId,
    TypeSource, Types,
};

/// What a type costs that is referred to: what is kept of it.
pub(super) const PER_TYPE: u64 = 64;

/// The key of a type that is referred to but cannot be found.
pub(super) const BROKEN: u64 = u64::MAX - 1;

/// The key of the type of a parameter in a language where that is not what is passed.
pub(super) const PASSED_SOMEHOW: u64 = u64::MAX - 2;

/// The key of a pointer of which it is not known what it points to.
pub(super) const SOME_POINTER: u64 = u64::MAX - 3;

/// Reads types on first use.
pub(super) struct Source {
    pub dwarf: Arc<DwarfFile>,
    /// What knows the definitions of what is only declared; `None`: nothing is completed.
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
    /// The number of the type that an attribute DW_AT_type in `space` refers to; `void` where it is absent.
    pub(super) fn type_id(
        &self,
        types: &Types,
        space: u32,
        reference: Option<Reference>,
    ) -> TypeId {
        let Some(reference) = reference else { return TypeId::VOID };
        // What a type that is not read yet takes in the table.
        self.work.spend(PER_TYPE);
        let key = self.follow(space, reference).and_then(DieRef::key);
        types.id_of(key.unwrap_or(BROKEN))
    }

    /// Each type is read once.
    fn read_type(&self, types: &Types, at: DieRef) -> Type {
        let opened = match self.work.look().and_then(|()| self.die(at)) {
            Ok(opened) => opened,
            Err(error) => return Type::unknown(&format!("{error:#}")),
        };
        // A stub that names the type unit with the definition (DWARF 5 §5.7.1).
        let ty = match self.die_of(at.space, opened.die.signature) {
            Some(definition) => self.build(types, definition),
            None => self.build(types, opened),
        };
        // What was cut short there is not what the file says.
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
            dw::DW_TAG_structure_type => self.record(types, &opened, RecordClass::Struct),
            dw::DW_TAG_class_type | dw::DW_TAG_interface_type => {
                self.record(types, &opened, RecordClass::Class)
            }
            dw::DW_TAG_union_type => self.record(types, &opened, RecordClass::Union),
            dw::DW_TAG_enumeration_type => self.enumeration(types, &opened),
            dw::DW_TAG_subprogram | dw::DW_TAG_subroutine_type => {
                let function = Kind::Function(self.function(types, opened));
                return Type { name: None, size: None, align: None, kind: function };
            }
            // The only unspecified type that values have is that of nullptr (DWARF 5 §5.2).
            dw::DW_TAG_unspecified_type
                if name.is_some_and(|name| name.slice() == b"decltype(nullptr)") =>
            {
                name = None;
                Kind::Pointer { target: TypeId::VOID, class: PointerClass::Pointer }
            }
            // Of slim type information.
            dw::DW_TAG_unspecified_type if die.description.is_some() => {
                let reason = die.description.map_or(&b""[..], |reason| reason.slice());
                Kind::Unknown { reason: Name::from_bytes(reason) }
            }
            tag => {
                let tag = tag.static_string().unwrap_or("DW_TAG_<unknown>");
                Kind::Unknown { reason: format!("C has no type like {tag}").as_str().into() }
            }
        };
        // A class that is defined outside the scope where it was declared (DWARF 5 §5.7.1).
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
        // Everything in a scope has a copy of its name.
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
            Some(_) if is_long_double && self.options_of(opened).long_double_128 => Kind::Unknown {
                reason: "the library's long double is of another format, by -mlong-double-128"
                    .into(),
            },
            Some(encoding) => Kind::Base {
                encoding,
                bits: bit_width(die, name, size),
                swapped: die.big_endian.is_some_and(|big| big == self.target.little_endian),
            },
            None if float => Kind::Unknown {
                reason: format!(
                    "the name {:?} does not tell the format of these floating-point bytes",
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
            return Kind::Unknown {
                reason: "the elements of the array do not lie side by side".into(),
            };
        }
        let language = opened.unit.root.language;
        let mut dimensions = Vec::new();
        self.for_children(opened, &mut |child| match child.tag {
            dw::DW_TAG_subrange_type | dw::DW_TAG_generic_subrange => {
                dimensions.push(element_count(&child, language));
            }
            // An index type of the language's own: its range is not known here.
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
        let (size, sign) = self.size_and_sign(die.at.space, die.ty);
        let size = die.byte_size.or(size);
        // Where nothing tells, as in strict DWARF 2, GCC writes what is negative with a sign (DW_FORM_sdata).
        let sign = sign.or_else(|| Some(die.encoding? == dw::DW_ATE_signed)).unwrap_or(false);
        let mut enumerators = Vec::new();
        self.for_children(opened, &mut |child| {
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

    /// Visits the children of a DIE; those before the fault, where they are damaged.
    pub(super) fn for_children(&self, opened: &Opened<'_>, visit: &mut dyn FnMut(Die)) {
        if opened.die.has_children {
            let _ = opened.context.children(opened.entries.clone(), visit);
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
        let path = opened.space.source_file(opened.unit, file).or_else(|| {
            // Without a line table of its own, a split unit uses its skeleton's.
            let skeleton = opened.die.at.space.checked_sub(super::SPLIT)?;
            self.main().source_file(self.main().unit(skeleton as usize).ok()?, file)
        })?;
        Some((Name::from_bytes(&path), line))
    }
}

/// Languages whose types may stand in namespaces; C and its like need no search for them. dwz's partial units have no
/// language.
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

/// DWARF 5 §7.8, with GNU's complex integers (DW_ATE_lo_user). `None`: encoding, name and size do not agree on a type.
pub(super) fn base_encoding(
    encoding: Option<gimli::DwAte>,
    name: &[u8],
    size: Option<u64>,
) -> Option<Encoding> {
    // Two formats have 16 bytes on x86, and DWARF has one encoding for both: only the name tells. GCC at times names a
    // base type after a typedef, and then nothing does.
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
    // D's `real`, and what clang 14 calls every complex type.
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
        // Before DWARF 3 there is no encoding for decimal numbers. GCC does not name `_Complex short`.
        dw::DW_ATE_lo_user if name.starts_with(b"_Decimal") => Encoding::DecimalFloat,
        dw::DW_ATE_lo_user if name.starts_with(b"complex") || name == b"__unknown__" => {
            Encoding::ComplexInteger
        }
        _ => return None,
    })
}

/// The width of a `_BitInt(N)`: DW_AT_bit_size. Clang 14 leaves it out; then it may be as wide as its bytes.
fn bit_width(die: &Die, name: &[u8], size: Option<u64>) -> Option<u32> {
    let bytes = size?.checked_mul(8)?;
    let bit_int = name.windows(7).any(|window| window == b"_BitInt");
    let bits = die.bit_size.filter(|&bits| bits < bytes || bit_int);
    bits.or(bit_int.then_some(bytes))?.try_into().ok()
}
