//! Accepted requests whose result does not come: they wait, say why and until when, are asked for
//! again, and end only by their pictures, the model's word, a cancel or the person's.

use editree::app::effect::{Effect, ServiceEffect, StoreEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::answer::{Answer, CancelAnswer};
use editree::app::job::{Ask, JobId, State};
use editree::app::message::{ServiceResult, StoreResult, TaskEvent, TaskResult};
use editree::schema::Usd;
use serde_json::json;

use crate::support::driver::{Driver, hash, outcome};

const JOB: JobId = JobId(2);
const DAY: i64 = 86_400_000;

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "the door is closed")
}

/// Answers all there is; every fetch with this.
fn answer(
    driver: &mut Driver,
    fetched: impl Fn() -> Result<Box<editree::app::job::answer::Outcome>, Failure>,
) -> usize {
    let mut asked = 0;
    for _ in 0..12 {
        for effect in driver.take() {
            let result = match &effect {
                Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                    asked += 1;
                    Some(TaskResult::Service(ServiceResult::Fetched {
                        job: *job,
                        outcome: fetched(),
                    }))
                }
                _ => driver.answer(effect),
            };
            result.into_iter().for_each(|result| driver.finish(result));
        }
    }
    asked
}

fn refused(driver: &mut Driver, kind: FailureKind) -> usize {
    answer(driver, || Err(failure(kind)))
}

fn well(driver: &mut Driver) {
    answer(driver, || Ok(Box::new(outcome(JOB))));
}

fn state(driver: &Driver) -> State {
    driver.model().jobs[&JOB].state.clone()
}

/// Whatever goes wrong with asking, in every kind of it.
#[test]
fn no_failure_of_asking_ends_an_accepted_request() {
    use FailureKind as K;
    for kind in [
        K::Validation,
        K::Policy,
        K::Auth,
        K::Account,
        K::NotFound,
        K::Early,
        K::Busy,
        K::Deadline,
        K::Cancelled,
        K::Service,
        K::Gone,
        K::Network,
        K::Unknown,
        K::Protocol,
        K::Picture,
        K::Store,
        K::Elsewhere,
        K::Bug,
    ] {
        let mut driver = Driver::new(120, 40);
        driver.press("Make it red<Enter>");
        assert_eq!(refused(&mut driver, kind), 1, "{kind:?}");
        assert!(state(&driver).pause().is_some(), "{kind:?}: {:?}", state(&driver));
        assert_eq!(driver.model().money.spent.day, Usd(40_000), "{kind:?}: it was accepted");
        driver.tick(70_000);
        well(&mut driver);
        assert_eq!(state(&driver), State::Done, "{kind:?}");
        assert_eq!(driver.model().money.spent.day, Usd(40_000), "{kind:?}: once");
    }
}

#[test]
fn the_models_own_word_ends_it() {
    for (kind, expected) in [
        (FailureKind::Policy, State::Failed),
        (FailureKind::Service, State::Failed),
        (FailureKind::Cancelled, State::Cancelled),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.press("Make it red<Enter>");
        answer(&mut driver, || Err(Failure { ends: true, ..failure(kind) }));
        assert_eq!(state(&driver), expected);
    }
}

#[test]
fn it_is_asked_for_with_growing_pauses_for_a_week_and_then_only_by_hand() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::NotFound);
    let mut pauses = Vec::new();
    while let Some(next) = state(&driver).pause().and_then(|pause| pause.next) {
        let pause = next.since(driver.model().now);
        pauses.push(pause);
        driver.tick(pause);
        assert_eq!(refused(&mut driver, FailureKind::NotFound), 1);
    }
    assert_eq!(
        pauses[..5].iter().map(|ms| (ms + 500) / 1_000).collect::<Vec<_>>(),
        [2, 2, 4, 8, 16]
    );
    assert_eq!(pauses.iter().max(), Some(&3_600_000), "hourly at most");
    let asked: i64 = pauses.iter().sum();
    assert!((6 * DAY..=7 * DAY).contains(&asked), "for about a week: {} h", asked / 3_600_000);
    let told = driver.model().log.lines().filter(|line| line.text.contains("door")).count();
    assert_eq!(told, 1, "once, not with every try");
    driver.press("<Esc>gq");
    assert!(driver.screen().contains("paid, not fetched"), "{}", driver.screen());
    driver.tick(30 * DAY);
    assert_eq!(refused(&mut driver, FailureKind::NotFound), 0, "never by itself");
    driver.press("<Enter>");
    well(&mut driver);
    assert_eq!(state(&driver), State::Done, "one key asks once more");
}

