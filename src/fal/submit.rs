//! Handing a request to the queue.
//!
//! It does not judge the input. Invariant: one paid `POST` per call, unless it surely did not
//! arrive or was refused before any work (see `retry`).

use reqwest::Method;
use serde_json::{Value, json};

use super::Client;
use super::endpoint::Endpoint;
use super::error::Waiting;
use super::error::{Billed, Error, Kind, Step};
use super::handle::Handle;
use super::http::{Call, CallEvent, Payload, Reply};
use super::profile::join;
use super::response::Answer;
use super::status::{State, Status};
use super::submit_options::{Gate, SubmitOptions};

/// A request that is in the service's hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    pub handle: Handle,
    /// Usually queued; may already be running.
    pub status: Status,
    /// The answer as it came.
    pub raw: Value,
    /// A gateway may answer with the output itself; then this is all there is to have.
    pub answer: Option<Answer>,
}

impl Client {
    /// Submits `body`, the bare input, to `endpoint`.
    ///
    /// # Errors
    /// [`Kind::Unknown`] when it may have arrived: never submit it again by itself. Everything
    /// else was not taken: [`Billed::No`].
    pub async fn submit(
        &self,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
    ) -> Result<Submitted, Error> {
        self.submit_watched(endpoint, body, options, |_| ()).await
    }

    /// As [`Client::submit`], and says when it waits for another try.
    ///
    /// # Errors
    /// As [`Client::submit`].
    pub async fn submit_watched(
        &self,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
        on: impl FnMut(Waiting) + Send,
    ) -> Result<Submitted, Error> {
        self.submit_through(None, endpoint, body, options, on).await
    }

    /// As [`Client::submit_watched`]; `gate` is asked when the line is there and nothing of the body has
    /// been written: while it is closed the request is surely not received.
    ///
    /// # Errors
    /// As [`Client::submit`].
    pub async fn submit_through(
        &self,
        gate: Option<Gate>,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
        mut on: impl FnMut(Waiting) + Send,
    ) -> Result<Submitted, Error> {
        let step = Step::Submit;
        let endpoint = Endpoint::parse(step, endpoint)?;
        let hosts = &self.settings().hosts;
        let base = if self.settings().gateway { &hosts.run } else { &hosts.queue };
        let mut url = join(base, endpoint.full())?;
        options.ask(&mut url);
        let mut call = Call::new(step, Method::POST, url);
        call.headers = options.headers(step)?;
        self.settings().headers.put_into(&mut call.headers);
        call.payload = Payload::Json(body.to_string().into_bytes());
        call.gate = gate;
        call.repeat_busy = options.max_queue_length.is_none();
        let mut hear = |happening| match happening {
            CallEvent::Waiting(waiting) => on(waiting),
            CallEvent::Sent(_) => (),
        };
        match self.succeed(&call, &mut hear).await {
            Ok(reply) => self.submitted(&endpoint, reply).await,
            Err(error) => self.taken_all_the_same(&endpoint, error).await,
        }
    }

    /// The handle of a request by its id alone, for one whose answer was lost or that was
    /// submitted elsewhere.
    ///
    /// # Errors
    /// [`Kind::Refused`] when `endpoint` or `request_id` cannot be ones.
    pub fn handle(&self, endpoint: &str, request_id: &str) -> Result<Handle, Error> {
        let endpoint = Endpoint::parse(Step::Status, endpoint)?;
        Handle::built(&self.settings().hosts, &endpoint, request_id)
    }

    async fn submitted(&self, endpoint: &Endpoint, reply: Reply) -> Result<Submitted, Error> {
        let hosts = &self.settings().hosts;
        let raw = reply.json.clone().unwrap_or_default();
        let handle = Handle::read(hosts, endpoint, &raw);
        let id = reply.header("x-fal-request-id");
        match handle {
            Some(handle) => {
                Ok(Submitted { handle, status: Status::read(raw.clone()), raw, answer: None })
            }
            None if self.settings().gateway && is_output(&raw) => {
                let handle = Handle::built(hosts, endpoint, id.unwrap_or("unnamed"))?;
                Ok(Submitted {
                    handle,
                    status: Status::read(json!({"status": "COMPLETED"})),
                    answer: Some(Answer::read(reply)),
                    raw,
                })
            }
            None => {
                self.taken_all_the_same(
                    endpoint,
                    self.redacted(Error {
                        billed: Billed::Maybe,
                        status: Some(reply.status),
                        request_id: id.map(str::to_owned),
                        ..Error::new(
                            Step::Submit,
                            Kind::Unknown,
                            "the service took it but named no request",
                        )
                    }),
                )
                .await
            }
        }
    }

    /// A success whose text is lost or makes no sense, and whose head has an id: where the service
    /// knows a request by that id, it was accepted.
    async fn taken_all_the_same(
        &self,
        endpoint: &Endpoint,
        error: Error,
    ) -> Result<Submitted, Error> {
        let is_success = error.status.is_none_or(|status| (200..300).contains(&status));
        let is_lost = error.kind == Kind::Unknown && is_success;
        let id = error.request_id.as_ref().filter(|_| is_lost);
        let handle = id.map(|id| Handle::built(&self.settings().hosts, endpoint, id));
        let Some(Ok(handle)) = handle else {
            return Err(error);
        };
        match self.status(&handle, false).await {
            Ok(status) if !matches!(status.state, State::Unrecognized(_)) => {
                let raw = status.raw.clone();
                Ok(Submitted { handle, status, raw, answer: None })
            }
            Ok(_) | Err(_) => Err(error),
        }
    }
}

/// Whether a body without a request id is a model's output and not some other talk.
fn is_output(body: &Value) -> bool {
    ["images", "image", "video", "audio"].iter().any(|name| body.get(name).is_some())
}
