//! The terminal: raw mode and its sure undoing, input, and `present(frame)`.
//!
//! The only module that writes to the tty. Two ends: an input filter that keeps replies from
//! becoming keys, and one thread that owns the output. Knows frames and graphics, not the model.
//!
//! ```text
//! real terminal ─► input thread: filter ─┬─ keys ─► parser ─► burst ─► InputStream (one batch per read)
//!                                        └─ replies ─► answers for pieces ─► queue
//!                                                   └─ all others ─► TerminalEvent
//! real terminal ◄─ output thread ◄─ queue (frames, then pieces) ◄─ screen ◄─ present(frame)
//! ```

use std::fs::File;
use std::io::IsTerminal as _;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::buffer::Buffer;
use tokio::sync::mpsc;

pub mod announce;
mod bands;
mod bidi;
pub mod burst;
pub mod clipboard;
pub mod clusters;
mod covers;
pub mod drops;
pub mod filter;
pub mod image_request;
pub mod input;
pub mod interview;
mod job_control;
mod keyboards;
mod kitty;
mod output;
mod paint;
pub mod panics;
pub mod parser;
pub mod pictures;
pub mod queue;
pub mod screen;
pub mod send_window;
pub mod sign;
mod text;
mod tty;
mod upload;
mod uploads;
mod veil;

use crate::graphics::quality::QualityPlan;
use crate::graphics::{self, Encoded, QualityLevel};
use crate::ui::frame::Frame;
use announce::Progress;
use image_request::{Ground, ImageRequest, Mode};
use input::{InputStream, Known, Reader};
use output::{Output, Written};
use panics::Panics;
use pictures::Loss;
use screen::Screen;
use send_window::Link;
use sign::Question;
use tty::Tty;

/// What goes to the clipboard, among what is sent as pictures are.
const COPIED: queue::JobId = queue::JobId::MAX;

/// The terminal cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub message: String,
    pub hint: Option<String>,
}

impl Error {
    fn no_terminal() -> Self {
        Self {
            message: "the workbench needs a terminal on stdin and stdout".into(),
            hint: Some("without one: editree run -i PICTURE \"what to change\"".into()),
        }
    }

    fn io(error: &std::io::Error) -> Self {
        Self { message: format!("the terminal: {error}"), hint: None }
    }

    fn system(error: rustix::io::Errno) -> Self {
        Self::io(&error.into())
    }
}

/// What the terminal says besides keys.
#[derive(Clone, Debug, PartialEq)]
pub enum TerminalEvent {
    /// An answer to a question, whenever it comes.
    Reply(Vec<u8>),
    /// The last frame is written; a new one may be drawn.
    Drained,
    /// No answer will come for what was sent: what waits for one goes on.
    GivenUp,
    /// Pictures have told what the line does; nothing of them is on its way.
    Measured(Link),
    /// What was typed could not be read and is lost; reading goes on.
    Stumbled,
    /// Nobody is there any more.
    HungUp,
}

/// The terminal in our hands; dropping it hands it back.
#[derive(Debug)]
pub struct Terminal {
    tty: Tty,
    /// These two go in this order when the terminal is handed back.
    reader: Option<Reader>,
    writer: Option<JoinHandle<()>>,
    output: Output,
    screen: Screen,
    known: Arc<Known>,
    panics: Panics,
    /// Another program has it.
    is_lent: bool,
}

/// The real terminal for a program that has it for itself.
#[derive(Debug)]
pub struct Lent {
    input: File,
    output: File,
    errors: File,
}

impl Lent {
    /// Blocks until the program ends.
    pub fn run(self, command: &mut Command) -> std::io::Result<ExitStatus> {
        command.stdin(self.input).stdout(self.output).stderr(self.errors).status()
    }
}

/// How long a stop may take to reach every thread.
const STOPPING: Duration = Duration::from_millis(20);

