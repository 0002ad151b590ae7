//! Finds an `ffi_type` for a value. libffi then passes the value as the psABI requires.

use std::ffi::c_ushort;

use super::lower::MAX_SIZE;
use super::shape::{Code, Element, PlannedType};
use crate::abi::{max_scalar_align, Bytes, Eightbyte, Leaf, Passing, ScalarClass, Value};
use crate::ctype::Target;

/// The largest number of elements of a record in memory. A record with more members is lowered to opaque bytes.
const MAX_ELEMENTS: usize = 4096;
/// A size in bytes that libffi never puts into registers on x86-64. Its limit is 32 bytes.
const IN_MEMORY: usize = 64;

/// Whether a value is an argument or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    Argument,
    Result,
}

/// The type for a value, or the reason why libffi has none, as part of a sentence.
pub(super) fn shape(value: &Value, role: Placement) -> Result<PlannedType, String> {
    match value {
        Value::Void if role == Placement::Result => Ok(PlannedType::Scalar(Code::Void)),
        Value::Void => Err("a parameter cannot be void".to_owned()),
        Value::Reference if role == Placement::Result => {
            Err("it is a C++ class written through a hidden pointer".to_owned())
        }
        Value::Reference => Ok(PlannedType::Scalar(Code::Pointer)),
        Value::Unknown { reason } => Err(reason.clone()),
        Value::Scalar { class: ScalarClass::Integer { .. }, size: 16 }
            if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) =>
        {
            Ok(PlannedType::Struct {
                size: 16,
                align: max_scalar_align(Target::HOST) as c_ushort,
                elements: vec![Element::Scalar(Code::Unsigned64); 2],
            })
        }
        Value::Scalar { class, size } => Code::of(*class, *size)
            .map(PlannedType::Scalar)
            .ok_or_else(|| format!("libffi has no type for {}", scalar_words(*class, *size))),
        Value::Complex { part: ScalarClass::Float, size } => {
            Code::of(ScalarClass::Float, *size / 2)
                .map(PlannedType::Complex)
                .ok_or_else(|| format!("libffi has no complex type of {size} bytes"))
        }
        Value::Complex { part: ScalarClass::Integer { .. }, .. }
            if cfg!(target_arch = "x86_64") =>
        {
            // GCC classifies a complex integer as a struct of its two parts.
            value.bytes().ok_or_else(String::new).and_then(|bytes| record(&bytes, role))
        }
        Value::Complex { .. } => Err("libffi has no such complex type".to_owned()),
        Value::Record(bytes) => record(bytes, role),
    }
}

fn scalar_words(class: ScalarClass, size: u64) -> String {
    match class {
        ScalarClass::Vector => format!("a vector of {size} bytes"),
        ScalarClass::WideInteger => "a _BitInt of more than 64 bits".to_owned(),
        ScalarClass::Decimal => format!("a decimal floating-point number of {size} bytes"),
        ScalarClass::Float | ScalarClass::Float128 => {
            format!("this floating-point number of {size} bytes")
        }
        _ => format!("a scalar of {size} bytes"),
    }
}

fn record(bytes: &Bytes, role: Placement) -> Result<PlannedType, String> {
    if bytes.size == 0 || (bytes.complete && bytes.leaves.is_empty()) {
        return Err("libffi cannot pass an empty record".to_owned());
    }
    if bytes.size > MAX_SIZE {
        return Err("the record is too large for libffi".to_owned());
    }
    if role == Placement::Argument && bytes.align > 16 {
        return Err("libffi aligns arguments to 16 bytes at most".to_owned());
    }
    let elements = if cfg!(target_arch = "x86_64") {
        match bytes.passing {
            // libffi 3.4 returns a struct of one `long double` in integer registers.
            Some(Passing::Registers([Eightbyte::X87, _])) if role == Placement::Result => {
                return Ok(PlannedType::Scalar(Code::LongDouble));
            }
            passing => x86_64_elements(bytes, passing)?,
        }
    } else {
        other_elements(bytes)?
    };
    Ok(PlannedType::Struct {
        size: bytes.size as usize,
        align: c_ushort::try_from(bytes.align).map_err(|_| "its alignment is too large")?,
        elements,
    })
}

