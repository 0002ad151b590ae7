//! Static assertions, which let the compiler verify the written layouts.

use super::record::{plan, Field};
use super::set::{Form, Set};
use super::text::{is_nameless_record, member_names};
use crate::abi;
use crate::ctype::{Kind, Record, TypeId, Types};

/// The limits on unnamed records inside a record: how deep they may nest, and how many members are visited.
const DEPTH: usize = 24;
const MEMBERS: usize = 4096;

/// `_Static_assert(sizeof(struct s) == 8 && …, "struct s");` if the class is a complete record that has a name, as a
/// tag or through a typedef. Otherwise `None`. Members are left out once their text has `longest` bytes.
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
    // The typedef may have another alignment than the type that it names.
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
    /// The number of members that may still be visited.
    left: usize,
    /// The bytes that each member takes besides its path.
    each: usize,
    /// The bytes that all members together may still take.
    room: usize,
    /// The members in the notation of `offsetof`, with the offset in bytes from the start of the outermost record.
    /// Bit-fields are not included.
    offsets: Vec<(String, u64)>,
}

impl OffsetWalk<'_> {
    fn record(&mut self, id: TypeId, record: &Record, prefix: &str, start: u64, depth: usize) {
        // The outermost record is visited whatever its size.
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
