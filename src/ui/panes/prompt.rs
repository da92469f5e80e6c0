//! The prompt pane: text, parent, and what blocks sending.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{FooterKeys, PaneSpec, Slot};
use crate::app::action::{Action, DraftAction, QueueAction};
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::app::session::Snippet;
use crate::schema::{self, Fit};
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::cells::{put, put_over, put_right};
use crate::ui::clauses;
use crate::ui::command::{Args, CommandRow, Stakes, session};
use crate::ui::compare::Compare;
use crate::ui::footer::message::{self, Sums};
use crate::ui::footer::{Money, length};
use crate::ui::frame::Frame;
use crate::ui::hint;
use crate::ui::mode::KeyContext::{ByName, Everywhere, Normal, Prompt};
use crate::ui::mode::Mode;
use crate::ui::overlay::OverlayAction;
use crate::ui::overlay::keep::Keep;
use crate::ui::overlay::list::List;
use crate::ui::overlay::picker::Item;
use crate::ui::overlay::sweep::Sweep;
use crate::ui::pane::Pane;
use crate::ui::suggestion::{hint, suggestion};
use crate::ui::theme::{Mark, Role};

pub const PANE: PaneSpec =
    PaneSpec { commands: ROWS, footer, ..PaneSpec::new(Pane::PROMPT, 'p', Slot::Bottom, draw) };

/// From this width on there is room beside the words.
const BESIDE: u16 = 60;
/// From this width on it is told what leaves, even where that is the very file.
const TELLS_ALL: u16 = 110;

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("prompt", Everywhere, &["alt-1"], "go to the prompt", |ui, _, _| ui.go_to(Pane::PROMPT)).sought_as(&["text", "words", "type", "write"]),
    CommandRow::new("run", Prompt, &["enter"], "send the request", run).stakes(Stakes::Costs).sought_as(&["send", "start", "generate", "make", "apply"]),
    CommandRow::new("newline", Prompt, &["ctrl-j", "alt-enter"], "insert a line break", newline).sought_as(&["enter", "line"]),
    CommandRow::new("normal", Prompt, &["esc"], "leave the prompt for commands; their keys are single letters", |ui, _, _| ui.go_to(Pane::CANVAS)).sought_as(&["commands", "vim", "leave"]),
    CommandRow::new("history", Prompt, &["ctrl-r"], "search earlier prompts", history).sought_as(&["earlier", "past", "previous prompts", "recall"]),
    CommandRow::new("editor", Prompt, &["ctrl-x ctrl-e"], "edit the prompt in $EDITOR", |_, _, _| vec![Action::Draft(DraftAction::EditInEditor)]).sought_as(&["vim", "nano"]),
    CommandRow::new("snippet", Prompt, &["ctrl-t"], "insert a snippet of the config", snippet).sought_as(&["template"]),
    CommandRow::new("undo-text", Prompt, &["ctrl-_", "ctrl-/"], "undo typing", |ui, model, _| ui.undo_text(model)).sought_as(&["revert"]),
    CommandRow::new("redo-text", Prompt, &["alt-/"], "redo typing", redo_text),
    CommandRow::new("take", Prompt, &["tab"], "accept the suggestion; or go to the next pane", take),
    CommandRow::new("one-normal", Prompt, &["ctrl-o"], "run one command key; stays here", one_normal),
    CommandRow::new("keep", ByName, &[], "keep parts unchanged; names in the prompt what stays: face, pose, background, light", keep).sought_as(&["preserve", "protect", "unchanged"]),
    CommandRow::new("split", ByName, &[], "split into single changes; one a line, for :steps", split),
    CommandRow::new("sweep", Normal, &["B"], "sweep seeds, guidance or endpoints; shows the price first", sweep).stakes(Stakes::Little).sought_as(&["grid", "variations", "batch", "experiment", "many"]),
    CommandRow::new("translate", ByName, &[], "translate the prompt; into English, by the command of the config file", |_, _, _| vec![Action::Draft(DraftAction::Translate)]).stakes(Stakes::Little).sought_as(&["language", "english"]),
    CommandRow::new("steps", ByName, &[], "send line after line; each on the last result", steps).stakes(Stakes::Costs).sought_as(&["chain", "sequence", "several"]),
];

