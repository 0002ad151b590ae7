//! A function that fails is shown as small as it can be and still fail.

use std::process::Command;

#[test]
fn a_false_claim_on_floats_is_shrunk_to_one_float() {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--config", "gcc-dwarf5-O0", "--functions", "6", "--seed", "3"])
        .arg("--floats-are-integers")
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let shown = text.split("  smallest: ").nth(1).expect("a function failed");
    // The command that repeats it, then the function: nothing is defined that it does not need.
    let source: Vec<&str> = shown.lines().skip(1).take(2).map(str::trim).collect();
    let smallest = ["void f0000(float p0)", "{ LOG(p0); }"];
    assert_eq!(source, smallest, "{text}");
}
