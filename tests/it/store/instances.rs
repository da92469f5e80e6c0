//! Several instances on one folder: who owns a job, and what happens when the owner dies.

use std::fs;
use std::time::{Duration, Instant};

use editree::app::draft::Draft;
use editree::app::job::{JobId, State};
use editree::store::error::Kind;
use editree::store::{Options, Store};
use editree::tree::{NodeState, Timestamp};

use super::{Shelf, handle, options, pass, save, simulated, spec};

fn locks(shelf: &Shelf) -> usize {
    fs::read_dir(shelf.path().join("instances")).unwrap().count()
}

#[test]
fn jobs_of_a_living_instance_are_shown_but_not_ours() {
    let shelf = Shelf::new();
    let first = shelf.store();
    let saved = save(&first, spec("x", None));
    let (second, opening) = shelf.open();
    assert_eq!(opening.jobs.len(), 1);
    assert!(!opening.jobs[0].owned);
    assert_eq!(opening.jobs[0].state, State::Saved);
    assert_eq!(second.take_over(Instant::now()).wait().unwrap(), 0);
    // Two instances that act on the same job could pay twice.
    let error =
        second.move_job(saved.job.id, State::Sending, None, None, Timestamp(0)).wait().unwrap_err();
    assert_eq!(error.kind, Kind::Foreign);
    assert_eq!(error.message, "j1 belongs to another editree that is running");
    first.move_job(saved.job.id, State::Sending, None, None, Timestamp(0)).wait().unwrap();
}

#[test]
fn words_that_another_instance_left_unsent_are_put_aside_and_not_lost() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let draft = |words: &str| Draft { prompt: words.into(), ..Draft::default() };
    first.keep_draft(draft("Make it nig")).wait().unwrap();
    first.keep_draft(draft("Make it night")).wait().unwrap();
    second.keep_draft(draft("Add a hat")).wait().unwrap();
    second.keep_draft(draft("Add a red hat")).wait().unwrap();
    let (_, opening) = shelf.open();
    assert_eq!(opening.draft.prompt, "Add a red hat");
    assert_eq!(opening.draft.aside, ["Make it night"], "and nothing of one's own beginnings");
}

#[test]
fn two_windows_that_are_typed_in_by_turns_leave_what_is_unsent_and_nothing_else() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let draft = |words: &str, aside: &[&str]| Draft {
        prompt: words.into(),
        aside: aside.iter().map(|words| (*words).into()).collect(),
        ..Draft::default()
    };
    for (ours, theirs) in [("a", "b"), ("a r", "b s"), ("a red", "b sky"), ("a red hat", "")] {
        first.keep_draft(draft(ours, &[])).wait().unwrap();
        second.keep_draft(draft(theirs, &[])).wait().unwrap();
    }
    second.keep_draft(draft("an old one", &["long words of mine"])).wait().unwrap();
    drop(second);
    first.keep_draft(draft("x", &["a red hat"])).wait().unwrap();
    let (third, opening) = shelf.open();
    assert_eq!(opening.draft.prompt, "x");
    let mut aside = opening.draft.aside.clone();
    aside.sort();
    assert_eq!(aside, ["a red hat", "an old one", "long words of mine"]);
    // Used up by the third, they do not come back.
    third.keep_draft(draft("", &[])).wait().unwrap();
    drop((third, first));
    assert_eq!(shelf.open().1.draft.aside, [""; 0]);
}

