//! Statuses, and the last message of a thread.

use std::cell::Cell;
use std::ffi::c_char;

use super::text::with_nul;
use crate::error::{Error, ErrorKind};

/// The result of a call: FTC_OK, or one of the negative FTC_ERR_... values. The values never change and are never
/// reused. A later version may add values.
pub type ftc_status = i32;

/// Success.
pub const FTC_OK: ftc_status = 0;
/// A required argument is NULL.
pub const FTC_ERR_NULL: ftc_status = -1;
/// An argument has a value that is not allowed.
pub const FTC_ERR_INVALID_ARGUMENT: ftc_status = -2;
/// The library exports no such symbol.
pub const FTC_ERR_NO_SYMBOL: ftc_status = -3;
/// No loaded library has this handle or address.
pub const FTC_ERR_NOT_LOADED: ftc_status = -4;
/// A file could not be opened, read or mapped.
pub const FTC_ERR_IO: ftc_status = -5;
/// The file is not an ELF file.
pub const FTC_ERR_NOT_ELF: ftc_status = -6;
/// The ELF file is cut short or inconsistent.
pub const FTC_ERR_MALFORMED_ELF: ftc_status = -7;
/// No debug information was found for the library.
pub const FTC_ERR_NO_DEBUG_INFO: ftc_status = -8;
/// Nothing shows that the file on disk is the one that is mapped: the build-ids differ, or one is missing.
pub const FTC_ERR_BUILD_ID: ftc_status = -9;
/// The debug files that were found belong to another build of the library.
pub const FTC_ERR_DEBUG_FILE_MISMATCH: ftc_status = -10;
/// The debug information is malformed.
pub const FTC_ERR_MALFORMED_DWARF: ftc_status = -11;
/// The debug information has no type for this symbol: it is written in assembly, or no unit declares it.
pub const FTC_ERR_NO_TYPE: ftc_status = -12;
/// Several declarations with different types fit the symbol, and nothing decides which one is right.
pub const FTC_ERR_AMBIGUOUS: ftc_status = -13;
/// libffi cannot pass a type of this declaration.
pub const FTC_ERR_UNSUPPORTED: ftc_status = -14;
/// The input exceeds a limit on work or memory. No compiler makes such input.
pub const FTC_ERR_LIMIT: ftc_status = -15;
/// A defect of libffitypecheck. The call ended without harm to the process.
pub const FTC_ERR_INTERNAL: ftc_status = -16;
/// The process was forked while another thread was inside a call, and the fork could not wait for it any longer. All
/// calls in this child process fail with this status.
pub const FTC_ERR_FORKED: ftc_status = -17;
/// There is not enough memory. Memory whose size depends on a file is allocated in a way that can fail. Small
/// allocations may use a reserve of 512 KiB. A call that may need more than what is left of it does not start.
/// Programs that link the Rust crate have no such reserve.
pub const FTC_ERR_NO_MEMORY: ftc_status = -18;

/// The largest size of a message in bytes, including the NUL.
const MESSAGE: usize = 1024;

thread_local! {
    /// The type has no destructor. To register a destructor the C library needs memory, and it ends the process if
    /// there is none.
    static LAST_MESSAGE: Cell<[u8; MESSAGE]> = const { Cell::new([0; MESSAGE]) };
}

