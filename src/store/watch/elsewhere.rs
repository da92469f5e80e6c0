//! What a system other than Linux tells of a folder: that something in it was written, came or went.
//!
//! Looks at nothing. Opening, reading and a file's time are no touch: our own check does the first
//! two, a heartbeat the last. Invariant: what happens between two waits is told by the second.

use std::io;
use std::path::Path;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

pub(super) struct Touches {
    told: mpsc::Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Touches {
    pub(super) fn begin(folders: &[&Path]) -> io::Result<Self> {
        let (sender, told) = mpsc::channel(1);
        let on_event = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !tells(&event.kind)) {
                return;
            }
            // One waiting word is enough: the look that follows sees everything.
            let _ = sender.try_send(());
        };
        let mut watcher = notify::recommended_watcher(on_event).map_err(io::Error::other)?;
        for folder in folders {
            watcher.watch(folder, RecursiveMode::NonRecursive).map_err(io::Error::other)?;
        }
        Ok(Self { told, _watcher: watcher })
    }

    /// # Errors
    ///
    /// There is no watcher any more, so nothing will be told.
    pub(super) async fn next(&mut self) -> io::Result<()> {
        let gone = || io::Error::other("the watcher has ended");
        self.told.recv().await.ok_or_else(gone)
    }
}

fn tells(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}
