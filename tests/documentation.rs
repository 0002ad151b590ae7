//! The pages under docs/ say what the code says.

#![allow(clippy::indexing_slicing)]

use ffitypecheck::check::Rule;

/// Each row of the published table has the number, id and source that findings carry.
#[test]
fn the_compatibility_page_has_every_rule() {
    let page = include_str!("../docs/compatibility.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(" | `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
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
