//! A library that is not loaded can be opened, its exports listed, and each of them described. It may be a
//! library for another machine.

use std::ffi::{c_char, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use super::decl::ftc_decl;
use super::describe::give;
use super::guard::{caught, clear, guard, invalid, place, pointer, required, required_text};
use super::named::give_type;
use super::status::ftc_status;
use super::types::text;
use crate::error::Result;
use crate::image::{Symbol, SymbolKind};
use crate::library::Library;
use crate::memory::collect;
use crate::process;

/// An ELF file with its debug information. Opaque. `ftc_library_open` makes it; `ftc_library_free` frees it. Any
/// number of threads may use one at the same time. Declarations that were made from it do not need it any more.
pub struct ftc_library {
    library: Library,
    exports: OnceLock<Exports>,
}

/// The exports as C sees them, with pointers to names that the library owns.
struct Exports(Vec<ftc_export>);

// SAFETY: the names are not written as long as the library exists, and this is a part of it.
unsafe impl Send for Exports {}
// SAFETY: as above.
unsafe impl Sync for Exports {}

/// What an exported symbol stands for.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_export_kind {
    /// The symbol has no type.
    FTC_EXPORT_UNTYPED = 0,
    /// A function.
    FTC_EXPORT_FUNCTION = 1,
    /// A function whose implementation is chosen when the library is loaded (IFUNC).
    FTC_EXPORT_IFUNC = 2,
    /// A variable.
    FTC_EXPORT_VARIABLE = 3,
    /// A thread-local variable.
    FTC_EXPORT_THREAD_LOCAL = 4,
}

/// In `flags` of `ftc_export`: the name without a version means this symbol.
pub const FTC_EXPORT_DEFAULT: u32 = 0x10000;
/// In `flags` of `ftc_export`: the symbol is weak.
pub const FTC_EXPORT_WEAK: u32 = 0x20000;

/// One exported function or variable. Only the library allocates this struct, and a later version may add fields at
/// its end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_export {
    /// The name, without a version.
    pub name: *const c_char,
    /// The version (`GLIBC_2.2.5`), or NULL if it has none.
    pub version: *const c_char,
    /// The address as in the file, before the library is loaded somewhere. For a thread-local variable, the offset in
    /// the library's thread-local memory.
    pub value: u64,
    /// The size in bytes that the symbol table states, or 0.
    pub size: u64,
    /// What the symbol stands for.
    pub kind: ftc_export_kind,
    /// FTC_EXPORT_DEFAULT, FTC_EXPORT_WEAK.
    pub flags: u32,
}

/// Opens the ELF file at `path` and finds its debug information. The file need not be loaded. `ftc_set_debug_path`
/// says where debug information is searched.
///
/// On success `*library_out` is a library, which the caller frees with `ftc_library_free`. On failure it is NULL. Any
/// thread may call this function.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_IO, FTC_ERR_NOT_ELF, FTC_ERR_MALFORMED_ELF (the file itself); FTC_ERR_NO_DEBUG_INFO;
/// FTC_ERR_DEBUG_FILE_MISMATCH; FTC_ERR_MALFORMED_DWARF.
///
/// # Safety
/// `path` is NULL or a C string; `library_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_open(
    path: *const c_char,
    library_out: *mut *mut ftc_library,
) -> ftc_status {
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { clear(library_out.cast::<*const ftc_library>()) };
    guard(|| {
        let library_out = place(library_out, "library_out")?;
        // SAFETY: NULL or a C string, as the caller promises.
        let path = unsafe { required_text(path, "path") }?;
        let path = Path::new(OsStr::from_bytes(path.to_bytes()));
        let library = Library::open(path, &process::search_options())?;
        let library = Box::new(ftc_library { library, exports: OnceLock::new() });
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { library_out.write(Box::into_raw(library)) };
        Ok(())
    })
}

/// Frees a library. Declarations that were made from it stay valid; exports do not. NULL is allowed and does nothing.
///
/// # Safety
/// `library` is NULL or a library that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_free(library: *mut ftc_library) {
    if !library.is_null() {
        // SAFETY: it was made by Box::into_raw, and the caller gives it up.
        let owned = unsafe { Box::from_raw(library) };
        let _ = caught(|| {
            drop(owned);
            Ok(())
        });
    }
}

