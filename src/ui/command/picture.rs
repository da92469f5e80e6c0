//! Commands on the current picture: edit, repeat, star, trash, copy, save.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Args, CommandRow, Stakes};
use crate::app::action::{Action, DraftAction, PictureAction, QueueAction, TreeAction};
use crate::app::compare::filename_template::{self, Target, TemplateFields};
use crate::app::model::Model;
use crate::schema::regions;
use crate::tree::decision::Mark;
use crate::tree::index::NodeSummary;
use crate::tree::{Input as Picture, NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::copy_menu;
use crate::ui::hint;
use crate::ui::mode::KeyContext::{ByName, Normal};
use crate::ui::mode::Mode;
use crate::ui::overlay::input::{Input, InputSpec};
use crate::ui::overlay::{about, trash};
use crate::ui::pane::Pane;

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("edit", Normal, &["e", "alt-e"], "edit from this picture", edit).takes_text().sought_as(&["branch", "fork", "start here", "continue", "base"]),
    CommandRow::new("follow", Normal, &["F"], "follow new results or not", |_, model, _| vec![Action::Tree(TreeAction::Follow(!model.trail.follow))]).stakes(Stakes::Little).sought_as(&["latest", "newest", "automatic"]),
    CommandRow::new("reroll", Normal, &["r", "alt-r"], "repeat with a new seed; 3r: three of them", |_, _, args| vec![Action::Queue(QueueAction::Reroll { times: args.times() })]).counted().stakes(Stakes::Costs).sought_as(&["variants", "several", "retry", "again", "variation", "another", "regenerate", "random", "repeat"]),
    CommandRow::new("rerun", Normal, &["R"], "repeat with the same seed", |_, _, _| vec![Action::Queue(QueueAction::Rerun)]).stakes(Stakes::Costs).sought_as(&["repeat", "same", "again", "reproduce"]),
    CommandRow::new("star", Normal, &["*", "alt-*"], "star this picture", star).sought_as(&["favourite", "favorite", "like", "bookmark", "keep"]),
    CommandRow::new("trash", Normal, &["d"], "move to the trash", trash).stakes(Stakes::Deletes).sought_as(&["delete", "remove", "discard", "erase", "bin"]),
    CommandRow::new("undo", Normal, &["z", "alt-z"], "undo the last decision", undo).counted().stakes(Stakes::Little).sought_as(&["revert", "mistake", "take back"]),
    CommandRow::new("redo", Normal, &["Z", "alt-Z"], "redo what was undone", |_, _, args| vec![Action::Tree(TreeAction::Redo { times: args.times() })]).counted().stakes(Stakes::Little).sought_as(&["repeat"]),
    CommandRow::new("name", Normal, &["b"], "name the branch", |ui, model, args| ui.ask(model, &NAME, args)).takes_text().stakes(Stakes::Little).sought_as(&["rename", "label", "title"]),
    CommandRow::new("about", Normal, &["I"], "show details; recipe, changes, quality", about).sought_as(&["info", "inspect", "metadata", "properties", "inspector"]),
    CommandRow::new("copy", Normal, &["y"], "copy prompt, seed, URL or code; also the path, and the line that fetches it", copy).sought_as(&["clipboard", "yank", "share", "export", "curl", "python", "javascript"]),
    CommandRow::new("open-outside", Normal, &["o"], "open in another program", open_outside).stakes(Stakes::Little).sought_as(&["view", "viewer", "external", "browser"]),
    CommandRow::new("save", ByName, &[], "save as a file; with its recipe; :save {node}-{prompt}.{ext}", save).takes_text().aliases(&["w"], "save as a file: :w NAME").sought_as(&["export", "download", "write", "file"]),
    CommandRow::new("rebase", ByName, &[], "change this step's prompt; replays the steps you last followed after it, as a new branch", |ui, model, args| ui.ask(model, &REBASE, args)).takes_text().stakes(Stakes::Costs).sought_as(&["reword", "change earlier"]),
    CommandRow::new("replay", ByName, &[], "replay its steps on files; :replay shots/*.png", |ui, model, args| ui.ask(model, &REPLAY, args)).takes_text().stakes(Stakes::Costs).sought_as(&["batch", "apply to others", "folder"]),
    CommandRow::new("trash-list", ByName, &[], "list the trash; Enter restores", trash_list).sought_as(&["restore", "recover", "deleted", "undelete", "bin"]),
    CommandRow::new("sync", ByName, &[], "send synchronously or not; lost if editree ends meanwhile", |_, model, _| vec![Action::Queue(QueueAction::Sync(!model.composer.run.sync))]).stakes(Stakes::Little),
];

const NAME: InputSpec = InputSpec {
    title: "branch name",
    initial: |model| model.current_node().map(|node| node.name.clone().unwrap_or_default()),
    accept: |on, name| Some(Action::mark(on?.node, Mark::Name(name))),
};

const SAVE: InputSpec = InputSpec {
    title: "save as",
    initial: |model| model.current.map(|_| String::new()),
    accept: |on, name| {
        let name = name.unwrap_or_else(|| filename_template::DEFAULT_NAME.to_owned());
        Some(Action::Picture(PictureAction::CopyOut { picture: on?, name }))
    },
};

/// What an empty line means is told as it would be called, and where.
fn save(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let name = model.current.filter(|_| args.text.is_none()).and_then(|it| usual_name(model, it));
    let Some(name) = name else { return ui.ask(model, &SAVE, args) };
    let folder = match model.session.folder.as_str() {
        "" => String::new(),
        folder => format!(" · in {folder}"),
    };
    let title = format!("{} (empty: {name}){folder}", SAVE.title);
    ui.put_on_top(Input::new(&SAVE, model.current, String::new()).titled(title))
}

