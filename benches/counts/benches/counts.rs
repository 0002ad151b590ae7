//! The instructions of each question, asked once.

use std::ffi::c_void;
use std::hint::black_box;
use std::path::PathBuf;

use ffitypecheck::capi::ftc_decl;
use ffitypecheck::check::Verdict;
use ffitypecheck::ctype::Declaration;
use ffitypecheck_counts::{claim, describe, first_lookup, libz, loaded, Call};
use gungraun::prelude::*;

#[library_benchmark]
#[bench::known(Call::known("full"))]
fn check(mut call: Call) -> Call {
    call.check();
    call
}

#[library_benchmark]
#[bench::known(loaded("full"))]
fn describe_again(handle: *mut c_void) -> *const ftc_decl {
    describe(black_box(handle))
}

#[library_benchmark]
#[bench::full(libz("full"))]
#[bench::slim(libz("slim"))]
fn describe_first(path: PathBuf) -> Declaration {
    first_lookup(black_box(&path))
}

/// A declaration that was checked before, so that its types were read.
fn checked() -> Declaration {
    let declaration = first_lookup(&libz("full"));
    claim(&declaration);
    declaration
}

#[library_benchmark]
#[bench::built(checked())]
fn check_claim(declaration: Declaration) -> (Verdict, Declaration) {
    (claim(black_box(&declaration)), declaration)
}

library_benchmark_group!(
    name = questions,
    benchmarks = [check, describe_again, describe_first, check_claim]
);
main!(
    config =
        LibraryBenchmarkConfig::default().pass_through_env("ZLIB").env("FFITYPECHECK_CACHE", "off"),
    library_benchmark_groups = questions
);
