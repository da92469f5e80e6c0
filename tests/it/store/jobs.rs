//! The journal: what is durable when, which moves are refused, what was paid.

use editree::app::job::spec::{FollowUps, RequestSpec, Step};
use editree::app::job::{JobId, State};
use editree::app::message::Saved;
use editree::schema::Usd;
use editree::schema::price::Quote;
use editree::store::Store;
use editree::store::error::Kind;
use editree::tree::{Hash, Input, NodeState, PictureRef, Timestamp};

use super::{
    Shelf, finished, first_picture, handle, open_root, options, outcome, pass, picture, png, quote,
    save, simulated, spec,
};

/// Every state, and a way to it by legal moves.
fn ways() -> Vec<(State, Vec<State>)> {
    use State as S;
    let held = || S::Held("over budget".into());
    let queued = || S::Queued(Some(3));
    vec![
        (S::Saved, vec![]),
        (held(), vec![held()]),
        (S::Uploading, vec![S::Uploading]),
        (S::Sending, vec![S::Sending]),
        (queued(), vec![S::Sending, queued()]),
        (S::Running, vec![S::Sending, S::Running]),
        (S::Fetching, vec![S::Sending, S::Fetching]),
        (S::Failed, vec![S::Sending, S::Failed]),
        (S::Cancelling, vec![S::Sending, queued(), S::Cancelling]),
        (S::Cancelled, vec![S::Cancelled]),
        (S::Unknown, vec![S::Sending, S::Unknown]),
        (S::Dismissed, vec![S::Sending, S::Unknown, S::Dismissed]),
        (S::Done, vec![S::Sending, S::Fetching, S::Done]),
    ]
}

fn job(store: &Store, saved: &Saved) -> editree::app::job::Job {
    store.find_job(saved.job.id).wait().unwrap().unwrap()
}

fn node(store: &Store, saved: &Saved) -> editree::tree::Node {
    store.find_node(Some(saved.node.id.0)).wait().unwrap().unwrap()
}

#[test]
fn a_saved_order_is_on_disk_with_everything_it_says() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let first = save(&store, spec("first", None));
    let mut wanted = spec("make it \"blue\"", Some(first_picture(&root)));
    wanted.resend_of = Some(first.job.id);
    wanted.sync = true;
    wanted.webhook = Some("https://me/hook".into());
    let saved = save(&store, wanted.clone());
    assert_eq!(saved.job.spec, wanted);
    assert_eq!(saved.job.state, State::Saved);
    assert!(saved.job.durable && saved.job.owned);
    assert_eq!(saved.job.node, saved.node.id);
    assert_eq!(saved.node.recipe, Some(wanted.recipe));
    assert_eq!(saved.node.parent, Some(first_picture(&root)));
    assert_eq!(saved.node.state, NodeState::Pending);
    drop(store);
    let (_store, opening) = shelf.open();
    assert!(opening.nodes.contains(&saved.node));
    let kept = &opening.jobs[1];
    assert_eq!((kept.id, &kept.spec), (saved.job.id, &saved.job.spec));
}

#[test]
fn i3_jobs_move_only_along_the_table_and_a_finished_one_never() {
    let shelf = Shelf::new();
    let store = shelf.store();
    for (from, way) in ways() {
        for (to, _) in ways() {
            let saved = save(&store, spec("x", None));
            pass(&store, &saved, &way);
            let before = job(&store, &saved);
            assert_eq!(before.state, from);
            let moved = store.move_job(
                saved.job.id,
                to.clone(),
                Some(handle("other")),
                Some("why".into()),
                Timestamp(900),
            );
            let moved = moved.wait();
            assert_eq!(moved.is_ok(), from.may_become(&to), "{from:?} to {to:?}");
            if let Err(error) = moved {
                assert_eq!(error.kind, Kind::Illegal);
                assert_eq!(job(&store, &saved), before);
            } else {
                assert_eq!(job(&store, &saved).state, to);
            }
        }
    }
}

#[test]
fn a_move_of_a_job_that_is_not_there_is_refused() {
    let shelf = Shelf::new();
    let moved = shelf.store().move_job(JobId(99), State::Sending, None, None, Timestamp(0));
    let error = moved.wait().unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::NotFound, "there is no job j99"));
}

#[test]
fn times_handle_and_place_in_the_queue_are_kept() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let saved = save(&store, spec("x", None));
    let go = |state: State, handle, why: Option<&str>, at| {
        let moved =
            store.move_job(saved.job.id, state, handle, why.map(str::to_owned), Timestamp(at));
        moved.wait().unwrap();
        job(&store, &saved)
    };
    assert_eq!(go(State::Uploading, None, None, 150).sent_at, None);
    let sending = go(State::Sending, None, None, 200);
    assert_eq!((sending.sent_at, sending.ended_at), (Some(Timestamp(200)), None));
    let queued = go(State::Queued(Some(5)), Some(handle("r-9")), None, 300);
    assert_eq!(queued.state, State::Queued(Some(5)));
    assert_eq!(queued.handle, Some(handle("r-9")));
    // Without a new handle the one that is known stays.
    let next = go(State::Queued(Some(4)), None, None, 310);
    assert_eq!((next.state, next.handle), (State::Queued(Some(4)), Some(handle("r-9"))));
    let failed = go(State::Failed, None, Some("the prompt was refused"), 400);
    assert_eq!(failed.why.as_deref(), Some("the prompt was refused"));
    assert_eq!((failed.sent_at, failed.ended_at), (Some(Timestamp(200)), Some(Timestamp(400))));
    assert_eq!(node(&store, &saved).state, NodeState::Failed);
}

