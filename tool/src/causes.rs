//! Groups findings by cause, so that each cause is reported once. One member of a record may be the cause for
//! hundreds of functions.

use std::collections::HashMap;

use ffitypecheck::check::{Finding, Rule, Verdict};

/// The findings of one entry that were not reported before, and the entries that have no other findings.
pub struct Block<'f> {
    /// The index of the entry in the given order.
    pub entry: usize,
    pub findings: Vec<&'f Finding>,
    /// The number of its findings that were reported before.
    pub told: usize,
    /// The other entries whose findings were all reported, and whose first finding is in this block.
    pub same: Vec<usize>,
}

/// What identifies the cause of a finding. For a member or pointee it does not include the path. For an argument or a
/// result it includes which argument it is.
#[derive(PartialEq, Eq, Hash)]
struct Cause<'f> {
    rule: Rule,
    verdict: Verdict,
    declared: &'f str,
    claimed: &'f str,
    what: &'f str,
    /// The two records, if the finding shows them.
    records: Option<String>,
}

impl<'f> Cause<'f> {
    fn of(finding: &'f Finding) -> Cause<'f> {
        let sentence = finding.sentence.as_str();
        let what = match finding.path.as_str() {
            "" => sentence.split_once(": ").map_or(sentence, |(_, what)| what),
            path => last_step(path),
        };
        Cause {
            rule: finding.rule,
            verdict: finding.verdict,
            declared: finding.declared.as_str(),
            claimed: finding.claimed.as_str(),
            what,
            records: finding.layout.as_ref().and_then(|layout| {
                let title = layout.as_str().lines().next()?;
                let words = title.split_whitespace();
                Some(words.filter(|word| !matches!(*word, "const" | "volatile")).collect())
            }),
        }
    }
}

fn last_step(path: &str) -> &str {
    path.rsplit([' ', '.']).next().unwrap_or(path)
}

/// Whether the finding is about a record, which other functions may use too, and not about a pointer or number of one
/// function.
pub fn is_of_a_record(finding: &Finding) -> bool {
    let step = last_step(finding.path.as_str());
    let is_member = !matches!(step, "" | "pointee" | "result") && step.parse::<usize>().is_err();
    finding.layout.is_some() || is_member
}

/// Groups the findings of the entries, in their order. `folds` says which findings are reported only once.
pub fn blocks<'f>(
    entries: impl IntoIterator<Item = (usize, Vec<&'f Finding>)>,
    folds: impl Fn(&Finding) -> bool,
) -> Vec<Block<'f>> {
    let mut blocks: Vec<Block> = Vec::new();
    // The block that reports a cause.
    let mut places: HashMap<Cause, usize> = HashMap::new();
    for (entry, findings) in entries {
        let Some(first) = findings.first() else { continue };
        let known = places.get(&Cause::of(first)).copied();
        let all = findings.len();
        let mut is_fresh = |finding: &&'f Finding| {
            let mut fresh = !folds(finding);
            places.entry(Cause::of(finding)).or_insert_with(|| {
                fresh = true;
                blocks.len()
            });
            fresh
        };
        let findings: Vec<&Finding> = findings.into_iter().filter(&mut is_fresh).collect();
        match known.and_then(|place| blocks.get_mut(place)).filter(|_| findings.is_empty()) {
            Some(block) => block.same.push(entry),
            None => {
                let told = all - findings.len();
                blocks.push(Block { entry, findings, told, same: Vec::new() });
            }
        }
    }
    blocks
}
