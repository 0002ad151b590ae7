//! Records and enumerations that some units only declare and others define: one library, one meaning.

use foldhash::{HashSet, HashSetExt};

use crate::ctype::{Declaration, Kind, RecordClass, TypeId, Types};
use crate::Library;

/// The definitions of the records and enumerations that are reachable from the declarations both as they are and only
/// declared: where the whole debug information of the library has one definition of the tag, a mere declaration means it. A tag that
/// has several, in units that keep it to themselves, is left alone, and so is what no export reaches the definition of.
pub(super) fn completions(library: &Library, declarations: &[Declaration]) -> Vec<Declaration> {
    let Some(first) = declarations.first() else { return Vec::new() };
    let types = &first.types;
    let (mut declared, mut defined) = (HashSet::new(), HashSet::new());
    let roots = declarations.iter().map(|declaration| declaration.ty).collect();
    for id in reachable(types, roots) {
        let ty = types.get(id);
        let (keyword, incomplete) = match &ty.kind {
            Kind::Record(record) if record.class == RecordClass::Union => {
                ("union", record.incomplete)
            }
            Kind::Record(record) => ("struct", record.incomplete),
            Kind::Enumeration { incomplete, .. } => ("enum", *incomplete),
            _ => continue,
        };
        let Some(name) = &ty.name else { continue };
        let _ = match incomplete {
            true => declared.insert((keyword, name.as_str())),
            false => defined.insert((keyword, name.as_str())),
        };
    }
    let mut tags: Vec<(&str, &str)> =
        declared.into_iter().filter(|tag| defined.contains(tag)).collect();
    tags.sort();
    let definition = |(keyword, name): &(&str, &str)| {
        let mut found = library.describe_type(&format!("{keyword} {name}")).ok()?;
        let only = found.pop().filter(|_| found.is_empty())?;
        only.is_complete().then_some(only)
    };
    tags.iter().filter_map(definition).collect()
}

/// Every type reachable from the roots.
fn reachable(types: &Types, mut work: Vec<TypeId>) -> HashSet<TypeId> {
    let mut seen = HashSet::new();
    work.retain(|root| seen.insert(*root));
    while let Some(id) = work.pop() {
        types.each_named(id, &mut |id| {
            if seen.insert(id) {
                work.push(id);
            }
        });
    }
    seen
}
