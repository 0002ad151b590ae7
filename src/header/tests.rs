use super::*;
use crate::ctype::fixture::{compile, complaints_of, Fixture};
use crate::ctype::{Encoding, Member, PointerClass, Qualifier, RecordClass, TypeId};

fn header(declarations: &[Declaration]) -> (String, HeaderReport) {
    let mut text = String::new();
    let report = write_header(declarations, &mut text).unwrap();
    (text, report)
}

/// The header of one function with these parameters. gcc and clang must accept it with its assertions.
fn compiled(f: &Fixture, parameters: &[TypeId]) -> String {
    let parameters: Vec<_> = parameters.iter().map(|ty| (None, *ty)).collect();
    let (text, report) = header(&[f.declaration("f", f.function(TypeId::VOID, &parameters))]);
    assert_eq!((report.declared, &report.omitted[..]), (1, &[][..]), "{text}");
    compile(&text);
    text
}

/// Asserts that the header has `expected` in it. All whitespace counts as one space.
fn assert_has(text: &str, expected: &str) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(expected), "{expected}\n{text}");
}

fn struct_of(f: &Fixture, tag: &str, size: u64, members: &[Member]) -> TypeId {
    f.complete(RecordClass::Struct, Some(tag), size, members)
}

#[test]
fn layouts_are_written_as_they_are() {
    let f = Fixture::new();
    let (int, char) = (f.int(), f.char());
    let long = f.base("long int", Encoding::Signed, 8);
    let unsigned = f.base("unsigned int", Encoding::Unsigned, 4);
    let natural =
        f.record_with(Some("natural"), 16, &[("c", 0, char), ("i", 4, int), ("l", 8, long)]);
    let packed = f.record_with(Some("packed"), 5, &[("c", 0, char), ("i", 1, int)]);
    let halves = f.record_with(Some("halves"), 6, &[("i", 0, int), ("c", 4, char)]);
    let tail = f.record_with(Some("tail"), 24, &[("l", 0, long), ("c", 8, char)]);
    let hole = f.record_with(Some("hole"), 48, &[("c", 0, char), ("l", 40, long)]);
    let cavern = f.record_with(Some("cavern"), 4096, &[("c", 0, char), ("l", 4088, long)]);
    let flags = f.bits(
        "flags",
        12,
        &[
            ("a", 0, 3, unsigned),
            ("b", 7, 9, unsigned),
            ("c", 32, 32, unsigned),
            ("d", 70, 5, unsigned),
        ],
    );
    let crossing = f.bits("crossing", 5, &[("a", 0, 30, unsigned), ("b", 30, 10, unsigned)]);
    let flexible =
        f.record_with(Some("flexible"), 4, &[("n", 0, int), ("rest", 4, f.array(char, &[None]))]);
    let only = f.record_with(Some("only"), 0, &[("rest", 0, f.array(char, &[None]))]);
    let zero =
        f.record_with(Some("zero"), 4, &[("none", 0, f.array(char, &[Some(0)])), ("n", 0, int)]);
    let empty = f.record_with(Some("empty"), 0, &[]);
    let strange =
        f.record_with(Some("strange"), 8, &[("n", 0, int), ("odd", 4, f.unknown("it is odd"))]);
    let overlap = f.record_with(Some("overlap"), 8, &[("a", 0, int), ("b", 2, int)]);
    let atomic = f.record_with(
        Some("atomic"),
        8,
        &[(
            "pair",
            0,
            f.qualified(
                Qualifier::Atomic,
                f.record_with(Some("pair"), 8, &[("x", 0, int), ("y", 4, int)]),
            ),
        )],
    );
    let text = compiled(
        &f,
        &[
            natural, packed, halves, tail, hole, cavern, flags, crossing, flexible, only, zero,
            empty, strange, overlap, atomic,
        ],
    );
    for expected in [
        "struct natural { char c; int i; long l; };",
        "struct packed { char c; int i; } __attribute__((packed));",
        "struct halves { int i; char c; } __attribute__((packed, aligned(2)));",
        "struct tail { long l; char c; unsigned char : 8;",
        "struct cavern { char c; unsigned char __padding_1[4087]; long l; };",
        "unsigned int a : 3; unsigned char : 4; unsigned int b : 9; unsigned int c : 32; unsigned char : 6; unsigned int d : 5; };",
        "struct crossing { unsigned int a : 30; unsigned int b : 10; } __attribute__((packed));",
        "struct flexible { int n; char rest[]; };",
        "struct only { char rest[0]; };",
        "struct zero { char none[0]; int n; };",
        "struct empty { };",
        "unsigned char odd[4]; /* void / * it is odd * / */",
        "struct overlap { unsigned char __bytes[8];",
    ] {
        assert_has(&text, expected);
    }
    // The compiler rejects the assertions if they are wrong.
    for (right, wrong) in [
        ("sizeof(struct natural) == 16", "sizeof(struct natural) == 24"),
        ("natural, l) == 8", "natural, l) == 4"),
    ] {
        let spoilt = text.replace(right, wrong);
        assert_ne!(spoilt, text);
        assert!(!complaints_of("gcc", &spoilt).is_empty());
    }
}

