//! `conformance`: see [`Options`].

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, thread};

use clap::Parser;
use conformance::calls::{calls, plain};
use conformance::generate::{self, Generator};
use conformance::run::run;
use conformance::shrink::{shrink, source, steps};
use conformance::signature::Library;
use conformance::toolchain::{build, configurations, Configuration};
use conformance::totals::Totals;

/// Generates C libraries of random signatures, builds them with every compiler and layout of debug information, and calls
/// and checks each function
///
/// Of the functions of a configuration that fail, the first is made smaller and compiled alone until it is as small as it can be and
/// still fails; its C source is shown. Ends with the line `N passed, N failed`; exit code 1 if anything failed, 2 on wrong usage.
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
    /// Only the function with that number, alone in its library
    #[arg(long, value_name = "N", requires = "config")]
    function: Option<usize>,
    /// The steps that made the function smaller, as they were shown
    #[arg(long, default_value = "", hide_default_value = true)]
    steps: String,
    /// Claim that each float is an integer, so that the proof must fail
    #[arg(long)]
    floats_are_integers: bool,
    /// Build the library, and write beside it a file `calls` with each call in place of making it, for callers in other
    /// languages
    #[arg(long, requires = "config")]
    calls: bool,
    /// With --calls: only functions without unions, bit-fields, complex numbers and attributes
    #[arg(long, requires = "calls")]
    plain: bool,
    /// Make the calls in this process
    #[arg(long, hide = true)]
    here: bool,
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
    all.retain(|one| !options.leave_out.contains(&one.name));
    all.retain(|one| options.config.as_ref().is_none_or(|name| one.name == *name));
    if options.list {
        all.iter().for_each(|configuration| println!("{}", configuration.name));
        return ExitCode::SUCCESS;
    }
    if let (Some(first), true) = (all.first(), options.calls) {
        return written(first, &options);
    }
    let (passed, failed) = match all.first() {
        Some(first) if options.here || options.function.is_some() => one(first, &options),
        _ => every(&all, &options),
    };
    if !options.keep {
        let _ = fs::remove_dir_all(&options.directory);
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}

/// Builds the library of a configuration and writes its calls.
fn written(configuration: &Configuration, options: &Options) -> ExitCode {
    let directory = options.directory.join(&configuration.name);
    let outcome = library(configuration, options).and_then(|library| {
        let path = build(configuration, &library, &directory)?;
        let text = calls(&library, configuration.dialect(), configuration.seed(options.seed));
        fs::write(directory.join("calls"), text).map_err(|error| error.to_string())?;
        Ok(path)
    });
    match outcome {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("conformance: {}: {error}", configuration.name);
            ExitCode::FAILURE
        }
    }
}

/// Runs one configuration in this process. Returns how many checks passed and how many failed.
fn one(configuration: &Configuration, options: &Options) -> (usize, usize) {
    let seed = configuration.seed(options.seed);
    let directory = options.directory.join(&configuration.name);
    let tally = library(configuration, options).and_then(|library| {
        run(configuration, &library, seed, &directory, options.floats_are_integers)
    });
    match tally {
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

/// The library of a configuration, or of one function as small as the options say.
fn library(configuration: &Configuration, options: &Options) -> Result<Library, String> {
    let generator = Generator::new(configuration.seed(options.seed));
    if options.plain {
        return plain(&generator, options.functions, configuration.dialect());
    }
    let Some(number) = options.function else {
        return generator.library(options.functions, configuration.dialect());
    };
    let mut tree = generator.tree(number)?;
    steps(&mut tree, &options.steps);
    Ok(generate::library(&[(number, tree.current())], configuration.dialect()))
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
    let directory = options.directory.join(&configuration.name);
    let output = match again(configuration, options, &["--functions", &functions.to_string()]) {
        Ok(output) => output,
        Err(error) => return (format!("{}: {error}\n", configuration.name), 0, 1),
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = printed.lines().map(str::to_string).collect();
    let counts = lines.pop().and_then(|line| {
        let (passed, rest) = line.split_once(" passed, ")?;
        Some((passed.parse().ok()?, rest.strip_suffix(" failed")?.parse().ok()?))
    });
    let (passed, failed) = counts.unwrap_or((0, 1));
    if counts.is_none() {
        lines.push(format!(
            "{}: the process ended, {}, at {}: {}",
            configuration.name,
            output.status,
            fs::read_to_string(directory.join("at")).as_deref().unwrap_or("the start"),
            String::from_utf8_lossy(&output.stderr).trim_end()
        ));
    }
    if failed > 0 {
        let name = &configuration.name;
        let seed = options.seed;
        lines.push(format!(
            "  again: conformance --config {name} --seed {seed} --functions {functions}"
        ));
        if let Some(number) = failing(&output, &directory) {
            lines.extend(smallest(configuration, options, number));
        }
    }
    (lines.join("\n"), passed, failed)
}

/// Starts this program again for one configuration.
fn again(
    configuration: &Configuration,
    options: &Options,
    arguments: &[&str],
) -> std::io::Result<Output> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--here", "--keep", "--config", &configuration.name]).args(arguments);
    command.args(["--seed", &options.seed.to_string()]).arg("--directory").arg(&options.directory);
    if options.floats_are_integers {
        command.arg("--floats-are-integers");
    }
    command.output()
}

/// The number of the first function that failed, or at which the process ended.
fn failing(output: &Output, directory: &Path) -> Option<usize> {
    let number = |name: &str| name.strip_prefix('f')?.split(' ').next()?.parse().ok();
    if output.status.code().is_none() {
        return number(&fs::read_to_string(directory.join("at")).ok()?);
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.lines().find_map(|line| number(line.strip_prefix("  ")?))
}

/// Makes a function smaller while it fails, and shows what is left.
fn smallest(configuration: &Configuration, options: &Options, number: usize) -> Vec<String> {
    let generator = Generator::new(configuration.seed(options.seed));
    let directory = options.directory.join(&configuration.name);
    let Ok(mut tree) = generator.tree(number) else { return Vec::new() };
    let function = number.to_string();
    let taken = shrink(&mut tree, |taken| {
        let arguments = ["--function", &function, "--steps", taken];
        let output = again(configuration, options, &arguments);
        output.is_ok_and(|output| failing(&output, &directory) == Some(number))
    });
    let text = source(&generator, number, &taken, configuration.dialect());
    let (name, seed) = (&configuration.name, options.seed);
    let mut lines = vec![format!(
        "  smallest: conformance --config {name} --seed {seed} --function {number} --steps '{taken}'"
    )];
    lines.extend(text.unwrap_or_else(|error| error).lines().map(|line| format!("    {line}")));
    lines
}
