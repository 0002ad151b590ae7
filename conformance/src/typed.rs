//! Claims of whole types, as C states them: bit-fields and unions too, which no `ffi_type` can say. And those claims made
//! wrong in one bit-field or alternative of a record that is passed by value.

use ffitypecheck::check::{ClaimedTypes, FunctionForm};
use ffitypecheck::ctype::{BitField, Encoding, RecordClass, TypeId};

use crate::layout::leaves;
use crate::signature::{Extent, Function, Library, Member, Record, Scalar, Style, Type};
use toolchain::Random;

/// A function's type as a table of its own.
pub struct Typed {
    pub types: ClaimedTypes,
    pub function: TypeId,
}

/// One record that the claim has otherwise than the library.
pub struct Changed {
    pub kind: &'static str,
    number: usize,
    record: Record,
}

/// The claim on `function`, true but for `changed`. `None`: a type that has no words here, or promoted parameters.
pub fn typed(library: &Library, function: &Function, changed: Option<&Changed>) -> Option<Typed> {
    if function.style == Style::KandR {
        return None;
    }
    let mut builder = Builder { library, changed, types: ClaimedTypes::new(), records: Vec::new() };
    let result = match &function.result {
        Some(spelled) => builder.of(spelled.ty)?,
        None => TypeId::VOID,
    };
    let parameters: Option<Vec<TypeId>> =
        function.parameters.iter().map(|spelled| builder.of(spelled.ty)).collect();
    let form = match function.style {
        Style::Variadic => FunctionForm::Variadic,
        _ => FunctionForm::Prototyped,
    };
    let mut types = builder.types;
    let function = types.function(result, &parameters?, form).ok()?;
    Some(Typed { types, function })
}

struct Builder<'a> {
    library: &'a Library,
    changed: Option<&'a Changed>,
    types: ClaimedTypes,
    /// Those that were built before.
    records: Vec<(usize, TypeId)>,
}

