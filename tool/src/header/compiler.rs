//! The C compiler, and the directory in which it works.

use std::collections::HashSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::probe::{self, Probe};
use crate::failure::Failure;

/// How many probes may fail one because of another, which C's grammar hardly allows.
const ROUNDS: usize = 8;
/// Lines of the compiler's messages that are shown.
const SHOWN: usize = 12;

/// A C compiler that takes the options of gcc.
#[derive(Clone)]
pub struct Compiler {
    /// The program, and what always stands behind it.
    pub command: Vec<String>,
    pub flags: Vec<String>,
}

impl Compiler {
    /// The text of the headers.
    pub fn preprocess(&self, scratch: &Scratch, includes: &str) -> Result<String, Failure> {
        let output = self.run(&["-E"], &scratch.write("headers.c", includes)?)?;
        succeeded(&output)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// As much of their text as the compiler gets, and whether that is all.
    pub fn text(&self, scratch: &Scratch, includes: &str) -> Result<(String, bool), Failure> {
        let output = self.run(&["-E"], &scratch.write("headers.c", includes)?)?;
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
    }

    /// A shared library with the probes of what the headers do declare, and these; `None` if there are none.
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
            let source = scratch.write("probes.c", &probe::source(includes, &probes))?;
            let output = self.run(&["-fsyntax-only", "-fmax-errors=0", "-w"], &source)?;
            let diagnostics = String::from_utf8_lossy(&output.stderr);
            let refused: HashSet<usize> = probe::refused(&diagnostics).into_iter().collect();
            if refused.is_empty() {
                succeeded(&output)?;
                let path = scratch.directory.join("probes.so");
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
        // The messages are read.
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

/// A directory of this process alone, removed at the end.
pub struct Scratch {
    directory: PathBuf,
}

impl Scratch {
    pub fn new() -> Result<Scratch, Failure> {
        let parent = std::env::temp_dir();
        for number in 0..1000 {
            let directory = parent.join(format!("ffitypecheck-{}-{number}", std::process::id()));
            // Not one that exists already: somebody else may own it.
            match DirBuilder::new().mode(0o700).create(&directory) {
                Ok(()) => return Ok(Scratch { directory }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::Output(error)),
            }
        }
        Err(Failure::Output(std::io::ErrorKind::AlreadyExists.into()))
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.directory.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
