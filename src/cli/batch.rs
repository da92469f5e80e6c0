//! Many requests of one command, followed to their ends.
//!
//! Invariant: a request is known by its recipe. One that is in the tree, or may be paid, is not
//! sent again; so a command that was killed goes on when it is called again.

use super::run::consent;
use super::session::Session;
use super::{CommandError, code, ended, say};
use crate::app::action::{Action, QueueAction};
use crate::app::failure::Failure;
use crate::app::job::{Job, State};
use crate::app::message::Message;
use crate::app::money::confirmation::counted;
use crate::schema::price::Quote;
use crate::tree::{Node, NodeState, Recipe};

/// Sends what is missing and waits for all. Answers each recipe's node, the finished one first;
/// `None` when it was interrupted. The session must have begun, with what dead instances left.
/// `is_told`: what is sent, and for how much, was said before.
pub(super) async fn carry_out(
    session: &mut Session,
    recipes: &[Recipe],
    over_budget: bool,
    is_told: bool,
) -> Result<Option<Vec<Option<Node>>>, CommandError> {
    let known = nodes(session, recipes).await?;
    let missing = missing(&known, recipes);
    let count = recipes.iter().filter(|recipe| is_known(&known, recipe)).count();
    release(session, recipes);
    if missing.len() > 1 && !session.model.profile.simulated {
        session.know_balance().await;
    }
    let price: Quote = missing.iter().map(|recipe| session.model.quote(recipe)).sum();
    let total = format!("{} for {}", counted(missing.len(), "request"), session.model.told(price));
    let is_left = !missing.is_empty();
    if is_left {
        session.step(Message::Action(Action::Queue(QueueAction::Sweep(missing))));
    }
    let known = (count > 0).then(|| format!("{count} already in the tree or running"));
    let left = match (is_left, &known, &session.model.money.confirmation) {
        (false, None, _) => None,
        (false, Some(_), _) => Some("nothing is left to send".to_owned()),
        // A question tells the sum itself.
        (true, _, Some(_)) => None,
        (true, None, None) => Some(total),
        (true, Some(_), None) => Some(format!("left to send: {total}")),
    };
    let told: Vec<String> = known.into_iter().chain(left).collect();
    if !is_told && !told.is_empty() {
        say(&told.join("; "));
    }
    if is_left {
        consent(session, over_budget)?;
    }
    if !follow(session, recipes, over_budget).await? {
        say(match session.model.profile.simulated {
            true => "what ran on the simulator ended with it; run the same command again to resume",
            false => "requests already sent continue; run the same command again to resume",
        });
        return Ok(None);
    }
    session.settle().await?;
    for job in session.model.jobs.values().filter(|job| is_of(job, recipes)) {
        if job.state.pause().is_some() {
            let command_error = ended::left_waiting(job);
            say(&command_error.message);
        }
    }
    tell_refusals(session, recipes);
    let nodes = nodes(session, recipes).await?;
    let of = |recipe: &Recipe| {
        let same = || nodes.iter().rev().filter(|node| node.recipe.as_ref() == Some(recipe));
        same().find(|node| node.state == NodeState::Done).or_else(|| same().next()).cloned()
    };
    Ok(Some(recipes.iter().map(of).collect()))
}

/// Each reason once, whatever number of requests it has met.
fn tell_refusals(session: &Session, recipes: &[Recipe]) {
    let mut reasons: Vec<(&str, usize, usize)> = Vec::new();
    for job in session.model.jobs.values().filter(|job| is_of(job, recipes)) {
        let is_held = matches!(job.state, State::Held(_));
        let Some(why) = job.why.as_deref().filter(|_| is_held || job.state == State::Failed) else {
            continue;
        };
        let at = reasons.iter().position(|(known, ..)| *known == why).unwrap_or(reasons.len());
        if at == reasons.len() {
            reasons.push((why, 0, 0));
        }
        if let Some((_, failed, held)) = reasons.get_mut(at) {
            *(if is_held { held } else { failed }) += 1;
        }
    }
    for (why, failed, held) in reasons {
        let of = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
        let counts: Vec<_> = of(failed, "failed").into_iter().chain(of(held, "not sent")).collect();
        say(&format!("{}: {why}", counts.join(", ")));
    }
}

