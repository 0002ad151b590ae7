//! What the debug information does not tell, or compilers do not agree on, is refused with its reason: a call through a
//! guessed `ffi_type` would pass other bytes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(target_arch = "x86_64")]

use std::path::Path;

use ffitypecheck::abi::{self, ScalarClass, Value};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::libffi::lower;
use ffitypecheck::spell;
use ffitypecheck::Library;
use toolchain::{run, scratch};

/// The library that a compiler makes of the text with these flags.
fn compile(directory: &Path, compiler: &str, flags: &[&str], text: &str) -> Library {
    let cxx = compiler.contains("++");
    let source = if cxx { "text.cc" } else { "text.c" };
    std::fs::write(directory.join(source), text).unwrap();
    let library = format!("{compiler}{}.so", flags.concat());
    let command = [compiler, "-g", "-shared", "-fPIC", "-w", "-o", &library, source];
    run(directory, &[&command, flags].concat());
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(&directory.join(library), &options).unwrap()
}

/// Which of the functions have a cif, and what is said of the others.
fn told(library: &Library, symbols: &[&str]) -> Vec<Result<(), String>> {
    let cif = |symbol: &&str| {
        let declaration = library.describe(symbol).unwrap();
        lower(&declaration).map(drop).map_err(|error| error.to_string())
    };
    symbols.iter().map(cif).collect()
}

fn all_refused(library: &Library, symbols: &[&str], reason: &str) {
    for (symbol, told) in symbols.iter().zip(told(library, symbols)) {
        let Err(error) = told else { panic!("{symbol} is not refused") };
        assert!(error.contains(reason), "{symbol}: {error}");
    }
}

fn none_refused(library: &Library, symbols: &[&str]) {
    for (symbol, told) in symbols.iter().zip(told(library, symbols)) {
        assert_eq!(told, Ok(()), "{symbol}");
    }
}

const DEPENDS: &str = "depends on the compiler";

/// clang passes a struct that ends in a flexible array in memory, GCC in registers; an array of no elements is neither's
/// concern.
#[test]
fn flexible_arrays_by_value() {
    let directory = scratch("doubtful-flexible");
    let text = "
        struct flexible { int x; unsigned long list[]; };
        struct nested { struct flexible f; };
        struct none { long x; unsigned long list[0]; };
        struct large { long x[3]; char list[]; };
        int flexible(struct flexible p) { return p.x; }
        int nested(struct nested p) { return p.f.x; }
        int none(struct none p) { return p.x; }
        int large(struct large p) { return p.x[0]; }
        int behind(struct flexible *p) { return p->x; }";
    for compiler in ["gcc", "clang"] {
        let library = compile(&directory, compiler, &[], text);
        all_refused(&library, &["flexible", "nested"], DEPENDS);
        none_refused(&library, &["none", "large", "behind"]);
    }
}

/// GCC passes an eightbyte with an unnamed bit-field in an integer register, clang does not; neither describes it.
#[test]
fn unnamed_bit_fields_by_value() {
    let directory = scratch("doubtful-unnamed");
    let text = "
        struct before { unsigned long :62; long m; };
        struct behind { long m; unsigned long :62; };
        struct floats { unsigned :30; float f; double d; };
        struct end { float f; int :7; };
        struct whole { struct end inner; };
        struct padded { char c; double d; };
        struct aligned { float f; } __attribute__((aligned(8)));
        struct member { float f; double d __attribute__((aligned(16))); };
        struct packed { char c; float f; } __attribute__((packed));
        struct bits { unsigned a : 3, b : 9; double d; };
        int before(struct before x) { return 0; }
        struct before before_result(void) { struct before x = {1}; return x; }
        int behind(struct behind x) { return 0; }
        int floats(struct floats x) { return 0; }
        int end(struct end x) { return 0; }
        int whole(struct whole x) { return 0; }
        int padded(struct padded x) { return 0; }
        int aligned(struct aligned x) { return 0; }
        int member(struct member x) { return 0; }
        int packed(struct packed x) { return 0; }
        int bits(struct bits x) { return 0; }";
    for compiler in ["gcc", "clang"] {
        let library = compile(&directory, compiler, &[], text);
        let seen = ["before", "before_result", "behind", "floats", "end", "whole"];
        all_refused(&library, &seen, DEPENDS);
        none_refused(&library, &["padded", "aligned", "member", "bits"]);
    }
}

/// clang up to 17 splits a 16-byte integer that finds one register left, and clang 14 passes a union with a `__float128`
/// in memory.
#[test]
fn where_clang_leaves_the_psabi() {
    let directory = scratch("doubtful-clang");
    let text = "
        typedef union { __float128 q; unsigned long l[2]; } shared;
        typedef struct { shared u; } within;
        typedef union { __float128 q; } alone;
        int in_two(long a, long b, long c, long d, __int128 e) { return e; }
        int split(long a, long b, long c, long d, long e, __int128 f) { return f; }
        int stacked(long a, long b, long c, long d, long e, long f, long g, __int128 h) { return h; }
        int hidden(long a, long b, long c, long d, __int128 e, long f) { return e; }
        int shared_value(shared u) { return 0; }
        int within_value(within u) { return 0; }";
    for compiler in ["gcc", "clang"] {
        let library = compile(&directory, compiler, &[], text);
        all_refused(&library, &["split", "stacked"], "compilers disagree");
        all_refused(&library, &["shared_value", "within_value"], DEPENDS);
        none_refused(&library, &["in_two", "hidden"]);
    }
}

