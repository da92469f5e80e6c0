//! What passes by itself: a full disk, a line that is away. Nothing paid for is given up.

use editree::app::effect::{Effect, ServiceEffect, StoreEffect, TaskKey};
use editree::app::failure::{Billed, Failure, FailureKind};
use editree::app::job::{JobId, State};
use editree::app::message::{ServiceResult, StoreResult, TaskEvent, TaskResult};

use crate::support::driver::Driver;

const JOB: JobId = JobId(2);

/// Answers all there is; what `refused` picks is answered with the failure instead.
fn answer(driver: &mut Driver, kind: FailureKind, refused: fn(&Effect) -> bool) {
    for effect in driver.take() {
        let failure = || Failure::new(kind, "there is no room, or no line");
        let result = match &effect {
            effect if !refused(effect) => driver.answer(effect.clone()),
            Effect::Service(ServiceEffect::Upload { job, .. }) => {
                Some(TaskResult::Service(ServiceResult::Uploaded {
                    job: *job,
                    addresses: Err(failure()),
                }))
            }
            Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                Some(TaskResult::Service(ServiceResult::Fetched {
                    job: *job,
                    outcome: Err(failure()),
                }))
            }
            Effect::Store(StoreEffect::Finish { job, .. }) => {
                Some(TaskResult::Store(StoreResult::Moved {
                    job: *job,
                    to: State::Done,
                    result: Err(failure()),
                }))
            }
            Effect::Store(StoreEffect::SetJobState { job, to, .. }) => {
                Some(TaskResult::Store(StoreResult::Moved {
                    job: *job,
                    to: to.clone(),
                    result: Err(failure()),
                }))
            }
            _ => None,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
}

fn until_quiet(driver: &mut Driver, kind: FailureKind, refused: fn(&Effect) -> bool) {
    for _ in 0..12 {
        answer(driver, kind, refused);
    }
}

fn state(driver: &Driver) -> State {
    driver.model().jobs[&JOB].state.clone()
}

fn waits(driver: &Driver) -> bool {
    state(driver).pause().is_some()
}

#[test]
fn a_picture_that_finds_no_room_is_fetched_when_there_is() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Store, |effect| {
        matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }))
    });
    assert!(waits(&driver), "paid, and never given up");
    assert!(driver.screen().contains("no room"), "{}", driver.screen());
    for _ in 0..3 {
        driver.tick(60_000);
        until_quiet(&mut driver, FailureKind::Store, |effect| {
            matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }))
        });
    }
    let told = driver.model().log.lines().filter(|line| line.text.contains("no room")).count();
    assert_eq!(told, 1, "once, not with every try");
    driver.tick(600_000);
    until_quiet(&mut driver, FailureKind::Store, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn a_row_that_finds_no_room_is_written_when_there_is() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Store, |effect| {
        matches!(effect, Effect::Store(StoreEffect::Finish { .. }))
    });
    assert_eq!(state(&driver), State::Fetching);
    driver.tick(6_000);
    until_quiet(&mut driver, FailureKind::Store, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn a_result_that_the_store_refuses_is_written_an_hour_later_and_told_once() {
    let mut driver = Driver::new(120, 40);
    let finishes = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Finish { .. }));
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Bug, finishes);
    assert_eq!(state(&driver), State::Fetching);
    assert!(driver.screen().contains("no room"), "{}", driver.screen());
    for _ in 0..3 {
        driver.tick(3_500_000);
        assert!(!driver.take().iter().any(finishes), "not every few seconds");
        assert!(driver.model().jobs[&JOB].work.is_refused);
        driver.tick(200_000);
        assert!(driver.effects.iter().any(finishes), "and never given up");
        until_quiet(&mut driver, FailureKind::Bug, finishes);
    }
    let told = driver.model().log.lines().filter(|line| line.text.contains("no room")).count();
    assert_eq!(told, 1, "once, not with every try");
    driver.tick(3_700_000);
    until_quiet(&mut driver, FailureKind::Bug, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn a_move_that_the_store_refuses_is_written_an_hour_later_and_the_job_goes_on() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Bug, |effect| {
        matches!(effect, Effect::Store(StoreEffect::SetJobState { to: State::Queued(_), .. }))
    });
    assert_eq!(state(&driver), State::Queued(Some(0)));
    assert!(!driver.model().jobs[&JOB].durable, "accepted, and its row is not written");
    assert!(driver.model().jobs[&JOB].work.is_refused, "a command does not wait for that");
    driver.tick(3_700_000);
    until_quiet(&mut driver, FailureKind::Bug, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn a_write_that_ends_without_an_answer_is_done_again() {
    let mut driver = Driver::new(120, 40);
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    let finishes = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Finish { .. }));
    while !driver.effects.iter().any(finishes) {
        answer(&mut driver, FailureKind::Bug, |_| false);
    }
    driver.take();
    let lost = TaskResult::Lost(Failure::new(FailureKind::Bug, "a task of editree panicked"));
    driver.finish_task(TaskKey::Write(7), lost);
    driver.tick(3_700_000);
    until_quiet(&mut driver, FailureKind::Bug, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn an_answer_that_comes_after_the_end_changes_nothing() {
    let mut driver = Driver::new(120, 40);
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Bug, |_| false);
    let notice = driver.model().notice.clone();
    let refused = Err(Failure::new(FailureKind::Bug, "it is done already"));
    driver.finish(TaskResult::Store(StoreResult::Finished { job: JOB, next: refused }));
    assert_eq!(state(&driver), State::Done);
    assert_eq!(driver.model().notice, notice);
    assert_eq!(driver.model().jobs[&JOB].work.retry_at, None);
}

