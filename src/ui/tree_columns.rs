//! The facts of rows of the whole tree, in columns: model, price, time.
//!
//! Only draws. Invariant: words keep more columns than facts have.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{padded, put};
use super::facts;
use super::theme::Role;
use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::skeleton::Row;

/// Rails and words have at least so many.
const WORDS: u16 = 44;
/// Before each column.
const GAP: usize = 2;

/// As wide as what is seen in them.
pub(super) struct Columns([usize; 3]);

impl Columns {
    /// `None`: the words need the room.
    pub(super) fn of<'a>(
        model: &Model,
        rows: impl Iterator<Item = &'a Row>,
        width: u16,
    ) -> Option<Self> {
        let widest = |wide: [usize; 3], row: &Row| {
            let mut told = told(model, row.node).into_iter();
            wide.map(|wide| wide.max(told.next().map_or(0, |told| told.width())))
        };
        let columns = Self(rows.fold([0; 3], widest));
        let has_room = columns.width() > 0 && columns.width() + WORDS <= width;
        has_room.then_some(columns)
    }

    pub(super) fn width(&self) -> u16 {
        let Self(columns) = self;
        let seen = columns.iter().filter(|columns| **columns > 0);
        u16::try_from(seen.map(|columns| columns + GAP).sum::<usize>()).unwrap_or(u16::MAX)
    }

    /// On the ground of its row.
    pub(super) fn draw(
        &self,
        slot: Rect,
        buffer: &mut Buffer,
        model: &Model,
        ui: &Ui,
        (node, has_keys): (NodeId, bool),
    ) {
        let theme = ui.theme();
        let is_selected = ui.told_node(model) == Some(node);
        let is_lit = is_selected && (has_keys || theme.has_bar());
        if is_selected {
            let ground = if is_lit { theme.selected() } else { Modifier::BOLD.into() };
            buffer.set_style(slot.intersection(buffer.area), ground);
        }
        let Self(columns) = self;
        let [model_name, price, time] = told(model, node);
        let [first, second, third] = *columns;
        // Sums end in one column.
        let all = [
            (first, padded(&model_name, first)),
            (second, format!("{price:>second$}")),
            (third, padded(&time, third)),
        ];
        let seen = all.into_iter().filter(|(columns, _)| *columns > 0);
        let line: String = seen.map(|(_, told)| format!("{}{told}", " ".repeat(GAP))).collect();
        put(buffer, slot, 0, 0, &line, theme.role_on(Role::Secondary, is_lit));
    }
}

fn told(model: &Model, node: NodeId) -> [String; 3] {
    let Some(node) = model.nodes.get(&node) else { return Default::default() };
    let facts = [facts::endpoint(model, node), facts::told_price(node), facts::time(model, node)];
    facts.map(Option::unwrap_or_default)
}
