//! `ffitypecheck check`: a caller's claims against a library.

use std::io::{BufWriter, Write};
use std::path::Path;

use ffitypecheck::check::{check_declaration, Options, TypeClaim};
use ffitypecheck::{ErrorKind, Library};
use serde::Serialize;

use crate::arguments::{Check, ReportForm};
use crate::claims::{self, Claim};
use crate::describe::reason;
use crate::failure::{Code, Failure};
use crate::findings::{write_lines, Counts, Outcome, OutcomeEntry};
use crate::r#where::hex;

/// A claim, and what came of it.
struct Checked<'a> {
    claim: Claim,
    /// The file that makes the claim.
    source: &'a Path,
    /// What the library declares, in C.
    declared: Option<String>,
    outcome: Outcome,
}

pub fn run(arguments: &Check) -> Result<Code, Failure> {
    let library = Library::open(&arguments.library.path()?, &arguments.library.search_options())?;
    let options = arguments.judgement.options();
    let target = library.files().library.target();
    let mut checked = Vec::new();
    for source in &arguments.claims {
        for claim in claims::read(source, target)? {
            let (declared, outcome) = hold(&library, &claim, &options);
            checked.push(Checked { claim, source, declared, outcome });
        }
    }
    let counts = Counts::of(checked.iter().map(|checked| &checked.outcome));
    if !arguments.judgement.quiet {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match arguments.judgement.form {
            ReportForm::Text => {
                for Checked { outcome, .. } in &checked {
                    write_lines(outcome, &arguments.judgement, "", &mut out)?;
                }
                writeln!(out, "{}", counts.sentence())?;
            }
            ReportForm::Json => write_document(&library, &checked, &counts, &mut out)?,
        }
        out.flush()?;
    }
    Ok(if counts.passing == counts.checked { Code::Done } else { Code::Failed })
}

/// What the library declares, in C, and what came of the claim.
fn hold(library: &Library, claim: &Claim, options: &Options) -> (Option<String>, Outcome) {
    let declaration = match library.describe(&claim.subject) {
        Ok(declaration) => declaration,
        Err(error) if error.kind() == ErrorKind::NoSymbol => {
            return (None, Outcome::Missing(format!("{}: {}", claim.subject, reason(&error))))
        }
        Err(error) => return (None, Outcome::not_known(&claim.subject, &error, options)),
    };
    let claim = TypeClaim { types: &claim.types, ty: claim.ty };
    let report = check_declaration(&declaration, claim, options);
    (Some(declaration.spell()), Outcome::Held(report))
}

#[derive(Serialize)]
struct CheckedEntry<'a> {
    subject: &'a str,
    source: String,
    declared: Option<&'a str>,
    claimed: String,
    #[serde(flatten)]
    outcome: OutcomeEntry<'a>,
}

fn write_document(
    library: &Library,
    checked: &[Checked],
    counts: &Counts,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let file = &library.files().library;
    write!(out, "{{\"library\":")?;
    serde_json::to_writer(&mut *out, &file.path().to_string_lossy())?;
    write!(out, ",\n\"build_id\":")?;
    serde_json::to_writer(&mut *out, &file.build_id().map(hex))?;
    write!(out, ",\n\"checked\":[")?;
    for (index, checked) in checked.iter().enumerate() {
        let entry = CheckedEntry {
            subject: &checked.claim.subject,
            source: checked.source.to_string_lossy().into_owned(),
            declared: checked.declared.as_deref(),
            claimed: checked.claim.spell(),
            outcome: OutcomeEntry::from(&checked.outcome),
        };
        write!(out, "{}", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    write!(out, "],\n\"summary\":")?;
    serde_json::to_writer(&mut *out, counts)?;
    writeln!(out, "}}")?;
    Ok(())
}
