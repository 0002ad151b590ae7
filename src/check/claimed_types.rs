//! A table of a caller's own types. Each type is checked when it is added.

use std::collections::{BTreeMap, BTreeSet};

use super::TypeClaim;
use crate::abi;
use crate::ctype::machine::{ARM, I386};
use crate::ctype::{
    Encoding, Enumerator, Function, Kind, Name, Parameter, PointerClass, Qualifier, Target, Type,
    TypeId, Types,
};
use crate::error::{Error, ErrorKind, Result};
use crate::spell::{base_name, base_of_name};
use records::OpenRecord;

mod import;
mod records;
mod undo;

/// Bounds on the number of types in one table, and on the number of members, parameters, constants and array
/// dimensions in all of them.
const MAX_TYPES: usize = 1 << 20;
const MAX_PARTS: usize = 1 << 20;
/// The largest alignment in bytes, as in gcc.
const MAX_ALIGN: u64 = 1 << 28;
/// A bound on the dimensions of one array.
const MAX_DIMENSIONS: usize = 64;

/// A table of a caller's own types for this machine, including records that are under construction. A call that fails
/// leaves the table as it was.
///
/// A type's number is only valid in its own table. A number that the table never gave out is an error.
#[derive(Debug)]
pub struct ClaimedTypes {
    pub(crate) types: Types,
    len: usize,
    parts: usize,
    /// Records that are not complete yet.
    open: BTreeMap<TypeId, OpenRecord>,
}

/// The properties of a claimed function type besides its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionForm {
    /// `int (int, char *)`.
    Prototyped,
    /// `int (int, ...)`.
    Variadic,
    /// `int ()`: the parameters are not declared.
    Unprototyped,
}

impl Default for ClaimedTypes {
    fn default() -> ClaimedTypes {
        ClaimedTypes::new()
    }
}

impl ClaimedTypes {
    /// The largest size of an object in bytes. The number of its bits still fits into 64 bits.
    pub const MAX_SIZE: u64 = u64::MAX / 16;

    /// Makes a table that contains only `void`.
    pub fn new() -> ClaimedTypes {
        let types = Types::new(Target::HOST);
        ClaimedTypes { types, len: 1, parts: 0, open: BTreeMap::new() }
    }

