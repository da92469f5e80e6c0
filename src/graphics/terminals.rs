//! What is known of terminals by their names: data, from their documents and from trials.
//!
//! Decides nothing: `detect` weighs this against what the terminal answers.

use super::protocol::Protocol;

/// What serves a terminal best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// As people write it.
    pub name: &'static str,
    /// In lower case, how its XTVERSION answer, its `TERM` (less `xterm-`), `TERM_PROGRAM` or
    /// `LC_TERMINAL` begins.
    pub names: &'static [&'static str],
    /// Attributes that are all in its DA1 answer and in no other's; the first one stands first.
    pub attributes: &'static [u16],
    /// First that the terminal also confirms where it can; `Blocks` means: nothing better is safe.
    pub best: &'static [Protocol],
    /// After the name, why the first of these is best.
    pub because: &'static str,
    /// The version since which Unicode placeholders really work: the only way through tmux.
    pub placeholders: Option<(u32, u32)>,
    /// Inline files work wherever the terminal says its name; elsewhere sixel must be announced too.
    pub has_files: bool,
    /// Its sixels are drawn in cells of this size, whatever the font.
    pub sixel_cell: Option<(u16, u16)>,
    /// What it sends on is many times as much as it got: half the sharpness is enough.
    pub is_halved: bool,
    pub true_colour: bool,
    /// It draws sextants itself, whatever the font.
    pub has_sextants: bool,
    /// How it tells a person who looks elsewhere.
    pub notice: Notice,
    /// The version since which it shows progress; others would tell it as a notice, or print it.
    pub progress: Option<(u32, u32)>,
    /// It keeps the title of before for whoever changes it.
    pub keeps_titles: bool,
    /// It orders letters from right to left, and a sign that ends them takes no column.
    pub orders_letters: bool,
    /// What helps where it announces nothing of the best.
    pub fix: &'static str,
}

/// The escape that a terminal makes a notice of the desktop from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    None,
    /// Every terminal knows it; tmux marks the window.
    Bell,
    /// iTerm2's; a few words.
    Osc9,
    /// Of urxvt; a title and a few words.
    Osc777,
    /// kitty's.
    Osc99,
}

impl Notice {
    pub const ALL: [Self; 5] = [Self::None, Self::Bell, Self::Osc9, Self::Osc777, Self::Osc99];

    /// As the config file says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
            Self::Osc777 => "osc777",
            Self::Osc99 => "osc99",
        }
    }
}

/// For tmux as it is usually set up, in the pane where it is typed.
pub const TMUX_LINE: &str = "tmux set -p allow-passthrough on";
/// Where nothing else helps.
pub const OTHERS: &str = "kitty, Ghostty, WezTerm, iTerm2, foot and Windows Terminal show pixels";
/// What shows no pictures although its terminal could.
pub const IN_BETWEEN: &str = "ssh without mosh, screen or an old Zellij brings pictures through";

use Protocol::{Blocks, Iterm2, KittyDirect, Sixel};

const PLAIN: Terminal = Terminal {
    name: "",
    names: &[],
    attributes: &[],
    best: &[Blocks],
    because: "shows no pictures",
    placeholders: None,
    has_files: false,
    sixel_cell: None,
    is_halved: false,
    true_colour: true,
    has_sextants: false,
    notice: Notice::Bell,
    progress: None,
    keeps_titles: false,
    orders_letters: false,
    fix: OTHERS,
};

const KITTY: Terminal = Terminal {
    best: &[KittyDirect],
    because: "keeps pictures and moves them",
    fix: IN_BETWEEN,
    ..PLAIN
};

const FILES: Terminal =
    Terminal { best: &[Iterm2, Sixel], because: "shows inline files", fix: IN_BETWEEN, ..PLAIN };

const SIXEL: Terminal =
    Terminal { best: &[Sixel], because: "draws sixels", fix: IN_BETWEEN, ..PLAIN };