/// The elements for which libffi passes the record in the same place as the psABI.
fn x86_64_elements(bytes: &Bytes, passing: Option<Passing>) -> Result<Vec<Element>, String> {
    let classes = match passing {
        None => return Err("how it is passed depends on the compiler and its options".to_owned()),
        Some(passing) => match (natural(bytes), passing) {
            (Some(elements), _) => return Ok(elements),
            (None, Passing::Memory) if bytes.size > 32 => {
                return Ok(vec![Element::Opaque(bytes.size as usize)])
            }
            (None, Passing::Memory) => return Ok(vec![Element::Opaque(IN_MEMORY)]),
            (None, Passing::Registers(classes)) => classes,
        },
    };
    let mut elements = Vec::new();
    for (index, class) in (0..).zip(classes) {
        let rest = bytes.size.saturating_sub(8 * index).min(8);
        if let Some(plain) = plain_eightbyte(bytes, 8 * index, rest) {
            elements.extend(plain);
            continue;
        }
        match (class, rest) {
            (_, 0) => {}
            (Eightbyte::NoClass, rest) if index == 1 => {
                elements.push(Element::Opaque(rest as usize));
            }
            (Eightbyte::Integer, rest) => elements.extend(integral(bytes, 8 * index, rest)),
            (Eightbyte::Sse, 8) => elements.extend(floats(bytes, 8 * index)),
            (Eightbyte::Sse, 4) => elements.push(Element::Scalar(Code::Float)),
            (Eightbyte::X87, _) => elements.push(Element::Scalar(Code::LongDouble)),
            (Eightbyte::X87Up, _) => {}
            (Eightbyte::SseUp, _) => {
                return Err("libffi cannot pass a 16-byte vector register".to_owned())
            }
            _ => return Err("libffi has no struct that goes into the same registers".to_owned()),
        }
    }
    Ok(elements)
}

/// The eight bytes at `offset` as elements: `float`s if there are `float` members and no `double`, otherwise one
/// `double`.
fn floats(bytes: &Bytes, offset: u64) -> Vec<Element> {
    let of = |code, at: std::ops::Range<u64>| {
        let is = move |leaf: &Leaf| at.contains(&leaf.offset) && Code::of_leaf(leaf) == Some(code);
        bytes.leaves.iter().any(is)
    };
    let half = |at| {
        if of(Code::Float, at..at + 4) {
            Element::Scalar(Code::Float)
        } else {
            Element::Opaque(4)
        }
    };
    let floats = of(Code::Float, offset..offset + 8) && !of(Code::Double, offset..offset + 8);
    if floats {
        vec![half(offset), half(offset + 4)]
    } else {
        vec![Element::Scalar(Code::Double)]
    }
}

/// The elements for an eightbyte of class INTEGER that has 1 to 8 bytes from `start`. Plain members are used as they
/// are, unions and bit-fields become integers, and padding becomes opaque bytes.
fn integral(bytes: &Bytes, start: u64, rest: u64) -> Vec<Element> {
    let end = start + rest;
    let shared = |leaf: &Leaf| leaf.is_bit_field() || leaf.in_union;
    let plain = |leaf: &Leaf| {
        let code = Code::of_leaf(leaf).filter(|_| !shared(leaf) && leaf.aligned);
        code.filter(|_| leaf.offset + leaf.size <= end)
    };
    let touches = |byte: u64| {
        let has = move |leaf: &&Leaf| (leaf.offset..leaf.offset + leaf.size).contains(&byte);
        bytes.leaves.iter().filter(has)
    };
    let mut elements = Vec::new();
    let mut at = start;
    while at < end {
        let own = touches(at).find_map(|leaf| plain(leaf).filter(|_| leaf.offset == at));
        let (element, size) = match own {
            Some(code) => (Element::Scalar(code), code.layout().0),
            None if touches(at).next().is_none() => {
                let next = (at..end).find(|byte| touches(*byte).next().is_some());
                let size = next.unwrap_or(end) - at;
                (Element::Opaque(size as usize), size)
            }
            None => {
                let fits = |size: u64| {
                    let in_use = |byte| touches(byte).any(|leaf| plain(leaf).is_none());
                    at.is_multiple_of(size) && at + size <= end && in_use(at + size - 1)
                };
                let size = [8, 4, 2].into_iter().find(|size| fits(*size)).unwrap_or(1);
                let class = ScalarClass::Integer { signed: false };
                (Element::Scalar(Code::of(class, size).unwrap_or(Code::Unsigned8)), size)
            }
        };
        elements.push(element);
        at += size;
    }
    elements
}

/// Aligned integers that together cover `rest` bytes. `rest` is 1 to 8.
fn integers(rest: u64) -> impl Iterator<Item = Element> {
    [(8, Code::Unsigned64), (4, Code::Unsigned32), (2, Code::Unsigned16), (1, Code::Unsigned8)]
        .into_iter()
        .filter(move |(size, _)| rest & size != 0)
        .map(|(_, code)| Element::Scalar(code))
}