#[test]
fn a_key_asks_at_once_and_the_queue_says_when_it_is_asked_by_itself() {
    let mut driver = Driver::new(140, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::Service);
    for _ in 0..6 {
        let next = state(&driver).pause().and_then(|pause| pause.next).unwrap();
        driver.tick(next.since(driver.model().now));
        refused(&mut driver, FailureKind::Service);
    }
    driver.press("<Esc>gqf");
    let screen = driver.screen();
    assert!(screen.contains("waiting for its result (the door is closed)"), "{screen}");
    assert!(screen.contains("again in 1 min"), "{screen}");
    driver.press("<Enter>");
    well(&mut driver);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn who_waits_for_hours_wakes_only_to_ask() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::NotFound);
    for _ in 0..16 {
        let next = state(&driver).pause().and_then(|pause| pause.next).unwrap();
        driver.tick(next.since(driver.model().now));
        refused(&mut driver, FailureKind::NotFound);
    }
    // The words in the footer leave in their time; then nothing moves.
    driver.tick(60_000);
    driver.answer_all();
    driver.tick(1_000);
    driver.take();
    assert!(
        driver.model().ticks_in().is_some_and(|ms| ms > 600_000),
        "{:?}",
        driver.model().ticks_in()
    );
}

#[test]
fn a_new_start_asks_at_once() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::Auth);
    driver.take();
    let effects = editree::app::begin(&mut driver.workbench.model);
    let asks = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }));
    assert!(effects.iter().any(asks), "{effects:?}");
}

#[test]
fn what_waits_holds_up_no_other_request() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.limit = Some(1);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::NotFound);
    driver.press("<Esc>iAdd a hat<Enter>");
    for _ in 0..12 {
        for effect in driver.take() {
            if let Some(result) = driver.answer(effect) {
                driver.finish(result);
            }
        }
    }
    assert_eq!(driver.model().jobs[&JobId(3)].state, State::Done);
    assert!(state(&driver).pause().is_some());
}

#[test]
fn pictures_that_came_are_shown_and_kept_and_only_the_others_are_asked_for() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let body = json!({ "images": [{ "url": "https://a" }, { "url": "https://b" }] });
    let whole = Answer { body, request_id: None, billable_units: Some(2.0), served_from: None };
    let part = outcome(JOB);
    let mut fetches = Vec::new();
    let mut kept = Vec::new();
    for _ in 0..12 {
        for effect in driver.take() {
            match &effect {
                Effect::Service(ServiceEffect::Fetch { have, answer, .. }) => {
                    fetches.push((have.len(), answer.is_some()));
                    if fetches.len() == 1 {
                        driver.event(TaskEvent::Answered {
                            job: JOB,
                            answer: Box::new(whole.clone()),
                        });
                        driver.finish(TaskResult::Service(ServiceResult::FetchedPart {
                            job: JOB,
                            outcome: Box::new(part.clone()),
                            failure: failure(FailureKind::Protocol),
                        }));
                    } else {
                        let mut all = part.clone();
                        all.pictures.push(editree::tree::Picture {
                            hash: hash(77),
                            ..part.pictures[0].clone()
                        });
                        driver.finish(TaskResult::Service(ServiceResult::Fetched {
                            job: JOB,
                            outcome: Ok(Box::new(all)),
                        }));
                    }
                    continue;
                }
                Effect::Store(StoreEffect::SaveAnswer { .. })
                | Effect::Store(StoreEffect::SavePartialOutcome { .. }) => {
                    kept.push(effect.clone())
                }
                _ => {}
            }
            if let Some(result) = driver.answer(effect) {
                driver.finish(result);
            }
        }
        if state(&driver).pause().is_some() {
            let node = driver.model().jobs[&JOB].node;
            assert_eq!(driver.model().nodes[&node].pictures.len(), 1, "shown already");
            driver.tick(3_000);
        }
    }
    assert_eq!(fetches, [(0, false), (1, true)]);
    assert_eq!(kept.len(), 2, "the answer, and the picture: {kept:?}");
    let node = driver.model().jobs[&JOB].node;
    assert_eq!((state(&driver), driver.model().nodes[&node].pictures.len()), (State::Done, 2));
}