    /// The types.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// Makes the claim that something has the type `id`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `id` is not a type of this table.
    pub fn claim(&self, id: TypeId) -> Result<TypeClaim<'_>> {
        self.known(id)?;
        Ok(TypeClaim { types: &self.types, ty: id })
    }

    /// Adds a base type of `size` bytes, with its name in C. If `swapped` is true, its byte order is not that of this
    /// machine.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: this machine has no such type of that size; [`ErrorKind::Limit`].
    pub fn base(&mut self, encoding: Encoding, size: u64, swapped: bool) -> Result<TypeId> {
        let plain_char = match encoding {
            Encoding::SignedChar => std::ffi::c_char::MIN != 0,
            Encoding::UnsignedChar => std::ffi::c_char::MIN == 0,
            _ => false,
        };
        let own = plain_char.then_some("char");
        let name = base_name(Target::HOST, own, encoding, size, None)
            .filter(|_| has_size(encoding, size))
            .ok_or_else(|| invalid(format!("no such base type has {size} bytes")))?;
        self.add(Some(Name::new(&name)), Some(size), Kind::Base { encoding, bits: None, swapped })
    }

    /// Adds the base type with this name in C, its words in any order: `unsigned long long`, `_Float32`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: this machine has no base type of that name; [`ErrorKind::Limit`].
    pub fn base_named(&mut self, name: &str) -> Result<TypeId> {
        let (name, encoding, size) = base_of_name(name)
            .filter(|(_, encoding, size)| has_size(*encoding, *size))
            .ok_or_else(|| invalid(format!("'{name}' is no base type of this machine")))?;
        let kind = Kind::Base { encoding, bits: None, swapped: false };
        self.add(Some(Name::new(name)), Some(size), kind)
    }

    /// Adds a typedef: another name for `target`. `align` is the alignment in bytes that its declaration states.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `target` is not a type of this table; `align` is not a power of two.
    /// [`ErrorKind::Limit`].
    pub fn typedef(&mut self, name: Name, target: TypeId, align: Option<u64>) -> Result<TypeId> {
        self.known(target)?;
        align.map_or(Ok(()), is_alignment)?;
        self.room(1, 0)?;
        self.len += 1;
        let kind = Kind::Typedef { target };
        Ok(self.types.add(Type { name: Some(name), size: None, align, kind }))
    }

    /// Adds a type with a qualifier. The rules of the comparison ignore qualifiers, but an atomic type may have a
    /// larger alignment.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `target` is not a type of this table; [`ErrorKind::Limit`].
    pub fn qualified(&mut self, qualifier: Qualifier, target: TypeId) -> Result<TypeId> {
        self.known(target)?;
        self.add(None, None, Kind::Qualified { qualifier, target })
    }

    /// Adds a pointer to `target`, which may be any type: `void`, a function, a record that is not complete.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `target` is not a type of this table; [`ErrorKind::Limit`].
    pub fn pointer(&mut self, target: TypeId) -> Result<TypeId> {
        self.known(target)?;
        self.add(None, None, Kind::Pointer { target, class: PointerClass::Pointer })
    }

    /// Adds an array of `count` elements, or of unknown length if `count` is `None`. If the element is an array, the
    /// new array has one dimension more.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `element` is not a type of this table, or cannot be an element (`void`, a
    /// function, an incomplete record, an array of unknown length); the array is larger than an object can be.
    /// [`ErrorKind::Limit`].
    pub fn array(&mut self, element: TypeId, count: Option<u64>) -> Result<TypeId> {
        let size = self.object(element, "an array's element")?;
        if let (Some(size), Some(count)) = (size, count) {
            let fits = size.checked_mul(count).is_some_and(|size| size <= Self::MAX_SIZE);
            fits.then_some(()).ok_or_else(|| {
                invalid(format!("{count} elements of {size} bytes are more than memory can hold"))
            })?;
        }
        let (mut innermost, mut dimensions) = (element, vec![count]);
        if let Kind::Array { element, dimensions: inner, vector: false } =
            &self.types.get(element).kind
        {
            if inner.first() == Some(&None) {
                return Err(invalid("an array's element is an array of unknown length"));
            }
            innermost = *element;
            dimensions.extend(inner);
        }
        if dimensions.len() > MAX_DIMENSIONS {
            let message = format!("an array has more than {MAX_DIMENSIONS} dimensions");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        self.array_of(innermost, dimensions)
    }

    fn array_of(&mut self, element: TypeId, dimensions: Vec<Option<u64>>) -> Result<TypeId> {
        self.room(1, dimensions.len())?;
        self.parts += dimensions.len();
        let dimensions = dimensions.into();
        self.add(None, None, Kind::Array { element, dimensions, vector: false })
    }

    /// Adds a vector, as `__attribute__((vector_size))` makes it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: the element is not an integer or floating-point number, or the size in bytes
    /// is not a power of two; [`ErrorKind::Limit`].
    pub fn vector(&mut self, element: TypeId, count: u64) -> Result<TypeId> {
        self.known(element)?;
        let number = matches!(
            self.types.resolved(element).kind,
            Kind::Base { encoding: Encoding::Float | Encoding::Float128, .. }
        ) || self.is_integer(element);
        if !number {
            return Err(invalid("a vector's element is no integer or floating-point number"));
        }
        let size = abi::size_of(&self.types, element).and_then(|size| size.checked_mul(count));
        if !size.is_some_and(|size| size.is_power_of_two() && size <= MAX_ALIGN) {
            return Err(invalid(format!("a vector cannot have {count} of these elements")));
        }
        let dimensions = Box::new([Some(count)]);
        self.add(None, size, Kind::Array { element, dimensions, vector: true })
    }

    /// Adds an enumeration with the underlying integer type `underlying`. The constants need not be those of the
    /// library; the list may be empty.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: `underlying` is not an integer; a value does not fit it; two constants have
    /// the same name. [`ErrorKind::Limit`].
    pub fn enumeration(
        &mut self,
        tag: Option<Name>,
        underlying: TypeId,
        enumerators: Vec<Enumerator>,
    ) -> Result<TypeId> {
        self.known(underlying)?;
        if !self.is_integer(underlying) {
            return Err(invalid("the type under an enumeration is no integer"));
        }
        let bits = match abi::size_of(&self.types, underlying) {
            Some(size @ 1..=16) => 8 * size,
            _ => return Err(invalid("the integer under an enumeration has no size of C's")),
        };
        let range = if bits > 64 {
            i128::MIN..=i128::MAX
        } else if self.is_signed(underlying) {
            -(1_i128 << (bits - 1))..=(1_i128 << (bits - 1)) - 1
        } else {
            0..=(1_i128 << bits) - 1
        };
        let mut names = BTreeSet::new();
        for Enumerator { name, value } in &enumerators {
            if !range.contains(value) {
                return Err(invalid(format!(
                    "the value {value} of '{name}' does not fit its type"
                )));
            }
            if !names.insert(name) {
                return Err(invalid(format!("the enumeration has two constants '{name}'")));
            }
        }
        self.room(1, enumerators.len())?;
        self.parts += enumerators.len();
        let (underlying, enumerators) = (Some(underlying), enumerators.into());
        self.add(
            tag,
            Some(bits / 8),
            Kind::Enumeration { underlying, enumerators, incomplete: false },
        )
    }

    /// Adds a function type. Parameters that are arrays or functions become pointers, as in C.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: a type is not in this table; a parameter has type `void`; there are parameters
    /// but no prototype; the result is an array or a function. [`ErrorKind::Limit`].
    pub fn function(
        &mut self,
        result: TypeId,
        parameters: &[TypeId],
        form: FunctionForm,
    ) -> Result<TypeId> {
        self.known(result)?;
        if self.decays(result) {
            return Err(invalid("a function cannot return an array or a function"));
        }
        if form == FunctionForm::Unprototyped && !parameters.is_empty() {
            return Err(invalid("a function without a prototype says nothing of its parameters"));
        }
        for (index, id) in parameters.iter().enumerate() {
            self.known(*id)?;
            if matches!(self.types.resolved(*id).kind, Kind::Void) {
                return Err(invalid(format!("parameter {} is void", index + 1)));
            }
        }
        // Check the bounds first, so that a failure adds nothing. A parameter that decays needs at most two types and
        // some dimensions.
        let decaying = parameters.iter().filter(|id| self.decays(**id)).count();
        self.room(1 + 2 * decaying, parameters.len() + MAX_DIMENSIONS * decaying)?;
        self.parts += parameters.len();
        let mut list = Vec::with_capacity(parameters.len());
        for id in parameters {
            list.push(Parameter { name: None, ty: self.as_parameter(*id)? });
        }
        let function = Function {
            result,
            parameters: list.into(),
            prototyped: form != FunctionForm::Unprototyped,
            variadic: form == FunctionForm::Variadic,
            convention: None,
        };
        self.add(None, None, Kind::Function(function))
    }

    /// Adds a type for a value that is converted at call time. Nothing is claimed about it.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`].
    pub fn any(&mut self) -> Result<TypeId> {
        self.unknown("it is converted at call time", None)
    }

    /// Adds a type about which nothing is claimed, except perhaps its size in bytes. `reason` says why, as part of a
    /// sentence.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`].
    pub fn unknown(&mut self, reason: &str, size: Option<u64>) -> Result<TypeId> {
        self.add(None, size, Kind::Unknown { reason: reason.into() })
    }

    fn add(&mut self, name: Option<Name>, size: Option<u64>, kind: Kind) -> Result<TypeId> {
        self.room(1, 0)?;
        self.len += 1;
        Ok(self.types.add(Type { name, size, align: None, kind }))
    }

    /// Checks that the bounds allow `types` more types and `parts` more parts.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`].
    pub(crate) fn room(&self, types: usize, parts: usize) -> Result<()> {
        let (what, most) = if self.len.saturating_add(types) > MAX_TYPES {
            ("types", MAX_TYPES)
        } else if self.parts.saturating_add(parts) > MAX_PARTS {
            ("members, parameters and constants", MAX_PARTS)
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Limit, format!("a claim has at most {most} {what}")))
    }

    fn known(&self, id: TypeId) -> Result<()> {
        if (id.index() as usize) < self.len {
            return Ok(());
        }
        Err(invalid(format!("{} is no type of this claim", id.index())))
    }

    /// The size in bytes of a type that can be a member or an element. `None` if the size is not known. Fails for a
    /// type that can be neither.
    fn object(&self, id: TypeId, what: &str) -> Result<Option<u64>> {
        self.known(id)?;
        let has = match &self.types.resolved(id).kind {
            Kind::Typedef { .. } | Kind::Qualified { .. } => "has too many typedefs",
            Kind::Void => "is void",
            Kind::Function(_) => "is a function, and not a pointer to one",
            Kind::Record(record) if record.incomplete => "is a record that is not complete",
            _ => return Ok(abi::size_of(&self.types, id)),
        };
        Err(invalid(format!("{what} {has}")))
    }

    fn is_integer(&self, id: TypeId) -> bool {
        use Encoding::{Boolean, Signed, SignedChar, Unsigned, UnsignedChar, Utf};
        match self.types.resolved(id).kind {
            Kind::Base { encoding, .. } => {
                matches!(encoding, Boolean | Signed | SignedChar | Unsigned | UnsignedChar | Utf)
            }
            _ => false,
        }
    }

    /// Whether a type of the table is an unsigned integer of 8 bytes.
    pub fn is_unsigned_long(&self, id: TypeId) -> bool {
        self.is_integer(id) && !self.is_signed(id) && abi::size_of(&self.types, id) == Some(8)
    }

    fn is_signed(&self, id: TypeId) -> bool {
        use Encoding::{Signed, SignedChar};
        matches!(self.types.resolved(id).kind, Kind::Base { encoding: Signed | SignedChar, .. })
    }

    fn decays(&self, id: TypeId) -> bool {
        let kind = &self.types.resolved(id).kind;
        matches!(kind, Kind::Function(_) | Kind::Array { vector: false, .. })
    }

    /// The adjusted type of a parameter that is declared with this type (C17 §6.7.6.3 ¶7 and ¶8).
    fn as_parameter(&mut self, id: TypeId) -> Result<TypeId> {
        match &self.types.resolved(id).kind {
            Kind::Function(_) => self.pointer(id),
            Kind::Array { element, dimensions, vector: false } => {
                let target = match dimensions.split_first() {
                    Some((_, rest)) if !rest.is_empty() => {
                        let (element, rest) = (*element, rest.to_vec());
                        self.array_of(element, rest)?
                    }
                    _ => *element,
                };
                self.pointer(target)
            }
            _ => Ok(id),
        }
    }
}

