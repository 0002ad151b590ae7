//! Every check makes a report: a verdict, and the findings that led to it. Each finding is one sentence for the author of
//! the call, with the number of its rule in docs/compatibility.md.

use std::ffi::{c_char, c_int, c_uint, CStr};
use std::sync::OnceLock;

use super::guard::{invalid, pointer, required};
use super::text::with_nul;
use super::types::text;
use crate::check::{Finding, Judgement, Position, Verdict, RULES};
use crate::error::Result;
use crate::memory::collect;

/// The result of a check. Opaque. `ftc_report_free` frees it. Any number of threads may use one at the same time. It
/// does not need the declaration or the claim any more.
pub struct ftc_report {
    judgement: Judgement,
    findings: OnceLock<Vec<ftc_finding>>,
}

// SAFETY: the pointers in the findings are to texts of the report and to constants, which are not written.
unsafe impl Send for ftc_report {}
// SAFETY: as above.
unsafe impl Sync for ftc_report {}

/// The report of a match. It is not freed.
static MATCH: ftc_report = ftc_report { judgement: Judgement::Match, findings: OnceLock::new() };

/// How two types compare. A greater value is graver.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_verdict {
    /// The types agree.
    FTC_MATCH = 0,
    /// The same bits are passed, but they have another meaning, or a value that is out of range is truncated.
    FTC_DIFFERS = 1,
    /// It cannot be decided, because one side is not known.
    FTC_UNVERIFIED = 2,
    /// Undefined bits are read, an argument is passed in another place, or memory is overwritten.
    FTC_MISMATCH = 3,
}

/// A verdict that a caller passes. It may have any value, so it is not the enumeration that the header shows.
pub type ftc_verdict_passed = c_uint;

/// What a finding is about.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_position {
    /// The call as a whole.
    FTC_POSITION_CALL = 0,
    /// The result.
    FTC_POSITION_RESULT = 1,
    /// An argument.
    FTC_POSITION_ARGUMENT = 2,
    /// A variable.
    FTC_POSITION_VARIABLE = 3,
    /// A type that is not part of a call.
    FTC_POSITION_TYPE = 4,
}

/// In `flags` of `ftc_finding`: the verdict is FTC_DIFFERS because it is not known who allocated the memory behind an
/// argument. If the caller did, it may be FTC_MISMATCH. `ftc_check_argument` decides that for one call.
pub const FTC_FINDING_AT_CALL: u32 = 0x4000;

/// One point in which the claim and the declaration do not agree or cannot be compared. It belongs to the report, with
/// its strings. Only the library allocates this struct, and a later version may add fields at its end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_finding {
    /// The verdict of this finding alone: FTC_DIFFERS, FTC_UNVERIFIED or FTC_MISMATCH.
    pub verdict: ftc_verdict,
    /// The number of the rule in the compatibility table, from 1.
    pub rule: u32,
    /// What it is about.
    pub position: ftc_position,
    /// The number of the argument, from 1; 0 for another position.
    pub argument: u32,
    /// If the finding is about a part of a value only: the first byte of that part, from 0.
    pub begin: u64,
    /// The byte after that part; 0 if the finding is about the whole value.
    pub end: u64,
    /// The rule's name for programs: `argument-too-narrow`. It never changes.
    pub rule_id: *const c_char,
    /// What the library declares: `'sqlite3 **' (pointer, 8 bytes)`.
    pub declared: *const c_char,
    /// What the caller claims: `int (4 bytes)`.
    pub claimed: *const c_char,
    /// The finding in one sentence, without a full stop.
    pub sentence: *const c_char,
    /// The part of the type at that position: `→ st_mtim.tv_nsec`. An arrow means that a pointer is followed. Empty
    /// for the whole type.
    pub path: *const c_char,
    /// The likely cause, as a sentence without a full stop, or NULL if it is not known.
    pub hint: *const c_char,
    /// For a finding about a record: the layouts of both sides in columns, in several lines. Otherwise NULL.
    pub layout: *const c_char,
    /// FTC_FINDING_AT_CALL or 0.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// A report as C has it.
pub(super) fn hand_out(judgement: Judgement) -> *const ftc_report {
    match judgement {
        Judgement::Match => &raw const MATCH,
        judgement => Box::into_raw(Box::new(ftc_report { judgement, findings: OnceLock::new() })),
    }
}

/// Frees a report. NULL is allowed and does nothing.
///
/// # Safety
/// `report` is NULL or a report that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_free(report: *const ftc_report) {
    if !report.is_null() && !std::ptr::eq(report, &raw const MATCH) {
        // SAFETY: it was made by Box::into_raw in `hand_out`, and the caller gives it up.
        drop(unsafe { Box::from_raw(report.cast_mut()) });
    }
}

/// Returns the verdict: that of the gravest finding, or FTC_MATCH if there are no findings. Returns FTC_UNVERIFIED
/// for NULL.
///
/// # Safety
/// `report` is NULL or a report that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_verdict(report: *const ftc_report) -> ftc_verdict {
    // SAFETY: as the caller promises.
    match unsafe { report.as_ref() } {
        Some(report) => verdict(report.judgement.verdict()),
        None => ftc_verdict::FTC_UNVERIFIED,
    }
}

/// Returns 1 if the claim passes: its verdict is not FTC_MISMATCH, and the options of the check accept it. Returns 0
/// otherwise, and for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_passes(report: *const ftc_report) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { report.as_ref() }.map_or(0, |report| c_int::from(report.judgement.passes()))
}

