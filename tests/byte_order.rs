//! Records of the byte order that is not the target's, as gcc makes them (`scalar_storage_order`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::ffi::{c_void, CString};
use std::path::{Path, PathBuf};

use ffitypecheck::abi;
use ffitypecheck::ctype::{BitField, Kind, Member, TypeId, Types};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::libffi::{ffi_cif, Interface};
use ffitypecheck::Library;
use toolchain::{fixture, run, scratch};

const VERSIONS: [&str; 4] = ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5"];

fn build(test: &str, compiler: &str, version: &str) -> PathBuf {
    let directory = scratch(&format!("byte-order-{test}-{compiler}{version}"));
    let source = fixture("byte_order.c");
    let flags = ["-O1", "-shared", "-fPIC", "-nostdlib", "-w", "-o", "liborder.so"];
    run(&directory, &[&[compiler, version], &flags[..], &[source.to_str().unwrap()]].concat());
    directory.join("liborder.so")
}

fn open(path: &Path) -> Library {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(path, &options).unwrap()
}

/// Whether the base type in arrays and under typedefs and qualifiers is swapped; `None`: it is no base type.
fn swapped(types: &Types, id: TypeId) -> Option<bool> {
    match &types.resolved(id).kind {
        Kind::Base { swapped, .. } => Some(*swapped),
        Kind::Array { element, .. } => swapped(types, *element),
        _ => None,
    }
}

/// The members of the record that `name` names.
fn members(library: &Library, name: &str) -> (std::sync::Arc<Types>, Vec<Member>) {
    let found = library.describe_type(name).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.len(), 1, "{name}");
    let Kind::Record(record) = &found[0].types.get(found[0].ty).kind else { panic!("{name}") };
    (found[0].types.clone(), record.members.to_vec())
}

#[test]
fn base_types_say_it_and_others_do_not() {
    for compiler in ["gcc", "i686-linux-gnu-gcc", "s390x-linux-gnu-gcc"] {
        for version in VERSIONS {
            let library = open(&build("types", compiler, version));
            // DWARF has the attribute since its third version; gcc writes it unless it is to be strict.
            for (name, expected) in [
                ("struct wire", &[Some(true), Some(true), Some(true), Some(true)][..]),
                ("struct numbers", &[Some(true), Some(true)]),
                ("struct mixed", &[Some(true), Some(true)]),
                ("struct all", &[Some(true), None, None, None, Some(true), Some(true)]),
                ("struct inner", &[Some(false)]),
                ("struct bits", &[Some(false); 8]),
                ("struct swapped_bits", &[Some(true); 8]),
            ] {
                let (types, members) = members(&library, name);
                let found: Vec<_> =
                    members.iter().map(|member| swapped(&types, member.ty)).collect();
                assert_eq!(found, expected, "{compiler} {version}: {name}");
            }
            // The name of a type means the target's own order.
            let int = library.describe_type("unsigned int").unwrap();
            assert_eq!(int.len(), 1);
            assert_eq!(swapped(&int[0].types, int[0].ty), Some(false));
        }
    }
}

/// Bit-fields have the same numbers in either order, counted from the end where the order begins.
#[test]
fn bit_fields_have_one_numbering() {
    let places = |library: &Library, name: &str| -> Vec<BitField> {
        members(library, name).1.iter().map(|member| member.bits.unwrap()).collect()
    };
    for compiler in ["gcc", "i686-linux-gnu-gcc", "s390x-linux-gnu-gcc"] {
        for version in VERSIONS {
            let library = open(&build("bits", compiler, version));
            let (native, other) =
                (places(&library, "struct bits"), places(&library, "struct swapped_bits"));
            assert_eq!(native, other, "{compiler} {version}");
            let packed = places(&library, "struct packed_bits");
            let mut end = 0;
            for place in packed {
                assert_eq!(place.offset, end, "{compiler} {version}");
                end += place.width;
            }
        }
    }
}

struct Loaded(*mut c_void);

