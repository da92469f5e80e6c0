//! What a person does to the draft. Sends nothing.

use serde_json::Value;

use crate::app::action::{DraftAction, Purpose};
use crate::app::draft::{Choice, Draft, MOST_ASIDE, Owner, Seed};
use crate::app::effect::{Effect, PictureEffect, ScreenEffect, StoreEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::chain;
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone, failure_notice};
use crate::app::tree::decisions;
use crate::schema::Endpoint;
use crate::schema::regions::{self, Region};
use crate::tree::decision::Change;
use crate::tree::{Hash, Input, Node, PictureRef};

pub(in crate::app) fn on_action(model: &mut Model, out: &mut Effects, action: DraftAction) {
    match action {
        DraftAction::SetPrompt(prompt) => set_prompt(model, prompt),
        DraftAction::SetAsidePrompts(prompts) => put_aside(model, prompts),
        DraftAction::Compose { draft, run } => {
            let aside = std::mem::take(&mut model.draft.aside);
            model.draft = Draft { aside, ..*draft };
            model.composer.run = run;
            model.composer.is_dirty = true;
        }
        DraftAction::Set { name, value } => set_value(model, out, name, value),
        DraftAction::SetSeed(seed) => {
            model.draft.seed = seed;
            model.composer.field_errors.remove("seed");
            model.composer.is_dirty = true;
        }
        DraftAction::ResetValues => reset_values(model, out),
        DraftAction::Choose(choice) => choose(model, choice),
        DraftAction::Parent(parent) => set_parent(model, out, parent),
        DraftAction::AddReference(input) => add_reference(model, out, input),
        DraftAction::DropReference(at) => {
            let mut references = model.draft.references.clone();
            if at < references.len() {
                references.remove(at);
                set_references(model, out, references);
            }
        }
        DraftAction::MoveReference { from, to } => {
            let mut references = model.draft.references.clone();
            if from < references.len() && to < references.len() {
                references.swap(from, to);
                set_references(model, out, references);
            }
        }
        DraftAction::SetRegions(regions) => set_regions(model, out, regions),
        DraftAction::AddFiles { paths, purpose } => {
            out.push(Effect::Picture(PictureEffect::OpenFiles { paths, purpose }));
        }
        DraftAction::List(folder) => out.push(Effect::Picture(PictureEffect::List(folder))),
        DraftAction::PreviewFile(path) => {
            out.push(Effect::Picture(PictureEffect::PreviewFile(path)));
        }
        DraftAction::Translate => translate(model, out),
        DraftAction::EditInEditor => {
            out.push(Effect::Screen(ScreenEffect::EditInEditor(model.draft.prompt.clone())));
        }
    }
}

/// The only way of the draft into the store: nothing but the workbench's goes it.
pub(in crate::app) fn keep(model: &mut Model, out: &mut Effects) {
    model.composer.is_dirty = false;
    match model.session.owner {
        Owner::Workbench => {
            out.push(Effect::Store(StoreEffect::SaveDraft(Box::new(model.draft.clone()))))
        }
        Owner::Command => {}
    }
}

/// The first letter pins the parent that the draft has then; nothing else is to do for it: only
/// results leave a draft with letters alone.
fn set_prompt(model: &mut Model, words: String) {
    if model.draft.prompt != words {
        model.draft.prompt = words;
        model.composer.is_dirty = true;
    }
}

/// Words of an editor. Where it has left none, those before are only put aside.
pub(in crate::app) fn take_edited_prompt(model: &mut Model, words: String) {
    if words.is_empty() && model.draft.is_pinned() {
        let mut aside = model.draft.aside.clone();
        aside.push(model.draft.prompt.clone());
        put_aside(model, aside);
        let notice = Notice::new(Tone::Info, "the editor returned an empty prompt");
        model.say(notice.hint(Hint::to(CommandId::LaterPrompt, "take the one before")));
    }
    set_prompt(model, words);
}

fn translate(model: &mut Model, out: &mut Effects) {
    if !model.session.translates {
        let notice = Notice::new(Tone::Info, "no command translates prompts");
        let hint = "set `[translate] command` in the config file";
        return model.say(notice.hint(hint));
    }
    if model.draft.prompt.trim().is_empty() {
        return model.say(Notice::new(Tone::Info, "there is no prompt to translate"));
    }
    model.say(Notice::new(Tone::Info, "translating the prompt…"));
    out.push(Effect::Translate(model.draft.prompt.clone()));
}

/// Takes the place of what it was made of; words that were typed meanwhile stay.
pub(in crate::app) fn take_translated(model: &mut Model, from: String, to: String) {
    let mut aside = model.draft.aside.clone();
    let (kept, text) = match model.draft.prompt == from {
        true => (from, "translated"),
        false => (to.clone(), "translated, but the prompt has changed meanwhile"),
    };
    let is_taken = text == "translated";
    aside.retain(|words| *words != kept);
    aside.push(kept);
    put_aside(model, aside);
    if is_taken {
        set_prompt(model, to);
    }
    let hint = if is_taken { "take the words before" } else { "take the translation" };
    model.say(Notice::new(Tone::Good, text).hint(Hint::to(CommandId::LaterPrompt, hint)));
}

/// The oldest go first when there are too many.
fn put_aside(model: &mut Model, mut words: Vec<String>) {
    words.drain(..words.len().saturating_sub(MOST_ASIDE));
    model.draft.aside = words;
    model.composer.is_dirty = true;
}

