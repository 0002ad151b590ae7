//! Compares two function types in memory, and the values that are passed to and from them: rows 31 and 32 of the
//! table.

use super::call::Call;
use super::callback::is_generic;
use super::direction::Direction;
use super::path::{Path, Step};
use super::walk::{Aspect, Pair, Walk};
use super::{CallClaim, Position, Rule, Verdict};
use crate::abi::{self, Value};
use crate::ctype::{Function, Kind};

/// Compares two functions behind pointers.
pub(super) fn functions(walk: &mut Walk<'_>, pair: &Pair, direction: Direction) {
    let (d, c) = (walk.declared.resolved(pair.declared), walk.claimed.resolved(pair.claimed));
    let (Kind::Function(ours), Kind::Function(theirs)) = (&d.kind, &c.kind) else { return };
    let claim = CallClaim::of_function(walk.claimed, theirs, ours);
    let call = Call {
        types: walk.declared,
        function: ours,
        parameters_known: ours.prototyped || !ours.parameters.is_empty(),
        claim: &claim,
        claimed: Some((walk.claimed, theirs)),
        direction,
    };
    // The caller would read an undefined register, if it reads the result at all. Bindings write `void *` for the
    // result of every function pointer.
    let unread = direction == Direction::Call
        && matches!(abi::by_value(walk.claimed, theirs.result), Value::Scalar { class, .. } if class.is_integral());
    for mut draft in call.drafts() {
        if unread && draft.rule == Rule::ResultOfVoid {
            draft.verdict = Verdict::Differs;
        }
        let (position, path) = place(walk, pair, draft.position);
        walk.add(&Pair { position, path, ..*pair }, draft);
    }
    if !is_generic(&call) {
        values(walk, pair, ours, theirs, direction);
    }
}

/// Adds the arguments and results of two functions to the pairs that are compared later.
pub(super) fn values(
    walk: &mut Walk<'_>,
    pair: &Pair,
    ours: &Function,
    theirs: &Function,
    direction: Direction,
) {
    let parameters = (1..).zip(ours.parameters.iter().zip(&theirs.parameters));
    let values = parameters
        .map(|(number, (d, c))| (Position::Argument(number), d.ty, c.ty, direction.of_arguments()))
        .chain([(Position::Result, ours.result, theirs.result, direction.of_result())]);
    for (position, declared, claimed, role) in values {
        let (position, path) = place(walk, pair, position);
        let aspect = Aspect::Value;
        let value = Pair { declared, claimed, aspect, role, position, path, ..*pair };
        walk.later(Pair { by_value: true, start: 0, ..value });
    }
}

/// The place of an argument or result. In the outermost function it is a position of its own; in a callback it is one
/// more step of the path.
fn place(walk: &mut Walk<'_>, pair: &Pair, inside: Position) -> (Position, Path) {
    let step = match inside {
        Position::Result => Step::Result,
        Position::Argument(number) => Step::Parameter(number),
        Position::Call | Position::Variable | Position::Type => return (pair.position, pair.path),
    };
    if pair.position == Position::Call {
        (inside, Path::ROOT)
    } else {
        (pair.position, walk.paths.behind(pair.path, step))
    }
}
