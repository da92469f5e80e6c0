//! Who has the keys after a command: whoever had them before, unless the command is to go somewhere.

use crossterm::event::Event;
use editree::ui::command::CommandRow;
use editree::ui::mode::KeyContext;
use editree::ui::pane::Pane;
use editree::ui::registry;

use super::accidents::edited;
use crate::support::driver::Driver;

/// To go there is what they are for.
const LEADS: [&str; 19] = [
    "prompt",
    "parameters",
    "seed",
    "tree",
    "queue",
    "log",
    "canvas",
    "next-pane",
    "previous-pane",
    "take",
    "insert",
    "normal",
    "edit",
    "cancel",
    "whole-tree",
    "close",
    "leave",
    "to-job",
    "release",
];

/// What is drawn is looked at elsewhere.
fn blind() -> Driver {
    let mut driver = edited();
    driver.is_blind = true;
    driver
}

fn after(driver: &mut Driver) -> Pane {
    if driver.workbench.ui.context().is_exclusive() {
        driver.press("<Esc>");
    }
    driver.workbench.ui.focus()
}

fn stay() -> impl Iterator<Item = &'static CommandRow> {
    let leads = |row: &&CommandRow| LEADS.contains(&row.name);
    registry::rows().into_iter().filter(move |row| !leads(row) && !row.context.is_exclusive())
}

#[test]
fn a_command_by_its_name_leaves_the_keys_where_they_were() {
    for row in stay() {
        for place in [("canvas", "c"), ("tree", "t"), ("queue", "q")] {
            let mut driver = blind();
            driver.press(&format!("<Esc>g{}", place.1));
            let before = driver.workbench.ui.focus();
            assert_eq!(before.name(), place.0);
            driver.press(":");
            driver.send(vec![Event::Paste(row.name.to_owned())]);
            driver.press("<Enter>");
            assert_eq!(after(&mut driver), before, ":{} in {}", row.name, place.0);
        }
    }
}

#[test]
fn one_command_key_out_of_the_prompt_leads_back_to_it() {
    for row in stay().filter(|row| row.context == KeyContext::Normal) {
        for key in row.keys.iter().filter(|key| key.chars().count() == 1) {
            let mut driver = blind();
            driver.press(&format!("<C-o>{key}"));
            assert_eq!(after(&mut driver), Pane::PROMPT, "{key}: {}", row.name);
        }
    }
}

#[test]
fn who_opens_a_file_goes_on_where_he_was() {
    for open in [":open /tmp/x.png<Enter>", ":e /tmp/x.png<Enter>"] {
        for place in ["canvas", "tree"] {
            let mut driver = edited();
            driver.press(&format!("<Esc>:{place}<Enter>"));
            driver.press(open);
            assert_eq!(driver.workbench.ui.focus().name(), place, "{open}");
        }
        // A sentence is no row of commands there: it is offered to the prompt.
        let mut driver = edited();
        driver.press("<Esc>");
        driver.press(open);
        driver.type_quickly("remove the car", 60);
        driver.press("<Enter>");
        assert_eq!(driver.model().draft.prompt, "remove the car");
    }
}
