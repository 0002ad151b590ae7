//! The check of a call: known pairs are found in the table, new ones are judged.

use std::backtrace::Backtrace;
use std::ffi::{c_int, c_uint, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use ffitypecheck::check::{Finding, Judgement, Rule, Verdict};
use ffitypecheck::describe_address;
use ffitypecheck::libffi::{ffi_cif, Interface};

use crate::counter::Counter;
use crate::fingerprint::{fingerprint, Fingerprint};
use crate::output::Seen;
use crate::pairs::{self, FindingNumbers};
use crate::prepared::{recall, Preparation};
use crate::section::{is_inside, Errno, Section};
use crate::settings::{Mode, Settings};
use crate::signal_frame::in_signal_handler;
use crate::{counts, generation, loaded, output};

/// The codes of the type int (`FFI_TYPE_INT`, `FFI_TYPE_SINT32`).
const INT: [u16; 2] = [1, 10];

/// Checks a call of `function` by `cif`, unless the pair is known.
///
/// # Safety
/// `cif` is NULL or was prepared.
pub unsafe fn check(cif: *const ffi_cif, function: usize) {
    if !loaded::is_active() {
        return;
    }
    counts::count_call();
    // SAFETY: as the caller promises.
    let Some(cif) = (unsafe { cif.as_ref() }) else { return };
    let preparation = recall(cif);
    // SAFETY: the cif was prepared.
    let Some(pair) = (unsafe { fingerprint(cif, function, preparation) }) else {
        counts::count(Counter::Unreadable);
        return;
    };
    match pairs::find(pair, generation::current()) {
        Some(findings) => findings.each(counts::count_finding),
        // SAFETY: the cif was prepared.
        None => unsafe { check_new(cif, function, preparation, pair) },
    }
}

/// # Safety
/// `cif` was prepared.
#[cold]
#[inline(never)]
unsafe fn check_new(cif: &ffi_cif, function: usize, preparation: Preparation, pair: Fingerprint) {
    let _errno = Errno::keep();
    let Some(settings) = loaded::settings() else { return };
    if is_inside() {
        return counts::count(Counter::Reentered);
    }
    if !is_in_image(function) {
        return counts::count(Counter::Generated);
    }
    if in_signal_handler() {
        return counts::count(Counter::InSignalHandler);
    }
    let Some(section) = Section::enter() else {
        return counts::count(Counter::Waited);
    };
    let now = generation::current();
    if let Some(findings) = pairs::find(pair, now) {
        // Another thread was faster.
        drop(section);
        return findings.each(counts::count_finding);
    }
    if !pairs::has_room(pair) {
        return counts::count(Counter::TableFull);
    }
    let judged = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the cif was prepared.
        let outcome = unsafe { judge(cif, function, preparation, settings) };
        let mut findings = FindingNumbers::default();
        for number in outcome.report(settings, function) {
            findings.add(number);
        }
        if pairs::remember(pair, now, findings) {
            counts::count(outcome.counter());
        }
        findings.each(counts::count_finding);
        let ends = settings.mode == Mode::Abort && !outcome.findings.is_empty();
        if ends {
            output::write_backtrace(settings, &Backtrace::force_capture().to_string());
        }
        ends
    }));
    drop(section);
    match judged {
        Ok(false) => {}
        // SAFETY: abort can be called at any time.
        Ok(true) => unsafe { libc::abort() },
        Err(_) => counts::count(Counter::Failed),
    }
}

/// What was found for a new pair.
struct Outcome {
    verdict: Verdict,
    /// The path of the library, if it is known.
    library: String,
    /// The symbol of the function, if it is known.
    function: String,
    /// Why there is no declaration.
    unknown: Option<ffitypecheck::Error>,
    findings: Vec<Finding>,
}

impl Outcome {
    fn counter(&self) -> Counter {
        match self.verdict {
            Verdict::Match => Counter::Match,
            Verdict::Differs => Counter::Differs,
            Verdict::Unverified => Counter::Unverified,
            Verdict::Mismatch => Counter::Mismatch,
        }
    }

