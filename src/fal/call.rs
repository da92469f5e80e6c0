//! One call with its repeats: send, read within limits, judge, wait.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::Client;
use super::error::{Error, Kind};
use super::retry::{Decision, Outcome, Step, decide};

/// An answer with a pictured data URI stays below it; anything larger is no answer.
const LARGEST: usize = 96 << 20;

/// A success, read whole.
#[derive(Debug)]
pub struct Reply {
    pub(super) status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn json(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.body).map_err(|_| {
            let error = Error::new(Kind::Protocol, "the service's answer is not JSON");
            Error { status: Some(self.status), ..error }
        })
    }
}

/// What one attempt came to.
enum Attempt {
    Success(Reply),
    Failure { outcome: Outcome, error: Error },
}

impl Client {
    /// Makes a call, again where that is safe.
    pub(super) async fn call(
        &self,
        step: Step,
        build: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<Reply, Error> {
        let mut attempt = 1;
        loop {
            let (outcome, error) = match self.attempt(build()).await {
                Attempt::Success(reply) => return Ok(reply),
                Attempt::Failure { outcome, error } => (outcome, error),
            };
            match decide(step, attempt, outcome, fastrand::f64()) {
                Decision::Again { after } => {
                    tokio::time::sleep(after.div_f64(self.settings.pace.max(0.01))).await;
                }
                Decision::GiveUp => return Err(error),
                Decision::Unknown => return Err(super::as_unknown(error)),
            }
            attempt += 1;
        }
    }

    async fn attempt(&self, request: reqwest::RequestBuilder) -> Attempt {
        let response = match request.timeout(self.settings.patience).send().await {
            Ok(response) => response,
            Err(error) => return broken(&error),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = match read(response).await {
            Ok(body) => body,
            Err(Some(error)) => return broken(&error),
            Err(None) => {
                let error = Error::new(Kind::TooLarge, "the service's answer is too large");
                return Attempt::Failure { outcome: Outcome::Broken, error };
            }
        };
        let reply = Reply { status, headers, body };
        if (200..300).contains(&status) {
            return Attempt::Success(reply);
        }
        let text = |name: &str| reply.header(name).map(str::to_owned);
        let error = Error::of_answer(
            status,
            text("x-fal-request-id"),
            text("x-fal-error-type"),
            &reply.body,
        );
        let user_deadline = reply.header("x-fal-request-timeout-type") == Some("user");
        let error = if user_deadline { Error { kind: Kind::Deadline, ..error } } else { error };
        let refused = reply.header("x-fal-needs-retry") == Some("1");
        let seconds = reply.header("retry-after").and_then(|seconds| seconds.parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        let outcome = Outcome::Answer { status, refused, user_deadline, retry_after };
        Attempt::Failure { outcome, error }
    }
}

/// The body, within the limit; `None` when it is larger.
async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, Option<reqwest::Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Some)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> Attempt {
    let outcome = if error.is_connect() { Outcome::NotConnected } else { Outcome::Broken };
    Attempt::Failure { outcome, error: network(error) }
}

/// In words, without the address: it may hold what nobody should read.
pub(super) fn network(error: &reqwest::Error) -> Error {
    let what = if error.is_timeout() {
        "no answer within the time"
    } else if error.is_connect() {
        "cannot connect"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the connection broke"
    };
    Error::new(Kind::Network, what)
}
