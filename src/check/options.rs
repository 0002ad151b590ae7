//! What a caller asks of a check.

use super::{Finding, Rule, Verdict};

/// Who made the memory that the arguments of a call point to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// It is not known, as where a function is declared: what depends on it is [`Verdict::Differs`], and
    /// [`Finding::at_call`] says so.
    #[default]
    Unknown,
    /// The caller, by the claimed types: the library may write past what is too small.
    Caller,
    /// The library, by its own types: the caller may read past what is too small.
    Library,
}

/// How a claim is held against a declaration. The default: a mismatch fails, nothing is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// [`Verdict::Differs`] fails too.
    pub strict: bool,
    /// [`Verdict::Unverified`] fails too: what is not known is not good enough.
    pub require: bool,
    /// Who made the memory behind arguments, and behind the pointer that a claim of a type by itself stands for.
    pub owner: Owner,
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
    /// No rule.
    pub const NONE: RuleSet = RuleSet(0);

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
