//! Two builds of a library.

mod fixture;

use serde_json::Value;

use fixture::{library, outcome, scratch};

const OLD: &str = r#"
typedef long number;
struct point { int x, y; };
struct box { struct point corner; number area; };
number twice(number a) { return a + a; }
int area(const struct box *box) { return (int)box->area; }
int grow(struct box *box) { return (int)box->area; }
int left(const struct point *point) { return point->x; }
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
            "int left(const struct point *point)",
            "int left(const struct point *point)",
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
    fixture::tool(
        &directory,
        &["i686-linux-gnu-gcc", "-shared", "-fPIC", "-g", "-o", other, source],
    );
    let (code, _, errors) = outcome(&["diff", &path, other]);
    assert_eq!(code, 2);
    assert!(errors.contains("different machines"), "{errors}");
}
