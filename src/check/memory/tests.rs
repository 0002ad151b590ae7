//! Who made the memory behind an argument: unknown, the caller, or the library. Also the memory of one call.

use crate::check::fixture::Table;
use crate::check::*;
use crate::ctype::{Declaration, TypeId};

/// The row and verdict of each finding, followed by `c` if the call decides.
fn marks(report: &Report) -> String {
    let mark = |found: &Finding| {
        let verdict = match found.verdict {
            Verdict::Match => "=",
            Verdict::Differs => "~",
            Verdict::Unverified => "?",
            Verdict::Mismatch => "!",
        };
        format!("{}{verdict}{}", found.rule.number(), if found.at_call { "c" } else { "" })
    };
    report.findings().iter().map(mark).collect::<Vec<_>>().join(" ")
}

/// `int f(T *p, …)`, with the further parameters `more`.
fn takes(s: &Table, pointee: TypeId, more: &[(Option<&str>, TypeId)]) -> TypeId {
    let first = (Some("p"), s.fixture.pointer(pointee));
    let all: Vec<_> = std::iter::once(first).chain(more.iter().copied()).collect();
    s.fixture.function(s.int, &all)
}

fn declared(s: &Table, ty: TypeId) -> Declaration {
    s.fixture.declaration("f", ty)
}

/// The findings if the maker of the memory is unknown, if it is the caller, and if it is the library.
fn by_owner(d: &Table, ours: TypeId, c: &Table, theirs: TypeId) -> [String; 3] {
    [Owner::Unknown, Owner::Caller, Owner::Library].map(|owner| {
        let options = Options { owner, ..Options::default() };
        let claim = TypeClaim { types: c.types(), ty: theirs };
        marks(&check_declaration(&declared(d, ours), claim, &options))
    })
}

/// The findings on the memory of a call, which is made with the type `made`, has `bytes` bytes and lies at the
/// address `at`.
fn at_call(d: &Table, ours: TypeId, made: Option<(&Table, TypeId)>, bytes: u64, at: u64) -> String {
    let made = made.map(|(side, ty)| TypeClaim { types: side.types(), ty });
    let memory = Memory { address: Some(at), bytes };
    marks(&check_argument(&declared(d, ours), 1, made, memory, &Options::default()))
}

#[test]
fn the_owner_of_memory_decides() {
    let (d, c) = (Table::new(), Table::new());
    let ours = d.record(16, &[("a", 0, d.int), ("b", 4, d.int), ("c", 8, d.long)]);
    let prefix = c.record(8, &[("a", 0, c.int), ("b", 4, c.int)]);
    let swapped = c.record(16, &[("b", 0, c.int), ("a", 4, c.int), ("c", 8, c.long)]);
    let moved = c.record(16, &[("a", 0, c.long), ("c", 8, c.long)]);
    for (theirs, expected) in [
        (prefix, ["26~c", "26!", "27~"]),
        (swapped, ["29~c 29~c", "29! 29!", "29! 29!"]),
        (moved, ["28~c", "28!", "28!"]),
    ] {
        let found = by_owner(&d, takes(&d, ours, &[]), &c, takes(&c, theirs, &[]));
        assert_eq!(found, expected);
    }
    // Findings on widths, counts and callbacks do not depend on it.
    let found =
        by_owner(&d, takes(&d, ours, &[(None, d.long)]), &c, takes(&c, prefix, &[(None, c.int)]));
    assert_eq!(found, ["9! 26~c", "9! 26!", "9! 27~"]);
    let callback = |s: &Table, ty| s.fixture.function(s.int, &[(None, ty)]);
    let found =
        by_owner(&d, takes(&d, callback(&d, d.long), &[]), &c, takes(&c, callback(&c, c.int), &[]));
    assert_eq!(found, ["21!", "21!", "21!"]);
    // A callback in a record belongs to the caller if the record does.
    let table = |s: &Table, ty| {
        s.record(16, &[("call", 0, s.fixture.pointer(callback(s, ty))), ("n", 8, s.long)])
    };
    let found =
        by_owner(&d, takes(&d, table(&d, d.long), &[]), &c, takes(&c, table(&c, c.int), &[]));
    assert_eq!(found, ["21~c", "21!", "9!"]);
    // Memory that the library returns belongs to the library.
    let gives = |s: &Table, ty| s.fixture.function(s.fixture.pointer(ty), &[]);
    assert_eq!(by_owner(&d, gives(&d, ours), &c, gives(&c, moved)), ["28!", "28!", "28!"]);
}

