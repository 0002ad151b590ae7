//! The only module that accesses libffi's structures. It reads a caller's `ffi_type`s, owns those that are made here,
//! and calls libffi.

use std::ffi::{c_uint, c_void};
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use libffi_sys as ffi;
use libffi_sys::{ffi_abi, ffi_cif, ffi_type};

use super::encoded::{Encoder, Marker};
use super::shape::{Code, Element, PlannedType};
use crate::error::{Error, ErrorKind, Result};

/// Bounds on a caller's types: the nesting depth, and the number of types.
const DEPTH: usize = 32;
pub(super) const TOTAL: usize = 1 << 16;
/// The number of different lists of variadic types that are remembered for one declaration.
const LISTS: usize = 4096;

/// Refuses NULL for the result type, and for a list of argument types that is not empty. No type is read.
pub(super) fn refuse_null(
    nargs: c_uint,
    rtype: *const ffi_type,
    atypes: *const *mut ffi_type,
) -> Result<()> {
    let null = |what: &str| Err(Error::new(ErrorKind::InvalidArgument, what));
    if rtype.is_null() {
        return null("the result type is NULL");
    }
    if atypes.is_null() && nargs > 0 {
        return null("the list of argument types is NULL");
    }
    Ok(())
}

/// Appends a caller's result and argument types to `out`. Types are identified by code and size, not by address.
///
/// # Safety
/// `rtype`, and each of the `nargs` pointers at `atypes`, is NULL or points to an `ffi_type`. Structs and complex
/// types among them point to a NULL-terminated list of elements or to NULL. Nothing is written to them.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`]: NULL where libffi would follow the pointer. [`ErrorKind::Limit`]: too many
/// arguments.
pub(super) unsafe fn encode_types(
    out: &mut Encoder,
    nargs: c_uint,
    rtype: *const ffi_type,
    atypes: *const *mut ffi_type,
) -> Result<()> {
    refuse_null(nargs, rtype, atypes)?;
    if nargs as usize > TOTAL {
        return Err(Error::new(ErrorKind::Limit, format!("{nargs} arguments are too many")));
    }
    let mut budget = TOTAL;
    // SAFETY: `rtype` is not NULL, so it points to an `ffi_type`.
    unsafe { encode(out, rtype, 0, &mut budget) };
    for index in 0..nargs as usize {
        // SAFETY: `atypes` is not NULL and has `nargs` entries.
        let ty = unsafe { atypes.add(index).read() };
        if ty.is_null() {
            let message = format!("the type of argument {} is NULL", index + 1);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        // SAFETY: not NULL, so it points to an `ffi_type`.
        unsafe { encode(out, ty, 0, &mut budget) };
    }
    Ok(())
}

/// # Safety
/// `ty` points to an `ffi_type` as [`encode_types`] requires.
unsafe fn encode(out: &mut Encoder, ty: *const ffi_type, depth: usize, budget: &mut usize) {
    if depth > DEPTH || *budget == 0 {
        out.marker(Marker::TooLarge);
        return;
    }
    *budget -= 1;
    // SAFETY: `ty` points to an `ffi_type`; its fields are plain numbers and a pointer.
    let ffi_type { size, alignment, type_, elements } = unsafe { ty.read() };
    out.scalar(type_, size as u64, alignment);
    if type_ != ffi::FFI_TYPE_STRUCT && type_ != ffi::FFI_TYPE_COMPLEX {
        return;
    }
    if elements.is_null() {
        out.marker(Marker::Null);
        return;
    }
    let mut entry = elements;
    loop {
        // SAFETY: the list ends in NULL, and the loop stops there.
        let element = unsafe { entry.read() };
        if element.is_null() {
            out.marker(Marker::End);
            return;
        }
        if *budget == 0 {
            out.marker(Marker::TooLarge);
            out.marker(Marker::End);
            return;
        }
        // SAFETY: elements are `ffi_type`s themselves.
        unsafe { encode(out, element, depth + 1, budget) };
        // SAFETY: `element` was not the terminator, so the list has another entry.
        entry = unsafe { entry.add(1) };
    }
}

/// `ffi_type`s at fixed addresses. Their vectors are never resized after construction.
pub(super) struct Storage {
    /// Owns the types that `lists` points to.
    _types: Vec<ffi_type>,
    /// All lists of pointers, one after the other.
    lists: Vec<*mut ffi_type>,
    result: *mut ffi_type,
    /// The range of the parameters in `lists`.
    parameters: std::ops::Range<usize>,
    variadic: Mutex<Vec<Vec<*mut ffi_type>>>,
}

// SAFETY: the pointers point to this value's own heap memory, to libffi's constants, or to types of a caller. The
// heap memory and the constants are not written after construction; all sizes are set, so libffi computes none. The
// caller has promised that its types are valid, and they are only passed on.
unsafe impl Send for Storage {}
// SAFETY: as above. The only field that changes is behind a mutex.
unsafe impl Sync for Storage {}

/// A pointer that is not made yet, because addresses are not fixed.
#[derive(Clone, Copy)]
enum PlannedPointer {
    Constant(Code),
    Own(usize),
    End,
}

struct TypeBuilder {
    types: Vec<ffi_type>,
    /// The start of each type's list of elements.
    starts: Vec<usize>,
    entries: Vec<PlannedPointer>,
}

impl TypeBuilder {
    fn own(
        &mut self,
        size: usize,
        alignment: u16,
        type_: u16,
        elements: &[PlannedPointer],
    ) -> PlannedPointer {
        self.starts.push(self.entries.len());
        self.entries.extend(elements);
        self.entries.push(PlannedPointer::End);
        self.types.push(ffi_type { size, alignment, type_, elements: std::ptr::null_mut() });
        PlannedPointer::Own(self.types.len() - 1)
    }

    fn place(&mut self, shape: &PlannedType) -> PlannedPointer {
        match shape {
            PlannedType::Scalar(code) => PlannedPointer::Constant(*code),
            PlannedType::Complex(part) => {
                let (size, align) = part.layout();
                let part = [PlannedPointer::Constant(*part)];
                self.own(2 * size as usize, align as u16, ffi::FFI_TYPE_COMPLEX, &part)
            }
            PlannedType::Struct { size, align, elements } => {
                let placed: Vec<PlannedPointer> = elements
                    .iter()
                    .map(|element| match element {
                        Element::Scalar(code) => PlannedPointer::Constant(*code),
                        Element::Opaque(size) => self.own(*size, 1, ffi::FFI_TYPE_STRUCT, &[]),
                    })
                    .collect();
                self.own(*size, *align, ffi::FFI_TYPE_STRUCT, &placed)
            }
        }
    }
}

impl Storage {
    pub(super) fn new(result: &PlannedType, parameters: &[PlannedType]) -> Storage {
        let mut builder =
            TypeBuilder { types: Vec::new(), starts: Vec::new(), entries: Vec::new() };
        let result = builder.place(result);
        let parameters: Vec<PlannedPointer> =
            parameters.iter().map(|shape| builder.place(shape)).collect();
        let first = builder.entries.len();
        builder.entries.extend(&parameters);
        let TypeBuilder { mut types, starts, entries } = builder;
        let base = types.as_mut_ptr();
        let pointer = |entry: PlannedPointer| match entry {
            PlannedPointer::Constant(code) => constant(code),
            PlannedPointer::Own(index) => base.wrapping_add(index),
            PlannedPointer::End => std::ptr::null_mut(),
        };
        let mut lists: Vec<*mut ffi_type> = entries.iter().map(|&entry| pointer(entry)).collect();
        let list = lists.as_mut_ptr();
        for (ty, start) in types.iter_mut().zip(starts) {
            ty.elements = list.wrapping_add(start);
        }
        let parameters = first..lists.len();
        let base = types.as_mut_ptr();
        let result = match result {
            PlannedPointer::Own(index) => base.wrapping_add(index),
            PlannedPointer::Constant(code) => constant(code),
            PlannedPointer::End => std::ptr::null_mut(),
        };
        Storage { _types: types, lists, result, parameters, variadic: Mutex::new(Vec::new()) }
    }

    pub(super) fn result(&self) -> *mut ffi_type {
        self.result
    }

    pub(super) fn parameters(&self) -> &[*mut ffi_type] {
        self.lists.get(self.parameters.clone()).unwrap_or(&[])
    }

    /// Prepares `cif`. With `variadic`, prepares it for a variadic function, with these types after the parameters.
    ///
    /// # Safety
    /// `cif` is NULL or valid for writes. Each of `variadic` is NULL or an `ffi_type` as [`encode_types`] requires.
    pub(super) unsafe fn prep(
        &self,
        cif: *mut ffi_cif,
        abi: ffi_abi,
        variadic: Option<&[*mut ffi_type]>,
    ) -> Result<()> {
        if cif.is_null() {
            return Err(Error::new(ErrorKind::Null, "the cif is NULL"));
        }
        if abi != ffi::ffi_abi_FFI_DEFAULT_ABI {
            return Err(other_abi(abi));
        }
        let fixed = self.parameters().len();
        let mut types = self.parameters().as_ptr().cast_mut();
        let mut total = fixed;
        if let Some(variadic) = variadic.filter(|list| !list.is_empty()) {
            for (index, &ty) in variadic.iter().enumerate() {
                // SAFETY: each is NULL or an `ffi_type`.
                unsafe { refuse_unpromoted(ty, fixed + index + 1)? };
            }
            types = self.with_variadic(variadic)?;
            total += variadic.len();
        }
        let (Ok(fixed), Ok(total)) = (c_uint::try_from(fixed), c_uint::try_from(total)) else {
            return Err(Error::new(ErrorKind::Limit, "too many arguments"));
        };
        let mut prepared = ffi_cif::default();
        // SAFETY: the result type and the `total` types are owned by `self`, by libffi or by the caller.
        let status = unsafe {
            match variadic {
                Some(_) => {
                    ffi::ffi_prep_cif_var(&mut prepared, abi, fixed, total, self.result, types)
                }
                None => ffi::ffi_prep_cif(&mut prepared, abi, total, self.result, types),
            }
        };
        if status != ffi::ffi_status_FFI_OK {
            let message = format!("libffi refuses the types (ffi_status {status})");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        // SAFETY: not NULL, so valid for writes.
        unsafe { cif.write(prepared) };
        Ok(())
    }

    /// A list of the parameters and variadic types that is valid as long as `self`. Lists with the same content are
    /// shared.
    fn with_variadic(&self, variadic: &[*mut ffi_type]) -> Result<*mut *mut ffi_type> {
        let mut lists = self.variadic.lock().unwrap_or_else(PoisonError::into_inner);
        let fixed = self.parameters();
        let found = lists.iter_mut().find(|list| list.get(fixed.len()..) == Some(variadic));
        if let Some(list) = found {
            return Ok(list.as_mut_ptr());
        }
        if lists.len() >= LISTS {
            let message = "too many different lists of variadic types";
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let mut list = [fixed, variadic].concat();
        let types = list.as_mut_ptr();
        lists.push(list);
        Ok(types)
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").field("parameters", &self.parameters().len()).finish()
    }
}

/// The error for an ABI other than the default one. libffi itself reports whether it has the ABI.
fn other_abi(abi: ffi_abi) -> Error {
    let mut cif = ffi_cif::default();
    let (void, none) = (constant(Code::Void), std::ptr::null_mut());
    // SAFETY: `cif` is a local, the one type is libffi's, and there are no arguments.
    let status = unsafe { ffi::ffi_prep_cif(&mut cif, abi, 0, void, none) };
    if status == ffi::ffi_status_FFI_OK {
        let message = "types are lowered for libffi's default ABI only";
        return Error::new(ErrorKind::Unsupported, message);
    }
    Error::new(ErrorKind::InvalidArgument, format!("libffi has no ABI {abi}"))
}

/// Refuses types that no variadic argument can have (C17 §6.5.2.2 ¶7).
///
/// # Safety
/// `ty` is NULL or points to an `ffi_type`.
unsafe fn refuse_unpromoted(ty: *const ffi_type, position: usize) -> Result<()> {
    let refuse = |what: &str| {
        let message = format!("the type of argument {position} {what}");
        Err(Error::new(ErrorKind::InvalidArgument, message))
    };
    if ty.is_null() {
        return refuse("is NULL");
    }
    // SAFETY: not NULL, so it points to an `ffi_type`.
    match unsafe { (*ty).type_ } {
        ffi::FFI_TYPE_FLOAT => refuse("is float, which a variadic call passes as double"),
        ffi::FFI_TYPE_UINT8 | ffi::FFI_TYPE_SINT8 | ffi::FFI_TYPE_UINT16 | ffi::FFI_TYPE_SINT16 => {
            refuse("is narrower than int, as which a variadic call passes it")
        }
        ffi::FFI_TYPE_VOID => refuse("is void"),
        _ => Ok(()),
    }
}

/// The type that libffi has for the code.
fn constant(code: Code) -> *mut ffi_type {
    match code {
        Code::Void => &raw mut ffi::ffi_type_void,
        Code::Float => &raw mut ffi::ffi_type_float,
        Code::Double => &raw mut ffi::ffi_type_double,
        Code::LongDouble => &raw mut ffi::ffi_type_longdouble,
        Code::Unsigned8 => &raw mut ffi::ffi_type_uint8,
        Code::Signed8 => &raw mut ffi::ffi_type_sint8,
        Code::Unsigned16 => &raw mut ffi::ffi_type_uint16,
        Code::Signed16 => &raw mut ffi::ffi_type_sint16,
        Code::Unsigned32 => &raw mut ffi::ffi_type_uint32,
        Code::Signed32 => &raw mut ffi::ffi_type_sint32,
        Code::Unsigned64 => &raw mut ffi::ffi_type_uint64,
        Code::Signed64 => &raw mut ffi::ffi_type_sint64,
        Code::Pointer => &raw mut ffi::ffi_type_pointer,
    }
}

#[repr(C)]
struct Mixed {
    integer: u64,
    float: f64,
}

/// Returns its floating-point argument as it was received.
extern "C" fn arrived(_: u64, _: u64, _: u64, _: u64, _: u64, float: f64, _: Mixed) -> f64 {
    float
}

/// Whether this process's libffi has the defect that [`super::registers`] describes. One call through libffi finds
/// out. On machines other than x86-64 the call does no harm and the result is `false`.
pub(super) fn copies_past_last_register() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let mixed = PlannedType::Struct {
            size: size_of::<Mixed>(),
            align: align_of::<Mixed>() as u16,
            elements: vec![Element::Scalar(Code::Unsigned64), Element::Scalar(Code::Double)],
        };
        let mut parameters = vec![PlannedType::Scalar(Code::Unsigned64); 5];
        parameters.extend([PlannedType::Scalar(Code::Double), mixed]);
        let storage = Storage::new(&PlannedType::Scalar(Code::Double), &parameters);
        let mut cif = ffi_cif::default();
        // SAFETY: `cif` is a local, and no type comes from outside.
        if unsafe { storage.prep(&mut cif, ffi::ffi_abi_FFI_DEFAULT_ABI, None) }.is_err() {
            return true;
        }
        let (mut integer, mut float) = (0_u64, 1.0_f64);
        let mut mixed = Mixed { integer: 0, float: 2.0 };
        let (integer, float) = ((&raw mut integer).cast::<c_void>(), (&raw mut float).cast());
        let mixed = (&raw mut mixed).cast();
        let mut values = [integer, integer, integer, integer, integer, float, mixed];
        let mut result = 0.0_f64;
        // SAFETY: the function is converted to a pointer of another type, but libffi calls it with arguments of its
        // own type, which the cif describes. All values are locals.
        unsafe {
            let function: unsafe extern "C" fn() =
                std::mem::transmute(arrived as *const () as usize);
            let result = (&raw mut result).cast();
            ffi::ffi_call(&mut cif, Some(function), result, values.as_mut_ptr());
        }
        result != 1.0
    })
}

#[cfg(test)]
mod tests;
