//! Bytes as a graph of types and a call of a function in it: whatever a caller or a file makes of types, every entry of the
//! type model, of the check and of the lowering ends.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/everything/mod.rs"]
mod everything;

use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use ffitypecheck::abi::{Bytes, Leaf, ScalarClass, Value};
use ffitypecheck::check::{
    check_call, check_declaration, check_type, CallClaim, Claim, Options, Owner, TypeClaim,
};
use ffitypecheck::ctype::{
    BitField, Declaration, DeclarationKind, Encoding, Enumerator, Evidence, Function, Kind, Member,
    Name, Parameter, PointerClass, Qualifier, Record, RecordClass, Target, Type, TypeId, Types,
};
use ffitypecheck::header::write_header;
use ffitypecheck::identity::{difference, same_type, Identity, Sameness};
use ffitypecheck::libffi::lower;
use ffitypecheck::spell;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    #[arbitrary(with = target)]
    target: Target,
    #[arbitrary(with = graph)]
    types: Vec<Type>,
    #[arbitrary(with = call)]
    call: CallClaim,
    parameter_names: bool,
    #[arbitrary(with = sameness)]
    sameness: Sameness,
}

fuzz_target!(|input: Input| {
    let Input { target, types: graph, call, parameter_names, sameness } = input;
    let types = Arc::new(Types::new(target));
    let ids: Vec<TypeId> = graph.iter().map(|_| types.reserve()).collect();
    for (number, (&id, ty)) in ids.iter().zip(graph).enumerate() {
        assert_eq!(id, nth(number));
        types.set(id, ty);
    }
    // All types in few executions would be less than few types in many.
    let declared = ids.iter().take(4);
    let declarations: Vec<Declaration> = declared.map(|&ty| declaration(&types, ty)).collect();
    everything::each_type(&types, declarations.iter().map(|declaration| declaration.ty));
    let mut identity = Identity::new(parameter_names);
    for declaration in &declarations {
        assert!(!spell::declaration(declaration).is_empty());
        let _ = lower(declaration);
        let _ = check_call(declaration, &call);
        let (a, b) = (ids[0], declaration.ty);
        let options = Options {
            strict: true,
            owner: if parameter_names { Owner::Library } else { Owner::Unknown },
            ..Options::default()
        };
        for &ty in &ids {
            let _ = check_declaration(declaration, TypeClaim { types: &types, ty }, &options);
            let _ = check_type(&types, ty, TypeClaim { types: &types, ty: b }, &options);
        }
        let one_class = identity.same(&types, a, &types, b);
        if !parameter_names {
            assert_eq!(same_type(&types, a, &types, b), one_class);
        }
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

/// The type with that number in its table, whose first one is `void`.
fn nth(number: usize) -> TypeId {
    TypeId::from_index(number as u32 + 1)
}

fn target(u: &mut Unstructured) -> Result<Target> {
    u.choose(&[
        Target::HOST,
        Target::HOST,
        Target::HOST,
        Target { machine: 3, pointer_size: 4, little_endian: true },
        Target { machine: 22, pointer_size: 8, little_endian: false },
        Target { machine: 183, pointer_size: 8, little_endian: true },
    ])
    .copied()
}

fn sameness(u: &mut Unstructured) -> Result<Sameness> {
    let [parameter_names, incomplete_is_equal, through_typedefs, pointees_by_name] =
        u.arbitrary()?;
    Ok(Sameness { parameter_names, incomplete_is_equal, through_typedefs, pointees_by_name })
}

fn rarely(u: &mut Unstructured) -> Result<bool> {
    Ok(!u.ratio(7, 8)?)
}

/// Mostly small; else near a power of two.
fn number(u: &mut Unstructured) -> Result<u64> {
    if u.ratio(3, 4)? {
        return u.int_in_range(0..=39);
    }
    let power = 1_u64 << u.int_in_range(0..=63)?;
    Ok(power.wrapping_add(u.int_in_range(0..=2)?).wrapping_sub(1))
}

fn option<T>(
    u: &mut Unstructured,
    of: impl Fn(&mut Unstructured) -> Result<T>,
) -> Result<Option<T>> {
    u.ratio(2, 3)?.then(|| of(u)).transpose()
}

/// At most `most` of them.
fn list<C: FromIterator<T>, T>(
    u: &mut Unstructured,
    most: usize,
    of: impl Fn(&mut Unstructured) -> Result<T>,
) -> Result<C> {
    (0..u.int_in_range(0..=most)?).map(|_| of(u)).collect()
}

fn name(u: &mut Unstructured) -> Result<Name> {
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
    u.choose(&NAMES).map(|name| (*name).into())
}

fn graph(u: &mut Unstructured) -> Result<Vec<Type>> {
    let count = u.int_in_range(1..=16)?;
    (0..count).map(|_| ty(u, count)).collect()
}

fn ty(u: &mut Unstructured, count: usize) -> Result<Type> {
    let id = |u: &mut Unstructured| match u.int_in_range(0..=47)? {
        46 => Ok(TypeId::from_index(u32::MAX)),
        47 => Ok(TypeId::VOID),
        _ => u.choose_index(count).map(nth),
    };
    let kind = match u.int_in_range(0..=11)? {
        0 => Kind::Void,
        1 | 2 => Kind::Base {
            encoding: *u.choose(&Encoding::ALL)?,
            bits: option(u, number)?.map(|bits| bits as u32),
            swapped: u.arbitrary()?,
        },
        3 => {
            use PointerClass::{LvalueReference, Pointer, RvalueReference};
            let class = *u.choose(&[Pointer, LvalueReference, RvalueReference])?;
            Kind::Pointer { target: id(u)?, class }
        }
        4 => {
            use Qualifier::{Atomic, Const, Restrict, Volatile};
            let qualifier = *u.choose(&[Const, Volatile, Restrict, Atomic])?;
            Kind::Qualified { qualifier, target: id(u)? }
        }
        5 => Kind::Typedef { target: id(u)? },
        6 => Kind::Array {
            element: id(u)?,
            dimensions: list(u, 3, |u| option(u, number))?,
            vector: rarely(u)?,
        },
        7 | 8 => Kind::Record(Record {
            class: *u.choose(&[RecordClass::Struct, RecordClass::Union, RecordClass::Class])?,
            members: list(u, 5, |u| {
                let ty = id(u)?;
                member(u, ty)
            })?,
            incomplete: rarely(u)?,
            by_reference: if rarely(u)? { option(u, |_| Ok(true))? } else { Some(false) },
        }),
        9 => Kind::Enumeration {
            underlying: option(u, id)?,
            enumerators: list(u, 3, |u| {
                let high = if u.arbitrary()? { i128::from(number(u)? as i64) << 64 } else { 0 };
                Ok(Enumerator { name: name(u)?, value: high | i128::from(number(u)?) })
            })?,
            incomplete: rarely(u)?,
        },
        10 => Kind::Function(Function {
            result: id(u)?,
            parameters: list(u, 5, |u| Ok(Parameter { name: option(u, name)?, ty: id(u)? }))?,
            prototyped: u.arbitrary()?,
            variadic: u.arbitrary()?,
            convention: if rarely(u)? { u.arbitrary()? } else { None },
        }),
        _ => Kind::Unknown { reason: name(u)? },
    };
    let align = if rarely(u)? { Some(number(u)?) } else { None };
    Ok(Type { name: option(u, name)?, size: option(u, number)?, align, kind })
}

fn bits(u: &mut Unstructured) -> Result<BitField> {
    Ok(BitField { offset: number(u)?, width: number(u)? })
}

fn member(u: &mut Unstructured, ty: TypeId) -> Result<Member> {
    let bits = if rarely(u)? { Some(bits(u)?) } else { None };
    let offset = match bits {
        Some(bits) => bits.offset / 8,
        None => number(u)?,
    };
    let align = if rarely(u)? { Some(number(u)?) } else { None };
    Ok(Member { name: option(u, name)?, ty, offset, bits, base_class: rarely(u)?, align })
}

fn call(u: &mut Unstructured) -> Result<CallClaim> {
    Ok(CallClaim {
        default_abi: !rarely(u)?,
        fixed: option(u, |u| u.int_in_range(0..=255))?,
        arguments: list(u, 7, claim)?,
        result: claim(u)?,
    })
}

fn claim(u: &mut Unstructured) -> Result<Claim> {
    Ok(Claim::Value(match u.int_in_range(0..=7)? {
        0 => return Ok(Claim::Any),
        1 => Value::Void,
        2 => Value::Reference,
        3 => Value::Unknown { reason: "why".to_owned() },
        4 => Value::Complex { part: class(u)?, size: number(u)? },
        5 | 6 => {
            let leaves = list(u, 7, |u| {
                Ok(Leaf {
                    bits: if rarely(u)? { Some(bits(u)?) } else { None },
                    in_union: rarely(u)?,
                    in_array: rarely(u)?,
                    aligned: !rarely(u)?,
                    ..Leaf::new(number(u)?, number(u)?, class(u)?)
                })
            })?;
            Value::Record(Bytes::of_leaves(number(u)?, number(u)?, leaves))
        }
        _ => Value::Scalar { class: class(u)?, size: number(u)? },
    }))
}

fn class(u: &mut Unstructured) -> Result<ScalarClass> {
    let (signed, beyond_bool) = u.arbitrary()?;
    u.choose(&[
        ScalarClass::Integer { signed },
        ScalarClass::Enumeration { signed, beyond_bool },
        ScalarClass::Boolean,
        ScalarClass::Float,
        ScalarClass::Float128,
        ScalarClass::Decimal,
        ScalarClass::Pointer,
        ScalarClass::Vector,
        ScalarClass::WideInteger,
        ScalarClass::Unknown,
    ])
    .copied()
}