/// A name that begins like another stands before it.
pub const TERMINALS: [Terminal; 22] = [
    Terminal {
        name: "kitty",
        names: &["kitty"],
        placeholders: Some((0, 28)),
        has_sextants: true,
        notice: Notice::Osc99,
        keeps_titles: true,
        ..KITTY
    },
    Terminal {
        name: "Ghostty",
        names: &["ghostty"],
        placeholders: Some((0, 0)),
        has_sextants: true,
        notice: Notice::Osc777,
        progress: Some((1, 2)),
        ..KITTY
    },
    Terminal {
        name: "WezTerm",
        names: &["wezterm"],
        because: "shows inline files; kitty's pictures leave traces there",
        has_files: true,
        has_sextants: true,
        notice: Notice::Osc777,
        // Its versions are days.
        progress: Some((20_250_301, 0)),
        ..FILES
    },
    Terminal {
        name: "iTerm2",
        names: &["iterm2", "iterm.app"],
        best: &[Iterm2],
        has_files: true,
        notice: Notice::Osc9,
        progress: Some((3, 7)),
        keeps_titles: true,
        ..FILES
    },
    // Says OK to placeholders and prints boxes.
    Terminal { name: "Konsole", names: &["konsole"], best: &[KittyDirect, Iterm2], ..KITTY },
    Terminal {
        name: "foot",
        names: &["foot"],
        has_sextants: true,
        notice: Notice::Osc777,
        keeps_titles: true,
        ..SIXEL
    },
    // Its kitty pictures are young and know no placeholders.
    Terminal {
        name: "VS Code",
        names: &["vscode", "xterm.js"],
        fix: "in VS Code's settings: terminal.integrated.enableImages",
        ..FILES
    },
    Terminal {
        name: "xterm",
        names: &["xterm"],
        keeps_titles: true,
        fix: "xterm draws sixels if it is started so: xterm -ti vt340",
        ..SIXEL
    },
    Terminal { name: "mlterm", names: &["mlterm"], best: &[Sixel, Iterm2], ..SIXEL },
    Terminal {
        name: "Contour",
        names: &["contour"],
        because: "does not clear sixels away",
        fix: "--graphics sixel shows them all the same",
        ..PLAIN
    },
    // Black Box and GNOME's terminals; what is released mostly leaves sixel out.
    Terminal {
        name: "VTE",
        names: &["vte", "gnome"],
        keeps_titles: true,
        orders_letters: true,
        fix: OTHERS,
        ..SIXEL
    },
    Terminal {
        name: "Windows Terminal",
        names: &["windows terminal"],
        attributes: &[61, 7, 32, 42],
        sixel_cell: Some((10, 20)),
        progress: Some((0, 0)),
        fix: "Windows Terminal draws sixels since 1.22",
        ..SIXEL
    },
    Terminal { name: "Rio", names: &["rio"], ..FILES },
    Terminal { name: "Bobcat", names: &["bobcat"], ..FILES },
    Terminal { name: "Tabby", names: &["tabby"], ..FILES },
    Terminal { name: "Hyper", names: &["hyper"], ..FILES },
    Terminal { name: "mintty", names: &["mintty"], ..FILES },
    Terminal { name: "Warp", names: &["warp"], because: "does not clear pictures away", ..PLAIN },
    Terminal { name: "Alacritty", names: &["alacritty"], keeps_titles: true, ..PLAIN },
    // Where it has more colours, it says so in COLORTERM.
    Terminal { name: "Apple's Terminal", names: &["apple_terminal"], true_colour: false, ..PLAIN },
    Terminal {
        name: "Zellij",
        names: &["zellij"],
        best: &[KittyDirect, Sixel],
        because: "hands pictures on, many times as large: half as sharp",
        is_halved: true,
        ..KITTY
    },
    Terminal { name: "the Linux console", names: &["linux"], true_colour: false, ..PLAIN },
];

/// The row for a name such as `kitty(0.41.1)` or `XTerm(379)`.
pub fn find(name: &str) -> Option<&'static Terminal> {
    let name = name.to_lowercase();
    TERMINALS.iter().find(|terminal| terminal.names.iter().any(|begin| name.starts_with(begin)))
}

/// The row that alone gives such an answer to DA1.
pub fn find_by_attributes(attributes: &[u16]) -> Option<&'static Terminal> {
    TERMINALS.iter().find(|terminal| {
        let own = terminal.attributes;
        let begins = !own.is_empty() && own.first() == attributes.first();
        begins && own.iter().all(|attribute| attributes.contains(attribute))
    })
}

/// What stands before the version in `kitty(0.41.1)`, in lower case.
pub fn short(name: &str) -> String {
    let letters = name.split(['(', ' ']).next().unwrap_or_default();
    letters.to_lowercase()
}

/// The first two numbers of `kitty(0.41.1)`.
pub fn version(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let mut numbers = name.get(digits..)?.split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}
