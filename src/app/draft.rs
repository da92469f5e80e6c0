//! What is being composed. Not a job: nothing of it is sent until `Run`.

use std::collections::BTreeMap;

use crate::schema::Endpoint;
use crate::schema::regions::{self, Region};
use crate::tree::{Input, NodeId, PictureRef, Values};

use prompt_expansion::escape;
use sent_picture::SentPictures;

pub(super) mod edit;
pub mod file_browser;
pub mod grid;
pub mod prompt_expansion;
pub(super) mod request;
pub mod sent_picture;

/// The unsent request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub prompt: String,
    /// Words that were typed and gave way to older ones, the newest last.
    pub aside: Vec<String>,
    /// Chosen parameters, without the seed.
    pub values: Values,
    pub choice: Choice,
    /// The first input.
    pub parent: Option<PictureRef>,
    /// Inputs after the parent, in order.
    pub references: Vec<Input>,
    /// Boxes of the parent, each with its words: sent by endpoints that take some.
    pub regions: Vec<Region>,
    pub seed: Seed,
}

/// Whose draft the model composes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The person at the workbench: what is typed is kept.
    Workbench,
    /// A command: its draft ends with it, and the person's stays as it is.
    Command,
}

/// More than this is not kept aside.
pub const MOST_ASIDE: usize = 50;

/// Which endpoint the draft goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The family's endpoint that fits the number of pictures.
    Auto { family: String },
    /// This one, by full id, even when the number of pictures does not fit.
    Fixed(String),
}

impl Default for Choice {
    fn default() -> Self {
        Self::Auto { family: "pro".into() }
    }
}

/// What happens to the seed from request to request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// The service picks one.
    #[default]
    Random,
    /// This one, typed by the person.
    Fixed(u64),
    /// The seed of the picture one goes on from, so that only the words change.
    Pinned(Option<u64>),
}

impl Draft {
    /// A lock without a seed takes that of the result.
    pub fn lock_seed(&mut self, seed: Option<u64>) {
        if let (Seed::Pinned(None), Some(_)) = (self.seed, seed) {
            self.seed = Seed::Pinned(seed);
        }
    }

    /// How many pictures go into the request.
    pub fn pictures(&self) -> usize {
        usize::from(self.parent.is_some()) + self.references.len()
    }

    /// A draft with letters keeps the parent it had at the first of them.
    pub fn is_pinned(&self) -> bool {
        !self.prompt.trim().is_empty()
    }

    /// One way to read the prompt, with its boxes where the endpoint takes some.
    pub fn sent_prompt(&self, endpoint: &Endpoint, words: &str) -> String {
        match endpoint.regions {
            Some(form) => form.write(words, &self.regions),
            None => words.trim().to_owned(),
        }
    }

    /// Words and boxes of a prompt that was written, back where they came from.
    pub(in crate::app) fn take_back(&mut self, prompt: String) {
        match regions::read(&prompt) {
            Some(parsed) => {
                (self.prompt, self.regions) = (escape(&parsed.words), parsed.regions);
            }
            None => self.prompt = escape(&prompt),
        }
    }
}

/// What composing needs beside the draft itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composer {
    /// Sent prompts, newest first, without repeats.
    pub prompts: Vec<String>,
    /// Field errors of the last refusal, by parameter.
    pub field_errors: BTreeMap<String, String>,
    /// The draft differs from what the store has.
    pub is_dirty: bool,
    pub run: RunOptions,
    /// What leaves of the draft's pictures.
    pub sent: SentPictures,
    /// Of what was trashed in this session.
    pub trashed: BTreeMap<NodeId, Trashed>,
}

/// Where the draft began before something was trashed, and where after; undo leads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trashed {
    pub from: Option<PictureRef>,
    pub to: Option<PictureRef>,
    pub had_words: bool,
}

/// How the next orders are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Run and answered in one call, without the queue.
    pub sync: bool,
    /// The service tells this address of the end.
    pub webhook: Option<String>,
}
