//! `ffitypecheck cache`: lists or removes the entries of the user's cache of types.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use ffitypecheck::cache::{entries, remove_entries, remove_leftovers, CacheEntry};
use ffitypecheck::image::{find_library, user_type_cache, ElfFile};
use serde::Serialize;

use crate::arguments::{Cache, ReportForm};
use crate::failure::{Code, Failure};
use crate::r#where::hex;

/// The list as JSON.
#[derive(Serialize)]
struct Document {
    directory: String,
    entries: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    build_id: String,
    /// The size in bytes.
    size: u64,
    /// The time of writing, in seconds since 1970.
    written: u64,
}

pub fn run(arguments: &Cache) -> Result<Code, Failure> {
    let directory = user_type_cache().ok_or_else(|| {
        Failure::Usage(
            match std::env::var_os("FFITYPECHECK_CACHE").filter(|given| !given.is_empty()) {
                Some(given) if given == "off" => {
                    "there is no cache of types: FFITYPECHECK_CACHE is off".to_owned()
                }
                Some(given) => format!(
                    "there is no cache of types: FFITYPECHECK_CACHE is no absolute path: {}",
                    given.to_string_lossy()
                ),
                None => {
                    "there is no cache of types: HOME is not set, or no absolute path".to_owned()
                }
            },
        )
    })?;
    let mut chosen = entries(&directory)?;
    if let Some(library) = &arguments.library {
        let wanted = build_id(library)?;
        chosen.retain(|entry| entry.build_id == wanted);
    }
    if let Some(days) = arguments.older_than {
        let age = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
        let oldest = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        chosen.retain(|entry| entry.written < oldest);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    if arguments.clear {
        let removed = remove_entries(&directory, &chosen)?;
        let leftovers = remove_leftovers(&directory)?;
        writeln!(
            out,
            "{removed} entries and {leftovers} leftovers removed from {}",
            directory.display()
        )?;
    } else if arguments.form == ReportForm::Json {
        let directory = directory.display().to_string();
        let document = Document { directory, entries: chosen.iter().map(line).collect() };
        serde_json::to_writer_pretty(&mut out, &document)?;
        writeln!(out)?;
    } else {
        for entry in &chosen {
            let Line { build_id, size, written } = line(entry);
            writeln!(out, "{build_id}  {size:>9} bytes  {}", date(written))?;
        }
        let total: u64 = chosen.iter().map(|entry| entry.size).sum();
        writeln!(out, "{} entries, {total} bytes in {}", chosen.len(), directory.display())?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn line(entry: &CacheEntry) -> Line {
    let written = entry.written.duration_since(SystemTime::UNIX_EPOCH);
    Line {
        build_id: hex(&entry.build_id),
        size: entry.size,
        written: written.map_or(0, |written| written.as_secs()),
    }
}

/// The build-id of a library, or the build-id that `library` itself spells in hexadecimal.
fn build_id(library: &Path) -> Result<Vec<u8>, Failure> {
    let text = library.to_string_lossy();
    let digits = text.as_bytes();
    let digit = |digit: &u8| char::from(*digit).to_digit(16).map(|value| value as u8);
    let values: Option<Vec<u8>> = digits.iter().map(digit).collect();
    if let Some(values) = values.filter(|values| values.len() >= 16 && values.len() % 2 == 0) {
        return Ok(values.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
    let path = if text.contains('/') || library.is_file() {
        library.to_path_buf()
    } else {
        find_library(&text)?
    };
    let file = ElfFile::open(&path)?;
    let none = || Failure::Usage(format!("{}: the library has no build-id", path.display()));
    Ok(file.build_id().ok_or_else(none)?.to_vec())
}

/// A day in the proleptic Gregorian calendar, as text: 2026-11-21.
fn date(seconds: u64) -> String {
    // Days since 1 March of the year 0, in eras of 400 years.
    let days = seconds / (24 * 60 * 60) + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", 400 * era + year + next)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_675_199, "2026-12-30"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }
}
