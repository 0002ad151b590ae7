//! Parameters, results, the ellipsis.

use ffitypecheck::ctype::{Function, Kind, Parameter, Type, TypeId};

use super::Site;
use crate::operator::Operator;
use crate::place::Position;
use toolchain::Random;

impl Site<'_> {
    pub(super) fn function(&self, operator: Operator, random: &mut Random) -> Option<TypeId> {
        let is_result = matches!(self.position, Position::Result | Position::CallbackResult);
        let is_void = matches!(self.ty.kind, Kind::Void);
        match operator {
            Operator::DropResult if is_result && !is_void => return Some(TypeId::VOID),
            Operator::AddResult if is_result && is_void => return Some(self.new_value(random)),
            _ => {}
        }
        let Kind::Function(function) = &self.ty.kind else { return None };
        let mut parameters = function.parameters.to_vec();
        let mut variadic = function.variadic;
        match operator {
            Operator::DropParameter if !parameters.is_empty() => {
                parameters.remove(random.below(parameters.len()));
            }
            Operator::AddParameter => {
                let ty = self.new_value(random);
                let index = random.below(parameters.len() + 1);
                parameters.insert(index, Parameter { name: None, ty });
            }
            Operator::SwapParameters if parameters.len() > 1 => {
                let index = random.below(parameters.len() - 1);
                parameters.swap(index, index + 1);
            }
            Operator::ToggleVariadic if !parameters.is_empty() => variadic = !variadic,
            _ => return None,
        }
        let parameters = parameters.into();
        let kind = Kind::Function(Function { parameters, variadic, ..function.clone() });
        Some(self.types.add(Type { kind, ..self.ty.clone() }))
    }

    fn new_value(&self, random: &mut Random) -> TypeId {
        match random.below(4) {
            0 => self.integer(true, 4),
            1 => self.integer(false, 8),
            2 => self.float(8),
            _ => self.pointer(TypeId::VOID),
        }
    }
}
