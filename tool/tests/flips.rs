//! Slim type information with one bit changed, or with a hole, says the same as before, or refuses to say it.

mod fixture;

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ffitypecheck::cache;
use ffitypecheck::ctype::Declaration;
use ffitypecheck::identity;
use ffitypecheck::image::{find_library, SearchOptions, SECTION};
use ffitypecheck::slim::{self, side_file};
use ffitypecheck::spell;
use ffitypecheck::Library;
use fixture::{library, outcome};
use object::{Object, ObjectSection};
use toolchain::{run, scratch};

/// How many bits are changed, each by itself, unless `FLIPS` in the environment says another number.
const FLIPS: usize = 4000;
/// So many exports are asked for after each change.
const ASKED: usize = 12;
const PAGE: usize = 4096;

const SOURCE: &str = r#"
enum level { LOW = 1, HIGH = 500 };
struct point { int x, y; double weights[3]; struct { unsigned a : 3, b : 5; } bits; };
typedef int (*visitor)(const struct point *corner, enum level level);
int shape_area(const struct point *corner, int width) { return corner->x + width; }
struct point shape_move(struct point from, long double by) { from.x += (int)by; return from; }
void shape_visit(struct point *first, visitor visit, void *data) { visit(first, LOW); (void)data; }
const char *shape_name(const char *format, ...) { return format; }
int shape_depth = 4;
union { int i; float f; } shape_either;
"#;

/// What an export's declaration says, or the definitions of a type.
#[derive(Clone, Debug, PartialEq)]
struct Answer {
    declaration: String,
    text: String,
    /// The types that it reaches, by their numbers.
    types: BTreeMap<String, String>,
}

impl Answer {
    fn of(declarations: &[Declaration]) -> Answer {
        let mut types = BTreeMap::new();
        let (mut facts, mut text) = (String::new(), String::new());
        for declaration in declarations {
            for id in identity::reachable(&declaration.types, [declaration.ty]) {
                types.insert(format!("{id:?}"), format!("{:?}", declaration.types.get(id)));
            }
            let Declaration { kind, symbol, version, name, linkage_name, ty, .. } = declaration;
            let (evidence, key) = (declaration.evidence, declaration.key);
            facts += &format!(
                "{kind:?} {symbol:?} {version:?} {name:?} {linkage_name:?} {ty:?} {evidence:?} {key:?}"
            );
            text += &spell::declaration(declaration);
        }
        Answer { declaration: facts, text, types }
    }

    /// Whether a part of it is refused, as a type of which nothing is known, and the rest is as before.
    fn is_part_of(&self, before: &Answer) -> bool {
        let changed = |(id, ty): &(&String, &String)| before.types.get(*id) != Some(*ty);
        let changed: Vec<_> = self.types.iter().filter(changed).collect();
        let unknown = |ty: &str| {
            ty.contains("Unknown {") && (ty.contains("damaged") || ty.contains("malformed"))
        };
        self.declaration == before.declaration
            && !changed.is_empty()
            && changed.iter().all(|(_, ty)| unknown(ty))
    }
}

/// A file, the part of it that is damaged, and what is asked.
struct Subject {
    file: PathBuf,
    start: usize,
    size: usize,
    library: PathBuf,
    options: SearchOptions,
    exports: Vec<String>,
    types: &'static [&'static str],
}

