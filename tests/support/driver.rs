//! The whole program without terminal, store or network: keys in a small notation, effects as a
//! list, the test in the place of the service.

use std::sync::LazyLock;

use crossterm::event::{Event as Key, KeyCode, KeyEvent, KeyModifiers};
use editree::app::draft::{Draft, Owner};
use editree::app::effect::{Effect, PictureEffect, ServiceEffect, StoreEffect, TaskKey};
use editree::app::job::answer::{Handle, Outcome, Sent};
use editree::app::job::spec::RequestSpec;
use editree::app::job::{Job, JobId, State, Work};
use editree::app::log::LogEntry;
use editree::app::message::{Message, Saved, ServiceResult, StoreResult, TaskEvent, TaskResult};
use editree::app::model::{Model, Start};
use editree::app::money::Spent;
use editree::app::notice::Tone;
use editree::app::session::{Profile, Service};
use editree::schema::Catalogue;
use editree::tree::decision::Decisions;
use editree::tree::{Hash, Input, Node, NodeId, NodeState, Picture, PictureRef, Timestamp};
use editree::ui::Ui;
use editree::ui::frame::Frame;
use editree::ui::keys::Keymap;
use editree::ui::plain::typed::Lines;
use editree::workbench::{Event, EventKind, Workbench};
use ratatui::layout::Rect;

/// Read once.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

pub struct Driver {
    pub workbench: Workbench,
    pub effects: Vec<Effect>,
    /// The test does what must go wrong: errors at a key and forbidden moves are expected.
    pub is_strange: bool,
    /// The test draws when it likes.
    pub is_blind: bool,
    area: Rect,
    now: i64,
    pub next: u32,
}

impl Driver {
    /// One opened picture, `n1`, which is the draft's parent.
    pub fn new(columns: u16, rows: u16) -> Self {
        let parent = PictureRef { node: NodeId(1), picture: hash(1) };
        let start = Start {
            now: Timestamp(1_000),
            utc_offset_ms: 3_600_000,
            profile: Profile {
                name: "sim".into(),
                simulated: true,
                host: "127.0.0.1".into(),
                consented: true,
                limit: Some(4),
                others: vec![
                    Service { name: "fal".into(), obstacle: None },
                    Service { name: "sim".into(), obstacle: None },
                ],
            },
            catalogue: CATALOGUE.clone(),
            project: "simulator".into(),
            translates: false,
            snippets: Vec::new(),
            results_kept_ms: 7 * 86_400_000,
            spent: Spent { day_ends: Timestamp(i64::MAX), ..Spent::default() },
            draft: Draft { parent: Some(parent), ..Draft::default() },
            owner: Owner::Workbench,
            nodes: vec![root(1, "cat.png")],
            jobs: Vec::new(),
            decisions: Decisions::default(),
            log: Vec::new(),
            prompts: Vec::new(),
            current: Some(parent),
        };
        let mut model = Model::new(start);
        model.session.is_loading = false;
        let mut ui = Ui::new(Keymap::default());
        ui.resize(columns, rows);
        let area = Rect::new(0, 0, columns, rows);
        Self {
            workbench: Workbench { model, ui },
            effects: Vec::new(),
            is_strange: false,
            is_blind: false,
            area,
            now: 1_000,
            next: 2,
        }
    }

    /// Keys one by one, each meant by itself: `Make it<Enter>`, `<A-c>`, `<C-j>`, `<Esc>`. Draws
    /// after each.
    pub fn press(&mut self, keys: &str) {
        for key in parse(keys) {
            self.rest();
            self.send(vec![key]);
        }
        self.rest();
    }

    /// Keys one by one, so many milliseconds apart, as words are typed. Nothing waits afterwards.
    pub fn type_quickly(&mut self, keys: &str, gap: i64) {
        for key in parse(keys) {
            self.now += gap - 10;
            self.send(vec![key]);
        }
    }

    /// As long without a key as it takes to know what the last ones meant.
    pub fn rest(&mut self) {
        if let Some(at) = self.workbench.ui.rests_at() {
            self.now = self.now.max(at.0);
            self.step(EventKind::Rested);
        }
    }

