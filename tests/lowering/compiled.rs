//! A program compiled, loaded and called through libffi.

use std::alloc::Layout;
use std::ffi::{c_void, CString};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ffitypecheck::check::Judgement;
use ffitypecheck::libffi::{ffi_cif, ffi_type, Interface};

use toolchain::{run, Random};

use crate::c_type::{FunctionCase, Program, C};

pub struct Compiler {
    command: &'static str,
    level: &'static str,
}

impl Compiler {
    pub fn new(command: &'static str, level: &'static str) -> Compiler {
        Compiler { command, level }
    }
}

/// A value's memory, aligned for anything.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Buffer([u8; 512]);

/// A value in memory of exactly its size, so that valgrind sees what reads past it.
struct Exact {
    pointer: *mut u8,
    layout: Layout,
}

impl Exact {
    fn new(ty: &C, value: &Buffer) -> Exact {
        let size = ty.size() as usize;
        let layout = Layout::from_size_align(size, 64).unwrap();
        // SAFETY: no value is empty, and none is larger than a buffer.
        let pointer = unsafe { std::alloc::alloc(layout) };
        // SAFETY: as above.
        unsafe { pointer.copy_from_nonoverlapping(value.0.as_ptr(), size) };
        Exact { pointer, layout }
    }
}

impl Drop for Exact {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { std::alloc::dealloc(self.pointer, self.layout) };
    }
}

pub struct Library {
    handle: *mut c_void,
    directory: PathBuf,
    what: String,
}

