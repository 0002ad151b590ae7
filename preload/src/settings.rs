//! The settings, from the environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// What happens at a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A line for each distinct finding.
    Log,
    /// The sentence and a backtrace; then the process is aborted.
    Abort,
    /// Nothing; a summary is written when the process ends.
    Count,
}

/// The settings.
#[derive(Debug)]
pub struct Settings {
    pub mode: Mode,
    /// The file that lines are appended to, an absolute path. `None`: standard error.
    pub output: Option<PathBuf>,
    pub json: bool,
    /// Whether DIFFERS is a finding.
    pub differs: bool,
    /// Whether processes that the first one starts are checked.
    pub children: bool,
    /// The directory of the run, with `counters` and `records`.
    pub run: Option<PathBuf>,
    /// The last process that was checked: this one before it called exec, or one of its parents.
    pub process: Option<u32>,
}

impl Settings {
    /// The settings, and a complaint about values that are not known.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
        current_directory: Option<PathBuf>,
    ) -> (Settings, Option<String>) {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut complaint = None;
        let mut choose = |name: &str, choices: &[&str]| {
            let value = given(name)?;
            let chosen = choices.iter().position(|choice| value == *choice);
            if chosen.is_none() {
                complaint = Some(format!("{name} is not one of {}", choices.join(", ")));
            }
            chosen
        };
        let mode = match choose("FFITYPECHECK_PRELOAD", &["log", "abort", "count"]) {
            Some(1) => Mode::Abort,
            Some(2) => Mode::Count,
            _ => Mode::Log,
        };
        let json = choose("FFITYPECHECK_PRELOAD_FORMAT", &["text", "json"]) == Some(1);
        let differs = choose("FFITYPECHECK_PRELOAD_DIFFERS", &["off", "on"]) == Some(1);
        let children = choose("FFITYPECHECK_PRELOAD_CHILDREN", &["on", "off"]) != Some(1);
        let absolute = |path: OsString| match &current_directory {
            Some(directory) => directory.join(path),
            None => path.into(),
        };
        let process = given("FFITYPECHECK_PRELOAD_PROCESS");
        let settings = Settings {
            mode,
            output: given("FFITYPECHECK_PRELOAD_OUTPUT").map(absolute),
            json,
            differs,
            children,
            run: given("FFITYPECHECK_PRELOAD_RUN").map(PathBuf::from),
            process: process.and_then(|text| text.to_str()?.parse().ok()),
        };
        (settings, complaint)
    }
}
