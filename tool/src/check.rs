//! `ffitypecheck check`: compares a caller's claims with a library.

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::rc::Rc;

use ffitypecheck::check::{check_declaration, check_type, Finding, Options, TypeClaim};
use ffitypecheck::ctype::{Declaration, DeclarationKind};
use ffitypecheck::spell;
use ffitypecheck::{Error, ErrorKind, Library};
use serde::Serialize;

use crate::arguments::{Check, JudgementArguments, ReportForm};
use crate::causes::{blocks, is_of_a_record, Block};
use crate::claims::{self, Claim, Place};
use crate::describe::reason;
use crate::failure::{Code, Failure};
use crate::findings::{
    one_line, told_once, write_finding, write_same, Counts, Outcome, OutcomeEntry, SHOWN,
};
use crate::header;
use crate::r#where::hex;
use crate::selection::Wanted;

/// The result for one claim.
struct Checked {
    subject: String,
    /// `None` if the user asked for a claim that was not made.
    claim: Option<Rc<Claim>>,
    held: Held,
}

/// The result for a claim and one declaration, or the lack of one.
struct Held {
    /// What the library declares, in C.
    declared: Option<String>,
    /// The place where the library defines a type of this name. It may have other definitions elsewhere.
    defined: Option<(String, u64)>,
    outcome: Outcome,
}

impl From<Outcome> for Held {
    fn from(outcome: Outcome) -> Held {
        Held { declared: None, defined: None, outcome }
    }
}

pub fn run(arguments: &Check) -> Result<Code, Failure> {
    let library = arguments.library.open()?;
    let options = arguments.judgement.options();
    let wanted = Wanted::new(&arguments.symbols)?;
    let mut checked = Vec::new();
    for claim in claims(arguments, &library)? {
        if claim.names().any(|name| wanted.wants(name)) {
            let claim = Rc::new(claim);
            for held in hold(&library, &claim, &options)? {
                let (subject, claim) = (claim.subject.clone(), Some(Rc::clone(&claim)));
                checked.push(Checked { subject, claim, held });
            }
        }
    }
    checked.extend(not_claimed(&wanted, &checked));
    let counts = Counts::of(checked.iter().map(|checked| &checked.held.outcome));
    if !arguments.judgement.quiet {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match arguments.judgement.form {
            ReportForm::Text => write_text(&checked, &counts, &arguments.judgement, &mut out)?,
            ReportForm::Json => {
                write_document(&library, &checked, &counts, &arguments.judgement, &mut out)?;
            }
        }
        out.flush()?;
    }
    Ok(if counts.passing == counts.checked { Code::Done } else { Code::Failed })
}

/// The claims of the documents, which are independent of each other, and then the claims of the headers, which are
/// compiled together.
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
        let found =
            header::read(&headers, &arguments.compiler.compiler(), library, arguments.types)?;
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

/// The names that the user asked for and that have no claim.
fn not_claimed(wanted: &Wanted, checked: &[Checked]) -> Vec<Checked> {
    let claims = checked.iter().filter_map(|checked| checked.claim.as_ref());
    let claimed: HashSet<&str> = claims.flat_map(|claim| claim.names()).collect();
    let names = wanted.names().iter().filter(|name| !claimed.contains(name.as_str()));
    let missing = |name: &String| {
        let sentence = format!("{name}: nothing is claimed of it");
        let held = Held::from(Outcome::Missing { reason: "no-claim", sentence });
        Checked { subject: name.clone(), claim: None, held }
    };
    names.map(missing).collect()
}

/// Compares the claim with the declaration of the symbol, or with each definition of the type.
fn hold(library: &Library, claim: &Claim, options: &Options) -> Result<Vec<Held>, Failure> {
    let is_type = claim.kind == DeclarationKind::Type;
    let declarations = if is_type {
        library.describe_type(&claim.subject)
    } else {
        library.describe(&claim.subject).map(|declaration| vec![declaration])
    };
    let missing = |reason, error| Ok(vec![Held::from(missing(claim, reason, error))]);
    let declarations = match declarations {
        Ok(declarations) => declarations,
        Err(error) => match error.kind() {
            ErrorKind::NoSymbol => return missing("no-symbol", &error),
            ErrorKind::NoType if is_type => return missing("no-type", &error),
            ErrorKind::InvalidArgument => {
                let file = &claim.place.file;
                return Err(Failure::Usage(format!("{file}: {}", reason(&error))));
            }
            _ => {
                let outcome = Outcome::not_known(&claim.subject, &error, options);
                return Ok(vec![Held::from(outcome)]);
            }
        },
    };
    let claim = TypeClaim { types: &claim.types, ty: claim.ty };
    let hold = |declaration: Declaration| {
        if is_type {
            Held {
                declared: Some(spell::type_name(&declaration.types, declaration.ty)),
                defined: declaration.source().map(|(file, line)| (file.to_string(), line)),
                outcome: Outcome::Held(check_type(
                    &declaration.types,
                    declaration.ty,
                    claim,
                    options,
                )),
            }
        } else {
            Held {
                declared: Some(spell::declaration(&declaration)),
                defined: None,
                outcome: Outcome::Held(check_declaration(&declaration, claim, options)),
            }
        }
    };
    let mut held: Vec<Held> = declarations.into_iter().map(hold).collect();
    // A library may have several private types with one name, and the claim does not say which one it means. It is
    // enough if one agrees.
    let passing = held.iter().position(|held| held.outcome.passes());
    if let (true, Some(passing)) = (is_type, passing) {
        held.swap(0, passing);
        held.truncate(1);
    }
    Ok(held)
}

