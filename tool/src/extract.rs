//! `ffitypecheck extract`: writes a library's types to a file as ordinary DWARF.

use ffitypecheck::slim::{debug_file, extract};

use crate::arguments::Extract;
use crate::failure::{Code, Failure};
use crate::replace::write;

pub fn run(arguments: &Extract) -> Result<Code, Failure> {
    let path = arguments.library.path()?;
    let library = arguments.library.open()?;
    let sections = extract(&library)?;
    let build_id = library.files().library.build_id();
    let file = debug_file(library.files().library.data(), build_id, &sections)
        .map_err(|e| e.in_file(&path))?;
    write(&arguments.out, &path, &[&file])?;
    Ok(Code::Done)
}
