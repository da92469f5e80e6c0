//! The trash: what lies in it for thirty days may be emptied, and nothing that is still needed.

use editree::app::money::account::Entry;
use editree::schema::Usd;
use editree::store::Store;
use editree::store::collect::Plan;
use editree::store::trash::RETENTION_MS;
use editree::tree::decision::{Change, Entry as Decision};
use editree::tree::{Input, NodeId, Timestamp};

use super::{Shelf, finished, first_picture, open_root, pass, save, spec};

const DAY: i64 = RETENTION_MS / 30;

fn throw(store: &Store, node: NodeId, on: bool, at: i64) {
    let change = Change::Trash { node, on };
    store.decide(Decision::Did(change), Timestamp(at)).wait().unwrap();
}

fn plan(store: &Store, at: i64) -> Plan {
    store.plan(Timestamp(at)).wait().unwrap()
}

fn collect(store: &Store, at: i64) -> (usize, u64) {
    store.collect(plan(store, at), Timestamp(at)).wait().unwrap()
}

fn expired(store: &Store, at: i64) -> Vec<NodeId> {
    plan(store, at).expired.iter().map(|node| node.id).collect()
}

fn pictures(store: &Store, node: NodeId) -> usize {
    store.find_node(Some(node.0)).wait().unwrap().unwrap().pictures.len()
}

#[test]
fn thirty_days_in_the_trash_and_everything_below_are_let_go_of_when_it_is_emptied() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let parent = finished(&store, spec("one", Some(first_picture(&root))), 10).node.id;
    let parent_picture = first_picture(&store.find_node(Some(parent.0)).wait().unwrap().unwrap());
    let child = finished(&store, spec("two", Some(parent_picture)), 20).node.id;
    let other = finished(&store, spec("three", Some(first_picture(&root))), 30).node.id;
    throw(&store, parent, true, DAY);
    throw(&store, other, true, DAY);
    throw(&store, other, false, 2 * DAY);
    assert_eq!(expired(&store, 30 * DAY), []);
    assert_eq!(expired(&store, 31 * DAY), [parent, child]);

    collect(&store, 30 * DAY);
    assert_eq!(pictures(&store, parent), 1, "its life is not over");
    collect(&store, 31 * DAY);
    let left: Vec<_> =
        [root.id, parent, child, other].iter().map(|node| pictures(&store, *node)).collect();
    assert_eq!(left, [1, 0, 0, 1]);
    let emptied = store.find_node(Some(parent.0)).wait().unwrap().unwrap();
    assert_eq!(emptied.recipe.unwrap().prompt, "one", "the recipe makes it again");
    assert_eq!(emptied.cost, Some(Usd(40_000)), "what was paid is not forgotten");
}

#[test]
fn a_picture_that_something_outside_the_trash_was_made_from_stays() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let style = open_root(&store, "style");
    let mut with_style = spec("in this style", Some(first_picture(&root)));
    with_style.recipe.inputs.push(Input::Picture(first_picture(&style)));
    finished(&store, with_style, 10);
    throw(&store, style.id, true, 0);
    collect(&store, 2 * RETENTION_MS);
    assert_eq!(pictures(&store, style.id), 1);
}

#[test]
fn the_account_lists_what_was_sent_with_its_cost_and_what_was_billed_for_nothing() {
    use editree::app::job::State as S;
    let shelf = Shelf::new();
    let store = shelf.store();
    finished(&store, spec("one", None), 300);
    let filtered = save(&store, spec("two", None));
    pass(&store, &filtered, &[S::Sending, S::Queued(None)]);
    store.charge(filtered.job.id, Some(Usd(40_000))).wait().unwrap();
    assert_eq!(store.spent(Timestamp(0)..Timestamp(1_000)).wait().unwrap(), Usd(80_000));
    pass(&store, &filtered, &[S::Failed]);
    let dropped = save(&store, spec("never sent", None));
    pass(&store, &dropped, &[S::Cancelled]);

    let entries = store.entries().wait().unwrap();
    let told: Vec<_> =
        entries.iter().map(|Entry { cost, is_done, .. }| (*cost, *is_done)).collect();
    assert_eq!(told.len(), 2, "what was never sent is in no account");
    assert!(
        told.contains(&(Some(Usd(40_000)), true)) && told.contains(&(Some(Usd(40_000)), false))
    );
    let spent = store.spent(Timestamp(0)..Timestamp(1_000)).wait().unwrap();
    assert_eq!(spent, Usd(80_000));
}
