//! Finds the types that public headers define.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use ffitypecheck::ctype::{Kind, RecordClass, Type, TypeId, Types};

use super::compiler::Compiler;
use super::probe;
use super::tokens::Tokens;
use crate::failure::Failure;
use crate::scratch::Scratch;

/// The names of the structs, unions and typedefs that headers define: `struct stat`, `size_t`.
pub struct PublicTypes {
    names: HashSet<String>,
}

impl PublicTypes {
    /// Reads the types of single headers, of all headers below directories, and of what these include.
    pub fn read(places: &[PathBuf], compiler: &Compiler) -> Result<PublicTypes, Failure> {
        let mut headers = Vec::new();
        for place in places {
            let before = headers.len();
            find(place, &mut headers)?;
            if headers.len() == before {
                let what = format!("there is no header (*.h) in {}", place.display());
                return Err(Failure::Usage(what));
            }
        }
        let mut compiler = compiler.clone();
        let directories = places.iter().filter(|place| place.is_dir());
        compiler.flags.extend(directories.map(|place| format!("-I{}", place.display())));
        let mut public = PublicTypes { names: HashSet::new() };
        let scratch = Scratch::new()?;
        let all: Vec<&PathBuf> = headers.iter().collect();
        if let Ok(text) = compiler.preprocess(&scratch, &probe::includes(&all)?) {
            public.add(&text);
            return Ok(public);
        }
        // Some headers cannot be combined, or include files that are not installed. So each header is read by itself.
        for header in all {
            let (text, whole) = compiler.text(&scratch, &probe::includes(&[header])?)?;
            public.add(&text);
            if !whole {
                let raw = fs::read(header).map_err(|error| unreadable(header, &error))?;
                public.add(&without_comments(&String::from_utf8_lossy(&raw)));
            }
        }
        Ok(public)
    }

    fn add(&mut self, text: &str) {
        let tokens = Tokens::read(text);
        let defined = tokens.types().filter(|name| tokens.place_of_type(name).is_some());
        self.names.extend(defined.map(str::to_owned));
    }

    /// Whether a pointee is a record that no header defines. A record without a tag is known by its typedefs. If it
    /// has none, it is part of the type that contains it and is not hidden. C++ headers are not parsed, so C++
    /// classes count as public.
    pub fn hides(&self, types: &Types, pointee: TypeId) -> bool {
        let mut typedefs = Vec::new();
        let mut at = pointee;
        // No compiler nests more types on each other, so more would be a cycle.
        for _ in 0..64 {
            let Type { name, kind, .. } = types.get(at);
            match kind {
                Kind::Typedef { target } => {
                    typedefs.extend(name.as_ref());
                    at = *target;
                }
                Kind::Qualified { target, .. } => at = *target,
                Kind::Array { element, .. } => at = *element,
                Kind::Record(record) => {
                    let keyword = match record.class {
                        RecordClass::Struct => "struct",
                        RecordClass::Union => "union",
                        RecordClass::Class => return false,
                    };
                    return match name {
                        Some(tag) if tag.as_str().contains([':', '<']) => false,
                        Some(tag) => !self.names.contains(&format!("{keyword} {tag}")),
                        None if typedefs.is_empty() => false,
                        None => !typedefs.iter().any(|name| self.names.contains(name.as_str())),
                    };
                }
                _ => return false,
            }
        }
        false
    }
}

/// Appends the headers at `place`, sorted by name. Links to directories are not followed.
fn find(place: &Path, headers: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !place.is_dir() {
        // Reports a file that does not exist.
        fs::metadata(place).map_err(|error| unreadable(place, &error))?;
        headers.push(place.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(place).map_err(|error| unreadable(place, &error))?;
    let mut entries =
        entries.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(place, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&path, headers)?;
        } else if path.extension().is_some_and(|extension| extension == "h") && path.is_file() {
            headers.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}

/// Replaces each comment in C source by a space.
fn without_comments(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        result.push_str(before);
        let length = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with("/*") {
            from.find("*/").map_or(from.len(), |end| end + 2)
        } else {
            let length = match from.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    // A literal does not continue on the next line.
                    let line = from.find('\n').map_or(from, |end| from.split_at(end).0);
                    super::tokens::literal(line, quote)
                }
                _ => 1,
            };
            result.push_str(from.split_at(length).0);
            rest = from.split_at(length).1;
            continue;
        };
        result.push(' ');
        // Keeps the line breaks.
        result.extend(from.split_at(length).0.chars().filter(|c| *c == '\n'));
        rest = from.split_at(length).1;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments() {
        for (text, expected) in [
            ("a /* don't */ b", "a   b"),
            ("a // struct s {\nb", "a  \nb"),
            ("x = \"/* no */\"; '\"' /", "x = \"/* no */\"; '\"' /"),
            ("a /* one\ntwo */ b /* open", "a  \n b  "),
            ("don't\n/* x */ y", "don't\n  y"),
        ] {
            assert_eq!(without_comments(text), expected);
        }
    }
}
