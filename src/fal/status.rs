//! What the service says about a request: its state and its log.
//!
//! It looks once; `follow` looks until the end. Invariant: any JSON gives a [`Status`]; what
//! makes no sense is [`State::Unrecognized`].

use reqwest::Method;
use serde_json::Value;

use super::Client;
use super::error::{Error, Step};
use super::handle::{Handle, Purpose};
use super::http::{Call, Listener};

/// Where a request is. The service knows no failed or cancelled state: both are completed, and
/// the result tells (as its own clients read it).
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// `position` requests are ahead, if it says so. May grow.
    Queued { position: Option<u64> },
    /// May fall back to queued when the platform tries again.
    Running,
    /// Over. `error` is set only for some failures; the result call is what counts.
    Completed { error: Option<String>, error_type: Option<String> },
    /// A word that is not in the protocol, or none.
    Unrecognized(String),
}

/// One line of a request's log. All text is as the model wrote it: unsanitised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogLine {
    pub message: String,
    /// `STDERR`, `INFO` …; often missing.
    pub level: Option<String>,
    /// As given; usually without a time zone, meaning UTC.
    pub at: Option<String>,
}

/// One look at a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub state: State,
    /// All lines so far when polling, only the new ones in a stream.
    pub logs: Vec<LogLine>,
    /// Seconds of work, known at the end.
    pub inference_time: Option<f64>,
    pub gateway_request_id: Option<String>,
    /// The answer as it came.
    pub raw: Value,
}

impl Client {
    /// Looks at a request once, with its log if `logs`.
    ///
    /// # Errors
    /// [`super::error::Kind::NotFound`] when the service does not know it; network and service
    /// failures after a few tries.
    pub async fn status(&self, handle: &Handle, logs: bool) -> Result<Status, Error> {
        self.look(Step::Status, handle, logs, &mut |_| ()).await
    }

    pub(super) async fn look(
        &self,
        step: Step,
        handle: &Handle,
        logs: bool,
        on: Listener<'_>,
    ) -> Result<Status, Error> {
        let mut url = handle.address(&self.settings().hosts, step, Purpose::Status)?;
        url.query_pairs_mut().append_pair("logs", if logs { "1" } else { "0" });
        let reply = self.succeed(&Call::new(step, Method::GET, url), on).await?;
        Ok(Status::read(reply.json.unwrap_or_default()))
    }
}

impl Status {
    pub(super) fn read(raw: Value) -> Self {
        let text = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
        let logs = raw.get("logs").and_then(Value::as_array);
        Self {
            state: State::read(&raw),
            logs: logs
                .map(|lines| lines.iter().filter_map(LogLine::read).collect())
                .unwrap_or_default(),
            inference_time: raw.pointer("/metrics/inference_time").and_then(Value::as_f64),
            gateway_request_id: text("gateway_request_id"),
            raw,
        }
    }
}

impl State {
    fn read(raw: &Value) -> Self {
        let text = |name: &str| match raw.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        let word = text("status").unwrap_or_default();
        match word.as_str() {
            "IN_QUEUE" => Self::Queued { position: raw.get("queue_position").and_then(position) },
            "IN_PROGRESS" => Self::Running,
            "COMPLETED" => Self::Completed { error: text("error"), error_type: text("error_type") },
            _ => Self::Unrecognized(word),
        }
    }
}

fn position(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64);
    let text = || value.as_str()?.trim().parse().ok();
    value.as_u64().or_else(float).or_else(text)
}

impl LogLine {
    fn read(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let message = entry.as_str().map(str::to_owned).or_else(|| text("message"))?;
        Some(Self { message, level: text("level"), at: text("timestamp") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_of_a_status_is_read() {
        let table = [
            (
                json!({"status": "IN_QUEUE", "queue_position": 3}),
                State::Queued { position: Some(3) },
            ),
            (
                json!({"status": "IN_QUEUE", "queue_position": 3.0}),
                State::Queued { position: Some(3) },
            ),
            (json!({"status": "IN_QUEUE", "queue_position": -1}), State::Queued { position: None }),
            (
                json!({"status": "IN_QUEUE", "queue_position": " 3"}),
                State::Queued { position: Some(3) },
            ),
            (json!({"status": "IN_QUEUE"}), State::Queued { position: None }),
            (json!({"status": "IN_PROGRESS", "logs": null}), State::Running),
            (json!({"status": "COMPLETED"}), State::Completed { error: None, error_type: None }),
            (
                json!({"status": "COMPLETED", "error": "bad", "error_type": "runner_disconnected"}),
                State::Completed {
                    error: Some("bad".into()),
                    error_type: Some("runner_disconnected".into()),
                },
            ),
            (json!({"status": "FAILED"}), State::Unrecognized("FAILED".into())),
            (json!({}), State::Unrecognized(String::new())),
            (json!([1, 2]), State::Unrecognized(String::new())),
            (json!(null), State::Unrecognized(String::new())),
            (json!({"status": 7}), State::Unrecognized("7".into())),
        ];
        for (raw, wanted) in table {
            assert_eq!(Status::read(raw.clone()).state, wanted, "{raw}");
        }
    }

    #[test]
    fn log_lines_need_nothing_but_a_message() {
        let raw = json!({"status": "IN_PROGRESS", "metrics": {"inference_time": 3.5}, "logs": [
            {"timestamp": "2024-12-20T15:37:17.120314", "message": "INFO: a", "labels": {}},
            {"message": "b", "level": "STDERR", "extra": [1]},
            "c", 5, null, {"level": "INFO"},
        ]});
        let status = Status::read(raw);
        let lines: Vec<_> =
            status.logs.iter().map(|line| (line.message.as_str(), line.level.as_deref())).collect();
        assert_eq!(lines, [("INFO: a", None), ("b", Some("STDERR")), ("c", None)]);
        assert_eq!(status.inference_time, Some(3.5));
    }
}