impl ftc_library {
    fn exports(&self) -> Result<&[ftc_export]> {
        let exports = match self.exports.get() {
            Some(exports) => exports,
            None => {
                let exports = collect(self.library.exports()?.iter().map(export))?;
                self.exports.get_or_init(|| Exports(exports))
            }
        };
        Ok(&exports.0)
    }
}

fn export(symbol: &Symbol) -> ftc_export {
    let default = if symbol.default_version { FTC_EXPORT_DEFAULT } else { 0 };
    let weak = if symbol.weak { FTC_EXPORT_WEAK } else { 0 };
    ftc_export {
        name: text(Some(&symbol.name)),
        version: text(symbol.version.as_ref()),
        value: symbol.value,
        size: symbol.size,
        kind: match symbol.kind {
            SymbolKind::Function => ftc_export_kind::FTC_EXPORT_FUNCTION,
            SymbolKind::Ifunc => ftc_export_kind::FTC_EXPORT_IFUNC,
            SymbolKind::Object => ftc_export_kind::FTC_EXPORT_VARIABLE,
            SymbolKind::Tls => ftc_export_kind::FTC_EXPORT_THREAD_LOCAL,
            SymbolKind::Untyped => ftc_export_kind::FTC_EXPORT_UNTYPED,
        },
        flags: default | weak,
    }
}

/// Returns the number of exports, or 0 on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_IO, FTC_ERR_MALFORMED_ELF (the symbol table); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `library` is NULL or a library that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_export_count(library: *const ftc_library) -> usize {
    let mut count = 0;
    guard(|| {
        // SAFETY: as the caller promises.
        count = unsafe { required(library, "library") }?.exports()?.len();
        Ok(())
    });
    count
}

/// Returns export `index`, from 0, in the order of the symbol table. It belongs to the library. Returns NULL on
/// failure.
///
/// Errors: those of `ftc_library_export_count`; FTC_ERR_INVALID_ARGUMENT (`index` past the end).
///
/// # Safety
/// `library` is NULL or a library that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_export(
    library: *const ftc_library,
    index: usize,
) -> *const ftc_export {
    pointer(|| {
        // SAFETY: as the caller promises.
        let exports = unsafe { required(library, "library") }?.exports()?;
        let found = exports.get(index).map(std::ptr::from_ref);
        found.ok_or_else(|| {
            let count = exports.len();
            invalid(format!("the index {index} is past the end: there are {count} exports"))
        })
    })
}

/// Describes the export `name` (`"printf"`, `"realpath@GLIBC_2.2.5"`).
///
/// On success `*decl_out` is a declaration, which the caller frees with `ftc_decl_free`. On failure it is NULL. Any
/// thread may call this function.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_NO_SYMBOL; FTC_ERR_NO_TYPE; FTC_ERR_AMBIGUOUS; FTC_ERR_IO (a file was written to);
/// FTC_ERR_MALFORMED_ELF; FTC_ERR_MALFORMED_DWARF.
///
/// # Safety
/// `library` is NULL or a library that was not freed; `name` is NULL or a C string; `decl_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_describe(
    library: *const ftc_library,
    name: *const c_char,
    decl_out: *mut *const ftc_decl,
) -> ftc_status {
    let describe = || {
        // SAFETY: as the caller promises.
        let (library, name) =
            unsafe { (required(library, "library")?, required_text(name, "name")?) };
        Ok((library.library.describe(&name.to_string_lossy())?, None))
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give(decl_out, describe) }
}

/// Describes a type of the library by its name in C. Names, `index`, `*count_out` and the declaration are those of
/// `ftc_describe_type`.
///
/// Errors: those of `ftc_describe_type`, without FTC_ERR_NOT_LOADED and FTC_ERR_BUILD_ID.
///
/// # Safety
/// `library` is NULL or a library that was not freed; `c_name` is NULL or a C string; `decl_out` and `count_out` are
/// NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_library_describe_type(
    library: *const ftc_library,
    c_name: *const c_char,
    index: usize,
    decl_out: *mut *const ftc_decl,
    count_out: *mut usize,
) -> ftc_status {
    let describe = || {
        // SAFETY: as the caller promises.
        let (library, name) =
            unsafe { (required(library, "library")?, required_text(c_name, "c_name")?) };
        library.library.describe_type(&name.to_string_lossy())
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give_type(index, decl_out, count_out, describe) }
}