fn missing(claim: &Claim, what: &'static str, error: &Error) -> Outcome {
    Outcome::Missing { reason: what, sentence: format!("{}: {}", claim.subject, reason(error)) }
}

/// Writes the findings that do not pass. A difference in a record is reported once for all functions that use it.
/// With --verbose, all findings are written.
fn write_text(
    checked: &[Checked],
    counts: &Counts,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let options = arguments.options();
    let is_shown = |finding: &Finding| arguments.verbose || !options.passes(finding.verdict);
    let mut blocks = told(checked, is_shown, arguments).into_iter().peekable();
    for (entry, Checked { claim, held, .. }) in checked.iter().enumerate() {
        let block = blocks.next_if(|block| block.entry == entry);
        match (&held.outcome, &block) {
            (Outcome::Missing { reason, sentence }, _) => {
                writeln!(out, "MISSING {reason} {}", one_line(sentence))?;
            }
            (_, None) => continue,
            (_, Some(block)) => {
                for finding in &block.findings {
                    write_finding(finding, arguments, "", out)?;
                }
            }
        }
        let place = claim.as_ref().map(|claim| &claim.place);
        // In a document, the symbol alone says where the claim is.
        if let Some(place) = place.filter(|place| place.line.is_some()) {
            writeln!(out, "    claimed {}", one_line(&place.to_string()))?;
        }
        if let Some((file, line)) = &held.defined {
            writeln!(out, "    defined in {}:{line}", one_line(file))?;
        }
        if let Some(block) = block {
            let same = block.same.iter().filter_map(|other| subject(checked, *other));
            write_same(block.told, &same.collect::<Vec<_>>(), SHOWN, out)?;
        }
    }
    writeln!(out, "{}", counts.sentence())?;
    Ok(())
}

/// The claims whose findings are shown.
fn told<'c>(
    checked: &'c [Checked],
    is_shown: impl Fn(&Finding) -> bool,
    arguments: &JudgementArguments,
) -> Vec<Block<'c>> {
    let entries = checked.iter().enumerate().filter_map(|(entry, checked)| {
        let findings = checked.held.outcome.report()?.findings().iter();
        Some((entry, findings.filter(|finding| is_shown(finding)).collect()))
    });
    blocks(entries, |finding| !arguments.verbose && is_of_a_record(finding))
}

fn subject(checked: &[Checked], entry: usize) -> Option<&str> {
    checked.get(entry).map(|checked| checked.subject.as_str())
}

#[derive(Serialize)]
struct Source<'a> {
    file: &'a str,
    line: u64,
}

#[derive(Serialize)]
struct CheckedEntry<'a> {
    subject: &'a str,
    source: Option<&'a Place>,
    declared: Option<&'a str>,
    claimed: Option<String>,
    /// The place of the definition, for types only.
    #[serde(skip_serializing_if = "Option::is_none")]
    defined: Option<Source<'a>>,
    #[serde(flatten)]
    outcome: OutcomeEntry<'a>,
}

fn write_document(
    library: &Library,
    checked: &[Checked],
    counts: &Counts,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let outcomes = checked.iter().map(|checked| &checked.held.outcome);
    let mut outcomes: Vec<OutcomeEntry> = outcomes.map(OutcomeEntry::from).collect();
    told_once(&mut outcomes, &told(checked, |_| true, arguments), |entry| subject(checked, entry));
    let file = &library.files().library;
    write!(out, "{{\"library\":")?;
    serde_json::to_writer(&mut *out, &file.path().to_string_lossy())?;
    write!(out, ",\n\"build_id\":")?;
    serde_json::to_writer(&mut *out, &file.build_id().map(hex))?;
    write!(out, ",\n\"checked\":[")?;
    for (index, (checked, outcome)) in checked.iter().zip(outcomes).enumerate() {
        let entry = CheckedEntry {
            subject: &checked.subject,
            source: checked.claim.as_ref().map(|claim| &claim.place),
            declared: checked.held.declared.as_deref(),
            claimed: checked.claim.as_ref().map(|claim| claim.spell()),
            defined: checked.held.defined.as_ref().map(|(file, line)| Source { file, line: *line }),
            outcome,
        };
        write!(out, "{}", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    write!(out, "],\n\"summary\":")?;
    serde_json::to_writer(&mut *out, counts)?;
    writeln!(out, "}}")?;
    Ok(())
}
