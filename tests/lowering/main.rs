//! C functions of random and of chosen signatures, compiled by gcc and clang, called through the cif
//! that their declaration is lowered to: every byte sent arrives, every byte returned comes back.
//!
//! `LOWERING_SEED` and `LOWERING_COUNT` choose other random functions, and more.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod c_type;
mod compiled;

use c_type::{Program, C};
use compiled::{Compiler, Library};
use ffitypecheck::check::{Judgement, Verdict};
use ffitypecheck::libffi::Interface;
use ffitypecheck::ErrorKind;
use toolchain::Random;

/// Calls every function of the program in each build of it. Returns how many were called.
fn call_all(program: &Program, compilers: &[Compiler]) -> usize {
    let mut called = 0;
    for compiler in compilers {
        let library = Library::build(compiler, &program.source());
        let mut random = Random::new(7);
        for function in &program.functions {
            let interface = Interface::new(program.declaration(function));
            match interface.lowered() {
                Ok(_) => {}
                Err(error) if error.to_string().contains("this libffi overwrites") => continue,
                Err(error) if error.to_string().contains("depends on the compiler") => continue,
                Err(error) if error.to_string().contains("compilers disagree") => continue,
                Err(error) => panic!("{}: {error}", program.prototype(function)),
            }
            library.call(program, function, &interface, &mut random);
            called += 1;
        }
    }
    called
}

/// `base` alone, as first and as late argument, among many others, and as result.
fn around(program: &mut Program, base: &C) {
    let base = base.clone();
    let int = C::scalar("int");
    let double = C::scalar("double");
    program.function(base.clone(), vec![]);
    program.function(C::Void, vec![base.clone()]);
    program.function(base.clone(), vec![base.clone(), base.clone()]);
    program.function(int.clone(), vec![int.clone(), base.clone(), double.clone(), base.clone()]);
    // The registers run out.
    let mut many = vec![int; 5];
    many.extend([base.clone(), base.clone(), double.clone()]);
    program.function(base.clone(), many);
    let mut many = vec![double; 7];
    many.extend([base.clone(), base.clone(), C::scalar("char")]);
    program.function(C::Void, many);
}

fn chosen() -> Program {
    let s = C::scalar;
    let bits = |name, width| (C::scalar(name), Some(width));
    let mut program = Program::new();
    let records = [
        C::record(vec![s("char"), s("char"), s("char")]),
        C::record(vec![s("float")]),
        C::record(vec![s("float"), s("float")]),
        C::record(vec![s("float"), s("float"), s("float")]),
        C::record(vec![s("float"), s("int"), s("float")]),
        C::record(vec![s("double"), s("int")]),
        C::record(vec![s("long"), s("double")]),
        C::record(vec![s("double"), s("long")]),
        C::record(vec![s("float"), C::record(vec![s("float"), s("int")])]),
        C::record(vec![C::array(s("short"), 5)]),
        C::record(vec![C::array(s("int"), 10), s("char")]),
        C::record(vec![s("long double")]),
        C::record(vec![s("long double"), s("char")]),
        C::record(vec![s("float _Complex"), s("int")]),
        C::record(vec![s("int"), s("float _Complex")]),
        C::record(vec![s("double _Complex")]),
        C::record(vec![s("long double _Complex")]),
        C::record(vec![s("__int128")]),
        C::record(vec![s("long"), s("__int128")]),
        C::union(vec![s("int"), s("float")]),
        C::union(vec![s("float"), s("double")]),
        C::union(vec![C::record(vec![s("float"); 3]), s("double")]),
        C::union(vec![C::array(s("char"), 3), s("short")]),
        C::union(vec![C::array(s("char"), 7)]),
        C::union(vec![s("long double"), s("int")]),
        C::union(vec![s("long double"), s("double")]),
        C::union(vec![s("long double"), s("long double")]),
        C::union(vec![C::array(s("long"), 4), s("double")]),
        C::union(vec![s("double _Complex"), s("long")]),
        C::packed(vec![s("char"), s("short")]),
        C::packed(vec![s("char"), s("double")]),
        C::packed(vec![s("short"), s("double"), s("char")]),
        C::packed(vec![s("int"), s("char")]),
        C::packed(vec![s("char"), C::array(s("long"), 7)]),
        C::aligned(vec![s("double")], 16),
        C::aligned(vec![s("char"), s("float")], 16),
        C::aligned(vec![C::array(s("int"), 5)], 16),
        C::record(vec![s("float"), C::aligned(vec![s("float")], 8)]),
        C::record(vec![s("char"), C::aligned(vec![s("char")], 8), s("char")]),
        C::Record(vec![bits("int", 3), bits("int", 30)], Default::default()),
        C::Record(vec![(s("float"), None), bits("unsigned int", 7)], Default::default()),
        C::Record(vec![bits("long", 40), bits("long", 40)], Default::default()),
        C::Record(vec![(s("double"), None), bits("char", 2)], Default::default()),
        C::Record(vec![bits("short", 9), (s("char"), None)], Default::default()),
        C::record(vec![C::Pointer, s("_Bool")]),
        C::record(vec![C::array(C::record(vec![s("char"), s("short")]), 3)]),
        C::record(vec![C::array(s("char"), 300)]),
    ];
    for record in &records {
        around(&mut program, record);
    }
    for scalar in c_type::SCALARS {
        around(&mut program, &s(scalar.name));
    }
    program.function(C::Pointer, vec![C::Pointer, s("enum e")]);
    program
}

