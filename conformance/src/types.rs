//! Random types: scalars, pointers, enumerations, records, typedef chains.

use crate::classes::mixes_floats;
use crate::generate::Dialect;
use crate::layout::lay_out;
use crate::random::Random;
use crate::signature::{
    Definition, Extent, Foreign, Library, Member, Record, Scalar, Spelled, Type,
};

/// The types of a library in the making.
pub struct Types {
    pub library: Library,
    enumerations: Vec<Spelled>,
    names: usize,
}

const fn integer(size: u64, signed: bool) -> Type {
    Type::Scalar(Scalar::Integer { size, signed })
}

const INTEGERS: &[(&str, Type)] = &[
    ("char @", integer(1, true)),
    ("signed char @", integer(1, true)),
    ("unsigned char @", integer(1, false)),
    ("short @", integer(2, true)),
    ("unsigned short @", integer(2, false)),
    ("int @", integer(4, true)),
    ("unsigned int @", integer(4, false)),
    ("long @", integer(8, true)),
    ("unsigned long @", integer(8, false)),
    ("long long @", integer(8, true)),
    ("unsigned long long @", integer(8, false)),
    ("int32_t @", integer(4, true)),
    ("uint8_t @", integer(1, false)),
    ("uint16_t @", integer(2, false)),
    ("size_t @", integer(8, false)),
    ("_Bool @", Type::Scalar(Scalar::Bool)),
];

const FLOATS: &[(&str, Type)] = &[
    ("float @", Type::Scalar(Scalar::Float)),
    ("double @", Type::Scalar(Scalar::Double)),
    ("float @", Type::Scalar(Scalar::Float)),
    ("double @", Type::Scalar(Scalar::Double)),
    ("float _Complex @", Type::Scalar(Scalar::ComplexFloat)),
    ("double _Complex @", Type::Scalar(Scalar::ComplexDouble)),
];

const WIDE: &[(&str, Type)] = &[
    ("long double @", Type::Scalar(Scalar::LongDouble)),
    ("long double _Complex @", Type::Scalar(Scalar::ComplexLongDouble)),
    ("__int128 @", integer(16, true)),
    ("unsigned __int128 @", integer(16, false)),
];

const POINTERS: &[&str] = &[
    "void *@",
    "const char *@",
    "char **@",
    "const void *const *@",
    "int *restrict @",
    "volatile long *@",
    "struct opaque *@",
    "const union opaque_union *@",
    "double (*@)[3]",
    "int (*(*@)[2])[5]",
    "int (*@)(void)",
    "void (*@)(int, const char *, ...)",
    "double (*(*@)(int))(float)",
    "const unsigned char *const *@",
    "_Bool *@",
    "long double _Complex *@",
    "void *(*@)(void *, unsigned long)",
    "struct chain { struct chain *next; int n; } *@",
];

fn choose(random: &mut Random, table: &[(&str, Type)]) -> Spelled {
    let (text, ty) = *random.pick(table);
    Spelled::new(ty, text)
}

pub fn scalar(random: &mut Random) -> Spelled {
    match random.below(100) {
        0..=54 => choose(random, INTEGERS),
        55..=89 => choose(random, FLOATS),
        _ => choose(random, WIDE),
    }
}

pub fn pointer(random: &mut Random, types: &mut Types) -> Spelled {
    let records = &types.library.records;
    let text = if random.chance(30) && !records.is_empty() {
        let record = random.pick(records);
        if record.inline {
            "void *@".to_string()
        } else {
            record.text.replace('@', random.pick::<&str>(&["*@", "**@", "*const *@", "(*@)[4]"]))
        }
    } else {
        // The last one defines a struct and serves only once, in the header.
        random.pick(&POINTERS[..POINTERS.len() - 1]).to_string()
    };
    Spelled::new(Type::Scalar(Scalar::Pointer), text)
}

/// Parameters that C turns into pointers (C17 §6.7.6.3 ¶7 and ¶8).
pub fn adjusted_parameter(random: &mut Random, types: &mut Types) -> Spelled {
    const ADJUSTED: &[&str] = &[
        "int @[4]",
        "const char @[]",
        "double @[static 2]",
        "int @[const 3][2]",
        "int @(double)",
        "char *@[]",
        "void @(int, ...)",
    ];
    if random.chance(40) {
        Spelled::new(Type::Scalar(Scalar::Pointer), *random.pick(ADJUSTED))
    } else {
        pointer(random, types)
    }
}

