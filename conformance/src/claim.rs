//! A type by value as a careful caller tells libffi of it: the claim that is true of it. Knows nothing of how
//! libffitypecheck lowers types.

use crate::classes::{classes, Class};
use crate::layout::{has_union_or_bits, leaves};
use crate::signature::{Extent, Library, Member, Scalar, Type};

/// An `ffi_type` as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    Void,
    /// `align` replaces the natural alignment, for members of packed and over-aligned records.
    Scalar {
        scalar: Scalar,
        align: Option<u64>,
    },
    /// `fixed` is size and alignment in bytes where libffi would not arrive at them itself.
    Record {
        elements: Vec<Claim>,
        fixed: Option<(u64, u64)>,
    },
}

pub fn scalar(scalar: Scalar) -> Claim {
    if let Scalar::Integer { size: 16, signed } = scalar {
        // __int128 is passed as a record of two longs, aligned to 16 bytes (psABI §3.2.3).
        let half = Claim::Scalar { scalar: Scalar::Integer { size: 8, signed }, align: None };
        return Claim::Record { elements: vec![half.clone(), half], fixed: Some((16, 16)) };
    }
    Claim::Scalar { scalar, align: None }
}

/// The claim that says a type by value.
pub fn claim(library: &Library, ty: Type) -> Claim {
    let number = match ty {
        Type::Scalar(of) => return scalar(of),
        Type::Foreign(_) => return Claim::Void,
        Type::Record(number) => number,
    };
    let record = &library.records[number];
    let wanted = (record.size, record.align);
    let small = classes(library, ty).filter(|found| found[0] != Class::Memory);
    if record.union || (small.is_some() && has_union_or_bits(library, number)) {
        return overlapping(library, ty, small);
    }
    let bits = has_bits(library, ty);
    let mut elements = Elements::within(wanted, bits);
    elements.members(library, record.members.iter());
    elements.fill(wanted);
    of_elements(elements.list, wanted)
}

/// A record of these elements, of that size and alignment.
fn of_elements(mut list: Vec<Claim>, wanted: (u64, u64)) -> Claim {
    let natural =
        |list: &[Claim]| size_align(&Claim::Record { elements: list.to_vec(), fixed: None });
    if natural(&list).1 < wanted.1 {
        // What C says of the whole, libffi can be told of the first element.
        if let Some(first) = list.first_mut() {
            *first = with_align(first.clone(), wanted.1);
        }
    }
    let same = natural(&list).0 == wanted.0 && natural(&list).1.max(8) == wanted.1.max(8);
    let fixed = (!same).then_some(wanted);
    Claim::Record { elements: list, fixed }
}

/// Whether the elements of all records make up their sizes. Where they do not, nobody can tell from the claim what
/// lies where.
pub fn says_all(claim: &Claim) -> bool {
    match claim {
        Claim::Void | Claim::Scalar { .. } => true,
        Claim::Record { elements, fixed } => {
            let natural = Claim::Record { elements: elements.clone(), fixed: None };
            fixed.is_none_or(|(size, _)| size_align(&natural).0 == size)
                && elements.iter().all(says_all)
        }
    }
}

fn has_bits(library: &Library, ty: Type) -> bool {
    leaves(library, ty).iter().any(|leaf| {
        leaf.named
            && leaf.width.is_some_and(|width| !whole(leaf.offset, width, Type::Scalar(leaf.scalar)))
    })
}

/// The elements of a record in the making.
struct Elements {
    list: Vec<Claim>,
    /// Where the last one ends, in bytes.
    end: u64,
    /// The greatest alignment of an element that keeps the record's size.
    most: u64,
    /// Bytes that stand for padding.
    fillers: usize,
    /// It holds bit-fields.
    bits: bool,
}

impl Elements {
    /// For a record of that size and alignment. Up to 8 bytes alignment makes no difference to a call.
    fn within((size, align): (u64, u64), bits: bool) -> Elements {
        let most = align.max((size & size.wrapping_neg()).clamp(1, 8));
        Elements { list: Vec::new(), end: 0, most, fillers: 0, bits }
    }