impl Terminal {
    /// Takes the terminal and asks it `queries`, whose last answer must be its attributes
    /// (`CSI c`); answers come as events, and nothing waits for them.
    ///
    /// The thread that calls this is the one whose panic ends the program: it hands the terminal
    /// back before the panic's message is written.
    pub fn open(
        mode: Mode,
        queries: &[u8],
    ) -> Result<(Self, InputStream, mpsc::UnboundedReceiver<TerminalEvent>), Error> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Err(Error::no_terminal());
        }
        let input = duplicate(rustix::stdio::stdin())?;
        let tty = Tty::new(input, duplicate(rustix::stdio::stdout())?)?;
        let (events, received) = mpsc::unbounded_channel();
        let written = events.clone();
        let report = move |what| {
            let event = match what {
                Written::Frame => TerminalEvent::Drained,
                Written::GivenUp => TerminalEvent::GivenUp,
            };
            drop(written.send(event));
        };
        let (output, writer) = Output::start(tty.output()?, tty.output_at_once(), report)
            .map_err(|error| Error::io(&error))?;
        output.set_wraps(mode.wrap);
        let screen = Screen::new(mode, std::process::id().wrapping_mul(0x0001_0100));
        let known = Arc::<Known>::default();
        let mut terminal = Self {
            tty,
            reader: None,
            writer: Some(writer),
            output,
            screen,
            known,
            panics: Panics::default(),
            is_lent: false,
        };
        // From here on a failure drops `terminal`, which hands back what was taken.
        let owner = std::thread::current().id();
        terminal.panics.listen(&terminal.tty, &terminal.output, owner);
        let on = terminal.tty.take()?;
        terminal.output.with(|queue| queue.add_frame(&on));
        terminal.output.open(&[&*terminal.samples(), queries].concat());
        let (reader, batches) = Reader::start(&terminal.tty, terminal.output.clone(), events)?;
        terminal.reader = Some(reader);
        let stream = terminal.stream(batches);
        Ok((terminal, stream, received))
    }

    fn stream(
        &self,
        batches: mpsc::UnboundedReceiver<Vec<crossterm::event::Event>>,
    ) -> InputStream {
        InputStream {
            batches,
            tty: self.tty.clone(),
            output: self.output.clone(),
            known: Arc::clone(&self.known),
            signals: None,
        }
    }

    pub fn panics(&self) -> Panics {
        self.panics.clone()
    }

    /// For tests: the thread that reads panics once.
    #[doc(hidden)]
    pub fn stumble(&self) {
        if let Some(reader) = &self.reader {
            reader.stumble();
        }
    }

    /// Columns, rows, and pixels of all of it (0 where unknown).
    pub fn size(&self) -> (u16, u16, u16, u16) {
        self.tty.size()
    }

    /// A frame can be drawn now; else `Drained` comes when it can. Drawing all the same is right,
    /// but writes a frame that nobody sees.
    pub fn is_ready(&self) -> bool {
        !self.is_lent && !self.output.look(|queue| queue.has_frame())
    }

    /// Shows the frame; answers which pictures are lacking for it. Their places stay blank (a
    /// picture that kitty has in another size stands in) until they are supplied and a frame is
    /// presented again. Costs no bytes where nothing has changed.
    pub fn present(&mut self, frame: Frame) -> Vec<ImageRequest> {
        if self.is_lent {
            return Vec::new();
        }
        let is_lost = self.known.screen_lost.swap(false, Ordering::SeqCst);
        let screen = &mut self.screen;
        self.output.present(|queue| {
            if is_lost {
                screen.forget(queue);
            }
            screen.show(frame, queue)
        })
    }

    /// Cells of a frame that is over, for the next one to be drawn into.
    pub fn spare(&mut self) -> Buffer {
        self.screen.spare()
    }

    /// The id for the next encoded picture.
    pub fn next_id(&mut self) -> u32 {
        self.screen.id_for()
    }

    /// What stands there already, of which a lacking picture may send the difference only.
    pub fn grounds(&self, wanted: &ImageRequest) -> Vec<Ground> {
        self.screen.grounds(wanted)
    }

    /// A picture that was lacking is ready; present again.
    pub fn supply(&mut self, wanted: ImageRequest, encoded: Encoded) {
        self.screen.supply(wanted, encoded);
    }

    /// A picture that was lacking could not be made.
    pub fn refuse(&mut self, wanted: ImageRequest) {
        self.screen.refuse(wanted);
    }

    /// What is known of the line, for the next frame's pictures.
    pub fn set_ladder(&mut self, quality_plan: QualityPlan) {
        self.screen.set_ladder(quality_plan);
    }

    /// How sharp the pictures of the last frame are at least; none without a picture.
    pub fn level(&self) -> Option<QualityLevel> {
        self.screen.level()
    }

    /// Pictures are shown in another way from now on.
    pub fn set_mode(&mut self, mode: Mode) {
        let screen = &mut self.screen;
        self.output.with(|queue| screen.set_mode(mode, queue));
        self.output.set_wraps(mode.wrap);
    }

    /// The terminal has said that it knows kitty's keyboard. A second call does nothing.
    pub fn switch_keyboard_on(&self) {
        self.send(self.tty.switch_keyboard_on().to_vec());
    }

    /// Whether the terminal orders letters from right to left itself, and knows where they end.
    pub fn set_ordering(&mut self, orders: bool) {
        let screen = &mut self.screen;
        self.output.with(|queue| screen.set_ordering(orders, queue));
    }

    /// Whether the terminal tells of pictures that are dropped on it.
    pub fn set_drops(&self, on: bool) {
        let on = if on { drops::switch_on(&drops::this_machine()) } else { Vec::new() };
        self.send(self.tty.set_drops(on));
    }

    /// Hears whether the terminal could count letters made of several as one: then it shall, and is
    /// measured anew. Whether the screen must be shown anew.
    pub fn take_count(&mut self, reply: &[u8]) -> bool {
        if reply != tty::CLUSTERS_ARE_OFF {
            return false;
        }
        let on = self.tty.switch_clusters_on();
        self.output.ask(&[on, &self.samples(), Question::Attributes.bytes()].concat());
        self.redraw();
        true
    }

    /// Letters made of several, to be measured where they have room and are ever written.
    fn samples(&self) -> Vec<u8> {
        let (columns, rows, ..) = self.size();
        let has_room = columns >= clusters::COLUMNS && rows >= 2;
        if has_room && !self.screen.is_ascii() { clusters::question() } else { Vec::new() }
    }

    /// Whether the mouse is ours; otherwise the terminal's own selection works.
    pub fn set_mouse(&self, mouse: bool) {
        self.send(self.tty.set_mouse(mouse).to_vec());
    }

    /// The title of the window; without words its own. Only for terminals that keep the old one.
    pub fn set_title(&self, words: Option<&str>) {
        self.send(self.tty.set_title(words));
    }

    /// Only for terminals that show it.
    pub fn set_progress(&self, progress: Progress) {
        self.send(self.tty.set_progress(progress));
    }

    /// Another terminal may look at the screen since: what does it answer, and has it the pictures?
    pub fn meet_again(&mut self) {
        let screen = &mut self.screen;
        if !self.is_lent {
            self.output.learn_anew();
            self.output.with(|queue| screen.check(queue));
        }
    }

    /// Hears how wide the terminal makes a letter; whether the screen must be shown anew.
    pub fn take_width(&mut self, reply: &[u8]) -> bool {
        let screen = &mut self.screen;
        self.output.with(|queue| screen.take_width(reply, queue))
    }

    /// A picture that the terminal has lost is sent once more, and not a third time: a terminal
    /// that refuses what it has said OK to would be sent it for ever.
    pub fn take_loss(&mut self, reply: &[u8]) -> Loss {
        let reply = String::from_utf8_lossy(reply);
        let Some((id, word)) = graphics::kitty::answer(&reply).filter(|(_, word)| *word != "OK")
        else {
            return Loss::None;
        };
        let screen = &mut self.screen;
        self.output.with(|queue| screen.take_loss(id, word, queue))
    }

    /// Forget what is on the screen and show everything anew at the next frame.
    pub fn redraw(&mut self) {
        if self.is_lent {
            return;
        }
        let screen = &mut self.screen;
        self.output.with(|queue| screen.forget(queue));
    }

    /// Cells or what is behind them look different now: pictures are made again.
    pub fn forget_pictures(&mut self) {
        let screen = &mut self.screen;
        self.output.with(|queue| screen.forget_pictures(queue));
    }

    /// More questions, which end as those at the beginning.
    pub fn ask(&self, queries: &[u8]) {
        self.output.ask(queries);
    }

    /// Some of those pieces still wait.
    pub fn is_sending_paced(&self) -> bool {
        self.output.look(|queue| queue.left(COPIED) > 0)
    }

    /// Pieces that nobody waits for, paced as pictures are, behind those that wait already; they
    /// take the place of earlier ones.
    pub fn send_paced(&self, pieces: Vec<Vec<u8>>) {
        self.output.with(|queue| {
            queue.drop_job(COPIED);
            if !pieces.is_empty() {
                queue.add_job(COPIED, pieces, Vec::new());
            }
        });
    }

    /// Bytes of a complete escape besides frames: the clipboard.
    pub fn send(&self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.output.with(|queue| queue.add_frame(&bytes));
    }

    /// Stops the whole job as Ctrl-Z does elsewhere; returns when it is continued.
    ///
    /// # Errors
    /// No shell waits (`xterm -e`, `ssh host editree`): it would stay stopped.
    pub fn suspend(&mut self) -> Result<(), Error> {
        if !job_control::somebody_waits() {
            let message = "no shell waits here: editree would stay stopped".to_owned();
            return Err(Error { message, hint: None });
        }
        self.step_aside();
        self.known.stopped_itself.store(true, Ordering::SeqCst);
        let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
        std::thread::sleep(STOPPING);
        self.come_back()?;
        stopped.map_err(Error::system)
    }

    /// Gives the terminal away until [`Terminal::take_back`]; nothing is read or written meanwhile.
    pub fn lend(&mut self) -> Result<Lent, Error> {
        let (input, output, errors) = (self.tty.input()?, self.tty.output()?, self.tty.output()?);
        self.step_aside();
        self.output.hold(true);
        self.is_lent = true;
        Ok(Lent { input, output, errors })
    }

    /// The program has ended.
    pub fn take_back(&mut self) -> Result<(), Error> {
        self.is_lent = false;
        let back = self.come_back();
        self.output.hold(false);
        back
    }

    /// Takes the pictures away, lets answers come in, stops reading, hands back.
    fn step_aside(&mut self) {
        if self.is_lent {
            return;
        }
        self.redraw();
        self.output.settle();
        if let Some(reader) = &self.reader {
            reader.park();
        }
        self.tty.hand_back();
    }

    fn come_back(&mut self) -> Result<(), Error> {
        let on = self.tty.take()?;
        self.output.with(|queue| queue.add_frame(&on));
        if let Some(reader) = &self.reader {
            reader.resume();
        }
        self.redraw();
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.step_aside();
        self.reader = None;
        if let Some(writer) = self.writer.take() {
            self.output.close(writer);
        }
    }
}

/// Above the three descriptors that have names.
fn duplicate(descriptor: impl std::os::fd::AsFd) -> Result<File, Error> {
    let copy = rustix::io::fcntl_dupfd_cloexec(descriptor, 3).map_err(Error::system)?;
    Ok(File::from(copy))
}
