//! C headers against libraries, with both compilers.

mod fixture;

use std::path::{Path, PathBuf};

use serde_json::Value;

use fixture::{library, outcome};
use toolchain::scratch;

const SOURCE: &str = r#"
struct config { int level; long size; const char *name; };
int configure(const struct config *config) { return config->level; }
long twice(long a) { return a + a; }
int opened(const char *path) { return *path; }
int opened64(const char *path, long offset) { return *path + offset; }
int plain(int a) { return a; }
int versioned_v2(int a, int b) { return a + b; }
double inlined(double a) { return a; }
int depth = 3;
__thread long level;
char names[4][8];
int RED(void) { return 1; }
int unmentioned(void) { return 1; }
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
"#;

const HEADER: &str = r#"
struct config { int level; long size; const char *name; };
int configure(const struct config *);
long (twice)(long);
extern int opened(const char *, long) __asm__("opened64");
int plain(int a);
#define plain(a) ((a) + 1)
#define versioned versioned_v2
int versioned(int, int);
static inline float inlined(float a) { return a; }
extern int depth;
extern __thread long level;
extern char names[][8];
enum { RED, GREEN };
_Noreturn void bare(void);
int not_exported(void);
"#;

/// `check LIB HEADER` with the header in a file beside the library.
fn check(path: &str, header: &str, options: &[&str]) -> (i32, String, String) {
    let file = header_file(path, header);
    let mut arguments = vec!["check", path, file.to_str().unwrap()];
    arguments.extend(options);
    outcome(&arguments)
}

fn header_file(path: &str, header: &str) -> PathBuf {
    let file = Path::new(path).with_file_name("shape.h");
    std::fs::write(&file, header).unwrap();
    file
}

/// What came of the claim about a symbol.
fn entry<'d>(document: &'d Value, subject: &str) -> Option<&'d Value> {
    let mut entries = document["checked"].as_array().unwrap().iter();
    entries.find(|entry| entry["subject"] == subject)
}

#[test]
fn a_header_that_is_right() {
    let (_, path) = library("a_header_that_is_right", SOURCE, &["-g"]);
    for cc in ["gcc", "clang"] {
        let (code, out, errors) = check(&path, HEADER, &["--cc", cc]);
        assert_eq!((code, errors.as_str()), (0, ""), "{cc}: {out}");
        assert_eq!(out, "9 checked: 1 unverified, 8 match\n", "{cc}");
        let (_, out, _) = check(&path, HEADER, &["--cc", cc, "--as", "json"]);
        let document: Value = serde_json::from_str(&out).unwrap();
        let opened = entry(&document, "opened64").unwrap();
        assert_eq!(opened["claimed"], "int opened64(const char *, long)");
        assert_eq!(
            (&opened["source"]["name"], &opened["source"]["line"]),
            (&"opened".into(), &5.into())
        );
        let twice = entry(&document, "twice").unwrap();
        assert_eq!(twice["claimed"], "long twice(long)");
        let names = ["configure", "plain", "versioned_v2", "depth", "level", "names", "bare"];
        assert!(names.iter().all(|name| entry(&document, name).is_some()), "{cc}: {out}");
        let none = ["opened", "inlined", "RED", "unmentioned", "not_exported"];
        assert!(none.iter().all(|name| entry(&document, name).is_none()), "{cc}: {out}");
    }
}

#[test]
fn a_header_that_drifted() {
    let (_, path) = library("a_header_that_drifted", SOURCE, &["-g"]);
    let drifted = HEADER
        .replace("int level; long size;", "int level;")
        .replace("long (twice)(long)", "long twice(int)")
        .replace("int depth", "long depth")
        .replace("long level", "float level")
        .replace("const char *, long)", "const char *, int)");
    for cc in ["gcc", "clang"] {
        let (code, out, _) = check(&path, &drifted, &["--cc", cc]);
        assert_eq!(code, 1, "{cc}");
        let mismatches: Vec<&str> = out
            .lines()
            .filter_map(|line| line.strip_prefix("MISMATCH "))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        for expected in [
            "pointee-member configure",
            "argument-too-narrow twice",
            "variable-size depth",
            "variable-size level",
            "argument-too-narrow opened64",
        ] {
            assert!(mismatches.contains(&expected), "{cc}, {expected}: {out}");
        }
        let place =
            format!("    claimed as 'opened' in {}:5\n", header_file(&path, &drifted).display());
        assert!(out.contains(&place), "{cc}: {out}");
        assert!(out.ends_with("9 checked: 5 mismatches, 1 unverified, 3 match\n"), "{cc}: {out}");
    }
}

#[test]
fn only_some_symbols() {
    let (_, path) = library("only_some_symbols", SOURCE, &["-g"]);
    let (code, out, _) = check(&path, HEADER, &["--symbol", "na*", "--symbol", "opened"]);
    assert_eq!((code, out.as_str()), (0, "2 checked: 2 match\n"));
    let (code, out, _) = check(&path, HEADER, &["--symbol", "unmentioned"]);
    assert_eq!(code, 1);
    assert!(out.starts_with("MISSING no-claim unmentioned: "), "{out}");
    assert_eq!(check(&path, HEADER, &["--symbol", "a["]).0, 2);
}

