//! The likely cause of a finding, if it is known.

use super::Rule;
use crate::abi::{self, ScalarClass, Value};
use crate::ctype::{Kind, Member, Name, TypeId, Types};

/// Who chose a claimed type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// The caller declared it.
    Caller,
    /// A runtime may have chosen it because the caller declares nothing.
    Runtime,
}

/// The likely cause if two values disagree.
pub(super) fn of_values(
    rule: Rule,
    (types, declared): (&Types, TypeId),
    value: &Value,
    claimed: &Value,
    author: Author,
) -> Option<String> {
    let Value::Scalar { class, size } = claimed else { return None };
    let int = matches!(class, ScalarClass::Integer { signed: true }) && *size == 4;
    let pointer = matches!(value, Value::Scalar { class: ScalarClass::Pointer, .. });
    match rule {
        Rule::ResultNarrower if int && pointer && author == Author::Caller => {
            Some("int cuts a pointer to 32 bits".to_owned())
        }
        Rule::ResultNarrower if int && pointer => Some(
            "runtimes use int if no result type is declared; it cuts a pointer to 32 bits"
                .to_owned(),
        ),
        Rule::ResultNarrower | Rule::NumberClass if int && author == Author::Runtime => {
            Some("runtimes use int if no result type is declared".to_owned())
        }
        Rule::ArgumentTooNarrow if pointer => {
            Some("an integer of 4 bytes does not hold a pointer on this machine".to_owned())
                .filter(|_| *size == 4)
        }
        Rule::ArgumentTooNarrow if *size == 4 => {
            let name = typedef_name(types, declared)?;
            Some(format!("'{name}' has 8 bytes on this machine, int has 4"))
                .filter(|_| value.size() == Some(8))
        }
        _ => None,
    }
}

/// The hint on two members that have exchanged their places.
pub(super) fn swapped(declared: Option<&Name>, claimed: Option<&Name>) -> Option<String> {
    Some(format!("'{}' and '{}' are swapped", declared?, claimed?))
}

/// The likely reason why the members of two records lie at different places.
pub(super) fn of_records(
    declared: &Types,
    ours: TypeId,
    claimed: &Types,
    theirs: TypeId,
) -> Option<String> {
    let (Kind::Record(our_record), Kind::Record(their_record)) =
        (&declared.resolved(ours).kind, &claimed.resolved(theirs).kind)
    else {
        return None;
    };
    let ours_laid: Vec<Laid<'_>> =
        our_record.members.iter().map(|member| Laid::of(declared, member)).collect();
    let theirs_laid: Vec<Laid<'_>> =
        their_record.members.iter().map(|member| Laid::of(claimed, member)).collect();
    let alike = |a: &Laid<'_>, b: &Laid<'_>| a.size == b.size && a.bits == b.bits;
    if ours_laid.len() == theirs_laid.len() {
        let same_sizes = ours_laid.iter().zip(&theirs_laid).all(|(a, b)| alike(a, b));
        let same_places = ours_laid.iter().zip(&theirs_laid).all(|(a, b)| a.place == b.place);
        if !same_sizes || same_places {
            return None;
        }
        let packed = (is_packed(&ours_laid), is_packed(&theirs_laid));
        return match packed {
            (true, false) => {
                Some("the library's is packed: without padding the members agree".to_owned())
            }
            (false, true) => Some(
                "the caller's is packed, the library's is not: with padding the members agree"
                    .to_owned(),
            ),
            _ => None,
        };
    }
    if ours_laid.len() == theirs_laid.len() + 1 {
        return additional(&ours_laid, &theirs_laid)
            .map(|lost| format!("the caller's has no {lost}"));
    }
    if theirs_laid.len() == ours_laid.len() + 1 {
        return additional(&theirs_laid, &ours_laid)
            .map(|lost| format!("the library's has no {lost}"));
    }
    None
}

/// The properties of a member that decide its place.
struct Laid<'t> {
    name: Option<&'t Name>,
    /// In bits.
    place: u64,
    /// In bytes, if known.
    size: Option<u64>,
    align: u64,
    bits: Option<u64>,
}

impl<'t> Laid<'t> {
    fn of(types: &Types, member: &'t Member) -> Laid<'t> {
        Laid {
            name: member.name.as_ref(),
            place: member.bits.map_or(member.offset.saturating_mul(8), |bits| bits.offset),
            size: abi::size_of(types, member.ty),
            align: abi::align_of(types, member.ty),
            bits: member.bits.map(|bits| bits.width),
        }
    }
}

/// Whether a member lies at an offset that is possible only in a packed record.
fn is_packed(members: &[Laid<'_>]) -> bool {
    members.iter().any(|member| member.bits.is_none() && member.place / 8 % member.align != 0)
}

/// The name of the one member that the longer list has and the shorter list does not, compared by names and sizes.
/// The text also says whether all later members are shifted. In a union they are not.
fn additional(longer: &[Laid<'_>], shorter: &[Laid<'_>]) -> Option<String> {
    let alike = |a: &Laid<'_>, b: &Laid<'_>| a.size == b.size && a.name == b.name;
    let at = longer.iter().zip(shorter).position(|(a, b)| !alike(a, b)).unwrap_or(shorter.len());
    let behind = (longer.get(at + 1..)?, shorter.get(at..)?);
    if !behind.0.iter().zip(behind.1).all(|(a, b)| alike(a, b)) {
        return None;
    }
    let name = longer.get(at)?.name?;
    let shifted =
        !behind.1.is_empty() && behind.0.iter().zip(behind.1).all(|(a, b)| a.place != b.place);
    let tail = if shifted { "; all behind it are shifted" } else { "" };
    Some(format!("'{name}'{tail}"))
}

/// The name of a typedef, such as `size_t`. `None` for any other type.
fn typedef_name(types: &Types, id: TypeId) -> Option<&Name> {
    let mut current = id;
    for _ in 0..8 {
        match &types.get(current).kind {
            Kind::Typedef { .. } => return types.get(current).name.as_ref(),
            Kind::Qualified { target, .. } => current = *target,
            _ => return None,
        }
    }
    None
}
