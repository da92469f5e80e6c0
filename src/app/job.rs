//! One paid request and its life.
//!
//! ```text
//! Saved ─► Uploading ─► Sending ─► Queued(n) ⇄ Running ─► Fetching ─► Done
//!   │▲        │            │            └──┬───┬──────┘    │ ▲  └───► Failed
//!   ▼│        ▼            ▼               │   ▼           ▼ │
//!  Held     Failed     Unknown ─► Running   │ Waiting ◄───────┘
//!                                          ▼
//!                                      Cancelling ─► Cancelled
//! ```
//!
//! [`State::may_become`] is the whole table; any other move is a bug: logged, and survived.
//! Invariant: an accepted request ends only by its pictures, the model's own error, a confirmed
//! cancel, or the person's word; whatever else comes of asking for it is `Waiting`.

use std::collections::BTreeMap;

pub mod answer;
pub(super) mod cancel;
pub(super) mod chain;
pub(super) mod concurrency;
mod expected;
pub(super) mod failed;
pub mod jobs;
pub(super) mod network;
pub(super) mod next_step;
pub mod queue;
pub(super) mod results;
pub(super) mod saving;
pub(super) mod sending;
pub(super) mod settling;
pub mod spec;
pub(super) mod transitions;
pub(super) mod waiting;

use answer::{Answer, Handle, Outcome};
use spec::RequestSpec;

use super::failure::{Billed, FailureKind};
use crate::schema::Usd;
use crate::tree::{Hash, NodeId, NodeState, Timestamp};

/// A job's number within the store; written `j7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "j{}", self.0)
    }
}

/// Names the order of a save until the store has given it numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveId(pub u32);

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
            // Found after all, or surely not received; it is never sent again.
            S::Unknown => {
                matches!(next, S::Running | S::Fetching | S::Failed | S::Dismissed)
            }
            S::Done | S::Failed | S::Cancelled | S::Dismissed => false,
        }
    }
}

impl State {
    /// How long it waits, if it waits for its result.
    pub fn pause(&self) -> Option<Pause> {
        if let Self::Waiting(pause) = self { Some(*pause) } else { None }
    }

    /// Its word in the store and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Held(_) => "held",
            Self::Uploading => "uploading",
            Self::Sending => "sending",
            Self::Queued(_) => "queued",
            Self::Running => "running",
            Self::Fetching => "fetching",
            Self::Waiting(_) => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Dismissed => "dismissed",
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
    /// What was sent, until it is certain that it was accepted or was not; long texts as their hash
    /// where it comes from the store.
    pub body: Option<serde_json::Value>,
    pub handle: Option<Handle>,
    /// Kept until its pictures are.
    pub answer: Option<Box<Answer>>,
    /// What it counts for: its estimate from the moment it was accepted, then the service's own
    /// figure. `None`: nothing, or not known.
    pub cost: Option<Usd>,
    /// Why it waits, failed, or is held, for a person.
    pub why: Option<String>,
    /// When it was saved, when it left, when it ended.
    pub at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub work: Work,
}

/// A program that ends asks for a result that does not come for about half a minute; then it leaves
/// it to the next one, in milliseconds.
const LINGER_MS: i64 = 60_000;

impl Job {
    /// It waits for its result longer than a program does that has nothing else to do.
    pub fn is_left_waiting(&self) -> bool {
        // Only a person can fix a key or make room.
        let needs_a_hand = matches!(
            self.work.failure,
            Some(
                FailureKind::Auth
                    | FailureKind::Permission
                    | FailureKind::Account
                    | FailureKind::Store
            )
        );
        self.durable
            && self.state.pause().is_some_and(|pause| {
                needs_a_hand || pause.next.is_none_or(|next| next.since(pause.since) > LINGER_MS)
            })
    }
}

/// What is known of a job beside its row, by this instance and until it ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// Its upload, send, follow or fetch is being performed.
    pub is_active: bool,
    /// The person asks now: its next look takes nobody's turn.
    pub is_urgent: bool,
    /// Bytes of the upload or download under way: done and in all.
    pub progress: Option<(u64, u64)>,
    /// It goes on by itself at this time.
    pub retry_at: Option<Timestamp>,
    /// The store has refused its row for a reason that does not pass; it is written again later.
    pub is_refused: bool,
    /// "Maybe paid", and the service has first said then that it has no such request.
    pub absent_since: Option<Timestamp>,
    /// Asked to be cancelled while the request was leaving.
    pub is_cancel_requested: bool,
    /// Pictures are in place, the row is on its way.
    pub outcome: Option<Box<Outcome>>,
    /// A step that waits until these are compared: what went into the last one, and what came out.
    pub compares: Option<(Hash, Hash)>,
    /// Why it failed, is held or waits.
    pub failure: Option<FailureKind>,
    /// Whether it was paid for, where it has failed in this session.
    pub billed: Option<Billed>,
    /// What has kept it in our queue before, so that the log tells it once.
    pub waited_for: Option<String>,
}

/// Our queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    pub is_paused: bool,
    /// Requests that the service was seen to run at once.
    pub concurrency_limit: usize,
    /// On their way into the store.
    pub saving: BTreeMap<SaveId, RequestSpec>,
    pub last_save: u32,
}

/// What a new account may run at once, by the service's pages.
const INITIAL: usize = 2;

impl Default for Queue {
    fn default() -> Self {
        let (saving, last_save) = (BTreeMap::new(), 0);
        Self { is_paused: false, concurrency_limit: INITIAL, saving, last_save }
    }
}
