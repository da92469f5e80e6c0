//! Another process has written, or has died: noticed by a watch on the folder, and once a second
//! where there is no such watch.
//!
//! Idle while nobody else does anything. Invariant: our own writes are never taken for another's.

use std::io;
use std::time::Duration;

use super::Store;
use super::error::Kind;
use touches::Touches;

#[cfg_attr(not(target_os = "linux"), path = "watch/elsewhere.rs")]
mod touches;

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
    let folder = store.path().parent().unwrap_or(store.path()).to_owned();
    // The kernel closes a dead process's lock file, which is a touch.
    let mut touches = Touches::begin(&[&folder, &folder.join("instances")]).ok();
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
        let pause = match &touches {
            Some(_) => again.next().copied().or(known.foreign.then_some(PULSE)),
            None => Some(FALL_BACK),
        };
        match was_touched(touches.as_mut(), pause).await {
            Ok(false) => continue,
            Ok(true) => tokio::time::sleep(SETTLE).await,
            Err(_) => touches = None,
        }
        again = AGAIN.iter();
    }
}

/// Waits until the folder is touched, at most for `pause`.
///
/// # Errors
///
/// The watch tells nothing any more.
async fn was_touched(touches: Option<&mut Touches>, pause: Option<Duration>) -> io::Result<bool> {
    let touch = async {
        match touches {
            Some(touches) => touches.next().await,
            // Only the pause counts.
            None => std::future::pending().await,
        }
    };
    match pause {
        None => touch.await.map(|()| true),
        Some(pause) => match tokio::time::timeout(pause, touch).await {
            Ok(touched) => touched.map(|()| true),
            Err(_) => Ok(false),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Options;
    use crate::store::database::FilesystemKind;
    use crate::store::instance::Instance;
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

    #[tokio::test]
    async fn looking_is_not_taken_for_writing() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Instance::begin(folder.path().to_owned(), FilesystemKind::Local).unwrap();
        let living = begin();
        let place = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let mut touches = Touches::begin(&[folder.path()]).unwrap();
        std::fs::read(&place).unwrap();
        living.heartbeat().unwrap();
        assert!(!was_touched(Some(&mut touches), Some(SETTLE)).await.unwrap());
        // The kernel closes its lock file, as that of one that dies.
        drop(living);
        assert!(was_touched(Some(&mut touches), None).await.unwrap());
        assert!(!was_touched(Some(&mut touches), Some(SETTLE)).await.unwrap());
        std::fs::write(&place, "words").unwrap();
        assert!(was_touched(Some(&mut touches), None).await.unwrap());
        std::fs::remove_file(&place).unwrap();
        assert!(was_touched(Some(&mut touches), None).await.unwrap());
    }
}
