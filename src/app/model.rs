//! The model: everything that a redraw on another screen would still need.

use super::draft::{Choice, Composer, Draft, Owner, Seed};
use super::failure::{Failure, FailureKind};
use super::hint::Hint;
use super::log::{Level, Log, LogEntry};
use super::money::{Money, Spent};
use super::notice::{Notice, Tone, failure_notice};
use super::session::{Profile, Session, Snippet};
use super::tree::{Finder, Trail};
use crate::app::compare::Comparisons;
use crate::app::counted::Counted;
use crate::app::draft::prompt_expansion::{self, escape};
use crate::app::job::jobs::Jobs;
use crate::app::job::{Job, JobId, Queue};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use crate::schema::money;
use crate::schema::price::{Quote, Size};
use crate::schema::regions::RegionForm;
use crate::schema::{Catalogue, Endpoint, Fit, Problem, Usd, Values};
use crate::tree::decision::Decisions;
use crate::tree::index::{NodeSummary, TreeIndex};
use crate::tree::{Input, Node, NodeId, Picture, PictureRef, Recipe, Timestamp};

/// So many notices can be read again.
const NOTICES: usize = 50;
/// Results with less than so much between them are told together, in milliseconds.
const IN_A_ROW_MS: i64 = 15_000;
const SECOND_MS: i64 = 1_000;
/// What happens by then is counted down on the screen, in milliseconds.
const SOON_MS: i64 = 60_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Time of the last event.
    pub now: Timestamp,
    pub session: Session,
    pub profile: Profile,
    pub catalogue: Counted<Catalogue>,

    pub tree: TreeIndex,
    /// Whole nodes that were loaded; not all.
    pub nodes: Counted<BTreeMap<NodeId, Node>>,
    /// The picture on the canvas, which keys act on.
    pub current: Option<PictureRef>,
    pub trail: Trail,
    pub decisions: Decisions,
    pub comparisons: Comparisons,
    pub finder: Finder,

    pub draft: Draft,
    pub composer: Composer,

    pub jobs: Jobs,
    pub queue: Queue,
    pub money: Money,

    pub log: Log,
    pub notice: Option<Notice>,
    /// What was said last, the newest at the end.
    pub notices: VecDeque<Notice>,
}

/// What a model begins with: read from the config and the store.
#[derive(Clone, Debug)]
pub struct Start {
    pub now: Timestamp,
    pub utc_offset_ms: i64,
    pub profile: Profile,
    pub catalogue: Catalogue,
    pub project: String,
    pub snippets: Vec<Snippet>,
    /// A command of the config file translates prompts.
    pub translates: bool,
    pub spent: Spent,
    /// How long the service keeps results, in milliseconds.
    pub results_kept_ms: i64,
    pub draft: Draft,
    pub owner: Owner,
    /// The newest nodes, whole.
    pub nodes: Vec<Node>,
    pub jobs: Vec<Job>,
    pub decisions: Decisions,
    pub log: Vec<LogEntry>,
    pub prompts: Vec<String>,
    pub current: Option<PictureRef>,
}

impl Model {
    pub fn new(start: Start) -> Self {
        let mut model = Self {
            now: start.now,
            session: Session {
                started: start.now,
                utc_offset_ms: start.utc_offset_ms,
                project: start.project,
                folder: String::new(),
                snippets: start.snippets,
                translates: start.translates,
                owner: start.owner,
                results_kept_ms: start.results_kept_ms,
                is_safe_start: false,
                is_loading: true,
                key_at: start.now,
                ticked_at: start.now,
                heartbeat_at: None,
                offline_since: None,
                exit: None,
            },
            profile: start.profile,
            catalogue: Counted::new(start.catalogue),
            tree: TreeIndex::default(),
            nodes: Counted::default(),
            current: start.current.or(start.draft.parent),
            trail: Trail {
                follow: true,
                chooses: true,
                visited: BTreeMap::new(),
                awaited: None,
                takes: Vec::new(),
                has_seen_takes: false,
            },
            decisions: start.decisions,
            comparisons: Comparisons::default(),
            finder: Finder::default(),
            draft: start.draft,
            composer: Composer {
                // The tree has the words that were sent: they mean themselves.
                prompts: start.prompts.iter().map(|words| escape(words)).collect(),
                ..Composer::default()
            },
            queue: Queue::default(),
            jobs: Jobs::new(start.jobs),
            money: Money { spent: start.spent, ..Money::default() },
            log: Log::of(start.log),
            notice: None,
            notices: VecDeque::new(),
        };
        start.nodes.into_iter().for_each(|node| model.insert_node(node));
        model
    }