fn footer(_: &Ui, model: &Model) -> FooterKeys {
    // How to take the suggestion stands beside it: here it would move all others at the first letter.
    let keys = [
        ("run", "run"),
        ("compare", "compare"),
        ("normal", "commands"),
        ("reroll", "new seed"),
        ("parent", "parent"),
        ("sheet", "sheet"),
    ];
    let is_told = |(name, _): &(&str, &str)| super::leads_somewhere(name, model);
    keys.into_iter().filter(is_told).collect()
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let cursor = draw_text(area, frame, model, ui);
    frame.cursor = frame.cursor.or(cursor.filter(|_| ui.in_prompt()));
}

fn draw_text(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) -> Option<Position> {
    let buffer = &mut frame.cells;
    let theme = ui.theme().in_field();
    buffer.set_style(area.intersection(buffer.area), theme.field());
    for row in 0..area.height {
        let bar = if ui.in_prompt() { theme.edge(true) } else { "│" };
        put(buffer, area, 0, row, bar, theme.border(ui.in_prompt()));
    }
    // As in the titles of the others.
    let begin = 2 + put(buffer, area, 1, 0, &super::number(Pane::PROMPT), theme.dim());
    let (told, money) = match area.width < BESIDE {
        true => (Vec::new(), None),
        false => (told(area, model, ui), Some(Money::in_prompt(model, ui, area.width))),
    };
    let beside = told.iter().map(|text| text.width() + 1).max().unwrap_or(0);
    let beside = money.as_ref().map_or(0, Money::width).max(beside);
    let beside = u16::try_from(beside).unwrap_or(u16::MAX).saturating_add(2);
    // It is plain, whatever else is on the screen, that this is not what one sees: as long as
    // something can be sent from here.
    let is_used = ui.in_prompt() || !model.draft.prompt.is_empty();
    let is_elsewhere =
        is_used && elsewhere(model, ui, area.width).is_some() && !has_own_picture(ui);
    // The money has the second row.
    for (row, text) in [0, 2].into_iter().zip(&told) {
        let style = match (row, is_elsewhere) {
            (0, true) => theme.banner(),
            (0, false) => theme.role(Role::Parent),
            _ => theme.dim(),
        };
        // As all else at the right it ends before the last column; a ground of its own does not.
        put_right(buffer, area, 0, row, &format!(" {text} "), style);
    }
    if let Some(money) = money {
        let money = match message::sums(area, model, ui) {
            Sums::All => money,
            Sums::Next => money.alone(),
        };
        money.draw(area, buffer, 0, 1, theme);
    }
    let width = area.width.saturating_sub(beside + begin);
    let inner = Rect { x: area.x + begin, width, ..area };
    let drawn = ui.prompt.draw(inner, buffer, ui.in_prompt());
    let last = area.height.saturating_sub(1);
    for (is_more, row, sign) in [(drawn.is_above, 0, "↑"), (drawn.is_below, last, "↓")] {
        put(buffer, area, begin - 1, row, if is_more { sign } else { "" }, theme.text());
    }
    if model.draft.prompt.is_empty() {
        draw_placeholder(inner, buffer, model, ui);
    }
    drawn.cursor
}

