//! What is said and offered is true where it stands: of this picture, this file, this window.

use editree::app::action::Purpose;
use editree::app::failure::{Failure, FailureKind};
use editree::app::message::{PictureResult, TaskResult};
use editree::tree::{Node, NodeId, NodeState, PictureRef};

use crate::support::driver::{Driver, hash, root};

fn said(driver: &Driver) -> String {
    driver.model().notice.as_ref().map_or_else(String::new, |notice| notice.text.clone())
}

fn last_row(driver: &Driver) -> String {
    driver.screen().lines().last().unwrap_or_default().to_owned()
}

/// `n1` and `n2` made of it.
fn edited(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver
}

/// `n3`, which was made here of `n2`.
fn healed() -> Driver {
    let mut driver = edited(120, 40);
    let edited = driver.model().nodes[&NodeId(2)].clone();
    let mut picture = edited.pictures[0].clone();
    let child = PictureRef { node: NodeId(2), picture: picture.hash };
    picture.hash = hash(77);
    let node = Node {
        id: NodeId(3),
        state: NodeState::Done,
        recipe: None,
        title: Some("healed from n2".into()),
        parent: Some(child),
        pictures: vec![picture],
        ..edited
    };
    let words = "a patch at the top".to_owned();
    driver.finish(TaskResult::Picture(PictureResult::Healed(Ok(Box::new((node, words))))));
    driver
}

#[test]
fn why_a_picture_cannot_be_run_again_is_not_told_of_another() {
    let mut driver = healed();
    driver.press("<Esc>r");
    assert!(said(&driver).contains("was made here, not by a request"), "{}", said(&driver));
    driver.press("h");
    assert!(!driver.screen().contains("was made here"), "{}", driver.screen());
}

#[test]
fn keys_are_offered_where_they_can_do_something() {
    let mut driver = healed();
    driver.tick(60_000);
    assert!(!last_row(&driver).contains("new seed"), "{}", last_row(&driver));
    driver.press("<Esc>");
    assert!(!last_row(&driver).contains("new seed"), "{}", last_row(&driver));
    driver.press("h");
    assert!(last_row(&driver).contains("r new seed"), "{}", last_row(&driver));
    // One edit was made: comparing is worth knowing, but not at its root.
    let mut driver = edited(120, 40);
    assert!(driver.screen().contains("Alt-c compare with the parent"), "{}", driver.screen());
    driver.press("<A-h>");
    assert!(!driver.screen().contains("compare with the parent"), "{}", driver.screen());
}

#[test]
fn two_messages_in_one_row_are_parted() {
    let mut driver = edited(120, 40);
    driver.press("Add a hat<Enter>");
    driver.answer_all();
    driver.tick(60_000);
    driver.press("<Esc>hj");
    let screen = driver.screen();
    assert!(screen.contains("no more siblings ─ you see n2"), "{screen}");
}

#[test]
fn a_pasted_path_says_which_picture_goes_along_and_how_it_is_taken_away() {
    let mut driver = edited(120, 40);
    let files = vec![Ok(root(50, "coffee.png"))];
    let purpose = Purpose::References;
    driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose }));
    let screen = driver.screen();
    assert!(screen.contains("coffee.png goes along; 2 pictures: "), "{screen}");
    assert!(screen.contains("Esc then A: take it away"), "{screen}");
    let before = driver.model().notices.len();
    let files = vec![Ok(root(51, "a.png")), Ok(root(52, "b.png"))];
    driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose }));
    assert!(said(&driver).starts_with("2 files go along; 4 pictures: "), "{}", said(&driver));
    assert!(driver.screen().contains("Esc then A: take them away"), "{}", driver.screen());
    assert_eq!(driver.model().notices.len(), before + 1, "one event is one message");
}

