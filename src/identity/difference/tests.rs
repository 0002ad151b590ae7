use super::*;
use crate::ctype::fixture::Fixture;
use crate::ctype::{Encoding, Member, Qualifier, RecordClass, Type};

/// `struct node { struct node *next; T value; }`.
fn list(f: &Fixture, value: TypeId) -> TypeId {
    let node = f.types.reserve();
    let members = [Fixture::member("next", 0, f.pointer(node)), Fixture::member("value", 8, value)];
    let record = Fixture::record_of(&members, false);
    let name = Some("node".into());
    f.types.set(node, Type { name, size: Some(16), align: None, kind: Kind::Record(record) });
    node
}

fn sentence(f: &Fixture, a: TypeId, b: TypeId) -> String {
    difference(&f.types, a, &f.types, b, Sameness::default()).expect("they differ")
}

#[test]
fn equal_in_two_tables() {
    let (f, g) = (Fixture::new(), Fixture::new());
    // The same types with other numbers.
    g.int();
    let pair = |f: &Fixture| {
        let long = f.base("long int", Encoding::Signed, 8);
        let qualified = f.qualified(Qualifier::Volatile, f.constant(f.char()));
        f.function(f.pointer(list(f, long)), &[(Some("a"), f.pointer(qualified))])
    };
    assert!(same_type(&f.types, pair(&f), &g.types, pair(&g)));
    let clang = g.base("long", Encoding::Signed, 8);
    assert!(same_type(&f.types, f.base("long int", Encoding::Signed, 8), &g.types, clang));
    let (a, b) = (f.constant(f.qualified(Qualifier::Volatile, f.int())), f.int());
    let b = f.qualified(Qualifier::Volatile, f.constant(b));
    assert!(same_type(&f.types, a, &f.types, b), "the order of qualifiers says nothing");
    let (outer, inner) = (f.array(f.int(), &[Some(2)]), f.array(f.constant(f.int()), &[Some(2)]));
    for both in [f.constant(outer), f.constant(inner)] {
        assert!(
            same_type(&f.types, both, &f.types, inner),
            "an array is as qualified as its elements"
        );
    }
}

