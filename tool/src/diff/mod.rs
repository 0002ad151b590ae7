//! `ffitypecheck diff`: reports what changes for a caller that was compiled for one library and uses another one.

mod document;
mod pairs;
mod text;
mod view;

use std::cmp::Reverse;
use std::io::{BufWriter, Write};

use ffitypecheck::check::{check_declaration, Options, Report, TypeClaim};
use ffitypecheck::ctype::Declaration;
use ffitypecheck::identity::Identity;
use ffitypecheck::image::Symbol;
use ffitypecheck::spell;
use ffitypecheck::{Error, Library};
use serde::Serialize;

use self::pairs::{Pair, Pairs};
use self::view::View;
use crate::arguments::{Diff, ReportForm};
use crate::causes::{blocks, Block};
use crate::describe::reason;
use crate::failure::{Code, Failure};
use crate::header::PublicTypes;
use crate::selection::Wanted;

/// An export whose declaration changed.
struct Changed {
    subject: String,
    /// The old and the new declaration in C.
    old: String,
    new: String,
    report: Report,
}

/// An export whose declaration is unknown in one of the libraries.
struct Undescribed {
    subject: String,
    sentence: String,
    passes: bool,
}

struct Difference<'l> {
    removed: Vec<&'l Symbol>,
    added: Vec<&'l Symbol>,
    /// The gravest changes first, then by name.
    changed: Vec<Changed>,
    undescribed: Vec<Undescribed>,
    unchanged: usize,
    /// The number of exports for which only private types changed.
    private: usize,
}

#[derive(Serialize)]
struct Summary {
    removed: usize,
    added: usize,
    changed: usize,
    /// The number of changed exports that do not pass.
    failing: usize,
    /// The number of exports for which only types changed that no public header defines. They are not counted as
    /// changed.
    private: usize,
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
            private: self.private,
            unchanged: self.unchanged,
            undescribed: self.undescribed.len(),
        }
    }

    /// The changes, with each cause reported once. Hundreds of functions may use one record.
    fn blocks(&self) -> Vec<Block<'_>> {
        let findings =
            self.changed.iter().map(|changed| changed.report.findings().iter().collect());
        blocks(findings.enumerate(), |_| true)
    }

    fn passes(&self) -> bool {
        self.removed.is_empty()
            && self.changed.iter().all(|changed| changed.report.passes())
            && self.undescribed.iter().all(|undescribed| undescribed.passes)
    }
}

pub fn run(arguments: &Diff) -> Result<Code, Failure> {
    let open = |path| arguments.library(path).open();
    let (old, new) = (open(&arguments.old)?, open(&arguments.new)?);
    if old.files().library.target() != new.files().library.target() {
        return Err(Failure::Usage("the two libraries are for different machines".to_owned()));
    }
    let wanted = Wanted::new(&arguments.symbols)?;
    let public = if arguments.headers.is_empty() {
        None
    } else {
        Some(PublicTypes::read(&arguments.headers, &arguments.compiler.compiler())?)
    };
    let options = arguments.judgement.options();
    let difference = compare(&old, &new, &wanted, public.as_ref(), &options)?;
    if !arguments.judgement.quiet {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match arguments.judgement.form {
            ReportForm::Text => {
                text::write(&old, &new, &difference, &arguments.judgement, &mut out)?;
            }
            ReportForm::Json => {
                document::write(&old, &new, &difference, &arguments.judgement, &mut out)?;
            }
        }
        out.flush()?;
    }
    Ok(if difference.passes() { Code::Done } else { Code::Failed })
}

fn compare<'l>(
    old: &'l Library,
    new: &'l Library,
    wanted: &Wanted,
    public: Option<&PublicTypes>,
    options: &Options,
) -> Result<Difference<'l>, Failure> {
    let Pairs { both, removed, added } = Pairs::of(old, new, wanted)?;
    let mut difference = Difference {
        removed,
        added,
        changed: Vec::new(),
        undescribed: Vec::new(),
        unchanged: 0,
        private: 0,
    };
    let described: Vec<(Pair, Described)> = both
        .into_iter()
        .map(|pair| {
            let described = describe(old, new, &pair);
            (pair, described)
        })
        .collect();
    // Identical types need no check.
    let mut identity = Identity::new(false);
    let mut view = public.map(View::new);
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
        let held = |old: &Declaration| {
            check_declaration(new, TypeClaim { types: &old.types, ty: old.ty }, options)
        };
        let report = match &mut view {
            Some(view) => held(&view.of(old)),
            None => held(old),
        };
        if report.findings().is_empty() {
            if view.is_some() && !held(old).findings().is_empty() {
                difference.private += 1
            } else {
                difference.unchanged += 1
            }
            continue;
        }
        let (old, new) = (spell::declaration(old), spell::declaration(new));
        difference.changed.push(Changed { subject, old, new, report });
    }
    difference.changed.sort_by_key(|changed| Reverse(changed.report.verdict()));
    Ok(difference)
}

/// The declarations in the old and the new library, or a sentence that says why one is unknown.
type Described = Result<(Declaration, Declaration), String>;

fn describe(old: &Library, new: &Library, pair: &Pair) -> Described {
    let at = |side: &str, error: Error| format!("{}: {side}: {}", pair.subject, reason(&error));
    let old = old.describe_export(pair.old).map_err(|error| at("OLD", error))?;
    let new = new.describe_export(pair.new).map_err(|error| at("NEW", error))?;
    Ok((old, new))
}
