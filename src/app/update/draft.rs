//! What a person does: to the draft here, to jobs and tree in the files beside this one.

use serde_json::Value;

use super::super::action::{Action, Purpose};
use super::super::draft::{Choice, MOST_ASIDE, Owner};
use super::super::effect::Effect;
use super::super::failure::Failure;
use super::super::hint::{CommandId, Hint};
use super::super::log::Level;
use super::super::model::Model;
use super::super::notice::{Notice, Tone, failure_notice};
use super::{Effects, cancel, chain, compare, jobs, money, send, tree, waiting};
use crate::tree::decision::Change;
use crate::tree::{Input, Node, PictureRef};

pub(super) fn on_action(model: &mut Model, out: &mut Effects, action: Action) {
    match action {
        Action::SetPrompt(words) => set_prompt(model, words),
        Action::SetAsidePrompts(words) => put_aside(model, words),
        Action::Set { name, value } => set_value(model, out, name, value),
        Action::SetSeed(seed) => {
            model.draft.seed = seed;
            model.field_errors.remove("seed");
            model.draft_dirty = true;
        }
        Action::ResetValues => reset_values(model, out),
        Action::Choose(choice) => choose(model, choice),
        Action::Parent(parent) => set_parent(model, out, parent),
        Action::AddReference(input) => add_reference(model, out, input),
        Action::DropReference(at) => {
            let mut references = model.draft.references.clone();
            if at < references.len() {
                references.remove(at);
                set_references(model, out, references);
            }
        }
        Action::MoveReference { from, to } => {
            let mut references = model.draft.references.clone();
            if from < references.len() && to < references.len() {
                references.swap(from, to);
                set_references(model, out, references);
            }
        }
        Action::AddFiles { paths, purpose } => out.push(Effect::OpenFiles { paths, purpose }),
        Action::List(folder) => out.push(Effect::List(folder)),
        Action::PreviewFile(path) => out.push(Effect::PreviewFile(path)),
        Action::EditInEditor => out.push(Effect::EditInEditor(model.draft.prompt.clone())),
        Action::Sync(on) => send::choose_sync(model, on),
        Action::Run => send::run(model, out),
        Action::Reroll { times } => send::reroll(model, out, times),
        Action::Rerun => send::rerun(model, out),
        Action::Cancel(id) => cancel::cancel(model, out, id),
        Action::CancelWaiting => send::cancel_waiting(model, out),
        Action::Release(id) => send::release(model, out, id),
        Action::Hold(id) => jobs::hold_back(model, out, id),
        Action::Answer(yes) => money::answer(model, out, yes),
        Action::SendAgain(id) => money::send_again(model, out, id),
        Action::Dismiss(id) => waiting::put_away(model, out, id),
        Action::PauseQueue => pause(model),
        Action::MoveJob { job, by } => send::move_in_queue(model, job, by),
        Action::Show(picture) => tree::show(model, picture),
        Action::Go { to, times } => tree::go(model, out, to, times),
        Action::Follow(on) => {
            model.follow = on;
            let text = if on {
                "follow: the newest result is what the next edit goes on from"
            } else {
                "follow is off: the canvas and the draft stay where they are"
            };
            model.say(Notice::new(Tone::Info, text));
        }
        Action::Star { .. } | Action::Trash { .. } | Action::Rate { .. } | Action::Name { .. } => {
            mark(model, out, action);
        }
        Action::Undo { times } => tree::undo(model, out, times),
        Action::Redo { times } => tree::redo(model, out, times),
        Action::Compare { a, b } => compare::compare(model, out, (a, b)),
        Action::Measure => compare::measure(model, out),
        Action::Annotate { on, annotation } => out.push(Effect::Annotate { on, annotation }),
        Action::PreviewHeal { child, strength } => compare::try_heal(model, out, child, strength),
        Action::Heal { strength } => compare::heal(model, out, strength),
        Action::Search(text) => compare::search(model, out, text),
        Action::Sweep(_) | Action::Grid(_) | Action::Steps | Action::Rebase { .. } => {
            send_several(model, out, action);
        }
        Action::Need(nodes) => {
            let unknown = |node: &_| !model.nodes.contains_key(node);
            let nodes: Vec<_> = nodes.into_iter().filter(unknown).collect();
            if !nodes.is_empty() {
                out.push(Effect::LoadNodes(nodes));
            }
        }
        Action::Profile(name) => send::switch_profile(model, out, name),
        Action::Project(name) => send::change_project(model, out, name),
        Action::Copy { .. }
        | Action::CopyPath { .. }
        | Action::OpenExternally(_)
        | Action::CopyOut { .. }
        | Action::Mouse(_)
        | Action::EnableTmuxPassthrough
        | Action::InjectFault(_) => outside(model, out, action),
        Action::Say(notice) => model.say(notice),
        Action::Account => out.push(Effect::LoadAccount),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Quit => send::quit(model, out),
    }
}

