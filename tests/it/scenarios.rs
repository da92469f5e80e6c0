//! The loop as a person goes it: keys in, effects and screen out.

mod about;
mod accidents;
mod boxing;
mod costs;
mod failed;
mod files;
mod filtered;
mod finding;
mod focus;
mod help;
mod honest;
mod keyboards;
mod lines;
mod lists;
mod lone_words;
mod looking;
mod loras;
mod models;
mod money;
mod named;
mod notices;
mod of_several;
mod offered;
mod offers;
mod pasting;
mod presses;
mod regions;
mod results;
mod saving;
mod seedless;
mod several;
mod sharpness;
mod sheet;
mod translating;
mod tree;
mod typing;
mod waits;

use editree::app::effect::{Effect, ScreenEffect, StoreEffect};
use editree::app::job::State;
use editree::tree::NodeId;

use crate::support::driver::Driver;

fn parent(driver: &Driver) -> Option<NodeId> {
    driver.model().draft.parent.map(|parent| parent.node)
}

#[test]
fn a_second_enter_sends_nothing() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter><Enter>");
    assert_eq!(driver.saves(), 1);
    driver.press_at_once("Add a hat<Enter><Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn five_lines_pasted_without_brackets_send_nothing() {
    let mut driver = Driver::new(80, 24);
    driver.press_at_once("one<Enter>two<Enter>three<Enter>four<Enter>five");
    assert_eq!(driver.saves(), 0);
    assert_eq!(driver.model().draft.prompt, "one\ntwo\nthree\nfour\nfive");
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn control_j_is_a_new_line() {
    let mut driver = Driver::new(80, 24);
    driver.press("one<C-j>two");
    assert_eq!((driver.saves(), driver.model().draft.prompt.as_str()), (0, "one\ntwo"));
}

#[test]
fn the_newest_result_is_what_the_next_edit_goes_on_from() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    assert_eq!(parent(&driver), Some(NodeId(2)));
    driver.press("Add a hat<Enter>");
    driver.answer_all();
    assert_eq!(parent(&driver), Some(NodeId(3)));
    assert_eq!(driver.model().tree.path(NodeId(3)), [NodeId(1), NodeId(2), NodeId(3)]);
}

#[test]
fn a_result_between_the_last_letter_and_enter_changes_no_parent() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.press("Add a hat");
    driver.answer_all();
    assert_eq!(parent(&driver), Some(NodeId(1)), "pinned at its first letter");
    let said = driver.model().notice.as_ref().map(|notice| notice.text.as_str());
    assert!(said.is_some_and(|said| said.ends_with("still starts from n1")), "{said:?}");
    let screen = driver.screen();
    assert!(screen.contains("start from n2"), "{screen}");
    assert!(!screen.contains("you see n2"), "one key is told once: {screen}");
    driver.press("<Enter>");
    let sent = driver.take();
    let Some(Effect::Store(StoreEffect::Save { spec, .. })) =
        sent.iter().find(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })))
    else {
        panic!("{sent:?}")
    };
    assert!(format!("{:?}", spec.recipe.inputs).contains("NodeId(1)"));
}

#[test]
fn an_older_picture_is_gone_on_from_with_two_presses_and_branches() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<A-h><A-e>Make it blue<Enter>");
    driver.answer_all();
    assert_eq!(driver.model().tree.children(NodeId(1)).count(), 2);
    let row = |node: &str| {
        let screen = driver.screen();
        let line = screen.lines().find(|line| line.contains(node)).expect(node);
        let start = line.find(['▌', '├']).map_or(0, |at| line[..at].chars().count());
        line.chars()
            .skip(start)
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    // Both are on the rail of their parent, the older one first.
    assert_eq!(row("n2 Make it red"), "├─● n2 Make it red");
    assert_eq!(row("▶ n3 Make it blue"), "▌└─▶ n3 Make it blue");
}

#[test]
fn compare_swaps_with_the_parent_and_back() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let shown = |driver: &Driver| driver.frame().placements[0].picture;
    let own = shown(&driver);
    driver.press("<A-c>");
    assert_ne!(shown(&driver), own);
    driver.press("<A-c>");
    assert_eq!(shown(&driver), own);
}

