//! The store: SQLite and media files in one folder.
//!
//! One thread owns the writing connection, another one that only reads, so that a search never
//! delays a save. Requests are handed over at once and keep their order; answers are awaited.
//! Knows the model's types, not the model. Invariant: what was answered is durable.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use serde_json::Value;

pub mod desk;
pub mod error;
mod instance;
mod jobs;
pub mod media;
mod migrations;
mod nodes;
mod rows;
pub mod watch;

use crate::app::draft::Draft;
use crate::app::job::{Handle, Job, JobId, Order, State};
use crate::app::log::Line;
use crate::app::news::{Outcome, Saved, Skeleton};
use crate::schema::Usd;
use crate::tree::decision::{Change, Decisions, Entry};
use crate::tree::{Hash, Node, NodeId, Picture, PictureRef, Timestamp};
use desk::{Clerk, Pending};
use error::{Error, Kind};
use instance::Instance;
use media::Media;

/// Whole nodes of the first screen.
const FIRST_PAGE: usize = 60;
const FIRST_LINES: usize = 200;
const FIRST_PROMPTS: usize = 500;
/// How long one process waits for another's transaction.
const BUSY: Duration = Duration::from_secs(10);

/// How to open.
#[derive(Clone, Debug)]
pub struct Options {
    pub project: String,
    /// The project holds simulated pictures; a project never holds both kinds.
    pub simulated: bool,
    /// When the local day began, for what was spent in it.
    pub day_start: Timestamp,
    pub now: Timestamp,
    /// Take over what dead instances have left.
    pub adopt: bool,
}

/// What the first frame needs.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub draft: Draft,
    pub nodes: Vec<Node>,
    pub jobs: Vec<Job>,
    pub decisions: Decisions,
    pub log: Vec<Line>,
    /// Newest first, without repeats.
    pub prompts: Vec<String>,
    pub current: Option<PictureRef>,
    pub spent: Usd,
    /// What the person should know about this store.
    pub notes: Vec<String>,
}

/// A handle; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Clerk,
    reader: Clerk,
    context: Arc<Context>,
    path: PathBuf,
}

/// What every request needs to know.
#[derive(Debug)]
pub(crate) struct Context {
    project: i64,
    project_name: String,
    simulated: bool,
    instance: Instance,
    media: Media,
}

