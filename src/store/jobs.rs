//! The journal: a job's row is durable before the next outer step.
//!
//! Sends nothing. Invariant: a row moves only along the table of `app::job`, a finished one never.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::error::{Error, Kind, missing_job};
use super::{Ceiling, Context, accounts, nodes, pictures, results, rows, sidecar};
use crate::app::job::answer::{Handle, Outcome};
use crate::app::job::spec::RequestSpec;
use crate::app::job::{Job, JobId, State, Work};
use crate::app::message::Saved;
use crate::schema::Usd;
use crate::schema::price::Quote;
use crate::tree::{Input, NodeId, PictureRef, Recipe, Timestamp};

const COLUMNS: &str = "j.id, j.node, j.profile, j.simulated, j.instance, j.state, j.why, \
    j.request_id, j.gateway_request_id, j.status_url, j.response_url, j.cancel_url, j.estimate, \
    j.repeats, j.sync, j.webhook, j.at, j.sent_at, j.ended_at, n.endpoint, n.prompt, n.params, \
    n.inputs, j.ahead, j.follow, j.behind, j.cost, j.answer, j.ask, j.waits_since, j.next_try, j.unit_price, \
    j.is_estimated, j.body";

/// Not final, in the very words of the index `jobs_open`.
pub(super) const OPEN: &str = "state NOT IN ('done', 'failed', 'cancelled', 'dismissed')";

/// Why a step waits for a word, until it goes on by itself.
const NEXT_STEP: &str = "the next of several steps";

/// Node and job in one transaction.
pub(super) fn save(
    connection: &mut Connection,
    context: &Context,
    spec: &RequestSpec,
    ceiling: Option<Ceiling>,
    at: Timestamp,
) -> Result<Saved, Error> {
    if spec.simulated != context.simulated {
        let message = "a project never mixes real and simulated pictures";
        return Err(Error::new(Kind::Mixed, message).hint("name another with --project NAME"));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(ceiling) = ceiling {
        check_ceiling(&transaction, spec, ceiling)?;
    }
    let node = insert_node(&transaction, context, spec, at)?;
    let job = insert_job(&transaction, context, node, spec, at)?;
    if let Some(repeated) = spec.resend_of {
        // Its steps follow this one now.
        forget_steps(&transaction, repeated)?;
    }
    let node = nodes::load(&transaction, context, node)?.ok_or_else(|| nodes::missing(node))?;
    let job = find(&transaction, context, job)?.ok_or_else(|| missing_job(job))?;
    transaction.commit()?;
    Ok(Saved { job, node })
}

/// In the transaction that saves: two instances cannot pass one limit together.
fn check_ceiling(
    connection: &Connection,
    spec: &RequestSpec,
    ceiling: Ceiling,
) -> Result<(), Error> {
    let reserved = connection
        .prepare_cached(&reserved())?
        .query_row([spec.simulated], |row| row.get(0).map(Usd))?;
    let spent = accounts::spent(connection, spec.simulated, ceiling.since..super::END)?;
    let price = spec.quote.amount.unwrap_or_default();
    if spent + reserved + price <= ceiling.most {
        return Ok(());
    }
    let message = format!(
        "{price} is over the day's budget of {}: {spent} is spent, {reserved} is under way",
        ceiling.most
    );
    Err(Error::new(Kind::OverBudget, message))
}

fn insert_node(
    connection: &Connection,
    context: &Context,
    spec: &RequestSpec,
    at: Timestamp,
) -> Result<NodeId, Error> {
    let recipe = &spec.recipe;
    let parent = recipe.inputs.first().and_then(|input| match input {
        Input::Picture(picture) => Some(*picture),
        Input::Url(_) => None,
    });
    if let Some(parent) = parent
        && nodes::load(connection, context, parent.node)?.is_none()
    {
        return Err(nodes::missing(parent.node));
    }
    connection.execute(
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
            spec.simulated,
            at.0
        ],
    )?;
    pictures::node_id(connection.last_insert_rowid())
}

