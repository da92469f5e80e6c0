//! The real terminal: its settings, its size, and the sequences that switch things on and off.
//!
//! Invariant: what is switched on is switched off again on every way out, once.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rustix::fs::{Mode, OFlags, open};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, ttyname};

use super::Error;
use super::announce::{self, KEEP_TITLE, OLD_TITLE, Progress};
use super::drops::DROPS_OFF;

/// Alternate screen, bracketed paste, reports of the focus and of a dark or light theme (2031); no
/// cursor until a frame shows it. The wheel must not become Up and Down (1007), which would change
/// the words in the prompt; how it was is asked before. Who does not know that question may print
/// its last letter, which the blank takes away; so is how letters made of several are counted (2027).
const ON: &[u8] =
    b"\x1b[?1049h\x1b[?1007$p\x1b[?2027$p\x1b[?1007s\x1b[?1007l\x1b[?2004h\x1b[?1004h\x1b[?2031h\x1b[?25l\x1b[2J\x1b[H";
/// Blank first: GNU screen has no other screen unless it is told to (`altscreen on`), and the shell's
/// line would stand in ours.
const OFF: &[u8] =
    b"\x1b[?2026l\x1b[0m\x1b[2J\x1b[H\x1b[?2031l\x1b[?1004l\x1b[?2004l\x1b[?1007r\x1b[?1049l\x1b[?25h";
/// The wheel was Up and Down.
const WHEEL_WAS_ON: &[u8] = b"\x1b[?1007;1$y";
const WHEEL_ON: &[u8] = b"\x1b[?1007h";
/// They are counted in parts, and could be counted as one.
pub(super) const CLUSTERS_ARE_OFF: &[u8] = b"\x1b[?2027;2$y";
const CLUSTERS_ON: &[u8] = b"\x1b[?2027h";
const CLUSTERS_OFF: &[u8] = b"\x1b[?2027l";
/// Keys that are ambiguous in the old encoding come in kitty's. Each screen has a stack of its own,
/// so this goes out inside the alternate screen. 4: the shifted letter is told too, so that Alt-*
/// is that and not Alt-Shift-8.
const KEYBOARD_ON: &[u8] = b"\x1b[>5u";
const KEYBOARD_OFF: &[u8] = b"\x1b[<1u";
/// Presses, drags and the wheel, with coordinates as numbers.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Ends a string that a panic has cut; nothing where none is open.
const END_OF_STRING: &[u8] = b"\x1b\\";

/// A handle on the real terminal that knows how it was before.
#[derive(Clone, Debug)]
pub(super) struct Tty {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    input: File,
    output: File,
    before: Termios,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    taken: bool,
    keyboard: bool,
    mouse: bool,
    /// The wheel was Up and Down before.
    wheel: bool,
    /// Letters made of several are counted as one because we said so.
    clusters: bool,
    /// What makes the terminal tell of pictures that are dropped on it; empty where nothing does.
    drops: Vec<u8>,
    /// The title of the window, where it is ours.
    title: Option<String>,
    progress: Progress,
}

impl Tty {
    pub(super) fn new(input: File, output: File) -> Result<Self, Error> {
        let before = tcgetattr(&input).map_err(|_| Error::no_terminal())?;
        let state = Mutex::default();
        Ok(Self { inner: Arc::new(Inner { input, output, before, state }) })
    }

    /// Raw mode; the bytes that switch on everything else.
    pub(super) fn take(&self) -> Result<Vec<u8>, Error> {
        let mut state = self.state();
        let mut raw = self.inner.before.clone();
        raw.make_raw();
        tcsetattr(&self.inner.input, OptionalActions::Now, &raw).map_err(Error::system)?;
        state.taken = true;
        let mut on = ON.to_vec();
        on.extend(when(state.keyboard, KEYBOARD_ON));
        on.extend(when(state.mouse, MOUSE_ON));
        on.extend(when(state.clusters, CLUSTERS_ON));
        on.extend(&state.drops);
        if let Some(words) = &state.title {
            on.extend([KEEP_TITLE.to_vec(), announce::title(words)].concat());
        }
        if state.progress != Progress::Nothing {
            on.extend(announce::progress(state.progress));
        }
        Ok(on)
    }

    /// The same when nobody had handed it back: nothing is pushed twice, neither on kitty's stack nor
    /// on that of titles.
    pub(super) fn take_again(&self) -> Result<Vec<u8>, Error> {
        let on = self.take()?;
        let state = self.state();
        let keyboard = when(state.keyboard, KEYBOARD_OFF);
        let title = when(state.title.is_some(), OLD_TITLE);
        Ok([keyboard, title, &on].concat())
    }

