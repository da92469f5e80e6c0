//! Styles by role, and the marks that say the same without colour.
//!
//! Computes no colours: that is `theme/palette.rs`. Invariant: nothing needs colour; each role also
//! has a mark, a weight or a place.

use ratatui::style::{Color, Modifier, Style};

pub mod named;
pub mod palette;
pub mod rgb;

use crate::tree::skeleton::Rail;
use palette::Palette;
use rgb::Rgb;

/// How this terminal is to be drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    pub mono: bool,
    pub ascii: bool,
    pub palette: Palette,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Text,
    /// What is read second: hints, numbers, captions.
    Secondary,
    /// Rails, borders, rules.
    Line,
    /// Where the keys go.
    Focus,
    /// The next edit goes on from here.
    Parent,
    Starred,
    Running,
    Waiting,
    Held,
    /// The answer to the submit was lost.
    MaybePaid,
    Failed,
    Money,
    /// Other than the default, or than the parent.
    Changed,
    /// What went well.
    Good,
    Warning,
}

impl Role {
    /// In the order in which they are declared: a role's number is its place.
    pub const ALL: [Self; 15] = [
        Self::Text,
        Self::Secondary,
        Self::Line,
        Self::Focus,
        Self::Parent,
        Self::Starred,
        Self::Running,
        Self::Waiting,
        Self::Held,
        Self::MaybePaid,
        Self::Failed,
        Self::Money,
        Self::Changed,
        Self::Good,
        Self::Warning,
    ];

    /// In the config file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Secondary => "secondary",
            Self::Line => "line",
            Self::Focus => "focus",
            Self::Parent => "parent",
            Self::Starred => "starred",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::MaybePaid => "maybe-paid",
            Self::Failed => "failed",
            Self::Money => "money",
            Self::Changed => "changed",
            Self::Good => "good",
            Self::Warning => "warning",
        }
    }

    /// Beside the colour, and all there is without one.
    fn weight(self, mono: bool) -> Modifier {
        match self {
            Self::Failed | Self::MaybePaid => Modifier::BOLD,
            Self::Secondary | Self::Line | Self::Waiting if mono => Modifier::DIM,
            Self::Focus | Self::Parent | Self::Warning if mono => Modifier::BOLD,
            Self::Text
            | Self::Secondary
            | Self::Line
            | Self::Focus
            | Self::Parent
            | Self::Starred
            | Self::Running
            | Self::Waiting
            | Self::Held
            | Self::Money
            | Self::Changed
            | Self::Good
            | Self::Warning => Modifier::empty(),
        }
    }
}

/// A mark has one meaning everywhere; the legend of the help lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An opened picture.
    Root,
    /// A picture that was made.
    Made,
    /// The next edit goes on from here.
    Parent,
    Starred,
    /// What the keys act on.
    Selected,
    /// Marked with others, for what is done to all of them.
    Chosen,
    Running,
    /// The service has it in its own queue.
    Queued,
    /// It has not left yet.
    Waiting,
    Held,
    /// The service has accepted it, and its result has not come yet.
    Awaited,
    /// Its picture has come; what was meant has been done.
    Done,
    MaybePaid,
    Failed,
    /// It came, and the service took what was on it.
    Filtered,
    Warned,
    Changed,
    /// More is folded away here.
    Folded,
    /// The only edit of the one above it.
    Step,
    /// Others are compared with it.
    Partner,
}

impl Mark {
    pub const ALL: [Self; 20] = [
        Self::Selected,
        Self::Root,
        Self::Made,
        Self::Parent,
        Self::Starred,
        Self::Chosen,
        Self::Running,
        Self::Queued,
        Self::Waiting,
        Self::Held,
        Self::Awaited,
        Self::Done,
        Self::MaybePaid,
        Self::Failed,
        Self::Filtered,
        Self::Warned,
        Self::Changed,
        Self::Folded,
        Self::Step,
        Self::Partner,
    ];

    /// One column each; the second where the locale is not UTF-8.
    fn signs(self) -> [&'static str; 2] {
        match self {
            Self::Root => ["◆", "#"],
            Self::Made => ["●", "o"],
            Self::Parent => ["▶", "@"],
            Self::Starred => ["★", "*"],
            Self::Selected => ["▌", ">"],
            Self::Chosen => ["■", "<"],
            Self::Running => ["◐", "~"],
            Self::Queued => ["◔", ":"],
            Self::Waiting => ["◌", "."],
            Self::Held => ["‖", "="],
            Self::Awaited => ["◕", "&"],
            Self::Done => ["✓", "+"],
            Self::MaybePaid => ["?", "?"],
            Self::Failed => ["✗", "x"],
            Self::Filtered => ["⊘", "/"],
            Self::Warned => ["!", "!"],
            Self::Changed => ["•", "^"],
            Self::Folded => ["▸", ")"],
            Self::Step => ["└", "`"],
            Self::Partner => ["◎", "%"],
        }
    }

    pub fn sign(self, ascii: bool) -> &'static str {
        let [fine, plain] = self.signs();
        if ascii { plain } else { fine }
    }

    /// For the legend.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Root => "opened",
            Self::Made => "edited",
            Self::Parent => "edits start here",
            Self::Starred => "starred",
            Self::Selected => "selected",
            Self::Chosen => "marked",
            Self::Running => "running",
            Self::Queued => "queued",
            Self::Waiting => "not sent yet",
            Self::Held => "held",
            Self::Awaited => "result awaited",
            Self::Done => "done",
            Self::MaybePaid => "maybe paid",
            Self::Failed => "failed",
            Self::Filtered => "filtered",
            Self::Warned => "warning",
            Self::Changed => "changed",
            Self::Folded => "folded",
            Self::Step => "made from the one above",
            Self::Partner => "compared with",
        }
    }

    pub fn role(self) -> Role {
        match self {
            Self::Root | Self::Made => Role::Text,
            Self::Parent => Role::Parent,
            Self::Starred => Role::Starred,
            Self::Selected | Self::Chosen | Self::Partner => Role::Focus,
            Self::Running => Role::Running,
            Self::Queued | Self::Waiting => Role::Waiting,
            Self::Held | Self::Awaited => Role::Held,
            Self::Done => Role::Good,
            Self::MaybePaid => Role::MaybePaid,
            Self::Failed => Role::Failed,
            Self::Filtered | Self::Warned => Role::Warning,
            Self::Changed => Role::Changed,
            Self::Folded => Role::Secondary,
            Self::Step => Role::Line,
        }
    }
}

