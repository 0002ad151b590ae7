//! Lines for the user, and records for the command that began the run. Each line is one `write` to a file that is
//! opened for appending, so that lines of several processes do not mix. Only the thread in the section writes.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ffitypecheck::check::{Finding, Position};
use ffitypecheck::Error;
use serde_json::{json, Value};

use crate::counter::Counter;
use crate::counts;
use crate::settings::{Mode, Settings};

/// The largest number of different sentences that are remembered.
const SENTENCES: usize = 1 << 14;

/// What was written, with the numbers of findings. `None` as a number: there are too many, or it is no finding.
static WRITTEN: Mutex<Option<HashMap<String, Option<u64>>>> = Mutex::new(None);

/// A finding and where it was found.
pub struct Seen<'a> {
    pub library: &'a str,
    pub function: &'a str,
    pub finding: &'a Finding,
}

/// Writes a finding if it is new, and returns its number.
pub fn write_finding(settings: &Settings, seen: &Seen) -> Option<u64> {
    let Seen { library, function, finding } = seen;
    let sentence = finding.sentence.as_str();
    let mut number = None;
    let key = format!("{}\t{library}\t{sentence}", finding.verdict);
    let known = remember(key, || {
        number = counts::new_finding();
        number
    });
    if let Some(known) = known {
        return known;
    }
    let position = match finding.position {
        Position::Argument(argument) => format!("argument {argument}"),
        Position::Result => "result".to_owned(),
        _ => "call".to_owned(),
    };
    let record = json!({
        "record": "finding",
        "number": number,
        "process": std::process::id(),
        "verdict": finding.verdict.word(),
        "rule": finding.rule.id(),
        "library": library,
        "function": function,
        "position": position,
        "sentence": sentence,
        "hint": finding.hint.as_ref().map(|hint| hint.as_str()),
    });
    keep(settings, &record);
    if settings.mode != Mode::Count {
        let hint =
            finding.hint.as_ref().map_or(String::new(), |hint| format!("; {}", hint.as_str()));
        let process = std::process::id();
        let text = format!("{}: {sentence}{hint} [{library}]", finding.verdict);
        say(settings, &record, &format!("ffitypecheck[{process}]: {text}"));
    }
    number
}

/// Records why a function has no declaration, once for each library and reason.
pub fn write_unknown(settings: &Settings, library: &str, function: usize, error: &Error) {
    if settings.run.is_none() {
        return;
    }
    let reason = format!("{error:#}");
    if remember(format!("unknown\t{library}\t{reason}"), || None).is_none() {
        keep(
            settings,
            &json!({
                "record": "unknown",
                "process": std::process::id(),
                "library": library,
                "address": format!("{function:#x}"),
                "kind": format!("{:?}", error.kind()),
                "reason": reason,
            }),
        );
    }
}

/// Writes a backtrace, from the call through libffi on.
pub fn write_backtrace(settings: &Settings, backtrace: &str) {
    let begin = backtrace.find(": ffi_").and_then(|at| backtrace.get(..at)?.rfind('\n'));
    let text = begin.and_then(|at| backtrace.get(at + 1..)).unwrap_or(backtrace);
    append(settings.output.as_deref(), text.trim_end());
}

/// Writes what was counted in this process.
pub fn write_counts(settings: &Settings) {
    let pairs = [Counter::Match, Counter::Differs, Counter::Unverified, Counter::Mismatch];
    let [matches, differs, unverified, mismatch] = pairs.map(counts::value);
    let process = std::process::id();
    let calls = counts::calls();
    let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut findings: Vec<(u64, &str)> = Vec::new();
    for (key, number) in written.iter().flatten() {
        if let Some(number) = number {
            findings.push((counts::finding_calls(*number), key));
        }
    }
    findings.sort_unstable_by(|one, other| other.cmp(one));
    let entry = |(calls, key): &(u64, &str)| -> (Value, String) {
        let mut parts = key.splitn(3, '\t');
        let mut part = || parts.next().unwrap_or("");
        let (verdict, library, sentence) = (part(), part(), part());
        let value =
            json!({"calls": calls, "verdict": verdict, "library": library, "sentence": sentence});
        (value, format!("\n  {calls} calls: {verdict}: {sentence} [{library}]"))
    };
    let (values, lines): (Vec<Value>, Vec<String>) = findings.iter().map(entry).unzip();
    let record = json!({
        "record": "counts", "process": process, "calls": calls, "match": matches, "differs": differs,
        "unverified": unverified, "mismatch": mismatch, "findings": values,
    });
    let text = format!(
        "ffitypecheck[{process}]: {calls} calls through libffi; pairs of function and types: {matches} MATCH, {differs} \
         DIFFERS, {unverified} UNVERIFIED, {mismatch} MISMATCH{}",
        lines.concat()
    );
    say(settings, &record, &text);
}

/// Writes a complaint about the environment.
pub fn complain(settings: &Settings, complaint: &str) {
    let record = json!({"record": "complaint", "sentence": complaint});
    say(settings, &record, &format!("ffitypecheck: {complaint}"));
}

/// The number that was remembered for a key. `None`: the key is new, and is remembered with the number that `make`
/// gives, if there is room.
fn remember(key: String, make: impl FnOnce() -> Option<u64>) -> Option<Option<u64>> {
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let written = written.get_or_insert_with(HashMap::new);
    if let Some(known) = written.get(&key) {
        return Some(*known);
    }
    if written.len() >= SENTENCES {
        return Some(None);
    }
    let number = make();
    written.insert(key, number);
    None
}

fn keep(settings: &Settings, record: &Value) {
    if let Some(run) = &settings.run {
        append(Some(&run.join("records")), &record.to_string());
    }
}

fn say(settings: &Settings, record: &Value, text: &str) {
    if settings.json {
        append(settings.output.as_deref(), &record.to_string());
    } else {
        append(settings.output.as_deref(), text);
    }
}

/// Appends a line to a file, or to standard error. What cannot be written is lost.
fn append(file: Option<&Path>, line: &str) {
    let line = format!("{line}\n");
    let _ = match file {
        Some(file) => File::options()
            .append(true)
            .create(true)
            .open(file)
            .and_then(|mut file| file.write_all(line.as_bytes())),
        None => std::io::stderr().write_all(line.as_bytes()),
    };
}
