//! Finding a picture of the project by words and conditions, while one types.
//!
//! Shows what the model has found; asks for more with every letter, changes nothing itself.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::picker::light;
use super::ranking::standing;
use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::HITS;
use crate::app::action::{Action, TreeAction};
use crate::app::model::Model;
use crate::tree::query::GRAMMAR;
use crate::tree::{Node, NodeId, PictureRef};
use crate::ui::cells::{cut, put, put_right, wrapped};
use crate::ui::line_input::LineInput;
use crate::ui::motion::Motion;
use crate::ui::theme::{Mark, Role, Theme};
use crate::ui::tree_caption::Caption;

/// Hits of a page.
const PAGE: usize = 10;
/// Rows for hits, however few there are: what one types narrows them, and nothing jumps.
const LEAST: usize = 3;
/// Beside the picture, which follows the selected row.
const COLUMNS: u16 = 44;

/// The query and the hits, one selected.
#[derive(Debug, Default)]
pub struct Search {
    line: LineInput,
    rows: Vec<Hit>,
    selected: usize,
    /// The hits belong to an earlier query.
    is_old: bool,
    problem: Option<String>,
    is_cut: bool,
}

#[derive(Debug)]
struct Hit {
    node: NodeId,
    picture: Option<PictureRef>,
    words: String,
    is_starred: bool,
    /// What tells it from takes of the same words.
    differs: String,
    /// By what it was made, and for how much.
    made: String,
}

impl Search {
    pub fn new(text: String) -> Self {
        Self { line: LineInput::new(text), is_old: true, ..Self::default() }
    }

    /// Searches even if the query is unchanged: other processes may have added nodes.
    pub fn ask(&mut self) -> OverlayResult {
        self.selected = 0;
        OverlayResult::Emit(Action::Tree(TreeAction::Search(self.line.text().to_owned())))
    }

    /// What came of the query, and what to do with it.
    fn below(&self, theme: Theme) -> (String, Style) {
        match (&self.problem, self.rows.len()) {
            (Some(problem), _) => (problem.clone(), theme.warning()),
            (None, _) if self.line.text().trim().is_empty() => (GRAMMAR.to_owned(), theme.dim()),
            (None, 0) if !self.is_old => ("no match".to_owned(), theme.warning()),
            (None, _) if self.is_cut => {
                (format!("newest {HITS} shown; type more to narrow"), theme.dim())
            }
            (None, count) => {
                let made = self.made_alike().map_or(String::new(), |made| format!(", all {made}"));
                (format!("{count} found{made} · Enter shows it, n and N step through"), theme.dim())
            }
        }
    }

    /// What all that were found have in common is said once.
    fn made_alike(&self) -> Option<&str> {
        let (first, rest) = self.rows.split_first()?;
        let is_alike = !rest.is_empty() && rest.iter().all(|hit| hit.made == first.made);
        is_alike.then_some(first.made.as_str())
    }

    /// At the right of a hit.
    fn detail(&self, hit: &Hit, theme: Theme) -> String {
        let star = if hit.is_starred { theme.mark(Mark::Starred) } else { "" };
        let made = if self.made_alike().is_some() { "" } else { hit.made.as_str() };
        let parts = [hit.differs.as_str(), made, star].into_iter().filter(|it| !it.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    }

    /// Columns of the words of a hit, in so many with what stands at its right.
    fn room(&self, hit: &Hit, columns: u16) -> u16 {
        let detail = self.detail(hit, Theme::default()).width();
        columns.saturating_sub(u16::try_from(detail).unwrap_or(u16::MAX).saturating_add(4))
    }

    /// The words of a hit in so many columns: in two lines where all have room for it.
    fn words(&self, hit: &Hit, columns: u16, rows: usize) -> Vec<String> {
        let text = format!("{} {}", hit.node, hit.words);
        let lines = wrapped(&text, usize::from(columns).max(1));
        match lines.len() {
            2 if self.rows.len() * 2 <= rows => lines,
            _ => vec![cut(&text, usize::from(columns))],
        }
    }

    /// One hit, and how many rows it takes.
    fn draw_hit(
        &self,
        slot: Rect,
        buffer: &mut Buffer,
        theme: Theme,
        (hit, is_selected): (&Hit, bool),
        rows: usize,
    ) -> u16 {
        let detail = self.detail(hit, theme);
        let lines = self.words(hit, self.room(hit, slot.width), rows);
        let style = theme.role_on(Role::Text, is_selected);
        let mut before = 0;
        for (y, line) in (0..slot.height).zip(&lines) {
            if is_selected {
                let blank = " ".repeat(usize::from(slot.width));
                put(buffer, slot, 0, y, &blank, theme.selected());
            }
            put(buffer, slot, 2, y, line, style);
            let all = format!("{} {}", hit.node, hit.words);
            let lit = standing(self.line.text(), &all).into_iter();
            let lit: Vec<usize> = lit.filter_map(|place| place.checked_sub(before)).collect();
            light(slot, buffer, (2, y), line, &lit, style);
            before += line.chars().count() + 1;
        }
        if is_selected {
            put(buffer, slot, 0, 0, theme.mark(Mark::Selected), theme.selected());
        }
        let room = Rect { width: slot.width.saturating_sub(1), ..slot };
        put_right(buffer, room, 0, 0, &detail, theme.role_on(Role::Secondary, is_selected));
        u16::try_from(lines.len()).unwrap_or(1)
    }

    fn choose(&self) -> OverlayResult {
        match self.rows.get(self.selected).filter(|_| !self.is_old) {
            Some(Hit { picture: Some(picture), .. }) => {
                OverlayResult::Accept(OverlayAction::Found {
                    text: self.line.text().to_owned(),
                    picture: *picture,
                })
            }
            Some(_) | None => OverlayResult::Keep,
        }
    }
}

impl Overlay for Search {
    fn title(&self) -> &str {
        "find"
    }

