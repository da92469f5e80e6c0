//! The prompt pane: text, parent, and what blocks sending.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{FooterKeys, PaneSpec, Slot};
use crate::app::action::{Action, DraftAction, QueueAction};
use crate::app::model::Model;
use crate::app::session::Snippet;
use crate::schema::{self, Fit, tokens};
use crate::ui::Ui;
use crate::ui::border;
use crate::ui::cells::put;
use crate::ui::command::{Args, CommandRow, Stakes};
use crate::ui::frame::Frame;
use crate::ui::mode::KeyContext::{ByName, Everywhere, Prompt};
use crate::ui::mode::Mode;
use crate::ui::overlay::OverlayAction;
use crate::ui::overlay::keep::Keep;
use crate::ui::overlay::list::List;
use crate::ui::overlay::picker::Item;
use crate::ui::pane::Pane;
use crate::ui::suggestion::{hint, suggestion};

pub const PANE: PaneSpec =
    PaneSpec { commands: ROWS, footer, ..PaneSpec::new(Pane::PROMPT, 'p', Slot::Bottom, draw) };

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("prompt", Everywhere, &["alt-1"], "go to the prompt", |ui, _, _| ui.go_to(Pane::PROMPT)),
    CommandRow::new("run", Prompt, &["enter"], "send the request", run).stakes(Stakes::Costs),
    CommandRow::new("newline", Prompt, &["ctrl-j", "alt-enter"], "insert a line break", newline),
    CommandRow::new("normal", Prompt, &["esc"], "leave the prompt for command keys", |ui, _, _| ui.go_to(Pane::CANVAS)),
    CommandRow::new("history", Prompt, &["ctrl-r"], "search earlier prompts", history),
    CommandRow::new("editor", Prompt, &["ctrl-x ctrl-e"], "edit the prompt in $EDITOR", |_, _, _| vec![Action::Draft(DraftAction::EditInEditor)]),
    CommandRow::new("snippet", Prompt, &["ctrl-t"], "insert a snippet from the config file", snippet),
    CommandRow::new("undo-text", Prompt, &["ctrl-_", "ctrl-/"], "undo typing", |ui, model, _| ui.undo_text(model)),
    CommandRow::new("redo-text", Prompt, &["alt-/"], "redo typing", redo_text),
    CommandRow::new("take", Prompt, &["tab"], "accept suggestion, or next pane", take),
    CommandRow::new("one-normal", Prompt, &["ctrl-o"], "run one command key, stay here", one_normal),
    CommandRow::new("keep", ByName, &[], "name in the prompt what stays: face, pose, background, light", keep),
    CommandRow::new("split", ByName, &[], "split into one change per line, for :steps", split),
    CommandRow::new("steps", ByName, &[], "send each line in order, each on the last result", steps).stakes(Stakes::Costs),
];

fn footer(_: &Ui, model: &Model) -> FooterKeys {
    let offers = suggestion(model).is_some() && model.draft.prompt.is_empty();
    let take = offers.then_some(("take", "accept"));
    let keys = [
        ("run", "run"),
        ("compare", "compare"),
        ("normal", "commands"),
        ("help", "help"),
        ("quit", "quit"),
    ];
    take.into_iter().chain(keys).collect()
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let cursor = draw_text(area, frame, model, ui);
    frame.cursor = frame.cursor.or(cursor.filter(|_| ui.in_prompt()));
}

fn draw_text(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) -> Option<Position> {
    let buffer = &mut frame.cells;
    let theme = ui.theme();
    let inner = border::frame(area, buffer, theme, &title(model, ui), ui.in_prompt());
    let cursor = ui.prompt.draw(inner, buffer);
    if model.draft.prompt.is_empty() {
        let suggestion = suggestion(model);
        let words = match suggestion {
            Some(suggestion) => {
                format!("{}   ({} to use)", suggestion.words, keys(ui, "take"))
            }
            None if model.draft.parent.is_none() => {
                let open = keys(ui, "open");
                format!("describe a picture, or open one: {open}")
            }
            None => "describe the change".into(),
        };
        let lead = suggestion.and_then(|suggestion| suggestion.lead);
        let lead = lead.map(|(command, does)| format!("{} {does}", keys(ui, command)));
        let lead = elsewhere(model, ui)
            .map_or((lead.unwrap_or_default(), theme.dim()), |words| (words, theme.accent()));
        put(buffer, inner, 0, 1, &lead.0, lead.1);
        // Beside the cursor, so that it is seen where typing begins.
        put(buffer, inner, 0, 0, &words, theme.dim());
    }
    if let Some((text, style)) = advice(model, ui) {
        // On the border: it never hides a word.
        let border = Rect { width: area.width.saturating_sub(1), ..area };
        put(buffer, border, 1, area.height.saturating_sub(1), &format!(" {text} "), style);
    }
    cursor
}

fn keys(ui: &Ui, command: &str) -> String {
    ui.keymap.keys_from(command, Prompt)
}