/// What to do where nothing is written yet.
fn draw_placeholder(inner: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme().in_field();
    let suggestion = suggestion(model);
    // Elsewhere, without the key that takes it, it would be read as what was written.
    let words = match suggestion.filter(|_| ui.in_prompt()) {
        Some(suggestion) => {
            let how = format!("   ({} to use)", keys(ui, "take"));
            let is_short = suggestion.words.width() + how.width() <= usize::from(inner.width);
            format!("{}{}", suggestion.words, if is_short { &how } else { "" })
        }
        None if model.draft.parent.is_none() => {
            let open = hint::way(ui, "open");
            format!("describe a picture, or open one: {open}")
        }
        None if model.draft.regions.is_empty() || !model.takes_boxes() => {
            "describe the change".into()
        }
        None if model.prompt().is_empty() => "what to change in the boxes".into(),
        None => "Enter sends the boxes; or say more".into(),
    };
    // Where one of them leads nowhere, those that go on from it do not either.
    let leads = suggestion.map_or(&[][..], |suggestion| suggestion.leads);
    let leads = match leads.iter().all(|(command, _)| super::leads_somewhere(command, model)) {
        true => leads,
        false => &[],
    };
    let is_done = |command: &str| command == "compare" && ui.comparing.mode != Compare::Off;
    // No key of the prompt is told where keys mean something else.
    let leads = leads.iter().filter(|(command, _)| ui.in_prompt() && !is_done(command));
    let leads: Vec<String> =
        leads.map(|(command, does)| format!("{} {does}", hint::way(ui, command))).collect();
    put(buffer, inner, 0, 1, &leads.join(" · "), theme.dim());
    // Beside the cursor, so that it is seen where typing begins.
    put(buffer, inner, 0, 0, &words, theme.ghost());
}

/// At the right of the words: where the edit starts and what it gives, and how long it is.
fn told(area: Rect, model: &Model, ui: &Ui) -> Vec<String> {
    [from(model, area.width)].into_iter().chain(length(model, ui)).collect()
}

fn from(model: &Model, width: u16) -> String {
    let from = match model.draft.parent {
        Some(parent) => format!("from {}", model.name(parent)),
        None => "from text".into(),
    };
    let references = model.draft.references.len();
    let more = if references > 0 { format!(" +{references}") } else { String::new() };
    let more = match (model.takes_boxes(), model.draft.regions.len()) {
        (false, _) | (true, 0) => more,
        (true, 1) => format!("{more}, 1 box"),
        (true, many) => format!("{more}, {many} boxes"),
    };
    let size = model.forecast().map_or(String::new(), |(w, h)| format!(" → {w}×{h}"));
    let sync = if model.composer.run.sync { " · SYNC: lost if editree ends" } else { "" };
    let sent = sent(model, width).map_or(String::new(), |sent| format!(" as {sent}"));
    let whole = format!("{from}{sent}{more}{size}{sync}");
    match sent.is_empty() || is_beside(&whole, width) {
        true => whole,
        false => format!("{from}{more}{size}{sync}"),
    }
}

/// The words keep half of their row.
fn is_beside(told: &str, width: u16) -> bool {
    told.width() + 2 <= usize::from(width / 2)
}

/// What of the parent leaves, where it is another file.
fn sent(model: &Model, width: u16) -> Option<String> {
    let parent = model.draft.parent?;
    let sent = model.sent(&Input::Picture(parent))?;
    // What the service has made it mostly has still.
    let is_own = model.picture(parent).is_some_and(|it| it.url.is_none());
    let tells_all = width >= TELLS_ALL && is_own;
    (tells_all || sent.is_reduced || sent.is_normalised).then(|| sent.words())
}

/// The row below the prompt: what keeps the draft back, what one may not have seen, advice.
pub fn rule(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let line = theme.lines(false)[0].repeat(usize::from(area.width));
    put(buffer, area, 0, 0, &line, theme.border(false));
    // A message comes first; what does not go beside it is back when the message has had its time.
    let mut x = message::taken(area, model, ui).max(message::INDENT - 1);
    for (text, style) in notes_at_rule(area, model, ui) {
        let room = usize::from(area.width.saturating_sub(x + 2));
        if x >= message::INDENT && text.width() > room {
            continue;
        }
        let text = clauses::whole(&text, room);
        x += put_over(buffer, area, (x, 0), &format!(" {text} "), style) + 1;
    }
}

