//! The namespaces and classes around a DIE, for languages that have them.

use super::die::{Die, UnitContext};
use super::index::NAMESPACE_DEPTH;
use super::Slice;
use gimli::constants as dw;

/// The scopes of one unit, in order of their start.
#[derive(Default)]
pub(super) struct Scopes(Vec<Scope>);

struct Scope {
    /// The DIEs inside lie from `start` to before `end`, in bytes from the unit's start.
    start: usize,
    end: usize,
    name: Option<Slice>,
    /// The index of the scope around it.
    parent: Option<usize>,
}

impl Scopes {
    /// Reads the scopes of a unit. A unit whose entries cannot be read has those before the fault.
    pub fn read(context: &UnitContext<'_>) -> Scopes {
        let mut scopes = Vec::new();
        let mut open: Vec<(isize, usize)> = Vec::new();
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
            if die.has_children && is_scope(&die) && open.len() < NAMESPACE_DEPTH {
                scopes.push(Scope {
                    start: entries.next_offset().0,
                    end: usize::MAX,
                    name: die.name,
                    parent: open.last().map(|&(_, index)| index),
                });
                open.push((entries.next_depth(), scopes.len() - 1));
            }
        }
        Scopes(scopes)
    }

    /// The names of the scopes around the DIE at `offset` bytes from the unit's start, innermost first.
    pub fn around(&self, offset: usize) -> Vec<Option<Slice>> {
        let mut names = Vec::new();
        // Scopes nest: the one that holds the DIE is the last that began before it, or one around that.
        let before = self.0.partition_point(|scope| scope.start <= offset);
        let mut next = before.checked_sub(1);
        while let Some(scope) = next.and_then(|index| self.0.get(index)) {
            if offset < scope.end {
                names.push(scope.name);
            }
            next = scope.parent;
        }
        names
    }
}

fn close(scopes: &mut [Scope], index: usize, end: usize) {
    if let Some(scope) = scopes.get_mut(index) {
        scope.end = end;
    }
}

fn is_scope(die: &Die) -> bool {
    matches!(
        die.tag,
        dw::DW_TAG_namespace
            | dw::DW_TAG_module
            | dw::DW_TAG_class_type
            | dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
    )
}
