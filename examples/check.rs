//! Checks the declaration of `time_t mktime(struct tm *)` in a binding against the library. The binding has `int` for
//! `time_t`, and its `struct tm` lacks the last two members. Prints the findings.
//!
//! `cargo run --example check`

use ffitypecheck::check::{check_declaration, ClaimedTypes, FunctionForm, Options};
use ffitypecheck::ctype::{Encoding, RecordClass, TypeId};
use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::spell;
use ffitypecheck::{Library, Result};

const MEMBERS: [&str; 9] = [
    "tm_sec", "tm_min", "tm_hour", "tm_mday", "tm_mon", "tm_year", "tm_wday", "tm_yday", "tm_isdst",
];

/// `int mktime(struct tm *)`.
fn declare(types: &mut ClaimedTypes) -> Result<TypeId> {
    let int = types.base(Encoding::Signed, 4, false)?;
    let tm = types.record(RecordClass::Struct, Some("tm".into()))?;
    for (offset, name) in (0..).step_by(4).zip(MEMBERS) {
        types.member(tm, Some(name.into()), int, offset)?;
    }
    types.complete(tm, 36, None)?;
    let pointer = types.pointer(tm)?;
    types.function(int, &[pointer], FunctionForm::Prototyped)
}

fn main() -> Result<()> {
    let libc = Library::open(&find_library("libc.so.6")?, &SearchOptions::from_environment())?;
    let declaration = libc.describe("mktime")?;
    let mut types = ClaimedTypes::new();
    let function = declare(&mut types)?;
    let report = check_declaration(&declaration, types.claim(function)?, &Options::default());
    println!("{}\n    {}", spell::declaration(&declaration), report.verdict().word());
    for finding in report.findings() {
        println!("    {}: {}", finding.verdict.word(), finding.sentence);
    }
    Ok(())
}
