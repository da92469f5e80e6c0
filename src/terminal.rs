//! The terminal: raw mode and its sure undoing, input, and `present(frame)`.
//!
//! The only module that writes to the tty. Two ends: an input filter that keeps replies from
//! becoming keys, and one thread that owns the output. Knows frames and graphics, not the model.

use std::fs::File;
use std::io::IsTerminal as _;
use std::process::{Command, ExitStatus};

use tokio::sync::mpsc;

pub mod filter;
pub mod input;
mod output;
pub mod screen;
mod tty;

use crate::graphics::Encoded;
use crate::ui::frame::{Frame, Placement};
use input::{InputStream, Reader};
use output::Output;
use screen::{Mode, Screen};
use tty::Tty;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalEvent {
    /// An answer to a question, whenever it comes.
    Reply(Vec<u8>),
    /// The last frame is written; a new one may be drawn.
    Drained,
    /// Nobody is there any more.
    HungUp,
}

/// The terminal in our hands; dropping it hands it back.
#[derive(Debug)]
pub struct Terminal {
    tty: Tty,
    reader: Reader,
    output: Output,
    screen: Screen,
    /// Stands in the real descriptor 0's place until the end.
    stdin_before: Option<File>,
}

impl Terminal {
    /// Takes the terminal and asks it `queries`; answers come as events.
    pub fn open(
        mode: Mode,
        queries: &[u8],
    ) -> Result<(Self, InputStream, mpsc::UnboundedReceiver<TerminalEvent>), Error> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Err(Error::no_terminal());
        }
        let stdin_before = dup(rustix::stdio::stdin())?;
        let tty = Tty::new(dup(rustix::stdio::stdout())?)?;
        hand_back_on_panic(&tty);
        let (events, received) = mpsc::unbounded_channel();
        tty.take()?;
        let reader = match Reader::start(&tty, events.clone()) {
            Ok(reader) => reader,
            Err(error) => {
                tty.hand_back();
                return Err(error);
            }
        };
        let stream = reader.stream();
        let drained = move || drop(events.send(TerminalEvent::Drained));
        let output = Output::start(tty.file()?, drained).map_err(|error| Error::io(&error))?;
        output.send_frame(queries.to_vec());
        let screen = Screen::new(mode, std::process::id().wrapping_mul(0x0001_0100));
        let stdin_before = Some(stdin_before);
        Ok((Self { tty, reader, output, screen, stdin_before }, stream, received))
    }

    /// Columns, rows, and pixels of all of it (0 where unknown).
    pub fn size(&self) -> (u16, u16, u16, u16) {
        self.tty.size()
    }

    /// A frame can be drawn now; else `Drained` comes when it can.
    pub fn is_ready(&self) -> bool {
        !self.output.is_busy()
    }

    /// Shows the frame; answers which pictures are lacking for it.
    pub fn present(&mut self, frame: &Frame) -> Vec<Placement> {
        let change = self.screen.change_to(frame);
        for job in change.cancelled {
            self.output.cancel(job);
            self.screen.not_sent(job);
        }
        self.output.send_frame(change.frame);
        for (job, pieces) in change.jobs {
            for piece in pieces {
                self.output.send_piece(job, piece);
            }
        }
        change.wanted
    }

    /// The id under which the next picture shall be encoded.
    pub fn next_id(&mut self) -> u32 {
        self.screen.id_for()
    }

    /// A picture that was lacking is ready; present again.
    pub fn supply(&mut self, placement: Placement, encoded: Encoded) {
        self.screen.supply(placement, encoded);
    }

    /// Pictures are shown in another way from now on.
    pub fn set_mode(&mut self, mode: Mode) {
        let erased = self.screen.set_mode(mode);
        if !erased.is_empty() {
            self.output.send_frame(erased);
        }
    }

    pub fn switch_keyboard_on(&self) {
        self.tty.switch_keyboard_on();
    }

    /// The terminal has answered for a piece of a picture.
    pub fn acknowledge(&self) {
        self.output.acknowledge();
    }

    /// Forget what is on the screen and show everything anew at the next frame.
    pub fn redraw(&mut self) {
        let erased = self.screen.forget();
        self.output.send_frame(erased);
    }

    /// Bytes of a complete escape besides frames: the clipboard.
    pub fn send(&self, bytes: Vec<u8>) {
        self.output.send_frame(bytes);
    }

    /// Stops the whole job as Ctrl-Z does elsewhere; returns when it is continued.
    pub fn suspend(&mut self) -> Result<(), Error> {
        self.step_aside();
        let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
        self.come_back()?;
        stopped.map_err(Error::system)
    }

    /// Runs a program that has the terminal for itself.
    pub fn run_child(&mut self, command: &mut Command) -> Result<ExitStatus, Error> {
        self.step_aside();
        let status = dup(self.tty.as_file()).and_then(|tty| {
            let output = tty.try_clone().map_err(|error| Error::io(&error))?;
            let errors = tty.try_clone().map_err(|error| Error::io(&error))?;
            let status = command.stdin(tty).stdout(output).stderr(errors).status();
            status.map_err(|error| Error::io(&error))
        });
        self.come_back()?;
        status
    }

    fn step_aside(&mut self) {
        let erased = self.screen.forget();
        self.output.send_frame(erased);
        self.output.flush();
        self.reader.park();
        self.tty.hand_back();
    }

    fn come_back(&mut self) -> Result<(), Error> {
        self.tty.take()?;
        self.reader.resume();
        self.screen.forget();
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let erased = self.screen.forget();
        self.output.send_frame(erased);
        self.output.flush();
        self.reader.park();
        self.tty.hand_back();
        if let Some(stdin) = self.stdin_before.take() {
            let _ = rustix::stdio::dup2_stdin(&stdin);
        }
    }
}

fn dup(descriptor: impl std::os::fd::AsFd) -> Result<File, Error> {
    let copy = rustix::io::fcntl_dupfd_cloexec(descriptor, 3).map_err(Error::system)?;
    Ok(File::from(copy))
}

/// The message of a panic must stand on a terminal that can show it.
fn hand_back_on_panic(tty: &Tty) {
    let (tty, usual) = (tty.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        // A task's panic is caught and told; only this thread's ends the program.
        if std::thread::current().name() == Some("main") {
            tty.hand_back();
            usual(info);
        }
    }));
}
