//! `ffitypecheck slim`: slim type information into a library.

use std::path::{Path, PathBuf};

use ffitypecheck::image::SearchOptions;
use ffitypecheck::slim::{self, embed, embed_allocated, side_file, Options, Slim};
use ffitypecheck::{Error, ErrorKind, Library};

use crate::arguments::{ContentArguments, Slim as Arguments};
use crate::complain;
use crate::failure::{Code, Failure};
use crate::replace::{replace, write};

/// The compression level: the best that takes no window larger than the data.
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
        complain(&format!(
            "{}: {} of {} exports, {} types, {} bytes",
            path.display(),
            slim.described,
            slim.exports,
            slim.types,
            note.len()
        ));
    }
    // The command ends: to give its memory back piece by piece takes a tenth of the time.
    std::mem::forget(library);
    Ok(Code::Done)
}

/// The types of a library that has some; what a file would have that is missing is told of.
pub fn encode(library: &Library, content: &ContentArguments) -> Result<Slim, Failure> {
    let slim = slim::encode(library, &content.options()?)?;
    let missing = library.missing();
    if slim.described == 0 {
        let message = "no export of the library has a type: there is nothing to keep";
        let nothing = || Error::new(ErrorKind::NoType, message);
        let path = library.files().library.path();
        return Err(missing.unwrap_or_else(nothing).in_file(path).into());
    }
    if let Some(error) = missing {
        complain(&format!("{error}: its exports are left out"));
    }
    Ok(slim)
}

fn put(arguments: &Arguments, library: &Library, path: &Path, note: &[u8]) -> Result<(), Failure> {
    let bytes = library.files().library.data();
    let in_file = |error: Error| error.in_file(path);
    let build_id = || {
        let message = "the library has no build-id, and without one its types are not found";
        let error = || Error::new(ErrorKind::BuildId, message).in_file(path);
        library.files().library.build_id().ok_or_else(error)
    };
    if let Some(out) = &arguments.side_file {
        return write(out, path, &[&side_file(bytes, build_id()?, note).map_err(in_file)?]);
    }
    if let Some(out) = &arguments.note {
        build_id()?;
        embed(bytes, note).map_err(in_file)?;
        return write(out, path, &[note]);
    }
    let made = match arguments.alloc {
        true => embed_allocated(bytes, note),
        false => embed(bytes, note),
    }
    .map_err(in_file)?;
    match &arguments.out {
        Some(out) => write(out, path, &made.parts()),
        None if made.is(bytes) => Ok(()),
        None => replace(path, &made.parts()),
    }
}

impl ContentArguments {
    pub fn options(&self) -> Result<Options, Failure> {
        let headers = match self.headers.is_empty() {
            true => None,
            false => Some(headers_below(&self.headers)?),
        };
        Ok(Options { names: !self.no_names, headers })
    }

    /// The note, compressed where that is asked for.
    pub fn note(&self, slim: &Slim) -> Result<Vec<u8>, Failure> {
        match self.zstd {
            true => {
                let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(Failure::Output)?;
                compressor.include_checksum(true).map_err(Failure::Output)?;
                let frame = compressor.compress(slim.body()).map_err(Failure::Output)?;
                Ok(slim.compressed_note(&frame))
            }
            false => Ok(slim.note()),
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
