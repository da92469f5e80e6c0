//! Hints name commands: the screen says them with the person's own keys, whatever these are.

use editree::app::action::{Action, SessionAction};
use editree::app::hint::{CommandId, Hint};
use editree::app::message::Message;
use editree::app::notice::{Notice, Tone};
use editree::app::update;
use editree::ui::keys::Keymap;
use editree::ui::{panes, registry};

use crate::support::driver::Driver;

fn mapped(keys: &[(&str, &str)]) -> Driver {
    let mut driver = Driver::new(120, 40);
    let keys: Vec<_> = keys.iter().map(|(key, name)| ((*key).into(), (*name).into())).collect();
    driver.workbench.ui.keymap = Keymap::with(&keys).unwrap();
    driver
}

#[test]
fn a_key_of_a_mode_goes_before_one_that_works_in_modes_too() {
    let pressed = |keys: &[(&str, &str)], place: &str, key: &str| {
        let mut driver = mapped(keys);
        driver.press(&format!("<Esc>{place}<Enter>"));
        let before = driver.screen();
        driver.press(key);
        let screen = driver.screen();
        assert!(screen != before && !screen.contains("does nothing"), "{key}\n{screen}");
        screen
    };
    assert!(pressed(&[], ":crop", "!").contains("full quality o"));
    // The general command is given the mode's key, or the mode's command the general key.
    for (keys, key) in [(("left", "exact"), "<Left>"), (("!", "box-left"), "!")] {
        let screen = pressed(&[keys], ":crop", key);
        assert!(!screen.contains("full quality o"), "{keys:?}\n{screen}");
    }
}

/// The last two rows: a notice stands in the upper one.
fn footer(driver: &Driver) -> String {
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().rev().take(2).collect();
    rows.into_iter().rev().collect::<Vec<_>>().join("\n")
}

#[test]
fn a_hint_says_the_key_that_the_person_has_given_the_command() {
    let mut driver = mapped(&[("f2", "queue"), ("Q", "cancel")]);
    driver.press("Make it red<Enter>");
    assert!(footer(&driver).contains("F2 Q: cancel it"), "{}", footer(&driver));
    let mut driver = mapped(&[]);
    driver.press("Make it red<Enter>");
    assert!(footer(&driver).contains("Alt-4 x: cancel it"), "{}", footer(&driver));
}

#[test]
fn a_hint_says_the_way_from_where_the_person_is() {
    let mut driver = mapped(&[]);
    driver.press("Make it red<Enter>");
    for (keys, way) in [("<A-4>", "· x: cancel it"), ("<A-3>", "· Alt-4 x: cancel it")] {
        driver.press(keys);
        assert!(footer(&driver).contains(way), "{keys}: {}", footer(&driver));
    }
}

#[test]
fn the_key_that_leaves_the_prompt_is_parted_from_the_next_at_every_width() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40)] {
        let mut driver = Driver::new(columns, rows);
        let hint = Hint::to(CommandId::Sheet, "all of them");
        driver.workbench.model.notice = Some(Notice::new(Tone::Info, "done").hint(hint));
        let told = footer(&driver);
        assert!(told.contains("Esc then S: all of them") && !told.contains("Esc S"), "{told}");
    }
}

/// Every command that the core can name is reached by the keys that are said, from the prompt and
/// from a pane.
#[test]
fn every_command_of_a_hint_has_a_way_to_it() {
    let mut told = String::new();
    for keys in ["", "<A-3>", "<A-4>"] {
        let mut driver = Driver::new(120, 40);
        driver.press(keys);
        for command in CommandId::ALL {
            let notice = Notice::new(Tone::Info, "-").hint(Hint::to(command, "do it"));
            let say = Message::Action(Action::Session(SessionAction::Say(notice)));
            update(&mut driver.workbench.model, say);
            let footer = footer(&driver);
            let way = footer.split("· ").nth(1).and_then(|rest| rest.split(": do it").next());
            told.push_str(&format!("{keys:<6} {command:?}: {}\n", way.expect("a way")));
        }
    }
    insta::assert_snapshot!(told);
}

/// Names of commands that footers and the menu spell by hand: one that does not exist would vanish
/// without a word.
#[test]
fn what_footers_and_menu_name_are_commands() {
    let mut driver = Driver::new(200, 60);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    for pane in panes::ALL {
        let (ui, model) = (&driver.workbench.ui, driver.model());
        for (name, words) in (pane.footer)(ui, model) {
            assert!(registry::named(name).is_some(), "`{name}` ({words}) of {:?}", pane.id);
        }
    }
    driver.press("<Esc><Space>");
    let screen = driver.screen();
    for words in [
        "open a picture",
        "find pictures",
        "choose the",
        "show details",
        "keep parts",
        "save as a file",
        "switch profile",
        "how pictures are shown",
        "all commands",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}
