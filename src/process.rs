//! Declarations of symbols that are loaded in this process, by handle and name or by address.

use std::collections::VecDeque;
use std::ffi::{c_void, CStr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cache;
use crate::ctype::Declaration;
use crate::error::{Error, ErrorKind, Result};
use crate::image::{
    ifunc_symbol_at, image_at, image_of, loaded_images, resolve, LoadedImage, SearchOptions,
    SymbolKind,
};
use crate::library::Library;
use crate::slim::{self, encode, side_file};

/// The number of libraries that are remembered, including those without debug information.
const REMEMBERED: usize = 64;

/// The types of a library are cached only if its files with debug information have at most this size in bytes. A
/// process that asked for one function should not have to read more: for OpenSSL's libcrypto (15 MB), reading all of
/// it takes a fifth of a second and 90 MB.
const LARGEST_KEPT: u64 = 32 << 20;

static OPTIONS: Mutex<Option<SearchOptions>> = Mutex::new(None);
static LIBRARIES: Mutex<VecDeque<Remembered>> = Mutex::new(VecDeque::new());

/// A library that was opened, or the error if it could not be. The build-id says which build of it was mapped.
#[derive(Clone)]
struct Remembered {
    image: LoadedImage,
    library: Result<Arc<Library>>,
    /// Whether its types were put into the user's cache, or that was tried.
    kept: Arc<AtomicBool>,
}

/// The declaration of the symbol `name` (`name` or `name@VERSION`) in the scope of `handle`, which is one that
/// `dlopen` returned, or NULL for the global scope. It is that of the definition that the loader would use: of an
/// interposed symbol, the definition that replaces the others; of a variable that the program copied, the definition
/// in the library that it was copied from.
///
/// The library stays open for later calls. Up to 64 libraries do; see [`forget_libraries`].
///
/// Errors: `InvalidArgument` (RTLD_NEXT), `NoSymbol`, `NotLoaded`, `BuildId` (the file is not the one that is
/// mapped), and those of [`Library::open`] and [`Library::describe_export`].
///
/// # Safety
/// `handle` is NULL or a handle that `dlopen` returned and that was not closed.
pub unsafe fn describe_symbol(handle: *mut c_void, name: &CStr) -> Result<Declaration> {
    // SAFETY: as the caller promises.
    Ok(unsafe { find_symbol(handle, name) }?.0)
}

/// As [`describe_symbol`], with the address of what is declared.
///
/// # Safety
/// As for [`describe_symbol`].
pub(crate) unsafe fn find_symbol(handle: *mut c_void, name: &CStr) -> Result<(Declaration, usize)> {
    // SAFETY: as the caller promises.
    let (address, image) = unsafe { resolve(handle, name) }?;
    let text = name.to_string_lossy();
    let mut declaration = describe_in(&image, address, &text);
    if let Err(error) = &declaration {
        if image.main_program && error.kind() != ErrorKind::Ambiguous {
            declaration = copied_from(&text, &image).unwrap_or(declaration);
        }
    }
    Ok((declaration?, address))
}

/// The declaration of the function or variable that begins at `address`, exported or not. For an IFUNC, `address` is
/// that of the implementation that its resolver chose.
///
/// Errors: `NotLoaded`, `NoType` (also for an address inside a function or variable), and those of
/// [`describe_symbol`].
pub fn describe_address(address: usize) -> Result<Declaration> {
    let image = image_at(address)?;
    let library = library_of(&image)?;
    let declaration = library.describe_address((address as u64).wrapping_sub(image.bias));
    match &declaration {
        Err(error) if error.kind() == ErrorKind::NoType => {
            match ifunc_symbol_at(&image, library.export_table()?, address) {
                Some(symbol) => library.describe_export(symbol),
                None => declaration,
            }
        }
        _ => declaration,
    }
}

/// The definitions of a type by its name in C, see [`Library::describe_type`], in the library of `handle`, which is
/// one that `dlopen` returned. With NULL, the libraries of the process are searched in the order in which they were
/// loaded. The result is from the first one that defines the type, or else from the first one that declares it.
/// Libraries that cannot be used are skipped.
///
/// Errors: `InvalidArgument` (RTLD_NEXT; not a plain name), `NotLoaded`, `BuildId`, `NoType`, `NoDebugInfo` (for
/// NULL: no library of the process has any), and those of [`Library::open`] and [`Library::describe_type`].
///
/// # Safety
/// `handle` is NULL or a handle that `dlopen` returned and that was not closed.
pub unsafe fn describe_type(handle: *mut c_void, name: &str) -> Result<Vec<Declaration>> {
    if !handle.is_null() {
        // SAFETY: as the caller promises.
        return library_of(&unsafe { image_of(handle) }?)?.describe_type(name);
    }
    let mut declared = None;
    let mut failure: Option<Error> = None;
    for image in loaded_images() {
        let Ok(library) = library_of(&image) else { continue };
        match library.describe_type(name) {
            Ok(found) if found.iter().any(Declaration::is_complete) => return Ok(found),
            Ok(found) => {
                declared.get_or_insert(found);
            }
            Err(error) if error.kind() == ErrorKind::InvalidArgument => return Err(error),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    if let Some(found) = declared {
        return Ok(found);
    }
    Err(match failure {
        Some(error) if error.kind() == ErrorKind::NoType => {
            let message = format!("no library of this process defines '{name}'");
            Error::new(ErrorKind::NoType, message)
        }
        Some(error) => error,
        None => {
            let message = "no library of this process has debug information that can be used";
            Error::new(ErrorKind::NoDebugInfo, message)
        }
    })
}

/// Sets where debug information is searched from now on, instead of where the environment says. Forgets all
/// libraries.
pub fn set_search_options(options: SearchOptions) {
    *OPTIONS.lock().unwrap_or_else(PoisonError::into_inner) = Some(options);
    forget_libraries();
}

/// Where debug information is searched: what was set, or else what the environment says.
pub fn search_options() -> SearchOptions {
    let options = OPTIONS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    options.unwrap_or_else(SearchOptions::from_environment)
}

/// Closes every library that is kept open for later calls, and forgets which ones have no debug information.
/// Declarations stay valid, because each keeps what it needs.
pub fn forget_libraries() {
    let libraries = std::mem::take(&mut *LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner));
    drop(libraries);
}

/// The definition of `name` at `address` in an image.
fn describe_in(image: &LoadedImage, address: usize, name: &str) -> Result<Declaration> {
    let remembered = remembered(image);
    let library = remembered.library?;
    let declaration = describe_of(&library, image, address, name);
    if declaration.is_ok() && !remembered.kept.swap(true, Ordering::Relaxed) {
        keep(&library);
    }
    declaration
}

/// Puts the types of a library into the cache that its options name, unless they came from slim type information. A
/// failure is ignored: the next process then finds the types where this one did.
fn keep(library: &Library) {
    let files = library.files();
    let Some(directory) = &library.options().type_cache else { return };
    let Some(build_id) = files.library.build_id() else { return };
    let supplementary = files.supplementary.as_ref().map_or(0, |file| file.size());
    if files.slim.is_some() || files.main().size().saturating_add(supplementary) > LARGEST_KEPT {
        return;
    }
    let kept = slim::Options { sources: true, ..slim::Options::default() };
    let Ok(slim) = encode(library, &kept) else { return };
    if slim.described == 0 {
        return;
    }
    if let Ok(file) = side_file(files.library.data(), build_id, &slim.note()) {
        let _ = cache::store(directory, build_id, &file);
    }
}

fn describe_of(
    library: &Library,
    image: &LoadedImage,
    address: usize,
    name: &str,
) -> Result<Declaration> {
    let value = (address as u64).wrapping_sub(image.bias);
    let bare = name.split('@').next().unwrap_or(name);
    if let Ok(symbol) = library.export(name) {
        // The address of an IFUNC or of a thread-local variable is not the symbol's value.
        let elsewhere = matches!(symbol.kind, SymbolKind::Ifunc | SymbolKind::Tls);
        if elsewhere || symbol.value == value {
            return library.describe_export(&symbol);
        }
    }
    let named = library.export_table()?.by_address(value).find(|symbol| symbol.name == *bare);
    match named {
        Some(symbol) => library.describe_export(symbol),
        None => library.describe_address(value),
    }
}

/// Describes a variable that the program copied from a library (R_*_COPY). A program that was linked without `-fPIC`
/// has such copies, without their types.
fn copied_from(name: &str, program: &LoadedImage) -> Option<Result<Declaration>> {
    let defines = |image: &LoadedImage| {
        let library = library_of(image).ok()?;
        let symbol = library.export(name).ok()?;
        if symbol.kind != SymbolKind::Object {
            return None;
        }
        Some(library.describe_export(&symbol))
    };
    loaded_images().iter().filter(|image| image.path != program.path).find_map(defines)
}

/// The library of an image, opened or remembered.
fn library_of(image: &LoadedImage) -> Result<Arc<Library>> {
    remembered(image).library
}

fn remembered(image: &LoadedImage) -> Remembered {
    let same = |remembered: &&Remembered| {
        let other = &remembered.image;
        other.build_id == image.build_id && other.path == image.path
    };
    let table = || LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = table().iter().find(same).cloned();
    if let Some(known) = known {
        if !known.library.as_ref().is_ok_and(|library| library.is_outdated()) {
            return known;
        }
        // Open the library again. That compares the build-ids again.
        let mut libraries = table();
        let place = libraries.iter().position(|other| same(&other));
        let outdated = place.and_then(|place| libraries.remove(place));
        drop(libraries);
        drop(outdated);
    }
    let options = search_options();
    // Do not hold the lock here. Two threads that want the same library at the same time both open it, but no thread
    // ever waits for a file.
    let library = image.open().and_then(|file| Library::from_file(Arc::new(file), &options));
    let opened =
        Remembered { image: image.clone(), library: library.map(Arc::new), kept: Arc::default() };
    if opened.library.as_ref().is_err_and(|error| error.kind() == ErrorKind::NoMemory) {
        return opened;
    }
    let mut libraries = table();
    let oldest = if libraries.len() < REMEMBERED { None } else { libraries.pop_front() };
    libraries.push_back(opened.clone());
    drop(libraries);
    drop(oldest);
    opened
}
