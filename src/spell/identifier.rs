//! Decides which names C accepts as identifiers, and changes the others.

/// Whether C accepts `name` as an identifier (C17 §6.4.2.1, with GNU C's `$`) that is not a keyword.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| !first.is_ascii_digit() && is_part(first))
        && characters.all(is_part)
        && !is_keyword(name)
}

fn is_part(character: char) -> bool {
    character == '_'
        || character == '$'
        || character.is_ascii_alphanumeric()
        || (!character.is_ascii() && character.is_alphanumeric())
}

/// The longest identifier that is made here, in bytes. C++ names have no limit.
const LONGEST: usize = 200;

/// Returns `name` if it is an identifier, otherwise a similar identifier: `std::vector<int>` becomes
/// `std__vector_int_`, `restrict` becomes `restrict_`. Two names may become the same identifier.
pub(crate) fn to_identifier(name: &str) -> String {
    if is_identifier(name) {
        return name.to_owned();
    }
    let mut identifier = String::with_capacity(name.len().min(LONGEST) + 1);
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        identifier.push('_');
    }
    for character in name.chars() {
        if identifier.len() >= LONGEST {
            break;
        }
        let taken = is_part(character) && character.is_ascii();
        identifier.push(if taken { character } else { '_' });
    }
    if identifier.is_empty() || is_keyword(&identifier) {
        identifier.push('_');
    }
    identifier
}

/// C17 §6.4.1, and the keywords that gcc and clang add in GNU mode.
fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "auto"
            | "break"
            | "case"
            | "char"
            | "const"
            | "continue"
            | "default"
            | "do"
            | "double"
            | "else"
            | "enum"
            | "extern"
            | "float"
            | "for"
            | "goto"
            | "if"
            | "inline"
            | "int"
            | "long"
            | "register"
            | "restrict"
            | "return"
            | "short"
            | "signed"
            | "sizeof"
            | "static"
            | "struct"
            | "switch"
            | "typedef"
            | "union"
            | "unsigned"
            | "void"
            | "volatile"
            | "while"
            | "asm"
            | "typeof"
    ) || name.strip_prefix('_').is_some_and(is_reserved_keyword)
}

/// The keywords that begin with an underscore. `rest` is without the underscore.
fn is_reserved_keyword(rest: &str) -> bool {
    matches!(
        rest,
        "Alignas"
            | "Alignof"
            | "Atomic"
            | "BitInt"
            | "Bool"
            | "Complex"
            | "Decimal128"
            | "Decimal32"
            | "Decimal64"
            | "ExtInt"
            | "Float128"
            | "Float128x"
            | "Float16"
            | "Float32"
            | "Float32x"
            | "Float64"
            | "Float64x"
            | "Generic"
            | "Imaginary"
            | "Noreturn"
            | "Nonnull"
            | "Nullable"
            | "Static_assert"
            | "Thread_local"
            | "_FUNCTION__"
            | "_PRETTY_FUNCTION__"
            | "_alignof"
            | "_alignof__"
            | "_asm"
            | "_asm__"
            | "_attribute"
            | "_attribute__"
            | "_auto_type"
            | "_bf16"
            | "_builtin_va_arg"
            | "_builtin_offsetof"
            | "_complex"
            | "_complex__"
            | "_const"
            | "_const__"
            | "_extension__"
            | "_float128"
            | "_float80"
            | "_fp16"
            | "_func__"
            | "_ibm128"
            | "_ieee128"
            | "_imag"
            | "_imag__"
            | "_inline"
            | "_inline__"
            | "_int128"
            | "_label__"
            | "_null"
            | "_real"
            | "_real__"
            | "_restrict"
            | "_restrict__"
            | "_signed"
            | "_signed__"
            | "_thread"
            | "_typeof"
            | "_typeof__"
            | "_volatile"
            | "_volatile__"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_becomes_an_identifier() {
        for (name, identifier) in [
            ("qsort", "qsort"),
            ("a$b", "a$b"),
            ("restrict", "restrict_"),
            ("_Bool", "_Bool_"),
            ("__asm__", "__asm___"),
            ("", "_"),
            ("8ball", "_8ball"),
            ("std::vector<int>", "std__vector_int_"),
            ("operator()", "operator__"),
            ("f.constprop.0", "f_constprop_0"),
            ("größe", "größe"),
            ("a\u{fffd}", "a_"),
        ] {
            assert_eq!(to_identifier(name), identifier);
            assert!(is_identifier(&to_identifier(name)), "{name}");
        }
        assert!(to_identifier(&"x<".repeat(10_000)).len() <= LONGEST);
        assert!(!is_identifier("a b"));
    }
}