/// More than one request at a press.
fn send_several(model: &mut Model, out: &mut Effects, action: Action) {
    match action {
        Action::Sweep(recipes) => send::sweep(model, out, recipes),
        Action::Grid(recipes) => send::grid(model, out, recipes),
        Action::Steps => chain::steps(model, out),
        Action::Rebase { node, words } => chain::rebase(model, out, node, words),
        // `act` hands over nothing else.
        _ => {}
    }
}

/// What a person thinks of a node.
fn mark(model: &mut Model, out: &mut Effects, action: Action) {
    let known = |model: &Model, node| model.nodes.get(&node).cloned();
    match action {
        Action::Star { node, on } => tree::decide(model, out, Change::Star { node, on }),
        Action::Trash { node, on } => {
            tree::decide(model, out, Change::Trash { node, on });
            let along = match model.tree.below(node).len() {
                0 => String::new(),
                count => format!(" and {count} more"),
            };
            model.say(match on {
                true => {
                    Notice::new(Tone::Info, format!("{node}{along} in the trash")).hint(Hint::to(
                        CommandId::Undo,
                        "bring it back; the trash keeps it for 30 days or more",
                    ))
                }
                false => Notice::new(Tone::Info, format!("{node} is back from the trash")),
            });
        }
        Action::Rate { node, rating } => {
            let from = known(model, node).map_or(0, |node| node.rating);
            if from != rating {
                tree::decide(model, out, Change::Rate { node, from, to: rating });
            }
        }
        Action::Name { node, name } => {
            let from = known(model, node).and_then(|node| node.name);
            tree::decide(model, out, Change::Name { node, from, to: name });
        }
        // `act` hands over nothing else.
        _ => {}
    }
}

/// What others do for us: the terminal, another program, the simulator.
fn outside(model: &mut Model, out: &mut Effects, action: Action) {
    match action {
        Action::Copy { text, what } => out.push(Effect::Copy { text, what }),
        Action::CopyPath { picture, scp } => out.push(Effect::CopyPath { picture, scp }),
        Action::InjectFault(word) => {
            let profile = model.profile.name.clone();
            out.push(Effect::InjectFault { profile, word });
        }
        Action::Mouse(on) => {
            let text = match on {
                true => "the mouse clicks and scrolls here; Shift selects text in most terminals",
                false => "the mouse is the terminal's again",
            };
            model.say(Notice::new(Tone::Info, text));
            out.push(Effect::Mouse(on));
        }
        Action::OpenExternally(hash) => out.push(Effect::OpenExternally(hash)),
        Action::EnableTmuxPassthrough => out.push(Effect::EnableTmuxPassthrough),
        Action::CopyOut { picture, name } => compare::copy_out(model, out, picture, &name),
        // `act` hands over nothing else.
        _ => {}
    }
}

/// The only way of the draft into the store: nothing but the workbench's goes it.
pub(super) fn keep(model: &mut Model, out: &mut Effects) {
    model.draft_dirty = false;
    match model.owner {
        Owner::Workbench => out.push(Effect::SaveDraft(Box::new(model.draft.clone()))),
        Owner::Command => {}
    }
}

/// The first letter pins the parent that the draft has then; nothing else is to do for it: only
/// results leave a draft with letters alone.
fn set_prompt(model: &mut Model, words: String) {
    if model.draft.prompt != words {
        model.draft.prompt = words;
        model.field_errors.remove("prompt");
        model.draft_dirty = true;
    }
}

/// Words of an editor. Where it has left none, those before are only put aside.
pub(super) fn take_edited_prompt(model: &mut Model, words: String) {
    if words.is_empty() && model.draft.is_pinned() {
        let mut aside = model.draft.aside.clone();
        aside.push(model.draft.prompt.clone());
        put_aside(model, aside);
        let notice = Notice::new(Tone::Info, "the editor left no words");
        model.say(notice.hint(Hint::to(CommandId::LaterPrompt, "take those before")));
    }
    set_prompt(model, words);
}

/// The oldest go first when there are too many.
fn put_aside(model: &mut Model, mut words: Vec<String>) {
    words.drain(..words.len().saturating_sub(MOST_ASIDE));
    model.draft.aside = words;
    model.draft_dirty = true;
}

