//! How long pictures are likely to be waited for, from those that came.
//!
//! Pure arithmetic. Invariant: without a measured time nothing is foretold.

use super::Job;
use super::jobs::AtEndpoint;
use crate::app::model::Model;
use crate::tree::Timestamp;

/// What is foretold is never less, in milliseconds: a late picture is not a missing one.
const LEAST_MS: i64 = 1_000;

impl Model {
    /// The usual milliseconds from sending to the picture: of this session, else of the account.
    pub fn typical_wait(&self, endpoint: &str) -> Option<i64> {
        let there = self.jobs.endpoints().get(endpoint);
        let waits = there.map_or(&[][..], |there| &there.waits);
        let account = self.money.account.iter().flat_map(|account| &account.lines);
        let mut known = account.filter(|line| line.endpoint == endpoint);
        waits.get(waits.len() / 2).copied().or_else(|| known.find_map(|line| line.median))
    }

    /// Milliseconds until this job's picture is likely to be there, and all that it takes.
    pub fn expected(&self, job: &Job) -> Option<(i64, i64)> {
        let typical = self.typical_wait(&job.spec.recipe.endpoint)?;
        Some(self.expected_from(job.sent_at, typical))
    }

    fn expected_from(&self, sent_at: Option<Timestamp>, typical: i64) -> (i64, i64) {
        let typical = typical.max(LEAST_MS);
        let passed = sent_at.map_or(0, |sent| self.now.since(sent));
        ((typical - passed).max(LEAST_MS), typical)
    }

    /// Milliseconds until all that is under way or waits here is likely to be there.
    pub fn time_left(&self) -> Option<i64> {
        let (mut longest, mut waiting) = (None, 0);
        let involved = |there: &&AtEndpoint| there.under_way + there.waiting > 0;
        let endpoints = &self.jobs.endpoints();
        for (endpoint, there) in endpoints.iter().filter(|(_, there)| involved(there)) {
            let typical = self.typical_wait(endpoint)?;
            if there.under_way > 0 {
                // The one that left last comes last; one that has not left has all before it.
                let sent_at = there.sent_at.filter(|_| !there.is_any_unsent);
                longest = longest.max(Some(self.expected_from(sent_at, typical).0));
            }
            let count = i64::try_from(there.waiting).unwrap_or(i64::MAX);
            waiting += typical.max(LEAST_MS).saturating_mul(count);
        }
        let at_once = i64::try_from(self.limit().max(1)).unwrap_or(1);
        longest.map(|longest| longest + waiting / at_once)
    }
}
