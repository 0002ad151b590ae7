//! A record as a whole: its size, its layout, which members it has.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, Member, Record, TypeId};

use super::{is_empty, is_union, Site};
use crate::natural;
use crate::operator::Operator;
use toolchain::Random;

impl Site<'_> {
    pub(super) fn record(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        let Kind::Record(record) = &self.ty.kind else { return None };
        let size = self.ty.size?;
        let members = &record.members;
        if record.incomplete || members.is_empty() || members.iter().any(|m| m.base_class) {
            return None;
        }
        let index = random.below(members.len());
        // An empty class has nothing to lose.
        if is_empty(self.types, self.id, 0) || is_empty(self.types, members.get(index)?.ty, 0) {
            return None;
        }
        match operator {
            Operator::DropAlternative if is_union(record) && members.len() > 1 => {
                Some(self.with(record, without(members, index), size))
            }
            Operator::Grow => {
                Some(self.with(record, members.to_vec(), size + random.pick(&[8, 16])))
            }
            Operator::Shrink => {
                let end = self.end(members)?;
                (end < size).then(|| self.with(record, members.to_vec(), end))
            }
            _ if is_union(record) => self.members(record, size, operator, random),
            Operator::DropMember if members.len() > 1 => {
                Some(self.with(record, without(members, index), size))
            }
            Operator::CloseUp if members.len() > 1 => {
                self.laid_out(record, without(members, index), random)
            }
            Operator::InsertMember => {
                let ty =
                    random.pick(&[self.integer(true, 4), self.integer(false, 8), self.float(8)]);
                let mut members = members.to_vec();
                members.insert(index, self.member("a_mutants_own", ty, 0));
                self.laid_out(record, members, random)
            }
            Operator::AppendMember => {
                let byte = self.integer(true, 1);
                let ty = random.pick(&[self.integer(true, 4), self.float(8), byte]);
                let wide = abi::size_of(self.types, ty)?;
                let offset = size.next_multiple_of(wide);
                let mut members = members.to_vec();
                let (ty, wide) = match wide {
                    1 => (self.bytes(8), 8),
                    wide => (ty, wide),
                };
                members.push(self.member("a_mutants_own", ty, offset));
                Some(self.with(record, members, offset + wide))
            }
            Operator::FillPadding | Operator::FillPaddingWithBytes => {
                let (start, end) = self.hole(members, size)?;
                let number = |wide: u64| {
                    let start = start.next_multiple_of(wide);
                    (start + wide <= end).then_some((start, wide))
                };
                let (offset, ty) = match operator {
                    Operator::FillPadding => {
                        let (offset, wide) = [8, 4, 2].into_iter().find_map(number)?;
                        (offset, self.integer(true, wide))
                    }
                    _ => (start, self.bytes(end - start)),
                };
                let mut members = members.to_vec();
                members.push(self.member("a_mutants_own", ty, offset));
                members.sort_by_key(|member| member.offset);
                Some(self.with(record, members, size))
            }
            Operator::Pack | Operator::Unpack => {
                let packed = operator == Operator::Unpack;
                if !natural::is(self.types, self.ty, record, packed)
                    || natural::is(self.types, self.ty, record, !packed)
                {
                    return None;
                }
                let (members, size) = natural::layout(self.types, members, !packed)?;
                Some(self.with(record, members, size))
            }
            _ => self.members(record, size, operator, random),
        }
    }

    /// In this order, laid out as a compiler would, where it lay so before.
    pub(super) fn laid_out(
        &self,
        record: &Record,
        members: Vec<Member>,
        _random: &mut Random,
    ) -> Option<TypeId> {
        if !natural::is(self.types, self.ty, record, false) {
            return None;
        }
        let (members, size) = natural::layout(self.types, &members, false)?;
        Some(self.with(record, members, size))
    }

    pub(super) fn with(&self, record: &Record, members: Vec<Member>, size: u64) -> TypeId {
        natural::with(self.types, self.ty, record, members, size)
    }

    fn bytes(&self, length: u64) -> TypeId {
        let (element, dimensions) = (self.integer(true, 1), Box::new([Some(length)]));
        self.add(None, None, Kind::Array { element, dimensions, vector: false })
    }

    /// The end of a member in bytes, bit-fields up to their last byte.
    fn end_of(&self, member: &Member) -> Option<u64> {
        match member.bits {
            Some(bits) => Some((bits.offset + bits.width).div_ceil(8)),
            None => Some(member.offset + abi::size_of(self.types, member.ty).unwrap_or(0)),
        }
    }

    /// The end of the last member.
    fn end(&self, members: &[Member]) -> Option<u64> {
        members.iter().map(|member| self.end_of(member)).max()?
    }

    /// The first bytes between two members, or behind the last, that are none's.
    fn hole(&self, members: &[Member], size: u64) -> Option<(u64, u64)> {
        let mut spans = Vec::new();
        for member in members {
            spans.push((member.offset, self.end_of(member)?));
        }
        spans.push((size, size));
        spans.sort();
        let mut end = 0;
        for (start, stop) in spans {
            if start > end {
                return Some((end, start));
            }
            end = end.max(stop);
        }
        None
    }
}

fn without(members: &[Member], index: usize) -> Vec<Member> {
    let mut members = members.to_vec();
    members.remove(index);
    members
}
