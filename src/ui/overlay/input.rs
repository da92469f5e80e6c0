//! A line to type for a command that wants one.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::{Action, Purpose};
use crate::app::filename_template;
use crate::tree::{Input as Picture, NodeId, PictureRef};
use crate::ui::line_input::LineInput;
use crate::ui::theme::Theme;

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputPurpose {
    /// A path of a picture to open.
    Open,
    /// A name for the branch of this node.
    Name(NodeId),
    /// The address of a reference.
    Reference,
    /// A fault for the simulator.
    InjectFault,
    /// The name of a project.
    Project,
    /// Other words for this step.
    Rebase(NodeId),
    /// Pictures on which the steps to this node are done again.
    Replay(NodeId),
    /// A name for a copy of this picture.
    Save(PictureRef),
}

#[derive(Debug)]
pub struct Input {
    title: String,
    line: LineInput,
    purpose: InputPurpose,
}

impl Input {
    pub fn new(title: &str, purpose: InputPurpose, text: String) -> Self {
        Self { title: title.into(), line: LineInput::new(text), purpose }
    }
}

impl Overlay for Input {
    fn title(&self) -> &str {
        &self.title
    }

    fn rows(&self) -> usize {
        1
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => {
                return OverlayResult::Accept(self.purpose.chosen(self.line.text().trim()));
            }
            _ => drop(self.line.on_key(&key)),
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        OverlayResult::Keep
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, _: Theme) -> Option<Position> {
        Some(self.line.draw(area, buffer, ""))
    }
}

impl InputPurpose {
    pub fn chosen(self, text: &str) -> OverlayAction {
        let some = (!text.is_empty()).then(|| text.to_owned());
        let actions = match self {
            Self::Open => some.map(|path| Action::AddFiles {
                paths: vec![path.into()],
                purpose: Purpose::Parent,
            }),
            Self::Name(node) => Some(Action::Name { node, name: some }),
            Self::Reference => some.map(|url| Action::AddReference(Picture::Url(url))),
            Self::InjectFault => some.map(Action::InjectFault),
            Self::Project => some.map(Action::Project),
            Self::Rebase(node) => some.map(|words| Action::Rebase { node, words }),
            Self::Replay(node) => some.map(|pattern| Action::AddFiles {
                paths: vec![pattern.into()],
                purpose: Purpose::Replay(node),
            }),
            Self::Save(picture) => {
                let name = some.unwrap_or_else(|| filename_template::DEFAULT_NAME.to_owned());
                Some(Action::CopyOut { picture, name })
            }
        };
        OverlayAction::Actions(actions.into_iter().collect())
    }
}
