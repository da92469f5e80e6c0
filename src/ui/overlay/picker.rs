//! A fuzzy picker: commands, keys, prompts, endpoints, snippets.
//!
//! Knows nothing about the items; returns the index of the chosen one.

use std::cell::Cell;
use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::ranking::{Ranking, Sought};
use super::row_text::put;
use super::signs::{self, Signs};
use crate::ui::line_input::LineInput;
use crate::ui::motion::Motion;
use crate::ui::theme::Theme;

/// Rows of a page.
const PAGE: usize = 10;

/// One row: a label, and a dim detail at its right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    pub detail: String,
}

impl Item {
    /// What one types for it: its label up to the colon.
    pub fn name(&self) -> &str {
        self.label.split_once(": ").map_or(self.label.as_str(), |(name, _)| name)
    }
}

/// What a list of commands shows besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// Before the label, in a column of its own.
    pub key: String,
    /// A heading above the first of its rows, while nothing is searched for.
    pub group: &'static str,
    /// What others call it.
    pub words: &'static [&'static str],
    /// What it costs, before its detail.
    pub price: String,
}

/// Query, matches and selection.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    items: Vec<Item>,
    /// Those that can do nothing now, and why.
    off: BTreeMap<usize, String>,
    /// One for each item, or none.
    extras: Vec<Extra>,
    /// The names, up to the colon, have a column of their own.
    has_names: bool,
    query: LineInput,
    /// Places in `items`, best first.
    matches: Vec<usize>,
    selected: usize,
    /// No row is selected, as in a list that runs commands.
    has_none: bool,
    /// Nothing fits: the rows stand for what may have been meant.
    is_offer: bool,
    /// What the marks mean is its last group.
    tells_signs: bool,
    /// So many lines beyond the last row was gone.
    beyond: Cell<usize>,
    /// Where it was drawn last.
    area: Cell<Option<Rect>>,
}

/// What a key came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    /// The picker stays open.
    Stay,
    Close,
    /// The index of the chosen item.
    Chosen(usize),
}

impl Picker {
    pub fn new(items: Vec<Item>) -> Self {
        let matches = (0..items.len()).collect();
        Self { items, matches, ..Self::default() }
    }

    /// With what the marks mean as its last group.
    pub fn with_signs(self) -> Self {
        Self { tells_signs: true, ..self }
    }

    /// With keys and headings: as many as there are items.
    pub fn with_extras(self, extras: Vec<Extra>) -> Self {
        Self { extras, ..self }
    }

    /// With a column for the names.
    pub fn with_names(self) -> Self {
        Self { has_names: true, ..self }
    }

    /// What this item costs now.
    pub fn tell_price(&mut self, place: usize, price: &str) {
        if let Some(extra) = self.extras.get_mut(place) {
            price.clone_into(&mut extra.price);
        }
    }

    /// It can do nothing now, which its row tells; or it can.
    pub fn switch(&mut self, place: usize, why_not: Option<String>) {
        match why_not {
            Some(why) => drop(self.off.insert(place, why)),
            None => drop(self.off.remove(&place)),
        }
    }

    pub fn is_off(&self, place: usize) -> bool {
        self.off.contains_key(&place)
    }

    /// What was typed.
    pub fn query(&self) -> &str {
        self.query.text()
    }

    pub fn clear(&mut self) {
        self.query.clear();
        self.narrow();
    }

    /// Selects this item, adding it on top if the query does not match it; or selects none.
    pub fn point_at(&mut self, place: Option<usize>) {
        self.has_none = place.is_none();
        let Some(place) = place else { return };
        self.selected = match self.matches.iter().position(|other| *other == place) {
            Some(at) => at,
            None => {
                self.matches.insert(0, place);
                0
            }
        };
    }

    /// What fits best.
    pub fn first_match(&self) -> Option<usize> {
        self.matches.first().filter(|_| !self.is_offer).copied()
    }

    /// There are rows to select.
    pub fn has_rows(&self) -> bool {
        !self.matches.is_empty()
    }

    /// Nothing fits, no mark either.
    pub fn finds_nothing(&self) -> bool {
        let all = || Signs::among(self.query.text(), u16::MAX).rows();
        self.matches.is_empty() && !(self.tells_signs && all() > 0)
    }

