//! One paid request and its life.
//!
//! ```text
//! Saved ─► Uploading ─► Sending ─► Queued(n) ⇄ Running ─► Fetching ─► Done
//!   │▲        │            │            └──┬───┬──────┘    │ ▲  └───► Failed
//!   ▼│        ▼            ▼               │   ▼           ▼ │
//!  Held     Failed     Unknown             │ Waiting ◄───────┘
//!                                          ▼
//!                                      Cancelling ─► Cancelled
//! ```
//!
//! [`State::may_become`] is the whole table; any other move is a bug: logged, and survived.
//! Invariant: an accepted request ends only by its pictures, the model's own error, a confirmed
//! cancel, or the person's word; whatever else comes of asking for it is `Waiting`.

use serde_json::Value;

use crate::schema::Usd;
use crate::tree::{NodeId, NodeState, PictureRef, Recipe, Timestamp};

/// A job's number within the store; written `j7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "j{}", self.0)
    }
}

/// What is asked next of a request that waits for its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Status,
    Result,
}

/// How long an accepted request has been asked for in vain, and what is tried when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub ask: Ask,
    /// The first time that asking brought nothing.
    pub since: Timestamp,
    /// When it is asked again by itself. `None`: only on a key, for the service keeps results no
    /// longer than that; "paid, not fetched".
    pub next: Option<Timestamp>,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its row is durable; it waits in our queue.
    Saved,
    /// It will not leave by itself; the reason for a person.
    Held(String),
    Uploading,
    /// The request may have left from here on.
    Sending,
    /// The service has it; requests ahead, where it says so.
    Queued(Option<u32>),
    Running,
    /// Finished there; result and pictures are on their way.
    Fetching,
    /// Accepted, and nothing to show yet: it is asked for again.
    Waiting(Pause),
    Done,
    Failed,
    /// Asked, not yet certain.
    Cancelling,
    Cancelled,
    /// "Maybe paid": the answer to the submit was lost.
    Unknown,
    Dismissed,
}

impl State {
    /// No move leads out of it.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Done | Self::Failed | Self::Cancelled | Self::Dismissed => true,
            Self::Saved
            | Self::Held(_)
            | Self::Uploading
            | Self::Sending
            | Self::Queued(_)
            | Self::Running
            | Self::Fetching
            | Self::Waiting(_)
            | Self::Cancelling
            | Self::Unknown => false,
        }
    }

    /// Counts against the profile's limit of requests under way.
    pub fn is_under_way(&self) -> bool {
        match self {
            Self::Uploading
            | Self::Sending
            | Self::Queued(_)
            | Self::Running
            | Self::Fetching
            | Self::Cancelling => true,
            Self::Saved
            | Self::Held(_)
            | Self::Waiting(_)
            | Self::Done
            | Self::Failed
            | Self::Cancelled
            | Self::Unknown
            | Self::Dismissed => false,
        }
    }

    /// The legal moves. A state may always repeat itself with other details.
    pub fn may_become(&self, next: &Self) -> bool {
        use State as S;
        match self {
            S::Saved => matches!(next, S::Held(_) | S::Uploading | S::Sending | S::Cancelled),
            S::Held(_) => matches!(next, S::Held(_) | S::Saved | S::Cancelled),
            S::Uploading => {
                matches!(next, S::Sending | S::Saved | S::Held(_) | S::Failed | S::Cancelled)
            }
            S::Sending => matches!(
                next,
                S::Queued(_) | S::Running | S::Fetching | S::Saved | S::Failed | S::Unknown
            ),
            S::Queued(_) => matches!(
                next,
                S::Queued(_) | S::Running | S::Fetching | S::Waiting(_) | S::Failed | S::Cancelling
            ),
            S::Running => matches!(
                next,
                S::Queued(_) | S::Fetching | S::Waiting(_) | S::Failed | S::Cancelling
            ),
            S::Fetching => {
                matches!(next, S::Done | S::Waiting(_) | S::Failed | S::Cancelled)
            }
            S::Waiting(_) => matches!(
                next,
                S::Waiting(_)
                    | S::Queued(_)
                    | S::Running
                    | S::Fetching
                    | S::Done
                    | S::Failed
                    | S::Cancelled
                    | S::Dismissed
            ),
            S::Cancelling => matches!(
                next,
                S::Queued(_) | S::Running | S::Fetching | S::Waiting(_) | S::Cancelled | S::Failed
            ),
            S::Unknown => matches!(next, S::Dismissed),
            S::Done | S::Failed | S::Cancelled | S::Dismissed => false,
        }
    }
}

impl State {
    /// How long it waits, if it waits for its result.
    pub fn pause(&self) -> Option<Pause> {
        match self {
            Self::Waiting(pause) => Some(*pause),
            _ => None,
        }
    }

    /// What it means for the job's node; `None`: nothing, the node stays as it is. `Done` comes
    /// with its pictures, which make the node done.
    pub fn node_state(&self) -> Option<NodeState> {
        match self {
            Self::Failed => Some(NodeState::Failed),
            Self::Cancelled | Self::Dismissed => Some(NodeState::Cancelled),
            Self::Unknown => Some(NodeState::Unknown),
            Self::Queued(_) | Self::Running | Self::Fetching | Self::Waiting(_) => {
                Some(NodeState::Pending)
            }
            Self::Saved
            | Self::Held(_)
            | Self::Uploading
            | Self::Sending
            | Self::Done
            | Self::Cancelling => None,
        }
    }

    /// The service has the request, or had it until it ended with an answer of its own.
    pub fn is_accepted(&self) -> bool {
        match self {
            Self::Queued(_)
            | Self::Running
            | Self::Fetching
            | Self::Waiting(_)
            | Self::Cancelling
            | Self::Done => true,
            Self::Saved
            | Self::Held(_)
            | Self::Uploading
            | Self::Sending
            | Self::Failed
            | Self::Cancelled
            | Self::Unknown
            | Self::Dismissed => false,
        }
    }
}

/// What a finished request was answered with, as it came, before anything is made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The model's bare output.
    pub body: Value,
    pub request_id: Option<String>,
    /// As the service counted; 1 unit is 1 picture for Kontext.
    pub billable_units: Option<f64>,
    /// The endpoint that really answered, where it is not the one that was asked.
    pub served_from: Option<String>,
}

/// Where the service keeps a request; stored as it came, used as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub request_id: String,
    pub gateway_request_id: Option<String>,
    pub status_url: String,
    pub response_url: String,
    pub cancel_url: String,
}

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
    /// Where the service shall tell the end, besides.
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

/// A job as the model knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub node: NodeId,
    pub spec: RequestSpec,
    pub state: State,
    /// The store has confirmed `state`; only then the next outer step may begin.
    pub durable: bool,
    /// This instance follows it; others are only shown.
    pub owned: bool,
    /// Addresses of the inputs, once all are known.
    pub addresses: Option<Vec<String>>,
    pub handle: Option<Handle>,
    /// Kept until its pictures are.
    pub answer: Option<Box<Answer>>,
    /// What it counts for: its estimate from the moment it was accepted, then the service's own
    /// figure. `None`: nothing, or not known.
    pub cost: Option<Usd>,
    /// Bytes of the upload or download under way: done and in all.
    pub progress: Option<(u64, u64)>,
    /// Why it waits, failed, or is held, for a person.
    pub why: Option<String>,
    /// What has kept it in our queue before, so that the log tells it once.
    pub waited_for: Option<String>,
    /// When it was saved, when it left, when it ended.
    pub at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}
