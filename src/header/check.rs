//! Assertions by which the compiler itself judges the layouts that were written.

use super::record::{plan, Field};
use super::set::{Form, Set};
use super::text::{is_nameless_record, member_names};
use crate::abi;
use crate::ctype::{Kind, Record, TypeId, Types};

/// Nameless records inside a record are looked into no deeper, and no further than so many members.
const DEPTH: usize = 24;
const MEMBERS: usize = 4096;

/// `_Static_assert(sizeof(struct s) == 8 && …, "struct s");` for a class that is a complete record with a name, by tag
/// or typedef; else nothing. Members are left out once
/// their text has `longest` bytes.
pub(super) fn assertion(set: &Set, class: usize, longest: usize) -> Option<String> {
    let (types, id) = set.representative(class)?;
    let (specifier, named) = match set.form(class) {
        Form::Named(specifier) => (specifier, class),
        Form::InTypedef(typedef) => match set.form(*typedef) {
            Form::Named(name) => (name, *typedef),
            _ => return None,
        },
        Form::Structure | Form::Inline => return None,
    };
    // The typedef may be aligned otherwise than what it names.
    let align = set.representative(named).map(|(types, id)| abi::align_of(types, id))?;
    let Kind::Record(record) = &types.get(id).kind else { return None };
    if record.incomplete {
        return None;
    }
    let size = abi::size_of(types, id)?;
    let mut conditions =
        vec![format!("sizeof({specifier}) == {size}"), format!("_Alignof({specifier}) == {align}")];
    let each = specifier.len();
    let mut walk = OffsetWalk { types, left: MEMBERS, each, room: longest, offsets: Vec::new() };
    walk.record(id, record, "", 0, 0);
    for (path, offset) in walk.offsets {
        conditions.push(format!("__builtin_offsetof({specifier}, {path}) == {offset}"));
    }
    Some(format!("_Static_assert({}, \"{specifier}\");\n", conditions.join("\n    && ")))
}

struct OffsetWalk<'t> {
    types: &'t Types,
    /// Members that may still be looked at.
    left: usize,
    /// What each takes besides its path, in bytes.
    each: usize,
    /// The bytes that all may still take.
    room: usize,
    /// The members as `offsetof` takes them, with the bytes from the outermost record's start; no bit-fields.
    offsets: Vec<(String, u64)>,
}

impl OffsetWalk<'_> {
    fn record(&mut self, id: TypeId, record: &Record, prefix: &str, start: u64, depth: usize) {
        // The outermost record is looked at whatever its size.
        if depth > 0 {
            self.left = self.left.saturating_sub(record.members.len().max(1));
        }
        if self.left == 0 || depth >= DEPTH {
            return;
        }
        let Some(plan) = plan(self.types, id, record) else { return };
        let names = member_names(self.types, record);
        for field in plan.fields {
            let (Field::Member { index, .. } | Field::Bytes { index, .. }) = field else {
                continue;
            };
            let (Some(member), Some(name)) = (record.members.get(index), names.get(index)) else {
                continue;
            };
            let offset = start.saturating_add(member.offset);
            self.room = self.room.saturating_sub(self.each + prefix.len() + name.len());
            if self.room == 0 {
                return;
            }
            if member.bits.is_none() && !name.is_empty() {
                self.offsets.push((format!("{prefix}{name}"), offset));
            }
            if is_nameless_record(self.types, member) {
                let inner = self.types.resolve(member.ty);
                if let Kind::Record(record) = &self.types.get(inner).kind {
                    let dot = if name.is_empty() { "" } else { "." };
                    let prefix = format!("{prefix}{name}{dot}");
                    self.record(inner, record, &prefix, offset, depth + 1);
                }
            }
        }
    }
}
