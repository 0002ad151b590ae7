//! A claim is compared with a declaration, type for type: the result, the arguments, what they point to,
//! callbacks and layouts. Memory that is passed in one call can be checked at that call.

use std::ffi::c_char;

use super::decl::ftc_decl;
use super::guard::{clear, elements, guard, invalid, place, read_sized, required, required_text};
use super::report::{ftc_report, hand_out};
use super::status::ftc_status;
use super::types::{ftc_type_id, ftc_types, table, FTC_NO_TYPE};
use crate::check::{
    check_declaration, check_type, Options, Owner, Report, Rule, RuleSet, TypeClaim,
};
use crate::ctype::TypeId;
use crate::error::Result;

/// In `flags` of `ftc_check_opts`: FTC_DIFFERS does not pass.
pub const FTC_CHECK_STRICT: u32 = 0x100000;
/// In `flags` of `ftc_check_opts`: FTC_UNVERIFIED does not pass.
pub const FTC_CHECK_REQUIRE: u32 = 0x200000;
/// In `flags` of `ftc_check_opts`: the caller allocated all memory that arguments point to, with the claimed types.
/// Without this flag and without FTC_CHECK_OWNER_LIBRARY it is not known who did; then a mismatch in such memory is
/// FTC_DIFFERS with FTC_FINDING_AT_CALL in its flags.
pub const FTC_CHECK_OWNER_CALLER: u32 = 0x400000;
/// In `flags` of `ftc_check_opts`: the library allocated all memory that arguments point to. Then a claimed record
/// may be shorter than the library's, if the members that it has are the same.
pub const FTC_CHECK_OWNER_LIBRARY: u32 = 0x800000;

/// Options of a check. FTC_CHECK_OPTS_INIT initializes it; then the caller sets the options that it needs. The struct
/// is read during the call only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_check_opts {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// FTC_CHECK_STRICT and FTC_CHECK_REQUIRE, for `ftc_report_passes`; FTC_CHECK_OWNER_CALLER or FTC_CHECK_OWNER_LIBRARY.
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

/// Compares a claim with a declaration. The claim is that the function or variable has the type `claimed` of the table
/// `types`: `ftc_claim_types`, or the table of another declaration, such as that of an older build of the library. The
/// result, the arguments, the types that they point to, callbacks and layouts are compared, to any depth. `opts` may
/// be NULL.
///
/// FTC_OK means that a verdict was reached, not that it is good. `*report_out` is then a report, which the caller
/// frees with `ftc_report_free`. It does not need the declaration or the table any more. On failure `*report_out` is
/// NULL. Any thread may call this function.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`claimed` is not a type of the table; a rule name, flag or
/// `type_size` is unknown; reserved fields are not zero).
///
/// # Safety
/// `decl` is NULL or was not freed; `types` is NULL or a table whose declaration or claim was not freed; `opts` is NULL or readable, `type_size` bytes of it, with `ignore_count` C strings at
/// `ignore`; `report_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_decl(
    decl: *const ftc_decl,
    types: *const ftc_types,
    claimed: ftc_type_id,
    opts: *const ftc_check_opts,
    report_out: *mut *const ftc_report,
) -> ftc_status {
    let check = || {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        // SAFETY: as the caller promises.
        let (claim, options) = unsafe { (claim_of(types, claimed)?, options(opts)?) };
        Ok(check_declaration(decl.interface.declaration(), claim, &options))
    };
    // SAFETY: as the caller promises.
    unsafe { give(report_out, check) }
}

/// Compares the type `claimed` of one table with the type `declared` of another, as if both were behind a pointer that
/// the caller passes. The options say who allocated that memory. Otherwise the same as `ftc_check_decl`.
///
/// Errors: those of `ftc_check_decl`.
///
/// # Safety
/// As `ftc_check_decl`, for both tables.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_type(
    declared_types: *const ftc_types,
    declared: ftc_type_id,
    types: *const ftc_types,
    claimed: ftc_type_id,
    opts: *const ftc_check_opts,
    report_out: *mut *const ftc_report,
) -> ftc_status {
    let check = || {
        // SAFETY: as the caller promises.
        let declared = unsafe { claim_of(declared_types, declared) }?;
        // SAFETY: as the caller promises.
        let (claim, options) = unsafe { (claim_of(types, claimed)?, options(opts)?) };
        Ok(check_type(declared.types, declared.ty, claim, &options))
    };
    // SAFETY: as the caller promises.
    unsafe { give(report_out, check) }
}

/// A type of a table.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim is not freed as long as the result is used.
pub(super) unsafe fn claim_of<'a>(
    types: *const ftc_types,
    id: ftc_type_id,
) -> Result<TypeClaim<'a>> {
    // SAFETY: as the caller promises.
    let types = unsafe { table(types) }?;
    let ty = TypeId::from_index(id);
    if types.contains(ty) {
        return Ok(TypeClaim { types, ty });
    }
    Err(invalid(match id {
        FTC_NO_TYPE => "the type is FTC_NO_TYPE: the call that should have added it failed".into(),
        _ => format!("{id} is no type of the table"),
    }))
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
    let unknown = opts.flags
        & !(FTC_CHECK_STRICT
            | FTC_CHECK_REQUIRE
            | FTC_CHECK_OWNER_CALLER
            | FTC_CHECK_OWNER_LIBRARY);
    if unknown != 0 {
        return refuse(format!("a check has no flags {unknown:#x}"));
    }
    let owner = match opts.flags & (FTC_CHECK_OWNER_CALLER | FTC_CHECK_OWNER_LIBRARY) {
        0 => Owner::Unknown,
        FTC_CHECK_OWNER_CALLER => Owner::Caller,
        FTC_CHECK_OWNER_LIBRARY => Owner::Library,
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
        strict: opts.flags & FTC_CHECK_STRICT != 0,
        require: opts.flags & FTC_CHECK_REQUIRE != 0,
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
    // SAFETY: as the caller promises.
    unsafe { clear(report_out) };
    guard(|| {
        let report_out = place(report_out, "report_out")?;
        let report = hand_out(check()?.into());
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { report_out.write(report) };
        Ok(())
    })
}
