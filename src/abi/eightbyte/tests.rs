use super::*;
use crate::ctype::build::{Build, AARCH64, AMD64};
use crate::ctype::RecordClass::{Struct, Union};
use crate::ctype::{Encoding, Kind};

const I: Eightbyte = Eightbyte::Integer;
const S: Eightbyte = Eightbyte::Sse;
const N: Eightbyte = Eightbyte::NoClass;

fn of(build: &Build, id: TypeId) -> Option<Passing> {
    passing(&by_value(&build.types, id))
}

#[test]
fn records_go_where_the_psabi_puts_them() {
    let build = Build::new(AMD64);
    let char = build.base("char", Encoding::SignedChar, 1);
    let short = build.base("short", Encoding::Signed, 2);
    let int = build.base("int", Encoding::Signed, 4);
    let long = build.base("long", Encoding::Signed, 8);
    let float = build.base("float", Encoding::Float, 4);
    let double = build.base("double", Encoding::Float, 8);
    let x87 = build.base("long double", Encoding::Float, 16);
    let quad = build.base("_Float128", Encoding::Float128, 16);
    let complex = build.base("float _Complex", Encoding::ComplexFloat, 8);
    let record = |size, members: &[_]| build.record(Struct, size, members);
    let union = |size, members: &[_]| build.record(Union, size, members);
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
        (union(16, &[(0, build.array(int, Some(4), false)), (0, int_or_x87)]), memory),
        (packed, memory),
        (record(16, &[(0, double), (8, packed)]), memory),
        (record(24, &[(0, long), (8, long), (16, char)]), memory),
        (build.bits(16, &[(0, 40, long), (64, 40, long)]), registers(I, I)),
        (build.bits(8, &[(0, 3, int), (3, 30, int)]), registers(I, N)),
        (record(0, &[]), registers(N, N)),
        (record(12, &[(0, build.array(float, Some(3), false))]), registers(S, S)),
        // Compilers disagree, or there may be unnamed bit-fields.
        (union(16, &[(0, quad), (0, int)]), None),
        (record(16, &[(0, double)]), None),
        (record(16, &[(0, float), (12, int)]), None),
        (record(24, &[(0, int), (16, long)]), None),
        (record(8, &[(0, int), (4, build.array(long, None, false))]), None),
        (record(12, &[(0, build.array(three, Some(4), false))]), None),
        (record(16, &[(0, build.array(int, Some(4), true))]), None),
        (record(64, &[(0, build.array(double, Some(4), true))]), None),
        (record(32, &[0, 16].map(|at| (at, build.array(int, Some(4), true)))), memory),
        (record(16, &[(0, build.types.add(crate::ctype::Type::unknown("no unit")))]), None),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(of(&build, id), expected, "case {index}");
    }
}

#[test]
fn scalars_and_complex_numbers() {
    let build = Build::new(AMD64);
    let base = |encoding, size| build.base("b", encoding, size);
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
        (build.pointer(TypeId::VOID), Some([I, N])),
        (build.class_by_reference(), Some([I, N])),
        (TypeId::VOID, None),
        (build.incomplete(), None),
    ] {
        assert_eq!(of(&build, id), expected.map(Passing::Registers));
    }
}

#[test]
fn other_machines_have_no_eightbytes() {
    let build = Build::new(AARCH64);
    let int = build.base("int", Encoding::Signed, 4);
    let record = build.record(Struct, 4, &[(0, int)]);
    assert_eq!(of(&build, record), None);
}

#[test]
fn hostile_records_cost_bounded_work() {
    let build = Build::new(AMD64);
    let char = build.base("char", Encoding::Signed, 1);
    let mut doubling = build.record(Struct, 0, &[]);
    for _ in 0..60 {
        doubling = build.record(Struct, 1, &[(0, doubling), (0, doubling)]);
    }
    assert_eq!(of(&build, doubling), None);
    let many = build.array(char, Some(1 << 60), false);
    assert_eq!(of(&build, build.record(Struct, 16, &[(0, many)])), None);
    let cyclic = build.types.reserve();
    let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
    build.types.set(cyclic, crate::ctype::Type { name: None, size: Some(8), align: None, kind });
    assert_eq!(of(&build, build.record(Struct, 8, &[(0, cyclic)])), None);
}
