//! The command `ffitypecheck`, which gets C declarations from a library's debug information.

#![forbid(unsafe_code)]

mod arguments;
mod cache;
mod causes;
mod check;
mod claims;
mod describe;
mod diff;
mod extract;
mod failure;
mod findings;
mod generate;
mod header;
mod json;
mod library;
mod replace;
mod run;
mod scratch;
mod selection;
mod size;
mod slim;
mod survey;
mod r#where;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let outcome = match &Arguments::parse().command {
        Command::Describe(arguments) => describe::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Where(arguments) => r#where::run(arguments),
        Command::Slim(arguments) => slim::run(arguments),
        Command::Extract(arguments) => extract::run(arguments),
        Command::Cache(arguments) => cache::run(arguments),
        Command::Size(arguments) => size::run(arguments),
        Command::Survey(arguments) => survey::run(arguments),
        Command::Generate(arguments) => generate::run(arguments),
        Command::Run(arguments) => return end(run::run(arguments)),
    };
    end(outcome.map(ExitCode::from))
}

fn end(outcome: Result<ExitCode, Failure>) -> ExitCode {
    match outcome {
        Ok(code) => code,
        // The reader of the output has closed it.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            failure.code().into()
        }
    }
}

/// Writes one sentence to standard error, which may be closed.
fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "ffitypecheck: {sentence}");
}
