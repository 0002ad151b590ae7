//! The C file with the probes, and the symbols that the linker gave them.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use object::read::{Object, ObjectSymbol, ObjectSymbolTable, RelocationTarget};

use crate::failure::Failure;

/// A constant whose type is a claim.
pub struct Probe {
    pub number: usize,
    /// The name in C.
    pub name: String,
    pub of: Of,
}

/// The subject of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A function or variable. The constant holds its address.
    Symbol,
    /// A variable whose address is not a constant.
    ThreadLocal,
    Type,
}

const PREFIX: &str = "ffitypecheck_probe_";
/// The file name in diagnostics about a probe. The line is the number of the probe plus 1.
const FILE: &str = "ffitypecheck-probe";

impl Probe {
    /// The name of the constant.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.number)
    }

    fn write(&self, source: &mut String) {
        let Probe { name, number, of } = self;
        // A macro of that name is not the library's symbol or type.
        let macro_name = name.rsplit(' ').next().unwrap_or(name);
        let (ty, value) = match of {
            Of::Symbol => (format!("&{name}"), format!(" = &{name}")),
            Of::ThreadLocal => (format!("&{name}"), String::new()),
            Of::Type => (format!("{name} *"), String::new()),
        };
        // Line numbers start at 1.
        let _ = writeln!(
            source,
            "#undef {macro_name}\n#line {} \"{FILE}\"\n\
             __attribute__((__visibility__(\"default\"))) __typeof__({ty}) const {PREFIX}{number}{value};",
            number + 1,
        );
    }
}

/// The lines that include the headers. A header is a file if it exists, otherwise a name that the compiler looks up.
pub fn includes(headers: &[&PathBuf]) -> Result<String, Failure> {
    let mut lines = String::new();
    for header in headers {
        let shown = header.display();
        let absolute = if header.is_file() { std::path::absolute(header).ok() } else { None };
        let text = absolute.as_deref().unwrap_or(header).to_str();
        let text = text.filter(|text| !text.contains(['"', '>', '\\', '\n']));
        let text = text.ok_or_else(|| Failure::Usage(format!("C cannot include {shown}")))?;
        let _ = match absolute {
            Some(_) => writeln!(lines, "#include \"{text}\""),
            None => writeln!(lines, "#include <{text}>"),
        };
    }
    Ok(lines)
}

pub fn source(includes: &str, probes: &[Probe]) -> String {
    let mut source = includes.to_owned();
    probes.iter().for_each(|probe| probe.write(&mut source));
    source
}

/// The numbers of the probes with errors in the diagnostics.
pub fn refused(diagnostics: &str) -> Vec<usize> {
    let number = |line: &str| {
        let (place, message) = line.split_once(": ")?;
        let mut parts = place.strip_prefix(FILE)?.strip_prefix(':')?.split(':');
        let line: usize = parts.next()?.parse().ok()?;
        message.contains("error: ").then(|| line.checked_sub(1))?
    };
    diagnostics.lines().filter_map(number).collect()
}

/// The symbol whose address a probe holds, by the number of the probe.
pub fn symbols(path: &Path) -> Result<HashMap<usize, String>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Usage(format!("the probe: {error}"));
    let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
    let file = object::File::parse(&*bytes).map_err(|error| wrong(&error))?;
    let numbers = file.dynamic_symbols().filter_map(|symbol| {
        let number = symbol.name().ok()?.strip_prefix(PREFIX)?.parse().ok()?;
        Some((symbol.address(), number))
    });
    let numbers: HashMap<u64, usize> = numbers.collect();
    let table = file.dynamic_symbol_table();
    let relocations = file.dynamic_relocations().into_iter().flatten();
    let symbols = relocations.filter_map(|(address, relocation)| {
        let RelocationTarget::Symbol(index) = relocation.target() else { return None };
        let symbol = table.as_ref()?.symbol_by_index(index).ok()?;
        Some((*numbers.get(&address)?, symbol.name().ok()?.to_owned()))
    });
    Ok(symbols.collect())
}
