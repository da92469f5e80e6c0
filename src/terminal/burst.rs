//! Text that comes faster than anybody types is a paste, however many reads it takes: its Enters
//! are line ends and send nothing.
//!
//! Pure: batches with the times of their reads go in, batches come out; the thread that reads asks
//! when something is due. Invariant: an Enter comes out as a key only after a quiet moment behind
//! it, and never close behind pasted text.
//!
//! ```text
//!                 Enter                      text behind it
//!  quiet ─────────────────────► held ─────────────────────────► pasting ──► quiet
//!    ▲       released after HOLD │                               for as long as text comes
//!    └───────────────────────────┘
//! ```

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};

use crate::ui::input::{Sign, as_paste, is_paste, sign};

/// Nobody presses Enter so soon after a letter.
const CLOSE: Duration = Duration::from_millis(30);
/// So long an Enter that came close behind a letter waits for the next line of a paste.
const HOLD: Duration = Duration::from_millis(50);
/// And so long where whole words came with it in one read, as nobody types them.
const WORDS: Duration = Duration::from_millis(250);
/// Letters of one read that are whole words.
const MANY: usize = 8;
/// And so long any other: a paste may begin with a line end.
const ALONE: Duration = Duration::from_millis(12);
/// A paste goes on when text follows within this.
const QUIET: Duration = Duration::from_millis(100);
/// The same for whole words in one read, which are not typed: a slow line makes pauses.
const SLOW: Duration = Duration::from_millis(400);
/// An Enter so close behind the closing bracket belongs to the paste.
const BRACKET: Duration = Duration::from_millis(50);
/// A Ctrl-C in the middle of pasted text comes closer than this behind it; a person's rarely.
const AMONG: Duration = Duration::from_millis(10);

/// What is known of the reads so far.
#[derive(Debug, Default)]
pub struct Burst {
    /// From an Enter on, until it is known what it is.
    held: Vec<Event>,
    due: Option<Instant>,
    /// Letters came right before what is held.
    is_behind_text: bool,
    text_at: Option<Instant>,
    pasted: Option<Pasted>,
}

#[derive(Clone, Copy, Debug)]
struct Pasted {
    at: Instant,
    /// The terminal has told where it ends.
    is_bracketed: bool,
}

impl Burst {
    /// Takes what one read has brought; what of it can be handed on now.
    pub fn take(&mut self, at: Instant, mut batch: Vec<Event>) -> Vec<Event> {
        if let Some(pasted) = self.pasted.filter(|pasted| pasted.goes_on(at, &batch)) {
            return self.go_on(at, batch, pasted);
        }
        if !self.held.is_empty() {
            return self.take_behind(at, batch);
        }
        if is_paste(&batch, self.is_text_close(at)) {
            return self.paste(at, batch, false);
        }
        if batch.iter().any(|event| matches!(event, Event::Paste(_))) {
            self.pasted = Some(Pasted { at, is_bracketed: true });
        }
        let Some(first) = self.first_to_hold(at, &batch) else {
            self.note_text(at, &batch);
            return batch;
        };
        self.held = batch.split_off(first);
        self.note_text(at, &batch);
        self.is_behind_text = self.is_text_close(at);
        let letters = batch.iter().filter(|event| sign(event) == Sign::Text).count();
        self.due = Some(
            at + match self.is_behind_text {
                true if letters >= MANY => WORDS,
                true => HOLD,
                false => ALONE,
            },
        );
        batch
    }

    /// When [`Burst::release`] has something to say.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Nothing came behind it: it was a key.
    pub fn release(&mut self, at: Instant) -> Vec<Event> {
        if self.due.is_none_or(|due| at < due) {
            return Vec::new();
        }
        self.due = None;
        std::mem::take(&mut self.held)
    }

    /// Within a paste. A key that is not text counts as a key only if no more text follows.
    fn go_on(&mut self, at: Instant, batch: Vec<Event>, pasted: Pasted) -> Vec<Event> {
        let is_late = at.saturating_duration_since(pasted.at) >= AMONG;
        if is_late && matches!(batch.as_slice(), [event] if is_interrupt(event)) {
            return batch;
        }
        let has_text = batch.iter().any(|event| sign(event) != Sign::Other);
        self.held.extend(batch);
        if !has_text {
            self.is_behind_text = true;
            self.due = Some(pasted.at + QUIET);
            return Vec::new();
        }
        self.due = None;
        let held = std::mem::take(&mut self.held);
        self.paste(at, held, pasted.is_bracketed)
    }

    /// However late this read comes: it may have been there before the time was up.
    fn take_behind(&mut self, at: Instant, batch: Vec<Event>) -> Vec<Event> {
        let has_end = batch.iter().any(|event| matches!(sign(event), Sign::Enter | Sign::LineFeed));
        self.held.extend(batch);
        if is_paste(&self.held, self.is_behind_text) {
            self.due = None;
            let held = std::mem::take(&mut self.held);
            return self.paste(at, held, false);
        }
        if has_end {
            // An empty line of a paste.
            self.due = Some(at + HOLD);
        }
        Vec::new()
    }

    fn paste(&mut self, at: Instant, batch: Vec<Event>, is_bracketed: bool) -> Vec<Event> {
        self.pasted = Some(Pasted { at, is_bracketed });
        as_paste(batch)
    }

    /// The Enter, or the Tab within text, from which on nothing can be handed on yet.
    fn first_to_hold(&self, at: Instant, batch: &[Event]) -> Option<usize> {
        let mut is_behind_text = self.is_text_close(at);
        for (place, event) in batch.iter().enumerate() {
            match sign(event) {
                Sign::Enter => return Some(place),
                Sign::Tab if is_behind_text => return Some(place),
                Sign::Text => is_behind_text = true,
                Sign::Tab | Sign::LineFeed | Sign::Other => {}
            }
        }
        None
    }

    fn note_text(&mut self, at: Instant, batch: &[Event]) {
        if batch.iter().any(|event| sign(event) == Sign::Text) {
            self.text_at = Some(at);
        }
    }

    fn is_text_close(&self, at: Instant) -> bool {
        self.text_at.is_some_and(|text| at.saturating_duration_since(text) < CLOSE)
    }
}

impl Pasted {
    fn goes_on(&self, at: Instant, batch: &[Event]) -> bool {
        let gap = at.saturating_duration_since(self.at);
        let count = |of: fn(Sign) -> bool| batch.iter().filter(|event| of(sign(event))).count();
        if self.is_bracketed {
            let ends = count(|sign| matches!(sign, Sign::Enter | Sign::LineFeed));
            return gap < BRACKET && ends > 0;
        }
        gap < QUIET || gap < SLOW && count(|sign| sign == Sign::Text) > 1
    }
}

fn is_interrupt(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL
}
