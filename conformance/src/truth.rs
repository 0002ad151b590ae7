//! What is true of a generated function, by the psABI alone: the claim that a careful caller makes with
//! `ffi_type`s, or why libffi 3.4 cannot make the call. Knows nothing of how libffitypecheck lowers types.

use crate::claim::{claim, Claim};
use crate::classes::{classes, Class};
use crate::generate::Dialect;
use crate::signature::{promoted, Extent, Function, Library, Member, Scalar, Style, Type};

/// What a caller hands to `ffi_prep_cif` or `ffi_prep_cif_var`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub result: Claim,
    pub arguments: Vec<Claim>,
    /// For a variadic function the number of fixed arguments.
    pub fixed: Option<usize>,
}

/// The types of the arguments as the caller passes them: promoted for a K&R definition.
pub fn argument_types(function: &Function) -> Vec<Type> {
    let declared = function.parameters.iter().chain(&function.variadic).map(|spelled| spelled.ty);
    if function.style == Style::KandR {
        declared.map(promoted).collect()
    } else {
        declared.collect()
    }
}

/// The true claim on `function`, or why libffi cannot call it.
pub fn signature(
    library: &Library,
    function: &Function,
    dialect: Dialect,
) -> Result<Signature, &'static str> {
    let arguments = argument_types(function);
    let result = function.result.iter().map(|spelled| spelled.ty);
    if let Some(reason) =
        arguments.iter().copied().chain(result).find_map(|ty| doubt(library, ty, dialect))
    {
        return Err(reason);
    }
    if splits_int128(library, function, &arguments) {
        return Err("a 16-byte integer that finds no two registers");
    }
    for &ty in &arguments {
        if let Some(reason) = argument_obstacle(library, ty) {
            return Err(reason);
        }
    }
    let result = match &function.result {
        None => Claim::Void,
        Some(spelled) => match result_obstacle(library, spelled.ty) {
            Some(reason) => return Err(reason),
            None => claim(library, spelled.ty),
        },
    };
    if overwrites_xmm0(library, function, &arguments) {
        return Err("libffi overwrites the first vector register (libffi #574)");
    }
    Ok(Signature {
        result,
        arguments: arguments.iter().map(|&ty| claim(library, ty)).collect(),
        fixed: (function.style == Style::Variadic).then_some(function.parameters.len()),
    })
}

/// Makes every `float` an integer: the proof and the shrinking of its failures are tried on it.
pub fn falsify(signature: &mut Signature) {
    fn falsify(claim: &mut Claim) {
        match claim {
            Claim::Scalar { scalar: scalar @ Scalar::Float, .. } => {
                *scalar = Scalar::Integer { size: 4, signed: true };
            }
            Claim::Record { elements, .. } => elements.iter_mut().for_each(falsify),
            _ => {}
        }
    }
    signature.arguments.iter_mut().chain([&mut signature.result]).for_each(falsify);
}

/// What compilers do not agree on, or the debug information does not tell.
fn doubt(library: &Library, ty: Type, dialect: Dialect) -> Option<&'static str> {
    let Type::Record(number) = ty else { return None };
    if dialect.passes_records_otherwise {
        return Some("a record of which options hide how it is passed");
    }
    let any = |holds: &dyn Fn(&Member) -> bool| has_member(library, number, holds);
    if any(&|member| matches!(member.spelled.ty, Type::Foreign(_))) {
        return Some("a type that libffi does not know");
    }
    if any(&|member| member.width.is_some() && member.name.is_none()) {
        return Some("a record with a bit-field without a name");
    }
    let small = library.records[number].size <= 16;
    (small && any(&|member| member.extent == Extent::Flexible))
        .then_some("a small record that ends in a flexible array")
}

