//! Two builds of a library.

mod fixture;

use serde_json::Value;

use fixture::{library, outcome};
use toolchain::scratch;

const OLD: &str = r#"
typedef long number;
struct point { int x, y; };
struct box { struct point corner; number area; };
number twice(number a) { return a + a; }
int area(struct box *box) { return (int)box->area; }
int grow(struct box *box) { return (int)box->area; }
int left(struct point *point) { return point->x; }
unsigned flags(void) { return 1; }
int gone(void) { return 1; }
int depth = 4;
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
"#;

/// The libraries' paths.
fn pair(name: &str, change: impl Fn(&str) -> String) -> (String, String) {
    let (_, old) = library(&format!("{name}_old"), OLD, &["-g"]);
    let (_, new) = library(&format!("{name}_new"), &change(OLD), &["-g"]);
    (old, new)
}

#[test]
fn nothing_changed_but_names() {
    let (old, new) = pair("nothing_changed_but_names", |source| {
        source
            .replace("typedef long number;", "typedef long count;\ntypedef count number;")
            .replace("number a)", "long int first)")
            .replace("return a + a", "return first")
    });
    let expected = (0, "7 unchanged, 1 not described\n".to_owned(), String::new());
    for options in [&["--strict"][..], &[]] {
        let mut arguments = vec!["diff", &old, &new];
        arguments.extend(options);
        let outcome = outcome(&arguments);
        assert_eq!(outcome, expected);
    }
    let (code, out, _) = outcome(&["diff", &old, &new, "--require"]);
    assert_eq!(code, 1);
    assert!(out.starts_with("UNVERIFIED not-known bare: OLD: "), "{out}");
}

#[test]
fn removed_changed_and_added() {
    let (old, new) = pair("removed_changed_and_added", |source| {
        source
            .replace("int x, y;", "int x, y, z;")
            .replace("unsigned flags", "int flags")
            .replace("int gone(void)", "int come(void)")
            .replace("int depth", "long depth")
    });
    let (code, out, errors) = outcome(&["diff", &old, &new]);
    assert_eq!((code, errors.as_str()), (1, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "REMOVED gone: int gone(void)");
    assert!(lines.contains(&"ADDED come: int come(void)"), "{out}");
    // Two functions with the same cause are one group.
    assert!(
        lines.contains(&"CHANGED area") && lines.contains(&"    the same in 1 more: grow"),
        "{out}"
    );
    for (subject, old, new, finding) in [
        (
            "left",
            "int left(struct point *point)",
            "int left(struct point *point)",
            "MISMATCH pointee-too-small left: ",
        ),
        ("depth", "int depth", "long depth", "MISMATCH variable-size depth: "),
        (
            "flags",
            "unsigned int flags(void)",
            "int flags(void)",
            "DIFFERS integer-signedness flags: ",
        ),
    ] {
        let at =
            lines.iter().position(|line| *line == format!("CHANGED {subject}")).expect(subject);
        assert_eq!(lines[at + 1], format!("    OLD {old}"));
        assert_eq!(lines[at + 2], format!("    NEW {new}"));
        assert!(lines[at + 3].starts_with(&format!("    {finding}")), "{out}");
    }
    assert_eq!(
        lines.last(),
        Some(&"1 removed, 5 changed (4 do not pass), 1 added, 1 unchanged, 1 not described")
    );
    // The gravest first.
    let place = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap();
    assert!(place("CHANGED depth") < place("CHANGED flags"));
    let (code, out, _) = outcome(&["diff", &old, &new, "--symbol", "f*"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("\n1 changed (all pass)\n"), "{out}");
    let strict = ["diff", &old, &new, "--symbol", "f*", "--strict"];
    assert_eq!(outcome(&strict).0, 1);
    assert_eq!(outcome(&["diff", &old, &new, "--quiet"]), (1, String::new(), String::new()));
}

#[test]
fn a_difference_for_programs() {
    let (old, new) = pair("a_difference_for_programs", |source| {
        source.replace("int gone(void)", "int come(void)").replace("int depth", "long depth")
    });
    let (code, out, _) = outcome(&["diff", &old, &new, "--as", "json"]);
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&document["old"]["library"], &document["new"]["library"]),
        (&old.into(), &new.into())
    );
    assert_eq!(document["removed"][0]["symbol"], "gone");
    assert_eq!(document["added"][0]["c"], "int come(void)");
    let depth = &document["changed"][0];
    assert_eq!(
        (&depth["subject"], &depth["old"], &depth["new"]),
        (&"depth".into(), &"int depth".into(), &"long depth".into())
    );
    assert_eq!((&depth["verdict"], &depth["passes"]), (&"MISMATCH".into(), &false.into()));
    assert_eq!(depth["findings"][0]["rule"], "variable-size");
    assert_eq!(document["undescribed"][0]["subject"], "bare");
    let summary = &document["summary"];
    assert_eq!((&summary["unchanged"], &summary["failing"]), (&5.into(), &1.into()));
}

