//! Resolves a handle and a name to an address, as the dynamic loader does.

use std::ffi::{c_char, c_void, CStr, CString};
use std::os::unix::ffi::OsStrExt;

use super::loaded::{image_at, loaded_images, LoadedImage};
use super::lookup::{split_version, Exports};
use super::symbols::{Symbol, SymbolKind};
use crate::error::{Error, ErrorKind, Result};

/// The address of `name` (`name`, `name@VERSION` or `name@@VERSION`) in the scope of `handle`, and the image that
/// defines it. `handle` is one that `dlopen` returned, or NULL for the global scope. For an IFUNC symbol, the address
/// is that of the implementation that its resolver chose. For a thread-local variable, it is that of the calling
/// thread's copy. `@@` is treated as `@`: the loader finds a version whether it is the default or not.
///
/// It calls `dlsym` or `dlvsym`. It clears the thread's pending `dlerror` message, also one from an earlier failure:
/// a following `dlerror` of the caller returns NULL.
///
/// Errors: `InvalidArgument` (RTLD_NEXT, whose meaning depends on the caller), `NoSymbol`, `NotLoaded` (the address
/// lies in no image).
///
/// # Safety
/// `handle` must be NULL, or a handle that `dlopen` returned and that was not closed.
pub unsafe fn resolve(handle: *mut c_void, name: &CStr) -> Result<(usize, LoadedImage)> {
    refuse_next(handle)?;
    let address = if handle.is_null() {
        // Not RTLD_DEFAULT, which also searches the libraries with which this library itself was loaded.
        OpenImage::program()?.address_of(name)
    } else {
        // SAFETY: as the caller promises.
        unsafe { address_of(handle, name) }
    }?;
    match image_at(address) {
        Ok(image) => Ok((address, image)),
        // A thread-local variable is in no image; the image that defines it returns the same address.
        Err(error) => match thread_local_image(name, address) {
            Some(image) => Ok((address, image)),
            None => Err(error),
        },
    }
}

/// The image for which `dlopen` returned `handle`.
///
/// Errors: `InvalidArgument` (RTLD_NEXT), `NotLoaded` (the loader does not list the image here).
///
/// # Safety
/// `handle` must be one that `dlopen` returned and that was not closed.
pub unsafe fn image_of(handle: *mut c_void) -> Result<LoadedImage> {
    refuse_next(handle)?;
    let mut map: *mut LinkMap = std::ptr::null_mut();
    // SAFETY: the handle is valid; RTLD_DI_LINKMAP writes one pointer.
    let status = unsafe { libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) };
    if status != 0 {
        // SAFETY: clears the error that the call left pending on this thread.
        unsafe { libc::dlerror() };
    }
    // SAFETY: NULL, or a link map that is valid as long as the handle.
    let map = unsafe { map.as_ref() }.filter(|_| status == 0);
    let map = map.ok_or_else(|| Error::new(ErrorKind::NotLoaded, "no library has this handle"))?;
    image_at(map.dynamic as usize)
}

/// The first fields of the loader's `struct link_map` (glibc's <link.h>).
#[repr(C)]
struct LinkMap {
    bias: usize,
    name: *const c_char,
    /// The dynamic section, in memory.
    dynamic: *const c_void,
}

