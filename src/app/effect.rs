//! What the model may ask for. Values, not closures: a test reads them and answers.
//!
//! Each effect becomes one task. Its events come while it runs; its result comes exactly once.

use std::path::PathBuf;

use serde_json::Value;

use super::action::{Annotation, Purpose};
use super::draft::Draft;
use super::log::LogEntry;
use crate::app::compare::filename_template::Target;
use crate::app::job::answer::{Answer, Handle, Outcome};
use crate::app::job::spec::RequestSpec;
use crate::app::job::{JobId, SaveId, State};
use crate::schema::Usd;
use crate::schema::output_size::InputNeed;
use crate::schema::regions::RegionPart;
use crate::tree::decision::Entry;
use crate::tree::query::Query;
use crate::tree::{Hash, Input, NodeId, Picture, PictureRef, Timestamp};

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// What the store keeps and reads: performed in order, one after another.
    Store(StoreEffect),
    /// Work on pictures and files, on this machine.
    Picture(PictureEffect),
    /// Calls to the service.
    Service(ServiceEffect),
    /// What only the screen can do, or whoever stands in its place.
    Screen(ScreenEffect),
    /// The prompt goes to the command of `[translate]`. Event: `Translated`. Answered by
    /// `TaskResult::Done`.
    Translate(String),
    /// Stops the task of an upload, a wait or a follow. Its result comes as `TaskResult::Lost`.
    Abort(TaskKey),
}

/// What the store keeps and reads: performed in order, one after another.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreEffect {
    /// Answered by `StoreResult::Saved`.
    Save {
        save_id: SaveId,
        spec: Box<RequestSpec>,
        /// What the day may cost at most with this one; the store refuses more.
        ceiling: Option<Usd>,
    },
    /// The profile's first paid request was agreed to. Answered by `StoreResult::Kept`.
    RecordConsent(String),
    /// The job's row. Answered by `StoreResult::Moved`.
    SetJobState { job: JobId, to: State, handle: Option<Handle>, why: Option<String> },
    /// Pictures are in place: node and job become done in one transaction. Answered by `StoreResult::Finished`.
    Finish { job: JobId, outcome: Box<Outcome> },
    /// What the job counts for from now on. Answered by `StoreResult::Kept`.
    RecordCost { job: JobId, cost: Option<Usd> },
    /// What is about to be sent, so that it is known again where the answer is lost. Answered by
    /// `StoreResult::Kept`.
    SaveBody { job: JobId, body: Value },
    /// What the service answered, before anything is made of it. Answered by `StoreResult::Kept`.
    SaveAnswer { job: JobId, answer: Box<Answer> },
    /// Pictures of an outcome that is not whole yet. Answered by `StoreResult::Kept`.
    SavePartialOutcome { job: JobId, outcome: Box<Outcome> },
    /// Which requests of a profile that are done have no exact cost; the newest of a week. Answered by
    /// `StoreResult::Unbilled`.
    LoadUnbilled(String),
    /// What requests have cost by the service's own bill. Answered by `StoreResult::Billed`.
    RecordBills(Vec<(String, Usd)>),
    /// What was paid, and how long it was waited for. Answered by `StoreResult::Account`.
    LoadAccount,
    /// Answered by `StoreResult::Kept`.
    AppendDecision(Entry),
    /// Answered by `StoreResult::Kept`.
    SaveDraft(Box<Draft>),
    /// Answered by `StoreResult::Kept`.
    AppendLog(Vec<LogEntry>),
    /// A sign of life for the other instances. Answered by `StoreResult::Kept`.
    Heartbeat,
    /// Whole nodes. Answered by `StoreResult::Nodes`.
    LoadNodes(Vec<NodeId>),
    /// Answered by `StoreResult::Found`.
    Search { text: String, query: Query, utc_offset_ms: i64 },
    /// All that the tree index holds, and the open jobs, whoever changed them. Answered by `StoreResult::Snapshot`.
    LoadSnapshot,
}

/// Work on pictures and files, on this machine.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureEffect {
    /// Reads, checks and keeps files as root nodes. Answered by `PictureResult::Opened`.
    OpenFiles { paths: Vec<PathBuf>, purpose: Purpose },
    /// What a path or a pattern means, for a replay from this node. Answered by
    /// `PictureResult::FilesFound`.
    FindFiles { node: NodeId, on: PathBuf },
    /// What leaves of each where it is needed so. Answered by `PictureResult::Described`.
    DescribeSent { pictures: Vec<Hash>, need: InputNeed },
    /// Answered by `PictureResult::Listed`.
    List(PathBuf),
    /// Answered by `PictureResult::FilePreviewed`.
    PreviewFile(PathBuf),
    /// With its label, beside whatever is there; `model` is the short name of what made it. Answered
    /// by `PictureResult::CopiedOut`.
    CopyOut { picture: PictureRef, target: Target, model: String },
    /// Answered by `PictureResult::Compared`.
    Compare { a: Hash, b: Hash, regions: Vec<RegionPart> },
    /// Draws and keeps the result as a node of its own. Answered by `PictureResult::Annotated`.
    Annotate { on: PictureRef, annotation: Annotation },
    /// How alike these are outside of what changed. Events: `Measured`, for each. Answered by
    /// `TaskResult::Done`.
    Measure(Vec<(Hash, Hash)>),
    /// Heals and keeps nothing. Answered by `PictureResult::HealPreviewed`.
    PreviewHeal(HealSpec),
    /// Heals and keeps the result as a node of its own. Answered by `PictureResult::Healed`.
    Heal(HealSpec),
}

