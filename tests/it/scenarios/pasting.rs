//! Typing and pasting: into which field, with which modifiers, and what is never lost of it.

use std::path::PathBuf;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use editree::app::action::{Action, DraftAction};
use editree::app::effect::{Effect, PictureEffect};
use editree::app::message::TaskEvent;
use editree::ui::Ui;
use editree::ui::keys::Keymap;

use crate::support::driver::Driver;

fn paste(driver: &mut Driver, text: &str) {
    driver.send(vec![Event::Paste(text.into())]);
}

fn prompt(driver: &Driver) -> String {
    driver.workbench.ui.prompt.text()
}

#[test]
fn a_paste_goes_into_every_field_that_takes_typing() {
    // Keys that open a field, and where what is pasted stands then.
    let fields = [
        ("<Esc>:", ": zebra crossing"),
        ("<Esc>?", ": zebra crossing"),
        ("<F1>", ": zebra crossing"),
        ("<Esc><Space>?", ": zebra crossing"),
        ("<C-r>", "/ zebra crossing"),
        ("<Esc><Space>m", "/ zebra crossing"),
        ("<Esc><Space>p", "/ zebra crossing"),
        ("<Esc><Space>h", "/ zebra crossing"),
        ("<Esc>/", "/ zebra crossing"),
        ("<Esc><Space>f", "/ zebra crossing"),
        ("<Esc>b", "zebra crossing"),
        ("<Esc>B", "seed=1..4zebra crossing"),
        ("<A-2><Enter>", "zebra crossing"),
        ("", "zebra crossing"),
    ];
    for (keys, shown) in fields {
        let mut driver = Driver::new(120, 40);
        driver.press("a draft");
        driver.press(keys);
        driver.take();
        paste(&mut driver, "zebra\tcrossing\r\n");
        let screen = driver.screen();
        assert!(screen.contains(shown), "{keys}: {screen}");
        assert_eq!(driver.saves(), 0, "{keys}");
    }
}

#[test]
fn a_pasted_word_finds_what_it_would_find_typed() {
    let mut driver = Driver::new(120, 40);
    for words in ["Paint a zebra<Enter>", "Make it red<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver.press("<C-r>");
    paste(&mut driver, "zebra");
    driver.press("<Enter>");
    assert_eq!(prompt(&driver), "Paint a zebra");

    let mut driver = Driver::new(120, 40);
    driver.press("a draft<Esc>:");
    paste(&mut driver, "graphics");
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("how pictures are shown"), "{}", driver.screen());

    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:");
    driver.press("open<Space>");
    paste(&mut driver, "/a/my cat.jpg");
    driver.press("<Enter>");
    let opens = |effect: &Effect| matches!(effect, Effect::Picture(PictureEffect::OpenFiles { paths, .. }) if paths == &[PathBuf::from("/a/my cat.jpg")]);
    assert!(driver.take().iter().any(opens));
}

#[test]
fn a_paste_where_nothing_is_typed_says_so_and_does_nothing() {
    for keys in ["<Esc>y", "<Esc><Space>", "<Esc>A", "<Esc>$"] {
        let mut driver = Driver::new(120, 40);
        driver.press(keys);
        driver.take();
        paste(&mut driver, "text");
        assert!(driver.screen().contains("cannot paste here"), "{}", driver.screen());
        assert_eq!(driver.saves(), 0, "{keys}");
        assert_eq!(prompt(&driver), "", "{keys}");
    }
}

#[test]
fn other_modifiers_never_make_the_plain_key() {
    let ways = ["a draft", "<Esc>", "<Esc>:", "<Esc>S", "<Esc>M", "<A-2><Enter>"];
    for way in ways {
        for modifier in ["D-", "H-", "M-", "D-C-"] {
            for key in ["r", "d", "q", "c", "Enter", "Up", "Esc", "5"] {
                let mut driver = Driver::new(120, 40);
                driver.press("Make it red<Enter>");
                driver.answer_all();
                driver.press(way);
                driver.take();
                let (words, current) = (prompt(&driver), driver.model().current);
                driver.press(&format!("<{modifier}{key}>"));
                let what = format!("{way} {modifier}{key}");
                let effects = driver.take();
                assert!(effects.is_empty(), "{what}: {effects:?}");
                assert_eq!((prompt(&driver), driver.model().current), (words, current), "{what}");
                assert!(driver.screen().contains("does nothing here"), "{what}");
            }
        }
    }
}

#[test]
fn the_config_file_may_give_such_a_chord_a_meaning() {
    let mut driver = Driver::new(120, 40);
    let keymap = Keymap::with(&[("super-z".into(), "undo-text".into())]).unwrap();
    driver.workbench.ui = Ui::new(keymap);
    driver.workbench.ui.resize(120, 40);
    driver.press("red");
    driver.press("<D-z>");
    assert_ne!(prompt(&driver), "red");
}

