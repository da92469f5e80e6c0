//! The command line: every command by its name.
//!
//! Only a name that stands there runs: whole, as an alias, or as a beginning that no other command
//! has. Anything else must be gone to first, with the arrows or `Tab`; and what costs, cancels or
//! deletes runs by its whole name alone: `Enter` on its row or on its beginning writes the name
//! into the line, and says so. Without a word `Enter` closes the line and does nothing.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::picker::{Item, Picked, Picker};
use super::text_view::TextView;
use super::{Overlay, OverlayAction, OverlayResult};
use crate::schema::suggest::distance;
use crate::ui::cells::put;
use crate::ui::keys::show;
use crate::ui::keys::table::{ALIASES, Command, KeyContext, Row, Stakes, TABLE};
use crate::ui::pane::Pane;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct Commands {
    title: String,
    rows: Vec<&'static Row>,
    picker: Picker,
    /// A row was gone to since the last letter.
    is_gone_to: bool,
    /// Why the last `Enter` ran nothing.
    told: Option<String>,
}

/// What the word in the line is.
enum Word {
    Nothing,
    /// The name of the row at this place, or an alias of it.
    Name(usize),
    /// The only one that begins so.
    Beginning(usize),
    Unknown,
}

impl Commands {
    /// All commands that exist, by name.
    pub fn all() -> Self {
        let rows = TABLE.iter().filter(|row| !has_own_list(&row.2));
        Self::new("commands".into(), rows.collect())
    }

    /// The keys of this place first, then all others, to be run by name.
    pub fn help(pane: Pane, in_prompt: bool, on_sheet: bool) -> Self {
        let here = |place: &KeyContext| match place {
            KeyContext::In(other) => *other == pane && !on_sheet,
            KeyContext::Prompt => in_prompt,
            KeyContext::OnSheet => on_sheet,
            KeyContext::Everywhere | KeyContext::Normal => true,
            KeyContext::ByName
            | KeyContext::InReferences
            | KeyContext::OnRegion
            | KeyContext::OnHeal => false,
        };
        let mut rows: Vec<_> = TABLE.iter().filter(|row| here(&row.2)).collect();
        let rank = |row: &&Row| match row.2 {
            // What costs must not be what a second Enter does.
            KeyContext::Prompt if row.1 == Command::Run => 1,
            KeyContext::In(_) | KeyContext::Prompt | KeyContext::OnSheet => 0,
            _ => 2,
        };
        rows.sort_by_key(rank);
        let elsewhere = |row: &&Row| !here(&row.2) && !has_own_list(&row.2);
        rows.extend(TABLE.iter().filter(elsewhere));
        let place = if on_sheet { "contact sheet" } else { pane.name() };
        let title = format!("help: {place} (type to search, Enter runs what is marked)");
        Self::new(title, rows)
    }

    fn new(title: String, rows: Vec<&'static Row>) -> Self {
        let items: Vec<Item> = rows.iter().map(|row| command_row(row)).collect();
        let mut picker = Picker::new(items);
        picker.point_at(None);
        Self { title, rows, picker, is_gone_to: false, told: None }
    }

    /// The row that `Enter` would run is the selected one; without one none is.
    fn point(&mut self) {
        let place = match self.word() {
            Word::Name(place) | Word::Beginning(place) => Some(place),
            Word::Nothing | Word::Unknown => None,
        };
        self.picker.point_at(place);
    }

    fn word(&self) -> Word {
        let query = self.picker.query().trim();
        let word = query.split_once(' ').map_or(query, |(word, _)| word);
        if word.is_empty() {
            return Word::Nothing;
        }
        let named = |name: &str| self.rows.iter().position(|row| row.0 == name);
        let alias = ALIASES.iter().find(|row| row.0.contains(&word)).map(|row| row.1);
        if let Some(place) = alias.and_then(named).or_else(|| named(word)) {
            return Word::Name(place);
        }
        let mut begin = (0..).zip(&self.rows).filter(|(_, row)| row.0.starts_with(word));
        match (begin.next(), begin.next()) {
            (Some((place, _)), None) => Word::Beginning(place),
            _ => Word::Unknown,
        }
    }

    fn enter(&mut self) -> OverlayResult {
        let gone_to = self.picker.selected().filter(|_| self.is_gone_to);
        match (self.word(), gone_to) {
            (Word::Nothing, None) => OverlayResult::Close,
            (Word::Name(place), None) => self.run(place),
            (Word::Beginning(place), None) | (_, Some(place)) => match self.rows.get(place) {
                Some(row) if row.5.is_grave() => self.complete(row),
                _ => self.run(place),
            },
            (Word::Unknown, None) => {
                self.told = Some(self.unknown());
                OverlayResult::Keep
            }
        }
    }

