//! Finding a picture of the project by words and conditions, while one types.
//!
//! Shows what the model has found; asks for more with every letter, changes nothing itself.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::ranking::standing;
use super::row_text::light;
use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::HITS;
use crate::app::action::{Action, TreeAction};
use crate::app::model::Model;
use crate::tree::query::GRAMMAR;
use crate::tree::{Node, NodeId, PictureRef};
use crate::ui::cells::{cut, padded, padded_before, put, put_right, widest, wrapped};
use crate::ui::line_input::LineInput;
use crate::ui::motion::Motion;
use crate::ui::theme::{Mark, Role, Theme};
use crate::ui::tree_caption::Caption;

/// Hits of a page.
const PAGE: usize = 10;
/// Rows for hits, however few there are: what one types narrows them, and nothing jumps.
const LEAST_HITS: usize = 3;
/// The words have so many columns before the facts have theirs.
const TITLE: usize = 18;
/// … and what differs has so many besides.
const LEAST_DIFFERS: usize = 12;
/// In so many columns it stands beside the picture, which follows the selected row.
const LEAST: u16 = 22;
/// Columns of a hit, before it is known how many there are.
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
    /// The tree's count when the rows were made.
    made_at: Option<u64>,
}

#[derive(Debug)]
struct Hit {
    node: NodeId,
    picture: Option<PictureRef>,
    /// Its words, and what tells it from takes of the same.
    caption: Caption,
    is_starred: bool,
    endpoint: String,
    cost: String,
}

/// Widths of the columns, the same for all hits.
#[derive(Clone, Copy)]
struct Columns {
    node: usize,
    words: usize,
    facts: [usize; 4],
    /// The words of all have two rows.
    is_double: bool,
    /// There is no room for facts: as in the tree only what tells one from another.
    is_short: bool,
}

/// What it cost ends together, all else begins together.
const DIFFERS: usize = 0;
const MODEL: usize = 1;
const COST: usize = 2;

impl Columns {
    fn ending(self) -> usize {
        self.facts.iter().filter(|wide| **wide > 0).map(|wide| wide + 1).sum()
    }

