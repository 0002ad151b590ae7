//! The document as serde reads it. Its form is that of `describe --as json`, see docs/json.md. An unknown member is
//! an error, because it may be misspelt.

use std::fmt;

use ffitypecheck::ctype;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub declarations: Vec<Declaration>,
    pub types: TypeEntries,
    pub target: Option<Target>,
    #[serde(default, rename = "library")]
    _library: IgnoredAny,
    #[serde(default, rename = "build_id")]
    _build_id: IgnoredAny,
    #[serde(default, rename = "debug_file")]
    _debug_file: IgnoredAny,
    #[serde(default, rename = "supplementary_file")]
    _supplementary_file: IgnoredAny,
    #[serde(default, rename = "undescribed")]
    _undescribed: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    machine: u16,
    pointer_size: u8,
    little_endian: bool,
}

impl From<&Target> for ctype::Target {
    fn from(target: &Target) -> ctype::Target {
        ctype::Target {
            machine: target.machine,
            pointer_size: target.pointer_size,
            little_endian: target.little_endian,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The symbol of a function or variable.
    pub symbol: Option<String>,
    /// The name of a type in C. Ignored for functions and variables.
    pub name: Option<String>,
    pub version: Option<String>,
    pub default_version: Option<bool>,
    pub kind: Subject,
    pub r#type: String,
    #[serde(default, rename = "linkage_name")]
    _linkage_name: IgnoredAny,
    #[serde(default, rename = "source")]
    _source: IgnoredAny,
    #[serde(default, rename = "evidence")]
    _evidence: IgnoredAny,
    #[serde(default, rename = "c")]
    _c: IgnoredAny,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Function,
    Variable,
    Type,
}

/// The types by their ids, in the order of the document. A repeated id is an error.
pub struct TypeEntries(pub Vec<(String, TypeEntry)>);

impl<'de> Deserialize<'de> for TypeEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TypeEntries, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = TypeEntries;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object with types by their ids")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TypeEntries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(TypeEntries(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum TypeEntry {
    Void {},
    Base {
        name: Option<String>,
        size: u64,
        align: Option<u64>,
        encoding: Encoding,
        bits: Option<u32>,
        #[serde(default)]
        swapped: bool,
    },
    Pointer {
        name: Option<String>,
        size: Option<u64>,
        align: Option<u64>,
        #[serde(default)]
        class: PointerClass,
        target: String,
    },
    Qualified {
        name: Option<String>,
        size: Option<u64>,
        align: Option<u64>,
        qualifiers: Vec<Qualifier>,
        target: String,
    },
    Typedef {
        name: String,
        size: Option<u64>,
        align: Option<u64>,
        target: String,
    },
    Array {
        name: Option<String>,
        size: Option<u64>,
        align: Option<u64>,
        element: String,
        #[serde(default)]
        qualifiers: Vec<Qualifier>,
        dimensions: Vec<Option<u64>>,
        #[serde(default)]
        vector: bool,
    },
    Record {
        name: Option<String>,
        size: Option<u64>,
        align: Option<u64>,
        #[serde(default)]
        class: RecordClass,
        #[serde(default)]
        incomplete: bool,
        #[serde(default = "by_value")]
        by_reference: Option<bool>,
        #[serde(default)]
        members: Vec<Member>,
    },
    Enumeration {
        name: Option<String>,
        size: Option<u64>,
        align: Option<u64>,
        underlying: Option<String>,
        #[serde(default)]
        incomplete: bool,
        #[serde(default)]
        enumerators: Vec<Enumerator>,
    },
    Function {
        name: Option<String>,
        result: String,
        #[serde(default)]
        parameters: Vec<Parameter>,
        #[serde(default = "yes")]
        prototyped: bool,
        #[serde(default)]
        variadic: bool,
        convention: Option<u8>,
    },
    Unknown {
        name: Option<String>,
        reason: Option<String>,
    },
    Any {
        name: Option<String>,
    },
}

fn by_value() -> Option<bool> {
    Some(false)
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: Option<String>,
    pub r#type: String,
    /// May be left out for a bit-field.
    pub offset: Option<u64>,
    pub bit_offset: Option<u64>,
    pub bit_width: Option<u64>,
    pub align: Option<u64>,
    #[serde(default)]
    pub base_class: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: Option<String>,
    pub r#type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enumerator {
    pub name: String,
    pub value: Value,
}

/// A number, or its digits if a JSON writer has no integer of that size.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an integer, or its digits as a string")]
pub enum Value {
    Signed(i64),
    Unsigned(u64),
    Digits(String),
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointerClass {
    #[default]
    Pointer,
    LvalueReference,
    RvalueReference,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Qualifier {
    Const,
    Volatile,
    Restrict,
    #[serde(rename = "_Atomic")]
    Atomic,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordClass {
    #[default]
    Struct,
    Union,
    Class,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    Boolean,
    Signed,
    Unsigned,
    SignedChar,
    UnsignedChar,
    Utf,
    Float,
    Float128,
    ComplexFloat,
    ComplexFloat128,
    ComplexInteger,
    DecimalFloat,
}

impl From<PointerClass> for ctype::PointerClass {
    fn from(class: PointerClass) -> ctype::PointerClass {
        match class {
            PointerClass::Pointer => ctype::PointerClass::Pointer,
            PointerClass::LvalueReference => ctype::PointerClass::LvalueReference,
            PointerClass::RvalueReference => ctype::PointerClass::RvalueReference,
        }
    }
}

impl From<Qualifier> for ctype::Qualifier {
    fn from(qualifier: Qualifier) -> ctype::Qualifier {
        match qualifier {
            Qualifier::Const => ctype::Qualifier::Const,
            Qualifier::Volatile => ctype::Qualifier::Volatile,
            Qualifier::Restrict => ctype::Qualifier::Restrict,
            Qualifier::Atomic => ctype::Qualifier::Atomic,
        }
    }
}

impl From<RecordClass> for ctype::RecordClass {
    fn from(class: RecordClass) -> ctype::RecordClass {
        match class {
            RecordClass::Struct => ctype::RecordClass::Struct,
            RecordClass::Union => ctype::RecordClass::Union,
            RecordClass::Class => ctype::RecordClass::Class,
        }
    }
}

impl From<Encoding> for ctype::Encoding {
    fn from(encoding: Encoding) -> ctype::Encoding {
        match encoding {
            Encoding::Boolean => ctype::Encoding::Boolean,
            Encoding::Signed => ctype::Encoding::Signed,
            Encoding::Unsigned => ctype::Encoding::Unsigned,
            Encoding::SignedChar => ctype::Encoding::SignedChar,
            Encoding::UnsignedChar => ctype::Encoding::UnsignedChar,
            Encoding::Utf => ctype::Encoding::Utf,
            Encoding::Float => ctype::Encoding::Float,
            Encoding::Float128 => ctype::Encoding::Float128,
            Encoding::ComplexFloat => ctype::Encoding::ComplexFloat,
            Encoding::ComplexFloat128 => ctype::Encoding::ComplexFloat128,
            Encoding::ComplexInteger => ctype::Encoding::ComplexInteger,
            Encoding::DecimalFloat => ctype::Encoding::DecimalFloat,
        }
    }
}
