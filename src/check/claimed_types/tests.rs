use super::*;
use crate::abi;
use crate::check::{check_type, Finding, Options, Verdict};
use crate::ctype::fixture::{Fixture, I386};
use crate::ctype::{BitField, Qualifier, RecordClass};
use crate::identity::{difference, Sameness};
use crate::spell;

fn int(claimed: &mut ClaimedTypes) -> TypeId {
    claimed.base(Encoding::Signed, 4, false).unwrap()
}

/// Asserts that the error has the kind `kind` and contains `word`, and that nothing was added.
fn refused<T: std::fmt::Debug>(
    claimed: &mut ClaimedTypes,
    kind: ErrorKind,
    word: &str,
    ask: impl FnOnce(&mut ClaimedTypes) -> Result<T>,
) {
    let before = format!("{claimed:?}");
    let error = ask(claimed).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(word), "{error}");
    assert_eq!(format!("{claimed:?}"), before);
}

fn invalid_with<T: std::fmt::Debug>(
    claimed: &mut ClaimedTypes,
    word: &str,
    ask: impl FnOnce(&mut ClaimedTypes) -> Result<T>,
) {
    refused(claimed, ErrorKind::InvalidArgument, word, ask);
}

#[test]
fn base_types_are_named_as_c_names_them() {
    let char_encoding =
        if std::ffi::c_char::MIN == 0 { Encoding::UnsignedChar } else { Encoding::SignedChar };
    let mut claimed = ClaimedTypes::new();
    for (encoding, size, name) in [
        (Encoding::Boolean, 1, "_Bool"),
        (char_encoding, 1, "char"),
        (Encoding::Signed, 1, "signed char"),
        (Encoding::Signed, 4, "int"),
        (Encoding::Unsigned, 2, "unsigned short"),
        (Encoding::Unsigned, 16, "unsigned __int128"),
        (Encoding::Utf, 4, "unsigned int"),
        (Encoding::Float, 8, "double"),
        (Encoding::Float128, 16, "_Float128"),
        (Encoding::ComplexFloat, 8, "_Complex float"),
        (Encoding::ComplexInteger, 8, "_Complex int"),
        (Encoding::DecimalFloat, 4, "_Decimal32"),
    ] {
        let id = claimed.base(encoding, size, false).unwrap();
        assert_eq!(spell::type_name(claimed.types(), id), name);
        assert_eq!(claimed.types().get(id).name.as_ref().unwrap(), &name);
        assert_eq!(abi::size_of(claimed.types(), id), Some(size));
    }
    for encoding in Encoding::ALL {
        for size in [0, 3, 5, 17, 33, 64, u64::MAX] {
            invalid_with(&mut claimed, "bytes", |claimed| claimed.base(encoding, size, false));
        }
        assert!((1..=32).any(|size| claimed.base(encoding, size, true).is_ok()), "{encoding:?}");
    }
}

#[test]
fn declarators_are_spelled() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let pointer = claimed.pointer(int).unwrap();
    let row = claimed.array(int, Some(4)).unwrap();
    let matrix = claimed.array(row, None).unwrap();
    let callback = claimed.function(int, &[pointer], FunctionForm::Variadic).unwrap();
    let passes = [matrix, row, callback, pointer];
    let function = claimed.function(TypeId::VOID, &passes, FunctionForm::Prototyped).unwrap();
    let open = claimed.function(int, &[], FunctionForm::Unprototyped).unwrap();
    let vector = claimed.vector(int, 4).unwrap();
    let spelled = |id| spell::declaration_of(claimed.types(), id, "x");
    assert_eq!(spelled(matrix), "int x[][4]");
    assert_eq!(spelled(function), "void x(int (*)[4], int *, int (*)(int *, ...), int *)");
    assert_eq!(spelled(open), "int x()");
    assert_eq!(spelled(vector), "int __attribute__((vector_size(16))) x");
    assert_eq!(abi::align_of(claimed.types(), vector), 16);
}

