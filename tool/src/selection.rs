//! Selects exports by name or glob.

use ffitypecheck::image::Symbol;
use ffitypecheck::{Error, ErrorKind, Library};
use globset::{Glob, GlobMatcher};

use crate::failure::Failure;

/// A symbol that the user asked for.
pub struct Selected<'l> {
    /// The name that the user gave, or the name of the export.
    pub name: String,
    /// The export, or the reason why there is none.
    pub export: Result<&'l Symbol, Error>,
}

/// All exports, sorted by name. The default version of a name comes before its other versions.
pub fn all(library: &Library) -> Result<Vec<Selected<'_>>, Error> {
    let mut symbols: Vec<&Symbol> = library.exports()?.iter().collect();
    sort(&mut symbols);
    Ok(symbols.into_iter().map(selected).collect())
}

/// The exports for the names and globs, in the given order. The exports of one glob are sorted by name.
pub fn by_names<'l>(library: &'l Library, names: &[String]) -> Result<Vec<Selected<'l>>, Failure> {
    let mut found = Vec::new();
    for name in names {
        if !is_glob(name) {
            found.push(Selected { name: name.clone(), export: library.export_table()?.find(name) });
            continue;
        }
        let glob = glob(name)?;
        let versioned = name.contains('@');
        let mut symbols: Vec<&Symbol> =
            library.exports()?.iter().filter(|symbol| matches(&glob, versioned, symbol)).collect();
        sort(&mut symbols);
        if symbols.is_empty() {
            let error = Error::new(ErrorKind::NoSymbol, format!("no export matches '{name}'"));
            found.push(Selected { name: name.clone(), export: Err(error) });
        }
        found.extend(symbols.into_iter().map(selected));
    }
    Ok(found)
}

/// Names and globs that restrict a selection. If there are none, everything is wanted.
pub struct Wanted {
    names: Vec<String>,
    globs: Vec<GlobMatcher>,
}

impl Wanted {
    pub fn new(patterns: &[String]) -> Result<Wanted, Failure> {
        let (globs, names): (Vec<_>, Vec<_>) =
            patterns.iter().cloned().partition(|name| is_glob(name));
        let globs = globs.iter().map(|text| glob(text)).collect::<Result<_, _>>()?;
        Ok(Wanted { names, globs })
    }

    pub fn wants(&self, name: &str) -> bool {
        let all = self.names.is_empty() && self.globs.is_empty();
        all || self.names.iter().any(|wanted| wanted == name)
            || self.globs.iter().any(|glob| glob.is_match(name))
    }

    /// The names that are not globs. Each of them should exist.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

fn glob(text: &str) -> Result<GlobMatcher, Failure> {
    let wrong =
        |error: globset::Error| Failure::Usage(format!("'{text}' is no glob: {}", error.kind()));
    Ok(Glob::new(text).map_err(wrong)?.compile_matcher())
}

/// `name`, or `name@VERSION` if the version is not the default one.
pub fn full_name(symbol: &Symbol) -> String {
    match &symbol.version {
        Some(version) if !symbol.default_version => format!("{}@{version}", symbol.name),
        _ => symbol.name.to_string(),
    }
}

fn selected(symbol: &Symbol) -> Selected<'_> {
    Selected { name: full_name(symbol), export: Ok(symbol) }
}

fn sort(symbols: &mut [&Symbol]) {
    let key = |symbol: &&Symbol| {
        let version = symbol.version.as_ref().map(ToString::to_string);
        (symbol.name.to_string(), !symbol.default_version, version)
    };
    symbols.sort_by_cached_key(key);
}

fn is_glob(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// A glob without a version matches default versions only, like a name without a version.
fn matches(glob: &GlobMatcher, versioned: bool, symbol: &Symbol) -> bool {
    match (&symbol.version, versioned) {
        (Some(version), true) => {
            let at = if symbol.default_version { "@@" } else { "@" };
            glob.is_match(format!("{}@{version}", symbol.name))
                || glob.is_match(format!("{}{at}{version}", symbol.name))
        }
        (None, true) => false,
        (_, false) => symbol.default_version && glob.is_match(symbol.name.as_str()),
    }
}
