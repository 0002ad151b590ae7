//! A defect of libffi on x86-64 that a signature can meet.
//!
//! libffi up to 3.4 copies a whole struct of 9 to 16 bytes from the integer register where it starts.
//! If that is the sixth and last one, the copy runs on into the first vector register, which then
//! no longer holds the floating-point argument put there before.

use super::raw;
use crate::ctype::eightbyte::{passing, Eightbyte, Passing};
use crate::ctype::Value;

/// The index of the first parameter whose passing would spoil another one, in this process's libffi.
pub(super) fn spoiled_by_libffi(result: &Value, parameters: &[Value]) -> Option<usize> {
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    at_risk(result, parameters).filter(|_| raw::copies_past_last_register())
}

fn at_risk(result: &Value, parameters: &[Value]) -> Option<usize> {
    let hidden = passing(result).is_some_and(Passing::is_memory);
    let mut integers = usize::from(hidden);
    let mut vectors = 0;
    for (index, parameter) in parameters.iter().enumerate() {
        let Some(Passing::Registers(classes)) = passing(parameter) else { continue };
        let count = |class| classes.iter().filter(|&&own| own == class).count();
        let (integer, vector) = (count(Eightbyte::Integer), count(Eightbyte::Sse));
        if integers + integer > 6 || vectors + vector > 8 {
            continue;
        }
        let longer = parameter.size().is_some_and(|size| size > 8);
        let first = classes.first() == Some(&Eightbyte::Integer);
        if integers == 5 && vectors > 0 && longer && first {
            return Some(index);
        }
        integers += integer;
        vectors += vector;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctype::{Bytes, Leaf, ScalarClass};

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
