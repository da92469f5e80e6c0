//! The terminal asked what it can do, as the workbench asks it, by commands without a screen.
//!
//! Decides nothing about pictures: `graphics` does. Invariant: a terminal that does not answer
//! costs a second, over ssh three, and none at all costs nothing.

use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use super::session::hints;
use crate::config::Config;
use crate::graphics::probe::{Between, Probe, Verdict};
use crate::terminal::interview::{Interview, interview};

/// Whether tmux lets anything through: `0` or `off` (3.3 and later; one before it always does).
const PASSES: [&str; 3] = ["display-message", "-p", "#{allow-passthrough}"];
/// What tmux knows of the terminal outside.
const FEATURES: [&str; 3] = ["display-message", "-p", "#{client_termfeatures}"];
/// A terminal that has not answered by then will not. Over a line it takes longer, and what comes
/// after the question was given up is typed into the shell.
const PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE_OVER_SSH: Duration = Duration::from_secs(3);

/// What is to be thought of the terminal, and whether it has said so itself.
pub(super) fn ask(config: &Config) -> (Verdict, Interview) {
    let is_tmux = config.environment.tmux;
    let probe = unasked(config);
    let probe = RefCell::new(probe);
    if let Some(features) = is_tmux.then(|| tmux_says(&FEATURES)).flatten() {
        probe.borrow_mut().take_tmux_features(&features);
    }
    let begin = |(columns, rows, width, height)| {
        let mut probe = probe.borrow_mut();
        probe.set_window(columns, rows, width, height);
        probe.queries()
    };
    // What follows from the answers is asked too.
    let follow = |reply: &[u8]| {
        let mut probe = probe.borrow_mut();
        probe.reply(reply);
        probe.more_queries()
    };
    // The terminal outside of tmux answers later than tmux itself, if it is reached at all.
    let is_deaf = !is_tmux || tmux_says(&PASSES).is_some_and(|it| ["0", "off"].contains(&&*it));
    let is_enough =
        || is_deaf || probe.borrow().verdict().between == Between::Tmux { passes: true };
    let patience = if config.environment.ssh { PATIENCE_OVER_SSH } else { PATIENCE };
    let outcome = interview(patience, begin, follow, is_enough);
    let verdict = probe.borrow().verdict();
    (verdict, outcome)
}

/// By what was asked for and by the environment alone.
pub(super) fn unasked(config: &Config) -> Probe {
    Probe::new(hints(config), config.graphics).wanting(config.file.graphics())
}

pub(super) fn tmux_says(arguments: &[&str]) -> Option<String> {
    let output = Command::new("tmux").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
