//! Writes a difference as a JSON document. docs/json.md describes it for readers.

use std::io::Write;

use ffitypecheck::image::Symbol;
use ffitypecheck::spell;
use ffitypecheck::Library;
use serde::Serialize;

use super::Difference;
use crate::arguments::JudgementArguments;
use crate::failure::Failure;
use crate::findings::{told_once, OutcomeEntry};
use crate::r#where::hex;

#[derive(Serialize)]
struct LibraryEntry {
    library: String,
    build_id: Option<String>,
}

#[derive(Serialize)]
struct ExportEntry<'a> {
    symbol: &'a str,
    version: Option<&'a str>,
    default_version: bool,
    c: Option<String>,
}

#[derive(Serialize)]
struct ChangedEntry<'a> {
    subject: &'a str,
    old: &'a str,
    new: &'a str,
    #[serde(flatten)]
    outcome: OutcomeEntry<'a>,
}

#[derive(Serialize)]
struct UndescribedEntry<'a> {
    subject: &'a str,
    sentence: &'a str,
}

pub fn write(
    old: &Library,
    new: &Library,
    difference: &Difference,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    write!(out, "{{\"old\":")?;
    serde_json::to_writer(&mut *out, &library(old))?;
    write!(out, ",\n\"new\":")?;
    serde_json::to_writer(&mut *out, &library(new))?;
    list(out, "removed", difference.removed.iter().map(|symbol| export(old, symbol)))?;
    let outcomes = difference.changed.iter().map(|changed| &changed.report);
    let mut outcomes: Vec<OutcomeEntry> = outcomes.map(OutcomeEntry::from).collect();
    if !arguments.verbose {
        let subjects = |entry: usize| difference.changed.get(entry).map(|one| &*one.subject);
        told_once(&mut outcomes, &difference.blocks(), subjects);
    }
    let changed = difference.changed.iter().zip(outcomes).map(|(changed, outcome)| ChangedEntry {
        subject: &changed.subject,
        old: &changed.old,
        new: &changed.new,
        outcome,
    });
    list(out, "changed", changed)?;
    list(out, "added", difference.added.iter().map(|symbol| export(new, symbol)))?;
    let undescribed = difference.undescribed.iter().map(|undescribed| UndescribedEntry {
        subject: &undescribed.subject,
        sentence: &undescribed.sentence,
    });
    list(out, "undescribed", undescribed)?;
    write!(out, ",\n\"summary\":")?;
    serde_json::to_writer(&mut *out, &difference.summary())?;
    writeln!(out, "}}")?;
    Ok(())
}

/// Writes a list with one entry per line.
fn list<E: Serialize>(
    out: &mut impl Write,
    name: &str,
    entries: impl Iterator<Item = E>,
) -> Result<(), Failure> {
    write!(out, ",\n\"{name}\":[")?;
    for (index, entry) in entries.enumerate() {
        write!(out, "{}", if index == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    write!(out, "]")?;
    Ok(())
}

fn library(library: &Library) -> LibraryEntry {
    let file = &library.files().library;
    LibraryEntry {
        library: file.path().to_string_lossy().into_owned(),
        build_id: file.build_id().map(hex),
    }
}

fn export<'a>(library: &Library, symbol: &'a Symbol) -> ExportEntry<'a> {
    ExportEntry {
        symbol: symbol.name.as_str(),
        version: symbol.version.as_ref().map(|version| version.as_str()),
        default_version: symbol.default_version,
        c: library.describe_export(symbol).ok().map(|declaration| spell::declaration(&declaration)),
    }
}
