//! The model's answer: fetched from the queue, or waited for in a synchronous run.
//!
//! It does not look into the output. Invariant: an [`Answer`] is a success with a JSON body;
//! everything else is an error with what the model said.

use reqwest::Method;
use serde_json::Value;

use super::Client;
use super::endpoint::Endpoint;
use super::error::Waiting;
use super::error::{Billed, Error, Kind, Step};
use super::handle::{Handle, Purpose};
use super::http::{Call, CallEvent, Payload, Reply};
use super::profile::join;
use super::submit_options::SubmitOptions;

/// The output of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The bare output.
    pub body: Value,
    pub status: u16,
    pub request_id: Option<String>,
    /// What was billed; for Kontext one unit is one picture.
    pub billable_units: Option<f64>,
    /// The endpoint that really answered, after a fall-back.
    pub served_from: Option<String>,
    /// All `x-fal-` headers, lower case.
    pub headers: Vec<(String, String)>,
}

impl Client {
    /// Fetches the result of a completed request.
    ///
    /// # Errors
    /// What the model or the platform said; [`Kind::NotYet`] when asked too early,
    /// after a few tries; [`Kind::Gone`] when it has expired.
    pub async fn result(&self, handle: &Handle) -> Result<Answer, Error> {
        self.result_watched(handle, |_| ()).await
    }

    /// As [`Client::result`], and says when it waits for another try.
    ///
    /// # Errors
    /// As [`Client::result`].
    pub async fn result_watched(
        &self,
        handle: &Handle,
        mut on: impl FnMut(Waiting) + Send,
    ) -> Result<Answer, Error> {
        let step = Step::Result;
        let url = handle.address(&self.settings().hosts, step, Purpose::Response)?;
        let call = Call::new(step, Method::GET, url);
        let mut hear = |happening| match happening {
            CallEvent::Waiting(waiting) => on(waiting),
            CallEvent::Sent(_) => (),
        };
        let reply = self.succeed(&call, &mut hear).await?;
        if super::error_body::is_early(&reply) {
            let status = Some(reply.status);
            let error = Error::new(step, Kind::NotYet, "the request is still in progress");
            return Err(Error { status, ..error });
        }
        Ok(Answer::read(reply))
    }

    /// Runs `body` at `endpoint` and waits for the output. Cannot be picked up after a crash;
    /// dropping the future cancels it.
    ///
    /// # Errors
    /// As [`Client::submit`] and [`Client::result`] together.
    pub async fn run(&self, endpoint: &str, body: &Value) -> Result<Answer, Error> {
        self.run_with(endpoint, body, &SubmitOptions::default()).await
    }

    /// As [`Client::run`], with those options that are headers.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub async fn run_with(
        &self,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
    ) -> Result<Answer, Error> {
        self.run_watched(endpoint, body, options, |_| ()).await
    }

    /// As [`Client::run_with`], and says when it waits for another try.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub async fn run_watched(
        &self,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
        mut on: impl FnMut(Waiting) + Send,
    ) -> Result<Answer, Error> {
        let step = Step::Run;
        let endpoint = Endpoint::parse(step, endpoint)?;
        let url = join(&self.settings().hosts.run, endpoint.full())?;
        let mut call = Call::new(step, Method::POST, url);
        call.headers = options.headers(step)?;
        self.settings().headers.put_into(&mut call.headers);
        call.payload = Payload::Json(body.to_string().into_bytes());
        let mut hear = |happening| match happening {
            CallEvent::Waiting(waiting) => on(waiting),
            CallEvent::Sent(_) => (),
        };
        let answer = Answer::read(self.succeed(&call, &mut hear).await?);
        // Some gateways have nothing but a queue, and say so with a ticket.
        let ticket = answer.body.get("request_id").and_then(Value::as_str);
        match ticket.filter(|_| answer.body.get("status_url").is_some()) {
            Some(id) => Err(Error {
                billed: Billed::Maybe,
                status: Some(answer.status),
                request_id: Some(id.to_owned()),
                ..Error::new(
                    step,
                    Kind::Unknown,
                    "the answer is a place in a queue; follow it there",
                )
            }),
            None => Ok(answer),
        }
    }
}

impl Answer {
    pub(super) fn read(reply: Reply) -> Self {
        let text = |name| reply.header(name).map(str::to_owned);
        let units = reply.header("x-fal-billable-units");
        let ours = reply.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-fal-"));
        let pair =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            };
        Self {
            status: reply.status,
            request_id: text("x-fal-request-id"),
            billable_units: units.and_then(|units| units.trim().parse().ok()),
            served_from: text("x-fal-served-from"),
            headers: ours.filter_map(pair).collect(),
            body: reply.json.unwrap_or_default(),
        }
    }
}