#[test]
fn nothing_is_sent_before_its_row_could_be_written() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let sending = |effect: &Effect| {
        matches!(effect, Effect::Store(StoreEffect::SetJobState { to: State::Sending, .. }))
    };
    let mut sent = 0;
    for _ in 0..12 {
        let is_send =
            |effect: &&Effect| matches!(effect, Effect::Service(ServiceEffect::Send { .. }));
        sent += driver.effects.iter().filter(is_send).count();
        answer(&mut driver, FailureKind::Store, sending);
    }
    assert_eq!(sent, 0);
    driver.tick(6_000);
    until_quiet(&mut driver, FailureKind::Store, |_| false);
    assert_eq!(state(&driver), State::Done, "it went on by itself");
}

#[test]
fn a_line_that_is_away_for_hours_is_one_line_of_the_log() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    for _ in 0..200 {
        until_quiet(&mut driver, FailureKind::Network, |effect| {
            matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }))
        });
        driver.tick(6_000);
    }
    let told = driver.model().log.lines().filter(|line| line.text.contains("no line")).count();
    assert_eq!((waits(&driver), told), (true, 1));
}

#[test]
fn the_header_says_since_when_the_line_is_away_and_what_waits() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let fetches = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }));
    until_quiet(&mut driver, FailureKind::Network, fetches);
    driver.tick(130_000);
    let screen = driver.screen();
    assert!(screen.contains("offline since 01:00, 1 job waiting"), "{screen}");
    until_quiet(&mut driver, FailureKind::Network, |_| false);
    assert!(!driver.screen().contains("offline"), "{}", driver.screen());
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn a_clock_that_leaps_an_hour_ahead_or_back_delays_nothing() {
    for leap in [3_600_000, -3_600_000] {
        let mut driver = Driver::new(120, 40);
        driver.press("Make it red<Enter>");
        let fetches =
            |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Fetch { .. }));
        until_quiet(&mut driver, FailureKind::Network, fetches);
        assert!(waits(&driver));
        driver.tick(leap);
        until_quiet(&mut driver, FailureKind::Network, |_| false);
        driver.tick(6_000);
        until_quiet(&mut driver, FailureKind::Network, |_| false);
        assert_eq!(state(&driver), State::Done, "{leap}");
        driver.tick(9_000);
        assert!(driver.model().notice.is_none(), "words leave the footer in their time: {leap}");
    }
}

#[test]
fn whoever_owns_jobs_gives_a_sign_of_life_every_five_seconds() {
    let mut driver = Driver::new(120, 40);
    let beats = |driver: &mut Driver| {
        let effects = driver.take();
        effects.iter().filter(|effect| **effect == Effect::Store(StoreEffect::Heartbeat)).count()
    };
    driver.tick(60_000);
    assert_eq!(beats(&mut driver), 0, "nothing is ours, nobody waits for a sign");
    driver.press("Make it red<Enter>");
    until_quiet(&mut driver, FailureKind::Network, |effect| {
        matches!(
            effect,
            Effect::Service(ServiceEffect::Follow { .. })
                | Effect::Service(ServiceEffect::Fetch { .. })
        )
    });
    let told: usize = (0..30)
        .map(|_| {
            driver.tick(1_000);
            beats(&mut driver)
        })
        .sum();
    assert_eq!(told, 6);
}

