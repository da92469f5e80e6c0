//! The last rows: words for the person, and below them the keys of what is on top.
//!
//! Invariant: words never take the room of keys; the way out and to the help are left out last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::app::draft::prompt_expansion::MAX_VARIANTS;
use crate::app::model::Model;
use crate::app::tree::walk;
use crate::schema::money::SIMULATED;
use crate::schema::price::Quote;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::chord::show;
use crate::ui::compare::{Compare, Zoom};
use crate::ui::frame::Frame;
use crate::ui::healing::Healing;
use crate::ui::hint;
use crate::ui::mode::{KeyContext, Mode};
use crate::ui::pane::Pane;
use crate::ui::panes::{self, FooterKeys, PaneSpec, Slot};
use crate::ui::region::Use;
use crate::ui::theme::{Role, Theme};

pub mod message;

/// Keys and what they do; those of `last` stand where room is short.
struct Keys {
    first: Vec<(String, String)>,
    last: Vec<(String, String)>,
}

/// `rule` is the row above, for what there is to say.
pub fn draw(rule: Rect, area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let (theme, buffer) = (ui.theme(), &mut frame.cells);
    // The prompt tells the money where it is seen.
    let is_told = ui.sheet().is_none() && ui.screen().full.is_none();
    let money = (!is_told).then(|| Money::of(model, ui, area.width));
    // On a narrow sheet there is room for its keys only.
    let has_room = ui.sheet().is_none() || area.width >= ROOMY;
    let kept = money.as_ref().filter(|_| has_room).map_or(0, |it| it.next.width() + 3);
    let room = usize::from(area.width).saturating_sub(kept);
    let left = Rect { width: u16::try_from(room).unwrap_or(u16::MAX).min(area.width), ..area };
    if !is_told && model.notice.is_some() {
        let line = theme.lines(false)[0].repeat(usize::from(rule.width));
        put(buffer, rule, 0, 0, &line, theme.border(false));
    }
    message::draw(rule, buffer, model, ui);
    let used = draw_keys(left, buffer, &keys(model, ui), theme.accent(), theme.dim());
    if let Some(money) = money {
        let room = usize::from(area.width.saturating_sub(used + 1));
        let left = money.left_of(room, model);
        money.within(room).draw(area, buffer, used, 0, theme);
        if let Some(left) = left {
            let slot = left.slot(rule);
            let is_covered = frame.placements.iter().any(|it| it.area.intersects(slot));
            let is_blank = slot
                .positions()
                .all(|at| frame.cells.cell(at).is_some_and(|cell| cell.symbol() == " "));
            if is_blank && !is_covered {
                left.draw(rule, &mut frame.cells, 0, 0, theme);
            }
        }
    }
}

/// What the next request costs, and what was spent.
#[derive(Debug)]
pub struct Money {
    next: String,
    spent: String,
    /// The same in fewer words.
    day: String,
    /// It is more than may leave unasked.
    is_much: bool,
}

/// How much of what the model reads is used, where it is much.
pub fn length(model: &Model, ui: &Ui) -> Option<String> {
    let (tokens, limit) = (ui.prompt.tokens()?, model.prompt_tokens()?);
    (tokens * 4 >= limit).then(|| format!("{tokens} of {limit} tokens"))
}

/// In fewer columns what was spent gives way to words.
const ROOMY: u16 = 70;

impl Money {
    /// As the prompt tells it.
    pub fn in_prompt(model: &Model, ui: &Ui, columns: u16) -> Self {
        let money = Self::of(model, ui, columns);
        if columns < ROOMY { money.within(usize::from(columns / 2)) } else { money }
    }

