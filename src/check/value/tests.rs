//! Values that a typed claim describes exactly: bit-fields, unions, booleans.

use crate::abi::{self, ScalarClass};
use crate::check::direction::Role;
use crate::check::fixture::*;
use crate::check::*;
use crate::ctype::fixture::{AARCH64, AMD64};
use crate::ctype::machine::S390;
use crate::ctype::*;
use crate::spell;

#[test]
fn bit_fields_by_value() {
    let w = Table::new();
    let declared = w.bits(8, &[("a", 0, 4, w.uint), ("b", 4, 12, w.uint), ("c", 32, 32, w.int)]);
    let with = |a: (u64, u64, TypeId), b: (u64, u64, TypeId)| {
        w.bits(8, &[("a", a.0, a.1, a.2), ("b", b.0, b.1, b.2), ("c", 32, 32, w.int)])
    };
    for (claim, argument, result) in [
        (declared, "", ""),
        // Other names do not count.
        (w.bits(8, &[("x", 0, 4, w.uint), ("y", 4, 12, w.uint), ("z", 32, 32, w.int)]), "", ""),
        (with((0, 5, w.uint), (5, 11, w.uint)), "14! 14!", "14! 14!"),
        (with((0, 4, w.uint), (4, 11, w.uint)), "14! 14!", "14! 14!"),
        (with((0, 4, w.uint), (5, 11, w.uint)), "14! 14!", "14! 14!"),
        (with((0, 4, w.int), (4, 12, w.uint)), "15~", "15~"),
        // The claim has bit-fields where the library has padding.
        (
            w.bits(
                8,
                &[
                    ("a", 0, 4, w.uint),
                    ("b", 4, 12, w.uint),
                    ("more", 16, 16, w.uint),
                    ("c", 32, 32, w.int),
                ],
            ),
            "14~",
            "14!",
        ),
        (
            w.bits(
                8,
                &[
                    ("a", 0, 4, w.uint),
                    ("b", 4, 12, w.uint),
                    ("", 16, 16, w.uint),
                    ("c", 32, 32, w.int),
                ],
            ),
            "",
            "",
        ),
        // One of them is left out.
        (w.bits(8, &[("a", 0, 4, w.uint), ("c", 32, 32, w.int)]), "14!", "14!"),
        // Whole storage units. An `ffi_type` can express nothing else.
        (w.record(8, &[("ab", 0, w.uint), ("c", 4, w.int)]), "", ""),
        (w.record(8, &[("a", 0, w.uchar), ("b", 1, w.uchar), ("c", 4, w.int)]), "", ""),
    ] {
        let spelled = format!("{:?}", w.fixture.types.get(claim).kind);
        assert_eq!(w.argument(declared, claim), argument, "{spelled}");
        assert_eq!(w.result(declared, claim), result, "{spelled}");
    }
    // Bit-fields in place of an integer: all of its bits, or some.
    let whole = w.record(4, &[("n", 0, w.uint)]);
    let halves = w.bits(4, &[("lo", 0, 4, w.uint), ("hi", 4, 28, w.uint)]);
    assert_eq!(w.argument(whole, halves), "15~ 15~");
    let fewer = w.bits(4, &[("lo", 0, 4, w.uint), ("hi", 4, 27, w.uint)]);
    assert_eq!(w.argument(whole, fewer), "14! 15~ 15~");
    // The sentence contains the bits of both sides.
    let takes = |ty| w.function(TypeId::VOID, &[ty]);
    let report = w.check(takes(declared), takes(with((0, 5, w.uint), (5, 11, w.uint))));
    let sentence = report.findings()[0].sentence.as_str();
    assert!(
        sentence.ends_with(
            "; bytes 0..1: the library has a bit-field of 4 bits at bit 0 there, the caller a bit-field of 5 bits at bit 0"
        ),
        "{sentence}"
    );
}

#[test]
fn bit_fields_in_the_other_byte_order() {
    let w = Table::new();
    let kind = Kind::Base { encoding: Encoding::Unsigned, bits: None, swapped: true };
    let swapped = w.fixture.add(Some("unsigned int"), Some(4), kind);
    let of = |ty| w.bits(4, &[("a", 0, 4, ty), ("b", 4, 28, ty)]);
    assert_eq!(w.argument(of(swapped), of(swapped)), "");
    assert_eq!(w.argument(of(swapped), of(w.uint)), "14! 14!");
}

