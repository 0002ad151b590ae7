use super::*;
use crate::ctype::fixture::{Fixture, AMD64, I386};
use crate::ctype::RecordClass::Struct;

#[test]
fn scalars_follow_the_target() {
    let (amd64, i386) = (AMD64, I386);
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
    let f = Fixture::of(AMD64);
    let byte = f.base("char", Encoding::SignedChar, 1);
    let int = f.base("int", Encoding::Signed, 4);
    let natural = f.placed(Struct, 8, &[(0, byte), (4, int)]);
    let packed = f.placed(Struct, 5, &[(0, byte), (1, int)]);
    // A byte of padding at the end, which only an alignment of 2 explains.
    let cut = f.placed(Struct, 6, &[(0, int), (4, byte)]);
    // One member at an unaligned offset shows that the record is packed. The other members are aligned by chance.
    let chance =
        f.placed(Struct, 12, &[(0, int), (5, int), (4, byte), (9, byte), (10, byte), (11, byte)]);
    // A packed record inside one that is not packed.
    let inner = f.placed(Struct, 8, &[(0, int), (4, int)]);
    let outer = f.placed(Struct, 16, &[(0, byte), (1, inner), (12, int)]);
    for (id, align) in [(natural, 4), (packed, 1), (cut, 2), (chance, 1), (outer, 4)] {
        assert_eq!(align_of(&f.types, id), align, "{id:?}");
    }
}

#[test]
fn bit_fields_align_as_their_types() {
    let f = Fixture::of(AMD64);
    let long = f.base("long", Encoding::Unsigned, 8);
    for (size, offset, width, align) in
        [(8, 19, 7, 8), (8, 0, 64, 8), (9, 60, 8, 1), (16, 64, 1, 8), (16, 60, 8, 8), (4, 0, 32, 1)]
    {
        let id = f.bits("s", size, &[("m", offset, width, long)]);
        assert_eq!(align_of(&f.types, id), align, "{width} bits at {offset} of {size} bytes");
    }
}

#[test]
fn a_stated_alignment_below_the_members_is_packing_or_nothing() {
    let f = Fixture::of(AMD64);
    let byte = f.base("char", Encoding::SignedChar, 1);
    let int = f.base("int", Encoding::Signed, 4);
    for (size, members, stated, align) in [
        (8, &[(0, int), (4, int)][..], 2, 2),
        (8, &[(0, byte), (4, int)], 2, 4),
        (8, &[(0, int), (4, byte)], 2, 4),
        (6, &[(0, int), (4, byte)], 2, 2),
        (6, &[(0, byte), (1, int)], 2, 2),
        (16, &[(0, int), (4, int)], 16, 16),
    ] {
        let id = f.aligned(stated, f.placed(Struct, size, members));
        assert_eq!(align_of(&f.types, id), align, "{size} {members:?} {stated}");
    }
}

/// clang records the alignment of a member's type with the member too.
#[test]
fn a_member_that_lies_elsewhere_has_no_alignment_of_its_own() {
    let f = Fixture::of(AMD64);
    let (byte, int) = (f.char(), f.int());
    let inner = f.aligned(8, f.placed(Struct, 8, &[(0, int), (4, int)]));
    for (offset, size, align) in [(5, 14, 1), (16, 25, 1), (16, 32, 16)] {
        let members = [
            Fixture::member("packed", 1, int),
            Member { align: Some(16), ..Fixture::member("inner", offset, inner) },
            Fixture::member("last", offset + 8, byte),
        ];
        let id = f.complete(Struct, None, size, &members);
        assert_eq!(align_of(&f.types, id), align, "{offset}");
    }
}

#[test]
fn atomic_records_are_aligned_to_their_size() {
    let f = Fixture::of(AMD64);
    let int = f.base("int", Encoding::Signed, 4);
    for (size, align) in [(4, 4), (8, 8), (12, 4), (16, 16), (32, 4)] {
        let members: Vec<_> = (0..size / 4).map(|index| (index * 4, int)).collect();
        let target = f.placed(Struct, size, &members);
        let id = f.qualified(Qualifier::Atomic, target);
        assert_eq!(align_of(&f.types, id), align, "{size}");
    }
}

#[test]
fn a_typedef_may_be_aligned_less() {
    let f = Fixture::new();
    let int = f.base("int", Encoding::Signed, 4);
    let id = f.aligned(1, f.typedef("t", int));
    assert_eq!(layout_of(&f.types, id), Layout { size: Some(4), align: 1, ..UNKNOWN });
}

#[test]
fn deep_nesting_needs_little_stack() {
    let deep = || {
        let f = Fixture::new();
        let mut inner = f.base("int", Encoding::Signed, 4);
        for _ in 0..100_000 {
            inner = f.placed(Struct, 4, &[(0, inner)]);
        }
        align_of(&f.types, inner)
    };
    // A stack size that a program with many threads may use.
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(deep).unwrap();
    assert_eq!(thread.join().unwrap(), 4);
}

#[test]
fn doubling_records_and_cycles_cost_linear_time() {
    let f = Fixture::new();
    let mut inner = f.base("int", Encoding::Signed, 4);
    for level in 1..100_u64 {
        inner = f.placed(Struct, 8 * level, &[(0, inner), (4, inner)]);
    }
    assert_eq!(align_of(&f.types, inner), 4);
    let cyclic = f.types.reserve();
    let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
    f.types.set(cyclic, Type { name: None, size: None, align: None, kind });
    assert_eq!(size_of(&f.types, cyclic), None);
}
