//! Finds the unit that contains the code at an address.

use super::space::Space;

/// Address ranges of code, each with the number of its unit, sorted by start.
pub(super) struct AddressMap {
    ranges: Vec<(u64, u64, u32)>,
}

impl AddressMap {
    /// Reads `.debug_aranges`, and the root DIEs of the units that it does not list (clang does not write the
    /// section).
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

    /// The numbers of the units whose ranges contain `address`. Empty if ranges are missing or damaged.
    pub fn units_of(&self, address: u64) -> Vec<usize> {
        let before = self.ranges.partition_point(|&(start, _, _)| start <= address);
        // The ranges of valid files do not overlap. Checking the last few also finds most ranges that overlap; the
        // full index finds the rest.
        let near = self.ranges.get(before.saturating_sub(4)..before).unwrap_or_default();
        let mut units: Vec<usize> = near
            .iter()
            .filter(|&&(_, end, _)| address < end)
            .map(|&(_, _, number)| number as usize)
            .collect();
        units.dedup();
        units
    }
}