#[test]
fn every_difference_is_found_and_named() {
    let f = Fixture::new();
    let (int, char) = (f.int(), f.char());
    let record = |members: &[(&str, u64, TypeId)]| f.record_with(Some("s"), 8, members);
    let bits = |first| f.bits("s", 8, &[("b", first, 3, int)]);
    let function = |parameters: &[TypeId], prototyped, variadic| {
        let parameters: Vec<_> = parameters.iter().map(|ty| (None, *ty)).collect();
        f.typed_function(int, &parameters, prototyped, variadic)
    };
    let plain = record(&[("x", 0, int), ("y", 4, int)]);
    for (a, b, expected) in [
        (int, char, "the name is 'int' against 'char'"),
        (int, f.pointer(int), "'int' against 'int *'"),
        (int, TypeId::VOID, "'int' against 'void'"),
        (f.typedef("a", int), f.typedef("b", int), "the name is 'a' against 'b'"),
        (
            f.constant(int),
            f.qualified(Qualifier::Volatile, int),
            "'const int' against 'volatile int'",
        ),
        (
            f.array(int, &[Some(2)]),
            f.array(int, &[Some(3)]),
            "the size is 8 bytes against 12 bytes",
        ),
        (f.array(int, &[None, Some(3)]), f.array(int, &[None]), "'int [][3]' against 'int []'"),
        (
            f.array(int, &[Some(2)]),
            f.array(f.constant(int), &[Some(2)]),
            "'int [2]' against 'const int [2]'",
        ),
        (plain, record(&[("x", 0, int), ("z", 4, int)]), "member 2 is 'y' against 'z'"),
        (plain, record(&[("x", 0, int)]), "2 members against 1"),
        (plain, record(&[("x", 4, int), ("y", 0, int)]), "x lies at 0 against 4"),
        (plain, record(&[("x", 0, int), ("y", 4, f.typedef("t", int))]), "y: 'int' against 't'"),
        (plain, f.record("s"), "the size is 8 bytes against unknown"),
        (bits(0), bits(3), "the bits of b are at another place"),
        (
            f.enumeration(Some("e"), 4, &[("A", 0), ("B", 1)]),
            f.enumeration(Some("e"), 4, &[("A", 0), ("B", 2)]),
            "B = 1 against B = 2",
        ),
        (
            f.enumeration(Some("e"), 4, &[("A", 0)]),
            f.enumeration(Some("e"), 4, &[("A", 0), ("B", 2)]),
            "1 enumerators against 2",
        ),
        (function(&[], true, false), function(&[], false, false), "one has no prototype"),
        (function(&[int], true, false), function(&[int], true, true), "one is variadic"),
        (
            function(&[int], true, false),
            function(&[int, int], true, false),
            "1 parameters against 2",
        ),
        (
            function(&[int], true, false),
            function(&[char], true, false),
            "parameter 1: the name is 'int' against 'char'",
        ),
        (f.convention(0xc1, &[]), f.convention(0xb1, &[]), "the calling convention differs"),
        (f.unknown("a"), f.unknown("b"), "a against b"),
        (f.pointer(int), f.reference(int), "one kind of pointer against another"),
        (list(&f, int), list(&f, f.pointer(int)), "value: 'int' against 'int *'"),
    ] {
        assert_eq!(sentence(&f, a, b), expected);
        assert!(!same_type(&f.types, b, &f.types, a), "{expected}");
        assert!(same_type(&f.types, a, &f.types, a));
    }
    let deep = |ty| f.function(int, &[(None, int), (None, f.pointer(list(&f, ty)))]);
    assert_eq!(
        sentence(
            &f,
            deep(f.base("long int", Encoding::Signed, 8)),
            deep(f.base("int", Encoding::Signed, 4))
        ),
        "parameter 2 → pointee → value: the name is 'long int' against 'int'"
    );
}

#[test]
fn parameter_names_count_on_request() {
    let f = Fixture::new();
    let int = f.int();
    let (a, b) = (f.function(int, &[(Some("a"), int)]), f.function(int, &[(Some("b"), int)]));
    assert!(same_type(&f.types, a, &f.types, b));
    let names = Sameness { parameter_names: true, ..Sameness::default() };
    assert_eq!(
        difference(&f.types, a, &f.types, b, names).unwrap(),
        "parameter 1 has another name"
    );
}

#[test]
fn an_incomplete_record_may_be_any_of_its_tag() {
    let f = Fixture::new();
    let loose = Sameness { incomplete_is_equal: true, ..Sameness::default() };
    let small = f.record_with(Some("s"), 4, &[("x", 0, f.int())]);
    let large = f.record_with(Some("s"), 8, &[("x", 0, f.pointer(f.int()))]);
    let declared = f.record("s");
    let differ = |a, b| difference(&f.types, a, &f.types, b, loose).is_some();
    assert!(!differ(f.pointer(small), f.pointer(declared)));
    assert!(!differ(declared, large));
    assert!(differ(declared, f.record("t")));
    // The declared type does not make the two complete ones equal, even in one walk.
    let three = |a, b, c| f.function(TypeId::VOID, &[(None, a), (None, b), (None, c)]);
    assert!(!differ(three(small, declared, small), three(declared, large, small)));
    assert!(differ(three(small, declared, small), three(declared, large, large)));
}

