//! What `Tab` takes: advice on the words, and the places of a snippet. And what menus offer.

use crossterm::event::Event;
use editree::app::effect::{Effect, ScreenEffect, ServiceEffect, StoreEffect};
use editree::app::session::Snippet;
use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};

use crate::support::driver::Driver;

#[test]
fn advice_stands_below_the_words_and_tab_takes_it() {
    let mut driver = Driver::new(80, 24);
    driver.press("Transform the man's jacket into a red coat");
    assert!(driver.screen().contains("say `change`"), "whole at 80 columns: {}", driver.screen());
    assert!(driver.screen().contains("Tab: `transform` may change"), "{}", driver.screen());
    let mut other = Driver::new(80, 24);
    other.press("Transform the man into a knight");
    assert!(other.screen().contains("`keep the face`"), "whole, too: {}", other.screen());
    driver.press("<Tab>");
    assert_eq!(driver.model().draft.prompt, "Change the man's jacket into a red coat");
    driver.press("<C-_>");
    assert_eq!(driver.model().draft.prompt, "Transform the man's jacket into a red coat");
}

#[test]
fn advice_never_keeps_words_from_being_sent() {
    let mut driver = Driver::new(120, 40);
    driver.press("Transform the man's jacket<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn a_picture_that_is_not_there_is_told_before_it_is_paid_for() {
    let mut driver = Driver::new(120, 40);
    driver.press("Put the hat of image 3 on the cat");
    assert!(driver.screen().contains("there is no image 3"), "{}", driver.screen());
}

#[test]
fn a_snippet_is_chosen_by_name_and_its_places_are_filled_with_tab() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.session.snippets = vec![
        Snippet { name: "colour".into(), text: "Make the <thing> <colour>".into() },
        Snippet { name: "keep".into(), text: "keep everything else".into() },
    ];
    driver.press("<C-t>colo<Enter>car<Tab>green");
    assert_eq!(driver.model().draft.prompt, "Make the car green");
    driver.press("<C-t>keep<Enter>");
    assert_eq!(driver.model().draft.prompt, "Make the car greenkeep everything else");
}

#[test]
fn going_over_to_another_service_leaves_this_one_in_order() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it<Esc> pfal<Enter>");
    assert_eq!(driver.model().session.exit.as_ref().unwrap().profile.as_deref(), Some("fal"));
    let effects = driver.take();
    assert!(effects.contains(&Effect::Screen(ScreenEffect::Quit)));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Store(StoreEffect::SaveDraft(_))))
    );
}

#[test]
fn a_service_that_cannot_be_used_says_why_and_nothing_is_left() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.others[0].obstacle = Some("`FAL_KEY` is not set".into());
    driver.press("<Esc> pfal<Enter>");
    assert!(driver.screen().contains("`FAL_KEY` is not set"), "{}", driver.screen());
    assert!(!driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
}

#[test]
fn the_mouse_is_ours_only_while_asked_for() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:mouse<Enter>");
    assert!(driver.take().contains(&Effect::Screen(ScreenEffect::Mouse(true))));
    driver.press(":mouse<Enter>");
    assert!(driver.take().contains(&Effect::Screen(ScreenEffect::Mouse(false))));
}

#[test]
fn the_first_steps_lead_to_compare_branch_and_reroll() {
    let mut driver = Driver::new(80, 24);
    for (words, lead) in [
        ("black and white", ""),
        ("red hat", "Alt-c compare with the parent"),
        ("sunset", "Alt-h go back"),
        ("HELLO", "Alt-r new seed for the last edit"),
    ] {
        let screen = driver.screen();
        assert!(screen.contains(words) && screen.contains(lead), "{words}: {screen}");
        driver.press("<Tab><Enter>");
        driver.answer_all();
    }
}

#[test]
fn drills_are_offered_on_the_simulator_and_refused_elsewhere() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:sim<Enter>filtered<Enter>");
    let drill = |word: &str| {
        Effect::Service(ServiceEffect::InjectFault { profile: "sim".into(), word: word.into() })
    };
    assert!(driver.take().contains(&drill("run:filter*1")));
    driver.press(":sim<Enter>specification<Enter>status:drop*3<Enter>");
    assert!(driver.take().contains(&drill("status:drop*3")));
    driver.workbench.model.profile.simulated = false;
    driver.press(":sim<Enter>");
    assert!(
        driver.screen().contains("faults can only be injected with --sim"),
        "{}",
        driver.screen()
    );
}

