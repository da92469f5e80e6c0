//! What is asked of the service, fixed before it leaves: the request, and the steps that follow it.

use serde_json::Value;

use super::JobId;
use crate::schema::Usd;
use crate::tree::{PictureRef, Recipe};

/// What shall be asked, fixed at the moment of `Run`.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    pub profile: String,
    pub simulated: bool,
    pub recipe: Recipe,
    /// Estimate at the moment of saving; `None`: the price is unknown.
    pub price: Option<Usd>,
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
    pub price: Option<Usd>,
}

impl RequestSpec {
    /// What it costs, where the service has counted so many units: the one formula of screen and
    /// ledger. `None`: the price was unknown when it was agreed to.
    pub fn billed(&self, units: Option<f64>) -> Option<Usd> {
        let pictures = self.recipe.values.get("num_images").and_then(Value::as_u64);
        Some(self.price?.billed(pictures.unwrap_or(1), units))
    }

    /// The next step, on this picture; `None` when this was the last one.
    pub fn next(&self, on: PictureRef) -> Option<Self> {
        let (first, rest) = self.follow_ups.steps.split_first()?;
        let follow_ups = FollowUps { steps: rest.to_vec(), is_agreed: self.follow_ups.is_agreed };
        let recipe = first.recipe.clone().on(on);
        Some(Self { recipe, price: first.price, resend_of: None, follow_ups, ..self.clone() })
    }
}
