//! The C text of a library: one header, and the source files that define the functions.
//!
//! Each function appends the bytes of each argument to `ft_log` and returns what `ft_result` holds.

use std::fmt::Write;

use crate::signature::{Definition, Extent, Function, Library, Member, Record, Style, Type};

/// Room for every argument of one function, in bytes.
pub const LOG_SIZE: usize = 16384;
/// Room for a result, in bytes.
pub const RESULT_SIZE: usize = 512;

/// The header that all source files include.
pub fn header(library: &Library) -> String {
    let mut text = String::from(
        "#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n\
         extern unsigned char ft_log[], ft_result[];\nextern size_t ft_logged;\n\
         #define LOG(x) (memcpy(ft_log + ft_logged, (const void *)&(x), sizeof(x)), ft_logged += sizeof(x))\n\
         typedef int vector_of_ints __attribute__((vector_size(16)));\nstruct empty {};\n\
         extern struct chain { struct chain *next; int n; } *the_chain;\n",
    );
    for definition in &library.definitions {
        define(library, definition, &mut text);
        if let Definition::Record(number) = definition {
            assert_layout(&library.records[*number], &mut text);
        }
    }
    text
}

/// The functions with their types, to be read.
pub fn alone(library: &Library) -> String {
    let mut text = String::new();
    library.definitions.iter().for_each(|definition| define(library, definition, &mut text));
    library.functions.iter().for_each(|function| define_function(function, &mut text));
    text
}

fn define(library: &Library, definition: &Definition, text: &mut String) {
    let _ = match definition {
        Definition::Text(line) => writeln!(text, "{line}"),
        Definition::Record(number) => {
            let Record { head, tail, .. } = &library.records[*number];
            let body = body(library, &library.records[*number]);
            writeln!(text, "{head} {{{body} }}{tail};")
        }
    };
}

fn assert_layout(record: &Record, text: &mut String) {
    let name = record.text.replace(" @", "");
    let _ = writeln!(
        text,
        "_Static_assert(sizeof({name}) == {} && _Alignof({name}) == {}, \"\");",
        record.size, record.align
    );
    for member in record.members.iter().filter(|member| member.width.is_none()) {
        if let Some(inner) = &member.name {
            let _ = writeln!(
                text,
                "_Static_assert(offsetof({name}, {inner}) == {}, \"\");",
                member.offset / 8
            );
        }
    }
}

fn body(library: &Library, record: &Record) -> String {
    let mut text = String::new();
    for member in &record.members {
        let _ = write!(text, " {};", declare(library, member));
    }
    text
}

fn declare(library: &Library, member: &Member) -> String {
    let name = member.name.clone().unwrap_or_default();
    if let (Type::Record(number), true) = (member.spelled.ty, member.spelled.text.is_empty()) {
        let inner = &library.records[number];
        return format!("{} {{{} }}", inner.keyword(), body(library, inner));
    }
    let declarator = match &member.extent {
        Extent::One => name,
        Extent::Flexible => format!("{name}[]"),
        Extent::Array(dimensions) => {
            dimensions.iter().fold(name, |text, length| format!("{text}[{length}]"))
        }
    };
    let mut text = member.spelled.declare(&declarator);
    if let Some(width) = member.width {
        let _ = write!(text, " : {width}");
    }
    if let Some(align) = member.aligned {
        let _ = write!(text, " __attribute__((aligned({align})))");
    }
    text
}

/// The source file number `unit`.
pub fn source(library: &Library, unit: usize) -> String {
    let mut text = String::from("#include \"types.h\"\n");
    if unit == 0 {
        let _ = writeln!(
            text,
            "unsigned char ft_log[{LOG_SIZE}], ft_result[{RESULT_SIZE}];\nsize_t ft_logged;"
        );
        let records = library.records.iter().enumerate().filter(|(_, record)| !record.inline);
        // One variable for all of them: each variable is a partition of its own for `-flto-partition=max`.
        let _ = write!(text, "struct {{");
        for (number, record) in records.clone() {
            let _ = write!(text, " {};", record.text.replace('@', &format!("*v{number}")));
        }
        let _ = writeln!(text, " }} all_records;");
        records.for_each(|(number, record)| fields(record, number, &mut text));
    }
    for function in library.functions.iter().filter(|function| function.unit == unit) {
        define_function(function, &mut text);
    }
    text
}

/// A function that sets all bit-fields of a record, from which the driver learns where the compiler put them.
fn fields(record: &Record, number: usize, text: &mut String) {
    if record.members.iter().any(|member| member.width.is_some() && member.name.is_some()) {
        let variable = record.text.replace('@', "x");
        let _ = write!(text, "void bits{number}(void) {{ {variable}; memset(&x, 0, sizeof x);");
        for member in record.members.iter().filter(|member| member.width.is_some()) {
            if let Some(name) = &member.name {
                let _ = write!(text, " x.{name} = -1;");
            }
        }
        let _ = writeln!(text, " memcpy(ft_result, &x, sizeof x); }}");
    }
}

fn define_function(function: &Function, text: &mut String) {
    let names: Vec<String> = (0..function.parameters.len()).map(|i| format!("p{i}")).collect();
    let declared =
        || function.parameters.iter().zip(&names).map(|(spelled, name)| spelled.declare(name));
    let list = match function.style {
        Style::KandR => names.join(", "),
        Style::Prototype if names.is_empty() => "void".to_string(),
        Style::Prototype => declared().collect::<Vec<_>>().join(", "),
        Style::Variadic => declared().chain(["...".to_string()]).collect::<Vec<_>>().join(", "),
    };
    let head = format!("{}({list})", function.name);
    let _ = match &function.result {
        Some(spelled) => write!(text, "{}", spelled.declare(&head)),
        None => write!(text, "void {head}"),
    };
    if function.style == Style::KandR {
        declared().for_each(|line| {
            let _ = write!(text, " {line};");
        });
    }
    let _ = write!(text, "\n{{");
    for name in &names {
        let _ = write!(text, " LOG({name});");
    }
    if function.style == Style::Variadic {
        let _ = write!(text, " va_list ap; va_start(ap, {});", names[names.len() - 1]);
        for (number, spelled) in function.variadic.iter().enumerate() {
            let local = spelled.declare(&format!("a{number}"));
            let ty = spelled.declare("");
            let _ = write!(text, " {{ {local} = va_arg(ap, __typeof__({ty})); LOG(a{number}); }}");
        }
        let _ = write!(text, " va_end(ap);");
    }
    if let Some(spelled) = &function.result {
        let _ =
            write!(text, " {}; memcpy(&r, ft_result, sizeof r); return r;", spelled.declare("r"));
    }
    let _ = writeln!(text, " }}");
}
