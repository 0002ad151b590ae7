//! The functions and variables of a unit, by address and by name.

use std::sync::OnceLock;

use foldhash::{HashMap, HashSet};

use gimli::{constants as dw, AttributeValue, Operation};

use super::addresses::AddressMap;
use super::die::{Die, DieRef, FormValue};
use super::space::{unit_start, Space, Unit};
use super::unit::{Next, UnitContext};
use super::{DwarfFile, Slice};
use crate::error::Error;

/// Namespaces that are nested deeper than this are not read.
pub(super) const NAMESPACE_DEPTH: usize = 64;

/// Where a function or variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum AtAddress {
    /// The first instruction of a function.
    Code(u64),
    /// A variable.
    Data(u64),
    /// A thread-local variable, by its offset in the module's thread-local block.
    ThreadLocal(u64),
}

/// A function or variable DIE at the top level of a unit.
#[derive(Clone, Debug)]
pub(super) struct TopLevelDie {
    pub at: DieRef,
    pub function: bool,
    pub name: Option<Slice>,
    pub linkage_name: Option<Slice>,
    pub external: bool,
    /// Only declared here.
    pub declaration: bool,
    /// Its places. A function that is split into two parts has one for each part.
    pub places: Vec<AtAddress>,
    /// Whether it is a definition without a place, because the compiler or the linker folded it into another one.
    /// False for an abstract instance: that may be of an `extern inline` function that is defined elsewhere.
    pub folded: bool,
    /// Its unit is assembly, which has no types.
    pub assembly: bool,
    /// Its unit has no types, as with `-g1`.
    pub untyped: bool,
}

/// The work that is counted for an entry and for each of its places.
const PER_ENTRY: u64 = 256;
const PER_PLACE: u64 = 64;

/// The entries of one unit.
#[derive(Default)]
pub(super) struct UnitIndex {
    pub entries: Vec<TopLevelDie>,
    by_place: Vec<(AtAddress, u32)>,
    /// The error that ended the reading of the unit.
    fault: Option<gimli::Error>,
}

impl UnitIndex {
    /// Reads the top level of a unit. If the unit is damaged, the index has the entries before the fault.
    pub fn read(space: &Space, unit: &Unit) -> UnitIndex {
        let context = space.context(unit);
        let mut entries = Vec::new();
        let walked = walk(&context, &mut |die| {
            if let Some(entry) = entry(space, unit, &context, die) {
                // The memory that the entry takes, here and in the full index.
                space.work().spend(PER_ENTRY + PER_PLACE * entry.places.len() as u64);
                entries.push(entry);
            }
        });
        let mut by_place: Vec<_> = (0_u32..)
            .zip(&entries)
            .flat_map(|(index, entry)| entry.places.iter().map(move |&place| (place, index)))
            .collect();
        by_place.sort_unstable();
        UnitIndex { entries, by_place, fault: walked.err() }
    }

    pub fn at(&self, place: AtAddress) -> impl Iterator<Item = &TopLevelDie> {
        let start = self.by_place.partition_point(|&(other, _)| other < place);
        let rest = self.by_place.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(move |&&(other, _)| other == place)
            .filter_map(|&(_, index)| self.entries.get(index as usize))
    }
}

/// Whether a unit is written in assembly: DW_LANG_Mips_Assembler, which binutils uses for all machines, or
/// DW_LANG_Assembly.
pub(super) fn is_assembly(unit: &Unit) -> bool {
    matches!(unit.root.language, Some(dw::DW_LANG_Mips_Assembler | gimli::DwLang(0x31)))
}

/// Visits every DIE at the top level of the unit and of its namespaces.
fn walk(context: &UnitContext<'_>, visit: &mut dyn FnMut(&Die)) -> gimli::Result<()> {
    let mut entries = context.unit.entries_raw(None)?;
    let Some(mut die) = context.read(&mut entries)? else { return Ok(()) };
    let mut depth = usize::from(die.has_children);
    while depth > 0 && !entries.is_empty() {
        match context.read_some(&mut entries, is_indexed, &mut die)? {
            Next::End => {
                depth -= 1;
                continue;
            }
            Next::Passed => continue,
            Next::Die => {}
        }
        if die.has_children {
            let namespace = matches!(die.tag, dw::DW_TAG_namespace | dw::DW_TAG_module);
            if namespace && depth <= NAMESPACE_DEPTH {
                depth += 1
            } else {
                context.skip_children(&mut entries, die.sibling)?
            }
        }
        visit(&die);
    }
    Ok(())
}

