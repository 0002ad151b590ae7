//! Random libraries. What is random is in shape.rs; here it becomes functions, and in types.rs types.

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::classes::{classes, Class};
use crate::shape::{self, FunctionShape, INT};
use crate::signature::{promoted, Function, Library, Scalar, Spelled, Style, Type};
use crate::types::Types;

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

/// A function's shape, which can be made simpler.
pub type Tree = Box<dyn ValueTree<Value = FunctionShape>>;

/// The functions of a seed.
pub struct Generator {
    seed: u64,
    strategy: BoxedStrategy<FunctionShape>,
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { seed, strategy: shape::function() }
    }

    /// The function with that number. It does not depend on the others.
    pub fn tree(&self, number: usize) -> Result<Tree, String> {
        let seed = [self.seed, number as u64, 0, 0].map(u64::to_le_bytes).concat();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        self.strategy.new_tree(&mut runner).map_err(|reason| reason.to_string())
    }

    /// The library of the first `count` functions.
    pub fn library(&self, count: usize, dialect: Dialect) -> Result<Library, String> {
        let shape = |number| Ok((number, self.tree(number)?.current()));
        let shapes: Result<Vec<_>, String> = (0..count).map(shape).collect();
        Ok(library(&shapes?, dialect))
    }
}

/// A library of these functions, each with its number.
pub fn library(shapes: &[(usize, FunctionShape)], dialect: Dialect) -> Library {
    let mut types = Types::new(dialect);
    // What dwz moves away must be in two.
    let units = if shapes.len() == 1 { 2 } else { 3 };
    let functions = shapes
        .iter()
        .map(|(number, shape)| function(&mut types, *number, number % units, shape))
        .collect();
    Library { functions, units, ..types.library }
}

fn function(types: &mut Types, number: usize, unit: usize, shape: &FunctionShape) -> Function {
    let style = shape.style;
    let result = shape.result.as_ref().map(|shape| types.value(shape));
    let mut parameters: Vec<Spelled> =
        shape.parameters.iter().map(|shape| types.value(shape)).collect();
    let mut variadic: Vec<Spelled> =
        shape.variadic.iter().map(|shape| types.value(shape)).collect();
    variadic.retain(|spelled| is_read_rightly(&types.library, spelled.ty));
    if style == Style::Variadic {
        // C leaves va_start undefined after a parameter that promotion would change (C17 §7.16.1.4 ¶4).
        let last = parameters.pop().filter(|last| promoted(last.ty) == last.ty);
        parameters.push(last.unwrap_or(Spelled::new(INT.1, INT.0)));
    }
    Function { number, name: format!("f{number:04}"), unit, style, result, parameters, variadic }
}

/// What `va_arg` may read: promoted, and nothing that a compiler reads wrongly. gcc 12 fetches a type aligned to
/// 16 bytes from the area of saved registers as if that were aligned so too; clang 14 splits `__int128`.
fn is_read_rightly(library: &Library, ty: Type) -> bool {
    let aligned = match ty {
        Type::Record(number) => match library.records[number].align {
            32.. => false,
            16 => !in_registers(library, ty),
            _ => true,
        },
        Type::Scalar(Scalar::Integer { size, .. }) => size <= 8,
        _ => true,
    };
    promoted(ty) == ty && aligned
}

fn in_registers(library: &Library, ty: Type) -> bool {
    classes(library, ty).is_some_and(|found| matches!(found[0], Class::Integer | Class::Sse))
}
