//! Lists with keys of their own: references, and marked rows.

use editree::app::effect::{Effect, ScreenEffect, StoreEffect};
use editree::tree::decision::{Change, Entry};
use editree::tree::{Input, NodeId};
use editree::ui::pane::Pane;
use editree::ui::panes::queue;

use crate::screens::refused;
use crate::support::driver::Driver;

/// Three edits, `n2` to `n4`, and the canvas on the last.
fn edited() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red", "Add a hat", "Make it snow"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    driver
}

fn references(driver: &Driver) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Picture(picture) => picture.node.to_string(),
        Input::Url(url) => url.clone(),
    };
    driver.model().draft.references.iter().map(name).collect()
}

#[test]
fn references_are_added_ordered_and_taken_out_in_their_list() {
    let mut driver = edited();
    driver.press("<Esc>a");
    assert_eq!(references(&driver), [""; 0], "the first picture is no second one");
    assert!(driver.screen().contains("n4 goes into this edit already"), "{}", driver.screen());
    driver.press("hahahaA");
    assert_eq!(references(&driver), ["n3", "n2", "n1"]);
    driver.press("J");
    assert_eq!(references(&driver), ["n2", "n3", "n1"]);
    driver.press("jK");
    assert_eq!(references(&driver), ["n2", "n1", "n3"], "the selection went along with J");
    driver.press("kd");
    assert_eq!(references(&driver), ["n1", "n3"]);
    driver.press("uhttps://x/cat.png<Enter>");
    assert_eq!(references(&driver), ["n1", "n3", "https://x/cat.png"]);
    let screen = driver.screen();
    assert!(
        screen.lines().any(|line| line.contains(" 4 ") && line.contains("https://x/cat.png")),
        "numbered as in the prompt: {screen}"
    );
    driver.press("<Esc>zz");
    assert_eq!(references(&driver), ["n2", "n1", "n3"], "each step can be undone");
}

#[test]
fn what_is_done_to_a_marked_row_is_done_to_all() {
    let mut driver = edited();
    driver.press("<Esc>gtkvv");
    driver.take();
    driver.press("d");
    let trashed = |effect: &Effect| match effect {
        Effect::Store(StoreEffect::AppendDecision(Entry::Did(Change::Trash {
            node,
            on: true,
        }))) => Some(*node),
        _ => None,
    };
    let trashed: Vec<NodeId> = driver.take().iter().filter_map(trashed).collect();
    assert_eq!(trashed, [NodeId(3), NodeId(4)]);
}

/// A habit of vi must not throw away one picture where two were meant.
#[test]
fn a_number_before_a_command_that_takes_none_does_nothing_and_says_so() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.take();
    driver.press("2d");
    assert_eq!(driver.take(), []);
    let screen = driver.screen();
    assert!(screen.contains("`trash` takes no number; nothing was done"), "{screen}");
    driver.press("gtgg2j");
    assert!(driver.screen().contains("tree · 3 of 4"), "{}", driver.screen());
}