    /// Keys that come in one read of the terminal.
    pub fn press_at_once(&mut self, keys: &str) {
        self.send(parse(keys));
    }

    /// What one read of the terminal has brought.
    pub fn send(&mut self, batch: Vec<Key>) {
        self.step(EventKind::Terminal(batch));
    }

    /// Lines that were read as one, where there is no screen.
    pub fn type_lines(&mut self, lines: &[&str], is_early: bool) {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        self.step(EventKind::Lines(Lines { lines, is_early }));
    }

    /// No line will come any more.
    pub fn end_input(&mut self) {
        self.step(EventKind::InputEnded);
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.area = Rect::new(0, 0, columns, rows);
        self.send(vec![Key::Resize(columns, rows)]);
    }

    pub fn finish(&mut self, result: TaskResult) {
        self.finish_task(TaskKey::Nodes, result);
    }

    pub fn finish_task(&mut self, key: TaskKey, result: TaskResult) {
        self.step(EventKind::Message(Message::TaskFinished(key, result)));
    }

    pub fn event(&mut self, event: TaskEvent) {
        self.step(EventKind::Message(Message::TaskEvent(event)));
    }

    /// So many milliseconds later, when something is waited for.
    pub fn tick(&mut self, milliseconds: i64) {
        self.now += milliseconds;
        self.step(EventKind::Message(Message::Tick));
    }

    fn step(&mut self, kind: EventKind) {
        self.now += 10;
        // Only what went wrong may be told as an error: keys and healthy answers do not.
        let is_healthy = match &kind {
            EventKind::Terminal(_) | EventKind::Rested => true,
            EventKind::Message(Message::TaskFinished(_, result)) => {
                !self.is_strange && !format!("{result:?}").contains("Failure {")
            }
            _ => false,
        };
        let before = self.model().notice.clone();
        let known = self.model().log.lines().len();
        let effects = self.workbench.step(Event { at: Timestamp(self.now), kind });
        self.effects.extend(effects);
        let model = self.model();
        if let Some(notice) = model.notice.as_ref().filter(|_| is_healthy && before != model.notice)
        {
            assert!(
                self.is_strange || notice.tone < Tone::Error,
                "unexpected: {notice:?}\n{}",
                self.screen()
            );
        }
        let forbidden = |line: &&LogEntry| line.text.starts_with("ignored: ");
        if !self.is_strange {
            let told = model.log.lines().skip(known).find(forbidden);
            assert!(told.is_none(), "unexpected: {told:?}");
        }
        if !self.is_blind {
            // As the real loop does: some widgets scroll while they are drawn.
            self.frame();
        }
    }

    pub fn frame(&self) -> Frame {
        self.workbench.view(self.area)
    }

    pub fn screen(&self) -> String {
        text(&self.frame())
    }

    pub fn model(&self) -> &Model {
        &self.workbench.model
    }

    /// As if these nodes had come from the store; oldest first.
    pub fn change_nodes(&mut self, mut change: impl FnMut(usize, &mut Node)) {
        let nodes: Vec<Node> = self.model().nodes.values().cloned().collect();
        for (at, mut node) in nodes.into_iter().enumerate() {
            change(at, &mut node);
            self.workbench.model.insert_node(node);
        }
    }

    /// Effects since the last call, but for the question what leaves of the draft's pictures: it is
    /// asked by itself whenever they change.
    pub fn take(&mut self) -> Vec<Effect> {
        let all = std::mem::take(&mut self.effects);
        all.into_iter().filter(|effect| asked_what_leaves(effect).is_none()).collect()
    }

    /// Of which pictures it was asked what leaves, since the last call of this or of `take`.
    pub fn take_asked_what_leaves(&mut self) -> Vec<Hash> {
        let all = std::mem::take(&mut self.effects);
        all.iter().filter_map(asked_what_leaves).flatten().copied().collect()
    }

