//! What a message was said about: the picture, and what one was doing. What speaks of the screen goes
//! when that is another one; what has happened is told for its time.
//!
//! Invariant: nothing goes in the step in which it was said.

use std::mem::{Discriminant, discriminant};

use super::Ui;
use super::compare::Compare;
use super::mode::Mode;
use crate::app::action::{Action, SessionAction};
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::{PictureRef, Timestamp};

/// Where one was when a message came.
#[derive(Clone, Debug, PartialEq)]
struct Scene {
    shown: Option<PictureRef>,
    mode: Discriminant<Mode>,
    is_comparing: bool,
}

/// The message that is on the screen, and where it was said.
#[derive(Clone, Debug)]
pub struct Said {
    at: Timestamp,
    text: String,
    scene: Scene,
}

impl Ui {
    /// Takes the message away that speaks of another scene.
    pub(super) fn unsay_what_is_over(&mut self, model: &Model) -> Option<Action> {
        let Some(notice) = model.notice.as_ref().filter(|notice| is_of_scene(notice)) else {
            self.said = None;
            return None;
        };
        let scene = Scene {
            shown: model.current,
            mode: discriminant(&self.mode),
            is_comparing: self.comparing.mode != Compare::Off,
        };
        let is_it = |said: &&Said| said.at == notice.at && said.text == notice.text;
        let Some(said) = self.said.as_ref().filter(is_it) else {
            self.said = Some(Said { at: notice.at, text: notice.text.clone(), scene });
            return None;
        };
        (said.scene != scene).then_some(Action::Session(SessionAction::Unsay))
    }
}

/// It neither tells of what has happened to money or pictures, nor how to take that back.
fn is_of_scene(notice: &Notice) -> bool {
    let is_quiet = match &notice.hint {
        None | Some(Hint::Do(CommandId::Help, _)) => true,
        Some(Hint::Do(..) | Hint::Text(_)) => false,
    };
    notice.tone == Tone::Info && notice.results == 0 && !notice.while_busy && is_quiet
}
