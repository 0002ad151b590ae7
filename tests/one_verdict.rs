//! One description and one verdict, whether the types come from the full debug information, from a note in the library, from the user's
//! cache, from a side file, or from what was extracted.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use ffitypecheck::abi;
use ffitypecheck::check::{check_declaration, Options, Owner, Report, TypeClaim, Verdict};
use ffitypecheck::ctype::{Declaration, Kind};
use ffitypecheck::header::write_header;
use ffitypecheck::identity::{difference, Identity, Sameness};
use ffitypecheck::image::{find_library, FoundBy, SearchOptions};
use ffitypecheck::spell;
use ffitypecheck::{cache, slim, ErrorKind, Library};
use toolchain::{run, scratch};

const LIBRARIES: [&str; 8] = [
    "libc.so.6",
    "libm.so.6",
    "libdb-5.3.so",
    "libkrb5.so.3",
    "liblua5.4.so.0",
    "libgsl.so.27",
    "librados.so.2",
    "libpython3.11.so.1.0",
];

/// So many pairs of types are judged for each export.
const PAIRS: usize = 200;

const EQUAL: Sameness = Sameness {
    parameter_names: true,
    incomplete_is_equal: false,
    through_typedefs: false,
    pointees_by_name: false,
};

fn full(path: &Path) -> Library {
    Library::open(path, &SearchOptions { slim: false, ..SearchOptions::default() }).unwrap()
}

/// The same library by each of the other sources.
fn by_other_sources(directory: &Path, path: &Path) -> Vec<(&'static str, Library)> {
    let full = full(path);
    let bytes = std::fs::read(path).unwrap();
    let id = full.files().library.build_id().unwrap().to_owned();
    let note = slim::encode(&full, &slim::Options::default()).unwrap().note();
    let nowhere = SearchOptions { system: false, ..SearchOptions::default() };

    let with_note = directory.join("note.so");
    std::fs::write(&with_note, slim::embed(&bytes, &note).unwrap().to_vec()).unwrap();
    let side_file = slim::side_file(&bytes, &id, &note).unwrap();
    let entries = directory.join("cache");
    cache::store(&entries, &id, &side_file).unwrap();
    let cached = SearchOptions { type_cache: Some(entries), ..nowhere.clone() };
    let sides = directory.join("sides");
    let place = cache::side_files(&[&sides], &id).remove(0);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, side_file).unwrap();
    let beside = SearchOptions { side_directories: vec![sides], ..nowhere.clone() };
    let extracted = directory.join("extracted.debug");
    let sections = slim::extract(&full).unwrap();
    std::fs::write(&extracted, slim::debug_file(&bytes, Some(&id), &sections).unwrap()).unwrap();
    // A library that has its own debug information needs no other file.
    let stripped = directory.join("stripped.so");
    std::fs::copy(path, &stripped).unwrap();
    run(directory, &["strip", "-g", "stripped.so"]);
    let given = SearchOptions { slim: false, debug_file: Some(extracted), ..nowhere.clone() };

    let open = |path: &Path, options: &SearchOptions, by: FoundBy| {
        let library = Library::open(path, options).unwrap();
        let found = library.attempts().iter().any(|attempt| attempt.by == by);
        assert!(found, "{by:?}: {:?}", library.attempts());
        library
    };
    vec![
        ("note", open(&with_note, &nowhere, FoundBy::Note)),
        ("cache", open(path, &cached, FoundBy::TypeCache)),
        ("side file", open(path, &beside, FoundBy::SideFile)),
        ("extracted", open(&stripped, &given, FoundBy::Given)),
    ]
}

fn declarations(library: &Library) -> Vec<(u32, Declaration)> {
    let describe = |symbol| library.describe_export(symbol);
    let exports = library.exports().unwrap().iter();
    exports.filter_map(|symbol| Some((symbol.number, describe(symbol).ok()?))).collect()
}

