//! Addresses, and lists of ranges of them.

use gimli::{AttributeValue, RawRngListEntry, Section};

use super::die::{Die, FormValue};
use super::space::Space;
use super::{strings, Slice};

/// The work that is counted for an entry of a list.
const PER_ENTRY: u64 = 16;

impl Space {
    /// An address of any form.
    pub fn address(&self, unit: &gimli::Unit<Slice>, value: FormValue) -> Option<u64> {
        match value {
            AttributeValue::Addr(address) => Some(address),
            AttributeValue::DebugAddrIndex(index) => self.indexed_address(unit, index),
            _ => None,
        }
    }

    /// The address with that number in the unit's part of `.debug_addr`.
    pub fn indexed_address(
        &self,
        unit: &gimli::Unit<Slice>,
        index: gimli::DebugAddrIndex,
    ) -> Option<u64> {
        self.is_index_of_address(index).then(|| self.dwarf().address(unit, index).ok())?
    }

    /// Whether the number can be a valid index. gimli multiplies it by the size of an address and does not check for
    /// overflow.
    fn is_index_of_address(&self, index: gimli::DebugAddrIndex) -> bool {
        index.0 <= self.dwarf().debug_addr.reader().len()
    }

    /// The list of ranges that DW_AT_ranges refers to, if it can be read to its end.
    pub fn ranges(
        &self,
        unit: &gimli::Unit<Slice>,
        value: FormValue,
    ) -> Option<gimli::RngListIter<Slice>> {
        let offset = match value {
            AttributeValue::RangeListsRef(raw) => self.dwarf().ranges_offset_from_raw(unit, raw),
            AttributeValue::DebugRngListsIndex(index) => {
                let (base, format) = (unit.rnglists_base.0, unit.header.format());
                let lists = self.dwarf().ranges.debug_rnglists().reader();
                let offset = strings::entry(lists, base, index.0, format)?;
                gimli::RangeListsOffset(base.checked_add(offset)?)
            }
            _ => return None,
        };
        // Many functions and units may refer to one list, and most of its entries may yield no range. So all entries
        // are counted first.
        let mut raw = self.dwarf().raw_ranges(unit, offset).ok()?;
        while let Some(entry) = raw.next().ok()? {
            let indices = match entry {
                RawRngListEntry::BaseAddressx { addr } => [Some(addr), None],
                RawRngListEntry::StartxEndx { begin, end } => [Some(begin), Some(end)],
                RawRngListEntry::StartxLength { begin, .. } => [Some(begin), None],
                _ => [None, None],
            };
            let known = indices.into_iter().flatten().all(|index| self.is_index_of_address(index));
            if !known || !self.work().spend(PER_ENTRY) {
                return None;
            }
        }
        self.dwarf().ranges(unit, offset).ok()
    }

    /// Calls `visit` with the start and the end of each range of code of a unit (DWARF 5 §2.17).
    pub fn code_of(&self, unit: &gimli::Unit<Slice>, root: &Die, visit: &mut dyn FnMut(u64, u64)) {
        if let Some(value) = root.ranges {
            let Some(mut ranges) = self.ranges(unit, value) else { return };
            while let Ok(Some(range)) = ranges.next() {
                visit(range.begin, range.end);
            }
            return;
        }
        let Some(low) = root.low_pc.and_then(|value| self.address(unit, value)) else { return };
        let high = root.high_pc.and_then(|value| match value.udata_value() {
            Some(size) => low.checked_add(size),
            None => self.address(unit, value),
        });
        if let Some(high) = high {
            visit(low, high);
        }
    }
}
