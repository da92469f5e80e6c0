//! Tests of `store` through its public items: nothing that was answered is lost.

use std::path::Path;

use editree::app::draft::{Draft, Seed};
use editree::app::job::{JobId, Order, State};
use editree::app::log::{Level, Line};
use editree::schema::Usd;
use editree::store::error::Kind;
use editree::store::{Opening, Options, Store};
use editree::tree::decision::{Change, Entry};
use editree::tree::skeleton::Bone;
use editree::tree::{Hash, Input, Node, NodeState, Picture, PictureRef, Recipe, Timestamp, Values};

use crate::support::driver::{handle, outcome};

const NOW: Timestamp = Timestamp(1_000_000);

fn open_as(
    folder: &Path,
    project: &str,
    simulated: bool,
) -> Result<(Store, Opening), editree::store::error::Error> {
    let (project, day_start) = (project.to_owned(), Timestamp(0));
    Store::open(folder, Options { project, simulated, day_start, now: NOW, adopt: true })
}

fn open(folder: &Path) -> (Store, Opening) {
    open_as(folder, "simulator", true).unwrap()
}

fn photo() -> Vec<u8> {
    std::fs::read(format!("{}/tests/photos/rocket.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn root(store: &Store) -> Node {
    let bytes = photo();
    let picture = Picture {
        hash: Hash([0; 32]),
        width: 640,
        height: 427,
        format: "jpeg".into(),
        bytes: bytes.len() as u64,
        nsfw: false,
        url: None,
    };
    store.open_picture(&bytes, picture, "rocket.jpg".into(), NOW).unwrap().wait().unwrap()
}

fn order(parent: PictureRef) -> Order {
    let recipe = Recipe {
        endpoint: "fal-ai/flux-pro/kontext".into(),
        prompt: "Make it red".into(),
        values: Values::from([("num_images".into(), 1.into())]),
        inputs: vec![Input::Picture(parent), Input::Url("https://x/y.png".into())],
    };
    Order {
        profile: "sim".into(),
        simulated: true,
        recipe,
        price: Some(Usd(40_000)),
        repeats: None,
        sync: false,
        webhook: None,
    }
}

fn parent(node: &Node) -> PictureRef {
    PictureRef { node: node.id, picture: node.pictures[0].hash }
}

fn walk(store: &Store, job: JobId, states: &[State]) {
    for state in states {
        store.move_job(job, state.clone(), Some(handle(job)), None, NOW).wait().unwrap();
    }
}

#[test]
fn everything_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let root = root(&store);
    let saved = store.save(order(parent(&root)), NOW).wait().unwrap();
    walk(
        &store,
        saved.job.id,
        &[State::Uploading, State::Sending, State::Running, State::Fetching],
    );
    store.finish(saved.job.id, outcome(saved.job.id), NOW).wait().unwrap();
    let draft = Draft {
        prompt: "half".into(),
        parent: Some(parent(&root)),
        seed: Seed::Fixed(7),
        ..Draft::default()
    };
    store.keep_draft(draft.clone()).wait().unwrap();
    store.decide(Entry::Did(Change::Star { node: root.id, on: true }), NOW).wait().unwrap();
    let line = Line { at: NOW, level: Level::Error, job: Some(saved.job.id), text: "told".into() };
    store.keep_log(vec![line.clone()]).wait().unwrap();
    drop(store);

    let (store, opening) = open(folder.path());
    assert_eq!(opening.draft, draft);
    assert_eq!(opening.prompts, ["Make it red"]);
    assert_eq!(opening.log, [line]);
    assert_eq!(opening.spent, Usd(40_000));
    assert!(opening.decisions.can_undo() && opening.jobs.is_empty());
    let node = opening.nodes.iter().find(|node| node.id == saved.node.id).unwrap();
    assert_eq!((node.state, node.seed, node.cost), (NodeState::Done, Some(7), Some(Usd(40_000))));
    assert_eq!(node.recipe.as_ref().unwrap().inputs.len(), 2);
    assert!(opening.nodes.iter().any(|node| node.id == root.id && node.starred));
    assert_eq!(store.media().read(root.pictures[0].hash).unwrap(), photo());
}

#[test]
fn the_same_picture_opened_again_is_the_same_root() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    assert_eq!(root(&store).id, root(&store).id);
    let hash = root(&store).pictures[0].hash;
    let sidecar = folder.path().join(format!("media/{hash}.json"));
    let sidecar: serde_json::Value =
        serde_json::from_slice(&std::fs::read(sidecar).unwrap()).unwrap();
    assert_eq!(sidecar["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(sidecar["nodes"][0]["title"], "rocket.jpg");
}

#[test]
fn a_row_moves_only_along_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let saved = store.save(order(parent(&root(&store))), NOW).wait().unwrap();
    let id = saved.job.id;
    let refused = |to: State| store.move_job(id, to, None, None, NOW).wait().unwrap_err().kind;
    assert_eq!(refused(State::Running), Kind::Illegal);
    walk(&store, id, &[State::Cancelled]);
    for to in [State::Saved, State::Sending, State::Failed] {
        assert_eq!(refused(to), Kind::Illegal);
    }
    assert_eq!(store.finish(id, outcome(id), NOW).wait().unwrap_err().kind, Kind::Illegal);
}

#[test]
fn what_a_dead_instance_has_left_is_taken_over_by_the_rules_and_a_living_ones_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = open(folder.path());
    let parent = parent(&root(&first));
    let paths: [&[State]; 4] =
        [&[], &[State::Uploading], &[State::Sending], &[State::Sending, State::Queued(Some(1))]];
    let ids = paths.map(|path| {
        let saved = first.save(order(parent), NOW).wait().unwrap();
        walk(&first, saved.job.id, path);
        saved.job.id
    });
    let (second, opening) = open(folder.path());
    assert!(opening.jobs.iter().all(|job| !job.ours), "the first one lives");
    drop(second);
    drop(first);
    let (_third, opening) = open(folder.path());
    let state = |id: JobId| {
        opening.jobs.iter().find(|job| job.id == id).map(|job| (job.state.clone(), job.ours))
    };
    let held = State::Held("found unsent at the start".into());
    assert_eq!(state(ids[0]), Some((held.clone(), true)));
    assert_eq!(state(ids[1]), Some((held, true)));
    assert_eq!(state(ids[2]), Some((State::Unknown, true)), "maybe paid");
    assert_eq!(state(ids[3]), Some((State::Queued(None), true)));
}

