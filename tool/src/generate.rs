//! `ffitypecheck generate`: writes man pages and shell completions from the definitions of the command line.

use std::io::Write;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::{Arguments, Generate, Generated, ENVIRONMENT, EXIT_STATUS};
use crate::failure::{Code, Failure};

pub fn run(arguments: &Generate) -> Result<Code, Failure> {
    match &arguments.what {
        Generated::Man { directory } => man(directory)?,
        Generated::Completion { shell } => completion(*shell)?,
    }
    Ok(Code::Done)
}

/// Writes one page for the command and one for each subcommand, with the file names that man looks for.
fn man(directory: &Path) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    let mut pages = vec![command];
    while let Some(command) = pages.pop() {
        let page = page(&command)?;
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        std::fs::write(directory.join(format!("{name}.1")), page)?;
        pages.extend(command.get_subcommands().cloned());
    }
    Ok(())
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    list(&mut page, "EXIT STATUS", &EXIT_STATUS)?;
    list(&mut page, "ENVIRONMENT", &ENVIRONMENT)?;
    Ok(page)
}

/// A section that lists names and their meanings, in man's macros.
fn list(page: &mut Vec<u8>, title: &str, entries: &[(&str, &str)]) -> Result<(), Failure> {
    writeln!(page, ".SH \"{title}\"")?;
    for (name, meaning) in entries {
        writeln!(page, ".TP\n\\fB{name}\\fR\n{}", meaning.replace('-', "\\-"))?;
    }
    Ok(())
}

fn completion(shell: Shell) -> Result<(), Failure> {
    let mut command: Command = Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "ffitypecheck", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(())
}