/// A warning if the canvas shows another picture than the draft's parent.
fn elsewhere(model: &Model, ui: &Ui) -> Option<String> {
    let (current, parent) = (model.current?, model.draft.parent?);
    let key = keys(ui, "edit");
    (current != parent).then(|| {
        let (from, shown) = (parent.node, current.node);
        format!("you see {shown}, but Enter edits {from} · {key}: edit {shown} instead")
    })
}

/// Why the draft cannot be sent, else the first lint.
fn advice(model: &Model, ui: &Ui) -> Option<(String, Style)> {
    if model.draft.prompt.is_empty() {
        return None;
    }
    if let Some((field, problem)) = model.blockers().first() {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        return Some((format!("cannot be sent: {place}{problem}"), ui.theme().warning()));
    }
    if tokens::estimate(&model.draft.prompt) > tokens::LIMIT {
        let text = format!("the model reads only about the first {} tokens", tokens::LIMIT);
        return Some((text, ui.theme().warning()));
    }
    let hint = hint(model)?;
    let fix = match hint.fix {
        Some(_) => keys(ui, "take"),
        None => "hint".into(),
    };
    Some((format!("{fix}: {}", hint.message), ui.theme().accent()))
}

fn title(model: &Model, ui: &Ui) -> String {
    let from = match model.draft.parent {
        Some(parent) => format!("from {}", parent.node),
        None => "from text".into(),
    };
    let more = match model.draft.references.len() {
        0 => String::new(),
        count => format!(" +{count}"),
    };
    let sent = model.sent_otherwise().map_or(String::new(), |sent| format!(" as {}", sent.words()));
    let size = model.forecast().map_or(String::new(), |(w, h)| format!(" · gives {w}×{h}"));
    let shape = model.reshaping().map_or(String::new(), |(wider, fit)| {
        let way = if wider > 0.0 { "wider" } else { "taller" };
        let means = match fit {
            Fit::Stretch => "stretched",
            Fit::Crop => "cropped",
            Fit::Pad => "extended",
        };
        format!(", {:.0} % {way}: {means} (:crop)", (wider.abs() * 100.0).max(1.0))
    });
    let sync = if model.composer.run.sync { " · SYNC: lost if editree ends" } else { "" };
    let mode = if matches!(ui.mode, Mode::OneShot) { " · one key" } else { "" };
    let length = match tokens::estimate(&model.draft.prompt) {
        count if count * 4 < tokens::LIMIT => String::new(),
        count => format!(" · about {count} of {} tokens", tokens::LIMIT),
    };
    format!("prompt {from}{sent}{more}{size}{shape}{sync}{length}{mode}")
}

fn run(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.recall.at = None;
    vec![Action::Draft(DraftAction::SetPrompt(ui.prompt.text())), Action::Queue(QueueAction::Run)]
}

fn newline(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.prompt.newline();
    ui.words()
}

fn history(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let row = |words: &String| {
        let item = Item { label: words.clone(), detail: String::new() };
        (item, OverlayAction::Recall(words.clone()))
    };
    ui.put_on_top(List::new("earlier prompts", model.composer.prompts.iter().map(row).collect()))
}

fn snippet(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if model.session.snippets.is_empty() {
        return Ui::say("no snippets: add them to the config file under [snippets]");
    }
    let row = |snippet: &Snippet| {
        let item = Item { label: snippet.name.clone(), detail: snippet.text.clone() };
        (item, OverlayAction::Snippet(snippet.text.clone()))
    };
    let title = "snippets (Tab steps through <placeholders>)";
    ui.put_on_top(List::new(title, model.session.snippets.iter().map(row).collect()))
}

fn redo_text(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.prompt.redo();
    ui.words()
}

/// Accepts the suggestion, the next placeholder or the fix of a lint; else goes to the next pane.
fn take(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if ui.prompt.is_empty()
        && let Some(suggestion) = suggestion(model)
    {
        ui.prompt.set_text(suggestion.words);
        return ui.words();
    }
    if ui.recall.slots && ui.prompt.select_slot() {
        return Vec::new();
    }
    ui.recall.slots = false;
    if let Some(fixed) = hint(model).and_then(|hint| hint.fix) {
        ui.prompt.replace(&fixed);
        return ui.words();
    }
    ui.step_pane(1)
}

fn one_normal(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.mode = Mode::OneShot;
    Vec::new()
}

fn keep(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let keep = Keep::new(&ui.prompt.text());
    ui.put_on_top(keep)
}

/// One change a line.
fn split(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    match schema::lint::split(&ui.prompt.text()) {
        Some(lines) => {
            ui.prompt.replace(&lines);
            let mut actions = ui.words();
            actions.extend(Ui::say("split into one change per line · :steps runs them in order"));
            actions
        }
        None => Ui::say("only one change in the prompt"),
    }
}

fn steps(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    vec![Action::Draft(DraftAction::SetPrompt(ui.prompt.text())), Action::Queue(QueueAction::Steps)]
}
