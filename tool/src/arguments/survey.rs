//! `survey`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::help_lists;

/// What the exit status of `survey` means, for help and man page.
pub const SURVEY_EXIT_STATUS: [(&str, &str); 4] = [
    ("0", "the records are complete; what could not be measured is a record with the reason"),
    ("2", "the command line, the file with the records of an earlier run, or the group is wrong"),
    ("3", "the group was not measured, because a child process failed"),
    ("4", "the output cannot be written"),
];

/// The environment variables that count for `survey`.
pub const SURVEY_ENVIRONMENT: [(&str, &str); 2] = [
    (
        "FFITYPECHECK_DEBUG_PATH",
        "directories laid out as /usr/lib/debug, for libraries that are in no package and no root with debug files",
    ),
    ("TMPDIR", "where packages are unpacked, else /tmp"),
];

/// `survey`.
#[derive(Args, Debug)]
#[command(after_help = help_lists(&SURVEY_EXIT_STATUS, &SURVEY_ENVIRONMENT))]
pub struct Survey {
    /// Packages (*.deb, *.rpm), libraries, and directories with packages or libraries below them, such as an unpacked root
    ///
    /// Packages of one source package and version are measured together: one finds its debug information in the others.
    #[arg(value_name = "TARGET", required_unless_present = "group", value_hint = ValueHint::AnyPath)]
    pub targets: Vec<PathBuf>,

    /// Write the records to this file, and measure only what it has no records of
    ///
    /// The file is written while the survey runs, and sorted at the end. If a run was interrupted, the same command goes on.
    /// Without this option, the records are printed at the end.
    #[arg(short, long = "output", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// How many groups are measured at the same time, each in a process of its own [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// Measure only every Nth group, beginning with the Ith
    ///
    /// The records of all shards, sorted by line, are those of a run without this option.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(usize, usize)>,

    #[command(flatten)]
    pub measures: Measures,

    /// Print the groups that FILE has no records of, one JSON line each, and measure nothing
    #[arg(long, conflicts_with = "group")]
    pub plan: bool,

    /// Measure the one group that is read from standard input, a line of --plan, and print its records
    #[arg(long, conflicts_with_all = ["targets", "out", "jobs", "shard"])]
    pub group: bool,
}

/// What is measured, and where debug information is.
#[derive(Args, Debug)]
pub struct Measures {
    /// A directory laid out as /usr/lib/debug, searched first; may be repeated
    #[arg(long = "debug-dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub debug_directories: Vec<PathBuf>,

    /// Run dwz on a copy of the debug information of each library
    #[arg(long)]
    pub dwz: bool,

    /// Do not build packages again to measure what the notes add to them
    #[arg(long)]
    pub no_rebuild: bool,
}

impl Measures {
    /// The same as arguments of the command.
    pub fn to_arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = Vec::new();
        for directory in &self.debug_directories {
            arguments.extend(["--debug-dir".into(), directory.clone().into()]);
        }
        arguments.extend(self.dwz.then(|| "--dwz".into()));
        arguments.extend(self.no_rebuild.then(|| "--no-rebuild".into()));
        arguments
    }
}

/// Reads `2/8`.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').map(|(part, all)| (part.parse(), all.parse()));
    match numbers {
        Some((Ok(part), Ok(all))) if (1..=all).contains(&part) => Ok((part, all)),
        _ => Err("not a shard: 1/8 to 8/8 are the shards of eight".to_owned()),
    }
}
