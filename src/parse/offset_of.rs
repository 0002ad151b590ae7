//! `offsetof` in constant expressions.

use super::declarations::Parser;
use super::tokens::Token;
use crate::abi;
use crate::ctype::{Kind, Member, TypeId};
use crate::error::{ErrorKind, Result};

impl Parser<'_, '_> {
    /// Reads what follows the word `offsetof`: `(struct s, member.inner[2])`. Returns the offset in bytes.
    pub(super) fn offset_of(&mut self) -> Result<u64> {
        self.expect("(")?;
        let mut ty = self.type_name()?;
        self.expect(",")?;
        let mut offset = 0_u64;
        let mut is_first = true;
        loop {
            let start = self.tokens.start;
            let step = match self.tokens.token {
                Token::Mark(")") if !is_first => break,
                Token::Mark("[") if !is_first => {
                    self.tokens.advance()?;
                    let index = self.count("the index")?;
                    self.expect("]")?;
                    self.element(ty)
                        .and_then(|(element, size)| Some((element, index.checked_mul(size)?)))
                }
                _ => {
                    if !is_first {
                        self.expect(".")?;
                    }
                    let Token::Word(name) = self.tokens.token else {
                        return Err(self.unexpected("the name of a member"));
                    };
                    self.tokens.advance()?;
                    self.find_member(start, ty, name)?
                }
            };
            let sum = step.and_then(|(inner, more)| Some((inner, offset.checked_add(more)?)));
            (ty, offset) = sum.ok_or_else(|| {
                self.tokens.error(start, "the type has no such member, or it is a bit-field")
            })?;
            is_first = false;
        }
        self.expect(")")?;
        Ok(offset)
    }

    /// The type of an array's elements, and the size of one in bytes.
    fn element(&mut self, ty: TypeId) -> Option<(TypeId, u64)> {
        let types = self.claimed.types();
        let Kind::Array { element, dimensions, vector: false } = &types.resolved(ty).kind else {
            return None;
        };
        let (element, rest) = (*element, dimensions.get(1..).unwrap_or_default().to_vec());
        let mut size = abi::size_of(types, element)?;
        for length in &rest {
            size = size.checked_mul((*length)?)?;
        }
        let inner =
            rest.iter().rev().try_fold(element, |inner, length| self.claimed.array(inner, *length));
        Some((inner.ok()?, size))
    }

    /// The type and the offset of a member, also inside of anonymous members.
    fn find_member(
        &mut self,
        start: usize,
        ty: TypeId,
        name: &str,
    ) -> Result<Option<(TypeId, u64)>> {
        let types = self.claimed.types();
        let mut records = vec![(ty, 0_u64)];
        while let Some((record, base)) = records.pop() {
            let Kind::Record(record) = &types.resolved(record).kind else { continue };
            let left = self.comparisons.checked_sub(record.members.len());
            self.comparisons = left.ok_or_else(|| {
                let message = "the records of offsetof are too large";
                self.tokens.error_of(ErrorKind::Limit, start, message)
            })?;
            for Member { name: own, ty, offset, bits, .. } in record.members.iter() {
                let offset = base.saturating_add(*offset);
                match own {
                    Some(own) if own == name => {
                        return Ok(bits.is_none().then_some((*ty, offset)));
                    }
                    Some(_) => {}
                    None => records.push((*ty, offset)),
                }
            }
        }
        Ok(None)
    }
}