impl Store {
    /// Opens or makes the store in `folder`. Blocks.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Opening), Error> {
        media::make_folder(folder)?;
        let instance = Instance::begin(folder.join("instances"))?;
        let media = Media::open(folder.join("media"))?;
        let path = folder.join("editree.db");
        let mut notes = Vec::new();
        let mut connection = connect(&path, folder, &mut notes)?;
        migrations::migrate(&mut connection, &path)?;
        let project = project(&connection, &options)?;
        let context = Arc::new(Context {
            project,
            project_name: options.project.clone(),
            simulated: options.simulated,
            instance,
            media,
        });
        if options.adopt {
            jobs::adopt(&mut connection, &context, &context.instance)?;
        }
        let mut opening = opening(&connection, &context, &options)?;
        opening.notes = notes;
        let reading = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        reading.busy_timeout(BUSY)?;
        let store = Self {
            writer: Clerk::start("store", connection)?,
            reader: Clerk::start("store-reader", reading)?,
            context,
            path,
        };
        Ok((store, opening))
    }

    /// The picture files.
    pub fn media(&self) -> Media {
        self.context.media.clone()
    }

    /// Node and job of a new request, with their numbers.
    pub fn save(&self, order: Order, at: Timestamp) -> Pending<Saved> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| jobs::save(connection, &context, &order, at))
    }

    /// One move of a job along the table of `app::job`.
    pub fn move_job(
        &self,
        job: JobId,
        to: State,
        handle: Option<Handle>,
        why: Option<String>,
        at: Timestamp,
    ) -> Pending<()> {
        let context = Arc::clone(&self.context);
        self.writer
            .ask(move |connection| jobs::move_job(connection, &context, job, &to, handle, why, at))
    }

    /// Pictures (already in the media folder), node and job become done in one transaction.
    pub fn finish(&self, job: JobId, outcome: Outcome, at: Timestamp) -> Pending<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| jobs::finish(connection, &context, job, &outcome, at))
    }

    /// Keeps a picture as a root node; the same picture again is the same root. Blocks for the file.
    pub fn open_picture(
        &self,
        bytes: &[u8],
        mut picture: Picture,
        title: String,
        at: Timestamp,
    ) -> Result<Pending<Node>, Error> {
        picture.hash = self.context.media.write(bytes)?;
        let context = Arc::clone(&self.context);
        Ok(self
            .writer
            .ask(move |connection| nodes::open_picture(connection, &context, &picture, &title, at)))
    }

    /// Appends a decision and marks the node it is about.
    pub fn decide(&self, entry: Entry, at: Timestamp) -> Pending<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| decide(connection, &context, &entry, at))
    }

    pub fn keep_draft(&self, draft: Draft) -> Pending<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| {
            connection.execute(
                "INSERT INTO drafts (project, draft) VALUES (?1, ?2) \
                 ON CONFLICT (project) DO UPDATE SET draft = excluded.draft",
                params![context.project, rows::draft_json(&draft).to_string()],
            )?;
            Ok(())
        })
    }

    /// A batch in one transaction.
    pub fn keep_log(&self, lines: Vec<Line>) -> Pending<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| {
            let transaction = connection.transaction()?;
            for line in &lines {
                let job = line.job.map(|job| job.0);
                transaction.execute(
                    "INSERT INTO log (project, at, level, job, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        context.project,
                        line.at.0,
                        rows::level_name(line.level),
                        job,
                        line.text
                    ],
                )?;
            }
            transaction.commit()?;
            Ok(())
        })
    }

    /// Whole nodes; those that are not there are left out.
    pub fn load_nodes(&self, ids: Vec<NodeId>) -> Pending<Vec<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let load = |id| nodes::load(connection, &context, id).transpose();
            ids.into_iter().filter_map(load).collect()
        })
    }

    /// Everything of the open project but words.
    pub fn skeleton(&self) -> Pending<Skeleton> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let nodes = nodes::newest(connection, &context, FIRST_PAGE)?;
            let newest = nodes::newest_shown(connection, &context)?;
            Ok(Skeleton {
                bones: nodes::bones(connection, &context)?,
                jobs: jobs::open_jobs(connection, &context)?,
                current: newest.and_then(|id| shown_picture(&nodes, id)),
                nodes,
                newest,
            })
        })
    }

    /// All nodes, whole, oldest first.
    pub fn all_nodes(&self) -> Pending<Vec<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| nodes::all(connection, &context))
    }

    /// A node by number; the newest with a picture without one.
    pub fn find_node(&self, number: Option<u32>) -> Pending<Option<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let id = match number {
                Some(number) => Some(NodeId(number)),
                None => nodes::newest_shown(connection, &context)?,
            };
            id.map_or(Ok(None), |id| nodes::load(connection, &context, id))
        })
    }

    /// Jobs that are not final.
    pub fn open_jobs(&self) -> Pending<Vec<Job>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| jobs::open_jobs(connection, &context))
    }

    /// Everything that was asked for before is durable.
    pub fn settle(&self) -> Pending<()> {
        self.writer.ask(|_| Ok(()))
    }

    /// The database's file, for the watch.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Changes whenever another connection has written.
    pub fn data_version(&self) -> Pending<i64> {
        // Only the reader sees our own writes as foreign; the writer does not.
        self.writer.ask(|connection| {
            Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        })
    }
}

impl Context {
    /// Adds a node to the list beside a picture, in place of an older entry of the same node.
    fn add_to_sidecar(&self, hash: Hash, node: Value) -> Result<(), Error> {
        let known = rows::parse(self.media.read_sidecar(hash));
        let mut list = match known.get("nodes") {
            Some(Value::Array(list)) => list.clone(),
            _ => Vec::new(),
        };
        list.retain(|other| other.get("global") != node.get("global"));
        list.push(node);
        let json = serde_json::json!({ "nodes": list });
        self.media.write_sidecar(hash, &format!("{json:#}\n"))
    }
}

fn connect(path: &Path, folder: &Path, notes: &mut Vec<String>) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    let permissions = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, permissions).map_err(|error| Error::io(path, &error))?;
    connection.busy_timeout(BUSY)?;
    let journal = if is_network(folder) {
        notes.push(
            "the store lies on a network file system: use it with one editree at a time".into(),
        );
        "DELETE"
    } else {
        "WAL"
    };
    connection.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// File systems whose locks and shared memory SQLite's write-ahead log cannot rely on.
fn is_network(folder: &Path) -> bool {
    const NFS: i64 = 0x6969;
    const SMB: [i64; 3] = [0x517b, 0xff53_4d42, 0xfe53_4d42];
    const FUSE: i64 = 0x6573_5546;
    match rustix::fs::statfs(folder) {
        Ok(found) => {
            let kind = found.f_type & 0xffff_ffff;
            kind == NFS || kind == FUSE || SMB.contains(&kind)
        }
        Err(_) => false,
    }
}

fn project(connection: &Connection, options: &Options) -> Result<i64, Error> {
    connection.execute(
        "INSERT OR IGNORE INTO projects (name, simulated) VALUES (?1, ?2)",
        params![options.project, options.simulated],
    )?;
    let (id, simulated) = connection.query_row(
        "SELECT id, simulated FROM projects WHERE name = ?1",
        [&options.project],
        |row| Ok((row.get(0)?, row.get::<_, bool>(1)?)),
    )?;
    if simulated != options.simulated {
        let (is, other) = if simulated { ("simulated", "real") } else { ("real", "simulated") };
        let message =
            format!("project `{}` holds {is} pictures and takes no {other} ones", options.project);
        return Err(Error::new(Kind::Mixed, message).hint("name another with --project NAME"));
    }
    Ok(id)
}

