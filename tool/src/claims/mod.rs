//! Claims: the types of a library's symbols as a caller has them, and the JSON document that states them.

mod document;
mod extent;
mod table;

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ffitypecheck::ctype::{
    Declaration, DeclarationKind, Evidence, Kind, Name, Target, TypeId, Types,
};
use ffitypecheck::spell;

use serde::Serialize;

use self::document::Document;
use crate::failure::Failure;

/// What a caller claims about one symbol or type.
pub struct Claim {
    /// The symbol, as `name` or `name@VERSION`, or the name of the type in C.
    pub subject: String,
    /// Function, variable or type.
    pub kind: DeclarationKind,
    pub types: Arc<Types>,
    pub ty: TypeId,
    pub place: Place,
}

/// Where a claim is made.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    pub file: String,
    pub line: Option<u64>,
    /// The name in C, if it differs from the symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Place {
    pub fn file(file: &str) -> Place {
        Place { file: file.to_owned(), line: None, name: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "as '{name}' ")?;
        }
        write!(f, "in {}", self.file)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

impl Claim {
    /// The names by which the user may ask for it: the subject with and without its version, and the name in C.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let bare = self.subject.split('@').next();
        [Some(&*self.subject), bare, self.place.name.as_deref()].into_iter().flatten()
    }

    /// The claim in C, spelled like a declaration of the library.
    pub fn spell(&self) -> String {
        if self.kind == DeclarationKind::Type {
            return spell::type_name(&self.types, self.ty);
        }
        let (name, version) = self.subject.split_once('@').unwrap_or((&self.subject, ""));
        let declaration = Declaration {
            types: Arc::clone(&self.types),
            ty: self.ty,
            kind: self.kind,
            symbol: name.into(),
            version: Some(version).filter(|version| !version.is_empty()).map(Name::new),
            name: name.into(),
            linkage_name: None,
            library: Default::default(),
            key: None,
            evidence: Evidence::Name,
        };
        spell::declaration(&declaration)
    }
}

/// Reads the claims of the document at `path` for a library for `target`. The path `-` is standard input.
pub fn read(path: &Path, target: Target) -> Result<Vec<Claim>, Failure> {
    let wrong = |what: &dyn fmt::Display| Failure::Usage(format!("{}: {what}", path.display()));
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut text).map(|_| ())
    } else {
        std::fs::read(path).map(|bytes| text = bytes)
    };
    read.map_err(|error| wrong(&error))?;
    let document: Document = serde_json::from_slice(&text).map_err(|error| wrong(&error))?;
    let place = Place::file(&path.to_string_lossy());
    from_document(document, target, &place).map_err(|error| wrong(&error))
}

/// An error in a document, and its place.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    /// The place of the error, such as `types.5.members[2]`.
    place: String,
    what: String,
}

impl Wrong {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Wrong {
        Wrong { place: place.into(), what: what.into() }
    }

    fn within(mut self, outer: &str) -> Wrong {
        self.place = if self.place.is_empty() {
            outer.to_owned()
        } else {
            format!("{outer}.{}", self.place)
        };
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

fn from_document(document: Document, target: Target, place: &Place) -> Result<Vec<Claim>, Wrong> {
    if let Some(claimed) = &document.target {
        let claimed = Target::from(claimed);
        if claimed != target {
            let what = format!("{claimed:?}, the library is for {target:?}");
            return Err(Wrong::new("target", what));
        }
    }
    let table = table::build(&document.types.0, target)?;
    let mut claims = Vec::with_capacity(document.declarations.len());
    for (index, entry) in document.declarations.into_iter().enumerate() {
        let within = format!("declarations[{index}]");
        claims.push(claim(entry, &table, place).map_err(|wrong| wrong.within(&within))?);
    }
    Ok(claims)
}

fn claim(
    entry: document::Declaration,
    table: &table::Table,
    place: &Place,
) -> Result<Claim, Wrong> {
    let ty = table.id(&entry.r#type).map_err(|wrong| wrong.within("type"))?;
    let is_function = match table.types.resolved(ty).kind {
        Kind::Function(_) => Some(true),
        Kind::Unknown { .. } => None,
        _ => Some(false),
    };
    let kind = match (entry.kind, is_function) {
        (document::Subject::Function, None | Some(true)) => DeclarationKind::Function,
        (document::Subject::Variable, None | Some(false)) => DeclarationKind::Variable,
        (document::Subject::Type, _) if entry.version.is_some() => {
            return Err(Wrong::new("version", "a type has none"))
        }
        (document::Subject::Type, _) => DeclarationKind::Type,
        (document::Subject::Function, _) => {
            return Err(Wrong::new("type", "a function's type has the kind function"))
        }
        (document::Subject::Variable, _) => {
            return Err(Wrong::new("type", "a variable has no type of the kind function"))
        }
    };
    let subject = match kind {
        DeclarationKind::Type => type_name(entry)?,
        _ => symbol_name(entry)?,
    };
    Ok(Claim { subject, kind, types: Arc::clone(&table.types), ty, place: place.clone() })
}

/// The name of a type, such as `struct stat`.
fn type_name(entry: document::Declaration) -> Result<String, Wrong> {
    // `describe` writes the name of a type as its symbol too.
    if entry.symbol.is_some() && entry.symbol != entry.name {
        return Err(Wrong::new("symbol", "a type has none but its name"));
    }
    entry.name.ok_or_else(|| Wrong::new("name", "it is missing"))
}

/// The symbol, as `name` or `name@VERSION`.
fn symbol_name(entry: document::Declaration) -> Result<String, Wrong> {
    let symbol = entry.symbol.ok_or_else(|| Wrong::new("symbol", "it is missing"))?;
    match (entry.version, entry.default_version) {
        _ if symbol.is_empty() => Err(Wrong::new("symbol", "it is empty")),
        (Some(_), _) if symbol.contains('@') => {
            Err(Wrong::new("version", "the symbol has one already"))
        }
        (Some(version), _) => Ok(format!("{symbol}@{version}")),
        (None, Some(false)) => {
            Err(Wrong::new("default_version", "it is false, and there is no version"))
        }
        (None, _) => Ok(symbol),
    }
}

#[cfg(test)]
mod tests;
