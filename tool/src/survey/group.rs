//! Measures one group, in this process.

use std::io::Write;
use std::path::{Path, PathBuf};

use ffitypecheck::image::SearchOptions;
use ffitypecheck::slim::embed;
use serde::Serialize;

use super::library::{measure, LibraryFacts, Search};
use super::package::{Form, Name, Package};
use super::plan::{files_below, is_library, Group, DEBUG};
use crate::arguments::Measures;
use crate::failure::Failure;
use crate::scratch::Scratch;

/// A line of the output. Its first members, in this order, are what lines are sorted by.
#[derive(Debug, Serialize)]
struct Line<'r, T> {
    group: &'r str,
    #[serde(flatten)]
    name: Option<&'r Name>,
    record: &'static str,
    #[serde(flatten)]
    facts: T,
}

/// One package. Sizes are in bytes.
#[derive(Debug, Default, Serialize)]
struct PackageFacts {
    form: Option<Form>,
    archive_bytes: u64,
    compression: Option<String>,
    /// The sum of its files, and the part of it below /usr/lib/debug.
    installed_bytes: u64,
    debug_bytes: u64,
    libraries: usize,
    /// The libraries that would get a note, and what the notes add to the files.
    noted: usize,
    added_bytes: u64,
    /// The package built again: from its own files, and with the notes. Null if it would get no note, and for packages
    /// with debug information, which few users install and which take long.
    built_bytes: Option<u64>,
    built_noted_bytes: Option<u64>,
    error: Option<String>,
}

/// The last record of a group. Without it, the group is measured again.
#[derive(Debug, Serialize)]
pub struct GroupFacts {
    /// The number of the group's records, with this one.
    pub records: usize,
    pub error: Option<String>,
}

/// The line that ends a group.
pub fn last_line(group: &str, records: usize, error: Option<String>) -> Result<String, Failure> {
    line(group, None, "group", GroupFacts { records, error })
}

fn line<T: Serialize>(
    group: &str,
    name: Option<&Name>,
    record: &'static str,
    facts: T,
) -> Result<String, Failure> {
    Ok(serde_json::to_string(&Line { group, name, record, facts })?)
}

