//! Recursive types, large types, and the effects of options.

use crate::check::fixture::*;
use crate::check::*;
use crate::ctype::fixture::Fixture;
use crate::ctype::*;

/// A ring of `count` structs: each one points to the next, and the last one to the first.
fn ring(side: &Table, count: usize, last: TypeId) -> TypeId {
    let ids: Vec<TypeId> = (0..count).map(|_| side.types().reserve()).collect();
    for (index, id) in ids.iter().enumerate() {
        let next = side.fixture.pointer(ids[(index + 1) % count]);
        let value = if index + 1 == count { last } else { side.int };
        let members = [Fixture::member("next", 0, next), Fixture::member("value", 8, value)];
        let kind = Kind::Record(Fixture::record_of(&members, false));
        side.types().set(*id, Type { name: None, size: Some(16), align: None, kind });
    }
    ids[0]
}

#[test]
fn recursive_types_end_where_they_began() {
    let (d, c) = (Table::new(), Table::new());
    assert_eq!(found((&d, ring(&d, 1, d.int)), (&c, ring(&c, 7, c.int))), "");
    assert_eq!(found((&d, ring(&d, 5, d.int)), (&c, ring(&c, 3, c.float))), "28! 28! 28! 28! 28!");
    // 997 and 991 have no common divisor: all pairs would be a million.
    let long = ring(&d, 997, d.int);
    let report = report((&d, long), (&c, ring(&c, 991, c.int)), &Options::default());
    assert_eq!((report.verdict(), report.findings().len()), (Verdict::Unverified, 1));
    assert_eq!(found((&d, long), (&d, ring(&d, 997, d.int))), "");
}

/// A record that contains another one twice, `levels` times over: 2 to the power of `levels` ints.
fn doubled(side: &Table, levels: u32, last: TypeId) -> TypeId {
    let mut ty = last;
    for level in 0..levels {
        let size = 4 << level;
        ty = side.record(2 * size, &[("a", 0, ty), ("b", size, ty)]);
    }
    ty
}

#[test]
fn what_is_large_is_not_unrolled() {
    let (d, c) = (Table::new(), Table::new());
    assert_eq!(found((&d, doubled(&d, 40, d.int)), (&c, doubled(&c, 40, c.int))), "");
    assert_eq!(found((&d, doubled(&d, 40, d.int)), (&c, doubled(&c, 40, c.float))), "28! 28!");
    // Compared with such a long array, or inside a union, it would have to be unrolled. The bound ends that.
    let row = c.record(4 << 30, &[("all", 0, c.array(c.float, 1 << 30))]);
    let found = report((&d, doubled(&d, 30, d.int)), (&c, row), &CALLER);
    assert_eq!(found.verdict(), Verdict::Mismatch);
    let union = |side: &Table, last| side.union(4 << 30, &[("x", doubled(side, 30, last))]);
    let report = report((&d, union(&d, d.int)), (&c, union(&c, c.int)), &Options::default());
    assert_eq!(report.verdict(), Verdict::Unverified);
}

#[test]
fn options_decide_what_passes() {
    let s = Table::new();
    let record = s.record(8, &[("a", 0, s.int), ("b", 4, s.int)]);
    let partial = s.record(8, &[("a", 0, s.int)]);
    let unknown = s.record(8, &[("a", 0, s.int), ("b", 4, s.fixture.unknown("any"))]);
    let strict = Options { strict: true, ..Options::default() };
    let require = Options { require: true, ..Options::default() };
    let ignored = Options { ignored: [Rule::MissingMember].into_iter().collect(), ..strict };
    for (claim, options, verdict, passes) in [
        (partial, Options::default(), Verdict::Differs, true),
        (partial, strict, Verdict::Differs, false),
        (partial, ignored, Verdict::Match, true),
        (unknown, Options::default(), Verdict::Unverified, true),
        (unknown, strict, Verdict::Unverified, true),
        (unknown, require, Verdict::Unverified, false),
        (record, require, Verdict::Match, true),
    ] {
        let report = report((&s, record), (&s, claim), &options);
        assert_eq!((report.verdict(), report.passes()), (verdict, passes), "{options:?}");
    }
    let few = Options { pairs: Some(3), ..Options::default() };
    let report = report((&s, ring(&s, 9, s.int)), (&s, ring(&s, 9, s.int)), &few);
    assert_eq!(report.verdict(), Verdict::Unverified);
}

#[test]
fn many_findings_hide_no_graver_one() {
    let s = Table::new();
    let names: Vec<String> = (0..40).map(|number| format!("m{number}")).collect();
    let members = |sign, last| -> Vec<(&str, u64, TypeId)> {
        let ty = |number| if number == 39 { last } else { sign };
        let numbered = names.iter().zip(0..);
        numbered.map(|(name, number)| (name.as_str(), 4 * number, ty(number))).collect()
    };
    let ours = s.record(160, &members(s.int, s.int));
    let theirs = s.record(160, &members(s.uint, s.float));
    let gravest = |report: &Report| (report.verdict(), report.findings()[0].rule);
    let behind = report((&s, ours), (&s, theirs), &CALLER);
    assert_eq!(gravest(&behind), (Verdict::Mismatch, Rule::PointeeMember));
    let takes = |ty| s.fixture.function(s.int, &[(None, ty)]);
    let declaration = s.fixture.declaration("f", takes(ours));
    let claim = TypeClaim { types: s.types(), ty: takes(theirs) };
    let by_value = check_declaration(&declaration, claim, &Options::default());
    assert_eq!(gravest(&by_value), (Verdict::Mismatch, Rule::RecordBytes));
}

#[test]
fn who_gives_a_function_is_called() {
    let s = Table::new();
    let table = |result, parameter| {
        let function = s.fixture.function(result, &[(None, parameter)]);
        s.record(8, &[("run", 0, s.fixture.pointer(function))])
    };
    let prefix = Options { owner: Owner::Library, ..Options::default() };
    let first = |report: Report| report.findings().first().map(|found| found.rule);
    let (nothing, int) = (table(TypeId::VOID, s.int), table(s.int, s.int));
    // Nobody reads the result of the caller's function. From the library's function, the caller reads a result that
    // is not there.
    assert_eq!(found((&s, nothing), (&s, int)), "");
    assert_eq!(first(report((&s, nothing), (&s, int), &prefix)), Some(Rule::ResultOfVoid));
    assert_eq!(found((&s, int), (&s, nothing)), "19~");
    assert_eq!(first(report((&s, int), (&s, nothing), &prefix)), None);
    let wider = table(s.int, s.long);
    assert_eq!(found((&s, int), (&s, wider)), "20!");
    assert_eq!(first(report((&s, int), (&s, wider), &prefix)), Some(Rule::ArgumentWider));
}
