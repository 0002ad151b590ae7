use super::*;
use crate::abi::{self, Bytes, Leaf, ScalarClass, Value};
use crate::check::{Claim, ClaimedTypes};
use crate::libffi::claimed_type;

/// `ffi_type`s with separate addresses, as a second libffi in the process would have them.
struct Caller {
    /// Each type is a slice of one element, so that its address does not change.
    types: Vec<Box<[ffi_type]>>,
    lists: Vec<Vec<*mut ffi_type>>,
}

impl Caller {
    fn new() -> Caller {
        Caller { types: Vec::new(), lists: Vec::new() }
    }

    fn ty(&mut self, type_: u16, size: usize, alignment: u16) -> *mut ffi_type {
        let elements = std::ptr::null_mut();
        self.types.push(Box::new([ffi_type { size, alignment, type_, elements }]));
        self.types.last_mut().unwrap().as_mut_ptr()
    }

    fn list(&mut self, list: &[*mut ffi_type]) -> *mut *mut ffi_type {
        self.lists.push([list, &[std::ptr::null_mut()]].concat());
        self.lists.last_mut().unwrap().as_mut_ptr()
    }

    fn of(&mut self, type_: u16, size: usize, align: u16, list: &[*mut ffi_type]) -> *mut ffi_type {
        let elements = self.list(list);
        let ty = self.ty(type_, size, align);
        // SAFETY: made above.
        unsafe { (*ty).elements = elements };
        ty
    }
}

fn encoded(result: *const ffi_type, arguments: &[*mut ffi_type]) -> Result<Encoder> {
    let nargs = arguments.len() as c_uint;
    let mut encoder = Encoder::new(true, None, nargs);
    // SAFETY: all types are made here, their lists end in NULL.
    unsafe { encode_types(&mut encoder, nargs, result, arguments.as_ptr())? };
    Ok(encoder)
}

/// The claim for `ty`. Also checks that the claim is the same if `ty` first becomes a type of the caller's table.
fn read(ty: *mut ffi_type) -> Value {
    let Claim::Value(value) = encoded(ty, &[]).unwrap().claim().result else { panic!() };
    let mut claimed = ClaimedTypes::new();
    // SAFETY: all types are made here, their lists end in NULL.
    let id = unsafe { claimed_type(&mut claimed, ty) }.unwrap();
    let mut again = abi::by_value(claimed.types(), id);
    if let (Value::Record(again), Value::Record(bytes)) = (&mut again, &value) {
        // Unknown bytes could be a vector, but libffi never has one.
        again.passing = again.passing.or(bytes.passing);
    }
    assert_eq!(again, value);
    value
}

fn scalar(class: ScalarClass, size: u64) -> Value {
    Value::Scalar { class, size }
}

fn reason(value: Value) -> String {
    let Value::Unknown { reason } = value else { panic!("{value:?}") };
    reason
}

#[test]
fn scalars_are_read_by_code_and_size() {
    let mut caller = Caller::new();
    let unsigned = ScalarClass::Integer { signed: false };
    let signed = ScalarClass::Integer { signed: true };
    for (code, size, value) in [
        (ffi::FFI_TYPE_VOID, 1, Value::Void),
        (ffi::FFI_TYPE_INT, 4, scalar(signed, 4)),
        (ffi::FFI_TYPE_FLOAT, 4, scalar(ScalarClass::Float, 4)),
        (ffi::FFI_TYPE_DOUBLE, 8, scalar(ScalarClass::Float, 8)),
        (ffi::FFI_TYPE_LONGDOUBLE, 16, scalar(ScalarClass::Float, 16)),
        (ffi::FFI_TYPE_UINT8, 1, scalar(unsigned, 1)),
        (ffi::FFI_TYPE_SINT8, 1, scalar(signed, 1)),
        (ffi::FFI_TYPE_UINT16, 2, scalar(unsigned, 2)),
        (ffi::FFI_TYPE_SINT16, 2, scalar(signed, 2)),
        (ffi::FFI_TYPE_UINT32, 4, scalar(unsigned, 4)),
        (ffi::FFI_TYPE_SINT32, 4, scalar(signed, 4)),
        (ffi::FFI_TYPE_UINT64, 8, scalar(unsigned, 8)),
        (ffi::FFI_TYPE_SINT64, 8, scalar(signed, 8)),
        (ffi::FFI_TYPE_POINTER, size_of::<usize>(), scalar(ScalarClass::Pointer, 8)),
    ] {
        assert_eq!(read(caller.ty(code, size, size as u16)), value, "code {code}");
        if code != ffi::FFI_TYPE_VOID {
            let wrong = caller.ty(code, 3, 1);
            assert!(reason(read(wrong)).contains("size that its code cannot have"));
        }
    }
    for code in [16, 18, 255, 4000] {
        assert!(reason(read(caller.ty(code, 4, 4))).contains(&format!("unknown code {code}")));
    }
}

