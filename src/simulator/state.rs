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
use super::job::{Job, Keep, Phase};
use super::paint::GroundTruth;
use super::paint::artifacts::Artifacts;
use super::{Settings, test_endpoints};
use crate::lru::Lru;
use crate::schema::Catalogue;

/// Bytes of files that are kept; what was used least goes first.
const FILES_KEPT_BYTES: usize = 512 << 20;

/// Requests whose inputs, answers and logs are kept, and how many bytes of them, since pictures may be
/// inside; of older ones the money is counted.
const WHOLE_KEPT: usize = 2_000;
const WHOLE_KEPT_BYTES: usize = 64 << 20;

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
    /// The first of them that has not ended, or a later one than it was when it was looked for.
    first_open: usize,
    /// The first of them that is kept whole.
    first_whole: usize,
    files: Lru<(String, File)>,
    /// Uploads in parts that are not complete.
    pub(super) parts: HashMap<String, Parts>,
    faults: Vec<Fault>,
    pub(super) artifacts: Artifacts,
    pub(super) account: Account,
    /// What opens a file to whoever has it, and until when.
    signatures: HashMap<String, (String, Instant)>,
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
    /// Of requests that have become too old, or more than is kept, once they have ended.
    pub(super) fn forget_payloads(&mut self) {
        let whole = self.order.get(self.first_whole..).unwrap_or_default();
        let mut many = whole.len();
        let mut bytes: usize =
            whole.iter().filter_map(|id| self.jobs.get(id)).map(Job::weight).sum();
        for id in whole {
            let Some(job) = self.jobs.get_mut(id) else { break };
            let is_kept = many <= WHOLE_KEPT && bytes <= WHOLE_KEPT_BYTES;
            // What runs is still to be painted from its input.
            if is_kept || !job.phase.is_over() {
                break;
            }
            bytes -= job.weight();
            many -= 1;
            job.forget_payload();
            self.first_whole += 1;
        }
    }

    /// In the order of their submits, from the first that has not ended.
    fn open(&mut self) -> impl Iterator<Item = (&String, &Job)> {
        let jobs = &self.jobs;
        let of = |id: &String| jobs.get(id).is_none_or(|job| job.phase.is_over());
        let ended = self.order.get(self.first_open..).unwrap_or_default();
        self.first_open += ended.iter().take_while(|id| of(id)).count();
        let open = self.order.get(self.first_open..).unwrap_or_default();
        open.iter().filter_map(|id| Some((id, jobs.get(id)?)))
    }

    pub(super) fn waiting(&mut self) -> usize {
        self.open().filter(|(_, job)| job.phase == Phase::Queued).count()
    }

    fn put_file(&mut self, name: &str, file: File) {
        match self.files.find(|(known, _)| known == name) {
            Some((_, known)) => *known = file,
            None => self.files.push((name.to_owned(), file)),
        }
        self.files.shrink(FILES_KEPT_BYTES, |(_, file)| file.bytes.len());
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
        let mut state = self.state();
        let ahead = state.open().take_while(|(other, _)| *other != id);
        ahead.filter(|(_, job)| job.phase == Phase::Queued).count()
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
        state.put_file(&name, file);
        name
    }

    pub(super) fn put_file(&self, name: &str, mime: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let access = state.account.access;
        let known = state.files.find(|(known, _)| known == name).map(|(_, file)| file);
        let (access, until) = known.map_or((access, None), |file| (file.access, file.until));
        let made = Instant::now();
        let file = File { mime: mime.to_owned(), bytes: Arc::new(bytes), access, made, until };
        state.put_file(name, file);
    }

    pub(super) fn file(&self, name: &str) -> Option<File> {
        let file =
            self.state().files.find(|(known, _)| known == name).map(|(_, file)| file.clone());
        file.filter(|file| file.until.is_none_or(|until| Instant::now() < until))
    }

    /// What opens the file for so long; it is nobody's but the one's who asked.
    pub(super) fn sign(&self, name: &str, time: Duration) -> String {
        let signature = uuid::Uuid::new_v4().simple().to_string();
        let (now, mut state) = (Instant::now(), self.state());
        state.signatures.retain(|_, (_, until)| now < *until);
        state.signatures.insert(signature.clone(), (name.to_owned(), now + time));
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
                    "at": job.at, "state": job.phase.name(), "charged": job.charged,
                    "micro_dollars": job.cost.map(|cost| cost.0),
                    "billed": job.billed.map(|billed| billed.0),
                    "result_reads": job.result_reads,
                    "truth": job.truth.as_ref().map(GroundTruth::to_json),
                    "webhook": job.hook.as_ref().map(Hook::to_json) }))
            })
            .collect();
        // An empty sum of fractions is minus nothing.
        let charged = state.jobs.values().map(|job| job.charged).fold(0.0, |sum, one| sum + one);
        json!({ "simulated": true, "submits": submits, "charged": charged, "files": state.files.iter().count(),
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

/// As the service writes it: UTC, microseconds, no zone.
pub(super) fn timestamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn ended(input: Value, phase: Phase) -> Job {
        Job {
            endpoint: "e".into(),
            input,
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
        }
    }

    fn submit(state: &mut State, job: Job) {
        let id = state.order.len().to_string();
        state.jobs.insert(id.clone(), job);
        state.order.push(id);
        state.forget_payloads();
    }

    fn is_whole(job: &&Job) -> bool {
        !job.input.is_null()
    }

    #[test]
    fn of_old_requests_the_money_stays_and_the_payload_goes_once_they_have_ended() {
        let mut state = State::default();
        for number in 0..WHOLE_KEPT + 10 {
            let phase = if number == 3 { Phase::Running } else { Phase::Done(json!({})) };
            submit(&mut state, ended(json!({ "prompt": number }), phase));
        }
        assert!(!state.jobs["3"].input.is_null() && !state.jobs["4"].input.is_null());
        assert_eq!(state.open().map(|(id, _)| id.as_str()).next(), Some("3"));
        state.jobs.insert("3".into(), ended(json!({}), Phase::Cancelled));
        submit(&mut state, ended(json!({}), Phase::Done(json!({}))));
        assert_eq!(state.jobs.values().filter(is_whole).count(), WHOLE_KEPT);
        assert!(state.jobs["4"].logs.is_empty() && state.jobs["4"].charged > 0.0);
        assert_eq!(state.open().count(), 0);
    }

    #[test]
    fn pictures_inside_of_requests_are_kept_up_to_a_number_of_bytes() {
        let mut state = State::default();
        let picture = "x".repeat(WHOLE_KEPT_BYTES / 8);
        for _ in 0..6 {
            let answer = json!({ "images": [{ "url": picture.clone() }] });
            submit(&mut state, ended(json!({ "image_url": picture }), Phase::Done(answer)));
        }
        assert_eq!(state.jobs.values().filter(is_whole).count(), 4);
        assert!(state.jobs["1"].forgotten_at.is_some(), "its answer is not there any more");
        assert!(state.jobs["2"].forgotten_at.is_none());
    }

    #[test]
    fn files_that_are_asked_for_stay_and_others_go() {
        let mut state = State::default();
        for number in 0..6 {
            let file = File {
                mime: String::new(),
                bytes: Arc::new(vec![0; FILES_KEPT_BYTES / 4]),
                access: Access::default(),
                made: Instant::now(),
                until: None,
            };
            assert!(state.files.find(|(name, _)| name == "0").is_some() || number == 0);
            state.put_file(&number.to_string(), file);
        }
        let names: Vec<&str> = state.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["3", "4", "0", "5"]);
    }
}
