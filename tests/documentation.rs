//! The pages under docs/ say what the code says.

#![allow(clippy::indexing_slicing)]

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