    /// Adds or replaces a node, whole and in the tree index.
    pub fn insert_node(&mut self, node: Node) {
        let picture_of_parent = |parent: &PictureRef| {
            let pictures = &self.nodes.get(&parent.node)?.pictures;
            pictures.iter().position(|picture| picture.hash == parent.picture)
        };
        let known = || Some(usize::from(self.tree.get(node.id)?.parent_picture));
        let place = node.parent.as_ref().and_then(picture_of_parent).or_else(known);
        self.tree.insert(NodeSummary::of(&node, place));
        self.nodes.insert(node.id, node);
    }

    /// The endpoint that the draft goes to now.
    pub fn endpoint(&self) -> Result<&Endpoint, Problem> {
        self.endpoint_for(self.draft.pictures())
    }

    pub(super) fn endpoint_for(&self, pictures: usize) -> Result<&Endpoint, Problem> {
        match &self.draft.choice {
            Choice::Fixed(id) => {
                self.catalogue.find(id).map_err(|unknown| Problem::new(unknown.to_string(), None))
            }
            Choice::Auto { family } => {
                self.catalogue.for_pictures(family, pictures).ok_or_else(|| {
                    let message = format!("no endpoint of `{family}` takes {pictures} pictures");
                    Problem::new(message, Some("choose another endpoint".into()))
                })
            }
        }
    }

    /// Whether boxes of a picture go into the prompt of an edit of it.
    pub fn takes_boxes(&self) -> bool {
        let endpoint = self.endpoint_for(self.draft.pictures().max(1));
        endpoint.is_ok_and(|endpoint| endpoint.regions == Some(RegionForm::Anchors))
    }

    /// The draft's parameters, as the endpoint knows them, with the seed that its mode stands for.
    pub fn values(&self) -> Values {
        let endpoint = self.endpoint().ok();
        let mut values = match endpoint {
            Some(endpoint) => endpoint.adopted(&self.draft.values),
            None => self.draft.values.clone(),
        };
        values.remove("seed");
        if endpoint.is_some_and(|endpoint| !endpoint.has_seed()) {
            return values;
        }
        let seed = match self.draft.seed {
            Seed::Random => None,
            Seed::Fixed(seed) => Some(seed),
            Seed::Pinned(seed) => seed.or_else(|| self.nodes.get(&self.draft.parent?.node)?.seed),
        };
        if let Some(seed) = seed {
            values.insert("seed".into(), seed.into());
        }
        values
    }

    /// The draft's prompt as it is sent, before braces are expanded: with its boxes where the
    /// endpoint takes some.
    pub fn prompt(&self) -> String {
        match self.endpoint() {
            Ok(endpoint) => self.draft.sent_prompt(endpoint, &self.draft.prompt),
            Err(_) => self.draft.prompt.trim().to_owned(),
        }
    }

    /// Every reason why the draft cannot be sent; "run" is offered if and only if there is none (I9).
    pub fn blockers(&self) -> Vec<(String, Problem)> {
        let endpoint = match self.endpoint() {
            Ok(endpoint) => endpoint,
            Err(problem) => return vec![(String::new(), problem)],
        };
        let pictures = self.draft.pictures();
        let values = self.values();
        let mut problems = self.catalogue.problems(endpoint, &self.prompt(), &values, pictures);
        problems.extend(self.no_pictures().map(|problem| (String::new(), problem)));
        let small = endpoint.problem_of_size(&self.input_sizes());
        problems.extend(small.map(|problem| (String::new(), problem)));
        problems
    }

    /// Inputs of the draft that are films or sounds.
    fn no_pictures(&self) -> impl Iterator<Item = Problem> {
        let references = self.draft.references.iter().filter_map(|input| match input {
            Input::Picture(picture) => Some(*picture),
            Input::Url(_) => None,
        });
        let inputs = self.draft.parent.into_iter().chain(references);
        inputs.filter_map(|input| {
            let file = self.picture(input).filter(|file| !file.is_picture())?;
            let message = format!("{} is a file ({}), no picture", input.node, file.format);
            Some(Problem::new(message, Some("start from a picture, such as its parent".into())))
        })
    }

    /// What the draft will cost, sent once.
    pub fn next_quote(&self) -> Quote {
        self.quote_with(&self.values())
    }

    /// The same with other values.
    pub fn quote_with(&self, values: &Values) -> Quote {
        let sizes = self.input_sizes();
        self.endpoint().map_or_else(|_| Quote::default(), |endpoint| endpoint.quote(values, &sizes))
    }

