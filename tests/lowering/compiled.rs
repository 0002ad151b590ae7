//! A program compiled, loaded and called through libffi.

use std::ffi::{c_void, CString};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use ffitypecheck::check::Judgement;
use ffitypecheck::libffi::{ffi_cif, ffi_type, Interface};

use crate::c_type::{FunctionCase, Program, Random, C};

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
        let (file, library) = (directory.join("f.c"), directory.join("libf.so"));
        std::fs::write(&file, source).unwrap();
        let output = Command::new(compiler.command)
            .args([compiler.level, "-w", "-shared", "-fPIC", "-o"])
            .args([&library, &file])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = CString::new(library.to_str().unwrap()).unwrap();
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
        let mut values: Vec<*mut c_void> =
            sent.iter_mut().map(|value| (&raw mut value.0).cast()).collect();
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
