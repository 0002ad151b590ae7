//! `ffitypecheck size`: prints how many bytes each part of slim type information takes.

use std::io::{BufWriter, Write};

use ffitypecheck::image::SearchOptions;
use ffitypecheck::slim::Slim;
use ffitypecheck::Library;

use crate::arguments::Size;
use crate::failure::{Code, Failure};
use crate::slim::{encode, summary};

/// The parts of the note.
const PARTS: [&str; 5] = ["abbreviations", "entries", "offsets of names", "names", "index"];

pub fn run(arguments: &Size) -> Result<Code, Failure> {
    let path = arguments.library.path()?;
    let options = SearchOptions { slim: false, ..arguments.library.search_options() };
    let (library, slim) = match Library::open(&path, &options) {
        Ok(library) => {
            let slim = encode(&library, &arguments.content)?;
            (library, slim)
        }
        // Uses the slim type information that the library has already.
        Err(error) => {
            let options = SearchOptions { slim: true, ..options };
            let library = Library::open(&path, &options)?;
            let slim = Slim::of(&library)?.ok_or(error)?;
            (library, slim)
        }
    };
    let note = arguments.content.note(&slim)?.len();
    let strippable = library.files().library.strippable();
    let file = library.files().library.size() - strippable;
    let mut out = BufWriter::new(std::io::stdout().lock());
    match strippable {
        0 => writeln!(out, "{file:>9} bytes: the library")?,
        _ => writeln!(
            out,
            "{file:>9} bytes: the library without the {strippable} that strip takes out"
        )?,
    }
    writeln!(out, "{note:>9} bytes: its slim type information, {:.2} %", percent(note, file))?;
    let body: usize = slim.sizes.iter().sum();
    if arguments.content.zstd {
        writeln!(out, "{body:>9} bytes: the same before compression")?;
    }
    writeln!(out, "{}", summary(&slim))?;
    for (part, size) in PARTS.iter().zip(slim.sizes) {
        writeln!(out, "{size:>9}  {:>5.1} %  {part}", percent(size, body as u64))?;
    }
    let mut shares: Vec<_> = slim.shares()?.into_iter().collect();
    shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.bytes));
    writeln!(out, "of the entries:")?;
    for (tag, share) in shares {
        let (bytes, count, names) = (share.bytes, share.entries, share.names);
        writeln!(
            out,
            "{bytes:>9}  {:>5.1} %  {tag}: {count}, of it {names} bytes of names",
            percent(bytes, body as u64)
        )?;
    }
    out.flush()?;
    Ok(Code::Done)
}

fn percent(part: usize, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
