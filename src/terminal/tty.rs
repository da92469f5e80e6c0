//! The real terminal: its settings, its size, and the sequences that switch things on and off.
//!
//! Invariant: what is switched on is switched off again on every way out, once.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::Error;

/// Alternate screen, bracketed paste, focus reports; no cursor until a frame shows it.
const ON: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[2J\x1b[H";
const OFF: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?25h";
/// Keys that are ambiguous in the old encoding come in kitty's.
pub(super) const KEYBOARD_ON: &[u8] = b"\x1b[>1u";
const KEYBOARD_OFF: &[u8] = b"\x1b[<u";

/// A handle on the real terminal that knows how it was before.
#[derive(Clone, Debug)]
pub(super) struct Tty {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    before: Termios,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    taken: bool,
    keyboard: bool,
}

impl Tty {
    pub(super) fn new(file: File) -> Result<Self, Error> {
        let before = tcgetattr(&file).map_err(|_| Error::no_terminal())?;
        let state = Mutex::default();
        Ok(Self { inner: Arc::new(Inner { file, before, state }) })
    }

    /// Raw mode and everything else on.
    pub(super) fn take(&self) -> Result<(), Error> {
        let mut raw = self.inner.before.clone();
        raw.make_raw();
        tcsetattr(&self.inner.file, OptionalActions::Now, &raw).map_err(Error::system)?;
        write(&self.inner.file, ON);
        self.state().taken = true;
        Ok(())
    }

    pub(super) fn switch_keyboard_on(&self) {
        let mut state = self.state();
        if state.taken && !state.keyboard {
            state.keyboard = true;
            write(&self.inner.file, KEYBOARD_ON);
        }
    }

    /// Everything back as it was; a second call does nothing.
    pub(super) fn hand_back(&self) {
        let mut state = self.state();
        if !state.taken {
            return;
        }
        if std::mem::take(&mut state.keyboard) {
            write(&self.inner.file, KEYBOARD_OFF);
        }
        state.taken = false;
        write(&self.inner.file, OFF);
        let _ = tcsetattr(&self.inner.file, OptionalActions::Drain, &self.inner.before);
    }

    /// Columns and rows, and the pixels of all of it where they are known.
    pub(super) fn size(&self) -> (u16, u16, u16, u16) {
        match tcgetwinsize(&self.inner.file) {
            Ok(size) => (size.ws_col, size.ws_row, size.ws_xpixel, size.ws_ypixel),
            Err(_) => (80, 24, 0, 0),
        }
    }

    pub(super) fn file(&self) -> Result<File, Error> {
        self.inner.file.try_clone().map_err(|error| Error::io(&error))
    }

    pub(super) fn as_file(&self) -> &File {
        &self.inner.file
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Past the output's thread: only while that one is quiet.
pub(super) fn write(file: &File, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match rustix::io::write(file.as_fd(), bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            // A terminal that is gone cannot be handed back.
            Err(_) => return,
        }
    }
}
