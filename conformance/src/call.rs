//! Calls through a cif: random bytes go in, what the function saw and what came back is compared.

use std::ffi::{c_void, CStr, CString};
use std::path::Path;
use std::ptr::{addr_of_mut, null_mut};

use libffi_sys as ffi;

use crate::claim::{size_align, Claim};
use crate::emit::{LOG_SIZE, RESULT_SIZE};
use crate::layout::{make_valid, value_mask};
use crate::signature::{Function, Library, Scalar, Style, Type};
use crate::truth::{argument_types, Signature};
use toolchain::Random;

/// `ffi_type`s made from claims. They live as long as this does; none is moved once handed out.
#[derive(Default)]
pub struct FfiTypes {
    types: Vec<Box<[ffi::ffi_type]>>,
    lists: Vec<Box<[*mut ffi::ffi_type]>>,
}

impl FfiTypes {
    pub fn lower(&mut self, claim: &Claim) -> *mut ffi::ffi_type {
        match claim {
            Claim::Void => addr_of_mut!(ffi::ffi_type_void),
            Claim::Scalar { scalar, align } => {
                let standard = standard(*scalar);
                let Some(align) = align else { return standard };
                // SAFETY: libffi's own type objects are constant after loading.
                let copy = ffi::ffi_type { alignment: *align as u16, ..unsafe { *standard } };
                self.keep(copy)
            }
            Claim::Record { elements, fixed } => {
                // libffi completes inner records only on its way through an outer one that it completes.
                let inner = |element: &Claim| match (fixed, element) {
                    (Some(_), Claim::Record { elements, fixed: None }) => {
                        let fixed = Some(size_align(element));
                        Claim::Record { elements: elements.clone(), fixed }
                    }
                    _ => element.clone(),
                };
                let mut list: Vec<_> =
                    elements.iter().map(|element| self.lower(&inner(element))).collect();
                list.push(null_mut());
                let elements = self.list(list);
                let (size, align) = fixed.unwrap_or((0, 0));
                self.keep(ffi::ffi_type {
                    size: size as usize,
                    alignment: align as u16,
                    type_: ffi::FFI_TYPE_STRUCT,
                    elements,
                })
            }
        }
    }

    pub fn list(&mut self, list: Vec<*mut ffi::ffi_type>) -> *mut *mut ffi::ffi_type {
        self.lists.push(list.into_boxed_slice());
        self.lists.last_mut().map_or(null_mut(), |list| list.as_mut_ptr())
    }

    fn keep(&mut self, ty: ffi::ffi_type) -> *mut ffi::ffi_type {
        self.types.push(vec![ty].into_boxed_slice());
        self.types.last_mut().map_or(null_mut(), |ty| ty.as_mut_ptr())
    }
}

fn standard(scalar: Scalar) -> *mut ffi::ffi_type {
    match scalar {
        Scalar::Bool => addr_of_mut!(ffi::ffi_type_uint8),
        Scalar::Integer { size, signed } => match (size, signed) {
            (1, false) => addr_of_mut!(ffi::ffi_type_uint8),
            (1, true) => addr_of_mut!(ffi::ffi_type_sint8),
            (2, false) => addr_of_mut!(ffi::ffi_type_uint16),
            (2, true) => addr_of_mut!(ffi::ffi_type_sint16),
            (4, false) => addr_of_mut!(ffi::ffi_type_uint32),
            (4, true) => addr_of_mut!(ffi::ffi_type_sint32),
            (8, false) => addr_of_mut!(ffi::ffi_type_uint64),
            (8, true) => addr_of_mut!(ffi::ffi_type_sint64),
            _ => panic!("libffi has no integer of {size} bytes"),
        },
        Scalar::Pointer => addr_of_mut!(ffi::ffi_type_pointer),
        Scalar::Float => addr_of_mut!(ffi::ffi_type_float),
        Scalar::Double => addr_of_mut!(ffi::ffi_type_double),
        Scalar::LongDouble => addr_of_mut!(ffi::ffi_type_longdouble),
        Scalar::ComplexFloat => addr_of_mut!(ffi::ffi_type_complex_float),
        Scalar::ComplexDouble => addr_of_mut!(ffi::ffi_type_complex_double),
        Scalar::ComplexLongDouble => addr_of_mut!(ffi::ffi_type_complex_longdouble),
    }
}

/// A cif prepared from a claim by libffi alone.
pub struct Prepared {
    pub cif: ffi::ffi_cif,
    pub result: *mut ffi::ffi_type,
    pub arguments: Vec<*mut ffi::ffi_type>,
    _types: FfiTypes,
}

