//! `ffitypecheck check`: a caller's claims against a library.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use ffitypecheck::check::{check_declaration, Options, TypeClaim};
use ffitypecheck::{ErrorKind, Library};
use serde::Serialize;

use crate::arguments::{Check, JudgementArguments, ReportForm};
use crate::claims::{self, Claim, Place};
use crate::describe::reason;
use crate::failure::{Code, Failure};
use crate::findings::{one_line, write_outcome, Counts, Outcome, OutcomeEntry};
use crate::header;
use crate::r#where::hex;
use crate::selection::Wanted;

/// What came of one claim.
struct Checked {
    subject: String,
    /// None where a claim was asked for and is not made.
    claim: Option<Claim>,
    /// What the library declares, in C.
    declared: Option<String>,
    outcome: Outcome,
}

pub fn run(arguments: &Check) -> Result<Code, Failure> {
    let library = Library::open(&arguments.library.path()?, &arguments.library.search_options())?;
    let options = arguments.judgement.options();
    let wanted = Wanted::new(&arguments.symbols)?;
    let mut checked = Vec::new();
    for claim in claims(arguments, &library)? {
        let c_name = claim.place.name.as_deref();
        let names = [Some(&*claim.subject), claim.subject.split('@').next(), c_name];
        if names.into_iter().flatten().any(|name| wanted.wants(name)) {
            let (declared, outcome) = hold(&library, &claim, &options);
            checked.push(Checked {
                subject: claim.subject.clone(),
                claim: Some(claim),
                declared,
                outcome,
            });
        }
    }
    checked.extend(not_claimed(&wanted, &checked));
    let counts = Counts::of(checked.iter().map(|checked| &checked.outcome));
    if !arguments.judgement.quiet {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match arguments.judgement.form {
            ReportForm::Text => write_text(&checked, &counts, &arguments.judgement, &mut out)?,
            ReportForm::Json => write_document(&library, &checked, &counts, &mut out)?,
        }
        out.flush()?;
    }
    Ok(if counts.passing == counts.checked { Code::Done } else { Code::Failed })
}

/// Those of the documents, each by itself, then those of the headers, which belong together.
fn claims(arguments: &Check, library: &Library) -> Result<Vec<Claim>, Failure> {
    let target = library.files().library.target();
    let is_header = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "h");
    let (headers, documents): (Vec<&PathBuf>, Vec<&PathBuf>) =
        arguments.claims.iter().partition(is_header);
    let mut claims = Vec::new();
    for document in documents {
        claims.extend(claims::read(document, target)?);
    }
    if !headers.is_empty() {
        let found = header::read(&headers, &arguments.compiler.compiler(), library)?;
        if found.is_empty() {
            let what =
                format!("the headers declare nothing that {} exports", library_name(library));
            return Err(Failure::Usage(what));
        }
        claims.extend(found);
    }
    Ok(claims)
}

fn library_name(library: &Library) -> String {
    library.files().library.path().display().to_string()
}

/// The names that were asked for and of which nothing is claimed.
fn not_claimed(wanted: &Wanted, checked: &[Checked]) -> Vec<Checked> {
    let is_claimed = |name: &String| {
        let claims = checked.iter().filter_map(|checked| checked.claim.as_ref());
        claims.into_iter().any(|claim| {
            claim.subject == *name
                || claim.subject.split('@').next() == Some(name)
                || claim.place.name.as_ref() == Some(name)
        })
    };
    let names = wanted.names().iter().filter(|name| !is_claimed(name));
    let missing = |name: &String| Checked {
        subject: name.clone(),
        claim: None,
        declared: None,
        outcome: Outcome::Missing {
            reason: "no-claim",
            sentence: format!("{name}: nothing is claimed of it"),
        },
    };
    names.map(missing).collect()
}

/// What the library declares, in C, and what came of the claim.
fn hold(library: &Library, claim: &Claim, options: &Options) -> (Option<String>, Outcome) {
    let declaration = match library.describe(&claim.subject) {
        Ok(declaration) => declaration,
        Err(error) if error.kind() == ErrorKind::NoSymbol => {
            let sentence = format!("{}: {}", claim.subject, reason(&error));
            return (None, Outcome::Missing { reason: "no-symbol", sentence });
        }
        Err(error) => return (None, Outcome::not_known(&claim.subject, &error, options)),
    };
    let claim = TypeClaim { types: &claim.types, ty: claim.ty };
    let report = check_declaration(&declaration, claim, options);
    (Some(declaration.spell()), Outcome::Held(report))
}

fn write_text(
    checked: &[Checked],
    counts: &Counts,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for Checked { claim, outcome, .. } in checked {
        let any = write_outcome(outcome, arguments, out)?;
        let place = claim.as_ref().map(|claim| &claim.place);
        // A document says where by the symbol.
        if let Some(place) = place.filter(|place| any && place.line.is_some()) {
            writeln!(out, "    claimed {}", one_line(&place.to_string()))?;
        }
    }
    writeln!(out, "{}", counts.sentence())?;
    Ok(())
}

#[derive(Serialize)]
struct CheckedEntry<'a> {
    subject: &'a str,
    source: Option<&'a Place>,
    declared: Option<&'a str>,
    claimed: Option<String>,
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
            subject: &checked.subject,
            source: checked.claim.as_ref().map(|claim| &claim.place),
            declared: checked.declared.as_deref(),
            claimed: checked.claim.as_ref().map(Claim::spell),
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
