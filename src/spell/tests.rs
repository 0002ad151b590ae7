use super::speller::{DEPTH, LIMIT};
use super::*;
use crate::ctype::fixture::{compile, Fixture};
use crate::ctype::{Encoding, Name, PointerClass, Qualifier};

#[test]
fn declarators_are_c() {
    let f = Fixture::new();
    let (void, int, character) = (TypeId::VOID, f.int(), f.char());
    let handler = f.pointer(f.function(void, &[(None, int)]));
    let double = f.base("double", Encoding::Float, 8);
    let constant_char = f.constant(character);
    let size_t = f.typedef("size_t", f.base("long unsigned int", Encoding::Unsigned, 8));
    let constant_void = f.pointer(f.constant(void));
    let compar = f.pointer(f.function(int, &[(None, constant_void), (None, constant_void)]));
    let arrays = f.pointer(f.array(int, &[Some(3), Some(4)]));
    let pointer_t = f.typedef("pointer_t", f.pointer(int));
    let array_t = f.typedef("array_t", f.array(int, &[Some(5)]));
    let int_pointer = f.pointer(int);
    let restricted = f.qualified(Qualifier::Restrict, f.pointer(constant_char));
    let vla = f.pointer(f.array(int, &[None, None]));
    let variadic = f.typed_function(int, &[(Some("format"), restricted)], true, true);
    let nested = f.pointer(f.function(handler, &[(None, handler)]));
    let cases = [
        (
            f.function(handler, &[(Some("sig"), int), (Some("handler"), handler)]),
            "void (*f(int sig, void (*handler)(int)))(int)",
        ),
        (
            f.function(
                void,
                &[
                    (Some("base"), f.pointer(void)),
                    (Some("nmemb"), size_t),
                    (Some("size"), size_t),
                    (Some("compar"), compar),
                ],
            ),
            "void f(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *))",
        ),
        (f.function(int, &[]), "int f(void)"),
        (f.typed_function(int, &[], false, false), "int f()"),
        (f.typed_function(int, &[], false, true), "int f()"),
        (
            f.typed_function(int, &[(Some("c"), character), (Some("g"), nested)], false, false),
            "int f(/* char c, void (*(*g)(void (*)(int)))(int) */)",
        ),
        (variadic, "int f(const char *restrict format, ...)"),
        (f.array(handler, &[Some(7)]), "void (*f[7])(int)"),
        (f.function(arrays, &[(None, arrays)]), "int (*f(int (*)[3][4]))[3][4]"),
        (f.array(f.array(int, &[Some(2)]), &[Some(9)]), "int f[9][2]"),
        (f.constant(f.pointer(character)), "char *const f"),
        (f.pointer(f.constant(f.pointer(character))), "char *const *f"),
        (f.constant(pointer_t), "const pointer_t f"),
        (f.constant(array_t), "const array_t f"),
        (f.constant(f.array(int, &[Some(2)])), "const int f[2]"),
        (f.qualified(Qualifier::Atomic, f.constant(int)), "const _Atomic int f"),
        (f.qualified(Qualifier::Restrict, int), "int f"),
        (f.qualified(Qualifier::Restrict, pointer_t), "restrict pointer_t f"),
        (
            f.qualified(Qualifier::Volatile, f.constant(int_pointer)),
            "int *const volatile f",
        ),
        (f.function(void, &[(Some("rows"), vla)]), "void f(int (*rows)[][*])"),
        (
            f.function(void, &[(Some("x"), int), (Some("x"), int), (Some("int"), int)]),
            "void f(int x, int, int int_)",
        ),
        (f.pointer(f.record("stat")), "struct stat *f"),
        (
            f.vector(f.base("float", Encoding::Float, 4), 4),
            "float __attribute__((vector_size(16))) f",
        ),
        (f.pointer(f.vector(double, 2)), "double __attribute__((vector_size(16))) *f"),
        (f.base("complex float", Encoding::ComplexFloat, 8), "_Complex float f"),
        (f.convention(0xc1, &[int]), "int f(int p) __attribute__((ms_abi))"),
        (
            f.pointer(f.convention(0xc1, &[int])),
            "int (__attribute__((ms_abi)) *f)(int p)",
        ),
        (f.nullptr(), "void *f"),
    ];
    let mut text = String::from(
        "typedef unsigned long size_t; typedef int *pointer_t; typedef int array_t[5]; struct stat;\n",
    );
    for (index, (id, expected)) in cases.into_iter().enumerate() {
        assert_eq!(declaration_of(&f.types, id, "f"), expected);
        let name = format!("f{index}");
        text.push_str(&format!("extern {};\n", declaration_of(&f.types, id, &name)));
    }
    compile(&text);
}

#[test]
fn types_without_a_name() {
    let f = Fixture::new();
    let int = f.int();
    for (id, expected) in [
        (f.constant(f.pointer(int)), "int *const"),
        (f.pointer(f.function(int, &[])), "int (*)(void)"),
        (f.array(f.pointer(int), &[Some(3)]), "int *[3]"),
        (f.function(int, &[]), "int (void)"),
        (f.function(f.constant(f.pointer(int)), &[]), "int *const (void)"),
        (f.pointer(f.array(int, &[None])), "int (*)[]"),
        (f.anonymous_record(), "struct {...}"),
        (f.anonymous_enumeration(), "enum {...}"),
        (f.reference(f.constant(int)), "const int &"),
        (f.pointer(f.record("std::vector<int>")), "std::vector<int> *"),
        (f.pointer(f.record("restrict")), "struct restrict_ *"),
        (f.unknown("it is */ odd"), "void /* it is * / odd */"),
        (
            f.base("odd", Encoding::Float, 7),
            "void /* a base type of 7 bytes without a name in C */",
        ),
    ] {
        assert_eq!(type_name(&f.types, id), expected);
    }
}

#[test]
fn symbols_that_c_cannot_write_get_a_label() {
    let f = Fixture::new();
    let ty = f.function(f.int(), &[]);
    let mut declaration = f.declaration("f.part\"0", ty);
    assert_eq!(super::declaration(&declaration), "int f_part_0(void) __asm__(\"f.part\\\"0\")");
    compile(&format!("{};", super::declaration(&declaration)));
    declaration.symbol = Name::new("printf");
    assert_eq!(super::declaration(&declaration), "int printf(void)");
}

#[test]
fn endless_and_exponential_types_are_cut() {
    let f = Fixture::new();
    let ring = f.types.reserve();
    f.types.set(ring, f.pointer_type(ring, PointerClass::Pointer));
    let itself = f.types.reserve();
    f.types.set(itself, f.function_type(itself, &[(None, itself), (None, itself)]));
    let mut doubling = f.int();
    for _ in 0..DEPTH {
        doubling = f.pointer(f.function(doubling, &[(None, doubling), (None, doubling)]));
    }
    let long = f.record(&"é<".repeat(LIMIT));
    for id in [ring, itself, doubling, long, f.array(long, &[Some(1); 99_999])] {
        let text = declaration_of(&f.types, id, "x");
        assert!(text.len() < 2 * LIMIT, "{}", text.len());
        assert!(text.contains('…'));
    }
}
