//! The command as scripts see it, on libraries that gcc compiles here.

mod fixture;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use fixture::{library, outcome};
use toolchain::{run, scratch};

const SOURCE: &str = r#"
struct point { int x, y; unsigned flag : 3; };
enum colour { RED = -1, GREEN = 2 };
typedef int (*compare_t)(const void *, const void *);
int shape_area(const struct point *corner, enum colour colour) { return corner->x + colour; }
void shape_sort(void *base, unsigned long count, compare_t compare) { (void)base; (void)count; (void)compare; }
double shape_scale(double by, ...) { return by; }
int default_depth = 4;
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
"#;

const TWO_UNITS: [&str; 2] = [
    "struct node { long key; struct node *next; };\n\
     struct item { int size; };\n\
     int one(struct node *node, struct item *item) { return node->key + item->size; }\n",
    "struct node { long key; struct node *next; };\n\
     enum state { ON = 1 };\n\
     struct item { int size; enum state state; };\n\
     typedef struct { struct item item; } pair_t;\n\
     int two(struct node *node, struct item *item, pair_t *p) { return node->key + item->size + p->item.size; }\n",
];

fn two_units(name: &str) -> String {
    let directory = scratch(name);
    for (source, text) in ["one.c", "two.c"].into_iter().zip(TWO_UNITS) {
        std::fs::write(directory.join(source), text).unwrap();
    }
    let command = ["gcc", "-g", "-shared", "-fPIC", "-o", "libtwo.so", "one.c", "two.c"];
    run(&directory, &command);
    directory.join("libtwo.so").to_str().unwrap().to_owned()
}

#[test]
fn types_in_other_forms() {
    let path = two_units("types_in_other_forms");
    let (code, header, _) =
        outcome(&["describe", &path, "--type", "struct item", "--as", "header"]);
    assert_eq!(code, 0);
    let file = format!("{path}.h");
    std::fs::write(&file, &header).unwrap();
    run(Path::new("/"), &["gcc", "-std=gnu17", "-Wall", "-Werror", "-fsyntax-only", &file]);
    assert!(header.starts_with("/* Types of "), "{header}");
    for text in ["struct item {", "struct item__2 {", "sizeof(struct item__2) == 8"] {
        assert!(header.contains(text), "{header}");
    }
    let (code, document, _) = outcome(&[
        "describe",
        &path,
        "one",
        "--type",
        "struct item",
        "--type",
        "x",
        "--as",
        "json",
    ]);
    assert_eq!(code, 1);
    let parsed: Value = serde_json::from_str(&document).unwrap();
    every_reference_has_its_type(&parsed);
    let declarations = parsed["declarations"].as_array().unwrap();
    let of = |index: usize, member: &str| declarations[index][member].clone();
    assert_eq!(declarations.len(), 3);
    for (index, line, size) in [(1, 2, 4), (2, 3, 8)] {
        assert_eq!((of(index, "kind"), of(index, "symbol")), ("type".into(), "struct item".into()));
        assert_eq!((of(index, "c"), of(index, "version")), ("struct item".into(), Value::Null));
        assert_eq!(of(index, "source")["line"], line);
        assert_eq!(parsed["types"][of(index, "type").as_str().unwrap()]["size"], size);
    }
    assert_eq!(parsed["undescribed"][0]["symbol"], "x");
    assert_eq!(parsed["undescribed"][0]["error"], "no-type");
    // What it says of types holds, and only one of the two definitions is as large.
    let file = format!("{path}.json");
    let check = |document: &str| {
        std::fs::write(&file, document).unwrap();
        outcome(&["check", &path, &file, "--strict", "--require"])
    };
    assert_eq!(check(&document).1, "3 checked: 3 match\n");
    let larger = document.replacen("\"size\":8,\"align\":4", "\"size\":12,\"align\":4", 1);
    assert_ne!(larger, document);
    let (code, out, _) = check(&larger);
    assert_eq!(code, 1);
    assert!(out.contains("pointee-too-large struct item: "), "{out}");
    let absent = document.replace("\"struct item\"", "\"union item\"");
    let (code, out, _) = check(&absent);
    assert_eq!(code, 1);
    assert!(out.contains("but there is 'struct item'"), "{out}");
    let versioned = document.replacen(
        "\"struct item\",\"version\":null",
        "\"struct item\",\"version\":\"V\"",
        1,
    );
    assert_eq!(check(&versioned).0, 2);
}

