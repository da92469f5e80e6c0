//! Keys of the list of references, while it is on top.

use super::super::Ui;
use super::super::keys::table::Command;
use super::super::overlay::input::{Input, InputPurpose};
use super::super::overlay::references::References;
use crate::app::action::Action;
use crate::app::model::Model;
use crate::tree::Input as Picture;

impl Ui {
    pub(super) fn handle_references(&mut self, model: &Model, pressed: &str) -> Vec<Action> {
        if matches!(pressed, "esc" | "q" | "enter") {
            self.overlays.pop();
            return Vec::new();
        }
        let Some(command) = self.keymap.find_in_references(pressed) else {
            return self.refuse(pressed);
        };
        let Some(list) = self.top::<References>() else {
            return Vec::new();
        };
        match command {
            Command::Down | Command::Up => {
                let by = if command == Command::Down { 1 } else { -1 };
                if let Some(at) = list.beside(by) {
                    list.select(at);
                }
                Vec::new()
            }
            Command::MoveDown | Command::MoveUp => {
                let by = if command == Command::MoveDown { 1 } else { -1 };
                let Some((from, to)) = list.selected().zip(list.beside(by)) else {
                    return Self::say("it cannot go further");
                };
                list.select(to);
                vec![Action::MoveReference { from, to }]
            }
            Command::Remove => match list.selected() {
                Some(at) => vec![Action::DropReference(at)],
                None => Self::say("there is no reference to take out"),
            },
            Command::AddReference => match model.current {
                Some(picture) => vec![Action::AddReference(Picture::Picture(picture))],
                None => Self::say("there is no picture to add"),
            },
            Command::AddAddress => self.put_on_top(Input::new(
                "address of a picture",
                InputPurpose::Reference,
                String::new(),
            )),
            // The table gives this place no other command.
            _ => Vec::new(),
        }
    }
}
