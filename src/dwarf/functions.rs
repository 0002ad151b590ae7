//! Function types of subprograms and of subroutine types. The type of a subprogram may be in the DIEs that it refers
//! to.

use gimli::constants as dw;

use super::die::{Die, DieRef, Reference};
use super::options::options_of;
use super::types::{PASSED_SOMEHOW, SOME_POINTER};
use super::{DwarfFile, Opened};
use crate::ctype::{Function, Name, Parameter, TypeId, Types};

/// The most qualifiers and typedefs that are followed on a parameter's type.
const QUALIFIERS: usize = 16;
/// DW_CC_LLVM_Win64.
const MS_ABI: gimli::DwCc = gimli::DwCc(0xc1);

/// The parameters among the children of a subprogram.
#[derive(Default)]
struct Parameters {
    list: Vec<Parameter>,
    ellipsis: bool,
}

/// The function type of a DW_TAG_subprogram or DW_TAG_subroutine_type. What the DIE leaves out is taken from the
/// DIEs that it refers to.
pub(super) fn function(dwarf: &DwarfFile, types: &Types, opened: Opened<'_>) -> Function {
    let chain = dwarf.chain(opened);
    let origin = chain.iter().take_while(|opened| opened.die.abstract_origin.is_some()).count();
    // The abstract instance has all parameters as written. An instance may lack those that were optimised away.
    let order =
        chain.get(origin..).into_iter().flatten().chain(chain.get(..origin).into_iter().flatten());
    let mut parameters = order
        .map(|opened| parameters(dwarf, types, opened))
        .find(|parameters| !parameters.list.is_empty() || parameters.ellipsis)
        .unwrap_or_default();
    let result = chain.iter().find_map(|opened| {
        opened.die.ty.map(|ty| dwarf.type_id(types, opened.die.at.space, Some(ty)))
    });
    let language = chain.iter().rev().find_map(|opened| opened.unit.root.language);
    if let Some(language) = language.filter(|language| !passes_as_declared(*language)) {
        for parameter in &mut parameters.list {
            parameter.ty = passed_as(dwarf, types, language, parameter.ty);
        }
    }
    let prototyped = chain.iter().any(|opened| opened.die.prototyped)
        || match language {
            Some(language) => !is_c(language),
            // dwz's partial units may have no language. There, a function with an ellipsis, but without the flag
            // and without parameters, is C's `f()`.
            None => !parameters.list.is_empty() || !parameters.ellipsis,
        };
    let convention = chain.iter().find_map(|opened| opened.die.calling_convention);
    let ms_abi = || chain.first().is_some_and(|opened| options_of(dwarf, opened).ms_abi);
    let convention = convention.or_else(|| ms_abi().then_some(MS_ABI));
    Function {
        result: result.unwrap_or(TypeId::VOID),
        variadic: prototyped && parameters.ellipsis,
        parameters: parameters.list.into(),
        prototyped,
        convention: convention.filter(|&convention| convention != dw::DW_CC_normal).map(|c| c.0),
    }
}

/// The type that is passed for a parameter, in a language whose DW_AT_type may name the type that a reference
/// refers to. A reference type is passed as declared. In Fortran, an array or a string is passed by its address
/// or that of a descriptor, and a pointer is passed by value or by reference: it is only known that a pointer is
/// passed. GNAT, the Ada compiler, writes the type that it passes, except for arrays that come with their bounds.
/// In all other cases it is not known how the parameter is passed.
fn passed_as(
    dwarf: &DwarfFile,
    types: &Types,
    language: gimli::DwLang,
    declared: TypeId,
) -> TypeId {
    let mut at = types.key_of(declared).map(DieRef::from_key);
    for _ in 0..QUALIFIERS {
        let Some(opened) = at.and_then(|at| dwarf.die(at).ok()) else { break };
        let die = &opened.die;
        match die.tag {
            dw::DW_TAG_const_type
            | dw::DW_TAG_volatile_type
            | dw::DW_TAG_restrict_type
            | dw::DW_TAG_typedef => {
                at = die.ty.and_then(|ty| dwarf.follow(die.at.space, ty));
            }
            dw::DW_TAG_reference_type => return declared,
            dw::DW_TAG_array_type if is_ada(language) => break,
            _ if is_ada(language) => return declared,
            dw::DW_TAG_pointer_type | dw::DW_TAG_array_type if is_fortran(language) => {
                return types.id_of(SOME_POINTER);
            }
            // One character may be passed by value.
            dw::DW_TAG_string_type if is_fortran(language) && die.byte_size != Some(1) => {
                return types.id_of(SOME_POINTER);
            }
            _ => break,
        }
    }
    types.id_of(PASSED_SOMEHOW)
}

