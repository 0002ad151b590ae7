//! Integer constant expressions (C17 §6.6).

use super::declarations::Parser;
use super::scope::Meaning;
use super::tokens::Token;
use crate::abi;
use crate::ctype::{Encoding, Kind, Target, TypeId};
use crate::error::Result;

/// A value with its type: `int`, `unsigned`, or one of the types with 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) value: i128,
    /// 32 or 64.
    bits: u32,
    unsigned: bool,
}

impl Value {
    /// A value of the first of these types that has it: `int`, `unsigned int`, and those with 64 bits.
    pub(super) fn of(value: i128) -> Value {
        let types = [(32, false), (32, true), (64, false), (64, true)];
        let fits = |&(bits, unsigned): &(u32, bool)| wrapped(value, bits, unsigned) == value;
        let (bits, unsigned) = types.into_iter().find(fits).unwrap_or((64, true));
        Value { value, bits, unsigned }
    }

    /// The value as a constant of an enumeration with `bits` bits: `int` if it fits.
    pub(super) fn widened(self, bits: u64) -> Value {
        let is_int = self.bits == 32 && !self.unsigned;
        let bits = if bits == 64 && !is_int { 64 } else { self.bits };
        Value { bits, unsigned: self.unsigned && self.bits == bits, ..self }
    }

    fn truth(value: bool) -> Value {
        Value { value: i128::from(value), bits: 32, unsigned: false }
    }

    fn size(size: u64) -> Value {
        let bits = 8 * u32::from(Target::HOST.pointer_size);
        Value { value: i128::from(size), bits, unsigned: true }
    }

    /// The value after the usual arithmetic conversions (C17 §6.3.1.8).
    fn converted(self, bits: u32, unsigned: bool) -> Value {
        Value { value: wrapped(self.value, bits, unsigned), bits, unsigned }
    }
}

/// The value that `bits` bits hold of `value`.
fn wrapped(value: i128, bits: u32, unsigned: bool) -> i128 {
    let modulus = 1_i128 << bits;
    let rest = value.rem_euclid(modulus);
    if !unsigned && rest >= modulus / 2 {
        rest - modulus
    } else {
        rest
    }
}

/// The operators with two operands and their ranks: a higher rank binds more closely.
fn rank(mark: &str) -> Option<u8> {
    Some(match mark {
        "||" => 1,
        "&&" => 2,
        "|" => 3,
        "^" => 4,
        "&" => 5,
        "==" | "!=" => 6,
        "<" | ">" | "<=" | ">=" => 7,
        "<<" | ">>" => 8,
        "+" | "-" => 9,
        "*" | "/" | "%" => 10,
        _ => return None,
    })
}

