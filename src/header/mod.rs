//! Writes a C translation unit that declares a library's functions, variables and types, and every type that they
//! need.

mod check;
mod order;
mod record;
mod set;
mod text;
mod undeclarable;

use crate::abi;
use crate::spell::{self, comment_text};
use std::collections::HashMap;
use std::fmt;

use self::order::{HeaderStep, Need, Order};
use self::set::Set;
use self::text::{uses_floats_of_gcc, Writer};
use self::undeclarable::undeclarable;
use crate::ctype::{Declaration, DeclarationKind, Kind};

/// The outcome of writing a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderReport {
    /// The number of functions and variables that the header declares. Types are not counted.
    pub declared: usize,
    /// The declarations that are only named in a comment: their index in the given list, and why C cannot declare
    /// them.
    pub omitted: Vec<(usize, String)>,
    /// The header would be larger than the debug information can explain, which does not happen with the output of a
    /// compiler. The rest is missing, and the text is not valid C.
    pub cut: bool,
}

/// The limit on the size of a header, in bytes: a fixed size plus a number for each byte of the files that its types
/// are read from.
const PER_BYTE: u64 = 8;
const AT_LEAST: u64 = 1 << 22;
/// The limit if the types were not read from a file.
const LONGEST: usize = 1 << 26;
/// The reason why the rest is missing.
const TOO_LARGE: &str = "the header would be larger than the debug information explains";

/// Writes the declarations as C in GNU style (`-std=gnu17`). The header is complete: it includes nothing.
///
/// A type that several units define alike is written once. If definitions of one name differ, the second is called
/// `name__2`. A name that C cannot write is changed in the same way, and a symbol that C cannot write gets an asm
/// label. Types that are only declared stay declarations, unless another unit defines them. C++ classes become
/// structs, with their base classes as members `__base_0`. Attributes and unnamed bit-fields give each record its
/// layout, and one static assertion per record lets the compiler verify it. A header is therefore for one target
/// only. Records of the other byte order get an attribute that only gcc supports. A parameter that is a `va_list` is
/// written as `__builtin_va_list`. If a symbol is declared a second time with another type (another version), the
/// second declaration becomes a comment. A declaration of a type is written as the definition of that type.
///
/// Compile with `-fno-builtin`, because libraries define functions that the compiler has built in with other types.
///
/// Errors: those of `out`.
pub fn write_header(
    declarations: &[Declaration],
    out: &mut impl fmt::Write,
) -> Result<HeaderReport, fmt::Error> {
    let mut set = Set::new(declarations);
    let ordinary = std::mem::take(set.ordinary());
    let mut order = Order::default();
    order.add_named(&set, declarations);
    let mut report = HeaderReport::default();
    let mut reasons: HashMap<usize, String> = HashMap::new();
    let is_type = |declaration: &Declaration| declaration.kind == DeclarationKind::Type;
    for (index, declaration) in declarations.iter().enumerate() {
        if is_type(declaration) {
            continue;
        }
        match undeclarable(declaration) {
            Some(reason) => {
                reasons.insert(index, reason);
            }
            None => {
                let function =
                    matches!(declaration.types.get(declaration.ty).kind, Kind::Function(_));
                let need = if function { Need::Name } else { Need::Complete };
                order.add(&set, &declaration.types, declaration.ty, need);
            }
        }
    }
    order.add_rest(&set);
    let writer = Writer::new(&set, ordinary, longest(declarations));
    let types = types_text(&writer, &order.steps);
    let mut symbols: HashMap<&str, Option<usize>> = HashMap::new();
    let mut text = String::new();
    for (index, declaration) in declarations.iter().enumerate() {
        if is_type(declaration) {
            continue;
        }
        let symbol = declaration.symbol.as_str();
        let class = set.class(&declaration.types, declaration.ty);
        let full = (writer.left() == 0).then(|| TOO_LARGE.to_owned());
        let reason = full.or_else(|| {
            reasons.remove(&index).or_else(|| match symbols.get(symbol) {
                Some(known) if *known == class => None,
                Some(_) => Some(format!("also declared as '{}'", spell::declaration(declaration))),
                None => None,
            })
        });
        let reason = match reason {
            Some(reason) => Some(reason),
            None if symbols.insert(symbol, class).is_some() => continue,
            None => match writer.declaration(declaration) {
                Some(c) => {
                    let variable = declaration.function().is_none();
                    text.push_str(if variable { "extern " } else { "" });
                    text.push_str(&format!("{c};\n"));
                    writer.spend(&c);
                    report.declared += 1;
                    None
                }
                None => Some("its type is too large".to_owned()),
            },
        };
        if let Some(reason) = reason {
            let version = declaration.version.as_ref().map(|version| format!("@{version}"));
            let version = version.unwrap_or_default();
            let line = comment_text(&format!("{symbol}{version}: {reason}"));
            text.push_str(&format!("/* {line} */\n"));
            writer.spend(&reason);
            report.omitted.push((index, reason));
        }
    }
    prologue(declarations, &[&types, &text], out)?;
    out.write_str(&types)?;
    out.write_str("\n")?;
    out.write_str(&text)?;
    assertions(&writer, &order.steps, out)?;
    report.cut = writer.left() == 0;
    Ok(report)
}

