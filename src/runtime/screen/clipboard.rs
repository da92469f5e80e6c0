//! Pictures from the terminal's clipboard and to it: begun by a person, ended by the terminal or by
//! time.
//!
//! What is sent and read is decided in `terminal::clipboard`. Invariant: nothing is asked where an
//! answer could not come back, as through tmux.

use std::time::{Duration, Instant};

use crossterm::event::Event;

use super::Loop;
use crate::app::action::Purpose;
use crate::app::notice::Tone;
use crate::graphics::probe::Between;
use crate::terminal::clipboard::{ClipboardFailure, Heard, MOST};
use crate::tree::Hash;
use crate::workbench::EventKind;

/// Bytes on the line for three of a picture.
const ENCODED: f64 = 4.0 / 3.0;

impl Loop {
    pub(super) fn paste_picture(&mut self, purpose: Purpose) {
        if let Some(why) = self.is_in_the_way() {
            return self.say(Tone::Warning, why);
        }
        self.pasted_for = purpose;
        let question = self.clipboard.paste(Instant::now());
        self.terminal.send(question);
        self.say(Tone::Info, "looking at the clipboard; the terminal may ask you".into());
    }

    pub(super) fn copy_picture(&mut self, hash: Hash) {
        if let Some(why) = self.is_in_the_way() {
            return self.say(Tone::Warning, why);
        }
        let media = self.options.runtime.store.media();
        let length = media.path(hash).and_then(|path| std::fs::metadata(path).ok());
        if length.is_some_and(|file| file.len() > MOST as u64) {
            return self.say(Tone::Warning, ClipboardFailure::TooLarge.to_string());
        }
        let Ok(file) = media.read(hash) else {
            return self.say(Tone::Error, "this picture is not in the store".into());
        };
        let kind = format!("image/{}", crate::picture::signature::of(&file).name);
        let seconds = self.link.map(|link| file.len() as f64 * ENCODED / link.rate.max(1.0));
        let patience = Duration::from_secs_f64(seconds.unwrap_or(0.0).clamp(0.0, 3_600.0) * 3.0);
        let question = self.clipboard.copy(&kind, &file, patience, Instant::now());
        self.terminal.send(question);
        let long = seconds.filter(|seconds| *seconds >= 1.0);
        let long = long.map_or(String::new(), |seconds| format!(", about {seconds:.0} s"));
        let size = size(file.len());
        self.say(Tone::Info, format!("copying the picture to the clipboard: {size}{long}"));
    }

    /// Whether this was an answer of the clipboard.
    pub(super) fn take_clipboard(&mut self, reply: &[u8]) -> bool {
        let Some(heard) = self.clipboard.take(reply, Instant::now()) else {
            return false;
        };
        match heard {
            Heard::Nothing => {}
            Heard::Ask(question) => self.terminal.send(question),
            Heard::Send(pieces) => self.terminal.send_paced(pieces),
            Heard::Picture(file) => {
                self.say(Tone::Info, format!("pasted a picture of {}", size(file.len())));
                let files = vec![("from the clipboard".to_owned(), file)];
                self.options.runtime.open_brought(files, self.pasted_for);
            }
            // As if the files had been dropped here.
            Heard::Paths(text) => self.step(EventKind::Terminal(vec![Event::Paste(text)])),
            Heard::Written => self.say(Tone::Good, "copied the picture to the clipboard".into()),
            Heard::Failed(failure) => self.say(Tone::Warning, failure.to_string()),
        }
        true
    }

    /// When what is on its way through the terminal is given up.
    pub(super) fn pictures_due(&self) -> Option<tokio::time::Instant> {
        let due = [self.clipboard.due(), self.drops.due()].into_iter().flatten().min();
        due.map(tokio::time::Instant::from_std)
    }

    pub(super) fn give_pictures_up(&mut self) {
        self.give_drop_up();
        self.give_clipboard_up();
    }

    fn give_clipboard_up(&mut self) {
        if self.terminal.is_sending_paced() {
            self.clipboard.go_on_writing(Instant::now());
        }
        if let Some(failure) = self.clipboard.expire(Instant::now()) {
            self.terminal.send_paced(Vec::new());
            self.say(Tone::Warning, failure.to_string());
        }
    }

    /// Why no picture can go through the clipboard now.
    fn is_in_the_way(&self) -> Option<String> {
        if self.clipboard.is_busy() {
            return Some("one picture is on its way through the clipboard already".into());
        }
        let between = match self.verdict.between {
            Between::Nobody => return None,
            Between::Tmux { .. } => "tmux",
            Between::Screen => "screen",
        };
        let way = "copy an scp command instead, which brings the file over";
        Some(format!("{between} hands on no pictures of the clipboard; {way}"))
    }
}

pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
