//! Checks the memory that an argument of one call points to.

use super::check::{claim_of, ftc_check_opts, give, options};
use super::decl::ftc_decl;
use super::guard::{invalid, read_sized, required};
use super::report::ftc_report;
use super::status::ftc_status;
use super::types::{ftc_type_id, ftc_types};
use crate::check::{check_argument, Memory, Report};

/// In `flags` of `ftc_memory`: the caller allocated the memory. Memory without this flag may belong to anyone and is
/// not checked.
pub const FTC_MEMORY_OWNED: u32 = 0x1000000;

/// The memory that an argument of one call points to. FTC_MEMORY_INIT initializes it; then the caller sets the fields
/// that it knows. The struct is read during the call only. The memory itself is not read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_memory {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// FTC_MEMORY_OWNED or 0.
    pub flags: u32,
    /// Must be 0.
    pub reserved_flags: u32,
    /// The value of the argument, for the check of its alignment; 0: not known.
    pub address: u64,
    /// The number of bytes from there to the end of the memory that the caller allocated.
    pub bytes: u64,
}

/// Checks the memory that one argument of one call points to. It decides what FTC_FINDING_AT_CALL leaves open in a
/// report on the declaration. `argument` is the number of the argument, from 1. `made` is the type in `types` with
/// which the caller allocated the memory, not a pointer to it; 0 means bytes without a type, and then `types` may be
/// NULL.
/// Memory that is too short, has another layout, or is not aligned as the library's type requires is FTC_MISMATCH.
/// Memory that the library only reads, or whose size the caller passes, may be shorter: FTC_DIFFERS. `opts` may be
/// NULL.
///
/// The verdict is FTC_MATCH for memory that the caller did not allocate or that has no bytes, for an argument that is
/// not declared or is not a pointer, and for a pointer to an unknown type. A runtime may remember a verdict: memory
/// that was accepted once is accepted again with the same type, if it has at least as many bytes and its address is a
/// multiple of the same power of two.
///
/// FTC_OK means that a verdict was reached. `*report_out` is then a report, which the caller frees with
/// `ftc_report_free`. It does not need the declaration or the table any more. On failure `*report_out` is
/// NULL. Any thread may call this function.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`made` is not a type of the table; unknown flags; what
/// `ftc_check_decl` refuses in `opts`).
///
/// # Safety
/// `decl` is NULL or was not freed; `types` is NULL or a table whose declaration or claim was not freed; `memory` is NULL or readable, `type_size` bytes of it; `opts` is as `ftc_check_decl` asks;
/// `report_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_argument(
    decl: *const ftc_decl,
    argument: u32,
    types: *const ftc_types,
    made: ftc_type_id,
    memory: *const ftc_memory,
    opts: *const ftc_check_opts,
    report_out: *mut *const ftc_report,
) -> ftc_status {
    let check = || {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        let made = match made {
            0 => None,
            // SAFETY: as the caller promises.
            made => Some(unsafe { claim_of(types, made) }?),
        };
        // SAFETY: as the caller promises; every bit pattern, zeros too, is an ftc_memory.
        let memory = unsafe { read_sized(memory, size_of::<ftc_memory>(), "memory") }?;
        let refuse = |message: String| Err(invalid(message));
        let unknown = memory.flags & !FTC_MEMORY_OWNED;
        if unknown != 0 {
            return refuse(format!("memory has no flags {unknown:#x}"));
        }
        if memory.reserved_flags != 0 {
            return refuse("reserved bytes of the memory are not zero".to_owned());
        }
        // SAFETY: as the caller promises.
        let options = unsafe { options(opts) }?;
        if memory.flags & FTC_MEMORY_OWNED == 0 {
            return Ok(Report::new(Vec::new()));
        }
        let address = Some(memory.address).filter(|address| *address != 0);
        let memory = Memory { address, bytes: memory.bytes };
        let declaration = decl.interface.declaration();
        Ok(check_argument(declaration, argument as usize, made, memory, &options))
    };
    // SAFETY: as the caller promises.
    unsafe { give(report_out, check) }
}
