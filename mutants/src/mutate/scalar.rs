//! Numbers, pointers as such, enumerations.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Encoding, Kind, Type, TypeId};

use super::Site;
use crate::operator::Operator;
use toolchain::Random;

impl Site<'_> {
    pub(super) fn scalar(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        let size = abi::size_of(self.types, self.id)?;
        // A bit-field's place is not its type's: its own operators are about that.
        if self.is_bit_field() && !matches!(operator, Operator::ChangeSign | Operator::SwapBytes) {
            return match (operator, &self.ty.kind) {
                (Operator::EnumeratorValue, Kind::Enumeration { .. }) => self.enumerator(random),
                _ => None,
            };
        }
        match (&self.ty.kind, operator) {
            (Kind::Base { encoding, bits: None, swapped: false }, _) => {
                self.number(*encoding, size, operator, random)
            }
            (Kind::Pointer { .. }, Operator::PointerToInteger) => {
                Some(self.integer(random.below(2) == 0, size))
            }
            (Kind::Pointer { .. }, Operator::PointerToFloat) => Some(self.float(size)),
            (Kind::Enumeration { incomplete: false, .. }, _) => match operator {
                Operator::EnumerationToInteger => Some(self.integer(random.below(2) == 0, size)),
                Operator::Widen if size < 8 => Some(self.integer(true, 8)),
                Operator::Narrow if size > 1 => Some(self.integer(false, size / 2)),
                Operator::EnumeratorValue => self.enumerator(random),
                Operator::DropEnumerator => self.without_enumerator(random),
                _ => None,
            },
            _ => None,
        }
    }

    fn number(
        &self,
        encoding: Encoding,
        size: u64,
        operator: Operator,
        random: &mut Random,
    ) -> Option<TypeId> {
        let sign = match encoding {
            Encoding::Signed | Encoding::SignedChar => Some(true),
            Encoding::Unsigned | Encoding::UnsignedChar | Encoding::Utf | Encoding::Boolean => {
                Some(false)
            }
            _ => None,
        };
        let float = encoding == Encoding::Float;
        let wider: Vec<u64> = [2, 4, 8, 16].into_iter().filter(|wider| *wider > size).collect();
        let narrower: Vec<u64> = [1, 2, 4, 8].into_iter().filter(|other| *other < size).collect();
        match (operator, sign) {
            (Operator::Widen, Some(signed)) if !wider.is_empty() => {
                Some(self.integer(signed, random.pick(&wider)))
            }
            (Operator::Narrow, Some(signed)) if !narrower.is_empty() => {
                Some(self.integer(signed, random.pick(&narrower)))
            }
            (Operator::Widen, None) if float && size < 16 => Some(self.float(size * 2)),
            (Operator::Narrow, None) if float && size > 4 => Some(self.float(size / 2)),
            (Operator::ChangeSign, Some(signed)) if encoding != Encoding::Boolean => {
                Some(self.integer(!signed, size))
            }
            (Operator::IntegerToFloat, Some(_)) if size >= 4 => Some(self.float(size)),
            (Operator::FloatToInteger, None) if float => {
                Some(self.integer(random.below(2) == 0, size))
            }
            (Operator::IntegerToPointer, Some(_)) if size == 8 => {
                let target = random.pick(&[TypeId::VOID, self.integer(true, 4)]);
                Some(self.pointer(target))
            }
            (Operator::SwapBytes, _) if size > 1 && (sign.is_some() || float) => {
                let kind = Kind::Base { encoding, bits: None, swapped: true };
                Some(self.types.add(Type { kind, ..self.ty.clone() }))
            }
            _ => None,
        }
    }

    fn enumerator(&self, random: &mut Random) -> Option<TypeId> {
        let mut ty = self.ty.clone();
        let Kind::Enumeration { enumerators, .. } = &mut ty.kind else { return None };
        let index = random.below(enumerators.len());
        enumerators.get_mut(index)?.value += 1;
        Some(self.types.add(ty))
    }

    fn without_enumerator(&self, random: &mut Random) -> Option<TypeId> {
        let mut ty = self.ty.clone();
        let Kind::Enumeration { enumerators, .. } = &mut ty.kind else { return None };
        if enumerators.len() < 2 {
            return None;
        }
        let mut rest = enumerators.to_vec();
        rest.remove(random.below(rest.len()));
        *enumerators = rest.into();
        Some(self.types.add(ty))
    }
}
