//! Another process has written: noticed by a watch on the folder, and once a second where there is
//! no such watch.

use std::time::Duration;

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use super::Store;

/// How often to look where the system cannot tell.
const FALL_BACK: Duration = Duration::from_secs(1);
/// A transaction touches the files several times; one look is enough.
const SETTLE: Duration = Duration::from_millis(100);

/// Calls `changed` whenever another connection has written; ends when it returns `false`.
pub async fn watch(store: Store, mut changed: impl FnMut() -> bool + Send) {
    let (sender, mut touched) = mpsc::channel(1);
    let on_event = move |_| {
        // One waiting word is enough: the look that follows sees everything.
        let _ = sender.try_send(());
    };
    let watcher = notify::recommended_watcher(on_event).and_then(|mut watcher| {
        let folder = store.path().parent().unwrap_or(store.path());
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    let mut known = store.data_version().await.unwrap_or_default();
    loop {
        if watcher.is_ok() {
            if touched.recv().await.is_none() {
                return;
            }
            tokio::time::sleep(SETTLE).await;
        } else {
            tokio::time::sleep(FALL_BACK).await;
        }
        let Ok(version) = store.data_version().await else {
            return;
        };
        if version != known {
            known = version;
            if !changed() {
                return;
            }
        }
    }
}
