//! Places members in a record as gcc and clang do on this machine.

use super::attributes::Attributes;
use crate::ctype::machine::{AARCH64, ARM};
use crate::ctype::Target;

/// The layout of a record whose members are placed one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordLayout {
    is_union: bool,
    packed: bool,
    /// The first bit after the last member, or after the longest one of a union.
    end: u128,
    /// The alignment of the record in bytes.
    pub(super) align: u64,
}

/// The size and alignment of a member's type in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberType {
    pub(super) size: u64,
    pub(super) align: u64,
}

impl RecordLayout {
    pub(super) fn new(is_union: bool, packed: bool) -> RecordLayout {
        RecordLayout { is_union, packed, end: 0, align: 1 }
    }

    /// Places a member that is not a bit-field. Returns its offset in bytes.
    pub(super) fn member(&mut self, ty: MemberType, attributes: Attributes) -> u64 {
        let stated = attributes.aligned.unwrap_or(1);
        let align = self.natural(ty.align, attributes).max(stated);
        self.align = self.align.max(align);
        let start = self.start(align);
        self.extend(start, u128::from(ty.size) * 8);
        u64::try_from(start / 8).unwrap_or(u64::MAX)
    }

    /// Places a bit-field of `width` bits. Returns the offset of its first bit.
    ///
    /// A bit-field may not cross the end of an object of its type, unless it is packed (psABI x86-64 §3.1.2,
    /// "Bit-Fields"). One of width 0 ends such an object. Those without a name do not align the record, except on ARM
    /// (AAPCS64 §10.1.8). The ABIs of Linux agree in the rest.
    pub(super) fn bit_field(
        &mut self,
        ty: MemberType,
        width: u64,
        is_named: bool,
        attributes: Attributes,
    ) -> u64 {
        let stated = attributes.aligned.unwrap_or(1);
        if is_named || matches!(Target::HOST.machine, ARM | AARCH64) {
            let align = if width == 0 { ty.align } else { self.natural(ty.align, attributes) };
            self.align = self.align.max(align).max(stated);
        }
        let mut start = self.end;
        if width == 0 {
            start = self.start(ty.align.max(stated));
        } else if attributes.aligned.is_some() {
            start = self.start(stated);
        }
        let unit = u128::from(ty.align) * 8;
        let crosses = (start % unit + u128::from(width)).div_ceil(unit)
            > (u128::from(ty.size) * 8).div_ceil(unit);
        if width > 0 && crosses && !self.is_packed(attributes) {
            start = start.next_multiple_of(unit);
        }
        if self.is_union {
            start = 0;
        }
        self.extend(start, u128::from(width));
        u64::try_from(start).unwrap_or(u64::MAX)
    }

    /// The size in bytes. `aligned` is the alignment that the record's declaration states.
    pub(super) fn finish(&mut self, aligned: Option<u64>) -> u64 {
        self.align = self.align.max(aligned.unwrap_or(1));
        let size = self.end.div_ceil(8).next_multiple_of(u128::from(self.align));
        u64::try_from(size).unwrap_or(u64::MAX)
    }

    fn is_packed(&self, attributes: Attributes) -> bool {
        self.packed || attributes.packed
    }

    fn natural(&self, align: u64, attributes: Attributes) -> u64 {
        if self.is_packed(attributes) {
            1
        } else {
            align
        }
    }

    /// The first bit of a member with an alignment in bytes.
    fn start(&self, align: u64) -> u128 {
        if self.is_union {
            0
        } else {
            self.end.next_multiple_of(u128::from(align) * 8)
        }
    }

    fn extend(&mut self, start: u128, bits: u128) {
        self.end = self.end.max(start + bits);
    }
}
