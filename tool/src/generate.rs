//! `ffitypecheck generate`: writes man pages and shell completions from the definitions of the command line.

use std::io::Write;
use std::path::Path;

use clap::{Arg, ArgAction, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::{
    Arguments, Generate, Generated, ENVIRONMENT, EXIT_STATUS, RUN_ENVIRONMENT, RUN_EXIT_STATUS,
    SURVEY_ENVIRONMENT, SURVEY_EXIT_STATUS,
};
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
    synopsis(&mut page, command)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let (exit_status, environment) = match command.get_name() {
        "run" => (&RUN_EXIT_STATUS[..], &RUN_ENVIRONMENT[..]),
        "survey" => (&SURVEY_EXIT_STATUS[..], &SURVEY_ENVIRONMENT[..]),
        _ => (&EXIT_STATUS[..], &ENVIRONMENT[..]),
    };
    list(&mut page, "EXIT STATUS", exit_status)?;
    list(&mut page, "ENVIRONMENT", environment)?;
    Ok(page)
}

/// How the command is called. clap_mangen's own section leaves out the names of the options' values.
fn synopsis(page: &mut Vec<u8>, command: &Command) -> Result<(), Failure> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    write!(page, ".SH SYNOPSIS\n\\fB{name}\\fR")?;
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let (operands, options): (Vec<&Arg>, Vec<&Arg>) =
        arguments.partition(|argument| argument.is_positional());
    for argument in options.into_iter().chain(operands) {
        let (open, close) = if argument.is_required_set() { ("", "") } else { ("[", "]") };
        let several = argument.get_num_args().is_some_and(|count| count.max_values() > 1);
        let repeated =
            several || matches!(argument.get_action(), ArgAction::Append | ArgAction::Count);
        let dots = if repeated { "..." } else { "" };
        write!(page, " {open}{}{close}{dots}", usage(argument))?;
    }
    if command.has_subcommands() {
        write!(page, " \\fICOMMAND\\fR")?;
    }
    writeln!(page)?;
    Ok(())
}

/// An argument as it is written on the command line: `-I DIR`, in man's fonts.
fn usage(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("\\fB\\-{short}\\fR"));
    let long =
        argument.get_long().map(|long| format!("\\fB\\-\\-{}\\fR", long.replace('-', "\\-")));
    let mut words: Vec<String> = match (short, long) {
        (Some(short), Some(long)) => vec![format!("{short}|{long}")],
        (flag, None) | (None, flag) => flag.into_iter().collect(),
    };
    if argument.get_action().takes_values() {
        match argument.get_value_names() {
            Some(names) => words.extend(names.iter().map(|name| italic(name))),
            None => words.push(italic(argument.get_id().as_str())),
        }
    }
    words.join(" ")
}

fn italic(text: &str) -> String {
    format!("\\fI{text}\\fR")
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
