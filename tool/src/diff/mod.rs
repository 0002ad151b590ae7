//! `ffitypecheck diff`: what a caller that was compiled for one library meets in another.

mod causes;
mod document;
mod pairs;
mod text;

use std::io::{BufWriter, Write};

use ffitypecheck::check::{check_declaration, Options, Report, TypeClaim};
use ffitypecheck::ctype::{Declaration, Identity};
use ffitypecheck::image::Symbol;
use ffitypecheck::{Error, Library};
use serde::Serialize;

use self::pairs::{Pair, Pairs};
use crate::arguments::{Diff, ReportForm};
use crate::describe::reason;
use crate::failure::{Code, Failure};
use crate::selection::Wanted;

/// An export whose declaration changed.
struct Changed {
    subject: String,
    /// Both in C.
    old: String,
    new: String,
    report: Report,
}

/// An export of which one side's declaration is not known.
struct Undescribed {
    subject: String,
    sentence: String,
    passes: bool,
}

struct Difference<'l> {
    removed: Vec<&'l Symbol>,
    added: Vec<&'l Symbol>,
    changed: Vec<Changed>,
    undescribed: Vec<Undescribed>,
    unchanged: usize,
}

#[derive(Serialize)]
struct Summary {
    removed: usize,
    added: usize,
    changed: usize,
    /// Of the changed ones.
    failing: usize,
    unchanged: usize,
    undescribed: usize,
}

impl Difference<'_> {
    fn summary(&self) -> Summary {
        Summary {
            removed: self.removed.len(),
            added: self.added.len(),
            changed: self.changed.len(),
            failing: self.changed.iter().filter(|changed| !changed.report.passes()).count(),
            unchanged: self.unchanged,
            undescribed: self.undescribed.len(),
        }
    }

    fn passes(&self) -> bool {
        self.removed.is_empty()
            && self.changed.iter().all(|changed| changed.report.passes())
            && self.undescribed.iter().all(|undescribed| undescribed.passes)
    }
}

pub fn run(arguments: &Diff) -> Result<Code, Failure> {
    let open = |path| {
        let library = arguments.library(path);
        Ok::<_, Failure>(Library::open(&library.path()?, &library.search_options())?)
    };
    let (old, new) = (open(&arguments.old)?, open(&arguments.new)?);
    if old.files().library.target() != new.files().library.target() {
        return Err(Failure::Usage("the two libraries are for different machines".to_owned()));
    }
    let wanted = Wanted::new(&arguments.symbols)?;
    let difference = compare(&old, &new, &wanted, &arguments.judgement.options());
    if !arguments.judgement.quiet {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match arguments.judgement.form {
            ReportForm::Text => {
                text::write(&old, &new, &difference, &arguments.judgement, &mut out)?;
            }
            ReportForm::Json => document::write(&old, &new, &difference, &mut out)?,
        }
        out.flush()?;
    }
    Ok(if difference.passes() { Code::Done } else { Code::Failed })
}

fn compare<'l>(
    old: &'l Library,
    new: &'l Library,
    wanted: &Wanted,
    options: &Options,
) -> Difference<'l> {
    let Pairs { both, removed, added } = Pairs::of(old, new, wanted);
    let mut difference =
        Difference { removed, added, changed: Vec::new(), undescribed: Vec::new(), unchanged: 0 };
    let described: Vec<(Pair, Described)> = both
        .into_iter()
        .map(|pair| {
            let described = describe(old, new, &pair);
            (pair, described)
        })
        .collect();
    // What is the same all through needs no judgement.
    let mut identity = Identity::new(false);
    for (Pair { subject, .. }, described) in &described {
        let subject = subject.clone();
        let (old, new) = match described {
            Ok(both) => both,
            Err(sentence) => {
                let (sentence, passes) = (sentence.clone(), !options.require);
                difference.undescribed.push(Undescribed { subject, sentence, passes });
                continue;
            }
        };
        let classes = [old, new].map(|side| identity.class_of(&side.types, side.ty));
        if classes[0] == classes[1] && old.kind == new.kind {
            difference.unchanged += 1;
            continue;
        }
        let claim = TypeClaim { types: &old.types, ty: old.ty };
        let report = check_declaration(new, claim, options);
        if report.findings().is_empty() {
            difference.unchanged += 1;
            continue;
        }
        let (old, new) = (old.spell(), new.spell());
        difference.changed.push(Changed { subject, old, new, report });
    }
    difference
}

/// The declaration of either side, or a sentence why one is not known.
type Described = Result<(Declaration, Declaration), String>;

fn describe(old: &Library, new: &Library, pair: &Pair) -> Described {
    let at = |side: &str, error: Error| format!("{}: {side}: {}", pair.subject, reason(&error));
    let old = old.describe_export(pair.old).map_err(|error| at("OLD", error))?;
    let new = new.describe_export(pair.new).map_err(|error| at("NEW", error))?;
    Ok((old, new))
}
