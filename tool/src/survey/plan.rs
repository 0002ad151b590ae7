//! What belongs together: the packages of one source package and version, or one library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::package::{Form, Package};
use crate::failure::Failure;

/// What one process measures. It depends on nothing outside of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Group {
    /// The source package and its version, or the path of the library.
    pub group: String,
    /// The files of the packages. Empty: the group is a library.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PathBuf>,
    /// The directory that the library was found in, as the command line has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<PathBuf>,
}

impl Group {
    /// The bytes of its files: the larger ones are measured first.
    pub fn size(&self) -> u64 {
        let size = |file: &Path| std::fs::metadata(file).map_or(0, |found| found.len());
        if self.packages.is_empty() {
            size(Path::new(&self.group))
        } else {
            self.packages.iter().map(|file| size(file)).sum()
        }
    }
}

/// The groups of all targets, in the order of their names.
pub fn groups(targets: &[PathBuf]) -> Result<Vec<Group>, Failure> {
    let mut found: BTreeMap<String, Group> = BTreeMap::new();
    let mut packages = Vec::new();
    for target in targets {
        if !target.is_dir() {
            std::fs::metadata(target).map_err(|error| unusable(target, &error))?;
            match Form::of(target) {
                Some(form) => packages.push((target.clone(), form)),
                None => add(&mut found, target, None),
            }
            continue;
        }
        for file in files_below(target).map_err(|error| unusable(target, &error))? {
            match Form::of(&file) {
                Some(form) => packages.push((file, form)),
                None if is_library(target, &file) => add(&mut found, &file, Some(target)),
                None => {}
            }
        }
    }
    packages.sort();
    for (file, form) in packages {
        // A package that cannot be read is a group of its own, whose records say so.
        let source = Package::read(&file, form)
            .map_or_else(|_| file.display().to_string(), |package| package.source);
        let empty = || Group { group: source.clone(), packages: Vec::new(), root: None };
        let group = found.entry(source.clone()).or_insert_with(empty);
        if !group.packages.contains(&file) {
            group.packages.push(file);
        }
    }
    Ok(found.into_values().collect())
}

fn add(found: &mut BTreeMap<String, Group>, file: &Path, root: Option<&Path>) {
    let group = file.display().to_string();
    let root = root.map(Path::to_path_buf);
    found.entry(group.clone()).or_insert(Group { group, packages: Vec::new(), root });
}

fn unusable(target: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", target.display()))
}

/// The regular files below a directory, in the order of their paths. Symbolic links are not followed.
pub fn files_below(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut work) = (Vec::new(), vec![directory.to_path_buf()]);
    while let Some(current) = work.pop() {
        for entry in std::fs::read_dir(&current)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                work.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The debug files of a root.
pub const DEBUG: &str = "usr/lib/debug";

/// Whether a file of a root or package is a shared library by its name (`*.so`, `*.so.*`) and by its first bytes. Debug
/// files are not.
pub fn is_library(root: &Path, file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let inside = file.strip_prefix(root).unwrap_or(file);
    (name.ends_with(".so") || name.contains(".so."))
        && !inside.starts_with(DEBUG)
        && !inside.starts_with("lib/debug")
        && begins_as_elf(file)
}

fn begins_as_elf(file: &Path) -> bool {
    use std::io::Read;
    let mut magic = [0; 4];
    let read = std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == object::elf::ELFMAG
}
