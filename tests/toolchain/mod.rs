//! Fixtures, compiled at test time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of tests/fixtures.
#[allow(dead_code, reason = "not every test has files of its own")]
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// An empty directory of that name.
pub fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Runs a tool in a directory; a tool that is missing, fails or hangs fails the test.
pub fn run(directory: &Path, command: &[&str]) {
    let output = Command::new("timeout")
        .arg("120")
        .args(command)
        .current_dir(directory)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", command[0]));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}
