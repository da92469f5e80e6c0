//! What is asked before money leaves.

use editree::app::effect::Effect;
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::{JobId, State};
use editree::app::news::Ending;
use editree::schema::Usd;

use crate::support::driver::Driver;

/// A service that costs, with so many dollars for the day.
fn paid(day: Option<f64>) -> Driver {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.profile.simulated = false;
    driver.workbench.model.profile.host = "queue.example".into();
    driver.workbench.model.spent.day_budget = day.and_then(Usd::from_f64);
    driver
}

fn ceilings(driver: &mut Driver) -> Vec<Option<Usd>> {
    let ceiling = |effect: Effect| match effect {
        Effect::Save { ceiling, .. } => Some(ceiling),
        _ => None,
    };
    driver.take().into_iter().filter_map(ceiling).collect()
}

#[test]
fn the_first_request_that_costs_waits_for_y_and_is_asked_about_once() {
    let mut driver = paid(None);
    driver.workbench.model.profile.consented = false;
    driver.press("Make it red<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("to queue.example and cost"), "{screen}");
    assert_eq!(driver.saves(), 0);
    driver.press("<Enter>x");
    assert_eq!(driver.saves(), 0, "only the letter counts");
    driver.press("y");
    let effects = driver.take();
    assert!(effects.contains(&Effect::Consent("sim".into())));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
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
    driver.workbench.model.spent.session_budget = Usd::from_f64(0.10);
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
    let Some(Effect::Save { ticket, .. }) =
        effects.iter().find(|effect| matches!(effect, Effect::Save { .. }))
    else {
        panic!("{effects:?}")
    };
    let over = Failure::new(FailureKind::Budget, "over the day's budget");
    driver.end(Ending::Saved { ticket: *ticket, saved: Err(over) });
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
            let ending = match &effect {
                Effect::Send { job, .. } => {
                    Some(Ending::Sent { job: *job, answer: Err(lost.clone()) })
                }
                _ => driver.answer(effect.clone()),
            };
            ending.into_iter().for_each(|ending| driver.end(ending));
        }
    }
    assert_eq!(driver.model().jobs[&JobId(2)].state, State::Unknown);
    driver.take();
    driver.press("<Esc>gq<Enter>s");
    assert_eq!(driver.saves(), 0, "{}", driver.screen());
    driver.press("yes<Enter>");
    let effects = driver.take();
    let again = effects.iter().find_map(|effect| match effect {
        Effect::Save { order, .. } => Some(order.repeats),
        _ => None,
    });
    assert_eq!(again, Some(Some(JobId(2))));
}

#[test]
fn on_the_simulator_nothing_is_asked() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.profile.consented = false;
    driver.workbench.model.spent.day_budget = Some(Usd(1));
    driver.press("Make it red<Enter>");
    assert_eq!(driver.saves(), 1);
}
