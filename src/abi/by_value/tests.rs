use super::*;
use crate::ctype::fixture::{Fixture, AMD64};
use crate::ctype::Encoding::{ComplexFloat, ComplexInteger, Float, Signed};

fn bytes(f: &Fixture, id: TypeId) -> Bytes {
    let Value::Record(bytes) = by_value(&f.types, id) else { panic!("not a record") };
    bytes
}

/// Offset, size, and marks: `b`it-field, `u`nion, `a`rray, `!` not aligned.
fn shape(bytes: &Bytes) -> String {
    let mark = |on: bool, mark: &'static str| if on { mark } else { "" };
    let leaf = |leaf: &Leaf| {
        let marks = [
            mark(leaf.is_bit_field(), "b"),
            mark(leaf.in_union, "u"),
            mark(leaf.in_array, "a"),
            mark(!leaf.aligned, "!"),
        ];
        format!("{}+{}{}", leaf.offset, leaf.size, marks.concat())
    };
    bytes.leaves.iter().map(leaf).collect::<Vec<_>>().join(" ")
}

#[test]
fn records_become_their_scalars() {
    use RecordClass::{Struct, Union};
    let f = Fixture::of(AMD64);
    let char = f.base("char", Encoding::SignedChar, 1);
    let int = f.base("int", Signed, 4);
    let double = f.base("double", Float, 8);
    let wide = f.base("__int128", Signed, 16);
    let complex = f.base("float _Complex", ComplexFloat, 8);
    let inner = f.placed(Struct, 8, &[(0, char), (4, int)]);
    let pairs = f.array(inner, &[Some(2)]);
    let flexible = f.array(int, &[None]);
    let nothing = f.array(double, &[Some(0)]);
    let union = f.placed(Union, 8, &[(0, int), (0, double), (0, inner)]);
    for (id, expected) in [
        (inner, "0+1 4+4"),
        (f.placed(Struct, 16, &[(0, pairs)]), "0+1a 4+4a 8+1a 12+4a"),
        (f.placed(Struct, 4, &[(0, int), (4, flexible), (4, nothing)]), "0+4"),
        (f.placed(Struct, 16, &[(0, f.typedef("u", union)), (8, int)]), "0+1u 0+4u 0+8u 4+4u 8+4"),
        (f.placed(Struct, 5, &[(0, char), (1, int)]), "0+1 1+4!"),
        // A struct with overlapping members, as language runtimes without unions make it.
        (
            f.placed(Struct, 24, &[(0, double), (0, int), (4, int), (8, int), (16, double)]),
            "0+4u 0+8u 4+4u 8+4 16+8",
        ),
        (f.placed(Struct, 32, &[(0, char), (16, wide)]), "0+1 16+8 24+8"),
        (f.placed(Struct, 12, &[(0, complex), (8, int)]), "0+4 4+4 8+4"),
        (
            f.bits(
                "s",
                8,
                &[("m", 0, 3, int), ("m", 3, 30, int), ("m", 33, 0, int), ("m", 40, 8, int)],
            ),
            "0+1b 0+5b 5+1b",
        ),
    ] {
        let bytes = bytes(&f, id);
        assert_eq!(shape(&bytes), expected);
        assert!(bytes.complete);
    }
}

