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
use super::job::{Job, Keep, Phase, timestamp};
use super::paint::GroundTruth;
use super::paint::artifacts::Artifacts;
use super::{Settings, test_endpoints};
use crate::lru::Lru;
use crate::schema::Catalogue;

/// Bytes of files that are kept; what was used least goes first.
const FILES_KEPT_BYTES: usize = 512 << 20;

/// Ended requests whose inputs and logs are kept, and how many bytes of inputs, since pictures may be
/// inside; of older ones the answer is there, and the money is counted.
const INPUTS_KEPT: usize = 2_000;
const INPUTS_KEPT_BYTES: usize = 64 << 20;

/// Bytes of large answers up to which also those are kept that were told.
const ANSWERS_KEPT_BYTES: usize = 64 << 20;
/// An answer from there on has pictures inside; one with addresses weighs next to nothing.
const LARGE: usize = 64 << 10;

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
    /// Those of them that have not ended.
    open: Vec<String>,
    /// Whose inputs are kept of those that have, and large answers, by id, with their bytes; in the
    /// order of their ends.
    inputs: Lru<(String, usize)>,
    answers: Lru<(String, usize)>,
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
    /// One that waits.
    pub(super) fn accept(&mut self, id: &str, job: Job) {
        self.jobs.insert(id.to_owned(), job);
        self.order.push(id.to_owned());
        self.open.push(id.to_owned());
    }

    /// Moves the request on; one that has ended stays so.
    pub(super) fn set_phase(&mut self, id: &str, phase: Phase) {
        let Some(job) = self.jobs.get_mut(id).filter(|job| !job.phase.is_over()) else { return };
        job.phase = phase;
        if job.phase == Phase::Running {
            job.started_at.get_or_insert_with(timestamp);
        }
        if job.phase.is_over() {
            job.ended_at = Some(timestamp());
            self.inputs.push((id.to_owned(), job.input_weight()));
            let answer = job.answer_weight();
            if answer >= LARGE {
                self.answers.push((id.to_owned(), answer));
            }
            self.open.retain(|other| other != id);
            self.forget_payloads();
        }
    }

    /// Of ended requests: of the oldest inputs what is more than 2 000 or 64 MB, and of large answers
    /// what is more than 64 MB, but none that nobody has had yet.
    fn forget_payloads(&mut self) {
        let mut gone = self.inputs.shrink(INPUTS_KEPT, |_| 1);
        gone.extend(self.inputs.shrink(INPUTS_KEPT_BYTES, |(_, bytes)| *bytes));
        for (id, _) in gone {
            if let Some(job) = self.jobs.get_mut(&id) {
                job.forget_input();
            }
        }
        let mut total: usize = self.answers.iter().map(|(_, bytes)| bytes).sum();
        let jobs = &mut self.jobs;
        self.answers.retain(|(id, bytes)| {
            let is_too_much = total > ANSWERS_KEPT_BYTES;
            let Some(job) = jobs.get_mut(id).filter(|job| is_too_much && job.is_told()) else {
                return true;
            };
            job.forget_answer();
            total -= bytes;
            false
        });
    }

    /// In the order of their submits.
    fn open(&self) -> impl Iterator<Item = (&String, &Job)> {
        self.open.iter().filter_map(|id| Some((id, self.jobs.get(id)?)))
    }

    pub(super) fn waiting(&self) -> usize {
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

    /// Moves the request on; one that has ended stays so.
    pub(super) fn set_phase(&self, id: &str, phase: Phase) {
        self.state().set_phase(id, phase);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;

    fn accept(state: &mut State, input: Value) -> String {
        let queued = Job::queued("e".into(), input);
        let job = Job { logs: vec![json!("log")], charged: 0.04, ..queued };
        let id = state.order.len().to_string();
        state.accept(&id, job);
        id
    }

    /// Accepted and answered.
    fn answered(state: &mut State, input: Value, answer: Value) -> String {
        let id = accept(state, input);
        state.set_phase(&id, Phase::Done(answer));
        id
    }

    fn has_input(job: &&Job) -> bool {
        !job.input.is_null()
    }

    fn has_answer(job: &Job) -> bool {
        job.answer_weight() > 0 && job.forgotten_at.is_none()
    }

    #[test]
    fn of_old_requests_money_and_answer_stay_and_the_input_goes_once_they_have_ended() {
        let mut state = State::default();
        let stalled = accept(&mut state, json!({ "prompt": "never ends" }));
        state.set_phase(&stalled, Phase::Running);
        for number in 0..INPUTS_KEPT + 10 {
            answered(&mut state, json!({ "prompt": number }), json!({ "images": ["address"] }));
        }
        assert!(has_input(&&state.jobs[&stalled]), "it is still to be painted from it");
        assert_eq!(state.jobs.values().filter(has_input).count(), INPUTS_KEPT + 1);
        let old = &state.jobs["10"];
        assert!(old.input.is_null() && old.logs.is_empty() && old.charged > 0.0);
        assert!(state.jobs.values().filter(|job| job.phase.is_over()).all(has_answer));
        assert!(has_input(&&state.jobs["11"]), "only as many go as are too many");
        assert_eq!(state.open().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [&stalled]);
        state.set_phase(&stalled, Phase::Cancelled);
        state.set_phase(&stalled, Phase::Done(json!({})));
        assert_eq!(state.jobs[&stalled].phase, Phase::Cancelled);
        assert_eq!(state.jobs.values().filter(has_input).count(), INPUTS_KEPT);
        assert_eq!(state.open().count(), 0);
    }

    #[test]
    fn requests_that_wait_push_out_nothing() {
        let mut state = State::default();
        let picture = "x".repeat(INPUTS_KEPT_BYTES / 8);
        let large = answered(&mut state, json!({ "image_url": picture }), json!([picture]));
        for number in 0..INPUTS_KEPT + 1 {
            let input = if number < 16 { picture.as_str() } else { "address" };
            accept(&mut state, json!({ "image_url": input }));
        }
        let small = answered(&mut state, json!({ "prompt": "p" }), json!(["address"]));
        for id in [large, small] {
            assert!(has_input(&&state.jobs[&id]) && has_answer(&state.jobs[&id]), "{id}");
        }
        assert_eq!(state.waiting(), INPUTS_KEPT + 1);
    }

    #[test]
    fn pictures_inside_of_inputs_are_kept_up_to_a_number_of_bytes() {
        let mut state = State::default();
        let picture = "x".repeat(INPUTS_KEPT_BYTES / 4);
        accept(&mut state, json!({ "image_url": picture }));
        for _ in 0..6 {
            answered(&mut state, json!({ "image_url": picture }), json!(["address"]));
        }
        assert_eq!(state.jobs.values().filter(has_input).count(), 1 + 4);
        assert!(state.jobs["2"].input.is_null() && has_input(&&state.jobs["3"]));
        assert!(has_answer(&state.jobs["1"]), "it weighs nothing");
    }

    #[test]
    fn pictures_inside_of_answers_go_by_bytes_and_never_before_somebody_had_them() {
        let mut state = State::default();
        let picture = "x".repeat(ANSWERS_KEPT_BYTES / 4);
        let answered = |state: &mut State| answered(state, json!({}), json!([picture]));
        for _ in 0..8 {
            answered(&mut state);
        }
        assert!(state.jobs.values().all(has_answer), "nobody has had one");
        for id in ["1", "3"] {
            state.jobs.get_mut(id).unwrap().result_reads = 1;
        }
        let mut hook = Hook::new("http://localhost".into());
        state.jobs.get_mut("4").unwrap().hook = Some(hook.clone());
        hook.acknowledged = true;
        state.jobs.get_mut("5").unwrap().hook = Some(hook);
        answered(&mut state);
        let left = |state: &State| -> Vec<String> {
            state.order.iter().filter(|id| has_answer(&state.jobs[*id])).cloned().collect()
        };
        assert_eq!(left(&state), ["0", "2", "4", "6", "7", "8"]);
        state.jobs.values_mut().for_each(|job| job.result_reads = 1);
        answered(&mut state);
        assert_eq!(left(&state), ["6", "7", "8", "9"], "as much as is kept of what was told");
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
