//! The workbench on lines: read from the standard input, told on the standard output.
//!
//! No screen, no escapes, nothing is drawn again. When the input ends, what is under way is waited
//! for. Invariant: what was read together is performed before the next is looked at.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_current_process_group};
use tokio::sync::mpsc;

use super::screen::signals::{Order, Signals};
use super::screen::{Left, finish_writing};
use super::tree_lines::TreeLines;
use super::{Runtime, now};
use crate::app::effect::ScreenEffect;
use crate::app::failure::Failure;
use crate::app::message::{Message, TaskEvent};
use crate::text::{plain, to_ascii};
use crate::ui::plain::typed::Lines;
use crate::ui::plain::{Told, WELCOME};
use crate::workbench::{Event, EventKind, Workbench};

/// Lines of a terminal that are no further from each other were pasted.
const PASTE: Duration = Duration::from_millis(100);

/// Rows of the tree that are told unless all are asked for.
const SCREENFUL: usize = 20;

/// A line, and when it was read.
struct Read {
    line: String,
    at: Instant,
}

struct Loop {
    workbench: Workbench,
    runtime: Runtime,
    told: Told,
    /// When the last question was told.
    asked_at: Option<Instant>,
    /// The tree is to be told, or what is around the current picture.
    tree: Option<bool>,
    utf8: bool,
    has_ended: bool,
    /// A question was asked that nobody is there to answer.
    is_refused: bool,
    is_over: bool,
}

/// Runs until the person leaves, or the input ends.
pub(crate) async fn run(
    workbench: Workbench,
    runtime: Runtime,
    utf8: bool,
    is_terminal: bool,
) -> Result<Left, Failure> {
    let mut signals = Signals::listen()?;
    let mut lines = lines();
    // A pipe means each line by itself.
    let rest = if is_terminal { PASTE } else { Duration::ZERO };
    let mut state = Loop {
        workbench,
        runtime,
        told: Told::default(),
        asked_at: None,
        tree: None,
        utf8,
        has_ended: false,
        is_refused: false,
        is_over: false,
    };
    state.say(WELCOME);
    state.tell();
    let mut read: Vec<Read> = Vec::new();
    while !state.is_over {
        let is_writing = state.runtime.tasks.is_writing();
        if !is_writing && state.goes_on().await {
            continue;
        }
        let ticks_in = state.workbench.model.ticks_in();
        let tick = Duration::from_millis(ticks_in.unwrap_or_default().unsigned_abs());
        let typed_at = read.last().map(|last| last.at);
        let rests =
            typed_at.map_or(Duration::ZERO, |at| (at + rest).duration_since(Instant::now()));
        // What a line of a pipe opens is what the next one is about.
        let is_ready = is_terminal || read.is_empty() && !is_writing;
        let reads_on = is_ready && !state.has_ended;
        tokio::select! {
            biased;
            line = lines.recv(), if reads_on => match line {
                Some(line) => read.push(line),
                None => {
                    state.take(&mut read);
                    state.has_ended = true;
                    state.step(EventKind::InputEnded);
                }
            },
            () = tokio::time::sleep(rests), if !read.is_empty() => state.take(&mut read),
            order = signals.next(false) => state.obey(order),
            message = state.runtime.next() => state.step(EventKind::Message(message)),
            () = tokio::time::sleep(tick), if ticks_in.is_some() => {
                state.step(EventKind::Message(Message::Tick));
            }
        }
    }
    state.leave().await
}

