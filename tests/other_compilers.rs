//! What one compiler made, against the claim that another makes of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::abi;
use ffitypecheck::check::{check_declaration, Options, Owner, Report, TypeClaim, Verdict};
use ffitypecheck::ctype::Kind;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{run, scratch};

/// The library that a compiler makes of the text, in a file of that name.
fn compile(directory: &Path, compiler: &[&str], file: &str, text: &str) -> Library {
    std::fs::write(directory.join(file), text).unwrap();
    let library =
        format!("{}-{file}.so", Path::new(compiler[0]).file_name().unwrap().to_str().unwrap());
    run(directory, &[compiler, &["-o", &library, file]].concat());
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(&directory.join(library), &options).unwrap()
}

const GCC: &[&str] = &["gcc", "-g", "-shared", "-fPIC", "-w"];
const CLANG: &[&str] = &["clang", "-g", "-shared", "-fPIC", "-w"];

fn report(library: &Library, claims: &Library, symbol: &str) -> Report {
    let (declared, claimed) = (library.describe(symbol).unwrap(), claims.describe(symbol).unwrap());
    let claim = TypeClaim { types: &claimed.types, ty: claimed.ty };
    let options = Options { owner: Owner::Caller, ..Options::default() };
    check_declaration(&declared, claim, &options)
}

/// clang records `aligned(1)`, which has no effect unless the record is packed as well, and gcc does not.
#[test]
fn an_alignment_below_the_natural_one() {
    let directory = scratch("compilers-alignment");
    let text = "
        typedef union { struct { unsigned short a; unsigned char c __attribute__((aligned(16))); long p; }; }
            __attribute__((aligned(1))) loose;
        typedef union { struct { unsigned short a; unsigned char c __attribute__((aligned(16))); long p; }; }
            __attribute__((packed, aligned(1))) packed;
        typedef struct { long x[3]; long double y; } __attribute__((aligned(1))) gap;
        typedef struct { long double x, y; } __attribute__((aligned(4))) full;
        typedef struct { long a, b, c; } __attribute__((aligned(2))) words;
        typedef struct { loose inner; int more; } holder;
        int loose_value(loose a) { return 0; }
        int packed_value(packed a) { return 0; }
        int gap_value(gap a) { return 0; }
        int full_value(full a) { return 0; }
        int words_value(words a) { return 0; }
        int holder_value(holder a) { return 0; }
        int behind(loose *a) { return 0; }";
    let gcc = compile(&directory, GCC, "a.c", text);
    let clang = compile(&directory, CLANG, "a.c", text);
    for symbol in ["loose_value", "full_value", "holder_value"] {
        // Which of the two it is, clang's debug information does not tell.
        assert_eq!(report(&clang, &gcc, symbol).verdict(), Verdict::Unverified, "{symbol}");
        assert_eq!(report(&gcc, &gcc, symbol).verdict(), Verdict::Match, "{symbol}");
    }
    for symbol in ["loose_value", "packed_value", "full_value", "holder_value"] {
        for (library, claims) in [(&clang, &gcc), (&gcc, &clang), (&clang, &clang)] {
            assert_ne!(report(library, claims, symbol).verdict(), Verdict::Mismatch, "{symbol}");
        }
    }
    for symbol in ["gap_value", "words_value", "behind"] {
        for (library, claims) in [(&clang, &gcc), (&gcc, &clang)] {
            assert_eq!(report(library, claims, symbol).verdict(), Verdict::Match, "{symbol}");
        }
    }
}

