//! The prompt's text buffer: the only file that knows the text-area crate.
//!
//! Steps by grapheme (the crate steps by code point), pastes harmlessly and as one step of undo,
//! wraps softly. The crate's own key map is not used: every chord comes from our table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget as _;
use tui_textarea::{CursorMove, CursorRenderMode, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation as _;

use super::keys::letter;
use super::text::pasted;

/// Words being written.
#[derive(Debug)]
pub struct PromptEditor {
    area: TextArea<'static>,
    /// What stood here after each replacement of all words: the crate undoes it in two steps.
    replaced: Vec<String>,
}

impl Default for PromptEditor {
    fn default() -> Self {
        let mut area = TextArea::default();
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_render_mode(CursorRenderMode::Hidden);
        area.set_cursor_line_style(Style::new());
        area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
        area.set_undo_coalescing(true);
        area.set_max_histories(500);
        Self { area, replaced: Vec::new() }
    }
}

impl PromptEditor {
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Other words altogether; the cursor stands behind them.
    pub fn set_text(&mut self, text: &str) {
        let mut fresh = Self::default();
        if !text.is_empty() {
            fresh.area.insert_str(text);
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
    pub fn paste(&mut self, text: &str) {
        let clean = pasted(text);
        if !clean.is_empty() {
            self.area.insert_str(clean);
        }
    }

    /// Other words in place of all, as a step that can be undone.
    pub fn replace(&mut self, text: &str) {
        self.area.select_all();
        self.area.insert_str(text);
        self.replaced.push(text.to_owned());
    }

    /// Selects the next place to fill, written `<colour>`; from the start again behind the last.
    /// `false`: there is none.
    pub fn select_slot(&mut self) -> bool {
        let (row, column) = self.area.cursor();
        let slots: Vec<Slot> = slots(self.area.lines());
        // The cursor stands behind one that is selected already.
        let behind = |slot: &&Slot| (slot.row, slot.start) >= (row, column);
        let Some(slot) = slots.iter().find(behind).or_else(|| slots.first()) else {
            return false;
        };
        self.area.cancel_selection();
        self.jump(slot.row, slot.start);
        self.area.start_selection();
        self.jump(slot.row, slot.end);
        true
    }

    /// What stands behind these bytes of the text is dim; without a number nothing is.
    pub fn dim_behind(&mut self, bytes: Option<usize>, style: Style) {
        self.area.clear_custom_highlight();
        let Some(mut left) = bytes else { return };
        let lines = self.area.lines();
        let mut from = (0, 0);
        for (row, line) in lines.iter().enumerate() {
            let column = line.get(..left.min(line.len())).map_or(0, |head| head.chars().count());
            from = (row, column);
            if left <= line.len() {
                break;
            }
            left -= line.len() + 1;
        }
        let last = lines.len().saturating_sub(1);
        let end = (last, lines.last().map_or(0, |line| line.chars().count()));
        // Below a selection, which must be seen.
        self.area.custom_highlight((from, end), style, 0);
    }

    fn jump(&mut self, row: usize, column: usize) {
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(short(row), short(column)));
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
        self.area.cursor().0 == 0
    }

    pub fn is_at_bottom(&self) -> bool {
        self.area.cursor().0 + 1 >= self.area.lines().len()
    }

    /// Motions, deletions and kills as in readline; `false` for a key that means nothing here.
    pub fn edit(&mut self, key: &KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        let is_motion = matches!(
            key.code,
            KeyCode::Left
                | KeyCode::Right
                | KeyCode::Up
                | KeyCode::Down
                | KeyCode::Home
                | KeyCode::End
        );
        if is_motion && shift && !self.area.is_selecting() {
            self.area.start_selection();
        } else if is_motion && !shift {
            self.area.cancel_selection();
        }
        match (key.code, control, alt) {
            (KeyCode::Left, false, false) => self.step(false),
            (KeyCode::Right, false, false) => self.step(true),
            (KeyCode::Char('b'), true, false) => self.step(false),
            (KeyCode::Char('f'), true, false) => self.step(true),
            (KeyCode::Left, true, _) | (KeyCode::Char('b'), false, true) => {
                self.go(CursorMove::WordBack)
            }
            (KeyCode::Right, true, _) | (KeyCode::Char('f'), false, true) => {
                self.go(CursorMove::WordForward);
            }
            (KeyCode::Up, ..) => self.go(CursorMove::Up),
            (KeyCode::Down, ..) => self.go(CursorMove::Down),
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, _) => self.go(CursorMove::Head),
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, _) => self.go(CursorMove::End),
            (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, _) => {
                self.delete(false)
            }
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, _) => self.delete(true),
            (KeyCode::Char('k'), true, _) => {
                self.area.delete_line_by_end();
            }
            (KeyCode::Char('u'), true, _) => {
                self.area.delete_line_by_head();
            }
            (KeyCode::Char('w'), true, _) | (KeyCode::Backspace, ..) => {
                self.area.delete_word();
            }
            (KeyCode::Char('d'), false, true) => {
                self.area.delete_next_word();
            }
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

    fn go(&mut self, to: CursorMove) {
        self.area.move_cursor(to);
    }

    /// Over one grapheme, however many code points it has.
    fn step(&mut self, forward: bool) {
        let to = if forward { CursorMove::Forward } else { CursorMove::Back };
        for _ in 0..self.grapheme(forward) {
            self.area.move_cursor(to);
        }
    }

    fn delete(&mut self, forward: bool) {
        if self.area.is_selecting() {
            self.area.cut();
            return;
        }
        for _ in 0..self.grapheme(forward) {
            if forward {
                self.area.delete_next_char();
            } else {
                self.area.delete_char();
            }
        }
    }

    /// Code points of the grapheme beside the cursor; 1 at the end of a line.
    fn grapheme(&self, forward: bool) -> usize {
        let (row, column) = self.area.cursor();
        let Some(line) = self.area.lines().get(row) else {
            return 1;
        };
        let at = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        let (before, behind) = line.split_at(at);
        let beside = if forward {
            behind.graphemes(true).next()
        } else {
            before.graphemes(true).next_back()
        };
        beside.map_or(1, |grapheme| grapheme.chars().count())
    }

    /// Draws the words; where the cursor stands.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        (&self.area).render(area, buffer);
        self.area.rendered_cursor_position().filter(|at| area.contains(*at))
    }
}

/// A place to fill in one line; columns count code points, `end` stands behind the bracket.
struct Slot {
    row: usize,
    start: usize,
    end: usize,
}

fn slots(lines: &[String]) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (row, line) in lines.iter().enumerate() {
        let mut start = None;
        for (column, c) in line.chars().enumerate() {
            match (c, start) {
                ('<', _) => start = Some(column),
                ('>', Some(start)) if column > start + 1 => {
                    slots.push(Slot { row, start, end: column + 1 });
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
        editor.paste("one\r\ntwo\x1b[31m\x07\u{202e}three");
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
