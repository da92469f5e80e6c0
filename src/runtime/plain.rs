//! The workbench on lines: read from the standard input, told on the standard output.
//!
//! No screen, no escapes, nothing is drawn again. When the input ends, what is under way is waited
//! for. Invariant: a line is performed before the next one is looked at.

use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use rustix::process::{Signal, kill_current_process_group};
use tokio::sync::mpsc;

use super::screen::signals::{Order, Signals};
use super::screen::{Left, finish_writing};
use super::{Runtime, now};
use crate::app::effect::ScreenEffect;
use crate::app::failure::Failure;
use crate::app::message::{Message, TaskEvent};
use crate::text::{plain, to_ascii};
use crate::ui::plain::{Told, WELCOME};
use crate::workbench::{Event, EventKind, Workbench};

struct Loop {
    workbench: Workbench,
    runtime: Runtime,
    told: Told,
    utf8: bool,
    is_over: bool,
}

/// Runs until the person leaves, or the input ends.
pub(crate) async fn run(
    workbench: Workbench,
    runtime: Runtime,
    utf8: bool,
) -> Result<Left, Failure> {
    let mut signals = Signals::listen()?;
    let mut lines = lines();
    let mut state = Loop { workbench, runtime, told: Told::default(), utf8, is_over: false };
    state.say(WELCOME);
    state.tell();
    let mut has_ended = false;
    while !state.is_over {
        let Workbench { model, ui } = &state.workbench;
        if has_ended && !state.told.waits(model, ui) {
            state.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)));
            continue;
        }
        let ticks_in = model.ticks_in();
        let tick = Duration::from_millis(ticks_in.unwrap_or_default().unsigned_abs());
        tokio::select! {
            biased;
            line = lines.recv(), if !has_ended => match line {
                Some(line) => state.step(EventKind::Line(line)),
                None => has_ended = true,
            },
            order = signals.next(false) => match order {
                Order::End => {
                    state.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)));
                }
                // Nothing has to be handed back first.
                Order::Stop => {
                    let _ = kill_current_process_group(Signal::STOP);
                }
            },
            message = state.runtime.next() => state.step(EventKind::Message(message)),
            () = tokio::time::sleep(tick), if ticks_in.is_some() => {
                state.step(EventKind::Message(Message::Tick));
            }
        }
    }
    let exit = state.workbench.model.session.exit.take().unwrap_or_default();
    let mut words = exit.messages;
    finish_writing(&mut state.runtime, &mut words).await;
    Ok(Left { words, next_profile: exit.profile, next_project: exit.project, fell: None })
}

impl Loop {
    fn step(&mut self, kind: EventKind) {
        let effects = self.workbench.step(Event { at: now(), kind });
        for effect in effects {
            if let Some(screen) = self.runtime.perform(effect) {
                self.on_screen(screen);
            }
        }
        self.tell();
    }

    /// What is new, and what has to be found out for it.
    fn tell(&mut self) {
        let (lines, wanted) = self.told.news(&self.workbench.model, &self.workbench.ui);
        lines.iter().for_each(|line| self.say(line));
        for action in wanted {
            let message = EventKind::Message(Message::Action(action));
            for effect in self.workbench.step(Event { at: now(), kind: message }) {
                self.runtime.perform(effect);
            }
        }
    }

    /// What only a screen could do is told instead.
    fn on_screen(&mut self, effect: ScreenEffect) {
        match effect {
            ScreenEffect::Quit => self.is_over = true,
            ScreenEffect::Copy { text, what } => self.say(&format!("{what}: {text}")),
            ScreenEffect::CopyPath { picture, .. } | ScreenEffect::OpenExternally(picture) => {
                match self.runtime.store.media().path(picture) {
                    Some(path) => self.say(&path.display().to_string()),
                    None => self.say("this picture is not in the store"),
                }
            }
            ScreenEffect::EditInEditor(_) => self.say("write the prompt as a line"),
            ScreenEffect::Mouse(_)
            | ScreenEffect::EnableTmuxPassthrough
            | ScreenEffect::Redraw
            | ScreenEffect::Suspend => {}
        }
    }

    /// A reader that is gone ends it.
    fn say(&mut self, line: &str) {
        let line = plain(line);
        let line = if self.utf8 { line } else { to_ascii(&line) };
        let mut out = std::io::stdout().lock();
        self.is_over |= writeln!(out, "{line}").and_then(|()| out.flush()).is_err();
    }
}

/// Lines of the standard input; a thread of its own waits for them.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (send, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