#[test]
fn a_job_that_another_editree_took_over_is_only_shown() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let finishes = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Finish { .. }));
    until_quiet(&mut driver, FailureKind::Elsewhere, finishes);
    assert!(!driver.model().jobs[&JOB].owned);
    driver.tick(60_000);
    let asks = |effect: &Effect| {
        matches!(
            effect,
            Effect::Store(StoreEffect::Finish { .. })
                | Effect::Service(ServiceEffect::Fetch { .. })
        )
    };
    assert!(!driver.take().iter().any(asks), "its new owner finishes it");
}

#[test]
fn what_cannot_leave_waits_in_the_line_and_leaves_by_itself() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    let uploads = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Upload { .. }));
    let mut tries = 0;
    for _ in 0..60 {
        driver.tick(60_000);
        for _ in 0..6 {
            tries += driver.effects.iter().filter(|effect| uploads(effect)).count();
            answer(&mut driver, FailureKind::Network, uploads);
        }
    }
    assert_eq!(state(&driver), State::Saved);
    assert!((10..=60).contains(&tries), "an hour long, about once a minute: {tries}");
    let told = driver.model().log.lines().filter(|line| line.text.contains("no line")).count();
    assert_eq!(told, 1, "once, not with every try");
    assert!(driver.screen().contains("offline since 01:01, 1 job waiting"), "{}", driver.screen());
    driver.tick(61_000);
    until_quiet(&mut driver, FailureKind::Network, |_| false);
    assert_eq!(state(&driver), State::Done);
}

#[test]
fn how_many_run_at_once_is_learnt_from_the_service() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.limit = None;
    for number in 0..6 {
        driver.press(&format!("Take {number}<Enter>"));
    }
    let follows = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Follow { .. }));
    until_quiet(&mut driver, FailureKind::Network, follows);
    assert_eq!(driver.model().under_way(), 3, "two for a new account, one more stands ready");
    for job in 2..=4 {
        driver.event(TaskEvent::Status { job: JobId(job), state: State::Running });
        until_quiet(&mut driver, FailureKind::Network, follows);
    }
    assert_eq!((driver.model().queue.concurrency_limit, driver.model().under_way()), (3, 4));
    driver.press("<Esc>gq");
    let told = "queue · 3 running · 1 queued · 2 not sent yet";
    assert!(driver.screen().contains(told), "{}", driver.screen());
}

#[test]
fn a_service_that_takes_no_more_is_believed() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.limit = None;
    driver.press("One<Enter>Two<Enter>");
    let sends = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Send { .. }));
    for _ in 0..12 {
        for effect in driver.take() {
            let busy = || Failure::new(FailureKind::Busy, "no more than one at once");
            let result = match &effect {
                Effect::Service(ServiceEffect::Send { job: JobId(3), .. }) => {
                    Some(TaskResult::Service(ServiceResult::Sent {
                        job: JobId(3),
                        answer: Err(busy()),
                    }))
                }
                Effect::Service(ServiceEffect::Follow { .. }) => None,
                _ => driver.answer(effect),
            };
            result.into_iter().for_each(|result| driver.finish(result));
        }
    }
    assert_eq!(driver.model().queue.concurrency_limit, 1);
    assert_eq!(driver.model().jobs[&JobId(3)].state, State::Saved, "it leaves later by itself");
    assert!(!driver.take().iter().any(sends));
}

#[test]
fn what_refuses_one_model_holds_only_what_waits_for_the_same() {
    for (kind, others) in
        [(FailureKind::Auth, false), (FailureKind::Permission, false), (FailureKind::Account, true)]
    {
        let mut driver = Driver::new(120, 40);
        driver.workbench.model.profile.limit = Some(1);
        driver.press("One<Enter>Two<Enter>Three<Enter>");
        for _ in 0..24 {
            if let Some(other) = driver.workbench.model.jobs.get_mut(&JobId(3)) {
                other.spec.recipe.endpoint = "fal-ai/flux-pro/kontext/max".into();
            }
            for effect in driver.take() {
                let result = match &effect {
                    Effect::Service(ServiceEffect::Send { job: JOB, .. }) => {
                        let answer = Err(Failure::new(kind, "not with this key"));
                        Some(TaskResult::Service(ServiceResult::Sent { job: JOB, answer }))
                    }
                    _ => driver.answer(effect),
                };
                result.into_iter().for_each(|result| driver.finish(result));
            }
        }
        let is_held = |id| matches!(driver.model().jobs[&JobId(id)].state, State::Held(_));
        assert_eq!(driver.model().jobs[&JOB].state, State::Failed);
        assert_eq!((is_held(3), is_held(4)), (others, true), "{kind:?}");
    }
}

