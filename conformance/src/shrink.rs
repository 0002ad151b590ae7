//! The smallest function that still fails. Each candidate is compiled alone and tried in a process of its own.

use crate::emit;
use crate::generate::{library, Dialect, Generator, Tree};

/// So many candidates are tried.
const CANDIDATES: usize = 400;

/// What became of a function, simpler with each step: `s` makes it simpler, `c` takes back a part of the last step.
pub fn steps(tree: &mut Tree, steps: &str) {
    for step in steps.chars() {
        match step {
            's' => tree.simplify(),
            _ => tree.complicate(),
        };
    }
}

/// The steps to the smallest function that `fails`, given the steps to it.
pub fn shrink(tree: &mut Tree, mut fails: impl FnMut(&str) -> bool) -> String {
    let (mut taken, mut smallest) = (String::new(), 0);
    let mut simpler = tree.simplify();
    taken.push('s');
    for _ in 0..CANDIDATES {
        if !simpler {
            break;
        }
        let failed = fails(&taken);
        if failed {
            smallest = taken.len();
        }
        taken.push(if failed { 's' } else { 'c' });
        simpler = if failed { tree.simplify() } else { tree.complicate() };
    }
    taken.truncate(smallest);
    taken
}

/// The C source of a function after these steps, with the types that it needs.
pub fn source(
    generator: &Generator,
    number: usize,
    taken: &str,
    dialect: Dialect,
) -> Result<String, String> {
    let mut tree = generator.tree(number)?;
    steps(&mut tree, taken);
    let library = library(&[(number, tree.current())], dialect);
    Ok(emit::alone(&library))
}
