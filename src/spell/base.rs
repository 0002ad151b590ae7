//! The names of base types in DWARF and in C.

use std::borrow::Cow;

use crate::ctype::machine::{ARM, I386, X86_64};
use crate::ctype::{Encoding, Target};

/// The C name of a base type of `size` bytes. It is the type's own name, in a fixed order of words, if that names the
/// same type in C on this target: gcc's `long unsigned int` and clang's `unsigned long` are one type. Otherwise it is
/// the C type with the same encoding and size. `None` if C has no such type.
pub(crate) fn base_name(
    target: Target,
    name: Option<&str>,
    encoding: Encoding,
    size: u64,
    bits: Option<u32>,
) -> Option<Cow<'static, str>> {
    if size == 0 {
        return None;
    }
    let name = name.unwrap_or("");
    if let Some(width) = bit_int_width(name, size, bits) {
        return Some(bit_int(encoding, width));
    }
    match own_name(name) {
        Some(own) if own.fits(target, encoding, size) => Some(Cow::Borrowed(own.c)),
        _ => equivalent(target, encoding, size),
    }
}

/// The fixed form of a base type's name: all names of one C type have the same. `None`: C has no base type with that
/// name.
pub(crate) fn canonical_name(name: &str) -> Option<&'static str> {
    own_name(name).map(|own| own.c)
}

/// The C base type with that name on this machine: the fixed form of its name, its encoding and its size in bytes.
/// `None`: C has no such type, or its format is not one of the target's.
pub(crate) fn base_of_name(name: &str) -> Option<(&'static str, Encoding, u64)> {
    let (own, target) = (own_name(name)?, Target::HOST);
    let long_double = match target.machine {
        I386 => 12,
        ARM => 8,
        _ => 16,
    };
    // `_Float64x` has the format of `long double` on x86, and is binary128 elsewhere.
    let is_x86 = matches!(target.machine, I386 | X86_64);
    let extended = if is_x86 { long_double } else { 16 };
    let size = match (own.c, own.size) {
        ("__fp16" | "__bf16" | "__ieee128", _) => return None,
        ("__float80", _) if !is_x86 => return None,
        ("__int128" | "unsigned __int128", _) if target.pointer_size < 8 => return None,
        ("_Float64x", _) => extended,
        ("_Complex _Float64x", _) => 2 * extended,
        ("long double" | "__float80", _) => long_double,
        ("_Complex long double", _) => 2 * long_double,
        (_, LONG) => u64::from(target.pointer_size),
        (_, TWO_LONGS) => 2 * u64::from(target.pointer_size),
        (_, size) => size,
    };
    let encoding = match own.class {
        BitReading::Boolean => Encoding::Boolean,
        BitReading::Char if std::ffi::c_char::MIN == 0 => Encoding::UnsignedChar,
        BitReading::Char => Encoding::SignedChar,
        BitReading::Signed if size == 1 => Encoding::SignedChar,
        BitReading::Signed => Encoding::Signed,
        BitReading::Unsigned if size == 1 => Encoding::UnsignedChar,
        BitReading::Unsigned => Encoding::Unsigned,
        BitReading::Float if is_binary128(own.c) => Encoding::Float128,
        BitReading::Float => Encoding::Float,
        BitReading::Decimal => Encoding::DecimalFloat,
        BitReading::ComplexFloat if is_binary128(own.c) => Encoding::ComplexFloat128,
        BitReading::ComplexFloat => Encoding::ComplexFloat,
        BitReading::ComplexInteger => Encoding::ComplexInteger,
    };
    Some((own.c, encoding, size))
}

/// Whether a base type is the C or C++ type with that name on this target. Other languages may use C's names for
/// other types: Go's `uint` and `int` have 8 bytes, Rust's `char` has 4.
pub(crate) fn is_of_c(target: Target, name: &str, encoding: Encoding, size: u64) -> bool {
    match own_name(name) {
        Some(own) => own.fits(target, encoding, size),
        None => {
            matches!(name, "wchar_t" | "char8_t" | "char16_t" | "char32_t")
                || name.contains("_BitInt(")
        }
    }
}

/// How a C base type interprets its bits, as far as its name says.
#[derive(Clone, Copy, PartialEq)]
enum BitReading {
    Boolean,
    Char,
    Signed,
    Unsigned,
    Float,
    Decimal,
    ComplexFloat,
    ComplexInteger,
}

struct Own {
    c: &'static str,
    class: BitReading,
    /// The size in bytes. 0: any size.
    size: u64,
}

