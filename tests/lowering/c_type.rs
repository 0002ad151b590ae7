//! C types that are both written as C and built as the model's types, with a layout of their own making.

use std::fmt::Write;
use std::sync::Arc;

use ffitypecheck::ctype::{
    BitField, Declaration, DeclarationKind, Encoding, Evidence, Function, Kind, Member, Parameter,
    PointerClass, Record, RecordClass, Target, Type, TypeId, Types,
};
use toolchain::Random;

pub struct Scalar {
    pub name: &'static str,
    pub encoding: Encoding,
    pub size: u64,
}

const fn scalar(name: &'static str, encoding: Encoding, size: u64) -> Scalar {
    Scalar { name, encoding, size }
}

pub const SCALARS: &[Scalar] = &[
    scalar("_Bool", Encoding::Boolean, 1),
    scalar("char", Encoding::SignedChar, 1),
    scalar("unsigned char", Encoding::UnsignedChar, 1),
    scalar("short", Encoding::Signed, 2),
    scalar("unsigned short", Encoding::Unsigned, 2),
    scalar("int", Encoding::Signed, 4),
    scalar("unsigned int", Encoding::Unsigned, 4),
    scalar("long", Encoding::Signed, 8),
    scalar("unsigned long", Encoding::Unsigned, 8),
    scalar("float", Encoding::Float, 4),
    scalar("double", Encoding::Float, 8),
    scalar("long double", Encoding::Float, 16),
    scalar("float _Complex", Encoding::ComplexFloat, 8),
    scalar("double _Complex", Encoding::ComplexFloat, 16),
    scalar("long double _Complex", Encoding::ComplexFloat, 32),
    scalar("char _Complex", Encoding::ComplexInteger, 2),
    scalar("int _Complex", Encoding::ComplexInteger, 8),
    scalar("long _Complex", Encoding::ComplexInteger, 16),
    scalar("__int128", Encoding::Signed, 16),
];

/// Known here, but not to libffi.
const OTHERS: &[Scalar] = &[
    scalar("_Float128", Encoding::Float128, 16),
    scalar("_Float16", Encoding::Float, 2),
    scalar("_Decimal64", Encoding::DecimalFloat, 8),
    scalar("enum e", Encoding::Unsigned, 4),
];

#[derive(Clone, Default)]
pub struct Shape {
    pub union: bool,
    pub packed: bool,
    pub align: u64,
}

#[derive(Clone)]
pub enum C {
    Void,
    Pointer,
    Scalar(&'static Scalar),
    Array(Box<C>, u64),
    /// Members, each with the width of a bit-field.
    Record(Vec<(C, Option<u64>)>, Shape),
}

/// Size and alignment in bytes, and for records each member's offset in bits.
struct Laid {
    size: u64,
    align: u64,
    offsets: Vec<u64>,
}

impl C {
    pub fn scalar(name: &str) -> C {
        C::Scalar(SCALARS.iter().chain(OTHERS).find(|scalar| scalar.name == name).unwrap())
    }

    pub fn array(element: C, count: u64) -> C {
        C::Array(Box::new(element), count)
    }

    pub fn record(members: Vec<C>) -> C {
        C::Record(members.into_iter().map(|ty| (ty, None)).collect(), Shape::default())
    }

    pub fn union(members: Vec<C>) -> C {
        let C::Record(members, shape) = C::record(members) else { unreachable!() };
        C::Record(members, Shape { union: true, ..shape })
    }

    pub fn packed(members: Vec<C>) -> C {
        let C::Record(members, shape) = C::record(members) else { unreachable!() };
        C::Record(members, Shape { packed: true, ..shape })
    }

    pub fn aligned(members: Vec<C>, align: u64) -> C {
        let C::Record(members, shape) = C::record(members) else { unreachable!() };
        C::Record(members, Shape { align, ..shape })
    }

    /// Small, but in memory for another reason than its size.
    pub fn is_opaque_in_memory(&self) -> bool {
        let C::Record(members, shape) = self else { return false };
        let long = |ty: &C| matches!(ty, C::Scalar(scalar) if scalar.name == "long double");
        let longs = members.iter().filter(|(ty, _)| long(ty)).count();
        let unaligned = || {
            let laid = self.layout();
            let place = members.iter().zip(laid.offsets);
            place.into_iter().any(|((ty, _), offset)| offset / 8 % ty.layout().align != 0)
        };
        (shape.union && longs > 0 && longs < members.len())
            || (shape.packed && unaligned())
            || (shape.union && self.layout().size > 16)
    }

