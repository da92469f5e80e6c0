//! How far the request of `run` is, on stderr: one line that changes on a terminal, a line each
//! elsewhere.
//!
//! Invariant: how it ended well is told last, with the files that were written by then.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use super::{say, show_progress};
use crate::app::job::{Job, State};
use crate::app::job_text;
use crate::app::model::Model;

pub(super) struct Progress {
    is_terminal: bool,
    told: usize,
    last: String,
    /// How long it took, its size and its price.
    done: Option<String>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { is_terminal, told: 0, last: String::new(), done: None }
    }

    pub(super) fn tell(&mut self, model: &Model, job: &Job) {
        let lines: Vec<_> = model.log.lines().filter(|line| line.job == Some(job.id)).collect();
        for line in lines.iter().skip(self.told) {
            match line.result() {
                Some(_) => self.done = Some(line.text.clone()),
                None if self.is_terminal => {}
                None => say(&line.text),
            }
        }
        self.told = lines.len();
        let text = format!("{} {}", job.node, job_text::describe(job));
        if self.is_terminal && job.state != State::Done && text != self.last {
            show_progress(&text, job.state.is_final());
            self.last = text;
        }
    }

    /// The pictures are there, and copied to these files.
    pub(super) fn end(self, written: &[PathBuf]) {
        let files = written.iter().map(|file| file.display().to_string());
        let parts: Vec<String> = self.done.into_iter().chain(files).collect();
        if !parts.is_empty() {
            show_progress(&parts.join(" · "), true);
        }
    }
}