    /// Sizes of the draft's pictures, in their order.
    fn input_sizes(&self) -> Vec<Size> {
        let parent = self.draft.parent.map(Input::Picture);
        let inputs = parent.iter().chain(&self.draft.references);
        inputs.map(|input| self.size_of(input)).collect()
    }

    /// What a request of this recipe will cost.
    pub fn quote(&self, recipe: &Recipe) -> Quote {
        let sizes: Vec<Size> = recipe.inputs.iter().map(|input| self.size_of(input)).collect();
        let endpoint = self.catalogue.find(&recipe.endpoint);
        endpoint.map_or_else(|_| Quote::default(), |known| known.quote(&recipe.values, &sizes))
    }

    /// Whether the endpoint of this recipe takes a seed; one that is not known is taken to.
    pub fn has_seed(&self, recipe: &Recipe) -> bool {
        self.catalogue.find(&recipe.endpoint).map_or(true, Endpoint::has_seed)
    }

    /// Width and height of an input; nobody has measured what lies elsewhere.
    pub fn size_of(&self, input: &Input) -> Size {
        match input {
            Input::Picture(picture) => {
                self.picture(*picture).map(|picture| (picture.width, picture.height))
            }
            Input::Url(_) => None,
        }
    }

    /// The prompts that the draft means: more than one where braces give a choice.
    pub fn variations(&self) -> Vec<String> {
        prompt_expansion::expand(&self.draft.prompt)
    }

    /// Tokens of the prompt that the endpoint's text encoder takes; `None` where the encoder is not
    /// known.
    pub fn prompt_tokens(&self) -> Option<usize> {
        self.endpoint().ok()?.prompt_tokens
    }

    /// Size of the draft's result, before it is sent.
    pub fn forecast(&self) -> Option<(u32, u32)> {
        let input = self.draft.parent.and_then(|parent| self.picture(parent));
        let size = input.map(|picture| (picture.width, picture.height));
        self.endpoint().ok()?.forecast(&self.values(), size)
    }

    /// What becomes of the shape of the draft's picture: how much wider, and by what means. `None`:
    /// nothing that one would see.
    pub fn reshaping(&self) -> Option<(f64, Fit)> {
        let picture = self.picture(self.draft.parent?)?;
        let size = (picture.width, picture.height);
        let endpoint = self.endpoint().ok()?;
        let wider = endpoint.reshaping(&self.values(), size)?;
        let known = self.comparisons.fits.get(&endpoint.id).copied();
        let fit = known.unwrap_or_else(|| endpoint.fit(&self.values(), Some(size)));
        (wider.abs() >= 0.005).then_some((wider, fit))
    }

    /// The picture, when its node is loaded.
    pub fn picture(&self, picture: PictureRef) -> Option<&Picture> {
        let pictures = &self.nodes.get(&picture.node)?.pictures;
        pictures.iter().find(|kept| kept.hash == picture.picture)
    }

    /// Black, because the service's filter took what was on it.
    pub fn is_filtered(&self, picture: PictureRef) -> bool {
        self.picture(picture).is_some_and(|picture| picture.nsfw)
    }

    /// What was sent, in the place of a picture that was filtered: one words the next request by it.
    pub fn stands_in(&self, filtered: PictureRef) -> Option<PictureRef> {
        let sent = self.nodes.get(&filtered.node)?.parent?;
        let is_fit = |picture: &Picture| picture.is_picture() && !picture.nsfw;
        self.is_filtered(filtered)
            .then_some(sent)
            .filter(|it| self.picture(*it).is_some_and(is_fit))
    }

    /// The node on the canvas.
    pub fn current_node(&self) -> Option<&Node> {
        self.nodes.get(&self.current?.node)
    }