#[test]
fn signs_that_need_alt_or_altgr_are_text() {
    let control_alt = KeyModifiers::CONTROL | KeyModifiers::ALT;
    let mut driver = Driver::new(120, 40);
    driver.press("ab");
    for (c, modifiers) in [
        ('å', KeyModifiers::ALT),
        ('€', KeyModifiers::ALT),
        ('Ø', KeyModifiers::ALT | KeyModifiers::SHIFT),
        ('@', control_alt),
        ('{', control_alt),
        ('ą', control_alt),
    ] {
        driver.send(vec![Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))]);
    }
    assert_eq!(prompt(&driver), "abå€Ø@{ą");
    // A letter that could be a chord is none of them.
    driver.press("<A-q>");
    assert_eq!(prompt(&driver), "abå€Ø@{ą");
    assert!(driver.screen().contains("does nothing here"), "{}", driver.screen());
}

/// Two prompts that were sent, newest first: `Make it red`, `Paint a zebra`.
fn with_history() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Paint a zebra<Enter>", "Make it red<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver
}

#[test]
fn a_draft_that_gave_way_to_a_recalled_prompt_is_one_down_or_undo_away() {
    for (recalls, back) in [
        ("<Up>", "<Down>"),
        ("<Up>", "<C-_>"),
        ("<Up><Up>", "<Down><Down>"),
        ("<Up><Up>", "<C-_>"),
        ("<C-r>zebra<Enter>", "<Down>"),
        ("<C-r>zebra<Enter>", "<C-_>"),
    ] {
        let mut driver = with_history();
        driver.press("a careful draft");
        driver.press(recalls);
        assert_ne!(prompt(&driver), "a careful draft");
        driver.press(back);
        assert_eq!(prompt(&driver), "a careful draft", "{recalls} {back}");
        assert_eq!(driver.model().draft.prompt, "a careful draft");
        assert!(driver.model().draft.aside.is_empty(), "{recalls} {back}");
    }
}

/// As the store does it: the draft, and nothing of the screen.
fn started_again(driver: &Driver) -> Driver {
    let mut again = with_history();
    again.workbench.model.draft = driver.model().draft.clone();
    again.workbench.ui = Ui::new(Keymap::default());
    again.workbench.ui.resize(120, 40);
    again.tick(10);
    again
}

#[test]
fn a_draft_that_gave_way_comes_back_in_the_next_session() {
    for recalls in ["<Up>", "<Up><Up>", "<C-r>zebra<Enter>"] {
        for back in ["<Down>", "<C-_>"] {
            let mut driver = with_history();
            driver.press("a careful draft");
            driver.press(recalls);
            let mut again = started_again(&driver);
            assert_eq!(prompt(&again), prompt(&driver));
            again.press(back);
            assert_eq!(prompt(&again), "a careful draft", "{recalls} {back}");
        }
    }
}

#[test]
fn words_typed_into_a_recalled_prompt_do_not_vanish() {
    for leaves in ["<Up>", "<Down>", "<C-r>zebra<Enter>"] {
        let mut driver = with_history();
        driver.press("a careful draft<Up>");
        driver.press(" and blue");
        driver.press(leaves);
        let mut seen = Vec::new();
        for _ in 0..5 {
            driver.press("<Down>");
            seen.push(prompt(&driver));
        }
        for words in ["a careful draft", "Make it red and blue"] {
            assert!(seen.iter().any(|said| said == words), "{leaves}: {words} in {seen:?}");
        }
    }
}

#[test]
fn sending_a_recalled_prompt_keeps_the_draft_aside() {
    let mut driver = with_history();
    driver.press("a careful draft<Up><Enter>");
    assert_eq!(driver.saves_answered(), 1);
    assert_eq!(prompt(&driver), "");
    driver.press("<Down>");
    assert_eq!(prompt(&driver), "a careful draft");
    // What is sent is not kept aside any longer.
    driver.press("<Up><Down><Enter>");
    assert_eq!(driver.saves_answered(), 1);
    assert!(driver.model().draft.aside.is_empty());
}

#[test]
fn no_more_is_kept_aside_than_anybody_reads() {
    let mut driver = Driver::new(80, 24);
    let words = (0..60).map(|number| format!("draft {number}")).collect();
    let action = Action::Draft(DraftAction::SetAsidePrompts(words));
    let message = editree::app::message::Message::Action(action);
    editree::app::update(&mut driver.workbench.model, message);
    let aside = &driver.model().draft.aside;
    assert_eq!((aside.len(), aside.last().map(String::as_str)), (50, Some("draft 59")));
}

#[test]
fn an_editor_that_leaves_nothing_loses_nothing() {
    let mut driver = Driver::new(80, 24);
    driver.press("typed here");
    driver.event(TaskEvent::EditedPrompt(String::new()));
    assert_eq!(prompt(&driver), "");
    driver.press("<Down>");
    assert_eq!(prompt(&driver), "typed here");
}

#[test]
fn words_of_an_editor_can_be_undone() {
    let mut driver = Driver::new(80, 24);
    driver.press("typed here");
    driver.event(TaskEvent::EditedPrompt("written there".into()));
    assert_eq!(prompt(&driver), "written there");
    driver.press("<C-_>");
    assert_eq!(prompt(&driver), "typed here");
}
