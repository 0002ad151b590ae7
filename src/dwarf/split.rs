//! Split units: `.dwo` files beside the library, and `.dwp` packages (DWARF 5 §7.3.2, §7.3.5).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::die::DieRef;
use super::sections::{load, load_package, Backing, Flavour};
use super::space::{Bases, Space, Unit};
use super::{DwarfFile, Slice, SPLIT};
use crate::error::{Error, ErrorKind, Result};
use crate::image::{DebugFiles, SearchOptions};

/// The split units of a library, each opened on first use.
pub(super) struct SplitUnits {
    /// By the number of the skeleton unit.
    units: Vec<OnceLock<Result<Box<Space>>>>,
    packages: OnceLock<Vec<Package>>,
    files: DebugFiles,
    options: SearchOptions,
}

struct Package {
    package: gimli::DwarfPackage<Slice>,
    backing: Arc<Backing>,
    /// By the row of the type-unit index.
    type_units: Vec<OnceLock<Option<Box<Space>>>>,
    /// The space of the first type unit.
    first_space: u32,
}

impl SplitUnits {
    pub fn new(units: usize, files: &DebugFiles, options: &SearchOptions) -> SplitUnits {
        SplitUnits {
            units: std::iter::repeat_with(OnceLock::new).take(units).collect(),
            packages: OnceLock::new(),
            files: files.clone(),
            options: options.clone(),
        }
    }

    /// The space with that number, if it was opened before.
    pub fn space(&self, id: u32) -> Option<&Space> {
        let index = id.checked_sub(SPLIT)? as usize;
        if let Some(cell) = self.units.get(index) {
            return cell.get()?.as_deref().ok();
        }
        self.packages.get()?.iter().find_map(|package| {
            let row = id.checked_sub(package.first_space)? as usize;
            package.type_units.get(row)?.get()?.as_deref()
        })
    }

    /// Why the first of the split units that could not be opened could not be.
    pub fn first_error(&self) -> Option<Error> {
        self.units.iter().find_map(|unit| unit.get()?.as_ref().err().cloned())
    }

    /// The type DIE of a type unit in a package.
    pub fn type_of_signature(&self, parent: &Space, signature: u64) -> Option<DieRef> {
        self.packages.get()?.iter().find_map(|package| {
            let row = package.package.tu_index.find(signature)?;
            let index = row.checked_sub(1)?;
            let cell = package.type_units.get(index as usize)?;
            let space = cell.get_or_init(|| {
                let dwarf = package.package.tu_sections(row, parent.dwarf()).ok()?;
                let id = package.first_space + index;
                let backing = Arc::clone(&package.backing);
                Space::new(id, Flavour::SplitOff, dwarf, None, backing).ok().map(Box::new)
            });
            space.as_ref()?.type_of_signature(signature)
        })
    }

    fn packages(&self) -> &[Package] {
        self.packages.get_or_init(|| {
            let mut first_space = SPLIT + self.units.len() as u32;
            let mut packages = Vec::new();
            for file in crate::image::find_dwp(&self.files, &self.options) {
                let Ok((package, backing)) = load_package(&Arc::new(file)) else { continue };
                let count = package.tu_index.unit_count();
                let type_units =
                    std::iter::repeat_with(OnceLock::new).take(count as usize).collect();
                packages.push(Package { package, backing, type_units, first_space });
                first_space = first_space.saturating_add(count);
            }
            packages
        })
    }

    fn open(&self, number: usize, parent: &Space, skeleton: &Skeleton) -> Result<Space> {
        let id = SPLIT + number as u32;
        for package in self.packages() {
            if let Ok(Some(dwarf)) = package.package.find_cu(skeleton.id, parent.dwarf()) {
                let backing = Arc::clone(&package.backing);
                return Space::new(id, Flavour::SplitOff, dwarf, Some(skeleton.bases), backing);
            }
        }
        let (name, directory) = (&skeleton.name, skeleton.directory.as_deref());
        let mut seen = None;
        for file in crate::image::find_dwo(&self.files, &self.options, name, directory) {
            let path = file.path().to_path_buf();
            let (mut dwarf, backing) = load(&Arc::new(file), Flavour::SplitOff)?;
            dwarf.make_dwo(parent.dwarf());
            let space = Space::new(id, Flavour::SplitOff, dwarf, Some(skeleton.bases), backing)?;
            if compile_unit(&space, skeleton.id).is_some() {
                return Ok(space);
            }
            seen = Some(path);
        }
        Err(match seen {
            None => Error::new(
                ErrorKind::NoDebugInfo,
                format!("the split debug information in {} is missing", name.display()),
            ),
            Some(path) => Error::new(
                ErrorKind::DebugFileMismatch,
                "the split debug information belongs to another build (its dwo_id differs)",
            )
            .in_file(&path),
        })
    }
}

/// What a skeleton unit says of its split unit.
struct Skeleton {
    id: gimli::DwoId,
    name: PathBuf,
    directory: Option<PathBuf>,
    bases: Bases,
}

/// The unit with that identity among a `.dwo` file's, where type units may stand beside it.
fn compile_unit(space: &Space, id: gimli::DwoId) -> Option<&Unit> {
    (0..space.units().len()).find_map(|number| {
        let unit = space.unit(number).ok()?;
        (unit.unit.dwo_id == Some(id)).then_some(unit)
    })
}

impl DwarfFile {
    /// The split unit of a skeleton unit; `None` where the unit is no skeleton.
    pub(super) fn split_unit(&self, number: usize, unit: &Unit) -> Option<Result<(&Space, &Unit)>> {
        let skeleton = self.skeleton(unit)?;
        let cell = self.split.units.get(number)?;
        let space =
            cell.get_or_init(|| self.split.open(number, self.main(), &skeleton).map(Box::new));
        Some(match space {
            Ok(space) => compile_unit(space, skeleton.id)
                .map(|unit| (&**space, unit))
                .ok_or_else(|| space.error(gimli::Error::MissingUnitDie, 0)),
            Err(error) => Err(error.clone()),
        })
    }

    /// DWARF 5 §3.1.2; before version 5, GCC's DW_AT_GNU_dwo_name.
    fn skeleton(&self, unit: &Unit) -> Option<Skeleton> {
        let id = unit.unit.dwo_id?;
        let text = |value| self.main().dwarf().attr_string(&unit.unit, value).ok();
        let path = |slice: Slice| Path::new(OsStr::from_bytes(slice.slice())).to_path_buf();
        let mut entries = unit.unit.entries_raw(None).ok()?;
        let root = entries.read_abbreviation().ok()??;
        let (mut name, mut directory) = (None, None);
        for &specification in root.attributes() {
            let attribute = entries.read_attribute(specification).ok()?;
            match attribute.name() {
                gimli::DW_AT_dwo_name | gimli::DW_AT_GNU_dwo_name => name = text(attribute.value()),
                gimli::DW_AT_comp_dir => directory = text(attribute.value()),
                _ => {}
            }
        }
        Some(Skeleton {
            id,
            name: path(name?),
            directory: directory.map(path),
            bases: Bases {
                low_pc: unit.unit.low_pc,
                addr_base: unit.unit.addr_base,
                rnglists_base: unit.unit.rnglists_base,
            },
        })
    }
}
