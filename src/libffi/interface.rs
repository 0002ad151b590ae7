//! A declaration as libffi's callers use it: to prepare a cif from it, or to have one checked.

use std::ffi::c_uint;
use std::sync::OnceLock;

use libffi_sys::{ffi_abi, ffi_abi_FFI_DEFAULT_ABI, ffi_cif, ffi_type};

use super::encoded::Encoder;
use super::{lower, raw, LoweredCif};
use crate::check::{check_call, check_number_of_arguments, Judgement, VerdictTable};
use crate::ctype::Declaration;
use crate::error::{Error, ErrorKind, Result};

/// A declaration with all that is computed from it once: its `ffi_type`s and the verdicts on claims.
/// Any number of threads may use it at once.
#[derive(Debug)]
pub struct Interface {
    declaration: Declaration,
    lowered: OnceLock<std::result::Result<LoweredCif, (ErrorKind, String)>>,
    verdicts: VerdictTable,
}

impl Interface {
    /// Computes nothing yet.
    pub fn new(declaration: Declaration) -> Interface {
        Interface { declaration, lowered: OnceLock::new(), verdicts: VerdictTable::new() }
    }

    /// The declaration.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// The declaration's `ffi_type`s, made on first use.
    ///
    /// # Errors
    /// As [`lower`]; the same error each time.
    pub fn lowered(&self) -> Result<&LoweredCif> {
        let made = self.lowered.get_or_init(|| {
            let named = |error: Error| format!("{}: {error:#}", self.declaration.symbol);
            lower(&self.declaration).map_err(|error| (error.kind(), named(error)))
        });
        made.as_ref().map_err(|(kind, message)| Error::new(*kind, message.clone()))
    }

    /// Prepares `cif` from the declaration, as variadic without variadic arguments if it is variadic.
    /// `cif` points into `self` afterwards: `self` must outlive it. It is written on success only.
    ///
    /// # Safety
    /// `cif` is NULL or valid for writes.
    ///
    /// # Errors
    /// As [`lower`] and [`LoweredCif::prep_cif`].
    pub unsafe fn prep_cif(&self, cif: *mut ffi_cif, abi: ffi_abi) -> Result<()> {
        // SAFETY: as for this function.
        unsafe { self.lowered()?.prep_cif(cif, abi) }
    }

    /// As [`prep_cif`](Interface::prep_cif), with the types of variadic arguments behind the declared
    /// ones. The list is copied, the types must live as long as the cif.
    ///
    /// # Safety
    /// As [`LoweredCif::prep_cif_var`].
    ///
    /// # Errors
    /// As [`lower`] and [`LoweredCif::prep_cif_var`].
    pub unsafe fn prep_cif_var(
        &self,
        cif: *mut ffi_cif,
        abi: ffi_abi,
        variadic: &[*mut ffi_type],
    ) -> Result<()> {
        // SAFETY: as for this function.
        unsafe { self.lowered()?.prep_cif_var(cif, abi, variadic) }
    }

    /// Holds the types that a caller would give `ffi_prep_cif`, or with `fixed` `ffi_prep_cif_var`,
    /// against the declaration. The verdict on types seen before is looked up: no lock, no allocation.
    /// The types are only read. Of more than 65,536 arguments, the number alone is judged.
    ///
    /// # Safety
    /// `rtype`, and each of the `nargs` pointers at `atypes`, is NULL or points to an `ffi_type`, of which
    /// structs and complex types point to a NULL-terminated list of elements or to NULL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: NULL for the result type, for an argument type, or for a list of
    /// more than no arguments.
    pub unsafe fn check_cif(
        &self,
        abi: ffi_abi,
        fixed: Option<c_uint>,
        nargs: c_uint,
        rtype: *const ffi_type,
        atypes: *const *mut ffi_type,
    ) -> Result<Judgement> {
        if nargs as usize > raw::TOTAL {
            raw::refuse_null(nargs, rtype, atypes)?;
            let report = check_number_of_arguments(&self.declaration, nargs as usize);
            return Ok(report.into());
        }
        let mut encoder = Encoder::new(abi == ffi_abi_FFI_DEFAULT_ABI, fixed, nargs);
        // SAFETY: as for this function.
        unsafe { raw::encode_types(&mut encoder, nargs, rtype, atypes)? };
        let judge = || check_call(&self.declaration, &encoder.claim());
        if !encoder.is_short() {
            return Ok(judge().into());
        }
        Ok(self.verdicts.get_or_judge(encoder.bytes(), judge))
    }
}
