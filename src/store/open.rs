//! The first look into a store: its project, and one page of what the first frame shows.
//!
//! Reads pages, never the whole tree.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::{Error, Kind};
use super::{Context, Opening, Options, accounts, decisions, drafts, jobs, log, nodes};
use crate::app::message::StoreSnapshot;
use crate::tree::{Input, Node, NodeId, PictureRef, Timestamp};

/// Whole nodes of the first screen.
const FIRST_PAGE: usize = 60;
const FIRST_LINES: u32 = 200;
const FIRST_PROMPTS: usize = 500;

/// The number of the project, which is made if there is none of that name.
pub(super) fn project(connection: &Connection, options: &Options) -> Result<i64, Error> {
    let find = || {
        connection
            .query_row(
                "SELECT id, simulated FROM projects WHERE name = ?1",
                [&options.project],
                |row| Ok((row.get(0)?, row.get::<_, bool>(1)?)),
            )
            .optional()
    };
    let found = match find()? {
        Some(found) => Some(found),
        None => {
            // Another instance may make it at the same moment.
            connection.execute(
                "INSERT OR IGNORE INTO projects (name, simulated) VALUES (?1, ?2)",
                params![options.project, options.simulated],
            )?;
            find()?
        }
    };
    let name = &options.project;
    match found {
        Some((id, simulated)) if simulated == options.simulated => Ok(id),
        Some((_, simulated)) => Err(mixed(name, simulated)),
        None => Err(Error::new(Kind::Bug, format!("project `{name}` was not kept"))),
    }
}

pub(super) fn has_project(connection: &Connection, name: &str) -> Result<bool, Error> {
    let mut named = connection.prepare("SELECT 1 FROM projects WHERE name = ?1")?;
    Ok(named.exists([name])?)
}

fn mixed(name: &str, simulated: bool) -> Error {
    let (is, other) = if simulated { ("simulated", "real") } else { ("real", "simulated") };
    let message = format!("project `{name}` holds {is} pictures and takes no {other} ones");
    Error::new(Kind::Mixed, message).hint("name another with --project NAME")
}

/// What the first frame needs; `notes` are the caller's.
pub(super) fn opening(
    connection: &Connection,
    context: &Context,
    options: &Options,
) -> Result<Opening, Error> {
    let kept = drafts::read(connection, context)?;
    let is_first = kept.is_none();
    let mut draft = kept.unwrap_or_default();
    let newest = nodes::newest_shown(connection, context)?;
    let (page, lines, prompts) = match options.with_page {
        true => (FIRST_PAGE, FIRST_LINES, FIRST_PROMPTS),
        false => (0, 0, 0),
    };
    let mut nodes = nodes::newest(connection, context, page)?;
    let inputs = draft.references.iter().filter_map(|input| match input {
        Input::Picture(picture) => Some(picture.node),
        Input::Url(_) => None,
    });
    let wanted = draft.parent.map(|parent| parent.node).into_iter();
    let current = first_shown(connection, context, newest)?;
    let shown = current.map(|picture| picture.node);
    complete(connection, context, &mut nodes, wanted.chain(inputs).chain(newest).chain(shown))?;
    let newest_one = || shown_picture(&nodes, newest?);
    let is_there = |parent: &PictureRef| nodes.iter().any(|node| node.id == parent.node);
    if is_first {
        // Commands have filled the store: the first edit goes on from what is seen.
        draft.parent = current;
    }
    Ok(Opening {
        current: draft.parent.filter(is_there).or(current).or_else(newest_one),
        nodes,
        jobs: jobs::open_jobs(connection, context)?,
        decisions: decisions::replay(connection, context)?,
        log: log::newest(connection, context, lines)?,
        prompts: nodes::prompts(connection, context, prompts)?,
        spent: accounts::spent(connection, options.simulated, options.day_start..super::END)?,
        consents: consents(connection)?,
        notes: Vec::new(),
        draft,
    })
}

/// Everything of the open project but words.
pub(super) fn snapshot(
    connection: &Connection,
    context: &Context,
    day_start: Timestamp,
) -> Result<StoreSnapshot, Error> {
    let newest = nodes::newest_shown(connection, context)?;
    let mut nodes = nodes::newest(connection, context, FIRST_PAGE)?;
    let current = first_shown(connection, context, newest)?;
    let shown = current.map(|picture| picture.node);
    complete(connection, context, &mut nodes, newest.into_iter().chain(shown))?;
    Ok(StoreSnapshot {
        summaries: nodes::summaries(connection, context)?,
        jobs: jobs::open_jobs(connection, context)?,
        current: current.or_else(|| shown_picture(&nodes, newest?)),
        nodes,
        newest,
        day: accounts::spent(connection, context.simulated, day_start..super::END)?,
        // The calendar is not the store's.
        day_ends: super::END,
    })
}

/// Adds those of `wanted` that the page has not got.
fn complete(
    connection: &Connection,
    context: &Context,
    nodes: &mut Vec<Node>,
    wanted: impl IntoIterator<Item = NodeId>,
) -> Result<(), Error> {
    for id in wanted {
        if nodes.iter().all(|node| node.id != id) {
            nodes.extend(nodes::load(connection, context, id)?);
        }
    }
    nodes.sort_by_key(|node| node.id);
    Ok(())
}

/// The profile's requests may cost from now on.
pub(super) fn consent(connection: &Connection, profile: &str, at: Timestamp) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO consents (profile, at) VALUES (?1, ?2)";
    connection.execute(sql, params![profile, at.0])?;
    Ok(())
}

fn consents(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare("SELECT profile FROM consents")?;
    let profiles = statement.query_map([], |row| row.get(0))?;
    Ok(profiles.collect::<Result<_, _>>()?)
}

/// The newest picture, or what a filtered one was made from: nobody goes on from a black picture.
fn first_shown(
    connection: &Connection,
    context: &Context,
    newest: Option<NodeId>,
) -> Result<Option<PictureRef>, Error> {
    let mut next = newest;
    while let Some(node) =
        next.map(|id| nodes::load(connection, context, id)).transpose()?.flatten()
    {
        let fair = node.pictures.iter().find(|picture| picture.is_picture() && !picture.nsfw);
        if let Some(picture) = fair {
            return Ok(Some(PictureRef { node: node.id, picture: picture.hash }));
        }
        next = node.parent.map(|parent| parent.node);
    }
    Ok(None)
}

fn shown_picture(nodes: &[Node], id: NodeId) -> Option<PictureRef> {
    let node = nodes.iter().find(|node| node.id == id)?;
    Some(PictureRef { node: id, picture: node.pictures.first()?.hash })
}
