//! One function through libffitypecheck: described, called through the described cif, its true claim and the
//! mutants of it judged.

use std::path::Path;

use ffitypecheck::abi;
use ffitypecheck::check::{check_declaration, Judgement, Options as CheckOptions, Report, Verdict};
use ffitypecheck::ctype::Declaration;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::libffi::Interface;
use ffitypecheck::spell;
use ffitypecheck::ErrorKind;
use libffi_sys as ffi;

use crate::call::{prepare, FfiTypes, Loaded};
use crate::claim::says_all;
use crate::mutate::mutants;
use crate::run::Tally;
use crate::signature::{Function, Library, Style};
use crate::truth::Signature;
use crate::typed::{changes, typed, Changed};
use toolchain::Random;

const ABI: ffi::ffi_abi = ffi::ffi_abi_FFI_DEFAULT_ABI;
const OTHER_ABI: ffi::ffi_abi = ffi::ffi_abi_FFI_WIN64;

/// A generated library, loaded and opened.
pub struct Proof<'a> {
    pub library: &'a Library,
    pub loaded: &'a Loaded,
    pub opened: ffitypecheck::Library,
}

/// Opens `path`, with the debug directory beside it and no other.
pub fn open(path: &Path) -> Result<ffitypecheck::Library, String> {
    let debug = path.parent().map(|directory| directory.join("debug"));
    let options = SearchOptions {
        debug_directories: debug.into_iter().collect(),
        caches: Vec::new(),
        system: false,
        ..SearchOptions::default()
    };
    ffitypecheck::Library::open(path, &options).map_err(|error| format!("{error:#}"))
}

