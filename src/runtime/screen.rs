//! The workbench on a real terminal: events in, frames out, until it is left.
//!
//! Draws once for all that was ready; draws nothing while nothing happens.

use std::process::Command;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::pictures::Gallery;
use super::{Runtime, Screen, now};
use crate::app::failure::{Failure, FailureKind};
use crate::app::news::{Cause, News};
use crate::app::notice::{Notice, Tone};
use crate::graphics::probe::{Probe, Verdict};
use crate::graphics::{self, Encoded, Order, Protocol};
use crate::picture;
use crate::terminal::input::InputStream;
use crate::terminal::screen::Mode;
use crate::terminal::{Terminal, TerminalEvent};
use crate::ui::Graphics;
use crate::ui::frame::Placement;
use crate::workbench::{Event, What, Workbench};

/// What the loop needs from outside.
pub(crate) struct Bench {
    pub(crate) workbench: Workbench,
    pub(crate) runtime: Runtime,
    pub(crate) probe: Probe,
    /// Words of the editor's command.
    pub(crate) editor: Vec<String>,
    pub(crate) is_remote: bool,
    pub(crate) utf8: bool,
}

/// A picture for the screen, or why there is none.
type Encoding = (Placement, Protocol, Result<Encoded, Failure>);

struct Loop {
    bench: Bench,
    terminal: Terminal,
    gallery: Gallery,
    encodings: mpsc::UnboundedSender<Encoding>,
    encoding: Vec<Placement>,
    verdict: Verdict,
    is_stale: bool,
    is_over: bool,
}

/// How the person left.
pub(crate) struct Left {
    /// What to say afterwards, on the terminal's own screen.
    pub(crate) words: Vec<String>,
    /// The service that the person goes over to.
    pub(crate) next_profile: Option<String>,
}