impl Loop {
    /// Once nothing is written: what had to wait for that, and the end; whether it did something.
    async fn goes_on(&mut self) -> bool {
        // Its words are read from the store.
        if let Some(is_whole) = self.tree.take() {
            self.tell_tree(is_whole).await;
            return true;
        }
        let Workbench { model, ui } = &self.workbench;
        let ends = self.has_ended && !self.told.waits(model, ui);
        if ends {
            self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)));
        }
        ends
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::End => {
                self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)));
            }
            // Nothing has to be handed back first.
            Order::Stop => {
                let _ = kill_current_process_group(Signal::STOP);
            }
        }
    }

    async fn leave(mut self) -> Result<Left, Failure> {
        let model = &mut self.workbench.model;
        let exit = model.session.exit.take().unwrap_or_default();
        let since = model.session.started;
        let ours = model.jobs.values().filter(|job| self.has_ended && job.at >= since);
        let followed = ours.cloned().collect();
        let is_refused = self.is_refused;
        let mut words = exit.messages;
        finish_writing(&mut self.runtime, &mut words).await;
        let (next_profile, next_project) = (exit.profile, exit.project);
        Ok(Left { words, next_profile, next_project, fell: None, followed, is_refused })
    }

    /// What was read, as one.
    fn take(&mut self, read: &mut Vec<Read>) {
        let first = read.first().map(|first| first.at);
        let is_early = first.zip(self.asked_at).is_some_and(|(read, asked)| read <= asked);
        let lines: Vec<String> = read.drain(..).map(|read| read.line).collect();
        if !lines.is_empty() {
            self.step(EventKind::Lines(Lines { lines, is_early }));
        }
    }

    fn step(&mut self, kind: EventKind) {
        let is_end = matches!(kind, EventKind::InputEnded);
        self.is_refused |= is_end && self.asks();
        self.perform(kind);
        if self.has_ended {
            self.is_refused |= self.asks();
            // A question may come by itself, and a request may turn out not to leave.
            self.perform(EventKind::InputEnded);
        }
        self.tell();
    }

    fn asks(&self) -> bool {
        self.workbench.model.money.confirmation.is_some()
    }

    fn perform(&mut self, kind: EventKind) {
        let effects = self.workbench.step(Event { at: now(), kind });
        for effect in effects {
            if let Some(screen) = self.runtime.perform(effect) {
                self.on_screen(screen);
            }
        }
    }

    /// What is new, and what has to be found out for it.
    fn tell(&mut self) {
        let news = self.told.news(&self.workbench.model, &self.workbench.ui);
        if news.asks {
            // Whoever reads it may answer at once.
            self.asked_at = Some(Instant::now());
        }
        news.lines.iter().for_each(|line| self.say(line));
        for action in news.wanted {
            self.perform(EventKind::Message(Message::Action(action)));
        }
    }

    /// What only a screen could do is told instead.
    fn on_screen(&mut self, effect: ScreenEffect) {
        match effect {
            ScreenEffect::Quit => self.is_over = true,
            ScreenEffect::Copy { text, what } => self.say(&format!("{what}: {text}")),
            ScreenEffect::CopyPath { picture, .. }
            | ScreenEffect::OpenExternally(picture)
            | ScreenEffect::CopyPicture(picture) => {
                match self.runtime.store.media().path(picture) {
                    Some(path) => self.say(&path.display().to_string()),
                    None => self.say("this picture is not in the store"),
                }
            }
            ScreenEffect::EditInEditor(_) => self.say("write the prompt as a line"),
            ScreenEffect::TellTree { is_whole } => self.tree = Some(is_whole),
            ScreenEffect::PastePicture(_) => self.say("name the picture's file: :open FILE"),
            ScreenEffect::Mouse(_)
            | ScreenEffect::ShowPicturesAs(_)
            | ScreenEffect::EnableTmuxPassthrough
            | ScreenEffect::Redraw
            | ScreenEffect::Suspend => {}
        }
    }

    /// As `editree tree` prints it, and where one is.
    async fn tell_tree(&mut self, is_whole: bool) {
        let mut text = String::new();
        let model = &self.workbench.model;
        let (tree, current) = (&model.tree, model.current.map(|current| current.node));
        let store = &self.runtime.store;
        let mut lines = TreeLines::new(store, tree, &model.catalogue, self.utf8);
        let (part, all) = lines.around(current, if is_whole { usize::MAX } else { SCREENFUL });
        let (above, below) = (part.start, all - part.end);
        let told: Result<(), Failure> = async {
            for page in lines.pages_of(part) {
                text.push_str(&lines.of(page).await?);
            }
            Ok(())
        }
        .await;
        if let Err(failure) = told {
            text.push_str(&format!("error: {}\n", failure.message));
        }
        let here = current.map_or_else(String::new, |node| format!("you are at {node}"));
        let more = format!("{above} rows above, {below} below: :tree all tells them too");
        let more = if above + below > 0 { more } else { String::new() };
        text.lines().chain([here, more].iter().map(String::as_str)).for_each(|line| {
            if !line.is_empty() {
                self.say(line);
            }
        });
    }

    /// A reader that is gone ends it.
    fn say(&mut self, line: &str) {
        let line = plain(line);
        let line = if self.utf8 { line } else { to_ascii(&line) };
        let mut out = std::io::stdout().lock();
        self.is_over |= writeln!(out, "{line}").and_then(|()| out.flush()).is_err();
    }
}

/// Lines of the standard input; a thread of its own waits for them. Lines that come by one read have
/// its time.
fn lines() -> mpsc::UnboundedReceiver<Read> {
    let (send, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let (mut input, mut buffer, mut line) = (std::io::stdin().lock(), [0; 8192], Vec::new());
        loop {
            let bytes = match input.read(&mut buffer) {
                Ok(count) => buffer.get(..count).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => &[],
            };
            let at = Instant::now();
            let is_end = bytes.is_empty();
            for byte in bytes {
                match byte {
                    b'\n' => {
                        let words = std::mem::take(&mut line);
                        let line = String::from_utf8_lossy(&words).into_owned();
                        if send.send(Read { line, at }).is_err() {
                            return;
                        }
                    }
                    byte => line.push(*byte),
                }
            }
            if is_end {
                // The last line need not end.
                if !line.is_empty() {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    let _ = send.send(Read { line, at });
                }
                return;
            }
        }
    });
    lines
}
