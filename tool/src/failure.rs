//! The errors that end the command early, and the exit codes that scripts rely on.

use std::fmt;
use std::process::ExitCode;

/// The exit codes. clap uses 2 for its own errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Everything that was asked for was described or found.
    Done = 0,
    /// A symbol has no declaration, or a claim does not pass.
    Failed = 1,
    /// The command line or a file with claims is wrong.
    Usage = 2,
    /// The library cannot be used: it was not found, is not ELF, or has no debug information.
    Library = 3,
    /// The output cannot be written.
    Output = 4,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code as u8)
    }
}

/// An error that ends the command.
#[derive(Debug)]
pub enum Failure {
    /// The library cannot be used.
    Library(ffitypecheck::Error),
    /// The output cannot be written.
    Output(std::io::Error),
    /// An argument, or the file that it names, is wrong in a way that clap cannot detect.
    Usage(String),
}

impl Failure {
    pub fn code(&self) -> Code {
        match self {
            Failure::Library(_) => Code::Library,
            Failure::Output(_) => Code::Output,
            Failure::Usage(_) => Code::Usage,
        }
    }

    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Library(error) => write!(f, "{error:#}"),
            Failure::Output(error) => write!(f, "the output cannot be written: {error}"),
            Failure::Usage(sentence) => f.write_str(sentence),
        }
    }
}

impl From<ffitypecheck::Error> for Failure {
    fn from(error: ffitypecheck::Error) -> Failure {
        Failure::Library(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::Output(error.into())
    }
}