#[test]
fn values_other_than_records() {
    let f = Fixture::of(AMD64);
    let int = f.base("int", Signed, 4);
    let scalar = |class, size| Value::Scalar { class, size };
    let bits = |encoding, bits, size| {
        f.add(
            Some("_BitInt"),
            Some(size),
            Kind::Base { encoding, bits: Some(bits), swapped: false },
        )
    };
    for (id, expected) in [
        (TypeId::VOID, Value::Void),
        (f.typedef("t", int), scalar(ScalarClass::Integer { signed: true }, 4)),
        (f.pointer(int), scalar(ScalarClass::Pointer, 8)),
        (
            f.enumeration(Some("e"), 4, &[]),
            scalar(ScalarClass::Enumeration { signed: false, beyond_bool: false }, 4),
        ),
        (f.base("_Bool", Encoding::Boolean, 1), scalar(ScalarClass::Boolean, 1)),
        (f.base("char8_t", Encoding::Utf, 1), scalar(ScalarClass::Integer { signed: false }, 1)),
        (bits(Signed, 37, 8), scalar(ScalarClass::Integer { signed: true }, 8)),
        (bits(Signed, 65, 16), scalar(ScalarClass::WideInteger, 16)),
        (f.vector(int, 4), scalar(ScalarClass::Vector, 16)),
        (f.base("c", ComplexFloat, 16), Value::Complex { part: ScalarClass::Float, size: 16 }),
        (
            f.base("c", ComplexInteger, 8),
            Value::Complex { part: ScalarClass::Integer { signed: true }, size: 8 },
        ),
        (f.class_by_reference(), Value::Reference),
        (f.record("opaque"), unknown("it is incomplete")),
        (f.array(int, &[Some(4)]), unknown("an array is not a value")),
        (f.types.add(crate::ctype::Type::unknown("no unit")), unknown("no unit")),
    ] {
        assert_eq!(by_value(&f.types, id), expected);
    }
}

#[test]
fn promotions_change_narrow_integers_and_float_only() {
    let scalar = |class, size| Value::Scalar { class, size };
    let int = scalar(ScalarClass::Integer { signed: true }, 4);
    let unsigned = |size| scalar(ScalarClass::Integer { signed: false }, size);
    for (value, expected) in [
        (scalar(ScalarClass::Float, 4), scalar(ScalarClass::Float, 8)),
        (scalar(ScalarClass::Boolean, 1), int.clone()),
        (unsigned(1), int.clone()),
        (unsigned(2), int),
        (unsigned(4), unsigned(4)),
        (scalar(ScalarClass::Float, 16), scalar(ScalarClass::Float, 16)),
        (scalar(ScalarClass::Pointer, 8), scalar(ScalarClass::Pointer, 8)),
    ] {
        assert_eq!(value.promoted(), expected);
    }
}

#[test]
fn hostile_records_cost_bounded_work() {
    let f = Fixture::of(AMD64);
    let char = f.base("char", Signed, 1);
    let many = f.array(char, &[Some(1 << 40)]);
    let large = f.placed(RecordClass::Struct, 1 << 40, &[(0, many)]);
    let large = bytes(&f, large);
    assert!(!large.complete && large.leaves.len() <= MAX_LEAVES);

    let mut doubling = f.placed(RecordClass::Struct, 8, &[]);
    for _ in 0..60 {
        doubling = f.placed(RecordClass::Struct, 8, &[(0, doubling), (0, doubling)]);
    }
    assert!(!bytes(&f, doubling).complete);

    let empty = f.placed(RecordClass::Struct, 0, &[]);
    let empties = f.array(empty, &[Some(1 << 60)]);
    let free = f.placed(RecordClass::Struct, 1, &[(0, empties), (0, char)]);
    assert_eq!(shape(&bytes(&f, free)), "0+1");

    let mut deep = char;
    for _ in 0..10_000 {
        deep = f.placed(RecordClass::Struct, 1, &[(0, deep)]);
    }
    assert!(!bytes(&f, deep).complete);

    let outside = f.placed(RecordClass::Struct, 4, &[(0, char), (u64::MAX, char), (4, char)]);
    let outside = bytes(&f, outside);
    assert_eq!((shape(&outside).as_str(), outside.complete), ("0+1", false));

    let cyclic = f.types.reserve();
    let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
    f.types.set(cyclic, crate::ctype::Type { name: None, size: Some(8), align: None, kind });
    let holder = f.placed(RecordClass::Struct, 8, &[(0, cyclic)]);
    assert!(!bytes(&f, holder).complete);
}

#[test]
fn an_array_of_what_is_not_known_is_as_long_as_it_is() {
    let f = Fixture::of(AMD64);
    let mut any = crate::ctype::Type::unknown("converted at call time");
    any.size = Some(2);
    let array = f.array(f.types.add(any), &[Some(3)]);
    let bytes = bytes(&f, f.placed(RecordClass::Struct, 6, &[(0, array)]));
    assert_eq!((shape(&bytes).as_str(), bytes.complete), ("0+2a 2+2a 4+2a", false));
}