    /// How many orders were saved since the last call.
    pub fn saves(&mut self) -> usize {
        self.take()
            .iter()
            .filter(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })))
            .count()
    }

    /// How many orders were saved; all that was asked is answered to the end.
    pub fn saves_answered(&mut self) -> usize {
        let is_save = |effect: &&Effect| matches!(effect, Effect::Store(StoreEffect::Save { .. }));
        let saves = self.effects.iter().filter(is_save).count();
        self.answer_all();
        saves
    }

    /// Answers everything that was asked as a healthy store and service would, to the end.
    pub fn answer_all(&mut self) {
        while let Some(effect) = (!self.effects.is_empty()).then(|| self.effects.remove(0)) {
            if let Some(result) = self.answer(effect) {
                self.finish(result);
            }
        }
    }

    /// The healthy answer to one effect; `None`: the test answers by itself, or nobody does.
    pub fn answer(&mut self, effect: Effect) -> Option<TaskResult> {
        match effect {
            Effect::Store(effect) => self.stored(effect).map(TaskResult::Store),
            Effect::Service(effect) => served(effect).map(TaskResult::Service),
            Effect::Picture(_) | Effect::Screen(_) | Effect::Translate(_) | Effect::Abort(_) => {
                None
            }
        }
    }

    fn stored(&mut self, effect: StoreEffect) -> Option<StoreResult> {
        Some(match effect {
            StoreEffect::Save { save_id, spec, .. } => {
                StoreResult::Saved { save_id, saved: Ok(Box::new(self.save(*spec))) }
            }
            StoreEffect::SetJobState { job, to, .. } => {
                StoreResult::Moved { job, to, result: Ok(()) }
            }
            StoreEffect::Finish { job, outcome } => {
                let next = self.next_step(job, &outcome).map(Box::new);
                StoreResult::Finished { job, next: Ok(next) }
            }
            StoreEffect::AppendDecision(_)
            | StoreEffect::SaveDraft(_)
            | StoreEffect::AppendLog(_)
            | StoreEffect::RecordCost { .. }
            | StoreEffect::SaveBody { .. }
            | StoreEffect::SaveAnswer { .. }
            | StoreEffect::SavePartialOutcome { .. }
            | StoreEffect::Heartbeat => StoreResult::Kept(Ok(())),
            StoreEffect::RecordBills(_) => StoreResult::Billed(Ok(())),
            StoreEffect::RecordConsent(_)
            | StoreEffect::LoadUnbilled(_)
            | StoreEffect::LoadAccount
            | StoreEffect::LoadNodes(_)
            | StoreEffect::Search { .. }
            | StoreEffect::LoadSnapshot => return None,
        })
    }

    /// As the store does it: saved with the end of the last one, held.
    fn next_step(&mut self, job: JobId, outcome: &Outcome) -> Option<Saved> {
        let job = self.model().jobs.get(&job)?.clone();
        let on = outcome.pictures.first().filter(|picture| !picture.nsfw)?;
        let spec = job.spec.next(PictureRef { node: job.node, picture: on.hash })?;
        let mut saved = self.save(spec);
        saved.job.state = State::Held("the next of several steps".into());
        Some(saved)
    }

    fn save(&mut self, spec: RequestSpec) -> Saved {
        let id = NodeId(self.next);
        self.next += 1;
        let parent = spec.recipe.inputs.first().and_then(|input| match input {
            Input::Picture(picture) => Some(*picture),
            Input::Url(_) => None,
        });
        let node = Node {
            state: NodeState::Pending,
            recipe: Some(spec.recipe.clone()),
            title: None,
            parent,
            pictures: Vec::new(),
            simulated: true,
            ..root(id.0, "")
        };
        let job = Job {
            id: JobId(id.0),
            node: id,
            spec,
            state: State::Saved,
            durable: true,
            owned: true,
            addresses: None,
            body: None,
            handle: None,
            answer: None,
            cost: None,
            why: None,
            at: Timestamp(self.now),
            sent_at: None,
            ended_at: None,
            work: Work::default(),
        };
        Saved { job, node }
    }
}