fn set_value(model: &mut Model, out: &mut Effects, name: String, value: Option<Value>) {
    let from = model.draft.values.get(&name).cloned();
    if from != value {
        tree::decide(model, out, Change::Value { name, from, to: value });
    }
}

fn reset_values(model: &mut Model, out: &mut Effects) {
    for name in model.draft.values.keys().cloned().collect::<Vec<_>>() {
        set_value(model, out, name, None);
    }
    model.draft.seed = super::super::draft::Seed::Random;
    model.field_errors.clear();
}

fn choose(model: &mut Model, choice: Choice) {
    model.draft.choice = choice;
    model.draft_dirty = true;
    say_endpoint(model);
}

/// Which endpoint follows from the number of pictures is said, never silent.
fn say_endpoint(model: &mut Model) {
    let pictures = match model.draft.pictures() {
        0 => "no picture".to_owned(),
        1 => "1 picture".to_owned(),
        many => format!("{many} pictures"),
    };
    let notice = match model.endpoint() {
        Ok(endpoint) => Notice::new(Tone::Info, format!("{pictures}: {}", endpoint.id)),
        Err(problem) => Notice::new(Tone::Warning, problem.to_string()),
    };
    model.say(notice);
}

fn set_parent(model: &mut Model, out: &mut Effects, parent: Option<PictureRef>) {
    let from = model.draft.parent;
    if from != parent {
        tree::decide(model, out, Change::Parent { from, to: parent });
    }
    match parent {
        Some(picture) => {
            let text = format!("the next edit goes on from {}", picture.node);
            model.say(Notice::new(Tone::Info, text));
        }
        None => say_endpoint(model),
    }
}

fn add_reference(model: &mut Model, out: &mut Effects, input: Input) {
    let mut references = model.draft.references.clone();
    references.push(input);
    set_references(model, out, references);
}

fn set_references(model: &mut Model, out: &mut Effects, references: Vec<Input>) {
    let from = model.draft.references.clone();
    tree::decide(model, out, Change::References { from, to: references });
    say_endpoint(model);
}

fn pause(model: &mut Model) {
    model.queue_paused = !model.queue_paused;
    let text = if model.queue_paused {
        "our line is paused: nothing new leaves until p is pressed in the queue again"
    } else {
        "our line goes on"
    };
    model.note(Level::Info, None, text);
    model.say(Notice::new(Tone::Info, text));
}

/// Files that became root nodes, or why not.
pub(super) fn opened(
    model: &mut Model,
    out: &mut Effects,
    files: Vec<Result<Node, Failure>>,
    purpose: Purpose,
) {
    let mut as_parent = match purpose {
        Purpose::Parent => true,
        Purpose::References => model.draft.parent.is_none(),
        Purpose::Roots | Purpose::Replay(_) => false,
    };
    let mut replayed = Vec::new();
    let mut beside = 0;
    for file in files {
        let node = match file {
            Ok(node) => node,
            Err(failure) => {
                model.note(Level::Error, None, failure.message.clone());
                model.say(failure_notice(&failure));
                continue;
            }
        };
        let first = node.pictures.first().map(|picture| picture.hash);
        let (id, title) = (node.id, node.title.clone().unwrap_or_default());
        model.insert_node(node);
        model.note(Level::Info, None, format!("{id} opened: {title}"));
        let Some(picture) = first.map(|picture| PictureRef { node: id, picture }) else {
            continue;
        };
        if std::mem::take(&mut as_parent) {
            model.draft.parent = Some(picture);
            model.current = Some(picture);
            model.draft_dirty = true;
            model.say(Notice::new(Tone::Info, format!("{id} opened: {title}")));
            continue;
        }
        match purpose {
            Purpose::Replay(_) => replayed.push(picture),
            // Nobody has asked for references.
            Purpose::Parent | Purpose::Roots => beside += 1,
            Purpose::References => {
                model.draft.references.push(Input::Picture(picture));
                model.draft_dirty = true;
                say_endpoint(model);
            }
        }
    }
    if beside > 0 {
        let shown =
            model.current.map_or(String::new(), |shown| format!(", {} is shown", shown.node));
        let text = format!("{beside} more pictures are open{shown}");
        let hint = Hint::to(CommandId::Sheet, "show them all");
        model.say(Notice::new(Tone::Info, text).hint(hint));
    }
    if let (Purpose::Replay(node), false) = (purpose, replayed.is_empty()) {
        chain::replay(model, out, node, &replayed);
    }
}
