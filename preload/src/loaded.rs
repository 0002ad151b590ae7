//! The library in a process: whether it is active, what happens when it is loaded, in a child and at the end.

use std::ffi::CString;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::OnceLock;

use ffitypecheck::image::is_setuid_process;

use crate::counter::Counter;
use crate::settings::{Mode, Settings};
use crate::{counts, generation, judge, output, real, section};

const PROCESS: &str = "FFITYPECHECK_PRELOAD_PROCESS";

static ACTIVE: AtomicBool = AtomicBool::new(false);
static SETTINGS: OnceLock<Settings> = OnceLock::new();

#[used]
#[link_section = ".init_array"]
static AT_LOAD: extern "C" fn() = at_load;

#[used]
#[link_section = ".fini_array"]
static AT_END: extern "C" fn() = at_end;

/// Whether calls are checked. They are not before the library is ready.
pub fn is_active() -> bool {
    ACTIVE.load(Acquire)
}

/// The settings. `None` before the library is ready.
pub fn settings() -> Option<&'static Settings> {
    SETTINGS.get()
}

extern "C" fn at_load() {
    let _errno = section::Errno::keep();
    // A panic would be a defect. The calls are then not checked.
    let _ = std::panic::catch_unwind(begin);
}

fn begin() {
    real::find_all();
    if is_setuid_process() {
        return;
    }
    let directory = std::env::current_dir().ok();
    let (settings, complaint) = Settings::from_variables(|name| std::env::var_os(name), directory);
    let own = std::process::id();
    // A process that was replaced by exec is the same process.
    let same = settings.process == Some(own);
    if !settings.children && settings.process.is_some() && !same {
        return;
    }
    set_process(own);
    if let Some(run) = &settings.run {
        counts::share(&run.join("counters"));
    }
    if !same {
        counts::count(Counter::Processes);
    }
    generation::renew();
    // The first answer takes the loader's lock.
    judge::is_in_image(0);
    section::register_fork_handlers();
    if let Some(complaint) = complaint {
        output::complain(&settings, &complaint);
    }
    if SETTINGS.set(settings).is_ok() {
        ACTIVE.store(true, Release);
    }
}

/// Tells later programs which process was the last that is checked. No other thread is there yet.
fn set_process(own: u32) {
    let (Ok(name), Ok(value)) = (CString::new(PROCESS), CString::new(own.to_string())) else {
        return;
    };
    // SAFETY: both are C strings.
    unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
}

/// Called in a child after fork.
pub fn begin_child(may_judge: bool) {
    let follow = settings().is_some_and(|settings| settings.children);
    if !may_judge || !follow {
        ACTIVE.store(false, Release);
        return;
    }
    if is_active() {
        counts::begin_child();
        counts::count(Counter::Processes);
    }
}

extern "C" fn at_end() {
    let Some(settings) = settings().filter(|_| is_active()) else { return };
    if settings.mode == Mode::Count && settings.run.is_none() {
        let _errno = section::Errno::keep();
        if let Some(_section) = section::Section::enter() {
            let _ = std::panic::catch_unwind(|| output::write_counts(settings));
        }
    }
}
