//! A few functions in every configuration: the whole proof, small enough for every run of the tests.

use std::process::Command;

#[test]
fn a_few_functions_of_every_configuration() {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--functions", "440", "--seed", "20240229"])
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or("");
    assert!(output.status.success() && last.ends_with(" passed, 0 failed"), "{text}");
}