pub fn prepare(signature: &Signature) -> Result<Box<Prepared>, String> {
    let mut types = FfiTypes::default();
    let result = types.lower(&signature.result);
    let arguments: Vec<_> = signature.arguments.iter().map(|claim| types.lower(claim)).collect();
    let list = types.list(arguments.clone());
    let mut prepared =
        Box::new(Prepared { cif: ffi::ffi_cif::default(), result, arguments, _types: types });
    let count = signature.arguments.len() as u32;
    let abi = ffi::ffi_abi_FFI_DEFAULT_ABI;
    // SAFETY: the types and their list live in `prepared`, beside the cif that points to them.
    let status = unsafe {
        match signature.fixed {
            Some(fixed) => {
                ffi::ffi_prep_cif_var(&mut prepared.cif, abi, fixed as u32, count, result, list)
            }
            None => ffi::ffi_prep_cif(&mut prepared.cif, abi, count, result, list),
        }
    };
    if status != ffi::ffi_status_FFI_OK {
        return Err(format!("libffi refused the true claim with status {status}: {signature:?}"));
    }
    for (claim, &ty) in signature.arguments.iter().zip(&prepared.arguments) {
        // SAFETY: as before.
        let (size, align) = unsafe { ((*ty).size as u64, u64::from((*ty).alignment)) };
        if size_align(claim) != (size, align) {
            return Err(format!("libffi laid out {claim:?} as {size} bytes aligned to {align}"));
        }
    }
    Ok(prepared)
}

/// A generated library in this process.
pub struct Loaded {
    handle: *mut c_void,
    log: *mut u8,
    logged: *mut usize,
    result: *mut u8,
}

impl Loaded {
    pub fn open(path: &Path) -> Result<Loaded, String> {
        let name = CString::new(path.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
        // SAFETY: a library that this program generated; its constructors do nothing.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            // SAFETY: after a failure dlerror returns a string.
            let said = unsafe { CStr::from_ptr(libc::dlerror()) };
            return Err(said.to_string_lossy().into_owned());
        }
        let mut loaded = Loaded { handle, log: null_mut(), logged: null_mut(), result: null_mut() };
        loaded.log = loaded.symbol("ft_log")?.cast();
        loaded.logged = loaded.symbol("ft_logged")?.cast();
        loaded.result = loaded.symbol("ft_result")?.cast();
        Ok(loaded)
    }

    pub fn symbol(&self, name: &str) -> Result<*mut c_void, String> {
        let text = CString::new(name).map_err(|error| error.to_string())?;
        // SAFETY: the handle is open.
        let address = unsafe { libc::dlsym(self.handle, text.as_ptr()) };
        if address.is_null() {
            return Err(format!("the library has no {name}"));
        }
        Ok(address)
    }

    /// Runs a function without parameters and returns the first `size` bytes of `ft_result`.
    pub fn fill_result(&self, name: &str, size: usize) -> Result<Vec<u8>, String> {
        let address = self.symbol(name)?;
        // SAFETY: a generated `void name(void)`; ft_result has RESULT_SIZE bytes.
        unsafe {
            std::mem::transmute::<*mut c_void, extern "C" fn()>(address)();
            Ok(std::slice::from_raw_parts(self.result, size.min(RESULT_SIZE)).to_vec())
        }
    }

    /// Calls `function` through `cif` with random values. What it received and returned must be, in every bit
    /// that carries value, what was sent.
    ///
    /// # Safety
    ///
    /// `cif` is prepared. That it says what the function takes is what this finds out; where it does not, the call is
    /// undefined, which is why each library is tried in a process of its own.
    pub unsafe fn exchange(
        &self,
        library: &Library,
        function: &Function,
        cif: *mut ffi::ffi_cif,
        random: &mut Random,
    ) -> Result<(), String> {
        let declared: Vec<Type> = function
            .parameters
            .iter()
            .chain(&function.variadic)
            .map(|spelled| spelled.ty)
            .collect();
        let sent: Vec<Vec<u8>> = declared.iter().map(|&ty| value(library, ty, random)).collect();
        let mut passed: Vec<Vec<u128>> = sent
            .iter()
            .zip(declared.iter().zip(argument_types(function)))
            .map(|(bytes, (&ty, promoted))| {
                let widened = function.style == Style::KandR && ty != promoted;
                aligned(&if widened { promote(ty, bytes) } else { bytes.clone() })
            })
            .collect();
        let mut pointers: Vec<*mut c_void> =
            passed.iter_mut().map(|buffer| buffer.as_mut_ptr().cast()).collect();
        let returned = function
            .result
            .as_ref()
            .map(|spelled| (spelled.ty, value(library, spelled.ty, random)));
        let mut out = vec![u128::from_ne_bytes([CANARY; 16]); RESULT_SIZE / 16];
        let address = self.symbol(&function.name)?;
        // SAFETY: the log and result have the sizes of emit.rs; the cif is the caller's promise, and this the proof.
        let seen = unsafe {
            std::ptr::write_bytes(self.log, 0, LOG_SIZE);
            *self.logged = 0;
            std::ptr::write_bytes(self.result, 0, RESULT_SIZE);
            if let Some((_, bytes)) = &returned {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.result, bytes.len());
            }
            let code = std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(address);
            ffi::ffi_call(cif, Some(code), out.as_mut_ptr().cast(), pointers.as_mut_ptr());
            std::slice::from_raw_parts(self.log, (*self.logged).min(LOG_SIZE)).to_vec()
        };
        compare_arguments(library, &declared, &sent, &seen)?;
        let out: Vec<u8> = out.iter().flat_map(|word| word.to_ne_bytes()).collect();
        match returned {
            None => untouched(&out, 0),
            Some((ty, bytes)) => compare_result(library, ty, &bytes, &out),
        }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        // SAFETY: opened in `open`, closed once.
        unsafe { libc::dlclose(self.handle) };
    }
}