fn insert_job(
    connection: &Connection,
    context: &Context,
    node: NodeId,
    spec: &RequestSpec,
    at: Timestamp,
) -> Result<JobId, Error> {
    connection.execute(
        "INSERT INTO jobs (node, project, profile, simulated, instance, state, estimate, repeats, \
         sync, webhook, at, follow, behind, unit_price, is_estimated) \
         VALUES (?1, ?2, ?3, ?4, ?5, 'saved', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            node.0,
            context.project,
            spec.profile,
            spec.simulated,
            context.instance.name,
            spec.quote.amount.map(|amount| amount.0),
            spec.resend_of.map(|job| job.0),
            spec.sync,
            spec.webhook,
            at.0,
            rows::follow_ups_json(&spec.follow_ups),
            spec.low_priority,
            spec.quote.unit_price.map(|each| each.0),
            spec.quote.is_estimate
        ],
    )?;
    let number = u32::try_from(connection.last_insert_rowid());
    number.map(JobId).map_err(|_| Error::new(Kind::Full, "the store has no more numbers for jobs"))
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
    let node = check_move(&transaction, context, id, to)?;
    let why = if let State::Held(why) = to { Some(why.clone()) } else { why };
    transaction.execute(
        "UPDATE jobs SET state = ?2, why = ?3, ahead = ?4, instance = ?5, ask = ?6, \
         waits_since = ?7, next_try = ?8, at_door = 0 WHERE id = ?1",
        params![
            id.0,
            to.name(),
            why,
            rows::ahead(to),
            context.instance.name,
            to.pause().map(|pause| rows::ask_name(pause.ask)),
            to.pause().map(|pause| pause.since.0),
            to.pause().and_then(|pause| pause.next).map(|next| next.0)
        ],
    )?;
    if let Some(handle) = handle {
        write_handle(&transaction, id, &handle)?;
        transaction.execute(
            "UPDATE nodes SET request_id = ?2 WHERE id = ?1",
            params![node.0, handle.request_id],
        )?;
    }
    if to.is_accepted() || to.is_final() {
        transaction.execute("UPDATE jobs SET body = NULL WHERE id = ?1", [id.0])?;
    }
    if to.is_accepted() {
        // In the same breath: an accepted request counts, whatever comes next.
        transaction
            .execute("UPDATE jobs SET cost = COALESCE(cost, estimate) WHERE id = ?1", [id.0])?;
    }
    if *to == State::Sending {
        let leaving = "UPDATE jobs SET sent_at = ?2, at_door = 1 WHERE id = ?1";
        transaction.execute(leaving, params![id.0, at.0])?;
    }
    if to.is_final() {
        transaction.execute(
            "UPDATE jobs SET ended_at = ?2, answer = NULL WHERE id = ?1",
            params![id.0, at.0],
        )?;
    }
    if let Some(state) = to.node_state() {
        nodes::set_state(&transaction, node, state)?;
    }
    if to.is_final() || *to == State::Cancelling {
        forget_steps(&transaction, id)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Its body is about to be written to the service: from here on it may be paid.
pub(super) fn leave(connection: &Connection, context: &Context, id: JobId) -> Result<(), Error> {
    let sql = "UPDATE jobs SET at_door = 0 WHERE id = ?1 AND instance = ?2 AND state = 'sending'";
    match connection.execute(sql, params![id.0, context.instance.name])? {
        0 => Err(missing_job(id)),
        _ => Ok(()),
    }
}

/// Nothing follows this job any more.
fn forget_steps(connection: &Connection, id: JobId) -> Result<(), Error> {
    connection.execute("UPDATE jobs SET follow = NULL WHERE id = ?1", [id.0])?;
    Ok(())
}

fn write_handle(connection: &Connection, id: JobId, handle: &Handle) -> Result<(), Error> {
    connection.execute(
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

/// The node of the job, if the move is legal from what the row says now and the job is ours to
/// move: two instances that follow the same job would act on it twice.
pub(super) fn check_move(
    connection: &Connection,
    context: &Context,
    id: JobId,
    to: &State,
) -> Result<NodeId, Error> {
    let row = connection
        .query_row(
            "SELECT state, node, instance FROM jobs WHERE id = ?1 AND project = ?2",
            params![id.0, context.project],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?)),
        )
        .optional()?;
    let Some((state, node, owner)) = row else {
        return Err(missing_job(id));
    };
    if !rows::state(&state, None, None, None).may_become(to) {
        let message = format!("{id} is {state} and cannot become {}", to.name());
        return Err(Error::new(Kind::Illegal, message));
    }
    if owner != context.instance.name && !context.instance.is_dead(&owner) {
        let message = format!("{id} belongs to another editree that is running");
        return Err(Error::new(Kind::Foreign, message).hint("go on with it there"));
    }
    Ok(NodeId(node))
}

/// Pictures, node and job become done together; the files beside the pictures are durable before.
/// The next step, if there is one and a picture for it, is saved with them, held: whatever ends
/// the program, it is neither lost nor sent unasked.
pub(super) fn finish(
    connection: &mut Connection,
    context: &Context,
    id: JobId,
    outcome: &Outcome,
    at: Timestamp,
) -> Result<Option<Saved>, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let node = check_move(&transaction, context, id, &State::Done)?;
    let job = find(&transaction, context, id)?.ok_or_else(|| missing_job(id))?;
    let cost = job.spec.quote.billed(outcome.billable_units);
    results::write_pictures(&transaction, context, node, outcome)?;
    transaction.execute(
        "UPDATE nodes SET state = 'done', seed = ?2, request_id = ?3, cost = ?4, timings = ?5, \
         raw = ?6, served_from = ?7 WHERE id = ?1",
        params![
            node.0,
            outcome.seed.map(u64::cast_signed),
            outcome.request_id,
            cost.map(|cost| cost.0),
            serde_json::to_string(&outcome.timings).unwrap_or_default(),
            outcome.raw.to_string(),
            outcome.served_from
        ],
    )?;
    transaction.execute(
        "UPDATE jobs SET state = 'done', why = NULL, ahead = NULL, answer = NULL, cost = ?2, \
         billable_units = ?3, ended_at = ?4 WHERE id = ?1",
        params![id.0, cost.map(|cost| cost.0), outcome.billable_units, at.0],
    )?;
    let whole = nodes::load(&transaction, context, node)?.ok_or_else(|| nodes::missing(node))?;
    sidecar::write(&transaction, context, &whole)?;
    forget_steps(&transaction, id)?;
    let on = outcome.pictures.first().filter(|picture| picture.is_picture() && !picture.nsfw);
    let next = on.and_then(|on| job.spec.next(PictureRef { node, picture: on.hash }));
    let next = next.map(|spec| save_held(&transaction, context, &spec, at)).transpose()?;
    transaction.commit()?;
    Ok(next)
}

