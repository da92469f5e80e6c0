//! Commands by name with words behind them: no one is silent; and keys that arrive as another one.

use crossterm::event::Event;
use editree::app::effect::{Effect, PictureEffect, StoreEffect};
use editree::tree::NodeId;
use editree::ui::registry;

use crate::support::driver::Driver;

fn said(driver: &Driver) -> String {
    driver.model().notice.as_ref().map_or_else(String::new, |notice| notice.text.clone())
}

/// `n1`, and `n2` and `n3` made of it in turn.
fn three() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red", "Add a hat"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    driver.press("<Esc>");
    driver.take();
    driver
}

#[test]
fn no_command_with_a_word_behind_it_is_silent() {
    let (with_words, without): (Vec<_>, Vec<_>) =
        registry::rows().into_iter().partition(|row| row.takes_text);
    let mut driver = three();
    driver.is_blind = true;
    for row in without {
        driver.press(":");
        driver.send(vec![Event::Paste(format!("{} xyzzy", row.name))]);
        driver.press("<Enter>");
        let screen = driver.screen();
        let is_told = ["takes no words", "takes a number, no words", " only"];
        assert!(is_told.iter().any(|told| screen.contains(told)), "{}: {screen}", row.name);
        driver.press("<Esc>");
    }
    assert_eq!(driver.saves(), 0);
    for row in with_words {
        let mut driver = three();
        (driver.is_strange, driver.is_blind) = (true, true);
        let before = (said(&driver), driver.screen());
        driver.press(":");
        driver.send(vec![Event::Paste(format!("{} xyzzy", row.name))]);
        driver.press("<Enter>");
        let screen = driver.screen();
        let is_open = screen.contains(&format!(": {} xyzzy", row.name));
        let has_done = !driver.take().is_empty() || said(&driver) != before.0;
        assert!(!is_open && (has_done || screen != before.1), "{}: {screen}", row.name);
    }
}

#[test]
fn why_words_are_refused_stands_below_the_row_and_the_next_enter_runs_it_without_them() {
    let mut driver = three();
    driver.press(":star it please<Enter>");
    let screen = driver.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let at = lines.iter().position(|line| line.contains("star this picture")).unwrap();
    let told = "`star` takes no words: press Enter to run it without them";
    assert!(lines[at..at + 6].iter().any(|line| line.contains(told)), "{screen}");
    driver.press("<Enter>");
    let marks = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::AppendDecision(_)));
    assert!(driver.take().iter().any(marks));
    driver.type_lines(&[":star it"], false);
    assert_eq!(said(&driver), "`star` takes no words: write :star alone");
}

/// The second `Enter` may have been meant for the words.
#[test]
fn what_costs_or_deletes_does_not_run_without_the_words_that_stood_behind_it() {
    for (line, begun, told) in [
        (
            "reroll make it blue",
            "rero make it blue",
            "`reroll` takes a number, no words: write :reroll alone",
        ),
        ("rerun n2", "reru n2", "`rerun` takes no words: write :rerun alone"),
        ("trash n2", "trash n2", "`trash` takes no words: write :trash alone"),
    ] {
        for typed in [line, begun] {
            let mut driver = three();
            driver.press(&format!(":{typed}<Enter>"));
            assert!(driver.screen().contains(told), "{typed}: {}", driver.screen());
            driver.press("<Enter><Enter>");
            let screen = driver.screen();
            assert!(screen.contains(&format!(": {line}")) && screen.contains(told), "{screen}");
            assert_eq!(
                (driver.take(), driver.model().money.confirmation.is_some()),
                (vec![], false)
            );
        }
    }
}

#[test]
fn a_number_that_is_too_large_is_answered_with_the_largest() {
    for typed in [":reroll 70000<Enter>", ":reroll 65535<Enter>", ":reroll 99999999999999<Enter>"] {
        let mut driver = three();
        driver.press(typed);
        assert_eq!(said(&driver), "at most 20 at once", "{typed}");
        assert_eq!(driver.saves(), 0, "{typed}");
    }
}

