//! The system's keyring, by the program that the system has for it: `secret-tool` on Linux,
//! `security` on macOS.
//!
//! It decides nothing about where a key is kept. Invariant: a key travels by standard input and
//! output only, never as an argument, which every process on the machine can read.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fal::profile::Key;

/// Under this name keys are found in the keyring.
const SERVICE: &str = "editree";
/// A keyring may ask its person to unlock it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a program is looked at that has not ended yet.
const LOOK: Duration = Duration::from_millis(5);

/// How the program wants to be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    SecretTool,
    Security,
}

/// A keyring that may work; whether it does is only known once it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyring {
    pub program: PathBuf,
    pub manner: Manner,
}

impl Keyring {
    /// The one whose program is found on `path`, as in `$PATH`.
    pub fn find(path: &str) -> Option<Self> {
        let (name, manner) = if cfg!(target_os = "macos") {
            ("security", Manner::Security)
        } else {
            ("secret-tool", Manner::SecretTool)
        };
        let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
        let program = folders.map(|folder| folder.join(name)).find(|file| file.is_file())?;
        Some(Self { program, manner })
    }

    /// Keeps the key under the profile's name; an older one is replaced.
    ///
    /// # Errors
    /// The program's own words: no keyring is running, or it was not unlocked.
    pub fn keep(&self, profile: &str, key: &Key) -> Result<(), String> {
        let mut words = Vec::new();
        match self.manner {
            Manner::SecretTool => key.write_to(&mut words),
            Manner::Security => {
                // Its interactive manner takes the whole command from standard input.
                let account = quoted(profile);
                words = format!("add-generic-password -U -s {SERVICE} -a {account} -w \"").into();
                key.write_to(&mut words).and_then(|()| words.write_all(b"\"\n"))
            }
        }
        .map_err(|error| error.to_string())?;
        let label = format!("--label=editree, profile {profile}");
        let arguments: Vec<&str> = match self.manner {
            Manner::SecretTool => {
                vec!["store", &label, "service", SERVICE, "account", profile]
            }
            Manner::Security => vec!["-i"],
        };
        self.ask(&arguments, &words).map(|_| ())
    }

    /// The key under the profile's name.
    ///
    /// # Errors
    /// The program's own words, or that it has none.
    pub fn find_key(&self, profile: &str) -> Result<Key, String> {
        let text = match self.manner {
            Manner::SecretTool => {
                self.ask(&["lookup", "service", SERVICE, "account", profile], b"")
            }
            Manner::Security => {
                self.ask(&["find-generic-password", "-s", SERVICE, "-a", profile, "-w"], b"")
            }
        }?;
        Key::new(&text).map_err(|error| error.message)
    }

    /// Drops the key under the profile's name.
    ///
    /// # Errors
    /// The program's own words, or that it has none.
    pub fn drop_key(&self, profile: &str) -> Result<(), String> {
        match self.manner {
            Manner::SecretTool => self.ask(&["clear", "service", SERVICE, "account", profile], b""),
            Manner::Security => {
                self.ask(&["delete-generic-password", "-s", SERVICE, "-a", profile], b"")
            }
        }
        .map(|_| ())
    }

    /// Runs the program to its end, within limits.
    fn ask(&self, arguments: &[&str], words: &[u8]) -> Result<String, String> {
        let name = self.program.display();
        let mut command = Command::new(&self.program);
        command.args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("`{name}`: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that leaves early says why by its exit code.
            let _ = stdin.write_all(words);
        }
        let succeeded = wait(&mut child, &self.program)?;
        let (mut said, mut complained) = (String::new(), String::new());
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let read = stdout.map(|mut out| out.read_to_string(&mut said));
        let _ = stderr.map(|mut out| out.read_to_string(&mut complained));
        match read {
            Some(Err(_)) => Err(format!("`{name}` answered with bytes that are not text")),
            _ if succeeded => Ok(said),
            _ => match complained.lines().find(|line| !line.trim().is_empty()) {
                Some(line) => Err(format!("`{name}`: {}", line.trim())),
                None => Err(format!("`{name}` has no such key")),
            },
        }
    }
}

/// Its answers are far smaller than a pipe holds, so it can end before they are read.
fn wait(child: &mut Child, program: &Path) -> Result<bool, String> {
    let (name, begun) = (program.display(), Instant::now());
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if begun.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("`{name}` does not answer"));
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(format!("`{name}`: {error}")),
        }
    }
}

/// A word for the interactive manner of `security`, which splits lines like a shell.
fn quoted(word: &str) -> String {
    let mut quoted = String::from('"');
    for letter in word.chars().filter(|letter| !letter.is_control()) {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}
