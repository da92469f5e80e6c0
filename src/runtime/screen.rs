//! The workbench on a real terminal: events in, frames out, until it is left.
//!
//! Draws once for all that was ready; draws nothing while nothing happens.

use std::time::Duration;

use editor::{Editing, LeftOver};
use elsewhere::{Elsewhere, Wanted};
use falls::{Sabotage, caught};
use outside::{TmuxSaid, answer, open_tmux, tmux_features};
use signals::{Order, Signals};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::encode_pool::{EncodePool, EncodedImage};
use super::{Runtime, now};
use crate::app::action::Purpose;
use crate::app::draft::file_browser::is_picture_name;
use crate::app::effect::ScreenEffect;
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::Job;
use crate::app::message::{Message, TaskEvent};
use crate::app::notice::{Notice, Tone};
use crate::graphics::probe::{Probe, Verdict};
use crate::graphics::protocol::{Delivery, Protocol};
use crate::graphics::quality::QualityPlan;
use crate::graphics::shapes::Shapes;
use crate::graphics::terminals::TMUX_LINE;
use crate::graphics::{self, Colours, EncodeRequest, QualityLevel};
use crate::picture;
use crate::terminal::clipboard::Clipboard;
use crate::terminal::drops::Drops;
use crate::terminal::image_request::Mode;
use crate::terminal::input::InputStream;
use crate::terminal::send_window::Link;
use crate::terminal::{Terminal, TerminalEvent};
use crate::ui::theme::palette::{Depth, Ground, Palette, ThemeChoice};
use crate::ui::{Graphics, PREVIEW};
use crate::workbench::{Event, EventKind, Workbench};

/// What the loop needs from outside.
pub(crate) struct ScreenOptions {
    pub(crate) workbench: Workbench,
    pub(crate) runtime: Runtime,
    pub(crate) probe: Probe,
    /// Words of the editor's command.
    pub(crate) editor: Result<Vec<String>, String>,
    pub(crate) is_remote: bool,
    pub(crate) utf8: bool,
    pub(crate) theme: ThemeChoice,
    /// None where the terminal's name decides.
    pub(crate) shapes: Option<Shapes>,
    pub(crate) wanted: Wanted,
    pub(crate) sabotage: Sabotage,
}

/// Bytes in a second from which on nobody asks what the line does.
const FAST: f64 = 12.5e6;
/// So long without a key the line may carry what nobody waits for.
const IDLE: Duration = Duration::from_secs(1);

mod answers;
mod clipboard;
mod drops;
mod editor;
pub mod elsewhere;
pub mod falls;
mod outside;
pub(super) mod signals;

struct Loop {
    options: ScreenOptions,
    terminal: Terminal,
    encode_pool: EncodePool,
    verdict: Verdict,
    link: Option<Link>,
    /// How sharp the pictures on the screen are.
    level: Option<QualityLevel>,
    /// When the keys will have rested for long enough; none once they have.
    idle_at: Option<Instant>,
    /// When the last key came.
    typed_at: Instant,
    /// An editor has the terminal.
    editing: Option<Editing>,
    /// What an editor may still save, or has saved in vain.
    left_over: Option<LeftOver>,
    /// tmux was asked or told something.
    asked_tmux: Option<JoinHandle<TmuxSaid>>,
    is_stale: bool,
    is_over: bool,
    /// What becomes of the requests, for whoever looks elsewhere.
    elsewhere: Elsewhere,
    /// Panics that were told.
    told: Vec<String>,
    clipboard: Clipboard,
    drops: Drops,
    /// What becomes of the picture that is pasted.
    pasted_for: Purpose,
}

/// How the person left.
pub(crate) struct Left {
    /// What to say afterwards, on the terminal's own screen.
    pub(crate) words: Vec<String>,
    /// The service that the person goes over to.
    pub(crate) next_profile: Option<String>,
    /// The project that the person goes over to.
    pub(crate) next_project: Option<String>,
    /// The loop has panicked: where.
    pub(crate) fell: Option<String>,
    /// What has become of the requests of an input that is over.
    pub(crate) followed: Vec<Job>,
    /// The input was over before a question was answered: nothing was sent.
    pub(crate) is_refused: bool,
}

