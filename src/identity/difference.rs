//! Whether two types are the same and, if not, where they differ.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::shape::{qualifiers, Names, Shape};
use super::words::{step, what_differs};
use crate::ctype::{Kind, RecordClass, TypeId, Types};
use crate::spell;

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sameness {
    /// Function types with different parameter names are different. In C they are the same.
    pub parameter_names: bool,
    /// A record or enumeration that is only declared is the same as any with its tag.
    pub incomplete_is_equal: bool,
    /// Typedefs are looked through: `size_t` is the same as the type that it names.
    pub through_typedefs: bool,
    /// Behind a pointer, a record or enumeration with a name is the same as any with its tag, and `void` is the same
    /// as anything. Then only what the type itself says is compared: by value, and in the signatures of its
    /// functions.
    pub pointees_by_name: bool,
}

/// Whether the two types, each in its own table, are structurally the same: names, sizes, alignments, members and
/// their offsets, enumerators, qualifiers, parameter types, and so on for every type that they refer to. The reason
/// for a member's offset (its own alignment, packing) does not count. Recursive types are the same if no walk through
/// both finds a difference. Typedefs count. gcc's and clang's names of one base type do not differ, and neither do
/// `struct` and C++'s `class`.
///
/// Takes nearly linear time in the number of types that are reached before the first difference. For many comparisons
/// of the same tables, [`Identity`](super::Identity) is faster.
pub fn same_type(a: &Types, id_a: TypeId, b: &Types, id_b: TypeId) -> bool {
    difference(a, id_a, b, id_b, Sameness::default()).is_none()
}

/// Where and how the two types differ: a shortest path and the difference, as one sentence without a full stop
/// (`parameter 2 → pointee → st_mode: the name is "long" against "int"`). `None` if they are the same.
pub fn difference(
    a: &Types,
    id_a: TypeId,
    b: &Types,
    id_b: TypeId,
    sameness: Sameness,
) -> Option<String> {
    // If incomplete types or pointees are equal to others, sameness is not an equivalence relation, and the number of
    // pairs may be quadratic.
    let equivalence = !sameness.incomplete_is_equal && !sameness.pointees_by_name;
    let mut left = if equivalence { usize::MAX } else { WORK };
    difference_within(&mut left, a, id_a, b, id_b, sameness)
}

/// Like [`difference`], but subtracts its cost from `left`, roughly in bytes. If `left` is 0 afterwards, the
/// comparison was cut short.
pub(crate) fn difference_within(
    left: &mut usize,
    a: &Types,
    id_a: TypeId,
    b: &Types,
    id_b: TypeId,
    sameness: Sameness,
) -> Option<String> {
    Comparison::new(a, b, sameness).first_difference(left, id_a, id_b)
}

/// A bound on the cost of one comparison, see [`difference_within`].
const WORK: usize = 1 << 28;
/// The cost of a pair of types besides its bytes.
const PER_PAIR: usize = 64;
/// The maximum number of steps in the text of a path.
const STEPS: usize = 32;

/// How a pair was reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    ByValue,
    /// As the target of a pointer.
    AsPointee,
    /// From a pointee, or further away.
    BehindPointer,
}

/// Two types that must be the same if those of `parent` are the same.
struct SamePair {
    a: TypeId,
    b: TypeId,
    /// The index of the pair that refers to them, and their position among the types that it refers to.
    parent: Option<(usize, usize)>,
    reached: Reached,
}

struct Comparison<'t> {
    a: &'t Types,
    b: &'t Types,
    sameness: Sameness,
    /// Union-find over the types of both tables. All types of a set are assumed to be the same.
    sets: HashMap<(bool, TypeId), (bool, TypeId)>,
    /// Used instead of `sets` if sameness is not an equivalence relation: the pairs that were compared, and whether
    /// names were enough.
    seen: HashSet<(TypeId, TypeId, bool)>,
}

