//! C text, parsed, against what gcc and clang make of the same text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write;
use std::path::Path;

use ffitypecheck::abi;
use ffitypecheck::check::{
    check_declaration, check_type, ClaimedTypes, Options, Owner, TypeClaim, Verdict,
};
use ffitypecheck::ctype::{Declaration, DeclarationKind, TypeId};
use ffitypecheck::header::write_header;
use ffitypecheck::identity::{difference, Sameness};
use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::parse::Scope;
use ffitypecheck::spell;
use ffitypecheck::Library;
use random_records::source;
use toolchain::{run, scratch, Random};

mod random_records;

const COMPILERS: [&str; 2] = ["gcc", "clang"];

/// Compiles a text and describes what it exports.
fn compiled(directory: &Path, compiler: &str, text: &str) -> Vec<Declaration> {
    std::fs::write(directory.join("source.c"), text).unwrap();
    let flags = ["-std=gnu17", "-w", "-g", "-shared", "-fPIC", "-nostdlib", "-fno-builtin"];
    let output = format!("{compiler}.so");
    run(directory, &[&[compiler][..], &flags, &["-o", &output, "source.c"]].concat());
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    declarations(&Library::open(&directory.join(output), &options).unwrap())
}

/// What a library exports, as far as its types are known.
fn declarations(library: &Library) -> Vec<Declaration> {
    let mut symbols: Vec<_> = library.exports().unwrap().iter().collect();
    symbols.sort_by_key(|symbol| symbol.name.to_string());
    symbols.into_iter().filter_map(|symbol| library.describe_export(symbol).ok()).collect()
}

/// Asserts that the parsed type is that of the declaration, without any finding.
fn matches(declaration: &Declaration, claimed: &ClaimedTypes, id: TypeId, sameness: Sameness) {
    let text = spell::declaration(declaration);
    let (types, own) = (&declaration.types, claimed.types());
    let report = check_declaration(declaration, claimed.claim(id).unwrap(), &Options::default());
    let findings: Vec<_> = report.findings().iter().map(|found| found.sentence.as_str()).collect();
    assert_eq!((report.verdict(), findings), (Verdict::Match, Vec::new()), "{text}");
    let sizes = (abi::size_of(types, declaration.ty), abi::align_of(types, declaration.ty));
    assert_eq!(sizes, (abi::size_of(own, id), abi::align_of(own, id)), "{text}");
    assert_eq!(difference(types, declaration.ty, own, id, sameness), None, "{text}");
}

/// Compiles a text, parses the part of it that is for the parser, and compares each symbol.
fn agree(name: &str, text: &str, sameness: Sameness) {
    let directory = scratch(&format!("parse-{name}"));
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    let lines = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    scope.parse(&mut claimed, &without_bodies(&lines)).unwrap_or_else(|error| panic!("{error}"));
    for compiler in COMPILERS {
        let declarations = compiled(&directory, compiler, text);
        assert!(!declarations.is_empty());
        for declaration in &declarations {
            let id = scope.symbol(declaration.symbol.as_str());
            matches(declaration, &claimed, id.unwrap(), sameness);
        }
    }
}

/// Functions are declared where the compiler gets a definition: ` {{…}}` is a body.
fn without_bodies(text: &str) -> String {
    let mut rest = text.to_owned();
    while let Some(start) = rest.find(" {{") {
        let end = start + rest[start..].find("}}").unwrap() + 2;
        rest.replace_range(start..end, ";");
    }
    rest.replace(" { return p; }", ";")
}

/// The size and alignment of each record, for a compiler to judge.
fn assertions(claimed: &mut ClaimedTypes, scope: &mut Scope, count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let record = format!("struct r{index}");
        let id = scope.parse(claimed, &record).unwrap();
        let size = abi::size_of(claimed.types(), id).unwrap();
        let of_align = scope.parse(claimed, &format!("char[_Alignof({record})]")).unwrap();
        let align = abi::size_of(claimed.types(), of_align).unwrap();
        let holds = format!("sizeof({record}) == {size} && _Alignof({record}) == {align}");
        writeln!(text, "_Static_assert({holds}, \"{record}\");").unwrap();
    }
    text
}

