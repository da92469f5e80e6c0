//! Asking for a request to be cancelled.
//!
//! It does not wait for the effect. Invariant: an answer about the request is a [`Cancel`], and
//! only trouble with the call itself is an error.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use super::Client;
use super::error::{Error, Step};
use super::error_body;
use super::handle::{Handle, Purpose};
use super::http::{Call, Reply};

/// What became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// Noted. It may still complete, and is then billed: follow on.
    Requested,
    /// Taken out of the queue before any work.
    Removed,
    /// It had completed already, or cannot be stopped any more.
    TooLate,
    /// The service does not know it.
    NotFound,
}

impl Client {
    /// Asks for `handle` to be cancelled.
    ///
    /// # Errors
    /// Network, key and service failures, after a few tries: asking twice is harmless.
    pub async fn cancel(&self, handle: &Handle) -> Result<Cancel, Error> {
        let step = Step::Cancel;
        let url = handle.address(&self.settings().hosts, step, Purpose::Cancel)?;
        let mut call = Call::new(step, Method::PUT, url);
        call.wants_json = false;
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let reply = self.exchange(&call, &mut |_| ()).await?;
        verdict(&reply).ok_or_else(|| self.redacted(error_body::error(step, &reply)))
    }
}

/// The many forms of the answer, by page and by client, told by the word first, then by the code.
fn verdict(reply: &Reply) -> Option<Cancel> {
    let body = reply.json.as_ref();
    let word = body.and_then(|body| body.get("status")?.as_str());
    let success = body.and_then(|body| body.get("success")).and_then(Value::as_bool);
    match (word, reply.status) {
        (Some("CANCELLATION_REQUESTED"), _) => Some(Cancel::Requested),
        (Some("ALREADY_COMPLETED"), _) => Some(Cancel::TooLate),
        (Some("NOT_FOUND"), _) => Some(Cancel::NotFound),
        (Some("OK"), 200..=299) => Some(Cancel::Removed),
        (_, 200..=299) => match success {
            Some(false) => Some(Cancel::TooLate),
            Some(true) | None => Some(Cancel::Requested),
        },
        // Without a word, seen for requests that were running or done.
        (_, 400 | 409) => Some(Cancel::TooLate),
        (_, 404 | 410) => Some(Cancel::NotFound),
        _ => None,
    }
}