    /// Writes what is new, and returns the numbers of the findings.
    fn report(&self, settings: &Settings, function: usize) -> Vec<u64> {
        if let Some(error) = &self.unknown {
            output::write_unknown(settings, &self.library, function, error);
        }
        let seen = |finding: &Finding| {
            output::write_finding(
                settings,
                &Seen { library: &self.library, function: &self.function, finding },
            )
        };
        self.findings.iter().filter_map(seen).collect()
    }
}

/// # Safety
/// `cif` was prepared.
unsafe fn judge(
    cif: &ffi_cif,
    function: usize,
    preparation: Preparation,
    settings: &Settings,
) -> Outcome {
    let declaration = match describe_address(function) {
        Ok(declaration) => declaration,
        Err(error) => {
            let image = ffitypecheck::image::image_at(function);
            let library = image.map_or(String::new(), |image| image.path.display().to_string());
            return Outcome {
                verdict: Verdict::Unverified,
                library,
                function: String::new(),
                unknown: Some(error),
                findings: Vec::new(),
            };
        }
    };
    let interface = Interface::new(declaration);
    let fixed = match preparation {
        Preparation::Variadic(fixed) => Some(c_uint::from(fixed)),
        Preparation::Fixed | Preparation::Unknown => None,
    };
    // SAFETY: the types of a prepared cif are as libffi requires.
    let judged = unsafe {
        interface.check_cif(cif.abi, fixed, cif.nargs, cif.rtype, cif.arg_types.cast_const())
    };
    let judgement = judged.unwrap_or_else(|_| Judgement::without_declaration());
    let facts = Facts {
        preparation,
        // SAFETY: a prepared cif has a result type.
        int_result: INT.contains(&unsafe { (*cif.rtype).type_ }),
    };
    let kept = judgement.findings().iter().filter_map(|finding| {
        let verdict = facts.verdict(finding.rule, finding.verdict)?;
        Some(Finding { verdict, ..finding.clone() })
    });
    let kept: Vec<Finding> = kept.collect();
    let verdict = kept.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Match);
    let is_finding = |finding: &Finding| match finding.verdict {
        Verdict::Mismatch => true,
        Verdict::Differs => settings.differs,
        Verdict::Match | Verdict::Unverified => false,
    };
    Outcome {
        verdict,
        library: interface.declaration().library.display().to_string(),
        function: interface.declaration().symbol.as_str().to_owned(),
        unknown: None,
        findings: kept.into_iter().filter(is_finding).collect(),
    }
}

/// What is known of a cif besides its types.
struct Facts {
    preparation: Preparation,
    /// Whether the result type is int. Runtimes take it where a program states none, and some for void.
    int_result: bool,
}

impl Facts {
    /// The verdict of a finding for this cif. `None`: what the finding says is not known.
    fn verdict(&self, rule: Rule, verdict: Verdict) -> Option<Verdict> {
        match rule {
            Rule::VariadicPreparedAsFixed | Rule::FixedPreparedAsVariadic
                if self.preparation == Preparation::Unknown =>
            {
                None
            }
            Rule::ResultOfVoid if self.int_result => Some(verdict.min(Verdict::Differs)),
            _ => Some(verdict),
        }
    }
}

/// Whether the address lies in a loaded library or program. The loader answers without a lock. Where the C library
/// cannot tell (glibc before 2.35), the answer is yes.
pub fn is_in_image(function: usize) -> bool {
    type Find = unsafe extern "C" fn(*const c_void, *mut c_void) -> c_int;
    /// 0: not looked up. 1: there is no such function.
    static FIND: AtomicUsize = AtomicUsize::new(0);
    let mut find = FIND.load(Relaxed);
    if find == 0 {
        // SAFETY: the name is a C string.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_dl_find_object".as_ptr()) };
        find = (found as usize).max(1);
        FIND.store(find, Relaxed);
    }
    if find == 1 {
        return true;
    }
    // Larger than the loader's struct, which is not needed.
    let mut object = [0_u64; 32];
    // SAFETY: the function has this type; `object` is large enough for what it writes.
    unsafe {
        let find = std::mem::transmute::<usize, Find>(find);
        find(function as *const c_void, object.as_mut_ptr().cast()) == 0
    }
}
