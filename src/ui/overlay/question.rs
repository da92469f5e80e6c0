//! The confirmation before money is spent: on top of everything, answered by a word.
//!
//! Lives as long as the model's question; only what was typed so far and what of the list is seen
//! are the screen's own. Invariant: the line that tells how to answer is always on the screen, and
//! a letter amid others that were meant for something else is no answer.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::app::money::confirmation::Confirmation;
use crate::tree::Timestamp;
use crate::ui::burst::PAUSE_MS;
use crate::ui::cells::{folded, put};
use crate::ui::chord::letter;
use crate::ui::layout::Room;
use crate::ui::line_input::LineInput;
use crate::ui::theme::{Role, Theme};

/// As many lines of the list are shown at most.
const LIST: usize = 12;
/// Columns that the line that tells how to answer needs.
const NARROWEST: usize = 60;

/// The answer so far.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    typed: LineInput,
    /// The first visible line of the list.
    from: usize,
    /// Time of the last letter that was no answer: the person is typing something else.
    slipped_at: Option<Timestamp>,
}

impl Answer {
    /// `Some` when the question is answered.
    pub fn on_key(
        &mut self,
        question: &Confirmation,
        key: &KeyEvent,
        screen: Rect,
        now: Timestamp,
    ) -> Option<bool> {
        let word = question.required_answer();
        match key.code {
            KeyCode::Esc => return Some(false),
            KeyCode::Down => self.scroll(question, screen, 1),
            KeyCode::Up => self.scroll(question, screen, -1),
            KeyCode::PageDown => self.scroll(question, screen, LIST as isize),
            KeyCode::PageUp => self.scroll(question, screen, -(LIST as isize)),
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

    fn scroll(&mut self, question: &Confirmation, screen: Rect, by: isize) {
        let lines = list(question, usize::from(inner_width(question, screen)));
        self.from = self.from.saturating_add_signed(by).min(lines.len().saturating_sub(1));
    }
}

/// Columns between the borders, with a blank at each side: as many as its words need.
fn inner_width(question: &Confirmation, screen: Rect) -> u16 {
    let most = super::width(screen).saturating_sub(4);
    let lines = question.heads().into_iter().chain(question.descriptions.iter().cloned());
    let widest = lines.map(|line| line.width()).max().unwrap_or(0).max(NARROWEST);
    u16::try_from(widest).unwrap_or(u16::MAX).min(most)
}

fn heads(question: &Confirmation, columns: usize) -> Vec<String> {
    question.why().iter().flat_map(|line| folded(line, columns)).collect()
}

fn list(question: &Confirmation, columns: usize) -> Vec<String> {
    let fold = |line: &String| {
        // Numbers end in the same column.
        let own = line.trim_start();
        let pad = " ".repeat(line.len() - own.len());
        let lines = folded(own, columns.saturating_sub(pad.len()));
        lines.into_iter().map(move |line| format!("{pad}{line}"))
    };
    question.descriptions.iter().flat_map(fold).collect()
}

/// In the middle, over everything else.
pub fn area(question: &Confirmation, room: Room) -> Rect {
    let inner = inner_width(question, room.middle);
    let columns = usize::from(super::across(room, inner.saturating_add(4)).1.saturating_sub(4));
    let list = list(question, columns).len().min(LIST);
    let rows = u16::try_from(heads(question, columns).len() + list + 4).unwrap_or(u16::MAX);
    super::over(room, inner.saturating_add(4), rows)
}

pub fn draw(
    question: &Confirmation,
    answer: &Answer,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> Option<Position> {
    let title = format!("send {}?", question.total());
    let inner = super::blank(area, buffer, theme, &title, Role::Money);
    let columns = usize::from(area.width.saturating_sub(4));
    let (heads, list) = (heads(question, columns), list(question, columns));
    // A blank row, and the answer.
    let room = usize::from(inner.height.saturating_sub(2));
    let heads_room = heads.len().min(room);
    let shown = room - heads_room;
    let from = answer.from.min(list.len().saturating_sub(shown));
    let lines = heads.iter().take(heads_room).chain(list.iter().skip(from).take(shown));
    for (y, line) in lines.enumerate() {
        put(buffer, inner, 1, u16::try_from(y).unwrap_or(u16::MAX), line, Style::new());
    }
    let below = list.len().saturating_sub(from + shown);
    let more = match (below, from) {
        (0, 0) => String::new(),
        (0, _) => " · Up: more".into(),
        (below, _) => format!(" · Down: {below} more lines"),
    };
    let word = question.required_answer();
    let send = match word {
        "y" => "y send".to_owned(),
        word => format!("type {word} and Enter to send"),
    };
    let more = format!("{more}  ");
    let x = super::ways(inner, buffer, (theme, Role::Money), &send, "cancel", &more);
    let y = inner.height.saturating_sub(1);
    let used = x + put(buffer, inner, x, y, answer.typed.text(), theme.accent());
    let at = Position::new((inner.x + used).min(inner.right().saturating_sub(1)), inner.y + y);
    // A letter needs no place to be typed at.
    let is_typed = question.required_answer().len() > 1;
    (is_typed && inner.contains(at)).then_some(at)
}
