//! The command line: help, man pages and completions are all made from these definitions.

mod judgement;
mod run;
mod survey;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

pub use self::judgement::{JudgementArguments, ReportForm};
pub use self::run::{Mode, Run, RUN_ENVIRONMENT, RUN_EXIT_STATUS};
pub use self::survey::{Measures, Survey, SURVEY_ENVIRONMENT, SURVEY_EXIT_STATUS};
use crate::header::Compiler;

/// What the exit status means, for help and man page.
pub const EXIT_STATUS: [(&str, &str); 5] = [
    (
        "0",
        "every symbol asked for is described; the debug information is found; every claim passes; nothing was removed, and \
         what changed passes",
    ),
    (
        "1",
        "some symbol has no declaration, some claim does not pass; standard error or the output names each with the \
         reason",
    ),
    ("2", "the command line or a file with claims is wrong"),
    ("3", "the library cannot be used: not found, not an ELF file, without debug information, ..."),
    ("4", "the output cannot be written"),
];

/// The environment variables that count, for help and man page.
pub const ENVIRONMENT: [(&str, &str); 6] = [
    (
        "FFITYPECHECK_DEBUG_PATH",
        "directories laid out as /usr/lib/debug, searched before it, separated by colons",
    ),
    ("DEBUGINFOD_CACHE_PATH", "the cache of the debuginfod client, which is only read"),
    (
        "FFITYPECHECK_CACHE",
        "the cache of types, an absolute path, or off; else $XDG_CACHE_HOME/ffitypecheck, else ~/.cache/ffitypecheck",
    ),
    ("LD_LIBRARY_PATH", "where a soname is looked for first, as the loader does"),
    ("CC", "the C compiler for headers"),
    ("TMPDIR", "where headers are compiled, else /tmp"),
];

/// The same as text below the help.
fn after_help() -> String {
    help_lists(&EXIT_STATUS, &ENVIRONMENT)
}

fn help_lists(exit_status: &[(&str, &str)], environment: &[(&str, &str)]) -> String {
    let lines = |title: &str, entries: &[(&str, &str)]| {
        let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        entries.iter().fold(format!("{title}:\n"), |text, (name, meaning)| {
            format!("{text}  {name:width$}  {meaning}\n")
        })
    };
    format!("{}\n{}", lines("Exit status", exit_status), lines("Environment", environment))
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
    /// Print the declarations of a library's functions, variables and types
    ///
    /// They are the declarations that the library was compiled from, as its debug information has them: in the library
    /// itself, or in a separate debug file that is found by build-id, debuglink or path. An alias or an older version
    /// of a symbol is described by the definition at its address.
    Describe(Describe),
    /// Compare a caller's types of a library's functions and variables with the library
    ///
    /// A claim is the type that a caller uses for a symbol. Each claim is compared with the declaration in the library's debug
    /// information, by the rules of docs/compatibility.md. A claim with a MISMATCH does not pass. A claim that only DIFFERS (the
    /// same bits are passed, with another meaning) passes unless --strict is given. A claim that is UNVERIFIED (one side is not
    /// known) passes unless --require is given.
    Check(Check),
    /// Compare two builds of a library, for a caller that was compiled for the old one
    ///
    /// Prints the exports that were removed, added, or declared otherwise. The old declaration is compared with the new one
    /// by the rules of docs/compatibility.md, like a claim. Other names of parameters and typedefs are no change.
    ///
    /// Private types of the library are compared too, unless --headers states which types are public.
    Diff(Diff),
    /// Print which file a library's types come from, and why others were not used
    ///
    /// Prints the library, its build-id, the file with the types, and every file that was tried with the result. The exit
    /// status is 3 if none could be used.
    Where(Where),
    /// Put slim type information into a library, for use without its debug information
    ///
    /// The slim type information is an ELF note, a few percent of the library's size. It has the types of all exports and of
    /// everything that they refer to. Debuggers and other tools ignore it, strip keeps it, and this command and libffitypecheck
    /// read it first. The types are taken from the debug information in the library, or from its separate debug file.
    ///
    /// The library is not changed, and the exit status is 3, if it has no debug information or no build-id, if data is appended to
    /// it, or if it exports only a function that an interpreter calls (PyInit_*, boot_*, luaopen_*, Init_*).
    Slim(Slim),
    /// Write a library's types as a file with ordinary DWARF, for any tool
    ///
    /// The ELF file has the declarations of all exports. They are taken from the slim type information if there is any, otherwise
    /// from the debug information.
    Extract(Extract),
    /// Print the size of the parts of a library's slim type information
    ///
    /// For a library without slim type information, what `slim` would add.
    Size(Size),
    /// Measure the debug information of many libraries and packages
    ///
    /// Writes one JSON line for each library and each package: the bytes of each debug section, the exports and how many of them are
    /// described, the types, and what `slim` would add to the library and to the package. docs/survey.md describes the members.
    /// The lines are the same whatever the number of processes is, and whether a run was interrupted.
    Survey(Survey),
    /// List or clear the cache in which processes keep the types of libraries that they read from full debug information
    ///
    /// The cache is the directory in FFITYPECHECK_CACHE, otherwise `ffitypecheck` in XDG_CACHE_HOME or in ~/.cache. Entries that
    /// are removed are made again when they are needed.
    Cache(Cache),
    /// Run a program, and check every call that it makes through libffi
    ///
    /// The types that the program passes to libffi are compared with the declarations of the functions that it calls. The library
    /// libffitypecheck-preload.so does that inside the program; docs/preload.md describes it. What pointers point to is not known
    /// there and not checked.
    Run(Run),
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
    /// A name without version means its default version. A glob is matched with the names, or with NAME@VERSION if the glob
    /// has an @.
    #[arg(value_name = "SYMBOL", conflicts_with = "all")]
    pub symbols: Vec<String>,

    /// A type by its name in C, such as 'struct stat', a typedef or 'ns::foo'; may be repeated
    ///
    /// In C, its definition is printed after those that it needs. Where units of the library define it differently, all
    /// definitions are printed, each with its source.
    #[arg(long = "type", value_name = "NAME")]
    pub types: Vec<String>,

    /// Describe every export; exports without a type are listed in the output with the reason
    #[arg(long)]
    pub all: bool,

    /// The form of the output
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::C)]
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One declaration in C per line, then the definitions of types
    C,
    /// One document with every type reachable, described in docs/json.md
    Json,
    /// A complete C header with every type reachable; compile it with -std=gnu17 -fno-builtin
    Header,
}

