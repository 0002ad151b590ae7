//! Images in memory.

use std::ffi::{c_void, CStr, CString};
use std::path::{Path, PathBuf};

use ffitypecheck::image::{
    find_library, ifunc_symbol_at, image_at, is_setuid_process, loaded_images, resolve, ElfFile,
    Exports, SymbolKind,
};
use ffitypecheck::ErrorKind;

use crate::fixture::Fixture;

/// An open library.
struct Handle(*mut c_void);

impl Handle {
    fn open(path: &Path) -> Handle {
        let path = CString::new(path.to_str().unwrap()).unwrap();
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!handle.is_null(), "{path:?}");
        Handle(handle)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        unsafe { libc::dlclose(self.0) };
    }
}

fn getpid() -> usize {
    libc::getpid as *const () as usize
}

fn libc_path() -> PathBuf {
    find_library("libc.so.6").unwrap()
}

#[test]
fn the_program_comes_first_and_is_its_own_file() {
    let images = loaded_images();
    assert!(images[0].main_program);
    assert_eq!(images.iter().filter(|image| image.main_program).count(), 1);
    assert_eq!(images[0].path, std::env::current_exe().unwrap());
    let own = image_at(libc_path as *const () as usize).unwrap();
    assert_eq!(own, images[0]);
    match own.build_id {
        Some(ref id) => assert_eq!(own.open().unwrap().build_id(), Some(id.as_slice())),
        None => assert_eq!(own.open().unwrap_err().kind(), ErrorKind::BuildId),
    }
    assert_eq!(image_at(8).unwrap_err().kind(), ErrorKind::NotLoaded);
    let on_stack = 0;
    assert_eq!(image_at(&raw const on_stack as usize).unwrap_err().kind(), ErrorKind::NotLoaded);
}

#[test]
fn libc_in_memory_is_libc_on_disk() {
    let image = image_at(getpid()).unwrap();
    assert!(!image.main_program);
    let file = image.open().unwrap();
    assert_eq!(file.path().canonicalize().unwrap(), libc_path().canonicalize().unwrap());
    let exports = Exports::read(&file).unwrap();
    let value = getpid() as u64 - image.bias;
    assert!(exports.by_address(value).any(|symbol| symbol.name == "getpid"));
}

#[test]
fn the_vdso_is_in_no_file() {
    let vdso = loaded_images().into_iter().find(|image| image.path.starts_with("linux-vdso.so.1"));
    if let Some(vdso) = vdso {
        assert_eq!(vdso.open().unwrap_err().kind(), ErrorKind::NotLoaded);
    }
}

fn resolved(handle: *mut c_void, name: &CStr) -> Result<(usize, PathBuf), ErrorKind> {
    let found = unsafe { resolve(handle, name) };
    found.map(|(address, image)| (address, image.path)).map_err(|error| error.kind())
}

#[test]
fn names_resolve_as_the_loader_resolves_them() {
    let handle = Handle::open(&libc_path());
    let libc_image = image_at(getpid()).unwrap();
    let exports = Exports::read(&libc_image.open().unwrap()).unwrap();
    for scope in [handle.0, std::ptr::null_mut()] {
        let (address, path) = resolved(scope, c"getpid").unwrap();
        assert_eq!((address, path), (getpid(), libc_image.path.clone()));
        for name in [
            c"fnmatch",
            c"fnmatch@GLIBC_2.2.5",
            c"posix_spawn@GLIBC_2.2.5",
            c"posix_spawn@@GLIBC_2.15",
        ] {
            let symbol = exports.find(name.to_str().unwrap()).unwrap();
            let (address, _) = resolved(scope, name).unwrap();
            assert_eq!(address as u64, symbol.value + libc_image.bias, "{name:?}");
        }
        // Hidden versions only: a bare name means none, for the loader and for us.
        assert_eq!(resolved(scope, c"_sys_errlist"), Err(ErrorKind::NoSymbol));
        assert!(exports.find("_sys_errlist").is_err());
        assert!(resolved(scope, c"_sys_errlist@GLIBC_2.2.5").is_ok());
        for name in [c"no_such_symbol", c"", c"getpid@NO_SUCH", c"@"] {
            assert_eq!(resolved(scope, name), Err(ErrorKind::NoSymbol), "{name:?}");
        }
    }
    assert_eq!(resolved(libc::RTLD_NEXT, c"getpid"), Err(ErrorKind::InvalidArgument));
    assert!(unsafe { libc::dlerror() }.is_null());
}

