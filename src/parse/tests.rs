//! Errors and corners of C text.

use super::*;
use crate::abi;
use crate::check::ClaimedTypes;
use crate::ctype::{Kind, TypeId};
use crate::error::{Error, ErrorKind};
use crate::spell;

fn parse(text: &str) -> (ClaimedTypes, TypeId) {
    let mut claimed = ClaimedTypes::new();
    let id = Scope::new().parse(&mut claimed, text).unwrap_or_else(|e| panic!("{text}: {e}"));
    (claimed, id)
}

/// The error of a text after `before`, which must leave everything as it was.
fn refused_after(before: &str, text: &str) -> Error {
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    if !before.is_empty() {
        scope.parse(&mut claimed, before).unwrap();
    }
    let state = format!("{claimed:?} {scope:?}");
    let types = |claimed: &ClaimedTypes| {
        let ids = (0..).map(TypeId::from_index);
        let all = ids.map_while(|id| {
            claimed.types().contains(id).then(|| format!("{:?}", claimed.types().get(id)))
        });
        all.collect::<Vec<_>>()
    };
    let all = types(&claimed);
    let error = scope.parse(&mut claimed, text).unwrap_err();
    assert_eq!(format!("{claimed:?} {scope:?}"), state, "{text}");
    assert_eq!(types(&claimed), all, "{text}");
    error
}

fn refused(text: &str) -> String {
    let error = refused_after("", text);
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    error.to_string()
}

#[test]
fn names_of_types() {
    for (text, spelled) in [
        ("int (*)(const void *, const void *)", "int (*)(const void *, const void *)"),
        ("unsigned long", "unsigned long"),
        ("long unsigned int *", "unsigned long *"),
        ("char *const[3]", "char *const [3]"),
        ("void (*(*)(int))(char)", "void (*(*)(int))(char)"),
        ("int()", "int ()"),
        ("int(void)", "int (void)"),
        ("int (int, ...)", "int (int, ...)"),
        ("size_t", "size_t"),
        ("bool", "_Bool"),
        ("FILE *", "FILE *"),
        ("struct s", "struct s"),
        ("struct s; struct s *", "struct s *"),
        ("int puts(const char *s);", "int (const char *)"),
        ("typedef int word, *pointer;", "pointer"),
        ("enum e { A, B } f(enum e);", "enum e (enum e)"),
        ("// a comment\nint /* another\n */ x \\\n;", "int"),
        ("# 1 \"file.h\"\n#pragma GCC visibility push(default)\nint x;", "int"),
        (
            "extern int f(int a[], int b[2][3], int c(void), va_list d)",
            "int (int *, int (*)[3], int (*)(void), struct __va_list_tag *)",
        ),
        (
            "int f(int n, int a[n], int b[restrict static 2], int c[*]);",
            "int (int, int *, int *, int *)",
        ),
        ("typedef unsigned char size_t; size_t", "size_t"),
        ("typedef int t; void f(t t, int (t));", "void (t, int (*)(t))"),
        ("_Static_assert(sizeof(long) == 8 || sizeof(long) == 4, \"long\"); char", "char"),
        (";;short;", "short"),
        (
            "struct s { char c; union { int i; struct { long a, b[2][3]; }; }; }; \
             char o[__builtin_offsetof(struct s, b[1][2])];",
            "char [56]",
        ),
        ("int x __asm__(\"other\") __attribute__((deprecated(\"it\"), __nonnull__(1)));", "int"),
    ] {
        let (claimed, id) = parse(text);
        assert_eq!(spell::type_name(claimed.types(), id), spelled, "{text}");
    }
}

