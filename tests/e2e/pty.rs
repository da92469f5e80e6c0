//! The real binary in a real pseudo-terminal, and what that terminal would show.
//!
//! Waits are bounded and on a condition; on time-out the last screen and bytes are printed.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longest wait for anything; machines are shared.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came out so far.
struct Output {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// The other end is closed.
    ended: bool,
}

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<(Mutex<Output>, Condvar)>,
    /// The terminal's settings before the program began.
    before: rustix::termios::Termios,
}

/// How to start.
pub struct Start<'a> {
    pub folder: &'a Path,
    pub arguments: &'a [&'a str],
    pub size: (u16, u16),
    pub environment: &'a [(&'a str, &'a str)],
}

impl Terminal {
    /// Starts editree with nothing of this process's environment but what it needs.
    pub fn start(start: &Start<'_>) -> Self {
        Self::start_program(Path::new(env!("CARGO_BIN_EXE_editree")), start)
    }

    /// The same for another program.
    pub fn start_program(program: &Path, start: &Start<'_>) -> Self {
        let (columns, rows) = start.size;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(program);
        command.args(start.arguments);
        command.env_clear();
        for (name, value) in environment(start.folder) {
            command.env(name, value);
        }
        for (name, value) in start.environment {
            command.env(name, value);
        }
        command.cwd(start.folder);
        let before = termios(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).expect("editree starts");
        drop(pair.slave);
        let output = Arc::new((
            Mutex::new(Output {
                parser: vt100::Parser::new(rows, columns, 0),
                bytes: Vec::new(),
                ended: false,
            }),
            Condvar::new(),
        ));
        read_into(pair.master.as_ref(), Arc::clone(&output));
        let writer = pair.master.take_writer().expect("a writer");
        Self { master: pair.master, writer, child, output, before }
    }