#[test]
fn what_an_earlier_session_left_open_is_told_at_the_start() {
    use editree::app::job::{JobId, State};
    let mut driver = Driver::new(120, 40);
    driver.press("one<Enter>two<Enter>three<Enter>");
    driver.answer_all();
    let model = &mut driver.workbench.model;
    for (id, state) in [(2, State::Unknown), (3, State::Held("no key".into()))] {
        model.jobs.get_mut(&JobId(id)).expect("it was saved").state = state;
    }
    editree::app::begin(model);
    let screen = driver.screen();
    assert!(screen.contains("left over: 1 may be paid, 1 saved, not sent"), "{screen}");
    driver.press("<A-4>");
    assert!(driver.screen().contains("may be paid"));
}

#[test]
fn what_was_cancelled_while_it_left_and_did_not_arrive_is_not_sent_again() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    while !driver
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::Service(ServiceEffect::Send { .. })))
    {
        let effect = driver.effects.remove(0);
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    driver.press("<A-4>x");
    driver.take();
    let job = *driver.model().jobs.keys().next().unwrap();
    let busy = Failure { billed: Billed::No, ..Failure::new(FailureKind::Busy, "later") };
    driver.finish(TaskResult::Service(ServiceResult::Sent { job, answer: Err(busy) }));
    assert_eq!(driver.model().jobs[&job].state, State::Cancelled);
    assert!(
        !driver
            .take()
            .iter()
            .any(|effect| matches!(effect, Effect::Service(ServiceEffect::Upload { .. })))
    );
}

/// A row of the queue is another job a moment later.
#[test]
fn the_job_that_was_selected_is_the_one_that_is_cancelled() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>4ry");
    for _ in 0..4 {
        let saves = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Save { .. }));
        let at =
            driver.effects.iter().position(saves).unwrap_or_else(|| panic!("{}", driver.screen()));
        let save = driver.effects.remove(at);
        let saved = driver.answer(save).unwrap();
        driver.finish(saved);
    }
    driver.press("<A-4>kk");
    let selected = |driver: &Driver| {
        let screen = driver.screen();
        let queue = screen.lines().skip_while(|row| !row.contains("▌[4]")).skip(1);
        let row = queue.filter_map(|row| Some(row.rsplit_once('▌')?.1)).next()?;
        row.split_whitespace().find(|word| word.starts_with('n')).map(str::to_owned)
    };
    let chosen = selected(&driver).unwrap();
    // Those before it end, and go to the end of the list.
    let model = &mut driver.workbench.model;
    for job in model.jobs.values_mut().take(2) {
        job.state = State::Done;
    }
    driver.tick(100);
    assert_eq!(selected(&driver), Some(chosen.clone()), "{}", driver.screen());
    driver.press("x");
    let cancelled = driver.model().jobs.values().filter(|job| job.state == State::Cancelled);
    let cancelled: Vec<String> = cancelled.map(|job| job.node.to_string()).collect();
    assert_eq!(cancelled, [chosen]);
}

/// The log of other days names jobs that are not in the queue: no other one is meant by them.
#[test]
fn a_line_of_the_log_leads_to_its_own_job_or_to_what_came_of_it() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("Add a hat<Enter>");
    driver.answer_all();
    let gone = driver.workbench.model.jobs.remove(&JobId(2)).unwrap().node;
    let mut led = Vec::new();
    for line in ["gg", "G"] {
        driver.press(&format!("<A-5>{line}<Enter>"));
        let is_queue = driver.workbench.ui.focus() == editree::ui::panes::queue::PANE.id;
        led.push(if is_queue { None } else { driver.model().current.map(|it| it.node) });
    }
    led.sort();
    assert_eq!(led, [None, Some(gone)], "{}", driver.screen());
}
