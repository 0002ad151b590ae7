use super::*;
use crate::ctype::fixture::{Fixture, AARCH64, AMD64};
use crate::ctype::RecordClass::{Struct, Union};
use crate::ctype::{Encoding, Kind};

const I: Eightbyte = Eightbyte::Integer;
const S: Eightbyte = Eightbyte::Sse;
const N: Eightbyte = Eightbyte::NoClass;

fn of(f: &Fixture, id: TypeId) -> Option<Passing> {
    passing(&by_value(&f.types, id))
}

#[test]
fn records_go_where_the_psabi_puts_them() {
    let f = Fixture::of(AMD64);
    let char = f.base("char", Encoding::SignedChar, 1);
    let short = f.base("short", Encoding::Signed, 2);
    let int = f.base("int", Encoding::Signed, 4);
    let long = f.base("long", Encoding::Signed, 8);
    let float = f.base("float", Encoding::Float, 4);
    let double = f.base("double", Encoding::Float, 8);
    let x87 = f.base("long double", Encoding::Float, 16);
    let quad = f.base("_Float128", Encoding::Float128, 16);
    let complex = f.base("float _Complex", Encoding::ComplexFloat, 8);
    let record = |size, members: &[_]| f.placed(Struct, size, members);
    let union = |size, members: &[_]| f.placed(Union, size, members);
    let registers = |first, second| Some(Passing::Registers([first, second]));
    let memory = Some(Passing::Memory);
    let float_int = record(8, &[(0, float), (4, int)]);
    let double_int = record(16, &[(0, double), (8, int)]);
    let int_or_x87 = union(16, &[(0, int), (0, x87)]);
    let packed = record(3, &[(0, char), (1, short)]);
    let three = record(3, &[(0, short), (2, char)]);
    for (index, (id, expected)) in [
        (record(3, &[(0, char), (1, char), (2, char)]), registers(I, N)),
        (record(8, &[(0, float), (4, float)]), registers(S, N)),
        (float_int, registers(I, N)),
        (record(12, &[(0, float), (4, float_int)]), registers(S, I)),
        (record(12, &[(0, complex), (8, float)]), registers(S, S)),
        (double_int, registers(S, I)),
        (record(16, &[(0, x87)]), registers(Eightbyte::X87, Eightbyte::X87Up)),
        (record(16, &[(0, quad)]), registers(S, Eightbyte::SseUp)),
        (union(4, &[(0, int), (0, float)]), registers(I, N)),
        (int_or_x87, memory),
        // Members are merged in their order. x87 with SSE gives memory; x87 with an integer does not.
        (union(16, &[(0, x87), (0, double_int), (0, long)]), memory),
        (union(16, &[(0, long), (0, x87), (0, double_int)]), registers(I, I)),
        // A nested record that is passed in memory makes the outer one pass in memory.
        (union(16, &[(0, f.array(int, &[Some(4)])), (0, int_or_x87)]), memory),
        (packed, memory),
        (record(16, &[(0, double), (8, packed)]), memory),
        (record(24, &[(0, long), (8, long), (16, char)]), memory),
        (f.bits("s", 16, &[("m", 0, 40, long), ("m", 64, 40, long)]), registers(I, I)),
        (f.bits("s", 8, &[("m", 0, 3, int), ("m", 3, 30, int)]), registers(I, N)),
        (record(0, &[]), registers(N, N)),
        (record(12, &[(0, f.array(float, &[Some(3)]))]), registers(S, S)),
        // Compilers disagree, or there may be unnamed bit-fields.
        (union(16, &[(0, quad), (0, int)]), None),
        (record(16, &[(0, double)]), None),
        (record(16, &[(0, float), (12, int)]), None),
        (record(24, &[(0, int), (16, long)]), None),
        (record(8, &[(0, int), (4, f.array(long, &[None]))]), None),
        (record(12, &[(0, f.array(three, &[Some(4)]))]), None),
        (record(16, &[(0, f.vector(int, 4))]), None),
        (record(64, &[(0, f.vector(double, 4))]), None),
        (record(32, &[0, 16].map(|at| (at, f.vector(int, 4)))), memory),
        (record(16, &[(0, f.types.add(crate::ctype::Type::unknown("no unit")))]), None),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(of(&f, id), expected, "case {index}");
    }
}

#[test]
fn scalars_and_complex_numbers() {
    let f = Fixture::of(AMD64);
    let base = |encoding, size| f.base("b", encoding, size);
    for (id, expected) in [
        (base(Encoding::Signed, 4), Some([I, N])),
        (base(Encoding::Signed, 16), Some([I, I])),
        (base(Encoding::Float, 8), Some([S, N])),
        (base(Encoding::Float, 16), Some([Eightbyte::X87, Eightbyte::X87Up])),
        (base(Encoding::ComplexFloat, 8), Some([S, N])),
        (base(Encoding::ComplexFloat, 16), Some([S, S])),
        (base(Encoding::ComplexFloat, 32), Some([Eightbyte::ComplexX87, N])),
        (base(Encoding::ComplexInteger, 16), Some([I, I])),
        (base(Encoding::DecimalFloat, 16), Some([S, Eightbyte::SseUp])),
        (f.pointer(TypeId::VOID), Some([I, N])),
        (f.class_by_reference(), Some([I, N])),
        (TypeId::VOID, None),
        (f.record("opaque"), None),
    ] {
        assert_eq!(of(&f, id), expected.map(Passing::Registers));
    }
}

#[test]
fn other_machines_have_no_eightbytes() {
    let f = Fixture::of(AARCH64);
    let int = f.base("int", Encoding::Signed, 4);
    let record = f.placed(Struct, 4, &[(0, int)]);
    assert_eq!(of(&f, record), None);
}

#[test]
fn hostile_records_cost_bounded_work() {
    let f = Fixture::of(AMD64);
    let char = f.base("char", Encoding::Signed, 1);
    let mut doubling = f.placed(Struct, 0, &[]);
    for _ in 0..60 {
        doubling = f.placed(Struct, 1, &[(0, doubling), (0, doubling)]);
    }
    assert_eq!(of(&f, doubling), None);
    let many = f.array(char, &[Some(1 << 60)]);
    assert_eq!(of(&f, f.placed(Struct, 16, &[(0, many)])), None);
    let cyclic = f.types.reserve();
    let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
    f.types.set(cyclic, crate::ctype::Type { name: None, size: Some(8), align: None, kind });
    assert_eq!(of(&f, f.placed(Struct, 8, &[(0, cyclic)])), None);
}
