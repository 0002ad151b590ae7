//! The calls of a library as text, for callers in other languages: what to pass, what the function then sees, and what
//! it returns.

use std::fmt::Write;

use crate::call::{promote, value};
use crate::generate::{self, Dialect, Generator};
use crate::layout::value_mask;
use crate::signature::{Extent, Function, Library, Scalar, Style, Type};
use crate::truth::{argument_types, signature};
use toolchain::Random;

/// The library of the first `count` functions that a caller without unions, bit-fields, complex numbers, attributes and
/// arrays of arrays can call: what ctypes and the like pass.
pub fn plain(generator: &Generator, count: usize, dialect: Dialect) -> Result<Library, String> {
    let mut kept = Vec::new();
    let mut number = 0;
    while kept.len() < count {
        let shape = (number, generator.tree(number)?.current());
        let alone = generate::library(std::slice::from_ref(&shape), dialect);
        let called = |function| signature(&alone, function, dialect).is_ok();
        if alone.functions.iter().all(|function| is_plain(&alone, function) && called(function)) {
            kept.push(shape);
        }
        number += 1;
    }
    Ok(generate::library(&kept, dialect))
}

fn is_plain(library: &Library, function: &Function) -> bool {
    let passed = function.parameters.iter().chain(&function.result);
    passed.into_iter().all(|spelled| is_plain_type(library, spelled.ty))
        && function.variadic.iter().all(|spelled| {
            !matches!(spelled.ty, Type::Record(_)) && is_plain_type(library, spelled.ty)
        })
}

fn is_plain_type(library: &Library, ty: Type) -> bool {
    match ty {
        Type::Scalar(Scalar::Integer { size, .. }) => size <= 8,
        Type::Scalar(scalar) => !matches!(
            scalar,
            Scalar::ComplexFloat | Scalar::ComplexDouble | Scalar::ComplexLongDouble
        ),
        Type::Foreign(_) => false,
        Type::Record(number) => {
            let record = &library.records[number];
            let attributes = record.packed || record.aligned.is_some();
            !record.union
                && !attributes
                && record.members.iter().all(|member| {
                    let array = match &member.extent {
                        Extent::One => true,
                        Extent::Array(dimensions) => dimensions.len() == 1,
                        Extent::Flexible => false,
                    };
                    array
                        && member.width.is_none()
                        && member.aligned.is_none()
                        && is_plain_type(library, member.spelled.ty)
                })
        }
    }
}

/// One line for each function: its name; why libffi cannot call it, or `none`; the number of its parameters; what it returns; each argument. A result is the
/// bytes to put into `ft_result`, and a mask of the bits that carry value, or `void`. An argument is the bytes to pass,
/// the bytes that appear in `ft_log`, and their mask. A variadic argument has its scalar type too, or `record`.
pub fn calls(library: &Library, dialect: Dialect, seed: u64) -> String {
    let mut text = String::new();
    for function in &library.functions {
        let mut random = Random::new(seed ^ function.number as u64);
        let obstacle = signature(library, function, dialect).err().unwrap_or("none");
        let _ = write!(text, "{} {}", function.name, obstacle.replace(' ', "_"));
        call(library, function, &mut random, &mut text);
        text.push('\n');
    }
    text
}

fn call(library: &Library, function: &Function, random: &mut Random, text: &mut String) {
    let _ = write!(text, " {}", function.parameters.len());
    match &function.result {
        None => text.push_str(" void"),
        Some(spelled) => {
            let bytes = value(library, spelled.ty, random);
            let mask = value_mask(library, spelled.ty);
            let _ = write!(text, " {}:{}", hex(&bytes), hex(&mask));
        }
    }
    let declared = function.parameters.iter().chain(&function.variadic);
    for (index, (spelled, promoted)) in declared.zip(argument_types(function)).enumerate() {
        let bytes = value(library, spelled.ty, random);
        let widened = function.style == Style::KandR && spelled.ty != promoted;
        let passed = if widened { promote(spelled.ty, &bytes) } else { bytes.clone() };
        let mask = hex(&value_mask(library, spelled.ty));
        let _ = write!(text, " {}:{}:{mask}", hex(&passed), hex(&bytes));
        if index >= function.parameters.len() {
            let _ = write!(text, ":{}", scalar_name(spelled.ty));
        }
    }
}

fn scalar_name(ty: Type) -> String {
    match ty {
        Type::Scalar(Scalar::Bool) => "bool".to_owned(),
        Type::Scalar(Scalar::Integer { size, signed }) => {
            format!("{}int{}", if signed { "" } else { "u" }, size * 8)
        }
        Type::Scalar(Scalar::Pointer) => "pointer".to_owned(),
        Type::Scalar(Scalar::Float) => "float".to_owned(),
        Type::Scalar(Scalar::Double) => "double".to_owned(),
        Type::Scalar(Scalar::LongDouble) => "longdouble".to_owned(),
        Type::Scalar(_) => "complex".to_owned(),
        Type::Record(_) => "record".to_owned(),
        Type::Foreign(_) => "foreign".to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
