//! Finds calls that go wrong on x86-64 when the argument registers run out.
//!
//! libffi up to 3.4 copies a whole struct of 9 to 16 bytes from the integer register where it starts. If that is the
//! sixth and last integer register, the copy also overwrites the first vector register, and the floating-point
//! argument in it is lost.
//!
//! clang up to 17 splits a 16-byte integer between the last integer register and the stack, and aligns the stack part
//! to 8 bytes. The psABI and GCC pass it on the stack, aligned to 16 bytes.

use super::raw;
use crate::abi::{passing, Eightbyte, Passing, ScalarClass, Value};

/// The index of the first parameter that would overwrite another one in this process's libffi.
pub(super) fn spoiled_by_libffi(result: &Value, parameters: &[Value]) -> Option<usize> {
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    at_risk(result, parameters).filter(|_| raw::copies_past_last_register())
}

/// The index of the first parameter that compilers pass in different ways.
pub(super) fn compilers_disagree(result: &Value, parameters: &[Value]) -> Option<usize> {
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    split(result, parameters)
}

fn at_risk(result: &Value, parameters: &[Value]) -> Option<usize> {
    first_parameter(result, parameters, |parameter, classes, used| {
        let longer = parameter.size().is_some_and(|size| size > 8);
        let first = classes.first() == Some(&Eightbyte::Integer);
        used.fits(classes) && used.integers == 5 && used.vectors > 0 && longer && first
    })
}

fn split(result: &Value, parameters: &[Value]) -> Option<usize> {
    first_parameter(result, parameters, |parameter, classes, used| {
        let wide =
            matches!(parameter, Value::Scalar { class: ScalarClass::Integer { .. }, size: 16 });
        wide && !used.fits(classes)
    })
}

/// The registers that earlier parameters use.
struct Used {
    integers: usize,
    vectors: usize,
}

impl Used {
    fn with(&self, classes: [Eightbyte; 2]) -> Used {
        let count = |class| classes.iter().filter(|&&own| own == class).count();
        Used {
            integers: self.integers + count(Eightbyte::Integer),
            vectors: self.vectors + count(Eightbyte::Sse),
        }
    }

    fn fits(&self, classes: [Eightbyte; 2]) -> bool {
        let after = self.with(classes);
        after.integers <= 6 && after.vectors <= 8
    }
}

/// The index of the first parameter for which `holds` returns true. It gets the classes of the parameter and the
/// registers used before it.
fn first_parameter(
    result: &Value,
    parameters: &[Value],
    holds: impl Fn(&Value, [Eightbyte; 2], &Used) -> bool,
) -> Option<usize> {
    let hidden = passing(result).is_some_and(Passing::is_memory);
    let mut used = Used { integers: usize::from(hidden), vectors: 0 };
    for (index, parameter) in parameters.iter().enumerate() {
        let Some(Passing::Registers(classes)) = passing(parameter) else { continue };
        if holds(parameter, classes, &used) {
            return Some(index);
        }
        if used.fits(classes) {
            used = used.with(classes);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{Bytes, Leaf, ScalarClass};

    const LONG: Value = Value::Scalar { class: ScalarClass::Integer { signed: true }, size: 8 };
    const DOUBLE: Value = Value::Scalar { class: ScalarClass::Float, size: 8 };

    fn pair(first: ScalarClass, second: ScalarClass) -> Value {
        let leaves = vec![Leaf::new(0, 8, first), Leaf::new(8, 8, second)];
        Value::Record(Bytes::of_leaves(16, 8, leaves))
    }

    #[test]
    fn only_the_last_integer_register_and_a_used_vector_register_are_a_risk() {
        let mixed = pair(ScalarClass::Pointer, ScalarClass::Float);
        let tail = Value::Record(Bytes::of_leaves(16, 16, LONG.bytes().unwrap().leaves));
        let turned = pair(ScalarClass::Float, ScalarClass::Pointer);
        let hidden = Value::Record(Bytes::of_leaves(24, 8, vec![]));
        let longs = |count| vec![LONG; count];
        for (result, parameters, expected) in [
            (Value::Void, [vec![DOUBLE], longs(5), vec![mixed.clone()]].concat(), Some(6)),
            (Value::Void, [vec![DOUBLE], longs(5), vec![tail]].concat(), Some(6)),
            (hidden, [vec![DOUBLE], longs(4), vec![mixed.clone()]].concat(), Some(5)),
            (Value::Void, [vec![DOUBLE], longs(6)].concat(), None),
            (Value::Void, [longs(5), vec![mixed.clone()]].concat(), None),
            (Value::Void, [vec![DOUBLE], longs(4), vec![mixed.clone()]].concat(), None),
            (Value::Void, [vec![DOUBLE], longs(6), vec![mixed.clone()]].concat(), None),
            (Value::Void, [vec![DOUBLE], longs(5), vec![turned]].concat(), None),
            (Value::Void, [vec![DOUBLE; 8], longs(5), vec![mixed]].concat(), None),
        ] {
            assert_eq!(at_risk(&result, &parameters), expected, "{parameters:?}");
        }
    }
}
