//! Slim type information as ordinary DWARF, for any tool.

use std::collections::{HashMap, HashSet};

use gimli::constants as dw;

use super::entry::AttributeValue;
use super::strings::Naming;
use super::{closure, root, unit};
use crate::error::Result;
use crate::image::{Symbol, SymbolKind};
use crate::library::Library;
use crate::note_format::PRODUCER;

/// The sections of one ordinary DWARF 5 unit, as names and contents. The unit has a definition for each export of the
/// library whose type is known, and all types that these reach. The types come from the slim type information or from
/// the full debug information, depending on how the library was opened.
///
/// If several names have one address, only the first becomes a definition with that address. The others, and IFUNCs,
/// become declarations without an address.
///
/// Errors: `Limit`; `MalformedElf` (damaged slim type information).
pub fn extract(library: &Library) -> Result<Vec<(&'static str, Vec<u8>)>> {
    library.verify()?;
    let code = functions_of(library.exports()?);
    let mut declarations = Vec::new();
    let mut cplusplus = false;
    let (mut low, mut high) = (u64::MAX, 0);
    let mut seen = HashSet::new();
    for symbol in library.exports()? {
        let Ok(declaration) = library.describe_export(symbol) else { continue };
        cplusplus |= symbol.name.as_str().starts_with("_Z");
        // The address of an IFUNC is that of its resolver.
        let first = symbol.kind != SymbolKind::Ifunc
            && seen.insert((symbol.value, declaration.function().is_some()));
        let attributes = match (declaration.function().is_some(), symbol.has_address() && first) {
            (_, false) => vec![(dw::DW_AT_declaration, AttributeValue::Flag)],
            (true, true) => {
                let size = code.get(&symbol.value).copied().unwrap_or(0);
                low = low.min(symbol.value);
                high = high.max(symbol.value + size);
                vec![
                    (dw::DW_AT_low_pc, AttributeValue::Address(symbol.value)),
                    (dw::DW_AT_high_pc, AttributeValue::Number(size)),
                ]
            }
            (false, true) => vec![(dw::DW_AT_location, AttributeValue::At(symbol.value))],
        };
        declarations.push((declaration, attributes));
    }
    let language = if cplusplus { dw::DW_LANG_C_plus_plus_14 } else { dw::DW_LANG_C11 };
    let producer = format!("{}{}", PRODUCER, env!("CARGO_PKG_VERSION"));
    let path = &library.files().library.path().to_string_lossy();
    let mut root = root(language)
        .with(dw::DW_AT_name, AttributeValue::Text(path))
        .with(dw::DW_AT_producer, AttributeValue::Text(&producer));
    if low < high {
        root = root
            .with(dw::DW_AT_low_pc, AttributeValue::Address(low))
            .with(dw::DW_AT_high_pc, AttributeValue::Number(high - low));
    }
    let entries = closure::definitions(&declarations);
    let unit =
        unit::encode(root, &entries, &[], library.files().library.target(), Naming::ByOffset);
    let mut sections = vec![(".debug_abbrev", unit.abbrev), (".debug_info", unit.info)];
    if !unit.str.is_empty() {
        sections.push((".debug_str", unit.str));
    }
    Ok(sections)
}

/// The sizes of the functions by address. A function ends where the next one begins if they overlap.
fn functions_of(exports: &[Symbol]) -> HashMap<u64, u64> {
    let is_function = |symbol: &&Symbol| {
        matches!(symbol.kind, SymbolKind::Function | SymbolKind::Ifunc | SymbolKind::Untyped)
            && symbol.has_address()
    };
    let mut places: Vec<(u64, u64)> =
        exports.iter().filter(is_function).map(|symbol| (symbol.value, symbol.size)).collect();
    places.sort_unstable();
    places.dedup_by_key(|(value, _)| *value);
    let next = places.iter().skip(1).map(|(value, _)| *value).chain([u64::MAX]);
    let ends: Vec<u64> = next.collect();
    let sized = places.iter().zip(ends);
    sized.map(|((value, size), end)| (*value, (*size).min(end - value))).collect()
}