/// All that the row has to tell.
fn notes_at_rule(area: Rect, model: &Model, ui: &Ui) -> Vec<(String, Style)> {
    let theme = ui.theme();
    let mut said: Vec<(String, Style)> = blocked(model, ui).into_iter().collect();
    // An event that names the base says it, and what has the keys in front of it tells its own.
    let hint = model.notice.as_ref().and_then(|notice| notice.hint.as_ref());
    let is_said = matches!(hint, Some(Hint::Do(CommandId::EditPicture, _)));
    // What went wrong is told alone.
    let went_wrong = model.notice.as_ref().is_some_and(|notice| notice.tone >= Tone::Warning);
    let is_next = ui.overlays.is_empty()
        && model.money.confirmation.is_none()
        && !is_said
        && !went_wrong
        && !has_own_picture(ui);
    // Its colour stands where the prompt tells its parent: one thing has it once.
    said.extend(
        elsewhere(model, ui, area.width).filter(|_| is_next).map(|words| (words, theme.text())),
    );
    said.extend(not_healed(model, ui).map(|words| (words, theme.warning())));
    said.extend(advice(model, ui));
    said.extend(boxes(model).map(|words| (words, theme.text())));
    let notes = notes(area, model, ui);
    said.extend((!notes.is_empty()).then(|| (notes.join(" · "), theme.dim())));
    said
}

/// The keys act on another picture than the prompt: nothing can be done about that now.
fn has_own_picture(ui: &Ui) -> bool {
    matches!(ui.mode, Mode::Region(_) | Mode::Heal(_))
}

/// Why a trial of healing came to nothing, where no details tell it.
fn not_healed(model: &Model, ui: &Ui) -> Option<String> {
    let Mode::Heal(healing) = &ui.mode else { return None };
    let is_told = ui.screen().layout().is_some_and(|layout| !layout.details.is_empty());
    let words = healing.refused_in_words(model).filter(|_| !is_told)?;
    Some(format!("{} {words}", ui.theme().mark(Mark::Warned)))
}

/// The words of each box, or that they are not sent.
fn boxes(model: &Model) -> Option<String> {
    let regions = &model.draft.regions;
    if regions.is_empty() {
        return None;
    }
    if !model.takes_boxes() {
        return Some("this model reads no boxes: they are not sent".into());
    }
    let words = regions.iter().enumerate().map(|(at, region)| match region.words.is_empty() {
        true => format!("{} what the prompt says", at + 1),
        false => format!("{} {}", at + 1, region.words),
    });
    Some(format!("boxes: {}", words.collect::<Vec<_>>().join(" · ")))
}

/// What else is worth knowing of the request.
fn notes(area: Rect, model: &Model, ui: &Ui) -> Vec<String> {
    let mut notes = Vec::new();
    if area.width < BESIDE {
        let from = from(model, area.width);
        notes.push(format!("{from} · {}", Money::of(model, ui, area.width).text().trim_end()));
    }
    let sent = sent(model, area.width).zip(model.draft.parent);
    let is_told = |sent: &String| from(model, area.width).contains(sent.as_str());
    let untold = sent.filter(|(sent, _)| !is_told(sent));
    notes.extend(untold.map(|(sent, parent)| format!("{} is sent as {sent}", parent.node)));
    notes.extend(matches!(ui.mode, Mode::OneShot).then(|| "one key".to_owned()));
    notes.extend(model.reshaping().map(|(wider, fit)| {
        let way = if wider > 0.0 { "wider" } else { "taller" };
        let means = match fit {
            Fit::Stretch => "stretched",
            Fit::Crop => "cropped",
            Fit::Pad => "extended",
        };
        format!("{:.0} % {way}: {means} (:crop)", (wider.abs() * 100.0).max(1.0))
    }));
    if area.width < BESIDE {
        notes.extend(length(model, ui));
    }
    notes
}

fn keys(ui: &Ui, command: &str) -> String {
    ui.keymap.keys_from(command, Prompt)
}