impl Builder<'_> {
    fn of(&mut self, ty: Type) -> Option<TypeId> {
        match ty {
            Type::Scalar(scalar) => self.scalar(scalar),
            Type::Record(number) => self.record(number),
            Type::Foreign(_) => None,
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Option<TypeId> {
        let encoding = match scalar {
            Scalar::Pointer => return self.types.pointer(TypeId::VOID).ok(),
            Scalar::Bool => Encoding::Boolean,
            Scalar::Integer { size: 1, signed: true } => Encoding::SignedChar,
            Scalar::Integer { size: 1, signed: false } => Encoding::UnsignedChar,
            Scalar::Integer { signed: true, .. } => Encoding::Signed,
            Scalar::Integer { signed: false, .. } => Encoding::Unsigned,
            Scalar::Float | Scalar::Double | Scalar::LongDouble => Encoding::Float,
            Scalar::ComplexFloat | Scalar::ComplexDouble | Scalar::ComplexLongDouble => {
                Encoding::ComplexFloat
            }
        };
        self.types.base(encoding, scalar.size(), false).ok()
    }

    fn record(&mut self, number: usize) -> Option<TypeId> {
        if let Some((_, known)) = self.records.iter().find(|(own, _)| *own == number) {
            return Some(*known);
        }
        let changed = self.changed.filter(|changed| changed.number == number);
        let record = changed.map_or(&self.library.records[number], |changed| &changed.record);
        let class = if record.union { RecordClass::Union } else { RecordClass::Struct };
        let id = self.types.record(class, None).ok()?;
        for member in &record.members {
            let name = member.name.as_deref().map(Into::into);
            match member.width {
                // Debug information has none without a name.
                Some(_) if name.is_none() => {}
                Some(width) => {
                    let ty = self.of(member.spelled.ty)?;
                    let bits = BitField { offset: member.offset, width };
                    self.types.bit_field(id, name, ty, bits).ok()?;
                }
                None => {
                    let element = self.of(member.spelled.ty)?;
                    let ty = self.extent(element, &member.extent)?;
                    // The one of an anonymous record is the generator's own.
                    let name = name.filter(|_| !member.spelled.text.is_empty());
                    self.types.member(id, name, ty, member.offset / 8).ok()?;
                }
            }
        }
        self.types.complete(id, record.size, Some(record.align)).ok()?;
        self.records.push((number, id));
        Some(id)
    }

    fn extent(&mut self, element: TypeId, extent: &Extent) -> Option<TypeId> {
        match extent {
            Extent::One => Some(element),
            Extent::Flexible => self.types.array(element, None).ok(),
            Extent::Array(dimensions) => dimensions
                .iter()
                .rev()
                .try_fold(element, |inner, count| self.types.array(inner, Some(*count)).ok()),
        }
    }
}

/// At most one change of each kind, in a record that is passed by value.
pub fn changes(library: &Library, function: &Function, random: &mut Random) -> Vec<Changed> {
    let mut numbers = Vec::new();
    for spelled in function.parameters.iter().chain(&function.result) {
        reach(library, spelled.ty, false, &mut numbers);
    }
    let mut made = Vec::new();
    let mut push = |kind, number, record: Option<Record>| {
        let new = |changed: &Changed| changed.kind != kind;
        if let Some(record) = record.filter(|_| made.iter().all(new)) {
            made.push(Changed { kind, number, record });
        }
    };
    let start = random.below(numbers.len());
    let (head, tail) = numbers.split_at(start);
    for &(number, in_union) in tail.iter().chain(head) {
        let record = &library.records[number];
        if record.union {
            push("typed: alternative", number, alternative(library, number, random));
        } else if !in_union {
            push("typed: bit-field's width", number, narrower(record, random));
            push("typed: bit-fields' boundary", number, boundary(record, random));
            push("typed: bit-field's sign", number, sign(record, random));
        }
    }
    made
}

/// The records of which a value consists, and whether each is part of a union: there other alternatives may agree.
fn reach(library: &Library, ty: Type, in_union: bool, found: &mut Vec<(usize, bool)>) {
    let Type::Record(number) = ty else { return };
    let record = &library.records[number];
    found.push((number, in_union));
    for member in record.members.iter().filter(|member| member.extent.count() > 0) {
        reach(library, member.spelled.ty, in_union || record.union, found);
    }
}

fn is_field(member: &Member) -> bool {
    member.name.is_some() && member.width.is_some_and(|width| width > 0)
}

/// A record with one of its members changed, picked among those for which `change` has something.
fn changed(
    record: &Record,
    random: &mut Random,
    change: impl Fn(&mut Record, usize) -> bool,
) -> Option<Record> {
    let start = random.below(record.members.len());
    (0..record.members.len()).find_map(|index| {
        let mut record = record.clone();
        let index = (start + index) % record.members.len();
        change(&mut record, index).then_some(record)
    })
}

/// One bit less.
fn narrower(record: &Record, random: &mut Random) -> Option<Record> {
    changed(record, random, |record, index| {
        let member = &mut record.members[index];
        match member.width {
            Some(width) if is_field(member) && width > 1 => {
                member.width = Some(width - 1);
                true
            }
            _ => false,
        }
    })
}

/// One bit from one bit-field to its neighbour.
fn boundary(record: &Record, random: &mut Random) -> Option<Record> {
    changed(record, random, |record, index| {
        let Some([first, second, ..]) = record.members.get_mut(index..) else { return false };
        let (Some(width), Some(next)) = (first.width, second.width) else { return false };
        let room = first.spelled.ty == second.spelled.ty && width > 1;
        let most = match second.spelled.ty {
            Type::Scalar(scalar) => scalar.size() * 8,
            _ => 0,
        };
        if !(is_field(first) && is_field(second) && room) || next >= most {
            return false;
        }
        if first.offset + width != second.offset {
            return false;
        }
        (first.width, second.width) = (Some(width - 1), Some(next + 1));
        second.offset -= 1;
        true
    })
}

/// The other sign.
fn sign(record: &Record, random: &mut Random) -> Option<Record> {
    changed(record, random, |record, index| {
        let member = &mut record.members[index];
        let Type::Scalar(Scalar::Integer { size, signed }) = member.spelled.ty else {
            return false;
        };
        member.spelled.ty = Type::Scalar(Scalar::Integer { size, signed: !signed });
        is_field(member)
    })
}

/// A union with a scalar in the place of one alternative that none of the library's has.
fn alternative(library: &Library, number: usize, random: &mut Random) -> Option<Record> {
    let union = &library.records[number];
    let float = |scalar| matches!(scalar, Scalar::Float | Scalar::Double);
    let present = leaves(library, Type::Record(number));
    let integer = |size| Scalar::Integer { size, signed: true };
    let new: Vec<Scalar> = [integer(2), integer(4), integer(8), Scalar::Float, Scalar::Double]
        .into_iter()
        .filter(|new| new.size() <= union.size)
        .filter(|new| {
            let alike = |old: Scalar| old.size() == new.size() && float(old) == float(*new);
            present.iter().filter(|leaf| leaf.offset == 0).all(|leaf| {
                // Complex numbers are two floats, bit-fields are within whole units.
                let parts = matches!(leaf.scalar, Scalar::ComplexFloat | Scalar::ComplexDouble);
                !(alike(leaf.scalar) || parts && float(*new) || leaf.width.is_some())
            })
        })
        .collect();
    if new.is_empty() {
        return None;
    }
    let new = random.pick(&new);
    changed(union, random, |record, index| {
        let member = &mut record.members[index];
        let plain = matches!(member.spelled.ty, Type::Scalar(_)) && member.width.is_none();
        member.spelled.ty = Type::Scalar(new);
        member.extent = Extent::One;
        plain
    })
}
