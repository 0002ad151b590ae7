//! Types built by hand, for tests.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{
    machine, BitField, Declaration, DeclarationKind, Encoding, Enumerator, Evidence, Function,
    Kind, Member, Name, Parameter, PointerClass, Qualifier, Record, RecordClass, Target, Type,
    TypeId, Types,
};

pub(crate) const AMD64: Target =
    Target { machine: machine::X86_64, pointer_size: 8, little_endian: true };
pub(crate) const I386: Target =
    Target { machine: machine::I386, pointer_size: 4, little_endian: true };
pub(crate) const AARCH64: Target =
    Target { machine: machine::AARCH64, pointer_size: 8, little_endian: true };

/// Asserts that gcc and clang accept the C code in `text` without a warning.
pub(crate) fn compile(text: &str) {
    for compiler in ["gcc", "clang"] {
        let complaints = complaints_of(compiler, text);
        assert!(complaints.is_empty(), "{compiler}: {complaints}\n{text}");
    }
}

/// The messages of the compiler. Empty if there are none.
pub(crate) fn complaints_of(compiler: &str, text: &str) -> String {
    let mut child = Command::new(compiler)
        .args(["-std=gnu17", "-fsyntax-only", "-fno-builtin", "-Wall", "-Werror", "-xc", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

/// A table of types, with short functions that add types.
pub(crate) struct Fixture {
    pub(crate) types: Arc<Types>,
}

impl Fixture {
    /// A table for this machine.
    pub(crate) fn new() -> Fixture {
        Fixture::of(Target::HOST)
    }

    pub(crate) fn of(target: Target) -> Fixture {
        Fixture { types: Arc::new(Types::new(target)) }
    }

    pub(crate) fn add(&self, name: Option<&str>, size: Option<u64>, kind: Kind) -> TypeId {
        self.types.add(Type { name: name.map(Name::new), size, align: None, kind })
    }

    pub(crate) fn base(&self, name: &str, encoding: Encoding, size: u64) -> TypeId {
        self.add(Some(name), Some(size), Kind::Base { encoding, bits: None, swapped: false })
    }

    pub(crate) fn int(&self) -> TypeId {
        self.base("int", Encoding::Signed, 4)
    }

    pub(crate) fn char(&self) -> TypeId {
        self.base("char", Encoding::SignedChar, 1)
    }

    pub(crate) fn pointer_type(&self, target: TypeId, class: PointerClass) -> Type {
        let size = Some(u64::from(self.types.target().pointer_size));
        Type { name: None, size, align: None, kind: Kind::Pointer { target, class } }
    }

    pub(crate) fn pointer(&self, target: TypeId) -> TypeId {
        self.types.add(self.pointer_type(target, PointerClass::Pointer))
    }

    pub(crate) fn reference(&self, target: TypeId) -> TypeId {
        self.types.add(self.pointer_type(target, PointerClass::LvalueReference))
    }

    pub(crate) fn qualified(&self, qualifier: Qualifier, target: TypeId) -> TypeId {
        self.add(None, None, Kind::Qualified { qualifier, target })
    }

    pub(crate) fn constant(&self, target: TypeId) -> TypeId {
        self.qualified(Qualifier::Const, target)
    }

    pub(crate) fn typedef(&self, name: &str, target: TypeId) -> TypeId {
        self.add(Some(name), None, Kind::Typedef { target })
    }

    pub(crate) fn array(&self, element: TypeId, dimensions: &[Option<u64>]) -> TypeId {
        self.add(None, None, Kind::Array { element, dimensions: dimensions.into(), vector: false })
    }

    pub(crate) fn vector(&self, element: TypeId, count: u64) -> TypeId {
        let dimensions = Box::new([Some(count)]);
        self.add(None, None, Kind::Array { element, dimensions, vector: true })
    }

    pub(crate) fn function_type(
        &self,
        result: TypeId,
        parameters: &[(Option<&str>, TypeId)],
    ) -> Type {
        let parameters = parameters
            .iter()
            .map(|&(name, ty)| Parameter { name: name.map(Name::new), ty })
            .collect();
        let function =
            Function { result, parameters, prototyped: true, variadic: false, convention: None };
        Type { name: None, size: None, align: None, kind: Kind::Function(function) }
    }

    pub(crate) fn function(&self, result: TypeId, parameters: &[(Option<&str>, TypeId)]) -> TypeId {
        self.types.add(self.function_type(result, parameters))
    }

    /// A function with a prototype. All parameters are called `p`.
    pub(crate) fn prototype(&self, result: TypeId, parameters: &[TypeId]) -> Function {
        let parameter = |&ty| Parameter { name: Some("p".into()), ty };
        let parameters = parameters.iter().map(parameter).collect();
        Function { result, parameters, prototyped: true, variadic: false, convention: None }
    }

    pub(crate) fn function_of(&self, function: Function) -> TypeId {
        self.add(None, None, Kind::Function(function))
    }

    pub(crate) fn typed_function(
        &self,
        result: TypeId,
        parameters: &[(Option<&str>, TypeId)],
        prototyped: bool,
        variadic: bool,
    ) -> TypeId {
        let mut ty = self.function_type(result, parameters);
        if let Kind::Function(function) = &mut ty.kind {
            function.prototyped = prototyped;
            function.variadic = variadic;
        }
        self.types.add(ty)
    }

    pub(crate) fn convention(&self, convention: u8, parameters: &[TypeId]) -> TypeId {
        let function = self.prototype(self.int(), parameters);
        self.function_of(Function { convention: Some(convention), ..function })
    }

    /// A record that is only declared.
    pub(crate) fn record(&self, tag: &str) -> TypeId {
        self.add(Some(tag), None, Kind::Record(Fixture::record_of(&[], true)))
    }

    pub(crate) fn record_of(members: &[Member], incomplete: bool) -> Record {
        let (class, members) = (RecordClass::Struct, members.into());
        Record { class, members, incomplete, by_reference: Some(false) }
    }

    /// A complete record of `size` bytes.
    pub(crate) fn complete(
        &self,
        class: RecordClass,
        tag: Option<&str>,
        size: u64,
        members: &[Member],
    ) -> TypeId {
        let record = Record { class, ..Fixture::record_of(members, false) };
        self.add(tag, Some(size), Kind::Record(record))
    }

    /// A struct with members at byte offsets.
    pub(crate) fn record_with(
        &self,
        tag: Option<&str>,
        size: u64,
        members: &[(&str, u64, TypeId)],
    ) -> TypeId {
        let member = |&(name, offset, ty): &_| Fixture::member(name, offset, ty);
        let members: Vec<_> = members.iter().map(member).collect();
        self.complete(RecordClass::Struct, tag, size, &members)
    }

    /// A record `s` with members at byte offsets, all called `m`.
    pub(crate) fn placed(
        &self,
        class: RecordClass,
        size: u64,
        members: &[(u64, TypeId)],
    ) -> TypeId {
        let member = |&(offset, ty): &_| Fixture::member("m", offset, ty);
        let members: Vec<_> = members.iter().map(member).collect();
        self.complete(class, Some("s"), size, &members)
    }

    pub(crate) fn union(&self, tag: Option<&str>, size: u64, members: &[(&str, TypeId)]) -> TypeId {
        let member = |&(name, ty): &_| Fixture::member(name, 0, ty);
        let members: Vec<_> = members.iter().map(member).collect();
        self.complete(RecordClass::Union, tag, size, &members)
    }

    /// A struct of bit-fields, each with its name, first bit and width.
    pub(crate) fn bits(&self, tag: &str, size: u64, list: &[(&str, u64, u64, TypeId)]) -> TypeId {
        let field = |&(name, first, width, ty): &_| Fixture::bit_field(name, first, width, ty);
        let members: Vec<_> = list.iter().map(field).collect();
        self.complete(RecordClass::Struct, Some(tag), size, &members)
    }

    /// The same record with a stated alignment in bytes.
    pub(crate) fn aligned(&self, align: u64, record: TypeId) -> TypeId {
        self.types.add(Type { align: Some(align), ..self.types.get(record).clone() })
    }

    /// A class of C++ that is passed by reference.
    pub(crate) fn class_by_reference(&self) -> TypeId {
        let mut class = Fixture::record_of(&[], false);
        (class.class, class.by_reference) = (RecordClass::Class, Some(true));
        self.add(Some("list"), Some(24), Kind::Record(class))
    }

    /// An empty name makes a member without a name.
    pub(crate) fn member(name: &str, offset: u64, ty: TypeId) -> Member {
        let name = Some(Name::new(name)).filter(|name| name != "");
        Member { name, ty, offset, bits: None, base_class: false, align: None }
    }

    pub(crate) fn bit_field(name: &str, offset: u64, width: u64, ty: TypeId) -> Member {
        let bits = Some(BitField { offset, width });
        Member { bits, ..Fixture::member(name, offset / 8, ty) }
    }

    pub(crate) fn anonymous_record(&self) -> TypeId {
        self.record_with(None, 4, &[("x", 0, self.int())])
    }

    pub(crate) fn enumeration(
        &self,
        tag: Option<&str>,
        size: u64,
        values: &[(&str, i128)],
    ) -> TypeId {
        let enumerators = values
            .iter()
            .map(|&(name, value)| Enumerator { name: Name::new(name), value })
            .collect();
        let kind = Kind::Enumeration { underlying: None, enumerators, incomplete: false };
        self.add(tag, Some(size), kind)
    }

    pub(crate) fn anonymous_enumeration(&self) -> TypeId {
        self.enumeration(None, 4, &[("RED", 0), ("GREEN", 1)])
    }

    pub(crate) fn unknown(&self, reason: &str) -> TypeId {
        self.types.add(Type::unknown(reason))
    }

    pub(crate) fn nullptr(&self) -> TypeId {
        let mut ty = Type::unknown("C has no such type");
        ty.name = Some(Name::new("decltype(nullptr)"));
        self.types.add(ty)
    }

    pub(crate) fn function_declaration(&self, function: Function) -> Declaration {
        self.declaration("f", self.function_of(function))
    }

    pub(crate) fn declaration(&self, symbol: &str, ty: TypeId) -> Declaration {
        let kind = match self.types.get(ty).kind {
            Kind::Function(_) => DeclarationKind::Function,
            _ => DeclarationKind::Variable,
        };
        Declaration {
            types: Arc::clone(&self.types),
            ty,
            kind,
            symbol: Name::new(symbol),
            version: None,
            name: Name::new(symbol),
            linkage_name: None,
            library: PathBuf::from("/lib/libfixture.so"),
            key: None,
            evidence: Evidence::Address,
        }
    }
}
