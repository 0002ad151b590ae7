//! What a caller asks of a check.

use super::{Finding, Rule, Verdict};

/// How a claim is held against a declaration. The default: a mismatch fails, nothing is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// [`Verdict::Differs`] fails too.
    pub strict: bool,
    /// [`Verdict::Unverified`] fails too: what is not known is not good enough.
    pub require: bool,
    /// The claim of a type is of memory that the library provides: a record may be a prefix of the library's.
    pub prefix: bool,
    /// Rules whose findings are left out.
    pub ignored: RuleSet,
    /// The most pairs of a claimed and a declared type that are compared; `None`: in proportion to the claim's
    /// size. What is not compared is [`Verdict::Unverified`].
    pub pairs: Option<usize>,
}

impl Options {
    /// Whether a claim with this verdict passes.
    pub fn passes(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Match => true,
            Verdict::Differs => !self.strict,
            Verdict::Unverified => !self.require,
            Verdict::Mismatch => false,
        }
    }

    /// Whether the finding counts.
    pub(super) fn keeps(&self, finding: &Finding) -> bool {
        !self.ignored.contains(finding.rule)
    }
}

/// A set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSet(u64);

impl RuleSet {
    /// Adds a rule.
    pub fn insert(&mut self, rule: Rule) {
        self.0 |= 1 << rule.number();
    }

    /// Whether the rule is in it.
    pub fn contains(self, rule: Rule) -> bool {
        self.0 & (1 << rule.number()) != 0
    }
}

impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> RuleSet {
        let mut set = RuleSet::default();
        rules.into_iter().for_each(|rule| set.insert(rule));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_own_place() {
        for rule in Rule::all() {
            let set: RuleSet = [rule].into_iter().collect();
            for other in Rule::all() {
                assert_eq!(set.contains(other), other == rule);
            }
        }
        assert!(Rule::all().count() < 64);
    }
}