impl Own {
    fn fits(&self, target: Target, encoding: Encoding, size: u64) -> bool {
        let class = match encoding {
            Encoding::Boolean => self.class == BitReading::Boolean,
            Encoding::Signed => matches!(self.class, BitReading::Signed),
            Encoding::Unsigned | Encoding::Utf => matches!(self.class, BitReading::Unsigned),
            Encoding::SignedChar => matches!(self.class, BitReading::Char | BitReading::Signed),
            Encoding::UnsignedChar => matches!(self.class, BitReading::Char | BitReading::Unsigned),
            Encoding::Float => self.class == BitReading::Float,
            // Only the names of binary128 name this type. If binary128 has its own encoding, `long double` is another
            // type.
            Encoding::Float128 => self.class == BitReading::Float && is_binary128(self.c),
            Encoding::ComplexFloat => self.class == BitReading::ComplexFloat,
            Encoding::ComplexFloat128 => {
                self.class == BitReading::ComplexFloat && is_binary128(self.c)
            }
            Encoding::ComplexInteger => self.class == BitReading::ComplexInteger,
            Encoding::DecimalFloat => self.class == BitReading::Decimal,
        };
        let sized = match self.size {
            0 => size >= 8,
            LONG => size == u64::from(target.pointer_size),
            TWO_LONGS => size == 2 * u64::from(target.pointer_size),
            exact => size == exact,
        };
        class && sized
    }
}

fn is_binary128(c: &str) -> bool {
    matches!(c, "_Float128" | "__float128" | "__ieee128")
        || matches!(c, "_Complex _Float128" | "_Complex __float128")
}

/// Stands for the size of `long`. On every ELF target here it is the size of a pointer.
const LONG: u64 = u64::MAX;
const TWO_LONGS: u64 = u64::MAX - 1;

/// Parses a C name with its words in any order. `None` if it is not the name of a C base type.
fn own_name(name: &str) -> Option<Own> {
    let (mut longs, mut signed, mut unsigned, mut complex) = (0_u8, false, false, false);
    let mut main = "";
    for word in name.split_ascii_whitespace() {
        match word {
            "long" => longs += 1,
            "signed" => signed = true,
            "unsigned" => unsigned = true,
            "complex" | "_Complex" | "__complex__" => complex = true,
            // In `short int` and `int long`, the `int` adds nothing.
            "int" if main == "short" || main == "int" => {}
            "short" if main == "int" => main = "short",
            _ if main.is_empty() => main = word,
            _ => return None,
        }
        if longs > 2 {
            return None;
        }
    }
    let own = |c, class, size| Some(Own { c, class, size });
    use BitReading::{
        Boolean, Char, ComplexFloat, ComplexInteger, Decimal, Float, Signed, Unsigned,
    };
    match (main, longs, signed, unsigned, complex) {
        ("char", 0, false, false, false) => own("char", Char, 1),
        ("char", 0, true, false, false) => own("signed char", Signed, 1),
        ("char", 0, false, true, false) => own("unsigned char", Unsigned, 1),
        ("short", 0, _, false, false) => own("short", Signed, 2),
        ("short", 0, false, true, false) => own("unsigned short", Unsigned, 2),
        ("int", 0, _, false, false) | ("", 0, true, false, false) => own("int", Signed, 4),
        ("int" | "", 0, false, true, false) => own("unsigned int", Unsigned, 4),
        ("int" | "", 1, _, false, false) => own("long", Signed, LONG),
        ("int" | "", 1, false, true, false) => own("unsigned long", Unsigned, LONG),
        ("int" | "", 2, _, false, false) => own("long long", Signed, 8),
        ("int" | "", 2, false, true, false) => own("unsigned long long", Unsigned, 8),
        ("__int128", 0, _, false, false) => own("__int128", Signed, 16),
        ("__int128", 0, false, true, false) => own("unsigned __int128", Unsigned, 16),
        ("_Bool" | "bool", 0, false, false, false) => own("_Bool", Boolean, 1),
        ("float", 0, false, false, false) => own("float", Float, 4),
        ("double", 0, false, false, false) => own("double", Float, 8),
        ("double", 1, false, false, false) => own("long double", Float, 0),
        ("_Float16", 0, false, false, false) => own("_Float16", Float, 2),
        ("__fp16", 0, false, false, false) => own("__fp16", Float, 2),
        ("__bf16", 0, false, false, false) => own("__bf16", Float, 2),
        ("_Float32", 0, false, false, false) => own("_Float32", Float, 4),
        ("_Float64", 0, false, false, false) => own("_Float64", Float, 8),
        ("_Float32x", 0, false, false, false) => own("_Float32x", Float, 8),
        ("_Float64x", 0, false, false, false) => own("_Float64x", Float, 0),
        ("_Float128", 0, false, false, false) => own("_Float128", Float, 16),
        ("__float128", 0, false, false, false) => own("__float128", Float, 16),
        ("__ieee128", 0, false, false, false) => own("__ieee128", Float, 16),
        ("__float80", 0, false, false, false) => own("__float80", Float, 0),
        ("_Decimal32", 0, false, false, false) => own("_Decimal32", Decimal, 4),
        ("_Decimal64", 0, false, false, false) => own("_Decimal64", Decimal, 8),
        ("_Decimal128", 0, false, false, false) => own("_Decimal128", Decimal, 16),
        ("float", 0, false, false, true) => own("_Complex float", ComplexFloat, 8),
        ("double", 0, false, false, true) => own("_Complex double", ComplexFloat, 16),
        ("double", 1, false, false, true) => own("_Complex long double", ComplexFloat, 0),
        ("_Float16", 0, false, false, true) => own("_Complex _Float16", ComplexFloat, 4),
        ("_Float32", 0, false, false, true) => own("_Complex _Float32", ComplexFloat, 8),
        ("_Float64", 0, false, false, true) => own("_Complex _Float64", ComplexFloat, 16),
        ("_Float32x", 0, false, false, true) => own("_Complex _Float32x", ComplexFloat, 16),
        ("_Float64x", 0, false, false, true) => own("_Complex _Float64x", ComplexFloat, 0),
        ("_Float128", 0, false, false, true) => own("_Complex _Float128", ComplexFloat, 32),
        ("__float128", 0, false, false, true) => own("_Complex _Float128", ComplexFloat, 32),
        ("char", 0, _, false, true) => own("_Complex signed char", ComplexInteger, 2),
        ("char", 0, false, true, true) => own("_Complex unsigned char", ComplexInteger, 2),
        ("short", 0, _, false, true) => own("_Complex short", ComplexInteger, 4),
        ("short", 0, false, true, true) => own("_Complex unsigned short", ComplexInteger, 4),
        ("int", 0, _, false, true) => own("_Complex int", ComplexInteger, 8),
        ("int" | "", 0, false, true, true) => own("_Complex unsigned int", ComplexInteger, 8),
        ("int" | "", 1, _, false, true) => own("_Complex long", ComplexInteger, TWO_LONGS),
        ("int" | "", 1, false, true, true) => {
            own("_Complex unsigned long", ComplexInteger, TWO_LONGS)
        }
        ("int" | "", 2, _, false, true) => own("_Complex long long", ComplexInteger, 16),
        ("int" | "", 2, false, true, true) => {
            own("_Complex unsigned long long", ComplexInteger, 16)
        }
        _ => None,
    }
}

