//! The pages under docs/ say what the code says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;

use ffitypecheck::check::Rule;

/// The table of the rules has their ids in its second column; those of the measured rates do not.
fn is_id(cell: &&str) -> bool {
    cell.starts_with('`')
}

/// Each row of the published table has the number, id and source that findings carry.
#[test]
fn the_compatibility_page_has_every_rule() {
    let page = include_str!("../docs/compatibility.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .filter(|row: &Vec<&str>| row[0].parse::<u32>().is_ok() && row.get(1).is_some_and(is_id))
        .collect();
    let expected: Vec<Vec<String>> = Rule::all()
        .map(|rule| {
            vec![rule.number().to_string(), format!("`{}`", rule.id()), rule.reason().into()]
        })
        .collect();
    let found: Vec<Vec<String>> = rows
        .iter()
        .map(|row| [row[0], row[1], row[row.len() - 1]].map(str::to_owned).to_vec())
        .collect();
    assert_eq!(found, expected);
}

fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words in backticks of a text.
fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace)
}

/// The first cells of the tables on a page, from a heading or a first row to the next heading.
fn first_cells<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
    let part = &page[page.find(heading).unwrap()..];
    let part = part[1..].split_once("\n## ").map_or(part, |(part, _)| part);
    part.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect()
}

/// Each proof and benchmark of the Makefile is on the page, and no other.
#[test]
fn the_page_of_proofs_has_every_target() {
    let files = ["Makefile", "mk/check.mk", "mk/proofs.mk", "mk/bench.mk", "mk/python.mk"];
    let is_proof = |word: &&str| word.starts_with("check-") || word.starts_with("bench");
    let mut targets = BTreeSet::new();
    for file in files {
        let text = page(file);
        let phony = text.lines().filter_map(|line| line.strip_prefix(".PHONY: "));
        targets.extend(phony.filter(is_proof).map(str::to_owned));
    }
    let text = page("docs/testing.md");
    let cells = first_cells(&text, "# Proofs");
    let told: BTreeSet<String> = cells
        .iter()
        .flat_map(|cell| code_words(cell))
        .filter(is_proof)
        .map(str::to_owned)
        .collect();
    assert_eq!(told, targets);
}

/// The table of folders has every folder of the repository.
#[test]
fn the_architecture_has_every_folder() {
    let made = ["build", "target"];
    let entries = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap().map(Result::unwrap);
    let folders: BTreeSet<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !made.contains(&name.as_str()))
        .collect();
    let text = page("docs/architecture.md");
    let words = first_cells(&text, "| folder | what is in it |").into_iter().flat_map(code_words);
    let told: BTreeSet<String> = words.map(|word| word.trim_end_matches('/').to_owned()).collect();
    assert_eq!(told, folders);
}

/// Lines that the unit tests at the end of a file have at most.
const SHORT: usize = 100;

/// Unit tests of `x.rs` are at its end if they are short, and otherwise in `x/tests.rs`.
fn unit_tests(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            unit_tests(&path);
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.display().to_string();
        assert!(!name.ends_with("_tests.rs"), "{name}: unit tests are in x/tests.rs");
        let Some((_, tests)) = text.split_once("\nmod tests {\n") else { continue };
        let lines = tests.lines().count();
        assert!(lines <= SHORT, "{name}: {lines} lines of unit tests belong into x/tests.rs");
        let last = tests.find("\n}\n").map(|end| end + 3);
        assert_eq!(last, Some(tests.len()), "{name}: unit tests are not at the end");
    }
}

#[test]
fn unit_tests_are_where_the_page_says() {
    unit_tests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
}

/// Files below src/ with `unsafe` in their code.
fn unsafe_files(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            unsafe_files(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().map(|line| line.split("//").next().unwrap());
        // Tests may do what they like.
        let mut code = code.take_while(|line| !line.contains("#[cfg(test)]"));
        let is_unsafe = |line: &str| {
            ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"]
                .iter()
                .any(|word| line.contains(word))
        };
        if code.any(is_unsafe) && !path.ends_with("tests.rs") {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
            found.insert(path.strip_prefix(source).unwrap().display().to_string());
        }
    }
}

/// The table of files with `unsafe` code has every such file, and no other.
#[test]
fn the_architecture_has_every_file_with_unsafe_code() {
    let mut found = BTreeSet::new();
    unsafe_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|file| !file.starts_with("capi/"));
    let text = page("docs/architecture.md");
    let mut told = BTreeSet::new();
    for word in first_cells(&text, "## Where `unsafe` is").into_iter().flat_map(code_words) {
        match word.split_once(['{', '}']) {
            _ if word == "capi/*" || word == "capi/fork.rs" => {}
            Some((before, rest)) => {
                let (names, behind) = rest.split_once('}').unwrap();
                told.extend(names.split(',').map(|name| format!("{before}{name}{behind}")));
            }
            None => {
                told.insert(word.to_owned());
            }
        }
    }
    assert_eq!(told, found);
}

/// The page says of every crate that the library depends on what it is there for.
#[test]
fn the_architecture_has_every_crate() {
    let manifest = page("Cargo.toml");
    let part = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let lines = part.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let text = page("docs/architecture.md");
    let crates = text.split("## Crates").nth(1).unwrap().split("\n## ").next().unwrap();
    for line in lines {
        let name = line.split([' ', '.', '=']).next().unwrap();
        assert!(crates.contains(name), "docs/architecture.md says nothing of the crate {name}");
    }
}
