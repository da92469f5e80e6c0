//! The journal: a job's row is durable before the next outer step.
//!
//! Invariant: a row moves only along the table of `app::job`, a finished one never.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::Context;
use super::error::{Error, Kind};
use super::instance::Instance;
use super::{nodes, rows};
use crate::app::job::{Handle, Job, JobId, Order, State};
use crate::app::news::{Outcome, Saved};
use crate::schema::Usd;
use crate::tree::{Input, NodeId, NodeState, Recipe, Timestamp};

const COLUMNS: &str = "j.id, j.node, j.profile, j.simulated, j.instance, j.state, j.why, \
    j.request_id, j.gateway_request_id, j.status_url, j.response_url, j.cancel_url, j.estimate, \
    j.repeats, j.sync, j.webhook, j.at, j.sent_at, j.ended_at, n.endpoint, n.prompt, n.params, n.inputs";

/// Node and job in one transaction.
pub(super) fn save(
    connection: &mut Connection,
    context: &Context,
    order: &Order,
    at: Timestamp,
) -> Result<Saved, Error> {
    if order.simulated != context.simulated {
        let message = "a project never mixes real and simulated pictures";
        return Err(Error::new(Kind::Mixed, message).hint("name another with --project"));
    }
    let recipe = &order.recipe;
    let parent = recipe.inputs.first().and_then(|input| match input {
        Input::Picture(picture) => Some(*picture),
        Input::Url(_) => None,
    });
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO nodes (global, project, state, parent, parent_picture, endpoint, prompt, \
         params, inputs, simulated, at) VALUES (?1, ?2, 'pending', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            uuid::Uuid::new_v4().to_string(),
            context.project,
            parent.map(|parent| parent.node.0),
            parent.map(|parent| parent.picture.to_string()),
            recipe.endpoint,
            recipe.prompt,
            rows::values_json(&recipe.values).to_string(),
            rows::inputs_json(&recipe.inputs).to_string(),
            order.simulated,
            at.0
        ],
    )?;
    let node = nodes::node_id(transaction.last_insert_rowid());
    transaction.execute(
        "INSERT INTO jobs (node, project, profile, simulated, instance, state, estimate, repeats, \
         sync, webhook, at) VALUES (?1, ?2, ?3, ?4, ?5, 'saved', ?6, ?7, ?8, ?9, ?10)",
        params![
            node.0,
            context.project,
            order.profile,
            order.simulated,
            context.instance.name,
            order.price.map(|price| price.0),
            order.repeats.map(|job| job.0),
            order.sync,
            order.webhook,
            at.0
        ],
    )?;
    let job = JobId(u32::try_from(transaction.last_insert_rowid()).unwrap_or(u32::MAX));
    transaction.commit()?;
    let node = nodes::load(connection, context, node)?.ok_or_else(|| nodes::missing(node))?;
    let job = find(connection, context, job)?.ok_or_else(|| missing(job))?;
    Ok(Saved { job, node })
}

/// One legal move, durable when it returns.
pub(super) fn move_job(
    connection: &mut Connection,
    context: &Context,
    id: JobId,
    to: &State,
    handle: Option<Handle>,
    why: Option<String>,
    at: Timestamp,
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let node = check_move(&transaction, id, to)?;
    let why = match to {
        State::Held(why) => Some(why.clone()),
        _ => why,
    };
    transaction.execute(
        "UPDATE jobs SET state = ?2, why = ?3, instance = ?4 WHERE id = ?1",
        params![id.0, rows::state_name(to), why, context.instance.name],
    )?;
    if let Some(handle) = handle {
        write_handle(&transaction, id, &handle)?;
    }
    if *to == State::Sending {
        transaction.execute("UPDATE jobs SET sent_at = ?2 WHERE id = ?1", params![id.0, at.0])?;
    }
    if to.is_final() {
        transaction.execute("UPDATE jobs SET ended_at = ?2 WHERE id = ?1", params![id.0, at.0])?;
    }
    if let Some(state) = node_state(to) {
        nodes::set_state(&transaction, node, state)?;
    }
    transaction.commit()?;
    Ok(())
}