#[test]
fn resolvers_are_found_by_what_they_chose() {
    let (address, image) = unsafe { resolve(std::ptr::null_mut(), c"strlen") }.unwrap();
    let exports = Exports::read(&image.open().unwrap()).unwrap();
    let strlen = exports.find("strlen").unwrap();
    assert_eq!(strlen.kind, SymbolKind::Ifunc);
    assert_ne!(strlen.value + image.bias, address as u64);
    assert_eq!(ifunc_symbol_at(&image, &exports, address).unwrap().name.as_str(), "strlen");
    assert!(ifunc_symbol_at(&image, &exports, getpid()).is_none());
}

fn library(fixture: &Fixture, options: &str) -> PathBuf {
    fixture.write("a.c", "int f(void) { return 1; }\n__thread int t = 7;\n");
    fixture.run(&format!("gcc -shared -fPIC {options} -o a.so a.c"));
    fixture.path("a.so")
}

#[test]
fn a_thread_local_variable_belongs_to_its_library() {
    let fixture = Fixture::new("tls");
    let path = library(&fixture, "");
    let handle = Handle::open(&path);
    let (address, image) = unsafe { resolve(handle.0, c"t") }.unwrap();
    assert_eq!(unsafe { *(address as *const i32) }, 7);
    assert_eq!(image.path, path);
}

#[test]
fn a_library_replaced_on_disk_is_refused() {
    let fixture = Fixture::new("replaced");
    let path = library(&fixture, "");
    let handle = Handle::open(&path);
    let (_, image) = unsafe { resolve(handle.0, c"f") }.unwrap();
    assert_eq!(image.path, path);
    assert_eq!(image.open().unwrap().build_id(), image.build_id.as_deref());

    // A new file in its place, as a package manager puts one.
    std::fs::remove_file(&path).unwrap();
    let error = image.open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BuildId);
    assert!(error.to_string().contains("deleted"), "{error}");
    fixture.write("a.c", "int f(int changed) { return changed; }\n");
    fixture.run("gcc -shared -fPIC -o a.so a.c");
    let error = image.open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BuildId);
    assert!(error.to_string().contains("replaced"), "{error}");
    std::fs::remove_file(&path).unwrap();
    fixture.run("gcc -shared -fPIC -Wl,--build-id=none -o a.so a.c");
    assert_eq!(image.open().unwrap_err().kind(), ErrorKind::BuildId);
}

#[test]
fn a_library_without_build_id_cannot_be_told() {
    let fixture = Fixture::new("anonymous");
    let path = library(&fixture, "-Wl,--build-id=none");
    let handle = Handle::open(&path);
    let (_, image) = unsafe { resolve(handle.0, c"f") }.unwrap();
    assert_eq!(image.build_id, None);
    assert_eq!(image.open().unwrap_err().kind(), ErrorKind::BuildId);
}

