//! Tests every row of the table that an `ffi_type` can express, with claims that agree and claims that do not.

use super::*;
use crate::ctype::fixture::{AARCH64, AMD64, I386};
use crate::ctype::*;

mod world;

use world::{call, check_all, findings, World};

#[test]
fn rows_1_to_6_calls() {
    let world = World::new(AMD64);
    check_all(
        &world,
        &[
            ("void(int, ptr)", "void(i4, p)", ""),
            ("void(int, ptr)", "void(i4)", "1!"),
            ("void(int, ptr)", "void(i4, p, p)", "1!"),
            ("void()", "void()", ""),
            ("void(ptr, ...)", "void(p; i4, f8, p)", ""),
            ("void(ptr, ...)", "void(p;)", ""),
            ("void(ptr, int, ...)", "void(p;)", "1! 4~"),
            ("void(ptr, ...)", "void(p, i4)", "4~"),
            ("void(ptr, ...)", "void(p, i4; i4)", "4~"),
            ("void(ptr, int)", "void(p; i4)", "5~"),
            ("void(ptr, ...)", "void(p; f4)", "6!"),
            ("void(ptr, ...)", "void(p; i1, u2, i4)", "6! 6!"),
            ("void(ptr, ...)", "void(p; {3 1 0:u1 1:u1 2:u1}, f16, c8)", ""),
            ("void(ptr, ...)", "void(p; any, unknown)", "37? 37?"),
            // The call is prepared as not variadic, and the argument is not promoted either.
            ("void(ptr, ...)", "void(p, f4)", "6! 4~"),
        ],
    );
    let elsewhere = World::new(AARCH64);
    check_all(
        &elsewhere,
        &[
            ("void(ptr, ...)", "void(p, i4)", "4!"),
            ("void(ptr, int)", "void(p; i4)", "5!"),
            ("void(ptr, ...)", "void(p; i4)", ""),
        ],
    );
}

#[test]
fn rows_2_and_3_without_a_prototype() {
    let world = World::new(AMD64);
    let unprototyped = |text: &str, evidence| {
        let mut function = world.function(text);
        function.prototyped = false;
        Declaration { evidence, ..world.fixture.function_declaration(function) }
    };
    for (declared, evidence, claimed, expected) in [
        ("int()", Evidence::Use, "i4(p, p)", "2?"),
        ("int()", Evidence::Use, "i8(p)", "20! 2?"),
        ("int()", Evidence::Use, "i4()", ""),
        ("int()", Evidence::Address, "i4(p)", "1!"),
        ("void(float)", Evidence::Address, "void(f8)", ""),
        ("void(float)", Evidence::Address, "void(f4)", "11!"),
        ("void(char, short)", Evidence::Address, "void(i4, i4)", ""),
        ("void(char)", Evidence::Address, "void(i1)", "8~"),
        ("void(char)", Evidence::Address, "void(i8)", "10~"),
    ] {
        let found = findings(&unprototyped(declared, evidence), &call(claimed));
        assert_eq!(found, expected, "{claimed} against {declared}");
    }
    let report = check_call(&unprototyped("void(float)", Evidence::Name), &call("void(f4)"));
    assert_eq!(
        report.findings()[0].sentence,
        "f: argument 1 ('p'): the library declares 'float' (promoted to floating point, 8 bytes), \
         the caller passes float (4 bytes)"
    );
}

