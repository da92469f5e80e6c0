//! From the submit to the end: looks at a fitting pace, tells each change once.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::{Error, Kind};
use super::handle::Handle;
use super::{Client, Status};

/// What is worth telling on the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    Status(Status),
    /// A line of the service's log, once.
    Log {
        message: String,
        level: Option<String>,
    },
    /// It goes on by itself; why it waits.
    Waiting(String),
}

/// Answers in a row that make no sense, before it is given up.
const NONSENSE: u32 = 5;
/// Failures in a row of the line before they become the caller's.
const FAILURES: u32 = 3;

impl Client {
    /// Returns when the request is completed, well or not: the result tells which.
    pub async fn follow(
        &self,
        endpoint: &str,
        handle: &Handle,
        mut on: impl FnMut(Report) + Send,
    ) -> Result<(), Error> {
        let began = Instant::now();
        let (mut known, mut lines) = (None, 0);
        let (mut nonsense, mut failures) = (0, 0);
        loop {
            match self.status(endpoint, handle, true).await {
                Ok(body) => {
                    failures = 0;
                    lines = tell_logs(&body, lines, &mut on);
                    match read_status(&body) {
                        Some(Status::Completed) => return Ok(()),
                        Some(status) => {
                            nonsense = 0;
                            if known.as_ref() != Some(&status) {
                                on(Report::Status(status.clone()));
                            }
                            known = Some(status);
                        }
                        None if nonsense < NONSENSE => nonsense += 1,
                        None => {
                            let message = "the service keeps answering without a known status";
                            return Err(Error::new(Kind::Protocol, message));
                        }
                    }
                }
                Err(error) if error.kind == Kind::Network && failures < FAILURES => {
                    failures += 1;
                    on(Report::Waiting(error.message));
                }
                Err(error) => return Err(error),
            }
            let wait = pace(began.elapsed().mul_f64(self.settings.pace), known.as_ref());
            tokio::time::sleep(wait.div_f64(self.settings.pace.max(0.01))).await;
        }
    }
}

/// How long until the next look: often at first and while it runs, seldom far back in a queue.
fn pace(age: Duration, status: Option<&Status>) -> Duration {
    let by_age = match age.as_secs() {
        0..=9 => 300,
        10..=59 => 1_000,
        60..=599 => 2_000,
        _ => 5_000,
    };
    let by_place = match status {
        Some(Status::Queued(Some(ahead))) => 300 + u64::from(*ahead) * 100,
        Some(Status::Queued(None) | Status::Running | Status::Completed) | None => 0,
    };
    Duration::from_millis(by_age.max(by_place).min(5_000))
}

/// Tells the lines after the first `told`; the list is whole each time.
fn tell_logs(body: &Value, told: usize, on: &mut impl FnMut(Report)) -> usize {
    let Some(logs) = body.get("logs").and_then(Value::as_array) else {
        return told;
    };
    for line in logs.iter().skip(told) {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(message) = text("message") {
            on(Report::Log { message, level: text("level") });
        }
    }
    told.max(logs.len())
}

/// `None` for a word that is none of the three.
pub(super) fn read_status(body: &Value) -> Option<Status> {
    match body.get("status")?.as_str()? {
        "IN_QUEUE" => {
            let place = body.get("queue_position").and_then(Value::as_u64);
            Some(Status::Queued(place.and_then(|place| u32::try_from(place).ok())))
        }
        "IN_PROGRESS" => Some(Status::Running),
        "COMPLETED" => Some(Status::Completed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pace_slows_with_age_and_with_the_place_in_the_queue() {
        let at = |seconds, status| pace(Duration::from_secs(seconds), status).as_millis();
        assert_eq!(at(0, None), 300);
        assert_eq!(at(30, Some(&Status::Running)), 1_000);
        assert_eq!(at(0, Some(&Status::Queued(Some(10)))), 1_300);
        assert_eq!(at(0, Some(&Status::Queued(Some(12_654)))), 5_000);
        assert_eq!(at(3_600, None), 5_000);
    }

    #[test]
    fn log_lines_are_told_once_though_the_list_comes_whole() {
        let mut heard = Vec::new();
        let mut on = |report| heard.push(report);
        let told = tell_logs(&json!({"logs": [{"message": "a"}, {"message": "b"}]}), 0, &mut on);
        let told = tell_logs(&json!({"logs": null}), told, &mut on);
        let list = json!({"logs": [{"message": "a"}, {"message": "b"}, {"message": "c"}]});
        assert_eq!(tell_logs(&list, told, &mut on), 3);
        assert_eq!(heard.len(), 3);
    }

    #[test]
    fn only_three_words_are_a_status() {
        assert_eq!(read_status(&json!({"status": "IN_QUEUE"})), Some(Status::Queued(None)));
        assert_eq!(read_status(&json!({"status": "FAILED"})), None);
        assert_eq!(read_status(&json!({})), None);
    }
}
