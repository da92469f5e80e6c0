//! The confirmation before money is spent: on top of everything, answered by a word.
//!
//! Lives as long as the model's question; only what was typed so far and what of the list is seen
//! are the screen's own. Invariant: the line that tells how to answer is always on the screen, and
//! a letter amid others that were meant for something else is no answer.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::bill::Bill;
use crate::app::money::confirmation::Confirmation;
use crate::tree::Timestamp;
use crate::ui::burst::PAUSE_MS;
use crate::ui::cells::put;
use crate::ui::chord::letter;
use crate::ui::layout::Room;
use crate::ui::line_input::LineInput;
use crate::ui::motion::Motion;
use crate::ui::theme::{Role, Theme};

/// Lines of a page.
const PAGE: usize = 10;
/// In fewer columns the answer is told in fewer words.
const ROOMY: u16 = 48;

/// The answer so far.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    typed: LineInput,
    /// The first visible line of the list.
    from: Cell<usize>,
    /// Time of the last letter that was no answer: the person is typing something else.
    slipped_at: Option<Timestamp>,
}

impl Answer {
    /// `Some` when the question is answered.
    pub fn on_key(
        &mut self,
        question: &Confirmation,
        key: &KeyEvent,
        now: Timestamp,
    ) -> Option<bool> {
        let word = question.required_answer();
        if let Some(motion) = Motion::beside_text(key) {
            // What is too far is held back when it is drawn.
            self.from.set(motion.from(self.from.get(), PAGE, usize::MAX));
            return None;
        }
        match key.code {
            KeyCode::Esc => return Some(false),
            KeyCode::Enter if self.typed.text().trim() == word => return Some(true),
            _ if word.len() == 1 => return self.letter(letter(key)?, now),
            _ => drop(self.typed.on_key(key)),
        }
        None
    }

    /// A one-letter answer needs no Enter.
    fn letter(&mut self, letter: char, now: Timestamp) -> Option<bool> {
        let amid = self.slipped_at.is_some_and(|at| now.since(at) < PAUSE_MS);
        match letter {
            'y' if !amid => return Some(true),
            'n' | 'q' if !amid => return Some(false),
            _ => self.slipped_at = Some(now),
        }
        None
    }

    /// Until this time a letter counts as part of other typing.
    pub fn rests_at(&self) -> Option<Timestamp> {
        self.slipped_at.map(|at| Timestamp(at.0 + PAUSE_MS))
    }
}

fn bill(question: &Confirmation) -> Bill {
    Bill {
        remarks: question.why(),
        lines: question.rows(),
        sum: Some(question.sum()),
        ..Bill::default()
    }
}

/// What sends it, in words for so many columns.
fn sends(question: &Confirmation, columns: u16) -> String {
    match question.required_answer() {
        "y" => "y send".to_owned(),
        word if columns < ROOMY => format!("{word} Enter send"),
        word => format!("type {word} and Enter to send"),
    }
}

fn title(question: &Confirmation) -> String {
    format!("send {}?", question.total())
}

/// Where all questions stand.
pub fn area(question: &Confirmation, room: Room) -> Rect {
    let bill = bill(question);
    super::asking(room, &title(question), bill.columns(), |columns| bill.rows_in(columns))
}

/// Not all of it is seen at once in this area.
pub fn is_long(question: &Confirmation, area: Rect) -> bool {
    bill(question).is_long(super::inside(area))
}

pub fn draw(
    question: &Confirmation,
    answer: &Answer,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> Option<Position> {
    let inner = super::blank(area, buffer, theme, &title(question), Role::Money);
    let bill = bill(question);
    bill.draw(inner, buffer, theme, &answer.from);
    super::tell_hidden(bill.hidden(inner, answer.from.get()), area, buffer, theme);
    let x = super::ways(
        inner,
        buffer,
        (theme, Role::Money),
        &sends(question, inner.width),
        "cancel",
        "  ",
    );
    let y = inner.height.saturating_sub(1);
    let used = x + put(buffer, inner, x, y, answer.typed.text(), theme.accent());
    let at = Position::new((inner.x + used).min(inner.right().saturating_sub(1)), inner.y + y);
    // A letter needs no place to be typed at.
    let is_typed = question.required_answer().len() > 1;
    (is_typed && inner.contains(at)).then_some(at)
}
