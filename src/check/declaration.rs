//! A caller's own view of a whole type against a declaration.

use super::{check_call, CallClaim, Claim, Options, Report, TypeClaim};
use crate::ctype::{Declaration, Kind, TypeId, Types};

/// Holds the claim of a function's or variable's type against the declaration.
pub fn check_declaration(
    declaration: &Declaration,
    claim: TypeClaim<'_>,
    options: &Options,
) -> Report {
    let Kind::Function(function) = &claim.types.resolved(claim.ty).kind else {
        return Report::with_options(Vec::new(), options);
    };
    let value = |id| Claim::Value(claim.types.by_value(id));
    let call = CallClaim {
        default_abi: function.convention.is_none(),
        fixed: None,
        arguments: function.parameters.iter().map(|parameter| value(parameter.ty)).collect(),
        result: value(function.result),
    };
    check_call(declaration, &call)
}

/// Holds a type against a declared one.
pub fn check_type(
    _declared: &Types,
    _ty: TypeId,
    _claim: TypeClaim<'_>,
    options: &Options,
) -> Report {
    Report::with_options(Vec::new(), options)
}
