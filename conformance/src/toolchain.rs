//! The compilers and tools: which combinations a library is built with, and building it.

use std::fs;
use std::path::{Path, PathBuf};

use toolchain::attempt;

use crate::emit;
use crate::generate::Dialect;
use crate::signature::Library;

/// What happens to the debug information after linking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    Nothing,
    /// The `.dwo` files packed into `lib.so.dwp` by that tool, and removed.
    Pack(&'static str),
    /// `dwz lib.so`.
    Dwz,
    /// `dwz -m` with a second library, which moves what both share into a supplementary file.
    DwzMulti,
    /// As before, and then stripped with a debuglink, as distributions do it.
    DwzMultiStripped,
    /// Stripped; the debug information in `lib.so.debug`, found by debuglink.
    DebugLink,
    /// Stripped; the debug information under `debug/.build-id`, found by build-id.
    BuildId,
    /// `objcopy --compress-debug-sections=…`.
    Compress(&'static str),
}

/// One way to build a library.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub name: String,
    pub compiler: &'static str,
    pub flags: Vec<String>,
    pub link: Vec<&'static str>,
    pub finish: Finish,
    /// A command upon the library and a text that its output must hold: the proof that the tools did what
    /// the name says.
    evidence: (Vec<&'static str>, String),
}

impl Configuration {
    /// A seed of its own for each configuration, so that no two build the same library (FNV-1a of the name).
    pub fn seed(&self, seed: u64) -> u64 {
        self.name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    pub fn dialect(&self) -> Dialect {
        let clang = self.compiler == "clang";
        let has = |flag: &str| self.flags.iter().any(|own| own == flag);
        let strict = has("-gstrict-dwarf");
        Dialect {
            decimals: !clang,
            hides_alignment: clang && strict,
            passes_records_otherwise: (strict && !clang) || has("-fpcc-struct-return"),
            untyped: has("-g1"),
            narrows_unions: clang,
            states_source_alignment: clang,
        }
    }
}

/// Every configuration, in a fixed order.
pub fn configurations() -> Vec<Configuration> {
    let mut all = Vec::new();
    let mut add = |name: &str,
                   compiler,
                   flags: &str,
                   link: &[&'static str],
                   finish,
                   tool: &str,
                   text: &str| {
        all.push(Configuration {
            name: name.to_string(),
            compiler,
            flags: flags.split_whitespace().map(str::to_string).collect(),
            link: link.to_vec(),
            finish,
            evidence: (tool.to_string().leak().split(' ').collect(), text.to_string()),
        });
    };
    const INFO: &str = "readelf --debug-dump=info";
    const SECTIONS: &str = "readelf -tW";
    for compiler in ["gcc", "clang"] {
        for version in 2..=5 {
            for optimize in ["O0", "O2"] {
                add(
                    &format!("{compiler}-dwarf{version}-{optimize}"),
                    compiler,
                    &format!("-gdwarf-{version} -{optimize}"),
                    &[],
                    Finish::Nothing,
                    "llvm-dwarfdump --debug-info",
                    &format!("version = 0x000{version}"),
                );
            }
        }
    }
    add("gcc-lto", "gcc", "-g -O2 -flto", &[], Finish::Nothing, INFO, "GNU GIMPLE");
    add(
        "gcc-lto-partitions",
        "gcc",
        "-g -O2 -flto -flto-partition=max",
        &[],
        Finish::Nothing,
        INFO,
        "GNU GIMPLE",
    );
    add(
        "clang-lto",
        "clang",
        "-g -O2 -flto",
        &["-fuse-ld=lld"],
        Finish::Nothing,
        "readelf -p.comment",
        "LLD",
    );
    add(
        "clang-thinlto",
        "clang",
        "-g -O2 -flto=thin",
        &["-fuse-ld=lld"],
        Finish::Nothing,
        "readelf -p.comment",
        "LLD",
    );
    add(
        "clang-lld",
        "clang",
        "-g -O2",
        &["-fuse-ld=lld"],
        Finish::Nothing,
        "readelf -p.comment",
        "LLD",
    );
    for (compiler, version) in [("gcc", 4), ("gcc", 5), ("clang", 4), ("clang", 5)] {
        let split = format!("-gdwarf-{version} -O2 -gsplit-dwarf");
        let (tool, text) =
            (INFO, if version == 4 { "DW_AT_GNU_dwo_name" } else { "DW_AT_dwo_name" });
        add(
            &format!("{compiler}-split{version}"),
            compiler,
            &split,
            &[],
            Finish::Nothing,
            tool,
            text,
        );
        if compiler == "clang" {
            // clang makes type units of C++ types only.
            continue;
        }
        let types = format!("-gdwarf-{version} -O2 -fdebug-types-section");
        let name = format!("{compiler}-typeunits{version}");
        let kind = if version == 4 { ".debug_types" } else { "DW_UT_type" };
        let tool = if version == 4 { SECTIONS } else { "llvm-dwarfdump --debug-info" };
        add(&name, compiler, &types, &[], Finish::Nothing, tool, kind);
    }
    // Of gcc's DWARF 5, binutils 2.40's dwp makes garbage, and llvm-dwp 14 does not come to an end.
    add(
        "gcc-dwp4",
        "gcc",
        "-gdwarf-4 -O2 -gsplit-dwarf",
        &[],
        Finish::Pack("dwp"),
        INFO,
        "dwo_name",
    );
    add(
        "clang-dwp4",
        "clang",
        "-gdwarf-4 -O2 -gsplit-dwarf",
        &[],
        Finish::Pack("llvm-dwp"),
        INFO,
        "dwo_name",
    );
    add(
        "clang-dwp5",
        "clang",
        "-gdwarf-5 -O2 -gsplit-dwarf",
        &[],
        Finish::Pack("llvm-dwp"),
        INFO,
        "dwo_name",
    );
    for version in 2..=4 {
        for compiler in ["gcc", "clang"] {
            add(
                &format!("{compiler}-strict{version}"),
                compiler,
                &format!("-gdwarf-{version} -gstrict-dwarf -O2"),
                &[],
                Finish::Nothing,
                "llvm-dwarfdump --debug-info",
                &format!("version = 0x000{version}"),
            );
        }
    }
    for compiler in ["gcc", "clang"] {
        add(
            &format!("{compiler}-g1"),
            compiler,
            "-g1 -O2",
            &[],
            Finish::Nothing,
            INFO,
            "DW_TAG_compile_unit",
        );
    }
    let memory = "-g -O2 -fpcc-struct-return";
    add("gcc-pcc", "gcc", memory, &[], Finish::Nothing, INFO, "-fpcc-struct-return");
    add(
        "clang-icf",
        "clang",
        "-g -O2 -ffunction-sections",
        &["-fuse-ld=lld", "-Wl,--icf=all"],
        Finish::Nothing,
        "readelf -p.comment",
        "LLD",
    );
    const PARTIAL: &str = "DW_TAG_partial_unit";
    const ALT: &str = ".gnu_debugaltlink";
    add("gcc-dwz", "gcc", "-g -O2", &[], Finish::Dwz, INFO, PARTIAL);
    add("clang-dwz", "clang", "-gdwarf-4 -O2", &[], Finish::Dwz, INFO, PARTIAL);
    add("gcc-dwz-multi4", "gcc", "-gdwarf-4 -O2", &[], Finish::DwzMulti, SECTIONS, ALT);
    add("gcc-dwz-multi5", "gcc", "-gdwarf-5 -O0", &[], Finish::DwzMulti, SECTIONS, ALT);
    add(
        "gcc-dwz-debuglink",
        "gcc",
        "-g -O2",
        &[],
        Finish::DwzMultiStripped,
        SECTIONS,
        ".gnu_debuglink",
    );
    add("clang-debuglink", "clang", "-g -O2", &[], Finish::DebugLink, SECTIONS, ".gnu_debuglink");
    add("gcc-buildid", "gcc", "-g -O2", &[], Finish::BuildId, SECTIONS, ".note.gnu.build-id");
    add("gcc-zlib", "gcc", "-g -O2 -gz=zlib", &[], Finish::Nothing, SECTIONS, "ZLIB");
    add("clang-zlib", "clang", "-g -O2 -gz=zlib", &[], Finish::Nothing, SECTIONS, "ZLIB");
    add("gcc-zdebug", "gcc", "-g -O2", &[], Finish::Compress("zlib-gnu"), SECTIONS, ".zdebug_info");
    add("gcc-zstd", "gcc", "-g -O2", &[], Finish::Compress("zstd"), SECTIONS, "ZSTD");
    add("gcc-dwarf64", "gcc", "-gdwarf64 -gdwarf-5 -O2", &[], Finish::Nothing, INFO, "64-bit");
    add("gcc-dwarf64-3", "gcc", "-gdwarf64 -gdwarf-3 -O0", &[], Finish::Nothing, INFO, "64-bit");
    add("clang-dwarf64", "clang", "-gdwarf64 -gdwarf-5 -O2", &[], Finish::Nothing, INFO, "64-bit");
    all
}

/// Writes, compiles, links and finishes `library` in `directory`; returns the path of the shared library.
pub fn build(
    configuration: &Configuration,
    library: &Library,
    directory: &Path,
) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
    fs::create_dir_all(directory).map_err(failed)?;
    fs::write(directory.join("types.h"), emit::header(library)).map_err(failed)?;
    let flags: Vec<&str> = configuration.flags.iter().map(String::as_str).collect();
    let mut objects = Vec::new();
    for unit in 0..library.units {
        let (source, object) = (format!("unit{unit}.c"), format!("unit{unit}.o"));
        fs::write(directory.join(&source), emit::source(library, unit)).map_err(failed)?;
        let mut command = vec![configuration.compiler, "-std=gnu17", "-w", "-fPIC", "-c"];
        command.extend(&flags);
        command.extend(["-o", &object, &source]);
        attempt(directory, &command)?;
        objects.push(object);
    }
    link(configuration, &flags, &objects, "lib.so", directory)?;
    finish(configuration, &flags, &objects, directory)?;
    // One function alone may leave the tools nothing to do.
    if library.functions.len() == 1 {
        return Ok(directory.join("lib.so"));
    }
    let mut command = configuration.evidence.0.clone();
    command.push("lib.so");
    if !attempt(directory, &command)?.contains(&configuration.evidence.1) {
        return Err(format!(
            "`{}` does not show {:?}",
            command.join(" "),
            configuration.evidence.1
        ));
    }
    Ok(directory.join("lib.so"))
}

fn link(
    configuration: &Configuration,
    flags: &[&str],
    objects: &[String],
    output: &str,
    directory: &Path,
) -> Result<(), String> {
    let mut command = vec![configuration.compiler, "-shared", "-fPIC", "-w", "-Wl,--build-id=sha1"];
    command.extend(flags);
    command.extend(&configuration.link);
    command.extend(["-o", output]);
    command.extend(objects.iter().map(String::as_str));
    attempt(directory, &command).map(drop)
}

fn finish(
    configuration: &Configuration,
    flags: &[&str],
    objects: &[String],
    directory: &Path,
) -> Result<(), String> {
    let multi = || {
        link(configuration, flags, &objects[..objects.len() - 1], "other.so", directory)?;
        let supplementary = directory.join("common.debug");
        attempt(directory, &["dwz", "-m", &supplementary.to_string_lossy(), "lib.so", "other.so"])
    };
    match configuration.finish {
        Finish::Nothing => {}
        Finish::Pack(tool) => pack(tool, directory)?,
        Finish::Dwz => drop(attempt(directory, &["dwz", "lib.so"])?),
        Finish::DwzMulti => drop(multi()?),
        Finish::DwzMultiStripped => {
            multi()?;
            debuglink(directory)?;
        }
        Finish::DebugLink => debuglink(directory)?,
        Finish::BuildId => build_id(directory)?,
        Finish::Compress(method) => {
            let option = format!("--compress-debug-sections={method}");
            attempt(directory, &["objcopy", &option, "lib.so"])?;
        }
    }
    Ok(())
}

fn pack(tool: &str, directory: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
    let mut packed = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".dwo") {
            packed.push(name);
        }
    }
    packed.sort();
    let mut command = vec![tool, "-o", "lib.so.dwp"];
    command.extend(packed.iter().map(String::as_str));
    attempt(directory, &command)?;
    packed.iter().try_for_each(|name| fs::remove_file(directory.join(name)).map_err(failed))
}

fn debuglink(directory: &Path) -> Result<(), String> {
    attempt(directory, &["objcopy", "--only-keep-debug", "lib.so", "lib.so.debug"])?;
    attempt(directory, &["strip", "-g", "lib.so"])?;
    attempt(directory, &["objcopy", "--add-gnu-debuglink=lib.so.debug", "lib.so"]).map(drop)
}

fn build_id(directory: &Path) -> Result<(), String> {
    let notes = attempt(directory, &["readelf", "-nW", "lib.so"])?;
    let id = notes.split("Build ID: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let id = id.ok_or("lib.so has no build-id")?;
    let folder = directory.join("debug/.build-id").join(&id[..2]);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let file = folder.join(format!("{}.debug", &id[2..]));
    attempt(directory, &["objcopy", "--only-keep-debug", "lib.so", &file.to_string_lossy()])?;
    attempt(directory, &["strip", "-g", "lib.so"]).map(drop)
}