fn served(effect: ServiceEffect) -> Option<ServiceResult> {
    Some(match effect {
        ServiceEffect::Upload { job, inputs, .. } => {
            let addresses = inputs.iter().map(|_| "https://x/1.png".to_owned()).collect();
            ServiceResult::Uploaded { job, addresses: Ok(addresses) }
        }
        ServiceEffect::Send { job, .. } => {
            let answer = Sent::Accepted { handle: handle(job), state: State::Queued(Some(0)) };
            ServiceResult::Sent { job, answer: Ok(answer) }
        }
        ServiceEffect::Follow { job, .. } => ServiceResult::Followed { job, result: Ok(()) },
        ServiceEffect::Fetch { job, .. } => {
            ServiceResult::Fetched { job, outcome: Ok(Box::new(outcome(job))) }
        }
        ServiceEffect::LoadPrices { .. }
        | ServiceEffect::Settle { .. }
        | ServiceEffect::LoadBalance { .. }
        | ServiceEffect::LoadBills { .. }
        | ServiceEffect::FindModels { .. }
        | ServiceEffect::AddModel { .. }
        | ServiceEffect::CancelRemote { .. }
        | ServiceEffect::InjectFault { .. } => return None,
    })
}

pub fn hash(number: u32) -> Hash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Hash(bytes)
}

pub fn handle(job: JobId) -> Handle {
    let url = |end: &str| format!("https://q/requests/{job}{end}");
    Handle {
        request_id: format!("request-{job}"),
        gateway_request_id: None,
        status_url: url("/status"),
        response_url: url(""),
        cancel_url: url("/cancel"),
    }
}

pub fn outcome(job: JobId) -> Outcome {
    Outcome {
        pictures: vec![picture(job.0)],
        seed: Some(7),
        request_id: Some(format!("request-{job}")),
        billable_units: Some(1.0),
        timings: [("inference".to_owned(), 1.0)].into(),
        served_from: None,
        raw: serde_json::json!({}),
    }
}

fn picture(number: u32) -> Picture {
    Picture {
        hash: hash(number),
        width: 1024,
        height: 1024,
        format: "png".into(),
        bytes: 1_000,
        nsfw: false,
        url: None,
    }
}

pub fn root(number: u32, title: &str) -> Node {
    Node {
        id: NodeId(number),
        global: number.to_string(),
        state: NodeState::Root,
        recipe: None,
        title: Some(title.into()),
        parent: None,
        pictures: vec![picture(number)],
        seed: None,
        request_id: None,
        served_from: None,
        cost: None,
        is_exact: false,
        simulated: false,
        starred: false,
        trashed: false,
        rating: 0,
        name: None,
        at: Timestamp(500),
        timings: Default::default(),
    }
}

/// The frame's text, line by line, without blanks at the ends.
pub fn text(frame: &Frame) -> String {
    let area = frame.cells.area;
    let line = |y| {
        let cells = (0..area.width).map(|x| frame.cells[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..area.height).map(line).collect::<Vec<_>>().join("\n")
}

pub fn parse(keys: &str) -> Vec<Key> {
    let mut rest = keys;
    let mut parsed = Vec::new();
    while let Some(c) = rest.chars().next() {
        let end = rest.find('>').filter(|_| c == '<');
        let (name, after) = match end {
            Some(end) => (&rest[1..end], &rest[end + 1..]),
            None => (&rest[..c.len_utf8()], &rest[c.len_utf8()..]),
        };
        parsed.push(Key::Key(key(name)));
        rest = after;
    }
    parsed
}

pub fn key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut name = name;
    while let Some((first, rest)) = name.split_once('-').filter(|(_, rest)| !rest.is_empty()) {
        modifiers |= match first {
            "C" => KeyModifiers::CONTROL,
            "A" => KeyModifiers::ALT,
            "S" => KeyModifiers::SHIFT,
            "D" => KeyModifiers::SUPER,
            "H" => KeyModifiers::HYPER,
            "M" => KeyModifiers::META,
            _ => panic!("{name}"),
        };
        name = rest;
    }
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "F1" => KeyCode::F(1),
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Backspace" => KeyCode::Backspace,
        "Space" => KeyCode::Char(' '),
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

fn asked_what_leaves(effect: &Effect) -> Option<&[Hash]> {
    match effect {
        Effect::Picture(PictureEffect::DescribeSent { pictures, .. }) => Some(pictures),
        _ => None,
    }
}
