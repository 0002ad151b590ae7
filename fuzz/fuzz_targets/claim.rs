//! Bytes as a graph of types and a call of a function in it: whatever a caller or a file makes of types, every entry of the
//! type model, of the check and of the lowering ends.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/everything/mod.rs"]
mod everything;

use std::sync::Arc;

use ffitypecheck::spell;
use ffitypecheck::check::{
    check_call, check_declaration, check_type, CallClaim, Claim, Options, TypeClaim,
};
use ffitypecheck::abi::{Bytes, Leaf, ScalarClass, Value};
use ffitypecheck::ctype::{BitField, Declaration, DeclarationKind, Encoding, Enumerator, Evidence, Function, Kind, Member, Name, Parameter, PointerClass, Qualifier, Record, RecordClass, Target, Type, TypeId, Types};
use ffitypecheck::header::write_header;
use ffitypecheck::identity::{difference, same_type, Identity, Sameness};
use ffitypecheck::libffi::lower;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let target = match input.byte() % 8 {
        0 => Target { machine: 3, pointer_size: 4, little_endian: true },
        1 => Target { machine: 22, pointer_size: 8, little_endian: false },
        2 => Target { machine: 183, pointer_size: 8, little_endian: true },
        _ => Target::HOST,
    };
    let types = Arc::new(Types::new(target));
    let count = 1 + usize::from(input.byte() % 16);
    let ids: Vec<TypeId> = (0..count).map(|_| types.reserve()).collect();
    for &id in &ids {
        types.set(id, input.ty(&ids));
    }
    // All types in few executions would be less than few types in many.
    let declared = ids.iter().take(4);
    let declarations: Vec<Declaration> = declared.map(|&ty| declaration(&types, ty)).collect();
    everything::each_type(&types, declarations.iter().map(|declaration| declaration.ty));
    let claim = CallClaim {
        default_abi: input.byte() % 4 != 0,
        fixed: input.option(|input| usize::from(input.byte())),
        arguments: (0..input.byte() % 8).map(|_| input.claim()).collect(),
        result: input.claim(),
    };
    let parameter_names = input.flag();
    let mut identity = Identity::new(parameter_names);
    for declaration in &declarations {
        assert!(!spell::declaration(&declaration).is_empty());
        let _ = lower(declaration);
        let _ = check_call(declaration, &claim);
        let (a, b) = (ids[0], declaration.ty);
        let options = Options { strict: true, prefix: parameter_names, ..Options::default() };
        for &ty in &ids {
            let _ = check_declaration(declaration, TypeClaim { types: &types, ty }, &options);
            let _ = check_type(&types, ty, TypeClaim { types: &types, ty: b }, &options);
        }
        let one_class = identity.same(&types, a, &types, b);
        if !parameter_names {
            assert_eq!(same_type(&types, a, &types, b), one_class);
        }
        let sameness = Sameness {
            parameter_names: input.flag(),
            incomplete_is_equal: input.flag(),
            through_typedefs: input.flag(),
            pointees_by_name: input.flag(),
        };
        let _ = difference(&types, a, &types, b, sameness);
    }
    let mut header = String::new();
    let _ = write_header(&declarations, &mut header);
});

fn declaration(types: &Arc<Types>, ty: TypeId) -> Declaration {
    let kind = match types.get(ty).kind {
        Kind::Function(_) => DeclarationKind::Function,
        _ => DeclarationKind::Variable,
    };
    Declaration {
        types: Arc::clone(types),
        ty,
        kind,
        symbol: Name::new(&format!("s{}", ty.index())),
        version: None,
        name: "n".into(),
        linkage_name: None,
        library: "lib.so".into(),
        key: None,
        evidence: Evidence::Address,
    }
}

