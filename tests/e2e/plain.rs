//! The workbench on lines: the whole first loop without a screen.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::command::photo;
use crate::pty::environment;

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

    fn end(mut self) -> Vec<String> {
        drop(self.input.take());
        let rest: Vec<String> = self.lines.iter().collect();
        self.seen.extend(rest);
        assert!(self.child.wait().expect("it ends").success(), "{}", self.seen.join("\n"));
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
    plain.hear("unknown command `nonsense`");
    plain.say(":sheet");
    plain.hear("needs the screen");
    plain.say(":quit");
    let all = plain.end();
    assert!(all.iter().all(|line| !line.contains('\x1b')), "no escapes: {all:?}");
}

#[test]
fn an_own_picture_is_edited_from_a_pipe_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let mut plain = Plain::start(folder.path(), &["--sim", &photo], "dumb");
    plain.hear("n1: coffee.png");
    plain.say("Make it night");
    let all = plain.end();
    assert!(all.iter().any(|line| line.starts_with("n2: Make it night")), "{all:?}");
}