/// How the command ends with these, whatever else of the store it has followed.
pub(super) fn code_of(
    session: &Session,
    found: &[Option<Node>],
    is_ours: impl Fn(&Job) -> bool,
) -> u8 {
    let is = |node: &Option<Node>, state| node.as_ref().is_some_and(|node| node.state == state);
    let jobs = session.model.jobs.values();
    let failed = jobs.filter(|job| job.owned && job.work.failure.is_some() && is_ours(job));
    let worst = failed.map(ended::exit_code).max();
    match found {
        all if all.iter().all(|node| is(node, NodeState::Done)) => 0,
        all if all.iter().any(|node| is(node, NodeState::Unknown)) => code::UNKNOWN,
        _ if worst.is_some_and(|worst| worst > 0) => worst.unwrap_or(code::SERVICE),
        all if all.iter().any(|node| is(node, NodeState::Pending)) => code::NETWORK,
        _ => code::SERVICE,
    }
}

/// What of these would be sent by the command: what is in the tree is not, and two that are alike
/// are one request.
fn missing(known: &[Node], recipes: &[Recipe]) -> Vec<Recipe> {
    let mut missing: Vec<Recipe> = Vec::new();
    for recipe in recipes.iter().filter(|recipe| !is_known(known, recipe)) {
        if !missing.contains(recipe) {
            missing.push(recipe.clone());
        }
    }
    missing
}

fn is_known(known: &[Node], recipe: &Recipe) -> bool {
    known.iter().any(|node| is_taken(node) && node.recipe.as_ref() == Some(recipe))
}

/// What would leave: what is missing, and what was saved before a crash and never sent.
pub(super) fn to_send(session: &Session, known: &[Node], recipes: &[Recipe]) -> Vec<Recipe> {
    let held = session.model.jobs.values().filter(|job| is_of(job, recipes));
    let held = held.filter(|job| matches!(job.state, State::Held(_)));
    let held = held.map(|job| job.spec.recipe.clone());
    missing(known, recipes).into_iter().chain(held).collect()
}

/// What the tree has of these words: a recipe that is in it is among them, on whatever picture.
pub(super) async fn nodes(
    session: &Session,
    recipes: &[Recipe],
) -> Result<Vec<Node>, CommandError> {
    let prompts = recipes.iter().map(|recipe| recipe.prompt.clone()).collect();
    Ok(session.runtime.store.nodes_asked_for(prompts).await.map_err(Failure::from)?)
}

/// Sending it again would be a second payment.
fn is_taken(node: &Node) -> bool {
    matches!(node.state, NodeState::Done | NodeState::Pending | NodeState::Unknown)
}

fn is_of(job: &Job, recipes: &[Recipe]) -> bool {
    job.owned && recipes.contains(&job.spec.recipe)
}

/// What was saved and not sent before a crash leaves now: the command is the consent.
fn release(session: &mut Session, recipes: &[Recipe]) {
    let held = session.model.jobs.values().filter(|job| is_of(job, recipes));
    let held = held.filter(|job| matches!(job.state, State::Held(_)));
    let held: Vec<_> = held.map(|job| job.id).collect();
    for job in held {
        session.step(Message::Action(Action::Queue(QueueAction::Release(job))));
    }
}

/// Until all are over; `false` when it was interrupted.
async fn follow(
    session: &mut Session,
    recipes: &[Recipe],
    over_budget: bool,
) -> Result<bool, CommandError> {
    let mut told = 0;
    loop {
        if session.model.money.confirmation.is_some() {
            // Others have spent meanwhile.
            consent(session, over_budget)?;
        }
        let mine = || session.model.jobs.values().filter(|job| is_of(job, recipes));
        let is_over = |job: &&Job| {
            let waits = matches!(job.state, State::Held(_));
            job.durable && (waits || job.state.is_final())
                || job.is_left_unsettled(session.model.now)
                || job.is_left_waiting()
                || job.work.is_refused
        };
        let (all, over) = (mine().count(), mine().filter(is_over).count());
        if over > told {
            told = over;
            super::show_progress(&format!("{over} of {all} done"), over == all);
        }
        if over == all && session.model.queue.saving.is_empty() {
            return Ok(true);
        }
        tokio::select! {
            () = session.advance() => {}
            _ = tokio::signal::ctrl_c() => {
                session.settle().await?;
                say("interrupted: the same command again goes on where it was");
                return Ok(false);
            }
        }
    }
}
