//! Tests of the cache. Each test has a directory of its own.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{symlink, PermissionsExt};
use std::process::Command;

use super::*;

const ID: [u8; 3] = [0xab, 0x01, 0xff];

/// A directory that is removed at the end of the test. The cache is `cache` in it.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("ftc-cache-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch { path }
    }

    fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn read(cache: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    find(cache, &ID).unwrap()?.read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_is_stored_is_found_and_replaced() {
    let scratch = Scratch::new("store");
    // Its parent is missing as well.
    let cache = scratch.path.join("above/cache");
    assert_eq!(read(&cache), None);
    let path = store(&cache, &ID, b"one").unwrap();
    assert_eq!(path, cache.join("ab/01ff.types"));
    assert_eq!(read(&cache), Some(b"one".to_vec()));
    let mut mapped = find(&cache, &ID).unwrap().unwrap();
    store(&cache, &ID, b"another").unwrap();
    assert_eq!(read(&cache), Some(b"another".to_vec()));
    let mut old = String::new();
    mapped.read_to_string(&mut old).unwrap();
    assert_eq!(old, "one");
    for directory in [cache.parent().unwrap(), &cache, &cache.join("ab")] {
        assert_eq!(fs::metadata(directory).unwrap().mode() & 0o777, 0o700);
    }
    assert_eq!(names(&cache.join("ab")), ["01ff.types"]);
    for id in [&[][..], &[1], &[1; 65]] {
        assert_eq!(store(&cache, id, b"").unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert!(find(&cache, id).unwrap().is_none());
    }
}

#[test]
fn a_setuid_process_has_no_cache() {
    let scratch = Scratch::new("setuid");
    assert!(store_in(&scratch.cache(), &ID, b"one", SIZE_LIMIT, true).is_err());
    assert!(!scratch.cache().exists());
    store(&scratch.cache(), &ID, b"one").unwrap();
    assert_eq!(find_in(&scratch.cache(), &ID, true).unwrap_err().kind(), ErrorKind::Io);
    assert!(find_in(&scratch.cache(), &ID, false).unwrap().is_some());
    let relative = Path::new("cache-of-no-place");
    assert!(store(relative, &ID, b"one").is_err() && !relative.exists());
}

#[test]
fn a_directory_of_others_is_not_used() {
    let scratch = Scratch::new("hostile");
    let (cache, place) = (scratch.cache(), scratch.cache().join("ab"));
    store(&cache, &ID, b"one").unwrap();
    let refused = || {
        assert_eq!(find(&cache, &ID).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(store(&cache, &ID, b"two").unwrap_err().kind(), ErrorKind::Io);
    };
    for directory in [&cache, &place] {
        for mode in [0o770, 0o702] {
            fs::set_permissions(directory, fs::Permissions::from_mode(mode)).unwrap();
            refused();
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
        let elsewhere = scratch.path.join("elsewhere");
        fs::rename(directory, &elsewhere).unwrap();
        symlink(&elsewhere, directory).unwrap();
        refused();
        fs::remove_file(directory).unwrap();
        fs::rename(&elsewhere, directory).unwrap();
        assert_eq!(read(&cache), Some(b"one".to_vec()));
    }
    // Only root can set this up.
    if effective_user() == 0 {
        for path in [&cache, &place, &place.join("01ff.types")] {
            std::os::unix::fs::chown(path, Some(65534), None).unwrap();
            assert_eq!(find(&cache, &ID).unwrap_err().kind(), ErrorKind::Io);
            std::os::unix::fs::chown(path, Some(0), None).unwrap();
        }
        std::os::unix::fs::chown(&scratch.path, Some(65534), None).unwrap();
        assert!(store(&scratch.path.join("new"), &ID, b"").is_err());
        assert!(!scratch.path.join("new").exists());
    }
}

#[test]
fn what_is_no_regular_file_is_no_entry() {
    let scratch = Scratch::new("file");
    let entry = store(&scratch.cache(), &ID, b"one").unwrap();
    let secret = scratch.path.join("secret");
    fs::write(&secret, "secret").unwrap();
    fs::remove_file(&entry).unwrap();
    symlink(&secret, &entry).unwrap();
    assert_eq!(find(&scratch.cache(), &ID).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(entries(&scratch.cache()).unwrap(), []);
    // The link is replaced, not followed.
    store(&scratch.cache(), &ID, b"two").unwrap();
    assert_eq!(fs::read(&secret).unwrap(), b"secret");
    fs::remove_file(&entry).unwrap();
    assert!(Command::new("mkfifo").arg(&entry).status().unwrap().success());
    assert_eq!(find(&scratch.cache(), &ID).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn threads_write_whole_entries() {
    let scratch = Scratch::new("threads");
    std::thread::scope(|scope| {
        for letter in b'a'..b'i' {
            let cache = scratch.cache();
            scope.spawn(move || {
                for _ in 0..50 {
                    store(&cache, &ID, &vec![letter; 100_000]).unwrap();
                    let bytes = read(&cache).unwrap();
                    assert!(bytes.len() == 100_000 && bytes.iter().all(|&byte| byte == bytes[0]));
                }
            });
        }
    });
    assert_eq!(names(&scratch.cache().join("ab")), ["01ff.types"]);
}

#[test]
fn a_full_cache_takes_no_more() {
    let scratch = Scratch::new("full");
    let store = |id: &[u8], size| store_in(&scratch.cache(), id, &vec![1; size], 100, false);
    store(&[1, 1], 60).unwrap();
    store(&[1, 2], 40).unwrap();
    assert_eq!(store(&[1, 3], 1).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(names(&scratch.cache().join("01")).len(), 2);
    let all = entries(&scratch.cache()).unwrap();
    let told: Vec<_> = all.iter().map(|entry| (entry.build_id.clone(), entry.size)).collect();
    assert_eq!(told, [(vec![1, 1], 60), (vec![1, 2], 40)]);
    assert_eq!(remove_entries(&scratch.cache(), &all[..1]).unwrap(), 1);
    store(&[1, 3], 60).unwrap();
    // An entry that is gone already is not an error, and a file that is not an entry stays.
    assert_eq!(remove_entries(&scratch.cache(), &all).unwrap(), 1);
    fs::write(scratch.cache().join("01/notes"), "mine").unwrap();
    let rest = entries(&scratch.cache()).unwrap();
    assert_eq!(remove_entries(&scratch.cache(), &rest).unwrap(), 1);
    assert_eq!(names(&scratch.cache().join("01")), ["notes"]);
}

#[test]
fn leftovers_of_dead_writers_go() {
    let scratch = Scratch::new("leftovers");
    store(&scratch.cache(), &ID, b"one").unwrap();
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let dead = scratch.cache().join(format!("ab/.tmp-{}-0", child.id()));
    let alive = scratch.cache().join(format!("ab/.tmp-{}-99999", std::process::id()));
    fs::write(&dead, "half").unwrap();
    fs::write(&alive, "half").unwrap();
    assert_eq!(remove_leftovers(&scratch.cache()).unwrap(), 1);
    assert!(!dead.exists() && alive.exists());
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::options().write(true).open(&alive).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(remove_leftovers(&scratch.cache()).unwrap(), 1);
    assert_eq!(read(&scratch.cache()), Some(b"one".to_vec()));
}

#[test]
fn side_files_are_by_build_id() {
    let directories = [Path::new("/a"), Path::new("/b")];
    let expected = ["/a/.build-id/ab/01ff", "/b/.build-id/ab/01ff"].map(PathBuf::from);
    assert_eq!(side_files(&directories, &ID), expected);
    assert!(side_files(&directories, &[1]).is_empty());
}
