//! One or two members of a record: place, name, bits.

use ffitypecheck::abi;
use ffitypecheck::ctype::{BitField, Kind, Member, Record, TypeId};

use super::{is_union, Site};
use crate::operator::Operator;
use toolchain::Random;

impl Site<'_> {
    pub(super) fn members(
        &self,
        record: &Record,
        size: u64,
        operator: Operator,
        random: &mut Random,
    ) -> Option<TypeId> {
        let mut members = record.members.to_vec();
        let index = random.below(members.len());
        match operator {
            Operator::SwapNames => {
                let (a, b) = pair(&mut members, random)?;
                if a.name.is_none() || b.name.is_none() {
                    return None;
                }
                std::mem::swap(&mut a.name, &mut b.name);
            }
            Operator::SwapMembers => {
                let (a, b) = pair(&mut members, random)?;
                std::mem::swap(a, b);
                return if is_union(record) {
                    Some(self.with(record, members, size))
                } else {
                    self.laid_out(record, members, random)
                };
            }
            Operator::MoveMember => {
                let member = members.get_mut(index).filter(|member| member.bits.is_none())?;
                let by = random.pick(&[1, 2, 4, 8]);
                member.offset = match random.below(2) {
                    0 if member.offset >= by => member.offset - by,
                    _ => member.offset + by,
                };
            }
            Operator::RenameMember => {
                let member = members.get_mut(index)?;
                member.name.as_ref()?;
                member.name = Some("another_name".into());
            }
            Operator::BitOffset | Operator::BitWidth => {
                let chosen = bit_field(&mut members, random)?;
                let bits = chosen.bits?;
                let changed = match (operator, random.below(2)) {
                    (Operator::BitOffset, 0) if bits.offset > 0 => {
                        BitField { offset: bits.offset - 1, ..bits }
                    }
                    (Operator::BitOffset, _) => BitField { offset: bits.offset + 1, ..bits },
                    (_, 0) if bits.width > 1 => BitField { width: bits.width - 1, ..bits },
                    _ => BitField { width: bits.width + 1, ..bits },
                };
                chosen.bits = Some(changed);
                chosen.offset = changed.offset / 8;
            }
            Operator::BitsToInteger => return self.unit(record, members, size, random),
            Operator::SplitInteger => {
                let member = members.get(index).filter(|member| member.bits.is_none())?.clone();
                let wide = abi::size_of(self.types, member.ty)?;
                let is_integer = matches!(
                    self.types.resolved(member.ty).kind,
                    Kind::Base {
                        encoding: ffitypecheck::ctype::Encoding::Signed
                            | ffitypecheck::ctype::Encoding::Unsigned,
                        ..
                    }
                );
                if !is_integer || wide < 4 || is_union(record) {
                    return None;
                }
                let half = self.integer(random.below(2) == 0, wide / 2);
                let upper = self.member("a_mutants_own", half, member.offset + wide / 2);
                members.get_mut(index)?.ty = half;
                members.insert(index + 1, upper);
            }
            _ => return None,
        }
        Some(self.with(record, members, size))
    }

    /// One integer for all bit-fields of a storage unit.
    fn unit(
        &self,
        record: &Record,
        mut members: Vec<Member>,
        size: u64,
        random: &mut Random,
    ) -> Option<TypeId> {
        let chosen = bit_field(&mut members, random)?;
        let (ty, bits) = (chosen.ty, chosen.bits?);
        let wide = abi::size_of(self.types, ty)?;
        let start = bits.offset / (wide * 8) * wide;
        let inside = |member: &Member| {
            let end = match member.bits {
                Some(bits) => (bits.offset + bits.width).div_ceil(8),
                None => member.offset + abi::size_of(self.types, member.ty).unwrap_or(0),
            };
            (
                start < end && member.offset < start + wide,
                member.bits.is_some() && end <= start + wide,
            )
        };
        if members.iter().any(|member| matches!(inside(member), (true, false))) {
            return None;
        }
        let index = members.iter().position(|member| inside(member).0)?;
        members.retain(|member| !inside(member).0);
        let number = self.integer(false, wide);
        members.insert(index, self.member("a_mutants_own", number, start));
        (start + wide <= size).then(|| self.with(record, members, size))
    }
}

/// Two neighbours.
fn pair<'m>(
    members: &'m mut [Member],
    random: &mut Random,
) -> Option<(&'m mut Member, &'m mut Member)> {
    let last = members.len().checked_sub(1).filter(|last| *last > 0)?;
    let index = random.below(last);
    let (head, tail) = members.split_at_mut(index + 1);
    Some((head.last_mut()?, tail.first_mut()?))
}

fn bit_field<'m>(members: &'m mut [Member], random: &mut Random) -> Option<&'m mut Member> {
    let mut fields: Vec<&mut Member> = members.iter_mut().filter(|m| m.bits.is_some()).collect();
    if fields.is_empty() {
        return None;
    }
    let index = random.below(fields.len());
    Some(fields.swap_remove(index))
}
