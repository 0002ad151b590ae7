//! Types that bindings use on purpose although the library has another one: stand-ins for opaque records, records
//! that begin with another record, and memory whose size the caller passes to the library.

use super::Position;
use crate::abi;
use crate::ctype::{Function, Kind, Name, Qualifier, Record, RecordClass, TypeId, Types};

/// The beginnings of the names of members in a stand-in for an opaque record. Leading underscores and case do not
/// count.
const OPAQUE: [&str; 7] =
    ["opaque", "unused", "dummy", "reserved", "private", "priv", "placeholder"];
/// The names of a size in bytes.
const SIZES: [&str; 5] = ["len", "length", "size", "sz", "bytes"];

/// Whether a claimed record is a stand-in that says nothing about the contents of the declared one: all of its
/// members are named like padding, or it is smaller and has one member in place of several.
pub(super) fn is_placeholder(
    (declared, ours): (&Types, TypeId),
    (claimed, theirs): (&Types, TypeId),
) -> bool {
    let (Some(our_record), Some(their_record)) = (record(declared, ours), record(claimed, theirs))
    else {
        return false;
    };
    let smaller = abi::size_of(claimed, theirs) < abi::size_of(declared, ours);
    let alone = their_record.members.len() == 1 && our_record.members.len() > 1 && smaller;
    alone || their_record.members.iter().all(|member| member.name.as_ref().is_some_and(is_opaque))
}

fn is_opaque(name: &Name) -> bool {
    let name = name.as_str().trim_start_matches('_').to_ascii_lowercase();
    name.is_empty() || OPAQUE.iter().any(|word| name.starts_with(word))
}

/// Whether a claimed record that is larger than the declared one is another record that begins with it, as `struct
/// sockaddr_in6` begins with `struct sockaddr`: its first member is a record of the declared one's size, or it has
/// another name. A larger record of the same name is another version of the same record. The first member of a union
/// does not count, because all of its alternatives are at its beginning.
pub(super) fn is_derived(
    (declared, ours): (&Types, TypeId),
    (claimed, theirs): (&Types, TypeId),
) -> bool {
    let Some(record) = record(claimed, theirs) else { return false };
    let nested = record.members.first().is_some_and(|first| {
        first.offset == 0
            && record.class != RecordClass::Union
            && matches!(claimed.resolved(first.ty).kind, Kind::Record(_))
            && abi::size_of(claimed, first.ty) == abi::size_of(declared, ours)
    });
    let names = (tag(declared, ours), tag(claimed, theirs));
    nested || matches!(names, (Some(own), Some(other)) if plain(own) != plain(other))
}

/// The tag of a record, or else the name of a typedef for it.
fn tag(types: &Types, id: TypeId) -> Option<&Name> {
    let own = types.resolved(id).name.as_ref();
    own.or_else(|| types.get(id).name.as_ref())
}

/// The library's record that has the name of the claimed one, if the declared one is another record: `struct
/// git_tree` for `struct git_blob`. `None` if one of the two begins with the other.
pub(super) fn other_record(
    (declared, ours): (&Types, TypeId),
    (claimed, theirs): (&Types, TypeId),
) -> Option<Name> {
    let (own, other) = (declared.record_name(ours)?, claimed.record_name(theirs)?);
    let mut names = declared.typedef_names(ours).chain([own]);
    if names.any(|own| own == other || plain(own) == plain(other)) {
        return None;
    }
    let bare = without_keyword(other.as_str());
    let named = |prefix: &str| declared.record_named(&format!("{prefix}{bare}"));
    let found = named("struct ").or_else(|| named("union ")).or_else(|| named(""))?;
    let is_base = |types, record, base: &Name| {
        first_records(types, record).any(|first| plain(first) == plain(base))
    };
    let related = is_base(claimed, theirs, own) || is_base(declared, ours, other);
    (found != *own && !related).then_some(found)
}

/// The names of the records at the beginning of a record, each inside the one before.
fn first_records(types: &Types, id: TypeId) -> impl Iterator<Item = &Name> {
    let first = |id: &TypeId| {
        let first = record(types, *id)?.members.first()?;
        (first.offset == 0).then_some(first.ty)
    };
    std::iter::successors(first(&id), first).take(16).filter_map(|id| types.record_name(id))
}

/// A tag without what bindings and typedefs add to it: `struct_tm`, `_tm`, `tm_t` and `TM` become the same.
fn plain(name: &Name) -> String {
    let lower = name.as_str().to_ascii_lowercase();
    let inner = lower.trim_matches('_');
    let inner = without_keyword(inner);
    let inner = inner.strip_suffix("_t").or_else(|| inner.strip_suffix("_s")).unwrap_or(inner);
    inner.chars().filter(|letter| *letter != '_').collect()
}

/// A tag without the keyword that generated bindings put before it.
fn without_keyword(tag: &str) -> &str {
    tag.strip_prefix("struct_").or_else(|| tag.strip_prefix("union_")).unwrap_or(tag)
}

/// Whether the library only reads the memory behind the pointer.
pub(super) fn is_read_only(types: &Types, pointee: TypeId) -> bool {
    types.is_qualified(pointee, Qualifier::Const)
}

/// Whether the caller passes the size of the memory behind an argument to the library: in the argument before or after
/// it, or in the record's first member.
pub(super) fn tells_its_size(
    types: &Types,
    function: Option<&Function>,
    position: Position,
    pointee: TypeId,
) -> bool {
    let first = record(types, pointee).and_then(|record| record.members.first());
    if first.is_some_and(|first| is_size(types, first.name.as_ref(), first.ty)) {
        return true;
    }
    let (Some(function), Position::Argument(number)) = (function, position) else { return false };
    // `number` counts from 1.
    let neighbours = [number.checked_sub(2), Some(number)];
    neighbours.into_iter().flatten().filter_map(|index| function.parameters.get(index)).any(
        |parameter| {
            let ty = match types.resolved(parameter.ty).kind {
                Kind::Pointer { target, .. } => target,
                _ => parameter.ty,
            };
            is_size(types, parameter.name.as_ref(), ty)
        },
    )
}

/// Whether it is an integer with the name of a size in bytes, or a `socklen_t`.
fn is_size(types: &Types, name: Option<&Name>, ty: TypeId) -> bool {
    let integer = abi::scalar_class(types, types.resolve(ty)).is_integral()
        && !matches!(types.resolved(ty).kind, Kind::Pointer { .. } | Kind::Record(_));
    let named = name.is_some_and(|name| {
        let name = name.as_str().trim_matches('_').to_ascii_lowercase();
        SIZES.iter().any(|word| name.ends_with(word))
    });
    let socklen =
        || types.get(ty).name.as_ref().is_some_and(|name| name.as_str().ends_with("socklen_t"));
    integer && (named || socklen())
}

fn record(types: &Types, id: TypeId) -> Option<&Record> {
    match &types.resolved(id).kind {
        Kind::Record(record) => Some(record),
        _ => None,
    }
}
