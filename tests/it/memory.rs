//! A workbench that runs for months: what it keeps in memory has a bound for each kind.

use std::collections::VecDeque;

use editree::app::action::{Action, DraftAction, QueueAction, TreeAction};
use editree::app::effect::{Effect, StoreEffect, TaskKey};
use editree::app::job::{State, Work};
use editree::app::memory::MOST;
use editree::app::message::Message;
use editree::app::update;
use editree::tree::decision::Mark;
use editree::tree::index::NodeSummary;
use editree::tree::{NodeId, Timestamp};

use crate::support::driver::Driver;

/// One cause and all that comes of it, answered as a healthy store and service would.
fn act(driver: &mut Driver, message: Message) {
    let mut waiting = VecDeque::from(update(&mut driver.workbench.model, message));
    while let Some(effect) = waiting.pop_front() {
        let Some(result) = driver.answer(effect) else { continue };
        let message = Message::TaskFinished(TaskKey::Nodes, result);
        waiting.extend(update(&mut driver.workbench.model, message));
    }
}

#[test]
fn five_thousand_jobs_leave_bounded_collections() {
    const JOBS: u32 = 5_000;
    let mut driver = Driver::new(100, 30);
    for number in 0..JOBS {
        driver.workbench.model.now = Timestamp(2_000 + i64::from(number) * 60_000);
        act(
            &mut driver,
            Message::Action(Action::Draft(DraftAction::SetPrompt(format!("Edit {number}")))),
        );
        act(&mut driver, Message::Action(Action::Queue(QueueAction::Run)));
        if driver.model().money.confirmation.is_some() {
            panic!("asks: {:?}", driver.model().money.confirmation);
        }
        if number % 100 == 0 {
            act(&mut driver, Message::Tick);
        }
    }
    let model = driver.model();
    assert_eq!(model.tree.len(), JOBS as usize + 1, "nothing of the tree itself is forgotten");
    let most = |most: usize| most + most / 8;
    assert!(model.jobs.len() <= most(MOST.jobs), "{} jobs", model.jobs.len());
    assert!(model.jobs.values().all(|job| job.state == State::Done));
    assert!(model.jobs.len() >= MOST.jobs && model.jobs.keys().last().unwrap().0 > JOBS);
    assert!(model.nodes.len() <= most(MOST.nodes), "{} nodes", model.nodes.len());
    assert!(
        model.composer.prompts.len() <= MOST.prompts,
        "{} prompts",
        model.composer.prompts.len()
    );
    assert!(
        model.trail.visited.len() <= most(MOST.visited),
        "{} visited",
        model.trail.visited.len()
    );
    assert!(model.log.lines().len() <= 5_000, "{} lines", model.log.lines().len());
    assert!(model.log.unwritten() < 200, "{} lines unwritten", model.log.unwritten());
    assert!(model.jobs.values().all(|job| job.work == Work::default()), "nothing is left to do");
    let left =
        [model.jobs.order().len(), model.queue.saving.len(), model.session.exit.iter().len()];
    assert_eq!(left, [0; 3], "queue, saving, exit messages");
    assert!(model.comparisons.len() <= most(MOST.comparisons), "{}", model.comparisons.len());
    assert_eq!(model.current.map(|current| current.node), model.tree.newest());
}

#[test]
fn what_was_trashed_leaves_a_bounded_way_back() {
    let mut driver = Driver::new(100, 30);
    for number in 2..=4_000 {
        let model = &mut driver.workbench.model;
        let root = model.tree.get(NodeId(1)).unwrap();
        let id = NodeId(number);
        model.tree.insert(NodeSummary { id, parent: Some(root.id), ..root });
        let trash = TreeAction::Mark { node: id, mark: Mark::Trash(true) };
        act(&mut driver, Message::Action(Action::Tree(trash)));
    }
    let kept = driver.model().composer.trashed.len();
    assert!((MOST.trashed..=MOST.trashed + MOST.trashed / 8).contains(&kept), "{kept} ways back");
}

#[test]
fn a_node_that_was_forgotten_is_asked_for_when_it_is_seen() {
    let mut driver = Driver::new(100, 30);
    act(&mut driver, Message::Action(Action::Draft(DraftAction::SetPrompt("Make it red".into()))));
    act(&mut driver, Message::Action(Action::Queue(QueueAction::Run)));
    let asked = |driver: &mut Driver| {
        driver.press("<Esc>");
        let effects = driver.take();
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Store(StoreEffect::LoadNodes(nodes)) if nodes.contains(&NodeId(1))))
    };
    assert!(!asked(&mut driver));
    for _ in 0..2 {
        let node = driver.workbench.model.nodes.remove(&NodeId(1)).unwrap();
        assert!(asked(&mut driver), "it is not loaded");
        assert!(!asked(&mut driver), "it is on its way");
        driver.workbench.model.nodes.insert(NodeId(1), node);
        assert!(!asked(&mut driver));
    }
}

#[test]
fn a_day_without_a_key_wakes_it_for_a_minute_and_then_never() {
    const DAY: i64 = 86_400_000;
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let (mut wakes, mut passed) = (0, 0);
    while let Some(pause) = driver.model().ticks_in().filter(|_| passed < DAY) {
        driver.tick(pause);
        driver.answer_all();
        (wakes, passed) = (wakes + 1, passed + pause);
    }
    assert!(wakes > 0 && passed <= 60_000, "{wakes} times in {passed} ms");
    assert_eq!((driver.workbench.wakes_at(), driver.model().log.unwritten()), (None, 0));
}
