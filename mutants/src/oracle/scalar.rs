//! Scalars: what they are, and how two of them compare by value and in memory.

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Encoding, Kind, TypeId};

use super::{Outcome, Reader, Role, Truth};

/// What the bits of a scalar are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer { signed: bool },
    Enumeration,
    Float,
    Float128,
    Complex,
    Pointer(TypeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub class: Class,
    /// In bytes.
    pub size: u64,
    pub swapped: bool,
    pub boolean: bool,
    pub id: TypeId,
}

impl Scalar {
    pub fn is_number(self) -> bool {
        matches!(self.class, Class::Integer { .. } | Class::Enumeration)
    }

    /// An integer of the size of `char` is a byte, but for `_Bool`.
    pub fn is_byte(self) -> bool {
        matches!(self.class, Class::Integer { .. }) && self.size == 1 && !self.boolean
    }
}

impl Reader<'_> {
    pub fn scalar(self, id: TypeId) -> Option<Scalar> {
        let id = self.types.resolve(id);
        let size = abi::size_of(self.types, id)?;
        let (mut swapped, mut boolean) = (false, false);
        let class = match self.kind(id) {
            Kind::Base { encoding, bits: None, swapped: order } => {
                swapped = *order && size > 1;
                boolean = *encoding == Encoding::Boolean;
                match encoding {
                    Encoding::Signed | Encoding::SignedChar => Class::Integer { signed: true },
                    Encoding::Boolean
                    | Encoding::Unsigned
                    | Encoding::UnsignedChar
                    | Encoding::Utf => Class::Integer { signed: false },
                    Encoding::Float => Class::Float,
                    Encoding::Float128 => Class::Float128,
                    Encoding::ComplexFloat => Class::Complex,
                    _ => return None,
                }
            }
            Kind::Enumeration { incomplete: false, .. } => Class::Enumeration,
            Kind::Pointer { target, .. } => Class::Pointer(*target),
            _ => return None,
        };
        Some(Scalar { class, size, swapped, boolean, id })
    }

    /// By value: rows 7 to 12, 20 and 21, 38, 41.
    pub fn scalar_by_value(self, role: Role, d: Scalar, c: Scalar) -> Outcome {
        let (int, word) = (4, 8);
        if let (Class::Pointer(d), Class::Pointer(c)) = (d.class, c.class) {
            return self.pointee(role, d, c);
        }
        let is_pointer = |scalar: Scalar| matches!(scalar.class, Class::Pointer(_));
        let integral = |scalar: Scalar| scalar.is_number() || is_pointer(scalar);
        if !(integral(d) && integral(c)) {
            return if d.class == c.class && d.size == c.size {
                self.same_number(d, c)
            } else {
                Outcome::of(Verdict::Mismatch, Rule::NumberClass, Truth::Harmful)
            };
        }
        let cut = if is_pointer(d) || is_pointer(c) { Truth::Harmful } else { Truth::Meaning };
        let (verdict, rule, truth) = match (c.size.cmp(&d.size), role) {
            (std::cmp::Ordering::Equal, _) if is_pointer(d) || is_pointer(c) => {
                (Verdict::Differs, Rule::PointerAgainstInteger, Truth::Meaning)
            }
            (std::cmp::Ordering::Equal, _) => return self.same_number(d, c),
            // libffi extends it: the value arrives.
            (std::cmp::Ordering::Less, Role::Argument) if d.size <= int => {
                (Verdict::Differs, Rule::ArgumentNarrowerThanInt, Truth::Harmless)
            }
            (std::cmp::Ordering::Less, Role::Argument) => {
                (Verdict::Mismatch, Rule::ArgumentTooNarrow, Truth::Harmful)
            }
            (std::cmp::Ordering::Less, Role::Result) => {
                (Verdict::Mismatch, Rule::ResultNarrower, cut)
            }
            (std::cmp::Ordering::Greater, Role::Argument) if c.size <= word => {
                (Verdict::Differs, Rule::ArgumentWider, cut)
            }
            (std::cmp::Ordering::Greater, Role::Argument) => {
                (Verdict::Mismatch, Rule::ArgumentWider, Truth::Harmful)
            }
            (std::cmp::Ordering::Greater, Role::Result) => {
                (Verdict::Mismatch, Rule::ResultWider, Truth::Harmful)
            }
        };
        Outcome::of(verdict, rule, truth)
    }

    /// Numbers of one size and class: signedness, byte order, constants.
    fn same_number(self, d: Scalar, c: Scalar) -> Outcome {
        let mut outcome = Outcome::default();
        if let (Class::Integer { signed }, Class::Integer { signed: other }) = (d.class, c.class) {
            if signed != other {
                outcome.add(Verdict::Differs, Rule::IntegerSignedness, Truth::Meaning);
            }
        }
        outcome.join(self.order_and_constants(d, c));
        outcome
    }

    pub fn order_and_constants(self, d: Scalar, c: Scalar) -> Outcome {
        let mut outcome = Outcome::default();
        if d.swapped != c.swapped {
            outcome.add(Verdict::Differs, Rule::ByteOrder, Truth::Meaning);
        }
        let constants = (self.kind(d.id), self.kind(c.id));
        if let (
            Kind::Enumeration { enumerators: d, .. },
            Kind::Enumeration { enumerators: c, .. },
        ) = constants
        {
            let differs =
                c.iter().any(|c| d.iter().any(|d| d.name == c.name && d.value != c.value));
            if differs {
                outcome.add(Verdict::Differs, Rule::EnumeratorValue, Truth::Meaning);
            }
        }
        outcome
    }

    /// In memory, both of one size: rows 12, 25 and 28. `class_rule`: the row that names another class here.
    pub fn scalar_in_memory(self, role: Role, d: Scalar, c: Scalar, class_rule: Rule) -> Outcome {
        if let (Class::Pointer(d), Class::Pointer(c)) = (d.class, c.class) {
            return self.pointee(role, d, c);
        }
        if d.size == 1 && d.is_byte() != c.is_byte() {
            return Outcome::undecided("a single byte against a boolean or an enumeration");
        }
        let mut outcome = Outcome::default();
        match (d.class, c.class) {
            (Class::Integer { signed }, Class::Integer { signed: other }) => {
                if signed != other && d.size > 1 {
                    outcome.add(Verdict::Differs, Rule::PointeeScalar, Truth::Meaning);
                }
            }
            (Class::Pointer(_), Class::Integer { .. })
            | (Class::Integer { .. }, Class::Pointer(_)) => {
                outcome.add(Verdict::Differs, Rule::PointerAgainstInteger, Truth::Meaning);
            }
            (Class::Enumeration, Class::Integer { .. })
            | (Class::Integer { .. }, Class::Enumeration) => {}
            (Class::Enumeration, Class::Enumeration) => {}
            (Class::Enumeration, Class::Pointer(_)) | (Class::Pointer(_), Class::Enumeration) => {
                return Outcome::undecided("a pointer against an enumeration in memory");
            }
            (d, c) if d == c => {}
            _ => outcome.add(Verdict::Mismatch, class_rule, Truth::Meaning),
        }
        outcome.join(self.order_and_constants(d, c));
        outcome
    }
}
