//! A prompt through the command of `[translate]`: words in, words out.
//!
//! Invariant: the command gets nothing but the prompt, and neither the key nor the terminal.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::super::Runtime;
use crate::app::effect::TaskKey;
use crate::app::failure::{Failure, FailureKind};
use crate::app::message::{TaskEvent, TaskResult};

/// A command that takes longer is ended.
const LONGEST: Duration = Duration::from_secs(60);
/// Of the environment the command gets these and nothing else: a key may stand under any name.
const KEPT: [&str; 8] =
    ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
/// More than this is no prompt, in bytes.
const MOST: u64 = 64 << 10;

impl Runtime {
    pub(super) fn translate(&mut self, words: String) {
        let (command, report) = (self.translate.clone(), self.report.clone());
        self.tasks.start(TaskKey::Translate, async move {
            let name = command.first().cloned().unwrap_or_default();
            let said = tokio::time::timeout(LONGEST, run(&command, &words)).await;
            let told = match said {
                Ok(Ok(to)) => Ok(to),
                Ok(Err(why)) => Err(why),
                Err(_) => Err(format!("it took longer than {} s", LONGEST.as_secs())),
            };
            TaskResult::Done(match told {
                Ok(to) => {
                    // The screen may be gone by now.
                    let _ = report.send(TaskEvent::Translated { from: words, to });
                    Ok(None)
                }
                Err(why) => {
                    let message = format!("`{name}` did not translate the prompt: {why}");
                    Err(Failure::new(FailureKind::Picture, message))
                }
            })
        });
    }
}

async fn run(command: &[String], words: &str) -> Result<String, String> {
    let (program, arguments) = command.split_first().ok_or("there is no command")?;
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let write = async {
        if let Some(mut input) = input {
            // Who does not read it all says so by its words or its end.
            let _ = input.write_all(words.as_bytes()).await;
        }
    };
    let read = async {
        let mut said = Vec::new();
        if let Some(output) = output {
            output.take(MOST).read_to_end(&mut said).await.map_err(|error| error.to_string())?;
        }
        Ok::<_, String>(said)
    };
    let ((), said) = tokio::join!(write, read);
    let said = String::from_utf8_lossy(&said?).trim().to_owned();
    let status = child.wait().await.map_err(|error| error.to_string())?;
    match (status.success(), said.is_empty()) {
        (true, false) => Ok(said),
        (true, true) => Err("it said nothing".into()),
        (false, _) => Err(format!("it ended with {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn words_go_in_and_come_out() {
        let upper = command(&["tr", "a-z", "A-Z"]);
        assert_eq!(run(&upper, "ein hut\n").await, Ok("EIN HUT".into()));
        // Cargo sets some in every test: none of them may come through.
        let names = command(&["sh", "-c", "cat >/dev/null; env | cut -d= -f1"]);
        let names = run(&names, "x").await;
        let is_kept = |name: &str| KEPT.contains(&name) || ["PWD", "SHLVL", "_"].contains(&name);
        assert!(names.is_ok_and(|names| names.lines().all(is_kept)), "nothing else");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_said() {
        assert_eq!(run(&command(&["true"]), "x").await, Err("it said nothing".into()));
        let failed = run(&command(&["false"]), "x").await;
        assert!(failed.is_err_and(|why| why.contains("exit status")), "its status");
        assert!(run(&command(&["/nowhere/at all"]), "x").await.is_err());
        assert!(run(&[], "x").await.is_err());
    }
}
