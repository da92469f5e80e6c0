//! What is asked before money leaves.

use crossterm::event::Event;
use editree::app::effect::{Effect, ServiceEffect, StoreEffect};
use editree::app::failure::{Billed, Failure, FailureKind};
use editree::app::job::{JobId, State};
use editree::app::message::{ServiceResult, StoreResult, TaskResult};
use editree::app::money::account::{Account, Entry};
use editree::schema::{Price, Usd};
use editree::tree::Timestamp;
use editree::ui::keys::Keymap;

use crate::overlays::in_box;
use crate::support::driver::Driver;

/// A service that costs, with so many dollars for the day.
fn paid(day: Option<f64>) -> Driver {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.profile.simulated = false;
    driver.workbench.model.profile.host = "queue.example".into();
    driver.workbench.model.money.spent.day_budget = day.and_then(Usd::from_f64);
    driver
}

fn ceilings(driver: &mut Driver) -> Vec<Option<Usd>> {
    let ceiling = |effect: Effect| match effect {
        Effect::Store(StoreEffect::Save { ceiling, .. }) => Some(ceiling),
        _ => None,
    };
    driver.take().into_iter().filter_map(ceiling).collect()
}

#[test]
fn the_first_request_that_costs_waits_for_y_and_is_asked_about_once() {
    let mut driver = paid(None);
    driver.workbench.model.profile.consented = false;
    driver.press("Make it red<Enter>");
    let told = in_box(&driver);
    assert!(told.contains("prompt and picture go to queue.example and cost money"), "{told}");
    assert_eq!(driver.saves(), 0);
    driver.press("<Enter>x");
    assert_eq!(driver.saves(), 0, "only the letter counts");
    driver.press("y");
    let effects = driver.take();
    assert!(effects.contains(&Effect::Store(StoreEffect::RecordConsent("sim".into()))));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. }))));
    assert_eq!(driver.model().draft.prompt, "");
    driver.press("Add a hat<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn what_was_not_agreed_to_stays_in_the_prompt() {
    let mut driver = paid(None);
    driver.workbench.model.profile.consented = false;
    driver.press("Make it red<Enter><Esc>");
    assert_eq!((driver.saves(), driver.model().draft.prompt.as_str()), (0, "Make it red"));
    assert!(driver.screen().contains("nothing was sent"), "{}", driver.screen());
}

#[test]
fn over_the_days_budget_needs_the_whole_word() {
    let mut driver = paid(Some(0.05));
    driver.press("one<Enter>");
    assert_eq!(ceilings(&mut driver), [Usd::from_f64(0.05)], "the store is told the limit");
    driver.press("two<Enter>y<Enter>");
    assert_eq!(driver.saves(), 0, "{}", driver.screen());
    driver.press("es<Enter>");
    assert_eq!(ceilings(&mut driver), [None]);
}

#[test]
fn a_session_has_its_own_budget() {
    let mut driver = paid(None);
    driver.workbench.model.money.spent.session_budget = Usd::from_f64(0.10);
    driver.press("one<Enter>");
    driver.answer_all();
    driver.press("<Esc>2r");
    assert!(driver.screen().contains("session's budget"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
}

#[test]
fn what_others_have_spent_meanwhile_is_asked_about_by_the_store() {
    let mut driver = paid(Some(1.0));
    driver.press("one<Enter>");
    let effects = driver.take();
    let Some(Effect::Store(StoreEffect::Save { save_id, .. })) =
        effects.iter().find(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })))
    else {
        panic!("{effects:?}")
    };
    let over = Failure::new(FailureKind::Budget, "over the day's budget");
    driver.finish(TaskResult::Store(StoreResult::Saved { save_id: *save_id, saved: Err(over) }));
    assert!(driver.screen().contains("type yes"), "{}", driver.screen());
    driver.press("yes<Enter>");
    assert_eq!(ceilings(&mut driver), [None]);
}