/// A warning if the canvas shows another picture than the draft's parent; whole in so many columns.
fn elsewhere(model: &Model, ui: &Ui, columns: u16) -> Option<String> {
    let (current, parent) = (model.current?, model.draft.parent?);
    let key = hint::way(ui, "edit");
    let swapped = ui.compare_with(model).filter(|_| ui.comparing.mode == Compare::Partner);
    if let Some(seen) = swapped.filter(|_| current != parent) {
        // No key is offered that acts on another picture than is seen.
        let edits =
            if ui.focus() == Pane::PROMPT { ", but Enter edits" } else { "; the prompt edits" };
        let told = || format!("you see {}{edits} {}", model.name(seen), model.name(parent));
        return (seen != parent).then(told);
    }
    (current != parent).then(|| {
        let (from, shown) = (model.name(parent), model.name(current));
        if model.is_filtered(current) {
            if ui.focus() != Pane::PROMPT {
                return format!("{shown} was filtered; the prompt edits {from}");
            }
            let again = hint::way(ui, "reroll");
            return format!("{shown} was filtered; Enter edits {from} · {again}: new seed");
        }
        // Where two are compared, what one sees is told above the picture.
        let is_alone = ui.compare_with(model).is_none();
        let starts = match (ui.focus() == Pane::PROMPT, is_alone) {
            (true, true) => format!("you see {shown}, but Enter edits {from}"),
            (false, true) => format!("you see {shown}; the prompt edits {from}"),
            (true, false) => format!("Enter edits {from}"),
            (false, false) => format!("the prompt edits {from}"),
        };
        let edits = format!("{key}: edit {shown}");
        let short = if ui.in_prompt() { format!("Enter edits {from}") } else { starts.clone() };
        let room = usize::from(columns.saturating_sub(message::INDENT + 2));
        let forms = [format!("{starts} · {edits} instead"), format!("{starts} · {edits}")];
        let form = forms.into_iter().find(|form| form.width() <= room);
        form.unwrap_or_else(|| format!("{short} · {edits}"))
    })
}

/// Why the draft cannot be sent.
fn blocked(model: &Model, ui: &Ui) -> Option<(String, Style)> {
    if model.prompt().is_empty() {
        return None;
    }
    let blockers = model.blockers();
    let (field, problem) = blockers.first()?;
    let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
    Some((format!("cannot be sent: {place}{problem}"), ui.theme().error()))
}

/// What the model does not read, else the first lint.
fn advice(model: &Model, ui: &Ui) -> Option<(String, Style)> {
    if model.draft.prompt.is_empty() {
        return None;
    }
    if let Some(text) = ui.prompt.lost() {
        let offer = if model.session.translates { " · :translate" } else { "" };
        return Some((format!("{text}{offer}"), ui.theme().warning()));
    }
    let hint = hint(model)?;
    let fix = match hint.fix {
        Some(_) => keys(ui, "take"),
        None => "hint".into(),
    };
    Some((format!("{fix}: {}", hint.message), ui.theme().text()))
}

fn run(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    ui.recall.at = None;
    let words = ui.prompt.text();
    if let Some(actions) = session::typed_where_words_are_sent(ui, model, &words) {
        return actions;
    }
    let send = ui.send_words(model, &words);
    vec![Action::Draft(DraftAction::SetPrompt(words)), send]
}

/// What begins with a colon is no prompt, and nobody pays for it.
fn sweep(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let words = ui.prompt.text();
    let command = session::typed_where_words_are_sent(ui, model, &words);
    command.unwrap_or_else(|| ui.put_on_top(Sweep::new(model)))
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

fn steps(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if let Some(actions) = session::typed_where_words_are_sent(ui, model, &ui.prompt.text()) {
        return actions;
    }
    vec![Action::Draft(DraftAction::SetPrompt(ui.prompt.text())), Action::Queue(QueueAction::Steps)]
}
