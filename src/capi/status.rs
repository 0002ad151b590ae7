//! A function returns a status, or NULL or FTC_NO_TYPE on failure. `ftc_last_error` and `ftc_last_error_message` say what
//! failed last in the calling thread. After a failure, pointers that a function returns through an argument are NULL.

use std::cell::Cell;
use std::ffi::{c_char, c_int, CStr};

use super::text::with_nul;
use crate::error::{Error, ErrorKind};

/// The result of a call: FTC_OK, or one of the negative FTC_ERR_... values. The values never change and are never
/// reused. A later version may add values.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_status {
    /// Success.
    FTC_OK = 0,
    /// A required argument is NULL.
    FTC_ERR_NULL = -1,
    /// An argument has a value that is not allowed.
    FTC_ERR_INVALID_ARGUMENT = -2,
    /// The library exports no such symbol.
    FTC_ERR_NO_SYMBOL = -3,
    /// No loaded library has this handle or address.
    FTC_ERR_NOT_LOADED = -4,
    /// A file could not be opened, read or mapped.
    FTC_ERR_IO = -5,
    /// The file is not an ELF file.
    FTC_ERR_NOT_ELF = -6,
    /// The ELF file is cut short or inconsistent.
    FTC_ERR_MALFORMED_ELF = -7,
    /// No debug information was found for the library.
    FTC_ERR_NO_DEBUG_INFO = -8,
    /// Nothing shows that the file on disk is the one that is mapped: the build-ids differ, or one is missing.
    FTC_ERR_BUILD_ID = -9,
    /// The debug files that were found belong to another build of the library.
    FTC_ERR_DEBUG_FILE_MISMATCH = -10,
    /// The debug information is malformed.
    FTC_ERR_MALFORMED_DWARF = -11,
    /// The debug information has no type for this symbol: it is written in assembly, or no unit declares it.
    FTC_ERR_NO_TYPE = -12,
    /// Several declarations with different types fit the symbol, and nothing decides which one is right.
    FTC_ERR_AMBIGUOUS = -13,
    /// libffi cannot pass a type of this declaration.
    FTC_ERR_UNSUPPORTED = -14,
    /// The input exceeds a limit on work or memory. No compiler makes such input.
    FTC_ERR_LIMIT = -15,
    /// A defect of libffitypecheck. The call ended without harm to the process.
    FTC_ERR_INTERNAL = -16,
    /// The process was forked while another thread was inside a call, and the fork could not wait for it any longer. All
    /// calls in this child process fail with this status.
    FTC_ERR_FORKED = -17,
    /// There is not enough memory. Memory whose size depends on a file is allocated in a way that can fail. Small
    /// allocations may use a reserve of 512 KiB. A call that may need more than what is left of it does not start.
    /// Programs that link the Rust crate have no such reserve.
    FTC_ERR_NO_MEMORY = -18,
}

/// The largest size of a message in bytes, including the NUL.
const MESSAGE: usize = 1024;

thread_local! {
    /// The type has no destructor. To register a destructor the C library needs memory, and it ends the process if
    /// there is none.
    static LAST_MESSAGE: Cell<[u8; MESSAGE]> = const { Cell::new([0; MESSAGE]) };
    static LAST_ERROR: Cell<ftc_status> = const { Cell::new(ftc_status::FTC_OK) };
}

/// A status that a caller passes. It may have any value, so it is not the enumeration that the header shows.
pub type ftc_status_passed = c_int;

/// The names of the statuses, from 0 down.
static NAMES: [&CStr; 19] = [
    c"FTC_OK",
    c"FTC_ERR_NULL",
    c"FTC_ERR_INVALID_ARGUMENT",
    c"FTC_ERR_NO_SYMBOL",
    c"FTC_ERR_NOT_LOADED",
    c"FTC_ERR_IO",
    c"FTC_ERR_NOT_ELF",
    c"FTC_ERR_MALFORMED_ELF",
    c"FTC_ERR_NO_DEBUG_INFO",
    c"FTC_ERR_BUILD_ID",
    c"FTC_ERR_DEBUG_FILE_MISMATCH",
    c"FTC_ERR_MALFORMED_DWARF",
    c"FTC_ERR_NO_TYPE",
    c"FTC_ERR_AMBIGUOUS",
    c"FTC_ERR_UNSUPPORTED",
    c"FTC_ERR_LIMIT",
    c"FTC_ERR_INTERNAL",
    c"FTC_ERR_FORKED",
    c"FTC_ERR_NO_MEMORY",
];

