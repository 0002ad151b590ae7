//! The check that bindings of Python's limited API write by hand at start-up: is the PyTypeObject that they declare, some
//! fields at fixed places, the one of the libpython that runs?
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::check::{check_type, ClaimedTypes, Options, Owner, Report, Rule, Verdict};
use ffitypecheck::ctype::{Encoding, RecordClass, TypeId};
use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::Library;

/// What a field of the hand-written declaration is.
#[derive(Clone, Copy)]
enum Field {
    Text,
    Size,
    Flags,
    Pointer,
    /// Another PyTypeObject.
    Own,
}

/// Name, offset in bytes and type in Python 3.11 on a 64-bit machine.
const FIELDS: [(&str, u64, Field); 8] = [
    ("tp_name", 24, Field::Text),
    ("tp_basicsize", 32, Field::Size),
    ("tp_itemsize", 40, Field::Size),
    ("tp_dealloc", 48, Field::Pointer),
    ("tp_flags", 168, Field::Flags),
    ("tp_doc", 176, Field::Text),
    ("tp_base", 256, Field::Own),
    ("tp_dict", 264, Field::Pointer),
];

fn declare(types: &mut ClaimedTypes, fields: &[(&str, u64, Field)], size: u64) -> TypeId {
    let record = types.record(RecordClass::Struct, Some("_typeobject".into())).unwrap();
    let char = types.base(Encoding::SignedChar, 1, false).unwrap();
    let text = types.pointer(char).unwrap();
    let size_type = types.base(Encoding::Signed, 8, false).unwrap();
    let flags = types.base(Encoding::Unsigned, 8, false).unwrap();
    let pointer = types.pointer(TypeId::VOID).unwrap();
    let own = types.pointer(record).unwrap();
    for &(name, offset, field) in fields {
        let ty = match field {
            Field::Text => text,
            Field::Size => size_type,
            Field::Flags => flags,
            Field::Pointer => pointer,
            Field::Own => own,
        };
        types.member(record, Some(name.into()), ty, offset).unwrap();
    }
    types.complete(record, size, None).unwrap();
    record
}

/// Against the type of the library's own PyType_Type.
fn report(fields: &[(&str, u64, Field)], size: u64) -> Report {
    let path = find_library("libpython3.11.so.1.0").unwrap();
    let library = Library::open(Path::new(&path), &SearchOptions::from_environment()).unwrap();
    let declared = library.describe("PyType_Type").unwrap();
    let mut types = ClaimedTypes::new();
    let record = declare(&mut types, fields, size);
    // The library provides the memory, and few of its members are wanted.
    let ignored = [Rule::MissingMember].into_iter().collect();
    let options = Options { owner: Owner::Library, ignored, ..Options::default() };
    check_type(&declared.types, declared.ty, types.claim(record).unwrap(), &options)
}

#[test]
fn the_fields_are_where_they_are_declared() {
    let right = report(&FIELDS, 272);
    assert_eq!(right.verdict(), Verdict::Differs, "{:?}", right.findings());
    assert_eq!(right.findings().len(), 1);
    assert_eq!(right.findings()[0].rule, Rule::PointeePrefix);
    assert!(right.passes());
}

#[test]
fn one_field_at_another_place_is_found() {
    for index in 0..FIELDS.len() {
        let mut fields = FIELDS;
        fields[index].1 += 8;
        // Where another one is already, that one gives way.
        let place = fields[index].1;
        let name = fields[index].0;
        let kept: Vec<_> = fields
            .into_iter()
            .filter(|(other, offset, _)| *other == name || *offset != place)
            .collect();
        let moved = report(&kept, 272 + 8);
        assert_eq!(moved.verdict(), Verdict::Mismatch, "{name}: {:?}", moved.findings());
        assert!(!moved.passes());
        let told = moved.findings().iter().any(|found| {
            found.verdict == Verdict::Mismatch && found.sentence.as_str().contains(name)
        });
        assert!(told, "{name}: {:?}", moved.findings());
    }
}
