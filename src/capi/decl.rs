//! Declarations of symbols.

use std::ffi::{c_char, CString};
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
    library: CString,
    spelling: OnceLock<CString>,
    source: OnceLock<Option<(Name, u64)>>,
}

/// A function.
pub const FTC_FUNCTION: u32 = 1;
/// A variable. Thread-local variables are variables too.
pub const FTC_VARIABLE: u32 = 2;
/// A type that was looked up by its name, not by a symbol.
pub const FTC_NAMED_TYPE: u32 = 3;

/// The definition starts at the symbol's address.
pub const FTC_EVIDENCE_ADDRESS: u32 = 1;
/// The definition has the symbol's name. It has no address of its own.
pub const FTC_EVIDENCE_NAME: u32 = 2;
/// The symbol is an IFUNC. The type is the result type of its resolver function.
pub const FTC_EVIDENCE_RESOLVER: u32 = 3;
/// The definition has no type, because it is written in assembly. The type is that of a declaration in a unit that
/// uses the symbol.
pub const FTC_EVIDENCE_USE: u32 = 4;

impl ftc_decl {
    pub(super) fn new(declaration: Declaration) -> ftc_decl {
        let library = declaration.library.as_os_str().as_bytes().to_vec();
        ftc_decl {
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

/// Returns FTC_FUNCTION, FTC_VARIABLE or FTC_NAMED_TYPE, or 0 for NULL.
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed. The same holds for all functions whose name starts with
/// `ftc_decl_`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_kind(decl: *const ftc_decl) -> u32 {
    let kind = |decl: &ftc_decl| match decl.declaration().kind {
        DeclarationKind::Function => FTC_FUNCTION,
        DeclarationKind::Variable => FTC_VARIABLE,
        DeclarationKind::Type => FTC_NAMED_TYPE,
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, 0, kind) }
}

/// Returns how the declaration was found for the symbol: one of FTC_EVIDENCE_..., or 0 for NULL.
///
/// # Safety
/// As `ftc_decl_kind`.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_evidence(decl: *const ftc_decl) -> u32 {
    let evidence = |decl: &ftc_decl| match decl.declaration().evidence {
        Evidence::Address => FTC_EVIDENCE_ADDRESS,
        Evidence::Name => FTC_EVIDENCE_NAME,
        Evidence::Resolver => FTC_EVIDENCE_RESOLVER,
        Evidence::Use => FTC_EVIDENCE_USE,
    };
    // SAFETY: as the caller promises.
    unsafe { view(decl, 0, evidence) }
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
