//! How long pictures are likely to be waited for, from those that came.
//!
//! Pure arithmetic. Invariant: without a measured time nothing is foretold.

use std::collections::BTreeMap;

use super::{Job, State};
use crate::app::model::Model;

/// What is foretold is never less, in milliseconds: a late picture is not a missing one.
const LEAST_MS: i64 = 1_000;

impl Model {
    /// The usual milliseconds from sending to the picture: of this session, else of the account.
    pub fn typical_wait(&self, endpoint: &str) -> Option<i64> {
        let done = self.jobs.values().filter(|job| job.state == State::Done);
        let same = done.filter(|job| job.spec.recipe.endpoint == endpoint);
        let wait = |job: &Job| Some(job.ended_at?.since(job.sent_at?));
        let mut waits: Vec<i64> = same.filter_map(wait).filter(|wait| *wait >= 0).collect();
        waits.sort_unstable();
        let account = self.money.account.iter().flat_map(|account| &account.lines);
        let mut known = account.filter(|line| line.endpoint == endpoint);
        waits.get(waits.len() / 2).copied().or_else(|| known.find_map(|line| line.median))
    }

    /// Milliseconds until this job's picture is likely to be there, and all that it takes.
    pub fn expected(&self, job: &Job) -> Option<(i64, i64)> {
        Some(self.expected_of(job, self.typical_wait(&job.spec.recipe.endpoint)?))
    }

    fn expected_of(&self, job: &Job, typical: i64) -> (i64, i64) {
        let typical = typical.max(LEAST_MS);
        let passed = job.sent_at.map_or(0, |sent| self.now.since(sent));
        ((typical - passed).max(LEAST_MS), typical)
    }

    /// Milliseconds until all that is under way or waits here is likely to be there.
    pub fn time_left(&self) -> Option<i64> {
        // A thousand jobs are of a few endpoints.
        let mut typical: BTreeMap<&str, Option<i64>> = BTreeMap::new();
        let running = self.jobs.values().filter(|job| job.owned && job.state.is_under_way());
        let mut longest = None;
        for job in running {
            let endpoint = job.spec.recipe.endpoint.as_str();
            let usual = *typical.entry(endpoint).or_insert_with(|| self.typical_wait(endpoint));
            longest = longest.max(Some(self.expected_of(job, usual?).0));
        }
        let mut waiting = 0;
        for job in self.waiting() {
            let endpoint = job.spec.recipe.endpoint.as_str();
            let usual = *typical.entry(endpoint).or_insert_with(|| self.typical_wait(endpoint));
            waiting += self.expected_of(job, usual?).1;
        }
        let at_once = i64::try_from(self.limit().max(1)).unwrap_or(1);
        longest.map(|longest| longest + waiting / at_once)
    }
}
