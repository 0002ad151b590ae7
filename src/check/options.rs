//! The options of a check.

use super::{Finding, Rule, Verdict};

/// Who made the memory that the arguments of a call point to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// It is not known, as for a function's declaration. A mismatch that depends on it becomes [`Verdict::Differs`]
    /// with [`Finding::at_call`] set.
    #[default]
    Unknown,
    /// The caller, with the claimed types. The library may write past the end of memory that is too small.
    Caller,
    /// The library, with its own types. The caller may read past the end of memory that is too small.
    Library,
}

/// How a claim is compared with a declaration. By default a mismatch fails, and no finding is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// [`Verdict::Differs`] fails too.
    pub strict: bool,
    /// [`Verdict::Unverified`] fails too.
    pub require: bool,
    /// Who made the memory behind arguments. In a check of a type by itself, who made the memory of that type.
    pub owner: Owner,
    /// Rules whose findings are ignored.
    pub ignored: RuleSet,
    /// The maximum number of pairs of a claimed and a declared type that are compared. With `None` it is proportional
    /// to the number of types that are met. Pairs that are not compared are [`Verdict::Unverified`].
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

    /// Whether the finding is kept.
    pub(super) fn keeps(&self, finding: &Finding) -> bool {
        !self.ignored.contains(finding.rule)
    }
}

/// A set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSet(u64);

impl RuleSet {
    /// The empty set.
    pub const NONE: RuleSet = RuleSet(0);

    /// Adds a rule.
    pub fn insert(&mut self, rule: Rule) {
        self.0 |= 1 << rule.number();
    }

    /// Whether the set contains the rule.
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