/// Random records: the debug information has each offset, and the compiler judges sizes and alignments.
fn random_records(name: &str, seed: u64, attributes: bool) {
    let text = source(seed, 120, attributes, None);
    let directory = scratch(&format!("parse-{name}-{seed}"));
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    scope
        .parse(&mut claimed, &without_bodies(&text))
        .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    let checked = text.clone() + &assertions(&mut claimed, &mut scope, 120);
    for compiler in COMPILERS {
        for declaration in compiled(&directory, compiler, &checked) {
            let id = scope.symbol(declaration.symbol.as_str()).unwrap();
            let options = Options::default();
            let report = check_declaration(&declaration, claimed.claim(id).unwrap(), &options);
            let findings: Vec<_> = report.findings().iter().map(|found| &found.sentence).collect();
            let text = spell::declaration(&declaration);
            assert_eq!(report.verdict(), Verdict::Match, "{compiler} {seed} {text}: {findings:?}");
            // The alignment of a packed record is not in the debug information.
            if !attributes {
                let (types, own) = (&declaration.types, claimed.types());
                let differs = difference(types, declaration.ty, own, id, Sameness::default());
                assert_eq!(differs, None, "{compiler} {seed} {text}");
            }
        }
    }
}

#[test]
fn records_are_laid_out_as_the_compilers_do() {
    (100..106).for_each(|seed| random_records("records", seed, false));
}

#[test]
fn packed_and_aligned_records_are_too() {
    (200..208).for_each(|seed| random_records("attributes", seed, true));
}

#[test]
fn base_types_have_all_their_names() {
    let mut text = String::new();
    for (index, name) in [
        "char",
        "signed char",
        "char unsigned",
        "short",
        "int short unsigned",
        "short signed",
        "int",
        "signed",
        "unsigned",
        "int unsigned",
        "long",
        "long int",
        "unsigned long int",
        "int long unsigned long",
        "long long",
        "signed long long int",
        "_Bool",
        "float",
        "double",
        "long double",
        "double long",
        "__int128",
        "unsigned __int128",
        "__signed__ char",
        "_Complex float",
        "double _Complex",
        "_Complex double long",
        "const volatile int",
        "_Atomic int",
        "_Atomic(long) *",
        "void *const volatile",
        "char *restrict",
    ]
    .into_iter()
    .enumerate()
    {
        writeln!(text, "{name} v{index};").unwrap();
    }
    agree("base-types", &text, Sameness::default());
}

/// Types that only gcc has in C.
#[test]
fn the_numbers_of_gcc() {
    let text = "_Float32 a; _Float64 b; _Float128 c; _Float32x d; _Float64x e; _Float16 f;
        _Decimal32 g; _Decimal64 h; _Decimal128 i; _Complex int j; _Complex _Float128 l;";
    let directory = scratch("parse-gcc");
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    scope.parse(&mut claimed, text).unwrap();
    for declaration in compiled(&directory, "gcc", text) {
        let id = scope.symbol(declaration.symbol.as_str()).unwrap();
        matches(&declaration, &claimed, id, Sameness::default());
    }
}