    fn layout(&self) -> Laid {
        let (size, align) = match self {
            C::Void => (0, 1),
            C::Pointer => (8, 8),
            C::Scalar(scalar) => {
                let complex =
                    matches!(scalar.encoding, Encoding::ComplexFloat | Encoding::ComplexInteger);
                (scalar.size, if complex { scalar.size / 2 } else { scalar.size })
            }
            C::Array(element, count) => {
                let element = element.layout();
                (element.size * count, element.align)
            }
            C::Record(members, shape) => return Self::record_layout(members, shape),
        };
        Laid { size, align, offsets: Vec::new() }
    }

    fn record_layout(members: &[(C, Option<u64>)], shape: &Shape) -> Laid {
        let mut laid = Laid { size: 0, align: shape.align.max(1), offsets: Vec::new() };
        let (mut bit, mut end) = (0_u64, 0_u64);
        for (ty, width) in members {
            let inner = ty.layout();
            let align = if shape.packed { 1 } else { inner.align };
            laid.align = laid.align.max(align);
            if shape.union {
                bit = 0;
            }
            let unit = 8 * inner.size;
            match width {
                Some(width) if bit / unit != (bit + width - 1) / unit => {
                    bit = bit.next_multiple_of(unit);
                }
                Some(_) => {}
                None => bit = bit.next_multiple_of(8 * align),
            }
            laid.offsets.push(bit);
            bit += width.unwrap_or(unit);
            end = end.max(bit);
        }
        laid.size = end.div_ceil(8).next_multiple_of(laid.align);
        laid
    }

    pub fn size(&self) -> u64 {
        self.layout().size
    }

    /// Marks the bytes that carry a value: 1 for any bits, 2 for a `_Bool`.
    pub fn mark(&self, at: usize, marks: &mut [u8]) {
        match self {
            C::Void => {}
            C::Pointer => marks[at..at + 8].fill(1),
            C::Scalar(scalar) => {
                let mark = if scalar.encoding == Encoding::Boolean { 2 } else { 1 };
                let long = scalar.name.starts_with("long double");
                let size = scalar.size as usize;
                for (index, byte) in marks[at..at + size].iter_mut().enumerate() {
                    // x87: 10 of 16 bytes.
                    if !long || index % 16 < 10 {
                        *byte = (*byte).max(mark);
                    }
                }
            }
            C::Array(element, count) => {
                for index in 0..*count {
                    element.mark(at + (index * element.size()) as usize, marks);
                }
            }
            C::Record(members, _) => {
                for ((ty, width), bit) in members.iter().zip(self.layout().offsets) {
                    match width {
                        Some(width) => {
                            let first = at + (bit / 8) as usize;
                            let last = at + ((bit + width - 1) / 8) as usize;
                            marks[first..=last].fill(1);
                        }
                        None => ty.mark(at + (bit / 8) as usize, marks),
                    }
                }
            }
        }
    }
}

pub struct FunctionCase {
    pub index: usize,
    pub result: C,
    pub parameters: Vec<C>,
    ty: TypeId,
}

impl Clone for FunctionCase {
    fn clone(&self) -> Self {
        let FunctionCase { index, result, parameters, ty } = self;
        FunctionCase {
            index: *index,
            result: result.clone(),
            parameters: parameters.clone(),
            ty: *ty,
        }
    }
}

pub struct Program {
    types: Arc<Types>,
    definitions: String,
    pub functions: Vec<FunctionCase>,
    records: usize,
}

impl Program {
    pub fn new() -> Program {
        Program {
            types: Arc::new(Types::new(Target::HOST)),
            definitions: String::new(),
            functions: Vec::new(),
            records: 0,
        }
    }