impl Library {
    pub fn build(compiler: &Compiler, source: &str) -> Library {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("lowering-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("f.c"), source).unwrap();
        let Compiler { command, level } = compiler;
        run(&directory, &[command, level, "-w", "-shared", "-fPIC", "-o", "libf.so", "f.c"]);
        let path = CString::new(directory.join("libf.so").to_str().unwrap()).unwrap();
        // SAFETY: a library without constructors, made above.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null());
        Library { handle, directory, what: format!("{} {}", compiler.command, compiler.level) }
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap();
        // SAFETY: an open handle and a NUL-terminated name.
        let address = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        assert!(!address.is_null());
        address
    }

    /// Calls a function without result with these values, and returns what it saw.
    pub fn call_with(
        &self,
        name: &str,
        interface: &Interface,
        values: &[*mut c_void],
    ) -> Vec<[u8; 512]> {
        let mut cif = ffi_cif::default();
        let seen = self.symbol("seen").cast::<[u8; 512]>();
        let mut values = values.to_vec();
        // SAFETY: `cif` is a local; the caller gives values of the types that the cif describes, and the
        // function of that name has them.
        unsafe {
            interface.prep_cif(&mut cif, libffi_sys::ffi_abi_FFI_DEFAULT_ABI).unwrap();
            let code =
                std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(self.symbol(name));
            libffi_sys::ffi_call(&mut cif, Some(code), std::ptr::null_mut(), values.as_mut_ptr());
            std::slice::from_raw_parts(seen, 16).to_vec()
        }
    }

    /// Sends random bytes through each parameter and the result, and compares those that carry a value.
    pub fn call(
        &self,
        program: &Program,
        function: &FunctionCase,
        interface: &Interface,
        random: &mut Random,
    ) {
        let mut cif = ffi_cif::default();
        // SAFETY: `cif` is a local.
        unsafe { interface.prep_cif(&mut cif, libffi_sys::ffi_abi_FFI_DEFAULT_ABI).unwrap() };
        let mut sent = Vec::new();
        for ty in &function.parameters {
            sent.push(filled(ty, random));
        }
        let answer = filled(&function.result, random);
        let exact: Vec<_> = function
            .parameters
            .iter()
            .zip(&sent)
            .map(|(ty, value)| Exact::new(ty, value))
            .collect();
        let mut values: Vec<*mut c_void> = exact.iter().map(|value| value.pointer.cast()).collect();
        let mut result = Buffer([0; 512]);
        let (seen, given) = (self.symbol("seen").cast::<[u8; 512]>(), self.symbol("answer"));
        let code = self.symbol(&format!("f{}", function.index));
        // SAFETY: the arrays are as long in C; the function has the type that the cif describes, and is
        // compiled from the same description.
        let seen = unsafe {
            given.cast::<[u8; 512]>().write(answer.0);
            let code = std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(code);
            let result = (&raw mut result).cast();
            libffi_sys::ffi_call(&mut cif, Some(code), result, values.as_mut_ptr());
            std::slice::from_raw_parts(seen, 16)
        };
        let context = || format!("{}: {}", self.what, program.prototype(function));
        for (index, (ty, value)) in function.parameters.iter().zip(&sent).enumerate() {
            let arrived = carried(ty, &seen[index]);
            assert_eq!(carried(ty, &value.0), arrived, "argument {}, {}", index + 1, context());
        }
        let ty = &function.result;
        assert_eq!(carried(ty, &answer.0), carried(ty, &result.0), "result, {}", context());
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nothing of the library is used any more.
        unsafe { libc::dlclose(self.handle) };
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn filled(ty: &C, random: &mut Random) -> Buffer {
    let mut marks = [0; 512];
    ty.mark(0, &mut marks);
    let mut buffer = Buffer([0; 512]);
    for (byte, mark) in buffer.0.iter_mut().zip(marks) {
        *byte = match mark {
            0 => 0,
            2 => random.below(2) as u8,
            _ => random.below(256) as u8,
        };
    }
    buffer
}

/// The bytes that carry a value; of partly used bytes of bit-fields all bits.
fn carried(ty: &C, bytes: &[u8; 512]) -> Vec<(usize, u8)> {
    let mut marks = [0; 512];
    ty.mark(0, &mut marks);
    let carries = |&(index, _): &(usize, u8)| marks[index] != 0;
    bytes.iter().copied().enumerate().filter(carries).collect()
}

/// Holds the types of a prepared cif against the declaration that it was prepared from.
pub fn check_own_cif(interface: &Interface) -> Judgement {
    let mut cif = ffi_cif::default();
    // SAFETY: `cif` is a local; the prepared cif's types live in `interface`.
    unsafe {
        interface.prep_cif(&mut cif, libffi_sys::ffi_abi_FFI_DEFAULT_ABI).unwrap();
        let types: *const *mut ffi_type = cif.arg_types;
        interface.check_cif(cif.abi, None, cif.nargs, cif.rtype, types).unwrap()
    }
}

/// Holds types that differ from the declared ones in one place, each in a way that changes what C defines.
/// Elements are changed only where no union may have a member of the other type.
pub fn check_changed_cifs(interface: &Interface, unions: bool) -> Vec<(String, Judgement)> {
    let mut cif = ffi_cif::default();
    let abi = libffi_sys::ffi_abi_FFI_DEFAULT_ABI;
    // SAFETY: `cif` is a local.
    unsafe { interface.prep_cif(&mut cif, abi).unwrap() };
    let declared = match cif.nargs {
        0 => Vec::new(),
        // SAFETY: the prepared cif's list of so many types.
        nargs => unsafe { std::slice::from_raw_parts(cif.arg_types, nargs as usize) }.to_vec(),
    };
    let check = |result: *mut ffi_type, types: &[*mut ffi_type]| {
        let nargs = types.len() as u32;
        // SAFETY: all types are the cif's, libffi's or live in `changed`.
        unsafe { interface.check_cif(abi, None, nargs, result, types.as_ptr()).unwrap() }
    };
    let mut judged = Vec::new();
    judged.push(("an argument more".to_owned(), {
        let types = [&declared[..], &[&raw mut libffi_sys::ffi_type_sint32]].concat();
        check(cif.rtype, &types)
    }));
    if let Some((_, fewer)) = declared.split_last() {
        judged.push(("an argument less".to_owned(), check(cif.rtype, fewer)));
    }
    for (index, &ty) in declared.iter().enumerate() {
        for mut changed in others(ty, unions) {
            let mut types = declared.clone();
            types[index] = changed.ty();
            let what = format!("argument {} as {}", index + 1, changed.what);
            judged.push((what, check(cif.rtype, &types)));
        }
    }
    // SAFETY: the cif's type.
    if unsafe { (*cif.rtype).type_ } != libffi_sys::FFI_TYPE_VOID {
        for mut changed in others(cif.rtype, unions) {
            judged.push((format!("result as {}", changed.what), check(changed.ty(), &declared)));
        }
    } else {
        let result = &raw mut libffi_sys::ffi_type_sint32;
        judged.push(("result as int".to_owned(), check(result, &declared)));
    }
    judged
}

/// A type that is another than the one it was made from.
struct Changed {
    what: String,
    ty: ffi_type,
    elements: Vec<*mut ffi_type>,
}

impl Changed {
    fn ty(&mut self) -> *mut ffi_type {
        if !self.elements.is_empty() {
            self.ty.elements = self.elements.as_mut_ptr();
        }
        &raw mut self.ty
    }
}

fn others(ty: *mut ffi_type, unions: bool) -> Vec<Changed> {
    use libffi_sys as ffi;
    // SAFETY: a type of a prepared cif, and libffi's constants.
    let (own, scalars) = unsafe {
        let scalars = [
            ("int", ffi::ffi_type_sint32),
            ("long", ffi::ffi_type_sint64),
            ("float", ffi::ffi_type_float),
            ("double", ffi::ffi_type_double),
            ("long double", ffi::ffi_type_longdouble),
            ("pointer", ffi::ffi_type_pointer),
        ];
        (*ty, scalars)
    };
    let mut changed = Vec::new();
    for (what, ty) in scalars {
        let same_size = ty.size == own.size && own.type_ != ffi::FFI_TYPE_POINTER;
        let integer = |code| matches!(code, 5..=12);
        if own.type_ == ty.type_ || (same_size && integer(own.type_) && integer(ty.type_)) {
            continue;
        }
        changed.push(Changed { what: what.to_owned(), ty, elements: Vec::new() });
    }
    if own.type_ == ffi::FFI_TYPE_STRUCT {
        let larger = ffi_type { size: own.size + usize::from(own.alignment), ..own };
        changed.push(Changed { what: "larger".to_owned(), ty: larger, elements: Vec::new() });
        let mut elements = Vec::new();
        // SAFETY: a struct of a prepared cif has a list that ends in NULL.
        unsafe {
            let mut entry = own.elements;
            while !(*entry).is_null() {
                elements.push(*entry);
                entry = entry.add(1);
            }
            elements.push(std::ptr::null_mut());
        }
        let count = if unions { 0 } else { elements.len() - 1 };
        for index in 0..count {
            // SAFETY: an element of a prepared cif's struct.
            let code = unsafe { (*elements[index]).type_ };
            let other = match code {
                ffi::FFI_TYPE_FLOAT => &raw mut ffi::ffi_type_sint32,
                ffi::FFI_TYPE_DOUBLE => &raw mut ffi::ffi_type_pointer,
                ffi::FFI_TYPE_UINT64 | ffi::FFI_TYPE_SINT64 | ffi::FFI_TYPE_POINTER => {
                    &raw mut ffi::ffi_type_double
                }
                ffi::FFI_TYPE_UINT32 | ffi::FFI_TYPE_SINT32 => &raw mut ffi::ffi_type_float,
                _ => continue,
            };
            let mut elements = elements.clone();
            elements[index] = other;
            let what = format!("another element {index}");
            changed.push(Changed { what, ty: own, elements });
        }
    }
    changed
}