#[test]
fn i1_what_a_dead_instance_left_is_held_maybe_paid_or_followed() {
    use State as S;
    let held = || S::Held("found unsent at start".into());
    let cases = [
        (vec![], held(), NodeState::Pending),
        (vec![S::Uploading], held(), NodeState::Pending),
        (vec![S::Held("over budget".into())], S::Held("over budget".into()), NodeState::Pending),
        // Nothing of it was written to the service yet.
        (vec![S::Sending], held(), NodeState::Pending),
        (vec![S::Sending, S::Queued(Some(2))], S::Queued(Some(2)), NodeState::Pending),
        (vec![S::Sending, S::Queued(None), S::Running], S::Running, NodeState::Pending),
        (vec![S::Sending, S::Queued(None), S::Fetching], S::Fetching, NodeState::Pending),
        (vec![S::Sending, S::Queued(None), S::Cancelling], S::Cancelling, NodeState::Pending),
        (vec![S::Sending, S::Unknown], S::Unknown, NodeState::Unknown),
    ];
    let shelf = Shelf::new();
    let first = shelf.store();
    for (way, ..) in &cases {
        let saved = save(&first, spec("x", None));
        pass(&first, &saved, way);
    }
    drop(first);
    let (second, opening) = shelf.open();
    assert_eq!(opening.jobs.len(), cases.len());
    for (job, (way, state, node)) in opening.jobs.iter().zip(cases) {
        assert!(job.owned, "{way:?}");
        assert_eq!(job.state, state, "{way:?}");
        assert_eq!(job.handle.is_some(), way.len() > 1 && way[1] != S::Unknown, "{way:?}");
        let found = second.find_node(Some(job.node.0)).wait().unwrap().unwrap();
        assert_eq!(found.state, node, "{way:?}");
    }
}

#[test]
fn i1_what_has_begun_to_leave_is_maybe_paid_and_leaves_from_its_own_instance_alone() {
    let shelf = Shelf::new();
    let (first, other) = (shelf.store(), shelf.store());
    let saved = save(&first, spec("x", None));
    assert!(first.leave(saved.job.id).wait().is_err(), "it is not on its way");
    pass(&first, &saved, &[State::Sending]);
    assert!(other.leave(saved.job.id).wait().is_err(), "it is not its own");
    first.leave(saved.job.id).wait().unwrap();
    drop((first, other));
    let (_store, opening) = shelf.open();
    assert_eq!(opening.jobs[0].state, State::Unknown);
}

#[test]
fn i1_only_a_request_that_is_leaving_is_at_the_door() {
    let shelf = Shelf::new();
    let at_door = || shelf.cell::<i64>("SELECT at_door FROM jobs");
    let first = shelf.store();
    let saved = save(&first, spec("x", None));
    pass(&first, &saved, &[State::Sending]);
    assert_eq!(at_door(), 1);
    drop(first);
    // Found unsent: whoever sends it next says by itself that it is at the door.
    let (second, _) = shelf.open();
    assert_eq!(at_door(), 0);
    pass(&second, &saved, &[State::Saved, State::Sending, State::Saved]);
    assert_eq!(at_door(), 0);
}

#[test]
fn a_running_instance_takes_over_when_another_dies_and_only_one_does() {
    let shelf = Shelf::new();
    let first = shelf.store();
    let saved = save(&first, spec("x", None));
    pass(&first, &saved, &[State::Sending]);
    first
        .move_job(saved.job.id, State::Queued(None), Some(handle("r-1")), None, Timestamp(0))
        .wait()
        .unwrap();
    let (second, third) = (shelf.store(), shelf.store());
    drop(first);
    let taken = [second.take_over(Instant::now()), third.take_over(Instant::now())]
        .map(|pending| pending.wait().unwrap());
    assert_eq!(taken.iter().sum::<usize>(), 1, "{taken:?}");
    let ours = |store: &Store| store.open_jobs().wait().unwrap()[0].owned;
    assert_eq!([ours(&second), ours(&third)], taken.map(|count| count == 1));
    let winner = if taken[0] == 1 { &second } else { &third };
    winner.move_job(JobId(1), State::Running, None, None, Timestamp(0)).wait().unwrap();
}

