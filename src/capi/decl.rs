//! A declaration is what the library's debug information says of one function, variable or type. It is found by a
//! handle and a name, as `dlsym` finds the symbol, by an address, or in a file that is not loaded (`ftc_library`).

use std::ffi::{c_char, c_void, CString};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, OnceLock};

use super::types::{ftc_type_id, ftc_types, text};
use crate::ctype::{Declaration, DeclarationKind, Evidence, Name};
use crate::libffi::Interface;
use crate::spell;

/// The declaration of one function, variable or type. Opaque. `ffi_describe_symbol` and the other describe functions
/// make it; `ftc_decl_free` frees it. Any number of threads may use one at the same time. Strings and types that its
/// functions return are valid until it is freed.
pub struct ftc_decl {
    pub(super) interface: Interface,
    /// The address of what is declared, if it was found in this process.
    address: Option<usize>,
    library: CString,
    spelling: OnceLock<CString>,
    source: OnceLock<Option<(Name, u64)>>,
}

/// What is declared.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_declaration_kind {
    /// Nothing: the declaration is NULL.
    FTC_DECL_NONE = 0,
    /// A function.
    FTC_DECL_FUNCTION = 1,
    /// A variable. Thread-local variables are variables too.
    FTC_DECL_VARIABLE = 2,
    /// A type that was looked up by its name, not by a symbol.
    FTC_DECL_TYPE = 3,
}

/// How the declaration was found for the symbol.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_evidence {
    /// Not at all: the declaration is NULL.
    FTC_EVIDENCE_NONE = 0,
    /// The definition starts at the symbol's address.
    FTC_EVIDENCE_ADDRESS = 1,
    /// The definition has the symbol's name. It has no address of its own.
    FTC_EVIDENCE_NAME = 2,
    /// The symbol is an IFUNC. The type is the result type of its resolver function.
    FTC_EVIDENCE_RESOLVER = 3,
    /// The definition has no type, because it is written in assembly. The type is that of a declaration in a unit
    /// that uses the symbol.
    FTC_EVIDENCE_USE = 4,
}

impl ftc_decl {
    pub(super) fn new(declaration: Declaration, address: Option<usize>) -> ftc_decl {
        let library = declaration.library.as_os_str().as_bytes().to_vec();
        ftc_decl {
            address,
            library: CString::new(library).unwrap_or_default(),
            interface: Interface::new(declaration),
            spelling: OnceLock::new(),
            source: OnceLock::new(),
        }
    }

    fn declaration(&self) -> &Declaration {
        self.interface.declaration()
    }

    fn source(&self) -> Option<&(Name, u64)> {
        self.source.get_or_init(|| self.declaration().source()).as_ref()
    }
}

/// A view of a declaration that cannot fail, and `absent` for NULL or after a defect.
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed.
unsafe fn view<'a, T>(decl: *const ftc_decl, absent: T, look: impl FnOnce(&'a ftc_decl) -> T) -> T {
    // SAFETY: as the caller promises.
    let Some(decl) = (unsafe { decl.as_ref() }) else { return absent };
    super::guard::caught(|| Ok(look(decl))).unwrap_or(absent)
}

/// Frees a declaration. Cifs that were prepared from it must not be used afterwards. NULL is allowed and does
/// nothing.
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_free(decl: *const ftc_decl) {
    if !decl.is_null() {
        // SAFETY: it was made by Box::into_raw, and the caller gives it up.
        let owned = unsafe { Box::from_raw(decl.cast_mut()) };
        let _ = super::guard::caught(|| {
            drop(owned);
            Ok(())
        });
    }
}

/// Returns what is declared, or FTC_DECL_NONE for NULL.
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed. The same holds for all functions whose name starts with
/// `ftc_decl_`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_kind(decl: *const ftc_decl) -> ftc_declaration_kind {
    let kind = |decl: &ftc_decl| match decl.declaration().kind {
        DeclarationKind::Function => ftc_declaration_kind::FTC_DECL_FUNCTION,
        DeclarationKind::Variable => ftc_declaration_kind::FTC_DECL_VARIABLE,
        DeclarationKind::Type => ftc_declaration_kind::FTC_DECL_TYPE,
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, ftc_declaration_kind::FTC_DECL_NONE, kind) }
}