    /// What stands behind the name is for commands that take words, and a mistake for all others.
    fn run(&mut self, place: usize) -> OverlayResult {
        let Some((name, command, ..)) = self.rows.get(place) else {
            return OverlayResult::Keep;
        };
        let words = self.picker.query().trim().split_once(' ').map(|(_, words)| words.trim());
        match words.filter(|words| !words.is_empty() && !self.is_gone_to) {
            None => OverlayResult::Accept(OverlayAction::Command(*command)),
            Some(words) if takes_words(*command) => {
                OverlayResult::Accept(OverlayAction::CommandWithText(*command, words.to_owned()))
            }
            Some(_) => {
                self.told = Some(format!("`{name}` takes no words: nothing was done"));
                OverlayResult::Keep
            }
        }
    }

    fn complete(&mut self, row: &Row) -> OverlayResult {
        self.picker.clear();
        self.picker.paste(row.0);
        self.is_gone_to = false;
        self.point();
        let what = match row.5 {
            Stakes::Costs => "costs",
            Stakes::Cancels => "cancels",
            Stakes::Deletes => "deletes",
            Stakes::None | Stakes::Leaves => "runs",
        };
        self.told = Some(format!("`{}` {what}: Enter once more does it", row.0));
        OverlayResult::Keep
    }

    /// What was typed is no command; what was meant, perhaps.
    fn unknown(&self) -> String {
        let query = self.picker.query().trim();
        let word = query.split_once(' ').map_or(query, |(word, _)| word);
        let several: Vec<&str> =
            self.rows.iter().map(|row| row.0).filter(|name| name.starts_with(word)).collect();
        if let [first, second, ..] = several.as_slice() {
            return format!("`{word}` may be `{first}`, `{second}` or more: Tab goes to one");
        }
        let nearest = self.rows.iter().map(|row| row.0).min_by_key(|name| distance(word, name));
        match self.picker.first_match().and_then(|place| self.rows.get(place)) {
            Some(row) => format!("`{word}` is no command; nearest: `{}`, Tab goes to it", row.0),
            None => {
                let nearest = nearest.unwrap_or_default();
                format!("`{word}` is no command; nearest: `{nearest}`")
            }
        }
    }
}

impl Overlay for Commands {
    fn title(&self) -> &str {
        &self.title
    }

    fn rows(&self) -> usize {
        super::list::ROWS
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        let query = self.picker.query().to_owned();
        let before = self.picker.selected();
        if key.code == KeyCode::Enter {
            return self.enter();
        }
        self.told = None;
        if self.picker.on_key(key) == Picked::Close {
            return OverlayResult::Close;
        }
        if self.picker.query() != query {
            self.is_gone_to = false;
            self.point();
        } else if self.picker.selected() != before || is_step(&key) {
            self.is_gone_to = self.picker.selected().is_some();
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, words: &str) -> OverlayResult {
        self.picker.paste(words);
        (self.is_gone_to, self.told) = (false, None);
        self.point();
        OverlayResult::Keep
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let told = self.told.as_ref().filter(|_| area.height > 1);
        let list = Rect { height: area.height - u16::from(told.is_some()), ..area };
        let at = self.picker.draw(list, buffer, ": ", theme.selected());
        if let Some(told) = told {
            put(buffer, area, 0, area.height - 1, told, theme.warning());
        }
        Some(at)
    }
}

/// The keys of a place that has them all to itself, to read.
pub fn keys_of(place: KeyContext, title: &str) -> TextView {
    let rows = TABLE.iter().filter(|row| row.2 == place);
    let line = |row: &Row| {
        let keys: Vec<String> = row.3.iter().map(|chord| show(chord)).collect();
        format!("{:<18} {}", keys.join(" "), row.4)
    };
    TextView::new(title, rows.map(line).collect())
}

fn is_step(key: &KeyEvent) -> bool {
    matches!(
        key.code,
        KeyCode::Up
            | KeyCode::Down
            | KeyCode::Tab
            | KeyCode::BackTab
            | KeyCode::PageUp
            | KeyCode::PageDown
    )
}

/// Those that open a line to type in: the words may follow the name at once.
fn takes_words(command: Command) -> bool {
    matches!(
        command,
        Command::OpenFile
            | Command::InjectFault
            | Command::Project
            | Command::NameBranch
            | Command::Rebase
            | Command::Replay
            | Command::Save
    )
}

/// Means something only where it is on the screen.
fn has_own_list(place: &KeyContext) -> bool {
    matches!(
        place,
        KeyContext::InReferences | KeyContext::OnSheet | KeyContext::OnRegion | KeyContext::OnHeal
    )
}

fn command_row(row: &Row) -> Item {
    let (name, _, place, chords, sentence, _) = row;
    let keys: Vec<String> = chords.iter().map(|chord| show(chord)).collect();
    let place = match place {
        KeyContext::In(pane) => format!("{}: ", pane.name()),
        KeyContext::Prompt => "prompt: ".into(),
        KeyContext::InReferences => "references: ".into(),
        KeyContext::OnSheet => "sheet: ".into(),
        KeyContext::OnRegion => "box: ".into(),
        KeyContext::OnHeal => "healing: ".into(),
        KeyContext::Everywhere | KeyContext::Normal | KeyContext::ByName => String::new(),
    };
    let detail = format!("{place}{}", keys.join(" "));
    Item { label: format!("{name}: {sentence}"), detail }
}