/// Behind a pointer, what no public header defines is opaque.
#[test]
fn private_types() {
    let source = r#"
struct inner { int a; };
struct state { int level; struct inner inner; };
typedef struct { int width; } image;
typedef struct { int first; } *handle;
struct shown { int x; struct state *state; };
struct other { int kind; };
union number { int i; };
struct state *open_state(int level) { (void)level; return 0; }
int close_state(struct state **state) { (void)state; return 1; }
int by_value(struct state state) { return state.level; }
int use_image(image *image) { return image->width; }
int use_handle(handle handle) { return handle->first; }
int use_shown(struct shown *shown) { return shown->x; }
int each(int (*visit)(struct state *, int)) { return visit(0, 1); }
int use_other(struct other *other) { return other->kind; }
int use_number(union number *number) { return number->i; }
struct state global;
"#;
    let (_, old) = library("private_types_old", source, &["-g"]);
    let changed = |from: &str, to: &str, name: &str| {
        let (_, new) = library(name, &source.replace(from, to), &["-g"]);
        new
    };
    let grown =
        changed("struct inner { int a;", "struct inner { int a, b, c;", "private_types_inner");
    let directory = scratch("private_types_headers");
    std::fs::create_dir(directory.join("more")).unwrap();
    let header = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
    // The one needs what is not here, which keeps the others from being compiled with it.
    header("shape.h", "typedef struct state state;\n#include \"more/shown.h\"\n");
    header(
        "windows.h",
        "#include <no/such/header.h>\n/* don't */ struct other { int kind; };\nunion number;\n",
    );
    header("more/shown.h", "struct shown { int x; struct state *state; };\n");
    header("notes.txt", "struct state { int level; };\n");
    let headers = directory.to_str().unwrap();
    let found = |new: &str, options: &[&str]| {
        let (code, out, errors) = outcome(&[&["diff", &old, new], options].concat());
        assert_eq!(errors, "");
        (code, out.lines().last().unwrap().to_owned(), out)
    };
    assert_eq!(found(&grown, &[]).1, "6 changed (4 do not pass), 4 unchanged");
    // By value it counts, and so does the variable.
    let (code, summary, out) = found(&grown, &["--headers", headers]);
    assert_eq!(
        (code, summary.as_str()),
        (1, "2 changed (2 do not pass), 4 changed in private types only, 4 unchanged"),
        "{out}"
    );
    assert!(out.contains("CHANGED by_value\n") && out.contains("CHANGED global\n"), "{out}");
    let only = ["--symbol", "*_state", "--symbol", "each", "--symbol", "use_shown"];
    let (code, out, _) = outcome(
        &[&["diff", &old, &grown, "--headers", headers, "--as", "json"][..], &only].concat(),
    );
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["summary"]["private"]), (0, &4.into()), "{out}");
    // A header that defines it makes it public.
    let public = directory.join("state.txt");
    std::fs::write(
        &public,
        "struct inner { int a; };\nstruct state { int level; struct inner inner; };\n",
    )
    .unwrap();
    let (code, _, out) =
        found(&grown, &["--headers", headers, "--headers", public.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("6 changed (4 do not pass)"), "{out}");
    for (from, to, code) in [
        // Public, and found although the header does not compile.
        ("struct other { int kind; }", "struct other { int kind, more; }", 1),
        ("struct shown { int x;", "struct shown { long more; int x;", 1),
        // Known by typedefs, or only declared.
        ("{ int width; }", "{ int width, height; }", 0),
        ("union number { int i; }", "union number { int i; double d; }", 0),
        // Without a tag or typedef of its own nobody can tell.
        ("{ int first; }", "{ int first, second; }", 1),
        // What is passed by value counts behind all pointers.
        ("(*visit)(struct state *, int)", "(*visit)(struct state *, double)", 1),
    ] {
        let new = changed(from, to, "private_types_new");
        assert_eq!(found(&new, &["--headers", headers]).0, code, "{to}");
        assert_eq!(found(&new, &[]).0, 1, "{to}");
    }
    let define = "-DIMAGE";
    header("image.h", "#ifdef IMAGE\ntypedef struct { int width; } image;\n#endif\n");
    let new = changed("{ int width; }", "{ int width, height; }", "private_types_new");
    assert_eq!(found(&new, &["--headers", headers]).0, 0);
    assert_eq!(found(&new, &["--headers", headers, define]).0, 1);
}

