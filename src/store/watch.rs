//! Another process has written, or has died: noticed by a watch on the folder, and once a second
//! where there is no such watch.
//!
//! Idle while nobody else does anything. Invariant: our own writes are never taken for another's.

use std::path::Path;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::Store;
use super::error::Kind;

/// How often to look where the system cannot tell.
const FALL_BACK: Duration = Duration::from_secs(1);
/// How often to see whether the owner of somebody else's jobs is still alive and moving: of a death
/// the system mostly tells, of being stuck never.
const PULSE: Duration = Duration::from_secs(5);
/// A transaction touches the files several times; one look is enough.
const SETTLE: Duration = Duration::from_millis(100);
/// The pauses between the looks after a touch. A transaction is written, then synced, and only then
/// seen, in shared memory, of which no watch tells; so the first look may come too early.
const AGAIN: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_millis(900), Duration::from_secs(3)];

/// Calls `changed` whenever another connection has written, or has died and left us its jobs; ends
/// when it returns `false`. Holds the store open as long as it runs.
pub async fn watch(store: Store, mut changed: impl FnMut() -> bool + Send) {
    let (sender, mut touched) = mpsc::channel(1);
    let folder = store.path().parent().unwrap_or(store.path()).to_owned();
    let watcher = begin(&folder, sender);
    let mut known = store.first_data_version();
    let mut again = AGAIN.iter();
    loop {
        match store.data_version().await {
            Ok(look) => {
                let news = look.version != known.version || look.taken_over > 0;
                known = look;
                if news && !changed() {
                    return;
                }
            }
            Err(error) if error.kind == Kind::Bug => return,
            // Busy or full: the next look will see it.
            Err(_) => {}
        }
        let pause = match &watcher {
            Ok(_) => again.next().copied().or(known.foreign.then_some(PULSE)),
            Err(_) => Some(FALL_BACK),
        };
        if was_touched(&mut touched, pause).await {
            tokio::time::sleep(SETTLE).await;
            again = AGAIN.iter();
        }
    }
}

/// Waits until the folder is touched, at most for `pause`.
async fn was_touched(touched: &mut mpsc::Receiver<()>, pause: Option<Duration>) -> bool {
    let touch = async {
        if touched.recv().await.is_none() {
            // There is no watcher: only the pause counts.
            std::future::pending::<()>().await;
        }
    };
    match pause {
        None => {
            touch.await;
            true
        }
        Some(pause) => tokio::time::timeout(pause, touch).await.is_ok(),
    }
}

fn begin(folder: &Path, sender: mpsc::Sender<()>) -> notify::Result<impl Watcher + use<>> {
    let on_event = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !tells(&event.kind)) {
            return;
        }
        // One waiting word is enough: the look that follows sees everything.
        let _ = sender.try_send(());
    };
    let mut watcher = notify::recommended_watcher(on_event)?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    // The kernel closes a dead process's lock file, which is a touch.
    watcher.watch(&folder.join("instances"), RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Opening and reading are not changes: our own check does both.
fn tells(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        // A heartbeat moves a file's time.
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Options;
    use crate::tree::Timestamp;

    #[test]
    fn our_own_writes_are_no_news_and_anothers_are() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let options = Options {
                project: "main".into(),
                simulated: false,
                day_start: Timestamp(0),
                now: Timestamp(0),
                take_over_orphans: true,
                with_page: true,
                log_days: 90,
            };
            Store::open(folder.path(), options).unwrap().0
        };
        let (ours, theirs) = (open(), open());
        let write = |store: &Store, words: &str| {
            let draft = crate::app::draft::Draft { prompt: words.into(), ..Default::default() };
            store.keep_draft(draft).wait().unwrap();
        };
        let version = || ours.data_version().wait().unwrap().version;
        write(&ours, "one");
        assert_eq!(version(), ours.first_data_version().version);
        write(&theirs, "two");
        let seen = version();
        assert_ne!(seen, ours.first_data_version().version);
        write(&ours, "three");
        assert_eq!(version(), seen);
    }

    #[test]
    fn looking_is_not_taken_for_writing() {
        use notify::event::{CreateKind, MetadataKind, RemoveKind};
        assert!(!tells(&EventKind::Modify(ModifyKind::Metadata(MetadataKind::WriteTime))));
        assert!(!tells(&EventKind::Access(AccessKind::Open(AccessMode::Any))));
        assert!(!tells(&EventKind::Access(AccessKind::Close(AccessMode::Read))));
        // A process that dies closes its lock file.
        assert!(tells(&EventKind::Access(AccessKind::Close(AccessMode::Write))));
        assert!(tells(&EventKind::Modify(ModifyKind::Any)));
        assert!(tells(&EventKind::Create(CreateKind::File)));
        assert!(tells(&EventKind::Remove(RemoveKind::File)));
    }
}