#[test]
fn a_request_that_may_be_paid_is_sent_again_only_with_the_whole_word() {
    let mut driver = paid(None);
    driver.press("Make it red<Enter>");
    let lost = Failure::new(FailureKind::Unknown, "the answer was lost");
    for _ in 0..6 {
        for effect in driver.take() {
            let result = match &effect {
                Effect::Service(ServiceEffect::Send { job, .. }) => {
                    Some(TaskResult::Service(ServiceResult::Sent {
                        job: *job,
                        answer: Err(lost.clone()),
                    }))
                }
                _ => driver.answer(effect.clone()),
            };
            result.into_iter().for_each(|result| driver.finish(result));
        }
    }
    assert_eq!(driver.model().jobs[&JobId(2)].state, State::Unknown);
    driver.take();
    driver.press("<Esc>gq<Enter>s");
    assert_eq!(driver.saves(), 0, "{}", driver.screen());
    driver.press("yes<Enter>");
    let effects = driver.take();
    let again = effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreEffect::Save { spec, .. }) => Some(spec.resend_of),
        _ => None,
    });
    assert_eq!(again, Some(Some(JobId(2))));
}

#[test]
fn on_the_simulator_nothing_is_asked() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.profile.consented = false;
    driver.workbench.model.money.spent.day_budget = Some(Usd(1));
    driver.press("Make it red<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn the_request_after_twenty_five_affordable_ones_is_stopped() {
    let mut driver = paid(Some(1.0));
    for number in 0..25 {
        driver.press(&format!("take {number}<Enter>"));
        assert_eq!(driver.saves_answered(), 1, "take {number}");
    }
    driver.press("one too many<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("over the day's budget of $1.00"), "{}", driver.screen());
    assert_eq!(driver.model().money.spent.day, Usd(1_000_000));
}

/// One request; what is fetched of it is answered with the failure. What it counts for at the end.
fn ended_with(failure: &Failure) -> (Usd, Vec<Effect>) {
    let mut driver = paid(None);
    driver.press("Make it red<Enter>");
    let mut charges = Vec::new();
    for _ in 0..12 {
        for effect in driver.take() {
            let result = match &effect {
                Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                    assert_eq!(
                        driver.model().money.spent.day,
                        Usd(40_000),
                        "accepted, so it counts"
                    );
                    Some(TaskResult::Service(ServiceResult::Fetched {
                        job: *job,
                        outcome: Err(failure.clone()),
                    }))
                }
                _ => driver.answer(effect.clone()),
            };
            charges.extend(
                Some(effect).filter(|effect| {
                    matches!(effect, Effect::Store(StoreEffect::RecordCost { .. }))
                }),
            );
            result.into_iter().for_each(|result| driver.finish(result));
        }
    }
    assert_eq!(driver.model().jobs[&JobId(2)].state, State::Failed);
    (driver.model().money.spent.day, charges)
}

#[test]
fn what_was_accepted_counts_until_the_service_says_that_it_was_free() {
    let failure = Failure { ends: true, ..Failure::new(FailureKind::Policy, "flagged") };
    let job = JobId(2);
    // The store counts it with the move that accepts it; only the taking back is a record of its own.
    for billed in [Billed::Yes, Billed::Maybe] {
        let (day, charges) = ended_with(&Failure { billed, ..failure.clone() });
        assert_eq!((day, charges), (Usd(40_000), vec![]));
    }
    let (day, charges) = ended_with(&Failure { billed: Billed::No, ..failure });
    let taken_back = Effect::Store(StoreEffect::RecordCost { job, cost: None });
    assert_eq!((day, charges), (Usd(0), vec![taken_back]));
}

