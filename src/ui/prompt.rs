//! The prompt's text buffer: the only file that knows the text-area crate.
//!
//! The crate keeps the lines, the history and what was killed. It counts code points here and bytes
//! there, steps wrongly over marks without a width and cuts highlights inside letters; so where a
//! key leads, where a line is wrapped and what is painted is ours (`spot`, `rows`).
//!
//! Invariant: the crate is only sent to places that were checked to be reached; when one is not,
//! nothing is changed. No text, key or room makes it panic.

use std::cell::Cell;
use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tui_textarea::{CursorMove, TextArea};

use rows::Marks;
use spot::Spot;

use super::cells::pasted;
use super::chord::letter;
use crate::schema::tokens::Reader;

mod rows;
mod spot;

/// Steps that can be undone.
const STEPS: usize = 500;
/// Replacements of all words that are undone as one step.
const REPLACEMENTS: usize = 100;
/// More bytes are not pasted: no model reads a hundredth of it.
pub const LONGEST: usize = 64 << 10;

/// The text being edited.
#[derive(Debug)]
pub struct PromptEditor {
    area: TextArea<'static>,
    /// What stood here after each replacement of all words: the crate undoes it in two steps.
    replaced: Vec<String>,
    unread: Option<(usize, Style)>,
    unreadable: (Vec<Range<usize>>, Style),
    lost: Option<String>,
    tokens: Option<usize>,
    reader: Reader,
    /// Of what braces stand for.
    sent_reader: Reader,
    /// Where it was drawn last: as wide, from this row on. Up and Down go by these rows.
    seen: Cell<(u16, usize)>,
}

impl Default for PromptEditor {
    fn default() -> Self {
        let mut area = TextArea::default();
        area.set_undo_coalescing(true);
        area.set_max_histories(STEPS);
        Self {
            area,
            replaced: Vec::new(),
            unread: None,
            unreadable: Default::default(),
            lost: None,
            tokens: None,
            reader: Reader::default(),
            sent_reader: Reader::default(),
            seen: Cell::default(),
        }
    }
}

impl PromptEditor {
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Whether these words stand here, however their lines end.
    pub fn holds(&self, text: &str) -> bool {
        self.text() == with_plain_ends(text)
    }

    /// Other words altogether; the cursor stands behind them.
    pub fn set_text(&mut self, text: &str) {
        let mut fresh = Self { seen: self.seen.clone(), ..Self::default() };
        if !text.is_empty() {
            fresh.area.insert_str(with_plain_ends(text));
        }
        // What was killed can still be yanked.
        fresh.area.set_yank_text(self.area.yank_text());
        *self = fresh;
    }

    pub fn insert(&mut self, c: char) {
        self.area.insert_char(c);
    }

    pub fn newline(&mut self) {
        self.area.insert_newline();
    }

    /// One step of undo; line ends made equal, everything that could steer a terminal left out.
    /// `false`: it would be longer than [`LONGEST`], and nothing was pasted.
    #[must_use]
    pub fn paste(&mut self, text: &str) -> bool {
        let clean = pasted(text);
        let there: usize = self.area.lines().iter().map(|line| line.len() + 1).sum();
        let fits = there.saturating_add(clean.len()) <= LONGEST;
        if fits && !clean.is_empty() {
            self.area.insert_str(clean);
        }
        fits
    }

    /// Other words in place of all, as a step that can be undone.
    pub fn replace(&mut self, text: &str) {
        let text = with_plain_ends(text);
        let end = self.last();
        if !self.remove(Spot::default(), end) && !self.is_empty() {
            return self.set_text(&text);
        }
        self.area.insert_str(&text);
        if self.replaced.len() >= REPLACEMENTS {
            self.replaced.remove(0);
        }
        self.replaced.push(text);
    }

    /// Selects the next place to fill, written `<colour>`; from the start again behind the last.
    /// `false`: there is none.
    pub fn select_slot(&mut self) -> bool {
        let here = self.spot();
        let slots: Vec<Slot> = slots(self.area.lines());
        // The cursor stands behind one that is selected already.
        let behind = |slot: &&Slot| slot.start >= here;
        let Some(slot) = slots.iter().find(behind).or_else(|| slots.first()) else {
            return false;
        };
        self.select(slot.start, slot.end)
    }