    fn end(self, facts: [String; 4]) -> String {
        let parts =
            facts.into_iter().zip(self.facts).enumerate().filter(|(_, (_, wide))| *wide > 0);
        let parts = parts.map(|(at, (fact, wide))| match at {
            COST => format!(" {}", padded_before(&fact, wide)),
            _ => format!(" {}", padded(&cut(&fact, wide), wide)),
        });
        parts.collect()
    }
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
                (format!("{count} found{made}"), theme.dim())
            }
        }
    }

    /// What all that were found have in common is said once: model and price.
    fn made_alike(&self) -> Option<String> {
        let (first, rest) = self.rows.split_first()?;
        let made = |hit: &Hit| format!("{} {}", hit.endpoint, hit.cost).trim_end().to_owned();
        let made_first = made(first);
        let is_alike = !rest.is_empty() && rest.iter().all(|hit| made(hit) == made_first);
        is_alike.then_some(made_first)
    }

    /// Behind the words: what differs, the model, the price and the star, as far as they tell one
    /// from another.
    fn facts(&self, hit: &Hit, is_alike: bool, theme: Theme) -> [String; 4] {
        let star = if hit.is_starred { theme.mark(Mark::Starred) } else { "" };
        let differs = hit.caption.differs.clone().unwrap_or_default();
        let is_said = differs.split(' ').next() == Some(&hit.endpoint);
        let endpoint = if is_alike || is_said { "" } else { hit.endpoint.as_str() };
        let cost = if is_alike { "" } else { hit.cost.as_str() };
        [differs, endpoint.to_owned(), cost.to_owned(), star.to_owned()]
    }

    /// The columns in a list of so many columns and rows.
    fn columns(&self, columns: u16, rows: usize, theme: Theme) -> Columns {
        let is_alike = self.made_alike().is_some();
        let facts: Vec<[String; 4]> =
            self.rows.iter().map(|hit| self.facts(hit, is_alike, theme)).collect();
        let node = self.rows.iter().map(|hit| hit.node.to_string().width()).max().unwrap_or(0);
        let mut all =
            Columns { node, words: 0, facts: widest(&facts), is_double: false, is_short: false };
        let room = usize::from(columns).saturating_sub(node + 4);
        let differs = all.facts[DIFFERS].min(LEAST_DIFFERS);
        if room < TITLE + differs + usize::from(differs > 0) {
            return Columns { words: room, facts: [0; 4], is_short: true, ..all };
        }
        // The title is what one looks for; what differs comes next, the price last.
        if room.saturating_sub(all.ending()) < TITLE {
            all.facts[COST] = 0;
        }
        if room.saturating_sub(all.ending()) < TITLE {
            all.facts[MODEL] = 0;
        }
        // One that differs much takes no words from the others.
        let others = all.ending() - all.facts[DIFFERS];
        all.facts[DIFFERS] = all.facts[DIFFERS].min(room.saturating_sub(others + TITLE));
        all.words = room.saturating_sub(all.ending());
        all.is_double = self.rows.len() * 2 <= rows;
        all
    }

    /// The words of a hit: in two lines where all have room for it.
    fn words(hit: &Hit, columns: Columns) -> Vec<String> {
        if columns.is_short {
            let (words, _) = hit.caption.fitted(columns.words);
            return vec![words];
        }
        let words = hit.words();
        let lines = wrapped(&words, columns.words.max(1));
        match lines.len() {
            2 if columns.is_double => lines,
            _ => vec![cut(&words, columns.words)],
        }
    }

    /// One hit, and how many rows it takes.
    fn draw_hit(
        &self,
        slot: Rect,
        buffer: &mut Buffer,
        theme: Theme,
        (hit, is_selected): (&Hit, bool),
        columns: Columns,
    ) -> u16 {
        let lines = Self::words(hit, columns);
        let style = theme.role_on(Role::Text, is_selected);
        let x = u16::try_from(columns.node + 3).unwrap_or(u16::MAX);
        let mut before = 0;
        for (y, line) in (0..slot.height).zip(&lines) {
            if is_selected {
                let blank = " ".repeat(usize::from(slot.width));
                put(buffer, slot, 0, y, &blank, theme.selected());
            }
            put(buffer, slot, x, y, line, style);
            // What is left of words that were cut in their middle stands elsewhere.
            let whole = if columns.is_short { line.clone() } else { hit.words() };
            let lit = standing(self.line.text(), &whole).into_iter();
            let lit: Vec<usize> = lit.filter_map(|place| place.checked_sub(before)).collect();
            light(slot, buffer, (x, y), line, &lit, style);
            before += line.chars().count() + 1;
        }
        let node = hit.node.to_string();
        put(buffer, slot, 2, 0, &node, style);
        light(slot, buffer, (2, 0), &node, &standing(self.line.text(), &node), style);
        if is_selected {
            put(buffer, slot, 0, 0, theme.mark(Mark::Selected), theme.cursor(true));
        }
        let facts = match columns.is_short {
            true => hit.caption.fitted(columns.words).1,
            false => columns.end(self.facts(hit, self.made_alike().is_some(), theme)),
        };
        let room = Rect { width: slot.width.saturating_sub(1), ..slot };
        put_right(buffer, room, 0, 0, &facts, theme.role_on(Role::Secondary, is_selected));
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

    fn least_beside(&self) -> u16 {
        LEAST
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
        let all = self.columns(columns, usize::MAX, Theme::default());
        let lines = |hit: &Hit| Self::words(hit, all).len();
        let hits: usize = self.rows.iter().take(super::list::ROWS).map(lines).sum();
        1 + hits.max(LEAST_HITS) + told
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
        let nodes = || found.nodes.iter().filter_map(|id| model.nodes.get(id));
        let made_at = Some(model.tree.touches());
        let is_same = self.rows.iter().map(|hit| hit.node).eq(nodes().map(|node| node.id));
        if made_at == self.made_at && is_same {
            return;
        }
        self.made_at = made_at;
        self.rows = nodes().map(|node| hit(model, node)).collect();
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
        let columns = self.columns(area.width, room, theme);
        let mut y = 1;
        for (place, hit) in self.rows.iter().enumerate().skip(first) {
            let Some(height) = list.checked_sub(y).filter(|rows| *rows > 0) else { break };
            let slot = Rect { y: area.y + y, height, ..area };
            y += self.draw_hit(slot, buffer, theme, (hit, place == self.selected), columns);
        }
        for (y, line) in (list..area.height).zip(&below) {
            put(buffer, area, 1, y, line, style);
        }
        Some(cursor)
    }
}

impl Hit {
    fn words(&self) -> String {
        self.caption.words().replace('\n', " ")
    }
}

fn hit(model: &Model, node: &Node) -> Hit {
    let picture = node.pictures.first();
    let picture = picture.map(|picture| PictureRef { node: node.id, picture: picture.hash });
    // Takes of the same words are told apart as in the tree.
    let caption = Caption::of(model, node);
    let endpoint = node.recipe.as_ref().map_or("opened", |recipe| {
        match model.catalogue.find(&recipe.endpoint) {
            Ok(endpoint) => endpoint.short.as_str(),
            Err(_) => recipe.endpoint.as_str(),
        }
    });
    let cost = node.cost.map_or(String::new(), |cost| model.told(cost));
    let endpoint = endpoint.to_owned();
    Hit { node: node.id, picture, caption, is_starred: node.starred, endpoint, cost }
}