#[test]
fn a_record_is_opaque_until_it_is_complete() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let node = claimed.record(RecordClass::Struct, Some("node".into())).unwrap();
    let next = claimed.pointer(node).unwrap();
    assert_eq!(abi::size_of(claimed.types(), node), None);
    claimed.member(node, Some("next".into()), next, 0).unwrap();
    claimed.member(node, Some("value".into()), int, 8).unwrap();
    claimed.bit_field(node, None, int, BitField { offset: 96, width: 3 }).unwrap();
    let text = claimed.types().get(node).name.as_ref().unwrap().as_c_str().as_ptr();
    assert_eq!(abi::size_of(claimed.types(), node), None);
    claimed.complete(node, 16, None).unwrap();
    let ty = claimed.types().get(node);
    assert_eq!(abi::size_of(claimed.types(), node), Some(16));
    assert_eq!(abi::align_of(claimed.types(), node), 8);
    let Kind::Record(record) = &ty.kind else { panic!("{ty:?}") };
    assert_eq!(record.members.len(), 3);
    assert_eq!(record.members[2].offset, 12);
    // A string that was given to C lives as long as the table.
    assert_eq!(ty.name.as_ref().unwrap().as_c_str().as_ptr(), text);
    let values = claimed.array(node, Some(3)).unwrap();
    assert_eq!(abi::size_of(claimed.types(), values), Some(48));
}

#[test]
fn alignments_are_as_stated() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    for (offset, size, align, expected) in
        [(0, 4, None, 4), (1, 5, None, 1), (0, 16, Some(16), 16), (4, 8, Some(1), 4)]
    {
        let record = claimed.record(RecordClass::Struct, None).unwrap();
        claimed.member(record, Some("m".into()), int, offset).unwrap();
        claimed.complete(record, size, align).unwrap();
        assert_eq!(abi::align_of(claimed.types(), record), expected, "{offset} {size} {align:?}");
    }
}

#[test]
fn impossible_records_are_refused() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let float = claimed.base(Encoding::Float, 4, false).unwrap();
    let function = claimed.function(int, &[], FunctionForm::Prototyped).unwrap();
    let record = claimed.record(RecordClass::Struct, None).unwrap();
    let union = claimed.record(RecordClass::Union, None).unwrap();
    let name = || Some(Name::new("a"));
    claimed.member(record, name(), int, 8).unwrap();
    let all = &mut claimed;
    invalid_with(all, "not complete", |all| all.member(record, None, record, 0));
    invalid_with(all, "not complete", |all| all.array(record, Some(1)));
    invalid_with(all, "void", |all| all.member(record, None, TypeId::VOID, 0));
    invalid_with(all, "function", |all| all.member(record, None, function, 0));
    invalid_with(all, "member 'a'", |all| all.member(record, name(), int, 0));
    invalid_with(all, "memory", |all| all.member(record, None, int, u64::MAX - 2));
    invalid_with(all, "memory", |all| all.member(record, None, int, u64::MAX / 2));
    invalid_with(all, "no type", |all| all.member(record, None, TypeId::from_index(77), 0));
    invalid_with(all, "struct or union", |all| all.member(int, None, int, 0));
    invalid_with(all, "its start", |all| all.member(union, None, int, 4));
    let bits = |offset, width| BitField { offset, width };
    invalid_with(all, "1 to 32", |all| all.bit_field(record, None, int, bits(0, 0)));
    invalid_with(all, "1 to 32", |all| all.bit_field(record, None, int, bits(0, 33)));
    invalid_with(all, "memory", |all| all.bit_field(record, None, int, bits(u64::MAX, 1)));
    invalid_with(all, "no integer", |all| all.bit_field(record, None, float, bits(0, 1)));
    invalid_with(all, "its start", |all| all.bit_field(union, None, int, bits(1, 1)));
    invalid_with(all, "'a' ends at byte 12", |all| all.complete(record, 8, None));
    invalid_with(all, "multiple", |all| all.complete(record, 12, Some(8)));
    invalid_with(all, "alignment", |all| all.complete(record, 12, Some(3)));
    invalid_with(all, "alignment", |all| all.complete(record, 1 << 32, Some(1 << 32)));
    invalid_with(all, "memory", |all| all.complete(record, u64::MAX, None));
    claimed.complete(record, 12, None).unwrap();
    let all = &mut claimed;
    invalid_with(all, "already", |all| all.complete(record, 12, None));
    invalid_with(all, "already", |all| all.member(record, None, int, 0));
    invalid_with(all, "struct or union", |all| all.complete(int, 4, None));
}

