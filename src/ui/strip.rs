//! One row for the drawers that are closed: the first at the left, the others at the right.
//!
//! Draws text only; what it says is the panes' own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{cut, put};
use super::panes;
use crate::app::model::Model;

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let open = ui.screen().drawer;
    let brief = |pane: &&panes::PaneSpec| {
        let is_closed = pane.slot.is_drawer() && open != Some(pane.id);
        let words = (pane.brief)(ui, model);
        is_closed.then(|| (panes::number(pane.id).to_string(), words))
    };
    let mut all = panes::ALL.iter().filter_map(brief);
    let mut first = all.next();
    let rest: Vec<(String, String)> = all.collect();
    let wide = |(number, words): &(String, String)| number.width() + words.width() + 1;
    let right: usize = rest.iter().map(|each| wide(each) + 3).sum();
    let right = right.saturating_sub(2);
    let room = usize::from(area.width).saturating_sub(right + 2);
    if let Some((_, words)) = &mut first {
        *words = cut(words, room.saturating_sub(2));
    }
    let mut x = usize::from(area.width).saturating_sub(right);
    let spots = first.into_iter().map(|each| (1, each)).chain(rest.into_iter().map(|each| {
        let at = x;
        x += wide(&each) + 3;
        (at, each)
    }));
    for (x, (number, words)) in spots.collect::<Vec<_>>() {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        let used = put(buffer, area, x, 0, &number, theme.accent().remove_modifier(Modifier::BOLD));
        put(buffer, area, x + used + 1, 0, &words, theme.dim());
    }
}