#[test]
fn a_clone_keeps_the_instance_alive() {
    let shelf = Shelf::new();
    let first = shelf.store();
    save(&first, spec("x", None));
    let clone = first.clone();
    drop(first);
    let (second, opening) = shelf.open();
    assert!(!opening.jobs[0].owned);
    drop(clone);
    // Its threads may still be letting go: bounded, on the condition.
    let taken = (0..10_000).any(|_| second.take_over(Instant::now()).wait().unwrap() == 1);
    assert!(taken);
}

#[test]
fn a_look_without_adopting_changes_nothing() {
    let shelf = Shelf::new();
    let first = shelf.store();
    let saved = save(&first, spec("x", None));
    pass(&first, &saved, &[State::Sending]);
    drop(first);
    let look = Options { take_over_orphans: false, ..options() };
    let (_second, opening) = Store::open(shelf.path(), look).unwrap();
    assert_eq!(opening.jobs[0].state, State::Sending);
    assert!(!opening.jobs[0].owned);
}

#[test]
fn jobs_of_another_project_wait_for_the_one_who_opens_it() {
    let shelf = Shelf::new();
    let first = shelf.store();
    for way in [vec![], vec![State::Sending, State::Queued(None)]] {
        let saved = save(&first, spec("x", None));
        pass(&first, &saved, &way);
    }
    drop(first);
    let (other, opening) = Store::open(shelf.path(), simulated()).unwrap();
    assert!(opening.jobs.is_empty());
    let (_third, opening) = shelf.open();
    assert!(opening.jobs.iter().all(|job| job.owned));
    assert_eq!(opening.jobs[0].state, State::Held("found unsent at start".into()));
    assert_eq!(opening.jobs[1].state, State::Queued(None));
    drop(other);
}

#[test]
fn dead_instances_leave_no_files_behind() {
    // Whoever follows requests and a command that only looks.
    for take_over_orphans in [true, false] {
        let shelf = Shelf::new();
        let first = shelf.store();
        // As after a SIGKILL: the file stands, nobody holds its lock.
        fs::write(shelf.path().join("instances/left.lock"), "").unwrap();
        assert_eq!(locks(&shelf), 2);
        let options = Options { take_over_orphans, ..options() };
        let (second, _) = Store::open(shelf.path(), options).unwrap();
        assert_eq!(locks(&shelf), 2);
        drop((first, second));
        // The last of the threads may still be holding its instance.
        let gone = (0..1_000_000).any(|_| locks(&shelf) == 0);
        assert!(gone);
    }
}

#[test]
fn a_stuck_instance_is_relieved_of_what_it_follows_and_never_of_what_is_leaving() {
    let shelf = Shelf::new();
    let stuck = shelf.store();
    let (leaving, queued) = (save(&stuck, spec("x", None)), save(&stuck, spec("y", None)));
    pass(&stuck, &leaving, &[State::Sending]);
    pass(&stuck, &queued, &[State::Sending, State::Queued(None)]);
    stuck.heartbeat().wait().unwrap();
    let other = shelf.store();
    let begin = Instant::now();
    let take_over = |seconds| other.take_over(begin + Duration::from_secs(seconds)).wait().unwrap();
    assert_eq!((take_over(0), take_over(14)), (0, 0));
    stuck.heartbeat().wait().unwrap();
    assert_eq!((take_over(16), take_over(30)), (0, 0), "it moved meanwhile");
    assert_eq!((take_over(31), take_over(32)), (1, 0));

    let jobs = other.open_jobs().wait().unwrap();
    let ours: Vec<_> = jobs.iter().map(|job| (job.id, job.owned)).collect();
    assert_eq!(ours, [(leaving.job.id, false), (queued.job.id, true)]);
    // Awake again, it cannot finish what is another's now.
    let moved = stuck.move_job(queued.job.id, State::Running, None, None, Timestamp(0)).wait();
    assert_eq!(moved.unwrap_err().kind, Kind::Foreign);
    stuck.move_job(leaving.job.id, State::Queued(None), None, None, Timestamp(0)).wait().unwrap();
}
