//! What the terminal answers, and when it is asked again: another one may look at the screen since.
//!
//! What follows from the answers is decided in `graphics`. Invariant: only what a person does leads
//! to a question; an idle workbench asks nothing.

use std::time::Duration;

use crossterm::event::Event;
use tokio::time::Instant;

use super::outside::{TmuxSaid, tmux_features};
use super::{Loop, falls};
use crate::app::message::{Message, TaskEvent};
use crate::app::notice::Tone;
use crate::graphics::probe::Verdict;
use crate::graphics::protocol::Protocol;
use crate::graphics::terminals::TMUX_LINE;
use crate::terminal::TerminalEvent;
use crate::terminal::pictures::Loss;
use crate::workbench::EventKind;

/// After so long without a key it may be another terminal that looks.
const REST: Duration = Duration::from_secs(10);

impl Loop {
    pub(super) fn hear(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Reply(reply) if self.take_clipboard(&reply) => {}
            TerminalEvent::Reply(reply) if self.take_drop(&reply) => {}
            TerminalEvent::Reply(reply) => {
                self.is_stale |= self.terminal.take_width(&reply);
                self.is_stale |= self.terminal.take_count(&reply);
                match self.terminal.take_loss(&reply) {
                    Loss::None => {}
                    Loss::Once => self.is_stale = true,
                    Loss::Again(word) => {
                        self.options.probe.refuse_kitty(&word);
                        self.tell_graphics();
                        self.is_stale = true;
                    }
                }
                if self.options.probe.reply(&reply) {
                    self.tell_graphics();
                }
                self.ask_more();
            }
            // Whatever came meanwhile is drawn now.
            TerminalEvent::Drained => {}
            TerminalEvent::GivenUp => {
                self.is_stale = true;
                if self.options.probe.give_up() {
                    self.tell_graphics();
                }
            }
            TerminalEvent::Measured(link) => {
                self.link = Some(link);
                self.is_stale = true;
                self.tell_graphics();
            }
            TerminalEvent::Stumbled => falls::stumbled(self),
            TerminalEvent::HungUp => {
                self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)))
            }
        }
    }

    pub(super) fn take_tmux(&mut self, said: TmuxSaid) {
        match said {
            TmuxSaid::Features(features) => {
                if let Some(features) = features {
                    self.options.probe.take_tmux_features(&features);
                    self.tell_graphics();
                }
            }
            TmuxSaid::Opened(true) => {
                self.options.probe.ask_outside_again();
                self.ask_more();
                self.say(Tone::Good, "tmux hands on pictures in this pane".into());
            }
            TmuxSaid::Opened(false) => {
                self.say(Tone::Error, format!("`{TMUX_LINE}` did not work here"));
            }
        }
    }

    pub(super) fn learn_size(&mut self) {
        let (columns, rows, width, height) = self.terminal.size();
        self.options.probe.set_window(columns, rows, width, height);
        self.tell_graphics();
        self.ask_more();
    }

    /// Somebody comes back: perhaps with another terminal, through tmux or dtach.
    pub(super) fn look_who_is_there(&mut self, batch: &[Event]) {
        let has_come = |event: &Event| matches!(event, Event::FocusGained | Event::Resize(..));
        let has_come = batch.iter().any(has_come);
        self.elsewhere.look(batch);
        let now = Instant::now();
        let has_rested = now.saturating_duration_since(self.typed_at) >= REST;
        self.typed_at = now;
        if has_come || has_rested {
            self.ask_again();
        }
    }

    /// In another way than before, because the person says so.
    pub(super) fn show_pictures_as(&mut self, word: &str) {
        let chosen = Protocol::by_flag(word);
        if chosen.is_none() && word != "auto" {
            let words: Vec<&str> = Protocol::flags().collect();
            let text = format!("no `{word}`; there are `auto`, `{}`", words.join("`, `"));
            return self.say(Tone::Warning, text);
        }
        self.options.probe.choose(chosen);
        self.terminal.forget_pictures();
        self.tell_graphics();
        self.ask_more();
        let Verdict { protocol, why, .. } = &self.verdict;
        self.say(Tone::Info, format!("pictures as {}: {why}", protocol.name()));
    }

    pub(super) fn ask_again(&mut self) {
        if self.verdict.between.is_tmux() && self.asked_tmux.is_none() {
            self.asked_tmux = Some(tokio::task::spawn_blocking(tmux_features));
        }
        self.options.probe.ask_again();
        self.terminal.meet_again();
        self.ask_more();
    }

    /// What was learnt may lead to more questions.
    fn ask_more(&mut self) {
        let questions = self.options.probe.more_queries();
        self.terminal.ask(&questions);
    }
}