/// Returns 1 if a finding of the report has FTC_FINDING_AT_CALL. Then `ftc_check_argument` must be called for each call.
/// Returns 0 otherwise, and for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_at_call(report: *const ftc_report) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { report.as_ref() }.map_or(0, |report| c_int::from(report.judgement.at_call()))
}

/// Returns the number of findings, or 0 for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_count(report: *const ftc_report) -> usize {
    // SAFETY: as the caller promises.
    unsafe { report.as_ref() }.map_or(0, |report| report.judgement.findings().len())
}

/// Returns finding `index`, from 0. The gravest findings come first. It belongs to the report. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`index` past the end); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_finding(
    report: *const ftc_report,
    index: usize,
) -> *const ftc_finding {
    pointer(|| {
        // SAFETY: as the caller promises.
        let findings = unsafe { required(report, "report") }?.findings()?;
        let found = findings.get(index).map(std::ptr::from_ref);
        found.ok_or_else(|| {
            invalid(format!("the index {index} is past the end: there are {}", findings.len()))
        })
    })
}

impl ftc_report {
    fn findings(&self) -> Result<&[ftc_finding]> {
        if let Some(findings) = self.findings.get() {
            return Ok(findings);
        }
        let findings = collect(self.judgement.findings().iter().map(finding))?;
        Ok(self.findings.get_or_init(|| findings))
    }
}

fn finding(finding: &Finding) -> ftc_finding {
    let (position, argument) = match finding.position {
        Position::Call => (ftc_position::FTC_POSITION_CALL, 0),
        Position::Result => (ftc_position::FTC_POSITION_RESULT, 0),
        Position::Argument(number) => (ftc_position::FTC_POSITION_ARGUMENT, number as u32),
        Position::Variable => (ftc_position::FTC_POSITION_VARIABLE, 0),
        Position::Type => (ftc_position::FTC_POSITION_TYPE, 0),
    };
    ftc_finding {
        verdict: verdict(finding.verdict),
        rule: finding.rule.number(),
        position,
        argument,
        begin: finding.bytes.as_ref().map_or(0, |bytes| bytes.start),
        end: finding.bytes.as_ref().map_or(0, |bytes| bytes.end),
        rule_id: rule_texts(finding.rule.number())
            .map_or(std::ptr::null(), |(id, _)| id.as_ptr().cast()),
        declared: finding.declared.as_c_str().as_ptr(),
        claimed: finding.claimed.as_c_str().as_ptr(),
        sentence: finding.sentence.as_c_str().as_ptr(),
        path: finding.path.as_c_str().as_ptr(),
        hint: text(finding.hint.as_ref()),
        layout: text(finding.layout.as_ref()),
        flags: if finding.at_call { FTC_FINDING_AT_CALL } else { 0 },
        reserved: 0,
    }
}

/// Returns the source of rule `number`, from 1: the standard or psABI, its section, and what it says. Returns NULL if
/// there is no such rule. The string is constant and must not be freed.
#[no_mangle]
pub extern "C" fn ftc_rule_reason(number: u32) -> *const c_char {
    rule_texts(number).map_or(std::ptr::null(), |(_, reason)| reason.as_ptr().cast())
}

/// The id and the reason of rule `number`.
fn rule_texts(number: u32) -> Option<&'static ([u8; 32], [u8; 128])> {
    RULE_TEXTS.get(number.checked_sub(1)? as usize)
}

/// The id and the reason of each rule, in the order of the rows.
// This is evaluated at compile time, so an index out of range or a text that is too long does not compile.
#[allow(clippy::indexing_slicing)]
static RULE_TEXTS: [([u8; 32], [u8; 128]); RULES.len()] = {
    let mut texts = [([0; 32], [0; 128]); RULES.len()];
    let mut row = 0;
    while row < texts.len() {
        let (_, id, reason) = RULES[row];
        texts[row] = (with_nul(id), with_nul(reason));
        row += 1;
    }
    texts
};

/// Returns the name of a verdict: `MATCH`, `DIFFERS`, `UNVERIFIED` or `MISMATCH`, or NULL for another number. The
/// string is constant and must not be freed.
#[no_mangle]
pub extern "C" fn ftc_verdict_name(verdict: ftc_verdict_passed) -> *const c_char {
    const NAMES: [&CStr; 4] = [c"MATCH", c"DIFFERS", c"UNVERIFIED", c"MISMATCH"];
    NAMES.get(verdict as usize).map_or(std::ptr::null(), |name| name.as_ptr())
}

fn verdict(verdict: Verdict) -> ftc_verdict {
    match verdict {
        Verdict::Match => ftc_verdict::FTC_MATCH,
        Verdict::Differs => ftc_verdict::FTC_DIFFERS,
        Verdict::Unverified => ftc_verdict::FTC_UNVERIFIED,
        Verdict::Mismatch => ftc_verdict::FTC_MISMATCH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_texts() {
        for (rule, id, reason) in RULES {
            let texts = rule_texts(rule.number()).unwrap();
            assert_eq!(CStr::from_bytes_until_nul(&texts.0).unwrap().to_str(), Ok(id));
            assert_eq!(CStr::from_bytes_until_nul(&texts.1).unwrap().to_str(), Ok(reason));
        }
        assert!(ftc_rule_reason(0).is_null() && ftc_rule_reason(RULES.len() as u32 + 1).is_null());
    }
}