/// Bytes; zeros behind their end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// Mostly small; else near a power of two.
    fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..192 => u64::from(small % 40),
            high => {
                let power = 1_u64 << (high % 64);
                power.wrapping_add(u64::from(self.byte() % 3)).wrapping_sub(1)
            }
        }
    }

    fn option<T>(&mut self, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.byte() % 3 != 0).then(|| some(self))
    }

    fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn id(&mut self, ids: &[TypeId]) -> TypeId {
        match self.byte() {
            255 => TypeId::from_index(u32::MAX),
            250.. => TypeId::VOID,
            byte => ids[usize::from(byte) % ids.len()],
        }
    }

    fn name(&mut self) -> Option<Name> {
        const NAMES: [&str; 12] = [
            "",
            "a",
            "b",
            "int",
            "restrict",
            "operator()",
            "std::x<int>",
            "_Float128",
            "*/",
            "größe",
            "long double",
            "_BitInt(9)",
        ];
        self.option(|input| NAMES[usize::from(input.byte()) % NAMES.len()].into())
    }

    fn ty(&mut self, ids: &[TypeId]) -> Type {
        let (name, size) = (self.name(), self.option(Self::number));
        let align = if self.byte() % 4 == 0 { Some(self.number()) } else { None };
        let kind = match self.byte() % 12 {
            0 => Kind::Void,
            1 => Kind::Base { encoding: self.encoding(), bits: None, swapped: self.flag() },
            2 => Kind::Base {
                encoding: self.encoding(),
                bits: Some(self.number() as u32),
                swapped: false,
            },
            3 => {
                let class = [
                    PointerClass::Pointer,
                    PointerClass::LvalueReference,
                    PointerClass::RvalueReference,
                ][usize::from(self.byte() % 3)];
                Kind::Pointer { target: self.id(ids), class }
            }
            4 => {
                let qualifier =
                    [Qualifier::Const, Qualifier::Volatile, Qualifier::Restrict, Qualifier::Atomic]
                        [usize::from(self.byte() % 4)];
                Kind::Qualified { qualifier, target: self.id(ids) }
            }
            5 => Kind::Typedef { target: self.id(ids) },
            6 => Kind::Array {
                element: self.id(ids),
                dimensions: (0..1 + self.byte() % 3).map(|_| self.option(Self::number)).collect(),
                vector: self.byte() % 4 == 0,
            },
            7..=8 => Kind::Record(Record {
                class: [RecordClass::Struct, RecordClass::Union, RecordClass::Class]
                    [usize::from(self.byte() % 3)],
                members: (0..self.byte() % 6).map(|_| self.member(ids)).collect(),
                incomplete: self.byte() % 8 == 0,
                by_reference: [Some(false), Some(true), None][usize::from(self.byte() % 8).saturating_sub(5)],
            }),
            9 => Kind::Enumeration {
                underlying: self.option(|input| input.id(ids)),
                enumerators: (0..self.byte() % 4)
                    .map(|_| {
                        let name = self.name().unwrap_or_else(|| "e".into());
                        let high = i128::from(self.number() as i64) << 64;
                        let value = if self.flag() { high } else { 0 } | i128::from(self.number());
                        Enumerator { name, value }
                    })
                    .collect(),
                incomplete: self.byte() % 8 == 0,
            },
            10 => Kind::Function(Function {
                result: self.id(ids),
                parameters: (0..self.byte() % 6)
                    .map(|_| Parameter { name: self.name(), ty: self.id(ids) })
                    .collect(),
                prototyped: self.flag(),
                variadic: self.flag(),
                convention: if self.byte() % 8 == 0 { Some(self.byte()) } else { None },
            }),
            _ => Kind::Unknown { reason: self.name().unwrap_or_else(|| "why".into()) },
        };
        Type { name, size, align, kind }
    }

    fn member(&mut self, ids: &[TypeId]) -> Member {
        let bits = if self.byte() % 4 == 0 {
            Some(BitField { offset: self.number(), width: self.number() })
        } else {
            None
        };
        Member {
            name: self.name(),
            ty: self.id(ids),
            offset: bits.map_or_else(|| self.number(), |bits| bits.offset / 8),
            bits,
            base_class: self.byte() % 8 == 0,
            align: if self.byte() % 8 == 0 { Some(self.number()) } else { None },
        }
    }

    fn encoding(&mut self) -> Encoding {
        const ALL: [Encoding; 12] = [
            Encoding::Boolean,
            Encoding::Signed,
            Encoding::Unsigned,
            Encoding::SignedChar,
            Encoding::UnsignedChar,
            Encoding::Utf,
            Encoding::Float,
            Encoding::Float128,
            Encoding::ComplexFloat,
            Encoding::ComplexFloat128,
            Encoding::ComplexInteger,
            Encoding::DecimalFloat,
        ];
        ALL[usize::from(self.byte()) % ALL.len()]
    }

    fn class(&mut self) -> ScalarClass {
        match self.byte() % 10 {
            0 => ScalarClass::Boolean,
            1 => ScalarClass::Enumeration { signed: self.flag(), beyond_bool: self.flag() },
            2 => ScalarClass::Float,
            3 => ScalarClass::Float128,
            4 => ScalarClass::Decimal,
            5 => ScalarClass::Pointer,
            6 => ScalarClass::Vector,
            7 => ScalarClass::WideInteger,
            8 => ScalarClass::Unknown,
            _ => ScalarClass::Integer { signed: self.flag() },
        }
    }

    fn claim(&mut self) -> Claim {
        Claim::Value(match self.byte() % 8 {
            0 => return Claim::Any,
            1 => Value::Void,
            2 => Value::Reference,
            3 => Value::Unknown { reason: "why".to_owned() },
            4 => Value::Complex { part: self.class(), size: self.number() },
            5..=6 => {
                let leaves = (0..self.byte() % 8)
                    .map(|_| Leaf {
                        bit_field: self.byte() % 8 == 0,
                        in_union: self.byte() % 8 == 0,
                        in_array: self.byte() % 8 == 0,
                        aligned: self.byte() % 8 != 0,
                        ..Leaf::new(self.number(), self.number(), self.class())
                    })
                    .collect();
                Value::Record(Bytes::of_leaves(self.number(), self.number(), leaves))
            }
            _ => Value::Scalar { class: self.class(), size: self.number() },
        })
    }
}
