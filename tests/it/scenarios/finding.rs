//! Finding pictures by words and conditions.

use editree::app::effect::{Effect, StoreEffect};
use editree::app::message::{StoreResult, TaskResult};
use editree::tree::NodeId;

use crate::support::driver::Driver;

/// `n2` to `n4`, each an edit of the one before.
fn three_edits() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red", "Add a hat", "Make it snow"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    driver
}

fn found(driver: &mut Driver, text: &str, nodes: &[u32]) {
    let nodes = nodes.iter().map(|id| driver.model().nodes[&NodeId(*id)].clone()).collect();
    driver.finish(TaskResult::Store(StoreResult::Found { text: text.into(), nodes: Ok(nodes) }));
}

/// What the store was asked last.
fn asked(driver: &mut Driver) -> Option<String> {
    let text = |effect: Effect| match effect {
        Effect::Store(StoreEffect::Search { text, .. }) => Some(text),
        _ => None,
    };
    driver.take().into_iter().filter_map(text).next_back()
}

#[test]
fn pictures_are_found_while_one_types_and_walked_through_afterwards() {
    let mut driver = three_edits();
    driver.press("<Esc>/");
    assert!(driver.screen().contains("is:star rating>3"), "the grammar: {}", driver.screen());
    driver.press("hat");
    assert_eq!(asked(&mut driver).as_deref(), Some("hat"));
    // What comes late belongs to other words.
    found(&mut driver, "ha", &[2]);
    assert!(!driver.screen().contains("1 found"));
    found(&mut driver, "hat", &[4, 3, 2]);
    assert!(driver.screen().contains("3 found"), "{}", driver.screen());
    driver.press("<Down><Enter>");
    assert_eq!(driver.model().current.map(|current| current.node), Some(NodeId(3)));
    driver.press("n");
    assert_eq!(driver.model().current.map(|current| current.node), Some(NodeId(2)));
    driver.press("n");
    assert_eq!(driver.model().current.map(|current| current.node), Some(NodeId(4)));
    driver.press("N");
    assert_eq!(driver.model().current.map(|current| current.node), Some(NodeId(2)));
    driver.press(" h");
    assert!(driver.screen().contains("/ hat"), "asked again with the same words");
    assert_eq!(asked(&mut driver).as_deref(), Some("hat"));
}

#[test]
fn the_canvas_follows_the_selected_row_and_escape_leaves_it_as_it_was() {
    let mut driver = three_edits();
    let picture = |driver: &Driver| driver.frame().placements[0].picture;
    let before = (driver.model().current, picture(&driver));
    driver.press("<Esc>/a");
    found(&mut driver, "a", &[4, 3, 2]);
    driver.press("<Down><Down>");
    let frame = driver.frame();
    assert_eq!(picture(&driver), driver.model().nodes[&NodeId(2)].pictures[0].hash);
    assert!(!frame.covers.iter().any(|cover| cover.intersects(frame.placements[0].area)));
    driver.press("<Esc>");
    assert_eq!((driver.model().current, picture(&driver)), before);
    // Where nothing stands beside the picture, it stays.
    let mut driver = three_edits();
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
    }
    driver.resize(60, 20);
    driver.press("<Esc>/a");
    found(&mut driver, "a", &[4, 3, 2]);
    driver.press("<Down><Down>");
    assert_eq!(picture(&driver), before.1);
}

#[test]
fn a_search_that_means_nothing_says_what_would() {
    let mut driver = three_edits();
    driver.press("<Esc>/cost>much");
    assert_eq!(asked(&mut driver).as_deref(), Some("cost"), "words, until there is a sign");
    assert!(driver.screen().contains("invalid amount"), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(driver.screen().contains("cost>much"), "stays open");
    driver.press("<C-u>zebra");
    found(&mut driver, "zebra", &[]);
    assert!(driver.screen().contains("no match"));
}

#[test]
fn words_come_first_and_what_is_equal_in_all_rows_is_said_once() {
    let mut driver = Driver::new(120, 40);
    let words = "Put a blue hat with a golden brim on the cat";
    for _ in 0..3 {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
        driver.press("<A-h><A-e>");
    }
    driver.press("<Esc>/hat");
    found(&mut driver, "hat", &[4, 3, 2]);
    let screen = driver.screen();
    assert_eq!(screen.matches("pro sim $0.04").count(), 1, "{screen}");
    assert!(screen.contains("3 found, all pro sim $0.04"), "{screen}");
    let box_of = screen.lines().filter_map(|line| line.split_once('┃'));
    let told: String = box_of.map(|(_, words)| words.trim_end_matches('┃').trim()).collect();
    assert_eq!(told.matches("take ").count(), 3, "{screen}");
    assert_eq!(told.matches("the cat").count(), 3, "no word is cut over empty rows\n{screen}");
}

#[test]
fn one_hit_that_differs_much_takes_no_words_from_the_others() {
    let mut driver = Driver::new(80, 24);
    let many = "a very foggy morning at the long coast of the northern sea";
    driver.press(&format!("Make the sky of this picture {{red|{many}}}<Enter>y"));
    driver.answer_all();
    driver.press("<Esc>/make");
    driver.workbench.model.finder.found.text = "make".into();
    driver.workbench.model.finder.found.nodes =
        driver.model().nodes.keys().copied().skip(1).collect();
    driver.press("<Left>");
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().filter(|row| row.contains("Make the sky of")).collect();
    assert!(rows.iter().filter(|row| row.contains('┃')).count() >= 2, "{screen}");
    assert!(screen.contains("a very") && screen.contains('…'), "{screen}");
}