    /// A failed test elsewhere must not fail this one's reader.
    fn lock(&self) -> std::sync::MutexGuard<'_, Output> {
        self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn send(&mut self, bytes: &str) {
        self.writer.write_all(bytes.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    pub fn wait_for(&self, what: &str) {
        self.wait_until(what, |screen, _| screen.contains(what));
    }

    /// Waits until `condition` holds for the screen's text and all bytes so far.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str, &[u8]) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut output = self.lock();
        loop {
            let screen = output.parser.screen().contents();
            if condition(&screen, &output.bytes) {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if output.ended || left.is_zero() {
                let tail = output.bytes.len().saturating_sub(2_000);
                let last = String::from_utf8_lossy(&output.bytes[tail..]).into_owned();
                panic!("waited for `{what}` in vain; the screen:\n{screen}\nlast bytes: {last:?}");
            }
            output = self.output.1.wait_timeout(output, left).unwrap().0;
        }
    }

    /// What came behind so many bytes, as soon as there is any, or nothing after a while.
    pub fn more_than(&self, seen: usize, patience: Duration) -> Vec<u8> {
        let output = self.lock();
        let has_none = |output: &mut Output| output.bytes.len() <= seen && !output.ended;
        let waited = self.output.1.wait_timeout_while(output, patience, has_none).unwrap();
        waited.0.bytes.get(seen..).unwrap_or_default().to_vec()
    }

    /// What the terminal shows.
    pub fn screen(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// The program's process.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.lock().parser.screen_mut().set_size(rows, columns);
        self.master.resize(size).expect("the pty takes a size");
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.child.process_id().expect("it runs");
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a pid");
        rustix::process::kill_process(pid, signal).expect("the signal arrives");
    }

    /// Lets go of the bytes that came so far; the screen stays.
    pub fn forget(&self) {
        self.lock().bytes.clear();
    }

    /// How many bytes have come so far.
    pub fn seen(&self) -> usize {
        self.lock().bytes.len()
    }

    /// The one program that the shell in here has started.
    pub fn only_child(&self) -> u32 {
        let shell = self.process();
        let list = format!("/proc/{shell}/task/{shell}/children");
        let children = std::fs::read_to_string(list).expect("its children");
        children.trim().parse().expect("one child")
    }

    /// To the one program that the shell in here has started.
    pub fn signal_child(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.only_child().cast_signed());
        rustix::process::kill_process(pid.expect("a pid"), signal).expect("the signal arrives");
    }

    /// Waits for the end; the exit code, and whether the terminal was handed back as it was.
    pub fn end(mut self) -> End {
        let end = Instant::now() + PATIENCE;
        let mut output = self.lock();
        // The settings must be read before the last process lets go of the terminal, but the
        // master end keeps them: they can still be read afterwards.
        while !output.ended {
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "still runs; the screen:\n{}",
                output.parser.screen().contents()
            );
            output = self.output.1.wait_timeout(output, left).unwrap().0;
        }
        let screen = output.parser.screen();
        let (alternate, hidden) = (screen.alternate_screen(), screen.hide_cursor());
        let paste = screen.bracketed_paste();
        let words = screen.contents();
        let bytes = output.bytes.clone();
        drop(output);
        let status = self.child.wait().expect("it ended");
        let after = termios(self.master.as_ref());
        End {
            code: status.exit_code(),
            words,
            bytes,
            left_on: [
                ("alternate screen", alternate),
                ("hidden cursor", hidden),
                ("bracketed paste", paste),
                ("raw mode", !same_modes(&self.before, &after)),
            ]
            .into_iter()
            .filter_map(|(what, on)| on.then_some(what))
            .collect(),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must not leave a program behind; by its own pid.
        let _ = self.child.kill();
    }
}

/// How a program left.
pub struct End {
    pub code: u32,
    /// What stands on the screen that the person is back on.
    pub words: String,
    /// All that came.
    pub bytes: Vec<u8>,
    /// What the terminal still has switched on.
    pub left_on: Vec<&'static str>,
}

/// What every run of editree gets: folders of its own, no key.
pub fn environment(folder: &Path) -> Vec<(String, String)> {
    let inside = |name: &str| folder.join(name).to_string_lossy().into_owned();
    vec![
        ("HOME".into(), inside("home")),
        ("XDG_CONFIG_HOME".into(), inside("config")),
        ("XDG_DATA_HOME".into(), inside("data")),
        ("PATH".into(), std::env::var("PATH").unwrap_or_default()),
        ("TERM".into(), "xterm-256color".into()),
        ("LANG".into(), "C.UTF-8".into()),
    ]
}

fn read_into(master: &(dyn MasterPty + Send), output: Arc<(Mutex<Output>, Condvar)>) {
    let mut reader = master.try_clone_reader().expect("a reader");
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let read = reader.read(&mut buffer).unwrap_or(0);
            let mut locked = output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match buffer.get(..read) {
                Some(bytes) if read > 0 => {
                    locked.bytes.extend_from_slice(bytes);
                    locked.parser.process(bytes);
                }
                _ => locked.ended = true,
            }
            let ended = locked.ended;
            drop(locked);
            output.1.notify_all();
            if ended {
                return;
            }
        }
    });
}

/// Reads what a program without a terminal session says until it says `what`.
/// Its line can then be cut without a signal.
pub fn read_until(line: &mut std::fs::File, what: &str) {
    let (end, mut all) = (Instant::now() + PATIENCE, Vec::new());
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&all).contains(what) {
        assert!(Instant::now() < end, "waited for `{what}` in vain: {all:?}");
        let read = line.read(&mut buffer).expect("it says something");
        all.extend_from_slice(&buffer[..read]);
    }
}

fn termios(master: &(dyn MasterPty + Send)) -> rustix::termios::Termios {
    let tty = master.tty_name().expect("a name");
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let slave = rustix::fs::open(&tty, flags, rustix::fs::Mode::empty()).expect("the terminal");
    rustix::termios::tcgetattr(&slave).expect("its settings")
}

fn same_modes(a: &rustix::termios::Termios, b: &rustix::termios::Termios) -> bool {
    a.local_modes == b.local_modes
        && a.input_modes == b.input_modes
        && a.output_modes == b.output_modes
}
