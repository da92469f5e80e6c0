//! How pictures are shown on this terminal, why, and what would help.

use super::text_view::TextView;
use crate::app::action::{Action, SessionAction};
use crate::ui::Graphics;
use crate::ui::cells::folded;

/// Columns available in an overlay on an 80-column screen.
const COLUMNS: usize = 76;

const TITLE: &str = "how pictures are shown";
const WAYS_KEYS: (&str, &str) = ("a k i s b n", "another way");

/// Ways to show pictures, by the letter that chooses them.
pub const WAYS: [(char, &str); 6] = [
    ('a', "auto"),
    ('k', "kitty"),
    ('i', "iterm2"),
    ('s', "sixel"),
    ('b', "blocks"),
    ('n', "none"),
];

/// A letter chooses another way; if tmux blocks pictures, one enables passthrough.
pub fn view(graphics: &Graphics) -> TextView {
    let lines = lines(graphics);
    let view = match graphics.tmux_swallows {
        true => TextView::new(TITLE, lines)
            .offering('t', Action::Session(SessionAction::EnableTmuxPassthrough))
            .with_keys(&[("t", "let them through tmux"), WAYS_KEYS]),
        false => TextView::new(TITLE, lines).with_keys(&[WAYS_KEYS]),
    };
    let choose = |word: &str| Action::Session(SessionAction::ShowPicturesAs(word.to_owned()));
    WAYS.into_iter().fold(view, |view, (letter, word)| view.offering(letter, choose(word)))
}

fn lines(graphics: &Graphics) -> Vec<String> {
    let (width, height) = graphics.cell;
    let mut lines =
        vec![format!("protocol: {}", graphics.protocol), format!("reason: {}", graphics.why)];
    if !graphics.evidence.is_empty() {
        lines.push(format!("evidence: {}", graphics.evidence));
    }
    lines.push(format!("cell size: {width}×{height} pixels"));
    let line = graphics.link.as_ref().map(|link| format!("measured connection: {link}"));
    lines.extend(line);
    let sharper = "! full quality, # original size";
    lines.extend(graphics.level.map(|level| format!("shown: {level}; {sharper}")));
    lines.extend(graphics.advice.iter().map(|advice| format!("for better pictures: {advice}")));
    let ways: Vec<String> = WAYS.map(|(letter, word)| format!("{letter} {word}")).into();
    lines.push(format!("until the end: {}", ways.join(", ")));
    if !graphics.terminal.is_empty() {
        let name = &graphics.terminal;
        lines.push(format!(
            "on this terminal always: `[graphics]` `\"{name}\" = \"blocks\"` in the config"
        ));
    }
    lines.iter().flat_map(|line| folded(line, COLUMNS)).collect()
}
