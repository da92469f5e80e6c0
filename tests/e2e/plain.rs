//! The workbench on lines: the whole first loop without a screen.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::command::photo;
use crate::pty::{Start, Terminal, environment};

/// A debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

struct Plain {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Plain {
    fn start(folder: &std::path::Path, arguments: &[&str], term: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
            .args(arguments)
            .env_clear()
            .envs(environment(folder))
            .env("TERM", term)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("editree runs");
        let (send, lines) = channel();
        let output = child.stdout.take().expect("stdout");
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                let _ = send.send(line);
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines, seen: Vec::new() }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("open"), "{line}").expect("it listens");
    }

    /// The next line that holds these words.
    fn hear(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{words}` was not told:\n{}", self.seen.join("\n"))
                }
            }
        }
    }

    fn end(self) -> Vec<String> {
        self.end_with(0)
    }

    /// Nothing more comes in; all that was said, and the exit code.
    fn end_with(mut self, code: i32) -> Vec<String> {
        drop(self.input.take());
        let rest: Vec<String> = self.lines.iter().collect();
        self.seen.extend(rest);
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(code), "{}", self.seen.join("\n"));
        self.seen
    }
}

#[test]
fn the_first_loop_goes_by_lines_in_and_lines_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = Plain::start(folder.path(), &["--sim", "--plain"], "xterm-256color");
    plain.hear("plain: a line edits");
    plain.hear("n1: ");
    // Edit; what changed is told in words.
    plain.say("Make it black and white");
    let done = plain.hear("n2: Make it black and white");
    assert!(done.contains("1248 by 832, from n1") && done.contains("$0.04"), "{done}");
    plain.hear("n2 against n1: ");
    // Compare, and back.
    plain.say(":compare");
    plain.hear("n2 against n1: ");
    plain.say(":parent");
    plain.hear("n1: ");
    // Branch.
    plain.say(":edit");
    plain.say("Add a red {hat|scarf}");
    plain.hear("type y to send");
    plain.say("y");
    plain.hear("n4: Add a red scarf");
    plain.say(":n2");
    plain.hear("n2: Make it black and white");
    // What it has cost.
    plain.say(":account");
    plain.hear("account; an empty line closes it");
    plain.say("");
    plain.say(":nonsense");
    plain.hear("no command `nonsense`");
    plain.say(":sheet");
    plain.hear("needs the screen; :tree lists the pictures");
    // The rows that `editree tree` prints.
    plain.say(":tree");
    let before = plain.seen.len();
    plain.hear("you are at n2");
    let rows = plain.seen[before..plain.seen.len() - 1].to_vec();
    plain.say(":tree all");
    plain.hear("you are at n2");
    let printed = Command::new(env!("CARGO_BIN_EXE_editree"))
        .args(["--sim", "tree"])
        .env_clear()
        .envs(environment(folder.path()))
        .output()
        .unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(rows, printed.lines().map(str::to_owned).collect::<Vec<_>>());
    plain.say(":sim failing");
    plain.hear("failing: the model fails once · :sim off ends it");
    plain.say(":quit");
    let all = plain.end();
    assert!(all.iter().all(|line| !line.contains('\x1b')), "no escapes: {all:?}");
}

#[test]
fn an_own_picture_is_edited_from_a_pipe_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let mut plain = Plain::start(folder.path(), &["--sim", "--plain", &photo], "dumb");
    plain.hear("n1: coffee.png");
    plain.say("Make it night");
    let all = plain.end();
    assert!(all.iter().any(|line| line.starts_with("n2: Make it night")), "{all:?}");
}

#[test]
fn a_line_of_a_pipe_edits_what_the_one_before_has_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain =
        Plain::start(folder.path(), &["--sim", "--plain", &photo("chelsea.png")], "dumb");
    plain.say(&format!(":open {}\nMake it red", photo("coffee.png")));
    let made = plain.hear(": Make it red, ");
    assert!(made.starts_with("n3: ") && made.contains("from n2"), "{made}");
    plain.end();
}

#[test]
fn a_pipe_must_be_asked_for_and_a_dumb_terminal_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
        .arg("--sim")
        .env_clear()
        .envs(environment(folder.path()))
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("editree runs");
    // It may be gone before it is read.
    let _ = writeln!(child.stdin.take().expect("open"), "Make it night");
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("needs a terminal"), "{told}");
    assert!(output.stdout.is_empty(), "nothing is read");

    let mut terminal = at_a_terminal(folder.path(), &["--sim"], "dumb");
    terminal.wait_for("plain: a line edits");
    terminal.send(":quit\n");
    assert_eq!(terminal.end().code, 0);
}

fn at_a_terminal(folder: &std::path::Path, arguments: &[&str], term: &str) -> Terminal {
    let environment = &[("TERM", term)];
    Terminal::start(&Start { folder, arguments, size: (120, 40), environment })
}

#[test]
fn a_paragraph_pasted_at_a_terminal_is_one_prompt_and_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = at_a_terminal(folder.path(), &["--sim", "--plain"], "xterm");
    terminal.wait_for("n1: ");
    terminal.send("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\ny\n");
    terminal.wait_for("pasted: 10 lines are in the prompt; :run sends it");
    terminal.send(":run\n");
    terminal.wait_for("n2: one");
    terminal.send(":quit\n");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    assert_eq!(end.words.matches("sent for").count(), 1, "{}", end.words);
    assert!(!end.words.contains("n3"), "{}", end.words);
}

#[test]
fn a_question_is_not_answered_by_what_was_typed_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = Plain::start(folder.path(), &["--sim", "--plain"], "xterm");
    plain.say("Add a {hat|scarf}\ny\nMake it night");
    // Nobody is left to answer it, and whoever has called it learns that nothing was sent.
    let all = plain.end_with(130);
    let told = |words: &str| all.iter().any(|line| line.contains(words));
    assert!(told("type y to send") && told("nothing was sent"), "{all:?}");
    assert!(told("`y` came before the question"), "{all:?}");
    assert!(!told("n2: "), "{all:?}");
}

#[test]
fn what_cannot_leave_is_held_at_the_end_and_told_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = Plain::start(folder.path(), &["--sim", "--plain"], "xterm");
    plain.hear("n1: ");
    plain.say(":pause");
    plain.hear("paused: nothing is sent");
    plain.say("Make it night");
    let all = plain.end_with(5);
    assert!(!all.iter().any(|line| line.contains("n2: Make it night, 1248")), "{all:?}");
}
