//! Which unit holds the code at an address.

use super::DwarfFile;
use crate::dwarf::space::Space;

/// Ranges of code and the numbers of their units, by start.
pub(super) struct AddressMap {
    ranges: Vec<(u64, u64, u32)>,
}

impl AddressMap {
    /// From `.debug_aranges`, and from the root DIEs of the units that are not in it (clang writes none).
    pub fn read(space: &Space) -> AddressMap {
        let mut ranges = Vec::new();
        let mut covered = vec![false; space.units().len()];
        let mut headers = space.dwarf().debug_aranges.headers();
        while let Ok(Some(header)) = headers.next() {
            let Some(number) = space.unit_number(header.debug_info_offset().0 as u64) else {
                continue;
            };
            let mut entries = header.entries();
            while let Ok(Some(entry)) = entries.next() {
                let range = entry.range();
                ranges.push((range.begin, range.end, number as u32));
                if let Some(covered) = covered.get_mut(number) {
                    *covered = true;
                }
            }
        }
        for (number, covered) in covered.into_iter().enumerate() {
            if covered {
                continue;
            }
            let Ok(unit) = space.unit(number) else { continue };
            space.code_of(&unit.unit, &unit.root, &mut |begin, end| {
                ranges.push((begin, end, number as u32));
            });
        }
        ranges.sort_unstable();
        AddressMap { ranges }
    }
}

impl DwarfFile {
    /// The numbers of the units whose ranges hold `address`; none where ranges are missing or damaged.
    pub(super) fn units_of(&self, address: u64) -> Vec<usize> {
        let map = self.addresses.get_or_init(|| AddressMap::read(self.main()));
        let before = map.ranges.partition_point(|&(start, _, _)| start <= address);
        // Ranges of sane files do not overlap; looking back over a few finds an overlapping one all the same,
        // and what is missed here is found by the full index.
        let near = map.ranges.get(before.saturating_sub(4)..before).unwrap_or_default();
        let mut units: Vec<usize> = near
            .iter()
            .filter(|&&(_, end, _)| address < end)
            .map(|&(_, _, number)| number as usize)
            .collect();
        units.dedup();
        units
    }
}
