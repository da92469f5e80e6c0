//! Ends that nobody asked for: a panic, a line that is cut.

use std::fs::File;
use std::process::{Command, Stdio};

use editree::terminal::Terminal as Own;
use editree::terminal::image_request::Mode;
use editree::ui::frame::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::pty::{Start, Terminal, environment, read_until};

const PANICS: (&str, &str) = ("EDITREE_TEST_PANICS", "1");

/// Not a test but the program of the next one: takes the terminal, draws, and panics.
#[test]
fn a_program_that_panics_while_it_has_the_terminal() {
    if std::env::var(PANICS.0).as_deref() != Ok(PANICS.1) {
        return;
    }
    let mode =
        Mode { protocol: editree::graphics::protocol::Protocol::Blocks, wrap: false, ascii: false };
    let (mut terminal, _keys, _events) = Own::open(mode, b"\x1b[c").unwrap();
    let mut cells = Buffer::empty(Rect::new(0, 0, 80, 24));
    cells.set_string(0, 0, "drawn before", ratatui::style::Style::new());
    terminal.present(Frame { cells, ..Frame::default() });
    while !terminal.is_ready() {
        std::thread::yield_now();
    }
    panic!("the cat is on the keyboard");
}

#[test]
fn a_panic_hands_the_terminal_back_before_its_message() {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let terminal = Terminal::start_program(
        &program,
        &Start {
            folder: folder.path(),
            arguments: &[
                "--exact",
                "ends::a_program_that_panics_while_it_has_the_terminal",
                "--nocapture",
                "--test-threads=1",
            ],
            size: (80, 24),
            environment: &[PANICS],
        },
    );
    let end = terminal.end();
    assert_ne!(end.code, 0);
    assert_eq!(end.left_on, Vec::<&str>::new());
    assert!(end.words.contains("the cat is on the keyboard"), "{}", end.words);
    assert!(!end.words.contains("drawn before"), "{}", end.words);
}

/// The terminal is gone without a signal, as for a program that leads no session.
#[test]
fn a_line_that_is_cut_ends_the_workbench_and_the_draft_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).unwrap();
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let slave = File::from(ioctl_tiocgptpeer(&master, flags).unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
        .env_clear()
        .envs(environment(folder.path()))
        .current_dir(folder.path())
        .stdin(slave.try_clone().unwrap())
        .stdout(slave)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = File::from(master);
    read_until(&mut line, "chelsea");
    std::io::Write::write_all(&mut line, b"not yet sent").unwrap();
    read_until(&mut line, "sent");
    drop(line);
    child.wait().unwrap();

    let again = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &[],
        size: (80, 24),
        environment: &[],
    });
    again.wait_for("not yet sent");
}