#[test]
fn aligned_types_and_members_keep_their_alignment() {
    let f = Fixture::new();
    let int = f.int();
    let mut wide = f.types.get(f.record_with(Some("wide"), 64, &[("x", 0, int)])).clone();
    wide.align = Some(64);
    let wide = f.types.add(wide);
    let mut loose = f.types.get(f.typedef("loose", int)).clone();
    loose.align = Some(16);
    let loose = f.types.add(loose);
    let mut strict = Fixture::member("y", 16, int);
    strict.align = Some(16);
    let member = struct_of(&f, "member", 32, &[Fixture::member("x", 0, int), strict]);
    let user = f.record_with(Some("user"), 32, &[("x", 0, int), ("y", 16, loose)]);
    let text = compiled(&f, &[wide, member, user]);
    assert_has(&text, "struct wide { int x; } __attribute__((aligned(64)));");
    assert_has(&text, "typedef int loose __attribute__((aligned(16)));");
    assert_has(&text, "struct member { int x; int y __attribute__((aligned(16))); };");
    assert_has(&text, "struct user { int x; loose y; };");
}

#[test]
fn nameless_types_stand_where_they_are_used() {
    let f = Fixture::new();
    let int = f.int();
    let point = f.record_with(None, 8, &[("x", 0, int), ("y", 4, int)]);
    let point_t = f.typedef("point_t", point);
    let union = f.union(None, 8, &[("i", int), ("p", point)]);
    let colour = f.enumeration(None, 4, &[("RED", 0), ("GREEN", 1)]);
    let members = [
        Fixture::member("", 0, union),
        Fixture::member("points", 8, f.array(point, &[Some(2)])),
        Fixture::member("named", 24, point_t),
        Fixture::member("colour", 32, colour),
    ];
    let outer = struct_of(&f, "outer", 36, &members);
    let text = compiled(&f, &[f.pointer(outer), f.pointer(point)]);
    assert_has(&text, "typedef struct { int x; int y; } point_t;");
    assert_has(
        &text,
        "struct outer { union { int i; struct { int x; int y; } p; }; struct { int x; int y; } points[2]; \
         point_t named; enum { RED = 0, GREEN = 1, } colour; };",
    );
    assert_has(&text, "void f(struct outer *, point_t *);");
    assert_has(&text, "__builtin_offsetof(struct outer, p.y) == 4");
}

#[test]
fn typedefs_of_nameless_types_that_are_alike_stay_apart() {
    let f = Fixture::new();
    let point = |name| f.typedef(name, f.record_with(None, 4, &[("x", 0, f.int())]));
    let colour = |name| f.typedef(name, f.enumeration(None, 4, &[("RED", 0)]));
    let size = f.typedef("bytes", f.union(None, 8, &[]));
    let text = compiled(&f, &[point("a"), point("b"), colour("c"), colour("d"), size]);
    for expected in [
        "typedef struct { int x; } a;",
        "typedef struct { int x; } b;",
        "typedef enum { RED = 0, } c;",
        "typedef c d;",
        "typedef union { unsigned long : 64; } bytes;",
    ] {
        assert_has(&text, expected);
    }
}

#[test]
fn enumerations_of_every_size() {
    let f = Fixture::new();
    let text = compiled(
        &f,
        &[
            f.enumeration(Some("small"), 1, &[("S", 200)]),
            f.enumeration(Some("negative"), 1, &[("N", -128), ("NN", 127)]),
            f.enumeration(Some("odd"), 2, &[("O", 1)]),
            f.enumeration(Some("plain"), 4, &[("P", -2_147_483_648), ("PP", 2_147_483_647)]),
            f.enumeration(Some("large"), 8, &[("L", i128::from(u64::MAX))]),
            f.enumeration(Some("low"), 8, &[("W", i128::from(i64::MIN))]),
            f.enumeration(Some("few"), 8, &[("F", 1)]),
            f.enumeration(Some("byte"), 1, &[]),
        ],
    );
    let sizes = "_Static_assert(sizeof(enum small) == 1 && sizeof(enum negative) == 1 && sizeof(enum odd) == 2 \
        && sizeof(enum plain) == 4 && sizeof(enum large) == 8 && sizeof(enum low) == 8 && sizeof(enum few) == 8 \
        && S == 200 && N == -128 && P == -2147483647 - 1 && L == 0xffffffffffffffff && W < 0, \"\");";
    compile(&format!("{text}\n{sizes}"));
    assert_has(&text, "enum few, unsigned char);");
}

