//! `ffitypecheck run`: runs a program with libffitypecheck-preload.so, and sums up what the library saw.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use self::counter::{Counter, CALLS, FINDINGS, FINDING_CALLS, TOTAL};
use crate::arguments::Run;
use crate::failure::{Code, Failure};
use crate::scratch::Scratch;

#[path = "../../preload/src/counter.rs"]
mod counter;

const LIBRARY: &str = "libffitypecheck-preload.so";
/// What a summary ends with.
const NOT_SEEN: &str =
    "not seen by libffi, so not checked: what pointers point to, callbacks, variables, and calls that do not go through libffi.so.8";

pub fn run(arguments: &Run) -> Result<ExitCode, Failure> {
    let library = find_library()?;
    let directory = Scratch::new()?;
    let counters = directory.write("counters", &[0; TOTAL * 8])?;
    let records = directory.write("records", b"")?;
    let output = arguments.output.as_deref().map(std::path::absolute).transpose()?;
    if let Some(output) = &output {
        // What cannot be written later would be lost.
        append(output)?;
    }
    let status = start(arguments, &library, directory.path(), output.as_deref())?;
    let counters = std::fs::read(counters)?;
    let summary = Summary::new(&Counters(&counters), &std::fs::read_to_string(records)?);
    let text = if arguments.json {
        serde_json::to_string(&summary)? + "\n"
    } else {
        summary.text(arguments.mode == crate::arguments::Mode::Count)
    };
    match &output {
        Some(output) => append(output)?.write_all(text.as_bytes())?,
        None => std::io::stderr().write_all(text.as_bytes())?,
    }
    Ok(exit_code(status, &summary))
}

fn append(path: &Path) -> Result<File, Failure> {
    Ok(File::options().append(true).create(true).open(path)?)
}

/// The library beside this program, or where `make install` puts it.
fn find_library() -> Result<PathBuf, Failure> {
    if let Some(path) = std::env::var_os("FFITYPECHECK_PRELOAD_LIBRARY") {
        return Ok(std::path::absolute(path)?);
    }
    let program = std::env::current_exe()?;
    let directory = program.parent().unwrap_or(Path::new("/"));
    let machine = format!("../lib/{}-linux-gnu/ffitypecheck", std::env::consts::ARCH);
    let places = ["", "../lib/ffitypecheck", "../lib64/ffitypecheck", &machine];
    let found = places.iter().map(|place| directory.join(place).join(LIBRARY));
    found.clone().find(|path| path.exists()).ok_or_else(|| {
        let places: Vec<String> = found.map(|path| path.display().to_string()).collect();
        Failure::Usage(format!("{LIBRARY} is in none of these places: {}", places.join(", ")))
    })
}

/// Runs the program to its end.
fn start(
    arguments: &Run,
    library: &Path,
    run: &Path,
    output: Option<&Path>,
) -> Result<ExitStatus, Failure> {
    let Some((program, rest)) = arguments.command.split_first() else {
        return Err(Failure::Usage("there is no program to run".to_owned()));
    };
    let mut preload = OsString::from(library);
    if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        preload.push(":");
        preload.push(others);
    }
    let mode = arguments.mode.to_possible_value();
    let switch = |on: bool| if on { "on" } else { "off" };
    let mut command = Command::new(program);
    command
        .args(rest)
        .env("LD_PRELOAD", preload)
        .env("FFITYPECHECK_PRELOAD", mode.as_ref().map_or("log", |mode| mode.get_name()))
        .env("FFITYPECHECK_PRELOAD_FORMAT", if arguments.json { "json" } else { "text" })
        .env("FFITYPECHECK_PRELOAD_DIFFERS", switch(arguments.differs))
        .env("FFITYPECHECK_PRELOAD_CHILDREN", switch(arguments.children))
        .env("FFITYPECHECK_PRELOAD_RUN", run)
        .env_remove("FFITYPECHECK_PRELOAD_PROCESS")
        .env_remove("FFITYPECHECK_PRELOAD_OUTPUT");
    if let Some(output) = output {
        command.env("FFITYPECHECK_PRELOAD_OUTPUT", output);
    }
    command.status().map_err(|error| {
        Failure::Usage(format!("{} cannot be run: {error}", Path::new(program).display()))
    })
}

fn exit_code(status: ExitStatus, summary: &Summary) -> ExitCode {
    let number = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    match number {
        0 if !summary.findings.is_empty() => Code::Failed.into(),
        0 if summary.compared() == 0 => Code::Library.into(),
        other => ExitCode::from(u8::try_from(other).unwrap_or(1)),
    }
}

/// The bytes of the counters.
struct Counters<'a>(&'a [u8]);

impl Counters<'_> {
    fn at(&self, place: usize) -> u64 {
        let bytes = self.0.get(8 * place..8 * place + 8);
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_ne_bytes)
    }

    fn of(&self, counter: Counter) -> u64 {
        self.at(counter as usize)
    }
}

/// A line of the records.
#[derive(Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record {
    Finding {
        number: Option<u64>,
        verdict: String,
        rule: String,
        library: String,
        function: String,
        position: String,
        sentence: String,
    },
    Unknown {
        library: String,
        kind: String,
        reason: String,
    },
}

/// A finding, with its calls in all processes.
#[derive(Serialize)]
struct Finding {
    calls: u64,
    verdict: String,
    rule: String,
    library: String,
    function: String,
    position: String,
    sentence: String,
}

