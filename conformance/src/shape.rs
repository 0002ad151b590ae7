//! Random signatures as plain data. proptest makes them up, and shrinks them: what stands first is what they shrink to.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{prop_oneof, BoxedStrategy, Just, Strategy};
use proptest::sample::select;

use crate::signature::{Foreign, Scalar, Style, Type};

/// A type and its spelling, in which `@` stands where the name goes.
pub type Named = (&'static str, Type);

#[derive(Clone, Debug)]
pub struct FunctionShape {
    pub style: Style,
    pub result: Option<ValueShape>,
    pub parameters: Vec<ValueShape>,
    /// What its body reads by `va_arg`.
    pub variadic: Vec<ValueShape>,
}

#[derive(Clone, Debug)]
pub struct ValueShape {
    pub kind: ValueKind,
    /// So many typedefs stand for it, each for the one before.
    pub typedefs: usize,
    /// On a parameter it changes nothing for the caller.
    pub qualifier: &'static str,
}

#[derive(Clone, Debug)]
pub enum ValueKind {
    Named(Named),
    Enumeration(EnumerationShape),
    Record(RecordShape),
    /// A declarator with `@`, behind the record's name.
    PointerTo(RecordShape, &'static str),
}

#[derive(Clone, Debug)]
pub struct EnumerationShape {
    /// Which of the seven that types.rs knows.
    pub values: usize,
    /// Named by a typedef and not by a tag.
    pub by_typedef: bool,
}

#[derive(Clone, Debug)]
pub struct RecordShape {
    pub members: Vec<MemberShape>,
    /// Members that would make it larger than so many bytes are left out.
    pub most: u64,
    pub union: bool,
    pub packed: bool,
    pub aligned: Option<u64>,
    /// Named by a typedef and not by a tag.
    pub by_typedef: bool,
    /// The element of a flexible array at its end.
    pub flexible: Option<Named>,
}

#[derive(Clone, Debug)]
pub enum MemberShape {
    One {
        named: Named,
        aligned: Option<u64>,
    },
    Array {
        named: Named,
        dimensions: Vec<u64>,
    },
    /// A pointer to the record itself.
    Own,
    Enumeration(EnumerationShape),
    Bits(Vec<BitsShape>),
    Nested(Box<RecordShape>, Option<u64>),
    /// An anonymous union in a struct, or the other way round; with the flag, the same in the same.
    Anonymous {
        alike: bool,
        members: Vec<(Named, Option<u64>)>,
    },
    /// A bit-field without a name, and a scalar behind it.
    Unnamed {
        width: u64,
        next: Named,
    },
}

#[derive(Clone, Debug)]
pub struct BitsShape {
    pub named: Named,
    /// 1 to 64; of it the type takes what it can.
    pub width: u64,
    /// The width of one without a name behind it.
    pub gap: Option<u64>,
}

const fn integer(size: u64, signed: bool) -> Type {
    Type::Scalar(Scalar::Integer { size, signed })
}

pub const INT: Named = ("int @", integer(4, true));
pub const UNSIGNED: Named = ("unsigned int @", integer(4, false));
const BOOL: Named = ("_Bool @", Type::Scalar(Scalar::Bool));

const INTEGERS: &[Named] = &[
    INT,
    ("char @", integer(1, true)),
    ("signed char @", integer(1, true)),
    ("unsigned char @", integer(1, false)),
    ("short @", integer(2, true)),
    ("unsigned short @", integer(2, false)),
    UNSIGNED,
    ("long @", integer(8, true)),
    ("unsigned long @", integer(8, false)),
    ("long long @", integer(8, true)),
    ("unsigned long long @", integer(8, false)),
    ("int32_t @", integer(4, true)),
    ("uint8_t @", integer(1, false)),
    ("uint16_t @", integer(2, false)),
    ("size_t @", integer(8, false)),
    BOOL,
];

pub const DOUBLE: Named = ("double @", Type::Scalar(Scalar::Double));

const FLOATS: &[Named] = &[
    DOUBLE,
    ("float @", Type::Scalar(Scalar::Float)),
    DOUBLE,
    ("float @", Type::Scalar(Scalar::Float)),
    ("float _Complex @", Type::Scalar(Scalar::ComplexFloat)),
    ("double _Complex @", Type::Scalar(Scalar::ComplexDouble)),
];

const WIDE: &[Named] = &[
    ("long double @", Type::Scalar(Scalar::LongDouble)),
    ("long double _Complex @", Type::Scalar(Scalar::ComplexLongDouble)),
    ("__int128 @", integer(16, true)),
    ("unsigned __int128 @", integer(16, false)),
];

const BITS: &[Named] = &[
    UNSIGNED,
    UNSIGNED,
    UNSIGNED,
    INT,
    ("signed char @", integer(1, true)),
    ("unsigned short @", integer(2, false)),
    ("long @", integer(8, true)),
    BOOL,
];

const POINTERS: &[&str] = &[
    "void *@",
    "const char *@",
    "char **@",
    "const void *const *@",
    "int *restrict @",
    "volatile long *@",
    "struct opaque *@",
    "const union opaque_union *@",
    "double (*@)[3]",
    "int (*(*@)[2])[5]",
    "int (*@)(void)",
    "void (*@)(int, const char *, ...)",
    "double (*(*@)(int))(float)",
    "const unsigned char *const *@",
    "_Bool *@",
    "long double _Complex *@",
    "void *(*@)(void *, unsigned long)",
];

/// Parameters that C turns into pointers (C17 §6.7.6.3 ¶7 and ¶8).
const ADJUSTED: &[&str] = &[
    "int @[4]",
    "const char @[]",
    "double @[static 2]",
    "int @[const 3][2]",
    "int @(double)",
    "char *@[]",
    "void @(int, ...)",
];

pub const QUAD: Named = ("__float128 @", Type::Foreign(Foreign::Float128));

/// Types that libffi cannot pass.
const FOREIGN: &[Named] = &[
    QUAD,
    ("vector_of_ints @", Type::Foreign(Foreign::Vector)),
    ("struct empty @", Type::Foreign(Foreign::EmptyRecord)),
    ("_Decimal32 @", Type::Foreign(Foreign::Decimal(4))),
    ("_Decimal64 @", Type::Foreign(Foreign::Decimal(8))),
    ("_Decimal128 @", Type::Foreign(Foreign::Decimal(16))),
];

/// Any function.
pub fn function() -> BoxedStrategy<FunctionShape> {
    let value = value();
    let rare = foreign().prop_map(bare).boxed();
    let result = prop_oneof![183 => value.clone(), 1 => rare.clone()];
    let parameter = prop_oneof![439 => value.clone(), 60 => adjusted(), 1 => rare];
    let qualifier = select(&["", "const ", "volatile ", "const volatile "][..]);
    let qualifier = prop_oneof![9 => Just(""), 1 => qualifier];
    let parameter = (parameter, qualifier)
        .prop_map(|(value, qualifier)| ValueShape { qualifier, ..value })
        .boxed();
    let parameters = prop_oneof![
        5 => vec(parameter.clone(), 0..=5),
        3 => vec(parameter.clone(), 0..=10),
        2 => vec(parameter, 0..=20),
    ];
    let style = prop_oneof![
        78 => Just((Style::Prototype, Vec::new())),
        12 => vec(value, 0..=9).prop_map(|variadic| (Style::Variadic, variadic)),
        10 => Just((Style::KandR, Vec::new())),
    ];
    (parameters, option::weighted(0.92, result), style)
        .prop_map(|(parameters, result, (style, variadic))| FunctionShape {
            style,
            result,
            parameters,
            variadic,
        })
        .boxed()
}

fn bare(kind: ValueKind) -> ValueShape {
    ValueShape { kind, typedefs: 0, qualifier: "" }
}

fn foreign() -> impl Strategy<Value = ValueKind> {
    select(FOREIGN).prop_map(ValueKind::Named)
}

/// Any type that has values.
fn value() -> BoxedStrategy<ValueShape> {
    let kind = prop_oneof![
        45 => scalar().prop_map(ValueKind::Named),
        12 => pointer(),
        6 => enumeration().prop_map(ValueKind::Enumeration),
        37 => record().prop_map(ValueKind::Record),
    ];
    let typedefs = prop_oneof![85 => Just(0), 15 => 1..=3_usize];
    (kind, typedefs).prop_map(|(kind, typedefs)| ValueShape { typedefs, ..bare(kind) }).boxed()
}

fn scalar() -> BoxedStrategy<Named> {
    prop_oneof![55 => select(INTEGERS), 35 => select(FLOATS), 10 => select(WIDE)].boxed()
}

fn to_named(text: &'static str) -> Named {
    (text, Type::Scalar(Scalar::Pointer))
}

fn pointer() -> impl Strategy<Value = ValueKind> {
    let declarator = select(&["*@", "**@", "*const *@", "(*@)[4]"][..]);
    let to_record = (sized(16, 3, None), declarator);
    prop_oneof![
        7 => select(POINTERS).prop_map(|text| ValueKind::Named(to_named(text))),
        3 => to_record.prop_map(|(record, declarator)| ValueKind::PointerTo(record, declarator)),
    ]
}

fn adjusted() -> impl Strategy<Value = ValueShape> {
    let array = select(ADJUSTED).prop_map(|text| ValueKind::Named(to_named(text)));
    prop_oneof![6 => pointer(), 4 => array].prop_map(bare)
}

fn enumeration() -> impl Strategy<Value = EnumerationShape> {
    (0..7_usize, weighted(0.4))
        .prop_map(|(values, by_typedef)| EnumerationShape { values, by_typedef })
}

/// Any record; small ones are favoured, for they travel in registers.
fn record() -> BoxedStrategy<RecordShape> {
    let mut nested = None;
    for _ in 0..2 {
        let (small, middle) = (sized(16, 5, nested.clone()), sized(64, 10, nested));
        nested = Some(prop_oneof![6 => small, 4 => middle].boxed());
    }
    prop_oneof![
        58 => sized(16, 5, nested.clone()),
        37 => sized(64, 10, nested.clone()),
        5 => sized(200, 24, nested),
    ]
    .boxed()
}

/// A record of `most` bytes and `count` members at most.
fn sized(
    most: u64,
    count: usize,
    nested: Option<BoxedStrategy<RecordShape>>,
) -> BoxedStrategy<RecordShape> {
    let members = prop_oneof![
        1 => vec(member(select(INTEGERS).boxed(), false, nested.clone()), 1..=count),
        1 => vec(member(select(FLOATS).boxed(), true, nested.clone()), 1..=count),
        2 => vec(member(scalar(), false, nested), 1..=count),
    ];
    let alignment = select(&[16, 8, 8, 4, 2, 16, 16, 16, 16, 16, 16, 32][..]);
    let flags = (weighted(0.12), weighted(if most > 16 { 0.08 } else { 0.01 }), weighted(0.4));
    (members, flags, option::weighted(0.08, alignment), option::weighted(0.06, select(INTEGERS)))
        .prop_map(move |(members, (union, packed, by_typedef), aligned, flexible)| RecordShape {
            members,
            most,
            union,
            packed,
            aligned,
            by_typedef,
            flexible,
        })
        .boxed()
}

/// A member of a record whose scalars are `basic`; `alone`: it has no others.
fn member(
    basic: BoxedStrategy<Named>,
    alone: bool,
    nested: Option<BoxedStrategy<RecordShape>>,
) -> BoxedStrategy<MemberShape> {
    let aligned = option::weighted(0.03, select(&[4, 8, 16][..]));
    let one = (basic.clone(), aligned)
        .prop_map(|(named, aligned)| MemberShape::One { named, aligned })
        .boxed();
    let dimensions = prop_oneof![3 => vec(1..=4_u64, 1), 1 => vec(1..=4_u64, 2)];
    let array = (basic.clone(), dimensions)
        .prop_map(|(named, dimensions)| MemberShape::Array { named, dimensions });
    let plain = |named| MemberShape::One { named, aligned: None };
    let pointer = prop_oneof![
        7 => select(POINTERS).prop_map(move |text| plain(to_named(text))),
        3 => Just(MemberShape::Own),
    ];
    let bits = (select(BITS), 1..=64_u64, option::weighted(0.1, 0..=32_u64))
        .prop_map(|(named, width, gap)| BitsShape { named, width, gap });
    let part = if alone { select(FLOATS) } else { select(INTEGERS) };
    let parts = vec((part, option::weighted(0.3, 1..=4_u64)), 1..=3);
    let anonymous = (weighted(0.2), parts)
        .prop_map(|(alike, members)| MemberShape::Anonymous { alike, members });
    let unnamed =
        (1..=32_u64, select(FLOATS)).prop_map(|(width, next)| MemberShape::Unnamed { width, next });
    let inner = match nested {
        Some(record) => (record, option::weighted(0.25, 1..=3_u64))
            .prop_map(|(record, count)| MemberShape::Nested(Box::new(record), count))
            .boxed(),
        None => one.clone(),
    };
    // No weight is 0.
    let (integers, scalars) = if alone { (1, 22 * 46 + 500) } else { (22, 22 * 46) };
    prop_oneof![
        scalars => one,
        22 * 14 => array,
        integers * 8 => pointer,
        integers * 5 => enumeration().prop_map(MemberShape::Enumeration),
        integers * 10 => vec(bits, 1..=4).prop_map(MemberShape::Bits),
        22 * 8 => inner,
        22 * 7 => anonymous,
        22 => Just(plain(QUAD)),
        22 => unnamed,
    ]
    .boxed()
}
