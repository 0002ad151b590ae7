use std::ffi::{c_char, c_int, c_void, CStr};

use libffi_sys as ffi;

use super::*;
use crate::check::{Report, Verdict};
use crate::ctype::fixture::{Fixture, AARCH64};
use crate::ctype::{DeclarationKind, Encoding, Evidence, Function, RecordClass};
use crate::libffi::Interface;

const DEFAULT: ffi_abi = ffi::ffi_abi_FFI_DEFAULT_ABI;

/// `int snprintf(char *, size_t, const char *, ...)`.
fn snprintf() -> Interface {
    let f = Fixture::new();
    let int = f.base("int", Encoding::Signed, 4);
    let size = f.base("unsigned long", Encoding::Unsigned, 8);
    let text = f.pointer(f.base("char", Encoding::SignedChar, 1));
    let mut function = f.prototype(int, &[text, size, text]);
    function.variadic = true;
    Interface::new(f.function_declaration(function))
}

#[test]
fn a_variadic_function_is_called_with_its_variadic_types() {
    let interface = snprintf();
    let mut cif = ffi_cif::default();
    let variadic = [
        &raw mut ffi::ffi_type_sint32,
        &raw mut ffi::ffi_type_double,
        &raw mut ffi::ffi_type_pointer,
    ];
    // SAFETY: `cif` is a local, the types are libffi's.
    unsafe { interface.prep_cif_var(&mut cif, DEFAULT, &variadic).unwrap() };
    let mut buffer = [0_u8; 64];
    let mut out = buffer.as_mut_ptr();
    let mut size = buffer.len();
    let mut format = c"%d %.2f %s".as_ptr();
    let (mut number, mut float, mut text): (c_int, f64, *const c_char) =
        (-7, 2.5, c"text".as_ptr());
    let mut values: [*mut c_void; 6] = [
        (&raw mut out).cast(),
        (&raw mut size).cast(),
        (&raw mut format).cast(),
        (&raw mut number).cast(),
        (&raw mut float).cast(),
        (&raw mut text).cast(),
    ];
    let mut length: ffi::ffi_arg = 0;
    // SAFETY: snprintf has the type that the cif describes.
    unsafe {
        let code = std::mem::transmute::<*const c_void, unsafe extern "C" fn()>(
            libc::snprintf as *const c_void,
        );
        ffi::ffi_call(&mut cif, Some(code), (&raw mut length).cast(), values.as_mut_ptr());
    }
    let written = CStr::from_bytes_until_nul(&buffer).unwrap();
    assert_eq!((written, length as c_int), (c"-7 2.50 text", 12));
}

