//! Runs the C compiler in a directory of its own.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::probe::{self, Probe};
use crate::failure::Failure;
use crate::scratch::Scratch;

/// How often the probes are compiled again after wrong ones were removed. C's grammar hardly lets one probe break
/// another.
const ROUNDS: usize = 8;
/// The number of lines of the compiler's messages that are shown.
const SHOWN: usize = 12;

/// A C compiler that accepts the options of gcc.
#[derive(Clone)]
pub struct Compiler {
    /// The program, and the arguments that always follow it.
    pub command: Vec<String>,
    pub flags: Vec<String>,
}

impl Compiler {
    /// The preprocessed text of the headers.
    pub fn preprocess(&self, scratch: &Scratch, includes: &str) -> Result<String, Failure> {
        let output = self.run(&["-E"], &scratch.write("headers.c", includes.as_bytes())?)?;
        succeeded(&output)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The preprocessed text of the headers as far as the compiler gets, and whether it is complete.
    pub fn text(&self, scratch: &Scratch, includes: &str) -> Result<(String, bool), Failure> {
        let output = self.run(&["-E"], &scratch.write("headers.c", includes.as_bytes())?)?;
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
    }

    /// Compiles a shared library with the probes that compile. Returns its path and these probes, or `None` if there
    /// are none.
    pub fn compile(
        &self,
        scratch: &Scratch,
        includes: &str,
        mut probes: Vec<Probe>,
    ) -> Result<Option<(PathBuf, Vec<Probe>)>, Failure> {
        for _ in 0..ROUNDS {
            if probes.is_empty() {
                return Ok(None);
            }
            let source = scratch.write("probes.c", probe::source(includes, &probes).as_bytes())?;
            let output = self.run(&["-fsyntax-only", "-fmax-errors=0", "-w"], &source)?;
            let diagnostics = String::from_utf8_lossy(&output.stderr);
            let refused: HashSet<usize> = probe::refused(&diagnostics).into_iter().collect();
            if refused.is_empty() {
                succeeded(&output)?;
                let path = scratch.path().join("probes.so");
                let flags = ["-w", "-g", "-gno-split-dwarf", "-fPIC", "-fno-lto", "-shared"];
                let link = ["-nostdlib", "-Wl,--unresolved-symbols=ignore-all", "-o"];
                let made = path.to_string_lossy();
                let arguments: Vec<&str> = flags.into_iter().chain(link).chain([&*made]).collect();
                succeeded(&self.run(&arguments, &source)?)?;
                return Ok(Some((path, probes)));
            }
            probes.retain(|probe| !refused.contains(&probe.number));
        }
        Err(Failure::Usage("the compiler finds ever more names that it does not accept".into()))
    }

    fn run(&self, arguments: &[&str], source: &Path) -> Result<Output, Failure> {
        let (program, first) = self.command.split_first().map_or(("cc", &[][..]), |(p, f)| (p, f));
        let mut command = Command::new(program);
        command.args(first).args(&self.flags).args(arguments).args(["-x", "c"]).arg(source);
        // The messages are parsed, so they must be in English.
        command.env("LC_ALL", "C");
        let cannot =
            |error| Failure::Usage(format!("the compiler {program} cannot be run: {error}"));
        command.output().map_err(cannot)
    }
}

fn succeeded(output: &Output) -> Result<(), Failure> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().take(SHOWN).collect();
    Err(Failure::Usage(format!("the headers do not compile:\n{}", lines.join("\n"))))
}