    /// Shows these where nothing fits; none of them is selected by itself.
    pub fn offer(&mut self, places: Vec<usize>) {
        (self.matches, self.is_offer, self.has_none) = (places, true, true);
    }

    /// What is shown stands for what may have been meant.
    pub fn is_offer(&self) -> bool {
        self.is_offer
    }

    /// All items are shown, below their headings.
    pub fn is_all(&self) -> bool {
        self.query.text().is_empty() || self.is_offer && self.matches.len() == self.items.len()
    }

    /// What alone fits, and has what was typed letter for letter.
    pub fn only_match(&self) -> Option<usize> {
        let [only] = *self.matches.as_slice() else { return None };
        let only = Some(only).filter(|_| !self.is_offer)?;
        let query = self.query().trim().to_lowercase();
        let words = self.extras.get(only).map_or([].as_slice(), |extra| extra.words);
        let has = words.iter().any(|word| word.contains(&query));
        let label = &self.items.get(only)?.label;
        (has || label.to_lowercase().contains(&query)).then_some(only)
    }

    fn is_name(&self, word: &str) -> bool {
        let begins = |item: &Item| item.label.strip_prefix(word)?.strip_prefix(": ").map(drop);
        self.items.iter().any(|item| begins(item).is_some())
    }

    /// The item that `Enter` would choose: none that was scrolled out of sight.
    pub fn selected(&self) -> Option<usize> {
        self.matches.get(self.selected).copied().filter(|_| !self.has_none && !self.is_left_above())
    }

