//! Handing a request to the queue.
//!
//! It does not judge the input. Invariant: one paid `POST` per call, unless it surely did not
//! arrive or was refused before any work (see `retry`).

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::Client;
use super::endpoint::Endpoint;
use super::error::{Billed, Error, Kind, Step};
use super::follow::Waiting;
use super::handle::Handle;
use super::http::{Call, CallEvent, Payload, Reply};
use super::profile::join;
use super::response::Answer;
use super::status::{State, Status};
use super::upload::lifecycle;

/// A place in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    #[default]
    Normal,
    /// Behind all normal requests, other people's too.
    Low,
}

/// What can be asked for beside the input. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubmitOptions {
    /// Work must begin within this time, more than one second; it does not bound the work.
    pub start_timeout: Option<Duration>,
    pub priority: Option<Priority>,
    /// Requests with the same hint prefer the same machine.
    pub hint: Option<String>,
    /// Told when the request completes; queue only.
    pub webhook: Option<Url>,
    /// `Some(false)`: keep no payloads. The result is then gone after minutes.
    pub store_io: Option<bool>,
    /// Refused as busy when so many requests wait already; such a refusal is not tried again.
    pub max_queue_length: Option<u32>,
    /// How long made pictures are kept by the service.
    pub keep_media: Option<Duration>,
    /// The platform must not put the request back in the queue by itself.
    pub no_retry: bool,
    /// The platform must not use another endpoint instead.
    pub no_fallback: bool,
    /// Names and values by which the bill can be taken apart.
    pub tags: Vec<(String, String)>,
}

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
        call.payload = Payload::Json(body.to_string().into_bytes());
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

impl SubmitOptions {
    /// Whether the service would take them.
    ///
    /// # Errors
    /// [`Kind::Refused`], with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        self.headers(Step::Setup).map(|_| ())
    }

    fn ask(&self, url: &mut Url) {
        if let Some(webhook) = &self.webhook {
            url.query_pairs_mut().append_pair("fal_webhook", webhook.as_str());
        }
        if let Some(length) = self.max_queue_length {
            url.query_pairs_mut().append_pair("fal_max_queue_length", &length.to_string());
        }
    }

    pub(super) fn headers(&self, step: Step) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, text: &str| {
            let value = HeaderValue::from_str(text).map_err(|_| {
                Error::unsent(step, format!("`{name}` cannot be sent: it holds control characters"))
            })?;
            headers.insert(HeaderName::from_static(name), value);
            Ok::<(), Error>(())
        };
        if let Some(limit) = self.start_timeout {
            if limit <= Duration::from_secs(1) {
                return Err(Error::unsent(step, "the start deadline must be more than one second"));
            }
            // The newer name wins where it is known; the older one is known everywhere.
            let seconds = format!("{:?}", limit.as_secs_f64());
            put("x-fal-request-timeout", &seconds)?;
            put("x-fal-request-start-timeout", &seconds)?;
        }
        match self.priority {
            Some(Priority::Normal) => put("x-fal-queue-priority", "normal")?,
            Some(Priority::Low) => put("x-fal-queue-priority", "low")?,
            None => (),
        }
        if let Some(hint) = &self.hint {
            put("x-fal-runner-hint", hint)?;
        }
        if let Some(store) = self.store_io {
            put("x-fal-store-io", if store { "1" } else { "0" })?;
        }
        if let Some(time) = self.keep_media {
            put("x-fal-object-lifecycle-preference", &lifecycle(time))?;
        }
        if self.no_retry {
            put("x-fal-no-retry", "1")?;
        }
        if self.no_fallback {
            put("x-app-fal-disable-fallback", "true")?;
        }
        if !self.tags.is_empty() {
            put("x-fal-tags", &tags(step, &self.tags)?)?;
        }
        Ok(headers)
    }
}

/// The header's text, within the service's bounds (protocol §3.1): the service drops what it
/// cannot read, and a bill without its tags is found out too late.
fn tags(step: Step, tags: &[(String, String)]) -> Result<String, Error> {
    let refuse = |message: String| Err(Error::unsent(step, message));
    if tags.len() > 10 {
        return refuse(format!("there are {} tags, 10 are the most", tags.len()));
    }
    for (name, value) in tags {
        let plain = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter)
        };
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return refuse(format!("`{name}` is no tag: up to 64 of a-z, 0-9, `.`, `_` and `-`"));
        }
        if name.starts_with("fal.") {
            return refuse(format!("tag `{name}` begins with `fal.`, which is the service's own"));
        }
        let text = |letter: char| letter.is_ascii_graphic() || letter == ' ';
        let is_value = !value.is_empty() && value.len() <= 256 && value.chars().all(text);
        if !is_value || value.contains([',', '=']) {
            let bounds = "up to 256 plain letters without `,` and `=`";
            return refuse(format!("tag `{name}` needs a value of {bounds}"));
        }
    }
    let pairs: Vec<String> = tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = pairs.join(",");
    if text.len() > 1_024 {
        return refuse(format!("the tags have {} letters, 1024 are the most", text.len()));
    }
    Ok(text)
}
