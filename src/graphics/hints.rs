//! What the environment says of the terminal. Nothing is read here.

/// What the environment says, read elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    pub term: String,
    pub colorterm: String,
    pub term_program: String,
    pub lc_terminal: String,
    /// Variables promise iTerm2's inline files.
    pub inline_files: bool,
    pub tmux: bool,
    pub screen: bool,
    pub ssh: bool,
    /// A window of X11 on this machine.
    pub x11: bool,
    pub utf8: bool,
    pub no_color: bool,
}
