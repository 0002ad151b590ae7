//! Reads what C headers claim about a library. The C compiler states the type of each export.
//!
//! The probe of an export is a constant that holds its address. The type of the constant is the claim. Its relocation
//! names the symbol, which differs from the C name if the header says so with an `asm` label (`open` is `open64`).

mod compiler;
mod probe;
mod public;
mod tokens;
mod typedefs;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ffitypecheck::ctype::{DeclarationKind, Kind};
use ffitypecheck::image::{SearchOptions, SymbolKind};
use ffitypecheck::{Error, ErrorKind, Library};

pub use self::compiler::Compiler;
use self::probe::{Of, Probe};
pub use self::public::PublicTypes;
use self::tokens::Tokens;
use crate::claims::{Claim, Place};
use crate::failure::Failure;
use crate::scratch::Scratch;

/// Reads the claims of the headers, as if one C file included them all. The claims are about the library's exports,
/// by name, and with `types` then about its types.
pub fn read(
    headers: &[&PathBuf],
    compiler: &Compiler,
    library: &Library,
    types: bool,
) -> Result<Vec<Claim>, Failure> {
    let scratch = Scratch::new()?;
    let includes = probe::includes(headers)?;
    let text = compiler.preprocess(&scratch, &includes)?;
    let tokens = Tokens::read(&text);
    let mut probes = of_exports(library, &tokens)?;
    if types {
        probes.extend(of_types(library, &tokens, probes.len()));
    }
    let Some((path, probes)) = compiler.compile(&scratch, &includes, probes)? else {
        return Ok(Vec::new());
    };
    let seen = Library::open(&path, &SearchOptions::default())?;
    if seen.files().library.target() != library.files().library.target() {
        let what = "the compiler's machine is not the library's; --cc or --cflags can name another";
        return Err(Failure::Usage(what.to_owned()));
    }
    let symbols = probe::symbols(&path)?;
    let everywhere: Vec<_> = headers.iter().map(|header| header.to_string_lossy()).collect();
    let everywhere = everywhere.join(", ");
    let mut claims = Vec::new();
    for probe in probes {
        let declaration = seen.describe(&probe.variable())?;
        let types = declaration.types;
        let Kind::Pointer { target: ty, .. } = types.resolved(declaration.ty).kind else {
            continue;
        };
        let claimed = &types.resolved(ty).kind;
        let kind = match claimed {
            _ if probe.of == Of::Type => DeclarationKind::Type,
            Kind::Function(_) => DeclarationKind::Function,
            _ => DeclarationKind::Variable,
        };
        let (subject, place) = match (probe.of, symbols.get(&probe.number)) {
            // A header that keeps a type opaque claims nothing about it.
            (Of::Type, _) if matches!(claimed, Kind::Record(record) if record.incomplete) => {
                continue
            }
            (Of::Type, _) => (probe.name.clone(), tokens.place_of_type(&probe.name)),
            (Of::ThreadLocal, _) => (linked(library, &probe.name)?, tokens.place_of(&probe.name)),
            (Of::Symbol, Some(symbol)) => (linked(library, symbol)?, tokens.place_of(&probe.name)),
            // The header defines the function itself (static inline).
            (Of::Symbol, None) => continue,
        };
        let place = Place {
            file: place.map_or(everywhere.as_str(), |(file, _)| file).to_owned(),
            line: place.map(|(_, line)| line),
            name: Some(probe.name).filter(|name| subject.split('@').next() != Some(name)),
        };
        claims.push(Claim { subject, kind, types, ty, place });
    }
    Ok(claims)
}

/// The export that a linker binds to for `name` in a C program. Unlike dlsym, it prefers a default version to an
/// export without a version.
fn linked(library: &Library, name: &str) -> Result<String, Error> {
    let table = library.export_table()?;
    let mut exports = table.by_name(name);
    let unversioned = table.by_name(name).any(|symbol| symbol.version.is_none());
    let default = exports.find(|symbol| symbol.default_version && symbol.version.is_some());
    Ok(match default.and_then(|symbol| symbol.version.as_ref()).filter(|_| unversioned) {
        Some(version) => format!("{name}@{version}"),
        None => name.to_owned(),
    })
}

/// The exports that the headers mention.
fn of_exports(library: &Library, tokens: &Tokens) -> Result<Vec<Probe>, Error> {
    let mut names = BTreeMap::new();
    for symbol in library.exports()?.iter().filter(|symbol| symbol.default_version) {
        let name = symbol.name.as_str();
        // `defined` is the only name that #undef does not accept.
        if tokens.mentions(name) && name != "defined" {
            let of = if symbol.kind == SymbolKind::Tls { Of::ThreadLocal } else { Of::Symbol };
            names.insert(name, of);
        }
    }
    let probe =
        |(number, (name, of)): (usize, (&str, Of))| Probe { number, name: name.to_owned(), of };
    Ok(names.into_iter().enumerate().map(probe).collect())
}

/// The types that both the headers and the library have, numbered from `first`.
fn of_types(library: &Library, tokens: &Tokens, first: usize) -> Vec<Probe> {
    let is_defined = |name: &&str| match library.describe_type(name) {
        Ok(_) => true,
        // The tokens may look like a type without being the name of one.
        Err(error) => !matches!(error.kind(), ErrorKind::NoType | ErrorKind::InvalidArgument),
    };
    let probe = |(index, name): (usize, &str)| Probe {
        number: first + index,
        name: name.to_owned(),
        of: Of::Type,
    };
    tokens.types().filter(is_defined).enumerate().map(probe).collect()
}