#[test]
fn lists_of_variadic_types_are_kept_once_each() {
    let interface = snprintf();
    let int = &raw mut ffi::ffi_type_sint32;
    let mut cifs = [ffi_cif::default(); 3];
    for (cif, count) in cifs.iter_mut().zip([1, 2, 1]) {
        // SAFETY: `cif` is a local, the types are libffi's.
        unsafe { interface.prep_cif_var(cif, DEFAULT, &vec![int; count]).unwrap() };
    }
    assert_eq!(cifs[0].arg_types, cifs[2].arg_types);
    assert_ne!(cifs[0].arg_types, cifs[1].arg_types);
    assert_eq!((cifs[0].nargs, cifs[1].nargs), (4, 5));
    let mut own: Vec<ffi_type> = vec![ffi_type::default(); 5000];
    let mut results = Vec::new();
    for ty in &mut own {
        // SAFETY: libffi's type, copied, and `cif` is a local.
        unsafe {
            *ty = *int;
            results.push(interface.prep_cif_var(&mut cifs[0], DEFAULT, &[ty]));
        }
    }
    assert!(results[0].is_ok());
    assert_eq!(results[4999].as_ref().unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_cif_is_written_on_success_only() {
    let interface = snprintf();
    let mut cif = ffi_cif { nargs: 77, ..ffi_cif::default() };
    let variadic = |ty: *mut ffi_type, cif: &mut ffi_cif| {
        // SAFETY: `cif` is a local, the type is NULL or libffi's.
        let result = unsafe { interface.prep_cif_var(cif, DEFAULT, &[ty]) };
        result.unwrap_err().kind()
    };
    for ty in [
        std::ptr::null_mut(),
        &raw mut ffi::ffi_type_float,
        &raw mut ffi::ffi_type_uint8,
        &raw mut ffi::ffi_type_sint16,
        &raw mut ffi::ffi_type_void,
    ] {
        assert_eq!(variadic(ty, &mut cif), ErrorKind::InvalidArgument);
    }
    let prep = |cif: *mut ffi_cif, abi| {
        // SAFETY: `cif` is NULL or a local.
        unsafe { interface.prep_cif(cif, abi) }.map_err(|error| error.kind())
    };
    assert_eq!(prep(std::ptr::null_mut(), DEFAULT), Err(ErrorKind::Null));
    assert_eq!(prep(&mut cif, 1000), Err(ErrorKind::InvalidArgument));
    assert_eq!(prep(&mut cif, 0), Err(ErrorKind::InvalidArgument));
    #[cfg(target_arch = "x86_64")]
    assert_eq!(prep(&mut cif, ffi::ffi_abi_FFI_WIN64), Err(ErrorKind::Unsupported));
    assert_eq!(cif.nargs, 77);
    assert_eq!(prep(&mut cif, DEFAULT), Ok(()));
    assert_eq!(cif.nargs, 3);
}

#[test]
fn a_function_that_is_not_variadic_has_no_variadic_types() {
    let f = Fixture::new();
    let interface = Interface::new(f.function_declaration(f.prototype(TypeId::VOID, &[])));
    let mut cif = ffi_cif::default();
    let int = [&raw mut ffi::ffi_type_sint32];
    // SAFETY: `cif` is a local, the type is libffi's.
    let error = unsafe { interface.prep_cif_var(&mut cif, DEFAULT, &int) }.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    // SAFETY: as above.
    unsafe { interface.prep_cif_var(&mut cif, DEFAULT, &[]) }.unwrap();
    assert!(interface.lowered().unwrap().is_empty());
}

#[test]
fn declarations_that_cannot_be_called_are_refused_with_the_reason() {
    let f = Fixture::new();
    let int = f.base("int", Encoding::Signed, 4);
    let opaque = f.record("opaque");
    let class = f.class_by_reference();
    let vector = f.vector(int, 4);
    let wide = f.vector(f.base("double", Encoding::Float, 8), 4);
    let with_wide = f.placed(RecordClass::Struct, 64, &[(0, wide)]);
    let huge = f.array(int, &[Some(1 << 28)]);
    let huge = f.placed(RecordClass::Struct, 1 << 30, &[(0, huge)]);
    let unknown = f.types.add(crate::ctype::Type::unknown("it has no unit"));
    let function =
        |result, parameters: &[_]| f.function_declaration(f.prototype(result, parameters));
    let other = Fixture::of(AARCH64);
    let mut convention = f.prototype(int, &[]);
    convention.convention = Some(0xc1);
    let unprototyped = Function { prototyped: false, ..f.prototype(int, &[]) };
    let unprototyped =
        Declaration { evidence: Evidence::Use, ..f.function_declaration(unprototyped) };
    let untyped = Declaration { kind: DeclarationKind::Function, ..f.declaration("f", unknown) };
    for (declaration, reason) in [
        (
            other.function_declaration(other.prototype(TypeId::VOID, &[])),
            "the library is for another machine",
        ),
        (f.declaration("v", int), "v: it is a variable"),
        (untyped, "f: its type is not known"),
        (unprototyped, "without a prototype"),
        (f.function_declaration(convention), "normal calling convention"),
        (function(opaque, &[]), "the result: it is incomplete"),
        (function(class, &[]), "the result: it is a C++ class written through a hidden pointer"),
        (
            function(int, &[int, vector]),
            "parameter 2 ('p'): libffi has no type for a vector of 16 bytes",
        ),
        (function(with_wide, &[]), "depends on the compiler"),
        (function(int, &[huge]), "too large for libffi"),
        (function(int, &[unknown]), "parameter 1 ('p'): it has no unit"),
        (function(int, &[TypeId::VOID]), "a parameter cannot be void"),
    ] {
        let interface = Interface::new(declaration);
        for _ in 0..2 {
            let error = interface.lowered().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(reason), "{error} for {reason}");
        }
    }
    assert!(lower(&function(class, &[])).is_err());
    assert_eq!(lower(&function(int, &[class])).unwrap().len(), 1);
}

#[test]
fn kandr_parameters_are_lowered_promoted() {
    let f = Fixture::new();
    let float = f.base("float", Encoding::Float, 4);
    let char = f.base("char", Encoding::SignedChar, 1);
    let mut function = f.prototype(float, &[float, char]);
    function.prototyped = false;
    let interface = Interface::new(f.function_declaration(function));
    let mut cif = ffi_cif::default();
    // SAFETY: `cif` is a local; its two types are libffi's.
    let codes = unsafe {
        interface.prep_cif(&mut cif, DEFAULT).unwrap();
        [(*cif.rtype).type_, (**cif.arg_types).type_, (**cif.arg_types.add(1)).type_]
    };
    assert_eq!(codes, [ffi::FFI_TYPE_FLOAT, ffi::FFI_TYPE_DOUBLE, ffi::FFI_TYPE_SINT32]);
}

#[test]
fn a_cif_is_checked_and_its_verdict_remembered() {
    let interface = snprintf();
    let pointer = &raw mut ffi::ffi_type_pointer;
    let mut types =
        [pointer, &raw mut ffi::ffi_type_uint64, pointer, &raw mut ffi::ffi_type_sint32];
    let mut result = &raw mut ffi::ffi_type_sint32;
    let check = |result: *mut ffi_type, types: &mut [*mut ffi_type]| {
        let nargs = types.len() as u32;
        // SAFETY: libffi's own types.
        unsafe { interface.check_cif(DEFAULT, Some(3), nargs, result, types.as_ptr()) }.unwrap()
    };
    for _ in 0..2 {
        assert!(std::ptr::eq(&*check(result, &mut types), Report::MATCH));
    }
    types[1] = &raw mut ffi::ffi_type_sint32;
    let first = check(result, &mut types);
    assert_eq!(first.verdict(), Verdict::Mismatch);
    assert!(std::ptr::eq(&*first, &*check(result, &mut types)));
    types[1] = &raw mut ffi::ffi_type_uint64;
    result = &raw mut ffi::ffi_type_void;
    assert_eq!(check(result, &mut types).verdict(), Verdict::Match);
    types[3] = &raw mut ffi::ffi_type_float;
    assert_eq!(check(result, &mut types).findings()[0].rule.id(), "unpromoted-variadic-argument");
    // Too many to be remembered: judged on each call.
    let mut many = vec![&raw mut ffi::ffi_type_sint32; 300];
    assert_eq!(check(result, &mut many).verdict(), Verdict::Mismatch);
    // SAFETY: libffi's own types.
    let error = unsafe {
        interface.check_cif(DEFAULT, None, 1, result, [std::ptr::null_mut()].as_ptr()).unwrap_err()
    };
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn threads_share_an_interface() {
    let interface = snprintf();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for count in 1..20 {
                    let mut cif = ffi_cif::default();
                    let list = vec![&raw mut ffi::ffi_type_sint32; count];
                    // SAFETY: `cif` is a local, the types are libffi's and the cif's own.
                    let judgement = unsafe {
                        interface.prep_cif_var(&mut cif, DEFAULT, &list).unwrap();
                        interface
                            .check_cif(DEFAULT, Some(3), cif.nargs, cif.rtype, cif.arg_types)
                            .unwrap()
                    };
                    assert_eq!(judgement.verdict(), Verdict::Match);
                }
            });
        }
    });
}