#[test]
fn types_of_the_system_are_known() {
    let names = [
        "size_t",
        "ssize_t",
        "ptrdiff_t",
        "wchar_t",
        "wint_t",
        "int8_t",
        "uint8_t",
        "int16_t",
        "uint16_t",
        "int32_t",
        "uint32_t",
        "int64_t",
        "uint64_t",
        "intmax_t",
        "uintmax_t",
        "intptr_t",
        "uintptr_t",
        "int_least8_t",
        "uint_least16_t",
        "int_least32_t",
        "uint_least64_t",
        "int_fast8_t",
        "uint_fast8_t",
        "int_fast64_t",
        "uint_fast64_t",
        "bool",
        "off_t",
        "loff_t",
        "off64_t",
        "time_t",
        "clock_t",
        "suseconds_t",
        "useconds_t",
        "pid_t",
        "uid_t",
        "gid_t",
        "id_t",
        "mode_t",
        "dev_t",
        "ino_t",
        "nlink_t",
        "blksize_t",
        "blkcnt_t",
        "key_t",
        "clockid_t",
        "timer_t",
        "socklen_t",
        "sa_family_t",
        "in_addr_t",
        "in_port_t",
        "fsblkcnt_t",
        "fsfilcnt_t",
        "rlim_t",
        "u_char",
        "u_short",
        "u_int",
        "u_long",
        "ushort",
        "uint",
        "ulong",
        "u_int8_t",
        "u_int16_t",
        "u_int32_t",
        "u_int64_t",
        "caddr_t",
        "char16_t",
        "char32_t",
        "va_list",
        "FILE *",
        "__int128_t",
        "__uint128_t",
    ];
    let mut text = "#define _GNU_SOURCE\n".to_owned();
    for header in [
        "stddef",
        "stdint",
        "stdbool",
        "stdarg",
        "stdio",
        "wchar",
        "uchar",
        "sys/types",
        "sys/socket",
        "sys/resource",
        "netinet/in",
        "time",
    ] {
        writeln!(text, "#include <{header}.h>").unwrap();
    }
    for (index, name) in names.into_iter().enumerate() {
        writeln!(text, "{name} v{index};").unwrap();
    }
    let directory = scratch("parse-system");
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    scope.parse(&mut claimed, &lines.join("\n")).unwrap();
    let sameness = Sameness {
        through_typedefs: true,
        incomplete_is_equal: true,
        pointees_by_name: true,
        ..Sameness::default()
    };
    for compiler in COMPILERS {
        for declaration in compiled(&directory, compiler, &text) {
            let id = scope.symbol(declaration.symbol.as_str()).unwrap();
            matches(&declaration, &claimed, id, sameness);
        }
    }
}

#[test]
fn declarators_records_and_enumerations() {
    let text = r#"
extern int printf(const char *format, ...);
typedef int (*compare_t)(const void *, const void *);
typedef struct node node;
typedef struct point { double x, y; } point;
struct node { node *next, *last; struct node **all; compare_t compare; point at[2][3]; };
union any { char c; long double wide; struct { int a, b; }; unsigned bits : 5; };
enum plain { PLAIN_A, PLAIN_B = 7, PLAIN_C };
enum negative { NEGATIVE = -1, POSITIVE = 0x7fffffff };
enum large { LARGE = 0xffffffff };
enum larger { LARGER = 0x100000000 };
enum wide_negative { WIDE_A = -1, WIDE_B = 0xffffffffu };
enum __attribute__((packed)) small { SMALL = 255 };
enum small_negative { SMALL_N = -128 } __attribute__((__packed__));
enum medium { MEDIUM = -129 } __attribute__((packed));
typedef float vector __attribute__((vector_size(16)));
typedef int aligned_int __attribute__((aligned(16)));
struct uses { char c; aligned_int a; vector v; enum small s : 5; enum plain p : 3, q : 2; _Alignas(32) char d; };
struct flexible { unsigned count; struct { char name[8]; } items[]; };
struct zero { int a : 3; int : 0; int b : 4; long c : 33; long : 5; _Bool d : 1; char : 0; short e; };
struct __attribute__((packed)) tight { char a; int b; long c : 20; int d __attribute__((aligned(4))); };
struct one_packed { char a; int b __attribute__((packed)); long c; };
_Static_assert(sizeof(struct one_packed) == 16 && _Alignof(struct one_packed) == 8, "one");
_Static_assert(sizeof(struct tight) == 12 && _Alignof(struct tight) == 4, "tight");
struct inner { short a, b; } __attribute__((packed));
struct outer { char a; struct inner b; _Alignas(struct inner) char c; };
_Static_assert(sizeof(struct outer) == 6 && _Alignof(struct outer) == 1, "outer");
struct functions { void (*none)(void), (*any)(), *(*deep)(int (*)(char), ...); int (*(*table[4])(int))[5]; };
struct deep { struct { union { int a; struct { char b[3]; short c; } d; }; } e; const volatile char *const f; };
int f1(int a, char *b[], int c[static 3], double d[2][4], int (g)(int), ...) {{ return 0; }}
int *(*f2(void))(int, char (*)[7]) {{ return 0; }}
void f3(struct node *n, union any *a, struct uses *u, struct flexible *f, struct zero *z) {{ }}
void f4(struct tight *t, struct functions *f, struct deep *d, vector v) {{ }}
void f5(enum plain a, enum negative b, enum large c, enum larger d, enum wide_negative e) {{ }}
void f6(enum small *a, enum small_negative *b, enum medium *c, aligned_int *d) {{ }}
point f7(struct point by_value, compare_t compare, node *n) {{ return by_value; }}
const char *const names[] = { 0, 0, 0 };
int (*const table[2][2])(void) = { 0 };
static inline void unused(void);
unsigned char buffer[sizeof(struct node) * 2 + (PLAIN_B << 1) - _Alignof(double)];
__extension__ typedef long long longer;
longer last, *lasts, more[PLAIN_C];
"#;
    let for_parser =
        text.replace(" = { 0, 0, 0 }", "").replace(" = { 0 }", "").replace("names[]", "names[3]");
    let directory = scratch("parse-by-hand");
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    scope.parse(&mut claimed, &without_bodies(&for_parser)).unwrap_or_else(|e| panic!("{e}"));
    let text = text.replace(" {{", " {").replace("}}\n", "}\n");
    for compiler in COMPILERS {
        let declarations = compiled(&directory, compiler, &text);
        assert_eq!(declarations.len(), 13, "{compiler}");
        for declaration in declarations {
            let id = scope.symbol(declaration.symbol.as_str()).unwrap();
            let sameness = Sameness::default();
            matches(&declaration, &claimed, id, sameness);
        }
    }
}