#[test]
fn alternatives_by_value() {
    let w = Table::new();
    let long = w.union(8, &[("s", w.record(8, &[("a", 0, w.long)]))]);
    let short = w.union(8, &[("s", w.record(8, &[("a", 0, w.uint)]))]);
    let float = w.union(8, &[("s", w.record(8, &[("d", 0, w.float)])), ("l", w.long)]);
    let double = w.union(8, &[("s", w.record(8, &[("d", 0, w.double)])), ("l", w.long)]);
    let pair = w.record(8, &[("x", 0, w.int), ("y", 4, w.float)]);
    let mixed = w.record(8, &[("x", 0, w.float), ("y", 4, w.int)]);
    let (crossed, straight) = (
        w.union(8, &[("one", pair), ("other", mixed)]),
        w.union(
            8,
            &[
                ("one", w.record(8, &[("x", 0, w.int), ("y", 4, w.int)])),
                ("other", w.record(8, &[("x", 0, w.float), ("y", 4, w.float)])),
            ],
        ),
    );
    for (declared, claimed, expected) in [
        (long, long, ""),
        (long, short, "14!"),
        (double, double, ""),
        (double, float, "14! 15~"),
        // It is enough that one of the library's alternatives agrees.
        (double, w.union(8, &[("l", w.long)]), ""),
        // The same scalars at the same bytes, in other alternatives.
        (crossed, crossed, ""),
        (crossed, straight, "14! 14!"),
        // A claim without a union cannot express the alternatives.
        (long, w.record(8, &[("lo", 0, w.uint), ("hi", 4, w.uint)]), ""),
        (double, w.record(8, &[("l", 0, w.long)]), ""),
    ] {
        assert_eq!(w.argument(declared, claimed), expected);
        assert_eq!(w.result(declared, claimed), expected);
        // The same behind a member.
        let holder = |ty| w.record(16, &[("tag", 0, w.long), ("u", 8, ty)]);
        assert_eq!(w.argument(holder(declared), holder(claimed)), expected);
    }
    let sentence = |declared, claimed| {
        let takes = |ty| w.function(TypeId::VOID, &[ty]);
        w.check(takes(declared), takes(claimed)).findings()[0].sentence.to_string()
    };
    let holder = |ty| w.record(16, &[("tag", 0, w.long), ("u", 8, w.record(8, &[("in", 0, ty)]))]);
    let text = sentence(holder(long), holder(short));
    assert!(
        text.ends_with(
            "; bytes 8..12: the library has 'long a' (signed integer, 8 bytes at offset 8), \
             the caller 'unsigned int a' (unsigned integer, 4 bytes at offset 8)"
        ),
        "{text}"
    );
}

#[test]
fn results_read_as_booleans() {
    let w = Table::new();
    let of = |size, values: &[(&str, i128)]| w.fixture.enumeration(Some("e"), size, values);
    let (flag, more) = (of(4, &[("NO", 0), ("YES", 1)]), of(4, &[("A", 0), ("B", 2)]));
    for (declared, expected) in [
        (flag, "21~"),
        (more, "21!"),
        (of(1, &[("NO", 0), ("YES", 1)]), ""),
        (of(1, &[("A", 0), ("B", 2)]), "21~"),
        (w.int, "21~"),
        (w.uint, "21~"),
        (w.long, "21!"),
        (w.pointer, "21!"),
        (w.bool, ""),
    ] {
        assert_eq!(
            w.result(declared, w.bool),
            expected,
            "{}",
            spell::type_name(&w.fixture.types, declared)
        );
    }
    // The library's boolean is read as int, and a boolean is passed for int or an enumeration.
    assert_eq!(w.result(w.bool, w.int), "20!");
    assert_eq!(w.argument(w.int, w.bool), "8~");
    assert_eq!(w.argument(more, w.bool), "8~");
    // If the highest byte comes first, a boolean reads another byte.
    let big = Target { machine: S390, pointer_size: 8, little_endian: false };
    let int = (ScalarClass::Integer { signed: true }, 4);
    let flags = (ScalarClass::Enumeration { signed: false, beyond_bool: false }, 4);
    for (target, verdict) in
        [(AMD64, Verdict::Differs), (AARCH64, Verdict::Differs), (big, Verdict::Mismatch)]
    {
        for declared in [int, flags] {
            let found =
                scalar::compare(declared, (ScalarClass::Boolean, 1), Role::Result, target).unwrap();
            assert_eq!((found.rule, found.verdict), (Rule::ResultNarrower, verdict));
        }
    }
}