#[test]
fn errors_have_a_place_and_a_sentence() {
    for (text, message) in [
        ("int f(void);\nvoid g(foo_t x);", "line 2, column 8: 'foo_t' is not a known type"),
        (
            "struct p { int x; };\n  p f(void);",
            "line 2, column 3: 'p' is not a known type; write 'struct p'",
        ),
        ("", "line 1, column 1: the text declares nothing"),
        ("int x", ""),
        ("int x y;", "line 1, column 7: ';' was expected, not 'y'"),
        ("struct s { int a; ...; };", "'...' leaves the rest to a C compiler"),
        ("typedef ... t;", "column 9: a type was expected, not '...'"),
        ("enum e { A, ... };", "'...' leaves"),
        (
            "#define N 3\nint a[N];",
            "line 1, column 1: '#define' needs a preprocessor: pass the text through 'gcc -E -P'",
        ),
        ("int a;\n#pragma pack(1)\n", "line 2, column 1: '#pragma pack(1)' may change layouts"),
        ("int a[N];", "column 7: 'N' is not a known constant"),
        ("int a[-1];", "column 7: the length of the array is -1, which is negative"),
        ("int a[1 / 0];", "column 9: the division is by zero"),
        ("int a[1.5];", "column 7: '1.5' is not an integer"),
        ("int a[1 << 32];", "column 9: the shift"),
        ("int a[0x7fffffff + 1];", "column 18: the result does not fit its type"),
        ("struct s { struct s s; };", "column 21: a member is a record that is not complete"),
        ("struct s { struct s { int a; } b; int c; };", "the record is defined inside itself"),
        ("struct s { int a; }; struct s { int a; };", "column 29: 'struct s' is defined already"),
        ("struct s { int a; }; union s *p;", "column 28: 's' is the tag of 'struct s' already"),
        ("struct s { int a, a; };", "column 19: the record already has a member 'a'"),
        ("struct s { int a[]; int b; };", "column 16: only the last member"),
        (
            "struct s { int a : 33; };",
            "column 16: a bit-field of this type has at most 32 bits, not 33",
        ),
        ("struct s { _Bool a : 2; };", "at most 1 bits"),
        ("struct s { float a : 2; };", "no integer or enumeration"),
        ("struct s { int a : 0; };", "a bit-field of width 0 has no name"),
        ("struct s { int; };", "the member has no name"),
        ("struct s;\nstruct s f[2];", "an array's element is a record that is not complete"),
        ("void f(void, int);", "a parameter cannot be void"),
        ("int f(a, b);", "column 7: 'a' is not a known type"),
        ("int f(void) { return 0; }", "bodies of functions are not read"),
        ("static const int x = 3;", "column 20: values of variables are not read"),
        ("extern \"C\" { int f(void); }", "a language after 'extern' is not C"),
        ("unsigned float x;", "column 1: 'unsigned float' is no base type of this machine"),
        ("enum e *p;", "column 6: 'enum e' is not defined"),
        ("enum e { A = 0xffffffffffffffff, B };", "column 34: the value does not fit 64 bits"),
        ("enum { A }; enum { A };", "column 20: 'A' is the name of a constant already"),
        ("typedef int a; typedef long a;", "column 29: 'a' is the name of another type already"),
        ("int __attribute__((mode(DI))) x;", "the attribute 'mode' is not supported"),
        ("void f(void) __attribute__((ms_abi));", "the attribute 'ms_abi' is not supported"),
        (
            "typedef struct { char a; int b; } t __attribute__((packed));",
            "'packed' has a meaning after",
        ),
        ("__attribute__((packed)) struct s { char a; int b; };", "after its '}'"),
        (
            "struct s { int a; } __attribute__((aligned(3)));",
            "the alignment 3 is not a power of two",
        ),
        (
            "struct s { int a : 3; }; char o[offsetof(struct s, a)];",
            "the type has no such member, or",
        ),
        ("struct s { int a; }; char o[offsetof(struct s, b)];", "the type has no such member"),
        ("typeof(int) x;", "'typeof' is not supported"),
        ("_Static_assert(1 == 2, \"\");", "the static assertion does not hold"),
        ("int 'a';", "a name was expected, not a character constant"),
        ("int x; /* no end", "column 8: the comment does not end"),
        ("int a['a", "the closing ' is missing"),
        ("int \u{1}x;", "cannot stand here"),
        ("int (*f", "')' was expected, not the end of the text"),
        ("class c { };", "column 1: 'class' is not a known type"),
        ("int *;", "a name was expected"),
    ] {
        if message.is_empty() {
            parse(text);
            continue;
        }
        let said = refused(text);
        assert!(said.contains(message), "{text}: {said}");
    }
}