    /// Appends `claim` such that libffi, which aligns each element, puts it at `offset`.
    fn place(&mut self, offset: u64, claim: Claim) {
        let (size, align) = size_align(&claim);
        let end = self.end;
        let placed = if align <= self.most && end.next_multiple_of(align) == offset {
            claim
        } else {
            let fits = |&a: &u64| a <= self.most && end.next_multiple_of(a) == offset;
            let reaches = |&a: &u64| end.next_multiple_of(a) == offset;
            let powers = [16, 8, 4, 2, 1, 32, 64];
            // One past the limit costs the record its size: of a packed union libffi cannot be told all.
            let beyond = if self.bits { None } else { powers.into_iter().find(reaches) };
            match powers.into_iter().find(fits).or(beyond) {
                Some(align) => with_align(claim, align),
                None => {
                    // Between two bit-fields libffi knows no gap.
                    self.fillers += 1;
                    self.place(end, BYTE);
                    return self.place(offset, claim);
                }
            }
        };
        self.end = offset + size;
        self.list.push(placed);
    }

    /// Unnamed bit-fields at the end.
    fn fill(&mut self, (size, align): (u64, u64)) {
        while self.bits && self.end.next_multiple_of(align) < size {
            self.fillers += 1;
            self.place(self.end, BYTE);
        }
    }

    /// The members of a struct, in order.
    fn members<'a>(&mut self, library: &Library, members: impl Iterator<Item = &'a Member>) {
        for member in members {
            let (ty, start) = (member.spelled.ty, member.offset / 8);
            match member.width {
                // Unnamed, or of no width: no value.
                Some(_) if member.name.is_none() => {}
                Some(width) if !whole(member.offset, width, ty) => {
                    // A bit-field: the bytes that it touches.
                    for byte in start.max(self.end)..(member.offset + width).div_ceil(8) {
                        self.place(byte, BYTE);
                    }
                }
                None if member.extent == Extent::Flexible => {}
                _ => {
                    let one = claim(library, ty);
                    let stride = library.size_align(ty).0;
                    for index in 0..member.extent.count() {
                        self.place(start + index * stride, one.clone());
                    }
                }
            }
        }
    }
}

/// How much a part is wanted, against others that start where it does.
type Rank = fn(&Part) -> (bool, u64);

/// A record of which libffi cannot be told all members: at each offset one of the scalars that start there. In
/// registers, each eightbyte must get its class that way.
fn overlapping(library: &Library, ty: Type, registers: Option<[Class; 2]>) -> Claim {
    let wanted = library.size_align(ty);
    let parts = parts(library, ty);
    let bits = has_bits(library, ty);
    let ranks: [Rank; 4] = [
        |part| (part.integer, part.size),
        |part| (true, part.size * 2 + u64::from(part.integer)),
        |part| (part.integer, 32 - part.size),
        |part| (true, 32 - part.size),
    ];
    let mut candidates = Vec::new();
    for rank in ranks {
        let mut elements = Elements::within(wanted, bits);
        let picked = pick(&parts, rank);
        // A float over an integer further on would hide that integer.
        let right = [0, 8].iter().zip(registers.into_iter().flatten()).all(|(start, class)| {
            class != Class::Integer
                || picked.iter().any(|part| part.integer && part.at / 8 * 8 == *start)
        });
        if right {
            picked.iter().for_each(|part| elements.place(part.at, scalar(part.scalar)));
            elements.fill(wanted);
            candidates.push((2 * elements.fillers, of_elements(elements.list, wanted)));
        }
    }
    let record = match ty {
        Type::Record(number) => &library.records[number],
        _ => return Claim::Void,
    };
    match registers {
        Some(found) if record.union => candidates.push((1, by_class(wanted, found, &parts))),
        Some(found) => candidates.push((1000, by_class(wanted, found, &parts))),
        None => candidates.extend(record.members.iter().map(|member| {
            // In memory one member may stand for all, if it is long enough.
            let mut elements = Elements::within(wanted, bits);
            elements.members(library, std::iter::once(member));
            (2 * elements.fillers, of_elements(elements.list, wanted))
        })),
    }
    for (cost, claim) in &mut candidates {
        let mut said = Vec::new();
        spans(claim, 0, &mut said);
        let silent = |part: &&Part| {
            said.iter().all(|&(start, end)| end <= part.at || part.at + part.size <= start)
        };
        *cost += 100 * parts.iter().filter(silent).count();
    }
    let best = candidates.into_iter().min_by_key(|(cost, claim)| (!says_all(claim), *cost));
    best.map_or(Claim::Void, |(_, claim)| claim)
}

fn by_class(wanted: (u64, u64), found: [Class; 2], parts: &[Part]) -> Claim {
    let mut elements = Elements::within(wanted, true);
    let starts = |at: u64, size: u64| parts.iter().any(|part| part.at == at && part.size == size);
    for (start, class) in [0, 8].into_iter().zip(found) {
        let stop = wanted.0.min(start + 8);
        let mut at = start;
        for size in [8, 4, 2, 1] {
            while at + size <= stop {
                let chosen = match (class, size) {
                    (Class::Integer, _) => Scalar::Integer { size, signed: false },
                    (Class::Sse, 8) if starts(at, 8) => Scalar::Double,
                    (Class::Sse, 4) if starts(at, 4) => Scalar::Float,
                    _ => break,
                };
                elements.place(at, scalar(chosen));
                at += size;
            }
        }
    }
    of_elements(elements.list, wanted)
}