#[test]
fn recursive_types_and_callbacks_find_an_order() {
    let f = Fixture::new();
    let int = f.int();
    // typedef int (*callback)(struct node *); struct node { struct node *next; callback f; struct other { struct node n; } *o; };
    let node = f.types.reserve();
    let callback = f.typedef("callback", f.pointer(f.function(int, &[(None, f.pointer(node))])));
    let other = f.record_with(Some("other"), 24, &[("n", 0, node)]);
    let members = [("next", 0, f.pointer(node)), ("f", 8, callback), ("o", 16, f.pointer(other))];
    let ty = f.types.get(f.record_with(Some("node"), 24, &members)).clone();
    f.types.set(node, ty);
    let array_t = f.typedef("array_t", f.array(other, &[Some(3)]));
    let text = compiled(&f, &[f.pointer(array_t)]);
    assert_has(&text, "typedef int (*callback)(struct node *);");
}

#[test]
fn one_name_for_several_types() {
    let (f, g) = (Fixture::new(), Fixture::new());
    let record = |f: &Fixture, ty| f.pointer(f.record_with(Some("s"), 8, &[("x", 0, ty)]));
    let in_f = f.declaration("a", f.function(record(&f, f.int()), &[]));
    let same = g.declaration("b", g.function(record(&g, g.int()), &[]));
    let declared = g.declaration("c", g.function(g.pointer(g.record("s")), &[]));
    let differs = g.declaration(
        "d",
        g.function(record(&g, g.base("unsigned int", Encoding::Unsigned, 4)), &[]),
    );
    let word_f = f.declaration("v", f.typedef("word", f.int()));
    let word_g = g.declaration("w", g.typedef("word", g.char()));
    let clash = f.declaration("x", f.typedef("a", f.int()));
    let first = f.declaration("y", f.enumeration(Some("e"), 4, &[("A", 0)]));
    let second = f.declaration("z", f.enumeration(Some("e"), 4, &[("A", 0), ("B", 1)]));
    let (text, report) =
        header(&[in_f, same, declared, differs, word_f, word_g, clash, first, second]);
    assert_eq!((report.declared, report.omitted.len()), (9, 0));
    compile(&text);
    for expected in [
        "struct s *a(void); struct s *b(void); struct s *c(void); struct s__2 *d(void);",
        "/* differs from struct s: x: the name is 'unsigned int' against 'int' */",
        "extern word v; extern word__2 w; extern a__2 x;",
        "enum e__2 { A__2 = 0, B = 1, };",
    ] {
        assert_has(&text, expected);
    }
    assert_eq!(text.matches("struct s {").count(), 1);
}

#[test]
fn names_that_c_cannot_write() {
    let f = Fixture::new();
    let int = f.int();
    let inner =
        f.record_with(Some("std::pair<int, char>"), 8, &[("restrict", 0, int), ("linux", 4, int)]);
    let f_type = f.function(TypeId::VOID, &[(Some("int"), f.pointer(inner)), (Some("unix"), int)]);
    let (text, _) = header(&[f.declaration("f.part.0", f_type), f.declaration("typeof", int)]);
    compile(&text);
    assert_has(&text, "struct std__pair_int__char_ { int restrict_; int linux; };");
    assert_has(
        &text,
        "void f_part_0(struct std__pair_int__char_ *int_, int unix) __asm__(\"f.part.0\");",
    );
    assert_has(&text, "extern int typeof_ __asm__(\"typeof\");");
}