#[test]
fn giving_up_keeps_the_pictures_that_are_here_and_puts_away_what_has_none() {
    let waiting = |driver: &mut Driver, part: bool| {
        driver.press("Make it red<Enter>");
        for _ in 0..12 {
            for effect in driver.take() {
                if let (Effect::Service(ServiceEffect::Fetch { .. }), true) = (&effect, part) {
                    let answer = Answer {
                        body: json!({}),
                        request_id: None,
                        billable_units: None,
                        served_from: None,
                    };
                    driver.event(TaskEvent::Answered { job: JOB, answer: Box::new(answer) });
                    let (outcome, failure) =
                        (Box::new(outcome(JOB)), failure(FailureKind::Protocol));
                    driver.finish(TaskResult::Service(ServiceResult::FetchedPart {
                        job: JOB,
                        outcome,
                        failure,
                    }));
                } else if matches!(effect, Effect::Service(ServiceEffect::Fetch { .. })) {
                    let outcome = Err(failure(FailureKind::Gone));
                    driver
                        .finish(TaskResult::Service(ServiceResult::Fetched { job: JOB, outcome }));
                } else if let Some(result) = driver.answer(effect) {
                    driver.finish(result);
                }
            }
        }
    };
    for (part, expected) in [(true, State::Done), (false, State::Dismissed)] {
        let mut driver = Driver::new(120, 40);
        waiting(&mut driver, part);
        driver.press("<Esc>gqx");
        assert!(
            driver.screen().contains("is paid; its result has not arrived"),
            "{}",
            driver.screen()
        );
        driver.press("d");
        driver.answer_all();
        assert_eq!(state(&driver), expected);
        assert_eq!(driver.model().money.spent.day, Usd(40_000), "it was paid");
    }
}

#[test]
fn only_a_confirmed_cancel_ends_what_waits() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::Gone);
    driver.press("<Esc>gqxc");
    let asked = driver.take();
    assert!(
        asked
            .iter()
            .any(|effect| matches!(effect, Effect::Service(ServiceEffect::CancelRemote { .. }))),
        "{asked:?}"
    );
    for answer in [CancelAnswer::TooLate, CancelAnswer::NotFound, CancelAnswer::Requested] {
        driver.finish(TaskResult::Service(ServiceResult::CancelAsked {
            job: JOB,
            answer: Ok(answer),
        }));
        assert!(state(&driver).pause().is_some(), "{answer:?}");
    }
    driver.finish(TaskResult::Service(ServiceResult::CancelAsked {
        job: JOB,
        answer: Ok(CancelAnswer::Removed),
    }));
    assert_eq!(state(&driver), State::Cancelled);
    assert_eq!(driver.model().money.spent.day, Usd(0), "it never ran");
}

#[test]
fn a_status_that_is_not_told_leads_to_the_result_and_a_result_too_early_back() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let follow_fails = |driver: &mut Driver| {
        for effect in driver.take() {
            let result = match &effect {
                Effect::Service(ServiceEffect::Follow { job, .. }) => {
                    let result = Err(failure(FailureKind::NotFound));
                    Some(TaskResult::Service(ServiceResult::Followed { job: *job, result }))
                }
                Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                    let outcome = Err(failure(FailureKind::Early));
                    Some(TaskResult::Service(ServiceResult::Fetched { job: *job, outcome }))
                }
                _ => driver.answer(effect),
            };
            result.into_iter().for_each(|result| driver.finish(result));
        }
    };
    let mut asks = Vec::new();
    for _ in 0..40 {
        follow_fails(&mut driver);
        if let Some(pause) = state(&driver).pause() {
            if asks.last() != Some(&pause.ask) {
                asks.push(pause.ask);
            }
            driver.tick(pause.next.unwrap().since(driver.model().now));
        }
    }
    assert!(asks.starts_with(&[Ask::Result, Ask::Status, Ask::Result]), "{asks:?}");
}