    /// In the long form from so many columns on.
    pub fn of(model: &Model, ui: &Ui, columns: u16) -> Self {
        let is_blind = ui.sheet().is_some_and(|sheet| sheet.blind);
        let (quote, count) = (model.next_quote(), model.variations().len());
        let next = match (quote.amount, count) {
            (Some(_), 2..=MAX_VARIANTS) => format!("next {} ({count} ×)", quote.times(count)),
            (Some(_), _) => format!("next {quote}"),
            (None, _) => "next: price not known".into(),
        };
        let next = if is_blind { next } else { format!("{next}{}", again(model, ui, quote)) };
        // In front of all sums, so that none is seen without it.
        let is_known = quote.amount.is_some();
        let next = if is_known { model.told(next) } else { next };
        let first = |sums: String| if is_known { sums } else { model.told(sums) };
        let asked = vec![quote; count.clamp(1, MAX_VARIANTS)];
        let is_much = !model.money.excess(&asked).is_empty();
        let spent = &model.money.spent;
        let budget = spent.day_budget.map_or(String::new(), |budget| format!("/{budget}"));
        let of_day = format!("day {}{budget}", spent.day);
        let of_both = format!("session {} · {of_day}", spent.session);
        let day = format!(" · {} ", first(of_day));
        let spent = match columns {
            0..110 => day.clone(),
            _ => format!(" · {} ", first(of_both)),
        };
        Self { next, spent, day, is_much }
    }

    /// In so many columns: the keys come first.
    pub fn within(self, room: usize) -> Self {
        let mut forms = [self.spent, self.day, " ".to_owned()].into_iter();
        let spent = forms.find(|spent| self.next.width() + spent.width() <= room);
        // It ends before the last column.
        Self { spent: spent.unwrap_or_else(|| " ".to_owned()), day: String::new(), ..self }
    }

    /// What of it does not stand beside the keys, for the row above them.
    fn left_of(&self, room: usize, model: &Model) -> Option<Self> {
        let Self { next, day, .. } = self;
        let is_next_told = next.width() < room;
        let is_all_told = next.width() + day.width() <= room;
        let day = match is_next_told {
            // It stands for itself, and is no real money either.
            true => match day.trim_start_matches([' ', '·']) {
                day if day.starts_with(SIMULATED) => day.to_owned(),
                day => model.told(day),
            },
            false => day.clone(),
        };
        let next = if is_next_told { String::new() } else { next.clone() };
        let spent = day;
        (!is_all_told).then(|| Self { next, spent, day: String::new(), is_much: self.is_much })
    }

    fn slot(&self, row: Rect) -> Rect {
        let wide = u16::try_from(self.width()).unwrap_or(u16::MAX).min(row.width);
        Rect { x: row.right() - wide, width: wide, ..row }
    }

    /// Without what was spent.
    pub fn alone(self) -> Self {
        self.within(0)
    }

    pub fn width(&self) -> usize {
        self.next.width() + self.spent.width()
    }

    pub fn text(&self) -> String {
        format!("{}{}", self.next, self.spent)
    }

    /// Against the right border, if it fits behind `left`. What is going to be spent has weight,
    /// what was spent is a fact.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, left: u16, y: u16, theme: Theme) {
        let wide = u16::try_from(self.width()).unwrap_or(u16::MAX);
        if left.saturating_add(wide).saturating_add(1) > area.width {
            return;
        }
        let bold = if self.is_much { Modifier::BOLD } else { Modifier::empty() };
        let style = theme.role(Role::Money).add_modifier(bold);
        let used = put(buffer, area, area.width - wide, y, &self.next, style);
        put(buffer, area, area.width - wide + used, y, &self.spent, theme.dim());
    }
}

/// What it costs to run the picture's own request again, where that is another price and its key
/// does it here.
fn again(model: &Model, ui: &Ui, next: Quote) -> String {
    if !matches!(ui.mode, Mode::Pane | Mode::Sheet(_)) {
        return String::new();
    }
    // Without a chord there would be a name among the sums.
    let key = ui.keymap.keys_from("reroll", ui.context());
    let Some(key) = ui.keymap.chord_of("reroll").map(show).filter(|own| *own == key) else {
        return String::new();
    };
    let recipe = model.current_node().and_then(|node| node.recipe.as_ref());
    let again = recipe.filter(|_| model.draft.prompt.is_empty()).map(|recipe| model.quote(recipe));
    let is_other =
        |again: &Quote| (again.amount, again.is_estimate) != (next.amount, next.is_estimate);
    again.filter(is_other).map_or(String::new(), |again| format!(" · {key} again {again}"))
}

