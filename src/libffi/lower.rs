//! Lowers a declaration to `ffi_type`s.
//!
//! A type that libffi cannot pass as the ABI requires is refused with the reason. It is never approximated.

use libffi_sys::{ffi_abi, ffi_cif, ffi_type};

use super::raw::Storage;
use super::registers;
use super::value::{shape, Placement};
use crate::abi;
use crate::ctype::{Declaration, DeclarationKind, Function, Kind, Target, TypeId, Types};
use crate::error::{Error, ErrorKind, Result};

/// The largest size of a type in bytes. Sizes much larger than this overflow libffi's `int` arithmetic.
pub(super) const MAX_SIZE: u64 = 1 << 28;

/// The most parameters of a function. No compiler's output has more, and each may be a record that takes time.
const MAX_PARAMETERS: usize = 1024;

/// The `ffi_type`s of a declaration. It owns everything that a cif prepared from it points to, so it must outlive the
/// cif. Any number of threads may use it at the same time.
#[derive(Debug)]
pub struct LoweredCif {
    storage: Storage,
    variadic: bool,
}

/// Lowers the declaration of a function to libffi's types, for this machine.
///
/// # Errors
/// [`ErrorKind::Unsupported`], with the parameter and the reason: the library is for another machine, the symbol is a
/// variable, the parameters of the function are not known, the calling convention is not the default one, or libffi
/// cannot pass a type.
pub fn lower(declaration: &Declaration) -> Result<LoweredCif> {
    let types = &declaration.types;
    if types.target() != Target::HOST {
        return Err(unsupported("the library is for another machine"));
    }
    let Some(function) = declaration.function() else {
        return Err(unsupported(match declaration.kind {
            DeclarationKind::Variable => "it is a variable",
            DeclarationKind::Type => "it is a type",
            DeclarationKind::Function => "its type is not known",
        }));
    };
    if !declaration.parameters_known() {
        return Err(unsupported(UNPROTOTYPED));
    }
    lower_function(types, function)
}

const UNPROTOTYPED: &str = "it is declared without a prototype: its parameters are not known";

/// Lowers a function type, or a pointer to one: the type of a callback.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`]: it is neither. [`ErrorKind::Unsupported`]: as for [`lower`].
pub fn lower_type(types: &Types, id: TypeId) -> Result<LoweredCif> {
    let mut ty = types.resolved(id);
    if let Kind::Pointer { target, .. } = ty.kind {
        ty = types.resolved(target);
    }
    let Kind::Function(function) = &ty.kind else {
        let message = "the type is not a function or a pointer to one";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    };
    if types.target() != Target::HOST {
        return Err(unsupported("the library is for another machine"));
    }
    if !function.prototyped {
        return Err(unsupported(UNPROTOTYPED));
    }
    lower_function(types, function)
}

fn lower_function(types: &Types, function: &Function) -> Result<LoweredCif> {
    if function.convention.is_some() {
        return Err(unsupported("it does not follow the machine's normal calling convention"));
    }
    if function.parameters.len() > MAX_PARAMETERS {
        return Err(unsupported(format!("it has more than {MAX_PARAMETERS} parameters")));
    }
    let value = |id: TypeId| abi::by_value(types, id);
    let returned = value(function.result);
    let result = shape(&returned, Placement::Result)
        .map_err(|reason| unsupported(format!("the result: {reason}")))?;
    let mut parameters = Vec::with_capacity(function.parameters.len());
    let mut values = Vec::with_capacity(function.parameters.len());
    for (index, parameter) in function.parameters.iter().enumerate() {
        let mut passed = value(parameter.ty);
        if !function.prototyped {
            passed = passed.promoted();
        }
        parameters.push(shape(&passed, Placement::Argument).map_err(|reason| {
            let name =
                parameter.name.as_ref().map(|name| format!(" ('{name}')")).unwrap_or_default();
            unsupported(format!("parameter {}{name}: {reason}", index + 1))
        })?);
        values.push(passed);
    }
    let total: u64 = parameters.iter().map(|shape| shape.size() as u64).sum();
    if total > MAX_SIZE {
        return Err(unsupported("its arguments are too large for libffi"));
    }
    if let Some(index) = registers::spoiled_by_libffi(&returned, &values) {
        return Err(unsupported(format!(
            "parameter {}: this libffi overwrites a floating-point register when a struct of more \
             than 8 bytes starts in the last integer register",
            index + 1
        )));
    }
    if let Some(index) = registers::compilers_disagree(&returned, &values) {
        return Err(unsupported(format!(
            "parameter {}: compilers disagree where a 16-byte integer is passed when there are not two integer \
             registers left for it",
            index + 1
        )));
    }
    Ok(LoweredCif { storage: Storage::new(&result, &parameters), variadic: function.variadic })
}

