//! What a pointer points to, and arrays.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, Record, RecordClass, Type, TypeId};

use super::Site;
use crate::operator::Operator;
use crate::place::Position;
use toolchain::Random;

impl Site<'_> {
    pub(super) fn pointee(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        if let Some(array) = self.array(operator, random) {
            return Some(array);
        }
        let is_pointee = matches!(
            self.position,
            Position::PointeeOfArgument | Position::PointeeOfResult | Position::Callback
        );
        if !is_pointee {
            return None;
        }
        let is_function = self.position == Position::Callback;
        let is_void = matches!(self.ty.kind, Kind::Void);
        match (operator, &self.ty.kind) {
            (Operator::AddLevel, _) => Some(self.pointer(self.id)),
            (Operator::DropLevel, Kind::Pointer { target, .. }) => Some(*target),
            (Operator::ToFunction, _) if !is_function => {
                let number = self.integer(true, 4);
                Some(random.pick(&[
                    self.function_of(TypeId::VOID, &[]),
                    self.function_of(number, &[self.pointer(TypeId::VOID)]),
                ]))
            }
            (Operator::FunctionToData, Kind::Function(_)) => Some(random.pick(&[
                self.integer(true, 4),
                self.integer(true, 1),
                self.other_record(4),
            ])),
            (Operator::ToVoid, _) if !is_void => Some(TypeId::VOID),
            (Operator::ToByte, _) if !is_void && !is_function => {
                let byte = self.integer(random.below(2) == 0, 1);
                let length = abi::size_of(self.types, self.id).unwrap_or(1);
                Some(match random.below(3) {
                    0 => byte,
                    1 => self.array_of(byte, length),
                    _ => self.array_of(byte, (length / 2).max(1)),
                })
            }
            (Operator::ToOpaque, Kind::Record(record)) if !record.incomplete => {
                let record = Record {
                    members: Box::default(),
                    incomplete: true,
                    by_reference: Some(false),
                    ..record.clone()
                };
                let ty =
                    Type { size: None, align: None, kind: Kind::Record(record), ..self.ty.clone() };
                Some(self.types.add(ty))
            }
            (Operator::OtherRecord, Kind::Record(_)) => {
                Some(self.other_record(random.pick(&[4, 8])))
            }
            _ => None,
        }
    }

    /// A record of one number whose class is another than that of the record's first scalar.
    fn other_record(&self, size: u64) -> TypeId {
        let number = match self.first_scalar(self.id, 0) {
            Some(id) if matches!(self.types.resolved(id).kind, Kind::Base { encoding, .. } if encoding == ffitypecheck::ctype::Encoding::Float) => {
                self.integer(true, size)
            }
            _ => self.float(size),
        };
        let members = vec![self.member("a_mutants_own", number, 0)];
        let record = Record {
            class: RecordClass::Struct,
            members: members.into(),
            incomplete: false,
            by_reference: Some(false),
        };
        self.add(Some("of_a_mutant"), Some(size), Kind::Record(record))
    }

    fn first_scalar(&self, id: TypeId, depth: usize) -> Option<TypeId> {
        match &self.types.resolved(id).kind {
            _ if depth > 20 => None,
            Kind::Record(record) => self.first_scalar(record.members.first()?.ty, depth + 1),
            Kind::Array { element, .. } => self.first_scalar(*element, depth + 1),
            _ => Some(id),
        }
    }

    fn array_of(&self, element: TypeId, length: u64) -> TypeId {
        let dimensions = Box::new([Some(length)]);
        self.add(None, None, Kind::Array { element, dimensions, vector: false })
    }

    fn array(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        let Kind::Array { element, dimensions, vector: false } = &self.ty.kind else { return None };
        let mut dimensions = dimensions.clone();
        let index = random.below(dimensions.len());
        let dimension = dimensions.get_mut(index)?;
        let length = (*dimension)?;
        *dimension = match operator {
            Operator::Shorter if length > 1 => Some(random.pick(&[length - 1, length / 2])),
            Operator::Longer => Some(random.pick(&[length + 1, length.saturating_mul(2).max(1)])),
            Operator::Flexible if index == 0 && self.is_last_member() => None,
            _ => return None,
        };
        let kind = Kind::Array { element: *element, dimensions, vector: false };
        Some(self.types.add(Type { size: None, kind, ..self.ty.clone() }))
    }

    fn is_last_member(&self) -> bool {
        let is_last = |(record, index): (&Record, usize)| {
            record.class == RecordClass::Struct && index + 1 == record.members.len() && index > 0
        };
        self.membership().is_some_and(is_last)
    }
}
