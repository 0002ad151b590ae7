//! Writes the JSON document of `describe --as json`. docs/json.md describes it for readers.

use std::io::Write;

use ffitypecheck::abi;
use ffitypecheck::ctype::{
    DeclarationKind, Encoding, Evidence, Kind, Name, PointerClass, Qualifier, RecordClass, Type,
    TypeId, Types,
};
use ffitypecheck::identity::{Identity, TypeClass};
use ffitypecheck::image::SymbolKind;
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use serde::Serialize;

use crate::describe::{reason, Described, Undescribed};
use crate::failure::Failure;
use crate::r#where::hex;

/// The id of a type in the document. It is a string because it is a key.
#[derive(Serialize)]
struct Id(String);

#[derive(Serialize)]
struct Target {
    machine: u16,
    pointer_size: u8,
    little_endian: bool,
}

#[derive(Serialize)]
struct Source {
    file: String,
    line: u64,
}

#[derive(Serialize)]
struct DeclarationEntry<'a> {
    symbol: &'a str,
    version: Option<&'a str>,
    default_version: bool,
    kind: &'static str,
    name: &'a str,
    linkage_name: Option<&'a str>,
    source: Option<Source>,
    evidence: &'static str,
    r#type: Id,
    c: String,
}

#[derive(Serialize)]
struct UndescribedEntry<'a> {
    symbol: &'a str,
    version: Option<&'a str>,
    kind: Option<&'static str>,
    error: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct TypeEntry<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<u64>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

/// The members that depend on the kind of type.
#[derive(Serialize)]
#[serde(untagged)]
enum Rest<'a> {
    Void {},
    Base {
        encoding: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        bits: Option<u32>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        swapped: bool,
    },
    Pointer {
        class: &'static str,
        target: Id,
    },
    Qualified {
        qualifiers: Vec<&'static str>,
        target: Id,
    },
    Typedef {
        target: Id,
    },
    Array {
        element: Id,
        qualifiers: Vec<&'static str>,
        dimensions: &'a [Option<u64>],
        vector: bool,
    },
    Record {
        class: &'static str,
        incomplete: bool,
        by_reference: Option<bool>,
        members: Vec<MemberEntry<'a>>,
    },
    Enumeration {
        underlying: Option<Id>,
        incomplete: bool,
        enumerators: Vec<EnumeratorEntry<'a>>,
    },
    Function {
        result: Id,
        parameters: Vec<ParameterEntry<'a>>,
        prototyped: bool,
        variadic: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        convention: Option<u8>,
    },
    Unknown {
        reason: &'a str,
    },
}

#[derive(Serialize)]
struct MemberEntry<'a> {
    name: Option<&'a str>,
    r#type: Id,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit_width: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    base_class: bool,
}

#[derive(Serialize)]
struct EnumeratorEntry<'a> {
    name: &'a str,
    value: Value,
}

/// A number, or its digits if JSON readers have no integer of that size.
#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Signed(i64),
    Unsigned(u64),
    Digits(String),
}

#[derive(Serialize)]
struct ParameterEntry<'a> {
    name: Option<&'a str>,
    r#type: Id,
}

