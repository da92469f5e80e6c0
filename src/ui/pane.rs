//! The panes: their names and letters.

/// A rectangle with one subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    #[default]
    Prompt,
    Form,
    Tree,
    Queue,
    Log,
    Canvas,
}

impl Pane {
    /// In the order of `Tab` and of `Alt-1` to `Alt-6`.
    pub const ALL: [Self; 6] =
        [Self::Prompt, Self::Form, Self::Tree, Self::Queue, Self::Log, Self::Canvas];

    pub fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Form => "parameters",
            Self::Tree => "tree",
            Self::Queue => "queue",
            Self::Log => "log",
            Self::Canvas => "canvas",
        }
    }

    /// After `g`.
    pub fn letter(self) -> char {
        match self {
            Self::Prompt => 'p',
            Self::Form => 'f',
            Self::Tree => 't',
            Self::Queue => 'q',
            Self::Log => 'l',
            Self::Canvas => 'c',
        }
    }
}