#[test]
fn a_number_behind_a_name_is_the_count_before_its_key() {
    let strength = |driver: &mut Driver| {
        driver.take().into_iter().find_map(|effect| match effect {
            Effect::Picture(PictureEffect::Heal(order)) => Some(order.strength),
            _ => None,
        })
    };
    let mut driver = three();
    driver.press(":heal 30<Enter>");
    assert_eq!(strength(&mut driver), Some(30));
    let mut driver = three();
    driver.press(":heal 30 %<Enter>");
    assert_eq!(strength(&mut driver), Some(30));
    let mut driver = three();
    driver.press(":try-heal 70<Enter>");
    assert!(driver.screen().contains("70 %"), "{}", driver.screen());
    let mut driver = three();
    driver.press(":reroll 4<Enter>");
    assert!(driver.screen().contains("4 requests"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
    // A beginning is written out with its number.
    let mut driver = three();
    driver.press(":rero 4<Enter>");
    assert!(driver.screen().contains(": reroll 4"), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(driver.screen().contains("4 requests"), "{}", driver.screen());
}

#[test]
fn the_sheet_shows_the_set_that_is_named() {
    let mut driver = three();
    driver.press("hh:sheet children<Enter>");
    assert!(driver.screen().contains("from n1"), "{}", driver.screen());
    driver.press(":sheet all<Enter>");
    assert!(driver.screen().contains("contact sheet · all · 2 of 3"), "{}", driver.screen());
    driver.press(":sheet marked<Enter>");
    assert_eq!(said(&driver), "no pictures are marked: v in the tree or on the sheet marks one");
    driver.press(":sheet some<Enter>");
    assert_eq!(said(&driver), "no set `some`: write children, all or marked");
}

#[test]
fn another_set_by_name_leaves_the_open_sheet_as_it_is() {
    let mut driver = three();
    driver.press("hhSb=");
    let columns = driver.workbench.ui.sheet().map(|sheet| sheet.columns);
    driver.press(":sheet all<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("contact sheet · all · ") && screen.contains(" · blind"), "{screen}");
    assert_eq!(driver.workbench.ui.sheet().map(|sheet| sheet.columns), columns);
    driver.press("ll<Esc>");
    assert_eq!(driver.model().current.map(|it| it.node), Some(NodeId(1)), "back where it began");
}

#[test]
fn a_picture_is_compared_with_the_one_that_is_named() {
    let mut driver = three();
    driver.press(":compare n1<Enter>");
    assert_eq!(said(&driver), "comparing with n1");
    let base = driver.workbench.ui.comparing.base.map(|base| base.node);
    assert_eq!(base, Some(NodeId(1)));
    driver.press(":compare n3<Enter>");
    assert_eq!(said(&driver), "n3 is the picture that is shown: name another");
    driver.press(":compare it<Enter>");
    assert_eq!(said(&driver), "`it` is no node: write :compare n1");
}

#[test]
fn a_named_picture_that_is_not_loaded_is_compared_with_when_it_is() {
    let forgotten = || {
        let mut driver = three();
        let node = driver.workbench.model.nodes.remove(&NodeId(1)).unwrap();
        driver.press(":compare n1<Enter>");
        assert_eq!(driver.workbench.ui.comparing.base, None, "not there yet");
        assert_eq!(said(&driver), "n1 is being read");
        (driver, node)
    };
    let (mut driver, node) = forgotten();
    driver.workbench.model.insert_node(node);
    driver.press("");
    driver.tick(1);
    assert_eq!(driver.workbench.ui.comparing.base.map(|base| base.node), Some(NodeId(1)));
    // Who has gone on is not taken back.
    for on in ["h", "S", "<Esc>", "c", "m"] {
        let (mut driver, node) = forgotten();
        driver.press(on);
        let mode = driver.workbench.ui.comparing.mode;
        driver.workbench.model.insert_node(node);
        driver.tick(1);
        assert_eq!(driver.workbench.ui.comparing.base, None, "{on}");
        assert_eq!(driver.workbench.ui.comparing.mode, mode, "{on}");
        assert_eq!(driver.workbench.ui.sheet().is_some(), on == "S", "{on}");
    }
}

#[test]
fn what_is_marked_now_takes_the_place_of_what_was_marked_before() {
    let mut driver = three();
    driver.press("gtggvGv:sheet marked<Enter>");
    assert!(driver.screen().contains("marked · 2 of 2"), "{}", driver.screen());
    let sets = |driver: &mut Driver| {
        let title = |driver: &Driver| driver.screen().lines().next().map(str::to_owned);
        let (mut sets, first) = (0, title(driver));
        loop {
            driver.press("S");
            sets += 1;
            if title(driver) == first || sets > 9 {
                return sets;
            }
        }
    };
    let before = sets(&mut driver);
    driver.press("v:sheet marked<Enter>");
    assert!(driver.screen().contains("marked · 1 of 1"), "{}", driver.screen());
    assert_eq!(sets(&mut driver), before);
}

#[test]
fn words_behind_edit_stand_in_the_prompt_and_are_not_sent() {
    let mut driver = three();
    driver.press("h:edit Make it blue<Enter>");
    assert_eq!(driver.model().draft.prompt, "Make it blue");
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(2)));
    assert_eq!(driver.saves(), 0);
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1);
}

/// `Esc` and a letter within the terminal's patience are one key with Alt. It runs nothing.
#[test]
fn a_letter_that_arrives_with_alt_tells_how_it_is_meant() {
    let mut driver = Driver::new(120, 40);
    for (key, told) in [
        ("<A-S>", "Alt-S does nothing here: press Esc then S"),
        ("<A-$>", "Alt-$ does nothing here: press Esc then $"),
        ("<A-:>", "Alt-: does nothing here: press Esc then :"),
        ("<A-q>", "Alt-q does nothing here: press Esc then q"),
        ("<A-?>", "Alt-? does nothing here: press Esc then ?"),
        ("<A-R>", "Alt-R does nothing here: press Esc then R"),
    ] {
        driver.press(key);
        assert_eq!(said(&driver), told);
    }
    assert_eq!(driver.saves(), 0);
    driver.press("<Esc><A-S>");
    assert_eq!(said(&driver), "Alt-S does nothing here: press S");
    // Where the keys are, and not on the canvas.
    driver.press("<A-#>");
    assert_eq!(said(&driver), "Alt-# does nothing here: press #");
    driver.press("gt<A-#>");
    assert_eq!(said(&driver), "Alt-# does nothing here");
}

#[test]
fn keys_that_do_nothing_are_named_as_they_are_printed_on_keyboards() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>gt<Enter>");
    assert_eq!(said(&driver), "Enter does nothing here: e edits from this picture");
    let freed = ["e", "alt-e"].map(|key| (key.into(), "none".into()));
    driver.workbench.ui.keymap = editree::ui::keys::Keymap::with(&freed).unwrap();
    driver.press("<Enter>");
    assert_eq!(said(&driver), "Enter does nothing here: :edit edits from this picture");
    assert_eq!(editree::ui::chord::show("pageup"), "PgUp");
    assert_eq!(editree::ui::chord::show("ctrl-pagedown"), "Ctrl-PgDn");
}

