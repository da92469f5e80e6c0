//! All jobs that the model knows, and what follows from all of them together.
//!
//! A thousand jobs are not gone through at every key: what is asked of all of them is worked out
//! once after a change, when it is first asked for. Knows no clock and decides nothing. Invariant:
//! whatever may change a job, or the order, forgets what was worked out before.

use std::cell::OnceCell;
use std::collections::{BTreeMap, btree_map};
use std::ops::{Deref, DerefMut};

use super::{Job, JobId, State};
use crate::tree::{NodeId, Timestamp};

/// Not final, and those that ended in this session; and in which order those that wait leave.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    all: BTreeMap<JobId, Job>,
    order: Vec<JobId>,
    derived: Derived,
    changes: u64,
}

/// What follows from all jobs, each part worked out when it is first asked for.
#[derive(Clone, Debug, Default)]
struct Derived {
    counts: OnceCell<Counts>,
    listed: OnceCell<Vec<JobId>>,
    waiting: OnceCell<Vec<JobId>>,
    of_node: OnceCell<BTreeMap<NodeId, JobId>>,
    endpoints: OnceCell<BTreeMap<String, AtEndpoint>>,
}

/// What one walk over all jobs counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ours that count against the limit, and how many of them run there.
    pub under_way: usize,
    pub running: usize,
    /// Ours that stand in the service's own queue.
    pub queued: usize,
    /// Ours whose result has not come, and is asked for again.
    pub awaited: usize,
    /// Those that may be paid.
    pub unknown: usize,
    /// Those that have not ended, and whether one of them is ours.
    pub open: usize,
    pub is_ours_open: bool,
    /// Something is being done for a job.
    pub is_any_active: bool,
    /// The oldest of ours that is under way.
    pub first_under_way: Option<JobId>,
    /// The one that was done last, and when.
    pub last_done: Option<(Option<Timestamp>, JobId)>,
    /// When a job goes on by itself next.
    pub retry_at: Option<Timestamp>,
}

/// What follows from the jobs of one endpoint.
#[derive(Clone, Debug, Default)]
pub struct AtEndpoint {
    /// Milliseconds from sending to the picture, of those that came, the shortest first.
    pub waits: Vec<i64>,
    pub under_way: usize,
    /// Some of those under way have not left yet.
    pub is_any_unsent: bool,
    /// When the last of those under way left.
    pub sent_at: Option<Timestamp>,
    pub waiting: usize,
}

impl Jobs {
    /// Ours leave in the order in which they came.
    pub fn new(jobs: Vec<Job>) -> Self {
        let order = jobs.iter().filter(|job| job.owned).map(|job| job.id).collect();
        let all = jobs.into_iter().map(|job| (job.id, job)).collect();
        Self { all, order, ..Self::default() }
    }

    /// The order in which saved jobs leave.
    pub fn order(&self) -> &[JobId] {
        &self.order
    }

    pub fn order_mut(&mut self) -> &mut Vec<JobId> {
        self.forget();
        &mut self.order
    }

    pub fn counts(&self) -> &Counts {
        self.derived.counts.get_or_init(|| Counts::of(&self.all))
    }

    /// As a list shows them: open ones in sending order, then ended ones, newest first.
    pub fn listed(&self) -> &[JobId] {
        self.derived.listed.get_or_init(|| listed(&self.all, &self.order))
    }

    /// Those that wait in our queue, in the order in which they leave.
    pub fn waiting(&self) -> &[JobId] {
        let is_saved = |id: &&JobId| self.get(id).is_some_and(|job| job.state == State::Saved);
        let waiting = || self.order.iter().filter(is_saved).copied().collect();
        self.derived.waiting.get_or_init(waiting)
    }

    /// The last job of a node.
    pub fn of_node(&self, node: NodeId) -> Option<&Job> {
        let of_node = || self.all.values().map(|job| (job.node, job.id)).collect();
        self.get(self.derived.of_node.get_or_init(of_node).get(&node)?)
    }

    /// By their ids.
    pub fn endpoints(&self) -> &BTreeMap<String, AtEndpoint> {
        self.derived.endpoints.get_or_init(|| endpoints(&self.all))
    }

    /// So often might a job have changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    fn forget(&mut self) {
        self.changes += 1;
        self.derived = Derived::default();
    }
}

impl Deref for Jobs {
    type Target = BTreeMap<JobId, Job>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl DerefMut for Jobs {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.forget();
        &mut self.all
    }
}

impl<'a> IntoIterator for &'a Jobs {
    type Item = (&'a JobId, &'a Job);
    type IntoIter = btree_map::Iter<'a, JobId, Job>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl PartialEq for Jobs {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all && self.order == other.order
    }
}

impl Counts {
    fn of(all: &BTreeMap<JobId, Job>) -> Self {
        let mut counts = Self::default();
        for job in all.values() {
            counts.count(job);
        }
        counts
    }

    fn count(&mut self, job: &Job) {
        let is_open = !job.state.is_final();
        self.open += usize::from(is_open);
        self.is_ours_open |= is_open && job.owned;
        self.is_any_active |= job.work.is_active;
        self.unknown += usize::from(job.state == State::Unknown);
        self.awaited += usize::from(job.owned && matches!(job.state, State::Waiting(_)));
        self.retry_at = [self.retry_at, job.work.retry_at].into_iter().flatten().min();
        if job.state == State::Done {
            self.last_done = self.last_done.max(Some((job.ended_at, job.id)));
        }
        if !job.owned || !job.state.is_under_way() {
            return;
        }
        self.under_way += 1;
        self.running += usize::from(job.state == State::Running);
        self.queued += usize::from(matches!(job.state, State::Queued(_)));
        self.first_under_way = self.first_under_way.or(Some(job.id));
    }
}

fn endpoints(all: &BTreeMap<JobId, Job>) -> BTreeMap<String, AtEndpoint> {
    let mut endpoints: BTreeMap<String, AtEndpoint> = BTreeMap::new();
    for job in all.values() {
        let endpoint = &job.spec.recipe.endpoint;
        match endpoints.get_mut(endpoint) {
            Some(there) => there.count(job),
            None => endpoints.entry(endpoint.clone()).or_default().count(job),
        }
    }
    for there in endpoints.values_mut() {
        there.waits.sort_unstable();
    }
    endpoints
}

impl AtEndpoint {
    fn count(&mut self, job: &Job) {
        if let (State::Done, Some(sent), Some(ended)) = (&job.state, job.sent_at, job.ended_at) {
            self.waits.extend(Some(ended.since(sent)).filter(|wait| *wait >= 0));
        }
        self.waiting += usize::from(job.owned && job.state == State::Saved);
        if job.owned && job.state.is_under_way() {
            self.under_way += 1;
            self.is_any_unsent |= job.sent_at.is_none();
            self.sent_at = self.sent_at.max(job.sent_at);
        }
    }
}

fn listed(all: &BTreeMap<JobId, Job>, order: &[JobId]) -> Vec<JobId> {
    let places: BTreeMap<JobId, usize> = order.iter().copied().zip(0..).collect();
    let place = |job: &Job| places.get(&job.id).copied().unwrap_or(0);
    let mut open: Vec<&Job> = all.values().filter(|job| !job.state.is_final()).collect();
    open.sort_by_cached_key(|job| (job.state == State::Saved, place(job), job.id));
    let ended = all.values().rev().filter(|job| job.state.is_final());
    open.into_iter().chain(ended).map(|job| job.id).collect()
}