/// The `ffi_type` of a type. It owns everything that the `ffi_type` points to. Any number of threads may use it at
/// the same time.
#[derive(Debug)]
pub struct LoweredType {
    storage: Storage,
}

impl LoweredType {
    /// Makes the `ffi_type` with which a value of the type is passed as an argument.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], with the reason: the type is for another machine, or libffi cannot pass it.
    pub fn new(types: &Types, id: TypeId) -> Result<LoweredType> {
        if types.target() != Target::HOST {
            return Err(unsupported("the type is for another machine"));
        }
        let value = abi::by_value(types, id);
        let placement =
            if value == abi::Value::Void { Placement::Result } else { Placement::Argument };
        let shape = shape(&value, placement).map_err(unsupported)?;
        Ok(LoweredType { storage: Storage::new(&shape, &[]) })
    }

    /// The `ffi_type`, which lives as long as `self`. Nothing may write to it.
    pub fn as_ptr(&self) -> *mut ffi_type {
        self.storage.result()
    }
}

impl LoweredCif {
    /// The number of declared parameters. Variadic arguments are not counted.
    pub fn len(&self) -> usize {
        self.storage.parameters().len()
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the declaration ends in `, ...`.
    pub fn is_variadic(&self) -> bool {
        self.variadic
    }

    /// Prepares `cif` for a call with the declared arguments and no variadic ones. Afterwards `cif` points into
    /// `self`. It is written on success only.
    ///
    /// # Safety
    /// `cif` is valid for writes.
    ///
    /// # Errors
    /// [`ErrorKind::Null`]: `cif` is NULL. [`ErrorKind::Unsupported`]: `abi` is not libffi's default one.
    /// [`ErrorKind::InvalidArgument`]: libffi does not have this `abi`.
    pub unsafe fn prep_cif(&self, cif: *mut ffi_cif, abi: ffi_abi) -> Result<()> {
        // SAFETY: as for this function. Without variadic arguments no other type is read.
        unsafe { self.storage.prep(cif, abi, self.variadic.then_some(&[])) }
    }

    /// As [`prep_cif`](LoweredCif::prep_cif), with the types of the arguments after the declared ones. The list is
    /// copied. The types are not, so they must be valid as long as the cif.
    ///
    /// # Safety
    /// `cif` is valid for writes. Each of `variadic` is NULL or points to an `ffi_type`, and everything that it
    /// points to is valid.
    ///
    /// # Errors
    /// As `prep_cif`. [`ErrorKind::InvalidArgument`]: the function is not variadic and the list is not empty, a type
    /// is NULL, or the default promotions change a type (C17 §6.5.2.2 ¶7). [`ErrorKind::Limit`]: there were too many
    /// different lists of types.
    pub unsafe fn prep_cif_var(
        &self,
        cif: *mut ffi_cif,
        abi: ffi_abi,
        variadic: &[*mut ffi_type],
    ) -> Result<()> {
        if !self.variadic && !variadic.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the function is not variadic"));
        }
        // SAFETY: as for this function.
        unsafe { self.storage.prep(cif, abi, self.variadic.then_some(variadic)) }
    }
}

fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

#[cfg(test)]
mod tests;
