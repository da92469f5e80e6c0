//! What the simulator remembers: requests, files, faults still to be made.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::account::{Access, Account};
use super::fault::{Fault, Step, What};
use super::hook::{Hook, Signer};
use super::paint::GroundTruth;
use super::paint::artifacts::Artifacts;
use super::{Settings, test_endpoints};
use crate::schema::{Catalogue, Usd};

/// Bytes of files that are kept; the oldest go first.
const FILES_KEPT_BYTES: usize = 512 << 20;

/// Requests whose inputs and logs the ledger still shows; of older ones it counts the money.
const WHOLE_KEPT: usize = 2_000;

/// Everything behind the routes.
#[derive(Debug)]
pub struct ServerState {
    pub(super) key: String,
    pub(super) speed: f32,
    pub(super) catalogue: Catalogue,
    pub(super) slots: Arc<Semaphore>,
    released: Notify,
    /// Calls that are held just now.
    held: AtomicUsize,
    pub(super) signer: Option<Signer>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) jobs: HashMap<String, Job>,
    /// Ids in the order of their submits.
    pub(super) order: Vec<String>,
    files: HashMap<String, File>,
    file_order: Vec<String>,
    /// Uploads in parts that are not complete.
    pub(super) parts: HashMap<String, Parts>,
    faults: Vec<Fault>,
    pub(super) artifacts: Artifacts,
    pub(super) account: Account,
    /// What opens a file to whoever has it, and until when.
    signatures: HashMap<String, (String, Instant)>,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) endpoint: String,
    pub(super) input: Value,
    pub(super) phase: Phase,
    pub(super) logs: Vec<Value>,
    pub(super) at: String,
    pub(super) started_at: Option<String>,
    pub(super) ended_at: Option<String>,
    pub(super) inference: Option<f64>,
    /// Billed, in the unit of the endpoint's price.
    pub(super) charged: f64,
    /// The same in money; `None` where the price is not known.
    pub(super) cost: Option<Usd>,
    /// What of it was taken, after the discount.
    pub(super) billed: Option<Usd>,
    pub(super) result_reads: u32,
    pub(super) truth: Option<GroundTruth>,
    /// The platform runs it again when its runner fails.
    pub(super) retries: bool,
    /// How its pictures are kept.
    pub(super) keep: Keep,
    /// Payloads are not stored: its result can be read until so long after its end.
    pub(super) unstored: bool,
    pub(super) forgotten_at: Option<Instant>,
    /// Who is to be told of its end.
    pub(super) hook: Option<Hook>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Queued,
    Running,
    Done(Value),
    /// HTTP status and body of the model's own error.
    Failed(u16, Value),
    Cancelled,
}

/// How files are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Keep {
    /// In the service's seconds; `None` for ever.
    pub(super) life: Option<Duration>,
    pub(super) access: Access,
    /// In a bucket of the caller's, whose policy came with the request; or what is wrong with it.
    pub(super) bucket: Option<Result<(), String>>,
}

/// A file of the storage.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) mime: String,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) access: Access,
    pub(super) made: Instant,
    /// Gone from then on.
    until: Option<Instant>,
}

impl State {
    /// Of the request that has just become too old, once it has ended.
    pub(super) fn forget_inputs(&mut self) {
        let old = self.order.len().checked_sub(WHOLE_KEPT + 1);
        let old = old.and_then(|old| self.order.get(old));
        let Some(job) = old.and_then(|old| self.jobs.get_mut(old)) else { return };
        match job.phase {
            // It is still to be painted from them.
            Phase::Queued | Phase::Running => {}
            Phase::Done(_) | Phase::Failed(..) | Phase::Cancelled => {
                (job.input, job.logs, job.truth) = (Value::Null, Vec::new(), None);
            }
        }
    }
}

/// What has arrived of a file.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) mime: String,
    /// With their marks.
    pub(super) arrived: BTreeMap<u64, (String, Vec<u8>)>,
}

impl ServerState {
    pub(super) fn new(settings: Settings, key: String) -> Self {
        let state =
            State { faults: settings.faults, artifacts: settings.artifacts, ..State::default() };
        Self {
            key,
            speed: settings.speed,
            catalogue: test_endpoints::beside(settings.catalogue),
            slots: Arc::new(Semaphore::new(settings.concurrency.max(1))),
            released: Notify::new(),
            held: AtomicUsize::new(0),
            signer: Signer::new(),
            state: Mutex::new(state),
        }
    }