const CANARY: u8 = 0xa5;

/// A random value of a type that C can hold.
pub fn value(library: &Library, ty: Type, random: &mut Random) -> Vec<u8> {
    let mut bytes = random.bytes(library.size_align(ty).0 as usize);
    make_valid(library, ty, &mut bytes);
    bytes
}

/// A copy that is aligned to 16 bytes.
fn aligned(bytes: &[u8]) -> Vec<u128> {
    let mut words = vec![0u128; bytes.len() / 16 + 1];
    for (index, &byte) in bytes.iter().enumerate() {
        words[index / 16] |= u128::from(byte) << (index % 16 * 8);
    }
    words
}

/// The default argument promotion of a value.
pub fn promote(ty: Type, bytes: &[u8]) -> Vec<u8> {
    match (ty, bytes) {
        (Type::Scalar(Scalar::Float), &[a, b, c, d]) => {
            f64::from(f32::from_le_bytes([a, b, c, d])).to_le_bytes().to_vec()
        }
        (Type::Scalar(scalar), _) => extend(scalar, bytes)[..4].to_vec(),
        _ => bytes.to_vec(),
    }
}

/// An integer widened to eight bytes, by its signedness.
fn extend(scalar: Scalar, bytes: &[u8]) -> Vec<u8> {
    let signed = matches!(scalar, Scalar::Integer { signed: true, .. });
    let negative = signed && bytes.last().is_some_and(|&byte| byte >= 0x80);
    let mut wide = bytes.to_vec();
    wide.resize(8, if negative { 0xff } else { 0 });
    wide
}

fn compare_arguments(
    library: &Library,
    declared: &[Type],
    sent: &[Vec<u8>],
    seen: &[u8],
) -> Result<(), String> {
    let total: usize = sent.iter().map(Vec::len).sum();
    if seen.len() != total {
        return Err(format!("{} bytes of arguments were sent and {} seen", total, seen.len()));
    }
    let mut rest = seen;
    for (index, (bytes, &ty)) in sent.iter().zip(declared).enumerate() {
        let (mine, tail) = rest.split_at(bytes.len());
        rest = tail;
        if let Some(at) = first_difference(bytes, mine, &value_mask(library, ty)) {
            return Err(format!(
                "argument {}: byte {at} differs: sent {bytes:02x?}, seen {mine:02x?}",
                index + 1
            ));
        }
    }
    Ok(())
}

fn compare_result(library: &Library, ty: Type, expected: &[u8], out: &[u8]) -> Result<(), String> {
    if let Some(at) = first_difference(expected, out, &value_mask(library, ty)) {
        let got = &out[..expected.len()];
        return Err(format!(
            "result: byte {at} differs: returned {expected:02x?}, received {got:02x?}"
        ));
    }
    match ty {
        // libffi widens a small integer to ffi_arg; a wrong signedness shows here.
        Type::Scalar(scalar @ (Scalar::Bool | Scalar::Integer { .. })) if expected.len() < 8 => {
            let wide = extend(scalar, expected);
            if wide != out[..8] {
                return Err(format!("result: widened to {:02x?}, not {wide:02x?}", &out[..8]));
            }
            untouched(out, 8)
        }
        _ => untouched(out, expected.len()),
    }
}

fn first_difference(expected: &[u8], found: &[u8], mask: &[u8]) -> Option<usize> {
    (0..expected.len()).find(|&at| (expected[at] ^ found[at]) & mask[at] != 0)
}

fn untouched(out: &[u8], from: usize) -> Result<(), String> {
    match (from..out.len()).find(|&at| out[at] != CANARY) {
        Some(at) => Err(format!("the call wrote past the result: byte {at}")),
        None => Ok(()),
    }
}
