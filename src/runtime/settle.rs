//! Looks a request up whose answer was lost, in the service's own list.
//!
//! Sends nothing that costs and decides nothing: what is not there may still come. Invariant: a request
//! that this store knows already is never taken for another one.

use serde_json::Value;

use super::client::Provider;
use super::convert;
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::State;
use crate::app::job::answer::{Answer, Sent, Settled};
use crate::fal::account::Record;
use crate::schema::body::{Sameness, sameness};
use crate::store::Store;
use crate::tree::Timestamp;

/// Clocks of both sides may differ so much, in milliseconds.
const SKEW_MS: i64 = 10 * 60_000;
/// So far back is looked for one that a wrong clock would put there: it leaves a doubt.
const BACK_MS: i64 = 24 * 3_600_000;

/// What is known of it here.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) endpoint: String,
    /// As it was sent, or as the store has kept it.
    pub(super) body: Value,
    pub(super) sent_at: Timestamp,
    pub(super) sync: bool,
}

pub(super) async fn settle(
    provider: &Provider,
    store: &Store,
    asked: Asked,
) -> Result<Settled, Failure> {
    if provider.options.store_io == Some(false) {
        let text = "its payload is not stored at the service, so it cannot be known again there";
        return Err(Failure::new(FailureKind::Validation, text));
    }
    let start = iso(Timestamp(asked.sent_at.0 - BACK_MS));
    let near = iso(Timestamp(asked.sent_at.0 - SKEW_MS));
    let listed = provider.records(std::slice::from_ref(&asked.endpoint), &start).await?;
    let ids = listed.iter().map(|record| record.request_id.clone()).collect();
    let known = store.known_requests(ids).await.map_err(Failure::from)?;
    let mut open: Vec<Record> =
        listed.into_iter().filter(|record| !known.contains(&record.request_id)).collect();
    // Of several that are alike the oldest is ours: later ones were sent by hand.
    open.sort_by(|a, b| a.sent_at.cmp(&b.sent_at));
    let like = |record: &Record| record.input.as_ref().map(|input| sameness(&asked.body, input));
    let is_near = |record: &Record| record.sent_at.as_ref().is_none_or(|at| *at >= near);
    let is_it = |record: &&Record| is_near(record) && like(record) == Some(Sameness::Same);
    match open.iter().find(is_it) {
        Some(record) if asked.sync => answered(provider, record),
        Some(record) => {
            let handle = provider.client.handle(&asked.endpoint, &record.request_id);
            let handle = convert::our_handle(handle.map_err(convert::failure)?);
            let state = State::Running;
            Ok(Settled::Found(Box::new(Sent::Accepted { handle, state })))
        }
        None => match open.iter().find(|record| like(record) != Some(Sameness::Other)) {
            Some(doubtful) => Err(doubt(doubtful)),
            None => {
                let deadline = provider.options.start_timeout;
                let deadline_ms = deadline.map(|time| i64::try_from(time.as_millis()).unwrap_or(0));
                Ok(Settled::Absent { deadline_ms })
            }
        },
    }
}

/// A run in one call has no place to ask at; its output stands in the list once it is over.
fn answered(provider: &Provider, record: &Record) -> Result<Settled, Failure> {
    match (record.status, &record.output) {
        (Some(200..=299), Some(output)) => {
            let answer = Answer {
                body: output.clone(),
                request_id: Some(record.request_id.clone()),
                billable_units: None,
                served_from: None,
            };
            Ok(Settled::Found(Box::new(Sent::Answered(Box::new(answer)))))
        }
        (None, _) => Err(Failure::new(FailureKind::Busy, "the service is still at work on it")),
        (Some(code), _) => {
            let text = format!(
                "the service lists it as failed ({code}); request {}",
                provider.client.strike(&record.request_id)
            );
            Err(Failure::new(FailureKind::Validation, text))
        }
    }
}

/// The same words, or nothing to compare: a person has to look.
fn doubt(record: &Record) -> Failure {
    let text = match record.input {
        Some(_) => "the service lists a request with the same prompt that is not quite the same",
        None => "the service lists a request of that time without its payload",
    };
    let failure = Failure::new(FailureKind::Validation, text);
    failure.hint(format!("look at request {} on the account's requests page", record.request_id))
}

/// As the service takes moments.
pub(crate) fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_string()
}
