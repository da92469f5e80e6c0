//! What is asked of the service, fixed before it leaves: the request, and the steps that follow it.

use super::JobId;
use crate::schema::price::Quote;
use crate::tree::{PictureRef, Recipe};

/// What shall be asked, fixed at the moment of `Run`.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    pub profile: String,
    pub simulated: bool,
    pub recipe: Recipe,
    /// As it was agreed to.
    pub quote: Quote,
    /// Name of the job whose answer was lost and that this one repeats with consent.
    pub resend_of: Option<JobId>,
    /// Run and answer in one call: cannot be picked up after a crash.
    pub sync: bool,
    /// Webhook URL that the service calls at the end, in addition to polling.
    pub webhook: Option<String>,
    /// What follows, each step on the result of the one before.
    pub follow_ups: FollowUps,
    /// Leaves only when nothing else waits: a cell of a sweep.
    pub low_priority: bool,
}

/// Steps that follow a request: agreed to with it, each sent when the one before is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FollowUps {
    pub steps: Vec<Step>,
    /// It was agreed that they go over a budget.
    pub is_agreed: bool,
}

/// One of them. Its first input is put in when it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub recipe: Recipe,
    pub quote: Quote,
}

impl RequestSpec {
    /// This request and its later steps.
    pub fn quotes(&self) -> impl Iterator<Item = Quote> {
        let later = self.follow_ups.steps.iter().map(|step| step.quote);
        [self.quote].into_iter().chain(later)
    }

    /// The next step, on this picture; `None` when this was the last one.
    pub fn next(&self, on: PictureRef) -> Option<Self> {
        let (first, rest) = self.follow_ups.steps.split_first()?;
        let follow_ups = FollowUps { steps: rest.to_vec(), is_agreed: self.follow_ups.is_agreed };
        let recipe = first.recipe.clone().on(on);
        Some(Self { recipe, quote: first.quote, resend_of: None, follow_ups, ..self.clone() })
    }
}
