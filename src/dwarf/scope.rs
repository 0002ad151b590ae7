//! The namespaces and classes around a DIE, for languages that have them.

use std::collections::HashMap;

use super::die::{Die, DieRef, Reference};
use super::index::NAMESPACE_DEPTH;
use super::unit::UnitContext;
use super::Slice;
use gimli::constants as dw;

/// The scopes of one unit, in order of their start.
#[derive(Default)]
pub(super) struct Scopes(Vec<Scope>);

/// The name of a scope.
#[derive(Clone, Copy)]
pub(super) enum ScopeName {
    Own(Slice),
    /// The name of the DIE that the reference leads to: clang's type units leave out the names of the classes around
    /// their type.
    Of(Reference),
    Nameless,
}

impl ScopeName {
    fn of(die: &Die) -> ScopeName {
        match (die.name, die.signature) {
            (Some(name), _) => ScopeName::Own(name),
            (None, Some(signature)) => ScopeName::Of(signature),
            (None, None) => ScopeName::Nameless,
        }
    }
}

struct Scope {
    /// The DIEs inside are at offsets from `start` up to, but not including, `end`, in bytes from the unit's start.
    start: usize,
    end: usize,
    name: ScopeName,
    /// The index of the enclosing scope.
    parent: Option<usize>,
    /// The index of the scope that it belongs to: not the enclosing one if declared elsewhere (DWARF 5 §5.7.1).
    belongs_to: Option<usize>,
}

impl Scopes {
    /// Reads the scopes of a unit. If an entry cannot be read, the result has the scopes before it.
    pub fn read(context: &UnitContext<'_>) -> Scopes {
        let mut scopes = Vec::new();
        let mut open: Vec<(isize, usize)> = Vec::new();
        let mut declared: HashMap<DieRef, (ScopeName, Option<usize>)> = HashMap::new();
        let Ok(mut entries) = context.unit.entries_raw(None) else { return Scopes(scopes) };
        while !entries.is_empty() {
            let (offset, depth) = (entries.next_offset().0, entries.next_depth());
            while let Some(&(inside, index)) = open.last() {
                if depth >= inside {
                    break;
                }
                open.pop();
                close(&mut scopes, index, offset);
            }
            let Ok(die) = context.read(&mut entries) else { break };
            let Some(die) = die else { continue };
            let parent = open.last().map(|&(_, index)| index);
            if die.declaration && is_scope(&die) {
                declared.insert(die.at, (ScopeName::of(&die), parent));
            }
            if die.has_children && is_scope(&die) && open.len() < NAMESPACE_DEPTH {
                let elsewhere = match die.specification {
                    Some(Reference::Die(at)) => declared.get(&at).copied(),
                    _ => None,
                };
                let (name, belongs_to) = elsewhere.unwrap_or((ScopeName::of(&die), parent));
                let start = entries.next_offset().0;
                scopes.push(Scope { start, end: usize::MAX, name, parent, belongs_to });
                open.push((entries.next_depth(), scopes.len() - 1));
            }
        }
        Scopes(scopes)
    }

    /// The names of the scopes around the DIE at `offset` bytes from the unit's start, innermost first.
    pub fn around(&self, offset: usize) -> Vec<ScopeName> {
        let mut names = Vec::new();
        // Scopes nest. The scope of the DIE is the last one that began before it, or one around that.
        let before = self.0.partition_point(|scope| scope.start <= offset);
        let mut next = before.checked_sub(1);
        while let Some(scope) = next.and_then(|index| self.0.get(index)) {
            if offset < scope.end {
                break;
            }
            next = scope.parent;
        }
        // A scope belongs to an earlier one, so this loop ends.
        while let Some(scope) = next.and_then(|index| self.0.get(index)) {
            if names.len() == NAMESPACE_DEPTH {
                break;
            }
            names.push(scope.name);
            next = scope.belongs_to;
        }
        names
    }
}

fn close(scopes: &mut [Scope], index: usize, end: usize) {
    if let Some(scope) = scopes.get_mut(index) {
        scope.end = end;
    }
}

pub(super) fn is_scope(die: &Die) -> bool {
    matches!(
        die.tag,
        dw::DW_TAG_namespace
            | dw::DW_TAG_module
            | dw::DW_TAG_class_type
            | dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
    )
}
