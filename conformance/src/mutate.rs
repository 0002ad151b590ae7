//! True claims made wrong in one point, and whether C then defines another call.

use crate::claim::{size_align, Claim};
use crate::classes::{classes, Class};
use crate::layout::has_union_or_bits;
use crate::signature::{Function, Library, Scalar, Style, Type};
use crate::truth::{argument_types, in_memory, Signature};
use toolchain::Random;

/// A claim that differs from the true one in one point.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done, in a word or two.
    pub kind: &'static str,
    pub signature: Signature,
    /// Prepared for another ABI than the default one.
    pub foreign_abi: bool,
    /// Whether it changes what C defines; else the claim is still a match.
    pub changes: bool,
}

const INT: Claim = integer(4, true);

const fn integer(size: u64, signed: bool) -> Claim {
    Claim::Scalar { scalar: Scalar::Integer { size, signed }, align: None }
}

fn of(scalar: Scalar) -> Claim {
    Claim::Scalar { scalar, align: None }
}

/// Whether the other signedness is another type: for enumerations it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Fixed,
    Free,
    Open,
}

struct Mutants<'a> {
    library: &'a Library,
    truth: &'a Signature,
    random: &'a mut Random,
    made: Vec<Mutant>,
}

/// One mutant of each kind that `function` allows, at random places.
pub fn mutants(
    library: &Library,
    function: &Function,
    truth: &Signature,
    random: &mut Random,
) -> Vec<Mutant> {
    let mut all = Mutants { library, truth, random, made: Vec::new() };
    all.calls(function);
    let types = argument_types(function);
    for (index, parameter) in function.parameters.iter().enumerate() {
        let promoted = types[index] != parameter.ty;
        // What sign a promoted enumeration has is not worth a rule.
        let sign = match (parameter.enumeration, promoted) {
            (true, true) => Sign::Open,
            (true, false) => Sign::Free,
            (false, _) => Sign::Fixed,
        };
        all.argument(index, types[index], sign);
    }
    all.result(function);
    // Long parameter lists would otherwise drown the rest.
    let mut seen = Vec::new();
    let offset = all.random.below(all.made.len());
    let (head, tail) = all.made.split_at(offset);
    for mutant in tail.iter().chain(head) {
        if seen.iter().all(|other: &Mutant| other.kind != mutant.kind) {
            seen.push(mutant.clone());
        }
    }
    seen
}