/// Runs until the person leaves.
pub(crate) async fn run(mut options: ScreenOptions) -> Result<Left, Failure> {
    let verdict = options.probe.verdict();
    let is_tmux = verdict.between.is_tmux();
    let ascii = !options.utf8;
    let mode = Mode { protocol: verdict.protocol, wrap: verdict.wrap, ascii };
    let signals = Signals::listen()?;
    let queries = options.probe.queries();
    let (terminal, keys, terminal_events) = Terminal::open(mode, &queries)
        .map_err(|error| Failure::new(FailureKind::Picture, error.message).hint_opt(error.hint))?;
    picture::decoders::hush_panics();
    let (encode_pool, made) = EncodePool::new(options.runtime.image_cache.clone());
    let (columns, rows, ..) = terminal.size();
    options.workbench.ui.resize(columns, rows);
    let mut state = Loop {
        options,
        terminal,
        encode_pool,
        verdict,
        link: None,
        level: None,
        idle_at: Some(Instant::now() + IDLE),
        typed_at: Instant::now(),
        editing: None,
        left_over: None,
        asked_tmux: is_tmux.then(|| tokio::task::spawn_blocking(tmux_features)),
        is_stale: true,
        is_over: false,
        elsewhere: Elsewhere::default(),
        told: Vec::new(),
        clipboard: Clipboard::default(),
        drops: Drops::of(is_picture_name),
        pasted_for: Purpose::References,
    };
    let panics = state.terminal.panics();
    panics.tell_the_end();
    state.options.sabotage.begin(&mut state.options);
    let fell = caught(async {
        state.learn_size();
        state.tell_graphics();
        state.go(keys, terminal_events, made, signals).await;
    });
    let fell = fell.await.is_none().then(|| {
        let ScreenOptions { workbench, runtime, .. } = &mut state.options;
        falls::rescue(workbench, runtime, &panics)
    });
    let model = &mut state.options.workbench.model;
    let exit = model.session.exit.take().unwrap_or_default();
    let mut words = exit.messages;
    words.extend(state.editing.take().map(Editing::leave));
    words.extend(state.left_over.take().and_then(LeftOver::leave));
    let (next_profile, next_project) = (exit.profile, exit.project);
    // The terminal first: what the store still has to do needs no screen.
    drop(state.terminal);
    finish_writing(&mut state.options.runtime, &mut words).await;
    Ok(Left { words, next_profile, next_project, fell, followed: Vec::new(), is_refused: false })
}

/// What was handed to the store is done before the program ends.
pub(super) async fn finish_writing(runtime: &mut Runtime, words: &mut Vec<String>) {
    let kept = tokio::time::timeout(Duration::from_secs(10), runtime.store.settle()).await;
    if !matches!(kept, Ok(Ok(()))) {
        words.push("the last changes may not have been kept".into());
    }
}

