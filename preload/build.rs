//! The shared library that cargo links needs libffi, even though it refers to none of its functions. `make` links its
//! own from the static library, with symbol versions.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let libffi = "-Wl,--push-state,--no-as-needed,-lffi,--pop-state";
    println!("cargo:rustc-cdylib-link-arg={libffi}");
}