const BYTE: Claim =
    Claim::Scalar { scalar: Scalar::Integer { size: 1, signed: false }, align: None };

/// Whether a bit-field is as good as a plain member, which is also how gcc describes it.
fn whole(offset: u64, width: u64, ty: Type) -> bool {
    matches!(ty, Type::Scalar(scalar) if width == scalar.size() * 8 && offset.is_multiple_of(8))
}

fn with_align(claim: Claim, align: u64) -> Claim {
    match claim {
        Claim::Void => Claim::Void,
        Claim::Scalar { scalar, .. } => Claim::Scalar { scalar, align: Some(align) },
        record => {
            let size = size_align(&record).0;
            let Claim::Record { elements, .. } = record else { unreachable!() };
            Claim::Record { elements, fixed: Some((size, align)) }
        }
    }
}

/// Size and alignment as libffi computes them from the elements.
pub fn size_align(claim: &Claim) -> (u64, u64) {
    match claim {
        Claim::Void => (1, 1),
        Claim::Scalar { scalar, align } => (scalar.size(), align.unwrap_or(scalar.align())),
        Claim::Record { fixed: Some(fixed), .. } => *fixed,
        Claim::Record { elements, fixed: None } => {
            let (mut size, mut align) = (0u64, 1);
            for element in elements {
                let (inner, own) = size_align(element);
                size = size.next_multiple_of(own) + inner;
                align = align.max(own);
            }
            (size.next_multiple_of(align), align)
        }
    }
}

/// A scalar of at most an eightbyte, or a long double.
struct Part {
    scalar: Scalar,
    at: u64,
    size: u64,
    integer: bool,
}

/// The scalars of a type; complex numbers and `__int128` as two halves, bit-fields as the bytes they touch.
fn parts(library: &Library, ty: Type) -> Vec<Part> {
    let mut found = Vec::new();
    for leaf in leaves(library, ty).iter().filter(|leaf| leaf.named) {
        let mut at = leaf.offset / 8;
        let (scalar, count) = match (leaf.width, leaf.scalar) {
            (Some(width), scalar) if !whole(leaf.offset, width, Type::Scalar(scalar)) => {
                let end = (leaf.offset + width).div_ceil(8);
                (Scalar::Integer { size: 1, signed: false }, end - at)
            }
            (None, Scalar::ComplexFloat) => (Scalar::Float, 2),
            (None, Scalar::ComplexDouble) => (Scalar::Double, 2),
            (None, Scalar::ComplexLongDouble) => (Scalar::LongDouble, 2),
            (None, Scalar::Integer { size: 16, signed }) => {
                (Scalar::Integer { size: 8, signed }, 2)
            }
            (_, scalar) => (scalar, 1),
        };
        let integer = matches!(scalar, Scalar::Bool | Scalar::Integer { .. } | Scalar::Pointer);
        for _ in 0..count {
            found.push(Part { scalar, at, size: scalar.size(), integer });
            at += scalar.size();
        }
    }
    found
}

/// Where the scalars of a claim lie: first byte and end.
fn spans(claim: &Claim, start: u64, found: &mut Vec<(u64, u64)>) {
    match claim {
        Claim::Void => {}
        Claim::Scalar { scalar, .. } => found.push((start, start + scalar.size())),
        Claim::Record { elements, .. } => {
            let mut end = 0u64;
            for element in elements {
                let (size, align) = size_align(element);
                let at = end.next_multiple_of(align);
                spans(element, start + at, found);
                end = at + size;
            }
        }
    }
}

/// From the start on, at each offset the part that `rank` puts highest; none overlap.
fn pick<K: Ord>(parts: &[Part], rank: impl Fn(&Part) -> K) -> Vec<&Part> {
    let mut chosen: Vec<&Part> = Vec::new();
    let first = parts.iter().map(|part| part.at).min().unwrap_or(0);
    let last = parts.iter().map(|part| part.at).max().unwrap_or(0);
    for at in first..=last {
        let free = chosen.last().is_none_or(|last| last.at + last.size <= at);
        let starts = parts.iter().filter(|part| part.at == at);
        if let Some(best) = starts.max_by_key(|part| rank(part)).filter(|_| free) {
            chosen.push(best);
        }
    }
    chosen
}
