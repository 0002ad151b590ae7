//! A verdict that is known is given without allocating.

// With the feature the library has an allocator of its own.
#![cfg(not(feature = "capi"))]
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use ffitypecheck::check::Verdict;
use ffitypecheck::ctype::{
    Declaration, DeclarationKind, Encoding, Evidence, Function, Kind, Parameter, Target, Type,
    TypeId, Types,
};
use ffitypecheck::libffi::Interface;
use libffi_sys as ffi;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything to the system's allocator; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    // SAFETY: as for the trait.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as for this function.
        unsafe { System.alloc(layout) }
    }

    // SAFETY: as for the trait.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as for this function.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn known_verdicts_allocate_nothing() {
    let types = Arc::new(Types::new(Target::HOST));
    let add = |size, kind| types.add(Type { name: None, size, align: None, kind });
    let long = add(Some(8), Kind::Base { encoding: Encoding::Signed, bits: None, swapped: false });
    let parameter = Parameter { name: None, ty: long };
    let function = Function {
        result: TypeId::VOID,
        parameters: vec![parameter; 6].into_boxed_slice(),
        prototyped: true,
        variadic: false,
        convention: None,
    };
    let ty = add(None, Kind::Function(function));
    let interface = Interface::new(Declaration {
        types,
        ty,
        kind: DeclarationKind::Function,
        symbol: "f".into(),
        version: None,
        name: "f".into(),
        linkage_name: None,
        library: "libf.so".into(),
        key: None,
        evidence: Evidence::Address,
    });
    let right = [&raw mut ffi::ffi_type_sint64; 6];
    let wrong = [&raw mut ffi::ffi_type_double; 6];
    let allocations = |types: &[*mut ffi::ffi_type], expected| {
        let before = ALLOCATIONS.with(Cell::get);
        let abi = ffi::ffi_abi_FFI_DEFAULT_ABI;
        let result = &raw mut ffi::ffi_type_void;
        // SAFETY: libffi's own types.
        let judgement = unsafe { interface.check_cif(abi, None, 6, result, types.as_ptr()) };
        assert_eq!(judgement.unwrap().verdict(), expected);
        ALLOCATIONS.with(Cell::get) - before
    };
    assert!(allocations(&wrong, Verdict::Mismatch) > 0);
    allocations(&right, Verdict::Match);
    for _ in 0..3 {
        assert_eq!(allocations(&right, Verdict::Match), 0);
        assert_eq!(allocations(&wrong, Verdict::Mismatch), 0);
    }
}