#[test]
fn a_json_document() {
    let (_, path) = library("a_json_document", SOURCE, &["-g"]);
    let (code, out, _) = outcome(&["describe", &path, "--all", "--as", "json"]);
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["library"], path.as_str());
    assert_eq!(document["debug_file"], path.as_str());
    assert_eq!(document["supplementary_file"], Value::Null);
    assert_eq!(document["target"]["pointer_size"], std::mem::size_of::<usize>());
    assert_eq!(document["build_id"].as_str().unwrap().len(), 40);
    assert_eq!(document["undescribed"][0]["symbol"], "bare");
    assert_eq!(document["undescribed"][0]["error"], "no-type");
    let declarations = document["declarations"].as_array().unwrap();
    assert_eq!(declarations.len(), 4);
    let area = declarations.iter().find(|entry| entry["symbol"] == "shape_area").unwrap();
    assert_eq!(area["c"], "int shape_area(const struct point *corner, enum colour colour)");
    assert_eq!((&area["kind"], &area["evidence"]), (&"function".into(), &"address".into()));
    assert_eq!(area["source"]["line"], 5);
    let type_of = |id: &Value| &document["types"][id.as_str().unwrap()];
    let function = type_of(&area["type"]);
    assert_eq!(function["parameters"][0]["name"], "corner");
    let pointer = type_of(&function["parameters"][0]["type"]);
    let constant = type_of(&pointer["target"]);
    assert_eq!(
        (&pointer["kind"], &constant["qualifiers"][0]),
        (&"pointer".into(), &"const".into())
    );
    let point = type_of(&constant["target"]);
    assert_eq!(
        (&point["name"], &point["size"], &point["align"]),
        (&"point".into(), &12.into(), &4.into())
    );
    assert_eq!(point["members"][1]["offset"], 4);
    assert_eq!(
        (&point["members"][2]["bit_offset"], &point["members"][2]["bit_width"]),
        (&64.into(), &3.into())
    );
    let colour = type_of(&function["parameters"][1]["type"]);
    assert_eq!(colour["enumerators"][0]["value"], -1);
    assert_eq!(type_of(&colour["underlying"])["encoding"], "signed");
    let scale = declarations.iter().find(|entry| entry["symbol"] == "shape_scale").unwrap();
    assert_eq!(type_of(&scale["type"])["variadic"], true);
    every_reference_has_its_type(&document);
}

fn every_reference_has_its_type(document: &Value) {
    let types = document["types"].as_object().unwrap();
    let mut references = 0;
    for ty in types.values() {
        let direct = ["target", "element", "underlying", "result"].map(|key| &ty[key]);
        let lists = ["members", "parameters"].map(|key| ty[key].as_array());
        let listed = lists.into_iter().flatten().flatten().map(|entry| &entry["type"]);
        for id in direct.into_iter().chain(listed).filter(|id| !id.is_null()) {
            assert!(types.contains_key(id.as_str().unwrap()), "{id}");
            references += 1;
        }
    }
    assert!(references > 10);
}

#[test]
fn a_header_that_compiles() {
    let (directory, path) = library("a_header_that_compiles", SOURCE, &["-g"]);
    let (code, out, _) = outcome(&["describe", &path, "--all", "--as", "header"]);
    assert_eq!(code, 1);
    assert!(out.contains("/* bare: "));
    let user = format!(
        "{out}\nint main(void) {{ struct point p = {{1, 2, 3}}; return shape_area(&p, GREEN) + default_depth; }}\n"
    );
    std::fs::write(directory.join("user.c"), user).unwrap();
    run(
        &directory,
        &["gcc", "-std=gnu17", "-fno-builtin", "-Wall", "-Werror", "-o", "user", "user.c", &path],
    );
    let status = Command::new(directory.join("user")).status().unwrap();
    assert_eq!(status.code(), Some(1 + 2 + 4));
}

/// `va_list` is the compiler's own type: beside the headers that declare the same functions, another one would contradict them.
#[test]
fn a_header_beside_the_real_ones() {
    let source = "#include <stdarg.h>\n\
        int vprintf(const char *format, va_list arguments) { return 0; }\n\
        int take(int (*print)(const char *, va_list), va_list *list) { return 0; }\n";
    for (cc, name) in [("gcc", "a_header_beside_gcc"), ("clang", "a_header_beside_clang")] {
        let (directory, path) = library(name, source, &["-g", "-w"]);
        run(
            &directory,
            &[cc, "-g", "-w", "-shared", "-fPIC", "-Wl,--build-id", "-o", &path, "shape.c"],
        );
        let (code, out, _) = outcome(&["describe", &path, "--all", "--as", "header"]);
        assert_eq!(code, 0);
        let both = format!("#include <stdio.h>\n{out}");
        std::fs::write(directory.join("both.c"), both).unwrap();
        run(
            &directory,
            &[cc, "-std=gnu17", "-fno-builtin", "-fsyntax-only", "-Wall", "-Werror", "both.c"],
        );
    }
}

