//! C's spelling: types and declarations as C writes them, and the names of types as C has them.

mod base;
mod declarator;
mod identifier;
mod speller;
mod type_name;

pub(crate) use base::{base_name, canonical_name, is_of_c};
pub(crate) use identifier::to_identifier;
pub(crate) use speller::Speller;
pub(crate) use type_name::TypeName;

use crate::ctype::{Declaration, Type, TypeId, Types};

/// The type as C writes it in a cast or `sizeof`: `char *const`, `int (*)(void)`, `struct stat`.
///
/// A record or enumeration without a name is `struct {...}`; C++'s references stay `T &`, and its names keep
/// their scopes. Bounded: what is longer than some 32 KiB or nested without end is cut, which shows as `…`.
pub fn type_name(types: &Types, id: TypeId) -> String {
    declaration_of(types, id, "")
}

/// The declaration of `name` with that type: `void (*handler)(int)`. See [`type_name`].
pub fn declaration_of(types: &Types, id: TypeId, name: &str) -> String {
    Speller::new(types, None).spell(id, name)
}

/// The declaration of the symbol in C, without the semicolon:
/// `void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *))`, `FILE *stdout`.
///
/// A definition without prototype is `int f(/* char c, float x */)`, since a prototype of these types would be
/// another function. A symbol that C cannot write is given an asm label. A typedef is `typedef int word`, any other type
/// by itself its name: `struct stat`. Else see [`type_name`].
pub fn declaration(declaration: &Declaration) -> String {
    Speller::new(&declaration.types, None).declaration(declaration)
}

/// A name of C++ that C has no other form of.
fn is_scoped(name: &str) -> bool {
    name.contains(['<', ':', '(', ' '])
}

/// `std::nullptr_t`, which is passed as a null pointer.
pub(crate) fn is_nullptr(ty: &Type) -> bool {
    ty.name.as_ref().is_some_and(|name| name == "decltype(nullptr)")
}

/// `text` as a comment can hold it: on one line, and not ending it.
pub(crate) fn comment_text(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("*/", "* /").replace("/*", "/ *")
}

#[cfg(test)]
mod tests;
