//! Keys of the list of references, while it is on top.

use super::super::Ui;
use super::super::keys::table::Command;
use super::super::overlay::{InputPurpose, Overlay};
use crate::app::action::{Action, DraftAction};
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
        let Some(list) = self.overlays.last_mut().and_then(Overlay::references_mut) else {
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
                vec![Action::Draft(DraftAction::MoveReference { from, to })]
            }
            Command::Remove => match list.selected() {
                Some(at) => vec![Action::Draft(DraftAction::DropReference(at))],
                None => Self::say("there is no reference to take out"),
            },
            Command::AddReference => match model.current {
                Some(picture) => {
                    vec![Action::Draft(DraftAction::AddReference(Picture::Picture(picture)))]
                }
                None => Self::say("there is no picture to add"),
            },
            Command::AddAddress => {
                let line =
                    Overlay::line("address of a picture", InputPurpose::Reference, String::new());
                self.overlays.push(line);
                Vec::new()
            }
            // The table gives this place no other command.
            _ => Vec::new(),
        }
    }
}