    pub fn on_key(&mut self, key: KeyEvent) -> Picked {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Picked::Close,
            KeyCode::Char('c' | 'g') if control => return Picked::Close,
            KeyCode::Enter => return self.selected().map_or(Picked::Stay, Picked::Chosen),
            KeyCode::Tab => self.select(1),
            KeyCode::BackTab => self.select(-1),
            // In a line without letters they have no other meaning.
            KeyCode::Home | KeyCode::End if self.query.text().is_empty() => {
                let last = self.matches.len().saturating_sub(1);
                let is_end = key.code == KeyCode::End;
                self.selected = if is_end { last } else { 0 };
                self.has_none = false;
                self.go_beyond(if is_end { usize::MAX } else { 0 });
            }
            KeyCode::Char('n' | 'j') if control => self.select(1),
            KeyCode::Char('p' | 'k') if control => self.select(-1),
            _ => match Motion::beside_text(&key) {
                Some(motion) => {
                    self.select(motion.rows(self.selected, PAGE, self.matches.len()));
                }
                None if self.query.on_key(&key) => self.narrow(),
                None => {}
            },
        }
        Picked::Stay
    }

    /// Appends pasted text to the query.
    pub fn paste(&mut self, words: &str) {
        self.query.paste(words);
        self.narrow();
    }

    fn narrow(&mut self) {
        self.beyond.set(0);
        (self.selected, self.is_offer) = (0, false);
        let query = self.query.text();
        // Text after a complete name is its argument.
        let name = query.split_once(' ').map(|(name, _)| name).filter(|name| self.is_name(name));
        let sought = name.unwrap_or(query);
        if sought.is_empty() {
            self.matches = (0..self.items.len()).collect();
            return;
        }
        let mut ranking = Ranking::new(sought);
        let fit = |(place, item): (usize, &Item)| {
            let text = self.text(place, item);
            let words = self.extras.get(place).map_or([].as_slice(), |extra| extra.words);
            // Of what has a name only that: a sentence holds any letters.
            let is_named = self.has_names || !self.extras.is_empty();
            let scattered = if is_named { item.name() } else { &text };
            let more = self.words(item).1.unwrap_or_default();
            let row = Sought { name: item.name(), words, text: &text, more, scattered };
            Some((ranking.fit(row)?, place))
        };
        // Ties keep the order of the items.
        let mut scored: Vec<_> = self.items.iter().enumerate().filter_map(fit).collect();
        scored.sort();
        if let Some((best, _)) = scored.first().cloned() {
            scored.retain(|(fit, _)| fit.stands_below(&best));
        }
        self.matches = scored.into_iter().map(|(_, place)| place).collect();
    }

    /// Everything that is written in a row.
    fn text(&self, place: usize, item: &Item) -> String {
        let extra = self.extras.get(place);
        let [key, price] = extra.map_or([""; 2], |extra| [&extra.key, &extra.price]);
        let label = item.label.strip_suffix(self.words(item).1.unwrap_or_default());
        format!("{} {price} {} {key}", label.unwrap_or(&item.label), item.detail)
    }

    /// Stops at both ends; below the last row it goes on through what is not selected.
    fn select(&mut self, by: isize) {
        let last = self.matches.len().saturating_sub(1);
        let (beyond, is_last) = (self.beyond.get(), !self.has_none && self.selected == last);
        if is_last && (by > 0 || beyond > 0) {
            self.go_beyond(beyond.saturating_add_signed(by));
            return;
        }
        // The first step selects the first row.
        let by = if !std::mem::take(&mut self.has_none) { by } else { 0 };
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// Draws the query on the first row and the matches below; says where the cursor stands.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, prompt: &str, theme: Theme) -> Position {
        self.draw_rows(area, buffer, theme);
        self.draw_query(area, buffer, prompt)
    }

    pub fn draw_query(&self, area: Rect, buffer: &mut Buffer, prompt: &str) -> Position {
        let line = format!(" {prompt}{}", self.query.text());
        put(buffer, area, 0, 0, &line, Style::new());
        let column = u16::try_from(line.width()).unwrap_or(u16::MAX);
        let x = area.x.saturating_add(column).min(area.right().saturating_sub(1));
        Position::new(x, area.y)
    }

    /// From the second row of the area on.
    pub fn draw_rows(&self, area: Rect, buffer: &mut Buffer, theme: Theme) {
        self.area.set(Some(area));
        self.draw_foot(area, buffer, theme);
        let (lines, first, rows) = self.window(area);
        let query = self.query.text();
        let mut lit = (!query.is_empty() && !self.is_offer).then(|| Ranking::new(query));
        for (row, line) in lines.iter().skip(first).take(rows).enumerate() {
            match line {
                // Its first row is out of sight.
                Line::Heading(_) if row + 1 == rows && first + rows < lines.len() => {}
                Line::Heading(words) => {
                    let y = u16::try_from(row + 1).unwrap_or(u16::MAX);
                    put(buffer, area, 1, y, words, Style::new().add_modifier(Modifier::BOLD));
                }
                Line::Item(at) => {
                    let is_selected = *at == self.selected && !self.has_none;
                    self.draw_row(area, buffer, (row, *at), (theme, is_selected), lit.as_mut());
                }
                Line::Signs(at) => {
                    let y = u16::try_from(row + 1).unwrap_or(u16::MAX);
                    self.signs(area).draw(*at, area, buffer, y, theme);
                }
            }
        }
        if lines.is_empty() && rows > 0 && !self.is_offer {
            put(buffer, area, 2, 1, "no match", Style::new());
        }
    }

    /// The marks that are told: all, or those whose meaning is looked for.
    fn signs(&self, area: Rect) -> Signs {
        let all = || Signs::among(self.query.text(), area.width);
        if self.tells_signs { all() } else { Signs::default() }
    }

    /// Lines that it draws where there is room, the query aside.
    pub fn drawn_lines(&self, area: Rect) -> usize {
        self.lines(area).len()
    }

    /// The matches, with headings where nothing is searched for.
    fn lines(&self, area: Rect) -> Vec<Line> {
        let mut group = "";
        let mut lines = Vec::with_capacity(self.matches.len() + 8);
        for (at, place) in self.matches.iter().enumerate() {
            let own = self.extras.get(*place).map_or("", |extra| extra.group);
            if self.is_all() && own != group {
                group = own;
                lines.push(Line::Heading(own));
            }
            lines.push(Line::Item(at));
        }
        let signs = self.signs(area).rows();
        lines.extend((signs > 0).then_some(Line::Heading(signs::HEADING)));
        lines.extend((0..signs).map(Line::Signs));
        lines
    }
}

/// One line of the list.
enum Line {
    Heading(&'static str),
    /// The place among the matches.
    Item(usize),
    /// A row of marks and what they mean.
    Signs(usize),
}

mod rows;
#[cfg(test)]
mod tests;
mod window;
