//! Slim type information: finds the declaration of an export by the number of its symbol.

use gimli::constants as dw;

use super::die::DieRef;
use super::sections::SlimIndex;
use super::{DwarfFile, Found, Query, MAIN};
use crate::ctype::{DeclarationKind, Name, TypeId, Types};
use crate::error::{Error, ErrorKind, Result};
use crate::note_format::evidence_of;

/// The declaration that the index has for a symbol.
///
/// Errors: `NoType` (it has none), `MalformedDwarf`, `MalformedElf` (damaged), `Limit`.
pub(super) fn indexed(
    dwarf: &DwarfFile,
    types: &Types,
    index: &SlimIndex,
    query: &Query<'_>,
) -> Result<Found> {
    let entry = query.number.and_then(|number| index.entry(number));
    // The index covers the symbols from the first to the last one with a type. Other symbols have no entry.
    entry.map_or(Ok(()), |entry| dwarf.main.verify(entry, 0))?;
    let offset = entry.and_then(|entry| index.offset(entry)).ok_or_else(|| {
        let message =
            format!("the library's slim type information has no type for '{}'", query.name);
        Error::new(ErrorKind::NoType, message)
    })?;
    let at = DieRef { space: MAIN, types_section: false, offset };
    let chain = dwarf.chain(dwarf.die(at)?);
    let Some(own) = chain.first().map(|opened| &opened.die) else {
        return Err(Error::new(ErrorKind::NoType, "the entry is empty"));
    };
    let key = at.key();
    let this = || key.map_or(TypeId::VOID, |key| types.id_of(key));
    let (kind, ty) = match own.tag {
        dw::DW_TAG_subprogram => (DeclarationKind::Function, this()),
        dw::DW_TAG_variable => (DeclarationKind::Variable, dwarf.type_id(types, at.space, own.ty)),
        // The entry of a variable whose name equals its symbol refers to its type.
        _ => (DeclarationKind::Variable, this()),
    };
    let text = |name: super::Slice| Name::from_bytes(&name);
    let is_declaration = matches!(own.tag, dw::DW_TAG_subprogram | dw::DW_TAG_variable);
    let around = |symbol: &str| {
        let part = |part: Option<super::Slice>| part.map(text).unwrap_or_else(|| Name::new(""));
        let (before, behind) = (part(own.before_symbol), part(own.behind_symbol));
        Name::new(&format!("{before}{symbol}{behind}"))
    };
    let name = match own.name.filter(|_| is_declaration) {
        Some(name) => text(name),
        None => around(query.name),
    };
    let linkage_name = if own.linkage_name_is_symbol {
        Some(Name::new(query.name))
    } else {
        own.linkage_name.map(text)
    };
    if dwarf.work.has_ended() {
        return Err(dwarf.work.refusal());
    }
    Ok(Found { kind, ty, name, linkage_name, key, evidence: evidence_of(own.evidence) })
}