#[test]
fn chosen_signatures_arrive_through_gcc() {
    let program = chosen();
    let called = call_all(&program, &[Compiler::new("gcc", "-O0"), Compiler::new("gcc", "-O2")]);
    assert!(called > 2 * program.functions.len() * 95 / 100, "{called} of them");
}

#[test]
fn chosen_signatures_arrive_through_clang() {
    let program = chosen();
    let called =
        call_all(&program, &[Compiler::new("clang", "-O0"), Compiler::new("clang", "-O2")]);
    assert!(called > 2 * program.functions.len() * 95 / 100, "{called} of them");
}

#[test]
fn random_signatures_arrive() {
    let number = |name, default| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let count = number("LOWERING_COUNT", 200);
    let mut random = Random::new(number("LOWERING_SEED", 1));
    let mut program = Program::new();
    for _ in 0..count {
        program.random_function(&mut random);
    }
    let compilers = [Compiler::new("gcc", "-O2"), Compiler::new("clang", "-O1")];
    let called = call_all(&program, &compilers);
    println!("{called} calls of {count} functions");
    assert!(called > 2 * program.functions.len() * 95 / 100, "{called} of them");
}

#[test]
fn what_is_lowered_checks_as_the_declaration() {
    let program = chosen();
    for function in &program.functions {
        let interface = Interface::new(program.declaration(function));
        if interface.lowered().is_err() {
            continue;
        }
        let judgement = compiled::check_own_cif(&interface);
        let text: Vec<_> =
            judgement.findings().iter().map(|finding| finding.sentence.clone()).collect();
        // A packed record and a union with a long double are told to libffi as opaque bytes in memory.
        let opaque = |ty: &C| ty.is_opaque_in_memory();
        let allowed = if function.parameters.iter().chain([&function.result]).any(opaque) {
            Verdict::Unverified
        } else {
            Verdict::Match
        };
        assert_eq!(judgement.verdict(), allowed, "{}: {text:#?}", program.prototype(function));
    }
}

/// A described cif is its own true claim; where libffi is told of opaque bytes, that part is not verified.
#[test]
fn random_cifs_check_as_the_declaration_until_they_are_changed() {
    let mut random = Random::new(99);
    let mut program = Program::new();
    for _ in 0..600 {
        program.random_function(&mut random);
    }
    let (mut matches, mut refused) = (0, 0);
    for function in &program.functions {
        let interface = Interface::new(program.declaration(function));
        if interface.lowered().is_err() {
            continue;
        }
        let show = |judgement: &Judgement| {
            let findings = judgement.findings().iter();
            findings.map(|finding| format!("\n  {}", finding.sentence)).collect::<String>()
        };
        let own = compiled::check_own_cif(&interface);
        let true_claim = [Verdict::Match, Verdict::Unverified].contains(&own.verdict());
        assert!(true_claim, "{}{}", program.prototype(function), show(&own));
        matches += usize::from(own.verdict() == Verdict::Match);
        let unions = program.prototype(function).contains("union");
        for (what, judgement) in compiled::check_changed_cifs(&interface, unions) {
            let text = || format!("{what}\n{}{}", program.prototype(function), show(&judgement));
            assert_ne!(judgement.verdict(), Verdict::Match, "{}", text());
            refused += 1;
        }
    }
    println!("{matches} matches, {refused} changed claims refused");
    assert!(matches > 250 && refused > 5000, "{matches} matches, {refused} refused");
}

#[test]
fn kandr_definitions_receive_promoted_arguments() {
    let source = "#include <string.h>\nunsigned char seen[16][512], answer[512];\n\
        void f(c, s, x) char c; unsigned short s; float x; {\n\
        memcpy(seen[0], &c, 1); memcpy(seen[1], &s, 2); memcpy(seen[2], &x, 4); }";
    let parameters = [C::scalar("char"), C::scalar("unsigned short"), C::scalar("float")];
    let interface = Interface::new(Program::new().kandr(&parameters));
    for compiler in [Compiler::new("gcc", "-O2"), Compiler::new("clang", "-O2")] {
        let library = Library::build(&compiler, source);
        let (mut character, mut short, mut float) = (-3_i32, 60_000_i32, 1.5_f64);
        let values =
            [(&raw mut character).cast(), (&raw mut short).cast(), (&raw mut float).cast()];
        let seen = library.call_with("f", &interface, &values);
        assert_eq!(seen[0][0] as i8, -3);
        assert_eq!(seen[1][..2], 60_000_u16.to_le_bytes());
        assert_eq!(seen[2][..4], 1.5_f32.to_le_bytes());
    }
}

#[test]
fn what_libffi_cannot_pass_is_refused_with_a_reason() {
    let mut program = Program::new();
    let refused = [
        (C::aligned(vec![C::scalar("int")], 32), "16 bytes at most"),
        (C::record(vec![]), "empty record"),
        (C::record(vec![C::record(vec![])]), "empty record"),
        (C::record(vec![C::scalar("_Float128")]), "vector register"),
        (C::scalar("_Float128"), "no type for this floating-point number of 16 bytes"),
        (C::scalar("_Float16"), "no type for this floating-point number of 2 bytes"),
        (C::scalar("_Decimal64"), "decimal"),
    ];
    for (ty, reason) in refused {
        let function = program.function(C::Void, vec![C::scalar("int"), ty]);
        let error = Interface::new(program.declaration(&function)).lowered().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(text.contains(": parameter 2 ('a2'): "), "{text}");
        assert!(text.contains(reason), "{text} for {reason}");
    }
}