/// Functions and variables. Other DIEs are read only for their children.
fn is_indexed(tag: gimli::DwTag) -> bool {
    matches!(tag, dw::DW_TAG_subprogram | dw::DW_TAG_variable)
}

fn entry(space: &Space, unit: &Unit, context: &UnitContext<'_>, die: &Die) -> Option<TopLevelDie> {
    let function = match die.tag {
        dw::DW_TAG_subprogram => true,
        dw::DW_TAG_variable => false,
        _ => return None,
    };
    let places = if function {
        code_places(space, context, die)
    } else {
        die.location.and_then(|value| data_place(space, context, value)).into_iter().collect()
    };
    let addressed = die.low_pc.is_some() || die.entry_pc.is_some() || die.ranges.is_some();
    let folded = function && places.is_empty() && !die.declaration && (addressed || !die.inline);
    if places.is_empty() && !die.external && !(folded && die.abstract_origin.is_some()) {
        return None;
    }
    Some(TopLevelDie {
        at: die.at,
        function,
        name: die.name,
        linkage_name: die.linkage_name,
        external: die.external,
        declaration: die.declaration,
        places,
        folded,
        assembly: is_assembly(unit),
        untyped: !unit.typed,
    })
}

/// Where a function begins: DW_AT_low_pc or DW_AT_entry_pc, else the start of each of its ranges, one of which is the
/// entry (DWARF 5 §2.18; GCC writes only ranges for a function with a `.cold` part). Empty if the linker dropped the
/// function, or folded it into another one, and put a marker in place of its address.
fn code_places(space: &Space, context: &UnitContext<'_>, die: &Die) -> Vec<AtAddress> {
    let last = match context.unit.header.address_size() {
        4 => u64::from(u32::MAX),
        _ => u64::MAX,
    };
    let place = |address| (address != 0 && address < last - 1).then_some(AtAddress::Code(address));
    let mut addresses = [die.low_pc, die.entry_pc].into_iter().flatten();
    if let Some(begin) = addresses.find_map(|value| space.address(context.unit, value)) {
        return place(begin).into_iter().collect();
    }
    let Some(ranges) = die.ranges else { return Vec::new() };
    let Some(mut ranges) = space.ranges(context.unit, ranges) else { return Vec::new() };
    let mut places = Vec::new();
    while let (Ok(Some(range)), true) = (ranges.next(), places.len() < 64) {
        places.extend(place(range.begin));
    }
    places
}

/// The address of a variable: the first address in its location expression, or the offset of a thread-local variable
/// (DWARF 5 §2.6.1.1.2, §2.5.1.1). `None` if another operation comes before.
fn data_place(space: &Space, context: &UnitContext<'_>, value: FormValue) -> Option<AtAddress> {
    let AttributeValue::Exprloc(expression) = value else { return None };
    let mut operations = expression.operations(context.unit.encoding());
    let mut number = None;
    while let Some(operation) = operations.next().ok()? {
        let address = |index| space.indexed_address(context.unit, index);
        match operation {
            Operation::Address { address } => return Some(AtAddress::Data(address)),
            Operation::AddressIndex { index } => return Some(AtAddress::Data(address(index)?)),
            // In GCC's split units the indexed value is not the offset, but the address in the initial image of the
            // thread-local block. Such a variable is found by its name.
            Operation::ConstantIndex { .. } => return None,
            Operation::UnsignedConstant { value } => number = Some(value),
            Operation::SignedConstant { value } => number = u64::try_from(value).ok(),
            Operation::TLS => return number.map(AtAddress::ThreadLocal),
            _ => return None,
        }
    }
    None
}

/// The entries of all units, by place and by name. Each table is made when it is first needed.
#[derive(Default)]
pub(super) struct FullIndex {
    by_place: OnceLock<HashMap<AtAddress, Keys>>,
    by_name: OnceLock<HashMap<&'static [u8], Keys>>,
}