#[test]
fn the_account_shows_cost_and_waiting_by_day_and_endpoint() {
    let mut driver = paid(Some(5.0));
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>$");
    assert!(driver.take().contains(&Effect::Store(StoreEffect::LoadAccount)));
    let entry = |wait, cost| Entry {
        endpoint: "fal-ai/flux-pro/kontext".into(),
        sent_at: Timestamp(0),
        ended_at: Some(Timestamp(wait)),
        estimate: Some(Usd(40_000)),
        cost: Some(Usd(cost)),
        is_filtered: false,
        is_exact: false,
        is_done: true,
    };
    let entries = [entry(4_000, 40_000), entry(6_000, 40_000), entry(9_000, 80_000)];
    let account = Account::of(&entries, |_| "2026-11-21".into());
    driver.finish(TaskResult::Store(StoreResult::Account(Ok(Box::new(account)))));
    let screen = driver.screen();
    for words in [
        "today         $0.04 of $5.00 · 3 done on 2026-11-21 · pro takes 6.0 s",
        "this session  $0.04",
        "in all        $0.16 for 3 requests",
        "this picture  $0.04 with those before it",
        "each starred  none yet",
        "estimated     $0.12 before sending",
        "2026-11-21  pro       3       0  $0.16       6.0 s",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    driver.press("q*$");
    assert!(driver.screen().contains("each starred  $0.16 · 1 starred"), "{}", driver.screen());
}

#[test]
fn what_the_service_asks_today_is_what_the_footer_shows() {
    let mut driver = paid(None);
    assert!(driver.screen().contains("next $0.04"), "{}", driver.screen());
    let price = Price {
        each: Some(Usd(50_000)),
        unit: "images".into(),
        read_on: "2026-11-21".into(),
        source: "the service".into(),
        ..Price::default()
    };
    driver.finish(TaskResult::Service(ServiceResult::Prices(Ok(vec![(
        "fal-ai/flux-pro/kontext".into(),
        price,
    )]))));
    assert!(driver.screen().contains("next $0.05"), "{}", driver.screen());
    let told = driver.model().log.lines().filter(|line| line.text.contains("so far: $0.04"));
    assert_eq!(told.count(), 1, "a difference is told");
    driver.press("Make it red<Enter>");
    driver.answer_all();
    assert_eq!(driver.model().money.spent.day, Usd(50_000));
}

#[test]
fn braces_make_several_requests_and_say_so_first() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it {red|blue}, take {1..2}");
    assert!(driver.screen().contains("next $0.16 (4 ×)"), "{}", driver.screen());
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 0, "asked first");
    let screen = driver.screen();
    assert!(screen.contains("4 requests for sim $0.16"), "{screen}");
    driver.press("y");
    let prompts: Vec<String> = driver
        .take()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Store(StoreEffect::Save { spec, .. }) => Some(spec.recipe.prompt),
            _ => None,
        })
        .collect();
    let wanted = [
        "Make it red, take 1",
        "Make it red, take 2",
        "Make it blue, take 1",
        "Make it blue, take 2",
    ];
    assert_eq!(prompts, wanted);
    // The words as they were typed come back with Up.
    driver.press("<Up>");
    assert_eq!(driver.model().draft.prompt, "Make it {red|blue}, take {1..2}");
}

