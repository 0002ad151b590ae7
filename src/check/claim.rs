//! The claims of a caller.

use crate::abi::{self, Value};
use crate::ctype::{Function, Kind, Parameter, TypeId, Types};

/// The claim about one argument or result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// A value of this kind. Nothing is claimed about what a pointer points to.
    Value(Value),
    /// The value is converted at call time. Nothing is claimed.
    Any,
}

/// A call as its caller prepares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallClaim {
    /// Whether the call follows the machine's normal calling convention.
    pub default_abi: bool,
    /// For a call prepared as variadic, the number of fixed arguments.
    pub fixed: Option<usize>,
    /// The arguments, including the variadic ones.
    pub arguments: Vec<Claim>,
    /// The result.
    pub result: Claim,
}

impl CallClaim {
    /// The call that a claimed function type describes. `declared` is the library's function.
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
            // A function type does not say which of its parameters are variadic arguments of a call.
            fixed: function.variadic.then_some(declared.parameters.len()),
            arguments: function.parameters.iter().map(argument).collect(),
            result: value(function.result),
        }
    }
}

/// A caller's own description of a whole type: pointees, layouts, callbacks. The type is in a table that the caller
/// built. A value that is converted at call time is a [`Kind::Unknown`](crate::ctype::Kind::Unknown) in it.
#[derive(Clone, Copy, Debug)]
pub struct TypeClaim<'t> {
    /// The table of types.
    pub types: &'t Types,
    /// The type in the table.
    pub ty: TypeId,
}