fn usual_name(model: &Model, picture: PictureRef) -> Option<String> {
    let node = model.nodes.get(&picture.node)?;
    let at = node.pictures.iter().position(|it| it.hash == picture.picture)?;
    let short = filename_template::model_of(node, &model.catalogue);
    let facts = TemplateFields::of(node, at + 1, &short, Default::default());
    let name = Target::read(Path::new(filename_template::DEFAULT_NAME)).ok()?;
    Some(name.fill(&facts).display().to_string())
}

const REBASE: InputSpec = InputSpec {
    title: "new prompt for this step",
    initial: |model| {
        let prompt = &model.current_node()?.recipe.as_ref()?.prompt;
        Some(regions::read(prompt).map_or_else(|| prompt.clone(), |parsed| parsed.words))
    },
    accept: |on, words| Some(Action::Queue(QueueAction::Rebase { node: on?.node, words: words? })),
};

const REPLAY: InputSpec = InputSpec {
    title: "replay on these pictures, such as shots/*.png",
    initial: |model| model.current_node().map(|_| String::new()),
    accept: |on, pattern| {
        Some(Action::Queue(QueueAction::Replay { node: on?.node, on: pattern?.into() }))
    },
};

/// Goes to the prompt, where typing describes the edit; words that are given stand there at once.
fn edit(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let Some(picture) = model.current else {
        return Ui::say("no picture to edit from");
    };
    if model.is_filtered(picture) {
        let (node, again) = (picture.node, hint::way(ui, "reroll"));
        let text = format!("{node} was filtered: there is no picture of it · {again}: new seed");
        return Ui::say(&text);
    }
    ui.focus_on(Pane::PROMPT);
    let words = args.text.map(|words| ui.take_up(model, &words)).unwrap_or_default();
    words.into_iter().chain([Action::Draft(DraftAction::Parent(Some(picture)))]).collect()
}

pub(super) fn add_reference(_: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Some(picture) = model.current else {
        return Ui::say("no picture to add");
    };
    let input = Picture::Picture(picture);
    if model.draft.parent == Some(picture) || model.draft.references.contains(&input) {
        let node = picture.node;
        return Ui::say(&format!(
            "{node} goes into this edit already: go to another picture first"
        ));
    }
    vec![Action::Draft(DraftAction::AddReference(input))]
}

/// On the contact sheet the frame goes to what is back.
fn undo(ui: &mut Ui, _: &Model, args: Args) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.follows_undo = true;
    }
    vec![Action::Tree(TreeAction::Undo { times: args.times() })]
}

fn trash_list(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    match model.tree.summaries().any(|summary| summary.trashed) {
        true => ui.put_on_top(trash::list(model)),
        false => Ui::say("the trash is empty"),
    }
}

fn open_outside(_: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    match model.current {
        Some(picture) => vec![Action::Picture(PictureAction::OpenExternally(picture.picture))],
        None => Ui::say("no picture to open"),
    }
}

fn about(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.put_on_top(about::About::default());
    vec![Action::Picture(PictureAction::Measure)]
}

fn copy(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    match copy_menu::menu(model) {
        Some(menu) => ui.put_on_top(menu),
        None => Vec::new(),
    }
}

fn star(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    on_nodes(ui, model, |summary| summary.starred, |node, on| Action::mark(node, Mark::Star(on)))
}

fn trash(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let trash = |node, on| Action::mark(node, Mark::Trash(on));
    let actions = on_nodes(ui, model, |summary| summary.trashed, trash);
    ask_trash(ui, model, actions)
}

/// The marked nodes in the tree, else the one on the canvas. Where they differ, all become what the
/// first is not.
fn on_nodes(
    ui: &mut Ui,
    model: &Model,
    state: impl Fn(&NodeSummary) -> bool,
    action: impl Fn(NodeId, bool) -> Action,
) -> Vec<Action> {
    let is_listed = ui.focus == crate::ui::panes::tree::PANE.id || ui.sheet().is_some();
    let marked = &mut ui.panes.tree.marked;
    let chosen: Vec<NodeId> = match is_listed && !marked.is_empty() {
        true => std::mem::take(marked).into_iter().collect(),
        false => model.current.iter().map(|current| current.node).collect(),
    };
    let summaries: Vec<NodeSummary> =
        chosen.iter().filter_map(|node| model.tree.get(*node)).collect();
    let Some(on) = summaries.first().map(|summary| !state(summary)) else {
        return Ui::say("no picture selected");
    };
    let others = summaries.into_iter().filter(|summary| state(summary) != on);
    others.map(|summary| action(summary.id, on)).collect()
}

/// Asks first if descendants would be trashed too.
pub(super) fn ask_trash(ui: &mut Ui, model: &Model, actions: Vec<Action>) -> Vec<Action> {
    let trashed: BTreeSet<NodeId> = actions.iter().filter_map(trashed).collect();
    let is_blind = ui.sheet().is_some_and(|sheet| sheet.blind);
    match trash::ask(model, &trashed, is_blind, actions.clone()) {
        Some(asks) => ui.put_on_top(asks),
        None => actions,
    }
}

fn trashed(action: &Action) -> Option<NodeId> {
    let Action::Tree(TreeAction::Mark { node, mark: Mark::Trash(true) }) = action else {
        return None;
    };
    Some(*node)
}
