//! `conformance`: see [`Options`].

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, thread};

use clap::Parser;
use conformance::run::run;
use conformance::toolchain::{configurations, Configuration};
use conformance::totals::Totals;

/// Generates C libraries of random signatures, builds them with every compiler and layout of debug information, and calls
/// and checks each function
///
/// Ends with the line `N passed, N failed`; exit code 1 if anything failed, 2 on wrong usage.
#[derive(Parser)]
#[command(name = "conformance")]
struct Options {
    /// How many functions in all, or in the one configuration
    #[arg(long, value_name = "N", default_value_t = 5280)]
    functions: usize,
    /// Where the random numbers start
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only this configuration
    #[arg(long, value_name = "NAME")]
    config: Option<String>,
    /// Not this configuration; may be repeated
    #[arg(long, value_name = "NAME")]
    leave_out: Vec<String>,
    /// Where the libraries are built [default: below the directory for temporary files]
    #[arg(long, value_name = "DIR", default_value_os_t = scratch(), hide_default_value = true)]
    directory: PathBuf,
    /// Leave the libraries there
    #[arg(long)]
    keep: bool,
    /// How many configurations at once [default: the number of processors]
    #[arg(long, value_name = "N", default_value_t = processors(), hide_default_value = true)]
    jobs: usize,
    /// Name the configurations
    #[arg(long)]
    list: bool,
}

fn scratch() -> PathBuf {
    env::temp_dir().join(format!("ffitypecheck-conformance-{}", std::process::id()))
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn main() -> ExitCode {
    let options = Options::parse();
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
        for _ in 0..options.jobs.max(1) {
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