    pub fn function(&mut self, result: C, parameters: Vec<C>) -> FunctionCase {
        let index = self.functions.len();
        let mut body = String::new();
        let mut list = Vec::new();
        let mut model = Vec::new();
        for (number, ty) in parameters.iter().enumerate() {
            let name = format!("a{}", number + 1);
            let (id, text) = self.declare(ty, &name);
            writeln!(body, "  memcpy(seen[{number}], &{name}, sizeof {name});").unwrap();
            list.push(text);
            model.push(Parameter { name: Some(name.as_str().into()), ty: id });
        }
        let (result_id, text) = self.declare(&result, &format!("f{index}"));
        let list = if list.is_empty() { "void".to_owned() } else { list.join(", ") };
        if !matches!(result, C::Void) {
            let ty = text.strip_suffix(&format!("f{index}")).unwrap();
            writeln!(body, "  {ty} result; memcpy(&result, answer, sizeof result); return result;")
                .unwrap();
        }
        writeln!(self.definitions, "{text}({list}) {{\n{body}}}").unwrap();
        let function = Function {
            result: result_id,
            parameters: model.into_boxed_slice(),
            prototyped: true,
            variadic: false,
            convention: None,
        };
        let kind = Kind::Function(function);
        let ty = self.types.add(Type { name: None, size: None, align: None, kind });
        let case = FunctionCase { index, result, parameters, ty };
        self.functions.push(case.clone());
        case
    }

    /// The type in the model, and a declaration of `name` in C; records are defined on the way.
    fn declare(&mut self, ty: &C, name: &str) -> (TypeId, String) {
        let add = |types: &Types, name: Option<&str>, size, align, kind| {
            types.add(Type { name: name.map(Into::into), size, align, kind })
        };
        match ty {
            C::Void => (TypeId::VOID, format!("void {name}")),
            C::Pointer => {
                let class = PointerClass::Pointer;
                let kind = Kind::Pointer { target: TypeId::VOID, class };
                (add(&self.types, None, Some(8), None, kind), format!("void *{name}"))
            }
            C::Scalar(scalar) => {
                let kind = Kind::Base { encoding: scalar.encoding, bits: None, swapped: false };
                let id = add(&self.types, Some(scalar.name), Some(scalar.size), None, kind);
                (id, format!("{} {name}", scalar.name))
            }
            C::Array(element, count) => {
                let (element, text) = self.declare(element, &format!("{name}[{count}]"));
                let dimensions = Box::new([Some(*count)]);
                let kind = Kind::Array { element, dimensions, vector: false };
                (add(&self.types, None, None, None, kind), text)
            }
            C::Record(members, shape) => self.record(ty, members, shape, name),
        }
    }

    fn record(
        &mut self,
        ty: &C,
        members: &[(C, Option<u64>)],
        shape: &Shape,
        name: &str,
    ) -> (TypeId, String) {
        let Laid { size, align, offsets } = ty.layout();
        let mut model = Vec::new();
        let mut text = String::new();
        let mut asserts = String::new();
        self.records += 1;
        let tag = format!("{} r{}", if shape.union { "union" } else { "struct" }, self.records);
        for (number, ((member, width), bit)) in members.iter().zip(offsets).enumerate() {
            let name = format!("m{number}");
            let (id, declaration) = self.declare(member, &name);
            match width {
                Some(width) => writeln!(text, "  {declaration} : {width};").unwrap(),
                None => {
                    writeln!(text, "  {declaration};").unwrap();
                    let offset = bit / 8;
                    write!(asserts, " && offsetof({tag}, {name}) == {offset}").unwrap();
                }
            }
            let unit = 8 * member.size().max(1);
            model.push(Member {
                name: Some(name.as_str().into()),
                ty: id,
                offset: if width.is_some() { bit / unit * unit / 8 } else { bit / 8 },
                bits: width.map(|width| BitField { offset: bit, width }),
                base_class: false,
                align: None,
            });
        }
        let mut attributes = String::new();
        if shape.packed {
            attributes.push_str(" __attribute__((packed))");
        }
        if shape.align > 0 {
            write!(attributes, " __attribute__((aligned({})))", shape.align).unwrap();
        }
        writeln!(self.definitions, "{tag} {{\n{text}}}{attributes};").unwrap();
        writeln!(
            self.definitions,
            "_Static_assert(sizeof({tag}) == {size} && _Alignof({tag}) == {align}{asserts}, \"\");"
        )
        .unwrap();
        let class = if shape.union { RecordClass::Union } else { RecordClass::Struct };
        let members = model.into_boxed_slice();
        let kind =
            Kind::Record(Record { class, members, incomplete: false, by_reference: Some(false) });
        let align = (shape.align > 0).then_some(shape.align);
        let id = self.types.add(Type { name: None, size: Some(size), align, kind });
        (id, format!("{tag} {name}"))
    }

