//! The soname of the shared library that cargo links. `make` links its own from the static library, because the
//! version script that cargo's cdylib already has admits no second one.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libffitypecheck.so.0");
}