/// Whether a record has such a member, at any depth.
fn has_member(library: &Library, number: usize, holds: &dyn Fn(&Member) -> bool) -> bool {
    library.records[number].members.iter().any(|member| {
        let inner = || matches!(member.spelled.ty, Type::Record(inner) if has_member(library, inner, holds));
        holds(member) || inner()
    })
}

/// clang before 18 splits an `__int128` between the last register and the stack, and aligns it there to 8 bytes,
/// against the psABI.
fn splits_int128(library: &Library, function: &Function, arguments: &[Type]) -> bool {
    any_argument(library, function, arguments, |ty, _, _, fits| {
        !fits && matches!(ty, Type::Scalar(Scalar::Integer { size: 16, .. }))
    })
}

/// libffi before 3.4.7 copies the whole of a record into the sixth integer register, and over XMM0 behind it,
/// where only the record's first eightbyte belongs there.
fn overwrites_xmm0(library: &Library, function: &Function, arguments: &[Type]) -> bool {
    any_argument(library, function, arguments, |ty, found, (integers, vectors), fits| {
        let wide = matches!(ty, Type::Record(_)) && library.size_align(ty).0 > 8;
        fits && wide && found[0] == Class::Integer && integers == 5 && vectors > 0
    })
}

/// Whether this holds of an argument that is not in memory by itself, given its classes, the integer and vector registers
/// that are taken before it, and whether those that are left do.
fn any_argument(
    library: &Library,
    function: &Function,
    arguments: &[Type],
    holds: impl Fn(Type, [Class; 2], (usize, usize), bool) -> bool,
) -> bool {
    let hidden = function.result.as_ref().is_some_and(|spelled| in_memory(library, spelled.ty));
    let (mut integers, mut vectors) = (usize::from(hidden), 0);
    arguments.iter().filter(|&&ty| !in_memory(library, ty)).any(|&ty| {
        let found = classes(library, ty).unwrap_or([Class::Memory; 2]);
        let count = |class| found.iter().filter(|&&one| one == class).count();
        let (own_integers, own_vectors) = (count(Class::Integer), count(Class::Sse));
        let fits = integers + own_integers <= 6 && vectors + own_vectors <= 8;
        let before = (integers, vectors);
        if fits {
            integers += own_integers;
            vectors += own_vectors;
        }
        holds(ty, found, before, fits)
    })
}

/// Whether an argument or result of this type lies in memory; a long double as result does not, but it takes no
/// register that arguments use.
pub fn in_memory(library: &Library, ty: Type) -> bool {
    match (ty, classes(library, ty)) {
        (Type::Scalar(Scalar::LongDouble | Scalar::ComplexLongDouble), _) => false,
        (_, Some(found)) => found.contains(&Class::Memory),
        (_, None) => true,
    }
}

fn argument_obstacle(library: &Library, ty: Type) -> Option<&'static str> {
    match ty {
        Type::Foreign(_) => Some("a type that libffi does not know"),
        Type::Scalar(_) => None,
        // libffi's own frame is aligned to 16 bytes; whether an argument lies as the callee expects is chance.
        Type::Record(_) if library.size_align(ty).1 > 16 => {
            Some("an argument aligned past 16 bytes")
        }
        Type::Record(_) => small_memory(library, ty),
    }
}

fn result_obstacle(library: &Library, ty: Type) -> Option<&'static str> {
    match ty {
        Type::Foreign(_) => Some("a type that libffi does not know"),
        Type::Scalar(_) => None,
        // libffi 3.4 fetches it from RAX and RDX; it lies in ST0.
        Type::Record(_) if classes(library, ty) == Some([Class::X87, Class::X87Up]) => {
            Some("a record of one long double as result")
        }
        Type::Record(_) => small_memory(library, ty),
    }
}

/// libffi derives MEMORY from the size and from nothing else.
fn small_memory(library: &Library, ty: Type) -> Option<&'static str> {
    (classes(library, ty) == Some([Class::Memory; 2]))
        .then_some("a record of at most 16 bytes passed in memory")
}
