//! How pictures are shown on this terminal, why, and what would help.

use super::text_view::TextView;
use crate::app::action::{Action, SessionAction};
use crate::ui::Graphics;
use crate::ui::cells::folded;

/// Columns available in an overlay on an 80-column screen.
const COLUMNS: usize = 76;

/// If tmux blocks pictures, a letter enables passthrough.
pub fn view(graphics: &Graphics) -> TextView {
    let lines = lines(graphics);
    match graphics.tmux_swallows {
        true => TextView::new("t lets pictures through tmux", lines)
            .offering('t', Action::Session(SessionAction::EnableTmuxPassthrough)),
        false => TextView::new("pictures on this terminal", lines),
    }
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
    let sharp = "! full quality, # original size";
    lines.extend(graphics.level.map(|level| format!("quality: {level}; {sharp}")));
    lines.extend(graphics.advice.iter().map(|advice| format!("for better pictures: {advice}")));
    lines.push("to choose another: --graphics kitty, iterm2, sixel, blocks or none".into());
    lines.iter().flat_map(|line| folded(line, COLUMNS)).collect()
}