#[test]
fn why_one_of_several_files_did_not_open_stands() {
    for purpose in [Purpose::References, Purpose::Parent, Purpose::Roots] {
        for place in 0..3 {
            let mut driver = edited(120, 40);
            let mut files = vec![Ok(root(50, "a.png")), Ok(root(51, "b.png"))];
            let failure = Failure::new(FailureKind::Picture, "`notes.txt` is no picture");
            files.insert(place, Err(failure));
            driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose }));
            let screen = driver.screen();
            assert!(screen.contains("`notes.txt` is no picture"), "{purpose:?}, {place}: {screen}");
        }
    }
}

#[test]
fn what_a_sweep_varies_is_told_of_each_request_and_whole_below_each_picture() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>B guidance_scale=2.5,3.5 model=pro,max<Enter>");
    let screen = driver.screen();
    assert_eq!(
        screen.matches("guidance_scale 3.5").count(),
        6,
        "of twelve that are seen: {screen}"
    );
    driver.press("y");
    for _ in 0..20 {
        driver.answer_all();
    }
    driver.press("S");
    let screen = driver.screen();
    assert!(screen.contains("pro g2.5 s1") && screen.contains("max g3.5 s4"), "one form: {screen}");
    assert!(!screen.contains("guidance 2.5…"), "{screen}");
}

#[test]
fn enter_alone_answers_no_question_and_says_what_does() {
    let mut driver = edited(120, 40);
    driver.press("{a|b} hat<Enter><Enter>");
    assert!(driver.model().money.confirmation.is_some());
    let told = "Enter alone sends nothing: y sends, Esc cancels";
    assert!(driver.screen().contains(told), "{}", driver.screen());
}

#[test]
fn in_a_window_that_is_too_small_no_key_does_anything_and_the_way_out_is_told() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it snow");
    driver.resize(20, 5);
    driver.press("<Esc>Sq:foo");
    assert_eq!(driver.model().draft.prompt, "Make it snow");
    assert!(said(&driver).contains("Ctrl-C quits"), "{}", said(&driver));
    assert!(driver.screen().replace('\n', " ").contains("Ctrl-C"), "{}", driver.screen());
    driver.resize(120, 40);
    driver.press("y");
    assert_eq!(driver.model().draft.prompt, "Make it snowy");
}

#[test]
fn keys_typed_fast_after_the_sweep_go_into_its_line() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>");
    driver.type_quickly("B guidance_scale=2,3", 30);
    assert!(driver.screen().contains("seed=1..4 guidance_scale=2,3"), "{}", driver.screen());
    // A word of one letter is one.
    let mut driver = edited(120, 40);
    driver.press("<Esc>");
    driver.type_quickly("A red hat", 30);
    assert!(driver.screen().contains("looks like text"), "{}", driver.screen());
}

#[test]
fn where_enter_moves_text_is_whole_at_every_width() {
    for columns in [80, 100, 120] {
        let mut driver = edited(columns, 24);
        driver.press("<Esc>");
        driver.press_at_once("remove the old car from the street and make the sky red, very red");
        let screen = driver.screen();
        let whole = "looks like text: Enter moves it to the prompt";
        assert!(screen.contains(whole), "{columns}: {screen}");
        assert!(screen.contains("Esc drops"), "{columns}: {screen}");
    }
}

#[test]
fn what_was_said_in_other_letters_is_not_suggested_again() {
    let mut driver = Driver::new(120, 40);
    driver.press("add a red hat<Enter>");
    driver.answer_all();
    assert!(!driver.screen().contains("Add a red hat"), "{}", driver.screen());
}

/// Where there is no screen a text waits for nothing.
#[test]
fn a_command_after_the_list_of_commands_is_done_however_soon_it_comes() {
    let mut driver = Driver::new(120, 40);
    driver.type_lines(&[":help"], false);
    driver.type_lines(&[":star"], true);
    driver.answer_all();
    assert!(!said(&driver).contains("came before"), "{}", said(&driver));
    assert!(driver.model().tree.get(NodeId(1)).unwrap().starred);
}
