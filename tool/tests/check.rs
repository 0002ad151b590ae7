//! Claims against libraries that are compiled here.

mod fixture;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{json, Value};

use fixture::{library, outcome};
use toolchain::scratch;

const SOURCE: &str = r#"
struct point { int x, y; };
int default_depth = 4;
int area(const struct point *corner, unsigned long scale) { return corner->x * (int)scale; }
void walk(int (*visit)(struct point *), struct point *first) { visit(first); }
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
"#;

/// `int area(void *, unsigned long)`, and other declarations.
fn claims(scale_size: u64, others: &[Value]) -> String {
    let mut declarations = vec![json!({"symbol": "area", "kind": "function", "type": "area"})];
    declarations.extend_from_slice(others);
    let document = json!({
        "declarations": declarations,
        "types": {
            "void": {"kind": "void"},
            "int": {"kind": "base", "name": "int", "size": 4, "encoding": "signed"},
            "scale": {"kind": "base", "name": "scale", "size": scale_size, "encoding": "unsigned"},
            "p": {"kind": "pointer", "target": "void"},
            "area": {"kind": "function", "result": "int", "parameters": [{"type": "p"}, {"type": "scale"}]},
            "any": {"kind": "any"},
            "nothing": {"kind": "function", "result": "void"},
        },
    });
    document.to_string()
}

/// Exit code, standard output and standard error of `check LIB FILE`, with the claims in a file.
fn check(path: &str, claims: &str, options: &[&str]) -> (i32, String, String) {
    let file = format!("{path}.json");
    std::fs::write(&file, claims).unwrap();
    let mut arguments = vec!["check", path, &file];
    arguments.extend(options);
    outcome(&arguments)
}

#[test]
fn what_describe_writes_holds() {
    let (_, path) = library("what_describe_writes_holds", SOURCE, &["-g"]);
    let (_, document, _) = outcome(&["describe", &path, "--all", "--as", "json"]);
    let (code, out) = check_from_standard_input(&path, &document);
    assert_eq!((code, out.as_str()), (0, "3 checked: 3 match\n"));
}

