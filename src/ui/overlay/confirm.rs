//! A confirmation: lists what is affected, `y` performs it.
//!
//! For actions on what is there already, such as trashing nodes, and sending requests that were
//! held, which costs. New requests are asked about by the model. Invariant: the line that tells how
//! to answer, and how not to, is always on the screen.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::tree::NodeId;
use crate::ui::cells::{folded, put, put_right};
use crate::ui::command::Stakes;
use crate::ui::theme::{Role, Theme};

/// No line is broken into more than in so many columns.
const NARROW: usize = 30;
/// As many lines are shown at once.
const SHOWN: usize = 12;
/// Below them a blank row, and the answer.
const BELOW: usize = 2;
/// Between words and their price.
const GAP: usize = 2;

/// What is affected, and what it costs.
pub type Line = (String, String);

/// `8 × Make it a summer morning · n39–42, n47–50`: what is the same is told once.
pub fn together(words: &str, nodes: &[NodeId]) -> String {
    match nodes {
        [node] => format!("{node} {words}"),
        nodes => format!("{} × {words} · {}", nodes.len(), ranges(nodes)),
    }
}

fn ranges(nodes: &[NodeId]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for run in nodes.chunk_by(|one, next| next.0 == one.0 + 1) {
        match run {
            [first, .., last] => parts.push(format!("{first}–{}", last.0)),
            run => parts.extend(run.iter().map(ToString::to_string)),
        }
    }
    parts.join(", ")
}

#[derive(Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<Line>,
    /// What they come to, below a line.
    sum: Option<Line>,
    from: usize,
    /// What `y` does, and what `Esc`.
    answers: [String; 2],
    /// What is good to know before one answers.
    note: String,
    actions: Vec<Action>,
    stakes: Stakes,
}

impl Confirm {
    pub fn new(
        title: String,
        lines: Vec<Line>,
        answers: [String; 2],
        actions: Vec<Action>,
        stakes: Stakes,
    ) -> Self {
        let note = String::new();
        Self { title, lines, sum: None, from: 0, answers, note, actions, stakes }
    }

    pub fn with_sum(self, sum: Option<Line>) -> Self {
        Self { sum, ..self }
    }

    pub fn with_note(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// Rows below the lines: the sum, a blank one and the answer.
    fn below(&self) -> usize {
        BELOW + if self.sum.is_some() { 2 } else { 0 }
    }

    /// Prices end in one column, beside the first row of their words.
    fn folded(&self, columns: usize) -> Vec<Line> {
        let all = self.lines.iter().chain(&self.sum);
        let prices = all.map(|(_, price)| price.width()).max().unwrap_or(0);
        let room = columns.saturating_sub(if prices > 0 { prices + GAP } else { 0 });
        let fold = |(words, price): &Line| {
            let mut rows: Vec<Line> =
                folded(words, room).into_iter().map(|row| (row, String::new())).collect();
            if let Some(first) = rows.first_mut() {
                first.1.clone_from(price);
            }
            rows
        };
        self.lines.iter().flat_map(fold).collect()
    }
}

impl Overlay for Confirm {
    fn title(&self) -> &str {
        &self.title
    }

    fn role(&self) -> Role {
        if self.stakes == Stakes::Costs { Role::Money } else { Role::Warning }
    }

    fn answers(&self) -> Option<[&str; 2]> {
        let [does, leaves] = &self.answers;
        Some([does, leaves])
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn columns(&self) -> Option<usize> {
        let told = self.answers.iter().chain([&self.note]);
        let asked = told.map(|words| words.width()).sum::<usize>() + 28;
        let wide = |(words, price): &Line| words.width() + GAP + price.width();
        self.lines.iter().chain(&self.sum).map(wide).chain([asked]).max()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        // What is too far is held back when it is drawn.
        let last = self.folded(NARROW).len().saturating_sub(1);
        match key.code {
            KeyCode::Char('y') => {
                return OverlayResult::Accept(OverlayAction::Actions(std::mem::take(
                    &mut self.actions,
                )));
            }
            KeyCode::Esc | KeyCode::Char('n' | 'q') => return OverlayResult::Close,
            KeyCode::Char('j') | KeyCode::Down => self.from = (self.from + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.from = self.from.saturating_sub(1),
            _ => {}
        }
        OverlayResult::Keep
    }

    fn rows(&self) -> usize {
        self.lines.len().min(SHOWN) + self.below()
    }

    fn rows_in(&self, columns: u16) -> usize {
        self.folded(usize::from(columns.saturating_sub(2))).len().min(SHOWN) + self.below()
    }

    fn stakes(&self, pressed: &str) -> Stakes {
        if pressed == "y" { self.stakes } else { Stakes::None }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        // On a low screen the sum is one more line of the list.
        let is_low = usize::from(area.height) <= self.below();
        let sum = self.sum.as_ref().filter(|_| !is_low);
        let below = if sum.is_some() { self.below() } else { BELOW };
        let room = usize::from(area.height).saturating_sub(below);
        let mut lines = self.folded(usize::from(area.width.saturating_sub(2)));
        lines.extend(self.sum.clone().filter(|_| is_low));
        let from = self.from.min(lines.len().saturating_sub(room));
        let inside = Rect { width: area.width.saturating_sub(1), ..area };
        for (y, (words, price)) in (0..area.height).zip(lines.iter().skip(from).take(room)) {
            let used = put(buffer, inside, 1, y, words, Style::new());
            put_right(buffer, inside, used, y, price, theme.role(Role::Money));
        }
        let more = match lines.len().saturating_sub(from + room) {
            0 => String::new(),
            below => format!(" · Down: {below} more below"),
        };
        if let Some((words, price)) = sum {
            let y = u16::try_from(lines.len().min(room)).unwrap_or(u16::MAX);
            let rule = theme.lines(false)[0].repeat(usize::from(area.width.saturating_sub(2)));
            put(buffer, inside, 1, y, &rule, theme.border(false));
            let bold = Style::new().add_modifier(Modifier::BOLD);
            let used = put(buffer, inside, 1, y + 1, words, bold);
            put_right(buffer, inside, used, y + 1, price, theme.role(Role::Money).patch(bold));
        }
        let note = if self.note.is_empty() { "" } else { " · " };
        let more = format!("{note}{}{more}", self.note);
        let [does, leaves] = &self.answers;
        let does = format!("y {does}");
        super::ways(area, buffer, (theme, self.role()), &does, leaves, &more);
        None
    }
}
