//! Types built by hand, for tests.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{
    Declaration, DeclarationKind, Encoding, Enumerator, Evidence, Function, Kind, Member, Name,
    Parameter, PointerClass, Qualifier, Record, RecordClass, Target, Type, TypeId, Types,
};

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

/// A table for this machine, with short functions that add types.
pub(crate) struct Fixture {
    pub(crate) types: Arc<Types>,
}

impl Fixture {
    pub(crate) fn new() -> Fixture {
        Fixture { types: Arc::new(Types::new(Target::HOST)) }
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
        let parameters: Vec<_> = parameters.iter().map(|ty| (None, *ty)).collect();
        let mut ty = self.function_type(self.int(), &parameters);
        if let Kind::Function(function) = &mut ty.kind {
            function.convention = Some(convention);
        }
        self.types.add(ty)
    }

    /// A record that is only declared.
    pub(crate) fn record(&self, tag: &str) -> TypeId {
        self.add(Some(tag), None, Kind::Record(Fixture::record_of(&[], true)))
    }

    /// A struct of `size` bytes with members at byte offsets.
    pub(crate) fn record_with(
        &self,
        tag: Option<&str>,
        size: u64,
        members: &[(&str, u64, TypeId)],
    ) -> TypeId {
        let members: Vec<_> =
            members.iter().map(|&(name, offset, ty)| Fixture::member(name, offset, ty)).collect();
        self.add(tag, Some(size), Kind::Record(Fixture::record_of(&members, false)))
    }

    /// The same, with a stated alignment.
    pub(crate) fn aligned_record(
        &self,
        align: u64,
        size: u64,
        members: &[(&str, u64, TypeId)],
    ) -> TypeId {
        let members: Vec<_> =
            members.iter().map(|&(name, offset, ty)| Fixture::member(name, offset, ty)).collect();
        let kind = Kind::Record(Fixture::record_of(&members, false));
        let (name, size, align) = (Some("s".into()), Some(size), Some(align));
        self.types.add(Type { name, size, align, kind })
    }

    /// An empty name makes a member without a name.
    pub(crate) fn member(name: &str, offset: u64, ty: TypeId) -> Member {
        let name = Some(Name::new(name)).filter(|name| name != "");
        Member { name, ty, offset, bits: None, base_class: false, align: None }
    }

    pub(crate) fn record_of(members: &[Member], incomplete: bool) -> Record {
        Record {
            class: RecordClass::Struct,
            members: members.into(),
            incomplete,
            by_reference: Some(false),
        }
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
