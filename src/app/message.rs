//! What changes the model: actions, events on the way, and the one result of every task.

use std::path::PathBuf;

use super::action::{Action, Purpose};
use super::failure::Failure;
use super::found_models::FoundModels;
use super::log::Level;
use super::notice::Notice;
use crate::app::compare::{ComparisonView, HealPreview, NotHealed, Similarity};
use crate::app::draft::file_browser::{DirListing, FilePreview};
use crate::app::draft::sent_picture::SentPicture;
use crate::app::effect::TaskKey;
use crate::app::job::answer::{Answer, CancelAnswer, Outcome, Sent, Settled};
use crate::app::job::{Job, JobId, SaveId, State};
use crate::app::money::account::Account;
use crate::schema::output_size::InputNeed;
use crate::schema::{Endpoint, Price, Usd};
use crate::tree::index::NodeSummary;
use crate::tree::{Hash, Node, NodeId, PictureRef, Timestamp};

/// Why the model changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Action(Action),
    TaskEvent(TaskEvent),
    TaskFinished(TaskKey, TaskResult),
    /// About once a second while anything is alive.
    Tick,
}

/// On the way.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskEvent {
    /// The service's word about a request: `Queued`, `Running`.
    Status {
        job: JobId,
        state: State,
    },
    /// A line of the service's log.
    ServerLog {
        job: JobId,
        level: Level,
        text: String,
    },
    Progress {
        job: JobId,
        done: u64,
        all: u64,
    },
    /// A finished request's answer; its pictures are still to be fetched.
    Answered {
        job: JobId,
        answer: Box<Answer>,
    },
    /// It will go on by itself; why it waits.
    Waiting {
        job: JobId,
        why: String,
    },
    /// Two pictures were measured.
    Measured {
        pair: (Hash, Hash),
        similarity: Similarity,
    },
    /// Somebody else wrote to the store.
    StoreChanged,
    /// The prompt as it came back from `$EDITOR`.
    EditedPrompt(String),
    /// What the command of `[translate]` has made of these words.
    Translated {
        from: String,
        to: String,
    },
    /// For the log and the footer, from the runtime itself.
    Notice(Notice),
    /// Asked from outside (SIGTERM, SIGHUP): leave, with everything kept.
    Terminate,
}

/// A task's last word.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskResult {
    /// What the store has answered.
    Store(StoreResult),
    /// What came of work on pictures and files.
    Picture(PictureResult),
    /// What came of a call to the service.
    Service(ServiceResult),
    /// Shown to the person as a notice; the rest has no answer.
    Done(Result<Option<String>, Failure>),
    /// The task was aborted or panicked.
    Lost(Failure),
}

/// What the store has answered.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreResult {
    Saved {
        save_id: SaveId,
        saved: Result<Box<Saved>, Failure>,
    },
    Moved {
        job: JobId,
        to: State,
        result: Result<(), Failure>,
    },
    /// Done, and the next of several steps: saved and held.
    Finished {
        job: JobId,
        next: Result<Option<Box<Saved>>, Failure>,
    },
    Kept(Result<(), Failure>),
    Nodes(Result<Vec<Node>, Failure>),
    Snapshot(Result<Box<StoreSnapshot>, Failure>),
    /// What was typed, and what it found; newest first.
    Found {
        text: String,
        nodes: Result<Vec<Node>, Failure>,
    },
    Account(Result<Box<Account>, Failure>),
    /// The service's bills are kept.
    Billed(Result<(), Failure>),
    /// The service's ids of requests whose exact cost is not known.
    Unbilled(Result<Vec<String>, Failure>),
}

/// What came of work on pictures and files.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureResult {
    /// One result a file, in order.
    Opened {
        files: Vec<Result<Node, Failure>>,
        purpose: Purpose,
    },
    FilesFound {
        node: NodeId,
        paths: Result<Vec<PathBuf>, Failure>,
    },
    /// `None`: it cannot be told what would leave.
    Described {
        need: InputNeed,
        sent: Vec<(Hash, Option<SentPicture>)>,
    },
    Listed(Box<DirListing>),
    FilePreviewed(Box<FilePreview>),
    Compared {
        a: Hash,
        b: Hash,
        found: Result<Box<ComparisonView>, Failure>,
    },
    /// What it was drawn on, and the new node.
    Annotated {
        on: PictureRef,
        node: Result<Box<Node>, Failure>,
    },
    HealPreviewed {
        child: PictureRef,
        strength: u8,
        preview: Result<Box<HealPreview>, NotHealed>,
    },
    /// The new node, and what was kept of the edit, in words.
    Healed(Result<Box<(Node, String)>, Failure>),
    CopiedOut {
        picture: PictureRef,
        copied: Result<Copied, Failure>,
    },
}

/// A picture that was copied out of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The whole path.
    pub path: String,
    /// Another file has the name that was asked for.
    pub was_taken: bool,
    /// As [`crate::tree::Picture::format`] tells it.
    pub format: String,
}

/// What came of a call to the service.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceResult {
    /// By endpoint; those that the service does not name keep their dated price.
    Prices(Result<Vec<(String, Price)>, Failure>),
    /// `None`: it is not told.
    Balance(Result<Option<Usd>, Failure>),
    /// Of those that were asked about the ones that are billed, with their cost.
    Bills {
        asked: Vec<String>,
        costs: Result<Vec<(String, Usd)>, Failure>,
    },
    Uploaded {
        job: JobId,
        addresses: Result<Vec<String>, Failure>,
    },
    Sent {
        job: JobId,
        answer: Result<Sent, Failure>,
    },
    Settled {
        job: JobId,
        result: Result<Settled, Failure>,
    },
    /// Finished there: now fetch.
    Followed {
        job: JobId,
        result: Result<(), Failure>,
    },
    Fetched {
        job: JobId,
        outcome: Result<Box<Outcome>, Failure>,
    },
    /// Some pictures are in place; why the others are not.
    FetchedPart {
        job: JobId,
        outcome: Box<Outcome>,
        failure: Failure,
    },
    CancelAsked {
        job: JobId,
        answer: Result<CancelAnswer, Failure>,
    },
    ModelsFound(Result<FoundModels, Failure>),
    ModelAdded(Result<Box<Endpoint>, Failure>),
}

/// The numbers that the store gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub job: Job,
    pub node: Node,
}

/// What is in the store now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreSnapshot {
    pub summaries: Vec<NodeSummary>,
    /// Jobs that are not final, ours and others'.
    pub jobs: Vec<Job>,
    /// Newest nodes, whole, for the first screen.
    pub nodes: Vec<Node>,
    /// Picture to show first.
    pub current: Option<PictureRef>,
    pub newest: Option<NodeId>,
    /// Spent in this local day by all instances, and when it ends.
    pub day: Usd,
    pub day_ends: Timestamp,
}