/// Whether this machine has a base type of that encoding and size in bytes.
fn has_size(encoding: Encoding, size: u64) -> bool {
    let long_double = match Target::HOST.machine {
        I386 => 12,
        ARM => 8,
        _ => 16,
    };
    match encoding {
        Encoding::SignedChar | Encoding::UnsignedChar => size == 1,
        Encoding::Boolean => matches!(size, 1 | 2 | 4 | 8),
        Encoding::Signed | Encoding::Unsigned => matches!(size, 1 | 2 | 4 | 8 | 16),
        Encoding::Utf => matches!(size, 1 | 2 | 4),
        Encoding::Float => matches!(size, 2 | 4 | 8) || size == long_double,
        Encoding::Float128 => size == 16,
        Encoding::ComplexFloat => matches!(size, 4 | 8 | 16) || size == 2 * long_double,
        Encoding::ComplexFloat128 => size == 32,
        Encoding::ComplexInteger => matches!(size, 2 | 4 | 8 | 16),
        Encoding::DecimalFloat => matches!(size, 4 | 8 | 16),
    }
}

fn is_alignment(align: u64) -> Result<()> {
    if align.is_power_of_two() && align <= MAX_ALIGN {
        return Ok(());
    }
    Err(invalid(format!("{align} is no alignment")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests;
