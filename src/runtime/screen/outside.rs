//! What others do for the workbench: the clipboard, a viewer, tmux.

use std::process::{Command, Stdio};

use tokio::task::JoinHandle;

use super::Loop;
use crate::app::notice::Tone;
use crate::graphics;
use crate::graphics::probe::Between;
use crate::graphics::terminals::TMUX_LINE;

impl Loop {
    /// By the terminal's own clipboard; the text is shown too, where that may fail.
    pub(super) fn copy(&mut self, text: &str, what: &str) {
        let encoded = base64_simd::STANDARD.encode_to_string(text.as_bytes());
        let escape = format!("\x1b]52;c;{encoded}\x07").into_bytes();
        let (bytes, done) = match self.verdict.between {
            Between::Nobody => (escape, "copied"),
            Between::Tmux { passes: true } => (graphics::wrap(&escape), "copied"),
            // It takes what is plain, if it is told to.
            Between::Tmux { passes: false } => (escape, "copied, if tmux has `set-clipboard on`,"),
            Between::Screen => (
                graphics::wrap_for_screen(&escape),
                "copied, if the terminal around screen allows it,",
            ),
        };
        self.terminal.send(bytes);
        let shown: String = text.chars().take(100).collect();
        self.say(Tone::Good, format!("{done} {what}: {shown}"));
    }

    /// Over ssh a window would open on the wrong machine: the line that brings the file over helps.
    pub(super) fn open_outside(&mut self, hash: crate::tree::Hash) {
        let Some(path) = self.options.runtime.store.media().path(hash) else {
            return self.say(Tone::Error, "this picture is not in the store".into());
        };
        let path = path.display().to_string();
        if self.options.is_remote {
            let quoted = crate::schema::export::shell_quote(&path);
            return self.say(Tone::Info, format!("scp {}:{quoted} .", self.options.runtime.login));
        }
        let opened = Command::new("xdg-open")
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match opened {
            Ok(mut child) => {
                // Somebody has to wait for it, or it stays as a zombie.
                drop(tokio::task::spawn_blocking(move || child.wait()));
                self.say(Tone::Good, format!("opened {path}"));
            }
            Err(_) => self.say(Tone::Info, format!("the file is {path}")),
        }
    }
}

/// What tmux answered.
pub(super) enum TmuxSaid {
    /// Whether it hands on pictures now.
    Opened(bool),
    /// What it knows of the terminal outside; none where it does not tell.
    Features(Option<String>),
}

/// It may take a tenth of a second: off the loop.
pub(super) fn open_tmux() -> TmuxSaid {
    let mut words = TMUX_LINE.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    let output = command.args(words).stdin(Stdio::null()).output();
    TmuxSaid::Opened(output.is_ok_and(|output| output.status.success()))
}

/// The same.
pub(super) fn tmux_features() -> TmuxSaid {
    let mut command = Command::new("tmux");
    let command = command.args(["display-message", "-p", "#{client_termfeatures}"]);
    let output = command.stdin(Stdio::null()).output().ok();
    let output = output.filter(|output| output.status.success() && !output.stdout.is_empty());
    TmuxSaid::Features(output.and_then(|output| String::from_utf8(output.stdout).ok()))
}

pub(super) async fn answer(asked: &mut Option<JoinHandle<TmuxSaid>>) -> TmuxSaid {
    match asked {
        Some(task) => task.await.unwrap_or(TmuxSaid::Features(None)),
        None => TmuxSaid::Features(None),
    }
}
