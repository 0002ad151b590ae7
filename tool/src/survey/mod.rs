//! `ffitypecheck survey`: measures the debug information of many libraries and packages. docs/survey.md describes the
//! records.

mod dwz;
mod group;
mod library;
mod output;
mod package;
mod plan;
mod sections;

use std::cmp::Reverse;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::sync::{mpsc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::{Measures, Survey};
use crate::failure::{Code, Failure};
use output::Output;
use plan::{groups, Group};

pub fn run(arguments: &Survey) -> Result<Code, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if arguments.group {
        let group: Group = serde_json::from_reader(std::io::stdin().lock())
            .map_err(|error| Failure::Usage(format!("standard input is no group: {error}")))?;
        group::run(&group, &arguments.measures, &mut out)?;
        out.flush()?;
        return Ok(Code::Done);
    }
    let mut groups = groups(&arguments.targets)?;
    if let Some((part, all)) = arguments.shard {
        let mut number = 0;
        groups.retain(|_| {
            number += 1;
            number % all == part % all
        });
    }
    let mut output = Output::open(arguments.out.as_deref())?;
    groups.retain(|group| !output.has(&group.group));
    if arguments.plan {
        for group in &groups {
            writeln!(out, "{}", serde_json::to_string(group)?)?;
        }
        out.flush()?;
        return Ok(Code::Done);
    }
    drop(out);
    // The last one to end is then a small one.
    groups.sort_by_cached_key(|group| Reverse(group.size()));
    let jobs = arguments.jobs.map(Into::into).or_else(processors).unwrap_or(1);
    measure_all(groups, jobs, &arguments.measures, &mut output)?;
    output.finish()?;
    Ok(Code::Done)
}

fn processors() -> Option<usize> {
    std::thread::available_parallelism().ok().map(Into::into)
}

/// Measures each group in a process of its own, so that one which cannot be measured does not end the survey.
fn measure_all(
    groups: Vec<Group>,
    jobs: usize,
    measures: &Measures,
    output: &mut Output,
) -> Result<(), Failure> {
    // It is drawn only if standard error is a terminal.
    let bar = ProgressBar::new(groups.len() as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} groups, {eta} left, {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let queue = Mutex::new(groups.into_iter());
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, queue) = (sender.clone(), &queue);
            scope.spawn(move || loop {
                let next = queue.lock().map_or(None, |mut queue| queue.next());
                let Some(group) = next else { break };
                let lines = in_a_process(&group, measures);
                if sender.send((group, lines)).is_err() {
                    break;
                }
            });
        }
        drop(sender);
        for (group, lines) in results {
            bar.set_message(group.group);
            bar.inc(1);
            output.add(&lines?)?;
        }
        bar.finish_and_clear();
        Ok(())
    })
}

/// The records of a group; if its process fails, one record with the reason.
fn in_a_process(group: &Group, measures: &Measures) -> Result<String, Failure> {
    match child(group, measures) {
        Ok(lines) => Ok(lines),
        Err(reason) => Ok(group::last_line(&group.group, 1, Some(reason))? + "\n"),
    }
}

fn child(group: &Group, measures: &Measures) -> Result<String, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut child = Command::new(std::env::current_exe().map_err(told)?)
        .args(["survey", "--group"])
        .args(measures.to_arguments())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(told)?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = serde_json::to_string(group).map_err(|error| error.to_string())?;
        stdin.write_all(text.as_bytes()).map_err(told)?;
    }
    let done = child.wait_with_output().map_err(told)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(format!("{}: {}", done.status, said.lines().last().unwrap_or_default()));
    }
    String::from_utf8(done.stdout).map_err(|error| error.to_string())
}