fn node_state(state: &State) -> Option<NodeState> {
    match state {
        State::Failed => Some(NodeState::Failed),
        State::Cancelled | State::Dismissed => Some(NodeState::Cancelled),
        State::Unknown => Some(NodeState::Unknown),
        State::Queued(_) | State::Running | State::Fetching => Some(NodeState::Pending),
        State::Saved
        | State::Held(_)
        | State::Uploading
        | State::Sending
        | State::Done
        | State::Cancelling => None,
    }
}

fn write_handle(transaction: &Transaction<'_>, id: JobId, handle: &Handle) -> Result<(), Error> {
    transaction.execute(
        "UPDATE jobs SET request_id = ?2, gateway_request_id = ?3, status_url = ?4, \
         response_url = ?5, cancel_url = ?6 WHERE id = ?1",
        params![
            id.0,
            handle.request_id,
            handle.gateway_request_id,
            handle.status_url,
            handle.response_url,
            handle.cancel_url
        ],
    )?;
    Ok(())
}

/// The node of the job, if the move is legal from what the row says now.
fn check_move(transaction: &Transaction<'_>, id: JobId, to: &State) -> Result<NodeId, Error> {
    let row = transaction
        .query_row("SELECT state, why, node FROM jobs WHERE id = ?1", [id.0], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, u32>(2)?))
        })
        .optional()?;
    let Some((state, why, node)) = row else {
        return Err(missing(id));
    };
    let from = rows::state(&state, why.as_deref());
    if !from.may_become(to) {
        let message = format!("{id} is {state} and cannot become {}", rows::state_name(to));
        return Err(Error::new(Kind::Illegal, message));
    }
    Ok(NodeId(node))
}

/// Pictures, node and job become done together; the sidecars are durable before.
pub(super) fn finish(
    connection: &mut Connection,
    context: &Context,
    id: JobId,
    outcome: &Outcome,
    at: Timestamp,
) -> Result<(), Error> {
    let job = find(connection, context, id)?.ok_or_else(|| missing(id))?;
    let mut node =
        nodes::load(connection, context, job.node)?.ok_or_else(|| nodes::missing(job.node))?;
    node.seed = outcome.seed;
    node.request_id.clone_from(&outcome.request_id);
    for picture in &outcome.pictures {
        context.add_to_sidecar(picture.hash, nodes::sidecar(&node, context))?;
    }
    let cost = job.order.price.map(|price| price.0);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check_move(&transaction, id, &State::Done)?;
    for (place, picture) in outcome.pictures.iter().enumerate() {
        nodes::insert_picture(&transaction, job.node, place, picture)?;
    }
    let timings = serde_json::to_string(&outcome.timings).unwrap_or_default();
    transaction.execute(
        "UPDATE nodes SET state = 'done', seed = ?2, request_id = ?3, cost = ?4, timings = ?5, \
         raw = ?6 WHERE id = ?1",
        params![
            job.node.0,
            outcome.seed.map(u64::cast_signed),
            outcome.request_id,
            cost,
            timings,
            outcome.raw.to_string()
        ],
    )?;
    transaction.execute(
        "UPDATE jobs SET state = 'done', why = NULL, cost = ?2, billable_units = ?3, ended_at = ?4 \
         WHERE id = ?1",
        params![id.0, cost, outcome.billable_units, at.0],
    )?;
    transaction.commit()?;
    Ok(())
}

