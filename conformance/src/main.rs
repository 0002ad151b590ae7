//! `conformance`: see [`USAGE`].

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, thread};

use conformance::run::run;
use conformance::toolchain::{configurations, Configuration};
use conformance::totals::Totals;

const USAGE: &str = "\
usage: conformance [--functions N] [--seed S] [--config NAME] [--leave-out NAME]...
                   [--directory DIR] [--keep] [--jobs N] [--list]

Generates C libraries of random signatures, builds them with every compiler and layout of debug information,
and calls and checks each function.

  --functions N    how many functions in all, or in the one configuration (default 5280)
  --seed S         where the random numbers start (default 1)
  --config NAME    only this configuration
  --leave-out NAME not this configuration
  --directory DIR  where the libraries are built (default: below the directory for temporary files)
  --keep           leave the libraries there
  --jobs N         how many configurations at once (default: the number of processors)
  --list           name the configurations

Ends with the line `N passed, N failed`; exit code 1 if anything failed, 2 on wrong usage.";

struct Options {
    functions: usize,
    seed: u64,
    config: Option<String>,
    leave_out: Vec<String>,
    directory: PathBuf,
    keep: bool,
    jobs: usize,
    list: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        functions: 5280,
        seed: 1,
        config: None,
        leave_out: Vec::new(),
        directory: env::temp_dir().join(format!("ffitypecheck-conformance-{}", std::process::id())),
        keep: false,
        jobs: thread::available_parallelism().map_or(1, usize::from),
        list: false,
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
        match argument.as_str() {
            "--functions" => options.functions = number(value()?)? as usize,
            "--seed" => options.seed = number(value()?)?,
            "--config" => options.config = Some(value()?),
            "--leave-out" => options.leave_out.push(value()?),
            "--directory" => options.directory = PathBuf::from(value()?),
            "--keep" => options.keep = true,
            "--jobs" => options.jobs = number(value()?)?.max(1) as usize,
            "--list" => options.list = true,
            "--help" => return Err(String::new()),
            _ => return Err(format!("unknown argument {argument}")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) if error.is_empty() => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("conformance: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut all = configurations();
    for name in options.leave_out.iter().chain(&options.config) {
        if !all.iter().any(|configuration| configuration.name == *name) {
            eprintln!("conformance: no configuration is called {name}; see --list");
            return ExitCode::from(2);
        }
    }
    all.retain(|configuration| !options.leave_out.contains(&configuration.name));
    if options.list {
        all.iter().for_each(|configuration| println!("{}", configuration.name));
        return ExitCode::SUCCESS;
    }
    let (passed, failed) = match &options.config {
        None => every(&all, &options),
        Some(name) => {
            all.retain(|configuration| configuration.name == *name);
            all.first().map_or((0, 0), |configuration| one(configuration, &options))
        }
    };
    if !options.keep {
        let _ = fs::remove_dir_all(&options.directory);
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}

/// Runs one configuration in this process. Returns how many checks passed and how many failed.
fn one(configuration: &Configuration, options: &Options) -> (usize, usize) {
    let seed = configuration.seed(options.seed);
    let directory = options.directory.join(&configuration.name);
    match run(configuration, options.functions, seed, &directory) {
        Ok(tally) => {
            println!("{}: {tally}", configuration.name);
            tally.failures.iter().for_each(|failure| println!("  {failure}"));
            Totals::of(&tally).lines().iter().for_each(|line| println!("{line}"));
            (tally.passed(), tally.failures.len())
        }
        Err(error) => {
            println!("{}: {error}", configuration.name);
            (0, 1)
        }
    }
}

/// Runs every configuration, each in a process of its own: a call through a wrong cif may end it.
fn every(all: &[Configuration], options: &Options) -> (usize, usize) {
    println!("seed {}", options.seed);
    let share = options.functions.div_ceil(all.len());
    let next = AtomicUsize::new(0);
    let sum = Mutex::new((0, 0, Totals::default()));
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(configuration) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (text, passed, failed) = child(configuration, share, options);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    sum.0 += passed;
                    sum.1 += failed;
                    for line in text.lines() {
                        if !sum.2.read(line) {
                            println!("{line}");
                        }
                    }
                }
            });
        }
    });
    let (passed, failed, totals) = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    print!("{}", totals.report());
    (passed, failed)
}

/// Runs one configuration in a process of its own: what it printed, and how many checks passed and failed.
fn child(
    configuration: &Configuration,
    functions: usize,
    options: &Options,
) -> (String, usize, usize) {
    let arguments = [
        "--config".to_string(),
        configuration.name.clone(),
        "--functions".to_string(),
        functions.to_string(),
        "--seed".to_string(),
        options.seed.to_string(),
    ];
    let output = env::current_exe().and_then(|program| {
        Command::new(program)
            .args(&arguments)
            .arg("--directory")
            .arg(&options.directory)
            .arg("--keep")
            .output()
    });
    match output {
        Ok(output) => report(&output, configuration, &options.directory, &arguments),
        Err(error) => (format!("{}: {error}\n", configuration.name), 0, 1),
    }
}

/// What the child printed but for its last line, which is its count.
fn report(
    output: &Output,
    configuration: &Configuration,
    directory: &Path,
    arguments: &[String],
) -> (String, usize, usize) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = printed.lines().map(str::to_string).collect();
    let counts = lines.pop().and_then(|line| {
        let (passed, rest) = line.split_once(" passed, ")?;
        Some((passed.parse().ok()?, rest.strip_suffix(" failed")?.parse().ok()?))
    });
    let (passed, failed) = counts.unwrap_or((0, 1));
    if counts.is_none() {
        let at = fs::read_to_string(directory.join(&configuration.name).join("at"));
        lines.push(format!(
            "{}: the process ended, {}, at {}: {}",
            configuration.name,
            output.status,
            at.as_deref().unwrap_or("the start"),
            String::from_utf8_lossy(&output.stderr).trim_end()
        ));
    }
    if failed > 0 {
        lines.push(format!("  again: conformance {}", arguments.join(" ")));
    }
    (lines.join("\n"), passed, failed)
}
