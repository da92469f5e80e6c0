//! Decisions: what a person can undo. Each is appended, none is ever changed or removed.
//!
//! The undo and redo stacks are not stored: they are what remains after replaying the entries.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Input, NodeId, PictureRef};
use crate::schema::regions::Region;

/// What a person may think of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Star(bool),
    Trash(bool),
    /// 1 to 5; 0 takes the rating off.
    Rating(u8),
    Name(Option<String>),
}

/// One reversible change, with what stood there before.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Star {
        node: NodeId,
        on: bool,
    },
    Trash {
        node: NodeId,
        on: bool,
    },
    /// 1 to 5, or 0 for none.
    Rate {
        node: NodeId,
        from: u8,
        to: u8,
    },
    Name {
        node: NodeId,
        from: Option<String>,
        to: Option<String>,
    },
    /// A parameter of the draft; `None` is the default.
    Value {
        name: String,
        from: Option<Value>,
        to: Option<Value>,
    },
    /// The picture that the draft goes on from.
    Parent {
        from: Option<PictureRef>,
        to: Option<PictureRef>,
    },
    References {
        from: Vec<Input>,
        to: Vec<Input>,
    },
    /// The boxes of the draft, each with its words.
    Regions {
        from: Vec<Region>,
        to: Vec<Region>,
    },
}

impl Change {
    /// The change that takes this one back.
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::Star { node, on } => Self::Star { node, on: !on },
            Self::Trash { node, on } => Self::Trash { node, on: !on },
            Self::Rate { node, from, to } => Self::Rate { node, from: to, to: from },
            Self::Name { node, from, to } => Self::Name { node, from: to, to: from },
            Self::Value { name, from, to } => Self::Value { name, from: to, to: from },
            Self::Parent { from, to } => Self::Parent { from: to, to: from },
            Self::References { from, to } => Self::References { from: to, to: from },
            Self::Regions { from, to } => Self::Regions { from: to, to: from },
        }
    }
}

/// What is appended to the store.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Did(Change),
    Undid,
    Redid,
}

/// How an entry is called in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    Did,
    Undid,
    Redid,
}

/// What can be undone and redone now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl Decisions {
    /// Rebuilds the stacks from everything that was appended, oldest first.
    pub fn replay(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut decisions = Self::default();
        for entry in entries {
            match entry {
                Entry::Did(change) => decisions.did(change),
                Entry::Undid => drop(decisions.undo()),
                Entry::Redid => drop(decisions.redo()),
            }
        }
        decisions
    }

    /// A new decision; what was undone before can no longer be redone.
    pub fn did(&mut self, change: Change) {
        self.undone.clear();
        self.done.push(change);
    }

    /// The change to apply in order to take the last decision back.
    pub fn undo(&mut self) -> Option<Change> {
        let change = self.done.pop()?;
        let inverse = change.inverse();
        self.undone.push(change);
        Some(inverse)
    }

    /// The change to apply in order to make the last undone decision again.
    pub fn redo(&mut self) -> Option<Change> {
        let change = self.undone.pop()?;
        self.done.push(change.clone());
        Some(change)
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}