    /// The declaration of a K&R definition with these parameters, which is not part of the source.
    pub fn kandr(&mut self, parameters: &[C]) -> Declaration {
        let case = self.function(C::Void, parameters.to_vec());
        let declaration = self.declaration(&case);
        let Kind::Function(function) = &self.types.get(case.ty).kind else { unreachable!() };
        let kind = Kind::Function(Function { prototyped: false, ..function.clone() });
        let ty = self.types.add(Type { name: None, size: None, align: None, kind });
        Declaration { ty, ..declaration }
    }

    pub fn source(&self) -> String {
        format!(
            "#include <string.h>\n#include <stddef.h>\nenum e {{ E }};\n\
             unsigned char seen[16][512], answer[512];\n{}",
            self.definitions
        )
    }

    pub fn declaration(&self, function: &FunctionCase) -> Declaration {
        let symbol = format!("f{}", function.index);
        Declaration {
            types: Arc::clone(&self.types),
            ty: function.ty,
            kind: DeclarationKind::Function,
            symbol: symbol.as_str().into(),
            version: None,
            name: symbol.as_str().into(),
            linkage_name: None,
            library: "lib.so".into(),
            key: None,
            evidence: Evidence::Address,
        }
    }

    /// The function's first line in C, with all records before it, for messages.
    pub fn prototype(&self, function: &FunctionCase) -> String {
        let head = format!("f{}(", function.index);
        let lines: Vec<_> = self.definitions.lines().collect();
        let is_head = |line: &&str| line.contains(&head) && line.ends_with('{');
        let line = lines.iter().position(is_head).unwrap();
        let start = lines[..line].iter().rposition(|line| *line == "}").map_or(0, |at| at + 1);
        let shown = lines[start..=line].iter().filter(|line| !line.starts_with("_Static"));
        shown.copied().collect::<Vec<_>>().join("\n")
    }

    pub fn random_function(&mut self, random: &mut Random) {
        let result = match random.below(8) {
            0 => C::Void,
            _ => random_value(random),
        };
        let parameters = (0..random.below(9)).map(|_| random_value(random)).collect();
        self.function(result, parameters);
    }
}

fn random_scalar(random: &mut Random) -> C {
    match random.below(12) {
        0 => C::Pointer,
        _ => loop {
            let scalar = &SCALARS[random.below(SCALARS.len())];
            // GCC 12 loses bytes of arrays of complex characters that lie across two eightbytes.
            if scalar.name != "char _Complex" {
                return C::Scalar(scalar);
            }
        },
    }
}

fn random_value(random: &mut Random) -> C {
    match random.below(2) {
        0 => random_scalar(random),
        _ => loop {
            let record = random_record(random, 2);
            if (1..=64).contains(&record.size()) {
                return record;
            }
        },
    }
}

fn random_record(random: &mut Random, depth: usize) -> C {
    let union = random.one_in(4);
    let mut packed = random.one_in(12);
    // Not inside: clang 14 loses the upper half of a union's eightbyte whose most aligned member is a
    // float with padding.
    let align = if depth == 2 && random.one_in(12) { 16 } else { 0 };
    // A packed record with bit-fields is laid out by rules of its own.
    let bits = !packed && random.one_in(4);
    let mut members = Vec::new();
    for _ in 0..random.between(1, 4) {
        if bits && random.one_in(2) {
            let ty = C::scalar(random.pick(&["char", "short", "int", "unsigned int", "long"]));
            let width = random.between(1, 8 * ty.size() as usize) as u64;
            members.push((ty, Some(width)));
            continue;
        }
        let element = match random.below(4) {
            0 if depth > 0 => random_record(random, depth - 1),
            _ => random_scalar(random),
        };
        members.push(match random.below(4) {
            0 => (C::array(element, random.between(1, 4) as u64), None),
            _ => (element, None),
        });
    }
    // No DWARF tells a packed record from another where it makes no difference to its members; but
    // it makes one to an argument's place on the stack, which only counts past 8 bytes.
    packed &= members.iter().all(|(ty, _): &(C, _)| ty.layout().align <= 8);
    C::Record(members, Shape { union, packed, align })
}
