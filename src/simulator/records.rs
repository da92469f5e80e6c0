//! What the platform has written down of requests: which there were, and what each has cost.
//!
//! Nothing here costs. Invariant: a request that has not begun is not listed, as on the service,
//! and one whose payloads are not stored is listed without them.

use axum::response::Response;
use serde_json::{Value, json};

use super::account::platform_error;
use super::job::{Job, Phase};
use super::request::Request;
use super::responses::answer;
use super::state::ServerState;
use crate::schema::Usd;

const HOUR: i64 = 3_600;
/// Without a start, of how much time requests are listed; with a request's id.
const DAY: i64 = 24 * HOUR;
const WITH_ID: i64 = 90 * DAY;
/// More ids or endpoints in one question are refused.
const MOST: usize = 50;
/// A page of requests, and of billing events.
const PAGE: usize = 50;
const MOST_REQUESTS: usize = 100;
const MOST_EVENTS: usize = 10_000;

/// Which of them are asked for.
struct Wanted {
    endpoints: Vec<String>,
    ids: Vec<String>,
    start: String,
    end: Option<String>,
    skip: usize,
    limit: usize,
}

/// `models/requests/by-endpoint`.
pub(super) fn requests(server: &ServerState, request: &Request) -> Response {
    let wanted = match Wanted::read(request, MOST_REQUESTS) {
        Ok(wanted) if wanted.endpoints.is_empty() => return invalid("endpoint_id is required"),
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let status = request.parameter("status");
    if let Some(word) = &status
        && !["success", "error", "user_error"].contains(&word.as_str())
    {
        return invalid("status: one of success, error, user_error");
    }
    let with_payloads = listed(request, "expand").iter().any(|word| word == "payloads");
    let state = server.state();
    let jobs = state.order.iter().rev().filter_map(|id| Some((id, state.jobs.get(id)?)));
    let told: Vec<Value> = jobs
        .filter(|(id, job)| job.started_at.is_some() && wanted.holds(id, job))
        .filter(|(_, job)| status.as_deref().is_none_or(|word| word == word_of(code(&job.phase))))
        .map(|(id, job)| item(id, job, with_payloads))
        .collect();
    wanted.page("items", told)
}

/// `models/billing-events`.
pub(super) fn billing_events(server: &ServerState, request: &Request) -> Response {
    let wanted = match Wanted::read(request, MOST_EVENTS) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let state = server.state();
    let jobs = state.order.iter().rev().filter_map(|id| Some((id, state.jobs.get(id)?)));
    let told: Vec<Value> = jobs
        .filter(|(id, job)| wanted.holds(id, job))
        .filter_map(|(id, job)| {
            let subtotal = job.cost?;
            let total = job.billed?;
            (job.charged > 0.0).then(|| event(id, job, subtotal, total))
        })
        .collect();
    wanted.page("billing_events", told)
}

impl Wanted {
    fn read(request: &Request, most: usize) -> Result<Self, Response> {
        let (endpoints, ids) = (listed(request, "endpoint_id"), listed(request, "request_id"));
        if endpoints.len() > MOST || ids.len() > MOST {
            return Err(invalid("at most 50 ids are taken"));
        }
        let time = |name: &str| match request.parameter(name) {
            Some(text) => moment(&text).map(Some).ok_or_else(|| invalid("not an ISO 8601 time")),
            None => Ok(None),
        };
        let usual = if ids.is_empty() { DAY } else { WITH_ID };
        let since = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(usual);
        let limit = match request.parameter("limit") {
            Some(text) => text.parse().ok().filter(|limit| (1..=most).contains(limit)),
            None => Some(PAGE.min(most)),
        };
        let limit = limit.ok_or_else(|| invalid("limit is out of range"))?;
        let skip = match request.parameter("cursor") {
            Some(text) => text.parse().map_err(|_| invalid("the cursor is not one of ours"))?,
            None => 0,
        };
        let start = time("start")?.unwrap_or_else(|| written(since));
        Ok(Self { endpoints, ids, start, end: time("end")?, skip, limit })
    }

    fn holds(&self, id: &str, job: &Job) -> bool {
        let is_named = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|named| named == name)
        };
        is_named(&self.endpoints, &job.endpoint)
            && is_named(&self.ids, id)
            && job.at >= self.start
            && self.end.as_ref().is_none_or(|end| job.at < *end)
    }

    fn page(&self, name: &str, all: Vec<Value>) -> Response {
        let rest = all.len().saturating_sub(self.skip + self.limit);
        let page: Vec<Value> = all.into_iter().skip(self.skip).take(self.limit).collect();
        let next = (rest > 0).then(|| (self.skip + self.limit).to_string());
        answer(200, &json!({ name: page, "next_cursor": next, "has_more": rest > 0 }))
    }
}

/// Repeated, or separated by commas.
fn listed(request: &Request, name: &str) -> Vec<String> {
    let given = request.parameters(name);
    let words = given.iter().flat_map(|words| words.split(','));
    words.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// A date or a moment, as our own times are written: they sort as text.
fn moment(text: &str) -> Option<String> {
    let day = || format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().ok();
    text.parse::<jiff::Timestamp>().ok().or_else(day).map(written)
}

fn written(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

fn invalid(text: &str) -> Response {
    platform_error(400, "validation_error", text)
}

fn item(id: &str, job: &Job, with_payloads: bool) -> Value {
    let zoned = |at: &Option<String>| at.as_ref().map(|at| format!("{at}Z"));
    let mut item = json!({ "request_id": id, "endpoint_id": job.endpoint,
        "sent_at": format!("{}Z", job.at), "started_at": zoned(&job.started_at),
        "ended_at": zoned(&job.ended_at), "status_code": code(&job.phase), "duration": job.inference });
    if let (true, Some(item)) = (with_payloads, item.as_object_mut()) {
        let output = match &job.phase {
            Phase::Done(answer) | Phase::Failed(_, answer) => answer.clone(),
            Phase::Queued | Phase::Running | Phase::Cancelled => Value::Null,
        };
        let (input, output) = match job.unstored {
            true => (Value::Null, Value::Null),
            false => (job.input.clone(), output),
        };
        item.insert("json_input".into(), input);
        item.insert("json_output".into(), output);
    }
    item
}

/// None while it runs.
fn code(phase: &Phase) -> Option<u16> {
    match phase {
        Phase::Queued | Phase::Running => None,
        Phase::Done(_) => Some(200),
        Phase::Failed(code, _) => Some(*code),
        Phase::Cancelled => Some(499),
    }
}

fn word_of(code: Option<u16>) -> &'static str {
    match code {
        Some(200..=299) => "success",
        Some(400..=499) => "user_error",
        Some(_) => "error",
        None => "running",
    }
}

fn event(id: &str, job: &Job, subtotal: Usd, total: Usd) -> Value {
    // The platform shortens the endpoint to owner and application.
    let short: Vec<&str> = job.endpoint.split('/').take(2).collect();
    let discount = subtotal - total;
    let percent = if subtotal.0 == 0 { 0 } else { discount.0 * 100 / subtotal.0 };
    json!({ "request_id": id, "endpoint_id": short.join("/"),
        "timestamp": job.ended_at.as_ref().map(|at| format!("{at}Z")), "output_units": job.charged,
        "unit_price": subtotal.to_f64() / job.charged, "percent_discount": percent,
        "cost_subtotal": subtotal.to_f64(), "cost_discount": discount.to_f64(),
        "cost_total": total.to_f64(), "cost_estimate_nano_usd": total.0 * 1_000 })
}
