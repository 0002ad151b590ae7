//! The version of the header, and of the library that is used at run time.

use std::ffi::{c_char, c_ulong};

/// The major version of this header.
pub const FTC_VERSION_MAJOR: u32 = 0;
/// The minor version of this header.
pub const FTC_VERSION_MINOR: u32 = 1;
/// The patch version of this header.
pub const FTC_VERSION_PATCH: u32 = 0;

/// The version of this header as a number, to compare with `ftc_get_version_number`: MAJOR * 10000 + MINOR * 100 +
/// PATCH.
pub const FTC_VERSION_NUMBER: u32 = 100;

/// Returns the version of the library at run time, `"MAJOR.MINOR.PATCH"`. The string is constant and must not be
/// freed.
#[no_mangle]
pub extern "C" fn ftc_get_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the version of the library at run time as a number, as FTC_VERSION_NUMBER is that of the header.
#[no_mangle]
pub extern "C" fn ftc_get_version_number() -> c_ulong {
    c_ulong::from(FTC_VERSION_NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_version_of_the_package() {
        let header = format!("{FTC_VERSION_MAJOR}.{FTC_VERSION_MINOR}.{FTC_VERSION_PATCH}");
        assert_eq!(header, env!("CARGO_PKG_VERSION"));
        let number = FTC_VERSION_MAJOR * 10_000 + FTC_VERSION_MINOR * 100 + FTC_VERSION_PATCH;
        assert_eq!(FTC_VERSION_NUMBER, number);
    }
}