#[test]
fn a_text_that_fails_changes_nothing() {
    let before =
        "struct open; typedef struct open open; typedef int word; int f(word); enum { ONE = 1 };";
    for text in [
        "struct open { int a; }; typedef struct open *handle; size_t x; wrong y;",
        "struct open { int a; struct open *next; char c[ONE]; wrong_t d; };",
        "struct open { int a; int a; };",
        "long f(void); enum { TWO = ONE * 2 }; union u { float _Complex z; }; struct open { union u u; } x[TWO]; ?",
    ] {
        assert_eq!(refused_after(before, text).kind(), ErrorKind::InvalidArgument);
    }
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    scope.parse(&mut claimed, before).unwrap();
    let opaque = scope.parse(&mut claimed, "open").unwrap();
    assert_eq!(abi::size_of(claimed.types(), opaque), None);
    scope.parse(&mut claimed, "struct open { int a; }; wrong").unwrap_err();
    assert_eq!(abi::size_of(claimed.types(), opaque), None);
    scope.parse(&mut claimed, "struct open { int a[3]; };").unwrap();
    assert_eq!(abi::size_of(claimed.types(), opaque), Some(12));
    let array = scope.parse(&mut claimed, "open[ONE + 1]").unwrap();
    assert_eq!(abi::size_of(claimed.types(), array), Some(24));
    assert!(scope.symbol("f").is_some() && scope.symbol("g").is_none());
}

/// What the caller did with a record between two texts is neither lost nor overwritten.
#[test]
fn a_record_that_the_caller_began_is_not_defined_again() {
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    let record = scope.parse(&mut claimed, "struct s").unwrap();
    let int = scope.parse(&mut claimed, "int").unwrap();
    claimed.member(record, Some("own".into()), int, 0).unwrap();
    let error = scope.parse(&mut claimed, "struct s { long b; };").unwrap_err();
    assert!(error.to_string().contains("'struct s' is defined already"), "{error}");
    claimed.complete(record, 4, None).unwrap();
    let Kind::Record(own) = &claimed.types().get(record).kind else { panic!("no record") };
    assert_eq!(own.members.len(), 1);
}

#[test]
fn the_bounds_hold() {
    let deep = |open: &str, inner: &str, close: &str, count: usize| {
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    for text in [
        deep("struct { int a; ", "int b; ", "} c;", 40_000),
        format!("int {};", deep("(", "x", ")", 200_000)),
        format!("int {};", deep("(*", "x", ")(void)", 100_000)),
        format!("int a[{}];", deep("(", "1", ")", 200_000)),
        format!("int a[{}1];", "-".repeat(400_000)),
        format!("int a[{}1];", "1?".repeat(200_000)),
        format!("int a[{}1];", "sizeof(int[".repeat(100_000)),
        format!("int a[{}1];", "(int)".repeat(100_000)),
        format!("void f{};", deep("(int (*)", "(int)", ")", 100_000)),
        format!("int {}x;", "*".repeat(500_000)),
        format!("int x{};", "[1]".repeat(300_000)),
        "struct a *".repeat(20) + &deep("struct { ", "int b; ", "} c;", 40_000),
        format!("_Atomic({}", "_Atomic(".repeat(100_000)),
    ] {
        let error = refused_after("", &text);
        let head: String = text.chars().take(60).collect();
        assert!(error.to_string().starts_with("line 1"), "{head}: {error}");
    }
    parse(&format!("int x __attribute__(({}));", "aligned(((8))),".repeat(60_000)));
    // 63 levels of each are allowed (C17 §5.2.4.1).
    parse(&format!("int {};", deep("(", "x", ")", 63)));
    parse(&format!("int a[{}];", deep("(", "1", ")", 30)));
    parse(deep("struct { int a; ", "int b; ", "} c;", 60).trim_end_matches("c;"));
}

#[test]
fn large_texts_are_read() {
    let mut text = String::from("typedef struct s t; struct s { int first;");
    (0..20_000).for_each(|n| text.push_str(&format!("int m{n} : 3;")));
    text.push_str("};");
    (0..20_000).for_each(|_| text.push_str("typedef struct s t;typedef struct s a[2];"));
    parse(&text);
}