#[test]
fn options_of_the_compiler() {
    let (directory, path) = library("options_of_the_compiler", SOURCE, &["-g"]);
    std::fs::create_dir(directory.join("include")).unwrap();
    std::fs::write(directory.join("include/number.h"), "typedef NUMBER number;").unwrap();
    let header = "#include <number.h>\n#ifdef WITH\nnumber twice(number);\n#endif\n";
    let include = format!("{}/include", directory.display());
    let options =
        |number| ["-I", &include, "-D", number, "--cflags", "-DWITH -O2"].map(str::to_owned);
    for (number, expected) in [("NUMBER=long", 0), ("NUMBER=int", 1)] {
        let options = options(number);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let (code, out, errors) = check(&path, header, &options);
        assert_eq!(code, expected, "{out}{errors}");
    }
}

/// Several headers are one C file; one that is no file here is the compiler's to find.
#[test]
fn several_headers() {
    let (directory, path) = library("several_headers", SOURCE, &["-g"]);
    std::fs::write(directory.join("types.h"), "#include <stddef.h>\ntypedef ptrdiff_t number;")
        .unwrap();
    let second = header_file(&path, "number twice(number);");
    let second = second.to_str().unwrap();
    let include = directory.to_str().unwrap();
    let (code, out, errors) = outcome(&["check", &path, "types.h", second, "-I", include]);
    assert_eq!((code, out.as_str()), (0, "1 checked: 1 matches\n"), "{errors}");
    assert_eq!(outcome(&["check", &path, second, "types.h", "-I", include]).0, 2);
}

/// Types of the library by their names, without a symbol that uses them.
#[test]
fn types_of_headers() {
    let source = "struct hidden { int a; long b; };\nunion either { int i; float f; };\n\
                  enum level { LOW, HIGH = 7 };\ntypedef struct { char c[4]; } text;\n\
                  typedef int (*visit)(struct hidden *);\nstruct opaque { int inside; };\n\
                  int use(void) { struct hidden h = {1, 2}; union either e = {3}; enum level l = HIGH; text t = {{1}};\n\
                  struct opaque o = {1}; visit v = 0; return h.a + e.i + l + t.c[0] + o.inside + (v == 0); }\n";
    let (_, path) = library("types_of_headers", source, &["-g"]);
    let header = "struct hidden { int a; long b; };\nunion either { int i; float f; };\n\
                  enum level { LOW, HIGH = 7 };\ntypedef struct { char c[4]; } text;\n\
                  typedef int (*visit)(struct hidden *);\nstruct opaque;\nstruct other { int a; };\nint use(void);\n";
    for cc in ["gcc", "clang"] {
        let (code, out, errors) = check(&path, header, &["--types", "--cc", cc]);
        // Nothing is claimed of what is opaque, and of what the library has not.
        assert_eq!((code, out.as_str()), (0, "6 checked: 6 match\n"), "{cc}: {errors}");
        let drifted = header
            .replace("long b", "int b")
            .replace("float f", "double f")
            .replace("c[4]", "c[3]");
        let (code, out, _) = check(&path, &drifted, &["--types", "--cc", cc]);
        assert_eq!(code, 1, "{cc}");
        let place = format!(
            "    claimed in {}:1\n    defined in shape.c:1\n",
            header_file(&path, &drifted).display()
        );
        assert!(out.contains(" struct hidden") && out.contains(&place), "{cc}: {out}");
        let (_, out, _) =
            check(&path, &drifted, &["--types", "--cc", cc, "--symbol", "struct hidden"]);
        assert!(out.ends_with("\n1 checked: 1 mismatch\n"), "{cc}: {out}");
        let (_, out, _) = check(&path, &drifted, &["--types", "--cc", cc, "--symbol", "text"]);
        assert!(out.ends_with("\n1 checked: 1 mismatch\n"), "{cc}: {out}");
    }
    // Of memory that the library provides, the beginning may be claimed.
    let shorter = header.replace(" long b;", "").replace("int use(void);", "");
    let only = ["--types", "--symbol", "struct hidden"];
    assert_eq!(check(&path, &shorter, &only).0, 1);
    assert_eq!(check(&path, &shorter, &[&only[..], &["--owner", "library"]].concat()).0, 0);
}

/// A program that is linked gets the default version, where dlsym finds the export without one.
#[test]
fn a_linked_version() {
    let source = "int f_0(int a) { return a; }\nlong f_2(long a, long b) { return a + b; }\n\
                  __asm__(\".symver f_0, f@\");\n__asm__(\".symver f_2, f@@V_2\");\n";
    let directory = scratch("a_linked_version_map");
    std::fs::write(directory.join("map"), "V_2 { global: f; local: *; };").unwrap();
    let map = format!("-Wl,--version-script={}/map", directory.display());
    let (_, path) = library("a_linked_version", source, &["-g", &map]);
    assert_eq!(check(&path, "long f(long, long);", &["--symbol", "f"]).0, 0);
    assert_eq!(check(&path, "int f(int);", &[]).0, 1);
}
