use super::*;
use crate::ctype::build::{self, AMD64};
use crate::ctype::{BitField, RecordClass};

fn base(types: &Types, name: &str, encoding: Encoding, size: u64) -> TypeId {
    types.add(Type {
        name: Some(name.into()),
        size: Some(size),
        align: None,
        kind: Kind::Base { encoding, bits: None, swapped: false },
    })
}

fn record(types: &Types, size: u64, members: &[(u64, TypeId)]) -> TypeId {
    let members = members
        .iter()
        .map(|&(offset, ty)| Member {
            name: Some("m".into()),
            ty,
            offset,
            bits: None,
            base_class: false,
            align: None,
        })
        .collect();
    let kind = Kind::Record(Record {
        class: RecordClass::Struct,
        members,
        incomplete: false,
        by_reference: Some(false),
    });
    types.add(Type { name: None, size: Some(size), align: None, kind })
}

#[test]
fn scalars_follow_the_target() {
    let (amd64, i386) = (AMD64, build::I386);
    let s390x = Target { machine: S390, pointer_size: 8, little_endian: false };
    for (target, encoding, size, align) in [
        (amd64, Encoding::Float, 16, 16),
        (amd64, Encoding::Signed, 16, 16),
        (amd64, Encoding::ComplexFloat, 16, 8),
        (i386, Encoding::Float, 8, 4),
        (i386, Encoding::Float, 12, 4),
        (i386, Encoding::Signed, 8, 4),
        (s390x, Encoding::Float, 16, 8),
    ] {
        assert_eq!(scalar_align(target, encoding, size), align, "{encoding:?} {size}");
    }
}

#[test]
fn a_record_is_aligned_as_its_members_lie() {
    let types = Types::new(AMD64);
    let byte = base(&types, "char", Encoding::SignedChar, 1);
    let int = base(&types, "int", Encoding::Signed, 4);
    let natural = record(&types, 8, &[(0, byte), (4, int)]);
    let packed = record(&types, 5, &[(0, byte), (1, int)]);
    // A byte of padding at the end, which only an alignment of 2 explains.
    let cut = record(&types, 6, &[(0, int), (4, byte)]);
    // One member at an unaligned offset shows that the record is packed. The other members are aligned by chance.
    let chance =
        record(&types, 12, &[(0, int), (5, int), (4, byte), (9, byte), (10, byte), (11, byte)]);
    // A packed record inside one that is not packed.
    let inner = record(&types, 8, &[(0, int), (4, int)]);
    let outer = record(&types, 16, &[(0, byte), (1, inner), (12, int)]);
    for (id, align) in [(natural, 4), (packed, 1), (cut, 2), (chance, 1), (outer, 4)] {
        assert_eq!(align_of(&types, id), align, "{id:?}");
    }
}

#[test]
fn bit_fields_align_as_their_types() {
    let types = Types::new(AMD64);
    let long = base(&types, "long", Encoding::Unsigned, 8);
    for (size, offset, width, align) in
        [(8, 19, 7, 8), (8, 0, 64, 8), (9, 60, 8, 1), (16, 64, 1, 8), (16, 60, 8, 8), (4, 0, 32, 1)]
    {
        let bits = Some(BitField { offset, width });
        let name = Some("m".into());
        let member =
            Member { name, ty: long, offset: offset / 8, bits, base_class: false, align: None };
        let kind = Kind::Record(Record {
            class: RecordClass::Struct,
            members: Box::new([member]),
            incomplete: false,
            by_reference: Some(false),
        });
        let id = types.add(Type { name: None, size: Some(size), align: None, kind });
        assert_eq!(align_of(&types, id), align, "{width} bits at {offset} of {size} bytes");
    }
}

#[test]
fn a_stated_alignment_below_the_members_is_packing_or_nothing() {
    let types = Types::new(AMD64);
    let byte = base(&types, "char", Encoding::SignedChar, 1);
    let int = base(&types, "int", Encoding::Signed, 4);
    for (size, members, stated, align) in [
        (8, &[(0, int), (4, int)][..], 2, 2),
        (8, &[(0, byte), (4, int)], 2, 4),
        (8, &[(0, int), (4, byte)], 2, 4),
        (6, &[(0, int), (4, byte)], 2, 2),
        (6, &[(0, byte), (1, int)], 2, 2),
        (16, &[(0, int), (4, int)], 16, 16),
    ] {
        let mut ty = types.get(record(&types, size, members)).clone();
        ty.align = Some(stated);
        assert_eq!(align_of(&types, types.add(ty)), align, "{size} {members:?} {stated}");
    }
}

#[test]
fn atomic_records_are_aligned_to_their_size() {
    let types = Types::new(AMD64);
    let int = base(&types, "int", Encoding::Signed, 4);
    for (size, align) in [(4, 4), (8, 8), (12, 4), (16, 16), (32, 4)] {
        let members: Vec<_> = (0..size / 4).map(|index| (index * 4, int)).collect();
        let target = record(&types, size, &members);
        let kind = Kind::Qualified { qualifier: Qualifier::Atomic, target };
        let id = types.add(Type { name: None, size: None, align: None, kind });
        assert_eq!(align_of(&types, id), align, "{size}");
    }
}

#[test]
fn a_typedef_may_be_aligned_less() {
    let types = Types::new(Target::HOST);
    let int = base(&types, "int", Encoding::Signed, 4);
    let kind = Kind::Typedef { target: int };
    let id = types.add(Type { name: Some("t".into()), size: None, align: Some(1), kind });
    assert_eq!(layout_of(&types, id), Layout { size: Some(4), align: 1, ..UNKNOWN });
}

#[test]
fn deep_nesting_needs_little_stack() {
    let deep = || {
        let types = Types::new(Target::HOST);
        let mut inner = base(&types, "int", Encoding::Signed, 4);
        for _ in 0..100_000 {
            inner = record(&types, 4, &[(0, inner)]);
        }
        align_of(&types, inner)
    };
    // A stack size that a program with many threads may use.
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(deep).unwrap();
    assert_eq!(thread.join().unwrap(), 4);
}

#[test]
fn doubling_records_and_cycles_cost_linear_time() {
    let types = Types::new(Target::HOST);
    let mut inner = base(&types, "int", Encoding::Signed, 4);
    for level in 1..100_u64 {
        inner = record(&types, 8 * level, &[(0, inner), (4, inner)]);
    }
    assert_eq!(align_of(&types, inner), 4);
    let cyclic = types.reserve();
    let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
    types.set(cyclic, Type { name: None, size: None, align: None, kind });
    assert_eq!(size_of(&types, cyclic), None);
}