/// The C type with that encoding and size, for types such as C++'s `wchar_t` and `char16_t`, Fortran's
/// `integer(kind=4)` and Rust's `u8`.
fn equivalent(target: Target, encoding: Encoding, size: u64) -> Option<Cow<'static, str>> {
    let long = u64::from(target.pointer_size);
    let name = match encoding {
        Encoding::Boolean if size == 1 => "_Bool",
        Encoding::Signed | Encoding::SignedChar => match size {
            1 => "signed char",
            2 => "short",
            4 => "int",
            8 if long == 8 => "long",
            8 => "long long",
            16 => "__int128",
            _ => return odd_integer(encoding, size),
        },
        Encoding::Boolean | Encoding::Unsigned | Encoding::UnsignedChar | Encoding::Utf => {
            match size {
                1 => "unsigned char",
                2 => "unsigned short",
                4 => "unsigned int",
                8 if long == 8 => "unsigned long",
                8 => "unsigned long long",
                16 => "unsigned __int128",
                _ => return odd_integer(encoding, size),
            }
        }
        Encoding::Float => match size {
            2 => "_Float16",
            4 => "float",
            8 => "double",
            10 | 12 | 16 => "long double",
            _ => return None,
        },
        Encoding::ComplexFloat => match size {
            4 => "_Complex _Float16",
            8 => "_Complex float",
            16 => "_Complex double",
            20 | 24 | 32 => "_Complex long double",
            _ => return None,
        },
        Encoding::Float128 if size == 16 => "_Float128",
        Encoding::ComplexFloat128 if size == 32 => "_Complex _Float128",
        Encoding::ComplexInteger => match size {
            2 => "_Complex signed char",
            4 => "_Complex short",
            8 => "_Complex int",
            16 => "_Complex long long",
            _ => return None,
        },
        Encoding::DecimalFloat => match size {
            4 => "_Decimal32",
            8 => "_Decimal64",
            16 => "_Decimal128",
            _ => return None,
        },
        Encoding::Float128 | Encoding::ComplexFloat128 => return None,
    };
    Some(Cow::Borrowed(name))
}