impl Loaded {
    fn open(path: &Path) -> Loaded {
        let path = CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: a library without constructors, made above.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null());
        Loaded(handle)
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap();
        // SAFETY: an open handle and a C string.
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        assert!(!address.is_null());
        address
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nothing of the library is used any more.
        unsafe { libc::dlclose(self.0) };
    }
}

/// What the numbers say of memory is what gcc does.
#[test]
fn memory_is_as_the_numbers_say() {
    for version in VERSIONS {
        let path = build("memory", "gcc", version);
        let (library, loaded) = (open(&path), Loaded::open(&path));
        for (name, count) in [("bits", 8), ("swapped_bits", 8), ("packed_bits", 8), ("any_bits", 1)]
        {
            let keyword = if name == "any_bits" { "union" } else { "struct" };
            let (types, members) = members(&library, &format!("{keyword} {name}"));
            let fields = members.iter().filter(|member| member.bits.is_some());
            assert_eq!(fields.clone().count(), count);
            for member in fields {
                let variable = format!("{name}_{}", member.name.as_ref().unwrap());
                let declared = library.describe(&variable).unwrap();
                let size = abi::size_of(&declared.types, declared.ty).unwrap() as usize;
                // SAFETY: the variable has that many bytes.
                let bytes = unsafe {
                    std::slice::from_raw_parts(loaded.symbol(&variable).cast::<u8>(), size)
                };
                let bits = member.bits.unwrap();
                let mut expected = vec![0_u8; size];
                for bit in bits.offset..bits.offset + bits.width {
                    let in_byte =
                        if swapped(&types, member.ty).unwrap() { 7 - bit % 8 } else { bit % 8 };
                    expected[(bit / 8) as usize] |= 1 << in_byte;
                }
                assert_eq!(bytes, expected, "{version}: {variable}");
            }
        }
    }
}

/// Calls a function with some arguments; returns the bytes of its result.
fn call(library: &Library, loaded: &Loaded, name: &str, arguments: &mut [&mut [u8]]) -> [u8; 16] {
    let interface = Interface::new(library.describe(name).unwrap());
    let mut cif = ffi_cif::default();
    let mut values: Vec<*mut c_void> =
        arguments.iter_mut().map(|bytes| bytes.as_mut_ptr().cast()).collect();
    let mut result = [0_u64; 2];
    // SAFETY: `cif` is a local; the arguments have the sizes that the function's parameters have.
    unsafe {
        interface.prep_cif(&mut cif, libffi_sys::ffi_abi_FFI_DEFAULT_ABI).unwrap();
        let code = std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(loaded.symbol(name));
        let result = result.as_mut_ptr().cast();
        libffi_sys::ffi_call(&mut cif, Some(code), result, values.as_mut_ptr());
    }
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(result.iter().flat_map(|word| word.to_ne_bytes())) {
        *place = byte;
    }
    bytes
}

#[test]
fn they_are_passed_by_value() {
    let path = build("value", "gcc", "-gdwarf-5");
    let (library, loaded) = (open(&path), Loaded::open(&path));
    let wire = call(&library, &loaded, "next_port", &mut [&mut [1, 2, 3, 4, 0, 255, 7, b'x']]);
    assert_eq!(wire[..8], [1, 2, 3, 4, 1, 0, 7, b'x']);
    let mut numbers = [1.5_f32.to_be_bytes(), 2.0_f32.to_be_bytes()].concat();
    let sum = call(&library, &loaded, "sum", &mut [&mut numbers]);
    assert_eq!(sum[..8], [3.5_f32.to_be_bytes(), 2.0_f32.to_be_bytes()].concat());
    let mut mixed = [(-1.0_f64).to_be_bytes(), 77_i64.to_be_bytes()].concat();
    let mixed = call(&library, &loaded, "add", &mut [&mut 5_i32.to_ne_bytes(), &mut mixed]);
    assert_eq!(mixed[..], [4.0_f64.to_be_bytes(), 77_i64.to_be_bytes()].concat());
    let bits = call(&library, &loaded, "set", &mut [&mut [0x11; 16], &mut 0xabc_u32.to_ne_bytes()]);
    assert_eq!(bits, [17, 0xab, 0xc1, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17]);
}
