//! One object in memory: both sides laid over each other bit by bit ("In memory").

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Kind, TypeId};

use super::flat::{Leaf, What};
use super::scalar::Scalar;
use super::{not_known, Outcome, Reader, Role, Truth};

impl Reader<'_> {
    /// Two records, or two arrays of a variable: their bits and their names, but not their sizes.
    pub fn object(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let sizes = (abi::size_of(self.types, d), abi::size_of(self.types, c));
        self.object_within(role, (d, sizes.0), (c, sizes.1))
    }

    /// Objects in others of these sizes.
    pub fn object_within(
        self,
        role: Role,
        (d, d_size): (TypeId, Option<u64>),
        (c, c_size): (TypeId, Option<u64>),
    ) -> Outcome {
        let mut outcome = self.names(d, c, false);
        let unions = (self.union_of(d), self.union_of(c));
        if let (Some(d_union), Some(c_union)) = unions {
            outcome.join(self.union(role, d_union, c_union));
            return outcome;
        }
        let (Some(d_leaves), Some(c_leaves)) = (self.leaves(d), self.leaves(c)) else {
            outcome.join(Outcome::undecided("an object that is too large to read"));
            return outcome;
        };
        let ends = (d_size.map(|size| size * 8), c_size.map(|size| size * 8));
        // Another class of a scalar is row 28's in a record, and row 25's elsewhere.
        let class_rule = match self.record(self.element(d).0) {
            Some(_) => Rule::PointeeMember,
            None => Rule::PointeeScalar,
        };
        outcome.join(self.overlay(role, class_rule, (&d_leaves, ends.0), (&c_leaves, ends.1)));
        outcome
    }

    /// Leaves with the end of their object in bits.
    fn overlay(
        self,
        role: Role,
        class_rule: Rule,
        (declared, d_end): (&[Leaf], Option<u64>),
        (claimed, c_end): (&[Leaf], Option<u64>),
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let flexible = |leaves: &[Leaf], at: &Leaf| {
            leaves
                .iter()
                .any(|leaf| matches!(leaf.what, What::Flexible(_)) && leaf.start <= at.start)
        };
        let has_bits = |leaf: &&Leaf| leaf.what != What::Empty;
        for (index, c) in claimed.iter().enumerate() {
            if c.what == What::Empty {
                continue;
            }
            if claimed[..index].iter().filter(has_bits).any(|other| other.overlaps(c)) {
                outcome.join(Outcome::undecided("a claim whose members share their bytes"));
            }
            let below: Vec<&Leaf> =
                declared.iter().filter(has_bits).filter(|d| d.overlaps(c)).collect();
            let twin =
                declared.iter().filter(has_bits).find(|d| d.start == c.start && d.width == c.width);
            let found = match twin {
                Some(d) if below.len() <= 1 || d.width == 0 => self.leaf(role, class_rule, d, c),
                _ if c.width == 0 => self.flexible(c, declared),
                _ if below.is_empty() && flexible(declared, c) => in_flexible(declared, c),
                _ => self.over_others(&below, c, d_end),
            };
            outcome.join(found);
        }
        for d in declared {
            // An empty class shares its place with others, and hides nothing.
            let counts = |c: &&Leaf| has_bits(c) || d.what == What::Empty;
            let covered = d.width == 0 || claimed.iter().filter(counts).any(|c| c.overlaps(d));
            let inside = c_end.is_none_or(|end| d.end() <= end);
            if !covered && inside && !flexible(claimed, d) {
                // The library reads what the caller never wrote.
                let truth = match role {
                    Role::Argument => Truth::Harmful,
                    Role::Result => Truth::Harmless,
                };
                outcome.add(Verdict::Differs, Rule::MissingMember, truth);
            }
        }
        outcome
    }

    /// Two leaves in one place.
    fn leaf(self, role: Role, class_rule: Rule, d: &Leaf, c: &Leaf) -> Outcome {
        if d.what == c.what && d.bit_field == c.bit_field {
            return Outcome::default();
        }
        match (d.what, c.what) {
            (_, What::Any) => not_known(),
            (What::Union(d), What::Union(c)) => self.union(role, d, c),
            (What::Scalar(a), What::Scalar(b)) if d.bit_field && c.bit_field => {
                self.bit_fields(a, b)
            }
            (What::Scalar(a), What::Scalar(b)) if !d.bit_field && !c.bit_field => {
                self.scalar_in_memory(role, a, b, class_rule)
            }
            (What::Scalar(_), What::Scalar(_)) => {
                if d.bit_field {
                    whole_unit()
                } else {
                    Outcome::of(Verdict::Mismatch, Rule::PointeeBitField, Truth::Harmful)
                }
            }
            _ => Outcome::undecided("a union against something else"),
        }
    }

    /// Bit-fields of one place and width: their types.
    fn bit_fields(self, d: Scalar, c: Scalar) -> Outcome {
        match d.swapped == c.swapped {
            true if d.class == c.class && d.size == c.size => self.order_and_constants(d, c),
            true => Outcome::undecided("bit-fields of other types"),
            false => Outcome::of(Verdict::Mismatch, Rule::PointeeBitField, Truth::Harmful),
        }
    }

    /// A claimed leaf that has no twin.
    fn over_others(self, below: &[&Leaf], c: &Leaf, d_end: Option<u64>) -> Outcome {
        let bytes = c.is_byte() && c.in_array;
        if c.what == What::Any {
            return not_known();
        }
        if below.is_empty() {
            // The sizes tell what is behind the end.
            let behind = d_end.is_some_and(|end| c.start >= end);
            return match (c.is_byte() && !c.bit_field, behind) {
                (_, true) => Outcome::default(),
                (true, false) => Outcome::of(Verdict::Differs, Rule::PointeeBytes, Truth::Meaning),
                (false, _) => Outcome::of(Verdict::Mismatch, Rule::PointeeMember, Truth::Harmful),
            };
        }
        if below.iter().any(|d| matches!(d.what, What::Union(_)))
            || matches!(c.what, What::Union(_))
        {
            return Outcome::undecided("a union against something else");
        }
        if c.bit_field {
            return Outcome::of(Verdict::Mismatch, Rule::PointeeBitField, Truth::Harmful);
        }
        if below.iter().all(|d| d.bit_field) {
            let inside = below.iter().all(|d| c.start <= d.start && d.end() <= c.end());
            return if inside {
                whole_unit()
            } else {
                Outcome::of(Verdict::Mismatch, Rule::PointeeBitField, Truth::Harmful)
            };
        }
        if below.iter().any(|d| d.bit_field) {
            return Outcome::undecided("a number over bit-fields and others");
        }
        if bytes {
            return Outcome::of(Verdict::Differs, Rule::PointeeBytes, Truth::Meaning);
        }
        if below.iter().all(|d| d.is_byte()) {
            let filled = below.iter().map(|d| d.width).sum::<u64>() == c.width;
            return match (filled, below.iter().all(|d| d.in_array)) {
                (true, true) => Outcome::of(Verdict::Differs, Rule::PointeeBytes, Truth::Meaning),
                _ => Outcome::undecided("a number over single bytes"),
            };
        }
        Outcome::of(Verdict::Mismatch, Rule::PointeeMember, Truth::Harmful)
    }

    /// A claimed array of unknown length over an array of the library's.
    fn flexible(self, c: &Leaf, declared: &[Leaf]) -> Outcome {
        let What::Flexible(element) = c.what else { return Outcome::default() };
        let agrees = declared.iter().filter(|d| d.end() > c.start).all(|d| match d.what {
            What::Scalar(scalar) => scalar.id == element && d.in_array,
            What::Flexible(other) => other == element,
            _ => false,
        });
        if agrees {
            Outcome::default()
        } else {
            Outcome::undecided("a flexible array member over something else")
        }
    }

    fn union_of(self, id: TypeId) -> Option<TypeId> {
        use ffitypecheck::ctype::RecordClass::Union;
        let id = self.types.resolve(id);
        matches!(self.kind(id), Kind::Record(record) if record.class == Union).then_some(id)
    }
}

/// A claimed integer over a whole storage unit of bit-fields.
fn whole_unit() -> Outcome {
    Outcome::of(Verdict::Differs, Rule::PointeeBitField, Truth::Meaning)
}

/// A claimed element where the library has an array of any length.
fn in_flexible(declared: &[Leaf], c: &Leaf) -> Outcome {
    let same = |leaf: &Leaf| match (leaf.what, c.what) {
        (What::Flexible(element), What::Scalar(scalar)) => element == scalar.id,
        _ => false,
    };
    if declared.iter().any(same) {
        Outcome::default()
    } else {
        Outcome::undecided("a record or another type in a flexible array member")
    }
}