impl Loop {
    async fn go(
        &mut self,
        mut keys: InputStream,
        mut terminal_events: mpsc::UnboundedReceiver<TerminalEvent>,
        mut made: mpsc::UnboundedReceiver<EncodedImage>,
        mut signals: Signals,
    ) {
        let mut keys_end = false;
        while !self.is_over {
            self.present();
            let ticks_in = self.options.workbench.model.ticks_in();
            let tick = Duration::from_millis(ticks_in.unwrap_or_default().unsigned_abs());
            let idle_at = self.idle_at.unwrap_or_else(Instant::now);
            let wakes_at = self.options.workbench.wakes_at();
            let held = wakes_at.map_or(0, |at| at.since(now()).max(0));
            let held = Duration::from_millis(held.unsigned_abs());
            tokio::select! {
                // Keys before everything else: they are what a person waits for.
                biased;
                batch = keys.next_batch(), if !keys_end => match batch {
                    Some(batch) => {
                        self.look_who_is_there(&batch);
                        self.idle_at = self.link.map(|_| Instant::now() + IDLE);
                        self.step(EventKind::Terminal(batch));
                    }
                    None => {
                        keys_end = true;
                        self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate)));
                    }
                },
                Some(event) = terminal_events.recv() => self.hear(event),
                order = signals.next(self.editing.is_some()) => match order {
                    Order::End => self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Terminate))),
                    Order::Stop => self.on_screen(ScreenEffect::Suspend),
                },
                () = elsewhere::due(self.pictures_due()) => self.give_pictures_up(),
                () = elsewhere::due(self.elsewhere.due(Instant::now())) => self.tell_elsewhere(),
                Some(made) = made.recv() => self.take_made(made),
                () = tokio::time::sleep_until(idle_at), if self.idle_at.is_some() => {
                    self.idle_at = None;
                    self.is_stale = true;
                }
                ended = editor::ended(&mut self.editing), if self.editing.is_some() => {
                    self.editing = None;
                    self.take_edited(ended);
                }
                said = answer(&mut self.asked_tmux), if self.asked_tmux.is_some() => {
                    self.asked_tmux = None;
                    self.take_tmux(said);
                }
                () = tokio::time::sleep(held), if wakes_at.is_some() => self.step(EventKind::Rested),
                message = self.options.runtime.next() => self.step(EventKind::Message(message)),
                () = tokio::time::sleep(tick), if ticks_in.is_some() => {
                    self.step(EventKind::Message(Message::Tick));
                }
            }
        }
    }

    /// One event; its effects are begun before the next one is looked at.
    fn step(&mut self, kind: EventKind) {
        if let EventKind::Terminal(batch) = &kind
            && batch.iter().any(|event| matches!(event, crossterm::event::Event::Resize(..)))
        {
            self.learn_size();
        }
        self.is_stale = true;
        self.fall_on_purpose();
        let effects = self.options.workbench.step(Event { at: now(), kind });
        for effect in effects {
            if let Some(screen) = self.options.runtime.perform(effect) {
                self.on_screen(screen);
            }
        }
        self.tell_elsewhere();
    }

    /// The verdict as it is now, to the terminal and to the screen.
    fn tell_graphics(&mut self) {
        let verdict = self.options.probe.verdict();
        let ascii = !self.options.utf8;
        self.terminal.set_mode(Mode { protocol: verdict.protocol, wrap: verdict.wrap, ascii });
        if verdict.keyboard {
            self.terminal.switch_keyboard_on();
        }
        self.terminal.set_drops(verdict.drops);
        self.terminal.set_ordering(verdict.manners.orders_letters);
        let is_other = self.verdict.cell != verdict.cell
            || self.verdict.background != verdict.background
            || self.verdict.shapes != verdict.shapes;
        if is_other {
            self.terminal.forget_pictures();
            self.is_stale = true;
        }
        let graphics = Graphics {
            protocol: verdict.protocol.name().to_owned(),
            why: verdict.why.clone(),
            evidence: verdict.evidence.clone(),
            terminal: verdict.name.clone(),
            advice: verdict.advice.clone(),
            tmux_swallows: verdict.advice.as_ref().is_some_and(|line| line.contains(TMUX_LINE)),
            cell: verdict.cell,
            utf8: self.options.utf8,
            mono: verdict.colours == Colours::Mono,
            palette: self.palette(&verdict),
            link: self.link.filter(|link| self.options.is_remote && link.rate < FAST).map(words_of),
            level: self.level.and_then(|level| name_of_level(level, verdict.protocol)),
        };
        if self.verdict != verdict {
            self.verdict = verdict;
            self.encode_pool.forget();
        }
        if self.options.workbench.ui.graphics != graphics {
            self.step(EventKind::Graphics(graphics));
        }
    }

    fn present(&mut self) {
        if !self.is_stale || !self.terminal.is_ready() {
            return;
        }
        self.is_stale = false;
        let Some(frame) = self.view() else {
            // Not again before something happens.
            self.is_stale = false;
            return;
        };
        self.terminal.set_ladder(self.quality_plan());
        for wanted in self.terminal.present(frame) {
            if self.encode_pool.has_room(&wanted) {
                let request = EncodeRequest {
                    protocol: self.verdict.protocol,
                    colours: self.verdict.colours,
                    shapes: self.options.shapes.unwrap_or(self.verdict.shapes),
                    ascii: !self.options.utf8,
                    wrap: self.verdict.wrap,
                    cells: (wanted.placement.area.width, wanted.placement.area.height),
                    cell: self.verdict.cell,
                    background: self.background(),
                    id: self.terminal.next_id(),
                    level: wanted.level,
                };
                let grounds = self.terminal.grounds(&wanted);
                self.encode_pool.begin(wanted, grounds, request);
            }
        }
        let level = self.terminal.level();
        if level != self.level {
            self.level = level;
            self.tell_graphics();
        }
    }

    /// What the line is known to do, and what the person wants of it.
    fn quality_plan(&self) -> QualityPlan {
        QualityPlan {
            rate: self.link.map(|link| link.rate),
            is_remote: self.options.is_remote,
            is_settled: self.verdict.is_settled,
            is_idle: self.idle_at.is_none(),
            is_exact: self.options.workbench.ui.lossless,
            is_halved: self.verdict.is_halved,
            cell: self.verdict.cell,
        }
    }

    fn take_made(&mut self, made: EncodedImage) {
        self.encode_pool.ended(&made);
        self.is_stale = true;
        match made.encoded {
            // Made for what is no longer so: the frame asks again.
            Ok(_) if !self.is_current(&made.request) => {}
            Ok(encoded) => self.terminal.supply(made.wanted, encoded),
            Err(failure) => {
                self.terminal.refuse(made.wanted);
                self.say(Tone::Error, failure.message);
            }
        }
    }

    fn is_current(&self, request: &EncodeRequest) -> bool {
        let Verdict { protocol, cell, .. } = self.verdict;
        (request.protocol, request.cell, request.background) == (protocol, cell, self.background())
    }

    /// As the terminal's own colours make the theme.
    fn palette(&self, verdict: &Verdict) -> Palette {
        let ground = verdict.background.map(|bg| Ground { fg: verdict.foreground, bg });
        let depth = match verdict.colours {
            Colours::Mono | Colours::Ansi16 => Depth::Ansi,
            Colours::Palette256 => Depth::Indexed,
            Colours::True => Depth::True,
        };
        self.options.theme.palette(ground, depth)
    }

    fn background(&self) -> [u8; 3] {
        self.verdict.background.unwrap_or(graphics::USUAL_BACKGROUND)
    }

    fn say(&mut self, tone: Tone, text: String) {
        let notice = Notice::new(tone, text);
        self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Notice(notice))));
    }

    fn on_screen(&mut self, screen: ScreenEffect) {
        match screen {
            ScreenEffect::Redraw => {
                self.terminal.redraw();
                self.ask_again();
            }
            ScreenEffect::Quit => self.is_over = true,
            ScreenEffect::Suspend => match self.terminal.suspend() {
                Ok(()) => self.learn_size(),
                Err(error) => self.say(Tone::Error, error.message),
            },
            ScreenEffect::Copy { text, what } => self.copy(&text, &what),
            ScreenEffect::CopyPath { picture, scp } => {
                match self.options.runtime.store.media().path(picture) {
                    Some(path) => {
                        let path = path.display().to_string();
                        let quoted = crate::schema::export::shell_quote(&path);
                        let line = format!("scp {}:{quoted} .", self.options.runtime.login);
                        if scp {
                            self.copy(&line, "the scp line")
                        } else {
                            self.copy(&path, "the path")
                        }
                    }
                    None => self.say(Tone::Error, "this picture is not in the store".into()),
                }
            }
            ScreenEffect::OpenExternally(hash) => self.open_outside(hash),
            ScreenEffect::CopyPicture(hash) => self.copy_picture(hash),
            ScreenEffect::PastePicture(purpose) => self.paste_picture(purpose),
            ScreenEffect::Mouse(on) => self.terminal.set_mouse(on),
            ScreenEffect::ShowPicturesAs(word) => self.show_pictures_as(&word),
            ScreenEffect::EnableTmuxPassthrough => {
                self.asked_tmux = Some(tokio::task::spawn_blocking(open_tmux))
            }
            ScreenEffect::EditInEditor(words) => self.edit_outside(words),
            // It is drawn.
            ScreenEffect::TellTree { .. } => {}
        }
        self.is_stale = true;
    }
}

