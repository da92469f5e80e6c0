//! The log: what happened, line by line, bounded.

use std::collections::VecDeque;

use super::job::JobId;
use crate::tree::{NodeId, Timestamp};

/// Lines kept in memory; the store keeps them for longer.
const KEPT: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    /// On the way of a request to its end, which is told by itself.
    Step,
    Info,
    Warning,
    Error,
}

/// Between a picture and its words, in the line that begins its story: nothing was sent by then.
pub const NOTED: &str = " noted before it is sent: ";
/// The same in the log of an earlier version.
const SAVED: &str = " saved: ";
/// Between a picture and how it was made, in the line that ends its story.
pub const DONE_IN: &str = " done in ";

#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    pub at: Timestamp,
    pub level: Level,
    pub job: Option<JobId>,
    /// What the job makes: people know it by this.
    pub node: Option<NodeId>,
    /// Sanitised when it is drawn, kept as it came.
    pub text: String,
}

impl LogEntry {
    /// It begins the story of a request.
    pub fn is_first(&self) -> bool {
        self.job.is_some() && self.level == Level::Info && begins(&self.text)
    }

    /// How long the picture took, its size and its price, where it has come.
    pub fn result(&self) -> Option<&str> {
        let (who, told) = self.text.split_once(DONE_IN)?;
        // A server and a failure may use the same words.
        let is_ours = self.node.is_none_or(|node| who == node.to_string());
        (self.job.is_some() && self.level == Level::Info && is_ours).then_some(told)
    }
}

fn begins(text: &str) -> bool {
    [NOTED, SAVED].iter().any(|words| text.contains(words))
}

/// Newest last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    lines: VecDeque<LogEntry>,
    /// Not yet handed to the store.
    unwritten: Vec<LogEntry>,
    changes: u64,
}

impl Log {
    /// Starts with what an earlier run left.
    pub fn of(lines: impl IntoIterator<Item = LogEntry>) -> Self {
        let mut log = Self::default();
        lines.into_iter().for_each(|line| log.keep(line));
        log
    }

    pub fn push(&mut self, line: LogEntry) {
        self.unwritten.push(line.clone());
        self.keep(line);
    }

    /// So often has a line come.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    fn keep(&mut self, line: LogEntry) {
        self.changes += 1;
        self.lines.push_back(line);
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
    }

    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LogEntry> + ExactSizeIterator {
        self.lines.iter()
    }

    /// What to write now, in one batch.
    pub fn take_unwritten(&mut self) -> Vec<LogEntry> {
        std::mem::take(&mut self.unwritten)
    }

    /// How many lines wait for the store.
    pub fn unwritten(&self) -> usize {
        self.unwritten.len()
    }

    pub fn has_unwritten(&self) -> bool {
        !self.unwritten.is_empty()
    }
}
