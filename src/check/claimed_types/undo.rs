//! Takes back what was added to a claim, for an operation of several steps that fails.

use super::records::OpenRecord;
use super::ClaimedTypes;
use crate::ctype::{Kind, TypeId};

/// The state of a claim before an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    len: usize,
    parts: usize,
}

impl ClaimedTypes {
    pub(crate) fn mark(&self) -> Mark {
        Mark { len: self.len, parts: self.parts }
    }

    /// Whether a record is under construction and has no members yet.
    pub(crate) fn is_opaque(&self, record: TypeId) -> bool {
        self.open.get(&record).is_some_and(OpenRecord::is_empty)
    }

    /// Removes the types that were added since `mark`. `changed` are the older records that were given members since
    /// then: they become opaque again. Only for a claim of which nobody else has seen the new types.
    pub(crate) fn roll_back(&mut self, mark: Mark, changed: &[TypeId]) {
        for &record in changed.iter().filter(|record| (record.index() as usize) < mark.len) {
            self.types.amend(record, |ty| {
                (ty.size, ty.align) = (None, None);
                if let Kind::Record(record) = &mut ty.kind {
                    record.members = Box::new([]);
                    record.incomplete = true;
                }
            });
            self.open.insert(record, OpenRecord::default());
        }
        self.open.retain(|record, _| (record.index() as usize) < mark.len);
        self.types.truncate(mark.len);
        (self.len, self.parts) = (mark.len, mark.parts);
    }
}
