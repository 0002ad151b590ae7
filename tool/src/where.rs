//! `ffitypecheck where`: lists the files that a library's types come from, and the files that could not be used.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use ffitypecheck::image::{find_debug_files, ElfFile, FoundBy};
use ffitypecheck::slim::Slim;
use ffitypecheck::Library;

use crate::arguments::Where;
use crate::complain;
use crate::failure::{Code, Failure};
use crate::slim::summary;

pub fn run(arguments: &Where) -> Result<Code, Failure> {
    let file = Arc::new(ElfFile::open(&arguments.library.path()?)?);
    let (files, attempts) =
        find_debug_files(Arc::clone(&file), &arguments.library.search_options());
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "library: {}", file.path().display())?;
    match file.build_id() {
        Some(id) => writeln!(out, "build-id: {}", hex(id))?,
        None => writeln!(out, "build-id: none")?,
    }
    if let Ok(files) = &files {
        writeln!(out, "types from: {}", files.main().path().display())?;
        if let Some(supplementary) = &files.supplementary {
            writeln!(out, "supplementary file: {}", supplementary.path().display())?;
        }
    }
    writeln!(out, "looked at:")?;
    for attempt in &attempts {
        let by = match attempt.by {
            FoundBy::Note => "the library's own note",
            FoundBy::TypeCache => "in the cache of types",
            FoundBy::SideFile => "as a side file",
            FoundBy::Given => "as given",
            FoundBy::Embedded => "the library itself",
            FoundBy::BuildId => "by build-id",
            FoundBy::Debuglink => "by debuglink",
            FoundBy::PathLayout => "by path",
            FoundBy::DebuginfodCache => "in debuginfod's cache",
            FoundBy::Supplementary => "supplementary file",
        };
        writeln!(out, "  {} ({by}): {}", attempt.path.display(), attempt.outcome)?;
    }
    out.flush()?;
    files?;
    let library = Library::from_file(file, &arguments.library.search_options())?;
    if let Some(slim) = Slim::of(&library)? {
        writeln!(out, "slim type information: {}", summary(&slim))?;
        out.flush()?;
    }
    // Reports a missing file that holds part of the types.
    match library.missing() {
        Some(error) => {
            complain(&format!("{error:#}"));
            Ok(Code::Failed)
        }
        None => Ok(Code::Done),
    }
}

/// A build-id in hexadecimal, as other tools write it.
pub fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