#[test]
fn rows_7_to_13_scalar_arguments() {
    let world = World::new(AMD64);
    let cases = [
        ("int", "i4", ""),
        ("int", "u4", "7~"),
        ("uint", "i4", "7~"),
        ("size_t", "u8", ""),
        ("long", "u8", "7~"),
        ("enum", "i4", ""),
        ("enum", "u4", ""),
        ("char", "i1", ""),
        ("char", "u1", "7~"),
        ("uchar", "u1", ""),
        ("uchar", "i1", "7~"),
        ("bool", "u1", ""),
        ("bool", "i1", "7~"),
        ("int", "i1", "8~"),
        ("short", "u1", "8~"),
        ("enum", "i2", "8~"),
        ("size_t", "i4", "9!"),
        ("ptr", "i4", "9!"),
        ("long", "u2", "9!"),
        ("ptr", "void", "9!"),
        ("int", "i8", "10~"),
        ("bool", "i4", "10~"),
        ("int", "p", "10!"),
        ("char", "p", "10!"),
        ("double", "i8", "11!"),
        ("long", "f8", "11!"),
        ("ptr", "f8", "11!"),
        ("float", "f8", "11!"),
        ("double", "f4", "11!"),
        ("ldouble", "f8", "11!"),
        ("ldouble", "f16", ""),
        ("double", "f8", ""),
        ("cdouble", "f8", "11!"),
        ("double", "c16", "11!"),
        ("cfloat", "c16", "11!"),
        ("cfloat", "c8", ""),
        ("cdouble", "c16", ""),
        ("ptr", "i8", "12~"),
        ("ptr", "u8", "12~"),
        ("ulong", "p", "12~"),
        ("ptr", "p", ""),
    ];
    for (declared, claimed, expected) in cases {
        let found = findings(
            &world.declaration(&format!("void({declared})")),
            &call(&format!("void({claimed})")),
        );
        assert_eq!(found, expected, "{claimed} for {declared}");
    }
    let i386 = World::new(I386);
    check_all(
        &i386,
        &[
            ("void(int)", "void(i8)", "10!"),
            ("void(int)", "void(p4)", "12~"),
            ("void(ptr)", "void(p4)", ""),
            ("void(char)", "void(i4)", "10~"),
        ],
    );
}

#[test]
fn rows_14_and_15_records() {
    let world = World::new(AMD64);
    let cases = [
        ("pair", "{8 4 0:i4 4:i4}", ""),
        ("pair", "{4 4 0:i4}", "14!"),
        ("pair", "{16 8 0:i4 8:i4}", "14!"),
        ("pair", "{8 4 0:i4 4:u4}", "15~"),
        ("pair", "{8 8 0:i8}", "15~"),
        ("pair", "{8 4 0:i4 4:f4}", "14!"),
        ("pair", "{8 4 0:f4 4:f4}", "14! 14!"),
        ("pair", "{8 4 0:i4}", "14!"),
        ("padded", "{8 4 0:i1 4:i4}", ""),
        ("padded", "{8 4 0:i4 4:i4}", "15~"),
        ("padded", "{8 1 0:i1 1:u1 4:i4}", "14~"),
        ("mixed", "{16 8 0:f8 8:p}", ""),
        ("mixed", "{16 8 0:f8 8:i8}", "15~"),
        ("mixed", "{16 8 0:i8 8:p}", "14!"),
        ("floats", "{8 4 0:f4 4:f4}", ""),
        ("floats", "{8 8 0:f8}", "14!"),
        ("floats", "{8 8 0:i8}", "14!"),
        ("three", "{24 8 0:i8 8:i8 16:f8}", ""),
        ("three", "{24 8 0:i8 8:i8 16:i8}", "14!"),
        ("three", "{24 8 0:i8 8:?8 16:f8}", "37?"),
        ("three", "{24 8 0:?24}", "37?"),
        ("three", "{24 8 0:?16 16:i8}", "14! 37?"),
        ("gapped", "{24 8 0:i8 8:i1 9:?7 16:f8}", ""),
        ("gapped", "{24 8 0:i8 8:i1 9:u1 16:f8}", "14~"),
        ("pair", "{8 4 0:?8}", "37?"),
        // What CPython passes to libffi for an array in a large record.
        ("chars", "{24 8 0:p 8:f8 16:f8}", "37?"),
        ("tens", "{44 8 0:?44}", "37?"),
        // The same scalars for a union that has an array as an alternative.
        ("either", "{24 8 0:p 8:f8 16:f8}", ""),
        ("union", "{8 8 0:i8}", ""),
        ("union", "{8 8 0:f8}", "14!"),
        ("bits", "{4 4 0:i4}", ""),
        ("bits", "{4 1 0:u1 1:u1 2:u1 3:u1}", ""),
        ("bits", "{4 4 0:f4}", "14!"),
        ("aligned", "{32 16 0:i8 8:i8 16:i8}", ""),
        ("aligned", "{32 8 0:i8 8:i8 16:i8}", "14!"),
        // A record and a scalar in the same register have another meaning.
        ("one", "i4", "15~"),
        ("one", "f4", "14!"),
        ("one", "i8", "14!"),
        ("int", "{4 4 0:i4}", "15~"),
        ("int", "{8 4 0:i4 4:i4}", "14!"),
        ("int128", "{16 16 0:u8 8:u8}", ""),
        ("int128", "{16 8 0:u8 8:u8}", "14~"),
        ("int128", "i8", "9!"),
        ("cdouble", "{16 8 0:f8 8:f8}", ""),
        ("cfloat", "{8 4 0:i4 4:f4}", "14!"),
        ("floats", "c8", "15~"),
        ("x87", "f16", "15~"),
        ("ldouble", "{16 16 0:f16}", "15~"),
        ("cldouble", "{32 16 0:f16 16:f16}", "14!"),
    ];
    for (declared, claimed, expected) in cases {
        let found = findings(
            &world.declaration(&format!("void({declared})")),
            &call(&format!("void({claimed})")),
        );
        assert_eq!(found, expected, "{claimed} for {declared}");
    }
    let elsewhere = World::new(AARCH64);
    check_all(
        &elsewhere,
        &[
            ("void(pair)", "void({8 4 0:i4 4:i4})", ""),
            ("void(pair)", "void({8 4 0:i4 4:f4})", "14!"),
            ("void(one)", "void(i4)", "15?"),
        ],
    );
}

