//! The command line: help, man pages and completions are all made from these definitions.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

/// What the exit status means, for help and man page.
pub const EXIT_STATUS: [(&str, &str); 5] = [
    ("0", "every symbol asked for is described, or the debug information is found"),
    (
        "1",
        "some symbol has no declaration; standard error or the output names each with the reason",
    ),
    ("2", "the command line is wrong"),
    ("3", "the library cannot be used: not found, not an ELF file, without debug information, ..."),
    ("4", "the output cannot be written"),
];

/// The environment variables that count, for help and man page.
pub const ENVIRONMENT: [(&str, &str); 3] = [
    (
        "FFITYPECHECK_DEBUG_PATH",
        "directories laid out as /usr/lib/debug, searched before it, separated by colons",
    ),
    ("DEBUGINFOD_CACHE_PATH", "the cache of the debuginfod client, which is only read"),
    ("LD_LIBRARY_PATH", "where a soname is looked for first, as the loader does"),
];

/// The same as text below the help.
fn after_help() -> String {
    let lines = |title: &str, entries: &[(&str, &str)]| {
        let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        entries.iter().fold(format!("{title}:\n"), |text, (name, meaning)| {
            format!("{text}  {name:width$}  {meaning}\n")
        })
    };
    format!("{}\n{}", lines("Exit status", &EXIT_STATUS), lines("Environment", &ENVIRONMENT))
}

/// C declarations out of a library's own debug information
#[derive(Debug, Parser)]
#[command(name = "ffitypecheck", version, after_help = after_help(), disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the declarations of a library's functions and variables
    ///
    /// They are the declarations that the library was compiled from, as its debug information has them: in the library
    /// itself, or in a separate debug file that is found by build-id, debuglink or path. An alias or an older version
    /// of a symbol is described by the definition at its address.
    Describe(Describe),
    /// Tell which file a library's types come from, and why others did not serve
    ///
    /// Prints the library, its build-id, the file with the types, and every file that was looked at with what came of
    /// it; also where none served, which is exit status 3.
    Where(Where),
    /// Write man pages, or print a completion script for a shell
    Generate(Generate),
}

/// `describe`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Describe {
    #[command(flatten)]
    pub library: LibraryArguments,

    /// Exported symbols: NAME, NAME@VERSION, or a glob such as 'gsl_sf_*'
    ///
    /// A name without version means its default version. A glob is held against the names, or against
    /// NAME@VERSION if it has an @ itself.
    #[arg(value_name = "SYMBOL", required_unless_present = "all", conflicts_with = "all")]
    pub symbols: Vec<String>,

    /// Describe every export; those that cannot be are listed in the output with the reason
    #[arg(long)]
    pub all: bool,

    /// The form of the output
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::C)]
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One declaration in C per line
    C,
    /// One document with every type reachable, described in docs/json.md
    Json,
    /// A complete C header with every type reachable; compile it with -std=gnu17 -fno-builtin
    Header,
}

#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Where {
    #[command(flatten)]
    pub library: LibraryArguments,
}

#[derive(Args, Debug)]
pub struct LibraryArguments {
    /// A path, or a soname (libm.so.6), which is found as the loader would find it
    #[arg(value_name = "LIB", value_hint = ValueHint::FilePath)]
    pub library: PathBuf,

    /// A directory laid out as /usr/lib/debug, searched before it; may be repeated
    #[arg(long = "debug-dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub debug_directories: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Generate {
    #[command(subcommand)]
    pub what: Generated,
}

#[derive(Debug, Subcommand)]
pub enum Generated {
    /// Write the man pages into a directory
    Man {
        /// The directory, which exists
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        directory: PathBuf,
    },
    /// Print the completion script of a shell
    Completion {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Arguments::command().debug_assert();
    }
}
