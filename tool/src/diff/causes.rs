//! What is told once: a member of one record may be why hundreds of functions changed.

use std::cmp::Reverse;
use std::collections::HashMap;

use ffitypecheck::check::{Finding, Rule};

use super::Changed;

/// A changed export with the findings that were not told before, and those for which that is all there is.
pub struct Block<'c> {
    pub first: &'c Changed,
    pub findings: Vec<&'c Finding>,
    /// How many more it has that were told.
    pub told: usize,
    /// The others that changed for the same reason as this one.
    pub same: Vec<&'c Changed>,
}

/// What a finding says of a member or pointee, without the way to it; of an argument or a result, which argument it is.
type Cause<'c> = (Rule, &'c str, &'c str, &'c str);

fn cause(finding: &Finding) -> Cause<'_> {
    let sentence = finding.sentence.as_str();
    let what = match finding.path.as_str() {
        "" => sentence.split_once(": ").map_or(sentence, |(_, what)| what),
        path => path.rsplit([' ', '.']).next().unwrap_or(path),
    };
    (finding.rule, finding.declared.as_str(), finding.claimed.as_str(), what)
}

/// The changes, the gravest first and then in their order.
pub fn blocks(changed: &[Changed]) -> Vec<Block<'_>> {
    let mut changed: Vec<&Changed> = changed.iter().collect();
    changed.sort_by_key(|changed| Reverse(changed.report.verdict()));
    let mut blocks: Vec<Block> = Vec::new();
    // The block that tells of a cause.
    let mut places: HashMap<Cause, usize> = HashMap::new();
    for change in changed {
        let findings = change.report.findings();
        let known = findings.first().and_then(|first| places.get(&cause(first)).copied());
        let mut fresh = Vec::new();
        for finding in findings {
            places.entry(cause(finding)).or_insert_with(|| {
                fresh.push(finding);
                blocks.len()
            });
        }
        match known.and_then(|place| blocks.get_mut(place)).filter(|_| fresh.is_empty()) {
            Some(block) => block.same.push(change),
            None => blocks.push(Block {
                first: change,
                told: findings.len() - fresh.len(),
                findings: fresh,
                same: Vec::new(),
            }),
        }
    }
    blocks
}
