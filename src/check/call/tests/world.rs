//! A short notation for declarations and calls, for the tests.

use crate::abi::{Bytes, Leaf, ScalarClass, Value};
use crate::check::fixture::marks;
use crate::check::*;
use crate::ctype::fixture::Fixture;
use crate::ctype::RecordClass::{Struct, Union};
use crate::ctype::*;

/// The declared types, by name.
pub(super) struct World {
    pub(super) fixture: Fixture,
    ids: Vec<(&'static str, TypeId)>,
}

impl World {
    pub(super) fn new(target: Target) -> World {
        use Encoding::*;
        let fixture = Fixture::of(target);
        let scalars = [
            ("bool", Boolean, 1),
            ("char", SignedChar, 1),
            ("uchar", UnsignedChar, 1),
            ("short", Signed, 2),
            ("int", Signed, 4),
            ("uint", Unsigned, 4),
            ("long", Signed, 8),
            ("ulong", Unsigned, 8),
            ("int128", Signed, 16),
            ("float", Float, 4),
            ("double", Float, 8),
            ("ldouble", Float, 16),
            ("float128", Float128, 16),
            ("float16", Float, 2),
            ("decimal", DecimalFloat, 8),
            ("cfloat", ComplexFloat, 8),
            ("cdouble", ComplexFloat, 16),
            ("cldouble", ComplexFloat, 32),
        ];
        let mut ids: Vec<(&str, TypeId)> = vec![("void", TypeId::VOID)];
        for (name, encoding, size) in scalars {
            ids.push((name, fixture.base(name, encoding, size)));
        }
        let of = |name: &str| ids.iter().find(|(own, _)| *own == name).unwrap().1;
        let (int, long, char) = (of("int"), of("long"), of("char"));
        let (float, double, uint) = (of("float"), of("double"), of("uint"));
        let pointer = fixture.pointer(TypeId::VOID);
        let chars = fixture.array(char, &[Some(8)]);
        let tens = fixture.array(int, &[Some(10)]);
        let wide = Kind::Base { encoding: Signed, bits: Some(100), swapped: false };
        let more = [
            ("ptr", pointer),
            ("size_t", fixture.typedef("size_t", of("ulong"))),
            ("enum", fixture.enumeration(Some("e"), 4, &[])),
            ("vector", fixture.vector(float, 4)),
            ("wide", fixture.add(Some("_BitInt(100)"), Some(16), wide)),
            ("empty", fixture.placed(Struct, 0, &[])),
            ("one", fixture.placed(Struct, 4, &[(0, int)])),
            ("pair", fixture.placed(Struct, 8, &[(0, int), (4, int)])),
            ("padded", fixture.placed(Struct, 8, &[(0, char), (4, int)])),
            ("mixed", fixture.placed(Struct, 16, &[(0, double), (8, pointer)])),
            ("floats", fixture.placed(Struct, 8, &[(0, float), (4, float)])),
            ("three", fixture.placed(Struct, 24, &[(0, long), (8, long), (16, double)])),
            ("gapped", fixture.placed(Struct, 24, &[(0, long), (8, char), (16, double)])),
            ("chars", fixture.placed(Struct, 24, &[(0, chars), (8, double), (16, double)])),
            (
                "either",
                fixture.placed(
                    Struct,
                    24,
                    &[
                        (0, fixture.placed(Union, 8, &[(0, chars), (0, pointer)])),
                        (8, double),
                        (16, double),
                    ],
                ),
            ),
            ("tens", fixture.placed(Struct, 44, &[(0, tens), (40, char)])),
            ("union", fixture.placed(Union, 8, &[(0, int), (0, double)])),
            ("bits", fixture.bits("s", 4, &[("m", 0, 3, int), ("m", 3, 5, uint)])),
            ("class", fixture.class_by_reference()),
            ("opaque", fixture.record("opaque")),
            ("unknown", fixture.types.add(Type::unknown("it has no unit"))),
            ("x87", fixture.placed(Struct, 16, &[(0, of("ldouble"))])),
            ("aligned", fixture.placed(Struct, 32, &[(0, of("int128")), (16, long)])),
        ];
        ids.extend(more);
        World { fixture, ids }
    }