#[test]
fn escape_takes_the_marks_off() {
    let mut driver = edited();
    driver.press("<Esc>gtv<Esc>");
    assert!(driver.workbench.ui.panes.tree.marked.is_empty());
    assert!(!driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
}

#[test]
fn marked_jobs_are_cancelled_together() {
    let mut driver = Driver::new(120, 40);
    driver.press("one<Enter>two<Enter>three<Enter>");
    for effect in driver.take() {
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    driver.press("<Esc>gqkkvvx");
    let asked = driver.model().jobs.values().filter(|job| {
        use editree::app::job::State;
        matches!(job.state, State::Cancelled | State::Cancelling)
    });
    assert_eq!(asked.count(), 2);
}

#[test]
fn escape_never_leaves_the_program_and_q_closes_first() {
    let mut driver = edited();
    driver.press("<Esc><Esc><Esc><Esc>");
    assert!(!driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
    driver.press("cq");
    assert!(
        !driver.take().contains(&Effect::Screen(ScreenEffect::Quit)),
        "q has closed the comparison"
    );
    driver.press("q");
    assert!(driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
}

#[test]
fn a_deep_nest_leaves_room_for_the_words() {
    let mut driver = Driver::new(120, 40);
    for step in 0..30 {
        // A second child of each: a branch of a branch of a branch.
        for words in ["Make it dull", &format!("Make it {step}")] {
            driver.press(&format!("{words}<Enter>"));
            driver.answer_all();
            driver.press("<A-h><A-e>");
        }
        driver.press("<A-l><A-j><A-e>");
    }
    let screen = driver.screen();
    let rows = screen.lines().filter(|line| line.contains("● n"));
    assert!(rows.clone().count() > 20, "{screen}");
    assert!(rows.clone().all(|row| row.contains(" Make i")), "{screen}");
}

#[test]
fn the_log_has_one_row_for_each_picture_and_its_steps_on_demand() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it {red|blue}, and keep all that stands behind it as it is<Enter>y");
        let logged = |driver: &Driver, words: &str| {
            let screen = driver.screen();
            let rows = screen.lines().skip_while(|line| !line.contains("[5] log"));
            rows.filter(|line| line.contains(words)).count()
        };
        driver.press("<A-5>");
        driver.answer_all();
        let screen = driver.screen();
        assert!(!screen.contains("saved:") && !screen.contains("sent; request"), "{screen}");
        for node in ["n2 ✓", "n3 ✓"] {
            assert_eq!(logged(&driver, node), 1, "written anew as it ends\n{screen}");
        }
        assert!(logged(&driver, "$0.04") >= 2, "no price is cut\n{screen}");
        driver.press("s");
        assert!(driver.screen().contains("sent; request"), "{}", driver.screen());
        driver.press("s");
        assert!(!driver.screen().contains("sent; request"), "{}", driver.screen());
    }
}

#[test]
fn what_went_wrong_keeps_its_row_in_the_log_and_counts_once() {
    let mut driver = refused(80, 24);
    let screen = driver.screen();
    assert!(screen.contains("[5] log ✗1"), "{screen}");
    assert!(!screen.contains(" [4] queue   "), "its title is said once\n{screen}");
    driver.press("<A-5>");
    let screen = driver.screen();
    assert!(screen.contains("n5 ✗ failed: this"), "{screen}");
    assert!(!screen.contains("saved:"), "{screen}");
}

#[test]
fn a_failed_request_has_keys_of_its_own() {
    let mut driver = refused(120, 40);
    driver.press("<A-4>");
    let footer = |driver: &Driver| driver.screen().lines().last().unwrap().to_owned();
    let told = footer(&driver);
    assert!(told.contains("Enter words to the prompt  r send again sim $0.04  x clear"), "{told}");
    assert!(!told.contains("cancel") && !told.contains("pause"), "{told}");
    driver.press("r");
    driver.answer_all();
    let made = driver.model().jobs.values().last().unwrap().clone();
    assert_eq!(made.spec.recipe.prompt, "Make it night", "sent once more");
    assert_eq!(made.spec.resend_of, None, "nothing of it can have been paid");
    driver.press("<A-4>");
    while !footer(&driver).contains("words to the prompt") {
        driver.press("j");
    }
    driver.press("x");
    assert!(!driver.screen().contains("✗ n5"), "{}", driver.screen());
    driver = refused(120, 40);
    driver.press("<A-4><Enter>");
    assert_eq!(driver.model().draft.prompt, "Make it night");
    assert!(driver.workbench.ui.in_prompt());
}

#[test]
fn what_was_cleared_away_has_a_row_again_when_the_log_leads_to_it() {
    let mut driver = refused(120, 40);
    driver.press("<A-4>x");
    let cleared = driver.model().jobs.values().rev().find(|job| job.state.is_final()).unwrap().id;
    let shown = queue::go_to(&mut driver.workbench.ui, cleared);
    assert!(!shown.is_empty() || driver.workbench.ui.focus() == Pane("queue"));
    driver.press("k");
    assert!(driver.screen().contains("r send again sim $0.04"), "{}", driver.screen());
}

#[test]
fn escape_leads_from_a_drawer_to_the_picture() {
    let mut driver = edited();
    for pane in ["<A-2>", "<A-4>", "<A-5>"] {
        driver.press(&format!("<Esc>{pane}<Esc>"));
        assert_eq!(driver.workbench.ui.focus(), Pane::CANVAS, "{pane}");
        assert!(!driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
    }
}

#[test]
fn what_was_typed_for_a_command_is_never_lost_to_another() {
    let mut driver = edited();
    driver.press("<Esc>:open /nowhere/co<Tab><Tab><Down>");
    assert!(driver.screen().contains("press Enter to run it"), "{}", driver.screen());
    driver.take();
    driver.press("<Enter>");
    let opens = |effect: &Effect| format!("{effect:?}").contains("/nowhere/co");
    assert!(driver.take().iter().any(opens));
}

#[test]
fn an_empty_queue_and_an_opened_picture_offer_no_keys_that_do_nothing() {
    let mut driver = Driver::new(120, 40);
    let footer = |driver: &Driver| driver.screen().lines().last().unwrap().to_owned();
    driver.press("<Esc>");
    let told = footer(&driver);
    assert!(!told.contains("compare") && !told.contains("new seed"), "{told}");
    driver.press("<A-4>");
    let told = footer(&driver);
    assert!(!told.contains("cancel") && !told.contains("send held"), "{told}");
    driver.press("p");
    assert!(footer(&driver).contains("p resume"), "{}", footer(&driver));
}

#[test]
fn takes_that_are_not_sent_after_all_leave_the_prompt_empty() {
    let mut driver = edited();
    driver.press("<Esc>4r");
    assert!(driver.model().money.confirmation.is_some(), "{}", driver.screen());
    driver.press("<Esc>");
    assert_eq!(driver.model().draft.prompt, "");
}

/// `n2` to `n7`: three takes of each of two prompts of one form, and one of them starred.
fn takes() -> Driver {
    let mut driver = Driver::new(120, 40);
    for _ in 0..3 {
        driver.press("Make it a {summer|winter} morning in the hills<Enter>y");
        driver.answer_all();
    }
    driver.press("<Esc>:n3<Enter>*");
    driver
}

#[test]
fn what_came_of_one_picture_is_told_in_one_form() {
    for columns in [80, 90, 100, 110, 120, 140, 160] {
        let mut driver = takes();
        driver.resize(columns, 30);
        driver.press("<A-3>");
        let screen = driver.screen();
        let rows: Vec<&str> = screen
            .lines()
            .filter(|line| line.contains("─● n"))
            .filter_map(|line| line.split_once("─● n").map(|(_, words)| words))
            .collect();
        assert!(rows.len() >= 4, "{screen}");
        let long = rows.iter().filter(|row| row.contains(" Make")).count();
        assert!(long == 0 || long == rows.len(), "{columns}: {rows:#?}");
    }
}

#[test]
fn takes_that_go_into_the_trash_are_one_line() {
    let mut driver = takes();
    driver.press(":n1<Enter>d");
    let screen = driver.screen();
    for (told, price) in [
        ("spent on these 7, 1 starred", "sim $0.24"),
        ("3 × Make it a summer morning", "sim $0.12"),
    ] {
        let row = screen.lines().find(|line| line.contains(told));
        let row = row.and_then(|row| row.split_once(told)).map(|(_, after)| after);
        assert!(row.is_some_and(|after| after.contains(price)), "{told}\n{screen}");
    }
    let told = crate::overlays::in_box(&driver);
    for nodes in ["n2, n4, n6", "n3, n5, n7, 1 starred"] {
        assert!(told.contains(nodes), "{nodes}\n{screen}");
    }
}