#[test]
fn libffis_own_constants_are_read_as_they_are_lowered() {
    for (code, class, size) in [
        (Code::Float, ScalarClass::Float, 4),
        (Code::Double, ScalarClass::Float, 8),
        (Code::LongDouble, ScalarClass::Float, 16),
        (Code::Unsigned8, ScalarClass::Integer { signed: false }, 1),
        (Code::Signed8, ScalarClass::Integer { signed: true }, 1),
        (Code::Unsigned16, ScalarClass::Integer { signed: false }, 2),
        (Code::Signed16, ScalarClass::Integer { signed: true }, 2),
        (Code::Unsigned32, ScalarClass::Integer { signed: false }, 4),
        (Code::Signed32, ScalarClass::Integer { signed: true }, 4),
        (Code::Unsigned64, ScalarClass::Integer { signed: false }, 8),
        (Code::Signed64, ScalarClass::Integer { signed: true }, 8),
        (Code::Pointer, ScalarClass::Pointer, 8),
    ] {
        assert_eq!(read(constant(code)), scalar(class, size));
        assert_eq!(Code::of(class, size), Some(code));
        // SAFETY: libffi's constant.
        let ffi_type { size, alignment, .. } = unsafe { constant(code).read() };
        assert_eq!((size as u64, u64::from(alignment)), code.layout());
    }
    assert_eq!(read(constant(Code::Void)), Value::Void);
}

#[test]
fn structs_have_the_layout_of_their_elements_or_none() {
    let mut caller = Caller::new();
    let structure = ffi::FFI_TYPE_STRUCT;
    let char = caller.ty(ffi::FFI_TYPE_SINT8, 1, 1);
    let int = caller.ty(ffi::FFI_TYPE_SINT32, 4, 4);
    let pointer = caller.ty(ffi::FFI_TYPE_POINTER, 8, 8);
    let inner = caller.of(structure, 0, 0, &[char, int]);
    let nothing = caller.of(structure, 3, 1, &[]);
    let no_list = caller.ty(structure, 12, 4);
    let byte = Leaf::new(0, 1, ScalarClass::Integer { signed: true });
    let word = Leaf::new(4, 4, ScalarClass::Integer { signed: true });
    let unknown = |offset, size| Leaf::new(offset, size, ScalarClass::Unknown);
    for (ty, size, align, leaves) in [
        (inner, 8, 4, vec![byte, word]),
        (caller.of(structure, 8, 4, &[char, int]), 8, 4, vec![byte, word]),
        (
            caller.of(structure, 0, 0, &[inner, int]),
            12,
            4,
            vec![byte, word, Leaf { offset: 8, ..word }],
        ),
        // CPython's `struct { int a[10]; char c; }`.
        (caller.of(structure, 44, 4, &[pointer, char]), 44, 4, vec![unknown(0, 44)]),
        // Packed structs: the natural layout of the elements has another size, or the struct ends directly after the
        // last one.
        (caller.of(structure, 5, 1, &[char, int]), 5, 1, vec![unknown(0, 5)]),
        (
            caller.of(structure, 9, 1, &[inner, char]),
            9,
            1,
            vec![byte, word, Leaf { offset: 8, ..byte }],
        ),
        (caller.of(structure, 8, 4, &[char, nothing, int]), 8, 4, vec![byte, unknown(1, 3), word]),
        (no_list, 12, 4, vec![unknown(0, 12)]),
    ] {
        assert_eq!(read(ty), Value::Record(Bytes::of_leaves(size, align, leaves)));
    }
    // Nothing was written into the caller's types.
    // SAFETY: made above.
    assert_eq!(unsafe { (*inner).size }, 0);
}

#[test]
fn complex_types_are_two_parts() {
    let mut caller = Caller::new();
    let float = caller.ty(ffi::FFI_TYPE_FLOAT, 4, 4);
    let complex = caller.of(ffi::FFI_TYPE_COMPLEX, 8, 4, &[float]);
    assert_eq!(read(complex), Value::Complex { part: ScalarClass::Float, size: 8 });
    let wrong = caller.of(ffi::FFI_TYPE_COMPLEX, 12, 4, &[float]);
    assert!(reason(read(wrong)).contains("half its size"));
    let no_list = caller.ty(ffi::FFI_TYPE_COMPLEX, 8, 4);
    assert!(reason(read(no_list)).contains("half its size"));
}