    fn is_list(&self) -> bool {
        true
    }

    fn is_about_picture(&self) -> bool {
        true
    }

    fn columns_beside(&self) -> u16 {
        COLUMNS
    }

    fn looks_at(&self) -> Option<PictureRef> {
        self.rows.get(self.selected).filter(|_| !self.is_old)?.picture
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("type", "to search"), ("Up Down", "select"), ("Enter", "go there")]
    }

    fn rows(&self) -> usize {
        self.rows_in(COLUMNS)
    }

    /// As high as what was found; each may take two lines.
    fn rows_in(&self, columns: u16) -> usize {
        let width = usize::from(columns.saturating_sub(2)).max(1);
        let told = wrapped(&self.below(Theme::default()).0, width).len();
        let lines = |hit: &Hit| self.words(hit, self.room(hit, columns), usize::MAX).len();
        let hits: usize = self.rows.iter().take(super::list::ROWS).map(lines).sum();
        1 + hits.max(LEAST) + told
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => return self.choose(),
            _ => {}
        }
        match Motion::beside_text(&key) {
            Some(motion) => self.selected = motion.from(self.selected, PAGE, self.rows.len()),
            None if self.line.on_key(&key) => return self.ask(),
            None => {}
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        self.ask()
    }

    fn refresh(&mut self, model: &Model) {
        let found = &model.finder.found;
        let is_first = self.is_old;
        self.is_old = found.text != self.line.text();
        if self.is_old {
            return;
        }
        self.problem.clone_from(&found.problem);
        self.is_cut = found.is_cut;
        let before = self.rows.get(self.selected).filter(|_| !is_first).map(|hit| hit.node);
        let nodes = found.nodes.iter().filter_map(|id| model.nodes.get(id));
        self.rows = nodes.map(|node| hit(model, node)).collect();
        // What is found meanwhile comes before it.
        let kept = self.rows.iter().position(|hit| Some(hit.node) == before);
        self.selected = kept.unwrap_or(self.selected).min(self.rows.len().saturating_sub(1));
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let cursor = self.line.draw(area, buffer, " / ");
        let (below, style) = self.below(theme);
        let below = wrapped(&below, usize::from(area.width.saturating_sub(2)));
        let told = u16::try_from(below.len()).unwrap_or(1).min(area.height / 3);
        let list = area.height - told;
        let room = usize::from(list.saturating_sub(1));
        let first = (self.selected + 1).saturating_sub(room.max(1));
        let mut y = 1;
        for (place, hit) in self.rows.iter().enumerate().skip(first) {
            let Some(height) = list.checked_sub(y).filter(|rows| *rows > 0) else { break };
            let slot = Rect { y: area.y + y, height, ..area };
            y += self.draw_hit(slot, buffer, theme, (hit, place == self.selected), room);
        }
        for (y, line) in (list..area.height).zip(&below) {
            put(buffer, area, 1, y, line, style);
        }
        Some(cursor)
    }
}

fn hit(model: &Model, node: &Node) -> Hit {
    let picture = node.pictures.first();
    let picture = picture.map(|picture| PictureRef { node: node.id, picture: picture.hash });
    // Takes of the same words are told apart as in the tree.
    let caption = Caption::of(model, node);
    let words = caption.words.replace('\n', " ");
    let differs = caption.differs.unwrap_or_default();
    let endpoint = node.recipe.as_ref().map_or("opened", |recipe| {
        match model.catalogue.find(&recipe.endpoint) {
            Ok(endpoint) => endpoint.short.as_str(),
            Err(_) => recipe.endpoint.as_str(),
        }
    });
    let cost = node.cost.map_or(String::new(), |cost| format!(" {}", model.told(cost)));
    let made = format!("{endpoint}{cost}");
    Hit { node: node.id, picture, words, is_starred: node.starred, differs, made }
}