    /// What stands behind these bytes of the text is dim; without a number nothing is.
    pub fn dim_behind(&mut self, bytes: Option<usize>, style: Style) {
        self.unread = bytes.map(|bytes| (bytes, style));
    }

    /// Reads the words as a model does that takes so many tokens: what it does not read is dim, what
    /// it cannot read is marked. Nothing is where its encoder is not known. Where braces stand for
    /// other words, those that are sent are told of, and only letters can be marked.
    pub fn read(&mut self, limit: Option<usize>, sent: &[String], dim: Style, mark: Style) {
        (self.unread, self.lost, self.tokens) = (None, None, None);
        self.unreadable = (Vec::new(), mark);
        let Some(limit) = limit else { return };
        let text = self.text();
        if matches!(sent, [only] if *only == text) {
            let read = self.reader.read(&text);
            self.unread = read.read_part(limit).map(|bytes| (bytes, dim));
            self.unreadable.0.clone_from(&read.unreadable);
            (self.lost, self.tokens) = (read.advice(limit), Some(read.tokens));
            return;
        }
        let letters = self.reader.read(&text.replace(['{', '|', '}', '\\'], " "));
        self.unreadable.0.clone_from(&letters.unreadable);
        for words in sent {
            let read = self.sent_reader.read(words.trim());
            self.tokens = self.tokens.max(Some(read.tokens));
            self.lost = self.lost.take().or_else(|| read.advice(limit));
        }
    }

