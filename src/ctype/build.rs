//! Types built by hand, for tests.

use std::sync::Arc;

use super::{
    machine, BitField, Declaration, DeclarationKind, Encoding, Evidence, Function, Kind, Member,
    Parameter, PointerClass, Record, RecordClass, Target, Type, TypeId, Types,
};

pub(crate) const AMD64: Target =
    Target { machine: machine::X86_64, pointer_size: 8, little_endian: true };
pub(crate) const I386: Target =
    Target { machine: machine::I386, pointer_size: 4, little_endian: true };
pub(crate) const AARCH64: Target =
    Target { machine: machine::AARCH64, pointer_size: 8, little_endian: true };

/// A table of types under construction.
#[derive(Clone)]
pub(crate) struct Build {
    pub(crate) types: Arc<Types>,
}

impl Build {
    pub(crate) fn new(target: Target) -> Build {
        Build { types: Arc::new(Types::new(target)) }
    }

    pub(crate) fn add(&self, name: &str, size: Option<u64>, kind: Kind) -> TypeId {
        let name = (!name.is_empty()).then(|| name.into());
        self.types.add(Type { name, size, align: None, kind })
    }

    pub(crate) fn base(&self, name: &str, encoding: Encoding, size: u64) -> TypeId {
        self.add(name, Some(size), Kind::Base { encoding, bits: None, swapped: false })
    }

    pub(crate) fn pointer(&self, target: TypeId) -> TypeId {
        self.add("", None, Kind::Pointer { target, class: PointerClass::Pointer })
    }

    pub(crate) fn typedef(&self, name: &str, target: TypeId) -> TypeId {
        self.add(name, None, Kind::Typedef { target })
    }

    pub(crate) fn array(&self, element: TypeId, count: Option<u64>, vector: bool) -> TypeId {
        self.add("", None, Kind::Array { element, dimensions: Box::new([count]), vector })
    }

    pub(crate) fn enumeration(&self, underlying: TypeId) -> TypeId {
        let enumerators = Box::new([]);
        let underlying = Some(underlying);
        let kind = Kind::Enumeration { underlying, enumerators, incomplete: false };
        self.add("e", Some(4), kind)
    }

    /// A record of members, each given by its offset in bytes.
    pub(crate) fn record(&self, class: RecordClass, size: u64, list: &[(u64, TypeId)]) -> TypeId {
        let members = list.iter().map(|&(offset, ty)| member(offset, ty, None)).collect();
        self.add("s", Some(size), Kind::Record(record(class, members)))
    }

    /// A struct of bit-fields, each given by its offset and width in bits.
    pub(crate) fn bits(&self, size: u64, list: &[(u64, u64, TypeId)]) -> TypeId {
        let field = |&(offset, width, ty)| member(0, ty, Some(BitField { offset, width }));
        let members = list.iter().map(field).collect();
        self.add("bits", Some(size), Kind::Record(record(RecordClass::Struct, members)))
    }

    pub(crate) fn class_by_reference(&self) -> TypeId {
        let mut class = record(RecordClass::Class, Box::new([]));
        class.by_reference = Some(true);
        self.add("list", Some(24), Kind::Record(class))
    }

    pub(crate) fn incomplete(&self) -> TypeId {
        let mut opaque = record(RecordClass::Struct, Box::new([]));
        opaque.incomplete = true;
        self.add("opaque", None, Kind::Record(opaque))
    }

    pub(crate) fn function(&self, result: TypeId, parameters: &[TypeId]) -> Function {
        let parameter = |&ty| Parameter { name: Some("p".into()), ty };
        let parameters = parameters.iter().map(parameter).collect();
        Function { result, parameters, prototyped: true, variadic: false, convention: None }
    }

    pub(crate) fn declaration(&self, function: Function) -> Declaration {
        self.symbol(DeclarationKind::Function, self.add("", None, Kind::Function(function)))
    }

    pub(crate) fn symbol(&self, kind: DeclarationKind, ty: TypeId) -> Declaration {
        Declaration {
            types: Arc::clone(&self.types),
            ty,
            kind,
            symbol: "f".into(),
            version: None,
            name: "f".into(),
            linkage_name: None,
            library: "libf.so".into(),
            key: None,
            evidence: Evidence::Address,
        }
    }
}

fn record(class: RecordClass, members: Box<[Member]>) -> Record {
    Record { class, members, incomplete: false, by_reference: Some(false) }
}

fn member(offset: u64, ty: TypeId, bits: Option<BitField>) -> Member {
    let name = Some("m".into());
    Member { name, ty, offset, bits, base_class: false, align: None }
}
