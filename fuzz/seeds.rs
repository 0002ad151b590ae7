//! Compiles the fixtures of the tests in many ways into the first inputs of the targets: `cargo run --bin seeds`.

#[allow(dead_code)]
mod container;

use std::path::{Path, PathBuf};

use container::{COMPRESSED, DWO, SECTIONS};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::{slim, Library};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SymbolKind};
use toolchain::{fixture, run, Random};

const WAYS: [(&str, &[&str]); 18] = [
    ("gcc", &["-gdwarf-2", "-gstrict-dwarf"]),
    ("gcc", &["-gdwarf-3", "-O2"]),
    ("gcc", &["-gdwarf-4"]),
    ("gcc", &["-gdwarf-4", "-O2"]),
    ("gcc", &["-gdwarf-5"]),
    ("gcc", &["-gdwarf-5", "-O2"]),
    ("gcc", &["-gdwarf-4", "-fdebug-types-section"]),
    ("gcc", &["-gdwarf-5", "-fdebug-types-section"]),
    ("gcc", &["-gdwarf-5", "-gdwarf64"]),
    ("gcc", &["-gdwarf-5", "-gz=zlib"]),
    ("gcc", &["-gdwarf-4", "-gz=zlib-gnu"]),
    ("gcc", &["-gdwarf-4", "-gsplit-dwarf"]),
    ("gcc", &["-gdwarf-5", "-gsplit-dwarf", "-fdebug-types-section"]),
    ("clang", &["-gdwarf-4"]),
    ("clang", &["-gdwarf-4", "-fdebug-types-section"]),
    ("clang", &["-gdwarf-5", "-O2"]),
    ("clang", &["-gdwarf-5", "-gsplit-dwarf"]),
    ("clang", &["-gdwarf-5", "-gz=zlib"]),
];

/// C text for the parser. A line of two dashes separates two calls.
const TEXTS: [&str; 6] = [
    "int (*)(const void *, const void *)",
    "typedef struct node node; struct node { node *next; int a : 3, : 0, b : 7; char name[]; };\n--\nnode",
    "enum e { A = 1 << 3, B = sizeof(long) * 2, C = A ? -B : ~0u }; union u { enum e e; double d[C & 7]; };",
    "void f(va_list, size_t n, int a[static 3], char *restrict s, ...); int g(), *(*h(void))(int (*)[4]);",
    "struct __attribute__((packed, aligned(4))) p { _Alignas(8) char c; long double d __attribute__((packed)); };",
    "struct s;\n--\nstruct s { struct s *s; };\n--\ntypedef float v __attribute__((vector_size(16))); v f(struct s);",
];

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = here.join("target/seeds");
    for target in ["library", "debug_file", "claim", "parse"] {
        make(&here.join("corpus").join(target));
    }
    make(&scratch);
    for (index, (compiler, flags)) in WAYS.iter().enumerate() {
        for (language, plus) in [("c", ""), ("cc", "++")] {
            let compiler = match *compiler {
                "gcc" if !plus.is_empty() => "g++".to_owned(),
                other => format!("{other}{plus}"),
            };
            let source = fixture(&format!("declarations.{language}"));
            let compile =
                [&compiler, "-c", "-fPIC", "-w", "-o", "split.o", &source.to_string_lossy()];
            run(&scratch, &[&compile, *flags].concat());
            run(&scratch, &[&compiler, "-shared", "-nostdlib", "-o", "lib.so", "split.o"]);
            let library = scratch.join("lib.so");
            let name = format!("{index}-{language}");
            let bytes = read(&library);
            write(&here.join("corpus/library").join(&name), &bytes);
            // Every second debug file names a supplementary one: the target's only option.
            let container = pack(&bytes, &scratch.join(DWO));
            let container = [container, vec![(index % 2) as u8]].concat();
            write(&here.join("corpus/debug_file").join(&name), &container);
            run(&scratch, &["strip", "-g", "lib.so"]);
            let stripped = read(&library);
            for (what, bytes) in with_notes(&bytes, &stripped, &scratch) {
                write(&here.join("corpus/library").join(format!("{name}-{what}")), &bytes);
            }
        }
    }
    for (index, text) in TEXTS.iter().enumerate() {
        write(&here.join("corpus/parse").join(index.to_string()), text.as_bytes());
    }
    // A graph of types is read from any bytes.
    for seed in 0..32 {
        let bytes = Random::new(seed).bytes(512);
        write(&here.join("corpus/claim").join(seed.to_string()), &bytes);
    }
}

/// The stripped library with the types of the whole one in a note, and in one that is loaded.
fn with_notes(whole: &[u8], stripped: &[u8], scratch: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let path = scratch.join("whole.so");
    write(&path, whole);
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let encode = |library: Library| slim::encode(&library, &slim::Options::default());
    let Ok(made) = Library::open(&path, &options).and_then(encode) else { return Vec::new() };
    let note = made.note();
    let files = [
        ("note", slim::embed(stripped, &note)),
        ("loaded", slim::embed_allocated(stripped, &note)),
    ];
    files.into_iter().filter_map(|(what, file)| Some((what, file.ok()?.to_vec()))).collect()
}

/// The container of a library and its `.dwo` file, if there is one.
fn pack(library: &[u8], dwo: &Path) -> Vec<u8> {
    let file = parse(library);
    let dwo = if dwo.exists() { std::fs::read(dwo).unwrap_or_default() } else { Vec::new() };
    let (mut lengths, mut contents) = (Vec::new(), Vec::new());
    for name in SECTIONS {
        let (data, compressed) = match name {
            "symbols" => (symbols(&file), false),
            name if name.ends_with(".dwo") && dwo.is_empty() => (Vec::new(), false),
            name if name.ends_with(".dwo") => section(&parse(&dwo), name),
            name => section(&file, name),
        };
        let flag = if compressed { COMPRESSED } else { 0 };
        lengths.extend((data.len() as u32 | flag).to_le_bytes());
        contents.extend(data);
    }
    [lengths, contents].concat()
}

fn symbols(file: &object::File) -> Vec<u8> {
    let mut data = Vec::new();
    for symbol in file.dynamic_symbols().filter(|symbol| symbol.is_definition()) {
        let kind = if symbol.kind() == SymbolKind::Text { 2 } else { 1 };
        data.extend(symbol.address().to_le_bytes());
        data.push(kind);
        data.extend(symbol.name_bytes().unwrap_or_default());
        data.push(0);
    }
    data
}

fn section(file: &object::File, name: &str) -> (Vec<u8>, bool) {
    let Some(section) = file.section_by_name_bytes(name.as_bytes()) else {
        return (Vec::new(), false);
    };
    let SectionFlags::Elf { sh_flags } = section.flags() else { return (Vec::new(), false) };
    (section.data().unwrap_or_default().to_vec(), sh_flags & 0x800 != 0)
}

fn parse(bytes: &[u8]) -> object::File<'_> {
    object::File::parse(bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn make(directory: &PathBuf) {
    std::fs::create_dir_all(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