/// The caller made all memory: what is not so large as the library's is a mismatch.
fn by_caller() -> Options {
    Options { owner: Owner::Caller, ..Options::default() }
}

fn judged_by(declared: &Declaration, claimed: &Declaration, options: &Options) -> Report {
    let claim = TypeClaim { types: &claimed.types, ty: claimed.ty };
    check_declaration(declared, claim, options)
}

fn verdict(declared: &Declaration, claimed: &Declaration) -> Verdict {
    judged_by(declared, claimed, &by_caller()).verdict()
}

/// Everything that both say of each export, records behind pointers included, and, if `judge`, the verdict on what one says against the
/// other. Returns how many exports there are, and how many claims were judged: one for each function type.
fn compare(
    name: &str,
    full: &[(u32, Declaration)],
    other: &[(u32, Declaration)],
    judge: bool,
) -> (usize, usize) {
    // To the end of all that an export reaches, each time, would take minutes. What is not known, such as vectors, is UNVERIFIED too.
    let options = Options { pairs: Some(PAIRS), ..by_caller() };
    let mut identity = Identity::new(true);
    let mut judged = std::collections::HashSet::new();
    assert_eq!(full.len(), other.len(), "{name}");
    for ((number, full), (same, other)) in full.iter().zip(other) {
        assert_eq!((number, &full.symbol, &full.version), (same, &other.symbol, &other.version));
        let symbol = &full.symbol;
        assert_eq!(spell::declaration(full), spell::declaration(other), "{name}");
        assert_eq!(full.kind, other.kind, "{name}: {symbol}");
        if !identity.same(&full.types, full.ty, &other.types, other.ty) {
            let what = difference(&full.types, full.ty, &other.types, other.ty, EQUAL);
            panic!("{name}: {symbol}: {what:?}");
        }
        if judge && judged.insert(identity.class_of(&full.types, full.ty)) {
            for (declared, claimed) in [(full, other), (other, full)] {
                let report = judged_by(declared, claimed, &options);
                let found =
                    report.findings().iter().find(|found| found.verdict != Verdict::Unverified);
                assert!(found.is_none(), "{name}: {symbol}: {found:?}");
            }
        }
    }
    (full.len(), judged.len())
}

fn header(declarations: &[(u32, Declaration)]) -> String {
    let only: Vec<Declaration> = declarations.iter().map(|(_, one)| one.clone()).collect();
    let mut text = String::new();
    write_header(&only, &mut text).unwrap();
    let start = text.find("*/").unwrap();
    // The first line has the file's name.
    text.split_off(start)
}

#[test]
fn real_libraries() {
    for soname in LIBRARIES {
        let directory = scratch(&format!("one-verdict-{soname}"));
        let path = find_library(soname).unwrap();
        let full = declarations(&full(&path));
        for (source, library) in by_other_sources(&directory, &path) {
            // An entry of the cache and a side file have the note.
            let judge = matches!(source, "note" | "extracted");
            let (exports, judged) = compare(source, &full, &declarations(&library), judge);
            println!("{soname}, {source}: {exports} exports, {judged} claims");
        }
    }
}