/// Writes the definitions of types as C. A definition comes after the definitions that it needs. Types that are only
/// pointed to are declared. For declarations that are not types, only the types that they need are written. A base
/// type becomes a comment.
///
/// Names, layouts and compiler options are those of [`write_header`]. There are no assertions.
///
/// Errors: those of `out`.
pub fn write_types(declarations: &[Declaration], out: &mut impl fmt::Write) -> fmt::Result {
    let mut set = Set::new(declarations);
    let ordinary = std::mem::take(set.ordinary());
    let mut order = Order::default();
    order.add_named(&set, declarations);
    let writer = Writer::new(&set, ordinary, longest(declarations));
    out.write_str(&types_text(&writer, &order.steps))?;
    for declaration in declarations {
        let (types, id) = (&declaration.types, declaration.ty);
        if let Kind::Base { .. } = types.get(id).kind {
            let size = abi::size_of(types, id).unwrap_or(0);
            let name = comment_text(declaration.symbol.as_str());
            writeln!(out, "/* {name}: a base type of {size} bytes */")?;
        }
    }
    Ok(())
}

/// The limit on the size of the header in bytes. See [`PER_BYTE`].
fn longest(declarations: &[Declaration]) -> usize {
    let sizes = declarations.iter().map(|declaration| declaration.types.size_of_source());
    let size =
        sizes.max().flatten().map(|size| size.saturating_mul(PER_BYTE).saturating_add(AT_LEAST));
    size.map_or(LONGEST, |size| usize::try_from(size).unwrap_or(usize::MAX))
}

fn types_text(writer: &Writer, steps: &[HeaderStep]) -> String {
    let mut text = String::new();
    for (index, step) in steps.iter().enumerate() {
        let piece = match *step {
            _ if writer.left() == 0 => {
                text.push_str(&format!("/* {TOO_LARGE} */\n"));
                break;
            }
            // The definition of a record that points to itself needs no declaration before it.
            HeaderStep::Forward(class)
                if steps.get(index + 1) == Some(&HeaderStep::Define(class)) =>
            {
                continue
            }
            HeaderStep::Forward(class) => writer.forward(class),
            HeaderStep::Define(class) => writer.definition(class),
            HeaderStep::Typedef(class) => writer.typedef(class),
        };
        writer.spend(&piece);
        text.push_str(&piece);
    }
    text
}

fn prologue(
    declarations: &[Declaration],
    texts: &[&str],
    out: &mut impl fmt::Write,
) -> fmt::Result {
    if let Some(first) = declarations.first() {
        let library = comment_text(&first.library.display().to_string());
        let what = if declarations.iter().all(|one| one.kind == DeclarationKind::Type) {
            "Types"
        } else {
            "The exports"
        };
        writeln!(out, "/* {what} of {library}, from its debug information. */")?;
    }
    writeln!(out, "/* Compile with -std=gnu17 -fno-builtin, for the target of the library. */\n")?;
    // GNU C predefines these macros without an underscore. Real libraries use their names for members.
    for macro_name in ["linux", "unix", "i386"] {
        if texts.iter().any(|text| text.contains(macro_name)) {
            writeln!(out, "#undef {macro_name}")?;
        }
    }
    if texts.iter().any(|text| uses_floats_of_gcc(text)) {
        out.write_str(
            "#ifdef __clang__\n\
             # define _Float32 float\n\
             # define _Float64 double\n\
             # define _Float32x double\n\
             # define _Float64x long double\n\
             # define _Float128 __float128\n\
             #endif\n",
        )?;
    }
    out.write_str("\n")
}

fn assertions(writer: &Writer, steps: &[HeaderStep], out: &mut impl fmt::Write) -> fmt::Result {
    let set = writer.set;
    out.write_str("\n/* The layouts, as the library was compiled. */\n")?;
    for step in steps {
        let class = match *step {
            HeaderStep::Define(class) => Some(class),
            HeaderStep::Typedef(class) => set
                .refers_to(class)
                .first()
                .copied()
                .filter(|target| *set.form(*target) == set::Form::InTypedef(class)),
            HeaderStep::Forward(_) => None,
        };
        let assertion = class.and_then(|class| check::assertion(set, class, writer.left()));
        if let Some(assertion) = assertion {
            writer.spend(&assertion);
            out.write_str(&assertion)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
