//! Split units: `.dwo` files beside the library, and `.dwp` packages (DWARF 5 §7.3.2, §7.3.5).

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::die::DieRef;
use super::sections::{load, load_package, Backing, Flavour};
use super::space::{Bases, Sections, Space, Unit};
use super::work::Work;
use super::{strings, Slice, SPLIT};
use crate::error::{Error, ErrorKind, Result};
use crate::image::{DebugFiles, ElfFile, SearchOptions};

/// The longest path that the kernel accepts (PATH_MAX).
const LONGEST_PATH: usize = 4096;

/// The work that is counted for a byte that is decompressed again.
const PER_UNPACKED: u64 = 8;

/// The split units of a library, each opened on first use.
pub(super) struct SplitUnits {
    /// By the number of the unit in the main file. `None` for a unit that is not a skeleton.
    units: Vec<OnceLock<Option<Result<SplitUnit>>>>,
    packages: OnceLock<Vec<Package>>,
    /// The `.dwo` files that were opened. Many skeletons may name the same file.
    opened: Mutex<HashSet<PathBuf>>,
    files: DebugFiles,
    options: SearchOptions,
    work: Arc<Work>,
}

/// A space of its own, and the number of the unit in it.
struct SplitUnit {
    space: Box<Space>,
    number: usize,
}

struct Package {
    package: gimli::DwarfPackage<Slice>,
    backing: Arc<Backing>,
    /// By the row in the type-unit index.
    type_units: Vec<OnceLock<Option<Box<Space>>>>,
    /// The number of the space of the first type unit.
    first_space: u32,
}

impl SplitUnits {
    pub fn new(
        units: usize,
        files: &DebugFiles,
        options: &SearchOptions,
        work: &Arc<Work>,
    ) -> SplitUnits {
        SplitUnits {
            units: std::iter::repeat_with(OnceLock::new).take(units).collect(),
            packages: OnceLock::new(),
            opened: Mutex::default(),
            files: files.clone(),
            options: options.clone(),
            work: Arc::clone(work),
        }
    }

    /// The space with that number, if it was opened before.
    pub fn space(&self, id: u32) -> Option<&Space> {
        let index = id.checked_sub(SPLIT)? as usize;
        if let Some(cell) = self.units.get(index) {
            return cell.get()?.as_ref()?.as_ref().ok().map(|split| &*split.space);
        }
        self.packages.get()?.iter().find_map(|package| {
            let row = id.checked_sub(package.first_space)? as usize;
            package.type_units.get(row)?.get()?.as_deref()
        })
    }

    /// The first error among the split units that were opened so far.
    pub fn first_error(&self) -> Option<Error> {
        self.units.iter().find_map(|unit| unit.get()?.as_ref()?.as_ref().err().cloned())
    }

    /// The type DIE of a type unit in a package.
    pub fn type_of_signature(&self, parent: &Space, signature: u64) -> Option<DieRef> {
        self.packages.get()?.iter().find_map(|package| {
            let row = package.package.tu_index.find(signature)?;
            self.type_unit(package, parent, row.checked_sub(1)?)?.type_of_signature(signature)
        })
    }

    /// The type units in the packages.
    pub fn type_units<'a>(&'a self, parent: &'a Space) -> impl Iterator<Item = &'a Space> {
        let packages = self.packages.get().map_or(&[][..], Vec::as_slice);
        packages.iter().flat_map(move |package| {
            (0..package.type_units.len()).filter_map(move |index| {
                self.type_unit(package, parent, u32::try_from(index).ok()?)
            })
        })
    }