/// What one unit declares and another one defines, in every relation of the two.
const USES: &str = "
#ifdef __cplusplus
enum level : int;
#else
enum level;
#endif
struct only; union either; struct twice; struct unreached; struct nowhere; struct chain;
typedef struct only only_t; typedef int number_t;
int use_only(struct only *p) { return p != 0; }
int use_either(union either *p) { return p != 0; }
int use_level(enum level *p) { return p != 0; }
int use_twice(struct twice *p) { return p != 0; }
int use_typedef(only_t *p, number_t n) { return p != 0 && n; }
int use_unreached(struct unreached *p) { return p != 0; }
int use_nowhere(struct nowhere *p) { return p != 0; }
int use_behind(struct only ***p) { return p != 0; }
int use_chain(struct chain *p) { return p != 0; }
struct holder { struct only *first; struct twice *second; };
int use_holder(struct holder *p) { return p != 0; }
";
const DEFINES: &str = "
struct only { long a, b; };
union either { long a; double b[4]; };
#ifdef __cplusplus
enum level : int { LOW = 1, HIGH = 7 };
#else
enum level { LOW = 1, HIGH = 7 };
#endif
struct twice { long a; };
struct unreached { long a, b, c; };
struct chain { struct link *next; struct only *only; };
int define_only(struct only *p) { return p->a; }
int define_either(union either *p) { return p->a; }
int define_level(enum level *p) { return *p; }
int define_twice(struct twice *p) { return p->a; }
int define_chain(struct chain *p) { return p->only->a; }
struct hidden { int a; };
static int local(struct unreached *p, struct hidden *h) { return p->a + h->a; }
int inner(void) { struct unreached u = { 1, 2, 3 }; struct hidden h = { 4 }; return local(&u, &h); }
";
const AGAIN: &str = "
struct only { long a, b; };
struct twice { char other[3]; };
struct link { short length; };
int again_only(struct only *p) { return p->a; }
int again_twice(struct twice *p) { return p->other[0]; }
int again_link(struct link *p) { return p->length; }
";
/// What a caller takes them for: all are wrong but where the library has nothing to say.
const CLAIMS: &str = "
struct only { int wrong; }; union either { int wrong; }; enum level { WRONG = 1 }; struct twice { int wrong; };
struct unreached { int wrong; }; struct nowhere { int wrong; }; struct link { char wrong; };
struct chain { struct link *next; struct only *only; };
struct holder { struct only *first; struct twice *second; };
int use_only(struct only *p) { return p->wrong; }
int use_either(union either *p) { return p->wrong; }
int use_level(short *p) { return *p; }
int use_twice(struct twice *p) { return p->wrong; }
int use_unreached(struct unreached *p) { return p->wrong; }
int use_nowhere(struct nowhere *p) { return p->wrong; }
int use_behind(struct only ***p) { return (**p)->wrong; }
int use_chain(struct chain *p) { return p->next->wrong; }
int use_holder(struct holder *p) { return p->first->wrong; }
";
const VERDICTS: [(&str, bool); 9] = [
    ("use_only", false),
    ("use_either", false),
    ("use_level", false),
    // Each unit has its own.
    ("use_twice", true),
    // No export reaches the definition.
    ("use_unreached", true),
    ("use_nowhere", true),
    ("use_behind", false),
    ("use_chain", false),
    ("use_holder", false),
];

/// What a record that the exports reach is called, be it only declared, by its names in C.
const RECORDS: [(&str, Option<&str>); 13] = [
    ("struct only", Some("only")),
    ("union either", Some("either")),
    ("struct twice", Some("twice")),
    ("struct unreached", Some("unreached")),
    ("struct nowhere", Some("nowhere")),
    ("struct link", Some("link")),
    ("only_t", Some("only")),
    ("union only", None),
    ("only", None),
    ("enum level", None),
    ("number_t", None),
    ("struct hidden", None),
    ("struct nothing", None),
];

fn build(directory: &Path, compiler: &[&str], dwz: bool) -> PathBuf {
    for (name, text) in [("uses", USES), ("defines", DEFINES), ("again", AGAIN)] {
        std::fs::write(directory.join(format!("{name}.c")), text).unwrap();
        let (source, object) = (format!("{name}.c"), format!("{name}.o"));
        run(directory, &[compiler, &["-c", "-fPIC", "-w", "-o", &object, &source]].concat());
    }
    let link = ["-shared", "-Wl,--build-id", "-o", "lib.so", "uses.o", "defines.o", "again.o"];
    run(directory, &[compiler, &link].concat());
    if dwz {
        // Two libraries with common types: those move into a file that both refer to.
        std::fs::copy(directory.join("lib.so"), directory.join("twin.so")).unwrap();
        run(directory, &["dwz", "-m", "common.debug", "-h", "lib.so", "twin.so"]);
        assert!(directory.join("common.debug").exists());
    }
    directory.join("lib.so")
}

