//! Compares a caller's own description of a whole type with a declaration.

use super::call::{not_a_function, Call};
use super::direction::{Direction, Role};
use super::signature::{functions, values};
use super::walk::{Aspect, Pair, Walk};
use super::{
    scalar, CallClaim, Finding, Options, Owner, Position, Report, Rule, TypeClaim, Verdict,
};
use crate::abi::{self, Value};
use crate::ctype::{Declaration, DeclarationKind, Kind, TypeId, Types};
use crate::spell;

/// Compares the claimed type of a function, variable or named type with the declaration.
///
/// Each pair of a declared and a claimed type is compared once. There are at most 256 pairs and 16 more for each type
/// that is met, or as many as [`Options::pairs`] says. Pairs that are not compared are UNVERIFIED. Any thread may
/// call this function.
pub fn check_declaration(
    declaration: &Declaration,
    claim: TypeClaim<'_>,
    options: &Options,
) -> Report {
    let (types, symbol) = (&*declaration.types, declaration.symbol.clone());
    if declaration.kind == DeclarationKind::Type {
        let walk = Walk::new(types, claim.types, symbol, None, options);
        return Report::with_options(of_types(walk, declaration.ty, claim.ty, options), options);
    }
    let claimed = &claim.types.resolved(claim.ty).kind;
    if let Kind::Unknown { .. } = claimed {
        let mut walk = Walk::new(types, claim.types, symbol, None, options);
        let pair = Pair::new(Position::Call, declaration.ty, claim.ty, Role::Argument);
        walk.about(&pair, (Rule::NotKnown, Verdict::Unverified), None);
        return Report::with_options(walk.finish(), options);
    }
    let findings = match (declaration.function(), claimed) {
        (Some(declared), Kind::Function(function)) => {
            let mut walk = Walk::new(types, claim.types, symbol, Some(declared), options);
            let call_claim = CallClaim::of_function(claim.types, function, declared);
            let call = Call {
                types,
                function: declared,
                parameters_known: declaration.parameters_known(),
                claim: &call_claim,
                claimed: Some((claim.types, function)),
                direction: Direction::Call,
            };
            let whole = Pair::new(Position::Call, declaration.ty, claim.ty, Role::Argument);
            for draft in call.drafts() {
                walk.add(&Pair { position: draft.position, ..whole }, draft);
            }
            values(&mut walk, &whole, declared, function, Direction::Call);
            walk.finish()
        }
        (Some(_), _) => {
            let mut walk = Walk::new(types, claim.types, symbol, None, options);
            let text = "the library declares a function, the caller a variable".to_owned();
            let finding = (Rule::FunctionAgainstVariable, Verdict::Mismatch);
            let pair = Pair::new(Position::Variable, declaration.ty, claim.ty, Role::Result);
            walk.push(&pair, finding, text);
            walk.finish()
        }
        (None, Kind::Function(_)) => {
            let draft = not_a_function(declaration, "the caller declares a function");
            vec![draft.finding(&symbol, None, Position::Call, "")]
        }
        (None, _) => {
            let walk = Walk::new(types, claim.types, symbol, None, options);
            of_variable(walk, declaration.ty, claim.ty)
        }
    };
    Report::with_options(findings, options)
}

/// Compares a claimed type with a declared one, as if both lay behind a pointer. [`Options::owner`] says who made the
/// memory there. Bounded as [`check_declaration`].
pub fn check_type(declared: &Types, ty: TypeId, claim: TypeClaim<'_>, options: &Options) -> Report {
    let symbol = spell::type_name(declared, ty);
    let walk = Walk::new(declared, claim.types, symbol.as_str().into(), None, options);
    Report::with_options(of_types(walk, ty, claim.ty, options), options)
}

fn of_types(
    mut walk: Walk<'_>,
    declared: TypeId,
    claimed: TypeId,
    options: &Options,
) -> Vec<Finding> {
    let role = match options.owner {
        Owner::Library => Role::Result,
        Owner::Unknown | Owner::Caller => Role::Argument,
    };
    let whole = Pair::new(Position::Type, declared, claimed, role);
    let is_function = |types: &Types, id| matches!(types.resolved(id).kind, Kind::Function(_));
    if is_function(walk.declared, declared) && is_function(walk.claimed, claimed) {
        functions(&mut walk, &whole, Direction::Call);
    } else {
        walk.later(Pair { sure: options.owner != Owner::Unknown, ..whole });
    }
    walk.finish()
}

/// Compares a variable, which the caller reads and writes in the library's memory.
fn of_variable(mut walk: Walk<'_>, declared: TypeId, claimed: TypeId) -> Vec<Finding> {
    let whole = Pair::new(Position::Variable, declared, claimed, Role::Result);
    let opaque = |types: &Types, id| match &types.resolved(id).kind {
        Kind::Void => true,
        Kind::Record(record) => record.incomplete,
        _ => false,
    };
    if opaque(walk.claimed, claimed) || opaque(walk.declared, declared) {
        return walk.finish();
    }
    let sizes = (abi::size_of(walk.declared, declared), abi::size_of(walk.claimed, claimed));
    if let (Some(ours), Some(theirs)) = sizes {
        // An array without elements means an array of unknown length.
        let open = theirs == 0 && matches!(walk.claimed.resolved(claimed).kind, Kind::Array { .. });
        if ours != theirs && !open {
            let note = format!("the library's has {ours} bytes, the caller's {theirs}");
            walk.about(&whole, (Rule::VariableSize, Verdict::Mismatch), Some(&note));
            walk.show_layout(&whole);
            return walk.finish();
        }
    }
    let values = (abi::by_value(walk.declared, declared), abi::by_value(walk.claimed, claimed));
    match values {
        (
            Value::Scalar { class, size },
            Value::Scalar { class: claimed_class, size: claimed_size },
        ) => {
            let target = walk.declared.target();
            let claim = (claimed_class, claimed_size);
            if let Some(found) = scalar::compare((class, size), claim, Role::Result, target) {
                walk.about(&whole, (found.rule, found.verdict), found.note.as_deref());
            }
            walk.later(Pair { aspect: Aspect::Value, ..whole });
        }
        _ => walk.later(whole),
    }
    walk.finish()
}