/// Writes the document with one line per declaration and type. Identical types are written once.
pub fn write(
    library: &Library,
    described: &[Described],
    undescribed: &[Undescribed],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let files = library.files();
    let target = files.library.target();
    let target = Target {
        machine: target.machine,
        pointer_size: target.pointer_size,
        little_endian: target.little_endian,
    };
    write!(out, "{{\"library\":")?;
    serde_json::to_writer(&mut *out, &files.library.path().to_string_lossy())?;
    field(out, "build_id", &files.library.build_id().map(hex))?;
    field(out, "debug_file", &files.main().path().to_string_lossy())?;
    let supplementary = files.supplementary.as_ref().map(|file| file.path().to_string_lossy());
    field(out, "supplementary_file", &supplementary)?;
    field(out, "target", &target)?;
    let mut identity = Identity::by_names(true);
    write!(out, ",\n\"declarations\":[")?;
    for (index, described) in described.iter().enumerate() {
        let declaration = &described.declaration;
        let class = identity.class_of(&declaration.types, declaration.ty);
        let entry = declaration_entry(described, id_of(class));
        write!(out, "{}", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    write!(out, "],\n\"undescribed\":[")?;
    for (index, undescribed) in undescribed.iter().enumerate() {
        write!(out, "{}", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &undescribed_entry(undescribed))?;
    }
    write!(out, "],\n\"types\":{{")?;
    for index in 0..identity.len() {
        let Some((types, id)) = identity.representative(TypeClass::from_index(index)) else {
            continue;
        };
        write!(out, "{}\"{index}\":", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &type_entry(&identity, types, id))?;
    }
    writeln!(out, "}}}}")?;
    Ok(())
}

fn field(out: &mut impl Write, name: &str, value: &impl Serialize) -> Result<(), Failure> {
    write!(out, ",\n\"{name}\":")?;
    Ok(serde_json::to_writer(out, value)?)
}

fn id_of(class: TypeClass) -> Id {
    Id(class.index().to_string())
}

fn text(name: &Option<Name>) -> Option<&str> {
    name.as_ref().map(Name::as_str)
}

fn declaration_entry<'a>(described: &'a Described, id: Id) -> DeclarationEntry<'a> {
    let Described { symbol, declaration } = described;
    let source = declaration.source();
    DeclarationEntry {
        symbol: declaration.symbol.as_str(),
        version: symbol.and_then(|symbol| text(&symbol.version)),
        default_version: symbol.is_none_or(|symbol| symbol.default_version),
        kind: match declaration.kind {
            DeclarationKind::Function => "function",
            DeclarationKind::Variable => "variable",
            DeclarationKind::Type => "type",
        },
        name: declaration.name.as_str(),
        linkage_name: text(&declaration.linkage_name),
        source: source.map(|(file, line)| Source { file: file.to_string(), line }),
        evidence: match declaration.evidence {
            Evidence::Address => "address",
            Evidence::Name => "name",
            Evidence::Resolver => "resolver",
            Evidence::Use => "use",
        },
        r#type: id,
        c: spell::declaration(declaration),
    }
}

fn undescribed_entry<'a>(undescribed: &'a Undescribed) -> UndescribedEntry<'a> {
    let symbol = undescribed.symbol;
    UndescribedEntry {
        symbol: symbol.map_or(undescribed.name.as_str(), |symbol| symbol.name.as_str()),
        version: symbol.and_then(|symbol| text(&symbol.version)),
        kind: symbol.map(|symbol| match symbol.kind {
            SymbolKind::Function | SymbolKind::Ifunc => "function",
            SymbolKind::Object | SymbolKind::Tls => "variable",
            SymbolKind::Untyped => "untyped",
        }),
        error: error_name(undescribed.error.kind()),
        reason: reason(&undescribed.error),
    }
}

/// An identifier for scripts. It never changes once it is released.
fn error_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NoSymbol => "no-symbol",
        ErrorKind::NoType => "no-type",
        ErrorKind::Ambiguous => "ambiguous",
        ErrorKind::MalformedDwarf => "malformed-dwarf",
        ErrorKind::NoDebugInfo => "no-debug-info",
        ErrorKind::Io => "io",
        ErrorKind::Limit => "limit",
        ErrorKind::InvalidArgument => "invalid-argument",
        _ => "other",
    }
}