#[test]
fn pointers_are_cut() {
    let w = Table::new();
    assert_eq!(w.argument(w.int, w.pointer), "10!");
    assert_eq!(w.argument(w.uchar, w.pointer), "10!");
    assert_eq!(w.argument(w.long, w.pointer), "12~");
    assert_eq!(w.argument(w.int, w.long), "10~");
    assert_eq!(w.callback(w.function(w.int, &[]), w.function(w.pointer, &[])), "32~");
    let (declared, claimed) = (w.function(w.int, &[w.int]), w.function(w.pointer, &[w.int]));
    assert_eq!(w.callback(declared, claimed), "10!");
    let takes = |ty| w.function(TypeId::VOID, &[ty]);
    let report = w.check(takes(w.int), takes(w.pointer));
    assert!(report.findings()[0].sentence.as_str().ends_with("; the pointer is cut"));
}

#[test]
fn hints_know_what_the_caller_wrote() {
    let w = Table::new();
    let gives = |ty| w.function(ty, &[]);
    let hint = |declared, claimed| {
        let report = w.check(gives(declared), gives(claimed));
        report.findings()[0].hint.as_ref().map(ToString::to_string)
    };
    assert_eq!(hint(w.pointer, w.int).as_deref(), Some("int cuts a pointer to 32 bits"));
    assert_eq!(hint(w.long, w.int), None);
    assert_eq!(hint(w.double, w.int), None);
    // If a call was only prepared, a runtime may have chosen the type.
    let int = Claim::Value(abi::by_value(&w.fixture.types, w.int));
    let call = CallClaim { default_abi: true, fixed: None, arguments: Vec::new(), result: int };
    let report = check_call(&w.fixture.declaration("f", gives(w.double)), &call);
    let text = report.findings()[0].hint.as_ref().unwrap().to_string();
    assert_eq!(text, "runtimes use int if no result type is declared");
}

#[test]
fn nothing_is_shifted_in_a_union_or_in_place() {
    let w = Table::new();
    let hint = |ours, theirs| {
        let claim = TypeClaim { types: &w.fixture.types, ty: theirs };
        let report = check_type(&w.fixture.types, ours, claim, &Options::default());
        let hint = report.findings().iter().find_map(|found| found.hint.clone());
        hint.map(|hint| hint.to_string())
    };
    let ours = w.union(8, &[("l", w.long), ("d", w.double)]);
    let theirs = w.union(8, &[("f", w.float), ("l", w.long), ("d", w.double)]);
    assert_eq!(hint(ours, theirs).as_deref(), Some("the library's has no 'f'"));
    let ours = w.record(12, &[("a", 0, w.int), ("b", 4, w.int), ("c", 8, w.int)]);
    let theirs = w.record(12, &[("a", 0, w.int), ("c", 8, w.int)]);
    assert_eq!(hint(ours, theirs).as_deref(), Some("the caller's has no 'b'"));
}

#[test]
fn alternatives_of_unions_of_other_sizes() {
    let w = Table::new();
    let head = [("v", 0, w.long), ("t", 8, w.uchar)];
    let plain = w.record(16, &head);
    let list =
        |size, delta: (&'static str, u64, TypeId)| w.record(size, &[head[0], head[1], delta]);
    let ours = w.union(16, &[("val", plain), ("list", list(16, ("delta", 10, w.uchar)))]);
    let theirs = w.union(24, &[("val", plain), ("list", list(24, ("delta", 16, w.long)))]);
    let verdict = |owner| {
        let claim = TypeClaim { types: &w.fixture.types, ty: theirs };
        let options = Options { owner, ..Options::default() };
        let report = check_type(&w.fixture.types, ours, claim, &options);
        let rules: Vec<_> = report.findings().iter().map(|found| found.rule).collect();
        (report.verdict(), rules)
    };
    // The library has 'delta' at another place.
    let (of_caller, rules) = verdict(Owner::Caller);
    assert_eq!(of_caller, Verdict::Mismatch);
    assert!(rules.contains(&Rule::PointeeMember) || rules.contains(&Rule::PointeeMemberName));
    // Its first alternative does not make it another record.
    let (of_library, rules) = verdict(Owner::Library);
    assert_eq!(of_library, Verdict::Mismatch);
    assert!(rules.contains(&Rule::PointeeTooLarge));
}