fn caller(directory: &Path) -> Library {
    std::fs::write(directory.join("claims.c"), CLAIMS).unwrap();
    run(directory, &["gcc", "-g", "-shared", "-fPIC", "-w", "-o", "claims.so", "claims.c"]);
    full(&directory.join("claims.so"))
}

#[test]
fn declared_in_one_unit_and_defined_in_another() {
    for (name, compiler) in [
        ("gcc", &["gcc", "-g"][..]),
        ("clang", &["clang", "-g"]),
        ("dwarf-4", &["gcc", "-gdwarf-4"]),
        ("types", &["gcc", "-gdwarf-4", "-fdebug-types-section"]),
        ("types-5", &["clang", "-gdwarf-5", "-fdebug-types-section"]),
        ("split", &["gcc", "-gdwarf-5", "-gsplit-dwarf"]),
        ("lto", &["gcc", "-g", "-O2", "-flto"]),
        ("dwz", &["gcc", "-gdwarf-4"]),
        ("c++", &["g++", "-g"]),
        ("c++-types", &["clang++", "-gdwarf-4", "-fdebug-types-section"]),
    ] {
        let directory = scratch(&format!("one-verdict-{name}"));
        let path = build(&directory, compiler, name == "dwz");
        let is_cxx = name.starts_with("c++");
        let caller = caller(&directory);
        let library = full(&path);
        let mangled = |symbol: &str| -> String {
            let named = |export: &str| {
                if is_cxx {
                    export.contains(&format!("{}{symbol}", symbol.len()))
                } else {
                    export == symbol
                }
            };
            let mut exports = library.exports().unwrap().iter().map(|export| export.name.as_str());
            exports.find(|export| named(export)).unwrap().to_owned()
        };
        let passes = |library: &Library| -> Vec<(&'static str, bool)> {
            let judge = |(symbol, _): (&'static str, bool)| {
                let declared = library.describe(&mangled(symbol)).unwrap();
                let verdict = verdict(&declared, &caller.describe(symbol).unwrap());
                (symbol, verdict != Verdict::Mismatch)
            };
            VERDICTS.map(judge).to_vec()
        };
        // A header of all, and the verdicts, in either order: nothing depends on what was asked before.
        let expected = passes(&library);
        // clang's type units have one definition for each name of C++, and it leaves out what a unit has no need of.
        if name != "c++-types" {
            assert_eq!(expected, VERDICTS, "{name}");
        }
        let declared = declarations(&library);
        let text = header(&declared);
        assert_eq!(header(&declarations(&full(&path))), text, "{name}");
        let records = |library: &Library| {
            let types = library.describe(&mangled("use_only")).unwrap().types;
            RECORDS.map(|(name, _)| types.record_named(name).map(|found| found.to_string()))
        };
        let names = RECORDS.map(|(_, record)| record.map(str::to_owned));
        assert_eq!(records(&library), names, "{name}");
        for (source, library) in by_other_sources(&directory, &path) {
            assert_eq!(passes(&library), expected, "{name}, {source}");
            assert_eq!(records(&library), names, "{name}, {source}");
            let others = declarations(&library);
            compare(&format!("{name}, {source}"), &declared, &others, true);
            assert_eq!(header(&others), text, "{name}, {source}");
        }
        // The declaration itself is spelled as its unit has it, and is what the definition says.
        let of = library.describe(&mangled("use_only")).unwrap();
        let Kind::Pointer { target, .. } =
            of.types.get(of.function().unwrap().parameters[0].ty).kind
        else {
            panic!("{name}: no pointer")
        };
        assert!(
            of.types.declared(target).size.is_none() && abi::size_of(&of.types, target) == Some(16)
        );
        let error = library.describe_type("struct nothing").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoType);
    }
}