fn set_value(model: &mut Model, out: &mut Effects, name: String, value: Option<Value>) {
    let from = model.draft.values.get(&name).cloned();
    if from != value {
        decisions::decide(model, out, Change::Value { name, from, to: value });
    }
}

fn reset_values(model: &mut Model, out: &mut Effects) {
    for name in model.draft.values.keys().cloned().collect::<Vec<_>>() {
        set_value(model, out, name, None);
    }
    model.draft.seed = Seed::Random;
    model.composer.field_errors.clear();
}

pub(in crate::app) fn choose(model: &mut Model, choice: Choice) {
    model.draft.choice = choice;
    model.composer.is_dirty = true;
    say_endpoint(model);
}

/// Which endpoint follows from the number of pictures is said, never silent.
fn say_endpoint(model: &mut Model) {
    model.say(endpoint_notice(model));
}

fn endpoint_notice(model: &Model) -> Notice {
    let pictures = match model.draft.pictures() {
        0 => "no picture".to_owned(),
        1 => "1 picture".to_owned(),
        many => format!("{many} pictures"),
    };
    match model.endpoint() {
        Ok(endpoint) => Notice::new(Tone::Info, format!("{pictures}: {}", endpoint.id)),
        Err(problem) => Notice::new(Tone::Warning, problem.to_string()),
    }
}

/// A path that was pasted or dropped is no words: what became of it, and how it is taken away.
fn say_added(model: &mut Model, titles: &[String]) {
    let (what, hint) = match titles {
        [] => return,
        [title] => (format!("{title} goes along"), "take it away"),
        titles => (format!("{} files go along", titles.len()), "take them away"),
    };
    let notice = endpoint_notice(model);
    model.say(match notice.tone {
        Tone::Info => Notice { text: format!("{what}; {}", notice.text), ..notice }
            .hint(Hint::to(CommandId::References, hint)),
        _problem => notice,
    });
}

fn set_parent(model: &mut Model, out: &mut Effects, parent: Option<PictureRef>) {
    let from = model.draft.parent;
    if from != parent {
        decisions::decide(model, out, Change::Parent { from, to: parent });
        // They were drawn on another picture.
        set_regions(model, out, Vec::new());
    }
    match parent {
        Some(picture) => {
            let text = format!("the next edit starts from {}", model.name(picture));
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
    decisions::decide(model, out, Change::References { from, to: references });
    say_endpoint(model);
}

fn set_regions(model: &mut Model, out: &mut Effects, mut regions: Vec<Region>) {
    if regions.len() > regions::MOST {
        let text = format!("a prompt takes at most {} boxes", regions::MOST);
        model.say(Notice::new(Tone::Warning, text));
        regions.truncate(regions::MOST);
    }
    let from = model.draft.regions.clone();
    if from != regions {
        decisions::decide(model, out, Change::Regions { from, to: regions });
    }
}

/// Files that became root nodes, or why not.
pub(in crate::app) fn opened(
    model: &mut Model,
    out: &mut Effects,
    files: Vec<Result<Node, Failure>>,
    purpose: Purpose,
) {
    let mut as_parent = match purpose {
        Purpose::Parent => true,
        Purpose::References => model.draft.parent.is_none(),
        Purpose::Roots | Purpose::Replay { .. } => false,
    };
    let mut replayed = Vec::new();
    let mut beside = 0;
    let mut added: Vec<String> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for file in files {
        let node = match file {
            Ok(node) => node,
            Err(failure) => {
                model.note(Level::Warning, None, failure.message.clone());
                failures.push(failure);
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
            model.composer.is_dirty = true;
            model.say(Notice::new(Tone::Info, format!("{id} opened: {title}")));
            continue;
        }
        match purpose {
            Purpose::Replay { .. } => replayed.push(picture),
            // Nobody has asked for references.
            Purpose::Parent | Purpose::Roots => beside += 1,
            Purpose::References => {
                model.draft.references.push(Input::Picture(picture));
                model.composer.is_dirty = true;
                added.push(title);
            }
        }
    }
    if failures.is_empty() {
        say_added(model, &added);
    }
    if beside > 0 && failures.is_empty() {
        let shown =
            model.current.map_or(String::new(), |shown| format!(", {} is shown", shown.node));
        let text = format!("opened {beside} more pictures{shown}");
        let hint = Hint::to(CommandId::Sheet, "show them all");
        model.say(Notice::new(Tone::Info, text).hint(hint));
    }
    if let (Purpose::Replay { node, terms }, false) = (purpose, replayed.is_empty()) {
        chain::replay_on(model, out, node, &replayed, terms);
    }
    // What went well is seen; why a file did not is told by nothing else.
    for failure in &failures {
        model.say(failure_notice(failure));
    }
}

/// Asks what leaves of those pictures of the draft of which it is not known.
pub(in crate::app) fn ask_what_leaves(model: &mut Model, out: &mut Effects) {
    if model.session.owner != Owner::Workbench {
        return;
    }
    let need = model.endpoint().map(Endpoint::input_need).unwrap_or_default();
    let references = model.draft.references.iter().filter_map(|input| match input {
        Input::Picture(picture) => Some(*picture),
        Input::Url(_) => None,
    });
    let pictures = model.draft.parent.into_iter().chain(references);
    let pictures: Vec<Hash> = pictures.map(|picture| picture.picture).collect();
    let pictures = model.composer.sent.missing(need, &pictures);
    if !pictures.is_empty() {
        out.push(Effect::Picture(PictureEffect::DescribeSent { pictures, need }));
    }
}
