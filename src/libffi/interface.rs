//! A declaration for callers of libffi. A cif can be prepared from it or checked against it.

use std::ffi::c_uint;
use std::sync::OnceLock;

use libffi_sys::{ffi_abi, ffi_abi_FFI_DEFAULT_ABI, ffi_cif, ffi_type};

use super::encoded::Encoder;
use super::{lower, raw, LoweredCif};
use crate::check::{check_call, check_number_of_arguments, Judgement, VerdictTable};
use crate::ctype::Declaration;
use crate::error::{Error, ErrorKind, Result};

/// A declaration together with what is computed from it once: its `ffi_type`s, and the verdicts on claims. Any number
/// of threads may use it at the same time.
#[derive(Debug)]
pub struct Interface {
    declaration: Declaration,
    lowered: OnceLock<std::result::Result<LoweredCif, (ErrorKind, String)>>,
    verdicts: VerdictTable,
}

impl Interface {
    /// Makes the object. Nothing is computed until it is needed.
    pub fn new(declaration: Declaration) -> Interface {
        Interface { declaration, lowered: OnceLock::new(), verdicts: VerdictTable::new() }
    }

    /// The declaration.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// The declaration's `ffi_type`s. They are made on first use.
    ///
    /// # Errors
    /// As [`lower`]. The error is the same on each call.
    pub fn lowered(&self) -> Result<&LoweredCif> {
        let made = self.lowered.get_or_init(|| {
            let named = |error: Error| format!("{}: {error:#}", self.declaration.symbol);
            lower(&self.declaration).map_err(|error| (error.kind(), named(error)))
        });
        made.as_ref().map_err(|(kind, message)| Error::new(*kind, message.clone()))
    }

    /// Prepares `cif` from the declaration. A variadic function is prepared as variadic with no variadic arguments.
    /// Afterwards `cif` points into `self`, so `self` must outlive it. `cif` is written on success only.
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

    /// As [`prep_cif`](Interface::prep_cif), with the types of the variadic arguments, which follow the declared
    /// ones. The list is copied. The types are not, so they must be valid as long as the cif.
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

    /// Compares the types that a caller would pass to `ffi_prep_cif` (with `fixed`: to `ffi_prep_cif_var`) with the
    /// declaration. For types that were checked before, the verdict is looked up without a lock and without
    /// allocation. The types are only read. If there are more than 65,536 arguments, only their number is checked.
    ///
    /// # Safety
    /// `rtype`, and each of the `nargs` pointers at `atypes`, is NULL or points to an `ffi_type`. Structs and complex
    /// types among them point to a NULL-terminated list of elements or to NULL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: the result type or an argument type is NULL, or the list of argument types is
    /// NULL and `nargs` is not 0.
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