    pub(super) fn id(&self, name: &str) -> TypeId {
        self.ids.iter().find(|(own, _)| *own == name).unwrap_or_else(|| panic!("{name}")).1
    }

    /// `int(ptr, double)`; `...` at the end for variadic.
    pub(super) fn function(&self, text: &str) -> Function {
        let (result, rest) = text.split_once('(').unwrap();
        let rest = rest.strip_suffix(')').unwrap();
        let names = rest.split(", ").filter(|name| !name.is_empty());
        let parameters: Vec<_> = names.filter(|name| *name != "...").collect();
        let ids: Vec<_> = parameters.iter().map(|name| self.id(name)).collect();
        let mut function = self.fixture.prototype(self.id(result), &ids);
        function.variadic = rest.ends_with("...");
        function
    }

    pub(super) fn declaration(&self, text: &str) -> Declaration {
        self.fixture.function_declaration(self.function(text))
    }
}

fn scalar(name: &str) -> Option<(ScalarClass, u64)> {
    let integer = |signed| ScalarClass::Integer { signed };
    Some(match name {
        "u1" => (integer(false), 1),
        "i1" => (integer(true), 1),
        "i2" => (integer(true), 2),
        "u2" => (integer(false), 2),
        "i4" => (integer(true), 4),
        "u4" => (integer(false), 4),
        "i8" => (integer(true), 8),
        "u8" => (integer(false), 8),
        "f4" => (ScalarClass::Float, 4),
        "f8" => (ScalarClass::Float, 8),
        "f16" => (ScalarClass::Float, 16),
        "p" => (ScalarClass::Pointer, 8),
        "p4" => (ScalarClass::Pointer, 4),
        name => {
            let size = name.strip_prefix('?')?;
            (ScalarClass::Unknown, size.parse().ok()?)
        }
    })
}

/// A claim: a scalar (`i4`, `p`), `c8` for complex, or a struct `{size align offset:scalar …}`.
fn claim(text: &str) -> Claim {
    if let Some((class, size)) = scalar(text) {
        return Claim::Value(Value::Scalar { class, size });
    }
    Claim::Value(match text {
        "any" => return Claim::Any,
        "void" => Value::Void,
        "unknown" => Value::Unknown { reason: "its ffi_type has the unknown code 18".to_owned() },
        "c8" | "c16" | "c32" => {
            Value::Complex { part: ScalarClass::Float, size: text[1..].parse().unwrap() }
        }
        _ => {
            let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap();
            let mut words = inner.split(' ');
            let mut number = || words.next().unwrap().parse().unwrap();
            let (size, align) = (number(), number());
            let leaf = |word: &str| {
                let (offset, name) = word.split_once(':').unwrap();
                let (class, size) = scalar(name).unwrap();
                Leaf::new(offset.parse().unwrap(), size, class)
            };
            Value::Record(Bytes::of_leaves(size, align, words.map(leaf).collect()))
        }
    })
}

/// `i4(p, f8)`, with `; n` behind the nth argument where the call is prepared as variadic.
pub(super) fn call(text: &str) -> CallClaim {
    let (result, rest) = text.split_once('(').unwrap();
    let rest = rest.strip_suffix(')').unwrap();
    let fixed = rest.find(';').map(|at| rest[..at].split(", ").filter(|a| !a.is_empty()).count());
    let list = rest.replace("; ", ", ").replace(';', "");
    let arguments = list.split(", ").filter(|name| !name.is_empty()).map(claim).collect();
    CallClaim { default_abi: true, fixed, arguments, result: claim(result) }
}

pub(super) fn findings(declaration: &Declaration, claim: &CallClaim) -> String {
    marks(&check_call(declaration, claim))
}

pub(super) fn check_all(world: &World, cases: &[(&str, &str, &str)]) {
    for (declared, claimed, expected) in cases {
        let found = findings(&world.declaration(declared), &call(claimed));
        assert_eq!(&found, expected, "{claimed} against {declared}");
    }
}
