//! Whether a typedef that is repeated names the same type.

use crate::ctype::{Kind, TypeId, Types};

/// Whether two types of one table are the same, apart from qualifiers. Records and enumerations are the same only if
/// they are one. Subtracts each pair of types from `left`; `None` if that is not enough.
pub(super) fn same(types: &Types, a: TypeId, b: TypeId, left: &mut usize) -> Option<bool> {
    let mut pairs = vec![(a, b)];
    while let Some((a, b)) = pairs.pop() {
        *left = left.checked_sub(1)?;
        let (a, b) = (types.resolve(a), types.resolve(b));
        if a == b {
            continue;
        }
        match (&types.get(a).kind, &types.get(b).kind) {
            (Kind::Base { encoding: own, .. }, Kind::Base { encoding: other, .. })
                if own == other && types.get(a).name == types.get(b).name => {}
            (Kind::Pointer { target: own, .. }, Kind::Pointer { target: other, .. }) => {
                pairs.push((*own, *other));
            }
            (
                Kind::Array { element: own, dimensions, vector },
                Kind::Array { element: other, dimensions: others, vector: is_other },
            ) if dimensions == others && vector == is_other => pairs.push((*own, *other)),
            (Kind::Function(own), Kind::Function(other))
                if (own.prototyped, own.variadic, own.parameters.len())
                    == (other.prototyped, other.variadic, other.parameters.len()) =>
            {
                pairs.push((own.result, other.result));
                let both = own.parameters.iter().zip(&other.parameters);
                pairs.extend(both.map(|(own, other)| (own.ty, other.ty)));
            }
            _ => return Some(false),
        }
    }
    Some(true)
}
