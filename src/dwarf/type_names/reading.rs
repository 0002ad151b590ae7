//! Reads the named types of all units.

use foldhash::HashMap;
use std::collections::HashSet;

use gimli::constants as dw;

use super::{keyword_of, NameScope, Named, TypeEntry, TypeNames, NONE};
use crate::ctype::Target;
use crate::dwarf::die::{Die, DieRef, Reference};
use crate::dwarf::index::NAMESPACE_DEPTH;
use crate::dwarf::scope::is_scope;
use crate::dwarf::space::{unit_start, Space, Unit};
use crate::dwarf::types::{base_encoding, has_scopes};
use crate::dwarf::unit::Next;
use crate::dwarf::{DwarfFile, Slice, SUPPLEMENTARY};
use crate::spell::{canonical_name, is_of_c};

/// The memory that is counted for an entry or a scope.
const PER_ENTRY: u64 = 96;

/// What the types of a unit have in common.
#[derive(Clone, Copy)]
struct UnitKind {
    bare: Option<bool>,
    is_type_unit: bool,
    target: Target,
}

/// A DIE whose name is in another DIE: in its declaration (DWARF 5 §2.13.2), or in another type unit.
struct Completion {
    entry: Option<u32>,
    /// The scope that it opens for its members.
    scope: Option<u32>,
    declared_at: DieRef,
}

/// State that is only needed while the units are read.
struct Reading<'a> {
    dwarf: &'a DwarfFile,
    index: TypeNames,
    /// The name of each DIE that others may refer to, and the scope around it.
    declared: HashMap<DieRef, (Slice, u32)>,
    scopes: HashMap<(u32, Option<&'static [u8]>), u32>,
    completions: Vec<Completion>,
    /// The units of the supplementary file that this library imports. Its other units belong to other libraries.
    imported: Vec<usize>,
    known: HashSet<usize>,
}

impl TypeNames {
    /// Reads the named types: from the units of the library itself, its split units, the type units beside them, and
    /// the units that it imports from its supplementary file.
    pub(in crate::dwarf) fn read(dwarf: &DwarfFile) -> TypeNames {
        let main = dwarf.main();
        let mut reading = Reading::of(dwarf);
        for number in 0..main.units().len() {
            match dwarf.split.unit(main, number) {
                None => reading.read(main, number),
                Some(Ok((space, _))) => reading.read_all(space),
                // SplitUnits::first_error reports it.
                Some(Err(_)) => {}
            }
        }
        for space in dwarf.split.type_units(main) {
            reading.read_all(space);
        }
        let mut next = 0;
        while let (Some(space), Some(&number)) =
            (dwarf.supplementary.as_ref(), reading.imported.get(next))
        {
            next += 1;
            reading.read(space, number);
        }
        reading.finish()
    }
}