    /// A panic while it was held leaves plain data behind: it can be used on.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// The moment when so much simulated time will have passed.
    pub(super) fn after(&self, usual: Duration) -> Instant {
        Instant::now() + usual.div_f32(self.speed.max(0.001))
    }

    /// Simulated time runs `speed` times as fast.
    pub(super) async fn pass(&self, usual: Duration) {
        tokio::time::sleep(usual.div_f32(self.speed.max(0.001))).await;
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// `off`, `release`, `artifacts:off|mild|strong`, a word about the account, or one fault by its
    /// specification; the error says what would be right.
    pub(super) fn inject(&self, word: &str) -> Result<(), String> {
        let word = word.trim();
        // `habits:` is the old spelling.
        let artifacts = word.strip_prefix("artifacts:").or_else(|| word.strip_prefix("habits:"));
        if let Some(artifacts) = artifacts {
            let artifacts = Artifacts::parse(artifacts);
            self.state().artifacts = artifacts.ok_or("`artifacts:` takes off, mild or strong")?;
            return Ok(());
        }
        if let Some(dialled) = self.state().account.dial(word) {
            return dialled;
        }
        match word {
            "off" => self.clear_faults(),
            "release" => self.release(),
            specification => self.add_fault(Fault::parse(specification)?),
        }
        Ok(())
    }

    /// All is well again, and what was held goes on.
    pub(super) fn clear_faults(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.account.recover();
        drop(state);
        self.release();
    }

    /// What is held goes on; later ones are held again.
    pub(super) fn release(&self) {
        self.state().faults.retain(|fault| !fault.what.holds());
        self.released.notify_waiters();
    }

    /// Until it is let go. Looks again now and then: the word may come before anybody listens.
    pub(super) async fn hold(&self) {
        let is_held = || self.state().faults.iter().any(|fault| fault.what.holds());
        let _held = Held::new(&self.held);
        while is_held() {
            let released = self.released.notified();
            let _ = tokio::time::timeout(Duration::from_millis(100), released).await;
        }
    }

    /// The fault to make now at this step, if any. `*TIMES` and `+AFTER` count calls, not requests.
    pub(super) fn take_fault(&self, step: Step) -> Option<What> {
        let mut state = self.state();
        for fault in state.faults.iter_mut().filter(|fault| fault.step == step) {
            if fault.after > 0 {
                fault.after -= 1;
                return None;
            }
        }
        let ready = |fault: &&mut Fault| {
            fault.step == step && fault.times != Some(0) && fastrand::u8(0..100) < fault.percent
        };
        let fault = state.faults.iter_mut().find(ready)?;
        fault.times = fault.times.map(|times| times - 1);
        Some(fault.what)
    }

    /// Moves the request on; one that was cancelled stays so.
    pub(super) fn set_phase(&self, id: &str, phase: Phase) {
        if let Some(job) = self.state().jobs.get_mut(id)
            && job.phase != Phase::Cancelled
        {
            match phase {
                Phase::Queued => {}
                Phase::Running => {
                    job.started_at.get_or_insert_with(timestamp);
                }
                Phase::Done(_) | Phase::Failed(..) | Phase::Cancelled => {
                    job.ended_at = Some(timestamp());
                }
            }
            job.phase = phase;
        }
    }

    pub(super) fn log(&self, id: &str, message: &str) {
        if let Some(job) = self.state().jobs.get_mut(id) {
            // The service writes its times without a zone.
            let at = timestamp();
            job.logs.push(json!({ "timestamp": at, "message": message, "level": "INFO",
                "source": "USER", "labels": {} }));
        }
    }

    /// Requests ahead of this one that wait too.
    pub(super) fn place(&self, id: &str) -> usize {
        let state = self.state();
        let ahead = state.order.iter().take_while(|other| *other != id);
        let waits =
            |id: &&String| state.jobs.get(*id).is_some_and(|job| job.phase == Phase::Queued);
        ahead.filter(waits).count()
    }

    /// A name for a file that nobody else has.
    pub(super) fn name_for(&self, wanted: &str) -> String {
        let safe: String =
            wanted.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        format!("simulated/{}_{safe}", uuid::Uuid::new_v4().simple())
    }

    /// Keeps a file and answers its name.
    pub(super) fn keep_file(&self, name: &str, mime: &str, bytes: Vec<u8>, keep: &Keep) -> String {
        let name = self.name_for(name);
        let mut state = self.state();
        let until = keep.life.map(|life| self.after(life));
        let (access, made) = (keep.access, Instant::now());
        let file = File { mime: mime.to_owned(), bytes: Arc::new(bytes), access, made, until };
        state.files.insert(name.clone(), file);
        state.file_order.push(name.clone());
        let mut total: usize = state.files.values().map(|file| file.bytes.len()).sum();
        while total > FILES_KEPT_BYTES && state.file_order.len() > 1 {
            let oldest = state.file_order.remove(0);
            total -= state.files.remove(&oldest).map_or(0, |file| file.bytes.len());
        }
        name
    }

    pub(super) fn put_file(&self, name: &str, mime: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let known = state.files.get(name);
        let until = known.and_then(|file| file.until);
        let access = known.map_or(state.account.access, |file| file.access);
        let made = Instant::now();
        let file = File { mime: mime.to_owned(), bytes: Arc::new(bytes), access, made, until };
        state.files.insert(name.to_owned(), file);
    }

    pub(super) fn file(&self, name: &str) -> Option<File> {
        let file = self.state().files.get(name).cloned();
        file.filter(|file| file.until.is_none_or(|until| Instant::now() < until))
    }

    /// What opens the file for so long; it is nobody's but the one's who asked.
    pub(super) fn sign(&self, name: &str, time: Duration) -> String {
        let signature = uuid::Uuid::new_v4().simple().to_string();
        let until = Instant::now() + time;
        self.state().signatures.insert(signature.clone(), (name.to_owned(), until));
        signature
    }

    pub(super) fn is_signed(&self, name: &str, signature: &str) -> bool {
        let state = self.state();
        let known = state.signatures.get(signature);
        known.is_some_and(|(file, until)| file == name && Instant::now() < *until)
    }

    pub(super) fn ledger(&self) -> Value {
        let state = self.state();
        let submits: Vec<Value> = state
            .order
            .iter()
            .filter_map(|id| {
                let job = state.jobs.get(id)?;
                Some(json!({ "request_id": id, "endpoint": job.endpoint, "input": job.input,
                    "at": job.at, "state": phase_name(&job.phase), "charged": job.charged,
                    "micro_dollars": job.cost.map(|cost| cost.0),
                    "billed": job.billed.map(|billed| billed.0),
                    "result_reads": job.result_reads,
                    "truth": job.truth.as_ref().map(GroundTruth::to_json),
                    "webhook": job.hook.as_ref().map(Hook::to_json) }))
            })
            .collect();
        // An empty sum of fractions is minus nothing.
        let charged = state.jobs.values().map(|job| job.charged).fold(0.0, |sum, one| sum + one);
        json!({ "simulated": true, "submits": submits, "charged": charged, "files": state.files.len(),
            "held": self.held.load(Ordering::Relaxed) })
    }
}

/// Counts a call that is held, for as long as it is, however it ends.
struct Held<'a>(&'a AtomicUsize);

