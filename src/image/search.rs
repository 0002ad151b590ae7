//! The search for the files with a library's DWARF.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attempt::{kind_of_failure, list, Attempt, FoundBy, Outcome};
use super::elf::ElfFile;
use super::paths;
use super::search_options::SearchOptions;
use super::supplementary::SupplementaryLink;
use crate::build_id::hex;
use crate::error::{Error, ErrorKind, Result};

/// The files that together have a library's DWARF.
#[derive(Clone, Debug)]
pub struct DebugFiles {
    /// The library.
    pub library: Arc<ElfFile>,
    /// The separate debug file; `None`: the DWARF is in the library.
    pub debug: Option<Arc<ElfFile>>,
    /// The supplementary file (dwz) that the DWARF refers to; `None`: it refers to none.
    pub supplementary: Option<Arc<ElfFile>>,
    /// The file with slim type information: the library or another file. If there is one, no other file is used.
    pub slim: Option<Arc<ElfFile>>,
}

impl DebugFiles {
    /// The file with the DWARF: the one with slim type information, the separate debug file or the library.
    pub fn main(&self) -> &Arc<ElfFile> {
        self.slim.as_ref().or(self.debug.as_ref()).unwrap_or(&self.library)
    }
}

/// Finds the DWARF of `library`. These places are searched in order: slim type information in the library's note, in
/// the user's cache and in side files; DWARF in the library itself; a debug file by build-id, by debuglink (the CRC
/// is checked), by path, and in the caches of the debuginfod client. Then finds the supplementary file that the DWARF
/// refers to. The attempts list the examined files, also on failure.
///
/// Errors: `NoDebugInfo` (none was found, or the supplementary file is missing), `DebugFileMismatch` (all files that
/// were found belong to other builds), `MalformedElf` (the reference to the supplementary file).
pub fn find_debug_files(
    library: Arc<ElfFile>,
    options: &SearchOptions,
) -> (Result<DebugFiles>, Vec<Attempt>) {
    let mut search = Search { library: &library, options, attempts: Vec::new() };
    let files = search.run();
    let attempts = search.attempts;
    let files = files.map(|found| DebugFiles {
        library,
        debug: found.debug,
        supplementary: found.supplementary,
        slim: found.slim,
    });
    (files, attempts)
}

struct Search<'a> {
    library: &'a Arc<ElfFile>,
    options: &'a SearchOptions,
    attempts: Vec<Attempt>,
}

#[derive(Default)]
struct FoundFiles {
    debug: Option<Arc<ElfFile>>,
    supplementary: Option<Arc<ElfFile>>,
    slim: Option<Arc<ElfFile>>,
}

