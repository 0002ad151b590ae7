//! Callbacks that leave something out.

use crate::check::fixture::*;
use crate::ctype::*;

#[test]
fn callbacks_with_fewer_parameters() {
    let w = Table::new();
    let two = w.function(w.int, &[w.pointer, w.long]);
    assert_eq!(w.callback(two, w.function(w.int, &[w.pointer])), "1~");
    assert_eq!(w.callback(two, w.function(w.int, &[])), "1~");
    // The parameters that the callback declares are compared as usual.
    assert_eq!(w.callback(two, w.function(w.int, &[w.double])), "11! 1~");
    assert_eq!(w.callback(two, w.function(w.int, &[w.pointer, w.long, w.int])), "1!");
    // A function pointer that the library returns is called by the caller.
    let gives = |function| w.fixture.pointer(function);
    assert_eq!(w.result(gives(two), gives(w.function(w.int, &[w.pointer]))), "1!");
    // Here the callee removes the arguments: `DW_CC_BORLAND_stdcall`.
    let stdcall = w.fixture.convention(0xb2, &[w.pointer, w.long]);
    let fewer = w.fixture.convention(0xb2, &[w.pointer]);
    assert_eq!(w.callback(stdcall, fewer), "1!");
}

#[test]
fn callbacks_that_return_nothing() {
    let w = Table::new();
    let returning = |result| w.function(result, &[w.int]);
    let nothing = returning(TypeId::VOID);
    let pair = w.record(8, &[("x", 0, w.int), ("y", 4, w.int)]);
    let enumeration = w.fixture.anonymous_enumeration();
    for (declared, expected) in [
        (w.int, "19~"),
        (w.bool, "19~"),
        (enumeration, "19~"),
        (w.long, "19!"),
        (w.pointer, "19!"),
        (w.float, "19!"),
        (pair, "19!"),
    ] {
        assert_eq!(w.callback(returning(declared), nothing), expected);
    }
}

#[test]
fn generic_callbacks_accept_any() {
    let w = Table::new();
    let generic = w.function(TypeId::VOID, &[]);
    let unprototyped = w.fixture.typed_function(w.int, &[], false, false);
    let large = w.record(24, &[("a", 0, w.long), ("b", 8, w.long), ("c", 16, w.long)]);
    for claimed in [
        w.function(TypeId::VOID, &[w.pointer, w.long]),
        w.function(w.pointer, &[w.double]),
        w.function(large, &[]),
    ] {
        assert_eq!(w.callback(generic, claimed), "32~");
        assert_eq!(w.callback(unprototyped, claimed), "32~");
    }
    assert_eq!(w.callback(generic, generic), "");
    assert_eq!(w.callback(unprototyped, w.function(w.int, &[])), "");
    // The library ignores a result that it does not declare.
    assert_eq!(w.callback(generic, w.function(w.int, &[])), "");
    // A callback with declared parameters is not generic.
    let said = w.function(TypeId::VOID, &[w.pointer]);
    assert_eq!(w.callback(said, w.function(TypeId::VOID, &[w.double])), "11!");
}