#[test]
fn deep_chains_and_unequal_rings_are_walked() {
    let f = Fixture::new();
    let chain = |end| (0..100_000).fold(end, |id, _| f.pointer(id));
    let (a, b, c) = (chain(f.int()), chain(f.int()), chain(f.char()));
    assert!(same_type(&f.types, a, &f.types, b));
    assert!(!same_type(&f.types, a, &f.types, c));
    // All rings of pointers are the same type. The number of pairs would be the product of their lengths.
    let ring = |length| {
        let first = f.types.reserve();
        let last = (1..length).fold(first, |id, _| f.pointer(id));
        f.types.set(first, f.pointer_type(last, crate::ctype::PointerClass::Pointer));
        first
    };
    assert!(same_type(&f.types, ring(9973), &f.types, ring(10_007)));
}

#[test]
fn the_storage_unit_of_a_bit_field_is_no_part_of_it() {
    let f = Fixture::new();
    let int = f.int();
    let record = |unit| {
        let member = Member { offset: unit, ..Fixture::bit_field("b", 40, 3, int) };
        f.complete(RecordClass::Struct, Some("s"), 8, &[member])
    };
    assert!(same_type(&f.types, record(4), &f.types, record(0)));
}

#[test]
fn typedefs_are_looked_through_on_request() {
    let f = Fixture::new();
    let through = Sameness { through_typedefs: true, ..Sameness::default() };
    let int = f.int();
    let (word, fixed) = (f.typedef("word", int), f.typedef("fixed", f.constant(int)));
    let volatile = |ty| f.qualified(Qualifier::Volatile, ty);
    let differ = |a, b| difference(&f.types, a, &f.types, b, through);
    assert_eq!(differ(f.pointer(word), f.pointer(int)), None);
    assert_eq!(differ(volatile(fixed), f.constant(volatile(word))), None);
    assert_eq!(differ(fixed, word).unwrap(), "the qualifiers of 'fixed' and 'word' differ");
    let (a, b) = (f.typedef("list", list(&f, word)), list(&f, f.char()));
    assert_eq!(differ(a, b).unwrap(), "value: the name is 'int' against 'char'");
}

#[test]
fn pointees_count_by_their_names_on_request() {
    let f = Fixture::new();
    let by_name = Sameness { pointees_by_name: true, ..Sameness::default() };
    let small = f.record_with(Some("s"), 4, &[("x", 0, f.int())]);
    let large = f.record_with(Some("s"), 8, &[("x", 0, f.pointer(f.int()))]);
    let differ = |a, b| difference(&f.types, a, &f.types, b, by_name).is_some();
    assert!(differ(small, large));
    assert!(!differ(f.pointer(small), f.pointer(large)));
    assert!(differ(f.pointer(small), f.pointer(f.record("t"))));
    assert!(differ(f.pointer(small), f.pointer(f.int())));
    // The same in a signature behind a pointer, but not if the signature itself is the type.
    let takes = |record| f.function(TypeId::VOID, &[(None, record)]);
    assert!(!differ(f.pointer(takes(small)), f.pointer(takes(large))));
    assert!(differ(takes(small), takes(large)));
    // A type that is first pointed to and then contained.
    let holds =
        |record| f.record_with(Some("h"), 16, &[("p", 0, f.pointer(record)), ("v", 8, record)]);
    assert!(differ(holds(small), holds(large)));
    // Types without a name are compared by their content.
    let nameless = |member| f.record_with(None, 4, &[(member, 0, f.int())]);
    assert!(differ(f.pointer(nameless("x")), f.pointer(nameless("y"))));
    // A pointer to `void` is the same as any pointer, but a result `void` is not the same as another result.
    assert!(!differ(f.pointer(TypeId::VOID), f.pointer(f.int())));
    let returns = |result| f.pointer(f.function(result, &[]));
    assert!(differ(returns(TypeId::VOID), returns(f.int())));
    // One walk does not make two pointees equal because both are equal to a third one.
    let three = |a, b, c| f.function(TypeId::VOID, &[(None, a), (None, b), (None, c)]);
    let (void, int, char) = (f.pointer(TypeId::VOID), f.pointer(f.int()), f.pointer(f.char()));
    assert!(differ(three(void, int, int), three(int, void, char)));
}