impl<'a> Held<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Queued => "IN_QUEUE",
        Phase::Running => "IN_PROGRESS",
        Phase::Done(_) => "COMPLETED",
        Phase::Failed(..) => "FAILED",
        Phase::Cancelled => "CANCELLED",
    }
}

/// As the service writes it: UTC, microseconds, no zone.
pub(super) fn timestamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn of_old_requests_the_money_stays_and_the_input_goes() {
        let mut state = State::default();
        for number in 0..WHOLE_KEPT + 10 {
            let id = number.to_string();
            let phase = if number == 3 { Phase::Running } else { Phase::Done(Value::Null) };
            let job = Job {
                endpoint: "e".into(),
                input: json!({ "prompt": id }),
                phase,
                logs: vec![json!("log")],
                at: timestamp(),
                started_at: None,
                ended_at: None,
                inference: None,
                charged: 0.04,
                cost: None,
                billed: None,
                result_reads: 0,
                truth: None,
                retries: false,
                keep: Keep::default(),
                unstored: false,
                forgotten_at: None,
                hook: None,
            };
            state.jobs.insert(id.clone(), job);
            state.order.push(id);
            state.forget_inputs();
        }
        let kept = |job: &&Job| !job.input.is_null();
        assert_eq!(state.jobs.values().filter(kept).count(), WHOLE_KEPT + 1);
        assert!(!state.jobs["3"].input.is_null(), "it still runs");
        assert!(state.jobs["4"].logs.is_empty() && state.jobs["4"].charged > 0.0);
    }
}
