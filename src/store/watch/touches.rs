//! What Linux tells of a folder: that something in it was written, came or went.
//!
//! Looks at nothing. Opening, reading and a file's time are no touch: our own check does the first
//! two, a heartbeat the last. Invariant: what happens between two waits is told by the second.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;

/// The kernel's queue, which is read as a pipe is.
pub(super) struct Touches(Receiver);

/// Room for some events with the names of their files.
const ROOM: usize = 4096;
/// Of what is told, read in one go; what is left wakes again.
const ROOMS: usize = 16;

impl Touches {
    pub(super) fn begin(folders: &[&Path]) -> io::Result<Self> {
        let queue = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let told = WatchFlags::CLOSE_WRITE
            | WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE;
        for folder in folders {
            add_watch(&queue, *folder, told | WatchFlags::ONLYDIR)?;
        }
        Ok(Self(Receiver::from_file_unchecked(File::from(queue))?))
    }

    /// # Errors
    ///
    /// The queue can be read no more, so nothing will be told.
    pub(super) async fn next(&mut self) -> io::Result<()> {
        let mut room = [0; ROOM];
        match self.0.read(&mut room).await {
            // Not the system's word: the executor ends.
            Err(error) if error.raw_os_error().is_none() => std::future::pending().await,
            read => read?,
        };
        // One look sees everything that they tell of.
        for _ in 0..ROOMS {
            if self.0.try_read(&mut room).is_err() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[tokio::test]
    async fn a_queue_that_cannot_be_read_says_so() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        // What they end with unread is a reset to us.
        (&ours).write_all(b"unread").unwrap();
        theirs.flush().unwrap();
        drop(theirs);
        let queue = Receiver::from_file_unchecked(File::from(OwnedFd::from(ours))).unwrap();
        assert!(Touches(queue).next().await.is_err());
    }
}
