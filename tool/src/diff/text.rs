//! Writes a difference as text.

use std::io::Write;

use ffitypecheck::image::Symbol;
use ffitypecheck::spell;
use ffitypecheck::Library;

use super::{Changed, Difference};
use crate::arguments::JudgementArguments;
use crate::causes::Block;
use crate::failure::Failure;
use crate::findings::{one_line, write_finding, write_same, SHOWN};
use crate::selection::full_name;

pub fn write(
    old: &Library,
    new: &Library,
    difference: &Difference,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for symbol in &difference.removed {
        alone("REMOVED", old, symbol, out)?;
    }
    for block in difference.blocks() {
        write_block(difference, &block, arguments, out)?;
    }
    for symbol in &difference.added {
        alone("ADDED", new, symbol, out)?;
    }
    for undescribed in &difference.undescribed {
        if arguments.verbose || !undescribed.passes {
            writeln!(out, "UNVERIFIED not-known {}", one_line(&undescribed.sentence))?;
        }
    }
    writeln!(out, "{}", sentence(difference))?;
    Ok(())
}

fn write_block(
    difference: &Difference,
    block: &Block,
    arguments: &JudgementArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let limit = if arguments.verbose { usize::MAX } else { SHOWN };
    let Some(Changed { subject, old, new, .. }) = difference.changed.get(block.entry) else {
        return Ok(());
    };
    writeln!(out, "CHANGED {}", one_line(subject))?;
    writeln!(out, "    OLD {}", one_line(old))?;
    writeln!(out, "    NEW {}", one_line(new))?;
    for finding in block.findings.iter().take(limit) {
        write_finding(finding, arguments, "    ", out)?;
    }
    let more = block.findings.len().saturating_sub(limit);
    if more > 0 {
        writeln!(out, "    {more} more with --verbose")?;
    }
    let same = block.same.iter().filter_map(|other| difference.changed.get(*other));
    let same: Vec<&str> = same.map(|other| other.subject.as_str()).collect();
    write_same(block.told, &same, limit, out)
}

/// Writes an export that only one of the libraries has.
fn alone(
    word: &str,
    library: &Library,
    symbol: &Symbol,
    out: &mut impl Write,
) -> Result<(), Failure> {
    write!(out, "{word} {}", one_line(&full_name(symbol)))?;
    match library.describe_export(symbol) {
        Ok(declaration) => writeln!(out, ": {}", one_line(&spell::declaration(&declaration)))?,
        Err(_) => writeln!(out)?,
    }
    Ok(())
}

/// The summary: `1 removed, 2 changed (1 does not pass), 120 unchanged`.
fn sentence(difference: &Difference) -> String {
    let summary = difference.summary();
    let failing = match summary.failing {
        0 if summary.changed == 0 => String::new(),
        0 => " (all pass)".to_owned(),
        1 => " (1 does not pass)".to_owned(),
        failing => format!(" ({failing} do not pass)"),
    };
    let counts = [
        (summary.removed, "removed".to_owned()),
        (summary.changed, format!("changed{failing}")),
        (summary.private, "changed in private types only".to_owned()),
        (summary.added, "added".to_owned()),
        (summary.unchanged, "unchanged".to_owned()),
        (summary.undescribed, "not described".to_owned()),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() {
        "nothing is exported".to_owned()
    } else {
        words.join(", ")
    }
}
