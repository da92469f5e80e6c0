//! Pictures that are dropped on the window: they become references of the draft while it is being
//! written, else they are opened, as what is pasted is.
//!
//! What is sent and taken is decided in `terminal::drops`.

use std::time::Instant;

use crossterm::event::Event;

use super::Loop;
use super::clipboard::size;
use crate::app::action::Purpose;
use crate::app::notice::Tone;
use crate::terminal::drops::{Dropped, File, Heard};
use crate::workbench::EventKind;

impl Loop {
    /// Whether this was about something dropped.
    pub(super) fn take_drop(&mut self, reply: &[u8]) -> bool {
        let heard = self.drops.take(reply, Instant::now());
        let is_one = heard.is_some();
        self.obey_drop(heard.unwrap_or_default());
        is_one
    }

    pub(super) fn give_drop_up(&mut self) {
        let heard = self.drops.expire(Instant::now());
        self.obey_drop(heard.unwrap_or_default());
    }

    fn obey_drop(&mut self, heard: Heard) {
        self.terminal.send(heard.say);
        match heard.news {
            None => {}
            Some(Dropped::Coming) => self.say(Tone::Info, "a dropped picture is on its way".into()),
            Some(Dropped::InVain) => {
                self.options.probe.refuse_drops();
                self.tell_graphics();
                let why = "the terminal hands no pictures on here";
                self.say(Tone::Warning, format!("{why}: dropped again, its name comes as words"));
            }
            Some(Dropped::Paste(text)) => self.step(EventKind::Terminal(vec![Event::Paste(text)])),
            Some(Dropped::Pictures(files, failure)) => {
                if !files.is_empty() {
                    self.open_dropped(files);
                }
                if let Some(failure) = failure {
                    self.say(Tone::Warning, failure.to_string());
                }
            }
        }
    }

    fn open_dropped(&mut self, files: Vec<File>) {
        let in_prompt = self.options.workbench.ui.in_prompt();
        let purpose = if in_prompt { Purpose::References } else { Purpose::Parent };
        let bytes = files.iter().map(|(_, file)| file.len()).sum();
        self.say(Tone::Info, format!("taken over: {}", size(bytes)));
        self.options.runtime.open_brought(files, purpose);
    }
}
