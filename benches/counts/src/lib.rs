//! Questions about `deflateInit2_`, a function of 8 arguments, in the libz of the directory $ZLIB: in `full/` it has its debug
//! information, in `slim/` it is stripped and has slim type information.

use std::ffi::{c_void, CStr, CString};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::ptr::null;

use ffitypecheck::capi::{ffi_describe_symbol, ffi_prep_cif_checked, ftc_decl, ftc_decl_free};
use ffitypecheck::check::{check_declaration, ClaimedTypes, FunctionForm, Options, Verdict};
use ffitypecheck::ctype::{Declaration, Encoding, RecordClass};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::Library;
use libffi_sys as ffi;

const FUNCTION: &CStr = c"deflateInit2_";

pub fn libz(form: &str) -> PathBuf {
    Path::new(&std::env::var_os("ZLIB").expect("ZLIB is not set")).join(form).join("libz.so.1")
}

/// The handle of a libz that is loaded and of which the function was described before.
pub fn loaded(form: &str) -> *mut c_void {
    let path = CString::new(libz(form).into_os_string().into_encoded_bytes()).expect("a path");
    // SAFETY: a C string; libz has no constructors.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    assert!(!handle.is_null());
    free(describe(handle));
    handle
}

/// `ffi_describe_symbol`.
pub fn describe(handle: *mut c_void) -> *const ftc_decl {
    let mut declaration = null();
    // SAFETY: the handle is open.
    unsafe { ffi_describe_symbol(handle, FUNCTION.as_ptr(), &mut declaration) };
    assert!(!declaration.is_null());
    declaration
}

pub fn free(declaration: *const ftc_decl) {
    // SAFETY: it is freed once.
    unsafe { ftc_decl_free(declaration) };
}

/// What a caller gives to `ffi_prep_cif_checked`.
pub struct Call {
    cif: MaybeUninit<ffi::ffi_cif>,
    types: [*mut ffi::ffi_type; 8],
    declaration: *const ftc_decl,
}

impl Call {
    /// A call that was checked before.
    pub fn known(form: &str) -> Call {
        let (int, pointer) = (&raw mut ffi::ffi_type_sint32, &raw mut ffi::ffi_type_pointer);
        let types = [pointer, int, int, int, int, int, pointer, int];
        let mut call =
            Call { cif: MaybeUninit::uninit(), types, declaration: describe(loaded(form)) };
        call.check();
        call
    }

    /// `ffi_prep_cif_checked`, without a report.
    pub fn check(&mut self) {
        let Call { cif, types, declaration } = self;
        let abi = ffi::ffi_abi_FFI_DEFAULT_ABI;
        let result = &raw mut ffi::ffi_type_sint32;
        let none = std::ptr::null_mut();
        // SAFETY: there are 8 types; the declaration is not freed.
        let status = unsafe {
            ffi_prep_cif_checked(
                cif.as_mut_ptr(),
                abi,
                8,
                result,
                types.as_mut_ptr(),
                *declaration,
                none,
            )
        };
        assert_eq!(status, ffi::ffi_status_FFI_OK);
    }
}

/// What the first lookup of a process does: it opens the library and its debug information, and describes the function.
pub fn first_lookup(path: &Path) -> Declaration {
    let options = SearchOptions { type_cache: None, ..SearchOptions::from_environment() };
    let library = Library::open(path, &options).expect("the library opens");
    library.describe("deflateInit2_").expect("the function is described")
}

/// Makes a claim of the function with the 14 members of `z_stream`, and checks it.
pub fn claim(declaration: &Declaration) -> Verdict {
    let mut types = ClaimedTypes::new();
    let mut build = || {
        let int = types.base(Encoding::Signed, 4, false)?;
        let unsigned = types.base(Encoding::Unsigned, 4, false)?;
        let long = types.base(Encoding::Unsigned, 8, false)?;
        let char = types.base(Encoding::SignedChar, 1, false)?;
        let byte = types.base(Encoding::UnsignedChar, 1, false)?;
        let (text, bytes) = (types.pointer(char)?, types.pointer(byte)?);
        let any = types.any()?;
        let anything = types.pointer(any)?;
        let stream = types.record(RecordClass::Struct, Some("z_stream_s".into()))?;
        for (name, ty, offset) in [
            ("next_in", bytes, 0),
            ("avail_in", unsigned, 8),
            ("total_in", long, 16),
            ("next_out", bytes, 24),
            ("avail_out", unsigned, 32),
            ("total_out", long, 40),
            ("msg", text, 48),
            ("state", anything, 56),
            ("zalloc", anything, 64),
            ("zfree", anything, 72),
            ("opaque", anything, 80),
            ("data_type", int, 88),
            ("adler", long, 96),
            ("reserved", long, 104),
        ] {
            types.member(stream, Some(name.into()), ty, offset)?;
        }
        types.complete(stream, 112, None)?;
        let stream = types.pointer(stream)?;
        let parameters = [stream, int, int, int, int, int, text, int];
        types.function(int, &parameters, FunctionForm::Prototyped)
    };
    let function = build().expect("a claim that C allows");
    let claimed = types.claim(function).expect("a type of this claim");
    check_declaration(declaration, claimed, &Options::default()).verdict()
}