/// Rust lays an `Option` of what is never null out as the pointer, and describes it as a record of two variants.
#[test]
fn variants_of_rust() {
    let directory = scratch("compilers-variants");
    let rust = "
        #[repr(C)] pub struct Cb { f: Option<extern \"C\" fn(i32) -> i32>, data: *mut u8 }
        #[repr(C)] pub enum Either { Small(u32), Large(u64) }
        #[repr(C)] pub struct Holder { number: u64, either: Either, last: u64 }
        #[no_mangle] pub extern \"C\" fn call(c: *const Cb) -> i32 { unsafe { ((*c).f.unwrap())(1) } }
        #[no_mangle] pub extern \"C\" fn wrong(c: *const Cb) -> i32 { unsafe { ((*c).f.unwrap())(2) } }
        #[no_mangle] pub extern \"C\" fn other(c: *const Cb) -> i32 { unsafe { ((*c).f.unwrap())(3) } }
        #[no_mangle] pub extern \"C\" fn number(n: Option<&mut u64>) -> u64 { n.map(|x| *x).unwrap_or(0) }
        #[no_mangle] pub extern \"C\" fn boxed(n: Option<Box<u64>>) -> u64 { n.map(|x| *x).unwrap_or(0) }
        #[no_mangle] pub extern \"C\" fn apply(f: Option<extern \"C\" fn(i32) -> i32>) -> i32 { f.unwrap()(1) }
        #[no_mangle] pub extern \"C\" fn misapply(f: Option<extern \"C\" fn(i32) -> i32>) -> i32 { f.unwrap()(2) }
        #[no_mangle] pub extern \"C\" fn either(t: &Either) -> u64 { match t { Either::Small(a) => *a as u64, Either::Large(b) => *b } }
        #[no_mangle] pub extern \"C\" fn held(h: &Holder) -> u64 { h.number + h.last }
        #[no_mangle] pub extern \"C\" fn misheld(h: &Holder) -> u64 { h.number - h.last }\n";
    let c = "
        #include <stdint.h>
        struct cb { int32_t (*f)(int32_t); uint8_t *data; };
        struct late { char *name; int32_t (*f)(double); };
        struct misfit { int32_t number, more; uint8_t *data; };
        struct either { uint32_t tag; uint64_t value; };
        struct holder { uint64_t number; struct either either; uint64_t last; };
        struct misheld { uint64_t number; struct either either; double last; };
        int32_t call(const struct cb *c) { return 0; }
        int32_t wrong(const struct late *c) { return 0; }
        int32_t other(const struct misfit *c) { return 0; }
        uint64_t number(uint64_t *n) { return 0; }
        uint64_t boxed(uint64_t *n) { return 0; }
        int32_t apply(int32_t (*f)(int32_t)) { return 0; }
        int32_t misapply(int32_t (*f)(double)) { return 0; }
        uint64_t either(const struct either *t) { return 0; }
        uint64_t held(const struct holder *h) { return 0; }
        uint64_t misheld(const struct misheld *h) { return 0; }";
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let library = compile(&directory, &[&rustc, "--crate-type=cdylib", "-g"], "lib.rs", rust);
    let claims = compile(&directory, GCC, "claims.c", c);
    for (symbol, expected) in [
        ("call", Verdict::Match),
        ("number", Verdict::Match),
        ("boxed", Verdict::Match),
        ("apply", Verdict::Match),
        // A callback that reads another register.
        ("misapply", Verdict::Mismatch),
        ("wrong", Verdict::Mismatch),
        ("other", Verdict::Mismatch),
        // What lies there depends on the variant.
        ("either", Verdict::Unverified),
        ("held", Verdict::Unverified),
        // What is beside it is known.
        ("misheld", Verdict::Mismatch),
    ] {
        let report = report(&library, &claims, symbol);
        assert_eq!(report.verdict(), expected, "{symbol}: {:?}", report.findings());
    }
    let number = library.describe("number").unwrap();
    let ty = number.types.resolved(number.function().unwrap().parameters[0].ty);
    assert!(matches!(ty.kind, Kind::Pointer { .. }), "{ty:?}");
    let either = library.describe("either").unwrap();
    let Kind::Pointer { target, .. } =
        either.types.resolved(either.function().unwrap().parameters[0].ty).kind
    else {
        panic!("no pointer")
    };
    // As many bytes as the record has, of which nothing is known.
    let Kind::Record(record) = &either.types.resolved(target).kind else { panic!("no record") };
    assert_eq!(abi::size_of(&either.types, record.members[0].ty), Some(16));
}

/// g++ writes the upper bound of an array without elements as an unsigned number of the size of an address.
#[test]
fn arrays_without_elements_of_gxx() {
    let directory = scratch("compilers-no-elements");
    let text = "
        extern \"C\" { int (*none)[0]; int (*rows)[3][0]; int (*planes)[0][3]; char (*two_gib)[2147483647]; }\n";
    for machine in ["-m64", "-m32"] {
        for dwarf in ["-gdwarf-2", "-gdwarf-4", "-gdwarf-5"] {
            let compiler = ["g++", machine, dwarf, "-shared", "-fPIC", "-nostdlib"];
            let library = compile(&directory, &compiler, "arrays.cc", text);
            for (symbol, spelled) in [
                ("none", "int (*none)[0]"),
                ("rows", "int (*rows)[3][0]"),
                ("planes", "int (*planes)[0][3]"),
                ("two_gib", "char (*two_gib)[2147483647]"),
            ] {
                let declaration = library.describe(symbol).unwrap();
                assert_eq!(spell::declaration(&declaration), spelled, "{machine} {dwarf}");
            }
        }
    }
    // The bound of 4 GiB is that of no elements in 4 bytes, so the length is unknown.
    let text = "char (*four_gib)[4294967296]; char (*more)[4294967297];\n";
    let library = compile(&directory, GCC, "large.c", text);
    for (symbol, spelled) in
        [("four_gib", "char (*four_gib)[]"), ("more", "char (*more)[4294967297]")]
    {
        assert_eq!(spell::declaration(&library.describe(symbol).unwrap()), spelled);
    }
}