fn refuse_next(handle: *mut c_void) -> Result<()> {
    if handle != libc::RTLD_NEXT {
        return Ok(());
    }
    let message = "RTLD_NEXT means another library for each caller: pass the handle of a library";
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// The address that `dlsym` or `dlvsym` returns.
///
/// # Safety
/// `handle` must be one that `dlsym` accepts.
unsafe fn address_of(handle: *mut c_void, name: &CStr) -> Result<usize> {
    let text = name.to_string_lossy();
    let (bare, version) = split_version(&text);
    let c_string = |text: &str| CString::new(text).unwrap_or_default();
    // SAFETY: dlerror only returns and clears this thread's pending message.
    unsafe { libc::dlerror() };
    let address = match version {
        // SAFETY: the handle is valid, the name is a C string.
        None => unsafe { libc::dlsym(handle, name.as_ptr()) },
        Some(version) => {
            let (bare, version) = (c_string(bare), c_string(version));
            // SAFETY: the handle is valid, the names are C strings.
            unsafe { libc::dlvsym(handle, bare.as_ptr(), version.as_ptr()) }
        }
    };
    if !address.is_null() {
        return Ok(address as usize);
    }
    // SAFETY: dlerror returns NULL or a C string that is valid until the next call on this thread.
    let reason = unsafe { libc::dlerror() };
    let mut message = format!("the library exports no symbol '{text}'");
    if !reason.is_null() {
        // SAFETY: as above.
        let reason = unsafe { CStr::from_ptr(reason) };
        message = format!("{message} ({})", reason.to_string_lossy());
    }
    Err(Error::new(ErrorKind::NoSymbol, message))
}

fn thread_local_image(name: &CStr, address: usize) -> Option<LoadedImage> {
    let text = name.to_string_lossy();
    loaded_images().into_iter().find(|image| {
        let Ok(exports) = image.open_unchecked().and_then(|file| Exports::read(&file)) else {
            return false;
        };
        let defined = exports.find(&text).is_ok_and(|symbol| symbol.kind == SymbolKind::Tls);
        defined && OpenImage::new(image).is_some_and(|open| open.gives(name, address))
    })
}

/// The IFUNC symbol of `image`, whose exports are `exports`, that resolves to `address`. A pointer to such a function
/// (`strlen`) points to the implementation that the resolver chose, and no symbol is there. `None`: no IFUNC symbol
/// resolves to it. The resolvers are called, as by each `dlsym`.
pub fn ifunc_symbol_at<'a>(
    image: &LoadedImage,
    exports: &'a Exports,
    address: usize,
) -> Option<&'a Symbol> {
    let open = OpenImage::new(image)?;
    exports.symbols().iter().filter(|symbol| symbol.kind == SymbolKind::Ifunc).find(|symbol| {
        let name = match (&symbol.version, symbol.default_version) {
            (Some(version), false) => CString::new(format!("{}@{version}", symbol.name)),
            _ => CString::new(symbol.name.as_str()),
        };
        name.is_ok_and(|name| open.gives(&name, address))
    })
}

/// A handle of an image that is already loaded.
struct OpenImage(*mut c_void);

impl OpenImage {
    /// The program, whose scope is the global one.
    fn program() -> Result<OpenImage> {
        let missing = || Error::new(ErrorKind::NotLoaded, "the program has no handle");
        OpenImage::at(None).ok_or_else(missing)
    }

    fn new(image: &LoadedImage) -> Option<OpenImage> {
        let path = CString::new(image.path.as_os_str().as_bytes()).ok()?;
        OpenImage::at((!image.main_program).then_some(&path))
    }

    /// The handle of the image that was loaded from `path`; `None`: of the program.
    fn at(path: Option<&CString>) -> Option<OpenImage> {
        let path = path.map_or(std::ptr::null(), |path| path.as_ptr());
        // SAFETY: the path is NULL (the program) or a C string; RTLD_NOLOAD runs no code of the library.
        let handle = unsafe { libc::dlopen(path, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        if handle.is_null() {
            // SAFETY: clears the error that the call left pending on this thread.
            unsafe { libc::dlerror() };
            return None;
        }
        Some(OpenImage(handle))
    }

    fn address_of(&self, name: &CStr) -> Result<usize> {
        // SAFETY: the handle is open as long as `self` exists.
        unsafe { address_of(self.0, name) }
    }

    fn gives(&self, name: &CStr, address: usize) -> bool {
        self.address_of(name).is_ok_and(|found| found == address)
    }
}

impl Drop for OpenImage {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by `at` and is closed once.
        unsafe { libc::dlclose(self.0) };
    }
}
