//! By value: arguments, results, variables, and records that are passed as they are (rows 14 and 15, "By value, by bytes").

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Kind, TypeId};

use super::flat::{Leaf, What};
use super::scalar::{Class, Scalar};
use super::{not_known, Outcome, Reader, Role, Truth};

impl Reader<'_> {
    pub fn value(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        if self.same(d, c) {
            return Outcome::default();
        }
        if let Kind::Unknown { .. } = self.kind(c) {
            return not_known();
        }
        if abi::is_by_reference(self.types, d) || abi::is_by_reference(self.types, c) {
            return Outcome::undecided("a C++ class by invisible reference");
        }
        if let (Some(d), Some(c)) = (self.scalar(d), self.scalar(c)) {
            return self.scalar_by_value(role, d, c);
        }
        if self.record(d).is_some() && self.record(c).is_some() {
            return self.record_by_value(role, d, c);
        }
        Outcome::undecided("a record against a scalar by value")
    }

    /// Row 34, and then as by value or in memory.
    pub fn variable(self, d: TypeId, c: TypeId) -> Outcome {
        if self.is_opaque(d) || self.is_opaque(c) {
            return Outcome::undecided("an opaque variable");
        }
        match (abi::size_of(self.types, d), abi::size_of(self.types, c)) {
            (Some(d), Some(c)) if d != c => {
                return Outcome::of(Verdict::Mismatch, Rule::VariableSize, Truth::Harmful)
            }
            _ => {}
        }
        if let (Some(d), Some(c)) = (self.scalar(d), self.scalar(c)) {
            return self.scalar_by_value(Role::Result, d, c);
        }
        self.object(Role::Result, d, c)
    }

    fn record_by_value(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let mut outcome = self.names(d, c, true);
        let sizes = (abi::size_of(self.types, d), abi::size_of(self.types, c));
        let (Some(size), Some(claimed)) = sizes else {
            return Outcome::undecided("a record without a size by value");
        };
        if size != claimed {
            outcome.add(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful);
            return outcome;
        }
        let (Some(d), Some(c)) = (self.leaves(d), self.leaves(c)) else {
            return Outcome::undecided("a record that is too large to read");
        };
        for c in c.iter().filter(|c| c.bit_field) {
            // Bits that the caller puts elsewhere.
            let other = |d: &&Leaf| d.overlaps(c) && (d.start, d.width) != (c.start, c.width);
            if d.iter().filter(|d| d.bit_field).any(|d| other(&d)) {
                outcome.add(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful);
            }
        }
        // Byte for byte: which leaf holds it on either side.
        for byte in 0..size {
            let here = |leaves: &[Leaf]| {
                let holds = |leaf: &&Leaf| {
                    let bytes = leaf.start / 8..leaf.end().div_ceil(8);
                    leaf.what != What::Empty && bytes.contains(&byte)
                };
                leaves.iter().find(holds).copied()
            };
            let starts = |leaf: &Leaf| leaf.start / 8 == byte;
            match (here(&d), here(&c)) {
                (None, None) => {}
                (Some(_), None) => {
                    outcome.add(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful);
                }
                (None, Some(leaf)) if leaf.what == What::Any => outcome.join(not_known()),
                (None, Some(_)) => match role {
                    Role::Argument => {
                        outcome.add(Verdict::Differs, Rule::RecordMeaning, Truth::Harmless);
                        outcome.add(Verdict::Differs, Rule::RecordBytes, Truth::Harmless);
                    }
                    Role::Result => {
                        outcome.add(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful);
                    }
                },
                (Some(d), Some(c)) => {
                    let whole = starts(&d) && starts(&c) && d.width == c.width;
                    let same_place = d.start == c.start && d.width == c.width;
                    outcome.join(match (d.what, c.what) {
                        (_, What::Any) => not_known(),
                        (a, b) if a == b && same_place => Outcome::default(),
                        (What::Scalar(a), What::Scalar(b)) if !(d.bit_field || c.bit_field) => {
                            match same_place {
                                true if whole => self.leaf_by_value(role, a, b),
                                true => Outcome::default(),
                                false => in_other_pieces(a, b),
                            }
                        }
                        (What::Scalar(a), What::Scalar(b)) if d.bit_field && c.bit_field => {
                            match same_place {
                                true if a.swapped == b.swapped => self.leaf_by_value(role, a, b),
                                true => Outcome::of(
                                    Verdict::Mismatch,
                                    Rule::RecordBytes,
                                    Truth::Harmful,
                                ),
                                false => {
                                    Outcome::undecided("bit-fields that share a byte by value")
                                }
                            }
                        }
                        (What::Union(a), What::Union(b)) if same_place => {
                            self.union_by_value(role, a, b)
                        }
                        _ => Outcome::undecided("a union or bit-field by value"),
                    });
                }
            }
        }
        outcome
    }

    /// As in memory, but that other names say nothing.
    fn union_by_value(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let mut outcome = self.union(role, d, c);
        if outcome.found.contains(&(Verdict::Differs, Rule::PointeeMemberName)) {
            outcome.join(Outcome::undecided("names of alternatives by value"));
        }
        let by_value: Vec<_> = outcome
            .found
            .iter()
            .map(|(verdict, _)| match verdict {
                Verdict::Mismatch => (Verdict::Mismatch, Rule::RecordBytes),
                verdict => (*verdict, Rule::RecordMeaning),
            })
            .collect();
        outcome.found.extend(by_value);
        outcome
    }

    fn leaf_by_value(self, role: Role, d: Scalar, c: Scalar) -> Outcome {
        let both = (d.class, c.class);
        let mut outcome = match both {
            (Class::Pointer(d), Class::Pointer(c)) => self.pointee(role, d, c),
            (Class::Integer { signed }, Class::Integer { signed: other }) if signed != other => {
                Outcome::of(Verdict::Differs, Rule::RecordMeaning, Truth::Meaning)
            }
            (Class::Pointer(_), _) | (_, Class::Pointer(_)) if d.is_number() || c.is_number() => {
                let mut outcome =
                    Outcome::of(Verdict::Differs, Rule::PointerAgainstInteger, Truth::Meaning);
                outcome.add(Verdict::Differs, Rule::RecordMeaning, Truth::Meaning);
                outcome
            }
            (d_class, c_class) if d_class == c_class || (d.is_number() && c.is_number()) => {
                Outcome::default()
            }
            _ => Outcome::of(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful),
        };
        outcome.join(self.order_and_constants(d, c));
        outcome
    }
}

/// Scalars that cover a byte together, and lie otherwise on each side.
fn in_other_pieces(d: Scalar, c: Scalar) -> Outcome {
    match d.is_number() && c.is_number() {
        true => Outcome::of(Verdict::Differs, Rule::RecordMeaning, Truth::Meaning),
        false if d.is_number() == c.is_number() => {
            Outcome::undecided("floating-point numbers or pointers in other pieces")
        }
        false => Outcome::of(Verdict::Mismatch, Rule::RecordBytes, Truth::Harmful),
    }
}