#[test]
fn impossible_types_are_refused() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let byte = claimed.base(Encoding::Signed, 1, false).unwrap();
    let open = claimed.array(int, None).unwrap();
    let pointer = claimed.pointer(int).unwrap();
    let foreign = TypeId::from_index(1000);
    let all = &mut claimed;
    invalid_with(all, "no type", |all| all.pointer(foreign));
    invalid_with(all, "no type", |all| all.pointer(TypeId::from_index(u32::MAX)));
    invalid_with(all, "void", |all| all.array(TypeId::VOID, Some(1)));
    invalid_with(all, "memory", |all| all.array(int, Some(u64::MAX / 4)));
    invalid_with(all, "memory", |all| all.array(int, Some(u64::MAX)));
    invalid_with(all, "unknown length", |all| all.array(open, Some(2)));
    invalid_with(all, "no integer", |all| all.vector(pointer, 2));
    invalid_with(all, "vector", |all| all.vector(int, 3));
    invalid_with(all, "vector", |all| all.vector(int, 0));
    let plain = FunctionForm::Prototyped;
    invalid_with(all, "cannot return", |all| all.function(open, &[], plain));
    invalid_with(all, "parameter 2", |all| all.function(int, &[int, TypeId::VOID], plain));
    invalid_with(all, "no type", |all| all.function(int, &[foreign], plain));
    let none = FunctionForm::Unprototyped;
    invalid_with(all, "prototype", |all| all.function(int, &[int], none));
    let constant = |value| Enumerator { name: "A".into(), value };
    invalid_with(all, "no integer", |all| all.enumeration(None, pointer, Vec::new()));
    invalid_with(all, "fit", |all| all.enumeration(None, byte, vec![constant(128)]));
    invalid_with(all, "two", |all| all.enumeration(None, int, vec![constant(1), constant(2)]));
    assert!(claimed.enumeration(None, byte, vec![constant(-128)]).is_ok());
    assert!(claimed.claim(foreign).is_err());
    let mut deep = int;
    for _ in 0..MAX_DIMENSIONS {
        deep = claimed.array(deep, Some(1)).unwrap();
    }
    let many = "dimensions";
    refused(&mut claimed, ErrorKind::Limit, many, |claimed| claimed.array(deep, Some(1)));
}

#[test]
fn there_are_bounds() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let limit = |claimed: &mut ClaimedTypes, parameters: &[TypeId], word: &str| {
        refused(claimed, ErrorKind::Limit, word, |claimed| {
            claimed.function(int, parameters, FunctionForm::Prototyped)
        });
    };
    limit(&mut claimed, &vec![int; MAX_PARTS + 1], "parameters");
    while claimed.len < MAX_TYPES - 1 {
        claimed.any().unwrap();
    }
    // The parameter would also need a pointer type.
    let array = claimed.array(int, Some(2)).unwrap();
    limit(&mut claimed, &[array], "types");
    refused(&mut claimed, ErrorKind::Limit, "types", ClaimedTypes::any);
}

/// Makes any sequence of calls. A refused call leaves no trace, and a type that was built agrees with itself.
#[test]
fn what_was_built_agrees_with_itself() {
    for seed in 0..1_000 {
        let mut dice = Dice(seed);
        let mut claimed = ClaimedTypes::new();
        let mut records = Vec::new();
        for _ in 0..60 {
            let before = format!("{claimed:?}");
            if dice.act(&mut claimed, &mut records).is_err() {
                assert_eq!(format!("{claimed:?}"), before, "seed {seed}");
            }
        }
        for index in 0..claimed.len as u32 {
            let claim = claimed.claim(TypeId::from_index(index)).unwrap();
            let report = check_type(claimed.types(), claim.ty, claim, &Options::default());
            // Nothing is known about a value that is converted at call time.
            let graver = |finding: &&Finding| finding.verdict != Verdict::Unverified;
            let found = report.findings().iter().find(graver);
            let spelled = spell::type_name(claimed.types(), claim.ty);
            assert!(
                found.is_none(),
                "seed {seed}: {spelled}: {found:?} {:?}",
                claimed.types().get(claim.ty)
            );
        }
    }
}

