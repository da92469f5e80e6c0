//! What one step asks for: effects for the runtime, follow-ups for other features.
//!
//! A feature never calls the one that comes after it; it leaves a follow-up, and the loop in
//! `update` hands it over. So the files of the features form no circle.

use std::collections::VecDeque;

use super::effect::Effect;
use super::job::JobId;
use super::job::answer::Outcome;
use super::job::spec::RequestSpec;
use super::message::Saved;

/// In order.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) effects: Vec<Effect>,
    follow_ups: VecDeque<FollowUp>,
}

#[derive(Debug)]
pub(super) enum FollowUp {
    /// A cancel that was asked for while the request was leaving.
    Cancel(JobId),
    /// The row of a finished job is durable, and that of its next step.
    Finish { job: JobId, next: Option<Box<Saved>> },
    /// A job is done: what follows it?
    NextStep { job: JobId, outcome: Box<Outcome>, next: Option<Box<Saved>> },
    /// The store found that others have spent the budget.
    Refused(Box<RequestSpec>),
}

impl Effects {
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn then(&mut self, follow_up: FollowUp) {
        self.follow_ups.push_back(follow_up);
    }

    pub(super) fn next_follow_up(&mut self) -> Option<FollowUp> {
        self.follow_ups.pop_front()
    }
}
