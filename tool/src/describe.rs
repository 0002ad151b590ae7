//! `ffitypecheck describe`: prints the declarations of symbols and types as C lines, a JSON document or a C header.

use std::io::{BufWriter, Write};

use ffitypecheck::ctype::Declaration;
use ffitypecheck::header::{write_header, write_types};
use ffitypecheck::image::Symbol;
use ffitypecheck::spell;
use ffitypecheck::{Error, ErrorKind};

use crate::arguments::{Describe, Form};
use crate::failure::{Code, Failure};
use crate::selection::{all, by_names, full_name};
use crate::{complain, json};

/// A declaration and its export. The export is `None` for a type.
pub struct Described<'l> {
    pub symbol: Option<&'l Symbol>,
    pub declaration: Declaration,
}

/// A symbol without a declaration, and the reason.
pub struct Undescribed<'l> {
    /// The name that the user asked for.
    pub name: String,
    /// The export, if there is one.
    pub symbol: Option<&'l Symbol>,
    pub error: Error,
}

pub fn run(arguments: &Describe) -> Result<Code, Failure> {
    if !arguments.all && arguments.symbols.is_empty() && arguments.types.is_empty() {
        let what =
            "name symbols ('printf', 'mem*'), a type (--type 'struct stat'), or --all exports";
        return Err(Failure::Usage(format!("nothing to describe: {what}")));
    }
    let library = arguments.library.open()?;
    let selected =
        if arguments.all { all(&library)? } else { by_names(&library, &arguments.symbols)? };
    let (mut described, mut undescribed) = (Vec::new(), Vec::new());
    for selected in selected {
        let symbol = selected.export.as_ref().ok().copied();
        match selected.export.and_then(|symbol| Ok((symbol, library.describe_export(symbol)?))) {
            Ok((symbol, declaration)) => {
                described.push(Described { symbol: Some(symbol), declaration });
            }
            Err(error) => undescribed.push(Undescribed { name: selected.name, symbol, error }),
        }
    }
    let mut types = Vec::new();
    for name in &arguments.types {
        match library.describe_type(name) {
            Ok(definitions) => types.push(definitions),
            Err(error) => {
                undescribed.push(Undescribed { name: name.clone(), symbol: None, error });
            }
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    if arguments.form == Form::C {
        lines(&described, &mut out)?;
        definitions(&types, &mut out)?;
    }
    let declared = types.into_iter().flatten();
    described.extend(declared.map(|declaration| Described { symbol: None, declaration }));
    match arguments.form {
        Form::C => {}
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

/// Writes one declaration per line. A version that is not the default follows in a comment.
fn lines(described: &[Described], out: &mut impl Write) -> Result<(), Failure> {
    for Described { symbol, declaration } in described {
        write!(out, "{};", spell::declaration(declaration))?;
        if let Some(symbol) = symbol.filter(|symbol| !symbol.default_version) {
            write!(out, " /* {} */", in_comment(&full_name(symbol)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes the types that have one definition, with the types that they need. Then writes each definition of the other
/// types by itself.
fn definitions(types: &[Vec<Declaration>], out: &mut impl Write) -> Result<(), Failure> {
    let mut text = String::new();
    let (several, single): (Vec<_>, Vec<_>) = types.iter().partition(|found| found.len() > 1);
    let single: Vec<Declaration> = single.into_iter().flatten().cloned().collect();
    // Writing to a string cannot fail.
    let _ = write_types(&single, &mut text);
    for found in several {
        for (index, definition) in found.iter().enumerate() {
            let source = definition.source().map_or_else(
                || "an unknown file".to_owned(),
                |(file, line)| format!("{file}:{line}"),
            );
            let (name, count) = (&definition.symbol, found.len());
            let line = format!("{name}: definition {} of {count} that differ, {source}", index + 1);
            text.push_str(&format!("/* {} */\n", in_comment(&line)));
            let _ = write_types(std::slice::from_ref(definition), &mut text);
        }
    }
    out.write_all(text.as_bytes())?;
    Ok(())
}

fn header(described: &[Described], out: &mut impl Write) -> Result<(), Failure> {
    let declarations: Vec<Declaration> =
        described.iter().map(|described| described.declaration.clone()).collect();
    let mut text = String::new();
    // Writing to a string cannot fail.
    let cut = write_header(&declarations, &mut text).is_ok_and(|report| report.cut);
    out.write_all(text.as_bytes())?;
    match declarations.first().filter(|_| cut) {
        Some(first) => {
            let message = "the header is not complete: it would be larger than the debug information explains";
            let error = Error::new(ErrorKind::Limit, message).in_file(&first.library);
            Err(Failure::Library(error))
        }
        None => Ok(()),
    }
}

/// The message of the error without the name of the library, which is the same for all.
pub fn reason(error: &Error) -> String {
    let sentence = format!("{error:#}");
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