/// An integer type of an unusual size such as 3, 5 or 32 bytes, which other languages and DSPs have.
fn odd_integer(encoding: Encoding, size: u64) -> Option<Cow<'static, str>> {
    // C23 §6.7.2 leaves the widest _BitInt to the compiler. No compiler supports more than this.
    let width = size.checked_mul(8).filter(|width| *width <= 8_388_608)?;
    Some(bit_int(encoding, u32::try_from(width).ok()?))
}

fn bit_int(encoding: Encoding, width: u32) -> Cow<'static, str> {
    match encoding {
        Encoding::Signed | Encoding::SignedChar => format!("_BitInt({width})").into(),
        _ => format!("unsigned _BitInt({width})").into(),
    }
}

/// The width of a `_BitInt`: the stated one, the one in its name, or that of its bytes. `None`: it is another type.
fn bit_int_width(name: &str, size: u64, bits: Option<u32>) -> Option<u32> {
    let (_, after) = name.split_once("_BitInt").or_else(|| name.split_once("_ExtInt"))?;
    let in_name = after.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    bits.or_else(|| in_name?.parse().ok()).or_else(|| u32::try_from(size.checked_mul(8)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctype::fixture::{AMD64, I386};

    #[test]
    fn names_of_other_compilers_and_languages_become_c() {
        use Encoding::*;
        let (amd64, i386) = (AMD64, I386);
        for (target, name, encoding, size, bits, c) in [
            (amd64, "long unsigned int", Unsigned, 8, None, "unsigned long"),
            (amd64, "unsigned long", Unsigned, 8, None, "unsigned long"),
            (amd64, "long long int", Signed, 8, None, "long long"),
            (amd64, "short unsigned int", Unsigned, 2, None, "unsigned short"),
            (amd64, "char", SignedChar, 1, None, "char"),
            (amd64, "char", UnsignedChar, 1, None, "char"),
            (amd64, "unsigned char", UnsignedChar, 1, None, "unsigned char"),
            (amd64, "signed char", SignedChar, 1, None, "signed char"),
            (amd64, "bool", Boolean, 1, None, "_Bool"),
            (amd64, "logical(kind=4)", Boolean, 4, None, "unsigned int"),
            (amd64, "complex float", ComplexFloat, 8, None, "_Complex float"),
            (amd64, "complex long double", ComplexFloat, 32, None, "_Complex long double"),
            (amd64, "complex _Float128", ComplexFloat128, 32, None, "_Complex _Float128"),
            (amd64, "complex int", ComplexInteger, 8, None, "_Complex int"),
            (amd64, "_Float128", Float128, 16, None, "_Float128"),
            (amd64, "__float128", Float128, 16, None, "__float128"),
            // In C, the name would mean another format.
            (amd64, "long double", Float128, 16, None, "_Float128"),
            (amd64, "long double", Float, 16, None, "long double"),
            (i386, "long double", Float, 12, None, "long double"),
            (amd64, "__int128 unsigned", Unsigned, 16, None, "unsigned __int128"),
            (amd64, "_BitInt(17)", Signed, 4, Some(17), "_BitInt(17)"),
            (amd64, "unsigned _BitInt", Unsigned, 8, Some(33), "unsigned _BitInt(33)"),
            (amd64, "_BitInt(65)", Signed, 16, None, "_BitInt(65)"),
            (amd64, "wchar_t", Signed, 4, None, "int"),
            (amd64, "char16_t", Utf, 2, None, "unsigned short"),
            (amd64, "char32_t", Utf, 4, None, "unsigned int"),
            (amd64, "character(kind=1)", UnsignedChar, 1, None, "unsigned char"),
            (amd64, "integer(kind=8)", Signed, 8, None, "long"),
            (i386, "integer(kind=8)", Signed, 8, None, "long long"),
            (i386, "long int", Signed, 4, None, "long"),
            // Go's int.
            (amd64, "int", Signed, 8, None, "long"),
            (amd64, "u8", Unsigned, 1, None, "unsigned char"),
            (amd64, "char", Utf, 4, None, "unsigned int"),
            (amd64, "__unknown__", Unsigned, 3, None, "unsigned _BitInt(24)"),
            (amd64, "_Decimal64", DecimalFloat, 8, None, "_Decimal64"),
        ] {
            assert_eq!(base_name(target, Some(name), encoding, size, bits).unwrap(), c, "{name}");
        }
        assert_eq!(base_name(amd64, None, Float, 7, None), None);
        assert_eq!(base_name(amd64, Some("int"), Signed, 0, None), None);
        assert_eq!(base_name(amd64, None, Unsigned, u64::MAX, None), None);
    }
}