#[test]
fn enter_on_a_word_that_only_finds_a_command_loses_nothing_and_drops_no_second_word() {
    for (typed, found) in [("defaults", "reset all parameters"), ("synchron", "send synchronously")]
    {
        let mut driver = three();
        driver.press(":set guidance_scale 5<Enter>");
        let before = (driver.model().draft.clone(), driver.model().composer.run.sync);
        driver.press(&format!(":{typed}"));
        assert!(driver.screen().contains(found), "{typed}: {}", driver.screen());
        driver.press("<Enter><Enter>");
        assert!(driver.screen().contains(&format!(": {typed}")), "{}", driver.screen());
        let after = (driver.model().draft.clone(), driver.model().composer.run.sync);
        assert_eq!(after, before, "{typed}");
        // Gone to, it runs.
        driver.press("<Down><Enter>");
        assert!(!driver.screen().contains(&format!(": {typed}")), "{}", driver.screen());
    }
    let mut driver = three();
    driver.press(":gallery all<Enter>");
    assert!(driver.workbench.ui.sheet().is_none(), "{}", driver.screen());
    assert!(driver.screen().contains("`gallery`"), "{}", driver.screen());
    driver.press("<C-u>gallery<Enter>");
    assert!(driver.workbench.ui.sheet().is_some(), "{}", driver.screen());
}
