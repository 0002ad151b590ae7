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