/// Random constant expressions that the parser accepts have the value that the compilers compute.
#[test]
fn constants_have_the_compilers_values() {
    let mut random = Random::new(9);
    let (mut text, mut count) = ("enum { NINE = 9, MINUS = -3 };\n".to_owned(), 0);
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    scope.parse(&mut claimed, &text).unwrap();
    while count < 400 {
        let declared =
            format!("enum e{count} {{ E{count} = {} }} v{count};\n", expression(&mut random, 4));
        match scope.parse(&mut claimed, &declared) {
            Ok(_) => {
                text.push_str(&declared);
                count += 1;
            }
            Err(error) => {
                let reasons = ["does not fit", "by zero", "shift is negative", "no alignment"];
                let text = error.to_string();
                assert!(reasons.iter().any(|reason| text.contains(reason)), "{declared}: {text}");
            }
        }
    }
    let directory = scratch("parse-constants");
    for compiler in COMPILERS {
        for declaration in compiled(&directory, compiler, &text) {
            let id = scope.symbol(declaration.symbol.as_str()).unwrap();
            matches(&declaration, &claimed, id, Sameness::default());
        }
    }
}

fn expression(random: &mut Random, depth: u32) -> String {
    if depth == 0 || random.one_in(5) {
        return random
            .pick(&[
                "0",
                "1",
                "2",
                "7",
                "31",
                "'a'",
                "'\\n'",
                "0x7fffffff",
                "0x80000000",
                "2147483648",
                "1u",
                "3L",
                "0xffffffffffffffff",
                "0b101",
                "017",
                "NINE",
                "MINUS",
                "sizeof(int)",
                "sizeof(char *[3])",
                "_Alignof(double)",
                "'\\377'",
                "5ull",
                "4294967295",
            ])
            .to_owned();
    }
    let mut inner = || expression(random, depth - 1);
    let (a, b, c) = (inner(), inner(), inner());
    match random.below(12) {
        0 => format!("-({a})"),
        1 => format!("~({a})"),
        2 => format!("!({a})"),
        3 => format!("(({a}) ? ({b}) : ({c}))"),
        4 => format!(
            "({}) ({a})",
            random.pick(&["char", "unsigned char", "short", "unsigned", "long", "_Bool"])
        ),
        _ => {
            let operators = [
                "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "<", ">", "<=", ">=", "==",
                "!=", "&&", "||",
            ];
            format!("({a}) {} ({b})", random.pick(&operators))
        }
    }
}

