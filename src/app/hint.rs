//! What can be done next, as data: the core names a command, never a key.
//!
//! The screen says the keys of the person's own keymap before the words, a headless command says a
//! subcommand. Invariant: the words are true wherever they are read, so they name no key.

/// A command of the workbench that a hint can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandId {
    /// The prompt before or after in what was sent or put aside.
    EarlierPrompt,
    LaterPrompt,
    Newline,
    Editor,
    Help,
    Endpoint,
    /// Go to the form.
    Parameters,
    /// Send the draft.
    Run,
    /// Compose from the picture on the canvas.
    EditPicture,
    /// The pictures beside the first one.
    References,
    Heal,
    Sheet,
    Sync,
    Undo,
    /// Ask for the result of a job that waits for it.
    AskAgain,
    /// Send a job that is held.
    SendHeld,
    /// Go to the jobs that need a decision, and decide.
    Decide,
    Cancel,
}

impl CommandId {
    pub const ALL: [Self; 18] = [
        Self::EarlierPrompt,
        Self::LaterPrompt,
        Self::Newline,
        Self::Editor,
        Self::Help,
        Self::Endpoint,
        Self::Parameters,
        Self::Run,
        Self::EditPicture,
        Self::References,
        Self::Heal,
        Self::Sheet,
        Self::Sync,
        Self::Undo,
        Self::AskAgain,
        Self::SendHeld,
        Self::Decide,
        Self::Cancel,
    ];
}

/// One thing to do, or to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    Text(String),
    /// A command, and what it does, as a request: "send it again".
    Do(CommandId, String),
}

impl Hint {
    pub fn to(command: CommandId, words: impl Into<String>) -> Self {
        Self::Do(command, words.into())
    }

    /// One sentence without final stop, and without the way to the command.
    pub fn words(&self) -> &str {
        match self {
            Self::Text(words) | Self::Do(_, words) => words,
        }
    }
}

impl From<String> for Hint {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}

impl From<&str> for Hint {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}
