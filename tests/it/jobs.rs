//! Jobs move along their table only, and nothing paid leaves before its row is durable.

use std::collections::BTreeMap;

use editree::app::effect::{Effect, ServiceEffect, StoreEffect, TaskKey};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::answer::{CancelAnswer, Sent, Settled};
use editree::app::job::{Ask, JobId, Pause, State};
use editree::app::message::{Message, ServiceResult, StoreResult, TaskEvent, TaskResult};
use editree::app::update;
use editree::schema::Usd;
use editree::schema::price::Quote;
use editree::tree::Timestamp;
use proptest::prelude::*;

use crate::support::driver::{self, Driver, outcome};

fn states() -> Vec<State> {
    vec![
        State::Saved,
        State::Held("why".into()),
        State::Uploading,
        State::Sending,
        State::Queued(Some(1)),
        State::Running,
        State::Fetching,
        State::Waiting(Pause { ask: Ask::Result, since: Timestamp(1), next: None }),
        State::Done,
        State::Failed,
        State::Cancelling,
        State::Cancelled,
        State::Unknown,
        State::Dismissed,
    ]
}

/// I3: the whole table, so that no move is added or lost unseen.
#[test]
fn jobs_move_along_their_table_only() {
    let name = |state: &State| {
        let text = format!("{state:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_owned()
    };
    let (mut table, mut moves) = (String::new(), 0);
    for from in states() {
        let to: Vec<_> = states().iter().filter(|to| from.may_become(to)).map(name).collect();
        moves += to.len();
        assert_eq!(to.is_empty(), from.is_final(), "{from:?}");
        table.push_str(&format!("{:<10} → {}\n", name(&from), to.join(" ")));
    }
    insta::assert_snapshot!(format!("{table}{moves} of {} moves\n", states().len().pow(2)));
}

/// Found after all, surely not received, or put away by hand.
#[test]
fn what_may_be_paid_is_never_sent_again_by_itself() {
    for to in states() {
        let is_end =
            matches!(to, State::Running | State::Fetching | State::Failed | State::Dismissed);
        assert_eq!(State::Unknown.may_become(&to), is_end, "{to:?}");
    }
}

/// The store and the screen read one table: what a job's state means for its node.
#[test]
fn a_node_stands_where_its_job_does() {
    let mut told = String::new();
    for state in states() {
        told.push_str(&format!("{state:?} → {:?}\n", state.node_state()));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_bill_is_the_same_on_the_screen_and_in_the_ledger() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let spec = driver.model().jobs.values().next().unwrap().spec.clone();
    assert_eq!(spec.quote.billed(Some(2.0)), Some(Usd(80_000)));
    let cents = |cents: i64| Some(Usd(cents * 10_000));
    for (amount, unit_price, units, billed) in [
        (cents(8), cents(4), None, cents(8)),
        (cents(8), cents(4), Some(1.0), cents(4)),
        (cents(8), cents(4), Some(2.5), cents(10)),
        (cents(8), cents(4), Some(0.0), cents(0)),
        (cents(8), cents(4), Some(-1.0), cents(8)),
        (cents(8), cents(4), Some(f64::NAN), cents(8)),
        (cents(8), cents(4), Some(f64::INFINITY), cents(8)),
        // It could not be told before, but is counted.
        (None, cents(4), Some(2.0), cents(8)),
        (None, cents(4), None, None),
        (cents(8), None, Some(2.0), cents(8)),
        (None, None, Some(2.0), None),
    ] {
        let quote = Quote { amount, unit_price, is_estimate: false };
        assert_eq!(quote.billed(units), billed, "{quote:?} {units:?}");
    }
}

#[test]
fn only_what_is_durable_as_sending_may_be_sent_from() {
    let into_sending: Vec<_> =
        states().into_iter().filter(|from| from.may_become(&State::Sending)).collect();
    assert_eq!(into_sending, [State::Saved, State::Uploading]);
}

fn fail(kind: FailureKind) -> Failure {
    Failure::new(kind, "on purpose")
}

/// One more or less plausible thing that happens to a job.
fn result(job: JobId, number: u8) -> Message {
    let kinds = [
        FailureKind::Network,
        FailureKind::Unknown,
        FailureKind::Validation,
        FailureKind::Cancelled,
    ];
    let failure = fail(kinds[usize::from(number) % kinds.len()]);
    let ended = |result| Message::TaskFinished(TaskKey::Job(job), result);
    match number % 15 {
        0 => ended(TaskResult::Service(ServiceResult::Uploaded { job, addresses: Err(failure) })),
        1 => ended(TaskResult::Service(ServiceResult::Sent { job, answer: Err(failure) })),
        2 => ended(TaskResult::Service(ServiceResult::Followed { job, result: Err(failure) })),
        3 => ended(TaskResult::Service(ServiceResult::Fetched { job, outcome: Err(failure) })),
        4 => ended(TaskResult::Lost(failure)),
        5 => Message::TaskEvent(TaskEvent::Status { job, state: State::Running }),
        6 => Message::TaskEvent(TaskEvent::Status { job, state: State::Queued(Some(3)) }),
        7 => Message::Action(editree::app::action::Action::Queue(
            editree::app::action::QueueAction::Cancel(job),
        )),
        8 => ended(TaskResult::Service(ServiceResult::CancelAsked {
            job,
            answer: Ok(CancelAnswer::Removed),
        })),
        9 => ended(TaskResult::Service(ServiceResult::Fetched {
            job,
            outcome: Ok(Box::new(outcome(job))),
        })),
        10 => Message::Action(editree::app::action::Action::Queue(
            editree::app::action::QueueAction::Release(job),
        )),
        11 => Message::Action(editree::app::action::Action::Queue(
            editree::app::action::QueueAction::Dismiss(job),
        )),
        12 => ended(TaskResult::Service(ServiceResult::Settled {
            job,
            result: Ok(Settled::Absent { deadline_ms: Some(0) }),
        })),
        13 => {
            let handle = driver::handle(job);
            let sent = Box::new(Sent::Accepted { handle, state: State::Running });
            let result = Ok(Settled::Found(sent));
            ended(TaskResult::Service(ServiceResult::Settled { job, result }))
        }
        _ => Message::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// I1 and I3 under anything that stores, services and people can do, in any order.
    #[test]
    fn whatever_happens_each_job_is_sent_at_most_once_and_only_when_durable(
        choices in proptest::collection::vec((any::<u8>(), 0u8..4), 1..120)
    ) {
        let mut driver = Driver::new(80, 24);
        driver.is_strange = true;
        driver.press("Make it red<Enter>Add a hat<Enter>");
        let mut sends: BTreeMap<JobId, u32> = BTreeMap::new();
        let mut durable: BTreeMap<JobId, State> = BTreeMap::new();
        // Back in the line: surely not received, or held and released by the person.
        let mut returns: BTreeMap<JobId, u32> = BTreeMap::new();
        for (number, choice) in choices {
            let effects = std::mem::take(&mut driver.effects);
            let before: BTreeMap<_, _> =
                driver.model().jobs.iter().map(|(id, job)| (*id, job.state.clone())).collect();
            let mut later = Vec::new();
            for effect in effects {
                // Some answers are late: the effect is kept for another turn.
                if choice == 0 && number % 3 == 0 {
                    later.push(effect);
                    continue;
                }
                if let Effect::Service(ServiceEffect::Send { job, .. }) = &effect {
                    *sends.entry(*job).or_default() += 1;
                    prop_assert_eq!(durable.get(job), Some(&State::Sending), "sent before it was durable");
                }
                if let Effect::Store(StoreEffect::SetJobState { job, to: State::Saved, .. }) = &effect {
                    *returns.entry(*job).or_default() += 1;
                }
                if let Some(result) = driver.answer(effect) {
                    if let TaskResult::Store(StoreResult::Moved { job, to, .. }) = &result {
                        durable.insert(*job, to.clone());
                    }
                    driver.finish(result);
                }
            }
            driver.effects.splice(0..0, later);
            let job = JobId(2 + u32::from(choice) % 2);
            let strange = update(&mut driver.workbench.model, result(job, number));
            driver.effects.extend(strange);
            for (id, job) in &driver.model().jobs {
                if before.get(id).is_some_and(State::is_final) {
                    prop_assert_eq!(Some(&job.state), before.get(id), "a finished job moved");
                }
            }
        }
        for (job, count) in &sends {
            prop_assert!(*count <= 1 + returns.get(job).copied().unwrap_or(0), "{} was sent {} times", job, count);
        }
    }
}

/// One request whose answer was lost, with the question about it still to be answered.
fn lost() -> (Driver, JobId) {
    let mut driver = Driver::new(100, 30);
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    // Answer as usual until the request leaves; then the network breaks.
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        if let Effect::Service(ServiceEffect::Send { job, .. }) = effect {
            driver.finish(TaskResult::Service(ServiceResult::Sent {
                job,
                answer: Err(fail(FailureKind::Unknown)),
            }));
            break;
        }
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    driver.answer_all();
    let id = driver.model().jobs.values().next().unwrap().id;
    (driver, id)
}

fn state(driver: &Driver, id: JobId) -> State {
    driver.model().jobs[&id].state.clone()
}

/// The service answers what it has been asked about the job, and time passes until it is asked again.
fn settle(driver: &mut Driver, job: JobId, result: Result<Settled, Failure>) {
    driver.finish(TaskResult::Service(ServiceResult::Settled { job, result }));
    driver.answer_all();
    if let Some(at) = driver.model().jobs[&job].work.retry_at {
        let wait = at.0 - driver.model().now.0;
        driver.tick(wait.max(0));
        driver.answer_all();
    }
}

#[test]
fn a_lost_answer_is_maybe_paid_and_never_sent_again() {
    let (mut driver, id) = lost();
    assert_eq!(state(&driver, id), State::Unknown);
    driver.press("<Esc>gq");
    assert!(driver.screen().contains("maybe paid"), "{}", driver.screen());
    let is_send = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Send { .. }));
    assert!(!driver.take().iter().any(is_send));
}

#[test]
fn a_request_that_the_service_has_after_all_goes_on_and_counts_once() {
    let (mut driver, id) = lost();
    assert_eq!(driver.model().money.spent.session, Usd(0));
    let sent = Sent::Accepted { handle: driver::handle(id), state: State::Running };
    settle(&mut driver, id, Ok(Settled::Found(Box::new(sent))));
    assert_eq!(state(&driver, id), State::Done);
    assert_eq!(driver.model().money.spent.session, Usd(40_000));
}

#[test]
fn a_request_that_the_service_never_lists_was_not_paid() {
    let (mut driver, id) = lost();
    let absent = || Ok(Settled::Absent { deadline_ms: Some(20_000) });
    for _ in 0..3 {
        settle(&mut driver, id, absent());
        assert_eq!(state(&driver, id), State::Unknown, "it may not have begun yet");
    }
    let begun = driver.model().now.0;
    while state(&driver, id) == State::Unknown {
        settle(&mut driver, id, absent());
        assert!(driver.model().now.0 - begun < 60_000, "it is settled within a minute");
    }
    assert_eq!(state(&driver, id), State::Failed);
    let job = &driver.model().jobs[&id];
    assert!(job.why.as_ref().unwrap().starts_with("not paid"), "{:?}", job.why);
    assert_eq!((job.cost, driver.model().money.spent.session), (None, Usd(0)));
}

#[test]
fn without_a_start_deadline_one_that_is_not_listed_may_still_come() {
    let (mut driver, id) = lost();
    for _ in 0..400 {
        settle(&mut driver, id, Ok(Settled::Absent { deadline_ms: None }));
    }
    let job = &driver.model().jobs[&id];
    assert_eq!(job.state, State::Unknown, "{:?}", job.why);
    assert!(job.why.as_ref().unwrap().contains("may come later"), "{:?}", job.why);
    assert!(job.is_left_unsettled(driver.model().now), "a command does not wait for it");
    let sent = Sent::Accepted { handle: driver::handle(id), state: State::Running };
    settle(&mut driver, id, Ok(Settled::Found(Box::new(sent))));
    assert_eq!(state(&driver, id), State::Done, "it has come");
}

#[test]
fn one_of_an_earlier_run_may_be_another_accounts_and_is_never_said_to_be_unpaid() {
    let (mut driver, id) = lost();
    let sent = driver.model().jobs[&id].sent_at.unwrap().0;
    driver.workbench.model.session.started = Timestamp(sent + 1);
    for _ in 0..20 {
        settle(&mut driver, id, Ok(Settled::Absent { deadline_ms: Some(2_000) }));
    }
    assert_eq!(state(&driver, id), State::Unknown);
}

/// Its hour of sending lies a day ahead: a command that waits would wait for all of it.
#[test]
fn one_that_left_before_the_clock_was_set_back_is_neither_waited_for_nor_said_to_be_unpaid() {
    let (mut driver, id) = lost();
    let ahead = Timestamp(driver.model().now.0 + 86_400_000);
    driver.workbench.model.jobs.get_mut(&id).unwrap().sent_at = Some(ahead);
    assert!(driver.model().jobs[&id].is_left_unsettled(driver.model().now));
    for _ in 0..40 {
        settle(&mut driver, id, Ok(Settled::Absent { deadline_ms: Some(2_000) }));
    }
    assert!(driver.model().now < ahead);
    let job = &driver.model().jobs[&id];
    assert_eq!(job.state, State::Unknown, "{:?}", job.why);
    assert!(job.is_left_unsettled(driver.model().now), "a command does not wait for it");
}

#[test]
fn a_question_that_the_service_answers_meanwhile_sends_nothing() {
    let (mut driver, id) = lost();
    driver.workbench.step(editree::workbench::Event {
        at: driver.model().now,
        kind: editree::workbench::EventKind::Message(Message::Action(
            editree::app::action::Action::Queue(editree::app::action::QueueAction::SendAgain(id)),
        )),
    });
    assert!(driver.model().money.confirmation.is_some(), "{}", driver.screen());
    let sent = Sent::Accepted { handle: driver::handle(id), state: State::Running };
    settle(&mut driver, id, Ok(Settled::Found(Box::new(sent))));
    driver.take();
    driver.press("yes<Enter>");
    assert_eq!(driver.saves(), 0, "{}", driver.screen());
    assert!(driver.model().money.confirmation.is_none());
}

#[test]
fn a_start_deadline_says_when_a_request_can_have_begun_no_more() {
    let (mut driver, id) = lost();
    let late = || Ok(Settled::Absent { deadline_ms: Some(600_000) });
    let begun = driver.model().now.0;
    while state(&driver, id) == State::Unknown {
        settle(&mut driver, id, late());
    }
    assert!(driver.model().now.0 - begun >= 600_000);
}

#[test]
fn without_a_network_it_is_asked_again_and_settled_when_that_is_back() {
    let (mut driver, id) = lost();
    for _ in 0..200 {
        settle(&mut driver, id, Err(fail(FailureKind::Network)));
    }
    let back = driver.model().now.0;
    while state(&driver, id) == State::Unknown {
        settle(&mut driver, id, Ok(Settled::Absent { deadline_ms: Some(5_000) }));
    }
    assert!(driver.model().now.0 - back < 60_000, "{}", driver.model().now.0 - back);
}

#[test]
fn a_key_that_may_not_list_leaves_it_to_the_person() {
    let (mut driver, id) = lost();
    settle(&mut driver, id, Err(fail(FailureKind::Permission)));
    let job = &driver.model().jobs[&id];
    assert_eq!((&job.state, job.work.retry_at), (&State::Unknown, None));
    assert!(job.why.as_ref().unwrap().contains("on purpose"), "{:?}", job.why);
    assert!(!job.is_being_settled() && job.is_left_unsettled(driver.model().now));
    driver.press("<Esc>gq");
    assert!(driver.screen().contains("maybe paid"), "{}", driver.screen());
}

#[test]
fn the_request_of_another_job_is_never_adopted() {
    let (mut driver, id) = lost();
    driver.press("iMake it blue<Enter>");
    driver.answer_all();
    let other = *driver.model().jobs.keys().next_back().unwrap();
    assert_ne!(other, id);
    let sent = Sent::Accepted { handle: driver::handle(other), state: State::Running };
    settle(&mut driver, id, Ok(Settled::Found(Box::new(sent))));
    assert_eq!(state(&driver, id), State::Unknown);
}
