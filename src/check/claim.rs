//! What a caller claims.

use crate::abi::{self, Value};
use crate::ctype::{Function, Kind, Parameter, TypeId, Types};

/// What a caller passes or reads at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// A value of this kind; of pointers nothing more is claimed.
    Value(Value),
    /// Converted at call time: nothing is claimed.
    Any,
}

/// A call as its caller prepares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallClaim {
    /// Whether it follows the machine's normal calling convention.
    pub default_abi: bool,
    /// For a call prepared as variadic: the number of arguments that are not.
    pub fixed: Option<usize>,
    /// The arguments, variadic ones included.
    pub arguments: Vec<Claim>,
    /// The result.
    pub result: Claim,
}

impl CallClaim {
    /// What a function type claims of a call of `declared`.
    pub(super) fn of_function(
        types: &Types,
        function: &Function,
        declared: &Function,
    ) -> CallClaim {
        let value = |id| match &types.resolved(id).kind {
            Kind::Unknown { .. } => Claim::Any,
            _ => Claim::Value(abi::by_value(types, id)),
        };
        let argument = |parameter: &Parameter| match value(parameter.ty) {
            Claim::Value(value) if !function.prototyped => Claim::Value(value.promoted()),
            claim => claim,
        };
        CallClaim {
            default_abi: function.convention.is_none(),
            // Which of its parameters are variadic arguments of one call is not said.
            fixed: function.variadic.then_some(declared.parameters.len()),
            arguments: function.parameters.iter().map(argument).collect(),
            result: value(function.result),
        }
    }
}

/// A caller's own view of a whole type: pointees, layouts, callbacks. In a table that the caller built; a value that is
/// converted at call time is a [`Kind::Unknown`](crate::ctype::Kind::Unknown) in it.
#[derive(Clone, Copy, Debug)]
pub struct TypeClaim<'t> {
    /// The table.
    pub types: &'t Types,
    /// The type in it.
    pub ty: TypeId,
}