/// Takes over what dead instances have left, by the rules for a start.
pub(super) fn adopt(
    connection: &mut Connection,
    context: &Context,
    instance: &Instance,
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut others: Vec<String> = Vec::new();
    {
        let mut statement = transaction.prepare(
            "SELECT DISTINCT instance FROM jobs \
             WHERE state NOT IN ('done', 'failed', 'cancelled', 'dismissed')",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        for name in names {
            others.push(name?);
        }
    }
    for dead in others.iter().filter(|other| instance.is_dead(other)) {
        transaction.execute(
            "UPDATE jobs SET state = 'held', why = 'found unsent at the start' \
             WHERE instance = ?1 AND state IN ('saved', 'uploading')",
            [dead],
        )?;
        transaction.execute(
            "UPDATE nodes SET state = 'unknown' WHERE id IN \
             (SELECT node FROM jobs WHERE instance = ?1 AND state = 'sending')",
            [dead],
        )?;
        transaction.execute(
            "UPDATE jobs SET state = 'unknown', why = 'editree ended while it was leaving' \
             WHERE instance = ?1 AND state = 'sending'",
            [dead],
        )?;
        transaction.execute(
            "UPDATE jobs SET instance = ?2 WHERE instance = ?1 AND project = ?3 \
             AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed')",
            params![dead, instance.name, context.project],
        )?;
    }
    transaction.commit()?;
    others.iter().filter(|other| instance.is_dead(other)).for_each(|dead| instance.forget(dead));
    Ok(())
}

/// Jobs of this project that are not final.
pub(super) fn open_jobs(connection: &Connection, context: &Context) -> Result<Vec<Job>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs j JOIN nodes n ON n.id = j.node WHERE j.project = ?1 \
         AND j.state NOT IN ('done', 'failed', 'cancelled', 'dismissed') ORDER BY j.id"
    );
    let mut statement = connection.prepare(&sql)?;
    let jobs = statement.query_map([context.project], |row| read_job(row, context))?;
    Ok(jobs.collect::<Result<_, _>>()?)
}

pub(super) fn find(
    connection: &Connection,
    context: &Context,
    id: JobId,
) -> Result<Option<Job>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM jobs j JOIN nodes n ON n.id = j.node WHERE j.id = ?1");
    let job = connection.query_row(&sql, [id.0], |row| read_job(row, context)).optional()?;
    Ok(job)
}

fn read_job(row: &Row<'_>, context: &Context) -> rusqlite::Result<Job> {
    let why: Option<String> = row.get(6)?;
    let state = rows::state(&row.get::<_, String>(5)?, why.as_deref());
    let request_id: Option<String> = row.get(7)?;
    let url = |column: usize| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
    let handle = match request_id {
        Some(request_id) => Some(Handle {
            request_id,
            gateway_request_id: row.get(8)?,
            status_url: url(9)?,
            response_url: url(10)?,
            cancel_url: url(11)?,
        }),
        None => None,
    };
    let order = Order {
        profile: row.get(2)?,
        simulated: row.get(3)?,
        price: row.get::<_, Option<i64>>(12)?.map(Usd),
        repeats: row.get::<_, Option<u32>>(13)?.map(JobId),
        sync: row.get(14)?,
        webhook: row.get(15)?,
        recipe: Recipe {
            endpoint: url(19)?,
            prompt: url(20)?,
            values: rows::values(&rows::parse(row.get(21)?)),
            inputs: rows::inputs(&rows::parse(row.get(22)?)),
        },
    };
    Ok(Job {
        id: JobId(row.get(0)?),
        node: NodeId(row.get(1)?),
        order,
        state,
        durable: true,
        ours: row.get::<_, String>(4)? == context.instance.name,
        addresses: None,
        handle,
        progress: None,
        why,
        at: Timestamp(row.get(16)?),
        sent_at: row.get::<_, Option<i64>>(17)?.map(Timestamp),
        ended_at: row.get::<_, Option<i64>>(18)?.map(Timestamp),
    })
}

/// What was paid since `since`, real or simulated apart.
pub(super) fn spent(
    connection: &Connection,
    simulated: bool,
    since: Timestamp,
) -> Result<Usd, Error> {
    let sum = connection.query_row(
        "SELECT COALESCE(SUM(cost), 0) FROM jobs WHERE simulated = ?1 AND ended_at >= ?2",
        params![simulated, since.0],
        |row| row.get(0),
    )?;
    Ok(Usd(sum))
}

fn missing(id: JobId) -> Error {
    Error::new(Kind::NotFound, format!("there is no job {id}")).hint("`editree jobs` lists them")
}
