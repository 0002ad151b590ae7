//! The debug information after dwz.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Serialize;

use super::sections::{facts, Bytes, Sections};
use crate::failure::Failure;
use crate::scratch::Scratch;

/// What dwz makes of one file.
#[derive(Debug, Default, Serialize)]
pub struct Dwz {
    /// The `.debug_*` sections; `file` is their size after compression with zlib.
    pub sections: Option<Sections>,
    /// What dwz said against it.
    pub error: Option<String>,
}

impl Dwz {
    pub fn of(file: &Path) -> Dwz {
        match run(file) {
            Ok(sections) => Dwz { sections: Some(sections), error: None },
            Err(error) => Dwz { sections: None, error: Some(error) },
        }
    }
}

fn run(file: &Path) -> Result<Sections, String> {
    let scratch = Scratch::new().map_err(|error: Failure| error.to_string())?;
    let (plain, packed) = (scratch.path().join("plain"), scratch.path().join("packed"));
    // dwz does not read compressed sections.
    call(Command::new("objcopy").arg("--decompress-debug-sections").args([file, &plain]))?;
    call(Command::new("dwz").arg(&plain))?;
    call(Command::new("objcopy").arg("--compress-debug-sections=zlib").args([&plain, &packed]))?;
    let data = std::fs::read(packed).map_err(|error| error.to_string())?;
    let sections = facts(&data).map_err(|error| error.to_string())?.sections;
    let is_debug = |(name, _): &(String, Bytes)| name.starts_with(".debug_");
    Ok(sections.into_iter().filter(is_debug).collect())
}

/// Runs a tool. The error is the name of the tool and the end of its last line, which does not name the file.
///
/// dwz has the status 0 when it gives up, and says so.
fn call(command: &mut Command) -> Result<(), String> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().map_err(|error| format!("{tool}: {error}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().last().unwrap_or_default();
    if done.status.success() && (tool != "dwz" || last.is_empty()) {
        return Ok(());
    }
    let reason = last.rsplit(": ").next().filter(|reason| !reason.is_empty());
    Err(format!("{tool}: {}", reason.map_or_else(|| done.status.to_string(), str::to_owned)))
}