impl<'t> Parser<'t, '_> {
    /// Reads a constant expression.
    pub(super) fn constant(&mut self) -> Result<Value> {
        self.enter()?;
        let start = self.tokens.start;
        let condition = self.operation(0)?;
        let value = if self.accept("?")? {
            let yes = self.constant()?;
            self.expect(":")?;
            let no = self.constant()?;
            let (bits, unsigned) = common(yes, no);
            let chosen = if condition.value != 0 { yes } else { no };
            chosen.converted(bits, unsigned)
        } else {
            condition
        };
        self.leave();
        if wrapped(value.value, value.bits, value.unsigned) != value.value {
            return Err(self.tokens.error(start, "the value does not fit 64 bits"));
        }
        Ok(value)
    }

    /// Reads a constant that counts something.
    pub(super) fn count(&mut self, what: &str) -> Result<u64> {
        let start = self.tokens.start;
        let value = self.constant()?.value;
        u64::try_from(value)
            .map_err(|_| self.tokens.error(start, &format!("{what} is {value}, which is negative")))
    }

    /// Reads operands and the operators between them that have at least the rank `least`.
    fn operation(&mut self, least: u8) -> Result<Value> {
        let mut left = self.operand()?;
        while let Token::Mark(mark) = self.tokens.token {
            let Some(rank) = rank(mark).filter(|&rank| rank >= least) else { break };
            let start = self.tokens.start;
            self.tokens.advance()?;
            let right = self.operation(rank + 1)?;
            left = apply(mark, left, right).map_err(|why| self.tokens.error(start, why))?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Value> {
        self.enter()?;
        let start = self.tokens.start;
        let value = match self.tokens.token {
            Token::Number(text) => {
                self.tokens.advance()?;
                number(text).map_err(|why| self.tokens.error(start, &format!("'{text}' {why}")))?
            }
            Token::Character(text) => {
                self.tokens.advance()?;
                character(text).ok_or_else(|| {
                    self.tokens.error(start, &format!("'{text}' is not one character"))
                })?
            }
            Token::Mark("(") => {
                self.tokens.advance()?;
                if self.is_type_start() {
                    let ty = self.type_name()?;
                    self.expect(")")?;
                    let value = self.operand()?;
                    self.cast(start, ty, value)?
                } else {
                    let value = self.constant()?;
                    self.expect(")")?;
                    value
                }
            }
            Token::Mark(mark @ ("-" | "+" | "~" | "!")) => {
                self.tokens.advance()?;
                let value = self.operand()?;
                let Value { bits, unsigned, .. } = value;
                let result = match mark {
                    "-" => Value { value: -value.value, ..value },
                    "~" => Value { value: !value.value, ..value },
                    "!" => Value::truth(value.value == 0),
                    _ => value,
                };
                result.converted(result.bits.min(bits), unsigned && mark != "!")
            }
            Token::Word(word) => self.word_operand(word)?,
            _ => return Err(self.unexpected("a constant")),
        };
        self.leave();
        Ok(value)
    }

    fn word_operand(&mut self, word: &'t str) -> Result<Value> {
        let start = self.tokens.start;
        self.tokens.advance()?;
        match word {
            "__extension__" => self.operand(),
            "__builtin_offsetof" | "offsetof" => Ok(Value::size(self.offset_of()?)),
            "sizeof" | "_Alignof" | "alignof" | "__alignof__" | "__alignof" => {
                self.expect("(")?;
                if !self.is_type_start() {
                    let message = format!("'{word}' is understood with a type in parentheses only");
                    return Err(self.tokens.error(start, &message));
                }
                let ty = self.type_name()?;
                self.expect(")")?;
                let Some(size) = abi::size_of(self.claimed.types(), ty) else {
                    return Err(self.tokens.error(start, "the type has no size here"));
                };
                Ok(Value::size(if word == "sizeof" { size } else { self.align_of(ty) }))
            }
            _ => match self.scope.ordinary.get(word) {
                Some(Meaning::Constant(value)) => Ok(*value),
                None if word == "true" || word == "false" => Ok(Value::truth(word == "true")),
                _ => {
                    let message = format!("'{word}' is not a known constant");
                    Err(self.tokens.error(start, &message))
                }
            },
        }
    }

    fn cast(&self, start: usize, ty: TypeId, value: Value) -> Result<Value> {
        use Encoding::{Boolean, Signed, SignedChar, Unsigned, UnsignedChar, Utf};
        let types = self.claimed.types();
        let mut ty = types.resolve(ty);
        if let Kind::Enumeration { underlying: Some(underlying), .. } = types.get(ty).kind {
            ty = types.resolve(underlying);
        }
        let bits = abi::size_of(types, ty).and_then(|size| u32::try_from(8 * size).ok());
        let (Kind::Base { encoding, .. }, Some(bits @ (8 | 16 | 32 | 64))) =
            (&types.get(ty).kind, bits)
        else {
            return Err(self.tokens.error(start, "a constant can be converted to integers only"));
        };
        let unsigned = match encoding {
            Boolean => return Ok(Value::truth(value.value != 0)),
            Signed | SignedChar => false,
            Unsigned | UnsignedChar | Utf => true,
            _ => {
                let message = "a constant can be converted to integers only";
                return Err(self.tokens.error(start, message));
            }
        };
        let value = wrapped(value.value, bits, unsigned);
        // What is narrower than `int` is promoted to it.
        Ok(Value { value, bits: bits.max(32), unsigned: unsigned && bits >= 32 })
    }
}

/// The type of the result of an operation: its bits, and whether it is unsigned.
fn common(left: Value, right: Value) -> (u32, bool) {
    let bits = left.bits.max(right.bits);
    let unsigned = |value: Value| value.unsigned && value.bits == bits;
    (bits, unsigned(left) || unsigned(right))
}

fn apply(mark: &str, left: Value, right: Value) -> std::result::Result<Value, &'static str> {
    match mark {
        "||" => return Ok(Value::truth(left.value != 0 || right.value != 0)),
        "&&" => return Ok(Value::truth(left.value != 0 && right.value != 0)),
        "<<" | ">>" => {
            if !(0..i128::from(left.bits)).contains(&right.value) {
                return Err("the shift is negative or wider than its type");
            }
            let value = if mark == "<<" {
                wrapped(left.value << right.value, left.bits, left.unsigned)
            } else {
                left.value >> right.value
            };
            return Ok(Value { value, ..left });
        }
        _ => {}
    }
    let (bits, unsigned) = common(left, right);
    let (a, b) = (left.converted(bits, unsigned).value, right.converted(bits, unsigned).value);
    if matches!(mark, "/" | "%") && b == 0 {
        return Err("the division is by zero");
    }
    let exact = match mark {
        "==" => return Ok(Value::truth(a == b)),
        "!=" => return Ok(Value::truth(a != b)),
        "<" => return Ok(Value::truth(a < b)),
        ">" => return Ok(Value::truth(a > b)),
        "<=" => return Ok(Value::truth(a <= b)),
        ">=" => return Ok(Value::truth(a >= b)),
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "+" => a + b,
        "-" => a - b,
        // Only the product of two unsigned numbers may need more than 127 bits, and its low bits stay correct.
        "*" => a.wrapping_mul(b),
        "/" => a / b,
        _ => a % b,
    };
    let value = wrapped(exact, bits, unsigned);
    if !unsigned && value != exact {
        return Err("the result does not fit its type");
    }
    Ok(Value { value, bits, unsigned })
}