#[test]
fn the_node_says_what_became_of_its_job() {
    let shelf = Shelf::new();
    let store = shelf.store();
    for (state, way) in ways() {
        let expected = match state {
            State::Failed => NodeState::Failed,
            State::Cancelled | State::Dismissed => NodeState::Cancelled,
            State::Unknown => NodeState::Unknown,
            State::Done => continue,
            _ => NodeState::Pending,
        };
        let saved = save(&store, spec("x", None));
        pass(&store, &saved, &way);
        assert_eq!(node(&store, &saved).state, expected, "{state:?}");
    }
}

#[test]
fn unfinished_and_maybe_paid_jobs_are_listed_and_no_others() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let mut expected = Vec::new();
    for (state, way) in ways() {
        let saved = save(&store, spec("x", None));
        pass(&store, &saved, &way);
        if !state.is_final() {
            expected.push(saved.job.id);
        }
    }
    let ids = |jobs: Vec<editree::app::job::Job>| jobs.iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(store.open_jobs().wait().unwrap()), expected);
    assert_eq!(ids(store.snapshot(Timestamp(0)).wait().unwrap().jobs), expected);
}

#[test]
fn finishing_keeps_pictures_seed_cost_and_the_answer() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let saved = save(&store, spec("x", None));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let outcome = outcome(&store, "result");
    store.finish(saved.job.id, outcome.clone(), Timestamp(500)).wait().unwrap();
    let (node, job) = (node(&store, &saved), job(&store, &saved));
    assert_eq!(node.state, NodeState::Done);
    assert_eq!(node.pictures, outcome.pictures);
    assert_eq!((node.seed, node.request_id), (outcome.seed, outcome.request_id));
    assert_eq!((node.timings, node.cost), (outcome.timings, Some(Usd(40_000))));
    assert_eq!((job.state, job.ended_at), (State::Done, Some(Timestamp(500))));
    let raw: String = shelf.cell("SELECT raw FROM nodes");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&raw).unwrap(), outcome.raw);
}

#[test]
fn finishing_happens_whole_or_not_at_all() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let saved = save(&store, spec("x", None));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let before = (node(&store, &saved), job(&store, &saved));
    // The second picture never reached the disk.
    let mut half = outcome(&store, "first");
    half.pictures.push(picture(Hash([9; 32])));
    let error = store.finish(saved.job.id, half, Timestamp(500)).wait().unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!((node(&store, &saved), job(&store, &saved)), before);
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM pictures"), 0);
    // It can be tried again, and then never again.
    let whole = outcome(&store, "first");
    store.finish(saved.job.id, whole.clone(), Timestamp(600)).wait().unwrap();
    let error = store.finish(saved.job.id, whole, Timestamp(700)).wait().unwrap_err();
    assert_eq!(error.kind, Kind::Illegal);
    assert_eq!(job(&store, &saved).ended_at, Some(Timestamp(600)));
}

#[test]
fn a_job_that_was_not_fetching_cannot_be_finished() {
    let shelf = Shelf::new();
    let store = shelf.store();
    for (from, way) in ways() {
        let saved = save(&store, spec("x", None));
        pass(&store, &saved, &way);
        let finished = store.finish(saved.job.id, outcome(&store, "x"), Timestamp(0)).wait();
        assert_eq!(finished.is_ok(), from.may_become(&State::Done), "{from:?}");
    }
}

#[test]
fn what_the_service_counted_decides_the_cost_and_the_estimate_stays_beside_it() {
    let cases = [
        (None, Some(1.0), None),
        (Some(40_000), None, Some(40_000)),
        (Some(40_000), Some(1.0), Some(40_000)),
        (Some(160_000), Some(3.0), Some(120_000)),
        (Some(160_000), Some(0.0), Some(0)),
        (Some(160_000), Some(f64::NAN), Some(160_000)),
        (Some(160_000), Some(-1.0), Some(160_000)),
    ];
    for (estimate, units, expected) in cases {
        let shelf = Shelf::new();
        let store = shelf.store();
        let mut wanted: RequestSpec = spec("x", None);
        wanted.quote = quote(estimate);
        let saved = save(&store, wanted);
        pass(&store, &saved, &[State::Sending, State::Fetching]);
        let mut outcome = outcome(&store, "x");
        outcome.billable_units = units;
        store.finish(saved.job.id, outcome, Timestamp(1)).wait().unwrap();
        let expected = expected.map(Usd);
        assert_eq!(node(&store, &saved).cost, expected, "{estimate:?} {units:?}");
        assert_eq!(shelf.cell::<Option<i64>>("SELECT cost FROM jobs").map(Usd), expected);
        assert_eq!(shelf.cell::<Option<i64>>("SELECT estimate FROM jobs"), estimate);
        let kept: Option<f64> = shelf.cell("SELECT billable_units FROM jobs");
        assert_eq!(kept, units.filter(|units| !units.is_nan()));
    }
}

