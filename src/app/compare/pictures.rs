//! What is done with single pictures: compared, healed, annotated, copied out.

use crate::app::compare::filename_template::{Target, model_of};
use crate::app::effect::{Effect, PictureEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::log::Level;
use crate::app::message::Copied;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone, failure_notice};
use crate::app::tree::{decisions, walk};
use crate::tree::decision::Change;
use crate::tree::{Node, PictureRef};
use std::path::Path;

/// A name that means nothing is refused here; what the disk says comes later.
pub(in crate::app) fn copy_out(
    model: &mut Model,
    out: &mut Effects,
    picture: PictureRef,
    name: &str,
) {
    let target = match Target::read(Path::new(name)) {
        Ok(target) => target,
        Err(failure) => return model.say(failure_notice(&failure)),
    };
    let node = model.nodes.get(&picture.node);
    let name = node.map(|node| model_of(node, &model.catalogue)).unwrap_or_default();
    out.push(Effect::Picture(PictureEffect::CopyOut { picture, target, model: name }));
}

pub(in crate::app) fn copied_out(
    model: &mut Model,
    picture: PictureRef,
    copied: Result<Copied, Failure>,
) {
    match copied {
        Ok(Copied { path, was_taken, format }) => {
            let taken = if was_taken { ": the other name was taken" } else { "" };
            let text = format!("{} is saved as {path}{taken}", model.name(picture));
            model.note(Level::Info, None, text.clone());
            let kept = model.picture(picture).map(|kept| kept.format.clone()).unwrap_or_default();
            let notice = Notice::new(Tone::Good, text);
            model.say(match is_named_so(&path, &format) {
                true if kept == format || kept.is_empty() => notice,
                true => notice.hint(format!("written as {format}; the {kept} stays in the store")),
                false => {
                    notice.hint(format!("the name has another extension, but the data is {format}"))
                }
            });
        }
        Err(failure) => {
            model.note(Level::Warning, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
    }
}

/// Only some formats are written here: of others the ending makes no other picture.
fn is_named_so(path: &str, format: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let ending =
        ending.map(
            |ending| if ["jpg", "jpe"].contains(&ending.as_str()) { "jpeg".into() } else { ending },
        );
    ending.is_none_or(|ending| ending == format)
}

/// A draft that went on from the picture goes on from what was drawn on it.
pub(in crate::app) fn annotated(
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
    walk::show(model, picture);
    if model.draft.parent == Some(on) {
        let change = Change::Parent { from: Some(on), to: Some(picture) };
        decisions::decide(model, out, change);
    }
}
