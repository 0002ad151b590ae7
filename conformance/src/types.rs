//! Types of a library in the making: a shape becomes C text, and a record with its layout.

use crate::classes::mixes_floats;
use crate::generate::Dialect;
use crate::layout::lay_out;
use crate::shape::{
    BitsShape, EnumerationShape, MemberShape, Named, RecordShape, ValueKind, ValueShape, DOUBLE,
    INT, QUAD, UNSIGNED,
};
use crate::signature::{
    Definition, Extent, Foreign, Library, Member, Record, Scalar, Spelled, Type,
};

/// The types of a library in the making.
pub struct Types {
    pub library: Library,
    dialect: Dialect,
    names: usize,
}

fn spelled((text, ty): Named) -> Spelled {
    Spelled::new(ty, text)
}

impl Types {
    pub fn new(dialect: Dialect) -> Types {
        Types { library: Library::default(), dialect, names: 0 }
    }

    fn define(&mut self, text: String) {
        self.library.definitions.push(Definition::Text(text));
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    pub fn value(&mut self, shape: &ValueShape) -> Spelled {
        let mut value = match &shape.kind {
            ValueKind::Named((_, Type::Foreign(Foreign::Decimal(_)))) if !self.dialect.decimals => {
                spelled(QUAD)
            }
            ValueKind::Named(named) => spelled(*named),
            ValueKind::Enumeration(shape) => self.enumeration(shape),
            ValueKind::Record(shape) => self.record(shape).unwrap_or(spelled(DOUBLE)),
            ValueKind::PointerTo(shape, declarator) => {
                let target = self.record(shape).unwrap_or(spelled(DOUBLE));
                Spelled::new(Type::Scalar(Scalar::Pointer), target.declare(declarator))
            }
        };
        for _ in 0..shape.typedefs {
            let name = self.name("t");
            self.define(format!("typedef {};", value.declare(&name)));
            value = value.respelled(format!("{name} @"));
        }
        if value.text.ends_with(" @") {
            value.respelled(format!("{}{}", shape.qualifier, value.text))
        } else {
            value
        }
    }

    fn enumeration(&mut self, shape: &EnumerationShape) -> Spelled {
        let integer = |size, signed| Type::Scalar(Scalar::Integer { size, signed });
        let (a, b, c) = (self.name("E"), self.name("E"), self.name("E"));
        // The underlying type is the compiler's choice: gcc's and clang's agree (-fno-short-enums).
        let (attribute, list, ty) = match shape.values {
            0 => ("", format!("{a}, {b} = 5, {c}"), integer(4, false)),
            1 => ("", format!("{a} = -3, {b}, {c} = 70000"), integer(4, true)),
            2 => ("", format!("{a} = 0x100000000, {b} = 1"), integer(8, false)),
            3 => ("", format!("{a} = -0x100000000, {b}, {c} = 1"), integer(8, true)),
            4 => ("__attribute__((packed)) ", format!("{a}, {b} = 200"), integer(1, false)),
            5 => ("__attribute__((packed)) ", format!("{a} = -300, {b} = 300"), integer(2, true)),
            _ => ("__attribute__((packed)) ", format!("{a} = -1, {b} = 2"), integer(1, true)),
        };
        let tag = self.name("e");
        let text = if shape.by_typedef {
            self.define(format!("typedef enum {attribute}{{ {list} }} {tag};"));
            format!("{tag} @")
        } else {
            self.define(format!("enum {attribute}{tag} {{ {list} }};"));
            format!("enum {tag} @")
        };
        Spelled { ty, text, enumeration: true }
    }

    /// Defines a record; `None` where the compiler is known to pass it wrongly.
    fn record(&mut self, shape: &RecordShape) -> Option<Spelled> {
        let tag = self.name("r");
        let mut record = self.members(shape, &tag);
        let Dialect { hides_alignment, states_source_alignment, .. } = self.dialect;
        let wide = states_source_alignment && record.align >= 16;
        let aligned = shape.aligned.filter(|&align| !wide || align >= record.align);
        record.aligned = aligned.filter(|_| !hides_alignment);
        if hides_alignment {
            record.members.iter_mut().for_each(|member| member.aligned = None);
        }
        let mut attributes = String::new();
        if shape.packed {
            attributes += " __attribute__((packed))";
        }
        if let Some(align) = record.aligned {
            attributes += &format!(" __attribute__((aligned({align})))");
        }
        let keyword = record.keyword();
        if shape.by_typedef {
            record.head = format!("typedef {keyword}");
            record.tail = format!("{attributes} {tag}");
            record.text = format!("{tag} @");
        } else {
            record.head = format!("{keyword} {tag}");
            record.tail = attributes;
            record.text = format!("{keyword} {tag} @");
        }
        lay_out(&self.library, &mut record);
        let (ty, text) = (Type::Record(self.library.records.len()), record.text.clone());
        self.library.records.push(record);
        if self.dialect.narrows_unions && mixes_floats(&self.library, ty) {
            self.library.records.pop();
            return None;
        }
        self.library.definitions.push(Definition::Record(self.library.records.len() - 1));
        Some(Spelled::new(ty, text))
    }

    /// A record without name and attributes, of the members that find room in it.
    fn members(&mut self, shape: &RecordShape, tag: &str) -> Record {
        let mut record = Record {
            union: shape.union,
            inline: false,
            packed: shape.packed,
            aligned: None,
            head: String::new(),
            tail: String::new(),
            text: String::new(),
            members: Vec::new(),
            size: 0,
            align: 1,
        };
        for member in &shape.members {
            let before = record.members.len();
            if record.union && before >= 4 {
                break;
            }
            self.add_member(&mut record, member, tag);
            lay_out(&self.library, &mut record);
            let unseen = record.packed && record.members[before..].iter().any(|m| self.is_wide(m));
            if record.size > shape.most || record.size == 0 || unseen {
                record.members.truncate(before);
                lay_out(&self.library, &mut record);
            }
        }
        if !record.members.iter().any(|member| member.width.is_none()) {
            record.members.push(self.member(spelled(INT), Extent::One));
        }
        if let Some(element) = shape.flexible.filter(|_| !record.union && !record.packed) {
            record.members.push(self.member(spelled(element), Extent::Flexible));
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

    fn bits(&mut self, named: Named, width: u64) -> Member {
        Member { width: Some(width), ..self.member(spelled(named), Extent::One) }
    }

    /// A bit-field without a name.
    fn gap(&mut self, width: u64) -> Member {
        Member { name: None, ..self.bits(UNSIGNED, width) }
    }

    fn add_member(&mut self, record: &mut Record, shape: &MemberShape, tag: &str) {
        let member = match shape {
            MemberShape::One { named, .. } if *named == QUAD && record.packed => return,
            MemberShape::One { named, aligned } => {
                Member { aligned: *aligned, ..self.member(spelled(*named), Extent::One) }
            }
            MemberShape::Array { named, dimensions } => {
                self.member(spelled(*named), Extent::Array(dimensions.clone()))
            }
            MemberShape::Own if record.union => {
                self.member(Spelled::new(Type::Scalar(Scalar::Pointer), "void *@"), Extent::One)
            }
            MemberShape::Own => {
                let text = format!("struct {tag} *@");
                self.member(Spelled::new(Type::Scalar(Scalar::Pointer), text), Extent::One)
            }
            MemberShape::Enumeration(shape) => {
                let spelled = self.enumeration(shape);
                self.member(spelled, Extent::One)
            }
            MemberShape::Bits(fields) => return self.add_bits(record, fields),
            MemberShape::Nested(inner, count) => {
                let Some(inner) = self.record(inner) else { return };
                let Type::Record(number) = inner.ty else { return };
                if !may_nest(&self.library.records[number], record) {
                    return;
                }
                let extent = count.map_or(Extent::One, |count| Extent::Array(vec![count]));
                self.member(inner, extent)
            }
            MemberShape::Anonymous { alike, members } => self.anonymous(record, *alike, members),
            MemberShape::Unnamed { width, next } => {
                return self.add_unnamed(record, *width, *next);
            }
        };
        record.members.push(member);
    }

    fn anonymous(
        &mut self,
        outer: &Record,
        alike: bool,
        members: &[(Named, Option<u64>)],
    ) -> Member {
        let mut inner = Record {
            union: !outer.union || alike,
            inline: true,
            packed: false,
            members: Vec::new(),
            ..outer.clone()
        };
        for (named, count) in members {
            let extent = count.map_or(Extent::One, |count| Extent::Array(vec![count]));
            inner.members.push(self.member(spelled(*named), extent));
        }
        lay_out(&self.library, &mut inner);
        self.library.records.push(inner);
        let ty = Type::Record(self.library.records.len() - 1);
        Member { name: None, ..self.member(Spelled::new(ty, ""), Extent::One) }
    }

    /// A bit-field without a name and a scalar behind it, if the layout shows it: GCC gives its eightbyte a class, clang
    /// does not, and neither describes it.
    fn add_unnamed(&mut self, record: &mut Record, width: u64, next: Named) {
        if record.packed || record.union {
            return;
        }
        let mut next = self.member(spelled(next), Extent::One);
        let gap = self.gap(width);
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

    /// Bit-fields; an unnamed one only where a named one shares its eightbyte.
    fn add_bits(&mut self, record: &mut Record, fields: &[BitsShape]) {
        if record.union {
            let width = fields.first().map_or(1, |first| first.width.clamp(1, 31));
            record.members.push(self.bits(UNSIGNED, width));
            return;
        }
        for BitsShape { named, width, gap } in fields {
            let most = match named.1 {
                Type::Scalar(Scalar::Integer { size: 8, .. }) => 50,
                Type::Scalar(Scalar::Integer { size, .. }) => 8 * size,
                _ => 1,
            };
            // Before DWARF 5 clang describes one of full width as a plain member, at the byte where it begins.
            let most = if record.packed && most > 1 { most - 1 } else { most };
            record.members.push(self.bits(*named, 1 + (width - 1) % most));
            if let Some(gap) = gap.filter(|_| !record.packed) {
                lay_out(&self.library, record);
                let last = record.members.last().map_or(0, |m| m.offset + m.width.unwrap_or(0));
                let room = 32 - last % 32;
                if room < 32 {
                    record.members.push(self.gap(gap.min(room)));
                }
            }
        }
    }
}

/// A packed record takes no over-aligned inner one, and none with bit-fields: gcc and clang differ on how what lies
/// misaligned then is passed.
fn may_nest(inner: &Record, outer: &Record) -> bool {
    let flexible = inner.members.iter().any(|member| member.extent == Extent::Flexible);
    !flexible
        && !(outer.packed
            && (inner.aligned.is_some()
                || inner.members.iter().any(|m| m.aligned.is_some() || m.width.is_some())))
        && inner.align <= 16
}
