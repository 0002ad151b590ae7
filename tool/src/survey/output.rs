//! The file with the records. It is written group by group while the survey runs, and sorted at its end.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;
use crate::replace::write;

/// What is read back of a record.
#[derive(Deserialize)]
struct Record {
    group: String,
    record: String,
    records: Option<usize>,
}

/// The records, in a file or, without one, in memory.
pub struct Output {
    path: Option<PathBuf>,
    file: Option<File>,
    /// The groups that are complete in the file.
    done: HashSet<String>,
    /// The records, if there is no file.
    lines: Vec<String>,
}

impl Output {
    /// Opens the file of an earlier run or makes a new one. A line that was cut off, and groups that are not complete,
    /// are removed from it.
    pub fn open(path: Option<&Path>) -> Result<Output, Failure> {
        let mut output = Output {
            path: path.map(Path::to_path_buf),
            file: None,
            done: HashSet::new(),
            lines: Vec::new(),
        };
        let Some(path) = path else { return Ok(output) };
        let named = |error: Error| Error::new(error.kind(), format!("{}: {error}", path.display()));
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let (kept, done) = complete(&text).map_err(|line| {
                    let place = format!("{}: line {line}", path.display());
                    Failure::Usage(format!("{place}: not a record of a survey"))
                })?;
                if kept.len() != text.len() {
                    write(path, path, &[kept.as_bytes()])?;
                }
                output.done = done;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(named(error).into()),
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(named)?;
        output.file = Some(file);
        Ok(output)
    }

    pub fn has(&self, group: &str) -> bool {
        self.done.contains(group)
    }

    /// Adds all records of a group.
    pub fn add(&mut self, lines: &str) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => file.write_all(lines.as_bytes())?,
            None => self.lines.extend(lines.lines().map(str::to_owned)),
        }
        Ok(())
    }

    /// Sorts the records; prints them if there is no file.
    pub fn finish(self) -> Result<(), Failure> {
        let text = match &self.path {
            Some(path) => std::fs::read_to_string(path)?,
            None => self.lines.join("\n"),
        };
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        let mut sorted = lines.join("\n");
        if !sorted.is_empty() {
            sorted.push('\n');
        }
        match &self.path {
            Some(path) => write(path, path, &[sorted.as_bytes()]),
            None => Ok(std::io::stdout().lock().write_all(sorted.as_bytes())?),
        }
    }
}

/// The lines of complete groups, and the names of these groups. The error is the number of a line that is no record; only
/// the last line may be cut off.
fn complete(text: &str) -> Result<(String, HashSet<String>), usize> {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let lines: Vec<&str> = text.get(..whole).unwrap_or_default().lines().collect();
    let mut groups = Vec::with_capacity(lines.len());
    let mut found: HashMap<String, (usize, Option<usize>)> = HashMap::new();
    for (number, line) in lines.iter().enumerate() {
        let record: Record = serde_json::from_str(line).map_err(|_| number + 1)?;
        let entry = found.entry(record.group.clone()).or_default();
        entry.0 += 1;
        if record.record == "group" {
            entry.1 = record.records;
        }
        groups.push(record.group);
    }
    found.retain(|_, (records, expected)| Some(*records) == *expected);
    let kept = groups.iter().zip(&lines).filter(|(group, _)| found.contains_key(*group));
    let text = kept.map(|(_, line)| format!("{line}\n")).collect();
    Ok((text, found.into_keys().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "{\"group\":\"a\",\"record\":\"library\"}\n{\"group\":\"a\",\"record\":\"group\",\"records\":2}\n";

    #[test]
    fn what_is_not_complete_is_removed() {
        let begun = "{\"group\":\"b\",\"record\":\"library\"}\n";
        for rest in ["", begun, "{\"group\":\"b\",\"rec", &format!("{begun}{{\"group\":\"b\"")] {
            let (kept, done) = complete(&format!("{DONE}{rest}")).unwrap();
            assert_eq!((kept.as_str(), done.len(), done.contains("a")), (DONE, 1, true));
        }
        assert_eq!(complete(&format!("{DONE}text\n")), Err(3));
        let short = DONE.replace('2', "3");
        assert_eq!(complete(&short).unwrap().0, "");
    }

    #[test]
    fn a_file_is_sorted_and_goes_on() {
        let path = std::env::temp_dir().join(format!("survey-{}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let mut output = Output::open(Some(&path)).unwrap();
        output.add("{\"group\":\"z\",\"record\":\"group\",\"records\":1}\n").unwrap();
        output.add(DONE).unwrap();
        output.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("{\"group\":\"a\",\"record\":\"group\""));
        let output = Output::open(Some(&path)).unwrap();
        assert!(output.has("a") && output.has("z") && !output.has("b"));
        std::fs::write(&path, "[]\n").unwrap();
        assert!(matches!(Output::open(Some(&path)), Err(Failure::Usage(_))));
        std::fs::remove_file(&path).unwrap();
    }
}