/// Types that C calls by one name have others in Rust, and what is shown is what the source says, whatever else is asked.
#[test]
fn names_of_types_in_rust() {
    let directory = scratch("names_of_types_in_rust");
    let source = "#[repr(C)] pub struct P { a: usize, b: u64 }\n\
        #[no_mangle] pub extern \"C\" fn first(p: &P) -> u64 { p.b }\n\
        #[no_mangle] pub extern \"C\" fn second(p: &mut P) -> usize { p.a }\n";
    std::fs::write(directory.join("a.rs"), source).unwrap();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    run(
        &directory,
        &[&rustc, "--crate-type=cdylib", "-g", "-Clink-arg=-Wl,--build-id", "-o", "a.so", "a.rs"],
    );
    let path = directory.join("a.so");
    let slim = directory.join("slim.so");
    let (path, slim) = (path.to_str().unwrap(), slim.to_str().unwrap());
    assert_eq!(outcome(&["slim", "-o", slim, path]).0, 0);
    for file in [path, slim] {
        let (code, out, _) = outcome(&["describe", file, "first", "second", "--as", "json"]);
        assert_eq!(code, 0, "{file}");
        let document: Value = serde_json::from_str(&out).unwrap();
        let ty = |id: &Value| document["types"][id.as_str().unwrap()].clone();
        for (index, result, parameter) in [(0, "u64", "&a::P"), (1, "usize", "&mut a::P")] {
            let function = ty(&document["declarations"][index]["type"]);
            assert_eq!(ty(&function["result"])["name"], result, "{file}");
            assert_eq!(ty(&function["parameters"][0]["type"])["name"], parameter, "{file}");
        }
    }
}

/// What a library is compared with is what is shipped.
#[test]
fn sizes_without_what_strip_takes_out() {
    let (directory, path) = library("sizes_without_what_strip_takes_out", SOURCE, &["-g"]);
    let (code, out, errors) = outcome(&["size", &path]);
    assert_eq!(code, 0, "{errors}");
    let told: u64 = out.split_whitespace().next().unwrap().parse().unwrap();
    assert!(out.contains(" that strip takes out"), "{out}");
    run(&directory, &["strip", "libshape.so.1"]);
    let stripped = std::fs::metadata(&path).unwrap().len();
    // Their headers and names go as well.
    assert!(told >= stripped && told - stripped < 1024, "{told} and {stripped}");
}

#[test]
fn a_closed_pipe_and_a_full_disk() {
    let (_, path) = library("a_closed_pipe_and_a_full_disk", SOURCE, &["-g"]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_ffitypecheck"))
        .args(["describe", &path, "shape_area"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ffitypecheck"))
        .args(["describe", &path, "shape_area"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stderr.starts_with(b"ffitypecheck: the output cannot be written: "));
}

#[test]
fn man_pages_and_completions() {
    let directory = scratch("man_pages_and_completions");
    assert_eq!(outcome(&["generate", "man", directory.to_str().unwrap()]).0, 0);
    for name in [
        "ffitypecheck",
        "ffitypecheck-describe",
        "ffitypecheck-check",
        "ffitypecheck-diff",
        "ffitypecheck-where",
        "ffitypecheck-generate",
    ] {
        let page = std::fs::read_to_string(directory.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\n"), "{name}: {page}");
        assert!(page.starts_with(".ie") || page.contains(".TH "), "{name}");
    }
    let page = std::fs::read_to_string(directory.join("ffitypecheck-check.1")).unwrap();
    for usage in [
        "\\fBffitypecheck check\\fR [",
        "[\\fB\\-I\\fR \\fIDIR\\fR]...",
        "[\\fB\\-\\-owner\\fR \\fI",
        "[\\fB\\-q\\fR|\\fB\\-\\-quiet\\fR]",
        " \\fILIB\\fR \\fICLAIMS\\fR",
    ] {
        assert!(page.contains(usage), "{usage}: {page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = outcome(&["generate", "completion", shell]);
        assert_eq!(code, 0);
        assert!(script.contains("--debug-dir") || script.contains("-l debug-dir"), "{shell}");
    }
}
