//! What lies behind a pointer, with types built by hand. In C these shapes would take pages.

use crate::check::fixture::*;
use crate::check::*;
use crate::ctype::*;
use crate::spell;

#[test]
fn grouping_does_not_count() {
    let (d, c) = (Table::new(), Table::new());
    let inner = d.record(8, &[("x", 0, d.int), ("y", 4, d.int)]);
    let nested = d.record(16, &[("at", 0, inner), ("v", 8, d.array(d.int, 2))]);
    let flat = [("x", 0, c.int), ("y", 4, c.int), ("v", 8, c.int), ("w", 12, c.int)];
    assert_eq!(found((&d, nested), (&c, c.record(16, &flat))), "");
    let rows = c.record(16, &[("all", 0, c.array(c.int, 4))]);
    assert_eq!(found((&d, nested), (&c, rows)), "");
    assert_eq!(found((&c, rows), (&d, nested)), "");
    let uneven = c.record(16, &[("one", 0, c.int), ("three", 4, c.array(c.int, 3))]);
    assert_eq!(found((&c, rows), (&c, uneven)), "");
    // Arrays of records that are divided differently.
    let pairs = d.record(24, &[("p", 0, d.array(inner, 3))]);
    let split = d.record(24, &[("first", 0, inner), ("rest", 8, d.array(inner, 2))]);
    assert_eq!(found((&d, pairs), (&d, split)), "");
    let wrong = d.record(8, &[("x", 0, d.int), ("y", 4, d.float)]);
    let pairs_of_wrong = d.record(24, &[("first", 0, inner), ("rest", 8, d.array(wrong, 2))]);
    assert_eq!(found((&d, pairs), (&d, pairs_of_wrong)), "28!");
    let longs = c.record(16, &[("v", 0, c.array(c.long, 2))]);
    assert_eq!(found((&c, rows), (&c, longs)), "28!");
}

#[test]
fn bytes_see_anything() {
    let s = Table::new();
    let record = s.record(16, &[("a", 0, s.long), ("b", 8, s.int)]);
    let buffer = |count| s.record(count, &[("a", 0, s.array(s.char, count))]);
    assert_eq!(found((&s, record), (&s, buffer(16))), "24~");
    // A record with one member in place of two is a stand-in: only its size counts.
    assert_eq!(found((&s, record), (&s, buffer(8))), "26!");
    assert_eq!(found((&s, record), (&s, buffer(24))), "40~ 24~");
    let padded =
        s.record(16, &[("a", 0, s.long), ("b", 8, s.int), ("pad", 12, s.array(s.char, 4))]);
    assert_eq!(found((&s, record), (&s, padded)), "24~");
    let pad_int = s.record(16, &[("a", 0, s.long), ("b", 8, s.int), ("pad", 12, s.int)]);
    assert_eq!(found((&s, record), (&s, pad_int)), "28!");
    let two = s.record(4, &[("a", 0, s.array(s.char, 2)), ("b", 2, s.array(s.char, 2))]);
    let four = s.record(4, &[("all", 0, s.array(s.char, 4))]);
    assert_eq!(found((&s, two), (&s, four)), "");
    let nested = s.record(4, &[("in", 0, two)]);
    assert_eq!(found((&s, nested), (&s, four)), "29~");
    // An enumeration agrees with its integer, a boolean does not.
    let bool = s.fixture.base("_Bool", Encoding::Boolean, 1);
    let values = s.fixture.enumeration(Some("e"), 1, &[("NONE", 0), ("ALL", 200)]);
    for (ty, expected) in [(values, ""), (bool, "24~")] {
        let (declared, claimed) = (s.record(2, &[("e", 0, ty)]), s.record(2, &[("e", 0, s.char)]));
        assert_eq!(found((&s, declared), (&s, claimed)), expected);
        assert_eq!(found((&s, claimed), (&s, declared)), expected);
    }
}