/// The status of each kind of error.
fn status_of(kind: ErrorKind) -> ftc_status {
    match kind {
        ErrorKind::Null => FTC_ERR_NULL,
        ErrorKind::InvalidArgument => FTC_ERR_INVALID_ARGUMENT,
        ErrorKind::NoSymbol => FTC_ERR_NO_SYMBOL,
        ErrorKind::NotLoaded => FTC_ERR_NOT_LOADED,
        ErrorKind::Io => FTC_ERR_IO,
        ErrorKind::NotElf => FTC_ERR_NOT_ELF,
        ErrorKind::MalformedElf => FTC_ERR_MALFORMED_ELF,
        ErrorKind::NoDebugInfo => FTC_ERR_NO_DEBUG_INFO,
        ErrorKind::BuildId => FTC_ERR_BUILD_ID,
        ErrorKind::DebugFileMismatch => FTC_ERR_DEBUG_FILE_MISMATCH,
        ErrorKind::MalformedDwarf => FTC_ERR_MALFORMED_DWARF,
        ErrorKind::NoType => FTC_ERR_NO_TYPE,
        ErrorKind::Ambiguous => FTC_ERR_AMBIGUOUS,
        ErrorKind::Unsupported => FTC_ERR_UNSUPPORTED,
        ErrorKind::Limit => FTC_ERR_LIMIT,
        ErrorKind::Internal => FTC_ERR_INTERNAL,
        ErrorKind::Forked => FTC_ERR_FORKED,
        ErrorKind::NoMemory => FTC_ERR_NO_MEMORY,
    }
}

/// The sentence for each kind of error, in the order of [`ErrorKind::ALL`].
// This is evaluated at compile time, so an index out of range or a text that is too long does not compile.
#[allow(clippy::indexing_slicing)]
static SENTENCES: [[u8; 72]; ErrorKind::ALL.len()] = {
    let mut sentences = [[0; 72]; ErrorKind::ALL.len()];
    let mut number = 0;
    while number < sentences.len() {
        sentences[number] = with_nul(ErrorKind::ALL[number].describe());
        number += 1;
    }
    sentences
};

/// Remembers an error for `ftc_last_error_message` and returns its status.
pub(super) fn fail(error: &Error) -> ftc_status {
    remember(&format!("{error:#}"));
    status_of(error.kind())
}

/// Makes a sentence this thread's last message. A sentence that is too long is cut.
pub(super) fn remember(message: &str) {
    let mut end = message.len().min(MESSAGE - 1);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let mut text = [0; MESSAGE];
    for (to, &from) in text.iter_mut().zip(message.as_bytes().iter().take(end)) {
        *to = if from == 0 { b' ' } else { from };
    }
    let _ = LAST_MESSAGE.try_with(|last| last.set(text));
}

/// Returns a general sentence about a status, in English, without a full stop. For a number that is not a status, the
/// sentence says so. The string is constant and must not be freed. Any thread may call this function.
#[no_mangle]
pub extern "C" fn ftc_strerror(status: ftc_status) -> *const c_char {
    let mut known = ErrorKind::ALL.into_iter().zip(&SENTENCES);
    match known.find(|(kind, _)| status_of(*kind) == status) {
        None if status == FTC_OK => c"success".as_ptr(),
        None => c"no status of libffitypecheck".as_ptr(),
        Some((_, sentence)) => sentence.as_ptr().cast(),
    }
}

/// Returns one sentence about the last failed call of this thread: which file, and where in the file. It is empty if
/// no call has failed. Successful calls do not change it. The string has at most 1023 bytes. It is valid until the
/// next call of this thread that fails, or until the thread ends.
#[no_mangle]
pub extern "C" fn ftc_last_error_message() -> *const c_char {
    LAST_MESSAGE.try_with(|last| last.as_ptr().cast_const().cast()).unwrap_or(c"".as_ptr())
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_message_is_cut_between_characters() {
        let last = || {
            // SAFETY: a C string that is valid until the next failure on this thread.
            let text = unsafe { CStr::from_ptr(ftc_last_error_message()) };
            text.to_str().unwrap().to_owned()
        };
        assert_eq!(last(), "");
        remember("a\0b");
        assert_eq!(last(), "a b");
        remember(&"\u{e9}".repeat(600));
        assert_eq!(last(), "\u{e9}".repeat(511));
        remember("");
        assert_eq!(last(), "");
    }

    #[test]
    fn statuses_are_dense_and_negative() {
        for (index, kind) in ErrorKind::ALL.into_iter().enumerate() {
            let status = status_of(kind);
            assert_eq!(status, -(index as i32) - 1);
            // SAFETY: a C string that is always valid.
            let text = unsafe { CStr::from_ptr(ftc_strerror(status)) };
            assert_eq!(text.to_str(), Ok(kind.describe()));
        }
    }
}