/// What is written at the end.
#[derive(Serialize)]
struct Summary {
    record: &'static str,
    processes: u64,
    calls: u64,
    closures: u64,
    /// The pairs of a function and types, by verdict.
    r#match: u64,
    differs: u64,
    unverified: u64,
    mismatch: u64,
    findings: Vec<Finding>,
    /// Findings whose calls were not counted, because there are too many.
    findings_not_counted: u64,
    /// Calls that were not checked, by reason.
    not_checked: BTreeMap<&'static str, u64>,
    /// Libraries whose types were not found, with the reason.
    libraries_without_types: BTreeMap<String, String>,
    /// Reasons why single functions have no declaration, by library.
    functions_without_types: BTreeMap<String, Vec<String>>,
    not_seen: &'static str,
}

impl Summary {
    fn new(counters: &Counters, records: &str) -> Summary {
        let mut findings: Vec<Finding> = Vec::new();
        let mut libraries_without_types = BTreeMap::new();
        let mut functions_without_types: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let lines = records.lines().filter_map(|line| serde_json::from_str(line).ok());
        for record in lines {
            match record {
                Record::Finding {
                    number,
                    verdict,
                    rule,
                    library,
                    function,
                    position,
                    sentence,
                } => {
                    let calls =
                        number.map_or(0, |number| counters.at(FINDING_CALLS + number as usize));
                    let same = |known: &&mut Finding| {
                        known.verdict == verdict
                            && known.library == library
                            && known.sentence == sentence
                    };
                    if let Some(known) = findings.iter_mut().find(same) {
                        known.calls += calls;
                        continue;
                    }
                    findings.push(Finding {
                        calls,
                        verdict,
                        rule,
                        library,
                        function,
                        position,
                        sentence,
                    });
                }
                Record::Unknown { library, kind, reason }
                    if matches!(&*kind, "NoType" | "Ambiguous" | "Limit" | "MalformedDwarf") =>
                {
                    let reasons = functions_without_types.entry(library).or_default();
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
                Record::Unknown { library, reason, .. } => {
                    libraries_without_types.insert(library, reason);
                }
            }
        }
        let not_checked = [
            (Counter::Generated, "the code is in no library: a closure, or made at run time"),
            (Counter::InSignalHandler, "the first call came from a signal handler"),
            (Counter::Waited, "another thread took too long to judge"),
            (Counter::Reentered, "the call came from inside a judgement"),
            (Counter::TableFull, "the table of pairs is full"),
            (Counter::Unreadable, "the cif lacks a type, or is too large"),
            (Counter::Failed, "a defect of libffitypecheck was stopped"),
        ];
        let not_checked = not_checked.map(|(counter, reason)| (reason, counters.of(counter)));
        Summary {
            record: "summary",
            processes: counters.of(Counter::Processes),
            calls: CALLS.iter().map(|&place| counters.at(place)).sum(),
            closures: counters.of(Counter::Closures),
            r#match: counters.of(Counter::Match),
            differs: counters.of(Counter::Differs),
            unverified: counters.of(Counter::Unverified),
            mismatch: counters.of(Counter::Mismatch),
            findings,
            findings_not_counted: counters.of(Counter::Findings).saturating_sub(FINDINGS as u64),
            not_checked: not_checked.into_iter().filter(|(_, calls)| *calls > 0).collect(),
            libraries_without_types,
            functions_without_types,
            not_seen: NOT_SEEN,
        }
    }

    /// The number of pairs that were compared with a declaration.
    fn compared(&self) -> u64 {
        self.r#match + self.differs + self.mismatch
    }

    fn text(&self, with_findings: bool) -> String {
        let plural = |number: u64, one: &str| match number {
            1 => format!("1 {one}"),
            _ if one.ends_with('s') => format!("{number} {one}es"),
            _ if one.ends_with('y') => format!("{number} {}ies", one.trim_end_matches('y')),
            _ => format!("{number} {one}s"),
        };
        let mut lines = vec![format!(
            "{} through libffi in {}, {}",
            plural(self.calls, "call"),
            plural(self.processes, "process"),
            plural(self.closures, "closure"),
        )];
        if self.processes == 0 {
            lines.push(
                "the program did not load the library: it is static, setuid, or for another machine"
                    .to_owned(),
            );
        } else if self.calls == 0 {
            let text = "nothing was seen: the program does not use libffi.so.8, or its children do (see --children)";
            lines.push(text.to_owned());
        }
        lines.push(format!(
            "pairs of a function and the caller's types: {} MATCH, {} DIFFERS, {} UNVERIFIED, {} MISMATCH",
            self.r#match, self.differs, self.unverified, self.mismatch
        ));
        lines.push(plural(self.findings.len() as u64, "finding"));
        for Finding { calls, verdict, sentence, library, .. } in
            self.findings.iter().filter(|_| with_findings)
        {
            lines.push(format!("  {}: {verdict}: {sentence} [{library}]", plural(*calls, "call")));
        }
        if self.findings_not_counted > 0 {
            lines
                .push(format!("  the calls of {} more are not counted", self.findings_not_counted));
        }
        for (reason, calls) in &self.not_checked {
            lines.push(format!("{} not checked: {reason}", plural(*calls, "call")));
        }
        if !self.libraries_without_types.is_empty() {
            let count = plural(self.libraries_without_types.len() as u64, "library");
            lines.push(format!("{count} without types:"));
        }
        for (library, reason) in &self.libraries_without_types {
            let reason = reason.strip_prefix(&format!("{library}: ")).unwrap_or(reason);
            lines.push(format!("  {library}: {reason}"));
        }
        for (library, reasons) in &self.functions_without_types {
            let count = plural(reasons.len() as u64, "function");
            lines.push(format!("{library}: {count} without a declaration:"));
            lines.extend(reasons.iter().map(|reason| format!("  {reason}")));
        }
        lines.push(NOT_SEEN.to_owned());
        lines.iter().map(|line| format!("ffitypecheck: {line}\n")).collect()
    }
}