impl Theme {
    pub fn role(self, role: Role) -> Style {
        let weight = role.weight(self.mono);
        let dim = if self.palette.is_dimmed(role) { Modifier::DIM } else { Modifier::empty() };
        match (self.mono, self.palette.get(role)) {
            (true, _) => Style::new().add_modifier(weight),
            (false, Color::Reset) => Style::new().add_modifier(weight | dim),
            (false, colour) => Style::new().fg(colour).add_modifier(weight),
        }
    }

    /// On a row that is selected: as much lighter or darker as it must be to be read there.
    pub fn role_on(self, role: Role, is_selected: bool) -> Style {
        match (is_selected, self.bar()) {
            (false, _) => self.role(role),
            (true, None) => self.selected(),
            (true, Some(_)) => {
                let weight = role.weight(self.mono);
                self.selected().fg(self.palette.get_selected(role)).add_modifier(weight)
            }
        }
    }

    /// This very colour, or the nearest one; `None` where only the terminal's own are had.
    pub fn exactly(self, colour: Rgb) -> Option<Color> {
        match self.palette.get(Role::Focus) {
            _ if self.mono || self.ascii => None,
            Color::Rgb(..) => Some(Color::Rgb(colour[0], colour[1], colour[2])),
            Color::Indexed(16..) => Some(Color::Indexed(rgb::readable_index(colour, &[]))),
            _ => None,
        }
    }

    pub fn mark(self, mark: Mark) -> &'static str {
        mark.sign(self.ascii)
    }

    /// What all cells have that nothing else was said of.
    pub fn text(self) -> Style {
        self.role(Role::Text)
    }

    /// What pictures go back to behind a box: the ground, where it is known.
    pub fn veil(self) -> Option<Rgb> {
        self.palette.ground().filter(|_| !self.mono)
    }

    pub fn dim(self) -> Style {
        self.role(Role::Secondary)
    }

    /// What could be written here: never to be taken for what is.
    pub fn ghost(self) -> Style {
        let dim = self.dim();
        let is_plain = dim.fg.is_none() && !self.mono;
        if is_plain { dim.add_modifier(Modifier::DIM) } else { dim }
    }

    pub fn accent(self) -> Style {
        self.role(Role::Focus)
    }

    pub fn good(self) -> Style {
        self.role(Role::Good)
    }

    pub fn warning(self) -> Style {
        self.role(Role::Warning)
    }

    pub fn error(self) -> Style {
        self.role(Role::Failed)
    }

    /// The next edit starts elsewhere than one sees: nothing else is as loud. Its colour is that of
    /// the mark where edits start.
    pub fn banner(self) -> Style {
        match (self.mono, self.palette.get(Role::Parent)) {
            (true, _) | (false, Color::Reset) => Style::new().add_modifier(Modifier::REVERSED),
            (false, Color::Yellow) => Style::new().fg(Color::Black).bg(Color::Yellow),
            (false, colour) => Style::new().fg(colour).add_modifier(Modifier::REVERSED),
        }
    }

    /// The ground of the answer that does what a question asks about, in the colour of its frame.
    pub fn filled(self, role: Role) -> Style {
        self.role(role).add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    pub fn selected(self) -> Style {
        match self.bar() {
            Some((ink, ground)) => Style::new().fg(ink).bg(ground).add_modifier(Modifier::BOLD),
            None => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// The mark of the row that is selected: in one colour wherever the keys go.
    pub fn cursor(self, has_keys: bool) -> Style {
        self.role_on(if has_keys { Role::Focus } else { Role::Line }, true)
    }

    /// What is selected has a ground of its own; else it is reversed.
    pub fn has_bar(self) -> bool {
        self.bar().is_some()
    }

    /// For what stands in a field that is written into, which has the ground of what is selected.
    pub fn in_field(self) -> Self {
        match self.bar() {
            Some(_) => Self { palette: self.palette.on_selected(), ..self },
            None => self,
        }
    }

    /// All cells of such a field.
    pub fn field(self) -> Style {
        let ground = |ink| Some(Style::new().fg(ink).bg(self.palette.field()?));
        self.bar().and_then(|(ink, _)| ground(ink)).unwrap_or_default()
    }

    fn bar(self) -> Option<(Color, Color)> {
        self.palette.selected().filter(|_| !self.mono)
    }

    pub fn border(self, focused: bool) -> Style {
        self.role(if focused { Role::Focus } else { Role::Line })
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
    pub fn edge(self, focused: bool) -> &'static str {
        match (focused, self.ascii) {
            (true, true) => ">",
            (true, false) => "▌",
            (false, _) => " ",
        }
    }

    pub fn rail(self, rail: Rail) -> &'static str {
        let [fine, plain] = match rail {
            Rail::Down => ["│ ", "| "],
            Rail::Branch => ["├─", "|-"],
            Rail::Last => ["└─", "`-"],
            Rail::Blank => ["  ", "  "],
        };
        if self.ascii { plain } else { fine }
    }
}