/// The value of a number, with the type that C17 §6.4.4.1 gives it.
fn number(text: &str) -> std::result::Result<Value, &'static str> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = if let Some(hexadecimal) = lower.strip_prefix("0x") {
        (hexadecimal, 16)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (binary, 2)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (lower.as_str(), 8)
    } else {
        (lower.as_str(), 10)
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at(end);
    let (unsigned, long) = match suffix {
        "" => (false, false),
        "u" => (true, false),
        "l" | "ll" => (false, true),
        "ul" | "lu" | "ull" | "llu" => (true, true),
        _ => return Err("is not an integer"),
    };
    if digits.is_empty() {
        return Err("is not an integer");
    }
    let value = u64::from_str_radix(digits, radix).map_err(|_| "does not fit 64 bits")?;
    let value = i128::from(value);
    let is_long_64 = suffix.contains("ll") || Target::HOST.pointer_size == 8;
    let least = if long && is_long_64 { 64 } else { 32 };
    let fits = |&(bits, is_unsigned): &(u32, bool)| {
        bits >= least
            && (is_unsigned || !unsigned)
            && (!is_unsigned || unsigned || radix != 10)
            && wrapped(value, bits, is_unsigned) == value
    };
    let types = [(32, false), (32, true), (64, false), (64, true)];
    let (bits, unsigned) = types.into_iter().find(fits).ok_or("does not fit a signed type")?;
    Ok(Value { value, bits, unsigned })
}

/// The value of a character constant.
fn character(text: &str) -> Option<Value> {
    let value = match text.strip_prefix('\\') {
        None => {
            let mut characters = text.chars();
            let only = characters.next().filter(|c| c.is_ascii() && characters.next().is_none())?;
            i128::from(u32::from(only))
        }
        Some("n") => 10,
        Some("t") => 9,
        Some("r") => 13,
        Some("a") => 7,
        Some("b") => 8,
        Some("f") => 12,
        Some("v") => 11,
        Some("e") => 27,
        Some(plain @ ("\\" | "'" | "\"" | "?")) => i128::from(*plain.as_bytes().first()?),
        Some(code) => {
            let byte = match code.strip_prefix('x') {
                Some(digits) => u8::from_str_radix(digits, 16).ok()?,
                None if code.len() <= 3 => u8::from_str_radix(code, 8).ok()?,
                None => return None,
            };
            // A character constant has the value of a `char`.
            i128::from(byte as std::ffi::c_char)
        }
    };
    Some(Value { value, bits: 32, unsigned: false })
}