/// The status of each kind of error.
fn status_of(kind: ErrorKind) -> ftc_status {
    match kind {
        ErrorKind::Null => ftc_status::FTC_ERR_NULL,
        ErrorKind::InvalidArgument => ftc_status::FTC_ERR_INVALID_ARGUMENT,
        ErrorKind::NoSymbol => ftc_status::FTC_ERR_NO_SYMBOL,
        ErrorKind::NotLoaded => ftc_status::FTC_ERR_NOT_LOADED,
        ErrorKind::Io => ftc_status::FTC_ERR_IO,
        ErrorKind::NotElf => ftc_status::FTC_ERR_NOT_ELF,
        ErrorKind::MalformedElf => ftc_status::FTC_ERR_MALFORMED_ELF,
        ErrorKind::NoDebugInfo => ftc_status::FTC_ERR_NO_DEBUG_INFO,
        ErrorKind::BuildId => ftc_status::FTC_ERR_BUILD_ID,
        ErrorKind::DebugFileMismatch => ftc_status::FTC_ERR_DEBUG_FILE_MISMATCH,
        ErrorKind::MalformedDwarf => ftc_status::FTC_ERR_MALFORMED_DWARF,
        ErrorKind::NoType => ftc_status::FTC_ERR_NO_TYPE,
        ErrorKind::Ambiguous => ftc_status::FTC_ERR_AMBIGUOUS,
        ErrorKind::Unsupported => ftc_status::FTC_ERR_UNSUPPORTED,
        ErrorKind::Limit => ftc_status::FTC_ERR_LIMIT,
        ErrorKind::Internal => ftc_status::FTC_ERR_INTERNAL,
        ErrorKind::Forked => ftc_status::FTC_ERR_FORKED,
        ErrorKind::NoMemory => ftc_status::FTC_ERR_NO_MEMORY,
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

/// Remembers an error as this thread's last one, and returns its status.
pub(super) fn fail(error: &Error) -> ftc_status {
    let status = status_of(error.kind());
    remember(status, &format!("{error:#}"));
    status
}

/// Remembers the status and the message of this thread's last error. A message that is too long is cut.
pub(super) fn remember(status: ftc_status, message: &str) {
    let mut end = message.len().min(MESSAGE - 1);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let mut text = [0; MESSAGE];
    for (to, &from) in text.iter_mut().zip(message.as_bytes().iter().take(end)) {
        *to = if from == 0 { b' ' } else { from };
    }
    let _ = LAST_MESSAGE.try_with(|last| last.set(text));
    let _ = LAST_ERROR.try_with(|last| last.set(status));
}

/// Returns a general sentence about a status, in English, without a full stop. For a number that is not a status, the
/// sentence says so. The string is constant and must not be freed. Any thread may call this function.
#[no_mangle]
pub extern "C" fn ftc_strerror(status: ftc_status_passed) -> *const c_char {
    let mut known = ErrorKind::ALL.into_iter().zip(&SENTENCES);
    match known.find(|(kind, _)| status_of(*kind) as c_int == status) {
        None if status == ftc_status::FTC_OK as c_int => c"success".as_ptr(),
        None => c"no status of libffitypecheck".as_ptr(),
        Some((_, sentence)) => sentence.as_ptr().cast(),
    }
}

/// Returns the name of a status: `FTC_ERR_NO_TYPE`, or NULL for a number that is not a status. The string is constant
/// and must not be freed. Any thread may call this function.
#[no_mangle]
pub extern "C" fn ftc_status_name(status: ftc_status_passed) -> *const c_char {
    let number = usize::try_from(-i64::from(status)).ok();
    let name = number.and_then(|number| NAMES.get(number));
    name.map_or(std::ptr::null(), |name| name.as_ptr())
}

/// Returns the status of the last failed call of this thread, or FTC_OK if no call has failed. Successful calls do
/// not change it.
#[no_mangle]
pub extern "C" fn ftc_last_error() -> ftc_status {
    LAST_ERROR.try_with(Cell::get).unwrap_or(ftc_status::FTC_OK)
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
    use super::*;

    #[test]
    fn a_message_is_cut_between_characters() {
        let last = || {
            // SAFETY: a C string that is valid until the next failure on this thread.
            let text = unsafe { CStr::from_ptr(ftc_last_error_message()) };
            text.to_str().unwrap().to_owned()
        };
        assert_eq!(last(), "");
        let remember = |message: &str| remember(ftc_status::FTC_ERR_IO, message);
        remember("a\0b");
        assert_eq!(last(), "a b");
        remember(&"\u{e9}".repeat(600));
        assert_eq!(last(), "\u{e9}".repeat(511));
        remember("");
        assert_eq!((last(), ftc_last_error()), (String::new(), ftc_status::FTC_ERR_IO));
    }

    #[test]
    fn statuses_are_dense_and_negative() {
        for (index, kind) in ErrorKind::ALL.into_iter().enumerate() {
            let status = status_of(kind);
            assert_eq!(status as i32, -(index as i32) - 1);
            let text = |text: *const c_char| {
                // SAFETY: a C string that is always valid.
                unsafe { CStr::from_ptr(text) }.to_str().unwrap()
            };
            assert_eq!(text(ftc_strerror(status as i32)), kind.describe());
            assert_eq!(text(ftc_status_name(status as i32)), format!("{status:?}"));
        }
        for number in [1, -(NAMES.len() as i32), i32::MIN, i32::MAX] {
            assert!(ftc_status_name(number).is_null());
        }
    }
}
