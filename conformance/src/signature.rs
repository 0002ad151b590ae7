//! What the generator knows of the C that it writes: types, records with their layout, functions.

/// One scalar, as a calling convention sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    Bool,
    Integer { size: u64, signed: bool },
    Pointer,
    Float,
    Double,
    LongDouble,
    ComplexFloat,
    ComplexDouble,
    ComplexLongDouble,
}

impl Scalar {
    /// `sizeof`, in bytes.
    pub fn size(self) -> u64 {
        match self {
            Scalar::Bool => 1,
            Scalar::Integer { size, .. } => size,
            Scalar::Float => 4,
            Scalar::Pointer | Scalar::Double | Scalar::ComplexFloat => 8,
            Scalar::LongDouble | Scalar::ComplexDouble => 16,
            Scalar::ComplexLongDouble => 32,
        }
    }

    /// `_Alignof`, in bytes (x86-64 psABI, figure 3.1).
    pub fn align(self) -> u64 {
        match self {
            Scalar::ComplexFloat => 4,
            Scalar::ComplexDouble => 8,
            Scalar::ComplexLongDouble => 16,
            other => other.size(),
        }
    }
}

/// A type that libffi has no way to pass, whatever the declaration around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Float128,
    Vector,
    EmptyRecord,
    /// A decimal floating-point number of so many bytes.
    Decimal(u64),
}

/// A type, without its spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Scalar(Scalar),
    /// The number of a record in [`Library::records`].
    Record(usize),
    Foreign(Foreign),
}

/// A type and one of its spellings: C text in which `@` stands where the name goes.
#[derive(Clone, Debug)]
pub struct Spelled {
    pub ty: Type,
    pub text: String,
    /// An enumeration, whose signedness is the compiler's own affair.
    pub enumeration: bool,
}

impl Spelled {
    pub fn new(ty: Type, text: impl Into<String>) -> Spelled {
        Spelled { ty, text: text.into(), enumeration: false }
    }

    /// The same type in another spelling.
    pub fn respelled(&self, text: impl Into<String>) -> Spelled {
        Spelled { text: text.into(), ..self.clone() }
    }

    pub fn declare(&self, name: &str) -> String {
        self.text.replace('@', name)
    }
}

/// The number of elements of an array member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Not an array.
    One,
    /// The dimensions, outermost first.
    Array(Vec<u64>),
    /// `m[]`: adds its alignment and no bytes.
    Flexible,
}

impl Extent {
    pub fn count(&self) -> u64 {
        match self {
            Extent::One => 1,
            Extent::Array(dimensions) => dimensions.iter().product(),
            Extent::Flexible => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Member {
    /// `None`: an anonymous record or an unnamed bit-field.
    pub name: Option<String>,
    pub spelled: Spelled,
    pub extent: Extent,
    /// The width of a bit-field.
    pub width: Option<u64>,
    /// `__attribute__((aligned))` on the member, in bytes.
    pub aligned: Option<u64>,
    /// Where it starts, in bits from the start of the record; filled in by the layout.
    pub offset: u64,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub union: bool,
    /// Written inside another record, without a name.
    pub inline: bool,
    pub packed: bool,
    /// `__attribute__((aligned))` on the record, in bytes.
    pub aligned: Option<u64>,
    /// How it is defined: the text before the `{` and after the `}`.
    pub head: String,
    pub tail: String,
    /// Its spelling as a type, with `@`.
    pub text: String,
    pub members: Vec<Member>,
    /// `sizeof` and `_Alignof`, in bytes; filled in by the layout.
    pub size: u64,
    pub align: u64,
}

impl Record {
    /// `struct` or `union`.
    pub fn keyword(&self) -> &'static str {
        if self.union {
            "union"
        } else {
            "struct"
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Prototype,
    /// `int f(a) char a; { … }`: arguments arrive promoted.
    KandR,
    /// Ends in `, ...`.
    Variadic,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub number: usize,
    pub name: String,
    /// Which of the library's source files defines it.
    pub unit: usize,
    pub style: Style,
    /// `None`: void.
    pub result: Option<Spelled>,
    pub parameters: Vec<Spelled>,
    /// What its body reads by `va_arg`, in order.
    pub variadic: Vec<Spelled>,
}

/// One thing that the common header holds, in order.
#[derive(Clone, Debug)]
pub enum Definition {
    Text(String),
    Record(usize),
}

/// A whole generated library.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub definitions: Vec<Definition>,
    pub records: Vec<Record>,
    pub functions: Vec<Function>,
    pub units: usize,
}

impl Library {
    pub fn size_align(&self, ty: Type) -> (u64, u64) {
        match ty {
            Type::Scalar(scalar) => (scalar.size(), scalar.align()),
            Type::Record(number) => (self.records[number].size, self.records[number].align),
            Type::Foreign(Foreign::EmptyRecord) => (0, 1),
            Type::Foreign(Foreign::Decimal(size)) => (size, size),
            Type::Foreign(_) => (16, 16),
        }
    }
}

/// What the default argument promotions make of a scalar (C17 §6.5.2.2 ¶6).
pub fn promoted(ty: Type) -> Type {
    match ty {
        Type::Scalar(Scalar::Bool) => Type::Scalar(Scalar::Integer { size: 4, signed: true }),
        Type::Scalar(Scalar::Integer { size, .. }) if size < 4 => {
            Type::Scalar(Scalar::Integer { size: 4, signed: true })
        }
        Type::Scalar(Scalar::Float) => Type::Scalar(Scalar::Double),
        other => other,
    }
}
