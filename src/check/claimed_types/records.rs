//! A caller's records under construction. They are incomplete at first, so that they may contain pointers to
//! themselves.

use std::collections::BTreeSet;

use super::{invalid, is_alignment, ClaimedTypes};
use crate::abi;
use crate::ctype::{BitField, Kind, Member, Name, Record, RecordClass, TypeId};
use crate::error::Result;

/// What is known so far about a record that is not complete.
#[derive(Debug, Default)]
pub(super) struct OpenRecord {
    members: Vec<Member>,
    names: BTreeSet<Name>,
}

impl OpenRecord {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl ClaimedTypes {
    /// Adds a struct or union. It is incomplete until [`complete`](ClaimedTypes::complete) is called. An opaque
    /// record is never completed.
    ///
    /// # Errors
    /// [`Limit`](crate::ErrorKind::Limit).
    pub fn record(&mut self, class: RecordClass, tag: Option<Name>) -> Result<TypeId> {
        let record =
            Record { class, members: Box::new([]), incomplete: true, by_reference: Some(false) };
        let id = self.add(tag, None, Kind::Record(record))?;
        self.open.insert(id, OpenRecord::default());
        Ok(id)
    }

    /// Adds a member at `offset` bytes from the start of an incomplete record. A member without a name is an
    /// anonymous struct or union, or a member whose name is not claimed. Members may be added in any order and may
    /// share bytes.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): `record` is not under construction; the type cannot be
    /// a member's (`void`, a function, an incomplete record, including the record itself); the member ends past the
    /// largest size of an object; a member of a union has an offset; another member has the same name.
    /// [`Limit`](crate::ErrorKind::Limit).
    pub fn member(
        &mut self,
        record: TypeId,
        name: Option<Name>,
        ty: TypeId,
        offset: u64,
    ) -> Result<()> {
        self.aligned_member(record, name, ty, offset, None)
    }

    /// The same with the alignment in bytes that the member's declaration states.
    pub(crate) fn aligned_member(
        &mut self,
        record: TypeId,
        name: Option<Name>,
        ty: TypeId,
        offset: u64,
        align: Option<u64>,
    ) -> Result<()> {
        self.is_open(record)?;
        align.map_or(Ok(()), is_alignment)?;
        let size = self.object(ty, "a member")?.unwrap_or(0);
        if offset.checked_add(size).is_none_or(|end| end > Self::MAX_SIZE) {
            return Err(invalid(format!("a member at byte {offset} is outside of memory")));
        }
        let member = Member { name, ty, offset, bits: None, base_class: false, align };
        self.push_member(record, member)
    }

    /// Adds a bit-field to an incomplete record. `bits` is counted as [`BitField`] says. Otherwise as
    /// [`member`](ClaimedTypes::member).
    ///
    /// # Errors
    /// As [`member`](ClaimedTypes::member). Also [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the type
    /// is not an integer or enumeration, or if the width is 0 or larger than that of the type.
    pub fn bit_field(
        &mut self,
        record: TypeId,
        name: Option<Name>,
        ty: TypeId,
        bits: BitField,
    ) -> Result<()> {
        self.is_open(record)?;
        self.known(ty)?;
        let BitField { offset, width } = bits;
        let enumeration = matches!(self.types.resolved(ty).kind, Kind::Enumeration { .. });
        if !enumeration && !self.is_integer(ty) {
            return Err(invalid("the type of a bit-field is no integer or enumeration"));
        }
        let most = abi::size_of(&self.types, ty).unwrap_or(0).saturating_mul(8);
        if width == 0 || width > most {
            let message = format!("a bit-field of this type has 1 to {most} bits, not {width}");
            return Err(invalid(message));
        }
        if offset.checked_add(width).is_none_or(|end| end > 8 * Self::MAX_SIZE) {
            return Err(invalid(format!("a bit-field at bit {offset} is outside of memory")));
        }
        let (offset, bits) = (offset / 8, Some(bits));
        self.push_member(record, Member { name, ty, offset, bits, base_class: false, align: None })
    }

    fn push_member(&mut self, record: TypeId, member: Member) -> Result<()> {
        let union = matches!(&self.types.get(record).kind,
            Kind::Record(record) if record.class == RecordClass::Union);
        let first_bit = member.bits.map_or(0, |bits| bits.offset);
        if union && (member.offset, first_bit) != (0, 0) {
            return Err(invalid("the members of a union lie at its start"));
        }
        self.room(0, 1)?;
        let open = self.open.get_mut(&record).ok_or_else(|| invalid("it is no open record"))?;
        if let Some(name) = &member.name {
            if !open.names.insert(name.clone()) {
                return Err(invalid(format!("the record already has a member '{name}'")));
            }
        }
        open.members.push(member);
        self.parts += 1;
        Ok(())
    }

    /// Completes a record of `size` bytes. `align` is its alignment in bytes; with `None` it follows from the
    /// members. The record keeps its number, so types that point to it stay valid.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): `record` is not under construction; a member ends past
    /// `size`; `align` is not a power of two, or `size` is not a multiple of it.
    pub fn complete(&mut self, record: TypeId, size: u64, align: Option<u64>) -> Result<()> {
        let open = self.is_open(record)?;
        if size > Self::MAX_SIZE {
            return Err(invalid(format!("a record of {size} bytes is more than memory can hold")));
        }
        if let Some(align) = align {
            is_alignment(align)?;
            if !size.is_multiple_of(align) {
                let message = format!("the size {size} is not a multiple of the alignment {align}");
                return Err(invalid(message));
            }
        }
        for member in &open.members {
            let name = member.name.as_ref().map_or("without a name", |name| name.as_str());
            let end = match member.bits {
                // Both were bounded when they were added, so the sums cannot overflow.
                Some(bits) => (bits.offset + bits.width).div_ceil(8),
                None => member.offset + abi::size_of(&self.types, member.ty).unwrap_or(0),
            };
            if end > size {
                let message = format!(
                    "the member '{name}' ends at byte {end}, past the record's size of {size}"
                );
                return Err(invalid(message));
            }
        }
        let Some(open) = self.open.remove(&record) else {
            return Err(invalid("it is no open record"));
        };
        let members = open.members.into_boxed_slice();
        self.types.amend(record, |ty| {
            ty.size = Some(size);
            ty.align = align;
            if let Kind::Record(record) = &mut ty.kind {
                record.members = members;
                record.incomplete = false;
            }
        });
        Ok(())
    }

    fn is_open(&self, record: TypeId) -> Result<&OpenRecord> {
        self.known(record)?;
        self.open.get(&record).ok_or_else(|| match &self.types.get(record).kind {
            Kind::Record(record) if record.incomplete => {
                invalid("the record was imported without its members")
            }
            Kind::Record(_) => invalid("the record is complete already"),
            _ => invalid("the type is no struct or union"),
        })
    }
}