#[test]
fn memory_that_is_read_or_of_told_size_may_be_short() {
    let (d, c) = (Table::new(), Table::new());
    let ours = d.record(16, &[("a", 0, d.int), ("b", 4, d.int), ("c", 8, d.long)]);
    let theirs = c.record(8, &[("a", 0, c.int), ("b", 4, c.int)]);
    let claim = |more: &[(Option<&str>, TypeId)]| takes(&c, theirs, more);
    let constant = takes(&d, d.fixture.constant(ours), &[]);
    assert_eq!(by_owner(&d, constant, &c, claim(&[])), ["26~", "26~", "27~"]);
    assert_eq!(at_call(&d, constant, Some((&c, theirs)), 8, 8), "26~");
    for (name, expected) in
        [("length", "26~"), ("buf_size", "26~"), ("count", "26~c"), ("n", "26~c")]
    {
        let told = takes(&d, ours, &[(Some(name), d.long)]);
        assert_eq!(by_owner(&d, told, &c, claim(&[(None, c.long)]))[0], expected, "{name}");
    }
    let socklen = d.fixture.typedef("socklen_t", d.int);
    let told = takes(&d, ours, &[(None, d.fixture.pointer(socklen))]);
    let found = by_owner(&d, told, &c, claim(&[(None, c.fixture.pointer(c.int))]));
    assert_eq!(found[0], "26~");
    // The record contains its own size.
    let sized = d.record(16, &[("cb_size", 0, d.int), ("b", 4, d.int), ("c", 8, d.long)]);
    let known = c.record(8, &[("cb_size", 0, c.int), ("b", 4, c.int)]);
    let found = by_owner(&d, takes(&d, sized, &[]), &c, takes(&c, known, &[]));
    assert_eq!(found, ["26~", "26~", "27~"]);
}

#[test]
fn the_memory_of_a_call() {
    let (d, c) = (Table::new(), Table::new());
    let ours = takes(&d, d.record(16, &[("a", 0, d.long), ("b", 8, d.long)]), &[]);
    let whole = c.record(16, &[("a", 0, c.long), ("b", 8, c.long)]);
    let prefix = c.record(8, &[("a", 0, c.long)]);
    let other = c.record(16, &[("a", 0, c.int), ("x", 4, c.int), ("b", 8, c.long)]);
    assert_eq!(at_call(&d, ours, Some((&c, whole)), 16, 8), "");
    assert_eq!(at_call(&d, ours, Some((&c, other)), 16, 8), "28! 28!");
    // The number of bytes in memory counts, not the size of the type.
    assert_eq!(at_call(&d, ours, Some((&c, prefix)), 8, 8), "26!");
    assert_eq!(at_call(&d, ours, Some((&c, prefix)), 16, 8), "");
    assert_eq!(at_call(&d, ours, None, 15, 8), "26!");
    assert_eq!(at_call(&d, ours, None, 16, 8), "");
    let buffer = |count| Some(c.array(c.char, count));
    for (count, expected) in [(8, "26! 24~"), (16, "24~"), (99, "24~")] {
        let made = buffer(count).map(|ty| (&c, ty));
        assert_eq!(at_call(&d, ours, made, count, 8), expected, "{count}");
    }
    // Nobody reads an array without elements.
    assert_eq!(at_call(&d, ours, Some((&c, c.array(c.int, 0))), 0, 8), "");
    // Scalars: at least one element, of the right kind.
    let number = takes(&d, d.long, &[]);
    assert_eq!(at_call(&d, number, Some((&c, c.array(c.long, 3))), 24, 8), "");
    assert_eq!(at_call(&d, number, Some((&c, c.int)), 4, 8), "25!");
    assert_eq!(at_call(&d, number, Some((&c, c.pointer)), 8, 8), "12~");
    assert_eq!(at_call(&d, number, None, 4, 8), "26!");
    // Any memory fits a pointer to bytes or to `void`.
    assert_eq!(at_call(&d, takes(&d, d.char, &[]), Some((&c, c.int)), 4, 8), "");
    assert_eq!(at_call(&d, takes(&d, TypeId::VOID, &[]), None, 1, 8), "");
    // The owner of memory behind further pointers is unknown again.
    let list = |s: &Table, ty| s.fixture.pointer(ty);
    let out = takes(&d, list(&d, d.record(16, &[("a", 0, d.long), ("b", 8, d.long)])), &[]);
    assert_eq!(at_call(&d, out, Some((&c, list(&c, prefix))), 8, 8), "26~c");
    let declaration = declared(&d, ours);
    for argument in [0, 2, usize::MAX] {
        let memory = Memory { address: None, bytes: 1 };
        let report = check_argument(&declaration, argument, None, memory, &Options::default());
        assert_eq!(report.verdict(), Verdict::Match, "{argument}");
    }
}

