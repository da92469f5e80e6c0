//! What letters do to an overlay: whether they are text there, and what they put at stake.
//!
//! Changes nothing; whoever watches for words that were typed as keys asks here.

use super::{Kind, Overlay, OverlayAction};
use crate::app::action::{Action, QueueAction, TreeAction};
use crate::tree::decision::Mark;
use crate::ui::keys::table::{Stakes, stakes_of};

impl Overlay {
    /// Letters are text here, or choose among what harms nothing.
    pub fn takes_text(&self) -> bool {
        match &self.kind {
            Kind::List { .. }
            | Kind::Prompt { .. }
            | Kind::Search(_)
            | Kind::Sweep(_)
            | Kind::Keep(_)
            | Kind::Files(_)
            | Kind::Commands(_) => true,
            Kind::Menu(_) | Kind::TextView { .. } | Kind::References(_) | Kind::Confirm(_) => false,
        }
    }

    pub fn is_references(&self) -> bool {
        matches!(self.kind, Kind::References(_))
    }

    /// What a letter here would put at stake.
    pub fn stakes(&self, pressed: &str) -> Stakes {
        let chosen = match &self.kind {
            Kind::Confirm(confirm) => return confirm.stakes(pressed),
            Kind::Menu(rows) => {
                rows.iter().find(|(letter, ..)| pressed == letter.to_string()).map(|row| &row.2)
            }
            _ => None,
        };
        match chosen {
            Some(OverlayAction::Command(command)) => stakes_of(*command),
            Some(OverlayAction::Actions(actions)) => actions
                .iter()
                .map(stakes_of_action)
                .fold(Stakes::None, |worst, next| if next == Stakes::None { worst } else { next }),
            _ => Stakes::None,
        }
    }
}

/// What an action of a menu puts at stake.
fn stakes_of_action(action: &Action) -> Stakes {
    match action {
        Action::Queue(QueueAction::SendAgain(_)) | Action::Queue(QueueAction::Release(_)) => {
            Stakes::Costs
        }
        Action::Queue(QueueAction::Dismiss(_)) | Action::Queue(QueueAction::Cancel(_)) => {
            Stakes::Cancels
        }
        Action::Tree(TreeAction::Mark { mark: Mark::Trash(true), .. }) => Stakes::Deletes,
        _ => Stakes::None,
    }
}
