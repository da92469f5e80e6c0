//! Panics at the loop's borders: a part of the screen, the whole frame, the reading of keys, the
//! loop itself. What can go on goes on; what cannot leaves the terminal and the draft as they were.
//!
//! Invariant: a panic is told and logged once with its place, however often it comes again.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::{Loop, ScreenOptions};
use crate::app::effect::{Effect, StoreEffect};
use crate::app::message::{Message, TaskEvent};
use crate::app::notice::{Notice, Tone};
use crate::runtime::Runtime;
use crate::terminal::panics::Panics;
use crate::ui::frame::Frame;
use crate::workbench::{EventKind, Workbench};

/// Places that are remembered as told.
const TOLD: usize = 50;

/// What panics, for tests only; no argument, setting or variable sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    #[default]
    Nothing,
    /// A pane, whenever it is drawn.
    Pane(&'static str),
    /// The reading of keys, once the prompt reads `fall`.
    Input,
    /// The loop, once the prompt reads `fall`.
    Loop,
}

impl Sabotage {
    pub(super) fn begin(self, options: &mut ScreenOptions) {
        if let Self::Pane(name) = self {
            options.workbench.ui.breaks = Some(name);
        }
    }
}

impl Loop {
    /// The frame to show; none when it cannot be made, and the last one stays.
    pub(super) fn view(&mut self) -> Option<Frame> {
        let (columns, rows, ..) = self.terminal.size();
        let area = ratatui::layout::Rect::new(0, 0, columns, rows);
        let spare = self.terminal.spare();
        let workbench = &self.options.workbench;
        let frame = self.terminal.panics().guard(|| workbench.view_onto(spare, area));
        match &frame {
            Some(frame) => {
                for part in &frame.broken {
                    self.tell_fall(&format!("the {part} cannot be drawn"));
                }
            }
            None => self.tell_fall("the screen cannot be drawn, the last one stays"),
        }
        frame
    }

    /// The panics that have come, each for the first time.
    pub(super) fn tell_fall(&mut self, what: &str) {
        for place in self.terminal.panics().take() {
            if self.told.contains(&place) || self.told.len() >= TOLD {
                continue;
            }
            let text = format!("{what}: a mistake of editree, please report it: {place}");
            self.told.push(place);
            self.say(Tone::Error, text);
        }
    }

    #[allow(clippy::panic, reason = "on purpose, for tests")]
    pub(super) fn fall_on_purpose(&mut self) {
        if self.options.workbench.model.draft.prompt != "fall" {
            return;
        }
        match std::mem::take(&mut self.options.sabotage) {
            Sabotage::Nothing | Sabotage::Pane(_) => {}
            Sabotage::Input => self.terminal.stumble(),
            Sabotage::Loop => panic!("the loop falls on purpose"),
        }
    }
}

/// What a future gives, or that it panicked.
pub(super) async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// After the loop's own panic: what was typed and what happened is kept. The place of the panic.
pub(super) fn rescue(workbench: &mut Workbench, runtime: &mut Runtime, panics: &Panics) -> String {
    let place = panics.take().pop().unwrap_or_else(|| "at an unknown place".into());
    let text = format!("editree fell: {place}");
    // The model may be half changed: nothing more than this is asked of it.
    let draft = workbench.model.draft.clone();
    let kept = catch_unwind(AssertUnwindSafe(|| {
        runtime.perform(Effect::Store(StoreEffect::SaveDraft(Box::new(draft))));
        let message = Message::TaskEvent(TaskEvent::Notice(Notice::new(Tone::Error, text)));
        for effect in crate::app::update(&mut workbench.model, message) {
            runtime.perform(effect);
        }
        runtime
            .perform(Effect::Store(StoreEffect::AppendLog(workbench.model.log.take_unwritten())));
    }));
    match kept {
        Ok(()) => place,
        Err(_) => format!("{place}; the last words may be lost"),
    }
}

/// The reading of keys has panicked and goes on.
pub(super) fn stumbled(state: &mut Loop) {
    state.tell_fall("what was just typed could not be read");
    state.step(EventKind::Terminal(Vec::new()));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[tokio::test]
    async fn a_future_that_panics_is_told_from_one_that_ends() {
        assert_eq!(caught(async { 3 }).await, Some(3));
        let waits_first = async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        };
        assert_eq!(caught::<()>(waits_first).await, None);
    }
}
