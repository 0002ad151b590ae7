//! `conformance`: see [`USAGE`].

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, thread};

use conformance::generate::{self, Generator};
use conformance::run::run;
use conformance::shrink::{shrink, source, steps};
use conformance::signature::Library;
use conformance::toolchain::{configurations, Configuration};
use conformance::totals::Totals;

const USAGE: &str = "\
usage: conformance [--functions N] [--seed S] [--config NAME] [--leave-out NAME]...
                   [--directory DIR] [--keep] [--jobs N] [--list]
                   [--function N] [--steps STEPS] [--floats-are-integers]

Generates C libraries of random signatures, builds them with every compiler and layout of debug information,
and calls and checks each function. Of the functions of a configuration that fail, the first is made smaller and
compiled alone until it is as small as it can be and still fails; its C source is shown.

  --functions N    how many functions in all, or in the one configuration (default 5280)
  --seed S         where the random numbers start (default 1)
  --config NAME    only this configuration
  --leave-out NAME not this configuration
  --directory DIR  where the libraries are built (default: below the directory for temporary files)
  --keep           leave the libraries there
  --jobs N         how many configurations at once (default: the number of processors)
  --list           name the configurations
  --function N     only the function with that number, alone in its library; needs --config
  --steps STEPS    the steps that made it smaller, as they were shown
  --floats-are-integers
                   claim that each float is an integer, so that the proof must fail

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
    function: Option<usize>,
    steps: String,
    floats_are_integers: bool,
    /// This process is to make the calls.
    here: bool,
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
        function: None,
        steps: String::new(),
        floats_are_integers: false,
        here: false,
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
            "--function" => options.function = Some(number(value()?)? as usize),
            "--steps" => options.steps = value()?,
            "--floats-are-integers" => options.floats_are_integers = true,
            "--here" => options.here = true,
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
    all.retain(|one| !options.leave_out.contains(&one.name));
    all.retain(|one| options.config.as_ref().is_none_or(|name| one.name == *name));
    if options.list {
        all.iter().for_each(|configuration| println!("{}", configuration.name));
        return ExitCode::SUCCESS;
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