/// Returns how the declaration was found for the symbol, or FTC_EVIDENCE_NONE for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_evidence(decl: *const ftc_decl) -> ftc_evidence {
    let evidence = |decl: &ftc_decl| match decl.declaration().evidence {
        Evidence::Address => ftc_evidence::FTC_EVIDENCE_ADDRESS,
        Evidence::Name => ftc_evidence::FTC_EVIDENCE_NAME,
        Evidence::Resolver => ftc_evidence::FTC_EVIDENCE_RESOLVER,
        Evidence::Use => ftc_evidence::FTC_EVIDENCE_USE,
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, ftc_evidence::FTC_EVIDENCE_NONE, evidence) }
}

/// Returns the symbol's name without its version. For a type: its name in C as the caller gave it, with single
/// spaces. Returns NULL for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_symbol(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| text(Some(&decl.declaration().symbol))) }
}

/// Returns the symbol's version (`GLIBC_2.2.5`), or NULL if it has none.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_version(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| text(decl.declaration().version.as_ref())) }
}

/// Returns the name in the source code. It differs from the symbol's name for an alias: `printf` is defined as
/// `__printf`. Returns NULL for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_name(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| text(Some(&decl.declaration().name))) }
}

/// Returns the linkage name if it differs from the name (C++, Fortran, Rust; in C an `__asm__` label), otherwise
/// NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_linkage_name(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| text(decl.declaration().linkage_name.as_ref())) }
}

/// Returns the path of the library, or NULL for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_library(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| decl.library.as_ptr()) }
}

/// Returns the address of the function or variable, for `ffi_call` or to read it: what `dlsym` returned for
/// `ffi_describe_symbol`, or what was passed to `ftc_describe_address`. For a thread-local variable it is that of the
/// thread that described it. Returns NULL for a type, for a declaration from an `ftc_library`, and for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_address(decl: *const ftc_decl) -> *mut c_void {
    let address = |decl: &ftc_decl| {
        decl.address.map_or(std::ptr::null_mut(), std::ptr::with_exposed_provenance_mut)
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null_mut(), address) }
}

/// Returns the source file of the declaration as it was given to the compiler, or NULL if it is not known.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_source_file(decl: *const ftc_decl) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), |decl| text(decl.source().map(|(file, _)| file))) }
}

/// Returns the line of the declaration in its source file, from 1, or 0 if it is not known.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_source_line(decl: *const ftc_decl) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { view(decl, 0, |decl| decl.source().map_or(0, |&(_, line)| line)) }
}

/// Returns the declaration in C, without a semicolon: `void *memchr(const void *s, int c, size_t n)`, `typedef int
/// word`. For any other type: its name, `struct stat`. Returns NULL for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_spelling(decl: *const ftc_decl) -> *const c_char {
    let spell = |decl: &ftc_decl| {
        let spell = || CString::new(spell::declaration(decl.declaration())).unwrap_or_default();
        decl.spelling.get_or_init(spell).as_ptr()
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), spell) }
}

/// Returns the table that contains the declaration's types. The table belongs to the declaration. Returns NULL for
/// NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_types(decl: *const ftc_decl) -> *const ftc_types {
    let types = |decl: &ftc_decl| Arc::as_ptr(&decl.declaration().types).cast();
    // SAFETY: as the caller promises.
    unsafe { view(decl, std::ptr::null(), types) }
}

/// Returns the type of the function (its kind is FTC_TYPE_FUNCTION) or of the variable, or the type itself. It is a
/// number in `ftc_decl_types(decl)`. Returns 0, which is `void`, for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_type(decl: *const ftc_decl) -> ftc_type_id {
    // SAFETY: as the caller promises.
    unsafe { view(decl, 0, |decl| decl.declaration().ty.index()) }
}