impl Search<'_> {
    fn run(&mut self) -> Result<FoundFiles> {
        if let Some(slim) = self.options.slim.then(|| self.slim_file()).flatten() {
            return Ok(FoundFiles { slim: Some(slim), ..FoundFiles::default() });
        }
        let embedded = self.library.has_section(".debug_info");
        let outcome = if embedded { Outcome::Used } else { Outcome::NoDwarf };
        self.note(self.library.path().to_path_buf(), FoundBy::Embedded, outcome);
        let debug = if embedded {
            None
        } else {
            Some(Arc::new(self.separate_file().ok_or_else(|| self.failure())?))
        };
        let main = debug.as_ref().unwrap_or(self.library);
        let supplementary = match main.supplementary_link()? {
            Some(link) => Some(Arc::new(self.supplementary(&Arc::clone(main), &link)?)),
            None => None,
        };
        Ok(FoundFiles { debug, supplementary, slim: None })
    }

    /// Finds the file with slim type information: the library, an entry of the user's cache, or a side file.
    fn slim_file(&mut self) -> Option<Arc<ElfFile>> {
        let library = Arc::clone(self.library);
        if library.has_type_note() {
            let outcome = judge_note(&library, &library);
            let used = outcome.is_none();
            let path = library.path().to_path_buf();
            self.note(path, FoundBy::Note, outcome.unwrap_or(Outcome::Used));
            if used {
                return Some(library);
            }
        }
        let id = library.build_id()?;
        if let Some(directory) = &self.options.type_cache {
            let path = crate::cache::path(directory, id)?;
            let found = match crate::cache::find(directory, id) {
                Ok(None) => Err(Outcome::Missing),
                Ok(Some(file)) => ElfFile::of(&file, &path).map_err(unreadable),
                Err(error) => Err(unreadable(error)),
            };
            if let Some(file) = self.side_file(path, FoundBy::TypeCache, found) {
                return Some(file);
            }
        }
        let paths = crate::cache::side_files(&self.options.side_file_directories(), id);
        paths.into_iter().find_map(|path| {
            let found = self.open(&path, |_| None);
            self.side_file(path, FoundBy::SideFile, found)
        })
    }

    /// A file that has only slim type information, if it fits the library.
    fn side_file(
        &mut self,
        path: PathBuf,
        by: FoundBy,
        found: std::result::Result<ElfFile, Outcome>,
    ) -> Option<Arc<ElfFile>> {
        let library = self.library;
        let judged = found.and_then(|file| {
            let other = file.build_id() != library.build_id() || file.target() != library.target();
            let against = if other {
                Some(Outcome::OtherBuild { found: file.build_id().map(<[u8]>::to_vec) })
            } else {
                judge_note(library, &file)
            };
            // A crash of the machine may leave holes in an entry of the cache, so it is verified as a whole. It can
            // be written again.
            let against = against.or_else(|| match by {
                FoundBy::TypeCache => file.verify_type_note().err().map(unreadable),
                _ => None,
            });
            against.map_or(Ok(file), Err)
        });
        match judged {
            Ok(file) => {
                self.note(path, by, Outcome::Used);
                Some(Arc::new(file))
            }
            // Most libraries have no such file, so a missing one is not recorded.
            Err(Outcome::Missing) => None,
            Err(outcome) => {
                self.note(path, by, outcome);
                None
            }
        }
    }

    fn separate_file(&mut self) -> Option<ElfFile> {
        let directories = self.options.directories();
        let library = Arc::clone(self.library);
        let id = library.build_id().unwrap_or(&[]);
        let debuglink = library.debuglink();
        let checksum = debuglink.map(|(_, checksum)| checksum);
        let mut candidates = Vec::new();
        let mut add = |by, paths: Vec<PathBuf>| {
            for path in paths {
                let known = candidates.iter().any(|(_, other): &(FoundBy, PathBuf)| *other == path);
                // The library's own debuglink may name the library.
                if !known && path != library.path() {
                    candidates.push((by, path));
                }
            }
        };
        if let Some(path) = &self.options.debug_file {
            add(FoundBy::Given, vec![path.clone()]);
        }
        let searched = self.options.debug_file.is_none();
        let mut add = |by, paths: Vec<PathBuf>| {
            if searched {
                add(by, paths)
            }
        };
        add(FoundBy::BuildId, paths::by_build_id(&directories, id));
        if let Some((name, _)) = debuglink {
            add(FoundBy::Debuglink, paths::by_debuglink(&directories, library.path(), name));
        }
        add(FoundBy::PathLayout, paths::by_path(&directories, library.path()));
        add(FoundBy::DebuginfodCache, paths::in_caches(&self.options.caches, id));
        for (by, path) in candidates {
            // For a file that was given by name, equal build-ids suffice: some files were changed after their
            // checksum was taken.
            let needed = |file: &ElfFile| match by {
                FoundBy::Debuglink => true,
                FoundBy::Given => library.build_id().is_none() || file.build_id().is_none(),
                _ => false,
            };
            let judge = |file: &ElfFile| {
                judge_debug_file(&library, file, checksum.filter(|_| needed(file)))
            };
            match self.open(&path, judge) {
                Ok(file) => {
                    self.note(path, by, Outcome::Used);
                    return Some(file);
                }
                Err(outcome) => self.note(path, by, outcome),
            }
        }
        None
    }

    fn supplementary(&mut self, main: &ElfFile, link: &SupplementaryLink) -> Result<ElfFile> {
        let directories = self.options.directories();
        let mut candidates = paths::of_supplementary(&directories, main.path(), &link.name);
        if !link.dwarf5 {
            candidates.extend(paths::by_build_id(&directories, &link.identity));
            candidates.extend(paths::in_caches(&self.options.caches, &link.identity));
        }
        let before = self.attempts.len();
        for path in candidates {
            match self.open(&path, |file| judge_supplementary(main, file, link)) {
                Ok(file) => {
                    self.note(path, FoundBy::Supplementary, Outcome::Used);
                    return Ok(file);
                }
                Err(outcome) => self.note(path, FoundBy::Supplementary, outcome),
            }
        }
        let tried = self.attempts.get(before..).unwrap_or(&[]);
        let kind = kind_of_failure(tried);
        let message = format!(
            "the debug information lies in part in the supplementary file '{}', which {}{}; install the package that has it",
            link.name.display(),
            match kind {
                ErrorKind::DebugFileMismatch => "was found for other builds only",
                _ => "was not found",
            },
            list(tried)
        );
        Err(Error::new(kind, message).in_file(main.path()))
    }

    /// Opens a candidate. The error is the reason why it is not used.
    fn open(
        &self,
        path: &Path,
        judge: impl FnOnce(&ElfFile) -> Option<Outcome>,
    ) -> std::result::Result<ElfFile, Outcome> {
        if std::fs::metadata(path).is_err_and(|error| {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
        }) {
            return Err(Outcome::Missing);
        }
        let file = ElfFile::open(path).map_err(unreadable)?;
        match judge(&file) {
            None => Ok(file),
            Some(outcome) => Err(outcome),
        }
    }

    fn note(&mut self, path: PathBuf, by: FoundBy, outcome: Outcome) {
        self.attempts.push(Attempt { path, by, outcome });
    }

    fn failure(&self) -> Error {
        // The message says by itself that the library has no DWARF.
        let own = |attempt: &Attempt| attempt.by == FoundBy::Embedded;
        let (mut told, place) = (self.attempts.clone(), self.attempts.iter().position(own));
        let tried = told.split_off(place.unwrap_or(0));
        let tried = tried.get(usize::from(place.is_some())..).unwrap_or(&[]);
        let kind = kind_of_failure(tried);
        // The attempts before the library itself are slim type information that was not used.
        told.extend_from_slice(tried);
        let id = match self.library.build_id() {
            Some(id) => format!("build-id {}", hex(id)),
            None => "it has no build-id".to_string(),
        };
        let what = match kind {
            ErrorKind::DebugFileMismatch => "has debug files of other builds only",
            _ => "has no debug information",
        };
        let advice = match &self.options.debug_file {
            Some(file) if file == self.library.path() => {
                "it was compiled without -g, or is stripped already"
            }
            Some(_) => "name the debug file of the same build",
            None => "install its debug package (-dbg, -dbgsym, -debuginfo) of the same version",
        };
        let message = format!("the library {what} ({id}{}); {advice}", list(&told));
        Error::new(kind, message).in_file(self.library.path())
    }
}

