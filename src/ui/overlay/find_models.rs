//! Models of the service's catalogue, searched while one types; `Enter` adds one and chooses it.
//!
//! Shows what the model has found; asks for more with every letter, changes nothing itself.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::{Action, SessionAction};
use crate::app::model::Model;
use crate::ui::cells::{put, put_right, shortened};
use crate::ui::line_input::LineInput;
use crate::ui::motion::Motion;
use crate::ui::theme::{Mark, Role, Theme};

/// Models of a page.
const PAGE: usize = 10;

/// The words and the models, one selected.
#[derive(Debug, Default)]
pub struct FindModels {
    line: LineInput,
    rows: Vec<Row>,
    selected: usize,
    below: String,
    is_problem: bool,
    /// The rows belong to earlier words.
    is_old: bool,
}

#[derive(Debug, PartialEq)]
struct Row {
    id: String,
    words: String,
    detail: String,
    is_deprecated: bool,
}

impl FindModels {
    pub fn new(text: String) -> Self {
        Self { line: LineInput::new(text), is_old: true, ..Self::default() }
    }

    pub fn ask(&mut self) -> Action {
        self.selected = 0;
        Action::Session(SessionAction::FindModels(self.line.text().to_owned()))
    }
}

impl Overlay for FindModels {
    fn title(&self) -> &str {
        "models of the service"
    }

    fn is_list(&self) -> bool {
        true
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("type", "to search"), ("Up Down", "select"), ("Enter", "add and choose")]
    }

    fn rows(&self) -> usize {
        super::list::ROWS
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => {
                return match self.rows.get(self.selected).filter(|_| !self.is_old) {
                    Some(row) => {
                        OverlayResult::Accept(OverlayAction::Actions(vec![Action::Session(
                            SessionAction::AddModel(row.id.clone()),
                        )]))
                    }
                    None => OverlayResult::Keep,
                };
            }
            _ => {}
        }
        match Motion::beside_text(&key) {
            Some(motion) => self.selected = motion.from(self.selected, PAGE, self.rows.len()),
            None if self.line.on_key(&key) => return OverlayResult::Emit(self.ask()),
            None => {}
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        OverlayResult::Emit(self.ask())
    }

    fn refresh(&mut self, model: &Model) {
        let search = &model.finder.models;
        self.is_old = search.found.words != self.line.text().trim();
        self.is_problem = !self.is_old && search.problem.is_some();
        self.below = match &search.problem {
            Some(problem) if !self.is_old => problem.clone(),
            _ if self.is_old => "searching…".into(),
            _none => counted(search.found.models.len(), search.found.as_of.as_deref()),
        };
        if self.is_old {
            return;
        }
        let row = |found: &crate::app::found_models::FoundModel| {
            let known = model.catalogue.find(&found.id).ok();
            let known = known.map(|endpoint| format!("here as {}", endpoint.short));
            let marks = found.is_deprecated.then(|| "deprecated".to_owned());
            Row {
                id: found.id.clone(),
                words: found.title.replace('\n', " "),
                detail: marks.into_iter().chain(known).collect::<Vec<_>>().join(" · "),
                is_deprecated: found.is_deprecated,
            }
        };
        self.rows = search.found.models.iter().map(row).collect();
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        // As in the other lists.
        let cursor = self.line.draw(area, buffer, " / ");
        let last = area.height.saturating_sub(1);
        let room = usize::from(last.saturating_sub(1));
        let first = (self.selected + 1).saturating_sub(room.max(1));
        for (line, row) in self.rows.iter().skip(first).take(room).enumerate() {
            let y = u16::try_from(line + 1).unwrap_or(u16::MAX);
            draw_row(row, first + line == self.selected, y, area, buffer, theme);
        }
        let style = if self.is_problem { theme.warning() } else { theme.dim() };
        put(buffer, area, 2, last, &self.below, style);
        Some(cursor)
    }
}

fn draw_row(row: &Row, is_selected: bool, y: u16, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let style = if is_selected { theme.selected() } else { Style::new() };
    put(buffer, area, 0, y, &" ".repeat(usize::from(area.width)), style);
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let room = usize::from(area.width).saturating_sub(row.detail.width() + row.id.width() + 6);
    let text = format!("  {}  {}", row.id, titled(&row.words, room));
    let used = put(buffer, area, 0, y, &text, style);
    if is_selected {
        put(buffer, area, 0, y, theme.mark(Mark::Selected), theme.cursor(true));
    }
    let role = if row.is_deprecated { Role::Warning } else { Role::Secondary };
    put_right(buffer, area, used, y, &row.detail, theme.role_on(role, is_selected));
}

/// As much of a title as tells something in so many columns: whole words.
fn titled(title: &str, columns: usize) -> String {
    let short = shortened(title, ", ", columns);
    match short.ends_with('…') {
        true => {
            let words = shortened(title.split(", ").next().unwrap_or_default(), " ", columns);
            if words.ends_with('…') { String::new() } else { words }
        }
        false => short,
    }
}

fn counted(count: usize, as_of: Option<&str>) -> String {
    let models = match count {
        0 => "no model has these words".to_owned(),
        1 => "1 model".to_owned(),
        count => format!("{count} models"),
    };
    match as_of {
        Some(day) => format!("{models} · as of {day}: the service cannot be reached"),
        None => models,
    }
}