/// Pairs of a unit number and an entry number.
type Keys = Vec<(u32, u32)>;

impl DwarfFile {
    /// The index of a unit by its number. For a skeleton unit it is the index of the split unit.
    fn index_of(&self, number: usize) -> Option<&UnitIndex> {
        let (space, unit) = self.full_unit(number)?;
        Some(unit.index.get_or_init(|| UnitIndex::read(space, unit)))
    }

    /// The first fault in a unit of the library itself. A declaration that was not found may be behind it.
    pub(super) fn first_fault(&self) -> Option<Error> {
        (0..self.main().units().len()).find_map(|number| match self.main().unit(number) {
            Err(error) => Some(error),
            Ok(_) => {
                let (space, unit) = self.full_unit(number)?;
                let start = unit_start(&unit.unit.header);
                Some(space.error(unit.index.get()?.fault?, start))
            }
        })
    }

    fn places(&self) -> &HashMap<AtAddress, Keys> {
        self.full_index.by_place.get_or_init(|| {
            let mut by_place: HashMap<_, Vec<_>> = HashMap::default();
            self.each_entry(&mut |key, entry| {
                for &place in &entry.places {
                    by_place.entry(place).or_default().push(key);
                }
            });
            by_place
        })
    }

    fn names_of_all(&self) -> &HashMap<&'static [u8], Keys> {
        self.full_index.by_name.get_or_init(|| {
            let mut by_name: HashMap<_, Vec<_>> = HashMap::default();
            self.each_entry(&mut |key, entry| {
                for name in self.external_names(entry) {
                    by_name.entry(name.slice()).or_default().push(key);
                }
            });
            by_name
        })
    }

    fn each_entry(&self, visit: &mut dyn FnMut((u32, u32), &TopLevelDie)) {
        for number in 0..self.unit_count() {
            let entries = self.index_of(number).map_or(&[][..], |index| &index.entries);
            for (entry_number, entry) in (0_u32..).zip(entries) {
                visit((number as u32, entry_number), entry);
            }
        }
    }

    /// The names by which an external entry is found. A folded instance without a name has those of its origin.
    fn external_names(&self, entry: &TopLevelDie) -> Vec<Slice> {
        let mut names = [entry.linkage_name, entry.name];
        let mut external = entry.external;
        if entry.folded && names == [None, None] {
            for opened in self.die(entry.at).map_or_else(|_| Vec::new(), |die| self.chain(die)) {
                external |= opened.die.external;
                names = [names[0].or(opened.die.linkage_name), names[1].or(opened.die.name)];
            }
        }
        let mut names: Vec<Slice> = names.into_iter().flatten().filter(|_| external).collect();
        names.dedup();
        names
    }

    /// The entries at a place.
    pub(super) fn entries_at(&self, place: AtAddress) -> Vec<&TopLevelDie> {
        if let AtAddress::Code(address) = place {
            let mut found: Vec<&TopLevelDie> = Vec::new();
            let map = self.addresses.get_or_init(|| AddressMap::read(self.main()));
            for number in map.units_of(address) {
                found.extend(self.index_of(number).into_iter().flat_map(|index| index.at(place)));
            }
            if !found.is_empty() {
                return found;
            }
        }
        self.entries(self.places().get(&place))
    }

    /// The external entries with that name or linkage name.
    pub(super) fn entries_named(&self, name: &str) -> Vec<&TopLevelDie> {
        self.entries(self.names_of_all().get(name.as_bytes()))
    }

    /// The names of the external functions that have no address.
    pub(super) fn names_of_folded(&self) -> HashSet<&'static [u8]> {
        let mut names = HashSet::default();
        self.each_entry(&mut |_, entry| {
            if entry.function && entry.folded {
                names.extend(self.external_names(entry).iter().map(Slice::slice));
            }
        });
        names
    }

    fn entries(&self, keys: Option<&Keys>) -> Vec<&TopLevelDie> {
        let entry =
            |&(unit, entry): &(u32, u32)| self.index_of(unit as usize)?.entries.get(entry as usize);
        keys.into_iter().flatten().filter_map(entry).collect()
    }
}
