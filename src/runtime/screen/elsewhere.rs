//! What becomes of the requests, for a person who looks elsewhere: a notice when one has ended, how
//! far they are in the tab, and how many in the window's title.
//!
//! What the terminal understands is decided in `graphics`. Invariant: there is at most one notice a
//! minute, and none while the terminal has the focus or has never told of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crossterm::event::Event;
use tokio::time::Instant;

use super::Loop;
use crate::app::job::{Job, JobId, State};
use crate::graphics::terminals::Notice;
use crate::terminal::announce::{self, Progress};

/// What the person wants of it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// None where the terminal decides.
    pub notice: Option<Notice>,
    pub progress: bool,
    pub title: bool,
}

/// From one notice to the next.
const BETWEEN: Duration = Duration::from_secs(60);

/// What has happened and was not told.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// The terminal has told that its focus is gone.
    is_away: bool,
    told_at: Option<Instant>,
    at_work: BTreeSet<JobId>,
    /// What was taken last of the requests, by the count of their changes.
    taken: Option<u64>,
    /// Requests that have ended since nothing was under way.
    ended: usize,
    /// So many of them are not told, and the last of these in words.
    untold: (usize, String),
}

impl Elsewhere {
    /// The person comes or goes.
    pub fn look(&mut self, batch: &[Event]) {
        for event in batch {
            match event {
                Event::FocusLost => self.is_away = true,
                Event::FocusGained | Event::Key(_) | Event::Paste(_) => {
                    self.is_away = false;
                    self.untold.0 = 0;
                }
                Event::Mouse(_) | Event::Resize(..) => {}
            }
        }
    }

    /// Takes the requests as they are.
    pub fn take<'jobs>(&mut self, jobs: impl Iterator<Item = &'jobs Job>) {
        let mut at_work = BTreeSet::new();
        for job in jobs {
            // One that waits for its result is asked for again by itself.
            let waits = job.state.pause().is_some_and(|pause| pause.next.is_some());
            if job.state.is_under_way() || waits || job.state == State::Saved {
                at_work.insert(job.id);
            } else if self.at_work.contains(&job.id) {
                self.ended += 1;
                if self.is_away
                    && let Some(words) = words(job)
                {
                    self.untold = (self.untold.0 + 1, words);
                }
            }
        }
        if at_work.is_empty() {
            self.ended = 0;
        }
        self.at_work = at_work;
    }

    /// When something is to be told; never before `now`.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let is_due = self.is_away && self.untold.0 > 0;
        let earliest = self.told_at.map_or(now, |told| now.max(told + BETWEEN));
        is_due.then_some(earliest)
    }

    /// What is to be told now.
    pub fn next(&mut self, now: Instant) -> Option<String> {
        self.due(now).filter(|due| *due == now)?;
        self.told_at = Some(now);
        match std::mem::take(&mut self.untold) {
            (1, one) => Some(one),
            (all, last) => Some(format!("{all} requests have ended; the last: {last}")),
        }
    }

    pub fn progress(&self) -> Progress {
        match (self.at_work.len(), self.ended) {
            (0, _) => Progress::Nothing,
            (_, 0) => Progress::Busy,
            (open, ended) => {
                Progress::Part(u8::try_from(ended * 100 / (open + ended)).unwrap_or(100))
            }
        }
    }

    pub fn title(&self, project: &str) -> String {
        match self.at_work.len() {
            0 => format!("editree: {project}"),
            1 => format!("editree: {project}, 1 request under way"),
            open => format!("editree: {project}, {open} requests under way"),
        }
    }
}

/// How it has ended; none where the person has ended it.
fn words(job: &Job) -> Option<String> {
    let what = match job.state {
        State::Done => Some("is done"),
        State::Failed => Some("has failed"),
        State::Unknown => Some("is possibly billed: look at the queue"),
        State::Held(_) => Some("is held: look at the queue"),
        State::Waiting(_) => Some("waits for its result"),
        State::Cancelled | State::Dismissed => None,
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Cancelling => None,
    };
    let prompt = job.spec.recipe.caption();
    what.map(|what| format!("`{prompt}` {what}"))
}

/// Ends when it is time to tell.
pub(super) async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Loop {
    /// Costs no bytes where nothing has changed.
    pub(super) fn tell_elsewhere(&mut self) {
        let (manners, wanted) = (self.verdict.manners, self.options.wanted);
        let model = &self.options.workbench.model;
        let changes = Some(model.jobs.changes());
        if std::mem::replace(&mut self.elsewhere.taken, changes) != changes {
            self.elsewhere.take(model.jobs.values());
        }
        let has_title = wanted.title && manners.keeps_titles;
        let title = has_title.then(|| self.elsewhere.title(&model.session.project));
        self.terminal.set_title(title.as_deref());
        if wanted.progress && manners.shows_progress {
            self.terminal.set_progress(self.elsewhere.progress());
        }
        if let Some(words) = self.elsewhere.next(Instant::now()) {
            let how = wanted.notice.unwrap_or(manners.notice);
            self.terminal.send(announce::notice(how, &words));
        }
    }
}
