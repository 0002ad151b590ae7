//! Checks a claimed type against a declaration or a type.

use std::ffi::c_char;

use super::claim::ftc_claim;
use super::decl::ftc_decl;
use super::guard::{elements, guard, invalid, place, read_sized, required, required_text};
use super::report::{ftc_report, hand_out};
use super::status::ftc_status;
use super::types::{ftc_type_id, ftc_types, table};
use crate::check::{
    check_declaration, check_type, Options, Owner, Report, Rule, RuleSet, TypeClaim,
};
use crate::ctype::TypeId;
use crate::error::Result;

/// In `flags` of `ftc_check_opts`: FTC_DIFFERS does not pass.
pub const FTC_STRICT: u32 = 1;
/// In `flags` of `ftc_check_opts`: FTC_UNVERIFIED does not pass.
pub const FTC_REQUIRE: u32 = 2;

/// In `flags` of `ftc_check_opts`: the caller allocated all memory that arguments point to, with the claimed types.
/// Without this flag and without FTC_OWNER_LIBRARY it is not known who did; then a mismatch in such memory is
/// FTC_DIFFERS with FTC_AT_CALL in its flags.
pub const FTC_OWNER_CALLER: u32 = 4;
/// In `flags` of `ftc_check_opts`: the library allocated all memory that arguments point to. Then a claimed record
/// may be shorter than the library's, if the members that it has are the same.
pub const FTC_OWNER_LIBRARY: u32 = 8;

/// Options of a check. The caller sets the struct to zero, then `type_size`, then the options that it needs. The
/// struct is read during the call only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_check_opts {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// FTC_STRICT and FTC_REQUIRE, for `ftc_report_passes`; FTC_OWNER_CALLER or FTC_OWNER_LIBRARY.
    pub flags: u32,
    /// Must be 0.
    pub reserved_flags: u32,
    /// The names of rules (`pointee-member-name`) whose findings are left out.
    pub ignore: *const *const c_char,
    /// The number of names in `ignore`.
    pub ignore_count: usize,
    /// The largest number of pairs of types that are compared. The rest is FTC_UNVERIFIED. 0: a limit in proportion
    /// to the size of the claim, which is enough for every claim.
    pub max_pairs: u64,
    /// Must be 0.
    pub reserved: [u64; 4],
}

/// Compares a claim with a declaration. The claim is that the function or variable has the type `claimed` of `claim`.
/// The result, the arguments, the types that they point to, callbacks and layouts are compared, to any depth. `opts`
/// may be NULL.
///
/// FTC_OK means that a verdict was reached, not that it is good. `*report_out` is then a report, which the caller
/// frees with `ftc_report_free`. It does not need the declaration or the claim any more. On failure `*report_out` is
/// not written. Any thread may call this function.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`claimed` is not a type of the claim; a rule name, flag or
/// `type_size` is unknown; reserved fields are not zero).
///
/// # Safety
/// `decl` and `claim` are NULL or were not freed; `opts` is NULL or readable, `type_size` bytes of it, with `ignore_count` C strings at
/// `ignore`; `report_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_decl(
    decl: *const ftc_decl,
    claim: *const ftc_claim,
    claimed: ftc_type_id,
    opts: *const ftc_check_opts,
    report_out: *mut *const ftc_report,
) -> ftc_status {
    let check = || {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        // SAFETY: as the caller promises.
        let (claim, options) = unsafe { (claim_of(claim, claimed)?, options(opts)?) };
        Ok(check_declaration(decl.interface.declaration(), claim, &options))
    };
    // SAFETY: as the caller promises.
    unsafe { give(report_out, check) }
}

/// Compares the type `claimed` of `claim` with the type `declared` of a table, as if both were behind a pointer that
/// the caller passes. The options say who allocated that memory. Otherwise the same as `ftc_check_decl`.
///
/// Errors: those of `ftc_check_decl`.
///
/// # Safety
/// As `ftc_check_decl`; `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_type(
    types: *const ftc_types,
    declared: ftc_type_id,
    claim: *const ftc_claim,
    claimed: ftc_type_id,
    opts: *const ftc_check_opts,
    report_out: *mut *const ftc_report,
) -> ftc_status {
    let check = || {
        // SAFETY: as the caller promises.
        let types = unsafe { table(types) }?;
        let declared = TypeId::from_index(declared);
        if !types.contains(declared) {
            let message = format!("{} is no type of the table", declared.index());
            return Err(invalid(message));
        }
        // SAFETY: as the caller promises.
        let (claim, options) = unsafe { (claim_of(claim, claimed)?, options(opts)?) };
        Ok(check_type(types, declared, claim, &options))
    };
    // SAFETY: as the caller promises.
    unsafe { give(report_out, check) }
}

/// # Safety
/// `claim` is NULL or a claim that is not freed as long as the result is used.
pub(super) unsafe fn claim_of<'a>(
    claim: *const ftc_claim,
    id: ftc_type_id,
) -> Result<TypeClaim<'a>> {
    // SAFETY: as the caller promises.
    unsafe { required(claim, "claim") }?.claimed.claim(TypeId::from_index(id))
}

/// # Safety
/// As `ftc_check_decl` asks of `opts`.
pub(super) unsafe fn options(opts: *const ftc_check_opts) -> Result<Options> {
    if opts.is_null() {
        return Ok(Options::default());
    }
    let refuse = |message: String| Err(invalid(message));
    // SAFETY: as the caller promises; every bit pattern, zeros too, is an ftc_check_opts.
    let opts = unsafe { read_sized(opts, size_of::<ftc_check_opts>(), "opts") }?;
    let unknown = opts.flags & !(FTC_STRICT | FTC_REQUIRE | FTC_OWNER_CALLER | FTC_OWNER_LIBRARY);
    if unknown != 0 {
        return refuse(format!("a check has no flags {unknown:#x}"));
    }
    let owner = match opts.flags & (FTC_OWNER_CALLER | FTC_OWNER_LIBRARY) {
        0 => Owner::Unknown,
        FTC_OWNER_CALLER => Owner::Caller,
        FTC_OWNER_LIBRARY => Owner::Library,
        _ => return refuse("memory has one owner".to_owned()),
    };
    if opts.reserved_flags != 0 || opts.reserved != [0; 4] {
        return refuse("reserved bytes of the options are not zero".to_owned());
    }
    let mut ignored = RuleSet::default();
    // SAFETY: as the caller promises.
    for id in unsafe { elements(opts.ignore, opts.ignore_count, "ignore") }? {
        // SAFETY: NULL or a C string, as the caller promises.
        let id = unsafe { required_text(*id, "ignore") }?.to_string_lossy();
        match Rule::from_id(&id) {
            Some(rule) => ignored.insert(rule),
            None => return refuse(format!("no rule has the id '{id}'")),
        }
    }
    let pairs = usize::try_from(opts.max_pairs).unwrap_or(usize::MAX);
    Ok(Options {
        strict: opts.flags & FTC_STRICT != 0,
        require: opts.flags & FTC_REQUIRE != 0,
        owner,
        ignored,
        pairs: (pairs != 0).then_some(pairs),
    })
}

/// # Safety
/// `report_out` is NULL or writable.
pub(super) unsafe fn give(
    report_out: *mut *const ftc_report,
    check: impl FnOnce() -> Result<Report>,
) -> ftc_status {
    guard(|| {
        let report_out = place(report_out, "report_out")?;
        let report = hand_out(check()?.into());
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { report_out.write(report) };
        Ok(())
    })
}