fn wide((keys, words): &(String, String)) -> usize {
    keys.width() + words.width() + 3
}

fn draw_keys(area: Rect, buffer: &mut Buffer, keys: &Keys, accent: Style, dim: Style) -> u16 {
    let mut room = usize::from(area.width);
    let mut shown = Vec::new();
    let kept: usize = keys.last.iter().map(wide).sum();
    room = room.saturating_sub(kept);
    for pair in &keys.first {
        if wide(pair) > room {
            break;
        }
        room -= wide(pair);
        shown.push(pair);
    }
    let mut x = 1;
    for (key, words) in shown.into_iter().chain(&keys.last) {
        let wide = put(buffer, area, x, 0, key, accent);
        x += if wide > 0 { wide + 1 } else { 0 };
        x += put(buffer, area, x, 0, words, dim) + 2;
    }
    x
}

/// The keys of what is on top: a question, an overlay, a mode, the pane.
fn keys(model: &Model, ui: &Ui) -> Keys {
    let pairs = |words: &[(&str, &str)]| {
        words.iter().map(|(keys, words)| ((*keys).to_owned(), (*words).to_owned())).collect()
    };
    // A question tells its answers itself.
    let is_asked = model.money.confirmation.is_some();
    if is_asked || ui.overlays.last().is_some_and(|overlay| overlay.asks()) {
        let scroll: &[(&str, &str)] =
            if ui.is_long(model) { &[("Up Down", "scroll")] } else { &[] };
        return Keys { first: pairs(scroll), last: Vec::new() };
    }
    if let Some(overlay) = ui.overlays.last() {
        return Keys { first: overlay.keys_now(), last: pairs(&[("Esc", "close")]) };
    }
    let here = ui.context();
    match &ui.mode {
        Mode::Region(region) => return region_keys(ui, region.usage),
        Mode::Heal(healing) => return heal_keys(ui, model, *healing),
        Mode::Pane if is_zoomed(ui, here) => return zoom_keys(ui),
        Mode::OneShot => {
            let first = pairs(&[("one key", "runs a command, then back to the prompt")]);
            return Keys { first, last: pairs(&[("Esc", "cancel")]) };
        }
        Mode::Prefix(first) => {
            let first = vec![(show(first), "… waits for its second key".to_owned())];
            return Keys { first, last: Vec::new() };
        }
        Mode::EditField(_) => {
            let problem = panes::form::typed_problem(ui, model);
            let keep = match problem.map(|problem| problem.hint) {
                None => vec![("Enter".to_owned(), "keep".to_owned())],
                Some(hint) => {
                    let start = panes::form::typed_default(ui, model);
                    let hint = hint.map(|hint| ("type".to_owned(), hint));
                    let back = start.map(|it| ("Ctrl-U Enter".to_owned(), format!("default {it}")));
                    hint.into_iter().chain(back).collect()
                }
            };
            return Keys { first: keep, last: pairs(&[("Esc", "drop")]) };
        }
        Mode::Pane | Mode::Sheet(_) => {}
    }
    let pair = |pair: (&str, &str)| told_key(model, ui, here, pair);
    let mut first: Vec<(String, String)> = Vec::new();
    if let Some(count) = ui.count {
        return count_keys(ui, count);
    }
    let (commands, last) = likeliest(model, ui, here);
    first.extend(commands.into_iter().map(pair));
    first.extend(pane_keys(ui));
    let sides = ui.compare_with(model).zip(model.current);
    if let Some((left, right)) = sides.filter(|_| ui.comparing.mode == Compare::Wipe) {
        // It also says which of the two stands on which side.
        let moves = format!("move the line {} | {}", model.name(left), model.name(right));
        first.insert(first.len().min(1), (line_keys(ui, here), moves));
    }
    Keys { first, last: last.into_iter().map(pair).collect() }
}