/// What is healed, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct HealSpec {
    pub child: PictureRef,
    pub parent: Hash,
    /// Percent.
    pub strength: u8,
    /// What was meant to change, where that is known; else it is found.
    pub regions: Vec<RegionPart>,
}

/// Calls to the service.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceEffect {
    /// Makes addresses of the inputs. Events: `Progress`. Answered by `ServiceResult::Uploaded`.
    Upload { job: JobId, profile: String, inputs: Vec<Input>, need: InputNeed },
    /// The paid request. Performed only after `Sending` is durable. Answered by `ServiceResult::Sent`.
    Send { job: JobId, request: Box<Request> },
    /// Events: `Status`, `ServerLog`, `Waiting`. One that is urgent looks at once, however many
    /// others are followed. Answered by `ServiceResult::Followed`.
    Follow { job: JobId, profile: String, endpoint: String, handle: Handle, is_urgent: bool },
    /// Result and pictures, into the store's media. Events: `Answered`, `Progress`, `Waiting`.
    /// Answered by `ServiceResult::Fetched` or `ServiceResult::FetchedPart`.
    Fetch {
        job: JobId,
        profile: String,
        /// Without one the answer came with the submit.
        handle: Option<Handle>,
        /// What was answered before.
        answer: Option<Box<Answer>>,
        /// Pictures of it that are in place.
        have: Vec<Picture>,
    },
    /// Whether the service has a request whose answer was lost; free. Answered by
    /// `ServiceResult::Settled`.
    Settle {
        job: JobId,
        profile: String,
        endpoint: String,
        body: Value,
        sent_at: Timestamp,
        sync: bool,
    },
    /// What the account holds; free. Answered by `ServiceResult::Balance`.
    LoadBalance { profile: String },
    /// What requests have cost; free. Answered by `ServiceResult::Bills`.
    LoadBills { profile: String, requests: Vec<String> },
    /// What the endpoints cost today; free. Answered by `ServiceResult::Prices`.
    LoadPrices { profile: String, endpoints: Vec<String> },
    /// Which models the service has; free. Answered by `ServiceResult::ModelsFound`.
    FindModels { profile: String, words: String },
    /// Keeps the description of one more model; free. Answered by `ServiceResult::ModelAdded`.
    AddModel { profile: String, id: String },
    /// A request, not a fact: the job is followed on. Answered by `ServiceResult::CancelAsked`.
    CancelRemote { job: JobId, profile: String, endpoint: String, handle: Handle },
    /// For the embedded simulator. Answered by `TaskResult::Done`.
    InjectFault { profile: String, word: String },
}

/// What only the screen can do, or whoever stands in its place.
#[derive(Clone, Debug, PartialEq)]
pub enum ScreenEffect {
    Copy {
        text: String,
        what: String,
    },
    CopyPath {
        picture: Hash,
        scp: bool,
    },
    OpenExternally(Hash),
    /// To the clipboard of the terminal.
    CopyPicture(Hash),
    /// From it. What comes is answered by `PictureResult::Opened`.
    PastePicture(Purpose),
    Mouse(bool),
    /// A word of `--graphics`.
    ShowPicturesAs(String),
    /// tmux is told to hand on what is for the terminal outside.
    EnableTmuxPassthrough,
    /// Answered by `TaskEvent::EditedPrompt`.
    EditInEditor(String),
    /// Where there is no screen: all of the tree, or what is around the current picture.
    TellTree {
        is_whole: bool,
    },
    Redraw,
    Suspend,
    /// After all store effects before it.
    Quit,
}

/// What leaves, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub profile: String,
    pub endpoint: String,
    /// The bare model input.
    pub body: Value,
    pub sync: bool,
    pub webhook: Option<String>,
}

/// Which task; a second one under a busy key takes the place of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKey {
    /// Store writes are kept apart by a number and never displace each other.
    Write(u64),
    /// Upload, send, follow, fetch: a job does one at a time.
    Job(JobId),
    Cancel(JobId),
    Nodes,
    Snapshot,
    Account,
    Search,
    Prices,
    Balance,
    Bills,
    FindModels,
    AddModel,
    Files(u64),
    List,
    PreviewFile,
    DescribeSent,
    Compare(Hash, Hash),
    Measure,
    Heal(Hash),
    PreviewHeal,
    Annotate(Hash),
    Translate,
}
