//! Random libraries: the functions. The types are in types.rs.

use crate::classes::{classes, Class};
use crate::random::Random;
use crate::signature::{Foreign, Function, Library, Scalar, Spelled, Style, Type};
use crate::types::{self, Types};

/// What the compiler at hand cannot be asked to do, and what its debug information leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `_Decimal64` and its like.
    pub decimals: bool,
    /// The alignment that the source gives a record is not said.
    pub hides_alignment: bool,
    /// How records are passed, or returned, is another matter of options.
    pub passes_records_otherwise: bool,
    /// No types are said at all.
    pub untyped: bool,
    /// clang 14 passes four bytes of an eightbyte that is a float in one member of a union and a double in another.
    pub narrows_unions: bool,
    /// clang's debug information states an alignment of 8 in the source where the members make it 16, just as it does
    /// of a packed record that really has 8.
    pub states_source_alignment: bool,
}

/// A library of `functions` functions, the same for the same seed.
pub fn library(seed: u64, functions: usize, dialect: Dialect) -> Library {
    let mut random = Random::new(seed);
    let mut types = Types::new(&mut random, functions, dialect);
    let units = 3;
    let mut made = Vec::new();
    for number in 0..functions {
        let name = format!("f{number:04}");
        made.push(function(&mut random, &mut types, name, number % units, dialect));
    }
    let mut library = types.library;
    library.functions = made;
    library.units = units;
    library
}

fn function(
    random: &mut Random,
    types: &mut Types,
    name: String,
    unit: usize,
    dialect: Dialect,
) -> Function {
    let style = match random.below(100) {
        0..=9 => Style::KandR,
        10..=21 => Style::Variadic,
        _ => Style::Prototype,
    };
    let count = match random.below(10) {
        0 => 0,
        1..=6 => random.between(1, 5),
        7..=8 => random.between(4, 9),
        _ => random.between(8, 20),
    };
    let count = if style == Style::Variadic { count.max(1) } else { count };
    let result = match random.below(200) {
        0..=15 => None,
        16 => Some(foreign(random, dialect)),
        _ => Some(value(random, types)),
    };
    let mut parameters = Vec::new();
    for _ in 0..count {
        let spelled = match random.below(500) {
            0 => foreign(random, dialect),
            1..=60 => types::adjusted_parameter(random, types),
            _ => value(random, types),
        };
        parameters.push(qualify(random, spelled));
    }
    if style == Style::Variadic {
        // C leaves va_start undefined after a parameter that promotion would change (C17 §7.16.1.4 ¶4).
        let last = parameters.len() - 1;
        if crate::signature::promoted(parameters[last].ty) != parameters[last].ty {
            parameters[last] = Spelled::new(INT, "int @");
        }
    }
    let variadic = if style == Style::Variadic {
        (0..random.between(0, 8)).map(|_| variadic(random, types)).collect()
    } else {
        Vec::new()
    };
    Function { name, unit, style, result, parameters, variadic }
}

const INT: Type = Type::Scalar(Scalar::Integer { size: 4, signed: true });

/// Any type that has values.
fn value(random: &mut Random, types: &mut Types) -> Spelled {
    let spelled = match random.below(100) {
        0..=44 => types::scalar(random),
        45..=56 => types::pointer(random, types),
        57..=62 => types.enumeration(random),
        _ => types.record(random),
    };
    if random.chance(15) {
        types.typedef_chain(random, spelled)
    } else {
        spelled
    }
}

/// What `va_arg` may read: promoted, and nothing that a compiler reads wrongly. gcc 12 fetches a type aligned to
/// 16 bytes from the area of saved registers as if that were aligned so too; clang 14 splits `__int128`.
fn variadic(random: &mut Random, types: &mut Types) -> Spelled {
    loop {
        let spelled = value(random, types);
        let whole = crate::signature::promoted(spelled.ty) == spelled.ty;
        let aligned = match spelled.ty {
            Type::Record(number) => match types.library.records[number].align {
                32.. => false,
                16 => !in_registers(&types.library, spelled.ty),
                _ => true,
            },
            Type::Scalar(Scalar::Integer { size, .. }) => size <= 8,
            _ => true,
        };
        if whole && aligned {
            return spelled;
        }
    }
}

fn in_registers(library: &Library, ty: Type) -> bool {
    classes(library, ty).is_some_and(|found| matches!(found[0], Class::Integer | Class::Sse))
}

/// A type that libffi cannot pass.
fn foreign(random: &mut Random, dialect: Dialect) -> Spelled {
    let (foreign, text) = *random.pick(match dialect.decimals {
        true => FOREIGN,
        false => &FOREIGN[..3],
    });
    Spelled::new(Type::Foreign(foreign), text)
}

const FOREIGN: &[(Foreign, &str)] = &[
    (Foreign::Float128, "__float128 @"),
    (Foreign::Vector, "vector_of_ints @"),
    (Foreign::EmptyRecord, "struct empty @"),
    (Foreign::Decimal(4), "_Decimal32 @"),
    (Foreign::Decimal(8), "_Decimal64 @"),
    (Foreign::Decimal(16), "_Decimal128 @"),
];

/// `const`, `volatile`, `register` on a parameter change nothing for the caller.
fn qualify(random: &mut Random, spelled: Spelled) -> Spelled {
    let plain = spelled.text.ends_with(" @");
    if !plain || !random.chance(10) {
        return spelled;
    }
    let qualifier = *random.pick(&["const ", "volatile ", "const volatile "]);
    spelled.respelled(format!("{qualifier}{}", spelled.text))
}