/// What a number waits for. The digit of a pane goes there with Alt only.
fn count_keys(ui: &Ui, count: u16) -> Keys {
    let again = ui.keymap.keys_from("reroll", ui.context());
    let waits = (format!("{count} ×"), format!("… a move or {again}"));
    let pane = usize::from(count).checked_sub(1).and_then(|place| panes::ALL.get(place));
    // Nobody goes where one is.
    let pane = pane.filter(|pane| pane.id != ui.focus());
    let goes = pane
        .map(|pane| (ui.keymap.keys_from(pane.id.name(), ui.context()), pane.id.name().to_owned()));
    let first = std::iter::once(waits).chain(goes).collect();
    Keys { first, last: vec![("Esc".to_owned(), "cancels".to_owned())] }
}

/// What the digits in the titles are pressed with.
fn pane_keys(ui: &Ui) -> Option<(String, String)> {
    let count = panes::ALL.len();
    let has_digit = |(pane, digit): (&PaneSpec, usize)| {
        let chord = ui.keymap.chord_of(pane.id.name()).map(show);
        chord.is_some_and(|keys| keys == format!("Alt-{digit}"))
    };
    let are_seen = ui.sheet().is_none() && ui.screen().full.is_none();
    let is_row = are_seen && panes::ALL.into_iter().zip(1..).all(has_digit);
    is_row.then(|| (format!("Alt-1–{count}"), "panes".to_owned()))
}

/// A command's keys, and its word with what it is for or costs.
fn told_key(
    model: &Model,
    ui: &Ui,
    here: KeyContext,
    (command, word): (&str, &str),
) -> (String, String) {
    let takes = walk::offered_takes(model);
    let price = || panes::queue::price(ui, model);
    let word = match (command, model.draft.parent) {
        ("run", Some(parent)) => format!("edit {}", model.name(parent)),
        ("sheet", _) if takes > 0 && ui.sheet().is_none() => format!("the {takes} new"),
        ("again", _) => {
            price().map_or(word.to_owned(), |price| format!("{word} {}", model.told(price)))
        }
        _ => word.to_owned(),
    };
    if command == "more" {
        return (chords(ui, &["less", "more"]), word);
    }
    let chord = ui.keymap.chord_of(command).filter(|_| here != KeyContext::Prompt);
    (chord.map_or_else(|| hint::way(ui, command), show), word)
}

/// What comes next, and the way back to the picture alone.
fn while_comparing(mode: Compare, here: KeyContext) -> (FooterKeys, FooterKeys) {
    let views = [("compare", "swap"), ("compare-mode", mode.next_words())];
    match here == KeyContext::Prompt {
        true => {
            let first = [("run", "run")].into_iter().chain(views).collect();
            (first, vec![("close", "back"), ("help", "help"), ("quit", "quit")])
        }
        false => {
            let first = views.into_iter().chain([("align", "align"), ("heal", "heal")]).collect();
            (first, vec![("insert", "prompt"), ("help", "help"), ("close", "back")])
        }
    }
}

/// The line of a wipe is moved on the canvas.
fn line_keys(ui: &Ui, here: KeyContext) -> String {
    let arrows = "Left Right";
    match here == KeyContext::In(Pane::CANVAS) {
        true => arrows.to_owned(),
        false => format!("{} {arrows}", ui.keymap.keys_from("canvas", here)),
    }
}

/// Keys of a kind stand together.
fn chords(ui: &Ui, commands: &[&str]) -> String {
    let chord = |command: &&str| ui.keymap.chord_of(command).map(show);
    let chords: Vec<String> = commands.iter().filter_map(chord).collect();
    let is_four = commands.len() == 4 && chords.iter().all(|chord| chord.chars().count() == 1);
    chords.join(if is_four { "" } else { " " })
}

/// The keys of a mode, by what they do together.
fn of_mode(ui: &Ui, first: &[(&[&str], &str)], last: &[(&[&str], &str)]) -> Keys {
    let pair = |(commands, words): &(&[&str], &str)| (chords(ui, commands), (*words).to_owned());
    Keys { first: first.iter().map(pair).collect(), last: last.iter().map(pair).collect() }
}

fn is_zoomed(ui: &Ui, here: KeyContext) -> bool {
    ui.zoom != Zoom::default() && here == KeyContext::In(Pane::CANVAS) && ui.count.is_none()
}