impl<'t> Comparison<'t> {
    fn new(a: &'t Types, b: &'t Types, sameness: Sameness) -> Comparison<'t> {
        Comparison { a, b, sameness, sets: HashMap::new(), seen: HashSet::new() }
    }

    /// Goes through pairs breadth first. Each pair is assumed to be the same once its shapes are equal. No single
    /// assumption is ever dropped, because the first difference ends the walk (Hopcroft and Karp's comparison of
    /// automata).
    fn first_difference(&mut self, left: &mut usize, id_a: TypeId, id_b: TypeId) -> Option<String> {
        let mut pairs =
            vec![SamePair { a: id_a, b: id_b, parent: None, reached: Reached::ByValue }];
        let mut next = 0;
        while let Some(&SamePair { a, b, reached, .. }) = pairs.get(next) {
            let index = next;
            next += 1;
            let (a, b) = if self.sameness.through_typedefs {
                let (set_a, a) = under_typedefs(self.a, a);
                let (set_b, b) = under_typedefs(self.b, b);
                if set_a != set_b {
                    return Some(self.sentence(&pairs, index));
                }
                (a, b)
            } else {
                (a, b)
            };
            if self.one_name(a, b, reached) || !self.assume_same(a, b, reached) {
                continue;
            }
            let names = Names { parameters: self.sameness.parameter_names, types: false };
            let (shape_a, shape_b) = (Shape::of(self.a, a, names), Shape::of(self.b, b, names));
            let references = shape_a.refers_to.len().saturating_mul(PER_PAIR);
            *left = left.saturating_sub(references.saturating_add(shape_a.bytes.len() + PER_PAIR));
            if *left == 0 {
                return Some("a bound on the work was reached".to_owned());
            }
            if shape_a.bytes != shape_b.bytes {
                return Some(self.sentence(&pairs, index));
            }
            let reached = match (&self.a.get(a).kind, reached) {
                (Kind::Pointer { .. }, _) => Reached::AsPointee,
                (_, Reached::ByValue) => Reached::ByValue,
                _ => Reached::BehindPointer,
            };
            for (position, (a, b)) in
                shape_a.refers_to.into_iter().zip(shape_b.refers_to).enumerate()
            {
                pairs.push(SamePair { a, b, parent: Some((index, position)), reached });
            }
        }
        None
    }

    /// Assumes from now on that the two are the same. Returns `false` if that was already assumed.
    fn assume_same(&mut self, a: TypeId, b: TypeId, reached: Reached) -> bool {
        if self.sameness.incomplete_is_equal || self.sameness.pointees_by_name {
            return self.seen.insert((a, b, self.is_by_name(reached)));
        }
        let one_table = std::ptr::eq(self.a, self.b);
        let (root_a, root_b) = (self.root((false, a)), self.root((!one_table, b)));
        if root_a == root_b {
            return false;
        }
        self.sets.insert(root_a, root_b);
        true
    }

    fn root(&mut self, node: (bool, TypeId)) -> (bool, TypeId) {
        let mut current = node;
        while let Some(&above) = self.sets.get(&current) {
            // Path halving.
            if let Some(&top) = self.sets.get(&above) {
                self.sets.insert(current, top);
            }
            current = above;
        }
        current
    }

    fn is_by_name(&self, reached: Reached) -> bool {
        self.sameness.pointees_by_name && reached != Reached::ByValue
    }

    /// Whether the two have the same tag, and that is enough: behind a pointer, or because one of them is only
    /// declared. Also true for a pointer to `void`, if names are enough.
    fn one_name(&self, a: TypeId, b: TypeId, reached: Reached) -> bool {
        let by_name = self.is_by_name(reached);
        let (a, b) = (self.a.get(a), self.b.get(b));
        let kinds = match (&a.kind, &b.kind) {
            (Kind::Record(x), Kind::Record(y)) => {
                (x.class == RecordClass::Union) == (y.class == RecordClass::Union)
                    && (by_name || x.incomplete || y.incomplete)
            }
            (Kind::Enumeration { incomplete: x, .. }, Kind::Enumeration { incomplete: y, .. }) => {
                by_name || *x || *y
            }
            (Kind::Void, _) | (_, Kind::Void) if by_name => return reached == Reached::AsPointee,
            _ => false,
        };
        (by_name || self.sameness.incomplete_is_equal)
            && kinds
            && a.name.is_some()
            && a.name == b.name
    }

    fn sentence(&self, pairs: &[SamePair], index: usize) -> String {
        let Some(pair) = pairs.get(index) else { return String::new() };
        let mut path = Vec::new();
        let mut current = pair;
        while let Some((parent, position)) = current.parent.filter(|_| path.len() < STEPS) {
            let Some(above) = pairs.get(parent) else { break };
            let referring = if self.sameness.through_typedefs {
                under_typedefs(self.a, above.a).1
            } else {
                above.a
            };
            path.extend(step(self.a.get(referring), position));
            current = above;
        }
        if current.parent.is_some() {
            path.push("…".to_owned());
        }
        path.reverse();
        let (mut a, mut b) = (pair.a, pair.b);
        let mut qualified = false;
        if self.sameness.through_typedefs {
            let (under_a, under_b) = (under_typedefs(self.a, a), under_typedefs(self.b, b));
            qualified = under_a.0 != under_b.0;
            (a, b) = (under_a.1, under_b.1);
        }
        let what = if qualified {
            let (a, b) = (spell::type_name(self.a, pair.a), spell::type_name(self.b, pair.b));
            format!("the qualifiers of '{a}' and '{b}' differ")
        } else {
            what_differs(self.a, a, self.b, b)
        };
        if path.is_empty() {
            what
        } else {
            format!("{}: {what}", path.join(" → "))
        }
    }
}

/// What a type says by itself, behind typedefs. Two types that are the same through typedefs have equal outlines.
pub(crate) fn outline(types: &Types, id: TypeId) -> Vec<u8> {
    let (qualifiers, id) = under_typedefs(types, id);
    let mut bytes = Shape::of(types, id, Names::default()).bytes;
    bytes.push(qualifiers);
    bytes
}

/// The type behind typedefs and qualifiers in any order, and the set of these qualifiers.
fn under_typedefs(types: &Types, id: TypeId) -> (u8, TypeId) {
    let (mut set, mut current) = (0, id);
    for _ in 0..64 {
        match types.get(current).kind {
            Kind::Typedef { target } => current = target,
            Kind::Qualified { .. } => {
                let (more, target) = qualifiers(types, current);
                set |= more;
                current = target;
            }
            _ => break,
        }
    }
    (set, current)
}

#[cfg(test)]
mod tests;