impl Mutants<'_> {
    fn push(&mut self, kind: &'static str, changes: bool, change: impl FnOnce(&mut Signature)) {
        let mut signature = self.truth.clone();
        change(&mut signature);
        if signature != *self.truth {
            self.made.push(Mutant { kind, signature, foreign_abi: false, changes });
        }
    }

    /// The number of arguments, their order, variadic or not, the ABI.
    fn calls(&mut self, function: &Function) {
        let count = function.parameters.len();
        let variadic = function.style == Style::Variadic;
        let at = self.random.below(count);
        if count > 0 {
            self.push("drop argument", true, |signature| {
                signature.arguments.remove(at);
                signature.fixed = signature.fixed.map(|fixed| fixed - 1);
            });
        }
        self.push("add argument", true, |signature| {
            signature.arguments.insert(if count == 0 { 0 } else { at }, INT);
            signature.fixed = signature.fixed.map(|fixed| fixed + 1);
        });
        for (first, second) in (0..count).zip(1..count) {
            if !alike(&self.truth.arguments[first], &self.truth.arguments[second]) {
                self.push("swap arguments", true, |signature| {
                    signature.arguments.swap(first, second);
                });
            }
        }
        if variadic {
            self.push("variadic as fixed", true, |signature| signature.fixed = None);
            for scalar in [Scalar::Float, Scalar::Integer { size: 2, signed: true }] {
                self.push("variadic argument not promoted", true, |signature| {
                    signature.arguments.push(of(scalar));
                });
            }
        } else {
            self.push("fixed as variadic", true, |signature| signature.fixed = Some(count));
        }
        let signature = self.truth.clone();
        self.made.push(Mutant { kind: "other ABI", signature, foreign_abi: true, changes: true });
    }

    fn argument(&mut self, index: usize, ty: Type, sign: Sign) {
        for (kind, changes, claim) in self.changed(ty, sign, index) {
            self.push(kind, changes, |signature| signature.arguments[index] = claim);
        }
    }

    fn result(&mut self, function: &Function) {
        let Some(result) = &function.result else {
            self.push("void result claimed", true, |signature| signature.result = INT);
            return;
        };
        // libffi leaves a result that nobody claims in its register; in ST0 it fills the x87 stack.
        let x87 = matches!(result.ty, Type::Scalar(Scalar::LongDouble | Scalar::ComplexLongDouble));
        let lost = in_memory(self.library, result.ty) || x87;
        self.push(if lost { "result lost" } else { "result ignored" }, lost, |signature| {
            signature.result = Claim::Void;
        });
        let position = self.truth.arguments.len();
        let sign = if result.enumeration { Sign::Free } else { Sign::Fixed };
        for (kind, changes, claim) in self.changed(result.ty, sign, position) {
            let kind = match kind {
                "wider" => "result wider",
                "narrower" => "result narrower",
                "record size" => "result record size",
                "record member in padding" => "result member in padding",
                other => other,
            };
            self.push(kind, changes, |signature| signature.result = claim);
        }
    }

    /// Other claims in the place of a true one; `place` tells which the true one is.
    fn changed(&mut self, ty: Type, sign: Sign, place: usize) -> Vec<(&'static str, bool, Claim)> {
        match ty {
            Type::Scalar(scalar) => scalars(scalar, sign, self.random),
            Type::Record(number) => {
                let truth = self.truth.arguments.get(place).unwrap_or(&self.truth.result).clone();
                self.records(number, &truth)
            }
            Type::Foreign(_) => Vec::new(),
        }
    }

    fn records(&mut self, number: usize, truth: &Claim) -> Vec<(&'static str, bool, Claim)> {
        let Claim::Record { elements, fixed } = truth else { return Vec::new() };
        let mut made = Vec::new();
        let mut longer = elements.clone();
        longer.push(of(Scalar::Double));
        let fixed_longer = fixed.map(|(size, align)| ((size + 8).next_multiple_of(align), align));
        let longer = Claim::Record { elements: longer, fixed: fixed_longer };
        let grown = size_align(&longer).0 != size_align(truth).0;
        let kind = if grown { "record size" } else { "record member in padding" };
        made.push((kind, true, longer));
        if fixed.is_none() && elements.len() > 1 {
            let shorter =
                Claim::Record { elements: elements[..elements.len() - 1].to_vec(), fixed: None };
            if size_align(&shorter).0 != size_align(truth).0 {
                made.push(("record size", true, shorter));
            }
        }
        let ty = Type::Record(number);
        let like_pointer = size_align(truth).0 == 8
            && classes(self.library, ty).is_some_and(|found| found[0] == Class::Integer);
        if !like_pointer {
            made.push(("record as pointer", true, of(Scalar::Pointer)));
        }
        if !has_union_or_bits(self.library, number) {
            let mut reclassed = truth.clone();
            let mut left = self.random.below(class_leaves(truth).max(1));
            if flip(&mut reclassed, &mut left) {
                made.push(("record member class", true, reclassed));
            }
        }
        made
    }
}

/// Whether two arguments in each other's place are no error that a check must see.
fn alike(one: &Claim, other: &Claim) -> bool {
    let bytes = |claim: &Claim| match claim {
        Claim::Scalar { scalar: Scalar::Bool, .. } => integer(1, false),
        _ => claim.clone(),
    };
    match (one, other) {
        (Claim::Record { .. }, Claim::Record { .. }) => size_align(one).0 == size_align(other).0,
        (Claim::Record { .. }, Claim::Scalar { .. })
        | (Claim::Scalar { .. }, Claim::Record { .. }) => size_align(one).0 == size_align(other).0,
        (
            Claim::Scalar { scalar: Scalar::Integer { size: a, .. }, .. },
            Claim::Scalar { scalar: Scalar::Integer { size: b, .. }, .. },
        ) => a == b,
        _ => bytes(one) == bytes(other),
    }
}

