//! What the store holds now, whoever has changed it.

use crate::app::effect::{Effect, StoreEffect};
use crate::app::follow_up::Effects;
use crate::app::job::{Job, State, transitions, waiting};
use crate::app::log::Level;
use crate::app::message::StoreSnapshot;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::app::tree::walk::arrive;
use crate::tree::NodeState;

/// What the store holds now; others may have added to it.
pub(in crate::app) fn take_snapshot(model: &mut Model, out: &mut Effects, snapshot: StoreSnapshot) {
    let first = model.session.is_loading;
    model.session.is_loading = false;
    (model.money.spent.day, model.money.spent.day_ends) = (snapshot.day, snapshot.day_ends);
    let before = model.tree.newest();
    for summary in snapshot.summaries {
        model.tree.insert(summary);
    }
    for node in snapshot.nodes {
        model.insert_node(node);
    }
    end_those_of_others(model, &snapshot.jobs);
    for job in snapshot.jobs {
        take_job(model, out, job);
    }
    let stale: Vec<_> = model
        .nodes
        .values()
        .filter(|node| model.tree.get(node.id).is_some_and(|summary| summary.state != node.state))
        .map(|node| node.id)
        .collect();
    if !stale.is_empty() {
        out.push(Effect::Store(StoreEffect::LoadNodes(stale)));
    }
    if model.current.is_none() && !model.session.is_safe_start {
        model.current = snapshot.current;
        let fair = snapshot.current.filter(|picture| !model.is_filtered(*picture));
        model.draft.parent = model.draft.parent.or(fair);
    }
    let newest = model.tree.newest();
    if let (false, Some(node)) = (first, newest)
        && newest > before
        && model.tree.get(node).is_some_and(|summary| summary.state == NodeState::Done)
    {
        // What is healed, drawn on or cropped here tells of itself.
        if model.nodes.get(&node).is_none_or(|node| node.recipe.is_some()) {
            let text = format!("{node} is new: another window or a command made it");
            model.note(Level::Info, None, text.clone());
            model.say(Notice::new(Tone::Info, text));
        }
        // Canvas and draft are this person's: only an empty canvas takes what others have made.
        if model.current.is_none() {
            arrive(model, node);
        }
    }
}

/// What another instance follows is told by the store while it is open: what is missing has ended as
/// its node has.
fn end_those_of_others(model: &mut Model, open: &[Job]) {
    for job in model.jobs.values_mut().filter(|job| !job.owned && !job.state.is_final()) {
        let is_open = open.iter().any(|open| open.id == job.id);
        let ended = model.tree.get(job.node).and_then(|node| match node.state {
            NodeState::Done => Some(State::Done),
            NodeState::Failed => Some(State::Failed),
            NodeState::Cancelled => Some(State::Cancelled),
            NodeState::Root | NodeState::Pending | NodeState::Unknown => None,
        });
        if let (false, Some(state)) = (is_open, ended) {
            (job.state, job.ended_at) = (state, Some(model.now));
        }
    }
}

/// A job that another instance may know more of; our own we know best.
fn take_job(model: &mut Model, out: &mut Effects, job: Job) {
    if let Some(known) = model.jobs.get(&job.id).filter(|known| known.owned) {
        let was_taken_over = !job.owned && known.durable && !known.state.is_final();
        if was_taken_over {
            transitions::release_ownership(model, out, job.id);
        }
        return;
    }
    let (id, ours) = (job.id, job.owned);
    model.jobs.insert(id, job);
    if ours {
        model.jobs.order_mut().push(id);
        transitions::advance(model, out, id);
        waiting::try_now(model, out, id);
    }
}