#[test]
fn real_and_simulated_never_share_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, _) = open(folder.path());
    let error = open_as(folder.path(), "simulator", false).unwrap_err();
    assert_eq!(error.kind, Kind::Mixed);
    assert!(error.message.contains("simulated"), "{error}");
    assert!(open_as(folder.path(), "main", false).is_ok());
}

#[test]
fn a_folder_that_cannot_be_one_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open_as(&file, "simulator", true).unwrap_err();
    assert_eq!(error.kind, Kind::Unwritable);
    assert!(error.hint.unwrap().contains("--data-dir"));
}

#[test]
fn a_damaged_database_is_told_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("editree.db"), vec![7; 5_000]).unwrap();
    let error = open_as(folder.path(), "simulator", true).unwrap_err();
    assert_eq!(error.kind, Kind::Damaged);
    assert_eq!(std::fs::read(folder.path().join("editree.db")).unwrap(), vec![7; 5_000]);
}

#[test]
fn a_bone_is_small_and_hundreds_are_read() {
    assert!(size_of::<Bone>() <= 64, "{}", size_of::<Bone>());
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let parent = parent(&root(&store));
    let waiting: Vec<_> = (0..500).map(|_| store.save(order(parent), NOW)).collect();
    for pending in waiting {
        pending.wait().unwrap();
    }
    assert_eq!(store.skeleton().wait().unwrap().bones.len(), 501);
}
