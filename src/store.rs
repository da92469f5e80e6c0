//! The store: SQLite and media files in one folder.
//!
//! One thread owns the writing connection, another one that only reads, so that a search never
//! delays a save. Requests are handed over at once and keep their order; answers are awaited.
//! Knows the model's types, not the model. Invariant: what was answered is durable.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rusqlite::Connection;

mod accounts;
mod adopt;
pub mod archive;
mod aside;
pub mod check;
pub mod collect;
pub mod connection;
pub mod damage;
mod database;
mod decisions;
mod description;
mod differing;
mod drafts;
pub mod error;
pub mod import;
mod instance;
mod jobs;
mod lineage;
mod lock_owner;
mod log;
pub mod media;
mod migrations;
mod nodes;
mod open;
mod pictures;
#[cfg(test)]
mod plans;
mod rebuild;
mod recovery;
mod results;
mod rows;
mod salvage;
mod search;
mod sidecar;
mod sidecar_mark;
mod takeover;
pub mod trash;
pub mod uploads;
pub mod watch;

use crate::app::draft::Draft;
use crate::app::job::answer::{Handle, Outcome};
use crate::app::job::spec::RequestSpec;
use crate::app::job::{Job, JobId, State};
use crate::app::log::LogEntry;
use crate::app::message::{Saved, StoreSnapshot};
use crate::schema::Usd;
use crate::tree::decision::{Decisions, Entry};
use crate::tree::query::Query;
use crate::tree::{Node, NodeId, Picture, PictureRef, Timestamp};
use connection::{Db, Reply};
use database::FilesystemKind;
use drafts::Unsent;
use error::{Error, Kind};
use instance::Instance;
use media::Media;
use takeover::Heartbeats;

/// Later than anything.
const END: Timestamp = Timestamp(i64::MAX);

/// How to open.
#[derive(Clone, Debug)]
pub struct Options {
    pub project: String,
    /// The project holds simulated pictures; a project never holds both kinds.
    pub simulated: bool,
    /// When the local day began, for what was spent in it.
    pub day_start: Timestamp,
    pub now: Timestamp,
    /// Take over what dead instances have left, now and while the store is watched.
    pub take_over_orphans: bool,
    /// The newest nodes, words and log lines are read as well, for who shows or follows them.
    pub with_page: bool,
    /// So long log lines are kept.
    pub log_days: u32,
}

/// What may be spent at most from a time on, other instances' spending included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling {
    pub most: Usd,
    pub since: Timestamp,
}

/// What the first frame needs.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub draft: Draft,
    pub nodes: Vec<Node>,
    pub jobs: Vec<Job>,
    pub decisions: Decisions,
    pub log: Vec<LogEntry>,
    /// Newest first, without repeats.
    pub prompts: Vec<String>,
    pub current: Option<PictureRef>,
    pub spent: Usd,
    /// Profiles whose first paid request was agreed to.
    pub consents: Vec<String>,
    /// What the person should know about this store.
    pub notes: Vec<String>,
}

/// A handle; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Db,
    reader: Db,
    context: Arc<Context>,
    path: PathBuf,
    _end: Arc<End>,
}

/// Goes with the last handle.
#[derive(Debug)]
struct End {
    writer: Db,
}

/// What every request needs to know.
#[derive(Debug)]
pub(crate) struct Context {
    project: i64,
    project_name: String,
    simulated: bool,
    takes_over_orphans: bool,
    log_days: u32,
    /// `data_version` before the opening was read.
    version: i64,
    instance: Instance,
    media: Media,
    /// In step with the model's; only the writing thread touches it.
    decisions: Mutex<Decisions>,
    /// What was seen of the others; only the writing thread touches it.
    heartbeats: Mutex<Heartbeats>,
    /// What others had left unsent when the draft was read; it is put aside in ours.
    taken_over: Mutex<Unsent>,
}

/// What the watch sees.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DataVersion {
    /// Another one than before: another connection has written.
    version: i64,
    /// Jobs that were taken over from a dead or stuck instance just now.
    taken_over: usize,
    /// Another instance has jobs that are not final.
    foreign: bool,
}