#[test]
fn rows_16_and_17_what_libffi_does_not_have() {
    let world = World::new(AMD64);
    check_all(
        &world,
        &[
            ("void(class)", "void(p)", ""),
            ("void(class)", "void(i8)", "12~"),
            ("void(class)", "void(i4)", "9!"),
            ("void(class)", "void({24 8 0:p 8:p 16:p})", "16!"),
            ("class()", "{24 8 0:p 8:p 16:p}()", ""),
            ("class()", "p()", "16!"),
            ("void(vector)", "void({16 16 0:f4 4:f4 8:f4 12:f4})", "17?"),
            ("void(wide)", "void(i8)", "17?"),
            ("void(decimal)", "void(f8)", "17?"),
            ("void(float128)", "void(f16)", "17?"),
            ("void(float16)", "void(f4)", "17?"),
            ("void(empty)", "void(i4)", "17?"),
            ("vector()", "f8()", "17?"),
        ],
    );
    let report = check_call(&world.declaration("void(class)"), &call("void(i8)"));
    assert!(report.findings()[0]
        .sentence
        .as_str()
        .ends_with("passes this class as a pointer to it"));
}

#[test]
fn rows_18_to_22_results() {
    let world = World::new(AMD64);
    let cases = [
        ("void", "void", ""),
        ("int", "void", ""),
        ("pair", "void", ""),
        ("three", "void", "18!"),
        // The caller would not remove the result from the x87 stack.
        ("ldouble", "void", "18!"),
        ("cldouble", "void", "18!"),
        ("x87", "void", "18!"),
        ("double", "void", ""),
        ("cdouble", "void", ""),
        ("class", "void", "18!"),
        ("unknown", "void", "37?"),
        ("vector", "void", "18?"),
        ("void", "i4", "19!"),
        ("void", "p", "19!"),
        ("bool", "i4", "20!"),
        ("char", "i4", "20!"),
        ("short", "i8", "20!"),
        ("int", "p", "20!"),
        ("ptr", "i4", "21!"),
        ("size_t", "u4", "21!"),
        ("int", "i1", "21!"),
        ("int", "i4", ""),
        ("int", "u4", "7~"),
        ("bool", "u1", ""),
        ("double", "f4", "11!"),
        ("double", "i8", "11!"),
        ("ptr", "u8", "12~"),
        ("ptr", "p", ""),
        ("pair", "{8 4 0:i4 4:i4}", ""),
        ("pair", "{8 4 0:i4}", "14!"),
        // Padding that is read as data has undefined values.
        ("padded", "{8 4 0:i4 4:i4}", "14!"),
        ("gapped", "{24 8 0:i8 8:i1 9:u1 16:f8}", "14!"),
        ("int128", "{16 8 0:u8 8:u8}", ""),
        ("three", "{24 16 0:i8 8:i8 16:f8}", ""),
        // libffi would read integer registers, but the library leaves the result in an x87 register.
        ("x87", "{16 16 0:f16}", "14!"),
        ("x87", "f16", ""),
        ("int", "any", "37?"),
    ];
    for (declared, claimed, expected) in cases {
        let found =
            findings(&world.declaration(&format!("{declared}()")), &call(&format!("{claimed}()")));
        assert_eq!(found, expected, "{claimed} for {declared}");
    }
    let i386 = World::new(I386);
    check_all(&i386, &[("one()", "void()", "18!"), ("int()", "void()", "")]);
    check_all(&i386, &[("float()", "void()", "18!"), ("double()", "void()", "18!")]);
    let elsewhere = World::new(AARCH64);
    check_all(&elsewhere, &[("three()", "void()", "18?"), ("int()", "void()", "")]);
}

