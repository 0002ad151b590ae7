//! Reports on claims.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use super::guard::{guard, invalid, required, write_sized};
use super::status::ftc_status;
use super::text::with_nul;
use super::types::text;
use crate::check::{Judgement, Position, Report, RULES};

/// The result of a check. Opaque. `ftc_report_free` frees it. Any number of threads may use one at the same time. It
/// does not need the declaration or the claim any more.
pub struct ftc_report {
    _private: [u8; 0],
}

/// How two types compare.
pub type ftc_verdict = u32;

/// The types agree.
pub const FTC_MATCH: ftc_verdict = 0;
/// The same bits are passed, but they have another meaning, or a value that is out of range is truncated.
pub const FTC_DIFFERS: ftc_verdict = 1;
/// It cannot be decided, because one side is not known.
pub const FTC_UNVERIFIED: ftc_verdict = 2;
/// Undefined bits are read, an argument is passed in another place, or memory is overwritten.
pub const FTC_MISMATCH: ftc_verdict = 3;

/// The finding is about the call as a whole.
pub const FTC_POSITION_CALL: u32 = 0;
/// The finding is about the result.
pub const FTC_POSITION_RESULT: u32 = 1;
/// The finding is about an argument.
pub const FTC_POSITION_ARGUMENT: u32 = 2;
/// The finding is about a variable.
pub const FTC_POSITION_VARIABLE: u32 = 3;
/// The finding is about a type that is not part of a call.
pub const FTC_POSITION_TYPE: u32 = 4;

/// In `flags` of `ftc_finding`: the verdict is FTC_DIFFERS because it is not known who allocated the memory behind an
/// argument. If the caller did, it may be FTC_MISMATCH. `ftc_check_argument` decides that for one call.
pub const FTC_AT_CALL: u32 = 1;

/// One point in which the claim and the declaration do not agree or cannot be compared. The caller sets `type_size`;
/// the function writes the other fields. Strings are valid as long as the report; `rule_id` is constant.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_finding {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// The verdict of this finding alone: FTC_DIFFERS, FTC_UNVERIFIED or FTC_MISMATCH.
    pub verdict: ftc_verdict,
    /// The number of the rule in the compatibility table, from 1.
    pub rule: u32,
    /// One of FTC_POSITION_...
    pub position: u32,
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
    /// FTC_AT_CALL or 0.
    pub flags: u32,
    /// 0.
    pub reserved_flags: u32,
}

/// A report as C holds it: a share of it, or for a match the constant.
pub(super) fn hand_out(judgement: Judgement) -> *const ftc_report {
    match judgement {
        Judgement::Match => std::ptr::from_ref(Report::MATCH).cast(),
        Judgement::Report(report) => Arc::into_raw(report).cast(),
    }
}

/// Frees a report. NULL is allowed and does nothing.
///
/// # Safety
/// `report` is NULL or a report that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_free(report: *const ftc_report) {
    let report = report.cast::<Report>();
    if !report.is_null() && !std::ptr::eq(report, Report::MATCH) {
        // SAFETY: it was made by Arc::into_raw in `hand_out`, and the caller gives up its reference.
        drop(unsafe { Arc::from_raw(report) });
    }
}

/// Returns the verdict: that of the gravest finding, or FTC_MATCH if there are no findings. Returns FTC_UNVERIFIED
/// for NULL.
///
/// # Safety
/// `report` is NULL or a report that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_verdict(report: *const ftc_report) -> ftc_verdict {
    // SAFETY: as the caller promises; an ftc_report is a Report.
    match unsafe { report.cast::<Report>().as_ref() } {
        Some(report) => verdict(report.verdict()),
        None => FTC_UNVERIFIED,
    }
}

/// Returns 1 if the claim passes: its verdict is not FTC_MISMATCH, and the options of the check accept it. Returns 0
/// otherwise, and for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_passes(report: *const ftc_report) -> c_int {
    // SAFETY: as the caller promises; an ftc_report is a Report.
    unsafe { report.cast::<Report>().as_ref() }.map_or(0, |report| c_int::from(report.passes()))
}

/// Returns 1 if a finding of the report has FTC_AT_CALL. Then `ftc_check_argument` must be called for each call.
/// Returns 0 otherwise, and for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_at_call(report: *const ftc_report) -> c_int {
    // SAFETY: as the caller promises; an ftc_report is a Report.
    unsafe { report.cast::<Report>().as_ref() }.map_or(0, |report| c_int::from(report.at_call()))
}

/// Returns the number of findings, or 0 for NULL.
///
/// # Safety
/// As `ftc_report_verdict`.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_count(report: *const ftc_report) -> usize {
    // SAFETY: as the caller promises; an ftc_report is a Report.
    unsafe { report.cast::<Report>().as_ref() }.map_or(0, |report| report.findings().len())
}

/// Writes finding `index`, from 0, to `*out`. The gravest findings come first.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`index` past the end, `type_size`).
///
/// # Safety
/// As `ftc_report_verdict`; `out` is NULL or writable, with `type_size` set.
#[no_mangle]
pub unsafe extern "C" fn ftc_report_finding(
    report: *const ftc_report,
    index: usize,
    out: *mut ftc_finding,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises; an ftc_report is a Report.
        let findings = unsafe { required(report.cast::<Report>(), "report") }?.findings();
        let finding = findings.get(index).ok_or_else(|| {
            let message =
                format!("the index {index} is past the end: there are {}", findings.len());
            invalid(message)
        })?;
        let (position, argument) = match finding.position {
            Position::Call => (FTC_POSITION_CALL, 0),
            Position::Result => (FTC_POSITION_RESULT, 0),
            Position::Argument(number) => (FTC_POSITION_ARGUMENT, number as u32),
            Position::Variable => (FTC_POSITION_VARIABLE, 0),
            Position::Type => (FTC_POSITION_TYPE, 0),
        };
        let value = ftc_finding {
            type_size: 0,
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
            flags: if finding.at_call { FTC_AT_CALL } else { 0 },
            reserved_flags: 0,
        };
        // SAFETY: as the caller promises; an ftc_finding has no padding.
        unsafe { write_sized(out, &value, size_of::<ftc_finding>()) }
    })
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
pub extern "C" fn ftc_verdict_name(verdict: ftc_verdict) -> *const c_char {
    match verdict {
        FTC_MATCH => c"MATCH".as_ptr(),
        FTC_DIFFERS => c"DIFFERS".as_ptr(),
        FTC_UNVERIFIED => c"UNVERIFIED".as_ptr(),
        FTC_MISMATCH => c"MISMATCH".as_ptr(),
        _ => std::ptr::null(),
    }
}

fn verdict(verdict: crate::check::Verdict) -> ftc_verdict {
    match verdict {
        crate::check::Verdict::Match => FTC_MATCH,
        crate::check::Verdict::Differs => FTC_DIFFERS,
        crate::check::Verdict::Unverified => FTC_UNVERIFIED,
        crate::check::Verdict::Mismatch => FTC_MISMATCH,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

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