/// `check`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Check {
    #[command(flatten)]
    pub library: LibraryArguments,

    /// Files with claims: C headers (*.h), or JSON as `describe --as json` writes it, - for standard input
    ///
    /// The headers are compiled together, as if one C file included them in this order. The compiler searches its include
    /// directories for a header that is not a file here. Each declaration of one of the library's exports is a claim.
    #[arg(value_name = "CLAIMS", required = true, value_hint = ValueHint::FilePath)]
    pub claims: Vec<PathBuf>,

    /// Check also the types of the headers: structs, unions, enumerations and typedefs that the library has by the same name
    #[arg(long)]
    pub types: bool,

    /// Check only these symbols or types: names, or globs such as 'gsl_sf_*'; may be repeated
    ///
    /// A name without a claim does not pass.
    #[arg(long = "symbol", value_name = "SYMBOL")]
    pub symbols: Vec<String>,

    #[command(flatten)]
    pub judgement: JudgementArguments,

    #[command(flatten)]
    pub compiler: CompilerArguments,
}

/// `diff`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Diff {
    /// The library that callers were compiled for: a path, or a soname, which is found as the loader would find it
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub old: PathBuf,

    /// The library that they are used with
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub new: PathBuf,

    /// A directory laid out as /usr/lib/debug, searched before it; may be repeated
    #[arg(long = "debug-dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub debug_directories: Vec<PathBuf>,

    /// Neither read nor write the user's cache of types
    #[arg(long)]
    pub no_cache: bool,

    /// Compare only these symbols: names, or globs such as 'gsl_sf_*'; may be repeated
    #[arg(long = "symbol", value_name = "SYMBOL")]
    pub symbols: Vec<String>,

    /// The public headers of OLD: a directory with all *.h below it, or one header; may be repeated
    ///
    /// Structs and unions that none of them defines are private: callers have pointers to them and do not use their members.
    /// Changes behind such a pointer are counted in the summary and are not a failure. Types that are passed by value, and
    /// types that the headers define or include, are compared. The headers of NEW are not needed, because callers were
    /// compiled with those of OLD.
    #[arg(long = "headers", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub headers: Vec<PathBuf>,

    #[command(flatten)]
    pub judgement: JudgementArguments,

    #[command(flatten)]
    pub compiler: CompilerArguments,
}

impl Diff {
    /// One of the two.
    pub fn library(&self, path: &Path) -> LibraryArguments {
        LibraryArguments {
            library: path.to_owned(),
            debug_directories: self.debug_directories.clone(),
            no_cache: self.no_cache,
        }
    }
}

/// How headers are compiled.
#[derive(Args, Debug)]
#[command(next_help_heading = "Headers")]
pub struct CompilerArguments {
    /// The C compiler for headers, gcc, clang or one that takes their options [default: $CC, or cc]
    ///
    /// For a library of another machine, a cross compiler. Words after the first are options of it.
    #[arg(long, value_name = "CC", value_hint = ValueHint::CommandName)]
    pub cc: Option<String>,

    /// Where the compiler looks for headers first; may be repeated
    #[arg(short = 'I', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub include_directories: Vec<String>,

    /// A macro for the headers; may be repeated
    #[arg(short = 'D', value_name = "NAME[=VALUE]")]
    pub macros: Vec<String>,

