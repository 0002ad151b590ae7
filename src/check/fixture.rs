//! What the tests of this module share: a table of types with scalars, and reports in short.

use super::*;
use crate::ctype::fixture::Fixture;
use crate::ctype::{Encoding, TypeId, Types};

/// A table of types with the scalars that the tests use.
pub(super) struct Table {
    pub(super) fixture: Fixture,
    pub(super) bool: TypeId,
    pub(super) char: TypeId,
    pub(super) uchar: TypeId,
    pub(super) int: TypeId,
    pub(super) uint: TypeId,
    pub(super) long: TypeId,
    pub(super) float: TypeId,
    pub(super) double: TypeId,
    pub(super) pointer: TypeId,
}

impl Table {
    pub(super) fn new() -> Table {
        let fixture = Fixture::new();
        Table {
            bool: fixture.base("_Bool", Encoding::Boolean, 1),
            char: fixture.char(),
            uchar: fixture.base("unsigned char", Encoding::UnsignedChar, 1),
            int: fixture.int(),
            uint: fixture.base("unsigned int", Encoding::Unsigned, 4),
            long: fixture.base("long", Encoding::Signed, 8),
            float: fixture.base("float", Encoding::Float, 4),
            double: fixture.base("double", Encoding::Float, 8),
            pointer: fixture.pointer(TypeId::VOID),
            fixture,
        }
    }

    pub(super) fn types(&self) -> &Types {
        &self.fixture.types
    }

    pub(super) fn record(&self, size: u64, members: &[(&str, u64, TypeId)]) -> TypeId {
        self.fixture.record_with(Some("s"), size, members)
    }

    pub(super) fn union(&self, size: u64, members: &[(&str, TypeId)]) -> TypeId {
        self.fixture.union(Some("u"), size, members)
    }

    pub(super) fn bits(&self, size: u64, list: &[(&str, u64, u64, TypeId)]) -> TypeId {
        self.fixture.bits("s", size, list)
    }

    pub(super) fn array(&self, element: TypeId, count: u64) -> TypeId {
        self.fixture.array(element, &[Some(count)])
    }

    pub(super) fn check(&self, declared: TypeId, claimed: TypeId) -> Report {
        let declaration = self.fixture.declaration("f", declared);
        let claim = TypeClaim { types: &self.fixture.types, ty: claimed };
        check_declaration(&declaration, claim, &Options::default())
    }

    /// The row and verdict of each finding on an argument: `14! 15~`.
    pub(super) fn argument(&self, declared: TypeId, claimed: TypeId) -> String {
        let takes = |ty| self.fixture.function(TypeId::VOID, &[(Some("p"), ty)]);
        marks(&self.check(takes(declared), takes(claimed)))
    }

    pub(super) fn result(&self, declared: TypeId, claimed: TypeId) -> String {
        let gives = |ty| self.fixture.function(ty, &[]);
        marks(&self.check(gives(declared), gives(claimed)))
    }

    pub(super) fn callback(&self, declared: TypeId, claimed: TypeId) -> String {
        let pointer = |ty| self.fixture.pointer(ty);
        self.argument(pointer(declared), pointer(claimed))
    }

    pub(super) fn function(&self, result: TypeId, parameters: &[TypeId]) -> TypeId {
        let parameters: Vec<_> = parameters.iter().map(|ty| (None, *ty)).collect();
        self.fixture.function(result, &parameters)
    }
}

pub(super) fn report(d: (&Table, TypeId), c: (&Table, TypeId), options: &Options) -> Report {
    check_type(d.0.types(), d.1, TypeClaim { types: c.0.types(), ty: c.1 }, options)
}

/// The caller made the memory.
pub(super) const CALLER: Options = Options {
    strict: false,
    require: false,
    owner: Owner::Caller,
    ignored: RuleSet::NONE,
    pairs: None,
};

/// The row and verdict of each finding, the most severe first: `28! 39~`.
pub(super) fn found(d: (&Table, TypeId), c: (&Table, TypeId)) -> String {
    marks(&report(d, c, &CALLER))
}

pub(super) fn marks(report: &Report) -> String {
    let mark = |verdict| match verdict {
        Verdict::Match => "=",
        Verdict::Differs => "~",
        Verdict::Unverified => "?",
        Verdict::Mismatch => "!",
    };
    let found = report.findings().iter();
    let marks: Vec<String> =
        found.map(|found| format!("{}{}", found.rule.number(), mark(found.verdict))).collect();
    marks.join(" ")
}