impl<'a> Reading<'a> {
    fn of(dwarf: &'a DwarfFile) -> Reading<'a> {
        Reading {
            dwarf,
            index: TypeNames::default(),
            declared: HashMap::default(),
            scopes: HashMap::default(),
            completions: Vec::new(),
            imported: Vec::new(),
            known: HashSet::new(),
        }
    }

    fn read_all(&mut self, space: &Space) {
        for number in 0..space.units().len() {
            self.read(space, number);
        }
    }

    fn read(&mut self, space: &Space, number: usize) {
        let read = space.unit(number).and_then(|unit| {
            let start = unit_start(&unit.unit.header);
            self.read_unit(space, unit).map_err(|error| space.error(error, start))
        });
        if let Err(error) = read {
            self.index.fault.get_or_insert(error);
        }
    }

    fn read_unit(&mut self, space: &Space, unit: &Unit) -> gimli::Result<()> {
        let context = space.context(unit);
        let language = unit.root.language;
        let classes = has_scopes(language);
        let is_type_unit = matches!(
            unit.unit.header.type_(),
            gimli::UnitType::Type { .. } | gimli::UnitType::SplitType { .. }
        );
        let bare = language.map(|_| classes);
        let kind = UnitKind { bare, is_type_unit, target: self.dwarf.target };
        self.index.bare |= kind.bare == Some(true);
        let mut entries = unit.unit.entries_raw(None)?;
        let Some(mut die) = context.read(&mut entries)? else { return Ok(()) };
        let mut open = Vec::new();
        open.extend(die.has_children.then_some(NONE));
        while let (Some(&scope), false) = (open.last(), entries.is_empty()) {
            match context.read_some(&mut entries, is_named, &mut die)? {
                Next::End => {
                    open.pop();
                    continue;
                }
                Next::Passed => continue,
                Next::Die => {}
            }
            if die.tag == dw::DW_TAG_imported_unit {
                self.import(&die);
            }
            let entry = self.add(space, &die, scope, kind);
            let namespace = matches!(die.tag, dw::DW_TAG_namespace | dw::DW_TAG_module);
            let opens = is_scope(&die) && (namespace || classes) && open.len() <= NAMESPACE_DEPTH;
            // An empty namespace still says whether it is inline.
            let inside = if opens && (namespace || die.has_children) {
                Some(self.open(space, &die, scope))
            } else {
                None
            };
            if let Some(declared_at) = self.named_elsewhere(&die) {
                if entry.is_some() || inside.is_some() {
                    self.completions.push(Completion { entry, scope: inside, declared_at });
                }
            }
            match inside {
                _ if !die.has_children => {}
                Some(inside) => open.push(inside),
                None => context.skip_children(&mut entries, die.sibling)?,
            }
        }
        Ok(())
    }

    /// The DIE that has the name of a DIE without one.
    fn named_elsewhere(&self, die: &Die) -> Option<DieRef> {
        let signature = die.signature.filter(|_| die.name.is_none());
        self.dwarf.follow(die.at.space, die.specification.or(signature)?)
    }

    fn import(&mut self, die: &Die) {
        let Some(Reference::Die(at)) = die.import else { return };
        if at.space != SUPPLEMENTARY {
            return;
        }
        let unit = self.dwarf.supplementary.as_ref().and_then(|space| space.unit_at(at).ok());
        if let Some((number, _)) = unit {
            if self.known.insert(number) {
                self.imported.push(number);
            }
        }
    }

    fn add(&mut self, space: &Space, die: &Die, scope: u32, unit: UnitKind) -> Option<u32> {
        let named = named(die)?;
        let completes = die.specification.is_some();
        if die.name.is_none() && !completes {
            return None;
        }
        // A base type in the other byte order has the name of the native type.
        let little_endian = space.is_little_endian();
        if named == Named::Base && die.big_endian.is_some_and(|big| big == little_endian) {
            return None;
        }
        let shared = if named == Named::Base { shared_name(die) } else { None };
        if named == Named::Base && !is_base_of_c(die, shared, unit.target) {
            return None;
        }
        let number = u32::try_from(self.index.entries.len()).ok().filter(|&n| n != NONE)?;
        space.work().spend(PER_ENTRY);
        let entry = TypeEntry {
            at: die.at,
            named,
            declaration: die.declaration,
            bare: unit.bare,
            name: die.name,
            shared,
            scope,
            before: NONE,
        };
        self.index.entries.push(entry);
        if die.declaration || unit.is_type_unit {
            self.declared.extend(die.name.map(|name| (die.at, (name, scope))));
        }
        if !completes {
            self.index.link(number);
        }
        Some(number)
    }

    /// The number of a scope. Scopes with the same name in the same parent share one number. Not every unit that has
    /// a namespace says that it is inline (GCC's type units do not).
    fn open(&mut self, space: &Space, die: &Die, parent: u32) -> u32 {
        let Ok(next) = u32::try_from(self.index.scopes.len()) else { return parent };
        space.work().spend(PER_ENTRY);
        let number = match (die.specification, die.name, die.signature) {
            // It gets its name at the end.
            (Some(_), _, _) | (_, None, Some(_)) => next,
            _ => *self.scopes.entry((parent, die.name.map(|name| name.slice()))).or_insert(next),
        };
        let transparent = die.name.is_none() || die.export_symbols;
        match self.index.scopes.get_mut(number as usize) {
            Some(scope) => scope.transparent |= transparent,
            None => self.index.scopes.push(NameScope { name: die.name, transparent, parent }),
        }
        number
    }

    /// Names the DIEs that were declared elsewhere, after all units are read.
    fn finish(self) -> TypeNames {
        let mut index = self.index;
        for Completion { entry, scope, declared_at } in self.completions {
            let declared = self.declared.get(&declared_at).copied();
            if let (Some(scope), Some((name, parent))) = (scope, declared) {
                if let Some(scope) = index.scopes.get_mut(scope as usize) {
                    *scope = NameScope { name: Some(name), transparent: false, parent };
                }
            }
            let Some(number) = entry else { continue };
            if let Some(entry) = index.entries.get_mut(number as usize) {
                entry.name = declared.map(|(name, _)| name).or(entry.name);
                entry.scope = declared.map_or(entry.scope, |(_, scope)| scope);
            }
            index.link(number);
        }
        let definitions = index.entries.iter().filter(|entry| !entry.declaration);
        let tag = |entry: &TypeEntry| Some((keyword_of(entry.named)?, entry.name?.slice()));
        index.defined = definitions.filter_map(tag).collect();
        index
    }
}

/// The shared name of a base type. clang 14 calls every complex type `complex`; its size shows which one it is.
fn shared_name(die: &Die) -> Option<&'static str> {
    let complex_float = die.encoding == Some(dw::DW_ATE_complex_float);
    match (die.name?.slice(), die.byte_size) {
        (b"complex", Some(8)) if complex_float => Some("_Complex float"),
        (b"complex", Some(16)) if complex_float => Some("_Complex double"),
        (b"complex", Some(32)) if complex_float => Some("_Complex long double"),
        (name, _) => canonical_name(std::str::from_utf8(name).ok()?),
    }
}

fn is_base_of_c(die: &Die, shared: Option<&str>, target: Target) -> bool {
    let own = die.name.map_or(&b""[..], |name| name.slice());
    let size = die.byte_size.or_else(|| Some(die.bit_size?.div_ceil(8)));
    let encoding = base_encoding(die.encoding, own, size);
    let name = shared.or_else(|| std::str::from_utf8(own).ok());
    match (name, encoding, size) {
        (Some(name), Some(encoding), Some(size)) => is_of_c(target, name, encoding, size),
        _ => false,
    }
}

fn named(die: &Die) -> Option<Named> {
    kind_of_name(die.tag)
}

/// Whether a DIE without children may have a name that can be looked up, or lead to one.
fn is_named(tag: gimli::DwTag) -> bool {
    kind_of_name(tag).is_some()
        || matches!(tag, dw::DW_TAG_namespace | dw::DW_TAG_module | dw::DW_TAG_imported_unit)
}

fn kind_of_name(tag: gimli::DwTag) -> Option<Named> {
    match tag {
        dw::DW_TAG_structure_type | dw::DW_TAG_class_type | dw::DW_TAG_interface_type => {
            Some(Named::Struct)
        }
        dw::DW_TAG_union_type => Some(Named::Union),
        dw::DW_TAG_enumeration_type => Some(Named::Enum),
        dw::DW_TAG_typedef | dw::DW_TAG_template_alias => Some(Named::Typedef),
        dw::DW_TAG_base_type => Some(Named::Base),
        _ => None,
    }
}
