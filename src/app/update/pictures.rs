//! What is done with single pictures: compared, healed, annotated, copied out.

use std::path::Path;

use super::super::action::PictureAction;
use super::super::effect::{Effect, PictureEffect, ScreenEffect};
use super::super::failure::Failure;
use super::super::filename_template::{Target, model_of};
use super::super::log::Level;
use super::super::message::PictureResult;
use super::super::model::Model;
use super::super::notice::{Notice, Tone, failure_notice};
use super::{Effects, chain, compare, draft, or_say, tree};
use crate::tree::decision::Change;
use crate::tree::{Node, PictureRef};

pub(super) fn on_action(model: &mut Model, out: &mut Effects, action: PictureAction) {
    match action {
        PictureAction::Compare { a, b } => compare::compare(model, out, (a, b)),
        PictureAction::Measure => compare::measure(model, out),
        PictureAction::PreviewHeal { child, strength } => {
            compare::try_heal(model, out, child, strength);
        }
        PictureAction::Heal { strength } => compare::heal(model, out, strength),
        PictureAction::Annotate { on, annotation } => {
            out.push(Effect::Picture(PictureEffect::Annotate { on, annotation }));
        }
        PictureAction::OpenExternally(hash) => {
            out.push(Effect::Screen(ScreenEffect::OpenExternally(hash)));
        }
        PictureAction::CopyPath { picture, scp } => {
            out.push(Effect::Screen(ScreenEffect::CopyPath { picture, scp }));
        }
        PictureAction::CopyOut { picture, name } => copy_out(model, out, picture, &name),
    }
}

pub(super) fn on_result(model: &mut Model, out: &mut Effects, result: PictureResult) {
    match result {
        PictureResult::Opened { files, purpose } => draft::opened(model, out, files, purpose),
        PictureResult::Listed(listing) => model.listing = Some(*listing),
        PictureResult::FilePreviewed(preview) => model.peek = Some(*preview),
        PictureResult::Compared { a, b, found } => {
            compare::compared(model, (a, b), found);
            chain::compared(model, out, (a, b));
        }
        PictureResult::Annotated { on, node } => annotated(model, out, on, node),
        PictureResult::HealPreviewed(preview) => {
            if let Some(preview) = or_say(model, preview) {
                model.looks.heal_preview = Some(*preview);
            }
        }
        PictureResult::Healed(healed) => compare::healed(model, healed),
        PictureResult::CopiedOut { picture, path } => copied_out(model, picture, path),
    }
}

/// A name that means nothing is refused here; what the disk says comes later.
fn copy_out(model: &mut Model, out: &mut Effects, picture: PictureRef, name: &str) {
    let target = match Target::read(Path::new(name)) {
        Ok(target) => target,
        Err(failure) => return model.say(failure_notice(&failure)),
    };
    let node = model.nodes.get(&picture.node);
    let name = node.map(|node| model_of(node, &model.catalogue)).unwrap_or_default();
    out.push(Effect::Picture(PictureEffect::CopyOut { picture, target, model: name }));
}

fn copied_out(model: &mut Model, picture: PictureRef, path: Result<String, Failure>) {
    match path {
        Ok(path) => {
            let text = format!("{} is saved as {path}", picture.node);
            model.note(Level::Info, None, text.clone());
            let format = model.picture(picture).map(|kept| kept.format.clone()).unwrap_or_default();
            let notice = Notice::new(Tone::Good, text);
            model.say(match is_named_so(&path, &format) {
                true => notice,
                false => notice.hint(format!("whatever its name says, it is a {format}")),
            });
        }
        Err(failure) => {
            model.note(Level::Warning, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
    }
}

/// Pictures leave as they are: another ending makes no other picture of them.
fn is_named_so(path: &str, format: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let ending = ending.map(|ending| if ending == "jpg" { "jpeg".into() } else { ending });
    ending.is_none_or(|ending| ending == format)
}

/// A draft that went on from the picture goes on from what was drawn on it.
fn annotated(
    model: &mut Model,
    out: &mut Effects,
    on: PictureRef,
    node: Result<Box<Node>, Failure>,
) {
    let node = match node {
        Ok(node) => *node,
        Err(failure) => return model.say(failure_notice(&failure)),
    };
    let (id, title) = (node.id, node.title.clone().unwrap_or_default());
    let picture = node.pictures.first().map(|picture| picture.hash);
    model.insert_node(node);
    model.note(Level::Info, None, format!("{id}: {title}"));
    model.say(Notice::new(Tone::Good, format!("{id}: {title}, free")));
    let Some(picture) = picture.map(|picture| PictureRef { node: id, picture }) else {
        return;
    };
    tree::show(model, picture);
    if model.draft.parent == Some(on) {
        let change = Change::Parent { from: Some(on), to: Some(picture) };
        tree::decide(model, out, change);
    }
}
