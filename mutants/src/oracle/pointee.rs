//! What a pointer points to: rows 23 to 27, 31 to 33 and 40.

use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Kind, TypeId};

use super::flat::What;
use super::scalar::Class;
use super::{not_known, Outcome, Reader, Role, Truth};

/// Pointers behind each other.
const MOST_OPEN: usize = 24;

impl Reader<'_> {
    pub fn pointee(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let pair = (self.types.resolve(d), self.types.resolve(c));
        if self.shallow || pair.0 == pair.1 || self.open.borrow().contains(&pair) {
            return Outcome::default();
        }
        if self.open.borrow().len() > MOST_OPEN {
            return Outcome::undecided("pointers behind pointers without end");
        }
        self.open.borrow_mut().push(pair);
        let outcome = self.new_pointee(role, d, c);
        self.open.borrow_mut().pop();
        outcome
    }

    fn new_pointee(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let any = matches!(self.kind(c), Kind::Unknown { .. });
        if self.is_opaque(d) {
            // `void *` is meant for anything; a record that is only declared is one of the library's own making.
            let mut outcome = Outcome::default();
            let foreign = !matches!(self.kind(d), Kind::Void) && !self.is_opaque(c) && !any;
            outcome.unseen(if foreign { Truth::Harmful } else { Truth::Harmless });
            return outcome;
        }
        if any {
            return not_known();
        }
        if self.is_opaque(c) {
            return Outcome::default();
        }
        match (self.kind(d), self.kind(c)) {
            // Who gives the function is called by the other.
            (Kind::Function(d), Kind::Function(c)) => {
                return self.signature(d, c, role == Role::Result)
            }
            (Kind::Function(_), _) | (_, Kind::Function(_)) => {
                return Outcome::of(Verdict::Differs, Rule::DataAgainstFunction, Truth::Meaning)
            }
            _ => {}
        }
        let (d_element, c_element) = (self.element(d).0, self.element(c).0);
        let is_byte = |id| self.scalar(id).is_some_and(|scalar| scalar.is_byte());
        match (is_byte(d_element), is_byte(c_element)) {
            (true, true) => self.sizes_of_arrays(role, d, c),
            (true, false) | (false, true) => {
                let mut outcome = Outcome::of(Verdict::Differs, Rule::PointeeBytes, Truth::Meaning);
                outcome.join(self.buffer(role, d, c));
                outcome
            }
            (false, false) => self.elements(role, d, c),
        }
    }

    /// Neither is made of bytes.
    fn elements(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let is_array = |id| matches!(self.kind(id), Kind::Array { .. });
        let (d_element, c_element) = (self.element(d).0, self.element(c).0);
        let (d_record, c_record) = (self.record(d_element), self.record(c_element));
        match (d_record.is_some(), c_record.is_some()) {
            (true, true) => {
                let strides = [self.types.size_of(d_element), self.types.size_of(c_element)];
                if (is_array(d) || is_array(c)) && strides[0] != strides[1] {
                    return Outcome::undecided("arrays of records of other sizes behind a pointer");
                }
                let mut outcome = self.object(role, d_element, c_element);
                outcome.join(self.sizes(role, strides[0], strides[1]));
                outcome.join(self.sizes_of_arrays(role, d, c));
                outcome
            }
            (false, false) => {
                let (Some(a), Some(b)) = (self.scalar(d_element), self.scalar(c_element)) else {
                    return Outcome::undecided("a vector or the like behind a pointer");
                };
                let mut outcome = match a.size == b.size {
                    true => self.scalar_in_memory(role, a, b, Rule::PointeeScalar),
                    false => Outcome::of(Verdict::Mismatch, Rule::PointeeScalar, Truth::Harmful),
                };
                if outcome.verdict() != Verdict::Mismatch {
                    outcome.join(self.sizes_of_arrays(role, d, c));
                }
                outcome
            }
            (declared, _) => {
                let (record, scalar) =
                    if declared { (d_element, c_element) } else { (c_element, d_element) };
                self.scalar_against_record(record, scalar)
            }
        }
    }

    /// Row 25: the record may be nothing but such scalars.
    fn scalar_against_record(self, record: TypeId, scalar: TypeId) -> Outcome {
        if self.types.is_by_reference(record) {
            return Outcome::undecided("a C++ class by invisible reference");
        }
        let (Some(leaves), Some(scalar)) = (self.leaves(record), self.scalar(scalar)) else {
            return Outcome::undecided("a record that is too large to read against a scalar");
        };
        let plain = |leaf: &super::flat::Leaf| match leaf.what {
            What::Scalar(found) if !leaf.bit_field => Some(found),
            _ => None,
        };
        let Some(found) = leaves.iter().map(plain).collect::<Option<Vec<_>>>() else {
            return Outcome::undecided("a record with unions or bit-fields against a scalar");
        };
        let family = |class: Class| match class {
            Class::Pointer(_) => 1,
            Class::Integer { .. } => 2,
            Class::Enumeration => 3,
            Class::Float => 4,
            Class::Float128 => 5,
            Class::Complex => 6,
        };
        let such = |other: &super::scalar::Scalar| {
            other.size == scalar.size && family(other.class) == family(scalar.class)
        };
        if found.is_empty() || matches!(scalar.class, Class::Complex) {
            return Outcome::undecided("a record without members against a scalar");
        }
        if found.iter().all(such) {
            if found.iter().all(|other| other.class == scalar.class) {
                return Outcome::of(Verdict::Differs, Rule::PointeeScalar, Truth::Meaning);
            }
            return Outcome::undecided("a record of like scalars against a scalar");
        }
        if found.iter().any(|other| other.size != scalar.size || unlike(other.class, scalar.class))
        {
            return Outcome::of(Verdict::Mismatch, Rule::PointeeScalar, Truth::Harmful);
        }
        Outcome::undecided("a record of like scalars against a scalar")
    }

    /// An array of bytes as a buffer for an object of the library's.
    fn buffer(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let is_array = |id| matches!(self.kind(id), Kind::Array { .. });
        let (Some(object), Some(buffer)) = (self.types.size_of(d), self.types.size_of(c)) else {
            return Outcome::default();
        };
        let (_, bytes) = (self.element(d), self.element(c));
        let c_is_bytes = self.scalar(bytes.0).is_some_and(|scalar| scalar.is_byte());
        match c_is_bytes {
            true if !is_array(c) => Outcome::default(),
            true if buffer < object => match role {
                Role::Argument => {
                    Outcome::of(Verdict::Mismatch, Rule::PointeeTooSmall, Truth::Harmful)
                }
                Role::Result => Outcome::undecided("a short buffer of the library's"),
            },
            true => Outcome::default(),
            // The library's bytes, and an object of the caller's.
            false if is_array(d) => Outcome::undecided("an object over the library's bytes"),
            false => Outcome::default(),
        }
    }

    /// Two arrays of known length.
    fn sizes_of_arrays(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let is_array = |id| matches!(self.kind(id), Kind::Array { .. });
        match is_array(d) && is_array(c) {
            true => self.sizes(role, self.types.size_of(d), self.types.size_of(c)),
            false => Outcome::default(),
        }
    }

    /// Rows 26, 27 and 40.
    pub fn sizes(self, role: Role, d: Option<u64>, c: Option<u64>) -> Outcome {
        let (Some(d), Some(c)) = (d, c) else { return Outcome::default() };
        let (verdict, rule, truth) = match (c.cmp(&d), role) {
            (std::cmp::Ordering::Equal, _) => return Outcome::default(),
            (std::cmp::Ordering::Less, Role::Argument) => {
                (Verdict::Mismatch, Rule::PointeeTooSmall, Truth::Harmful)
            }
            (std::cmp::Ordering::Less, Role::Result) => {
                (Verdict::Differs, Rule::PointeePrefix, Truth::Harmless)
            }
            (std::cmp::Ordering::Greater, Role::Argument) => {
                (Verdict::Differs, Rule::PointeeTooLarge, Truth::Harmless)
            }
            (std::cmp::Ordering::Greater, Role::Result) => {
                (Verdict::Mismatch, Rule::PointeeTooLarge, Truth::Harmful)
            }
        };
        Outcome::of(verdict, rule, truth)
    }
}

/// Classes that never agree in memory.
fn unlike(a: Class, b: Class) -> bool {
    let floats = |class| matches!(class, Class::Float | Class::Float128);
    floats(a) != floats(b)
}