#[test]
fn rows_35_to_37_conventions_and_what_is_not_known() {
    let world = World::new(AMD64);
    let with = |convention, default_abi| {
        let mut function = world.function("int(ptr)");
        function.convention = convention;
        let claim = CallClaim { default_abi, ..call("i4(p)") };
        findings(&world.fixture.function_declaration(function), &claim)
    };
    assert_eq!(with(None, true), "");
    assert_eq!(with(None, false), "36?");
    assert_eq!(with(Some(0xc1), true), "36!");
    assert_eq!(with(Some(0xc1), false), "36?");
    check_all(
        &world,
        &[
            ("void(int)", "void(any)", "37?"),
            ("void(unknown)", "void(i4)", "37?"),
            ("void(opaque)", "void(i4)", "37?"),
            ("void(int)", "void(unknown)", "37?"),
            ("void(int, int)", "void(any, f8)", "11! 37?"),
        ],
    );
    let id = world.id("int");
    for (kind, ty, expected) in [
        (DeclarationKind::Variable, id, "35!"),
        (DeclarationKind::Function, world.id("unknown"), "37?"),
        (DeclarationKind::Function, id, "37?"),
    ] {
        let declaration = Declaration { kind, ..world.fixture.declaration("f", ty) };
        assert_eq!(findings(&declaration, &call("void()")), expected);
    }
}

#[test]
fn sentences_name_place_types_and_sizes() {
    let world = World::new(AMD64);
    for (declared, claimed, sentence) in [
        (
            "void(int, ptr)",
            "void(i4, i4)",
            "f: argument 2 ('p'): the library declares 'void *' (pointer, 8 bytes), \
             the caller passes int (4 bytes); the upper bytes are not defined",
        ),
        (
            "ptr()",
            "i4()",
            "f: result: the library returns 'void *' (pointer, 8 bytes), \
             the caller reads int (4 bytes); the value is cut",
        ),
        (
            "void()",
            "i4()",
            "f: result: the library returns 'void', the caller reads int (4 bytes)",
        ),
        (
            "void(int, int)",
            "void(i4)",
            "f: the library declares 2 parameters, the caller passes 1 argument",
        ),
        (
            "void(int, ...)",
            "void(;)",
            "f: the library declares at least 1 parameter, the caller passes 0 arguments",
        ),
        (
            "void(pair)",
            "void({8 4 0:i4 4:f4})",
            "f: argument 1 ('p'): the library declares 'struct s' (struct, 8 bytes), the caller passes \
             struct (8 bytes); bytes 4..8: the library has int there, the caller float",
        ),
    ] {
        let report = check_call(&world.declaration(declared), &call(claimed));
        assert_eq!(report.findings()[0].sentence, sentence);
    }
    let report = check_call(&world.declaration("void(pair)"), &call("void({8 4 0:i4 4:f4})"));
    let finding = &report.findings()[0];
    assert_eq!((finding.position, finding.bytes.clone()), (Position::Argument(1), Some(4..8)));
}

#[test]
fn findings_come_gravest_first_and_in_order() {
    let world = World::new(AMD64);
    let declaration = world.declaration("void(int, size_t, int, size_t)");
    let report = check_call(&declaration, &call("i4(u4, i4, any, i4)"));
    let places: Vec<_> = report.findings().iter().map(|found| found.position).collect();
    use Position::{Argument, Result};
    assert_eq!(places, [Result, Argument(2), Argument(4), Argument(3), Argument(1)]);
    assert_eq!(report.verdict(), Verdict::Mismatch);
    assert!(Verdict::Unverified > Verdict::Differs);
}
