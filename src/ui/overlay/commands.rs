//! The command line: every command by its name.
//!
//! `Enter` runs the name that stands there: whole, as an alias, or as a beginning that no other
//! command has; and the one command that another single word finds, where it puts nothing at stake.
//! Anything else must be gone to first, with the arrows or `Tab`; and what costs, cancels or deletes
//! runs by its whole name alone: `Enter` on its row or on its beginning writes the name into the
//! line, and says so. Without a word the first row is lit that puts nothing at stake.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::picker::{Extra, Item, Picked, Picker};
use super::text_view::TextView;
use super::{Overlay, OverlayAction, OverlayResult, typed_path, unknown};

use crate::app::action::{Action, DraftAction, TreeAction};
use crate::app::model::Model;
use crate::tree::NodeId;
use crate::ui::cells::put;
use crate::ui::clauses::wrapped;
use crate::ui::command::{CommandRow, Stakes};
use crate::ui::mode::KeyContext;
use crate::ui::theme::Theme;

mod keys;
mod line;
mod order;
mod words;

use line::{Word, count_in, is_step};
use order::Grouped;
use words::{Told, item};

/// Headings and marks.
const ROWS_OF_GROUPS: usize = 24;

#[derive(Debug)]
pub struct Commands {
    title: String,
    rows: Vec<&'static CommandRow>,
    /// They cannot run from here.
    elsewhere: Vec<&'static CommandRow>,
    picker: Picker,
    /// `Enter` runs the selected row.
    is_gone_to: bool,
    /// Why the last `Enter` ran no command.
    told: Option<Told>,
    /// There is neither a next `Enter` nor `Tab`: a line is read as a whole.
    is_line: bool,
    /// What may follow the name that stands in the line.
    choices: Option<Choices>,
    /// So many folders were read, and as many when a path was to be completed.
    listings: u64,
    completes: Option<u64>,
}

#[derive(Debug)]
struct Choices {
    of: &'static CommandRow,
    picker: Picker,
    actions: Vec<Vec<Action>>,
}

impl Commands {
    /// What is likely to be wanted now, then all other commands that can run from here.
    pub fn all(
        rows: Vec<Grouped>,
        key: impl Fn(&CommandRow) -> String,
        likely: &[&str],
        (here, price): (Option<KeyContext>, &str),
    ) -> Self {
        let (rows, elsewhere) = order::likely_first(rows, likely, here);
        Self { elsewhere, ..Self::new("commands".into(), rows, key, (None, price)) }
    }

    /// The keys of this pane, what is used most, then all other commands.
    pub fn help(
        rows: Vec<Grouped>,
        key: impl Fn(&CommandRow) -> String,
        place: KeyContext,
        price: &str,
    ) -> Self {
        let title = format!("help · {}", place.name());
        Self::new(title, order::for_help(rows, place), key, (Some(place), price))
    }

