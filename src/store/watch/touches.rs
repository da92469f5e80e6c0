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

    pub(super) async fn next(&mut self) {
        let mut room = [0; ROOM];
        if self.0.read(&mut room).await.is_err() {
            // The executor ends.
            return std::future::pending().await;
        }
        // One look sees everything that they tell of.
        for _ in 0..ROOMS {
            if self.0.try_read(&mut room).is_err() {
                return;
            }
        }
    }
}