    /// The space of a package's type unit, by its row, counted from 0.
    fn type_unit<'a>(&self, package: &'a Package, parent: &Space, index: u32) -> Option<&'a Space> {
        let cell = package.type_units.get(index as usize)?;
        let space = cell.get_or_init(|| {
            let row = index.checked_add(1)?;
            let dwarf = package.package.tu_sections(row, parent.dwarf()).ok()?;
            let id = package.first_space.saturating_add(index);
            let sections = package.sections(dwarf);
            Space::new(id, sections, None, &self.work).ok().map(Box::new)
        });
        space.as_deref()
    }

    fn packages(&self) -> &[Package] {
        self.packages.get_or_init(|| {
            let mut first_space = self.id(self.units.len());
            let mut packages = Vec::new();
            for file in crate::image::find_dwp(&self.files, &self.options).map(Arc::new) {
                let Ok((package, backing)) = load_package(&file) else { continue };
                self.work.opened(&file, backing.size());
                // No unit can be found in an index without slots, whatever its number of units is.
                let count = match package.tu_index.slot_count() {
                    0 => 0,
                    _ => package.tu_index.unit_count(),
                };
                let type_units =
                    std::iter::repeat_with(OnceLock::new).take(count as usize).collect();
                packages.push(Package { package, backing, type_units, first_space });
                first_space = first_space.saturating_add(count);
            }
            packages
        })
    }

    /// The number of the space for the split unit that belongs to the unit with that number.
    fn id(&self, number: usize) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX).saturating_add(SPLIT)
    }

    /// The split unit of the unit with that number. `None` if that unit is not a skeleton.
    pub fn unit(&self, main: &Space, number: usize) -> Option<Result<(&Space, &Unit)>> {
        let open = || {
            let skeleton = skeleton(main, main.unit(number).ok()?)?;
            Some(self.open(number, main, &skeleton))
        };
        let split = self.units.get(number)?.get_or_init(open).as_ref()?;
        Some(match split {
            Ok(split) => split.space.unit(split.number).map(|unit| (&*split.space, unit)),
            Err(error) => Err(error.clone()),
        })
    }

    fn open(&self, number: usize, parent: &Space, skeleton: &Skeleton) -> Result<SplitUnit> {
        let id = self.id(number);
        for package in self.packages() {
            if let Ok(Some(dwarf)) = package.package.find_cu(skeleton.id, parent.dwarf()) {
                let sections = package.sections(dwarf);
                let space = Space::new(id, sections, Some(skeleton.bases), &self.work)?;
                return match compile_unit(&space, skeleton.id) {
                    Some(number) => Ok(SplitUnit { space: Box::new(space), number }),
                    None => Err(space.error(gimli::Error::MissingUnitDie, 0)),
                };
            }
        }
        let (name, directory) = (&skeleton.name, skeleton.directory.as_deref());
        let mut seen = None;
        for file in crate::image::find_dwo(&self.files, &self.options, name, directory) {
            let file = Arc::new(file);
            let known = self.is_known(&file);
            let (mut dwarf, backing) = load(&file, Flavour::SplitOff)?;
            // The first skeleton that names a file raises the limit on work. For the others, the decompression counts
            // as work.
            let unpacked = backing.size().saturating_sub(file.size());
            if !known {
                self.work.opened(&file, backing.size());
            } else if !self.work.spend(unpacked.saturating_mul(PER_UNPACKED)) {
                return Err(self.work.refusal().in_file(file.path()));
            }
            dwarf.make_dwo(parent.dwarf());
            let sections = Sections { dwarf, backing, flavour: Flavour::SplitOff };
            let space = Space::new(id, sections, Some(skeleton.bases), &self.work)?;
            if let Some(number) = compile_unit(&space, skeleton.id) {
                return Ok(SplitUnit { space: Box::new(space), number });
            }
            seen = Some(file.path().to_path_buf());
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

    /// Whether a file was opened before, under any name. Remembers it as opened.
    fn is_known(&self, file: &ElfFile) -> bool {
        let path = file.path().canonicalize().unwrap_or_else(|_| file.path().to_path_buf());
        !self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(path)
    }
}

impl Package {
    /// The part of the package that belongs to one unit.
    fn sections(&self, dwarf: gimli::Dwarf<Slice>) -> Sections {
        Sections { dwarf, backing: Arc::clone(&self.backing), flavour: Flavour::SplitOff }
    }
}

/// What a skeleton unit says of its split unit.
struct Skeleton {
    id: gimli::DwoId,
    name: PathBuf,
    directory: Option<PathBuf>,
    bases: Bases,
}

/// What a skeleton unit says of its split unit (DWARF 5 §3.1.2; before version 5, GCC's DW_AT_GNU_dwo_name).
/// `None` if the unit is not a skeleton.
fn skeleton(main: &Space, unit: &Unit) -> Option<Skeleton> {
    let id = unit.unit.dwo_id?;
    let text = |value| {
        let text = strings::text(main.dwarf(), &unit.unit, value);
        text.filter(|text| text.len() <= LONGEST_PATH)
    };
    let path = |slice: Slice| Path::new(OsStr::from_bytes(slice.slice())).to_path_buf();
    let mut entries = unit.unit.entries_raw(None).ok()?;
    let root = main.context(unit).abbreviation(&mut entries).ok()??;
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

/// The number of the unit with that dwo_id in a `.dwo` file. The file may have type units beside it.
fn compile_unit(space: &Space, id: gimli::DwoId) -> Option<usize> {
    (0..space.units().len())
        .find(|&number| space.unit(number).is_ok_and(|unit| unit.unit.dwo_id == Some(id)))
}