    /// Hours, minutes and seconds of the local clock.
    pub fn clock(&self, at: Timestamp) -> (i64, i64, i64) {
        let seconds = (at.0 + self.session.utc_offset_ms).div_euclid(1_000).rem_euclid(86_400);
        (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// Our requests that wait for the line to come back.
    pub fn waiting_for_network(&self) -> usize {
        let waits = |job: &&Job| {
            job.owned && !job.state.is_final() && job.work.failure == Some(FailureKind::Network)
        };
        self.jobs.values().filter(waits).count()
    }

    /// Our requests that count against the limit.
    pub fn under_way(&self) -> usize {
        self.jobs.counts().under_way
    }

    /// In how many milliseconds a tick is wanted, if anything changes by itself: each second while
    /// something happens, and when a job that waits for long is asked for again.
    pub fn ticks_in(&self) -> Option<i64> {
        let next = self.jobs.counts().retry_at.map(|at| at.since(self.now));
        match self.is_busy() || next.is_some_and(|next| next < SOON_MS) {
            true => Some(SECOND_MS),
            false => next,
        }
    }

    fn is_busy(&self) -> bool {
        let jobs = self.jobs.counts();
        jobs.is_any_active
            || jobs.under_way > 0
            || self.composer.is_dirty
            || self.log.has_unwritten()
            || self.notice.is_some()
            || !self.queue.saving.is_empty()
    }

    pub(super) fn begin_task(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.work.is_active = true;
        }
    }

    /// Whether there was one.
    pub(super) fn end_task(&mut self, id: JobId) -> bool {
        self.jobs.get_mut(&id).is_some_and(|job| {
            job.work.is_urgent = false;
            std::mem::take(&mut job.work.is_active)
        })
    }

    pub(super) fn retry_at(&mut self, id: JobId, at: Option<Timestamp>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.work.retry_at = at;
        }
    }

    pub(super) fn set_failure(&mut self, id: JobId, kind: Option<FailureKind>) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.work.failure = kind;
        }
    }

    /// Its pictures are in place already.
    pub(super) fn has_outcome(&self, id: JobId) -> bool {
        self.jobs.get(&id).is_some_and(|job| job.work.outcome.is_some())
    }

    /// What was asked for; a failure is told.
    pub(super) fn or_say<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.say(failure_notice(&failure))).ok()
    }

    /// What people call a job: by its node.
    pub fn called(&self, id: JobId) -> String {
        self.jobs.get(&id).map_or_else(|| id.to_string(), |job| job.node.to_string())
    }

    /// A picture as one types it: `n7`, and `n7.2` where its node has several.
    pub fn name(&self, of: PictureRef) -> String {
        let pictures = self.nodes.get(&of.node).map_or([].as_slice(), |node| &node.pictures);
        let place = pictures.iter().position(|picture| picture.hash == of.picture);
        match place.filter(|_| pictures.len() > 1) {
            Some(place) => format!("{}.{}", of.node, place + 1),
            None => of.node.to_string(),
        }
    }

    /// A sum in words, which says so if it is no real money.
    pub fn told(&self, sum: impl fmt::Display) -> String {
        money::told(sum, self.profile.simulated)
    }

    pub(super) fn note(&mut self, level: Level, job: Option<JobId>, text: impl Into<String>) {
        let node = job.and_then(|job| self.jobs.get(&job)).map(|job| job.node);
        self.log.push(LogEntry { at: self.now, level, job, node, text: text.into() });
    }

    /// A result; several in a row are one notice, which counts them.
    pub(super) fn say_result(&mut self, node: NodeId, story: String, cost: Option<Usd>) {
        let is_one_more =
            |before: &Notice| before.results > 0 && self.now.since(before.at) < IN_A_ROW_MS;
        let before = self.notices.back().filter(|before| is_one_more(before)).cloned();
        if before.is_some() {
            self.notices.pop_back();
        }
        let notice = Notice::of_result(before.as_ref(), node, story, cost, |sum| self.told(sum));
        self.say(notice);
    }

    /// Adds what can be done with the result that was told last.
    pub(super) fn add_hint(&mut self, hint: Hint) {
        if let Some(last) = self.notices.back().filter(|last| last.results > 0).cloned() {
            self.notices.pop_back();
            self.say(last.hint(hint));
        }
    }

    /// Says more with the result that was told last, else by itself.
    pub(super) fn say_also(&mut self, more: &str, hint: Hint) {
        let is_bare = |last: &&Notice| last.results > 0 && last.hint.is_none();
        let notice = match self.notices.back().filter(is_bare).cloned() {
            Some(last) => {
                self.notices.pop_back();
                Notice { text: format!("{} · {more}", last.text), ..last }
            }
            None => Notice::new(Tone::Info, more),
        };
        self.say(notice.hint(hint));
    }

    pub(super) fn drop_old_notice(&mut self) {
        let (now, key_at) = (self.now, self.session.key_at);
        self.notice.take_if(|notice| notice.is_over(now, key_at));
    }

    pub(super) fn say(&mut self, notice: Notice) {
        let notice = Notice { at: self.now, ..notice };
        self.notices.push_back(notice.clone());
        let much = self.notices.len().saturating_sub(NOTICES);
        self.notices.drain(..much);
        self.notice = Some(notice);
    }
}
