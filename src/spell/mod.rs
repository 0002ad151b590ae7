//! Writes types and declarations in C, and parses the names of types.

mod base;
mod declarator;
mod identifier;
mod speller;
mod type_name;

pub(crate) use base::{base_name, base_of_name, canonical_name, is_of_c};
pub(crate) use identifier::to_identifier;
pub(crate) use speller::Speller;
pub(crate) use type_name::TypeName;

use crate::ctype::{Declaration, Type, TypeId, Types};

/// The type as C writes it in a cast or `sizeof`: `char *const`, `int (*)(void)`, `struct stat`.
///
/// A record or enumeration without a name is `struct {...}`. C++ references are written as `T &`, and C++ names keep
/// their scopes. The text is limited: if it is longer than about 32 KiB or nests too deeply, it is cut. A cut shows
/// as `…`.
pub fn type_name(types: &Types, id: TypeId) -> String {
    declaration_of(types, id, "")
}

/// The declaration of `name` with that type, such as `void (*handler)(int)`. See [`type_name`].
pub fn declaration_of(types: &Types, id: TypeId, name: &str) -> String {
    Speller::new(types, None).spell(id, name)
}

/// The declaration of the symbol in C, without the semicolon:
/// `void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *))`, `FILE *stdout`.
///
/// A definition without a prototype is `int f(/* char c, float x */)`, because a prototype with these types would
/// declare another function. A symbol that C cannot write gets an asm label. A typedef is `typedef int word`. Any
/// other type is only its name: `struct stat`. For the rest see [`type_name`].
pub fn declaration(declaration: &Declaration) -> String {
    Speller::new(&declaration.types, None).declaration(declaration)
}

/// A C++ name that cannot be written in C.
fn is_scoped(name: &str) -> bool {
    name.contains(['<', ':', '(', ' '])
}

/// `std::nullptr_t`, which is passed as a null pointer.
pub(crate) fn is_nullptr(ty: &Type) -> bool {
    ty.name.as_ref().is_some_and(|name| name == "decltype(nullptr)")
}

/// Makes `text` safe for a comment: it has no line breaks and does not end the comment.
pub(crate) fn comment_text(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("*/", "* /").replace("/*", "/ *")
}

#[cfg(test)]
mod tests;