fn opening(
    connection: &Connection,
    context: &Context,
    options: &Options,
) -> Result<Opening, Error> {
    let draft: Option<String> = connection
        .query_row("SELECT draft FROM drafts WHERE project = ?1", [context.project], |row| {
            row.get(0)
        })
        .optional()?;
    let mut nodes = nodes::newest(connection, context, FIRST_PAGE)?;
    let draft = rows::draft(&rows::parse(draft));
    let wanted = draft.parent.map(|parent| parent.node);
    for id in
        wanted.into_iter().filter(|id| nodes.iter().all(|node| node.id != *id)).collect::<Vec<_>>()
    {
        nodes.extend(nodes::load(connection, context, id)?);
    }
    let newest = nodes::newest_shown(connection, context)?;
    let current = newest.and_then(|id| shown_picture(&nodes, id));
    Ok(Opening {
        nodes,
        jobs: jobs::open_jobs(connection, context)?,
        decisions: decisions(connection, context)?,
        log: lines(connection, context)?,
        prompts: prompts(connection, context)?,
        current: draft.parent.or(current),
        spent: jobs::spent(connection, options.simulated, options.day_start)?,
        notes: Vec::new(),
        draft,
    })
}

fn shown_picture(nodes: &[Node], id: NodeId) -> Option<PictureRef> {
    let node = nodes.iter().find(|node| node.id == id)?;
    Some(PictureRef { node: id, picture: node.pictures.first()?.hash })
}

fn decisions(connection: &Connection, context: &Context) -> Result<Decisions, Error> {
    let mut statement =
        connection.prepare("SELECT kind, change FROM decisions WHERE project = ?1 ORDER BY id")?;
    let entries = statement.query_map([context.project], |row| {
        Ok(rows::entry(&row.get::<_, String>(0)?, row.get(1)?))
    })?;
    let entries: Vec<Option<Entry>> = entries.collect::<Result<_, _>>()?;
    Ok(Decisions::replay(entries.into_iter().flatten()))
}

fn lines(connection: &Connection, context: &Context) -> Result<Vec<Line>, Error> {
    let mut statement = connection.prepare(
        "SELECT at, level, job, text FROM log WHERE project = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![context.project, FIRST_LINES as i64], |row| {
        Ok(Line {
            at: Timestamp(row.get(0)?),
            level: rows::level(&row.get::<_, String>(1)?),
            job: row.get::<_, Option<u32>>(2)?.map(JobId),
            text: row.get(3)?,
        })
    })?;
    let mut lines: Vec<Line> = rows.collect::<Result<_, _>>()?;
    lines.reverse();
    Ok(lines)
}

fn prompts(connection: &Connection, context: &Context) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare(
        "SELECT prompt FROM nodes WHERE project = ?1 AND prompt <> '' \
         GROUP BY prompt ORDER BY MAX(id) DESC LIMIT ?2",
    )?;
    let prompts =
        statement.query_map(params![context.project, FIRST_PROMPTS as i64], |row| row.get(0))?;
    Ok(prompts.collect::<Result<_, _>>()?)
}

/// The appended row, and the node's columns as they are after it.
fn decide(
    connection: &mut Connection,
    context: &Context,
    entry: &Entry,
    at: Timestamp,
) -> Result<(), Error> {
    let change = match entry {
        Entry::Did(change) => Some(change.clone()),
        Entry::Undid => decisions(connection, context)?.undo(),
        Entry::Redid => decisions(connection, context)?.redo(),
    };
    let (kind, text) = rows::entry_columns(entry);
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO decisions (project, kind, change, at) VALUES (?1, ?2, ?3, ?4)",
        params![context.project, kind, text, at.0],
    )?;
    match change {
        Some(Change::Star { node, on }) => {
            transaction
                .execute("UPDATE nodes SET starred = ?2 WHERE id = ?1", params![node.0, on])?;
        }
        Some(Change::Trash { node, on }) => {
            transaction
                .execute("UPDATE nodes SET trashed = ?2 WHERE id = ?1", params![node.0, on])?;
        }
        Some(Change::Name { node, to, .. }) => {
            transaction.execute("UPDATE nodes SET name = ?2 WHERE id = ?1", params![node.0, to])?;
        }
        // The draft is kept as a whole.
        Some(Change::Value { .. } | Change::Parent { .. } | Change::References { .. }) | None => {}
    }
    transaction.commit()?;
    Ok(())
}
