//! Commands on the picture that is shown: go on from it, repeat it, compare it, heal it.

use super::super::Ui;
use super::super::keys::table::Command;
use super::super::pane::Pane;
use crate::app::action::{Action, DraftAction, PictureAction, QueueAction, TreeAction};
use crate::app::model::Model;
use crate::tree::Input as Picture;

impl Ui {
    pub(super) fn perform_picture(
        &mut self,
        model: &Model,
        command: Command,
        count: Option<u16>,
    ) -> Vec<Action> {
        use Command as C;
        let times = count.unwrap_or(1).max(1);
        match (command, model.current) {
            (C::Follow, _) => vec![Action::Tree(TreeAction::Follow(!model.follow))],
            (C::Sync, _) => vec![Action::Queue(QueueAction::Sync(!model.run.sync))],
            (C::Reroll, _) => vec![Action::Queue(QueueAction::Reroll { times })],
            (C::Rerun, _) => vec![Action::Queue(QueueAction::Rerun)],
            (C::Heal, _) => {
                vec![Action::Picture(PictureAction::Heal { strength: strength(count) })]
            }
            (C::Compare, _) => self.swap(model),
            (C::PickCompareBase, _) => self.pick_partner(model),
            (C::CompareMode, _) => self.next_compare(model),
            (C::EditPicture, Some(picture)) => {
                // What is typed next are its words: from here `Enter` alone sends them.
                self.focus_on(Pane::Prompt);
                vec![Action::Draft(DraftAction::Parent(Some(picture)))]
            }
            (C::EditPicture, None) => Self::say("there is no picture to go on from"),
            (C::AddReference, Some(picture)) => {
                vec![Action::Draft(DraftAction::AddReference(Picture::Picture(picture)))]
            }
            (C::AddReference, None) => Self::say("there is no picture to add"),
            (_, Some(picture)) => {
                vec![Action::Picture(PictureAction::OpenExternally(picture.picture))]
            }
            (_, None) => Self::say("there is no picture to open"),
        }
    }

    fn next_compare(&mut self, model: &Model) -> Vec<Action> {
        self.swapped = model.current;
        self.compare = self.compare.next_mode();
        Vec::new()
    }

    fn pick_partner(&mut self, model: &Model) -> Vec<Action> {
        self.compare_base = if self.compare_base.is_some() { None } else { model.current };
        match self.compare_base {
            Some(compare_base) => {
                Self::say(&format!("others are compared with {}", compare_base.node))
            }
            None => Self::say("pictures are compared with their parents"),
        }
    }

    fn swap(&mut self, model: &Model) -> Vec<Action> {
        let has_parent = model.current_node().is_some_and(|node| node.parent.is_some());
        if !has_parent
            && self.compare_base.is_none_or(|compare_base| Some(compare_base) == model.current)
        {
            return Self::say("this picture has no parent to compare with");
        }
        self.compare = self.compare.swap();
        self.swapped = model.current;
        Vec::new()
    }
}

/// In percent; half without a count.
fn strength(count: Option<u16>) -> u8 {
    count.map_or(50, |count| u8::try_from(count.min(100)).unwrap_or(100))
}
