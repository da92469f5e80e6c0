//! Which process is writing to the store: so that a wait can be told with a name.
//!
//! Reads `/proc/locks` and takes no lock itself: closing a file would drop the locks that SQLite
//! holds on it for this process. Knows nothing where there is no such file.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Another process that holds the database for writing, such as `editree (process 4711)`.
pub(super) fn lock_owner(database: &Path) -> Option<String> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let files = [database.to_owned(), database.with_extension("db-shm")];
    let inodes: Vec<u64> =
        files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.ino()).collect();
    let process = writer(&locks, &inodes, std::process::id())?;
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    Some(match name.trim() {
        "" => format!("process {process}"),
        name => format!("{name} (process {process})"),
    })
}

/// A line is `1: POSIX  ADVISORY  WRITE 4711 fd:01:262187 120 120` (`proc_locks(5)`).
fn writer(locks: &str, inodes: &[u64], ours: u32) -> Option<u32> {
    let of_line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, _, "WRITE", process, file, ..] = words.as_slice() else { return None };
        let inode = file.rsplit(':').next()?.parse().ok()?;
        let process: u32 = process.parse().ok()?;
        (inodes.contains(&inode) && process != ours).then_some(process)
    };
    locks.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_is_found_among_readers_other_files_and_ourselves() {
        let locks = "1: POSIX  ADVISORY  READ 10 fd:01:7 128 128\n\
                     2: POSIX  ADVISORY  WRITE 11 fd:01:8 120 120\n\
                     3: POSIX  ADVISORY  WRITE 12 fd:01:7 120 120\n\
                     3: -> POSIX  ADVISORY  WRITE 13 fd:01:7 120 120\n\
                     4: FLOCK  ADVISORY  WRITE 14 fd:01:9 0 EOF\n";
        assert_eq!(writer(locks, &[6, 7], 99), Some(12));
        assert_eq!(writer(locks, &[6, 7], 12), None);
        assert_eq!(writer("nonsense\n1: WRITE", &[7], 99), None);
    }
}
