//! What others do to the store is noticed. Waits are bounded and on a condition.

use std::time::Duration;

use editree::app::draft::Draft;
use editree::app::job::State;
use editree::store::{Store, watch};
use tokio::sync::mpsc;

use super::{Shelf, handle, spec};

/// Far more than is needed; only a failure takes as long.
const LONG: Duration = Duration::from_secs(20);

/// Watches the store until the test ends.
fn watched(store: &Store) -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(watch::watch(store.clone(), move || sender.send(()).is_ok()));
    receiver
}

async fn noticed(changes: &mut mpsc::UnboundedReceiver<()>) {
    let change = tokio::time::timeout(LONG, changes.recv()).await;
    change.expect("it must be noticed").expect("the watch goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_instance_writes_is_noticed() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let mut changes = watched(&first);
    for words in ["one", "two"] {
        let saved =
            second.save(spec(words, None), None, editree::tree::Timestamp(1)).await.unwrap();
        noticed(&mut changes).await;
        let seen = first.snapshot(editree::tree::Timestamp(0)).await.unwrap();
        assert!(seen.nodes.contains(&saved.node));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_before_the_watch_began_is_not_missed() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    second.keep_draft(Draft::default()).await.unwrap();
    noticed(&mut watched(&first)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_an_instance_that_dies_are_taken_over_and_that_is_news() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let at = editree::tree::Timestamp(1);
    let saved = second.save(spec("x", None), None, at).await.unwrap();
    let id = saved.job.id;
    second.move_job(id, State::Sending, None, None, at).await.unwrap();
    let queued = second.move_job(id, State::Queued(None), Some(handle("r-1")), None, at);
    queued.await.unwrap();
    let mut changes = watched(&first);
    drop(second);
    let ours = async {
        while !first.open_jobs().await.unwrap()[0].owned {
            noticed(&mut changes).await;
        }
    };
    tokio::time::timeout(LONG, ours).await.expect("somebody must follow it");
}
