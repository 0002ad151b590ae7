//! Which room of src/ uses which: what the code says, held against the table in docs/architecture.md.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// The rooms, with those that each one uses.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_rooms_use_what_the_page_says() {
    let drawn = drawn();
    let rooms: BTreeSet<&str> = drawn.keys().map(String::as_str).collect();
    assert_eq!(
        rooms,
        modules(include_str!("../src/lib.rs")),
        "the rooms of the page and of lib.rs"
    );

    let (mut files, mut of_tests) = (BTreeMap::new(), Vec::new());
    read(&source(), &mut files, &mut of_tests);
    files.retain(|file, _| !of_tests.iter().any(|test| file.with_extension("").starts_with(test)));
    let mut used: Arrows = drawn.keys().map(|room| (room.clone(), BTreeSet::new())).collect();
    for (file, code) in &files {
        let place = file.strip_prefix(source()).unwrap().with_extension("");
        let room = place.iter().next().unwrap().to_str().unwrap();
        if room == "lib" {
            continue;
        }
        let depth = place.iter().filter(|part| *part != "mod").count();
        let root = "super::".repeat(depth);
        assert!(!code.contains(&root), "{}: `{root}` is the crate: name one room", file.display());
        for name in named(code) {
            let is_room = drawn.contains_key(name);
            assert!(is_room, "{}: `crate::{name}`: name one room", file.display());
            if name != room {
                let is_drawn = drawn[room].contains(name);
                assert!(is_drawn, "{}: the page has no arrow to {name}", file.display());
                used.get_mut(room).unwrap().insert(name.to_owned());
            }
        }
    }
    assert_eq!(used, drawn, "arrows of the code (left) and of the page (right)");
}

#[test]
fn the_page_has_no_circle() {
    let mut left = drawn();
    loop {
        let rooms: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|_, uses| !uses.is_disjoint(&rooms));
        if left.len() == rooms.len() {
            break;
        }
    }
    assert!(left.is_empty(), "a circle, or rooms that use it: {left:?}");
}

#[test]
fn code_for_tests_is_left_out() {
    let text = "a;\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod tests;\nb; // c\n#[cfg(test)]\nmod m {\n    x;\n}\nd;";
    assert_eq!(without_tests(text), ("a;\nb; \nd;\n".to_owned(), vec!["t.rs".to_owned()]));
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The table of the page.
fn drawn() -> Arrows {
    let page = include_str!("../docs/architecture.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let names = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        (names(cells[0])[0].clone(), names(cells[1]).into_iter().collect())
    };
    let arrows: Arrows = rows.map(row).collect();
    assert!(!arrows.is_empty(), "the page has no table of rooms");
    arrows
}

/// The modules that a file declares.
fn modules(text: &str) -> BTreeSet<&str> {
    let declarations = text.lines().filter_map(|line| line.strip_suffix(';')?.split_once("mod "));
    declarations.map(|(_, name)| name).collect()
}

/// Reads the code of all files below a directory. The places of modules that are for tests only go to `of_tests`: files without their
/// suffix, which is also the directory of the modules inside.
fn read(directory: &Path, files: &mut BTreeMap<PathBuf, String>, of_tests: &mut Vec<PathBuf>) {
    for entry in read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, files, of_tests);
            continue;
        }
        let (code, tests) = without_tests(&read_to_string(&path).unwrap());
        for test in tests {
            let inside =
                if path.ends_with("mod.rs") { directory.into() } else { path.with_extension("") };
            of_tests.push(match test.strip_suffix(".rs") {
                Some(path) => directory.join(path),
                None => inside.join(test),
            });
        }
        files.insert(path, code);
    }
}

/// The lines without comments and without what is under `#[cfg(test)]`; and the modules in other files that are under it.
/// The lines are as rustfmt writes them: an item ends at the first line that ends with `;` or `}` and is indented as the item is.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let (mut code, mut tests) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.extend([line.split("//").next().unwrap(), "\n"]);
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let mut path = None;
        for line in lines.by_ref().filter(|line| line.len() - line.trim_start().len() == indent) {
            if let Some(given) = line.trim().strip_prefix("#[path = \"") {
                path = given.strip_suffix("\"]");
            }
            if let Some((_, name)) = line.strip_suffix(';').and_then(|line| line.split_once("mod "))
            {
                tests.push(path.unwrap_or(name).to_owned());
            }
            if line.ends_with([';', '}']) {
                break;
            }
        }
    }
    (code, tests)
}

/// The name behind each `crate::`.
fn named(code: &str) -> impl Iterator<Item = &str> {
    let end = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    code.split("crate::").skip(1).map(move |rest| &rest[..end(rest).unwrap_or(rest.len())])
}
