//! What a pointer points to: rows 23 to 27, 31 to 33, 40, 42 and 43.

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Kind, TypeId};

use super::flat::What;
use super::scalar::{Class, Scalar};
use super::{not_known, Outcome, Owner, Reader, Role, Truth};

/// Pointers behind each other.
const MOST_OPEN: usize = 24;

impl Reader<'_> {
    pub fn pointee(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        // A function is the caller's whoever made the memory around the pointer to it.
        let is_function = |id| matches!(self.kind(id), Kind::Function(_));
        let role = match (role, self.owner) {
            (Role::Argument, Owner::Library) if !(is_function(d) && is_function(c)) => Role::Result,
            _ => role,
        };
        let pair = (self.types.resolve(d), self.types.resolve(c));
        if self.shallow || pair.0 == pair.1 || self.open.borrow().contains(&pair) {
            return Outcome::default();
        }
        if self.open.borrow().len() > MOST_OPEN {
            return Outcome::undecided("pointers behind pointers without end");
        }
        let first = self.argument.map(|(_, index)| index).filter(|_| self.open.borrow().is_empty());
        if !self.done.borrow_mut().insert((d, pair.1, role, first)) {
            return Outcome::default();
        }
        self.open.borrow_mut().push(pair);
        let mut outcome = self.new_pointee(role, d, c);
        self.open.borrow_mut().pop();
        match self.called_as_another(d, c) {
            Some(true) => outcome.add(Verdict::Differs, Rule::PointeeTag, Truth::Harmful),
            Some(false) => {}
            None => outcome.join(Outcome::undecided("a record that may be called as another one")),
        }
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
                let inner = Reader { outermost: false, ..self };
                return inner.signature(d, c, role == Role::Result);
            }
            (Kind::Function(_), _) | (_, Kind::Function(_)) => {
                return Outcome::of(Verdict::Differs, Rule::DataAgainstFunction, Truth::Meaning)
            }
            _ => {}
        }
        let (d_element, c_element) = (self.element(d).0, self.element(c).0);
        let is_byte = |id| self.scalar(id).is_some_and(|scalar| scalar.is_byte());
        let mut outcome = match (is_byte(d_element), is_byte(c_element)) {
            (true, true) => self.sizes_of_arrays(role, d, c),
            (true, false) | (false, true) => {
                let mut outcome = Outcome::of(Verdict::Differs, Rule::PointeeBytes, Truth::Meaning);
                outcome.join(self.buffer(role, d, c));
                outcome
            }
            (false, false) => self.elements(role, d, c),
        };
        // Vector instructions fault on memory that is aligned to less.
        let (ours, theirs) =
            (abi::align_of(self.types, d_element), abi::align_of(self.types, c_element));
        let bytes = is_byte(d_element) || is_byte(c_element);
        if role == Role::Argument && ours >= 16 && theirs < ours && !bytes {
            outcome.add(Verdict::Mismatch, Rule::PointeeAlignment, Truth::Harmful);
        }
        outcome
    }

    /// Neither is made of bytes.
    fn elements(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let is_array = |id| matches!(self.kind(id), Kind::Array { .. });
        let (d_element, c_element) = (self.element(d).0, self.element(c).0);
        let (d_record, c_record) = (self.record(d_element), self.record(c_element));
        match (d_record.is_some(), c_record.is_some()) {
            (true, true) => {
                let strides =
                    [abi::size_of(self.types, d_element), abi::size_of(self.types, c_element)];
                if (is_array(d) || is_array(c)) && strides[0] != strides[1] {
                    return Outcome::undecided("arrays of records of other sizes behind a pointer");
                }
                let mut outcome = match self.says_nothing(d_element, c_element) {
                    // What the caller does not name it does not read.
                    true if role == Role::Result => return Outcome::default(),
                    true => Outcome::default(),
                    false => self.object(role, d_element, c_element),
                };
                outcome.join(self.sizes(role, (d, strides[0]), (c, strides[1])));
                outcome.join(self.sizes_of_arrays(role, d, c));
                outcome
            }
            (false, false) => {
                let (Some(a), Some(b)) = (self.scalar(d_element), self.scalar(c_element)) else {
                    return Outcome::undecided("a vector or the like behind a pointer");
                };
                let mut outcome = match a.size == b.size {
                    true => self.scalar_in_memory(role, a, b, Rule::PointeeScalar),
                    // The parts of a complex number are an array of two.
                    false if is_part(a, b) || is_part(b, a) => {
                        Outcome::of(Verdict::Differs, Rule::PointeeScalar, Truth::Meaning)
                    }
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
                self.scalar_against_record(role, (record, declared), scalar)
            }
        }
    }

    /// Row 25: the record may be nothing but such scalars.
    fn scalar_against_record(
        self,
        role: Role,
        (record, is_declared): (TypeId, bool),
        scalar: TypeId,
    ) -> Outcome {
        let size = abi::size_of(self.types, record);
        if abi::is_by_reference(self.types, record) {
            return Outcome::undecided("a C++ class by invisible reference");
        }
        let (Some(leaves), Some(scalar)) = (self.leaves(record), self.scalar(scalar)) else {
            return Outcome::undecided("a record that is too large to read against a scalar");
        };
        if is_declared && role == Role::Result && (scalar.is_number() || is_pointer(scalar)) {
            // A handle, unless it is read.
            let past = size.is_some_and(|size| size < scalar.size);
            let truth = if past { Truth::Harmful } else { Truth::Meaning };
            return Outcome::of(Verdict::Differs, Rule::PointeeScalar, truth);
        }
        if size == Some(scalar.size) && leaves.len() > 1 {
            return Outcome::undecided("a number over a whole record");
        }
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
        let (Some(object), Some(buffer)) =
            (abi::size_of(self.types, d), abi::size_of(self.types, c))
        else {
            return Outcome::default();
        };
        let (_, bytes) = (self.element(d), self.element(c));
        let c_is_bytes = self.scalar(bytes.0).is_some_and(|scalar| scalar.is_byte());
        match c_is_bytes {
            true if !is_array(c) => Outcome::default(),
            true if buffer < object => match role {
                Role::Argument => self.sizes(role, (d, Some(object)), (c, Some(buffer))),
                Role::Result => Outcome::undecided("a short buffer of the library's"),
            },
            true => Outcome::default(),
            // The library's bytes, and an object of the caller's.
            false if is_array(d) => Outcome::undecided("an object over the library's bytes"),
            false => Outcome::default(),
        }
    }

    /// A record that ends in an array of any length.
    fn is_flexible(self, id: TypeId) -> bool {
        let last = self.record(id).and_then(|record| record.members.last());
        last.is_some_and(|last| match self.kind(last.ty) {
            // Before C99 it was written with one element.
            Kind::Array { dimensions, vector: false, .. } => dimensions[0].unwrap_or(0) <= 1,
            _ => false,
        })
    }

    /// Two arrays of known length.
    fn sizes_of_arrays(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let is_array = |id| matches!(self.kind(id), Kind::Array { .. });
        if is_array(d) && is_array(c) {
            self.sizes(role, (d, abi::size_of(self.types, d)), (c, abi::size_of(self.types, c)))
        } else {
            Outcome::default()
        }
    }

    /// Rows 26, 27 and 40.
    pub fn sizes(
        self,
        role: Role,
        (d, d_size): (TypeId, Option<u64>),
        (c, c_size): (TypeId, Option<u64>),
    ) -> Outcome {
        let (Some(d_size), Some(c_size)) = (d_size, c_size) else { return Outcome::default() };
        let (verdict, rule, truth) = match (c_size.cmp(&d_size), role) {
            (std::cmp::Ordering::Equal, _) => return Outcome::default(),
            // What is past the caller's is read, not written.
            (std::cmp::Ordering::Less, Role::Argument) if self.is_const(d) => {
                (Verdict::Differs, Rule::PointeeTooSmall, Truth::Harmful)
            }
            // The library stops where the caller says.
            (std::cmp::Ordering::Less, Role::Argument) if self.tells_its_size(d) => {
                (Verdict::Differs, Rule::PointeeTooSmall, Truth::Meaning)
            }
            (std::cmp::Ordering::Less, Role::Argument) => {
                (Verdict::Mismatch, Rule::PointeeTooSmall, Truth::Harmful)
            }
            (std::cmp::Ordering::Less, Role::Result) => {
                (Verdict::Differs, Rule::PointeePrefix, Truth::Harmless)
            }
            (std::cmp::Ordering::Greater, Role::Argument) => {
                (Verdict::Differs, Rule::PointeeTooLarge, Truth::Harmless)
            }
            // How many elements follow is known to nobody.
            (std::cmp::Ordering::Greater, Role::Result) if self.is_flexible(d) => {
                (Verdict::Differs, Rule::PointeeTooLarge, Truth::Harmless)
            }
            (std::cmp::Ordering::Greater, Role::Result) => match self.begins_with(c, d) {
                // Which of them it is, the caller knows.
                Some(true) => (Verdict::Differs, Rule::PointeeTooLarge, Truth::Harmful),
                Some(false) => (Verdict::Mismatch, Rule::PointeeTooLarge, Truth::Harmful),
                None => return Outcome::undecided("names of records that may be one"),
            },
        };
        Outcome::of(verdict, rule, truth)
    }
}

fn is_pointer(scalar: Scalar) -> bool {
    matches!(scalar.class, Class::Pointer(_))
}

fn is_part(whole: Scalar, part: Scalar) -> bool {
    (whole.class, part.class) == (Class::Complex, Class::Float) && whole.size == 2 * part.size
}

/// Classes that never agree in memory.
fn unlike(a: Class, b: Class) -> bool {
    let floats = |class| matches!(class, Class::Float | Class::Float128);
    floats(a) != floats(b)
}