/// Of the exports, each of this number is compared: in libdb each reaches thousands of types.
const STEP: usize = 16;
const LIBRARIES: [&str; 4] = ["liblua5.4.so.0", "libdb-5.3.so", "libm.so.6", "libc.so.6"];

fn open(name: &str) -> Library {
    let options = SearchOptions { slim: false, ..SearchOptions::default() };
    Library::open(&find_library(name).unwrap(), &options).unwrap()
}

/// The header of a library is parsed, and every function in it is the library's.
#[test]
fn headers_of_real_libraries() {
    for name in LIBRARIES {
        let mut declarations = declarations(&open(name));
        // The header has one version of each symbol.
        let versions = declarations.clone();
        let is_only = |one: &Declaration| {
            versions.iter().filter(|other| other.symbol == one.symbol).count() == 1
        };
        declarations.retain(is_only);
        let mut header = String::new();
        write_header(&declarations, &mut header).unwrap();
        let directory = scratch(&format!("parse-{name}"));
        std::fs::write(directory.join("header.h"), &header).unwrap();
        let text = run(&directory, &["gcc", "-E", "-x", "c", "header.h"]);
        let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
        scope.parse(&mut claimed, &text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut compared, mut doubtful) = (0, 0);
        for declaration in declarations.iter().step_by(STEP) {
            let Some(id) = scope.symbol(declaration.symbol.as_str()) else { continue };
            let options = Options::default();
            // A type against itself may be UNVERIFIED: what is not known in it stays unknown.
            let own = TypeClaim { types: &declaration.types, ty: declaration.ty };
            let best = check_declaration(declaration, own, &options).verdict();
            let report = check_declaration(declaration, claimed.claim(id).unwrap(), &options);
            let findings: Vec<_> = report.findings().iter().map(|found| &found.sentence).collect();
            let text = spell::declaration(declaration);
            assert_eq!(report.verdict(), best, "{name}: {text}: {findings:?}");
            compared += 1;
            doubtful += usize::from(best != Verdict::Match);
        }
        let functions =
            declarations.iter().filter(|one| one.kind == DeclarationKind::Function).count();
        println!("{name}: {compared} compared, {doubtful} not MATCH against themselves, {functions} functions");
        assert!(compared * STEP * 100 > declarations.len() * 80, "{name}: {compared}");
        assert!(doubtful * 20 < compared, "{name}: {doubtful} of {compared}");
    }
}

/// Every type that a library exports is imported into one claim; it is a match there.
#[test]
fn types_of_real_libraries_are_imported() {
    for name in LIBRARIES {
        let declarations = declarations(&open(name));
        for declaration in declarations.iter().step_by(STEP) {
            let mut claimed = ClaimedTypes::new();
            let id = claimed.import(&declaration.types, declaration.ty).unwrap();
            let text = spell::declaration(declaration);
            let options = Options { owner: Owner::Caller, ..Options::default() };
            let own = TypeClaim { types: &declaration.types, ty: declaration.ty };
            let best = check_type(&declaration.types, declaration.ty, own, &options);
            let claim = claimed.claim(id).unwrap();
            let report = check_type(&declaration.types, declaration.ty, claim, &options);
            assert_eq!(report.verdict(), best.verdict(), "{name}: {text}");
            let differs = difference(
                &declaration.types,
                declaration.ty,
                claimed.types(),
                id,
                Sameness { parameter_names: true, ..Sameness::default() },
            );
            assert_eq!(differs, None, "{name}: {text}");
        }
    }
}