    /// What of the words is lost on the model, in words.
    pub fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }

    /// How many tokens the words are, where that is known.
    pub fn tokens(&self) -> Option<usize> {
        self.tokens
    }

    pub fn undo(&mut self) {
        let is_replacement = self.replaced.contains(&self.text());
        if self.area.undo() && is_replacement && self.is_empty() {
            self.area.undo();
        }
    }

    pub fn redo(&mut self) {
        if self.area.redo() && self.is_empty() && !self.replaced.is_empty() {
            self.area.redo();
        }
    }

    /// The cursor stands in the first line, where Up recalls.
    pub fn is_at_top(&self) -> bool {
        self.spot().line == 0
    }

    pub fn is_at_bottom(&self) -> bool {
        self.spot().line + 1 >= self.area.lines().len()
    }

    /// Motions, deletions and kills as in readline; `false` for a key that means nothing here.
    pub fn edit(&mut self, key: &KeyEvent) -> bool {
        if let Some(to) = self.motion(key) {
            let is_arrow = !matches!(key.code, KeyCode::Char(_));
            match (is_arrow, key.modifiers.contains(KeyModifiers::SHIFT)) {
                (true, true) if !self.area.is_selecting() => self.area.start_selection(),
                (true, false) => self.area.cancel_selection(),
                (true | false, _) => {}
            }
            self.jump(to);
            return true;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let (here, lines) = (self.spot(), self.area.lines());
        match (key.code, control, alt) {
            (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, _) => {
                self.delete(here.left(lines));
            }
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, _) => self.delete(here.right(lines)),
            (KeyCode::Char('k'), true, _) if here == here.end(lines) => {
                self.delete(here.right(lines));
            }
            (KeyCode::Char('k'), true, _) => self.kill(here.end(lines)),
            (KeyCode::Char('u'), true, _) if here.at == 0 => self.delete(here.left(lines)),
            (KeyCode::Char('u'), true, _) => self.kill(here.head()),
            (KeyCode::Char('w'), true, _) | (KeyCode::Backspace, ..) => {
                self.kill(here.word_back(lines));
            }
            (KeyCode::Char('d'), false, true) => self.kill(here.word_end(lines)),
            (KeyCode::Char('y'), true, _) => {
                self.area.paste();
            }
            _ => match letter(key) {
                Some(c) => self.area.insert_char(c),
                None => return false,
            },
        }
        true
    }

    /// Where a key leads that only moves.
    fn motion(&self, key: &KeyEvent) -> Option<Spot> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let (here, lines) = (self.spot(), self.area.lines());
        Some(match (key.code, control, alt) {
            (KeyCode::Left, false, false) | (KeyCode::Char('b'), true, _) => here.left(lines),
            (KeyCode::Right, false, false) | (KeyCode::Char('f'), true, _) => here.right(lines),
            (KeyCode::Left, ..) | (KeyCode::Char('b'), false, true) => here.word_back(lines),
            (KeyCode::Right, ..) | (KeyCode::Char('f'), false, true) => here.word_forward(lines),
            (KeyCode::Up, ..) => self.row_away(false),
            (KeyCode::Down, ..) => self.row_away(true),
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, _) => here.head(),
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, _) => here.end(lines),
            _ => return None,
        })
    }

    /// The same column in the row above or below, as it was drawn.
    fn row_away(&self, below: bool) -> Spot {
        let (here, lines) = (self.spot(), self.area.lines());
        let rows = rows::rows(lines, self.seen.get().0);
        let from = rows::row_of(&rows, here);
        let to = if below { from.checked_add(1) } else { from.checked_sub(1) };
        match (rows.get(from), to.and_then(|to| rows.get(to))) {
            (Some(from), Some(to)) => rows::spot_at(lines, to, rows::column_of(lines, from, here)),
            _ => here,
        }
    }

    fn spot(&self) -> Spot {
        let (row, column) = self.area.cursor();
        Spot::of_column(self.area.lines(), row, column)
    }

    fn last(&self) -> Spot {
        let lines = self.area.lines();
        Spot { line: lines.len().saturating_sub(1), at: 0 }.end(lines)
    }

    /// `false`: the crate counts no further than this, and the cursor stands where it stood.
    fn jump(&mut self, to: Spot) -> bool {
        let lines = self.area.lines();
        let (row, column) = (to.line, Spot::column(to, lines));
        let (Ok(short_row), Ok(short_column)) = (u16::try_from(row), u16::try_from(column)) else {
            return false;
        };
        self.area.move_cursor(CursorMove::Jump(short_row, short_column));
        self.area.cursor() == (row, column)
    }

    fn select(&mut self, from: Spot, to: Spot) -> bool {
        self.area.cancel_selection();
        if !self.jump(from) {
            return false;
        }
        self.area.start_selection();
        let done = self.jump(to);
        if !done {
            self.area.cancel_selection();
        }
        done
    }

    /// Leaves nothing of what is between, and what was killed as it was.
    fn remove(&mut self, from: Spot, to: Spot) -> bool {
        // Nothing in place of what is selected.
        self.select(from, to) && self.area.insert_str("")
    }

    /// What is selected, else up to there.
    fn delete(&mut self, to: Spot) {
        if self.area.cut() {
            return;
        }
        let (here, lines) = (self.spot(), self.area.lines());
        // The crate makes one step of undo of several such.
        let is_one = to < here && to.column(lines) + 1 == here.column(lines);
        if is_one || (to.line < here.line && here.at == 0) {
            self.area.delete_char();
        } else {
            self.remove(here, to);
        }
    }

    /// What is selected, else up to there; it can be yanked.
    fn kill(&mut self, to: Spot) {
        if !self.area.cut() && self.select(self.spot(), to) {
            self.area.cut();
        }
    }

    /// What is selected, as bytes of the text.
    fn selected(&self) -> Range<usize> {
        let lines = self.area.lines();
        let offset = |(row, column)| Spot::of_column(lines, row, column).offset(lines);
        self.area.selection_range().map_or(0..0, |(from, to)| offset(from)..offset(to))
    }

    /// Draws the words; where the cursor stands.
    /// Rows that the words fill at the width where they were drawn last.
    pub fn rows(&self) -> u16 {
        let rows = rows::rows(self.area.lines(), self.seen.get().0);
        u16::try_from(rows.len()).unwrap_or(u16::MAX)
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, has_keys: bool) -> Drawn {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return Drawn::default();
        }
        let (here, lines) = (self.spot(), self.area.lines());
        let rows = rows::rows(lines, area.width);
        let at = rows::row_of(&rows, here);
        let lowest = (at + 1).saturating_sub(usize::from(area.height));
        // Who does not write reads, from the beginning.
        let top = if has_keys { self.seen.get().1.clamp(lowest, at) } else { 0 };
        self.seen.set((area.width, top));
        let (unreadable, unreadable_style) = &self.unreadable;
        let marks = Marks {
            selected: self.selected(),
            unread: self.unread,
            unreadable,
            unreadable_style: *unreadable_style,
        };
        rows::paint(lines, &rows, top, area, buffer, &marks);
        let column = rows.get(at).map_or(0, |row| rows::column_of(lines, row, here));
        Drawn {
            cursor: has_keys.then(|| rows::position(area, column, at - top)),
            is_above: top > 0,
            is_below: rows.len() > top + usize::from(area.height),
        }
    }
}