fn parameters(dwarf: &DwarfFile, types: &Types, opened: &Opened<'_>) -> Parameters {
    let mut parameters = Parameters::default();
    opened.each_child(&mut |child| match child.tag {
        dw::DW_TAG_formal_parameter => parameters.list.push(parameter(dwarf, types, &child)),
        dw::DW_TAG_unspecified_parameters => parameters.ellipsis = true,
        _ => {}
    });
    parameters
}

/// A parameter. One of an instance may leave out its name and type; the parameter of the abstract instance then
/// has them.
fn parameter(dwarf: &DwarfFile, types: &Types, die: &Die) -> Parameter {
    let origin = dwarf.die_of(die.at.space, die.abstract_origin.or(die.specification));
    let chain = origin.map_or_else(Vec::new, |origin| dwarf.chain(origin));
    let dies = || std::iter::once(die).chain(chain.iter().map(|opened| &opened.die));
    let (space, ty) = dies()
        .find_map(|die| Some((die.at.space, die.ty?)))
        // A parameter must have a type. One without a type is damaged, not `void`.
        .unwrap_or((die.at.space, Reference::Broken));
    Parameter {
        name: dies().find_map(|die| die.name).map(|name| Name::from_bytes(&name)),
        ty: dwarf.type_id(types, space, Some(ty)),
    }
}

/// The languages in which a function may lack a prototype.
fn is_c(language: gimli::DwLang) -> bool {
    matches!(
        language,
        dw::DW_LANG_C
            | dw::DW_LANG_C89
            | dw::DW_LANG_C99
            | dw::DW_LANG_C11
            | dw::DW_LANG_ObjC
            | dw::DW_LANG_C17
            // DW_LANG_C23, assigned after DWARF 5.
            | gimli::DwLang(0x3e)
    )
}

pub(super) fn is_cxx(language: gimli::DwLang) -> bool {
    matches!(
        language,
        dw::DW_LANG_C_plus_plus
            | dw::DW_LANG_C_plus_plus_03
            | dw::DW_LANG_C_plus_plus_11
            | dw::DW_LANG_C_plus_plus_14
            | dw::DW_LANG_C_plus_plus_17
            | dw::DW_LANG_C_plus_plus_20
            // DW_LANG_C_plus_plus_23, assigned after DWARF 5.
            | gimli::DwLang(0x3a)
    )
}

fn is_ada(language: gimli::DwLang) -> bool {
    // DW_LANG_Ada2005 and DW_LANG_Ada2012, assigned after DWARF 5.
    matches!(language, dw::DW_LANG_Ada83 | dw::DW_LANG_Ada95 | gimli::DwLang(0x2e | 0x2f))
}

fn is_fortran(language: gimli::DwLang) -> bool {
    matches!(
        language,
        dw::DW_LANG_Fortran77
            | dw::DW_LANG_Fortran90
            | dw::DW_LANG_Fortran95
            | dw::DW_LANG_Fortran03
            | dw::DW_LANG_Fortran08
            // DW_LANG_Fortran18 and DW_LANG_Fortran23, assigned after DWARF 5.
            | gimli::DwLang(0x2d | 0x3f)
    )
}

/// The languages in which DW_AT_type of a parameter is known to be the type that is passed. Fortran is not one of
/// them: an argument without VALUE is passed by reference, and its DW_AT_type does not show it. For the other
/// languages with parameters by reference it is not known.
fn passes_as_declared(language: gimli::DwLang) -> bool {
    is_c(language)
        || is_cxx(language)
        || matches!(
            language,
            // DW_LANG_Assembly, assigned after DWARF 5.
            gimli::DwLang(0x31)
                | dw::DW_LANG_Mips_Assembler
                | dw::DW_LANG_ObjC_plus_plus
                | dw::DW_LANG_UPC
                | dw::DW_LANG_OpenCL
                | dw::DW_LANG_Rust
                | dw::DW_LANG_Zig
        )
}