impl Proof<'_> {
    /// Tries one function and enters the outcome. `truth`: its true claim, or why libffi cannot call it.
    pub fn function(
        &self,
        function: &Function,
        truth: &Result<Signature, &'static str>,
        random: &mut Random,
        tally: &mut Tally,
    ) {
        let mut fail = |what: &str| tally.failures.push(format!("{}: {what}", function.name));
        let declaration = match self.opened.describe(&function.name) {
            Ok(declaration) => declaration,
            Err(error) => return fail(&error.to_string()),
        };
        if let Err(error) = self.same_shape(function, &declaration) {
            return fail(&error);
        }
        self.typed(function, &declaration, truth.is_err(), random, tally);
        let interface = Interface::new(declaration);
        match truth {
            Err(reason) => self.beyond_libffi(function, &interface, reason, random, tally),
            Ok(signature) => {
                match self.call(function, &interface, signature, random) {
                    Ok(()) => tally.described += 1,
                    Err(error) => {
                        tally.failures.push(format!("{} described: {error}", function.name));
                    }
                }
                self.true_claim(function, &interface, signature, tally);
                self.mutants(function, &interface, signature, random, tally);
            }
        }
    }

    /// Of a unit without types nothing is said.
    pub fn untyped(&self, function: &Function, tally: &mut Tally) {
        match self.opened.describe(&function.name) {
            Err(error) if error.kind() == ErrorKind::NoType => tally.silent += 1,
            Err(error) => tally.failures.push(format!("{}: {error}", function.name)),
            Ok(declaration) => {
                tally.failures.push(format!(
                    "{}: {}",
                    function.name,
                    spell::declaration(&declaration)
                ));
            }
        }
    }

    /// The claim of whole types, true and with one bit-field or alternative changed.
    fn typed(
        &self,
        function: &Function,
        declaration: &Declaration,
        beyond_libffi: bool,
        random: &mut Random,
        tally: &mut Tally,
    ) {
        let judge = |changed: Option<&Changed>| {
            let typed = typed(self.library, function, changed)?;
            let claim = typed.types.claim(typed.function).ok()?;
            Some(check_declaration(declaration, claim, &CheckOptions::default()))
        };
        let Some(report) = judge(None) else { return };
        match report.verdict() {
            Verdict::Match => tally.typed += 1,
            // How it is passed may be in doubt.
            Verdict::Unverified if beyond_libffi => return,
            _ => tally.failures.push(format!("{} typed: {}", function.name, sentences(&report))),
        }
        for changed in changes(self.library, function, random) {
            let Some(report) = judge(Some(&changed)) else { continue };
            *tally.mutants.entry((changed.kind, report.verdict().word())).or_default() += 1;
            match report.verdict() {
                Verdict::Match => {
                    tally.failures.push(format!("{} {}: MATCH", function.name, changed.kind));
                }
                _ => tally.judged += 1,
            }
        }
    }

    /// What a cif does not say: prototype, variadic, and the size of each type.
    fn same_shape(&self, function: &Function, declaration: &Declaration) -> Result<(), String> {
        let found = declaration.function().ok_or("not described as a function")?;
        if found.variadic != (function.style == Style::Variadic) {
            return Err(format!("described as variadic: {}", found.variadic));
        }
        // Without parameters it makes no difference, and GCC's DWARF says little of it.
        let empty = function.parameters.is_empty();
        if found.prototyped == (function.style == Style::KandR) && !empty {
            return Err(format!("described as prototyped: {}", found.prototyped));
        }
        if found.parameters.len() != function.parameters.len() {
            return Err(format!("described with {} parameters", found.parameters.len()));
        }
        for (index, (parameter, spelled)) in
            found.parameters.iter().zip(&function.parameters).enumerate()
        {
            let (size, expected) = (
                abi::size_of(&declaration.types, parameter.ty),
                self.library.size_align(spelled.ty).0,
            );
            if size != Some(expected) {
                return Err(format!("parameter {}: {size:?} bytes, not {expected}", index + 1));
            }
            let name = parameter.name.as_ref().map(|name| name.as_str().to_string());
            if name != Some(format!("p{index}")) {
                return Err(format!("parameter {} is called {name:?}", index + 1));
            }
        }
        let size = abi::size_of(&declaration.types, found.result);
        match &function.result {
            Some(spelled) if size != Some(self.library.size_align(spelled.ty).0) => {
                Err(format!("result of {size:?} bytes"))
            }
            _ => Ok(()),
        }
    }

    /// The call through the described cif; for a variadic function with the true variadic types.
    fn call(
        &self,
        function: &Function,
        interface: &Interface,
        signature: &Signature,
        random: &mut Random,
    ) -> Result<(), String> {
        let mut cif = ffi::ffi_cif::default();
        let truth = prepare(signature)?;
        let variadic = signature.fixed.map(|fixed| &truth.arguments[fixed..]);
        // SAFETY: `interface` and `truth` outlive the cif, and the library is loaded.
        unsafe {
            match variadic {
                Some(types) => interface.prep_cif_var(&mut cif, ABI, types),
                None => interface.prep_cif(&mut cif, ABI),
            }
            .map_err(|error| format!("{error:#}"))?;
            self.loaded.exchange(self.library, function, &mut cif, random)
        }
    }

    /// What libffi cannot call is refused; or it is called all the same, and then rightly.
    fn beyond_libffi(
        &self,
        function: &Function,
        interface: &Interface,
        reason: &'static str,
        random: &mut Random,
        tally: &mut Tally,
    ) {
        let mut cif = ffi::ffi_cif::default();
        // SAFETY: `interface` outlives the cif.
        let outcome = match unsafe { interface.prep_cif(&mut cif, ABI) } {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                tally.refused += 1;
                let said = error.to_string();
                let reason = said.rsplit(": ").next().unwrap_or_default();
                *tally.reasons.entry(reason.to_string()).or_default() += 1;
                return;
            }
            Err(error) => Err(error.to_string()),
            // The obstacle may lie in the variadic part, which the declaration does not have.
            Ok(()) if !function.variadic.is_empty() => return,
            // SAFETY: as before.
            Ok(()) => unsafe { self.loaded.exchange(self.library, function, &mut cif, random) },
        };
        match outcome {
            Ok(()) => tally.beyond_truth += 1,
            Err(error) => {
                tally.failures.push(format!("{} not refused ({reason}): {error}", function.name));
            }
        }
    }

    fn true_claim(
        &self,
        function: &Function,
        interface: &Interface,
        signature: &Signature,
        tally: &mut Tally,
    ) {
        // Once with the types as a caller builds them, and once as libffi leaves them.
        let fresh = judge(interface, signature, ABI);
        let completed = prepare(signature)
            .and_then(|truth| check(interface, signature, ABI, truth.result, &truth.arguments));
        let expressed = expressed(signature);
        for judgement in [fresh, completed] {
            match judgement {
                Ok(report) if report.verdict() == Verdict::Match => tally.matched += 1,
                Ok(report) if report.verdict() == Verdict::Unverified && !expressed => {
                    tally.unexpressed += 1;
                }
                Ok(report) => {
                    let said = sentences(&report);
                    tally.failures.push(format!("{} truth: {said}", function.name));
                }
                Err(error) => tally.failures.push(format!("{} truth: {error}", function.name)),
            }
        }
    }

    fn mutants(
        &self,
        function: &Function,
        interface: &Interface,
        signature: &Signature,
        random: &mut Random,
        tally: &mut Tally,
    ) {
        for mutant in mutants(self.library, function, signature, random) {
            let abi = if mutant.foreign_abi { OTHER_ABI } else { ABI };
            let report = match judge(interface, &mutant.signature, abi) {
                Ok(report) => report,
                Err(error) => {
                    tally.failures.push(format!("{} {}: {error}", function.name, mutant.kind));
                    continue;
                }
            };
            let verdict = report.verdict();
            *tally.mutants.entry((mutant.kind, verdict.word())).or_default() += 1;
            let matches = verdict == Verdict::Match
                || (verdict == Verdict::Unverified && !mutant.changes && !expressed(signature));
            tally.judged += usize::from(mutant.changes != matches);
            if mutant.changes == matches {
                tally.failures.push(format!(
                    "{} {}: {}: claim {:?}, truth {signature:?}",
                    function.name,
                    mutant.kind,
                    sentences(&report),
                    mutant.signature,
                ));
            }
        }
    }
}

fn expressed(signature: &Signature) -> bool {
    says_all(&signature.result) && signature.arguments.iter().all(says_all)
}

fn sentences(report: &Report) -> String {
    let said: Vec<&str> =
        report.findings().iter().map(|finding| finding.sentence.as_str()).collect();
    format!("{} ({})", report.verdict(), said.join("; "))
}

fn judge(
    interface: &Interface,
    signature: &Signature,
    abi: ffi::ffi_abi,
) -> Result<Judgement, String> {
    let mut types = FfiTypes::default();
    let result = types.lower(&signature.result);
    let arguments: Vec<_> = signature.arguments.iter().map(|claim| types.lower(claim)).collect();
    check(interface, signature, abi, result, &arguments)
}

fn check(
    interface: &Interface,
    signature: &Signature,
    abi: ffi::ffi_abi,
    result: *mut ffi::ffi_type,
    arguments: &[*mut ffi::ffi_type],
) -> Result<Judgement, String> {
    let fixed = signature.fixed.map(|fixed| fixed as u32);
    let count = arguments.len() as u32;
    // SAFETY: the types live in the caller's frame.
    unsafe { interface.check_cif(abi, fixed, count, result, arguments.as_ptr()) }
        .map_err(|error| format!("{error:#}"))
}