#[test]
fn a_count_repeats_a_reroll_with_new_seeds() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>4r");
    assert_eq!(driver.saves(), 0, "asked first");
    driver.press("y");
    assert_eq!(driver.saves(), 4);
}

#[test]
fn up_brings_the_words_back() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter><Up>");
    assert_eq!(driver.model().draft.prompt, "Make it red");
    driver.press("<Down>");
    assert_eq!(driver.model().draft.prompt, "");
}

#[test]
fn tab_takes_the_suggestion_and_enter_runs_it() {
    let mut driver = Driver::new(80, 24);
    assert!(driver.screen().contains("(Tab to use)"));
    driver.press("<Tab><Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn what_cannot_be_sent_says_why_on_the_screen() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>gfjjj");
    driver.press("<Esc>i");
    driver.workbench.model.draft.values.insert("num_images".into(), 9.into());
    driver.press("Make it red<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("num_images"), "{}", driver.screen());
}

#[test]
fn decisions_are_undone_and_made_again() {
    let mut driver = Driver::new(100, 30);
    driver.press("<A-*>");
    assert!(driver.model().nodes[&NodeId(1)].starred);
    driver.press("<A-z>");
    assert!(!driver.model().nodes[&NodeId(1)].starred);
    driver.press("<A-Z>");
    assert!(driver.model().nodes[&NodeId(1)].starred);
}

#[test]
fn the_palette_runs_a_command_by_its_name() {
    let mut driver = Driver::new(100, 30);
    driver.press("<Esc>:quit<Enter>");
    assert!(driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let mut driver = Driver::new(100, 30);
    driver.press("<Esc>Q");
    assert!(driver.screen().contains("Q does nothing here"), "{}", driver.screen());
}

#[test]
fn leaving_keeps_the_draft_and_holds_what_was_not_sent() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.queue.is_paused = true;
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("half a thought<C-c>");
    let effects = driver.take();
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::Store(StoreEffect::SaveDraft(draft)) if draft.prompt == "half a thought")
    ));
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Store(StoreEffect::SetJobState { to: State::Held(_), .. })
    )));
    assert_eq!(effects.last(), Some(&Effect::Screen(ScreenEffect::Quit)));
    assert!(driver.model().session.exit.as_ref().unwrap().messages[0].contains("Make it red"));
}

#[test]
fn a_model_that_serves_a_command_keeps_no_draft_whatever_happens_to_it() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.session.owner = editree::app::draft::Owner::Command;
    driver.press("half a thought");
    driver.tick(1_000);
    driver.press("<C-u>Make it red<Enter>");
    let mut effects = driver.effects.clone();
    driver.answer_all();
    driver.tick(1_000);
    driver.press("more<C-c>");
    effects.extend(driver.take());
    assert_eq!(effects.last(), Some(&Effect::Screen(ScreenEffect::Quit)));
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::Store(StoreEffect::SaveDraft(_))))
    );
}

#[test]
fn no_more_than_the_limit_is_under_way_and_the_rest_waits_in_order() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>20ry");
    // The store answers; the service does not.
    for effect in driver.take() {
        if let Effect::Store(StoreEffect::Save { .. }) = effect
            && let Some(result) = driver.answer(effect)
        {
            driver.finish(result);
        }
    }
    assert_eq!(driver.model().under_way(), 4);
    assert_eq!(driver.model().jobs.waiting().len(), 16);
    driver.answer_all();
    assert_eq!(driver.model().jobs.waiting().len(), 0);
    assert!(driver.model().jobs.values().all(|job| job.state == State::Done));
}

#[test]
fn a_call_without_the_queue_is_chosen_by_name_and_marked() {
    let mut driver = Driver::new(100, 30);
    driver.press("<Esc>:sync<Enter>iMake it red");
    assert!(driver.screen().contains("SYNC: lost if editree ends"), "{}", driver.screen());
    driver.press("<Enter>");
    let effects = driver.take();
    let is_sync = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Save { spec, .. }) if spec.sync);
    assert!(effects.iter().any(is_sync), "{effects:?}");
    driver.press("<Esc>:sync<Enter>");
    assert!(!driver.screen().contains("SYNC"), "{}", driver.screen());
}
