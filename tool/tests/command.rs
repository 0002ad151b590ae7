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

#[test]
fn declarations_in_c() {
    let (_, path) = library("declarations_in_c", SOURCE, &["-g"]);
    let (code, out, errors) =
        outcome(&["describe", &path, "shape_sort", "default_depth", "shape_[as]*"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(
        out,
        "void shape_sort(void *base, unsigned long count, compare_t compare);\n\
         int default_depth;\n\
         int shape_area(const struct point *corner, enum colour colour);\n\
         double shape_scale(double by, ...);\n\
         void shape_sort(void *base, unsigned long count, compare_t compare);\n"
    );
}

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
fn types_in_c() {
    let path = two_units("types_in_c");
    let types = ["--type", "pair_t", "--type", "struct  node", "--type", "unsigned char"];
    let (code, out, errors) = outcome(&[&["describe", &path, "one"], &types[..]].concat());
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "int one(struct node *node, struct item *item);\n\
         enum state {\n    ON = 1,\n};\n\
         struct item {\n    int size;\n    enum state state;\n};\n\
         typedef struct {\n    struct item item;\n} pair_t;\n\
         struct node {\n    long key;\n    struct node *next;\n};\n"
    );
    let reason = "no unit of the debug information defines 'unsigned char'";
    assert_eq!(errors, format!("ffitypecheck: unsigned char: {reason}\n"));
    let (code, out, _) = outcome(&["describe", &path, "--type", "struct item", "--type", "long"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "/* long: a base type of 8 bytes */\n\
         /* struct item: definition 1 of 2 that differ, one.c:2 */\n\
         struct item {\n    int size;\n};\n\
         /* struct item: definition 2 of 2 that differ, two.c:3 */\n\
         enum state {\n    ON = 1,\n};\n\
         struct item {\n    int size;\n    enum state state;\n};\n"
    );
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
fn what_has_no_declaration_is_named() {
    let (_, path) = library("what_has_no_declaration_is_named", SOURCE, &["-g"]);
    let (code, out, errors) = outcome(&["describe", &path, "bare", "shape_area", "gone", "none_*"]);
    assert_eq!(code, 1);
    assert_eq!(out, "int shape_area(const struct point *corner, enum colour colour);\n");
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 3, "{errors}");
    assert!(lines[0].starts_with("ffitypecheck: bare: "), "{errors}");
    assert!(lines[1].starts_with("ffitypecheck: gone: "), "{errors}");
    assert_eq!(lines[2], "ffitypecheck: none_*: no export matches 'none_*'");
    let (code, out, errors) = outcome(&["describe", &path, "--all"]);
    assert_eq!(code, 1);
    assert!(out.contains("\n/* bare: "), "{out}");
    assert_eq!(out.lines().count(), 5);
    assert_eq!(errors, "ffitypecheck: 1 of 5 exports have no declaration\n");
}

#[test]
fn symbol_versions() {
    let source = r#"
int f_old(int a) { return a; }
long f_new(long a, long b) { return a + b; }
__asm__(".symver f_old, f@V_1");
__asm__(".symver f_new, f@@V_2");
"#;
    let directory = scratch("symbol_versions_map");
    std::fs::write(directory.join("map"), "V_1 { global: f; local: *; }; V_2 { global: f; } V_1;")
        .unwrap();
    let map = format!("-Wl,--version-script={}/map", directory.display());
    let (_, path) = library("symbol_versions", source, &["-g", &map]);
    let old = "int f(int a); /* f@V_1 */\n";
    let new = "long f(long a, long b);\n";
    for (symbols, expected) in [
        (&["f"][..], new.to_owned()),
        (&["f@V_1"], old.to_owned()),
        (&["f@V_2"], new.to_owned()),
        (&["f*"], new.to_owned()),
        (&["f@*"], format!("{new}{old}")),
        (&["f@@*"], new.to_owned()),
        (&["--all"], format!("{new}{old}")),
    ] {
        let mut arguments = vec!["describe", &path];
        arguments.extend(symbols);
        assert_eq!(outcome(&arguments), (0, expected, String::new()), "{symbols:?}");
    }
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

#[test]
fn the_files_that_were_looked_at() {
    let (directory, path) = library("the_files_that_were_looked_at", SOURCE, &["-g"]);
    let (code, out, errors) = outcome(&["where", &path]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.contains(&format!("types from: {path}\n")), "{out}");
    run(&directory, &["objcopy", "--only-keep-debug", "libshape.so.1", "shape.debug"]);
    run(&directory, &["strip", "--strip-debug", "libshape.so.1"]);
    let (code, out, errors) = outcome(&["where", &path]);
    assert_eq!(code, 3);
    assert!(out.contains(&format!("  {path} (the library itself): has no DWARF\n")), "{out}");
    assert!(errors.starts_with("ffitypecheck: ") && errors.lines().count() == 1, "{errors}");
    let (code, _, errors) = outcome(&["describe", &path, "shape_area"]);
    assert_eq!(code, 3, "{errors}");
    // Laid out as /usr/lib/debug is.
    let id = out.lines().find_map(|line| line.strip_prefix("build-id: ")).unwrap();
    let place = directory.join("debug/.build-id").join(&id[..2]);
    std::fs::create_dir_all(&place).unwrap();
    let debug = place.join(format!("{}.debug", &id[2..]));
    std::fs::rename(directory.join("shape.debug"), &debug).unwrap();
    let given = directory.join("debug");
    let given = given.to_str().unwrap();
    let (code, out, _) = outcome(&["where", &path, "--debug-dir", given]);
    assert_eq!(code, 0);
    assert!(out.contains(&format!("types from: {}\n", debug.display())), "{out}");
    let (code, out, _) = outcome(&["describe", "--debug-dir", given, &path, "default_depth"]);
    assert_eq!((code, out.as_str()), (0, "int default_depth;\n"));
}

/// Types that are split into files which are not there: neither `used` nor `no type`.
#[test]
fn missing_split_files_are_told_of() {
    let flags = ["-g", "-gsplit-dwarf"];
    let (directory, path) = library("missing_split_files_are_told_of", SOURCE, &flags);
    let (code, _, errors) = outcome(&["where", &path]);
    assert_eq!((code, errors.as_str()), (0, ""));
    for entry in std::fs::read_dir(&directory).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "dwo") {
            std::fs::remove_file(file).unwrap();
        }
    }
    let out = directory.join("slim.so");
    let out = out.to_str().unwrap();
    for (arguments, expected) in
        [(&["where", &path][..], 1), (&["size", &path], 3), (&["slim", &path, "-o", out], 3)]
    {
        let (code, _, errors) = outcome(arguments);
        assert_eq!(code, expected, "{arguments:?}: {errors}");
        assert!(errors.contains(".dwo is missing"), "{arguments:?}: {errors}");
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
fn exit_codes_of_bad_input() {
    let (directory, path) = library("exit_codes_of_bad_input", SOURCE, &["-g"]);
    let text = directory.join("shape.c");
    let text = text.to_str().unwrap();
    for (arguments, expected) in [
        (&["describe", &path][..], 2),
        (&["describe", &path, "--all", "shape_area"], 2),
        (&["describe", &path, "shape_area", "--as", "pascal"], 2),
        (&["describe", &path, "shape_[a"], 2),
        (&["describe", &path, "--as", "json"], 2),
        (&["frobnicate"], 2),
        (&["describe", text, "shape_area"], 3),
        (&["describe", "/nonexistent/libshape.so.1", "shape_area"], 3),
        (&["describe", "libnone-of-this-name.so.9", "x"], 3),
        (&["where", text], 3),
        (&["generate", "man", "/nonexistent"], 4),
        (&["--version"], 0),
        (&["describe", "--help"], 0),
    ] {
        let (code, _, errors) = outcome(arguments);
        assert_eq!(code, expected, "{arguments:?}: {errors}");
        assert_eq!(errors.is_empty(), expected == 0);
        if expected > 2 {
            assert!(
                errors.starts_with("ffitypecheck: ") && errors.lines().count() == 1,
                "{errors}"
            );
        }
    }
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
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = outcome(&["generate", "completion", shell]);
        assert_eq!(code, 0);
        assert!(script.contains("--debug-dir") || script.contains("-l debug-dir"), "{shell}");
    }
}

#[test]
fn a_soname_is_found_as_the_loader_would() {
    let (_, path) = library("a_soname_is_found_as_the_loader_would", SOURCE, &["-g"]);
    let directory = Path::new(&path).parent().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ffitypecheck"))
        .args(["describe", "libshape.so.1", "default_depth"])
        .env("LD_LIBRARY_PATH", directory)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "int default_depth;\n");
}
