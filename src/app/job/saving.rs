//! From a request that may leave to a saved job.
//!
//! Invariant: what could not be saved goes back to where it can be sent from.

use crate::app::effect::{Effect, StoreEffect};
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::{Effects, FollowUp};
use crate::app::job::SaveId;
use crate::app::job::spec::RequestSpec;
use crate::app::log::{Level, NOTED};
use crate::app::message::Saved;
use crate::app::model::Model;
use crate::app::notice::failure_notice;
use crate::schema::Usd;

/// What was sent leaves the prompt, so that a second press sends nothing.
pub(in crate::app) fn empty_prompt(model: &mut Model) {
    remember_words(model);
    let sent = std::mem::take(&mut model.draft.prompt);
    model.draft.aside.retain(|words| *words != sent);
    if model.endpoint().is_ok_and(|endpoint| endpoint.regions.is_some()) {
        model.draft.regions.clear();
    }
    model.composer.is_dirty = true;
    model.composer.field_errors.clear();
}

fn remember_words(model: &mut Model) {
    let words = model.draft.prompt.trim().to_owned();
    if !words.is_empty() {
        model.composer.prompts.retain(|known| *known != words);
        model.composer.prompts.insert(0, words);
    }
}

/// Saves a request; the job begins when the store has given it its numbers.
pub(in crate::app) fn save(
    model: &mut Model,
    out: &mut Effects,
    spec: RequestSpec,
    ceiling: Option<Usd>,
) {
    model.queue.last_save += 1;
    let save_id = SaveId(model.queue.last_save);
    model.queue.saving.insert(save_id, spec.clone());
    out.push(Effect::Store(StoreEffect::Save { save_id, spec: Box::new(spec), ceiling }));
}

pub(in crate::app) fn saved(
    model: &mut Model,
    out: &mut Effects,
    save_id: SaveId,
    saved: Result<Box<Saved>, Failure>,
) {
    let Some(spec) = model.queue.saving.remove(&save_id) else {
        return;
    };
    match saved {
        Ok(saved) => {
            let Saved { job, node } = *saved;
            let (id, number) = (job.id, node.id);
            let text = format!("{number}{NOTED}{}", spec.recipe.caption());
            model.note(Level::Info, Some(id), text);
            model.insert_node(node);
            model.jobs.insert(id, job);
            model.jobs.order_mut().push(id);
        }
        Err(failure) if failure.kind == FailureKind::Budget => {
            model.note(Level::Warning, None, failure.message.clone());
            out.then(FollowUp::Refused(Box::new(spec)));
        }
        Err(failure) => {
            model.note(Level::Error, None, failure.message.clone());
            model.say(failure_notice(&failure));
            // Not even saved: the words go back to where they can be sent from.
            if model.draft.prompt.is_empty() {
                model.draft.take_back(spec.recipe.prompt);
            }
        }
    }
}