#[test]
fn classes_become_structs() {
    let f = Fixture::new();
    let int = f.int();
    let base_class = |ty, offset| {
        let mut member = Fixture::member("", offset, ty);
        member.base_class = true;
        member
    };
    let empty = struct_of(&f, "Empty", 1, &[]);
    let base = struct_of(&f, "Base", 8, &[Fixture::member("_vptr.Base", 0, f.pointer(int))]);
    let members = [base_class(base, 0), base_class(empty, 0), Fixture::member("x", 8, int)];
    let mut derived = Fixture::record_of(&members, false);
    derived.class = RecordClass::Class;
    derived.by_reference = Some(true);
    let derived = f.add(Some("ns::Derived"), Some(16), Kind::Record(derived));
    let taker = f.function(int, &[(Some("d"), derived), (Some("r"), f.reference(derived))]);
    let giver = f.function(derived, &[]);
    let (text, report) =
        header(&[f.declaration("_Z5taker", taker), f.declaration("_Z5giver", giver)]);
    compile(&text);
    assert_has(&text, "struct ns__Derived { struct Base __base_0; int x; };");
    assert_has(&text, "struct Empty { unsigned char : 8; };");
    assert_has(&text, "int _Z5taker(struct ns__Derived *d, struct ns__Derived *r);");
    assert_eq!(report.omitted.len(), 1);
    assert_has(&text, "/* _Z5giver: its result is a C++ object that the caller allocates */");
}

#[test]
fn what_c_cannot_declare_is_named() {
    let f = Fixture::new();
    let int = f.int();
    let odd = f.unknown("nothing is known");
    let declarations = [
        f.declaration("nothing", TypeId::VOID),
        f.declaration("odd", odd),
        f.declaration("odds", f.array(odd, &[Some(2)])),
        f.declaration("array", f.array(f.record("hidden"), &[None])),
        f.declaration("returns_array", f.function(f.array(int, &[Some(2)]), &[])),
        f.declaration("takes_void", f.function(int, &[(None, TypeId::VOID)])),
        f.declaration("takes_odd", f.function(int, &[(None, odd)])),
        f.declaration("calls_odd", f.pointer(f.function(odd, &[(None, odd)]))),
        f.declaration("twice", f.function(int, &[])),
        f.declaration("twice", f.function(int, &[])),
        f.declaration("twice", f.function(int, &[(None, int)])),
    ];
    let (text, report) = header(&declarations);
    compile(&text);
    let omitted: Vec<usize> = report.omitted.iter().map(|(index, _)| *index).collect();
    assert_eq!(omitted, [0, 1, 2, 3, 4, 5, 10], "{text}");
    assert_eq!(report.declared, 3);
    assert_has(&text, "struct __unknown; /* nothing is known */");
    assert_has(&text, "/* twice: also declared as 'int twice(int)' */");
}

#[test]
fn va_list_is_the_compilers_own() {
    let f = Fixture::new();
    let int = f.base("unsigned int", Encoding::Unsigned, 4);
    let tag = f.record_with(Some("__va_list_tag"), 4, &[("gp_offset", 0, int)]);
    let builtin = f.typedef("__builtin_va_list", f.array(tag, &[Some(1)]));
    let text = compiled(&f, &[f.pointer(f.typedef("va_list", builtin)), f.pointer(tag)]);
    assert!(!text.contains("__builtin_va_list["));
    assert_has(&text, "void f(va_list *, __builtin_va_list);");
}

#[test]
fn endless_types_end() {
    let f = Fixture::new();
    let int = f.int();
    let itself = f.types.reserve();
    let inner = f.types.get(f.record_with(None, 8, &[("p", 0, f.pointer(itself))])).clone();
    f.types.set(itself, inner);
    let typedef = f.types.reserve();
    f.types.set(typedef, f.types.get(f.typedef("t", f.pointer(typedef))).clone());
    let ring = f.types.reserve();
    f.types.set(ring, f.pointer_type(ring, PointerClass::Pointer));
    let by_value = f.types.reserve();
    f.types.set(by_value, f.types.get(f.record_with(Some("v"), 8, &[("v", 0, by_value)])).clone());
    let mut nest = f.record_with(None, 4, &[("x", 0, int)]);
    for _ in 0..40 {
        nest = f.record_with(None, 8, &[("a", 0, nest), ("b", 4, nest)]);
    }
    let mut chain = int;
    for level in 0..5_000 {
        chain = f.typedef(&format!("t{level}"), f.pointer(chain));
    }
    let (text, _) = header(&[f.declaration("v", f.array(nest, &[Some(1)]))]);
    assert!(text.len() < 10_000_000);
    compiled(&f, &[f.pointer(itself)]);
    compiled(&f, &[chain]);
    for id in [typedef, ring, by_value] {
        let (text, _) = header(&[f.declaration("f", f.function(int, &[(None, id)]))]);
        assert!(text.len() < 1_000_000);
    }
}
