//! Connections to the database file, and where that file lies.
//!
//! Knows no tables. Invariant: whatever a writing connection has committed survives a power cut.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::Error;

/// How long one process waits for another's transaction.
const BUSY: Duration = Duration::from_secs(30);

/// How long an instance that ends waits for one that reads.
const MOMENT: Duration = Duration::from_millis(500);

/// What kind of file system the store lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FilesystemKind {
    Local,
    /// Shared memory is not shared there: no write-ahead log, and one instance at a time.
    Network,
}

impl FilesystemKind {
    /// Where `folder` lies; local where the system does not tell.
    pub(super) fn of(folder: &Path) -> Self {
        rustix::fs::statfs(folder).map_or(Self::Local, |found| Self::of_found(&found))
    }

    #[cfg(not(target_os = "macos"))]
    fn of_found(found: &rustix::fs::StatFs) -> Self {
        Self::of_kind(found.f_type)
    }

    /// There the numbers mean nothing outside of one running system; a flag says what is local.
    #[cfg(target_os = "macos")]
    fn of_found(found: &rustix::fs::StatFs) -> Self {
        const MNT_LOCAL: u32 = 0x1000;
        if found.f_flags & MNT_LOCAL == 0 { Self::Network } else { Self::Local }
    }

    /// By the number that `statfs` gives (`statfs(2)` lists them).
    #[cfg_attr(target_os = "macos", allow(dead_code, reason = "Linux's numbers"))]
    fn of_kind(kind: i64) -> Self {
        const NETWORK: [i64; 10] = [
            0x6969,      // NFS
            0x517b,      // SMB
            0xff53_4d42, // CIFS
            0xfe53_4d42, // SMB 2
            0x6573_5546, // FUSE: sshfs among others
            0x0102_1997, // 9p: folders of the host in a virtual machine
            0x5346_414f, // AFS
            0x00c3_6400, // Ceph
            0x0bd0_0bd0, // Lustre
            0x7461_636f, // OCFS2
        ];
        // The field is signed and narrower on some machines.
        if NETWORK.contains(&(kind & 0xffff_ffff)) { Self::Network } else { Self::Local }
    }

    fn journal(self) -> &'static str {
        match self {
            Self::Local => "WAL",
            // Not deleted and made anew for each transaction: that is slow over a network.
            Self::Network => "TRUNCATE",
        }
    }
}

/// Kilobytes of pages that each connection keeps; what the system keeps of the file is as near.
const CACHE_KB: i64 = 500;
/// Bytes of all connections together above which SQLite gives pages back. As bundled (3.51.3) it keeps
/// one list of pages for all of them, as long as their limits together and that of one more with
/// SQLite's own of 2 MB, and one connection may fill it.
const MOST_BYTES: i64 = 3 << 19;

/// The connection that writes.
pub(super) fn connect(path: &Path, filesystem: FilesystemKind) -> Result<Connection, Error> {
    make_private(path)?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    let journal = format!("PRAGMA journal_mode = {}", filesystem.journal());
    connection.query_row(&journal, [], |_| Ok(()))?;
    connection.query_row(&format!("PRAGMA soft_heap_limit = {MOST_BYTES}"), [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", -CACHE_KB)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Another number than before: another connection has written. Means nothing elsewhere.
pub(super) fn version(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// Brings all that the write-ahead log holds into the database and empties it. Somebody who is
/// reading or writing is waited for only for a moment: whoever ends last does it.
pub(super) fn fold(connection: &mut Connection) {
    let _ = connection.busy_timeout(MOMENT);
    // What cannot be folded in now stays in the log, where nothing is lost.
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let _ = connection.busy_timeout(BUSY);
}

/// SQLite gives the files beside the database the permissions of the database itself.
fn make_private(path: &Path) -> Result<(), Error> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    made.and_then(|file| file.set_permissions(Permissions::from_mode(0o600)))
        .map_err(|error| Error::io(path, &error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        let (ext4, tmpfs, nfs, cifs) = (0xef53, 0x0102_1994, 0x6969, 0xff53_4d42_u32);
        assert_eq!(FilesystemKind::of_kind(ext4), FilesystemKind::Local);
        assert_eq!(FilesystemKind::of_kind(tmpfs), FilesystemKind::Local);
        assert_eq!(FilesystemKind::of_kind(nfs), FilesystemKind::Network);
        assert_eq!(FilesystemKind::of_kind(i64::from(cifs)), FilesystemKind::Network);
        // As a signed field of 32 bits shows it.
        assert_eq!(FilesystemKind::of_kind(i64::from(cifs.cast_signed())), FilesystemKind::Network);
    }

    #[test]
    fn only_a_local_store_has_a_write_ahead_log() {
        let folder = tempfile::tempdir().unwrap();
        for (filesystem, expected) in
            [(FilesystemKind::Local, "wal"), (FilesystemKind::Network, "truncate")]
        {
            let connection = connect(&folder.path().join(expected), filesystem).unwrap();
            let pragma = |name: &str| -> String {
                connection
                    .query_row(&format!("PRAGMA {name}"), [], |row| {
                        let value: rusqlite::types::Value = row.get(0)?;
                        Ok(format!("{value:?}"))
                    })
                    .unwrap()
            };
            assert_eq!(pragma("journal_mode"), format!("Text({expected:?})"));
            assert_eq!(pragma("synchronous"), "Integer(2)");
            assert_eq!(pragma("foreign_keys"), "Integer(1)");
        }
    }
}
