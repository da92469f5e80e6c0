//! Watching a request until it completes.
//!
//! It does not fetch the result, and completing is not succeeding. Invariant: what is reported
//! is news: a state is reported when it changes, a log line once.
//!
//! ```text
//!  stream ──ends, idle, refused──► look ──pace──► stream again (a few times), or look
//! ```
//!
//! Of many that are followed at once only the nearest do so; the others take turns looking.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Client;
use super::crowd::Seat;
use super::error::{Error, Kind, Step, Waiting};
use super::handle::Handle;
use super::http::CallEvent;
use super::logs::LogTail;
use super::poll_interval;
use super::status::{LogLine, State, Status};

/// How many answers in a row may make no sense, or deny the request, before we believe it.
const MAX_FAILED_POLLS: u32 = 4;
/// How many times a broken status stream is opened again.
const STREAMS: u32 = 3;

/// What following says on the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// So many requests are ahead; also when it falls back from running.
    Queued {
        position: Option<u64>,
    },
    Running,
    Log(LogLine),
    /// Trouble on the line; it goes on by itself.
    Waiting(Waiting),
    /// The platform tried again under another id; keep both.
    Renamed {
        gateway_request_id: String,
    },
}

/// A request that has completed, well or not: the result call tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Words about a failure, when the status has some.
    pub error: Option<String>,
    pub error_type: Option<String>,
    /// Seconds of work.
    pub inference_time: Option<f64>,
    /// The last status as it came.
    pub raw: Value,
}

impl Client {
    /// Watches a request to its end, through lost lines and the platform's own retries.
    ///
    /// There is no limit of time: stop by dropping the future. The request itself goes on.
    ///
    /// # Errors
    /// [`Kind::Auth`] at once; [`Kind::NotFound`] and [`Kind::Protocol`] after a few looks;
    /// [`Kind::Network`] and [`Kind::Service`] after about half a minute without an answer. None of
    /// them says anything about the request itself: follow it again later.
    pub async fn follow(
        &self,
        handle: &Handle,
        on: impl FnMut(Report) + Send,
    ) -> Result<Finished, Error> {
        self.follow_on(handle, Watch::new(handle), on).await
    }

    /// The same, beginning with a look that takes nobody's turn: a person asks.
    ///
    /// # Errors
    /// As [`Client::follow`].
    pub async fn follow_now(
        &self,
        handle: &Handle,
        mut on: impl FnMut(Report) + Send,
    ) -> Result<Finished, Error> {
        let mut watch = Watch::new(handle);
        match self.poll_once(handle, &mut watch, &mut on).await? {
            Some(finished) => Ok(finished),
            None => self.follow_on(handle, watch, on).await,
        }
    }

    async fn follow_on(
        &self,
        handle: &Handle,
        mut watch: Watch,
        mut on: impl FnMut(Report) + Send,
    ) -> Result<Finished, Error> {
        let mut streams = if self.settings().stream { STREAMS } else { 0 };
        let _seat = match self.wait_for_seat(handle, &mut watch, &mut on).await? {
            Waited::Seated(seat) => seat,
            Waited::Finished(finished) => return Ok(finished),
        };
        loop {
            if streams > 0 {
                let ears = Ears { handle, watch: &mut watch, on: &mut on };
                match self.listen(ears).await {
                    StreamEnd::Finished(finished) => return Ok(finished),
                    StreamEnd::Failed(error) => return Err(error),
                    StreamEnd::Ended => streams -= 1,
                    StreamEnd::Refused => streams = 0,
                }
            }
            match self.poll_once(handle, &mut watch, &mut on).await? {
                Some(finished) => return Ok(finished),
                None => {
                    let pause = self.crowd().spaced(watch.pause(), watch.is_running());
                    sleep(self.settings().paced(pause)).await;
                }
            }
        }
    }

    /// At once while few are followed; else looks now and then until one is free.
    async fn wait_for_seat(
        &self,
        handle: &Handle,
        watch: &mut Watch,
        on: &mut (dyn FnMut(Report) + Send),
    ) -> Result<Waited, Error> {
        let crowd = self.crowd();
        let mut seat = Box::pin(crowd.seat());
        let _outside = crowd.wait();
        loop {
            let _look = tokio::select! {
                biased;
                seat = &mut seat => return Ok(Waited::Seated(seat)),
                look = crowd.turn(self.settings()) => look,
            };
            let finished = self.poll_once(handle, watch, on).await?;
            if finished.is_some() || watch.is_running() {
                crowd.moved();
            }
            if let Some(finished) = finished {
                return Ok(Waited::Finished(finished));
            }
            if let Some(seat) = watch.is_running().then(|| crowd.seat_of_running()).flatten() {
                return Ok(Waited::Seated(Some(seat)));
            }
        }
    }

