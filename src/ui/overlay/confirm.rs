//! A confirmation: lists what is affected, `y` performs it.
//!
//! For actions on what is there already, such as trashing nodes, and sending requests that were
//! held, which costs. New requests are asked about by the model. Invariant: the line that tells how
//! to answer, and how not to, is always on the screen.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::bill::{Bill, Line};
use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::tree::NodeId;
use crate::ui::command::Stakes;
use crate::ui::motion::Motion;
use crate::ui::theme::{Role, Theme};

/// Lines of a page.
const PAGE: usize = 10;

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
    bill: Bill,
    /// The first line that is shown.
    from: Cell<usize>,
    /// What `y` does, and what `Esc`.
    answers: [String; 2],
    /// What undoing it does.
    undoes: &'static str,
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
        let bill = Bill { lines, is_spent: stakes != Stakes::Costs, ..Bill::default() };
        Self { title, bill, from: Cell::default(), answers, undoes: "", actions, stakes }
    }

    /// What they come to, below a line.
    pub fn with_sum(mut self, sum: Option<Line>) -> Self {
        self.bill.sum = sum.map(|(words, price)| (vec![words], price));
        self
    }

    pub fn with_undo(self, undoes: &'static str) -> Self {
        Self { undoes, ..self }
    }
}

impl Overlay for Confirm {
    fn title(&self) -> &str {
        &self.title
    }

    fn role(&self) -> Role {
        if self.stakes == Stakes::Costs { Role::Money } else { Role::Warning }
    }

    fn columns(&self) -> Option<usize> {
        Some(self.bill.columns())
    }

    fn asks(&self) -> bool {
        true
    }

    fn answers_by_line(&self) -> Option<String> {
        let [does, leaves] = &self.answers;
        let note = if self.undoes.is_empty() { "" } else { "; later :undo " };
        Some(format!("y: {does}; anything else: {leaves}{note}{}", self.undoes))
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Char('y') => {
                return OverlayResult::Accept(OverlayAction::Actions(std::mem::take(
                    &mut self.actions,
                )));
            }
            KeyCode::Esc | KeyCode::Char('n' | 'q') => return OverlayResult::Close,
            _ => {}
        }
        if let Some(motion) = Motion::of_key(&key) {
            // What is too far is held back when it is drawn.
            self.from.set(motion.from(self.from.get(), PAGE, usize::MAX));
        }
        OverlayResult::Keep
    }

    fn rows(&self) -> usize {
        self.bill.rows_in(u16::MAX)
    }

    fn rows_in(&self, columns: u16) -> usize {
        self.bill.rows_in(columns)
    }

    fn hidden(&self, area: Rect, _: Theme) -> usize {
        self.bill.hidden(area, self.from.get())
    }

    fn is_long(&self, area: Rect) -> bool {
        self.bill.is_long(area)
    }

    fn stakes(&self, pressed: &str) -> Stakes {
        if pressed == "y" { self.stakes } else { Stakes::None }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        self.bill.draw(area, buffer, theme, &self.from);
        let note = if self.undoes.is_empty() { "" } else { " · z " };
        let [does, leaves] = &self.answers;
        let (does, more) = (format!("y {does}"), format!("{note}{}", self.undoes));
        super::ways(area, buffer, (theme, self.role()), &does, leaves, &more);
        None
    }
}