/// The members in order, if libffi's own layout of them is the layout of the record. Padding that libffi would not
/// add becomes opaque bytes. `None` for unions, bit-fields and members that are not aligned.
fn natural(bytes: &Bytes) -> Option<Vec<Element>> {
    if !bytes.complete || bytes.leaves.len() > MAX_ELEMENTS {
        return None;
    }
    let (mut elements, end) = plain(&bytes.leaves, 0)?;
    let align = bytes.leaves.iter().filter_map(Code::of_leaf).map(|code| code.layout().1).max();
    if end.next_multiple_of(align.unwrap_or(1)) != bytes.size && end != bytes.size {
        elements.push(Element::Opaque(bytes.size.checked_sub(end)? as usize));
    }
    Some(elements)
}

/// Elements for scalars that do not overlap, laid out from `start`, and the offset at which they end.
fn plain<'a>(
    leaves: impl IntoIterator<Item = &'a Leaf>,
    start: u64,
) -> Option<(Vec<Element>, u64)> {
    let mut elements = Vec::new();
    let mut end = start;
    for leaf in leaves {
        let code = Code::of_leaf(leaf)?;
        let (size, align) = code.layout();
        let next = end.next_multiple_of(align);
        let shared = leaf.is_bit_field() || leaf.in_union;
        if shared || leaf.offset % align != 0 || next > leaf.offset {
            return None;
        }
        if next < leaf.offset {
            elements.push(Element::Opaque((leaf.offset - end) as usize));
        }
        elements.push(Element::Scalar(code));
        end = leaf.offset + size;
    }
    Some((elements, end))
}

/// The members of one eightbyte as elements. `None` if one is in a union, is a bit-field or crosses the end of the
/// eightbyte.
fn plain_eightbyte(bytes: &Bytes, start: u64, rest: u64) -> Option<Vec<Element>> {
    let within = |leaf: &&Leaf| leaf.offset < start + rest && leaf.offset + leaf.size > start;
    let (mut elements, end) = plain(bytes.leaves.iter().filter(within), start)?;
    if end < start + rest {
        elements.push(Element::Opaque((start + rest - end) as usize));
    }
    (end > start && end <= start + rest).then_some(elements)
}

/// The elements on machines other than x86-64 (not tested). Members are used as they are. Unions and bit-fields
/// become integers if no member is floating-point, or floating-point elements if all members are floating-point types
/// of one size.
fn other_elements(bytes: &Bytes) -> Result<Vec<Element>, String> {
    if let Some(elements) = natural(bytes) {
        let opaque = |element: &Element| matches!(element, Element::Opaque(_));
        let integral = bytes.leaves.iter().all(|leaf| leaf.class.is_integral());
        if !elements.iter().any(opaque) {
            return Ok(elements);
        }
        if integral {
            return Ok(integers_over(bytes));
        }
        return Err("its padding cannot be described to libffi on this machine".to_owned());
    }
    if !bytes.complete {
        return Err("its members are not all known".to_owned());
    }
    let float = |leaf: &Leaf| leaf.class == ScalarClass::Float;
    if bytes.leaves.iter().all(|leaf| leaf.class.is_integral()) {
        return Ok(integers_over(bytes));
    }
    if let Some(first) = bytes.leaves.first() {
        let same = |leaf: &Leaf| {
            float(leaf) && leaf.size == first.size && leaf.offset.is_multiple_of(first.size.max(1))
        };
        if let (true, Some(code)) = (bytes.leaves.iter().all(same), Code::of_leaf(first)) {
            let count = (bytes.size / first.size).min(MAX_ELEMENTS as u64);
            return Ok(vec![Element::Scalar(code); count as usize]);
        }
    }
    if cfg!(target_arch = "aarch64") {
        // AAPCS64 §6.8.2: a composite that is not a homogeneous floating-point aggregate is passed as integers.
        return Ok(integers_over(bytes));
    }
    Err("libffi cannot pass a union or packed record of mixed types on this machine".to_owned())
}

/// Integers that cover all bytes. For large records, which every machine passes in memory, only the first bytes.
fn integers_over(bytes: &Bytes) -> Vec<Element> {
    let words = (bytes.size / 8).min(MAX_ELEMENTS as u64) as usize;
    let mut elements = vec![Element::Scalar(Code::Unsigned64); words];
    elements.extend(integers(bytes.size % 8));
    elements
}
