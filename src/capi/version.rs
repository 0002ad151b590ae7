//! The version of the library.

use std::ffi::{c_char, c_ulong};

/// The major version of this header.
pub const FTC_VERSION_MAJOR: u32 = 0;
/// The minor version of this header.
pub const FTC_VERSION_MINOR: u32 = 1;
/// The patch version of this header.
pub const FTC_VERSION_PATCH: u32 = 0;

/// Returns the version of the library at run time, `"MAJOR.MINOR.PATCH"`. The string is constant and must not be
/// freed.
#[no_mangle]
pub extern "C" fn ftc_get_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the version of the library at run time as a number: MAJOR * 10000 + MINOR * 100 + PATCH.
#[no_mangle]
pub extern "C" fn ftc_get_version_number() -> c_ulong {
    c_ulong::from(FTC_VERSION_MAJOR * 10_000 + FTC_VERSION_MINOR * 100 + FTC_VERSION_PATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_version_of_the_package() {
        let header = format!("{FTC_VERSION_MAJOR}.{FTC_VERSION_MINOR}.{FTC_VERSION_PATCH}");
        assert_eq!(header, env!("CARGO_PKG_VERSION"));
    }
}