#[test]
fn escaped_braces_and_json_are_one_request_and_its_words_come_back_as_they_were_typed() {
    let mut driver = Driver::new(120, 40);
    for (typed, sent) in [
        (r"Write \{a\|b\} on it", "Write {a|b} on it"),
        (r#"{"colour": "red|blue"}"#, r#"{"colour": "red|blue"}"#),
    ] {
        driver.press(typed);
        driver.press("<Enter>");
        let saved = driver.take().into_iter().find_map(|effect| match effect {
            Effect::Store(StoreEffect::Save { spec, .. }) => Some(spec.recipe.prompt),
            _ => None,
        });
        assert_eq!(saved.as_deref(), Some(sent), "{}", driver.screen());
        driver.press("<Up>");
        assert_eq!(driver.model().draft.prompt, typed);
        driver.press("<C-u>");
    }
}

#[test]
fn what_the_model_will_not_read_is_told_of_the_words_that_are_sent() {
    let mut driver = Driver::new(120, 40);
    let text = format!("{{red|blue}}{}", " keep the colours".repeat(165));
    driver.send(vec![Event::Paste(text)]);
    assert!(!driver.screen().contains("reads only"), "{}", driver.screen());
    driver.press(&format!(" {{a|{}}}", "and the shapes ".repeat(10)));
    assert!(driver.screen().contains("reads only the first 512 of"), "{}", driver.screen());
}

#[test]
fn again_is_told_at_the_price_of_the_pictures_own_endpoint() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:model max<Enter>iMake it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>");
    driver.tick(60_000);
    assert!(driver.screen().contains("next $0.08 ·"), "the same: {}", driver.screen());
    driver.press(":model pro<Enter>");
    driver.tick(60_000);
    assert!(driver.screen().contains("next $0.04 · r again $0.08 ·"), "{}", driver.screen());
    // A name among the sums says nothing.
    let mut freed = Driver::new(120, 40);
    freed.press("<Esc>:model max<Enter>iMake it red<Enter>");
    freed.answer_all();
    freed.workbench.ui.keymap =
        Keymap::with(&["r", "alt-r"].map(|key| (key.into(), "none".into()))).unwrap();
    freed.press("<Esc>:model pro<Enter>");
    freed.tick(60_000);
    assert!(freed.screen().contains("next $0.04 ·"), "{}", freed.screen());
    assert!(!freed.screen().contains("again $0.08"), "{}", freed.screen());
    driver.press(":reroll");
    let screen = driver.screen();
    let row = screen.lines().find(|line| line.contains("repeat with a new seed"));
    assert!(row.is_some_and(|row| row.contains("$0.08")), "{screen}");
    driver.press("<Esc>B");
    assert!(driver.screen().contains("again with max"), "{}", driver.screen());
}

#[test]
fn too_many_variations_are_a_slip() {
    let mut driver = Driver::new(120, 40);
    driver.press("take {1..50}<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("more than 20 requests"), "{}", driver.screen());
    assert_eq!(driver.model().draft.prompt, "take {1..50}");
}

#[test]
fn a_refusal_with_the_answer_itself_is_paid_alike_in_queue_log_and_the_days_sum() {
    let cases = [
        (Billed::Yes, "failed: no (billed)", "$0.04", 40_000),
        (Billed::Maybe, "failed: no (maybe billed)", "maybe paid", 40_000),
        (Billed::No, "failed: no", "not charged", 0),
    ];
    for (billed, told, word, spent) in cases {
        let mut driver = paid(None);
        driver.resize(200, 50);
        driver.press("<Esc>:sync<Enter>iMake it red<Enter>");
        let refusal = Failure { billed, ..Failure::new(FailureKind::Policy, "no") };
        let mut recorded = None;
        for _ in 0..6 {
            for effect in driver.take() {
                let result = match &effect {
                    Effect::Service(ServiceEffect::Send { job, request, .. }) => {
                        assert!(request.sync);
                        let answer = Err(refusal.clone());
                        Some(TaskResult::Service(ServiceResult::Sent { job: *job, answer }))
                    }
                    Effect::Store(StoreEffect::RecordCost { cost, .. }) => {
                        recorded = *cost;
                        None
                    }
                    _ => driver.answer(effect.clone()),
                };
                result.into_iter().for_each(|result| driver.finish(result));
            }
        }
        let model = driver.model();
        assert_eq!(model.jobs[&JobId(2)].state, State::Failed);
        let of_day = model.money.spent.day;
        assert_eq!((of_day, recorded.unwrap_or_default()), (Usd(spent), Usd(spent)), "{billed:?}");
        assert_eq!(model.money.spent.session, Usd(spent), "{billed:?}");
        driver.press("<Esc><A-5>");
        let log = driver.screen();
        assert!(
            log.lines()
                .any(|row| row.contains('✗')
                    && row.trim_end_matches([' ', '│', '┃']).ends_with(told)),
            "{told}: {log}"
        );
        driver.press("<Esc><A-4>");
        let queue = driver.screen();
        let row = queue.lines().find(|row| row.contains("✗ n2")).unwrap_or_default();
        let words = ["$0.04", "maybe paid", "not charged"].into_iter();
        let said: Vec<&str> = words.filter(|word| row.contains(word)).collect();
        assert_eq!(said, [word], "{queue}");
    }
}