    /// The terminal knows kitty's keyboard: the bytes that switch it on, once.
    pub(super) fn switch_keyboard_on(&self) -> &'static [u8] {
        let mut state = self.state();
        let is_new = state.taken && !std::mem::replace(&mut state.keyboard, true);
        when(is_new, KEYBOARD_ON)
    }

    /// The terminal could count letters made of several as one: the bytes that ask for it.
    pub(super) fn switch_clusters_on(&self) -> &'static [u8] {
        let mut state = self.state();
        state.clusters |= state.taken;
        when(state.taken, CLUSTERS_ON)
    }

    /// The bytes that change whether the terminal tells of what is dropped on it: `on`, or none.
    pub(super) fn set_drops(&self, on: Vec<u8>) -> Vec<u8> {
        let mut state = self.state();
        let before = std::mem::replace(&mut state.drops, on);
        match state.taken && before != state.drops {
            true if state.drops.is_empty() => DROPS_OFF.to_vec(),
            true => state.drops.clone(),
            false => Vec::new(),
        }
    }

    /// The bytes that change whether the mouse reports.
    pub(super) fn set_mouse(&self, mouse: bool) -> &'static [u8] {
        let mut state = self.state();
        match (std::mem::replace(&mut state.mouse, mouse) == mouse, mouse) {
            (true, _) => b"",
            (false, true) => MOUSE_ON,
            (false, false) => MOUSE_OFF,
        }
    }

    /// The bytes that give the window this title; without one, its own.
    pub(super) fn set_title(&self, words: Option<&str>) -> Vec<u8> {
        let mut state = self.state();
        let before = std::mem::replace(&mut state.title, words.map(str::to_owned));
        match (before, words) {
            _ if !state.taken => Vec::new(),
            (None, None) => Vec::new(),
            (Some(before), Some(words)) if before == words => Vec::new(),
            (Some(_), Some(words)) => announce::title(words),
            (None, Some(words)) => [KEEP_TITLE.to_vec(), announce::title(words)].concat(),
            (Some(_), None) => OLD_TITLE.to_vec(),
        }
    }

    /// The bytes that show how far the work is, where that has changed.
    pub(super) fn set_progress(&self, progress: Progress) -> Vec<u8> {
        let mut state = self.state();
        let is_news = std::mem::replace(&mut state.progress, progress) != progress;
        if is_news && state.taken { announce::progress(progress) } else { Vec::new() }
    }

    /// Learns from a reply how the terminal was.
    pub(super) fn hear(&self, reply: &[u8]) {
        self.state().wheel |= reply == WHEEL_WAS_ON;
    }

    pub(super) fn is_taken(&self) -> bool {
        self.state().taken
    }

    /// Everything back as it was; a second call does nothing. The output must be quiet.
    pub(super) fn hand_back(&self) {
        self.hand_back_behind(b"");
    }

    /// The same from a panic, which may have come in the middle of anything.
    pub(super) fn hand_back_in_panic(&self) {
        self.hand_back_behind(END_OF_STRING);
    }

    fn hand_back_behind(&self, first: &[u8]) {
        let mut state = self.state();
        if !std::mem::take(&mut state.taken) {
            return;
        }
        let mut off = first.to_vec();
        off.extend(when(state.keyboard, KEYBOARD_OFF));
        off.extend(when(state.mouse, MOUSE_OFF));
        off.extend(when(state.title.is_some(), OLD_TITLE));
        if state.progress != Progress::Nothing {
            off.extend(announce::progress(Progress::Nothing));
        }
        off.extend(when(state.clusters, CLUSTERS_OFF));
        off.extend(when(!state.drops.is_empty(), DROPS_OFF));
        off.extend(OFF);
        // Behind what gives back the saved one: stopped and continued, we may have saved our own.
        off.extend(when(state.wheel, WHEEL_ON));
        write(&self.inner.output, &off);
        // Not after the output has left: a terminal that takes no bytes would hold us here.
        let _ = tcsetattr(&self.inner.input, OptionalActions::Now, &self.inner.before);
    }

    /// Columns and rows, and the pixels of all of it where they are known.
    pub(super) fn size(&self) -> (u16, u16, u16, u16) {
        match tcgetwinsize(&self.inner.output) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (size.ws_col, size.ws_row, size.ws_xpixel, size.ws_ypixel)
            }
            // A serial line does not know.
            Ok(_) | Err(_) => (80, 24, 0, 0),
        }
    }

    pub(super) fn input(&self) -> Result<File, Error> {
        self.inner.input.try_clone().map_err(|error| Error::io(&error))
    }

    pub(super) fn output(&self) -> Result<File, Error> {
        self.inner.output.try_clone().map_err(|error| Error::io(&error))
    }

    /// The same terminal, opened once more: what it has no room for is refused, not waited for.
    /// None where its name is not known here, or is another user's.
    pub(super) fn output_at_once(&self) -> Option<File> {
        let name = ttyname(&self.inner.output, Vec::new()).ok()?;
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        open(name, flags, Mode::empty()).ok().map(File::from)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock()
    }
}

fn when(condition: bool, bytes: &'static [u8]) -> &'static [u8] {
    if condition { bytes } else { b"" }
}

/// Past the output's thread: only while that one is quiet.
fn write(file: &File, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match rustix::io::write(file.as_fd(), bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            // A terminal that is gone cannot be handed back.
            Err(_) => return,
        }
    }
}
