//! A value's `ffi_type`: such that libffi passes it as the psABI asks.

use std::ffi::c_ushort;

use super::lower::MAX_SIZE;
use super::shape::{Code, Element, Shape};
use crate::ctype::eightbyte::{Eightbyte, Passing};
use crate::ctype::{Bytes, Leaf, ScalarClass, Target, Value};

/// Records in memory have at most so many elements of their own; past it they are opaque bytes.
const MAX_ELEMENTS: usize = 4096;
/// Larger than what libffi ever puts into registers on x86-64 (32 bytes).
const IN_MEMORY: usize = 64;

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Argument,
    Result,
}

/// The type for a value; or why libffi has none, as part of a sentence.
pub(super) fn shape(value: &Value, role: Role) -> Result<Shape, String> {
    match value {
        Value::Void if role == Role::Result => Ok(Shape::Scalar(Code::Void)),
        Value::Void => Err("a parameter cannot be void".to_owned()),
        Value::Reference if role == Role::Result => {
            Err("it is a C++ class written through a hidden pointer".to_owned())
        }
        Value::Reference => Ok(Shape::Scalar(Code::Pointer)),
        Value::Unknown { reason } => Err(reason.clone()),
        Value::Scalar { class: ScalarClass::Integer { .. }, size: 16 } => Ok(Shape::Struct {
            size: 16,
            align: Target::HOST.max_scalar_align() as c_ushort,
            elements: vec![Element::Scalar(Code::Unsigned64); 2],
        }),
        Value::Scalar { class, size } => Code::of(*class, *size)
            .map(Shape::Scalar)
            .ok_or_else(|| format!("libffi has no type for {}", scalar_words(*class, *size))),
        Value::Complex { part: ScalarClass::Float, size } => {
            Code::of(ScalarClass::Float, *size / 2)
                .map(Shape::Complex)
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

fn record(bytes: &Bytes, role: Role) -> Result<Shape, String> {
    if bytes.size == 0 || (bytes.complete && bytes.leaves.is_empty()) {
        return Err("libffi cannot pass an empty record".to_owned());
    }
    if bytes.size > MAX_SIZE {
        return Err("the record is too large for libffi".to_owned());
    }
    if role == Role::Argument && bytes.align > 16 {
        return Err("libffi aligns arguments to 16 bytes at most".to_owned());
    }
    let elements = if cfg!(target_arch = "x86_64") {
        match bytes.passing {
            // libffi 3.4 returns a struct of one `long double` in integer registers.
            Some(Passing::Registers([Eightbyte::X87, _])) if role == Role::Result => {
                return Ok(Shape::Scalar(Code::LongDouble));
            }
            passing => x86_64_elements(bytes, passing)?,
        }
    } else {
        other_elements(bytes)?
    };
    Ok(Shape::Struct {
        size: bytes.size as usize,
        align: c_ushort::try_from(bytes.align).map_err(|_| "its alignment is too large")?,
        elements,
    })
}

/// Elements by which libffi puts the record where the psABI puts it.
fn x86_64_elements(bytes: &Bytes, passing: Option<Passing>) -> Result<Vec<Element>, String> {
    let classes = match passing {
        None => return Err("how it is passed depends on more than its bytes".to_owned()),
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
        match (class, rest) {
            (_, 0) => {}
            (Eightbyte::NoClass, rest) if index == 1 => {
                elements.push(Element::Opaque(rest as usize));
            }
            (Eightbyte::Integer, rest) => elements.extend(integers(rest)),
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

/// The eight bytes at `offset` as `float`s where members are such and none is a `double`; else as a `double`.
fn floats(bytes: &Bytes, offset: u64) -> Vec<Element> {
    let of = |code, at: std::ops::Range<u64>| {
        let is = move |leaf: &Leaf| at.contains(&leaf.offset) && Code::of_leaf(leaf) == Some(code);
        bytes.leaves.iter().any(is)
    };
    let half = |at| match of(Code::Float, at..at + 4) {
        true => Element::Scalar(Code::Float),
        false => Element::Opaque(4),
    };
    let floats = of(Code::Float, offset..offset + 8) && !of(Code::Double, offset..offset + 8);
    match floats {
        true => vec![half(offset), half(offset + 4)],
        false => vec![Element::Scalar(Code::Double)],
    }
}

/// Integers that together cover `rest` bytes, 1 to 8, each aligned.
fn integers(rest: u64) -> impl Iterator<Item = Element> {
    [(8, Code::Unsigned64), (4, Code::Unsigned32), (2, Code::Unsigned16), (1, Code::Unsigned8)]
        .into_iter()
        .filter(move |(size, _)| rest & size != 0)
        .map(|(_, code)| Element::Scalar(code))
}

/// The members in their order, where libffi's own layout of them, with opaque bytes for what padding
/// it would not see, is the record's. `None` for unions, bit-fields and members that are not aligned.
fn natural(bytes: &Bytes) -> Option<Vec<Element>> {
    if !bytes.complete || bytes.leaves.len() > MAX_ELEMENTS {
        return None;
    }
    let mut elements = Vec::with_capacity(bytes.leaves.len());
    let mut end = 0_u64;
    let mut align = 1;
    for leaf in &bytes.leaves {
        if leaf.bit_field || leaf.in_union {
            return None;
        }
        let code = Code::of_leaf(leaf)?;
        let (size, natural) = code.layout();
        let next = end.next_multiple_of(natural);
        if leaf.offset % natural != 0 || next > leaf.offset {
            return None;
        }
        if next < leaf.offset {
            elements.push(Element::Opaque((leaf.offset - end) as usize));
        }
        elements.push(Element::Scalar(code));
        end = leaf.offset + size;
        align = align.max(natural);
    }
    if end.next_multiple_of(align) != bytes.size && end != bytes.size {
        elements.push(Element::Opaque(bytes.size.checked_sub(end)? as usize));
    }
    Some(elements)
}

/// Machines other than x86-64 (not tested): members as they lie. A union or bit-fields become integers
/// where no member is floating-point, one floating-point type where all are of one size.
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
        return Err("its padding cannot be told to libffi on this machine".to_owned());
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
            float(leaf) && leaf.size == first.size && leaf.offset % first.size.max(1) == 0
        };
        if let (true, Some(code)) = (bytes.leaves.iter().all(same), Code::of_leaf(first)) {
            let count = (bytes.size / first.size).min(MAX_ELEMENTS as u64);
            return Ok(vec![Element::Scalar(code); count as usize]);
        }
    }
    if cfg!(target_arch = "aarch64") {
        // AAPCS64 §6.8.2: what is not a homogeneous floating-point aggregate goes as integers.
        return Ok(integers_over(bytes));
    }
    Err("a union or packed record of mixed types is not told apart on this machine".to_owned())
}

/// Integers over all bytes; of large records, which are in memory on every machine, the first ones.
fn integers_over(bytes: &Bytes) -> Vec<Element> {
    let words = (bytes.size / 8).min(MAX_ELEMENTS as u64) as usize;
    let mut elements = vec![Element::Scalar(Code::Unsigned64); words];
    elements.extend(integers(bytes.size % 8));
    elements
}