#[derive(Default, Debug)]
struct Tally {
    changes: usize,
    same: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Subject {
    fn answers(&self) -> Vec<Option<Answer>> {
        let Ok(library) = Library::open(&self.library, &self.options) else {
            return vec![None; self.exports.len() + self.types.len()];
        };
        let export = |name: &String| Some(Answer::of(&[library.describe(name).ok()?]));
        let ty = |name: &&str| Some(Answer::of(&library.describe_type(name).ok()?));
        self.exports.iter().map(export).chain(self.types.iter().map(ty)).collect()
    }

    /// Asks after each of these changes, which are undone.
    fn try_all(&self, changes: impl Iterator<Item = (usize, Vec<u8>)>, tally: &mut Tally) {
        let before = self.answers();
        assert!(before.iter().all(Option::is_some), "{}", self.file.display());
        let whole = std::fs::read(&self.file).unwrap();
        let file = File::options().write(true).open(&self.file).unwrap();
        for (at, bytes) in changes {
            file.write_all_at(&bytes, (self.start + at) as u64).unwrap();
            for (before, after) in before.iter().flatten().zip(self.answers()) {
                match after {
                    Some(after) if after == *before => tally.same += 1,
                    Some(after) if !after.is_part_of(before) => {
                        let file = self.file.display();
                        tally.wrong.push(format!("{file} at {at}: {before:?}, then {after:?}"));
                    }
                    _ => tally.refused += 1,
                }
            }
            let undone = &whole[self.start + at..][..bytes.len()];
            file.write_all_at(undone, (self.start + at) as u64).unwrap();
            tally.changes += 1;
        }
        assert!(self.answers() == before);
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()[self.start..][..self.size].to_vec()
    }
}

/// The library with a note, plain and compressed, and with an entry of the cache in its place.
fn subjects(name: &str, library: &Path, types: &'static [&'static str]) -> Vec<Subject> {
    let directory = scratch(&format!("flips_{name}"));
    let full = SearchOptions { slim: false, ..SearchOptions::default() };
    let full = Library::open(library, &full).unwrap();
    let described = full.exports().unwrap().iter().filter(|one| full.describe_export(one).is_ok());
    let names: Vec<String> = described.map(|symbol| symbol.name.to_string()).collect();
    // What is asked first is not what stands first.
    let step = (names.len() / ASKED).max(1);
    let exports = (0..ASKED).map(|number| number * 7 % ASKED * step);
    let exports: Vec<String> = exports.filter_map(|number| names.get(number).cloned()).collect();
    let alone = SearchOptions { system: false, ..SearchOptions::default() };
    let place = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let subject = |file: &Path, library: &Path, start, size, options: &SearchOptions| Subject {
        file: file.to_path_buf(),
        start,
        size,
        library: library.to_path_buf(),
        options: options.clone(),
        exports: exports.clone(),
        types,
    };
    let mut subjects = Vec::new();
    for options in [&[][..], &["--zstd"]] {
        let out = place(options.first().unwrap_or(&"plain").trim_start_matches('-'));
        let command = [&["slim", library.to_str().unwrap(), "-o", &out][..], options].concat();
        assert_eq!(outcome(&command).0, 0, "{command:?}");
        run(&directory, &["strip", "-g", &out]);
        let file = std::fs::read(&out).unwrap();
        let parsed = object::File::parse(&*file).unwrap();
        let (start, size) = parsed.section_by_name(SECTION).unwrap().file_range().unwrap();
        let out = Path::new(&out);
        subjects.push(subject(out, out, start as usize, size as usize, &alone));
    }
    let bare = place("bare");
    run(&directory, &["strip", "-g", "-o", &bare, library.to_str().unwrap()]);
    let bytes = std::fs::read(&bare).unwrap();
    let id = full.files().library.build_id().unwrap();
    let note = slim::encode(&full, &slim::Options::default()).unwrap().note();
    let entry = side_file(&bytes, id, &note).unwrap();
    let file = cache::store(&directory.join("cache"), id, &entry).unwrap();
    let cached = SearchOptions { type_cache: Some(directory.join("cache")), ..alone };
    subjects.push(subject(&file, Path::new(&bare), 0, entry.len(), &cached));
    subjects
}

#[test]
fn damage_is_found_before_anything_is_said() {
    let count = std::env::var("FLIPS").ok().map_or(FLIPS, |count| count.parse().unwrap());
    let (_, shape) = library("flips", SOURCE, &["-g"]);
    let (lua, db) =
        (find_library("liblua5.4.so.0").unwrap(), find_library("libdb-5.3.so").unwrap());
    let subjects = [
        subjects("shape", Path::new(&shape), &["struct point", "visitor"]),
        subjects("lua", &lua, &["struct lua_Debug", "lua_Reader"]),
        subjects("db", &db, &[]),
    ];
    let subjects: Vec<Subject> = subjects.into_iter().flatten().collect();
    let (mut flips, mut holes) = (Tally::default(), Tally::default());
    for subject in &subjects {
        let bytes = subject.bytes();
        let each = count / subjects.len() + 1;
        let flip = |number: usize| {
            // All over the bytes; which bit of them does not depend on the place.
            let at = number * bytes.len() / each;
            (at, vec![bytes[at] ^ 1 << (number % 8)])
        };
        subject.try_all((0..each).map(flip), &mut flips);
        let pages = (0..bytes.len()).step_by(PAGE);
        let hole = |at: usize| (at, vec![0; PAGE.min(bytes.len() - at)]);
        subject.try_all(pages.map(hole), &mut holes);
    }
    for (what, tally) in [("flips", &flips), ("holes", &holes)] {
        let Tally { changes, same, refused, wrong } = tally;
        println!(
            "{changes} {what}: {same} answers as before, {refused} refused, {} wrong",
            wrong.len()
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(*refused > 0);
    }
    // Most of a large library is described although a block is damaged that was not asked for.
    assert!(flips.same > 0);
}