#[test]
fn a_long_prompt_is_measured_and_a_too_long_one_is_told() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red");
    assert!(!driver.screen().contains("tokens"), "no news while it is short");
    driver.send(vec![Event::Paste(" keep the colours".repeat(60))]);
    assert!(driver.screen().contains("of 512 tokens"), "{}", driver.screen());
    driver.send(vec![Event::Paste(" keep the colours".repeat(130))]);
    assert!(driver.screen().contains("reads only the first 512 of"), "{}", driver.screen());
    let ground = Ground { fg: None, bg: [0; 3] };
    driver.workbench.ui.graphics.palette =
        ThemeChoice::default().palette(Some(ground), Depth::True);
    driver.press("<C-e>");
    let dim = driver.workbench.ui.theme().in_field().dim().fg;
    assert!(dim.is_some());
    let colours = |driver: &Driver| {
        let cells = driver.frame().cells;
        // The prompt's words, its border aside.
        let words = ratatui::layout::Rect::new(1, 35, 118, 2).positions();
        let seen = words.filter(|at| cells[*at].symbol() != " ").map(|at| cells[at].style().fg);
        seen.collect::<Vec<_>>()
    };
    assert!(colours(&driver).iter().all(|colour| *colour == dim), "what is not read is dim");
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1, "advice never keeps one from sending");
}

#[test]
fn marks_without_a_word_are_no_request() {
    let mut driver = Driver::new(120, 40);
    driver.press("?<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("the prompt has no words"), "{}", driver.screen());
}

#[test]
fn a_second_enter_in_the_help_of_the_prompt_sends_nothing() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red");
    driver.press("<F1><Enter>");
    assert_eq!(driver.saves(), 0);
}

#[test]
fn what_the_canvas_shows_beside_what_is_gone_on_from_is_said() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<A-h>");
    let screen = driver.screen();
    assert!(screen.contains("you see n1, but Enter edits n2 · Alt-e: edit n1 instead"), "{screen}");
    driver.press("<A-e>");
    assert!(!driver.screen().contains("but Enter edits"), "{}", driver.screen());
}

#[test]
fn the_first_picture_of_a_branch_is_one_key_away() {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red<Enter>", "Add a hat<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    let at = |driver: &Driver| driver.model().current.map(|current| current.node.0);
    driver.press("<Esc><Home>");
    assert_eq!(at(&driver), Some(1));
    driver.press("<End>");
    assert_eq!(at(&driver), Some(3));
}

/// A row says this, however wide its columns are.
fn has_row(screen: &str, words: &str) -> bool {
    let bare = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
    screen.lines().any(|row| bare(row).contains(&format!(" {words}")))
}

fn endpoint(driver: &Driver) -> Option<&str> {
    driver.model().endpoint().ok().map(|endpoint| endpoint.short.as_str())
}

#[test]
fn what_may_follow_a_command_is_offered_as_it_is_typed() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:model ");
    let screen = driver.screen();
    assert!(has_row(&screen, "max FLUX.1 Kontext [max]"), "{screen}");
    driver.press("only");
    let screen = driver.screen();
    assert!(has_row(&screen, "kontext/max FLUX.1 Kontext [max],"), "{screen}");
    driver.press("<Backspace><Backspace><Backspace><Backspace>max");
    let screen = driver.screen();
    assert!(screen.contains(": model max") && screen.contains("┃  max  "), "{screen}");
    assert!(!screen.contains("┃  pro  ") && !screen.contains("klein"), "{screen}");
    driver.press("<Tab><Enter>");
    assert_eq!(endpoint(&driver), Some("max"));
    driver.press(":model pro<Enter>");
    assert_eq!(endpoint(&driver), Some("pro"));
    driver.press(":model nosuch<Enter>");
    assert!(driver.screen().contains("no `nosuch`; did you mean"), "{}", driver.screen());
    assert_eq!(endpoint(&driver), Some("pro"));
    // In one read nothing is offered, but it means the same.
    driver.press(":");
    driver.press_at_once("model max<Enter>");
    assert_eq!(endpoint(&driver), Some("max"));
    driver.press("<Esc>:model<Enter><Enter>");
    assert_eq!(endpoint(&driver), Some("max"), "what is in use stays so");
    driver.press(":go n1");
    assert!(driver.screen().contains("n1  cat.png"), "{}", driver.screen());
}
