//! What is known of terminals by their names: data, from their documents and from trials.

use super::Protocol;

/// How a terminal calls itself (beginning of its XTVERSION answer, lower case) and what serves it best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub name: &'static str,
    /// First that the terminal also confirms where it can; `Blocks` means: nothing better is safe.
    pub best: &'static [Protocol],
    /// Unicode placeholders really work: the only way through tmux.
    pub placeholders: bool,
    pub true_colour: bool,
}

const fn row(name: &'static str, best: &'static [Protocol], placeholders: bool) -> Terminal {
    Terminal { name, best, placeholders, true_colour: true }
}

use Protocol::{Blocks, Iterm2, KittyDirect, Sixel};

pub const TERMINALS: [Terminal; 15] = [
    row("kitty", &[KittyDirect], true),
    row("ghostty", &[KittyDirect], true),
    // Its deletes of kitty pictures leave traces.
    row("wezterm", &[Iterm2, Sixel], false),
    row("iterm2", &[Iterm2], false),
    // Says OK to placeholders and prints boxes.
    row("konsole", &[KittyDirect, Iterm2], false),
    row("foot", &[Sixel], false),
    row("xterm.js", &[Iterm2, Sixel], false),
    row("xterm", &[Sixel], false),
    row("mlterm", &[Sixel, Iterm2], false),
    row("contour", &[Sixel], false),
    row("rio", &[Iterm2, Sixel], false),
    row("mintty", &[Iterm2, Sixel], false),
    row("windows terminal", &[Sixel], false),
    // Does not clear pictures.
    row("warp", &[Blocks], false),
    row("zellij", &[KittyDirect, Sixel], false),
];

/// The row for a name such as `kitty(0.41.1)` or `XTerm(379)`.
pub fn find(name: &str) -> Option<&'static Terminal> {
    let name = name.to_lowercase();
    TERMINALS.iter().find(|terminal| name.starts_with(terminal.name))
}
