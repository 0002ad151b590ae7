//! The memory behind an argument of one call.

use super::check::{claim_of, ftc_check_opts, give, options};
use super::claim::ftc_claim;
use super::decl::ftc_decl;
use super::guard::{read_sized, required};
use super::report::ftc_report;
use super::status::ftc_status;
use super::types::ftc_type_id;
use crate::check::{check_argument, Memory, Report};
use crate::error::{Error, ErrorKind};

/// In `flags` of `ftc_memory`: the caller made the memory. Without it, the memory is the library's or anybody's, and is not judged.
pub const FTC_MEMORY_OWNED: u32 = 1;

/// The memory that an argument of one call points to. The caller sets all of it to zero, `type_size` to `sizeof`, and then what it
/// knows. It is read during the call only; the memory itself is not touched.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_memory {
    /// The size of this struct in bytes.
    pub type_size: usize,
    /// FTC_MEMORY_OWNED.
    pub flags: u32,
    /// 0.
    pub reserved_flags: u32,
    /// Where the argument points to, for the alignment; 0: not known.
    pub address: u64,
    /// Bytes from there to the end of what the caller made.
    pub bytes: u64,
}

/// Judges the memory that argument `argument` (from 1) of one call points to: what FTC_AT_CALL marks in a report on the declaration. `made`
/// is the type in `claim` by which the caller made the memory, not a pointer to it; 0: bytes without a type, and then `claim` may be NULL.
/// What is too short, laid out otherwise or at an address that the library's type does not allow is FTC_MISMATCH. Memory that is only
/// read, or whose size the caller tells the library, may be shorter: FTC_DIFFERS. `opts` may be NULL.
///
/// FTC_MATCH for memory that the caller did not make or that has no bytes, for an argument that is not declared or is no pointer, and for
/// a pointer to what is not known. What was accepted once is accepted with the same type and more bytes, at every address that is a
/// multiple of the same power of two: a runtime may remember that.
///
/// FTC_OK: a verdict was reached, and `*report_out` is a report that says which; the caller frees it with `ftc_report_free`, and it needs
/// neither the declaration nor the claim any more. Otherwise it is not written. Any thread may call it.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (no type of the claim; unknown flags; what `ftc_check_decl` refuses in `opts`).
///
/// # Safety
/// `decl` and `claim` are NULL or were not freed; `memory` is NULL or readable, `type_size` bytes of it; `opts` is as `ftc_check_decl` asks;
/// `report_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_check_argument(
    decl: *const ftc_decl,
    argument: u32,
    claim: *const ftc_claim,
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
            made => Some(unsafe { claim_of(claim, made) }?),
        };
        // SAFETY: as the caller promises; every bit pattern, zeros too, is an ftc_memory.
        let memory = unsafe { read_sized(memory, size_of::<ftc_memory>(), "memory") }?;
        let refuse = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
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
