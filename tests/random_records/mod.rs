//! C with records of random shape.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use toolchain::Random;

const SCALARS: [&str; 14] = [
    "char",
    "signed char",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "long long",
    "float",
    "double",
    "long double",
    "_Bool",
    "void *",
    "enum tiny",
    "int (*)(int)",
];
const FIELDS: [&str; 8] = [
    "char",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "unsigned long long",
    "_Bool",
    "enum tiny",
];

/// The members of a record, which may use the records `r0` to `r<count - 1>`.
fn members(random: &mut Random, count: usize, depth: u32, attributes: bool, text: &mut String) {
    let total = 1 + random.below(7);
    for index in 0..total {
        let name = format!("m{depth}_{index}");
        let attribute = if attributes && random.one_in(8) {
            format!(" __attribute__((aligned({})))", 1 << random.below(6))
        } else {
            String::new()
        };
        match random.below(12) {
            0 if count > 0 => writeln!(text, "struct r{} {name};", random.below(count)),
            1 if count > 0 => writeln!(text, "struct r{} {name}[2];", random.below(count)),
            2 if depth < 3 => {
                let named = random.one_in(2);
                writeln!(text, "{} {{", random.pick(&["struct", "union"])).unwrap();
                // The names of anonymous members are the outer record's: their depth and index keep them apart.
                let inner = if named { depth + 1 } else { depth * 100 + index as u32 + 10 };
                members(random, count, inner, attributes, text);
                writeln!(text, "}} {};", if named { name } else { String::new() })
            }
            3..=6 => {
                let ty = random.pick(&FIELDS);
                // Clang records no bit-field as wide as its type, wherever packing puts it.
                let most = match ty {
                    "_Bool" => 1,
                    "char" | "enum tiny" => 7,
                    "unsigned short" => 15,
                    "long" | "unsigned long long" => 32,
                    _ => 31,
                };
                let width = 1 + random.below(most);
                if random.one_in(6) {
                    writeln!(text, "{ty} : {};", random.below(width)).unwrap();
                }
                writeln!(text, "{ty} {name} : {width};")
            }
            7 => writeln!(text, "short {name}[{}][2]{attribute};", random.below(4)),
            _ => match random.pick(&SCALARS) {
                "int (*)(int)" => writeln!(text, "int (*{name})(int);"),
                scalar => writeln!(text, "{scalar} {name}{attribute};"),
            },
        }
        .unwrap();
    }
}

/// C with `count` random records, each the result of an exported function; half of them in another byte `order`, if given.
pub fn source(seed: u64, count: usize, attributes: bool, order: Option<&str>) -> String {
    let mut random = Random::new(seed);
    let mut text = "enum __attribute__((packed)) tiny { TINY_A, TINY_B = 100 };\n".to_owned();
    for index in 0..count {
        let packed = attributes && random.one_in(4);
        let attribute = match (packed, attributes && random.one_in(6)) {
            (true, _) => "__attribute__((packed))".to_owned(),
            // Clang records an alignment below the members' as if it had an effect.
            (false, true) => format!("__attribute__((aligned({})))", 16 << random.below(3)),
            (false, false) => String::new(),
        };
        writeln!(text, "struct r{index} {{").unwrap();
        members(&mut random, index.min(8), 0, attributes, &mut text);
        if random.one_in(8) {
            writeln!(text, "int last_named; int flexible[];").unwrap();
        }
        let order = order.filter(|_| random.one_in(2));
        let order =
            order.map(|order| format!("__attribute__((scalar_storage_order(\"{order}\")))"));
        writeln!(text, "}} {attribute} {};", order.unwrap_or_default()).unwrap();
        // Records with a flexible array are no members of others.
        text = text.replace(&format!("struct r{index} m"), "int m");
        writeln!(text, "struct r{index} *f{index}(struct r{index} *p) {{ return p; }}").unwrap();
    }
    text
}