fn save_held(
    connection: &Connection,
    context: &Context,
    spec: &RequestSpec,
    at: Timestamp,
) -> Result<Saved, Error> {
    let node = insert_node(connection, context, spec, at)?;
    let job = insert_job(connection, context, node, spec, at)?;
    connection.execute(
        "UPDATE jobs SET state = 'held', why = ?2 WHERE id = ?1",
        params![job.0, NEXT_STEP],
    )?;
    let node = nodes::load(connection, context, node)?.ok_or_else(|| nodes::missing(node))?;
    let job = find(connection, context, job)?.ok_or_else(|| missing_job(job))?;
    Ok(Saved { job, node })
}

/// Jobs of this project that are not final.
pub(super) fn open_jobs(connection: &Connection, context: &Context) -> Result<Vec<Job>, Error> {
    let mut statement = connection.prepare(&open())?;
    let jobs = statement.query_map([context.project], |row| read_job(row, context))?;
    Ok(jobs.collect::<Result<_, _>>()?)
}

/// Without the sign SQLite walks over all jobs, since they stand in this order.
fn open() -> String {
    format!(
        "SELECT {COLUMNS} FROM jobs j JOIN nodes n ON n.id = j.node WHERE j.project = ?1 \
         AND j.{OPEN} ORDER BY +j.id"
    )
}

fn reserved() -> String {
    format!(
        "SELECT COALESCE(SUM(estimate), 0) FROM jobs \
         WHERE simulated = ?1 AND cost IS NULL AND {OPEN}"
    )
}

/// What is asked with each request, and whenever another process has written.
#[cfg(test)]
pub(super) fn statements() -> [String; 2] {
    [open(), reserved()]
}

pub(super) fn find(
    connection: &Connection,
    context: &Context,
    id: JobId,
) -> Result<Option<Job>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs j JOIN nodes n ON n.id = j.node \
         WHERE j.id = ?1 AND j.project = ?2"
    );
    let job = connection
        .query_row(&sql, params![id.0, context.project], |row| read_job(row, context))
        .optional()?;
    Ok(job)
}

fn read_job(row: &Row<'_>, context: &Context) -> rusqlite::Result<Job> {
    let why: Option<String> = row.get(6)?;
    let pause = rows::pause(row.get(28)?, row.get(29)?, row.get(30)?);
    let state = rows::state(&row.get::<_, String>(5)?, why.as_deref(), row.get(23)?, pause);
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
    let spec = RequestSpec {
        profile: row.get(2)?,
        simulated: row.get(3)?,
        quote: Quote {
            amount: row.get::<_, Option<i64>>(12)?.map(Usd),
            unit_price: row.get::<_, Option<i64>>(31)?.map(Usd),
            is_estimate: row.get(32)?,
        },
        resend_of: row.get::<_, Option<u32>>(13)?.map(JobId),
        sync: row.get(14)?,
        webhook: row.get(15)?,
        follow_ups: rows::follow_ups(&rows::parse(row.get(24)?)),
        low_priority: row.get(25)?,
        recipe: Recipe {
            endpoint: url(19)?,
            prompt: url(20)?,
            values: rows::values(&rows::parse(row.get(21)?)),
            inputs: rows::inputs(&rows::parse(row.get(22)?)),
        },
    };
    let cost: Option<Usd> = row.get::<_, Option<i64>>(26)?.map(Usd);
    Ok(Job {
        id: JobId(row.get(0)?),
        node: NodeId(row.get(1)?),
        durable: true,
        owned: row.get::<_, String>(4)? == context.instance.name,
        addresses: None,
        body: Some(rows::parse(row.get(33)?)).filter(|body| !body.is_null()),
        // Accepted, and ended before that was counted.
        cost: cost.or(spec.quote.amount.filter(|_| handle.is_some() && !state.is_final())),
        handle,
        answer: rows::answer(&rows::parse(row.get(27)?)).map(Box::new),
        why,
        at: Timestamp(row.get(16)?),
        sent_at: row.get::<_, Option<i64>>(17)?.map(Timestamp),
        ended_at: row.get::<_, Option<i64>>(18)?.map(Timestamp),
        work: Work::default(),
        spec,
        state,
    })
}
