use std::time::{Duration, Instant};

use super::*;
use crate::abi;
use crate::ctype::fixture::Fixture;
use crate::ctype::{PointerClass, Type};
use crate::identity::same_type;

/// A small generator of numbers, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

/// Types that refer to each other at random. They have few shapes, so many are the same and many are nearly the same.
fn random_graph(f: &Fixture, random: &mut Random, count: usize) -> Vec<TypeId> {
    let ids: Vec<TypeId> = (0..count).map(|_| f.types.reserve()).collect();
    for id in &ids {
        let any = |random: &mut Random| ids[random.below(count)];
        let ty = match random.below(8) {
            0 => Type { size: Some(4), ..f.types.get(f.int()).clone() },
            1 | 2 => f.function_type(any(random), &[(None, any(random))]),
            _ => f.pointer_type(any(random), PointerClass::Pointer),
        };
        f.types.set(*id, ty);
    }
    ids
}

#[test]
fn classes_are_the_sets_of_same_types() {
    let mut random = Random(7);
    let (mut equal, mut cyclic) = (0, 0);
    for round in 0..120 {
        let (f, g) = (Fixture::new(), Fixture::new());
        let count = 2 + round % 12;
        let in_f = random_graph(&f, &mut random, count);
        let in_g = random_graph(&g, &mut random, count);
        let all: Vec<(&Types, TypeId)> = in_f
            .iter()
            .map(|id| (&*f.types, *id))
            .chain(in_g.iter().map(|id| (&*g.types, *id)))
            .collect();
        let mut identity = Identity::new(false);
        for (a, id_a) in &all {
            for (b, id_b) in &all {
                let same = same_type(a, *id_a, b, *id_b);
                assert_eq!(
                    identity.same(a, *id_a, b, *id_b),
                    same,
                    "round {round}: {id_a:?} {id_b:?}"
                );
                equal += usize::from(same);
                cyclic += usize::from(same && abi::size_of(a, *id_a).is_none());
            }
        }
        for (types, id) in &all {
            let class = identity.class_of(types, *id);
            let (first, first_id) = identity.representative(class).unwrap();
            assert!(class.index() < identity.len());
            assert!(same_type(first, first_id, types, *id));
        }
    }
    assert!(equal > 5_000 && cyclic > 100, "{equal} {cyclic}");
}

#[test]
fn a_declared_record_stands_for_its_completion() {
    let f = Fixture::new();
    let int = f.int();
    // struct a { struct b *b; }; struct b { struct a *a; int x; }; in each unit, one of them is only declared.
    let record = |tag: &str, other: &str, pointer: TypeId| {
        f.record_with(Some(tag), 16, &[(other, 0, pointer), ("x", 8, int)])
    };
    let (first_a, first_b) = (f.types.reserve(), f.types.reserve());
    for (id, tag, other, target) in [(first_a, "a", "b", first_b), (first_b, "b", "a", first_a)] {
        let ty = f.types.get(record(tag, other, f.pointer(target))).clone();
        f.types.set(id, ty);
    }
    let second_a = record("a", "b", f.pointer(f.record("b")));
    let second_b = record("b", "a", f.pointer(f.record("a")));
    let mut strict = Identity::new(false);
    assert!(!strict.same(&f.types, first_a, &f.types, second_a));
    let mut completed = Identity::new(false);
    for id in [first_a, first_b, second_a, second_b] {
        completed.complete_with(&f.types, id);
    }
    assert!(completed.same(&f.types, first_a, &f.types, second_a));
    assert!(completed.same(&f.types, first_b, &f.types, second_b));
    assert!(completed.same(&f.types, first_b, &f.types, f.record("b")));
    assert!(!completed.same(&f.types, first_b, &f.types, f.record("c")));
}

#[test]
fn many_copies_and_deep_chains_take_linear_time() {
    let started = Instant::now();
    let f = Fixture::new();
    let mut identity = Identity::new(true);
    let mut classes = None;
    for copy in 0..50_u64 {
        // A ring of 1000 records, each pointing to the next and to the first; every fifth copy differs in one place.
        let records: Vec<TypeId> = (0..1000).map(|_| f.types.reserve()).collect();
        for (index, id) in records.iter().enumerate() {
            let next = records[(index + 1) % 1000];
            let last = if copy % 5 == 4 && index == 700 { "other" } else { "first" };
            let members = [("next", 0, f.pointer(next)), (last, 8, f.pointer(records[0]))];
            let ty = f.types.get(f.record_with(Some(&format!("s{index}")), 16, &members)).clone();
            f.types.set(*id, ty);
        }
        for id in records {
            identity.class_of(&f.types, id);
        }
        if copy == 4 {
            classes = Some(identity.len());
        }
    }
    assert_eq!(Some(identity.len()), classes, "every later copy is known");
    let mut chain = f.int();
    for _ in 0..200_000 {
        chain = f.pointer(chain);
    }
    identity.class_of(&f.types, chain);
    assert!(started.elapsed() < Duration::from_secs(20));
}