/// How many elements [`flip`] can change.
fn class_leaves(claim: &Claim) -> usize {
    match claim {
        Claim::Void => 0,
        Claim::Scalar { scalar, .. } => usize::from(flipped(*scalar).is_some()),
        Claim::Record { elements, .. } => elements.iter().map(class_leaves).sum(),
    }
}

/// A scalar of the same size and alignment and of another class.
fn flipped(scalar: Scalar) -> Option<Scalar> {
    match scalar {
        Scalar::Integer { size: 4, .. } => Some(Scalar::Float),
        Scalar::Integer { size: 8, .. } | Scalar::Pointer => Some(Scalar::Double),
        Scalar::Float => Some(Scalar::Integer { size: 4, signed: false }),
        Scalar::Double => Some(Scalar::Integer { size: 8, signed: false }),
        _ => None,
    }
}

/// Gives the element number `left` another class.
fn flip(claim: &mut Claim, left: &mut usize) -> bool {
    match claim {
        Claim::Void => false,
        Claim::Scalar { scalar, .. } => match flipped(*scalar) {
            Some(other) if *left == 0 => {
                *scalar = other;
                true
            }
            Some(_) => {
                *left -= 1;
                false
            }
            None => false,
        },
        Claim::Record { elements, .. } => elements.iter_mut().any(|element| flip(element, left)),
    }
}

/// Other claims for a scalar.
fn scalars(scalar: Scalar, sign: Sign, random: &mut Random) -> Vec<(&'static str, bool, Claim)> {
    let mut made = Vec::new();
    let mut add = |kind, claim| made.push((kind, true, claim));
    match scalar {
        Scalar::Integer { size: 16, .. } => {
            add("narrower", integer(8, true));
            add("integer as floating point", of(Scalar::LongDouble));
        }
        Scalar::Integer { .. } | Scalar::Bool => {
            let (size, signed) = match scalar {
                Scalar::Integer { size, signed } => (size, signed),
                _ => (1, false),
            };
            if size < 8 {
                add("wider", integer(size << random.between(1, 3 - size.ilog2() as usize), signed));
                add("integer as pointer of another size", of(Scalar::Pointer));
            } else {
                add("integer as pointer", of(Scalar::Pointer));
            }
            if size > 1 {
                add("narrower", integer(size >> random.between(1, size.ilog2() as usize), signed));
            }
            let float = if size == 8 { Scalar::Double } else { Scalar::Float };
            add("integer as floating point", of(float));
            add("scalar as record", Claim::Record { elements: vec![INT; 5], fixed: None });
            if scalar != Scalar::Bool {
                match sign {
                    Sign::Fixed => made.push(("sign", true, integer(size, !signed))),
                    Sign::Free => made.push(("enumeration's sign", false, integer(size, !signed))),
                    Sign::Open => {}
                }
            }
        }
        Scalar::Pointer => {
            add("pointer as integer", integer(8, random.chance(50)));
            add("pointer as int", INT);
            add("pointer as floating point", of(Scalar::Double));
        }
        Scalar::Float => {
            add("floating point size", of(Scalar::Double));
            add("floating point as integer", integer(4, true));
        }
        Scalar::Double => {
            let other = random.pick(&[Scalar::Float, Scalar::LongDouble]);
            add("floating point size", of(other));
            add("floating point as integer", integer(8, true));
        }
        Scalar::LongDouble => {
            add("floating point size", of(Scalar::Double));
            add("floating point as integer", integer(8, true));
        }
        Scalar::ComplexFloat => {
            add("floating point size", of(Scalar::ComplexDouble));
            add("complex as real", of(Scalar::Double));
        }
        Scalar::ComplexDouble => {
            add("floating point size", of(Scalar::ComplexLongDouble));
            add("complex as real", of(Scalar::Double));
        }
        Scalar::ComplexLongDouble => {
            add("floating point size", of(Scalar::ComplexDouble));
            add("complex as real", of(Scalar::LongDouble));
        }
    }
    made
}