/// With `-g1` and the like every function looks like `void f()`, and no variable has a type.
#[test]
fn units_without_types() {
    let directory = scratch("compilers-untyped");
    let text = "
        struct pair { int x; double y; };
        static inline __attribute__((always_inline)) int twice(int x) { return 2 * x; }
        double sum(struct pair *pair, int more) { return pair->x + pair->y + twice(more) + twice(pair->x); }
        void nothing(void) { }
        int counter;\n";
    let options = ["-shared", "-fPIC", "-w"];
    let cxx = text.replace("double sum", "extern \"C\" double sum");
    let cxx = cxx.replace("void nothing", "extern \"C\" void nothing");
    for (compiler, name, text) in [
        (&["gcc", "-g1"][..], "gcc.c", text),
        (&["gcc", "-g1", "-O2"], "optimized.c", text),
        (&["gcc", "-gdwarf-4", "-g1", "-O2", "-flto"], "lto.c", text),
        (&["gcc", "-g", "-g1", "-fdebug-types-section"], "last.c", text),
        (&["g++", "-g1"], "gxx.cc", &cxx),
        (&["clang", "-g1", "-O2"], "clang.c", text),
        (&["clang", "-gline-tables-only", "-O2"], "lines.c", text),
    ] {
        let library = compile(&directory, &[compiler, &options].concat(), name, text);
        for symbol in ["sum", "nothing", "counter"] {
            let error = library.describe(symbol).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NoType, "{name}: {symbol}: {error}");
            let untyped =
                error.to_string().contains(&format!("{name}, which was compiled without types"));
            assert!(untyped || compiler[0] == "clang", "{name}: {error}");
        }
    }
    // What has types says so even where it is `void f()`.
    for (compiler, name, text, spelled) in [
        ("gcc", "old.c", "void nothing() { }\n", "void nothing()"),
        ("g++", "nothing.cc", "extern \"C\" void nothing() { }\n", "void nothing(void)"),
    ] {
        let library = compile(&directory, &[&[compiler, "-g"][..], &options].concat(), name, text);
        assert_eq!(spell::declaration(&library.describe("nothing").unwrap()), spelled, "{name}");
    }
    // A unit without types beside one that uses its functions, and declares them.
    std::fs::write(directory.join("defines.c"), text).unwrap();
    let uses = "
        struct pair { int x; double y; };
        double sum(struct pair *pair, int more); extern int counter;
        double use(struct pair *pair) { return sum(pair, counter); }\n";
    std::fs::write(directory.join("uses.c"), uses).unwrap();
    run(&directory, &["gcc", "-g1", "-O2", "-fPIC", "-c", "defines.c"]);
    run(&directory, &["gcc", "-g", "-O2", "-fPIC", "-c", "uses.c"]);
    run(&directory, &["gcc", "-shared", "-o", "libmixed.so", "defines.o", "uses.o"]);
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let library = Library::open(&directory.join("libmixed.so"), &options).unwrap();
    let sum = library.describe("sum").unwrap();
    assert_eq!(spell::declaration(&sum), "double sum(struct pair *, int)");
    assert_eq!(spell::declaration(&library.describe("counter").unwrap()), "int counter");
    assert_eq!(library.describe("nothing").unwrap_err().kind(), ErrorKind::NoType);
    // rustc says what clang does.
    let rust =
        "#[no_mangle] pub extern \"C\" fn sum(x: i32, y: f64) -> f64 { y + (x as f64).abs() }\n";
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    for (level, described) in [("-Cdebuginfo=1", false), ("-Cdebuginfo=2", true)] {
        let library =
            compile(&directory, &[&rustc, "--crate-type=cdylib", "-O", level], "sum.rs", rust);
        assert_eq!(library.describe("sum").is_ok(), described, "{level}");
    }
}