/// The line in a few words.
fn words_of(link: Link) -> String {
    let kilobits = link.rate * 8.0 / 1_000.0;
    let milliseconds = link.round_trip.as_millis();
    match kilobits >= 1_000.0 {
        true => format!("{:.1} Mbit/s, {milliseconds} ms", kilobits / 1_000.0),
        false => format!("{kilobits:.0} kbit/s, {milliseconds} ms"),
    }
}

/// What of the picture is on the screen where that is not every pixel; it may be all that is shown on a
/// slow line. Blocks cannot be sharper than they are.
fn name_of_level(level: QualityLevel, protocol: Protocol) -> Option<&'static str> {
    let is_best = protocol.delivery() == Delivery::Cells && level != QualityLevel::Preview;
    match level {
        QualityLevel::Preview => Some(PREVIEW),
        QualityLevel::Half => Some("half size"),
        QualityLevel::Sharp => Some("simplified"),
        QualityLevel::NearLossless => Some("nearly exact"),
        QualityLevel::Lossless => None,
    }
    .filter(|_| !is_best)
}

/// The picture that a first start begins with.
const SAMPLE: &[u8] = include_bytes!("../assets/chelsea.png");

/// A root node to begin with, in a tree that has none.
pub(crate) async fn sample(runtime: &Runtime) -> Result<crate::tree::Node, Failure> {
    let info = picture::inspect(SAMPLE)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let title = "chelsea, a sample picture".to_owned();
    super::open_files::keep_picture(&runtime.store, SAMPLE.to_vec(), info, title).await
}
