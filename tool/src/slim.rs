//! `ffitypecheck slim`: adds slim type information to a library.

use std::path::{Path, PathBuf};

use ffitypecheck::ctype::Name;
use ffitypecheck::image::{SearchOptions, Symbol};
use ffitypecheck::slim::{self, embed, embed_allocated, side_file, Options, Slim};
use ffitypecheck::{Error, ErrorKind, Library};

use crate::arguments::{ContentArguments, Slim as Arguments};
use crate::complain;
use crate::failure::{Code, Failure};
use crate::replace::{replace, write};

/// The highest compression level whose window is not larger than the data.
const LEVEL: i32 = 19;

pub fn run(arguments: &Arguments) -> Result<Code, Failure> {
    let path = arguments.library.path()?;
    let options = SearchOptions {
        debug_file: arguments.debug.clone(),
        slim: false,
        ..arguments.library.search_options()
    };
    let library = Library::open(&path, &options)?;
    let slim = encode(&library, &arguments.content)?;
    let note = arguments.content.note(&slim)?;
    put(arguments, &library, &path, &note)?;
    if arguments.verbose {
        complain(&format!("{}: {}, {} bytes", path.display(), summary(&slim), note.len()));
    }
    // The command ends here. Freeing the memory would take a tenth of its time.
    std::mem::forget(library);
    Ok(Code::Done)
}

/// The content in words.
pub fn summary(slim: &Slim) -> String {
    let Slim { described, exports, types, mangled, .. } = slim;
    let left_out = match mangled {
        0 => String::new(),
        _ => format!(" ({mangled} with mangled names are not in it)"),
    };
    format!("{described} of {exports} exports{left_out}, {types} types")
}

/// The slim type information of a library. Fails if no export has a type. A missing file with types is reported.
pub fn encode(library: &Library, content: &ContentArguments) -> Result<Slim, Failure> {
    let path = library.files().library.path();
    if let Some(entry) = only_entry_of_module(library.exports()?, content) {
        let message = format!("the library is an interpreter's module and exports nothing but '{entry}', which nobody else calls: there is nothing to keep");
        return Err(Error::new(ErrorKind::NoType, message).in_file(path).into());
    }
    let slim = slim::encode(library, &content.options()?)?;
    let missing = library.missing();
    if slim.described == 0 {
        let message = match slim.mangled {
            0 => "no export of the library has a type: there is nothing to keep".to_owned(),
            mangled => format!("no export of the library that C can call has a type: there is nothing to keep; {mangled} have mangled names (--mangled)"),
        };
        let nothing = || Error::new(ErrorKind::NoType, message);
        return Err(missing.unwrap_or_else(nothing).in_file(path).into());
    }
    if let Some(error) = missing {
        complain(&format!("{error:#}: its exports are left out"));
    }
    Ok(slim)
}

/// The entry function of an interpreter's module, if the library exports nothing else that would be kept.
fn only_entry_of_module<'e>(exports: &'e [Symbol], content: &ContentArguments) -> Option<&'e Name> {
    let mut kept = exports.iter().filter(|symbol| content.mangled || !symbol.is_mangled());
    let first = kept.next()?;
    (first.is_entry_of_module() && kept.all(Symbol::is_entry_of_module)).then_some(&first.name)
}

fn put(arguments: &Arguments, library: &Library, path: &Path, note: &[u8]) -> Result<(), Failure> {
    let bytes = library.files().library.data();
    let in_file = |error: Error| error.in_file(path);
    let build_id = library.files().library.build_id().ok_or_else(|| {
        let message = "the library has no build-id, and nothing else shows that a file is the library that is loaded; link it with -Wl,--build-id";
        Error::new(ErrorKind::BuildId, message).in_file(path)
    })?;
    if let Some(out) = &arguments.side_file {
        return write(out, path, &[&side_file(bytes, build_id, note).map_err(in_file)?]);
    }
    if let Some(out) = &arguments.note {
        embed(bytes, note).map_err(in_file)?;
        return write(out, path, &[note]);
    }
    let made = if arguments.alloc { embed_allocated(bytes, note) } else { embed(bytes, note) };
    let made = made.map_err(in_file)?;
    match &arguments.out {
        Some(out) => write(out, path, &made.parts()),
        None if made.is(bytes) => Ok(()),
        None => replace(path, &made.parts()),
    }
}

impl ContentArguments {
    pub fn options(&self) -> Result<Options, Failure> {
        let headers =
            if self.headers.is_empty() { None } else { Some(headers_below(&self.headers)?) };
        let (names, mangled) = (!self.no_names, self.mangled);
        Ok(Options { names, headers, mangled, ..Options::default() })
    }

    /// The note, compressed if the user asked for that.
    pub fn note(&self, slim: &Slim) -> Result<Vec<u8>, Failure> {
        if self.zstd {
            let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(Failure::Output)?;
            compressor.include_checksum(true).map_err(Failure::Output)?;
            let frame = compressor.compress(slim.body()).map_err(Failure::Output)?;
            Ok(slim.compressed_note(&frame))
        } else {
            Ok(slim.note())
        }
    }
}

/// The paths of all files below these directories, each without the directory.
fn headers_below(directories: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut headers = Vec::new();
    for directory in directories {
        let fail =
            |error: std::io::Error| Failure::Usage(format!("{}: {error}", directory.display()));
        let mut work = vec![directory.clone()];
        while let Some(current) = work.pop() {
            for entry in std::fs::read_dir(&current).map_err(fail)? {
                let entry = entry.map_err(fail)?;
                if entry.file_type().map_err(fail)?.is_dir() {
                    work.push(entry.path());
                } else if let Ok(header) = entry.path().strip_prefix(directory) {
                    headers.push(header.to_path_buf());
                }
            }
        }
    }
    headers.sort();
    Ok(headers)
}