/// A linear congruential generator (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn act(&mut self, claimed: &mut ClaimedTypes, records: &mut Vec<TypeId>) -> Result<()> {
        // Sometimes a number that was never given out.
        let any =
            |dice: &mut Dice, len: usize| TypeId::from_index(dice.roll(len as u64 + 1) as u32);
        let one = any(self, claimed.len);
        match self.roll(12) {
            0 | 1 => {
                let encoding = Encoding::ALL[self.roll(12) as usize];
                let size = [1, 2, 4, 8, 16, 32, 3][self.roll(7) as usize];
                claimed.base(encoding, size, self.roll(4) == 0)?;
            }
            2 => drop(claimed.pointer(one)?),
            3 => {
                let count = Some(self.roll(4)).filter(|count| *count < 3);
                claimed.array(one, count)?;
            }
            4 => {
                let class = [RecordClass::Struct, RecordClass::Union][self.roll(2) as usize];
                records.push(claimed.record(class, None)?);
            }
            5..=7 if !records.is_empty() => {
                let record = records[self.roll(records.len() as u64) as usize];
                let name = ["a", "b", "c", "d", ""][self.roll(5) as usize];
                let name = (!name.is_empty()).then(|| Name::new(name));
                let place = self.roll(3) * 4;
                if self.roll(3) == 0 {
                    let bits = BitField { offset: place * 8 + self.roll(9), width: self.roll(12) };
                    claimed.bit_field(record, name, one, bits)?;
                } else {
                    claimed.member(record, name, one, place)?;
                }
            }
            8 if !records.is_empty() => {
                let record = records[self.roll(records.len() as u64) as usize];
                let align = [None, Some(1), Some(8)][self.roll(3) as usize];
                claimed.complete(record, self.roll(10) * 4, align)?;
            }
            9 => {
                let parameters: Vec<TypeId> =
                    (0..self.roll(3)).map(|_| any(self, claimed.len)).collect();
                claimed.function(one, &parameters, FunctionForm::Prototyped)?;
            }
            10 => {
                let constants = vec![Enumerator { name: "A".into(), value: 1 }];
                claimed.enumeration(None, one, constants)?;
            }
            _ if self.roll(4) == 0 => drop(claimed.any()?),
            _ => drop(claimed.vector(one, 1 << self.roll(4))?),
        }
        Ok(())
    }
}

#[test]
fn typedefs_and_qualifiers_are_looked_through() {
    let mut claimed = ClaimedTypes::new();
    let int = int(&mut claimed);
    let opaque = claimed.record(RecordClass::Struct, None).unwrap();
    let named = |claimed: &mut ClaimedTypes, id| claimed.typedef("t".into(), id, None).unwrap();
    let number = named(&mut claimed, int);
    let number = claimed.qualified(Qualifier::Const, number).unwrap();
    let row = claimed.array(number, Some(4)).unwrap();
    let row = named(&mut claimed, row);
    let function = claimed.function(number, &[row], FunctionForm::Prototyped).unwrap();
    let function = named(&mut claimed, function);
    let outer = claimed.function(number, &[row, function], FunctionForm::Prototyped).unwrap();
    let spelled = spell::declaration_of(claimed.types(), outer, "f");
    assert_eq!(spelled, "const t f(const t *, t *)");
    assert!(claimed.enumeration(None, number, Vec::new()).is_ok());
    assert!(claimed.vector(number, 4).is_ok());
    let nothing = named(&mut claimed, TypeId::VOID);
    let alias = named(&mut claimed, opaque);
    let all = &mut claimed;
    invalid_with(all, "void", |all| all.array(nothing, Some(1)));
    invalid_with(all, "not complete", |all| all.array(alias, Some(1)));
    invalid_with(all, "parameter 1", |all| all.function(int, &[nothing], FunctionForm::Prototyped));
    invalid_with(all, "cannot return", |all| all.function(row, &[], FunctionForm::Prototyped));
    invalid_with(all, "alignment", |all| all.typedef("t".into(), int, Some(3)));
    invalid_with(all, "no type", |all| all.typedef("t".into(), TypeId::from_index(99), None));
    invalid_with(all, "no base type", |all| all.base_named("unsigned float"));
    // The layout of a typedef is not remembered before its record is complete.
    assert_eq!(abi::size_of(claimed.types(), alias), None);
    claimed.complete(opaque, 8, None).unwrap();
    assert_eq!(abi::size_of(claimed.types(), alias), Some(8));
}