#[test]
fn null_is_an_error_where_libffi_would_follow_it() {
    let mut caller = Caller::new();
    let int = caller.ty(ffi::FFI_TYPE_SINT32, 4, 4);
    let kind = |result: Result<Encoder>| result.err().map(|error| error.kind());
    let invalid = Some(ErrorKind::InvalidArgument);
    assert_eq!(kind(encoded(std::ptr::null(), &[])), invalid);
    assert_eq!(kind(encoded(int, &[int, std::ptr::null_mut()])), invalid);
    let mut encoder = Encoder::new(true, None, 1);
    for (nargs, expected) in [(0, None), (1, invalid), (c_uint::MAX, invalid)] {
        // SAFETY: a NULL list is allowed, and refused unless it is empty.
        let status = unsafe { encode_types(&mut encoder, nargs, int, std::ptr::null()) };
        assert_eq!(status.err().map(|error| error.kind()), expected);
    }
    let list = [int];
    // SAFETY: the number is refused before the list is read.
    let status = unsafe { encode_types(&mut encoder, c_uint::MAX, int, list.as_ptr()) };
    assert_eq!(status.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn cyclic_deep_and_huge_types_are_bounded_and_do_not_shift_what_follows() {
    let mut caller = Caller::new();
    let structure = ffi::FFI_TYPE_STRUCT;
    let int = caller.ty(ffi::FFI_TYPE_SINT32, 4, 4);
    let cyclic = caller.of(structure, 8, 4, &[int, int]);
    let list = caller.list(&[cyclic, cyclic]);
    // SAFETY: made above.
    unsafe { (*cyclic).elements = list };
    let wide = caller.of(structure, 800_000, 4, &vec![int; 200_000]);
    for hostile in [cyclic, wide] {
        let claim = encoded(int, &[int, hostile, int]).unwrap().claim();
        let Claim::Value(Value::Record(bytes)) = &claim.arguments[1] else { panic!() };
        assert!(!bytes.complete);
        assert_eq!(claim.arguments.len(), 3);
        assert_eq!(claim.arguments[0], claim.result);
        // The budget is used up, so the types that follow are unknown.
        let Claim::Value(Value::Unknown { reason }) = &claim.arguments[2] else { panic!() };
        assert!(reason.contains("too large"));
    }
    let mut deep = int;
    for _ in 0..100 {
        deep = caller.of(structure, 4, 4, &[deep]);
    }
    let claim = encoded(int, &[deep, int]).unwrap().claim();
    assert_eq!(claim.arguments[1], claim.result);
    let leaves = vec![Leaf::new(0, 4, ScalarClass::Unknown)];
    let expected = Value::Record(Bytes::of_leaves(4, 4, leaves));
    assert_eq!(claim.arguments[0], Claim::Value(expected));
}

#[test]
fn equal_claims_have_equal_bytes_and_others_have_not() {
    let mut caller = Caller::new();
    let int = caller.ty(ffi::FFI_TYPE_SINT32, 4, 4);
    let same = caller.ty(ffi::FFI_TYPE_SINT32, 4, 4);
    let other = caller.ty(ffi::FFI_TYPE_UINT32, 4, 4);
    let bytes = |arguments: &[_]| encoded(int, arguments).unwrap().bytes().to_vec();
    assert_eq!(bytes(&[int]), bytes(&[same]));
    assert_ne!(bytes(&[int]), bytes(&[other]));
    let pair = caller.of(ffi::FFI_TYPE_STRUCT, 8, 4, &[int, int]);
    let nested = caller.of(ffi::FFI_TYPE_STRUCT, 4, 4, &[int]);
    let nested = caller.of(ffi::FFI_TYPE_STRUCT, 8, 4, &[nested, int]);
    assert_ne!(bytes(&[pair, int]), bytes(&[nested, int]));
    assert!(encoded(int, &[int; 100]).unwrap().is_short());
    let long = encoded(int, &[int; 200]).unwrap();
    assert!(!long.is_short());
    assert_eq!(long.claim().arguments.len(), 200);
    assert_ne!(Encoder::new(true, None, 1).bytes(), Encoder::new(true, Some(0), 1).bytes());
    assert_ne!(Encoder::new(true, None, 1).bytes(), Encoder::new(false, None, 1).bytes());
}
