//! What is true of a generated function, by the psABI alone: the claim that a careful caller makes with
//! `ffi_type`s, or why libffi 3.4 cannot make the call. Knows nothing of how libffitypecheck lowers types.

use crate::classes::{classes, is_double_at, Class};
use crate::layout::{has_union_or_bits, leaves};
use crate::signature::{promoted, Extent, Function, Library, Scalar, Style, Type};

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

/// What a caller hands to `ffi_prep_cif` or `ffi_prep_cif_var`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub result: Claim,
    pub arguments: Vec<Claim>,
    /// For a variadic function the number of fixed arguments.
    pub fixed: Option<usize>,
}

pub fn scalar(scalar: Scalar) -> Claim {
    if let Scalar::Integer { size: 16, .. } = scalar {
        // __int128 is passed as a record of two longs, aligned to 16 bytes (psABI §3.2.3).
        let half =
            Claim::Scalar { scalar: Scalar::Integer { size: 8, signed: false }, align: None };
        return Claim::Record { elements: vec![half.clone(), half], fixed: Some((16, 16)) };
    }
    Claim::Scalar { scalar, align: None }
}

/// The types of the arguments as the caller passes them: promoted for a K&R definition.
pub fn argument_types(function: &Function) -> Vec<Type> {
    let declared = function.parameters.iter().chain(&function.variadic).map(|spelled| spelled.ty);
    if function.style == Style::KandR {
        declared.map(promoted).collect()
    } else {
        declared.collect()
    }
}

/// The true claim on `function`, or why libffi cannot call it.
pub fn signature(library: &Library, function: &Function) -> Result<Signature, &'static str> {
    let arguments = argument_types(function);
    for &ty in &arguments {
        if let Some(reason) = argument_obstacle(library, ty) {
            return Err(reason);
        }
    }
    let result = match &function.result {
        None => Claim::Void,
        Some(spelled) => match result_obstacle(library, spelled.ty) {
            Some(reason) => return Err(reason),
            None => claim(library, spelled.ty),
        },
    };
    if overwrites_xmm0(library, function, &arguments) {
        return Err("libffi overwrites the first vector register (libffi #574)");
    }
    Ok(Signature {
        result,
        arguments: arguments.iter().map(|&ty| claim(library, ty)).collect(),
        fixed: (function.style == Style::Variadic).then_some(function.parameters.len()),
    })
}

/// libffi before 3.4.7 copies the whole of a record into the sixth integer register, and over XMM0 behind it,
/// where only the record's first eightbyte belongs there.
fn overwrites_xmm0(library: &Library, function: &Function, arguments: &[Type]) -> bool {
    let hidden = function.result.as_ref().is_some_and(|spelled| in_memory(library, spelled.ty));
    let (mut integers, mut vectors) = (usize::from(hidden), 0);
    for &ty in arguments.iter().filter(|&&ty| !in_memory(library, ty)) {
        let found = classes(library, ty).unwrap_or([Class::Memory; 2]);
        let count = |class| found.iter().filter(|&&one| one == class).count();
        let (own_integers, own_vectors) = (count(Class::Integer), count(Class::Sse));
        if integers + own_integers > 6 || vectors + own_vectors > 8 {
            continue;
        }
        let wide = matches!(ty, Type::Record(_)) && library.size_align(ty).0 > 8;
        if wide && found[0] == Class::Integer && integers == 5 && vectors > 0 {
            return true;
        }
        integers += own_integers;
        vectors += own_vectors;
    }
    false
}

/// Whether an argument or result of this type lies in memory; a long double as result does not, but it takes no
/// register that arguments use.
fn in_memory(library: &Library, ty: Type) -> bool {
    match (ty, classes(library, ty)) {
        (Type::Scalar(Scalar::LongDouble | Scalar::ComplexLongDouble), _) => false,
        (_, Some(found)) => found.contains(&Class::Memory),
        (_, None) => true,
    }
}

fn argument_obstacle(library: &Library, ty: Type) -> Option<&'static str> {
    match ty {
        Type::Foreign(_) => Some("a type that libffi does not know"),
        Type::Scalar(_) => None,
        // libffi's own frame is aligned to 16 bytes; whether an argument lies as the callee expects is chance.
        Type::Record(_) if library.size_align(ty).1 > 16 => {
            Some("an argument aligned past 16 bytes")
        }
        Type::Record(_) => small_memory(library, ty),
    }
}

fn result_obstacle(library: &Library, ty: Type) -> Option<&'static str> {
    match ty {
        Type::Foreign(_) => Some("a type that libffi does not know"),
        Type::Scalar(_) => None,
        // libffi 3.4 fetches it from RAX and RDX; it lies in ST0.
        Type::Record(_) if classes(library, ty) == Some([Class::X87, Class::X87Up]) => {
            Some("a record of one long double as result")
        }
        Type::Record(_) => small_memory(library, ty),
    }
}

