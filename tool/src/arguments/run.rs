//! `run`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::help_lists;

/// What the exit status of `run` means, for help and man page.
pub const RUN_EXIT_STATUS: [(&str, &str); 6] = [
    ("0", "COMMAND returned 0, calls were compared with declarations, and there is no finding"),
    ("1", "COMMAND returned 0, and there are findings"),
    ("2", "the command line is wrong, or COMMAND cannot be run"),
    (
        "3",
        "COMMAND returned 0, and nothing was compared: no call through libffi was seen, or no function had a declaration",
    ),
    ("4", "the output cannot be written"),
    (
        "else",
        "that of COMMAND; 128 and the signal if a signal ended it, so 134 after --mode abort",
    ),
];

/// The environment variables that count for `run`.
pub const RUN_ENVIRONMENT: [(&str, &str); 2] = [
    (
        "FFITYPECHECK_DEBUG_PATH",
        "directories laid out as /usr/lib/debug, searched before it, separated by colons",
    ),
    (
        "FFITYPECHECK_PRELOAD_LIBRARY",
        "libffitypecheck-preload.so, if it is not where `make install` puts it",
    ),
];

/// `run`.
#[derive(Args, Debug)]
#[command(after_help = help_lists(&RUN_EXIT_STATUS, &RUN_ENVIRONMENT))]
pub struct Run {
    /// What happens at a wrong call
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::Log)]
    pub mode: Mode,

    /// Append the lines and the summary to this file, instead of standard error
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Write each line, and the summary, as a JSON object
    #[arg(long)]
    pub json: bool,

    /// Check also the processes that COMMAND starts
    #[arg(long)]
    pub children: bool,

    /// DIFFERS is a finding too
    #[arg(long)]
    pub differs: bool,

    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true, value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// One line for each distinct finding, before the call is made
    Log,
    /// The sentence and the caller's backtrace; then the process is aborted
    Abort,
    /// Only the summary, with the number of calls for each finding
    Count,
}
