//! The model: everything that a redraw on another screen would still need.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::effect::Ticket;
use super::job::{Job, JobId, Order};
use super::log::Log;
use super::notice::Notice;
use crate::schema::{Catalogue, Usd};
use crate::tree::decision::Decisions;
use crate::tree::skeleton::Tree;
use crate::tree::{Node, NodeId, PictureRef, Timestamp};

/// What is known of the service in use; never the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub name: String,
    /// The embedded simulator: nothing is sent, nothing costs.
    pub simulated: bool,
    /// Host, for the header.
    pub host: String,
    /// Requests under way at once; the rest wait in our line.
    pub limit: usize,
    /// Others that can be switched to.
    pub others: Vec<String>,
}

/// Cost so far, of this profile's kind (real and simulated never mix).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub session: Usd,
    /// Of the local calendar day.
    pub day: Usd,
    pub day_budget: Option<Usd>,
}

/// A saved text with a name, inserted with `Ctrl-T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Time of the last event.
    pub now: Timestamp,
    pub started: Timestamp,
    pub profile: Profile,
    pub catalogue: Catalogue,
    pub project: String,
    pub snippets: Vec<Snippet>,

    pub tree: Tree,
    /// Whole nodes that were loaded; not all.
    pub nodes: BTreeMap<NodeId, Node>,
    /// The picture on the canvas, which keys act on.
    pub current: Option<PictureRef>,
    /// The newest result becomes the parent of an empty draft.
    pub follow: bool,
    /// Child last gone to, by parent.
    pub visited: BTreeMap<NodeId, NodeId>,
    pub decisions: Decisions,

    pub draft: Draft,
    /// Sent prompts, newest first, without repeats.
    pub prompts: Vec<String>,
    /// Field errors of the last refusal, by parameter.
    pub field_errors: BTreeMap<String, String>,

    /// Not final, and those that ended in this session.
    pub jobs: BTreeMap<JobId, Job>,
    /// The order in which saved jobs leave.
    pub line: Vec<JobId>,
    pub line_paused: bool,
    /// On their way into the store.
    pub saving: BTreeMap<Ticket, Order>,
    pub next_ticket: u32,

    pub spent: Spent,
    pub log: Log,
    pub notice: Option<Notice>,
    /// The draft differs from what the store has.
    pub draft_unkept: bool,
    /// The skeleton is still being read.
    pub loading: bool,
    pub quitting: bool,
}