/// Runs until the person leaves.
pub(crate) async fn run(mut bench: Bench) -> Result<Left, Failure> {
    let verdict = bench.probe.verdict();
    let mode = Mode { protocol: verdict.protocol, wrap: verdict.wrap };
    let signals = Signals::listen()?;
    let queries = bench.probe.queries();
    let (terminal, keys, terminal_events) = Terminal::open(mode, &queries).map_err(|error| {
        let failure = Failure::new(FailureKind::Picture, error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    let gallery = bench.runtime.gallery.clone();
    let (encodings, encoded) = mpsc::unbounded_channel();
    let (columns, rows, ..) = terminal.size();
    bench.workbench.ui.resize(columns, rows);
    let mut state = Loop {
        bench,
        terminal,
        gallery,
        encodings,
        encoding: Vec::new(),
        verdict,
        is_stale: true,
        is_over: false,
    };
    state.learn_size();
    state.tell_graphics();
    state.go(keys, terminal_events, encoded, signals).await;
    let model = &mut state.bench.workbench.model;
    let (mut words, next_profile) = (std::mem::take(&mut model.parting), model.next_profile.take());
    // The terminal first: what the store still has to do needs no screen.
    drop(state.terminal);
    finish_writing(&mut state.bench.runtime, &mut words).await;
    Ok(Left { words, next_profile })
}

/// What was handed to the store is done before the program ends.
async fn finish_writing(runtime: &mut Runtime, words: &mut Vec<String>) {
    let kept = tokio::time::timeout(Duration::from_secs(10), runtime.store.settle()).await;
    if !matches!(kept, Ok(Ok(()))) {
        words.push("the last changes may not have been kept".into());
    }
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            let failed = |error| {
                Failure::new(FailureKind::Bug, format!("cannot listen to signals: {error}"))
            };
            signal(kind).map_err(failed)
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Loop {
    async fn go(
        &mut self,
        mut keys: InputStream,
        mut terminal_events: mpsc::UnboundedReceiver<TerminalEvent>,
        mut encoded: mpsc::UnboundedReceiver<Encoding>,
        mut signals: Signals,
    ) {
        let mut keys_end = false;
        while !self.is_over {
            self.present();
            let is_alive = self.bench.workbench.model.is_alive();
            tokio::select! {
                // Keys before everything else: they are what a person waits for.
                biased;
                batch = keys.next_batch(), if !keys_end => match batch {
                    Some(batch) => self.step(What::Terminal(batch)),
                    None => {
                        keys_end = true;
                        self.step(What::Cause(Cause::News(News::Leave)));
                    }
                },
                Some(event) = terminal_events.recv() => self.hear(event),
                () = signals.next() => self.step(What::Cause(Cause::News(News::Leave))),
                Some(encoding) = encoded.recv() => self.take_encoding(encoding),
                cause = self.bench.runtime.next() => self.step(What::Cause(cause)),
                () = tokio::time::sleep(Duration::from_secs(1)), if is_alive => {
                    self.step(What::Cause(Cause::Tick));
                }
            }
        }
    }

    /// One event; its effects are begun before the next one is looked at.
    fn step(&mut self, what: What) {
        if let What::Terminal(batch) = &what
            && batch.iter().any(|event| matches!(event, crossterm::event::Event::Resize(..)))
        {
            self.learn_size();
        }
        self.is_stale = true;
        let effects = self.bench.workbench.step(Event { at: now(), what });
        for effect in effects {
            if let Some(screen) = self.bench.runtime.perform(effect) {
                self.on_screen(screen);
            }
        }
    }

    fn hear(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Reply(reply) if reply.starts_with(b"\x1b[") && reply.ends_with(b"n") => {
                self.terminal.acknowledge();
            }
            TerminalEvent::Reply(reply) => {
                if is_lost_picture(&reply) {
                    self.terminal.redraw();
                    self.is_stale = true;
                }
                if self.bench.probe.reply(&reply) {
                    self.tell_graphics();
                }
            }
            // Whatever came meanwhile is drawn now.
            TerminalEvent::Drained => {}
            TerminalEvent::HungUp => self.step(What::Cause(Cause::News(News::Leave))),
        }
    }

    fn learn_size(&mut self) {
        let (columns, rows, width, height) = self.terminal.size();
        self.bench.probe.set_window(columns, rows, width, height);
        self.tell_graphics();
    }

    /// The verdict as it is now, to the terminal and to the screen.
    fn tell_graphics(&mut self) {
        let verdict = self.bench.probe.verdict();
        self.terminal.set_mode(Mode { protocol: verdict.protocol, wrap: verdict.wrap });
        if verdict.keyboard {
            self.terminal.switch_keyboard_on();
        }
        let graphics = Graphics {
            protocol: name(verdict.protocol).to_owned(),
            why: verdict.why.clone(),
            advice: verdict.advice.clone(),
            cell: verdict.cell,
            utf8: self.bench.utf8,
            mono: verdict.colours == graphics::Colours::Mono,
            link: None,
        };
        self.verdict = verdict;
        self.encoding.clear();
        self.step(What::Graphics(graphics));
    }

    fn present(&mut self) {
        if !self.is_stale || !self.terminal.is_ready() {
            return;
        }
        self.is_stale = false;
        let (columns, rows, ..) = self.terminal.size();
        let frame = self.bench.workbench.view(ratatui::layout::Rect::new(0, 0, columns, rows));
        for wanted in self.terminal.present(&frame) {
            if !self.encoding.contains(&wanted) {
                self.encoding.push(wanted.clone());
                self.encode(wanted);
            }
        }
    }

    /// Decodes and encodes off the loop.
    fn encode(&mut self, placement: Placement) {
        let order = Order {
            protocol: self.verdict.protocol,
            colours: self.verdict.colours,
            ascii: !self.bench.utf8,
            wrap: self.verdict.wrap,
            cells: (placement.area.width, placement.area.height),
            cell: self.verdict.cell,
            id: self.terminal.next_id(),
            rung: graphics::Rung::Exact,
        };
        let (gallery, sender) = (self.gallery.clone(), self.encodings.clone());
        tokio::task::spawn_blocking(move || {
            let pixels = gallery.pixels(placement.picture);
            let encoded = pixels.map(|pixels| match placement.crop {
                Some(crop) => {
                    let part = image::imageops::crop_imm(
                        &*pixels,
                        crop.x,
                        crop.y,
                        crop.width,
                        crop.height,
                    );
                    graphics::encode(&part.to_image(), None, &order)
                }
                None => graphics::encode(&pixels, None, &order),
            });
            // The screen may be gone by now.
            let _ = sender.send((placement, order.protocol, encoded));
        });
    }

    fn take_encoding(&mut self, (placement, protocol, encoded): Encoding) {
        self.encoding.retain(|other| *other != placement);
        // Made for another protocol: the next frame asks again.
        if protocol != self.verdict.protocol {
            self.is_stale = true;
            return;
        }
        match encoded {
            Ok(encoded) => {
                self.terminal.supply(placement, encoded);
                self.is_stale = true;
            }
            Err(failure) => {
                // Stays in the list, so that it is not tried again with every frame.
                self.encoding.push(placement);
                self.say(Tone::Error, failure.message);
            }
        }
    }

    fn say(&mut self, tone: Tone, text: String) {
        let notice = Notice::new(tone, text);
        self.step(What::Cause(Cause::News(News::Said(notice))));
    }

    fn on_screen(&mut self, screen: Screen) {
        match screen {
            Screen::Redraw => self.terminal.redraw(),
            Screen::Quit => self.is_over = true,
            Screen::Suspend => match self.terminal.suspend() {
                Ok(()) => self.learn_size(),
                Err(error) => self.say(Tone::Error, error.message),
            },
            Screen::Copy { text, what } => self.copy(&text, &what),
            Screen::CopyPlace { picture, scp } => {
                match self.bench.runtime.store.media().path(picture) {
                    Some(path) => {
                        let path = path.display().to_string();
                        let quoted = crate::schema::export::shell_quote(&path);
                        let line = format!("scp {}:{quoted} .", self.bench.runtime.login);
                        if scp {
                            self.copy(&line, "the scp line")
                        } else {
                            self.copy(&path, "the path")
                        }
                    }
                    None => self.say(Tone::Error, "this picture is not in the store".into()),
                }
            }
            Screen::OpenOutside(hash) => self.open_outside(hash),
            Screen::Mouse(on) => self.terminal.set_mouse(on),
            Screen::EditOutside(words) => self.edit_outside(&words),
        }
        self.is_stale = true;
    }

    /// By the terminal's own clipboard; the text is shown too, where that may fail.
    fn copy(&mut self, text: &str, what: &str) {
        let encoded = base64_simd::STANDARD.encode_to_string(text.as_bytes());
        let escape = format!("\x1b]52;c;{encoded}\x07").into_bytes();
        let is_tmux = self.verdict.why.contains("tmux");
        self.terminal.send(if is_tmux { graphics::wrap(&escape) } else { escape });
        let shown: String = text.chars().take(100).collect();
        self.say(Tone::Good, format!("copied {what}: {shown}"));
    }

    /// Over ssh a window would open on the wrong machine: the line that brings the file over helps.
    fn open_outside(&mut self, hash: crate::tree::Hash) {
        let Some(path) = self.bench.runtime.store.media().path(hash) else {
            return self.say(Tone::Error, "this picture is not in the store".into());
        };
        let path = path.display().to_string();
        if self.bench.is_remote {
            let quoted = crate::schema::export::shell_quote(&path);
            return self.say(Tone::Info, format!("scp {}:{quoted} .", self.bench.runtime.login));
        }
        let opened = Command::new("xdg-open")
            .arg(&path)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
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

    fn edit_outside(&mut self, words: &str) {
        match self.edit(words) {
            Ok(words) => self.step(What::Cause(Cause::News(News::Words(words)))),
            Err(message) => self.say(Tone::Error, message),
        }
    }

    fn edit(&mut self, words: &str) -> Result<String, String> {
        let name = format!("editree-{}.txt", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, words)
            .map_err(|error| format!("cannot write the prompt: {error}"))?;
        let mut editor = self.bench.editor.iter();
        let program = editor.next().map_or("vi", String::as_str);
        let mut command = Command::new(program);
        command.args(editor).arg(&path);
        let status = self.terminal.run_child(&mut command);
        let edited = std::fs::read_to_string(&path);
        let _ = std::fs::remove_file(&path);
        match status {
            Ok(status) if status.success() => {
                let edited = edited.map_err(|error| format!("cannot read the prompt: {error}"))?;
                Ok(edited.trim_end().to_owned())
            }
            Ok(_) => Err(format!("`{program}` ended with an error; the prompt stays as it was")),
            Err(error) => Err(format!("cannot run `{program}`: {}", error.message)),
        }
    }
}

/// kitty no longer has a picture that it was asked to show.
fn is_lost_picture(reply: &[u8]) -> bool {
    reply.starts_with(b"\x1b_G") && reply.windows(6).any(|window| window == b"ENOENT")
}

fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::KittyDirect => "kitty",
        Protocol::KittyPlaceholder => "kitty placeholders",
        Protocol::Iterm2 => "iTerm2",
        Protocol::Sixel => "sixel",
        Protocol::Blocks => "blocks",
        Protocol::None => "none",
    }
}

/// The picture that a first start begins with.
const SAMPLE: &[u8] = include_bytes!("../../tests/photos/chelsea.png");

/// A root node to begin with, in a tree that has none.
pub(crate) async fn sample(runtime: &Runtime) -> Result<crate::tree::Node, Failure> {
    let info = picture::inspect(SAMPLE)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let title = "chelsea, a sample picture".to_owned();
    super::perform::keep_picture(&runtime.store, SAMPLE.to_vec(), info, title).await
}
