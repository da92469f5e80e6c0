//! Exact costs and the balance: asked quietly and together, believed over our own count, and held against
//! what is about to be sent.

use editree::app::action::{Action, QueueAction, SessionAction};
use editree::app::effect::{Effect, ServiceEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::memory::MOST;
use editree::app::message::{Message, ServiceResult, StoreResult, TaskResult};
use editree::app::update;
use editree::schema::Usd;

use crate::support::driver::Driver;

/// The questions about bills since the last call.
fn asked(driver: &mut Driver) -> Vec<Vec<String>> {
    let ask = |effect| match effect {
        Effect::Service(ServiceEffect::LoadBills { requests, .. }) => Some(requests),
        _ => None,
    };
    driver.take().into_iter().filter_map(ask).collect()
}

fn billed(driver: &mut Driver, asked: Vec<String>, costs: Result<Vec<(String, Usd)>, Failure>) {
    driver.finish(TaskResult::Service(ServiceResult::Bills { asked, costs }));
}

fn three_results() -> Driver {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>Add a hat<Enter>Add rain<Enter>");
    driver.answer_all();
    driver
}

#[test]
fn bills_of_many_results_are_asked_for_together_and_not_before_they_can_be_there() {
    let mut driver = three_results();
    driver.tick(1_000);
    assert_eq!(asked(&mut driver), Vec::<Vec<String>>::new());
    driver.tick(20_000);
    let questions = asked(&mut driver);
    assert_eq!(questions.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    driver.tick(60_000);
    assert_eq!(asked(&mut driver).len(), 0, "one question at a time");
    let own = driver.model().money.spent.session;
    assert_eq!(own, Usd(120_000));
    let first = questions[0][0].clone();
    billed(&mut driver, questions[0].clone(), Ok(vec![(first.clone(), Usd(10_000))]));
    driver.answer_all();
    assert_eq!(driver.model().money.spent.session, Usd(90_000), "the bill is what counts");
    let exact = driver.model().nodes.values().filter(|node| node.is_exact);
    assert_eq!(exact.map(|node| node.cost).collect::<Vec<_>>(), [Some(Usd(10_000))]);
    driver.tick(3_600_000);
    let rest = asked(&mut driver);
    assert_eq!((rest.len(), rest[0].len(), rest[0].contains(&first)), (1, 2, false));
}

/// Like those of a week that the store knows.
fn unbilled(driver: &mut Driver, count: usize) {
    let found = Ok((0..count).map(|number| format!("request-{number:05}")).collect());
    driver.finish(TaskResult::Store(StoreResult::Unbilled(found)));
}

#[test]
fn bills_that_wait_behind_an_answered_question_are_asked_for_at_once_and_are_bounded() {
    let mut driver = Driver::new(100, 30);
    unbilled(&mut driver, 5_000);
    let mut billed_so_far = 0;
    for _ in 0..20 {
        for question in asked(&mut driver) {
            billed_so_far += question.len();
            let costs = question.iter().map(|request| (request.clone(), Usd(10_000))).collect();
            billed(&mut driver, question, Ok(costs));
        }
        driver.tick(1_000);
    }
    assert_eq!(billed_so_far, MOST.bills, "all that are kept, fifty a second");
    driver.tick(3_600_000);
    assert_eq!(asked(&mut driver).len(), 0);
}

#[test]
fn a_key_that_may_not_see_bills_is_asked_once() {
    let mut driver = three_results();
    driver.tick(20_000);
    let question = asked(&mut driver).remove(0);
    driver.is_strange = true;
    billed(&mut driver, question, Err(Failure::new(FailureKind::Permission, "may not")));
    driver.press("Add snow<Enter>");
    driver.answer_all();
    for _ in 0..20 {
        driver.tick(3_600_000);
    }
    assert_eq!(asked(&mut driver).len(), 0);
}

#[test]
fn bills_that_never_come_are_asked_for_ever_more_seldom_and_then_left() {
    let mut driver = three_results();
    let mut count = 0;
    for _ in 0..24 * 60 {
        driver.tick(60_000);
        for question in asked(&mut driver) {
            count += 1;
            billed(&mut driver, question, Ok(Vec::new()));
        }
    }
    assert!((5..=12).contains(&count), "{count}");
}

fn holds(driver: &mut Driver, amount: i64) {
    let balance = Ok(Some(Usd(amount)));
    driver.finish(TaskResult::Service(ServiceResult::Balance(balance)));
}

#[test]
fn several_requests_that_the_account_cannot_pay_are_asked_about_and_one_is_not() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.simulated = false;
    driver.workbench.model.profile.consented = true;
    driver.workbench.model.money.limits.requests = 10;
    holds(&mut driver, 50_000);
    driver.press("Make it {red|blue}<Enter>");
    let question = driver.model().money.confirmation.clone().expect("it is asked");
    let told = question.lines().join("\n");
    assert!(told.contains("the account holds $0.05 and cannot pay $0.08"), "{told}");
    update(&mut driver.workbench.model, Message::Action(Action::Queue(QueueAction::Answer(false))));
    driver.press("<Esc>");
    holds(&mut driver, 90_000);
    driver.workbench.model.draft.prompt = "Make it {red|blue}".into();
    update(&mut driver.workbench.model, Message::Action(Action::Queue(QueueAction::Run)));
    assert_eq!(driver.model().money.confirmation, None);
}

#[test]
fn the_account_shows_the_balance_or_why_it_is_not_known() {
    let mut driver = Driver::new(120, 40);
    let open = || Message::Action(Action::Session(SessionAction::Account));
    let effects = update(&mut driver.workbench.model, open());
    let is_balance =
        |effect: &&Effect| matches!(effect, Effect::Service(ServiceEffect::LoadBalance { .. }));
    assert_eq!(effects.iter().filter(is_balance).count(), 1);
    driver.workbench.model.money.account = Some(Default::default());
    driver.press("<Esc>$");
    holds(&mut driver, 12_340_000);
    assert!(driver.screen().contains("balance       sim $12.34 · starts"), "{}", driver.screen());
    driver.is_strange = true;
    let refused = Failure::new(FailureKind::Permission, "the key may not ask for the balance");
    driver.finish(TaskResult::Service(ServiceResult::Balance(Err(refused))));
    let screen = driver.screen();
    assert!(screen.contains("balance       not known: the key may not"), "{screen}");
}
