//! describe LIBRARY [SYMBOL]: prints the C declaration of one export of a library, or of all exports.
//!
//! `cargo run --example describe libz.so.1 inflate`

use std::process::ExitCode;

use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::spell;
use ffitypecheck::{Library, Result};

fn print(library: &Library, symbol: &str) -> Result<()> {
    let declaration = library.describe(symbol)?;
    println!("{}", spell::declaration(&declaration));
    if let Some((file, line)) = declaration.source() {
        println!("    {file}:{line}");
    }
    Ok(())
}

fn run(name: &str, symbol: Option<&str>) -> Result<()> {
    let path = find_library(name)?;
    let library = Library::open(&path, &SearchOptions::from_environment())?;
    if let Some(symbol) = symbol {
        return print(&library, symbol);
    }
    for export in library.exports()? {
        // A function that is written in assembly has no type.
        if let Ok(declaration) = library.describe_export(export) {
            println!("{}", spell::declaration(&declaration));
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [library] => run(library, None),
        [library, symbol] => run(library, Some(symbol)),
        _ => {
            eprintln!("usage: describe LIBRARY [SYMBOL]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("describe: {error:#}");
            ExitCode::FAILURE
        }
    }
}