    fn new(
        title: String,
        rows: Vec<Grouped>,
        key: impl Fn(&CommandRow) -> String,
        (place, price): (Option<KeyContext>, &str),
    ) -> Self {
        let (groups, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let items: Vec<Item> = rows.iter().map(|row| item(row, place)).collect();
        let extra = |(group, row): (_, &&CommandRow)| {
            let (key, price) = (key(row), words::price(row, price));
            Extra { key, group, words: row.sought_as, price }
        };
        let extras = groups.into_iter().zip(&rows).map(extra).collect();
        let picker = Picker::new(items).with_extras(extras);
        let picker = if place.is_some() { picker.with_signs() } else { picker };
        let mut it = Self {
            title,
            rows,
            elsewhere: Vec::new(),
            picker,
            is_gone_to: false,
            told: None,
            is_line: false,
            choices: None,
            listings: 0,
            completes: None,
        };
        it.point();
        it
    }

    /// With a line that was typed into the prompt; why it cannot run is told at once.
    pub fn with_line(mut self, line: &str) -> Self {
        self.on_paste(line);
        let is_unknown = matches!(self.word(), Word::Unknown(_)) && self.node().is_none();
        if is_unknown {
            self.told = Told::wrong(format!("nothing was sent: {}", self.unknown()));
        }
        self
    }

    /// For a line that is read as a whole.
    pub fn on_line(self) -> Self {
        Self { is_line: true, ..self }
    }

    /// Why the last `Enter` ran no command.
    pub fn told(&self) -> Option<&str> {
        self.told.as_ref().map(|told| told.words.as_str())
    }

    /// Selects the row that `Enter` would run, or none. Where no name stands there, only what costs
    /// nothing is lit by itself: the first such row, and the only one that a single word finds, for
    /// which a second would be lost.
    fn point(&mut self) {
        let harmless =
            |place: usize| self.rows.get(place).is_some_and(|it| it.stakes == Stakes::None);
        let found = match self.word() {
            Word::Nothing => (0..self.rows.len()).find(|place| harmless(*place)),
            Word::Unknown(0) if !self.picker.query().trim().contains(' ') => {
                self.picker.only_match().filter(|place| harmless(*place))
            }
            Word::Name(_) | Word::Beginning(_) | Word::Unknown(_) => None,
        };
        let named = match self.word() {
            Word::Name(place) | Word::Beginning(place) => Some(place),
            Word::Unknown(_) if self.node().is_some() => {
                self.rows.iter().position(|row| row.name == "go")
            }
            Word::Nothing | Word::Unknown(_) => None,
        };
        self.is_gone_to = named.is_none() && found.is_some() && !self.is_line;
        self.picker.point_at(named.or(found.filter(|_| !self.is_line)));
        if self.picker.finds_nothing() {
            let nearest = match self.behind_node().or_else(|| self.elsewhere()) {
                Some(_) => Vec::new(),
                None => unknown::nearest(self.picker.query(), &self.rows),
            };
            self.picker.offer(nearest);
        }
    }

    /// A node takes no words.
    fn behind_node(&self) -> Option<String> {
        let (word, _) = self.picker.query().trim().split_once(' ')?;
        NodeId::read_picture(word).map(|_| format!("a node takes no words: write :{word} alone"))
    }

    /// The command of this name works elsewhere only.
    fn elsewhere(&self) -> Option<String> {
        let line = self.picker.query().trim();
        let word = line.split_once(' ').map_or(line, |(word, _)| word);
        let row = self.elsewhere.iter().find(|row| row.is_named(word))?;
        Some(format!("`{}` works on the {} only", row.name, row.context.name()))
    }

    /// The command in the line and what was typed after it, where there is a choice.
    fn chosen_from(&self) -> Option<(&'static CommandRow, String)> {
        let (_, text) = self.picker.query().trim_start().split_once(' ')?;
        let Word::Name(place) = self.word() else { return None };
        let row = self.rows.get(place).filter(|row| row.choices.is_some())?;
        Some((row, text.to_owned()))
    }

    /// A command that takes a path, and what of it was typed.
    fn path(&self) -> Option<(&'static CommandRow, String)> {
        let (_, text) = self.picker.query().trim_start().split_once(' ')?;
        let Word::Name(place) = self.word() else { return None };
        let row = self.rows.get(place).filter(|row| row.takes_path)?;
        Some((row, text.to_owned()))
    }

    /// The path goes on as far as all files that begin so have the same name.
    fn complete_path(&mut self, model: &Model) {
        let is_due = self.completes.is_some_and(|before| before != model.finder.listings);
        self.listings = model.finder.listings;
        let Some((row, path)) = self.path().filter(|_| is_due) else { return };
        self.completes = None;
        match model.finder.listing.as_ref().map(|listing| typed_path::complete(&path, listing)) {
            Some(Ok(path)) => {
                self.write(&format!("{} {path}", row.name));
            }
            Some(Err(why)) => self.told = Told::wrong(why),
            None => {}
        }
    }

    /// Words stand behind a name that nothing has: they are for the command that is chosen instead.
    fn is_misspelt(&self) -> bool {
        self.picker.is_offer() && self.picker.query().trim().contains(' ')
    }

    /// Words stand behind the name of a command that takes them.
    fn has_argument(&self) -> bool {
        let words = self.picker.query().trim_start().split_once(' ').map(|(_, words)| words.trim());
        let Word::Name(place) = self.word() else { return false };
        let takes_text = self.rows.get(place).is_some_and(|row| row.takes_text);
        takes_text && words.is_some_and(|words| !words.is_empty())
    }

    /// The choices follow the line; where none fits, what was typed stands for itself.
    fn narrow_choices(&mut self) {
        let Some((row, text)) = self.chosen_from() else {
            self.choices = None;
            return;
        };
        if let Some(choices) = self.choices.as_mut().filter(|choices| choices.of == row) {
            choices.picker.clear();
            choices.picker.paste(&text);
            choices.picker.point_at(None);
        }
    }

    /// Where the list stands, its first row aside, and what is told below it.
    fn above_words(&self, area: Rect, theme: Theme) -> (Rect, Vec<String>, Style) {
        let columns = usize::from(area.width.saturating_sub(2));
        let (mut below, style) = match &self.told {
            Some(told) => (wrapped(&told.words, columns), told.style(theme)),
            None if self.picker.is_offer() => {
                let offers = if self.picker.is_all() { unknown::ALL } else { unknown::NEAREST };
                let words = self.behind_node().or_else(|| self.elsewhere());
                let words = words.unwrap_or_else(|| offers.to_owned());
                (wrapped(&words, columns), theme.dim())
            }
            None => (Vec::new(), theme.dim()),
        };
        let kept = below.len().min(usize::from(area.height) / 3);
        let is_cut = kept < below.len();
        below.truncate(kept);
        if let Some(last) = below.last_mut().filter(|_| is_cut) {
            last.push_str(" …");
        }
        let kept = u16::try_from(kept).unwrap_or(0);
        let height = area.height - kept;
        // What nothing fits is told between the line and what may have been meant.
        if self.picker.is_offer() {
            return (Rect { y: area.y + kept, height, ..area }, below, style);
        }
        // Why nothing was run stands below the last row: far away nobody would see it.
        let rows =
            u16::try_from(self.picker.drawn_lines(area)).unwrap_or(u16::MAX).saturating_add(2);
        let height = if self.told.is_some() { height.min(rows) } else { height };
        (Rect { height, ..area }, below, style)
    }

    fn word(&self) -> Word {
        Word::of(self.picker.query(), &self.rows)
    }

    /// `:32`, `:n32`, and `:n32.2` for its second picture.
    fn node(&self) -> Option<NodeId> {
        NodeId::read_picture(self.picker.query().trim()).map(|(node, _)| node)
    }

    fn enter(&mut self) -> OverlayResult {
        if let Some(choices) = &self.choices
            && let Some(actions) = choices.picker.selected().and_then(|at| choices.actions.get(at))
        {
            return OverlayResult::Accept(OverlayAction::Actions(actions.clone()));
        }
        let gone_to = self.picker.selected().filter(|_| self.is_gone_to);
        if let Some(node) = self.node().filter(|_| gone_to.is_none()) {
            let go = self.rows.iter().find(|row| row.name == "go").copied();
            let text = self.picker.query().trim().to_owned();
            let go = go.map(|row| OverlayAction::CommandWithText(row, text));
            let to = || OverlayAction::Actions(vec![Action::Tree(TreeAction::GoTo(node))]);
            return OverlayResult::Accept(go.unwrap_or_else(to));
        }
        match (self.word(), gone_to) {
            (Word::Nothing, None) => OverlayResult::Close,
            (Word::Name(place), None) => self.run(place),
            (Word::Beginning(place), None) | (_, Some(place)) => match self.rows.get(place) {
                Some(row) if row.stakes.is_grave() || self.is_misspelt() => self.complete(row),
                _ => self.run(place),
            },
            (Word::Unknown(_), None) => {
                self.told = Told::wrong(self.unknown());
                OverlayResult::Keep
            }
        }
    }

    /// Text after the name is an argument, a number the count that stands before its key; commands
    /// that take none say so, and the harmless ones stand alone in the line for the next `Enter`.
    fn run(&mut self, place: usize) -> OverlayResult {
        let Some(row) = self.rows.get(place).copied() else {
            return OverlayResult::Keep;
        };
        let words = self.picker.query().trim().split_once(' ').map(|(_, words)| words.trim());
        match words.filter(|words| !words.is_empty() && !self.is_gone_to) {
            None => OverlayResult::Accept(OverlayAction::Command(row)),
            Some(words) if row.takes_text => {
                OverlayResult::Accept(OverlayAction::CommandWithText(row, words.to_owned()))
            }
            Some(words) => match count_in(words).filter(|_| row.takes_count) {
                Some(count) => OverlayResult::Accept(OverlayAction::CommandWithCount(row, count)),
                None => self.refuse_words(row),
            },
        }
    }

    /// What costs or deletes keeps its words: a second `Enter` may have been meant for them.
    fn refuse_words(&mut self, row: &CommandRow) -> OverlayResult {
        let takes = if row.takes_count { "takes a number, no words" } else { "takes no words" };
        let how = match self.is_line || row.stakes.is_grave() {
            true => format!("write :{} alone", row.name),
            false => {
                self.write(row.name);
                "press Enter to run it without them".to_owned()
            }
        };
        self.told = Told::wrong(format!("`{}` {takes}: {how}", row.name));
        OverlayResult::Keep
    }

    /// The line reads this.
    fn write(&mut self, line: &str) {
        self.picker.clear();
        self.picker.paste(line);
        self.point();
    }

    /// What was typed behind a beginning stays; behind what was looked for there is nothing.
    fn complete(&mut self, row: &CommandRow) -> OverlayResult {
        let query = self.picker.query().trim();
        let words = query.split_once(' ').filter(|_| !self.is_gone_to || self.is_misspelt());
        let words = words.map(|(_, words)| words.trim().to_owned());
        let line = words.as_ref().map(|words| format!("{} {words}", row.name));
        self.write(line.as_deref().unwrap_or(row.name));
        let takes = |words: &String| row.takes_text || row.takes_count && count_in(words).is_some();
        if !words.is_none_or(|words| words.is_empty() || takes(&words)) {
            return self.refuse_words(row);
        }
        let what = match row.stakes {
            Stakes::Costs => "costs",
            Stakes::Cancels => "cancels",
            Stakes::Deletes => "deletes",
            Stakes::None | Stakes::Little | Stakes::Leaves => "runs",
        };
        let how = match self.is_line {
            true => "write the whole name to run it",
            false => "press Enter again to run it",
        };
        self.told = Told::next(format!("`{}` {what}: {how}", row.name));
        OverlayResult::Keep
    }

    fn unknown(&self) -> String {
        let query = self.picker.query().trim();
        let word = query.split_once(' ').map_or(query, |(word, _)| word);
        if let Some(why) = self.behind_node().or_else(|| self.elsewhere()) {
            return why;
        }
        let first = self.picker.first_match().and_then(|place| self.rows.get(place));
        let names = self.rows.iter().map(|row| row.name);
        unknown::told(word, names, first.map(|row| row.name), self.is_line)
    }
}

impl Overlay for Commands {
    fn title(&self) -> &str {
        &self.title
    }

