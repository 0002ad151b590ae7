//! `/etc/ld.so.cache`, which lists the file for each soname (glibc's format 1.1, since glibc 2.2, alone or behind the
//! older one).

use super::numbers::word;

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const OLD_MAGIC: &[u8] = b"ld.so-1.7.0\0";
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// The cache's entries.
pub(super) struct LoaderCache<'a> {
    data: &'a [u8],
    little_endian: bool,
}

impl<'a> LoaderCache<'a> {
    /// Empty where `data` is not such a cache.
    pub(super) fn new(data: &'a [u8]) -> LoaderCache<'a> {
        let little_endian = cfg!(target_endian = "little");
        let data = if data.starts_with(OLD_MAGIC) {
            // The old format has a magic and a count as its header, and entries of 12 bytes. The newer format
            // follows, aligned to 8.
            word(data, 12, little_endian)
                .and_then(|count| (count as usize).checked_mul(12)?.checked_add(16))
                .and_then(|end| data.get(end.checked_next_multiple_of(8)?..))
                .unwrap_or(&[])
        } else {
            data
        };
        LoaderCache { data: if data.starts_with(MAGIC) { data } else { &[] }, little_endian }
    }

    /// The soname and the path of each entry, in the loader's order. Entries for newer processors (`glibc-hwcaps`)
    /// are left out.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + '_ {
        let count = word(self.data, MAGIC.len(), self.little_endian).unwrap_or(0) as usize;
        let entries = self.data.get(HEADER..).unwrap_or(&[]).chunks_exact(ENTRY).take(count);
        entries.filter_map(|entry| {
            let number = |offset| word(entry, offset, self.little_endian);
            // flags, soname, path, OS version, then 8 bytes of hardware capabilities.
            let plain = number(16)? == 0 && number(20)? == 0;
            let text = |offset: u32| self.text(offset as usize);
            plain.then_some(())?;
            Some((text(number(4)?)?, text(number(8)?)?))
        })
    }

    /// The text at `offset`, without its NUL. Reads at most 4096 bytes (PATH_MAX), so that a damaged cache takes
    /// linear time.
    fn text(&self, offset: usize) -> Option<&'a [u8]> {
        let rest = self.data.get(offset..)?;
        let rest = rest.get(..4096).unwrap_or(rest);
        rest.get(..rest.iter().position(|&byte| byte == 0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(&str, &str, u64)]) -> Vec<u8> {
        let mut data = MAGIC.to_vec();
        data.extend((entries.len() as u32).to_ne_bytes());
        data.resize(HEADER, 0);
        let mut texts = Vec::new();
        let texts_at = HEADER + ENTRY * entries.len();
        for (soname, path, capabilities) in entries {
            data.extend(0x303u32.to_ne_bytes());
            for text in [soname, path] {
                data.extend(((texts_at + texts.len()) as u32).to_ne_bytes());
                texts.extend(text.as_bytes());
                texts.push(0);
            }
            data.extend(0u32.to_ne_bytes());
            data.extend(capabilities.to_ne_bytes());
        }
        data.extend(texts);
        data
    }

    #[test]
    fn alone_or_behind_the_old_format() {
        let new = cache(&[
            ("libm.so.6", "/lib/glibc-hwcaps/x86-64-v3/libm.so.6", 1 << 62),
            ("libm.so.6", "/lib/libm.so.6", 0),
        ]);
        let mut both = OLD_MAGIC.to_vec();
        both.extend(1u32.to_ne_bytes());
        both.extend([0; 12]);
        both.resize(both.len().next_multiple_of(8), 0);
        both.extend(&new);
        for data in [new, both] {
            let cache = LoaderCache::new(&data);
            let entries: Vec<_> = cache.entries().collect();
            assert_eq!(entries, [(&b"libm.so.6"[..], &b"/lib/libm.so.6"[..])]);
        }
    }

    #[test]
    fn a_damaged_cache_has_fewer_entries() {
        let whole = cache(&[("liba.so", "/lib/liba.so", 0), ("libb.so", "/lib/libb.so", 0)]);
        for end in 0..whole.len() {
            assert!(LoaderCache::new(&whole[..end]).entries().count() < 2, "{end}");
        }
    }
}
