//! Reads declarations in C, as the users of cffi, LuaJIT and PHP write them, and adds their types to a claim.
//!
//! ```
//! use ffitypecheck::check::ClaimedTypes;
//! use ffitypecheck::parse::Scope;
//! use ffitypecheck::spell;
//!
//! let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
//! scope.parse(&mut claimed, "typedef struct { double x, y; } point; double norm(const point *p);")?;
//! let function = scope.symbol("norm").expect("it is declared");
//! assert_eq!(spell::type_name(claimed.types(), function), "double (const point *)");
//!
//! let error = scope.parse(&mut claimed, "int area(rectangle r);").unwrap_err();
//! assert_eq!(error.to_string(), "line 1, column 10: 'rectangle' is not a known type");
//! # Ok::<(), ffitypecheck::Error>(())
//! ```
//!
//! The language is C17 without function bodies and values of variables, with the attributes `packed`, `aligned` and
//! `vector_size` of GNU C. Records, bit-fields and enumerations are laid out as gcc and clang do on this machine.
//! `sizeof`, `_Alignof`, `offsetof`, casts and the constants of enumerations may stand in constant expressions. An attribute that
//! changes how something is laid out or called, and that is not one of these, is an error.
//!
//! There is no preprocessor: `#line`, and the pragmas of a compiler's warnings, are skipped, and other directives are
//! errors. `gcc -E -P` makes a text without them.
//!
//! These types of the system's headers need no declaration, because the ABI of Linux fixes them: `bool`, those of
//! `<stddef.h>` and `<stdint.h>` without `max_align_t` and `int_fast16_t` and its like, `char16_t` and its like,
//! `va_list`, `FILE` (opaque), and of `<sys/types.h>` those that are integers of the same kind in every C library:
//! `ssize_t`, `off_t`, `time_t`, `pid_t`, `uid_t`, `mode_t` and so on. A text may define each of them otherwise.

mod attributes;
mod constants;
mod declarations;
mod declarator;
mod enumerations;
mod layout;
mod names;
mod offset_of;
mod records;
mod same;
mod scope;
mod specifiers;
#[cfg(test)]
mod tests;
mod tokens;

pub use scope::Scope;
