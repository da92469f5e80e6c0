//! Styles by role. Nothing needs colour: every role also has a mark, a weight or a place.

use ratatui::style::{Color, Modifier, Style};

/// How this terminal is to be drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    pub mono: bool,
    pub ascii: bool,
}

impl Theme {
    fn coloured(self, colour: Color, otherwise: Modifier) -> Style {
        if self.mono { Style::new().add_modifier(otherwise) } else { Style::new().fg(colour) }
    }

    pub fn dim(self) -> Style {
        self.coloured(Color::DarkGray, Modifier::DIM)
    }

    pub fn accent(self) -> Style {
        self.coloured(Color::Cyan, Modifier::BOLD)
    }

    pub fn good(self) -> Style {
        self.coloured(Color::Green, Modifier::empty())
    }

    pub fn warning(self) -> Style {
        self.coloured(Color::Yellow, Modifier::BOLD)
    }

    pub fn error(self) -> Style {
        self.coloured(Color::Red, Modifier::BOLD).add_modifier(Modifier::BOLD)
    }

    /// The banner that must not be overlooked.
    pub fn banner(self) -> Style {
        if self.mono {
            Style::new().add_modifier(Modifier::REVERSED)
        } else {
            Style::new().fg(Color::Black).bg(Color::Yellow)
        }
    }

    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn border(self, focused: bool) -> Style {
        if focused { self.accent() } else { self.dim() }
    }

    /// Horizontal, vertical, corners: heavy where the focus is.
    pub fn lines(self, focused: bool) -> [&'static str; 6] {
        match (self.ascii, focused) {
            (true, false) => ["-", "|", "+", "+", "+", "+"],
            (true, true) => ["=", "#", "#", "#", "#", "#"],
            (false, false) => ["─", "│", "┌", "┐", "└", "┘"],
            (false, true) => ["━", "┃", "┏", "┓", "┗", "┛"],
        }
    }

    /// Before the title of what has the focus, and of what has it not.
    pub fn bar(self, focused: bool) -> &'static str {
        match (focused, self.ascii) {
            (true, true) => ">",
            (true, false) => "▌",
            (false, _) => " ",
        }
    }

    /// Tree lines: down, branch.
    pub fn rails(self) -> [&'static str; 2] {
        if self.ascii { ["| ", "|-"] } else { ["│ ", "├─"] }
    }

    pub fn dot(self) -> &'static str {
        if self.ascii { "*" } else { "●" }
    }

    /// Where a branch begins: told from what goes straight on below it.
    pub fn root(self) -> &'static str {
        if self.ascii { "#" } else { "◆" }
    }

    pub fn hollow(self) -> &'static str {
        if self.ascii { "o" } else { "○" }
    }

    /// Under way at the service.
    pub fn running(self) -> &'static str {
        if self.ascii { "@" } else { "◐" }
    }

    /// Its picture has come.
    pub fn done(self) -> &'static str {
        if self.ascii { "+" } else { "✓ " }
    }

    /// Not sent yet.
    pub fn waiting(self) -> &'static str {
        if self.ascii { "o" } else { "◌" }
    }

    pub fn star(self) -> &'static str {
        if self.ascii { "*" } else { "★" }
    }
}
