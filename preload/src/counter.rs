//! The places of the counters of a run. They are 64-bit numbers of this machine's byte order in one file, which all
//! processes of the run map. So they survive a process that crashes. The command `ffitypecheck` contains this file too.

/// The number of counters in the file.
pub const TOTAL: usize = 4096;
/// The calls, as several sums 128 bytes apart, because threads that write to the same cache line slow each other down.
pub const CALLS: [usize; 8] = [0, 16, 32, 48, 64, 80, 96, 112];
/// Where the calls with each finding begin. A finding has a number, which its record states too.
pub const FINDING_CALLS: usize = 256;
/// The largest number of findings with a counter of their own.
pub const FINDINGS: usize = TOTAL - FINDING_CALLS;

/// What else is counted. The value is the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Processes that loaded the library and are checked.
    Processes = 128,
    /// Closures that were prepared.
    Closures,
    /// Pairs of a function and a cif with the verdict MATCH.
    Match,
    /// The same with DIFFERS.
    Differs,
    /// The same with UNVERIFIED.
    Unverified,
    /// The same with MISMATCH.
    Mismatch,
    /// The number of findings that have a number.
    Findings,
    /// Calls of code that lies in no library: closures, and code that was generated at run time.
    Generated,
    /// Calls of a new pair that were not judged: from a signal handler.
    InSignalHandler,
    /// The same: another thread was judging for too long.
    Waited,
    /// The same: the call came from inside a judgement.
    Reentered,
    /// The same: the table of pairs is full.
    TableFull,
    /// The same: the cif has NULL where libffi needs a type, or is too large.
    Unreadable,
    /// The same: a defect of this library.
    Failed,
}