fn zoom_keys(ui: &Ui) -> Keys {
    let mut keys = of_mode(
        ui,
        &[(&["zoom-in", "zoom-out"], "zoom"), (&["fit"], "whole"), (&["one-to-one"], "1:1")],
        &[(&["insert"], "prompt"), (&["help"], "help"), (&["close"], "back")],
    );
    // The arrows are no commands: they mean what is on the canvas.
    keys.first.insert(0, ("arrows".into(), "move".into()));
    keys
}

/// Where nothing came of it, there is nothing to keep; at most more strength helps.
fn heal_keys(ui: &Ui, model: &Model, healing: Healing) -> Keys {
    let help: (&[&str], &str) = (&["help"], "help");
    let back: (&[&str], &str) = (&["heal-leave"], "back");
    match (healing.refused(model), healing.is_adjustable(model)) {
        (Some(_), true) => of_mode(ui, &[(&["heal-more"], "stronger")], &[help, back]),
        (Some(_), false) => of_mode(ui, &[], &[help, back]),
        (None, _) => of_mode(
            ui,
            &[(&["heal-less", "heal-more"], "strength"), (&["heal-swap"], "before/after")],
            &[(&["heal-keep"], "keep"), (&["heal-leave"], "cancel")],
        ),
    }
}

fn region_keys(ui: &Ui, usage: Use) -> Keys {
    let mut first: Vec<(&[&str], &str)> = vec![
        (&["box-left", "box-down", "box-up", "box-right"], "move"),
        (&["box-narrower", "box-higher", "box-lower", "box-wider"], "resize"),
    ];
    let last: [(&[&str], &str); 2] = match usage {
        Use::Region(_) => {
            let more: [(&[&str], &str); 3] =
                [(&["box-new"], "another"), (&["box-next"], "next"), (&["box-drop"], "remove")];
            first.extend(more);
            [(&["box-make"], "words"), (&["box-leave"], "done")]
        }
        Use::Cue | Use::Frame => {
            let turns = if usage == Use::Frame { "ratio" } else { "shape" };
            first.push((&["box-turn"], turns));
            [(&["box-make"], "apply"), (&["box-leave"], "cancel")]
        }
    };
    first.push((&["box-step"], "steps"));
    of_mode(ui, &first, &last)
}

fn likeliest(model: &Model, ui: &Ui, here: KeyContext) -> (FooterKeys, FooterKeys) {
    let pane = match here {
        KeyContext::OnSheet => {
            let next_set = ui.sheet().and_then(|sheet| sheet.next_set());
            let mut keys =
                vec![("pick", "pick"), ("reject", "reject"), ("sheet-compare", "compare")];
            keys.extend(next_set.map(|words| ("sheet", words)));
            keys.extend([("show", "go there"), ("rate-1", "to 5 rate"), ("blind", "blind")]);
            return (keys, vec![("help", "help"), ("leave", "close")]);
        }
        KeyContext::Prompt => Pane::PROMPT,
        KeyContext::In(pane) => pane,
        KeyContext::Everywhere
        | KeyContext::Normal
        | KeyContext::InReferences
        | KeyContext::OnRegion
        | KeyContext::OnHeal
        | KeyContext::ByName => ui.focus(),
    };
    let mut commands = (panes::spec(pane).footer)(ui, model);
    if ui.compare_with(model).is_some() && (pane == Pane::CANVAS || here == KeyContext::Prompt) {
        return while_comparing(ui.comparing.mode, here);
    }
    if here == KeyContext::Prompt {
        return (commands, vec![("help", "help"), ("quit", "quit")]);
    }
    let leads_to_all = [("sheet", "sheet"), ("menu", "menu"), ("command", "commands")];
    let is_new = |lead: &(&str, &str)| !commands.contains(lead);
    let leads_to_all: FooterKeys = leads_to_all.into_iter().filter(is_new).collect();
    commands.extend(leads_to_all);
    let is_drawer = panes::spec(pane).slot == Slot::Drawer;
    let leave = match (ui.closes(), is_drawer) {
        (Some(words), _) => ("leave", words),
        (None, true) => ("close", "back"),
        (None, false) => ("leave", "quit"),
    };
    (commands, vec![("insert", "prompt"), ("help", "help"), leave])
}