    /// More options for the compiler, separated by spaces; may be repeated
    #[arg(long = "cflags", value_name = "OPTIONS", allow_hyphen_values = true)]
    pub flags: Vec<String>,
}

impl CompilerArguments {
    pub fn compiler(&self) -> Compiler {
        let given = self.cc.clone().or_else(|| std::env::var("CC").ok());
        let command = given.filter(|command| !command.trim().is_empty());
        let words = |text: &String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let directories = self.include_directories.iter().map(|directory| format!("-I{directory}"));
        let macros = self.macros.iter().map(|one| format!("-D{one}"));
        Compiler {
            command: words(&command.unwrap_or_else(|| "cc".to_owned())),
            flags: directories.chain(macros).chain(self.flags.iter().flat_map(words)).collect(),
        }
    }
}

#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Where {
    #[command(flatten)]
    pub library: LibraryArguments,
}

/// `slim`.
#[derive(Args, Debug)]
#[command(after_help = after_help(), group = clap::ArgGroup::new("output").required(true))]
pub struct Slim {
    #[command(flatten)]
    pub library: LibraryArguments,

    /// Write the library with its type information to this file
    #[arg(short, long = "output", value_name = "OUT", group = "output", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Change the library itself: a new file takes its place, with its mode, owner and times
    #[arg(long, group = "output")]
    pub in_place: bool,

    /// Write a side file: the type information alone, for a library that stays as it is
    ///
    /// It is found below /usr/lib/ffitypecheck/.build-id.
    #[arg(long, value_name = "FILE", group = "output", value_hint = ValueHint::FilePath)]
    pub side_file: Option<PathBuf>,

    /// Write the note alone, for a build that puts it in when the library is stripped
    ///
    /// The file has the contents of the section .note.ffitypecheck. A library that cannot be changed in place is refused: objcopy,
    /// for example, would lose data that is appended to it.
    #[arg(long, value_name = "FILE", group = "output", value_hint = ValueHint::FilePath)]
    pub note: Option<PathBuf>,

    /// Take the types from this debug file, and search no other
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub debug: Option<PathBuf>,

    #[command(flatten)]
    pub content: ContentArguments,

    /// Put the note where the loader maps it, in a segment of its own, as the last step of a build
    ///
    /// The note can then be read from memory, and tools that remove everything that is not loaded keep it (llvm-strip --strip-all).
    /// After GNU strip and objcopy it is read from the file only. If eu-strip has something to remove, it makes the library
    /// unusable. Programs and dynamic linkers are refused.
    #[arg(long, conflicts_with_all = ["side_file", "note"])]
    pub alloc: bool,

    /// Print what was done
    #[arg(long, short)]
    pub verbose: bool,
}

/// What slim type information has.
#[derive(Args, Debug)]
pub struct ContentArguments {
    /// Make named records opaque that no header below this directory declares, and none below /usr/include; may be repeated
    #[arg(long = "headers", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub headers: Vec<PathBuf>,

    /// Leave out the names of parameters, and those of functions and variables that are not their symbols
    #[arg(long)]
    pub no_names: bool,

    /// Keep also the exports with mangled names: C++ (_Z...), Rust (_R..., _ZN...) and D (_D...)
    ///
    /// They are hardly ever called through libffi, and in a C++ library they are most of the exports. Without this option, their
    /// types are read from the full debug information, if it is installed.
    #[arg(long)]
    pub mangled: bool,

    /// Compress it with zstd: half the size, and a slower first lookup
    #[arg(long)]
    pub zstd: bool,
}

/// `extract`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Extract {
    #[command(flatten)]
    pub library: LibraryArguments,

    /// The file to write
    #[arg(short, long = "output", value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

/// `size`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Size {
    #[command(flatten)]
    pub library: LibraryArguments,

    #[command(flatten)]
    pub content: ContentArguments,
}

/// `cache`.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub struct Cache {
    /// Remove entries instead: all, those of LIB, or those older than the given days
    #[arg(long)]
    pub clear: bool,

    /// The entry of this library only: a path, a soname, or a build-id in hexadecimal digits
    #[arg(value_name = "LIB", value_hint = ValueHint::FilePath)]
    pub library: Option<PathBuf>,

    /// Entries that were written more than so many days ago only
    #[arg(long, value_name = "DAYS")]
    pub older_than: Option<u32>,

    /// The form of the list
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = ReportForm::Text)]
    pub form: ReportForm,
}

#[derive(Args, Debug)]
pub struct LibraryArguments {
    /// A path, or a soname (libm.so.6), which is found as the loader would find it
    #[arg(value_name = "LIB", value_hint = ValueHint::FilePath)]
    pub library: PathBuf,

    /// A directory laid out as /usr/lib/debug, searched before it; may be repeated
    #[arg(long = "debug-dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub debug_directories: Vec<PathBuf>,

    /// Neither read nor write the user's cache of types
    #[arg(long)]
    pub no_cache: bool,
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
