use super::*;
use crate::ctype::PointerClass;

#[test]
fn numbers_are_dense_and_slots_stay() {
    let types = Types::new(Target::HOST);
    let first = types.add(Type::unknown("first"));
    let address = std::ptr::from_ref(types.get(first));
    for expected in 2..5000 {
        assert_eq!(types.add(Type::void()).index(), expected);
    }
    assert_eq!(std::ptr::from_ref(types.get(first)), address);
    assert!(matches!(types.get(TypeId::from_index(77_777)).kind, Kind::Unknown { .. }));
    assert!(matches!(types.get(TypeId::from_index(u32::MAX)).kind, Kind::Unknown { .. }));
}

struct Counting;
impl TypeSource for Counting {
    fn read(&self, types: &Types, key: u64) -> Type {
        // A chain of pointers, each to the next key, and the last to the first.
        let kind =
            Kind::Pointer { target: types.id_of((key + 1) % 3), class: PointerClass::Pointer };
        Type { name: None, size: Some(8), align: None, kind }
    }

    fn source_of(&self, _key: u64) -> Option<(Name, u64)> {
        None
    }
}

#[test]
fn a_source_is_read_once_per_key_and_may_be_cyclic() {
    let types = Types::from_source(Target::HOST, Box::new(Counting));
    let start = types.id_of(0);
    let mut id = start;
    for _ in 0..3 {
        let Kind::Pointer { target, .. } = types.get(id).kind else { panic!("not a pointer") };
        id = target;
    }
    assert_eq!(id, start);
}

#[test]
fn a_cycle_of_typedefs_ends() {
    let types = Types::new(Target::HOST);
    let id = types.reserve();
    types.set(
        id,
        Type {
            name: Some("t".into()),
            size: None,
            align: None,
            kind: Kind::Typedef { target: id },
        },
    );
    assert_eq!(types.resolve(id), id);
}
