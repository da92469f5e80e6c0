//! A call from first try to last: again where that is harmless, by the table in `retry`.
//!
//! It sends nothing itself (`wire` does) and knows no endpoint. Invariant: every wait is told to
//! the listener, and every error that leaves has the key struck out.

use std::time::Duration;

use tokio::time::sleep;
use url::Url;

use super::Client;
use super::error::Waiting;
use super::error::{Billed, Error, Kind, Step};
use super::error_body;
use super::http::{AttemptError, Call, CallEvent, Listener, Reply};
use super::retry::{Decision, Outcome, asked_for, decide};

impl Client {
    /// Makes the call, again where that is harmless. Answers with whatever status it ended.
    pub(super) async fn exchange(&self, call: &Call, on: Listener<'_>) -> Result<Reply, Error> {
        let places = self.places(&call.url);
        let mut place = 0;
        let mut attempt = 1;
        let mut unreached = None;
        loop {
            let url = places.get(place % places.len().max(1)).unwrap_or(&call.url);
            let mut ended = self.attempt(call, url, on).await;
            if let Err(broken) = &mut ended
                && broken.outcome == Outcome::NotConnected
            {
                // A backup that is down too says nothing of the host that was meant.
                broken.message.clone_from(unreached.get_or_insert(broken.message.clone()));
            }
            let Some(outcome) = outcome(call, &ended) else {
                return ended.map_err(|broken| self.broken(call, broken, false));
            };
            let mut decision = decide(call.step, attempt, &outcome, fastrand::f32());
            if !call.repeat_busy && matches!(&ended, Ok(reply) if reply.status == 429) {
                decision = Decision::GiveUp;
            }
            let mut after = match decision {
                Decision::Again { after } if asked_for(&outcome).is_some() => after,
                Decision::Again { after } => self.settings().paced(after),
                Decision::GiveUp => return self.given_up(call, ended, false),
                Decision::Unknown => return self.given_up(call, ended, true),
            };
            if outcome == Outcome::NotConnected {
                place += 1;
                if place < places.len() {
                    after = Duration::ZERO;
                }
            }
            let (kind, reason) = self.reason(call, ended);
            on(CallEvent::Waiting(Waiting { step: call.step, kind, reason, attempt, after }));
            sleep(after).await;
            attempt += 1;
        }
    }

    /// As [`Client::exchange`], but only a success is an answer.
    pub(super) async fn succeed(&self, call: &Call, on: Listener<'_>) -> Result<Reply, Error> {
        let reply = self.exchange(call, on).await?;
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(self.redacted(error_body::error(call.step, &reply)))
        }
    }

    /// The call's address, and the same on each backup of its host.
    fn places(&self, url: &Url) -> Vec<Url> {
        let hosts = &self.settings().hosts;
        let mut places = vec![url.clone()];
        let kinds = [(&hosts.queue, &hosts.backups), (&hosts.run, &hosts.run_backups)];
        let own = kinds.into_iter().find(|(host, _)| url.origin() == host.origin());
        for backup in own.into_iter().flat_map(|(_, backups)| backups) {
            let mut moved = url.clone();
            let same = moved.set_scheme(backup.scheme()).is_ok()
                && moved.set_host(backup.host_str()).is_ok()
                && moved.set_port(backup.port()).is_ok();
            if same {
                places.push(moved);
            }
        }
        places
    }

    fn given_up(
        &self,
        call: &Call,
        ended: Result<Reply, AttemptError>,
        unknown: bool,
    ) -> Result<Reply, Error> {
        match ended {
            Err(broken) => Err(self.broken(call, broken, unknown)),
            Ok(reply) if unknown => {
                let error = error_body::error(call.step, &reply);
                let kind = Kind::Unknown;
                let billed = Billed::Maybe;
                Err(self.redacted(Error { kind, billed, ..error }))
            }
            Ok(reply) if reply.is_success() && call.wants_json && reply.json.is_none() => {
                Err(self.redacted(error_body::error(call.step, &reply)))
            }
            Ok(reply) => Ok(reply),
        }
    }

    fn broken(&self, call: &Call, broken: AttemptError, unknown: bool) -> Error {
        let kind = if unknown { Kind::Unknown } else { broken.kind };
        let request_id = broken.request_id;
        let error = Error::new(call.step, kind, broken.message);
        self.redacted(Error { request_id, ..error })
    }

    fn reason(&self, call: &Call, ended: Result<Reply, AttemptError>) -> (Kind, String) {
        let error = match ended {
            Ok(reply) => self.redacted(error_body::error(call.step, &reply)),
            Err(broken) => self.broken(call, broken, false),
        };
        (error.kind, error.message)
    }
}

/// How repeating the call would see this ending; `None` for a success, or a failure that cannot
/// change.
fn outcome(call: &Call, ended: &Result<Reply, AttemptError>) -> Option<Outcome> {
    match ended {
        Err(broken) if broken.kind == Kind::TooLarge && !call.step.is_paid() => None,
        Err(broken) if broken.kind == Kind::Refused => None,
        Err(broken) => Some(broken.outcome.clone()),
        Ok(reply) if call.step == Step::Result && error_body::is_early(reply) => {
            Some(Outcome::NotYet)
        }
        Ok(reply) if !reply.is_success() => Some(Outcome::Answered(error_body::verdict(reply))),
        Ok(reply) if call.wants_json && reply.json.is_none() => Some(Outcome::Garbled),
        Ok(_) => None,
    }
}
