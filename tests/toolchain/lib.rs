//! What makes the fixtures of the tests: compilers and other tools, and random numbers for sources and values.

mod random;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub use random::Random;

/// A file of tests/fixtures.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fixtures").join(name)
}

/// An empty directory of that name.
pub fn scratch(name: &str) -> PathBuf {
    // The test is in target/PROFILE/deps. Its CARGO_TARGET_TMPDIR is not known here.
    let test = std::env::current_exe().unwrap();
    let directory = test.ancestors().nth(3).unwrap().join("tmp").join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Runs a tool in a directory; a tool that is missing, fails or hangs fails the test. Returns its standard output.
pub fn run(directory: &Path, command: &[&str]) -> String {
    attempt(directory, command).unwrap_or_else(|error| panic!("{error}"))
}

/// The same for a program that goes on: the error is what the tool said.
pub fn attempt(directory: &Path, command: &[&str]) -> Result<String, String> {
    let output = output(directory, command);
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = errors.lines().take(24).collect();
    Err(format!("`{}` failed, {}: {}", command.join(" "), output.status, said.join("\n")))
}

/// What a tool wrote, in English, and how it ended. It has two minutes.
pub fn output(directory: &Path, command: &[&str]) -> Output {
    let mut limited = Command::new("timeout");
    limited.arg("120").args(command).current_dir(directory).env("LC_ALL", "C");
    limited.output().unwrap_or_else(|error| panic!("timeout: {error}"))
}