impl Store {
    /// Opens or makes the store in `folder`. Blocks.
    ///
    /// # Errors
    /// `NotAFolder`, `Unwritable`, `Full`, `Damaged`, `TooNew`; `Mixed` when the project
    /// holds the other kind of pictures; `Busy` on a network file system that is in use.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Opening), Error> {
        match Self::open_once(folder, &options, false) {
            // Met behind what every start looks at: the next one looks at everything.
            Err(error) if error.is_of_the_file() => damage::note(&folder.join("editree.db")),
            opened => return opened,
        }
        match Self::open_once(folder, &options, false) {
            Err(error) if error.kind == Kind::Damaged => Self::open_once(folder, &options, true),
            opened => opened,
        }
    }

    /// `is_damaged`: it could not be read before.
    fn open_once(
        folder: &Path,
        options: &Options,
        is_damaged: bool,
    ) -> Result<(Self, Opening), Error> {
        media::make_folder(folder)?;
        let place = FilesystemKind::of(folder);
        let instance = Instance::begin(folder.join("instances"), place)?;
        archive::restore::go_on(folder)?;
        let media = Media::open(folder.join("media"))?;
        let path = folder.join("editree.db");
        let about = |error: Error| match lock_owner::lock_owner(&path) {
            Some(holder) if error.kind == Kind::Busy => error.held_by(&holder),
            Some(_) | None => error.about(&path),
        };
        let opened = recovery::open(&path, place, &media, &instance, is_damaged);
        let (mut connection, notes) = opened.map_err(about)?;
        let context = Arc::new(Context {
            project: open::project(&connection, options).map_err(|error| match error.kind {
                Kind::Mixed => error,
                _ => about(error),
            })?,
            project_name: options.project.clone(),
            simulated: options.simulated,
            takes_over_orphans: options.take_over_orphans,
            log_days: options.log_days,
            version: database::version(&connection)?,
            instance,
            media,
            decisions: Mutex::default(),
            heartbeats: Mutex::default(),
            taken_over: Mutex::default(),
        });
        if options.take_over_orphans {
            takeover::take_over(&mut connection, &context, Instant::now()).map_err(about)?;
        }
        // A command may end before its own is removed.
        context.instance.sweep();
        let mut opening = open::opening(&connection, &context, options).map_err(about)?;
        opening.notes = notes;
        context.remember(&opening.decisions);
        let writer = Db::start("store", connection, &path)?;
        let store = Self {
            reader: Db::start("store-reader", database::connect_reader(&path)?, &path)?,
            writer: writer.clone(),
            context,
            path,
            _end: Arc::new(End { writer }),
        };
        Ok((store, opening))
    }

    /// Whether a store is in `folder` that opening for this project leaves as it is. Blocks.
    pub fn knows(folder: &Path, project: &str) -> bool {
        let knows = |connection: Connection| {
            Ok(migrations::is_current(&connection)? && open::has_project(&connection, project)?)
        };
        let path = folder.join("editree.db");
        path.exists() && database::connect_reader(&path).and_then(knows).unwrap_or(false)
    }

    /// The picture files.
    pub fn media(&self) -> Media {
        self.context.media.clone()
    }

    /// Node and job of a new request, with their numbers.
    ///
    /// # Errors
    /// `OverBudget` when the day would cost more than the ceiling with it, by what all
    /// instances have spent and have under way.
    pub fn save(&self, spec: RequestSpec, ceiling: Option<Ceiling>, at: Timestamp) -> Reply<Saved> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| jobs::save(connection, &context, &spec, ceiling, at))
    }

    /// One move of a job along the table of `app::job`.
    pub fn move_job(
        &self,
        job: JobId,
        to: State,
        handle: Option<Handle>,
        why: Option<String>,
        at: Timestamp,
    ) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer
            .ask(move |connection| jobs::move_job(connection, &context, job, &to, handle, why, at))
    }

    /// The request's body is about to be written to the service.
    pub fn leave(&self, job: JobId) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| jobs::leave(connection, &context, job))
    }

    /// Pictures (already in the media folder), node and job become done in one transaction.
    pub fn finish(&self, job: JobId, outcome: Outcome, at: Timestamp) -> Reply<Option<Saved>> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| jobs::finish(connection, &context, job, &outcome, at))
    }

    /// Keeps a picture that was made on this machine from one of the tree, as a node below it.
    /// Blocks for the file.
    pub fn keep_local(
        &self,
        bytes: &[u8],
        mut picture: Picture,
        parent: PictureRef,
        title: String,
        at: Timestamp,
    ) -> Result<Reply<Node>, Error> {
        picture.hash = self.context.media.write(bytes)?;
        let context = Arc::clone(&self.context);
        Ok(self.writer.ask(move |connection| {
            nodes::keep_local(connection, &context, &picture, parent, &title, at)
        }))
    }

    /// Reads everything once: is the store whole, and what does nothing refer to.
    pub fn check(&self) -> Reply<check::Checked> {
        let (media, path) = (self.media(), self.path.clone());
        self.reader.ask(move |connection| check::check(connection, &media, &path))
    }

    /// Reads what stands beside every picture, and keeps what the database lacks; what it was, in
    /// words. Every start does so where the marks on both sides differ.
    pub fn merge(&self) -> Reply<Option<String>> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| {
            let merged = rebuild::merge(connection, &context.media, &context.instance)?;
            Ok(recovery::told(&recovery::lacking(&merged), &merged))
        })
    }

    /// Appends a decision and marks the node it is about.
    pub fn decide(&self, entry: Entry, at: Timestamp) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| decisions::decide(connection, &context, &entry, at))
    }

    /// The profile's requests may cost from now on.
    pub fn consent(&self, profile: String, at: Timestamp) -> Reply<()> {
        self.writer.ask(move |connection| open::consent(connection, &profile, at))
    }

    pub fn keep_draft(&self, draft: Draft) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| drafts::keep(connection, &context, &draft))
    }

    /// A batch in one transaction.
    pub fn keep_log(&self, lines: Vec<LogEntry>) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| log::keep(connection, &context, &lines))
    }

    /// Whole nodes; those that are not there are left out.
    pub fn load_nodes(&self, ids: Vec<NodeId>) -> Reply<Vec<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let load = |id| nodes::load(connection, &context, id).transpose();
            ids.into_iter().filter_map(load).collect()
        })
    }

    /// Nodes that the query means, newest first, at most `most`. `utc_offset_ms` in milliseconds says
    /// where local days begin.
    pub fn search(&self, query: Query, utc_offset_ms: i64, most: usize) -> Reply<Vec<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            search::search(connection, &context, &query, utc_offset_ms, most)
        })
    }

    /// Everything of the open project but words, and the newest page of whole nodes.
    pub fn snapshot(&self, day_start: Timestamp) -> Reply<StoreSnapshot> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| open::snapshot(connection, &context, day_start))
    }

    /// A node by number; the newest with a picture without one.
    pub fn find_node(&self, number: Option<u32>) -> Reply<Option<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let id = match number {
                Some(number) => Some(NodeId(number)),
                None => nodes::newest_shown(connection, &context)?,
            };
            id.map_or(Ok(None), |id| nodes::load(connection, &context, id))
        })
    }

    /// Jobs that are not final, "maybe paid" among them; ours and others'.
    pub fn open_jobs(&self) -> Reply<Vec<Job>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| jobs::open_jobs(connection, &context))
    }

    /// A job by number, final or not.
    pub fn find_job(&self, id: JobId) -> Reply<Option<Job>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| jobs::find(connection, &context, id))
    }

    /// Sent prompts, newest first, each once.
    pub fn prompts(&self, count: usize) -> Reply<Vec<String>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| nodes::prompts(connection, &context, count))
    }

    /// The newest log lines, oldest first.
    pub fn log(&self, count: u32) -> Reply<Vec<LogEntry>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| log::newest(connection, &context, count))
    }

    /// What can be undone and redone, by everyone's rows.
    pub fn decisions(&self) -> Reply<Decisions> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| decisions::replay(connection, &context))
    }

    /// A sign of life for the other instances, wanted every 5 s while jobs are ours: one that gives
    /// none for 15 s is relieved of what it follows. Through the writing thread, so that a stuck one
    /// is noticed too.
    pub fn heartbeat(&self) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |_| context.instance.heartbeat())
    }

    /// Takes over the jobs of instances that have died since, and what living but stuck ones follow or
    /// fetch; how many. They are read by [`Store::open_jobs`] or [`Store::snapshot`] as ours. `now` is
    /// compared with the `now` of earlier calls.
    pub fn take_over(&self, now: Instant) -> Reply<usize> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| takeover::take_over(connection, &context, now))
    }

    /// Everything that was asked for before is durable.
    pub fn settle(&self) -> Reply<()> {
        self.writer.ask(|_| Ok(()))
    }

    /// Folds the write-ahead log into the database, so that the one file is all there is, as the
    /// last handle does when it goes. Blocks, at most for seconds; where others are reading, one of
    /// them will do it.
    pub fn fold(&self) {
        self.writer.wait_for(database::fold);
    }

    /// Another process that is writing just now, in words.
    pub fn lock_owner(&self) -> Option<String> {
        lock_owner::lock_owner(&self.path)
    }

    /// The database's file, for the watch.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of everything that is kept.
    pub fn data_dir(&self) -> PathBuf {
        self.path.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// As it was before the opening was read, so that nothing falls between.
    pub(crate) fn first_data_version(&self) -> DataVersion {
        DataVersion { version: self.context.version, ..DataVersion::default() }
    }

    /// What the others have done; takes over what the dead have left, if this store does that.
    pub(crate) fn data_version(&self) -> Reply<DataVersion> {
        let context = Arc::clone(&self.context);
        // Asked of the writer: to the reader our own writes would look like another's.
        self.writer.ask(move |connection| {
            let taken_over = match context.takes_over_orphans {
                true => takeover::take_over(connection, &context, Instant::now())?,
                false => 0,
            };
            Ok(DataVersion {
                version: database::version(connection)?,
                taken_over,
                foreign: context.takes_over_orphans
                    && takeover::has_foreign_jobs(connection, &context)?,
            })
        })
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.writer.wait_for(database::fold);
    }
}

impl Context {
    fn remember(&self, decisions: &Decisions) {
        self.decisions.lock().clone_from(decisions);
    }
}