#[test]
fn missing_swapped_and_moved_members() {
    let s = Table::new();
    let (a, b, c) = (("a", 0, s.int), ("b", 4, s.int), ("c", 8, s.long));
    let record = s.record(16, &[a, b, c]);
    for (members, expected) in [
        (vec![a, b, c], ""),
        (vec![a, c], "39~"),
        (vec![a, ("x", 4, s.int), c], "29~"),
        (vec![("b", 0, s.int), ("a", 4, s.int), c], "29! 29!"),
        (vec![a, ("b", 4, s.uint), c], "25~"),
        (vec![a, ("b", 4, s.float), c], "28!"),
        (vec![a, b, ("c", 8, s.pointer)], "12~"),
        (vec![("a", 0, s.long), c], "28!"),
        (vec![a, b, ("c", 8, s.int), ("d", 12, s.int)], "28! 28!"),
    ] {
        let claim = s.record(16, &members);
        assert_eq!(found((&s, record), (&s, claim)), expected, "{members:?}");
    }
    let short = s.record(8, &[a, b]);
    assert_eq!(found((&s, record), (&s, short)), "26!");
    let prefix = Options { owner: Owner::Library, ..Options::default() };
    let lent = report((&s, record), (&s, short), &prefix);
    assert_eq!((lent.verdict(), lent.findings()[0].rule), (Verdict::Differs, Rule::PointeePrefix));
    let longer = report((&s, short), (&s, record), &prefix);
    assert_eq!(longer.verdict(), Verdict::Mismatch);
}

#[test]
fn bit_fields_by_their_bits() {
    let s = Table::new();
    let fields = s.bits(4, &[("a", 0, 3, s.uint), ("b", 3, 5, s.uint), ("c", 8, 24, s.uint)]);
    assert_eq!(found((&s, fields), (&s, fields)), "");
    let moved = s.bits(4, &[("a", 0, 3, s.uint), ("b", 4, 4, s.uint), ("c", 8, 24, s.uint)]);
    assert_eq!(found((&s, fields), (&s, moved)), "30!");
    let wider = s.bits(4, &[("a", 0, 4, s.uint), ("b", 4, 4, s.uint), ("c", 8, 24, s.uint)]);
    assert_eq!(found((&s, fields), (&s, wider)), "30! 30!");
    let fewer = s.bits(4, &[("a", 0, 3, s.uint), ("c", 8, 24, s.uint)]);
    assert_eq!(found((&s, fields), (&s, fewer)), "39~");
    let unit = s.record(4, &[("all", 0, s.int)]);
    assert_eq!(found((&s, fields), (&s, unit)), "30~");
    assert_eq!(found((&s, unit), (&s, fields)), "30! 30! 30!");
}

#[test]
fn unions_by_any_alternative() {
    let s = Table::new();
    let (wide, narrow) = (s.array(s.int, 2), s.long);
    let union = s.union(8, &[("i", wide), ("l", narrow), ("p", s.pointer)]);
    let holder = |ty| s.record(16, &[("tag", 0, s.long), ("u", 8, ty)]);
    for (claim, expected) in [
        (union, ""),
        (s.union(8, &[("l", narrow)]), ""),
        (s.union(8, &[("p", narrow)]), "12~"),
        (s.union(8, &[("f", s.float)]), "28!"),
        (wide, ""),
        (s.pointer, ""),
        (s.record(8, &[("lo", 0, s.int), ("hi", 4, s.int)]), ""),
        (s.array(s.float, 2), "28!"),
        (s.array(s.char, 8), "24~"),
    ] {
        let found = found((&s, holder(union)), (&s, holder(claim)));
        assert_eq!(found, expected, "{}", spell::type_name(s.types(), claim));
    }
    // A claimed union over one thing of the library: each alternative counts.
    assert_eq!(found((&s, holder(narrow)), (&s, holder(s.union(8, &[("l", narrow)])))), "");
    let both = s.union(8, &[("l", narrow), ("f", s.float)]);
    assert_eq!(found((&s, holder(narrow)), (&s, holder(both))), "28!");
    // Two pointers that both fit. It is not known which one is meant.
    let (one, other) = (s.record(4, &[("x", 0, s.int)]), s.record(8, &[("y", 0, s.long)]));
    let (to_one, to_other) = (s.fixture.pointer(one), s.fixture.pointer(other));
    let either = s.union(8, &[("one", to_one), ("other", to_other)]);
    assert_eq!(found((&s, holder(either)), (&s, holder(to_other))), "");
    let named = s.union(8, &[("other", to_one)]);
    assert_eq!(found((&s, holder(either)), (&s, holder(named))), "26! 28!");
}