/// Prints the records of the group.
pub fn run(group: &Group, measures: &Measures, out: &mut impl Write) -> Result<(), Failure> {
    let mut lines = if group.packages.is_empty() {
        vec![line(&group.group, None, "library", library(group, measures))?]
    } else {
        packages(group, measures)?
    };
    lines.push(last_line(&group.group, lines.len() + 1, None)?);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A library that is in no package.
fn library(group: &Group, measures: &Measures) -> LibraryFacts {
    let file = Path::new(&group.group);
    let mut options = SearchOptions { type_cache: None, ..SearchOptions::from_environment() };
    let mut roots = Vec::new();
    // A root that has debug files has all of them.
    if let Some(debug) = group.root.as_ref().map(|root| root.join(DEBUG)).filter(|at| at.is_dir()) {
        roots.push(debug);
        options.system = false;
    }
    options
        .debug_directories
        .splice(0..0, measures.debug_directories.iter().chain(&roots).cloned());
    let root = group.root.as_deref().unwrap_or(Path::new("/"));
    let path = inside(root, file);
    let candidates = candidates(&path, &roots);
    let search = Search { options: &options, candidates, headers: &[], dwz: measures.dwz };
    let path = if group.root.is_some() { path } else { group.group.clone() };
    measure(file, path, &search).0
}

/// The path in the root.
fn inside(root: &Path, file: &Path) -> String {
    format!("/{}", file.strip_prefix(root).unwrap_or(file).display())
}

/// Where a debug package without build-ids has the debug file of a library: at the library's own path.
fn candidates(path: &str, debug: &[PathBuf]) -> Vec<PathBuf> {
    let merged = path.strip_prefix("/usr").map_or_else(|| format!("/usr{path}"), str::to_owned);
    let of = |directory: &PathBuf| {
        [path, &merged]
            .map(|path| [path.to_owned(), format!("{path}.debug")])
            .concat()
            .into_iter()
            .map(|path| directory.join(path.trim_start_matches('/')))
            .collect::<Vec<_>>()
    };
    debug.iter().flat_map(of).collect()
}

/// A package that is unpacked, or the reason why it is not.
struct Unpacked {
    package: Package,
    root: PathBuf,
    files: Result<Vec<PathBuf>, String>,
}

fn packages(group: &Group, measures: &Measures) -> Result<Vec<String>, Failure> {
    let scratch = Scratch::new()?;
    let mut lines = Vec::new();
    let mut unpacked: Vec<Unpacked> = Vec::new();
    for (number, file) in group.packages.iter().enumerate() {
        let Some(form) = Form::of(file) else { continue };
        let package = match Package::read(file, form) {
            Ok(package) => package,
            Err(error) => {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name =
                    Name { package: name, version: String::new(), architecture: String::new() };
                let facts = PackageFacts {
                    form: Some(form),
                    error: Some(without(&error, file)),
                    ..PackageFacts::default()
                };
                lines.push(line(&group.group, Some(&name), "package", facts)?);
                continue;
            }
        };
        // The same package in two places is one.
        if unpacked.iter().any(|other| other.package.name == package.name) {
            continue;
        }
        let root = scratch.path().join(number.to_string());
        let files = package.unpack(&root).map_err(|error| without(&error, file));
        let files = files.and_then(|()| files_below(&root).map_err(|error| error.to_string()));
        unpacked.push(Unpacked { package, root, files });
    }
    unpacked.sort_by(|one, other| one.package.name.cmp(&other.package.name));
    let surroundings = Surroundings::of(&unpacked, measures);
    for package in &unpacked {
        package.measure(&group.group, measures, &surroundings, scratch.path(), &mut lines)?;
    }
    Ok(lines)
}

/// A tool's sentence without the path of the file.
fn without(sentence: &str, file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    sentence.replace(&*file.to_string_lossy(), &name)
}

/// What the packages of a group have for each other.
struct Surroundings {
    options: SearchOptions,
    debug: Vec<PathBuf>,
    headers: Vec<PathBuf>,
}

impl Surroundings {
    fn of(unpacked: &[Unpacked], measures: &Measures) -> Surroundings {
        let roots = || unpacked.iter().map(|package| &package.root);
        let debug: Vec<PathBuf> =
            roots().map(|root| root.join(DEBUG)).filter(|debug| debug.is_dir()).collect();
        let mut headers = Vec::new();
        for include in roots().map(|root| root.join("usr/include")).filter(|at| at.is_dir()) {
            // Debian's directories for one machine are include directories too.
            let entries = std::fs::read_dir(&include).into_iter().flatten().flatten();
            let entries = entries.map(|entry| entry.path()).filter(|entry| entry.is_dir());
            let is_triplet = |entry: &PathBuf| entry.to_string_lossy().contains("-linux-");
            headers.extend(entries.filter(is_triplet));
            headers.push(include);
        }
        headers.sort();
        let given = measures.debug_directories.iter().chain(&debug).cloned();
        let options = SearchOptions {
            debug_directories: given.collect(),
            system: false,
            ..SearchOptions::default()
        };
        Surroundings { options, debug, headers }
    }
}

impl Unpacked {
    /// Adds the records of the package and of its libraries.
    fn measure(
        &self,
        group: &str,
        measures: &Measures,
        surroundings: &Surroundings,
        scratch: &Path,
        lines: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let package = &self.package;
        let mut facts = PackageFacts {
            form: Some(package.form),
            archive_bytes: std::fs::metadata(&package.file).map_or(0, |found| found.len()),
            compression: package.compression().ok(),
            ..PackageFacts::default()
        };
        let mut notes = Vec::new();
        // Whether a library has its debug information in it.
        let mut embedded = false;
        match &self.files {
            Err(error) => facts.error = Some(error.clone()),
            Ok(files) => {
                for file in files {
                    let path = file.strip_prefix(&self.root).unwrap_or(file);
                    if path.starts_with("DEBIAN") {
                        continue;
                    }
                    let size = std::fs::metadata(file).map_or(0, |found| found.len());
                    facts.installed_bytes += size;
                    facts.debug_bytes += if path.starts_with(DEBUG) { size } else { 0 };
                    if !is_library(&self.root, file) {
                        continue;
                    }
                    facts.libraries += 1;
                    let path = inside(&self.root, file);
                    let search = Search {
                        options: &surroundings.options,
                        candidates: candidates(&path, &surroundings.debug),
                        headers: &surroundings.headers,
                        dwz: measures.dwz,
                    };
                    let (library, note) = measure(file, path, &search);
                    embedded |=
                        library.debug.as_ref().is_some_and(|debug| debug.found == "embedded");
                    if let (Some(note), Some(made)) = (note, &library.note) {
                        facts.noted += 1;
                        facts.added_bytes += (made.library_bytes as u64).saturating_sub(size);
                        notes.push((file, note));
                    }
                    lines.push(line(group, Some(&package.name), "library", library)?);
                }
            }
        }
        let is_for_users = facts.debug_bytes == 0 && !embedded;
        if is_for_users && !notes.is_empty() && !measures.no_rebuild {
            match self.build_both(&notes, scratch) {
                Ok([plain, noted]) => {
                    (facts.built_bytes, facts.built_noted_bytes) = (Some(plain), Some(noted));
                }
                Err(error) => facts.error = Some(error),
            }
        }
        lines.push(line(group, Some(&package.name), "package", facts)?);
        Ok(())
    }

    /// The size of the package built again, without and with the notes. Each library gets its note and keeps its times.
    fn build_both(
        &self,
        notes: &[(&PathBuf, Vec<u8>)],
        scratch: &Path,
    ) -> Result<[u64; 2], String> {
        let plain = self.package.built_again(&self.root, scratch)?;
        for (file, note) in notes {
            put(file, note)?;
        }
        Ok([plain, self.package.built_again(&self.root, scratch)?])
    }
}

/// Writes the note into the file itself. All names of the file have it then.
fn put(file: &Path, note: &[u8]) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let old = std::fs::metadata(file).map_err(told)?;
    let bytes = std::fs::read(file).map_err(told)?;
    let made = embed(&bytes, note).map_err(|error| error.to_string())?.to_vec();
    let mut writable = old.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut writable, 0o600);
    std::fs::set_permissions(file, writable).map_err(told)?;
    std::fs::write(file, made).map_err(told)?;
    let times = old.modified().map_err(told)?;
    let opened = std::fs::File::options().write(true).open(file).map_err(told)?;
    opened.set_modified(times).map_err(told)?;
    std::fs::set_permissions(file, old.permissions()).map_err(told)
}
