//! Finds the definitions of a type by its name.

use std::collections::{HashMap, HashSet};

use super::query::Found;
use super::type_names::{Named, TypeEntry};
use super::DwarfFile;
use crate::ctype::{DeclarationKind, Evidence, Keyword, Name, TypeId, Types};
use crate::error::{Error, ErrorKind, Result};
use crate::identity::{difference_within, outline, Sameness};
use crate::spell::TypeName;

/// The rule by which two definitions of one name are the same. What they contain by value is compared. The types that
/// they point to have definitions of their own and are compared by name only: to compare their contents for each unit
/// would take time quadratic in the size of the library.
const SAMENESS: Sameness = Sameness {
    parameter_names: false,
    incomplete_is_equal: true,
    through_typedefs: true,
    pointees_by_name: true,
};

/// The limit on the comparisons that find equal definitions, in bytes: a constant part, and a part for each byte of
/// the file.
const COMPARED: usize = 1 << 24;
const COMPARED_PER_BYTE: usize = 64;

/// What each entry that is compared with a name takes from this limit.
const PER_CANDIDATE: usize = 16;

const TOO_MANY: &str = "the type has too many definitions to compare them all";

/// A definition, and the index of its DIE among all DIEs that have the name.
struct Definition<'a> {
    first: usize,
    entry: &'a TypeEntry,
    ty: TypeId,
}

impl DwarfFile {
    /// The definitions of a type, in order of their units. Equal definitions count as one. If no unit defines the
    /// type, its declaration is returned.
    pub fn find_types(&self, types: &Types, name: &TypeName) -> Result<Vec<Found>> {
        self.begin_question()?;
        self.definitions(types, name, &mut self.comparisons())
    }

    /// The limit on the comparisons for one query, in bytes.
    pub(super) fn comparisons(&self) -> usize {
        let size = usize::try_from(self.main().size()).unwrap_or(usize::MAX);
        size.saturating_mul(COMPARED_PER_BYTE).saturating_add(COMPARED)
    }

    /// See [`DwarfFile::find_types`]. The cost is subtracted from `left`.
    pub(super) fn definitions(
        &self,
        types: &Types,
        name: &TypeName,
        left: &mut usize,
    ) -> Result<Vec<Found>> {
        let index = self.type_names();
        *left = left.saturating_sub(index.candidates(name).saturating_mul(PER_CANDIDATE));
        if *left == 0 {
            return Err(Error::new(ErrorKind::Limit, TOO_MANY));
        }
        let mut entries = index.find(name);
        let is_definition = |entry: &&TypeEntry| !entry.declaration;
        if entries.iter().any(|entry| entry.named != Named::Typedef && is_definition(entry)) {
            entries.retain(is_definition);
        }
        let definitions = self.distinct(types, &entries, left)?;
        if self.work.has_ended() {
            return Err(self.work.refusal());
        }
        if definitions.is_empty() {
            // The definition may be in a part that is missing or damaged.
            let missing = self.split.first_error().or_else(|| index.fault.clone());
            return Err(missing.unwrap_or_else(|| no_type(name, &index.namesakes(name))));
        }
        let found = |definition: Definition<'_>| Found {
            kind: DeclarationKind::Type,
            ty: definition.ty,
            name: Name::new(&name.text),
            linkage_name: None,
            key: definition.entry.at.key(),
            evidence: Evidence::Name,
        };
        Ok(definitions.into_iter().map(found).collect())
    }

    /// One definition of each group of equal types: the first complete one, or the first of all if none is complete.
    fn distinct<'a>(
        &self,
        types: &Types,
        entries: &[&'a TypeEntry],
        left: &mut usize,
    ) -> Result<Vec<Definition<'a>>> {
        let typed = |(first, entry): (usize, &&'a TypeEntry)| {
            let ty = types.id_of(entry.at.key()?);
            Some(Definition { first, entry, ty })
        };
        let all = entries.iter().enumerate().filter_map(typed);
        let (complete, incomplete): (Vec<_>, Vec<_>) =
            all.partition(|definition| declared_tag(types, definition.ty).is_none());
        let mut kept: Vec<Definition<'a>> = Vec::new();
        // Only types with equal outlines can be the same. Only those are compared with each other.
        let mut by_outline: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for definition in complete {
            let alike = by_outline.entry(outline(types, definition.ty)).or_default();
            if !known(left, types, &kept, alike.iter().copied(), &definition)? {
                alike.push(kept.len());
                kept.push(definition);
            }
        }
        let complete = kept.len();
        let mut tags = HashSet::new();
        for definition in incomplete {
            let is_new = tags.insert(declared_tag(types, definition.ty));
            if is_new && !known(left, types, &kept, 0..complete, &definition)? {
                kept.push(definition);
            }
        }
        kept.sort_by_key(|definition| definition.first);
        Ok(kept)
    }
}

/// Whether one of `others` is the same type as `definition`.
fn known(
    left: &mut usize,
    types: &Types,
    kept: &[Definition<'_>],
    others: impl Iterator<Item = usize>,
    definition: &Definition<'_>,
) -> Result<bool> {
    for other in others.filter_map(|index| kept.get(index)) {
        let (a, b) = (other.ty, definition.ty);
        let same = difference_within(left, types, a, types, b, SAMENESS).is_none();
        if *left == 0 {
            return Err(Error::new(ErrorKind::Limit, TOO_MANY));
        }
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tag of a record or enumeration that is only declared; `Some(None)` if it has no tag. `None`: the type is
/// complete.
fn declared_tag(types: &Types, id: TypeId) -> Option<Option<(Keyword, &Name)>> {
    let ty = types.resolved(id);
    ty.is_only_declared().then(|| ty.tag())
}

fn no_type(name: &TypeName, namesakes: &[String]) -> Error {
    let text = &name.text;
    let mut message = format!("no unit of the debug information defines '{text}'");
    if let Some((last, others)) = namesakes.split_last() {
        let others: String = others.iter().map(|other| format!("'{other}', ")).collect();
        message.push_str(&format!(", but there is {others}'{last}'"));
    }
    Error::new(ErrorKind::NoType, message)
}