#[test]
fn a_union_of_the_layouts_of_several_versions() {
    let s = Table::new();
    let thing = |members: &[_]| s.record(24, members);
    let ours = thing(&[("name", 0, s.pointer), ("size", 8, s.long), ("flags", 16, s.int)]);
    let old = s.record(16, &[("flags", 0, s.int), ("name", 8, s.pointer)]);
    let float = thing(&[("name", 0, s.pointer), ("size", 8, s.long), ("flags", 16, s.float)]);
    let of = |alternatives: &[_]| s.union(24, alternatives);
    for (claim, expected) in [
        (of(&[("v2", ours)]), ""),
        (of(&[("v1", old), ("v2", ours)]), "29~"),
        (of(&[("v2", ours), ("v1", old)]), "29~"),
        (of(&[("v2", ours), ("v3", float)]), "29~"),
        (of(&[("v3", float)]), "28!"),
        (of(&[("v1", old), ("v3", float)]), "28! 29~"),
    ] {
        let found = found((&s, ours), (&s, claim));
        assert_eq!(found, expected, "{}", spell::type_name(s.types(), claim));
    }
}

#[test]
fn flexible_arrays_have_any_length() {
    let s = Table::new();
    let flexible = |element| s.fixture.array(element, &[None]);
    let ours = s.record(8, &[("n", 0, s.long), ("data", 8, flexible(s.int))]);
    let mut claim = s.record(8, &[("n", 0, s.long), ("data", 8, flexible(s.int))]);
    assert_eq!(found((&s, ours), (&s, claim)), "");
    claim = s.record(16, &[("n", 0, s.long), ("data", 8, s.array(s.int, 2))]);
    assert_eq!(found((&s, ours), (&s, claim)), "40~");
    // An array at the end of what the library returns may have any length, also the caller's one or two elements.
    let gives = |record| s.fixture.function(s.fixture.pointer(record), &[]);
    assert_eq!(found((&s, gives(ours)), (&s, gives(claim))), "40~");
    let one = s.record(16, &[("n", 0, s.long), ("data", 8, s.int)]);
    assert_eq!(found((&s, gives(ours)), (&s, gives(one))), "40~");
    let closed = s.record(8, &[("n", 0, s.long)]);
    assert_eq!(found((&s, gives(closed)), (&s, gives(claim))), "40!");
    claim = s.record(16, &[("n", 0, s.long), ("data", 8, s.array(s.float, 2))]);
    assert_eq!(found((&s, ours), (&s, claim)), "28! 40~");
    claim = s.record(8, &[("n", 0, s.long)]);
    assert_eq!(found((&s, ours), (&s, claim)), "");
}

#[test]
fn findings_say_where_and_why() {
    let s = Table::new();
    let time = |b| s.record(16, &[("tv_sec", 0, s.long), ("tv_nsec", 8, b)]);
    let stat = |time| s.record(24, &[("st_dev", 0, s.long), ("st_mtim", 8, time)]);
    let double = s.fixture.base("double", Encoding::Float, 8);
    let (ours, theirs) = (stat(time(s.long)), stat(time(double)));
    let function = |ty| {
        let pointer = s.fixture.pointer(ty);
        s.fixture.function(s.int, &[(Some("buf"), pointer)])
    };
    let declaration = s.fixture.declaration("fstat", function(ours));
    let claim = TypeClaim { types: s.types(), ty: function(theirs) };
    let report = check_declaration(&declaration, claim, &CALLER);
    let finding = &report.findings()[0];
    assert_eq!(finding.position, Position::Argument(1));
    assert_eq!(finding.path, "→ st_mtim.tv_nsec");
    assert_eq!(
        finding.sentence,
        "fstat: argument 1 ('buf') → st_mtim.tv_nsec: the library has 'long tv_nsec' (signed integer, \
         8 bytes at offset 16), the caller 'double tv_nsec' (floating point, 8 bytes at offset 16)"
    );
    assert!(finding.layout.as_ref().unwrap().as_str().contains("! "));
    let hint = |d: TypeId, c: TypeId| {
        let report =
            check_type(s.types(), d, TypeClaim { types: s.types(), ty: c }, &Options::default());
        let mut hints = report.findings().iter().filter_map(|found| found.hint.clone());
        hints.next().map_or_else(String::new, |hint: Name| hint.to_string())
    };
    let natural = s.record(16, &[("a", 0, s.int), ("b", 8, s.long)]);
    let packed = s.record(12, &[("a", 0, s.int), ("b", 4, s.long)]);
    assert_eq!(hint(packed, natural), "the library's is packed: without padding the members agree");
    assert!(hint(natural, packed).starts_with("the caller's is packed"));
    let other = s.record(16, &[("b", 0, s.long), ("c", 8, s.long)]);
    let more = s.record(24, &[("b", 0, s.long), ("x", 8, s.long), ("c", 16, s.long)]);
    assert_eq!(hint(more, other), "the caller's has no 'x'; all behind it are shifted");
    // If several members lie at other places, the first finding says why.
    let natural = s.record(24, &[("a", 0, s.int), ("b", 8, s.long), ("c", 16, s.long)]);
    let packed = s.record(20, &[("a", 0, s.int), ("b", 4, s.long), ("c", 12, s.long)]);
    let claim = TypeClaim { types: s.types(), ty: natural };
    let report = check_type(s.types(), packed, claim, &Options::default());
    assert!(report.findings().len() > 1);
    let first = &report.findings()[0];
    assert!(first.hint.is_some() && first.layout.is_some());
    let swapped = s.record(16, &[("c", 0, s.long), ("b", 8, s.long)]);
    assert_eq!(hint(other, swapped), "'b' and 'c' are swapped");
}

