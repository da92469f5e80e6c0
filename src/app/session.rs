//! This run of the program: whom it asks, how it is left.

use crate::app::draft::Owner;
use crate::tree::Timestamp;

pub(super) mod control;
pub(super) mod models;

/// What is known of the service in use; never the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub name: String,
    /// The embedded simulator: nothing is sent, nothing costs.
    pub simulated: bool,
    /// Host, for the header.
    pub host: String,
    /// It was agreed that its requests cost.
    pub consented: bool,
    /// Requests under way at once, as the config says; `None`: as is learnt.
    pub limit: Option<usize>,
    /// All that the config knows, this one among them.
    pub others: Vec<Service>,
}

/// A service that can be gone over to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: String,
    /// Why it cannot be used now, such as a key that is missing.
    pub obstacle: Option<String>,
}

/// This run of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub started: Timestamp,
    /// The local clock's distance from UTC, in milliseconds; east is positive.
    pub utc_offset_ms: i64,
    pub project: String,
    /// Where names without a folder lie, as one writes it; empty: not known.
    pub folder: String,
    pub snippets: Vec<Snippet>,
    /// A command of the config file translates prompts.
    pub translates: bool,
    /// Only the workbench's draft is kept in the store.
    pub owner: Owner,
    /// How long the service keeps results, in milliseconds.
    pub results_kept_ms: i64,
    /// editree fell before: nothing is looked at until it is asked for.
    pub is_safe_start: bool,
    /// The tree index is still being read.
    pub is_loading: bool,
    /// When the last key came.
    pub key_at: Timestamp,
    /// Time of the last tick; a later tick with an earlier time means that the clock was set.
    pub ticked_at: Timestamp,
    /// When the others were last given a sign of life.
    pub heartbeat_at: Option<Timestamp>,
    /// The network has been away since then.
    pub offline_since: Option<Timestamp>,
    /// Set when the program is being left.
    pub exit: Option<Exit>,
}

/// How the program is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// The profile or the project to go over to.
    pub profile: Option<String>,
    pub project: Option<String>,
    /// What is told after the screen is gone.
    pub messages: Vec<String>,
}

/// A saved text with a name, inserted with `Ctrl-T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    pub name: String,
    pub text: String,
}