    /// One look while following. A request that is denied right after submit may only be slow
    /// to appear, so the first denials are waited out.
    pub(super) async fn poll_once(
        &self,
        handle: &Handle,
        watch: &mut Watch,
        on: &mut (dyn FnMut(Report) + Send),
    ) -> Result<Option<Finished>, Error> {
        let hear = &mut |happening| match happening {
            CallEvent::Waiting(waiting) => on(Report::Waiting(waiting)),
            CallEvent::Sent(_) => (),
        };
        match self.look(Step::Follow, handle, true, hear).await {
            Ok(status) => {
                watch.take(status, Lines::Whole, on).map_err(|error| self.redacted(error))
            }
            Err(error) if error.kind == Kind::NotFound && watch.denied < MAX_FAILED_POLLS => {
                watch.denied += 1;
                on(Report::Waiting(Waiting {
                    step: Step::Follow,
                    kind: error.kind,
                    reason: error.message,
                    attempt: watch.denied,
                    after: self.settings().paced(watch.pause()),
                }));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// How waiting for a seat ended.
enum Waited {
    Seated(Option<Seat>),
    Finished(Finished),
}

/// Where the news of one request go.
pub(super) struct Ears<'a> {
    pub(super) handle: &'a Handle,
    pub(super) watch: &'a mut Watch,
    pub(super) on: &'a mut (dyn FnMut(Report) + Send),
}

/// How listening to the stream ended.
pub(super) enum StreamEnd {
    Finished(Finished),
    /// It broke off, or fell silent.
    Ended,
    /// There is no stream here.
    Refused,
    /// A look in the meantime failed, as looking alone would have.
    Failed(Error),
}

/// How the lines of a status relate to those before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// All so far, perhaps cut at the front.
    Whole,
    /// Only new ones.
    New,
}

/// What is known of the request that is followed.
pub(super) struct Watch {
    since: Instant,
    state: Option<State>,
    gateway_request_id: Option<String>,
    tail: LogTail,
    odd: u32,
    denied: u32,
}

impl Watch {
    fn new(handle: &Handle) -> Self {
        Self {
            since: Instant::now(),
            state: None,
            gateway_request_id: handle.gateway_request_id.clone(),
            tail: LogTail::default(),
            odd: 0,
            denied: 0,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == Some(State::Running)
    }

    fn pause(&self) -> Duration {
        let unknown = State::Unrecognized(String::new());
        poll_interval::delay(self.since.elapsed(), self.state.as_ref().unwrap_or(&unknown))
    }

    /// Takes one status in and reports what is new about it.
    pub(super) fn take(
        &mut self,
        status: Status,
        lines: Lines,
        on: &mut (dyn FnMut(Report) + Send),
    ) -> Result<Option<Finished>, Error> {
        self.denied = 0;
        self.rename(&status, on);
        self.log(status.logs, lines, on);
        let changed = self.state.as_ref() != Some(&status.state);
        self.odd = if matches!(status.state, State::Unrecognized(_)) { self.odd + 1 } else { 0 };
        self.state = Some(status.state.clone());
        match status.state {
            State::Queued { position } => {
                if changed {
                    on(Report::Queued { position });
                }
                Ok(None)
            }
            State::Running => {
                if changed {
                    on(Report::Running);
                }
                Ok(None)
            }
            State::Completed { error, error_type } => Ok(Some(Finished {
                error,
                error_type,
                inference_time: status.inference_time,
                raw: status.raw,
            })),
            State::Unrecognized(word) if self.odd > MAX_FAILED_POLLS => {
                let word: String = word.chars().take(80).collect();
                let message = format!("the service says `{word}` where a status should be");
                Err(Error::new(Step::Follow, Kind::Protocol, message))
            }
            State::Unrecognized(_) => Ok(None),
        }
    }

    fn rename(&mut self, status: &Status, on: &mut (dyn FnMut(Report) + Send)) {
        let Some(id) = &status.gateway_request_id else {
            return;
        };
        if self.gateway_request_id.as_ref() != Some(id) {
            self.gateway_request_id = Some(id.clone());
            on(Report::Renamed { gateway_request_id: id.clone() });
        }
    }

    fn log(&mut self, list: Vec<LogLine>, lines: Lines, on: &mut (dyn FnMut(Report) + Send)) {
        let fresh = match lines {
            Lines::Whole => self.tail.fresh(list),
            Lines::New => {
                self.tail.add(&list);
                list
            }
        };
        for line in fresh {
            on(Report::Log(line));
        }
    }
}