#[test]
fn what_an_array_has_more_or_less() {
    let s = Table::new();
    let four = s.record(16, &[("a", 0, s.array(s.int, 4))]);
    let three = s.record(16, &[("a", 0, s.array(s.int, 3))]);
    assert_eq!(found((&s, four), (&s, three)), "39~");
    assert_eq!(found((&s, three), (&s, four)), "28!");
    let five = s.record(20, &[("a", 0, s.array(s.int, 5))]);
    assert_eq!(found((&s, four), (&s, five)), "40~");
    let bytes = |count| s.record(16, &[("a", 0, s.array(s.char, count))]);
    assert_eq!(found((&s, bytes(16)), (&s, bytes(15))), "39~");
    assert_eq!(found((&s, bytes(15)), (&s, bytes(16))), "24~");
    // A type of which nothing is claimed is not a view of bytes.
    let any = s.fixture.add(None, Some(8), Kind::Unknown { reason: "any".into() });
    assert_eq!(found((&s, bytes(16)), (&s, s.record(16, &[("a", 0, any)]))), "37? 39~");
    // A buffer in place of a pointer.
    let pointers = s.fixture.pointer(s.pointer);
    let buffer = |count| s.record(8, &[("p", 0, s.fixture.pointer(s.array(s.char, count)))]);
    let record = s.record(8, &[("p", 0, pointers)]);
    assert_eq!(found((&s, record), (&s, buffer(8))), "24~");
    assert_eq!(found((&s, record), (&s, buffer(4))), "26! 24~");
}

#[test]
fn a_name_that_the_library_has_elsewhere() {
    let s = Table::new();
    // Anything may lie at the claimed place: a nested record, an array of bytes, an array of the same elements, a
    // union.
    let inner = s.record(8, &[("p", 0, s.pointer)]);
    let union = s.union(8, &[("l", s.long), ("p", s.pointer)]);
    for ty in [inner, s.array(s.char, 8), s.array(s.long, 1), union] {
        let record = s.record(16, &[("a", 0, ty), ("n", 8, s.long)]);
        let swapped = s.record(16, &[("n", 0, s.long), ("a", 8, ty)]);
        let report = report((&s, record), (&s, swapped), &CALLER);
        assert_eq!(report.verdict(), Verdict::Mismatch, "{}", spell::type_name(s.types(), ty));
        let rules = report.findings().iter().map(|found| found.rule);
        assert!(rules.clone().any(|rule| rule == Rule::PointeeMemberName));
        // The same inside an alternative of a union.
        let (d, c) = (s.union(16, &[("s", record)]), s.union(16, &[("s", swapped)]));
        assert!(found((&s, d), (&s, c)).contains("29!"), "{}", spell::type_name(s.types(), ty));
    }
    // An array of structs with one member, over scalars.
    let one = s.record(4, &[("n", 0, s.int)]);
    let scalars = s.record(8, &[("a", 0, s.int), ("b", 4, s.int)]);
    let row = s.record(8, &[("a", 0, s.array(one, 2))]);
    assert_eq!(found((&s, scalars), (&s, row)), "29~");
    let unlike = s.record(8, &[("a", 0, s.int), ("b", 4, s.float)]);
    assert_eq!(found((&s, unlike), (&s, row)), "28! 29~");
    // A struct around a union counts as the union.
    let wrapped = s.record(8, &[("at", 0, union)]);
    let nested = s.record(16, &[("at", 0, wrapped), ("n", 8, s.long)]);
    let flat = s.record(16, &[("at", 0, union), ("n", 8, s.long)]);
    assert_eq!(found((&s, nested), (&s, flat)), "");
    assert_eq!(found((&s, flat), (&s, nested)), "");
}