#[test]
fn an_import_copies_each_type_once() {
    let mut library = ClaimedTypes::new();
    let int = int(&mut library);
    let node = library.record(RecordClass::Struct, Some("node".into())).unwrap();
    let next = library.pointer(node).unwrap();
    let next = library.qualified(Qualifier::Volatile, next).unwrap();
    let next = library.typedef("next_t".into(), next, Some(16)).unwrap();
    let opaque = library.record(RecordClass::Union, Some("opaque".into())).unwrap();
    let hidden = library.pointer(opaque).unwrap();
    let unknown = library.unknown("it is Fortran's", Some(12)).unwrap();
    let choice = Enumerator { name: "A".into(), value: 3 };
    let choice = library.enumeration(Some("choice".into()), int, vec![choice]).unwrap();
    for (index, ty) in [next, next, hidden, unknown, choice].into_iter().enumerate() {
        let name = Some(Name::new(&format!("m{index}")));
        library.member(node, name, ty, 16 * index as u64).unwrap();
    }
    library.bit_field(node, None, int, BitField { offset: 640, width: 3 }).unwrap();
    library.complete(node, 96, Some(16)).unwrap();
    let function = library.function(node, &[next, int], FunctionForm::Variadic).unwrap();
    let mut claimed = ClaimedTypes::new();
    let copies = [
        claimed.import(library.types(), function).unwrap(),
        claimed.import(library.types(), function).unwrap(),
    ];
    assert_eq!(claimed.import(library.types(), TypeId::VOID).unwrap(), TypeId::VOID);
    assert_ne!(copies[0], copies[1]);
    // `void`, and each copy: node, pointer, qualifier, typedef, opaque, pointer, unknown, enumeration, function, int.
    assert_eq!(claimed.len, 1 + 2 * 10);
    assert_eq!(claimed.parts, 2 * (6 + 1 + 2));
    for copy in copies {
        let same = difference(
            library.types(),
            function,
            claimed.types(),
            copy,
            Sameness { parameter_names: true, ..Sameness::default() },
        );
        assert_eq!(same, None);
        let pointer = claimed.pointer(copy).unwrap();
        assert!(claimed.claim(pointer).is_ok());
    }
    let opaque = claimed.import(library.types(), opaque).unwrap();
    invalid_with(&mut claimed, "without its members", |claimed| claimed.complete(opaque, 8, None));
}

#[test]
fn an_import_that_cannot_be_made_adds_nothing() {
    let mut claimed = ClaimedTypes::new();
    let other = Fixture::of(I386);
    let word = other.base("int", Encoding::Signed, 4);
    invalid_with(&mut claimed, "another machine", |claimed| claimed.import(&other.types, word));
    let own = Fixture::new();
    let foreign = TypeId::from_index(7);
    invalid_with(&mut claimed, "no type of that table", |claimed| {
        claimed.import(&own.types, foreign)
    });
    let mut last = own.base("int", Encoding::Signed, 4);
    for _ in 0..MAX_TYPES {
        last = own.pointer(last);
    }
    let word = "types";
    refused(&mut claimed, ErrorKind::Limit, word, |claimed| claimed.import(&own.types, last));
}

#[test]
fn impossible_types_of_another_table_are_no_danger() {
    let own = Fixture::new();
    let huge = own.base("int", Encoding::Signed, u64::MAX);
    let cycle = own.types.reserve();
    let kind = Kind::Typedef { target: cycle };
    own.types.set(cycle, Type { name: Some("c".into()), size: None, align: None, kind });
    let mut claimed = ClaimedTypes::new();
    let huge = claimed.import(&own.types, huge).unwrap();
    let cycle = claimed.import(&own.types, cycle).unwrap();
    let record = claimed.record(RecordClass::Struct, None).unwrap();
    let all = &mut claimed;
    invalid_with(all, "no size of C's", |all| all.enumeration(None, huge, Vec::new()));
    invalid_with(all, "too many typedefs", |all| all.array(cycle, Some(1)));
    invalid_with(all, "outside of memory", |all| all.member(record, None, huge, 8));
    let function = all.function(cycle, &[huge, cycle], FunctionForm::Prototyped).unwrap();
    assert!(!spell::type_name(claimed.types(), function).is_empty());
}