fn type_entry<'a>(identity: &Identity, types: &'a Types, id: TypeId) -> TypeEntry<'a> {
    let (mut qualifiers, under) = unqualified(types, id);
    let ty = match types.get(under) {
        // A qualified array is an array of qualified elements.
        array @ Type { kind: Kind::Array { .. }, .. } => array,
        _ => types.get(id),
    };
    let reference = |target: TypeId| {
        // When a type is classified, all types that it refers to are classified too.
        Id(identity.known_class(types, target).map_or(0, TypeClass::index).to_string())
    };
    let (kind, rest) = match &ty.kind {
        Kind::Void => ("void", Rest::Void {}),
        Kind::Base { encoding, bits, swapped } => {
            let encoding = encoding_name(*encoding);
            ("base", Rest::Base { encoding, bits: *bits, swapped: *swapped })
        }
        Kind::Pointer { target, class } => {
            let class = match class {
                PointerClass::Pointer => "pointer",
                PointerClass::LvalueReference => "lvalue-reference",
                PointerClass::RvalueReference => "rvalue-reference",
            };
            ("pointer", Rest::Pointer { class, target: reference(*target) })
        }
        Kind::Qualified { .. } => {
            let rest = Rest::Qualified { qualifiers: words(&qualifiers), target: reference(under) };
            ("qualified", rest)
        }
        Kind::Typedef { target } => ("typedef", Rest::Typedef { target: reference(*target) }),
        Kind::Array { element, dimensions, vector } => {
            let (of_element, element) = unqualified(types, *element);
            qualifiers.extend(of_element);
            let rest = Rest::Array {
                element: reference(element),
                qualifiers: words(&qualifiers),
                dimensions,
                vector: *vector,
            };
            ("array", rest)
        }
        Kind::Record(record) => {
            let class = match record.class {
                RecordClass::Struct => "struct",
                RecordClass::Union => "union",
                RecordClass::Class => "class",
            };
            let members = record.members.iter().map(|member| MemberEntry {
                name: text(&member.name),
                r#type: reference(member.ty),
                offset: member.offset,
                bit_offset: member.bits.map(|bits| bits.offset),
                bit_width: member.bits.map(|bits| bits.width),
                align: member.align,
                base_class: member.base_class,
            });
            let rest = Rest::Record {
                class,
                incomplete: record.incomplete,
                by_reference: record.by_reference,
                members: members.collect(),
            };
            ("record", rest)
        }
        Kind::Enumeration { underlying, enumerators, incomplete } => {
            let enumerators = enumerators.iter().map(|enumerator| EnumeratorEntry {
                name: enumerator.name.as_str(),
                value: value(enumerator.value),
            });
            let rest = Rest::Enumeration {
                underlying: underlying.map(reference),
                incomplete: *incomplete,
                enumerators: enumerators.collect(),
            };
            ("enumeration", rest)
        }
        Kind::Function(function) => {
            let parameters = function.parameters.iter().map(|parameter| ParameterEntry {
                name: text(&parameter.name),
                r#type: reference(parameter.ty),
            });
            let rest = Rest::Function {
                result: reference(function.result),
                parameters: parameters.collect(),
                prototyped: function.prototyped,
                variadic: function.variadic,
                convention: function.convention,
            };
            ("function", rest)
        }
        Kind::Unknown { reason } => ("unknown", Rest::Unknown { reason: reason.as_str() }),
    };
    let size = abi::size_of(types, id);
    let align = size.map(|_| abi::align_of(types, id));
    TypeEntry { kind, name: text(&ty.name), size, align, rest }
}

/// The qualifiers of a type, and the unqualified type.
fn unqualified(types: &Types, id: TypeId) -> (Vec<Qualifier>, TypeId) {
    let (mut qualifiers, mut current) = (Vec::new(), id);
    // The library itself looks through at most this many.
    for _ in 0..64 {
        let Kind::Qualified { qualifier, target } = types.get(current).kind else {
            return (qualifiers, current);
        };
        qualifiers.push(qualifier);
        current = target;
    }
    (qualifiers, TypeId::VOID)
}

/// The words for the qualifiers, each once, in C's order.
fn words(qualifiers: &[Qualifier]) -> Vec<&'static str> {
    let known = [
        (Qualifier::Const, "const"),
        (Qualifier::Volatile, "volatile"),
        (Qualifier::Restrict, "restrict"),
        (Qualifier::Atomic, "_Atomic"),
    ];
    known.iter().filter(|(known, _)| qualifiers.contains(known)).map(|(_, word)| *word).collect()
}

fn value(value: i128) -> Value {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(signed), _) => Value::Signed(signed),
        (_, Ok(unsigned)) => Value::Unsigned(unsigned),
        _ => Value::Digits(value.to_string()),
    }
}

fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Boolean => "boolean",
        Encoding::Signed => "signed",
        Encoding::Unsigned => "unsigned",
        Encoding::SignedChar => "signed-char",
        Encoding::UnsignedChar => "unsigned-char",
        Encoding::Utf => "utf",
        Encoding::Float => "float",
        Encoding::Float128 => "float128",
        Encoding::ComplexFloat => "complex-float",
        Encoding::ComplexFloat128 => "complex-float128",
        Encoding::ComplexInteger => "complex-integer",
        Encoding::DecimalFloat => "decimal-float",
    }
}
