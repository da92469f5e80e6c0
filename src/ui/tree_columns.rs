//! The facts of rows of the whole tree, in columns: model, price, time.
//!
//! Only draws. Invariant: words keep more columns than facts have, and the room alone says how many
//! these are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{cut, padded, padded_before, put};
use super::facts;
use super::theme::Role;
use crate::app::model::Model;
use crate::tree::NodeId;

/// Rails and words have at least so many: more than the widest of these columns.
const WORDS: u16 = 41;
/// Before each column.
const GAP: usize = 2;
/// Columns of model, price and time; the first that leave the words their room. None depends on what
/// is seen: nothing moves while one goes through the rows.
const ALL: [[usize; 3]; 4] = [[15, 14, 5], [9, 10, 5], [9, 10, 0], [0, 10, 0]];
/// What a price is without where it has not the room for it.
const BILLED: &str = " billed";

pub(super) struct Columns([usize; 3]);

impl Columns {
    /// `None`: the words need the room.
    pub(super) fn of(width: u16) -> Option<Self> {
        let mut all = ALL.into_iter().map(Self);
        all.find(|columns| columns.width() + WORDS <= width)
    }

    /// What they tell whole of this node, so that the row need not.
    pub(super) fn whole(&self, model: &Model, node: NodeId) -> Vec<String> {
        let Self(columns) = self;
        let told = told(model, node).into_iter().zip(columns);
        told.filter(|(told, columns)| told.width() <= **columns).map(|(told, _)| told).collect()
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
        let is_shown = ui.shown_node(model) == Some(node);
        let is_lit = is_shown && (has_keys || theme.has_bar());
        if is_shown {
            let ground = if is_lit { theme.selected() } else { Modifier::BOLD.into() };
            buffer.set_style(slot.intersection(buffer.area), ground);
        }
        let Self(columns) = self;
        let [model_name, price, time] = told(model, node);
        let [first, second, third] = *columns;
        let price = match price.strip_suffix(BILLED) {
            Some(sum) if price.width() > second => sum.to_owned(),
            Some(_) | None => price,
        };
        // Sums end in one column.
        let all = [
            (first, padded(&cut(&model_name, first), first)),
            (second, padded_before(&cut(&price, second), second)),
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