/// Before DWARF 5, strict debug information leaves out a record's alignment and which members of a class are defaulted.
#[test]
fn strict_debug_information() {
    let directory = scratch("doubtful-strict");
    let text = "
        typedef struct { long a[4]; } __attribute__((aligned(16))) wide;
        typedef struct { long a[5]; } __attribute__((aligned(16))) wider;
        int unseen(int p0, int p1, int p2, int p3, int p4, int p5, int p6, wide a) { return 0; }
        int seen(int p0, int p1, int p2, int p3, int p4, int p5, int p6, wider a) { return 0; }
        wide result(void) { wide a = {{1}}; return a; }
        int behind(wide *a, int b) { return b; }";
    let symbols = ["unseen", "seen", "result"];
    for version in ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4"] {
        let gcc = compile(&directory, "gcc", &[version, "-gstrict-dwarf"], text);
        all_refused(&gcc, &symbols, DEPENDS);
        none_refused(&gcc, &["behind"]);
        // clang does not record that it was strict: what the size shows is refused.
        let clang = compile(&directory, "clang", &[version, "-gstrict-dwarf"], text);
        all_refused(&clang, &["seen"], DEPENDS);
    }
    none_refused(&compile(&directory, "gcc", &["-gdwarf-5", "-gstrict-dwarf"], text), &symbols);
    none_refused(&compile(&directory, "gcc", &["-gdwarf-4"], text), &symbols);

    let classes = "
        struct defaulted { int a; ~defaulted() = default; };
        struct copied { int a; copied(const copied &); };
        copied::copied(const copied &from) : a(from.a) {}
        extern \"C\" int defaulted_value(defaulted v) { return v.a; }
        extern \"C\" int copied_value(copied v) { return v.a; }";
    let symbols = ["defaulted_value", "copied_value"];
    for (compiler, flags) in
        [("g++", ["-gdwarf-4", "-gstrict-dwarf"]), ("clang++", ["-gdwarf-4", "-gstrict-dwarf"])]
    {
        all_refused(&compile(&directory, compiler, &flags, classes), &symbols, DEPENDS);
        none_refused(&compile(&directory, compiler, &["-gdwarf-4"], classes), &symbols);
    }
}

/// GCC's DW_AT_producer has the options that change how functions are called.
#[test]
fn options_that_change_calls() {
    let directory = scratch("doubtful-options");
    let text = "
        struct small { char a[3]; };
        typedef struct small alias;
        long double wide(long double x) { return x; }
        _Complex long double complex_value(_Complex long double x) { return x; }
        struct small record(void) { struct small r = {{1, 2, 3}}; return r; }
        const alias renamed(void) { struct small r = {{1, 2, 3}}; return r; }
        int taken(struct small r) { return r.a[0]; }
        double plain(double x) { return x; }";
    let all = ["wide", "complex_value", "record", "renamed", "taken", "plain"];
    none_refused(&compile(&directory, "gcc", &[], text), &all);
    let library = compile(&directory, "gcc", &["-mlong-double-128"], text);
    all_refused(&library, &["wide", "complex_value"], "-mlong-double-128");
    none_refused(&library, &["record", "renamed", "taken", "plain"]);
    let library = compile(&directory, "gcc", &["-fpcc-struct-return"], text);
    all_refused(&library, &["record", "renamed"], DEPENDS);
    none_refused(&library, &["wide", "complex_value", "plain"]);
    let library = compile(&directory, "gcc", &["-mabi=ms"], text);
    all_refused(&library, &["record", "taken", "plain"], "calling convention");
    // The last of several options holds.
    let back = ["-mlong-double-128", "-mlong-double-80", "-mabi=ms", "-mabi=sysv"];
    none_refused(&compile(&directory, "gcc", &back, text), &all);
}

/// GCC's strict DWARF 2 has one encoding for decimal and complex integer numbers, and GCC names a base type after a typedef
/// at times.
#[test]
fn base_types_are_told_by_name() {
    let directory = scratch("doubtful-bases");
    let text = "
        typedef _Float128 plain; typedef volatile plain vq; typedef vq vq2; typedef vq2 vq3;
        vq3 renamed(void) { return 1; }
        _Float128 wide(_Float128 x) { return x; }
        long double extended(long double x) { return x; }
        _Decimal128 decimal(_Decimal128 x) { return x; }
        _Decimal64 decimal64(_Decimal64 x) { return x; }
        _Complex int complex_int(_Complex int x) { return x; }
        enum __attribute__((packed)) grade { LOW, HIGH = 200 } grade(void) { return HIGH; }
        _Complex short complex_short(_Complex short x) { return x; }";
    for flags in [&[][..], &["-gdwarf-2", "-gstrict-dwarf"]] {
        let library = compile(&directory, "gcc", flags, text);
        let spelled = |symbol| spell::declaration(&library.describe(symbol).unwrap());
        assert_eq!(spelled("decimal"), "_Decimal128 decimal(_Decimal128 x)");
        assert_eq!(spelled("decimal64"), "_Decimal64 decimal64(_Decimal64 x)");
        assert_eq!(spelled("complex_int"), "_Complex int complex_int(_Complex int x)");
        assert_eq!(spelled("complex_short"), "_Complex short complex_short(_Complex short x)");
        let grade = library.describe("grade").unwrap();
        let result = abi::by_value(&grade.types, grade.function().unwrap().result);
        let class = ScalarClass::Enumeration { signed: false, beyond_bool: true };
        assert_eq!(result, Value::Scalar { class, size: 1 });
        all_refused(&library, &["decimal", "decimal64"], "decimal");
        all_refused(&library, &["wide"], "floating-point");
        all_refused(&library, &["renamed"], "does not say which floating-point format");
        none_refused(&library, &["extended", "complex_int", "complex_short"]);
    }
}