/// Exit code and standard output of `check LIB - --strict --require`.
fn check_from_standard_input(path: &str, document: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ffitypecheck"))
        .args(["check", path, "-", "--strict", "--require"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// An export without version beside one of that name with a default version, and with another type.
#[test]
fn versions_of_one_name() {
    let source = "int f_0(int a) { return a; }\nint f_1(char *a) { return *a; }\n\
                  long f_2(long a, long b) { return a + b; }\n__asm__(\".symver f_0, f@\");\n\
                  __asm__(\".symver f_1, f@V_1\");\n__asm__(\".symver f_2, f@@V_2\");\n";
    let directory = scratch("versions_of_one_name_map");
    let map = directory.join("map");
    std::fs::write(&map, "V_1 { global: f; local: *; }; V_2 { global: f; } V_1;").unwrap();
    let script = format!("-Wl,--version-script={}", map.display());
    let (_, path) = library("versions_of_one_name", source, &["-g", &script]);
    let (_, document, _) = outcome(&["describe", &path, "--all", "--as", "json"]);
    for claim in
        ["\"c\":\"int f(int a)\"", "\"c\":\"int f(char *a)\"", "\"c\":\"long f(long a, long b)\""]
    {
        assert!(document.contains(claim), "{document}");
    }
    assert_eq!(check_from_standard_input(&path, &document), (0, "3 checked: 3 match\n".to_owned()));
    // The bare name is the one that dlsym finds.
    let (_, out, _) = outcome(&["describe", &path, "f"]);
    assert_eq!(out, "int f(int a);\n");
}

/// Of a record that differs, once for all who use it; of a function's own parameters, each time. tests/cmd/check.md has the text.
#[test]
fn one_record_is_told_once() {
    let source = "struct point { int x, y, z; };\nstruct other { int x, y, z; };\n\
                  int first(struct point *p, long n) { return p->x + (int)n; }\n\
                  int second(long n, struct point *q) { return q->x + (int)n; }\n\
                  int third(const struct point *p, long n) { return p->x + (int)n; }\n\
                  int fourth(struct other *p) { return p->x; }\n";
    let (directory, path) = library("one_record_is_told_once", source, &["-g"]);
    let header = directory.join("shape.h");
    std::fs::write(
        &header,
        "struct point { int x, y; };\nstruct other { int x, y; };\n\
         int first(struct point *, int);\nint second(long, struct point *);\n\
         int third(const struct point *, long);\nint fourth(struct other *);\n",
    )
    .unwrap();
    let (code, out, _) = outcome(&["check", &path, header.to_str().unwrap(), "--as", "json"]);
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    let entry = |name: &str| {
        let entries = document["checked"].as_array().unwrap();
        entries.iter().find(|entry| entry["subject"] == name).unwrap()
    };
    assert_eq!(entry("first")["same"], json!(["second"]));
    assert_eq!(entry("first")["findings"].as_array().unwrap().len(), 2);
    assert_eq!((&entry("second")["findings"], &entry("second")["told"]), (&json!([]), &json!(1)));
    assert_eq!(entry("second")["verdict"], "MISMATCH");
    assert!(entry("fourth").get("told").is_none());
}

/// Whether too little memory is a mistake depends on who makes it. tests/cmd/check.md has the text.
#[test]
fn owners_of_memory() {
    let (directory, path) = library(
        "owners_of_memory_checked",
        "struct s { int x, y; };\nint f(struct s *s) { return s->x; }\n",
        &["-g"],
    );
    let header = directory.join("shape.h");
    std::fs::write(&header, "struct s { int x; };\nint f(struct s *);\n").unwrap();
    let check = |options: &[&str]| {
        outcome(&[&["check", &path, header.to_str().unwrap(), "--verbose"], options].concat())
    };
    let (_, out, _) = check(&["--owner", "unknown", "--as", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["checked"][0]["findings"][0]["at_call"], true);
    let (_, out, _) = check(&["--as", "json"]);
    assert!(!out.contains("at_call"), "{out}");
}

#[test]
fn a_report_for_programs() {
    let (_, path) = library("a_report_for_programs", SOURCE, &["-g"]);
    let others = [json!({"symbol": "gone", "kind": "function", "type": "nothing"})];
    let (code, out, _) = check(&path, &claims(4, &others), &["--as", "json"]);
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["library"], path.as_str());
    let area = &document["checked"][0];
    assert_eq!((&area["subject"], &area["verdict"]), (&"area".into(), &"MISMATCH".into()));
    assert_eq!(area["declared"], "int area(const struct point *corner, unsigned long scale)");
    assert_eq!(area["claimed"], "int area(void *, unsigned int)");
    let finding = &area["findings"][0];
    assert_eq!(finding["rule"], "argument-too-narrow");
    assert_eq!((&finding["position"], &finding["argument"]), (&"argument".into(), &2.into()));
    let gone = &document["checked"][1];
    assert_eq!((&gone["verdict"], &gone["passes"]), (&"MISSING".into(), &false.into()));
    assert_eq!(gone["missing"]["reason"], "no-symbol");
    assert_eq!(document["summary"]["missing"], 1);
    assert_eq!(document["summary"]["checked"], 2);
}

/// One of several definitions of a name suffices; if none agrees, each is told.
#[test]
fn types_by_name() {
    let other = "struct point { int x, y, z; };\nint other(struct point *p) { return p->z; }\n";
    let directory = scratch("types_by_name_other");
    let file = directory.join("other.c");
    std::fs::write(&file, other).unwrap();
    let (_, path) = library("types_by_name", SOURCE, &["-g", file.to_str().unwrap()]);
    let document = |name: &str, ty: &str| {
        json!({
            "declarations": [{"kind": "type", "name": name, "type": ty}],
            "types": {
                "int": {"kind": "base", "name": "int", "size": 4, "encoding": "signed"},
                "point": {"kind": "record", "name": "point", "size": 8, "members": [
                    {"name": "x", "type": "int", "offset": 0}, {"name": "y", "type": "int", "offset": 4}]},
                "half": {"kind": "record", "name": "half", "size": 4, "members": [
                    {"name": "x", "type": "int", "offset": 0}]},
            },
        })
        .to_string()
    };
    let (code, out, _) = check(&path, &document("struct point", "point"), &[]);
    assert_eq!((code, out.as_str()), (0, "1 checked: 1 matches\n"));
    let (code, out, _) = check(&path, &document("struct point", "half"), &[]);
    assert_eq!(code, 1);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("MISMATCH pointee-too-small struct point: "), "{out}");
    assert!(out.contains(&format!("    defined in {}:1", file.display())), "{out}");
    assert_eq!(lines.last(), Some(&"2 checked: 2 mismatches"));
    let (_, out, _) = check(&path, &document("struct point", "half"), &["--as", "json"]);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(checked["checked"][0]["defined"]["line"], 2);
    assert_eq!(checked["checked"][1]["claimed"], "struct half");
    let (code, out, _) = check(&path, &document("struct none", "point"), &[]);
    assert_eq!(code, 1);
    assert!(out.starts_with("MISSING no-type struct none: "), "{out}");
    assert_eq!(check(&path, &document("int", "int"), &[]).0, 0);
    let (code, _, errors) = check(&path, &document("char *", "int"), &[]);
    assert_eq!(code, 2, "{errors}");
}