#[test]
fn headers_that_are_not_there() {
    let (directory, path) = library("headers_that_are_not_there", OLD, &["-g"]);
    let none = directory.join("none");
    let (code, _, errors) = outcome(&["diff", &path, &path, "--headers", none.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(errors.contains("none: No such file"), "{errors}");
    let (code, _, errors) =
        outcome(&["diff", &path, &path, "--headers", directory.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(errors.contains("there is no header (*.h) in "), "{errors}");
}

/// Hundreds of functions may use the record: its findings are told once.
#[test]
fn one_cause_is_one_entry() {
    let (old, new) =
        pair("one_cause_is_one_entry", |source| source.replace("int x, y;", "int x, y, z;"));
    let entries = |options: &[&str]| {
        let arguments = [&["diff", &old, &new, "--as", "json"], options].concat();
        let document: Value = serde_json::from_str(&outcome(&arguments).1).unwrap();
        assert_eq!(document["summary"]["failing"], 3);
        document["changed"].as_array().unwrap().clone()
    };
    let told = entries(&[]);
    assert_eq!(
        (&told[0]["subject"], &told[0]["same"]),
        (&"area".into(), &serde_json::json!(["grow"]))
    );
    assert!(!told[0]["findings"].as_array().unwrap().is_empty() && told[0].get("told").is_none());
    let same = &told[1];
    assert_eq!((&same["subject"], &same["findings"]), (&"grow".into(), &serde_json::json!([])));
    assert_eq!((&same["verdict"], &same["passes"]), (&"MISMATCH".into(), &false.into()));
    let all = entries(&["--verbose"]);
    assert_eq!(all[1]["findings"].as_array().unwrap().len() as u64, same["told"].as_u64().unwrap());
    assert!(all.iter().all(|entry| entry.get("told").is_none() && entry.get("same").is_none()));
}

/// Memory that callers do not make themselves.
#[test]
fn owners_of_memory() {
    let (old, new) = pair("owners_of_memory", |source| source.replace("int x, y;", "int x, y, z;"));
    let left = |owner: &str| {
        outcome(&["diff", &old, &new, "--symbol", "grow", "--symbol", "left", "--owner", owner])
    };
    assert_eq!(left("caller").0, 1);
    let (code, out, _) = left("unknown");
    assert_eq!(code, 0, "{out}");
    assert!(out.lines().any(|line| line.ends_with(" (at the call)")), "{out}");
}

/// A program that was linked gets its version; who asks for the bare name gets the new one.
#[test]
fn versions() {
    let directory = scratch("versions_maps");
    let map = |name: &str, text: &str| {
        std::fs::write(directory.join(name), text).unwrap();
        format!("-Wl,--version-script={}/{name}", directory.display())
    };
    let first = map("first", "V_1 { global: f; g; h; local: *; };");
    let second = map("second", "V_1 { global: f; g; local: *; }; V_2 { global: f; h; } V_1;");
    let old = "int f(int a) { return a; }\nint g(void) { return 1; }\nint h(void) { return 1; }\n";
    let new = "int f_1(int a) { return a; }\nint f_2(char *a, int b) { return *a + b; }\n\
               int g(void) { return 1; }\nint h(void) { return 1; }\n\
               __asm__(\".symver f_1, f@V_1\");\n__asm__(\".symver f_2, f@@V_2\");\n";
    let (_, old) = library("versions_old", old, &["-g", &first]);
    let (_, new) = library("versions_new", new, &["-g", &second]);
    let (code, out, _) = outcome(&["diff", &old, &new]);
    assert_eq!(code, 1);
    let lines: Vec<&str> = out.lines().collect();
    // h@@V_2 is no h@@V_1 for the loader.
    assert_eq!(lines[0], "REMOVED h: int h(void)");
    assert_eq!(lines[1], "CHANGED f, now @@V_2");
    assert_eq!(lines[3], "    NEW int f(char *a, int b)");
    assert!(lines.contains(&"ADDED f: int f(char *a, int b)"), "{out}");
    assert!(lines.contains(&"ADDED h: int h(void)"), "{out}");
    assert_eq!(lines.last(), Some(&"1 removed, 1 changed (1 does not pass), 2 added, 2 unchanged"));
    // Back from versions to none: the loader binds the bare name.
    let (_, bare) = library("versions_bare", "int g(void) { return 1; }", &["-g"]);
    let (code, out, _) = outcome(&["diff", &old, &bare, "--symbol", "g"]);
    assert_eq!((code, out.as_str()), (0, "1 unchanged\n"));
    assert_eq!(outcome(&["diff", &bare, &old, "--symbol", "g"]).0, 0);
}

#[test]
fn libraries_that_cannot_be_compared() {
    let (directory, path) = library("libraries_that_cannot_be_compared", OLD, &["-g"]);
    let source = directory.join("shape.c");
    assert_eq!(outcome(&["diff", &path, source.to_str().unwrap()]).0, 3);
    assert_eq!(outcome(&["diff", &path]).0, 2);
    let other = directory.join("libshape-i686.so");
    let other = other.to_str().unwrap();
    let source = source.to_str().unwrap();
    toolchain::run(
        &directory,
        &["i686-linux-gnu-gcc", "-shared", "-fPIC", "-g", "-o", other, source],
    );
    let (code, _, errors) = outcome(&["diff", &path, other]);
    assert_eq!(code, 2);
    assert!(errors.contains("different machines"), "{errors}");
}
