//! The user's cache of types, filled from the full debug information.

use super::{encode, side_file, Options};
use crate::cache;
use crate::library::Library;

/// The size in bytes of the files with debug information up to which reading all of it is not too much for a process that asked for one
/// function: it takes a fifth of a second and 90 MB for OpenSSL's libcrypto (15 MB).
const LARGEST: u64 = 32 << 20;

/// Keeps the types of a library in the cache that its options name, unless they came from there. That it cannot be done is no error:
/// the next process finds the types where this one did.
pub(crate) fn keep(library: &Library) {
    let files = library.files();
    let Some(directory) = &library.options().type_cache else { return };
    let Some(build_id) = files.library.build_id() else { return };
    let supplementary = files.supplementary.as_ref().map_or(0, |file| file.size());
    if files.slim.is_some() || files.main().size().saturating_add(supplementary) > LARGEST {
        return;
    }
    let Ok(slim) = encode(library, &Options::default()) else { return };
    if slim.described == 0 {
        return;
    }
    if let Ok(file) = side_file(files.library.data(), build_id, &slim.note()) {
        let _ = cache::store(directory, build_id, &file);
    }
}
