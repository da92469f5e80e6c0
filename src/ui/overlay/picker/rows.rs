//! How a row of a list is written: its key, its words, and what stands at its right.
//!
//! Chooses nothing. Invariant: in all lists with keys that are as wide the words begin in one column,
//! whatever rows are seen.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::super::ranking::{Ranking, other_word};
use super::super::row_text::{NAME, light, name_end, put, put_before, unseen};
use super::{Item, Picker};
use crate::ui::cells::{cut, padded};
use crate::ui::clauses::whole;
use crate::ui::theme::{Mark, Role, Theme};

/// Columns of the keys; one or two more fit closely, and only still longer ones push what follows.
const KEYS: usize = 13;
const KEYS_OF_NARROW: usize = 6;

impl Picker {
    /// A label as it stands in its row.
    pub(super) fn told<'a>(&self, label: &'a str) -> Cow<'a, str> {
        let Some((name, words)) = label.split_once(": ").filter(|_| self.has_names) else {
            return label.into();
        };
        let names = self.items.iter().filter_map(|item| item.label.split_once(": "));
        let wide = names.map(|(name, _)| name.width().min(NAME)).max().unwrap_or(0);
        format!("{}  {words}", padded(&name_end(name, wide), wide)).into()
    }

    /// What the selected row has no room for: why it can do nothing, its words, or what stands behind
    /// them.
    pub(super) fn below(&self, area: Rect) -> Option<Cow<'_, str>> {
        let place = self.selected().filter(|_| area.height > 3)?;
        let item = self.items.get(place)?;
        let (words, more) = self.words(item);
        let (begin, name) = match self.extras.is_empty() {
            true => (2, 0),
            false => (self.begin(area), item.name().width() + 2),
        };
        let is_cut = |beside: usize| {
            usize::from(begin) + words.width() + beside + 1 > usize::from(area.width)
        };
        match self.off.get(&place) {
            Some(why) => is_cut(why.width() + 2).then_some(why.into()),
            None if is_cut(name) => Some(self.all_words(item).into()),
            // By its name, or it would be read as belonging to the last row.
            None => {
                let named = more.map(|more| format!("{}: {more}", item.name()));
                let fits = |named: &String| named.width() + 2 < usize::from(area.width);
                named.filter(fits).map(Cow::Owned).or(more.map(Cow::Borrowed))
            }
        }
    }

    /// What tells more of the selected row, below a rule: or it would be read as one more row.
    pub(super) fn draw_foot(&self, area: Rect, buffer: &mut Buffer, theme: Theme) {
        let foot = self.foot(area);
        if foot.height > 1 {
            let rule = theme.lines(false)[0].repeat(usize::from(foot.width.saturating_sub(2)));
            put(buffer, foot, 1, 0, &rule, theme.border(false));
        }
        if let Some(words) = self.below(area) {
            put(buffer, foot, 1, foot.height - 1, &words, theme.dim());
        }
    }

    /// What a row says whole.
    fn all_words<'a>(&self, item: &'a Item) -> &'a str {
        match self.extras.is_empty() {
            true => item.label.as_str(),
            // What it does is read, its name is only typed.
            false => item.label.split_once(": ").map_or(item.label.as_str(), |(_, words)| words),
        }
    }

    /// What it says in its row, and what of a command is only told of the selected one: counts, words
    /// that may follow.
    pub(super) fn words<'a>(&self, item: &'a Item) -> (&'a str, Option<&'a str>) {
        let words = self.all_words(item);
        let parts = words.split_once("; ").filter(|_| !self.extras.is_empty());
        parts.map_or((words, None), |(words, more)| (words, Some(more)))
    }

    pub(super) fn draw_row(
        &self,
        area: Rect,
        buffer: &mut Buffer,
        (row, at): (usize, usize),
        (theme, is_selected): (Theme, bool),
        lit: Option<&mut Ranking>,
    ) {
        let Some((place, item)) =
            self.matches.get(at).and_then(|place| Some((place, self.items.get(*place)?)))
        else {
            return;
        };
        let y = u16::try_from(row + 1).unwrap_or(u16::MAX);
        // The mark shows the selection where there are no colours.
        let mark = if is_selected { theme.mark(Mark::Selected) } else { " " };
        let style = if is_selected { theme.selected() } else { Style::new() };
        if is_selected {
            put(buffer, area, 0, y, &" ".repeat(usize::from(area.width)), style);
        }
        put(buffer, area, 0, y, mark, if is_selected { theme.cursor(true) } else { style });
        let mut x = self.begin(area);
        let (mut name, label) = ("", self.told(self.words(item).0));
        if let Some(extra) = self.extras.get(*place) {
            let key = theme.role_on(Role::Focus, is_selected);
            (x, name) = (put_before(buffer, area, (x, y), &extra.key, key), item.name());
        }
        let room = usize::from(area.width.saturating_sub(1));
        let left = room.saturating_sub(usize::from(x) + 2);
        let (price, beside) = self.beside(*place, item, &label, left);
        let wide = price.width() + beside.width();
        let gap = if wide == 0 { 0 } else { wide + 2 };
        let left = room.saturating_sub(usize::from(x) + gap);
        let shown = if name.is_empty() { cut(&label, left) } else { whole(&label, left) };
        let quiet = theme.role_on(Role::Secondary, is_selected);
        let style = if self.off.contains_key(place) { quiet.crossed_out() } else { style };
        put(buffer, area, x, y, &shown, style);
        let right = u16::try_from(room.saturating_sub(wide)).unwrap_or(0);
        let money = theme.role_on(Role::Money, is_selected);
        let right = right + put(buffer, area, right, y, price, money);
        put(buffer, area, right, y, &beside, quiet);
        let Some(lit) = lit else { return };
        let in_name = u16::try_from(room.saturating_sub(name.width())).unwrap_or(0);
        match lit.places(name) {
            places if !name.is_empty() && !places.is_empty() && beside.ends_with(name) => {
                light(area, buffer, (in_name, y), name, &places, quiet);
            }
            _ => light(area, buffer, (x, y), &shown, &lit.places(&shown), style),
        }
    }

    /// What stands at the right of a row, where words and it have so many columns: why it can do
    /// nothing; else what it costs, and apart from that where it works and its name.
    fn beside(&self, place: usize, item: &Item, words: &str, columns: usize) -> (&str, String) {
        if let Some(why) = self.off.get(&place) {
            let columns = columns.saturating_sub(words.width()).max(columns / 2);
            return ("", cut(why, columns));
        }
        let extra = self.extras.get(place);
        let name = if extra.is_some() { item.name() } else { "" };
        // Why it is here, where its own words do not tell.
        let sought = extra.map_or([].as_slice(), |extra| extra.words);
        let query = self.query.text();
        let (told, more) = self.words(item);
        let other = other_word(query, &format!("{name} {told}"), sought).map(str::to_owned);
        let other = other.or_else(|| unseen(query, &format!("{name} {told}"), more?));
        let detail = other.map_or_else(|| item.detail.clone(), |word| format!("“{word}”"));
        let price = extra.map_or("", |extra| extra.price.as_str());
        let parts = [price, &detail, name].into_iter().filter(|part| !part.is_empty());
        let all = parts.collect::<Vec<_>>().join(" · ");
        if all.width() + words.width() < columns {
            return (price, all.get(price.len()..).unwrap_or_default().to_owned());
        }
        // The name is what one types: the words are cut before it.
        let rest = match name {
            "" => detail,
            name if name.width() * 2 > columns => String::new(),
            name => name.to_owned(),
        };
        ("", rest)
    }

    /// Where the labels begin: behind the column of keys.
    fn begin(&self, area: Rect) -> u16 {
        let keys = if area.width < 64 { KEYS_OF_NARROW } else { KEYS };
        if self.extras.is_empty() { 2 } else { u16::try_from(keys).unwrap_or(0) + 4 }
    }
}