/// Where one writes, and whether words are out of sight.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drawn {
    pub cursor: Option<Position>,
    pub is_above: bool,
    pub is_below: bool,
}

/// The crate drops a carriage return at a line's end.
fn with_plain_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A place to fill in one line; `end` stands behind the bracket.
struct Slot {
    start: Spot,
    end: Spot,
}

fn slots(lines: &[String]) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (row, line) in lines.iter().enumerate() {
        let mut start = None;
        for (at, c) in line.char_indices() {
            match (c, start) {
                ('<', _) => start = Some(at),
                ('>', Some(start)) if at > start + 1 => {
                    let spot = |at| Spot { line: row, at };
                    slots.push(Slot { start: spot(start), end: spot(at + 1) });
                }
                _ => {}
            }
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(editor: &mut PromptEditor, code: KeyCode, modifiers: KeyModifiers) {
        assert!(editor.edit(&KeyEvent::new(code, modifiers)));
    }

    #[test]
    fn one_key_goes_over_one_letter_as_a_person_sees_it() {
        for letter in ["👨‍👩‍👧‍👦", "e\u{301}", "🇩🇪", "漢", "👍🏽"] {
            let mut editor = PromptEditor::default();
            editor.set_text(&format!("a{letter}b"));
            press(&mut editor, KeyCode::Left, KeyModifiers::NONE);
            press(&mut editor, KeyCode::Backspace, KeyModifiers::NONE);
            assert_eq!(editor.text(), "ab", "{letter}");
        }
    }

    #[test]
    fn a_paste_is_harmless_and_one_step() {
        let mut editor = PromptEditor::default();
        assert!(editor.paste("one\r\ntwo\x1b[31m\x07\u{202e}three"));
        assert_eq!(editor.text(), "one\ntwo[31mthree");
        editor.undo();
        assert_eq!(editor.text(), "");
    }

    #[test]
    fn kills_can_be_yanked() {
        let mut editor = PromptEditor::default();
        editor.set_text("make it red");
        press(&mut editor, KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(editor.text(), "");
        press(&mut editor, KeyCode::Char('y'), KeyModifiers::CONTROL);
        assert_eq!(editor.text(), "make it red");
    }

    #[test]
    fn the_places_of_a_snippet_are_filled_one_after_another() {
        let mut editor = PromptEditor::default();
        editor.set_text("Make the <thing> <colour>, keep\nthe <rest>");
        for word in ["car", "green", "street"] {
            assert!(editor.select_slot(), "{}", editor.text());
            word.chars().for_each(|c| press(&mut editor, KeyCode::Char(c), KeyModifiers::NONE));
        }
        assert_eq!(editor.text(), "Make the car green, keep\nthe street");
        assert!(!editor.select_slot());
    }

    #[test]
    fn a_place_that_is_left_as_it_is_is_passed_by() {
        let mut editor = PromptEditor::default();
        editor.set_text("<one> and <two>");
        assert!(editor.select_slot() && editor.select_slot());
        press(&mut editor, KeyCode::Char('2'), KeyModifiers::NONE);
        assert_eq!(editor.text(), "<one> and 2");
    }

    #[test]
    fn words_that_were_replaced_come_back_with_one_undo() {
        let mut editor = PromptEditor::default();
        editor.set_text("transform him");
        editor.replace("change him");
        assert_eq!(editor.text(), "change him");
        editor.undo();
        assert_eq!(editor.text(), "transform him");
    }
}
