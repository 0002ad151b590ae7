//! Checks the memory behind an argument of one call, which the caller made. This decides what a declaration cannot.

use super::direction::Role;
use super::path::{Path, Step};
use super::pointee::Pointee;
use super::walk::{Pair, Walk};
use super::{idiom, words, Options, Owner, Position, Report, Rule, TypeClaim, Verdict};
use crate::ctype::{Declaration, Kind, TypeId};

/// For alignments of this many bytes or more, compilers use instructions that fault on other addresses (psABI x86-64
/// §3.1.2: `__m128`).
const FAULTING_ALIGN: u64 = 16;

/// The memory behind an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The address that the argument points to, if known.
    pub address: Option<u64>,
    /// The number of bytes from there to the end of the memory that the caller made.
    pub bytes: u64,
}

/// Checks memory that the caller made and passes as argument `argument`, counted from 1. `made` is the type with
/// which it was made; `None` means bytes without a type. Memory that is too short, has another layout or lies at
/// a wrong address is a mismatch, or DIFFERS if that may be harmless.
///
/// It is a match if the declaration has no such argument, if the argument is not a pointer, or if the memory has no
/// bytes, which nobody reads. Memory further away, behind pointers in this memory, is checked as in a declaration. If
/// memory is accepted, it is also accepted with more bytes, and at every address that is a multiple of the same power
/// of two. Bounded as [`check_declaration`](super::check_declaration). Any thread may call this function.
pub fn check_argument(
    declaration: &Declaration,
    argument: usize,
    made: Option<TypeClaim<'_>>,
    memory: Memory,
    options: &Options,
) -> Report {
    let types = &*declaration.types;
    let nothing = || Report::with_options(Vec::new(), options);
    let Some(function) = declaration.function() else { return nothing() };
    let parameter = argument.checked_sub(1).and_then(|index| function.parameters.get(index));
    let Some(Kind::Pointer { target, .. }) = parameter.map(|own| &types.resolved(own.ty).kind)
    else {
        return nothing();
    };
    let needed = Pointee::of(types, *target);
    let Some(least) = needed.least_bytes().filter(|_| memory.bytes > 0) else { return nothing() };
    let claim = made.unwrap_or(TypeClaim { types, ty: TypeId::VOID });
    let symbol = declaration.symbol.clone();
    let mut walk = Walk::new(types, claim.types, symbol, Some(function), options);
    walk.owner = Owner::Unknown;
    walk.memory = Some(memory);
    let path = walk.paths.behind(Path::ROOT, Step::Pointee);
    let position = Position::Argument(argument);
    let pair = Pair { path, ..Pair::new(position, *target, claim.ty, Role::Argument) };
    walk.later(pair);
    let (whole, mut walk) = (pair, walk.compare());
    let refused = walk.findings.iter().any(|found| found.verdict == Verdict::Mismatch);
    if memory.bytes < least && !refused {
        too_short(&mut walk, &whole, memory.bytes);
    }
    if let (Some(address), Some(align)) = (memory.address, needed.alignment(types)) {
        let typed = Pointee::of(claim.types, claim.ty).alignment(claim.types).is_some();
        misaligned(&mut walk, &whole, address, align, typed);
    }
    Report::with_options(walk.findings, options)
}

/// Adds the finding on memory that has fewer bytes than the library's type.
fn too_short(walk: &mut Walk<'_>, pair: &Pair, bytes: u64) {
    let declared = words::typed(walk.declared, pair.declared);
    let (verdict, note) = shortage(walk, pair);
    let bytes = words::bytes(bytes);
    let text = format!("the library has {declared}, the caller's memory has {bytes}; {note}");
    walk.push(pair, (Rule::PointeeTooSmall, verdict), text);
    walk.show_layout(pair);
}

/// The verdict and the note on memory of the caller that is smaller than the library's type.
pub(super) fn shortage(walk: &Walk<'_>, pair: &Pair) -> (Verdict, &'static str) {
    let told = || idiom::tells_its_size(walk.declared, walk.function, pair.position, pair.declared);
    if idiom::is_read_only(walk.declared, pair.declared) {
        (Verdict::Differs, "the library may read past the caller's")
    } else if told() {
        (Verdict::Differs, "the caller passes its size to the library")
    } else {
        (Verdict::Mismatch, "the library may write past the caller's")
    }
}

/// Adds the finding on an address that the library's type does not allow. It is a mismatch only if the alignment is
/// at least 16 bytes and the memory has a type of its own (`typed`). An allocator may put untyped bytes anywhere.
fn misaligned(walk: &mut Walk<'_>, pair: &Pair, address: u64, align: u64, typed: bool) {
    if align == 0 || address.is_multiple_of(align) {
        return;
    }
    let verdict = match align {
        FAULTING_ALIGN.. if typed => Verdict::Mismatch,
        _ => Verdict::Differs,
    };
    let declared = words::typed(walk.declared, pair.declared);
    let text = format!(
        "the library has {declared} at multiples of {align} bytes, the caller's is {} bytes past one",
        address % align
    );
    walk.push(pair, (Rule::PointeeAlignment, verdict), text);
}

/// Adds the finding on a claimed type with a smaller alignment than the library's. The address in a call decides.
pub(super) fn alignments(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let alignments = (ours.alignment(walk.declared), theirs.alignment(walk.claimed));
    let (Some(declared), Some(claimed)) = alignments else { return };
    let caller_made = pair.role == Role::Argument && walk.memory.is_none();
    if !caller_made || declared < FAULTING_ALIGN || claimed >= declared {
        return;
    }
    let note =
        format!("the library's lies at multiples of {declared} bytes, the caller's of {claimed}");
    walk.about(pair, (Rule::PointeeAlignment, Verdict::Mismatch), Some(&note));
}

#[cfg(test)]
mod tests;
