//! `ffitypecheck describe`: the declarations of symbols, as C lines, a JSON document or a C header.

use std::io::{BufWriter, Write};

use ffitypecheck::ctype::{write_header, Declaration};
use ffitypecheck::image::Symbol;
use ffitypecheck::{Error, Library};

use crate::arguments::{Describe, Form};
use crate::failure::{Code, Failure};
use crate::selection::{all, by_names, full_name};
use crate::{complain, json};

/// A declaration, and the export that it is of.
pub struct Described<'l> {
    pub symbol: &'l Symbol,
    pub declaration: Declaration,
}

/// A symbol without declaration, and why.
pub struct Undescribed<'l> {
    /// As it was asked for.
    pub name: String,
    /// The export, if there is one.
    pub symbol: Option<&'l Symbol>,
    pub error: Error,
}

pub fn run(arguments: &Describe) -> Result<Code, Failure> {
    let library = Library::open(&arguments.library.path()?, &arguments.library.search_options())?;
    let selected = match arguments.all {
        true => all(&library),
        false => by_names(&library, &arguments.symbols)?,
    };
    let (mut described, mut undescribed) = (Vec::new(), Vec::new());
    for selected in selected {
        let symbol = selected.export.as_ref().ok().copied();
        match selected.export.and_then(|symbol| Ok((symbol, library.describe_export(symbol)?))) {
            Ok((symbol, declaration)) => described.push(Described { symbol, declaration }),
            Err(error) => undescribed.push(Undescribed { name: selected.name, symbol, error }),
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    match arguments.form {
        Form::C => lines(&described, &mut out)?,
        Form::Json => json::write(&library, &described, &undescribed, &mut out)?,
        Form::Header => header(&described, &mut out)?,
    }
    if arguments.all && arguments.form != Form::Json {
        for Undescribed { name, error, .. } in &undescribed {
            writeln!(out, "/* {} */", in_comment(&format!("{name}: {}", reason(error))))?;
        }
    }
    out.flush()?;
    if undescribed.is_empty() {
        return Ok(Code::Done);
    }
    if arguments.all {
        let total = described.len() + undescribed.len();
        complain(&format!("{} of {total} exports have no declaration", undescribed.len()));
    } else {
        for Undescribed { name, error, .. } in &undescribed {
            complain(&format!("{name}: {}", reason(error)));
        }
    }
    Ok(Code::Failed)
}

/// One declaration per line; a version that is not the default stands behind it.
fn lines(described: &[Described], out: &mut impl Write) -> Result<(), Failure> {
    for Described { symbol, declaration } in described {
        write!(out, "{};", declaration.spell())?;
        if !symbol.default_version {
            write!(out, " /* {} */", in_comment(&full_name(symbol)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn header(described: &[Described], out: &mut impl Write) -> Result<(), Failure> {
    let declarations: Vec<Declaration> =
        described.iter().map(|described| described.declaration.clone()).collect();
    let mut text = String::new();
    // A string takes all that is written.
    let _ = write_header(&declarations, &mut text);
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// The error without the library's name, which is the same for all.
pub fn reason(error: &Error) -> String {
    let sentence = error.to_string();
    match error.file() {
        Some(file) => {
            let file = format!("{}: ", file.display());
            sentence.strip_prefix(&file).unwrap_or(&sentence).to_owned()
        }
        None => sentence,
    }
}

fn in_comment(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("*/", "* /").replace("/*", "/ *")
}