/// The reason why `file` is not the debug file of `library`; `None` if it is. `checksum` is the one that a debuglink
/// asks for.
fn judge_debug_file(library: &ElfFile, file: &ElfFile, checksum: Option<u32>) -> Option<Outcome> {
    let other = || Some(Outcome::OtherBuild { found: file.build_id().map(<[u8]>::to_vec) });
    if file.target() != library.target() {
        return other();
    }
    match (library.build_id(), file.build_id(), checksum) {
        (Some(expected), Some(found), _) if expected != found => return other(),
        (Some(_), Some(_), None) => {}
        // If a build-id is missing, only a checksum can decide.
        (_, _, None) => return other(),
        (_, _, Some(expected)) => {
            let found = file.checksum();
            if found != expected {
                return Some(Outcome::BadChecksum { expected, found });
            }
        }
    }
    (!file.has_section(".debug_info")).then_some(Outcome::NoDwarf)
}

fn unreadable(error: Error) -> Outcome {
    Outcome::Unreadable(error.without_file())
}

/// The reason why the slim type information of `file` does not fit `library`; `None` if it does.
fn judge_note(library: &ElfFile, file: &ElfFile) -> Option<Outcome> {
    match (file.type_note(), library.symbol_hash()) {
        (Err(error), _) | (_, Err(error)) => Some(Outcome::Unreadable(error.without_file())),
        (Ok(None), _) => Some(Outcome::NoNote),
        (Ok(Some(note)), Ok(hash)) => (note.symbol_hash != hash).then_some(Outcome::OtherExports),
    }
}

fn judge_supplementary(
    main: &ElfFile,
    file: &ElfFile,
    link: &SupplementaryLink,
) -> Option<Outcome> {
    let found = if link.dwarf5 {
        file.supplementary_checksum().ok().flatten()
    } else {
        file.build_id().map(<[u8]>::to_vec)
    };
    let fits = found.as_ref() == Some(&link.identity) && file.target() == main.target();
    (!fits).then_some(Outcome::OtherBuild { found })
}