#[test]
fn a_pause_that_changes_before_its_row_is_written_holds_up_nothing() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    refused(&mut driver, FailureKind::Network);
    let known = state(&driver);
    let job = driver.workbench.model.jobs.get_mut(&JOB).unwrap();
    let mut pause = known.pause().unwrap();
    pause.next = Some(driver.workbench.model.now);
    (job.state, job.durable) = (State::Waiting(pause), false);
    driver.finish(TaskResult::Store(StoreResult::Moved { job: JOB, to: known, result: Ok(()) }));
    well(&mut driver);
    assert_eq!(state(&driver), State::Done);
}

/// Signs that stand before this node anywhere on the screen.
fn signs(driver: &Driver, node: u32) -> Vec<char> {
    let (screen, name) = (driver.screen(), format!(" n{node} "));
    let before = |line: &str| line.split(&name).next().and_then(|before| before.chars().last());
    let signs = "◐◌●✗‖?";
    let of = |line: &str| line.contains(&name).then(|| before(line)).flatten();
    screen.lines().filter_map(of).filter(|sign| signs.contains(*sign)).collect()
}

#[test]
fn queue_and_tree_show_the_same_sign_of_the_same_request() {
    let mut driver = Driver::new(200, 50);
    driver.press("Make it {red|blue|green|white}<Enter>y<A-4>");
    driver.workbench.model.profile.limit = Some(3);
    for _ in 0..12 {
        for node in 2..6 {
            let signs = signs(&driver, node);
            let is_same = signs.windows(2).all(|pair| pair[0] == pair[1]);
            assert!(is_same, "n{node}: {signs:?}\n{}", driver.screen());
        }
        for effect in driver.take() {
            if let Some(result) = driver.answer(effect) {
                driver.finish(result);
            }
        }
    }
}

#[test]
fn a_failure_says_whether_it_cost_and_its_row_has_no_keys_of_others() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let ends = || Err(Failure { ends: true, ..failure(FailureKind::Service) });
    answer(&mut driver, ends);
    assert!(driver.screen().contains("not charged"), "{}", driver.screen());
    driver.press("<A-4>");
    driver.workbench.model.notice = None;
    let screen = driver.screen();
    let footer = screen.lines().last().unwrap_or_default();
    assert!(!signs(&driver, 2).is_empty(), "{screen}");
    for word in ["cancel", "pause", "send held"] {
        assert!(!footer.contains(word), "{word}: {footer}");
    }
}

#[test]
fn who_waits_for_its_turn_among_many_is_asked_for_at_once_by_hand() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let follows = |driver: &mut Driver| -> Vec<bool> {
        let mut urgent = Vec::new();
        for effect in driver.take() {
            let result = match effect {
                Effect::Service(ServiceEffect::Follow { is_urgent, .. }) => {
                    urgent.push(is_urgent);
                    None
                }
                Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                    let outcome = Err(failure(FailureKind::Early));
                    Some(TaskResult::Service(ServiceResult::Fetched { job, outcome }))
                }
                effect => driver.answer(effect),
            };
            result.into_iter().for_each(|result| driver.finish(result));
        }
        urgent
    };
    let first: Vec<bool> = (0..8).flat_map(|_| follows(&mut driver)).collect();
    assert_eq!(first, [false]);
    let job = TaskResult::Service(ServiceResult::Followed { job: JOB, result: Ok(()) });
    driver.finish(job);
    for _ in 0..4 {
        follows(&mut driver);
    }
    // It is not ready after all: its next look stands in the line of all others.
    assert_eq!(state(&driver).pause().map(|pause| pause.ask), Some(Ask::Status));
    driver.tick(3_000);
    assert_eq!(follows(&mut driver), [false]);
    driver.press("<Esc>gq<Enter>");
    assert_eq!(follows(&mut driver), [true], "{}", driver.screen());
    driver.finish(TaskResult::Service(ServiceResult::Followed { job: JOB, result: Ok(()) }));
    well(&mut driver);
    assert_eq!(state(&driver), State::Done);
}