#[test]
fn spending_is_counted_by_day_with_real_and_simulated_apart() {
    let shelf = Shelf::new();
    let store = shelf.store();
    for at in [999, 1_000, 1_500, 2_000] {
        finished(&store, spec("x", None), at);
    }
    // Ended within the day, but nothing was paid.
    let failed = save(&store, spec("x", None));
    pass(&store, &failed, &[State::Sending, State::Failed]);
    let (other, _) = Store::open(shelf.path(), simulated()).unwrap();
    let mut spec = spec("x", None);
    (spec.simulated, spec.quote) = (true, Quote { amount: Some(Usd(7)), ..Quote::default() });
    finished(&other, spec, 1_200);
    let day = Timestamp(1_000)..Timestamp(2_000);
    assert_eq!(store.spent(day.clone()).wait().unwrap(), Usd(80_000));
    assert_eq!(other.spent(day).wait().unwrap(), Usd(7));
    let mut today = options();
    today.day_start = Timestamp(1_000);
    let (_third, opening) = Store::open(shelf.path(), today).unwrap();
    assert_eq!(opening.spent, Usd(120_000));
}

#[test]
fn a_picture_that_came_back_unchanged_is_kept_once_and_shown_twice() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "same");
    let saved = save(&store, spec("x", Some(first_picture(&root))));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let hash = store.media().write(&png("same")).unwrap();
    assert_eq!(hash, root.pictures[0].hash);
    let mut outcome = outcome(&store, "unused");
    // Twice within one answer, too.
    outcome.pictures = vec![picture(hash), picture(hash)];
    store.finish(saved.job.id, outcome, Timestamp(1)).wait().unwrap();
    assert_eq!(node(&store, &saved).pictures.len(), 2);
}

#[test]
fn two_instances_cannot_pass_one_budget_together() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Store::open(folder.path(), options()).unwrap().0;
    let (first, second) = (open(), open());
    let ceiling = Some(editree::store::Ceiling { most: Usd(100_000), since: Timestamp(0) });
    let at = Timestamp(1);
    let priced = |words: &str| {
        let mut spec = spec(words, None);
        spec.quote = quote(Some(40_000));
        spec
    };
    first.save(priced("one"), ceiling, at).wait().unwrap();
    second.save(priced("two"), ceiling, at).wait().unwrap();
    for store in [&first, &second] {
        let error = store.save(priced("three"), ceiling, at).wait().unwrap_err();
        assert_eq!(error.kind, Kind::OverBudget);
    }
    first.save(priced("three, all the same"), None, at).wait().unwrap();
}

#[test]
fn the_next_of_several_steps_is_saved_with_the_end_of_the_last_one_and_held() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let first = first_picture(&open_root(&store, "cat"));
    let step = |prompt: &str, price| {
        let quote = quote(price);
        Step { recipe: spec(prompt, None).recipe, quote }
    };
    let steps = vec![step("second", Some(40_000)), step("third", None)];
    let then = FollowUps { steps, is_agreed: true };
    let wanted = RequestSpec { follow_ups: then.clone(), ..spec("first", Some(first)) };
    let saved = save(&store, wanted.clone());
    assert_eq!(store.open_jobs().wait().unwrap()[0].spec, wanted, "kept as it was given");
    let (job, node) = (saved.job.id, saved.node.id);
    for state in [State::Sending, State::Queued(None), State::Running, State::Fetching] {
        store.move_job(job, state, None, None, Timestamp(1)).wait().unwrap();
    }
    let outcome = outcome(&store, "x");
    let next = store.finish(job, outcome.clone(), Timestamp(2)).wait().unwrap().unwrap();
    assert!(matches!(next.job.state, State::Held(_)), "{:?}", next.job.state);
    let on = PictureRef { node, picture: outcome.pictures[0].hash };
    assert_eq!(next.job.spec.recipe.inputs, [Input::Picture(on)]);
    assert_eq!(next.job.spec.recipe.prompt, "second");
    assert_eq!(next.job.spec.follow_ups.steps, then.steps[1..]);
    // Cancelled, nothing follows it.
    store.move_job(next.job.id, State::Cancelled, None, None, Timestamp(3)).wait().unwrap();
    let left: i64 = shelf
        .database()
        .query_row("SELECT COUNT(*) FROM jobs WHERE follow IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}