/// libffi derives MEMORY from the size and from nothing else.
fn small_memory(library: &Library, ty: Type) -> Option<&'static str> {
    (classes(library, ty) == Some([Class::Memory; 2]))
        .then_some("a record of at most 16 bytes passed in memory")
}

/// The claim that says a type by value.
pub fn claim(library: &Library, ty: Type) -> Claim {
    match ty {
        Type::Scalar(of) => scalar(of),
        Type::Foreign(_) => Claim::Void,
        Type::Record(number) => {
            let record = &library.records[number];
            let fixed = Some((record.size, record.align));
            if record.size <= 16 && has_union_or_bits(library, number) {
                if let Some(found) = classes(library, ty).filter(|found| found[0] != Class::Memory)
                {
                    return Claim::Record { elements: eightbytes(library, ty, found), fixed };
                }
            }
            let elements = if record.union {
                // Memory in any case: the largest member says most of what lies where.
                let size = |member: &&crate::signature::Member| {
                    library.size_align(member.spelled.ty).0 * member.extent.count()
                };
                let mut largest = record.clone();
                largest.members =
                    record.members.iter().max_by_key(size).cloned().into_iter().collect();
                members(library, &largest.members)
            } else {
                members(library, &record.members)
            };
            let natural = Claim::Record { elements, fixed: None };
            if size_align(&natural) == (record.size, record.align) {
                natural
            } else {
                let Claim::Record { elements, .. } = natural else { unreachable!() };
                Claim::Record { elements, fixed }
            }
        }
    }
}

/// Elements that say the members in order, each at its offset.
fn members(library: &Library, members: &[crate::signature::Member]) -> Vec<Claim> {
    let mut elements = Vec::new();
    let mut end = 0;
    for member in members {
        match member.width {
            Some(0) => {}
            // Bit-fields: the bytes that they touch.
            Some(width) => {
                let last = (member.offset + width).div_ceil(8);
                for byte in (member.offset / 8).max(end)..last {
                    place(
                        &mut elements,
                        &mut end,
                        byte,
                        scalar(Scalar::Integer { size: 1, signed: false }),
                    );
                }
            }
            None if member.extent == Extent::Flexible => {}
            None => {
                let one = claim(library, member.spelled.ty);
                let stride = library.size_align(member.spelled.ty).0;
                for index in 0..member.extent.count() {
                    place(&mut elements, &mut end, member.offset / 8 + index * stride, one.clone());
                }
            }
        }
    }
    elements
}

/// Appends `claim` such that libffi, which aligns each element, puts it at `offset`.
fn place(elements: &mut Vec<Claim>, end: &mut u64, offset: u64, claim: Claim) {
    let (size, align) = size_align(&claim);
    let placed = if end.next_multiple_of(align) == offset {
        claim
    } else {
        let forced =
            [16, 8, 4, 2, 1, 32, 64].into_iter().find(|&a| end.next_multiple_of(a) == offset);
        with_align(claim, forced.unwrap_or(1))
    };
    *end = offset + size;
    elements.push(placed);
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

/// For a record in registers: elements that have, eightbyte by eightbyte, the same class.
fn eightbytes(library: &Library, ty: Type, found: [Class; 2]) -> Vec<Claim> {
    let size = library.size_align(ty).0;
    let leaves = leaves(library, ty);
    let mut elements = Vec::new();
    let mut end = 0;
    for (index, class) in found.into_iter().enumerate() {
        let start = index as u64 * 8;
        let room = size.saturating_sub(start).min(8);
        let mut at = start;
        let mut push = |of: Scalar| {
            place(&mut elements, &mut end, at, scalar(of));
            at += of.size();
        };
        match class {
            Class::None | Class::Memory | Class::X87Up => {}
            Class::X87 => {
                push(Scalar::LongDouble);
            }
            Class::Integer => {
                let mut left = room;
                for size in [8, 4, 2, 1] {
                    while left >= size {
                        push(Scalar::Integer { size, signed: false });
                        left -= size;
                    }
                }
            }
            Class::Sse => {
                // Two floats where that is all there is, else a double.
                let float = |at: u64| {
                    leaves.iter().any(|leaf| match leaf.scalar {
                        Scalar::Float => leaf.offset == at * 8,
                        Scalar::ComplexFloat => leaf.offset == at * 8 || leaf.offset + 32 == at * 8,
                        _ => false,
                    })
                };
                if leaves.iter().any(|leaf| is_double_at(leaf, start)) || !float(start) {
                    push(if room < 8 { Scalar::Float } else { Scalar::Double });
                } else {
                    push(Scalar::Float);
                    if float(start + 4) {
                        push(Scalar::Float);
                    }
                }
            }
        }
    }
    elements
}
