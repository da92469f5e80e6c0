//! Effects of the store: handed over at once and in order; their answers are tasks.

use crate::app::HITS;
use crate::app::effect::{StoreEffect, TaskKey};
use crate::app::failure::Failure;
use crate::app::message::{StoreResult, StoreSnapshot, TaskResult};
use crate::app::money::account::Account;
use crate::store::Ceiling;
use crate::store::connection::Reply;
use crate::tree::Timestamp;

use super::super::{Runtime, end_of_day, local_day, now, start_of_day};

/// Older requests are not asked about, in milliseconds: by then they were.
const UNBILLED_MS: i64 = 7 * 86_400_000;

impl Runtime {
    pub(super) fn ask_store(&mut self, effect: StoreEffect) {
        match effect {
            StoreEffect::Save { save_id, spec, ceiling } => {
                let ceiling = ceiling.map(|most| Ceiling { most, since: start_of_day() });
                let saved = self.store.save(*spec, ceiling, now());
                self.answer(saved, move |saved| StoreResult::Saved {
                    save_id,
                    saved: saved.map(Box::new),
                });
            }
            StoreEffect::SetJobState { job, to, handle, why } => {
                let moved = self.store.move_job(job, to.clone(), handle, why, now());
                self.answer(moved, move |result| StoreResult::Moved { job, to, result });
            }
            StoreEffect::Finish { job, outcome } => {
                let finished = self.store.finish(job, *outcome, now());
                self.answer(finished, move |next| StoreResult::Finished {
                    job,
                    next: next.map(|next| next.map(Box::new)),
                });
            }
            StoreEffect::AppendDecision(entry) => self.kept(self.store.decide(entry, now())),
            StoreEffect::RecordCost { job, cost } => self.kept(self.store.charge(job, cost)),
            StoreEffect::SaveBody { job, body } => self.kept(self.store.keep_body(job, &body)),
            StoreEffect::SaveAnswer { job, answer } => {
                self.kept(self.store.keep_answer(job, *answer));
            }
            StoreEffect::SavePartialOutcome { job, outcome } => {
                self.kept(self.store.keep_part(job, *outcome));
            }
            StoreEffect::RecordConsent(profile) => self.kept(self.store.consent(profile, now())),
            StoreEffect::SaveDraft(draft) => self.kept(self.store.keep_draft(*draft)),
            StoreEffect::AppendLog(lines) => self.kept(self.store.keep_log(lines)),
            StoreEffect::Heartbeat => self.kept(self.store.heartbeat()),
            StoreEffect::LoadNodes(nodes) => {
                self.answer(self.store.load_nodes(nodes), StoreResult::Nodes);
            }
            StoreEffect::LoadUnbilled(profile) => {
                let since = Timestamp(now().0 - UNBILLED_MS);
                self.answer(self.store.unbilled(profile, since), StoreResult::Unbilled);
            }
            StoreEffect::RecordBills(bills) => {
                self.answer(self.store.keep_bills(bills), StoreResult::Billed);
            }
            StoreEffect::LoadAccount => {
                let account = |entries: Vec<_>| Box::new(Account::of(&entries, local_day));
                self.newest(TaskKey::Account, self.store.entries(), move |entries| {
                    StoreResult::Account(entries.map(account))
                });
            }
            StoreEffect::Search { text, query, utc_offset_ms } => {
                let found = self.store.search(query, utc_offset_ms, HITS);
                self.newest(TaskKey::Search, found, |nodes| StoreResult::Found { text, nodes });
            }
            StoreEffect::LoadSnapshot => {
                let day_ends = end_of_day();
                let read = self.store.snapshot(start_of_day());
                self.newest(TaskKey::Snapshot, read, move |snapshot| {
                    let snapshot = snapshot.map(|snapshot| StoreSnapshot { day_ends, ..snapshot });
                    StoreResult::Snapshot(snapshot.map(Box::new))
                });
            }
        }
    }

    /// A write whose answer is only whether it was kept.
    fn kept(&mut self, kept: Reply<()>) {
        self.answer(kept, StoreResult::Kept);
    }

    fn answer<T: Send + 'static>(
        &mut self,
        reply: Reply<T>,
        result: impl FnOnce(Result<T, Failure>) -> StoreResult + Send + 'static,
    ) {
        self.write(async move { TaskResult::Store(result(reply.await.map_err(Failure::from))) });
    }

    /// What is read again takes the place of what was being read.
    fn newest<T: Send + 'static>(
        &mut self,
        key: TaskKey,
        reply: Reply<T>,
        result: impl FnOnce(Result<T, Failure>) -> StoreResult + Send + 'static,
    ) {
        self.tasks.start(key, async move {
            TaskResult::Store(result(reply.await.map_err(Failure::from)))
        });
    }
}