#[test]
fn the_address_of_a_call() {
    let (d, c) = (Table::new(), Table::new());
    let lanes = d.fixture.aligned(64, d.record(64, &[("a", 0, d.long)]));
    let theirs = c.record(64, &[("a", 0, c.long)]);
    let ours = takes(&d, lanes, &[]);
    assert_eq!(by_owner(&d, ours, &c, takes(&c, theirs, &[])), ["42~c", "42!", ""]);
    for (at, expected) in [(0x1000, ""), (0x1040, ""), (0x1020, "42!"), (0x1001, "42!")] {
        assert_eq!(at_call(&d, ours, Some((&c, theirs)), 64, at), expected, "{at:#x}");
    }
    // An odd address of a smaller type is at most slow.
    assert_eq!(at_call(&d, takes(&d, d.long, &[]), Some((&c, c.long)), 8, 0x1001), "42~");
}

#[test]
fn sentences_name_what_is_there() {
    let s = Table::new();
    let record = s.record(16, &[("a", 0, s.long), ("b", 8, s.long)]);
    let memory = Memory { address: None, bytes: 12 };
    let report =
        check_argument(&declared(&s, takes(&s, record, &[])), 1, None, memory, &Options::default());
    assert_eq!(
        report.findings()[0].sentence.as_str(),
        "f: argument 1 ('p') → pointee: the library has 'struct s' (struct, 16 bytes), the caller's memory has \
         12 bytes; the library may write past the caller's"
    );
    assert!(!report.passes() && !report.at_call());
}

/// Code as generated bindings write it: padding as a member, an array of unknown length as one without elements,
/// `void *` for the result of every function pointer.
#[test]
fn generated_bindings() {
    let (d, c) = (Table::new(), Table::new());
    let ours = d.record(8, &[("a", 0, d.char), ("b", 4, d.int)]);
    let padded = |ty| c.record(8, &[("a", 0, c.char), ("PADDING_0", 1, ty), ("b", 4, c.int)]);
    let found = |theirs| by_owner(&d, takes(&d, ours, &[]), &c, takes(&c, theirs, &[]));
    assert_eq!(found(padded(c.char)), ["24~"; 3]);
    assert_eq!(found(padded(c.array(c.char, 3))), ["24~"; 3]);
    let short = c.fixture.base("short", crate::ctype::Encoding::Signed, 2);
    let wider = c.record(8, &[("a", 0, c.char), ("x", 2, short), ("b", 4, c.int)]);
    assert_eq!(found(wider), ["28~c", "28!", "28!"]);

    let variable = |side: &Table, ty| {
        let declaration = side.fixture.declaration("v", ty);
        Declaration { kind: crate::ctype::DeclarationKind::Variable, ..declaration }
    };
    let text = variable(&d, d.array(d.char, 129));
    for (count, expected) in [(0, ""), (129, ""), (5, "34!")] {
        let claim = TypeClaim { types: c.types(), ty: c.array(c.char, count) };
        let report = check_declaration(&text, claim, &Options::default());
        assert_eq!(marks(&report), expected, "{count}");
    }

    let hook = |s: &Table, result| s.fixture.pointer(s.fixture.function(result, &[(None, s.int)]));
    let gives = |s: &Table, ty| s.fixture.function(ty, &[]);
    let nothing = gives(&d, hook(&d, TypeId::VOID));
    assert_eq!(by_owner(&d, nothing, &c, gives(&c, hook(&c, c.pointer))), ["19~"; 3]);
    let double = c.fixture.base("double", crate::ctype::Encoding::Float, 8);
    assert_eq!(by_owner(&d, nothing, &c, gives(&c, hook(&c, double))), ["19!"; 3]);
    // This does not apply to the function that is called itself.
    assert_eq!(by_owner(&d, gives(&d, TypeId::VOID), &c, gives(&c, c.pointer)), ["19!"; 3]);
}

/// Two arguments of one type point to two pieces of memory. The library may only read one of them.
#[test]
fn each_argument_has_its_own_memory() {
    let (d, c) = (Table::new(), Table::new());
    let ours = d.record(16, &[("a", 0, d.int), ("b", 4, d.int), ("c", 8, d.long)]);
    let theirs = c.record(8, &[("a", 0, c.int), ("b", 4, c.int)]);
    let (to, from) = (d.fixture.pointer(ours), d.fixture.pointer(d.fixture.constant(ours)));
    let pointer = (None, c.fixture.pointer(theirs));
    let claim = takes(&c, theirs, &[pointer]);
    let found = |second| by_owner(&d, takes(&d, ours, &[(None, second)]), &c, claim);
    assert_eq!(found(to), ["26~c 26~c", "26! 26!", "27~ 27~"]);
    assert_eq!(found(from), ["26~c 26~", "26! 26~", "27~ 27~"]);
    let first = takes(&d, d.fixture.constant(ours), &[(None, to)]);
    assert_eq!(by_owner(&d, first, &c, claim), ["26~c 26~", "26! 26~", "27~ 27~"]);
}