#[test]
fn sonames_are_found_as_the_loader_finds_them() {
    for name in ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgsl.so.27"] {
        let path = find_library(name).unwrap();
        let handle = Handle::open(Path::new(name));
        let real = path.canonicalize().unwrap();
        let images = loaded_images();
        let loaded = |image: &&_| {
            let image: &ffitypecheck::image::LoadedImage = image;
            image.path.canonicalize().is_ok_and(|path| path == real)
        };
        assert!(images.iter().any(|image| loaded(&image)), "{name}: {path:?}");
        drop(handle);
        assert!(ElfFile::open(&path).is_ok());
    }
    assert_eq!(find_library("./a.so").unwrap(), Path::new("./a.so"));
    assert_eq!(find_library("").unwrap_err().kind(), ErrorKind::InvalidArgument);
    for name in ["m", "libm"] {
        let error = find_library(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let expected = format!("no library is called '{name}'; there is 'libm.so.6'");
        assert_eq!(error.to_string(), expected);
    }
    let error = find_library("libnone.so.1").unwrap_err();
    assert_eq!(error.to_string(), "no library is called 'libnone.so.1'");
}

/// Set in the copy of this program that a test starts: the path that the program is to find for itself.
const EXPECTED: &str = "FTC_TEST_EXPECTED_PATH";

/// Runs `this_program_is_where_it_is_expected` in another process, after a change that would disturb this one.
fn in_another_process(program: &Path, leading: &[&Path], expected: &Path) {
    let mut words = leading.iter().copied().chain([program]);
    let mut command = std::process::Command::new(words.next().unwrap());
    let output = command
        .args(words)
        .args(["--exact", "loaded::this_program_is_where_it_is_expected"])
        .env(EXPECTED, expected)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn this_program_is_where_it_is_expected() {
    let exe = std::env::current_exe().unwrap();
    let expected = std::env::var_os(EXPECTED).map_or(exe, PathBuf::from);
    assert_eq!(loaded_images()[0].path, expected);
    let image = image_at(libc_path as *const () as usize).unwrap();
    assert_eq!(image.path, expected);
    if image.build_id.is_some() {
        assert_eq!(image.open().unwrap().path(), expected);
    }
}

#[test]
fn a_program_started_by_the_loader_is_not_taken_for_the_loader() {
    let exe = std::env::current_exe().unwrap();
    let loader = Path::new("/lib64/ld-linux-x86-64.so.2");
    if loader.exists() {
        in_another_process(&exe, &[loader], &exe);
    }
}

#[test]
fn a_program_that_was_deleted_is_still_read() {
    let fixture = Fixture::new("deleted");
    let copy = fixture.path("program");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    in_another_process(&copy, &[], &copy);
    // `sh` deletes the file and then becomes the program, whose open file it still has.
    let script = fixture.write(
        "run.sh",
        "#!/bin/sh\nexec 9<\"$1\"\nrm \"$1\"\nshift\nexec /proc/self/fd/9 \"$@\"\n",
    );
    in_another_process(&copy, &[Path::new("/bin/sh"), &script], &copy);
}

#[test]
fn a_library_loaded_by_a_relative_path_has_an_absolute_one() {
    let fixture = Fixture::new("relative");
    let path = library(&fixture, "");
    // Climbs from the current directory to the root, then down.
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let relative = format!("./{up}{}", path.strip_prefix("/").unwrap().display());
    let handle = Handle::open(Path::new(&relative));
    let (_, image) = unsafe { resolve(handle.0, c"f") }.unwrap();
    assert_eq!(image.path, path);
    assert!(image.open().is_ok());
}

#[test]
fn more_rights_than_the_user_are_noticed() {
    let (user, effective) = unsafe { (libc::getuid(), libc::geteuid()) };
    assert_eq!(is_setuid_process(), user != effective);
    // Only root can make the program a setuid one, and start it as somebody else.
    if user == 0 && std::env::var_os(EXPECTED).is_none() {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::process::CommandExt;
        let fixture = Fixture::new("setuid");
        let copy = fixture.path("program");
        std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o4755)).unwrap();
        let output = std::process::Command::new(&copy)
            .args(["--exact", "loaded::more_rights_than_the_user_are_noticed"])
            .env(EXPECTED, "")
            .current_dir("/")
            .uid(65534)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
}