    fn is_list(&self) -> bool {
        true
    }

    fn keys_now(&self) -> Vec<(String, String)> {
        self.told_keys()
    }

    fn rows(&self) -> usize {
        self.rows.len() + ROWS_OF_GROUPS
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        let query = self.picker.query().to_owned();
        let before = self.picker.selected();
        if key.code == KeyCode::Enter {
            return self.enter();
        }
        (self.told, self.completes) = (None, None);
        if let Some((_, path)) = self.path().filter(|_| key.code == KeyCode::Tab) {
            self.completes = Some(self.listings);
            let folder = typed_path::folder(&path).into();
            return OverlayResult::Emit(Action::Draft(DraftAction::List(folder)));
        }
        if is_step(&key) && self.choices.is_none() && self.has_argument() {
            // Another command would be run without what was typed for this one.
            self.told = Told::next("press Enter to run it with these words".into());
            return OverlayResult::Keep;
        }
        if let Some(choices) = self.choices.as_mut().filter(|_| is_step(&key)) {
            choices.picker.on_key(key);
            return OverlayResult::Keep;
        }
        if self.picker.on_key(key) == Picked::Close {
            return OverlayResult::Close;
        }
        if self.picker.query() != query {
            self.point();
            self.narrow_choices();
        } else if self.picker.selected() != before || is_step(&key) {
            self.is_gone_to = self.picker.selected().is_some();
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, words: &str) -> OverlayResult {
        self.picker.paste(words);
        self.told = None;
        self.point();
        self.narrow_choices();
        OverlayResult::Keep
    }

    fn refresh(&mut self, model: &Model) {
        words::tell(&self.rows, &mut self.picker, model);
        self.complete_path(model);
        let Some((row, _)) = self.chosen_from().filter(|_| self.choices.is_none()) else { return };
        let all = row.choices.map(|choices| choices(model)).unwrap_or_default();
        let (items, actions) = all.into_iter().unzip();
        self.choices = Some(Choices { of: row, picker: Picker::new(items).with_names(), actions });
        self.narrow_choices();
    }

    fn rows_found(&self, inner: Rect) -> Option<usize> {
        // What may follow a name is a list of its own.
        let found = self.picker.rows_found(inner).filter(|_| self.choices.is_none())?;
        Some(found + self.above_words(inner, Theme::default()).1.len())
    }

    fn hidden(&self, area: Rect, theme: Theme) -> usize {
        let (list, ..) = self.above_words(area, theme);
        let choices = self.choices.as_ref().filter(|it| it.picker.first_match().is_some());
        choices.map_or(&self.picker, |choices| &choices.picker).hidden(list)
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let (list, below, style) = self.above_words(area, theme);
        let at = match &self.choices {
            Some(choices) if choices.picker.first_match().is_some() => {
                let prompt = format!(": {} ", choices.of.name);
                choices.picker.draw(list, buffer, &prompt, theme)
            }
            Some(_) | None => {
                self.picker.draw_rows(list, buffer, theme);
                self.picker.draw_query(area, buffer, ": ")
            }
        };
        // Why it ran nothing stands below the list; where nothing fits, above what is nearest.
        let (x, from) = if self.picker.is_offer() { (2, 1) } else { (1, list.height) };
        for (y, line) in (from..area.height).zip(&below) {
            put(buffer, area, x, y, line, style);
        }
        Some(at)
    }
}

/// The keys of a context that takes all keys, as text.
pub fn keys_of(place: KeyContext, lines: Vec<String>) -> TextView {
    TextView::new(&format!("keys · {}", place.name()), lines)
}