impl Types {
    /// Enumerations and records in number to serve `functions` functions.
    pub fn new(random: &mut Random, functions: usize, dialect: Dialect) -> Types {
        let mut types = Types { library: Library::default(), enumerations: Vec::new(), names: 0 };
        let chain = POINTERS[POINTERS.len() - 1].replace('@', "the_chain");
        types.define(format!("extern {chain};"));
        for number in 0..(functions / 16).clamp(4, 40) {
            types.new_enumeration(random, number);
        }
        for _ in 0..(functions / 2).clamp(8, 300) {
            types.new_record(random, dialect);
        }
        types
    }

    fn define(&mut self, text: String) {
        self.library.definitions.push(Definition::Text(text));
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn new_enumeration(&mut self, random: &mut Random, number: usize) {
        let (a, b, c) = (self.name("E"), self.name("E"), self.name("E"));
        // The underlying type is the compiler's choice: gcc's and clang's agree (-fno-short-enums).
        let (attribute, list, ty) = match number % 7 {
            0 => ("", format!("{a}, {b} = 5, {c}"), integer(4, false)),
            1 => ("", format!("{a} = -3, {b}, {c} = 70000"), integer(4, true)),
            2 => ("", format!("{a} = 0x100000000, {b} = 1"), integer(8, false)),
            3 => ("", format!("{a} = -0x100000000, {b}, {c} = 1"), integer(8, true)),
            4 => ("__attribute__((packed)) ", format!("{a}, {b} = 200"), integer(1, false)),
            5 => ("__attribute__((packed)) ", format!("{a} = -300, {b} = 300"), integer(2, true)),
            _ => ("__attribute__((packed)) ", format!("{a} = -1, {b} = 2"), integer(1, true)),
        };
        let tag = self.name("e");
        let text = if random.chance(60) {
            self.define(format!("enum {attribute}{tag} {{ {list} }};"));
            format!("enum {tag} @")
        } else {
            self.define(format!("typedef enum {attribute}{{ {list} }} {tag};"));
            format!("{tag} @")
        };
        self.enumerations.push(Spelled { ty, text, enumeration: true });
    }

    pub fn enumeration(&self, random: &mut Random) -> Spelled {
        random.pick(&self.enumerations).clone()
    }

    /// One to three typedefs, the first of them naming `spelled`.
    pub fn typedef_chain(&mut self, random: &mut Random, spelled: Spelled) -> Spelled {
        let mut text = spelled.text.clone();
        for _ in 0..random.between(1, 3) {
            let name = self.name("t");
            self.define(format!("typedef {};", text.replace('@', &name)));
            text = format!("{name} @");
        }
        spelled.respelled(text)
    }

    /// A record that was defined in the header; small ones are favoured, for they travel in registers.
    pub fn record(&self, random: &mut Random) -> Spelled {
        loop {
            let number = random.below(self.library.records.len());
            let record = &self.library.records[number];
            if !record.inline && (record.size <= 64 || random.chance(50)) {
                return Spelled::new(Type::Record(number), record.text.clone());
            }
        }
    }

    fn new_record(&mut self, random: &mut Random, dialect: Dialect) {
        let target = match random.below(100) {
            0..=54 => random.between(1, 16),
            55..=89 => random.between(17, 64),
            _ => random.between(65, 200),
        };
        let tag = self.name("r");
        let packed = random.chance(8) && (target > 16 || random.chance(12));
        let aligned =
            random.chance(8).then(|| *random.pick(&[2, 4, 8, 8, 16, 16, 16, 16, 16, 16, 16, 32]));
        let mut record = self.fill(random, target as u64, packed, &tag);
        let wide = dialect.states_source_alignment && record.align >= 16;
        let aligned = aligned.filter(|&align| !wide || align >= record.align);
        let aligned = aligned.filter(|_| !dialect.hides_alignment);
        if dialect.hides_alignment {
            record.members.iter_mut().for_each(|member| member.aligned = None);
        }
        record.aligned = aligned;
        let mut attributes = String::new();
        if packed {
            attributes += " __attribute__((packed))";
        }
        if let Some(align) = aligned {
            attributes += &format!(" __attribute__((aligned({align})))");
        }
        let keyword = record.keyword();
        if random.chance(60) {
            record.head = format!("{keyword} {tag}");
            record.tail = attributes;
            record.text = format!("{keyword} {tag} @");
        } else {
            record.head = format!("typedef {keyword}");
            record.tail = format!("{attributes} {tag}");
            record.text = format!("{tag} @");
        }
        lay_out(&self.library, &mut record);
        self.library.records.push(record);
        let number = self.library.records.len() - 1;
        if dialect.narrows_unions && mixes_floats(&self.library, Type::Record(number)) {
            self.library.records.pop();
            return;
        }
        self.library.definitions.push(Definition::Record(number));
    }

    /// A record of about `target` bytes, at most 64 or 200.
    fn fill(&mut self, random: &mut Random, target: u64, packed: bool, tag: &str) -> Record {
        let cap = match target {
            0..=16 => 16,
            17..=64 => 64,
            _ => 200,
        };
        let mut record = Record {
            union: random.chance(12),
            inline: false,
            packed,
            aligned: None,
            head: String::new(),
            tail: String::new(),
            text: String::new(),
            members: Vec::new(),
            size: 0,
            align: 1,
        };
        let flavour = random.below(4);
        for _ in 0..24 {
            let before = record.members.len();
            if record.size >= target && before > 0 {
                break;
            }
            if record.union && before >= 4 {
                break;
            }
            self.add_member(random, &mut record, flavour, tag);
            lay_out(&self.library, &mut record);
            let unseen = packed && record.members[before..].iter().any(|m| self.is_wide(m));
            if record.size > cap || record.size == 0 || unseen {
                record.members.truncate(before);
                lay_out(&self.library, &mut record);
            }
        }
        if !record.members.iter().any(|member| member.width.is_none()) {
            record.members.push(self.member(choose(random, INTEGERS), Extent::One));
        }
        if !record.union && !packed && random.chance(6) {
            let element = choose(random, INTEGERS);
            record.members.push(self.member(element, Extent::Flexible));
        }
        lay_out(&self.library, &mut record);
        record
    }

    /// Whether a member asks for 16 bytes of alignment. Debug information does not say that a record is packed; where
    /// all members lie aligned all the same nobody can see it, and from 16 bytes on calls depend on it.
    fn is_wide(&self, member: &Member) -> bool {
        self.library.size_align(member.spelled.ty).1 >= 16
    }

    fn member(&mut self, spelled: Spelled, extent: Extent) -> Member {
        let name = Some(self.name("m"));
        Member { name, spelled, extent, width: None, aligned: None, offset: 0 }
    }

    fn add_member(&mut self, random: &mut Random, record: &mut Record, flavour: usize, tag: &str) {
        let basic = |random: &mut Random| match flavour {
            0 => choose(random, FLOATS),
            1 => choose(random, INTEGERS),
            _ => scalar(random),
        };
        match random.below(100) {
            0..=9 if flavour != 0 => self.add_bits(random, record),
            10..=23 => {
                let dimensions =
                    (0..1 + random.below(4) / 3).map(|_| random.between(1, 4) as u64).collect();
                let element = basic(random);
                record.members.push(self.member(element, Extent::Array(dimensions)));
            }
            24..=31 if flavour != 0 => {
                let spelled = if random.chance(30) && !record.union {
                    Spelled::new(Type::Scalar(Scalar::Pointer), format!("struct {tag} *@"))
                } else {
                    pointer(random, self)
                };
                record.members.push(self.member(spelled, Extent::One));
            }
            52 if !record.packed => {
                let quad = Spelled::new(Type::Foreign(Foreign::Float128), "__float128 @");
                record.members.push(self.member(quad, Extent::One));
            }
            53 if !record.packed && !record.union => self.add_unnamed(random, record),
            32..=36 if flavour != 0 => {
                let spelled = self.enumeration(random);
                record.members.push(self.member(spelled, Extent::One));
            }
            37..=44 => self.add_nested(random, record),
            45..=51 => self.add_anonymous(random, record, flavour),
            _ => {
                let mut member = {
                    let spelled = basic(random);
                    self.member(spelled, Extent::One)
                };
                if random.chance(3) {
                    member.aligned = Some(*random.pick(&[4, 8, 16]));
                }
                record.members.push(member);
            }
        }
    }

    fn add_nested(&mut self, random: &mut Random, record: &mut Record) {
        let Some(number) =
            (0..8).map(|_| random.below(self.library.records.len().max(1))).find(|&number| {
                self.library.records.get(number).is_some_and(|inner| may_nest(inner, record))
            })
        else {
            return;
        };
        let spelled = Spelled::new(Type::Record(number), self.library.records[number].text.clone());
        let extent = if random.chance(25) {
            Extent::Array(vec![random.between(1, 3) as u64])
        } else {
            Extent::One
        };
        record.members.push(self.member(spelled, extent));
    }

    fn add_anonymous(&mut self, random: &mut Random, record: &mut Record, flavour: usize) {
        let mut inner = Record {
            union: !record.union || random.chance(20),
            inline: true,
            packed: false,
            members: Vec::new(),
            ..record.clone()
        };
        for _ in 0..random.between(1, 3) {
            let spelled =
                if flavour == 0 { choose(random, FLOATS) } else { choose(random, INTEGERS) };
            let extent = if random.chance(30) {
                Extent::Array(vec![random.between(1, 4) as u64])
            } else {
                Extent::One
            };
            inner.members.push(self.member(spelled, extent));
        }
        lay_out(&self.library, &mut inner);
        self.library.records.push(inner);
        let number = self.library.records.len() - 1;
        let mut member = self.member(Spelled::new(Type::Record(number), ""), Extent::One);
        member.name = None;
        record.members.push(member);
    }

    /// A bit-field without a name and a scalar behind it, if the layout shows it: GCC gives its eightbyte a class, clang
    /// does not, and neither describes it.
    fn add_unnamed(&mut self, random: &mut Random, record: &mut Record) {
        let mut next = self.member(choose(random, FLOATS), Extent::One);
        let mut gap = self.member(Spelled::new(integer(4, false), "unsigned int @"), Extent::One);
        gap.name = None;
        gap.width = Some(random.between(1, 32) as u64);
        let mut without = record.clone();
        without.members.push(next.clone());
        lay_out(&self.library, &mut without);
        record.members.extend([gap, next.clone()]);
        lay_out(&self.library, record);
        next.offset = record.members.last().map_or(0, |last| last.offset);
        if without.members.last().is_some_and(|last| last.offset == next.offset) {
            let last = record.members.len() - 2;
            record.members.remove(last);
            lay_out(&self.library, record);
        }
    }

    /// One to four bit-fields; an unnamed one only where a named one shares its eightbyte.
    fn add_bits(&mut self, random: &mut Random, record: &mut Record) {
        if record.union {
            let width = random.between(1, 31) as u64;
            let mut member =
                self.member(Spelled::new(integer(4, false), "unsigned int @"), Extent::One);
            member.width = Some(width);
            record.members.push(member);
            return;
        }
        for _ in 0..random.between(1, 4) {
            let (spelled, most) = match random.below(8) {
                0 => (Spelled::new(Type::Scalar(Scalar::Bool), "_Bool @"), 1),
                1 => (Spelled::new(integer(8, true), "long @"), 50),
                2 => (Spelled::new(integer(2, false), "unsigned short @"), 16),
                3 => (Spelled::new(integer(1, true), "signed char @"), 8),
                4 => (Spelled::new(integer(4, true), "int @"), 32),
                _ => (Spelled::new(integer(4, false), "unsigned int @"), 32),
            };
            let mut member = self.member(spelled, Extent::One);
            // Before DWARF 5 clang describes one of full width as a plain member, at the byte where it begins.
            let most = if record.packed && most > 1 { most - 1 } else { most };
            member.width = Some(random.between(1, most) as u64);
            record.members.push(member);
            if random.chance(10) && !record.packed {
                lay_out(&self.library, record);
                let last = record.members.last().map_or(0, |m| m.offset + m.width.unwrap_or(0));
                let room = 32 - last % 32;
                if room < 32 {
                    let mut gap =
                        self.member(Spelled::new(integer(4, false), "unsigned int @"), Extent::One);
                    gap.name = None;
                    gap.width = Some(random.below(room as usize + 1) as u64);
                    record.members.push(gap);
                }
            }
        }
    }
}

/// A packed record takes no over-aligned inner one, and none with bit-fields: gcc and clang differ on how what lies
/// misaligned then is passed.
fn may_nest(inner: &Record, outer: &Record) -> bool {
    let flexible = inner.members.iter().any(|member| member.extent == Extent::Flexible);
    !inner.inline
        && !flexible
        && !(outer.packed
            && (inner.aligned.is_some()
                || inner.members.iter().any(|m| m.aligned.is_some() || m.width.is_some())))
        && inner.align <= 16
}
