//! What C headers claim of a library: the C compiler says which type each of its exports has there.
//!
//! A probe is a constant with a symbol's address: its type is the claim, and its relocation names the symbol, which is
//! another than the C name where the header says so (`asm` labels: `open` is `open64`).

mod compiler;
mod probe;
mod tokens;

use std::collections::HashMap;
use std::path::PathBuf;

use ffitypecheck::ctype::{DeclarationKind, Kind};
use ffitypecheck::image::{SearchOptions, SymbolKind};
use ffitypecheck::Library;

pub use self::compiler::Compiler;
use self::compiler::Scratch;
use self::probe::Probe;
use self::tokens::Tokens;
use crate::claims::{Claim, Place};
use crate::failure::Failure;

/// The claims of the headers, taken together as one C file would include them, about the library's exports, by name.
pub fn read(
    headers: &[&PathBuf],
    compiler: &Compiler,
    library: &Library,
) -> Result<Vec<Claim>, Failure> {
    let scratch = Scratch::new()?;
    let includes = probe::includes(headers)?;
    let text = compiler.preprocess(&scratch, &includes)?;
    let tokens = Tokens::read(&text);
    let probes = candidates(library, &tokens);
    let Some((path, probes)) = compiler.compile(&scratch, &includes, probes)? else {
        return Ok(Vec::new());
    };
    let seen = Library::open(&path, &SearchOptions::default())?;
    if seen.files().library.target() != library.files().library.target() {
        let what = "the compiler's machine is not the library's; --cc or --cflags can name another";
        return Err(Failure::Usage(what.to_owned()));
    }
    let symbols = probe::symbols(&path)?;
    let mut claims = Vec::new();
    for probe in probes {
        let symbol = match symbols.get(&probe.number) {
            Some(symbol) => symbol.clone(),
            None if probe.thread_local => probe.name.clone(),
            // The header defines it for itself (static inline).
            None => continue,
        };
        let declaration = seen.describe(&probe.variable())?;
        let types = declaration.types;
        let Kind::Pointer { target, .. } = types.resolved(declaration.ty).kind else { continue };
        let kind = match types.resolved(target).kind {
            Kind::Function(_) => DeclarationKind::Function,
            _ => DeclarationKind::Variable,
        };
        let place = tokens.place_of(&probe.name).map(|(file, line)| Place {
            file: file.to_owned(),
            line: Some(line),
            name: Some(probe.name.clone()).filter(|name| *name != symbol),
        });
        let place = place.unwrap_or_else(|| Place::file(&headers_together(headers)));
        claims.push(Claim { subject: symbol, kind, types, ty: target, place });
    }
    Ok(claims)
}

/// The exports that the headers mention.
fn candidates(library: &Library, tokens: &Tokens) -> Vec<Probe> {
    let exports = library.exports().iter().filter(|symbol| symbol.default_version);
    let mut names: HashMap<&str, bool> = HashMap::new();
    for symbol in exports {
        let name = symbol.name.as_str();
        // The one name that no #undef takes.
        if tokens.mentions(name) && name != "defined" {
            names.insert(name, symbol.kind == SymbolKind::Tls);
        }
    }
    let mut names: Vec<(&str, bool)> = names.into_iter().collect();
    names.sort();
    let probe = |(number, (name, thread_local)): (usize, (&str, bool))| Probe {
        number,
        name: name.to_owned(),
        thread_local,
    };
    names.into_iter().enumerate().map(probe).collect()
}

fn headers_together(headers: &[&PathBuf]) -> String {
    let names: Vec<_> = headers.iter().map(|header| header.to_string_lossy()).collect();
    names.join(", ")
}
