//! The prompt in `$EDITOR`: a private file, the terminal lent while the editor runs, and what is
//! made of what it leaves.
//!
//! The loop goes on meanwhile; it only draws nothing. Invariant: what an editor has saved is in the
//! prompt, or in a file whose place was told.

use std::borrow::Cow;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tokio::task::JoinHandle;

use super::Loop;
use crate::app::hint::{CommandId, Hint};
use crate::app::message::{Message, TaskEvent};
use crate::app::notice::{Notice, Tone};
use crate::terminal::Lent;
use crate::ui::cells::pasted;
use crate::workbench::EventKind;

/// Larger files are not prompts, in bytes.
const LONGEST: usize = 1 << 20;

/// An editor that runs.
pub(super) struct Editing {
    task: JoinHandle<Ended>,
    file: PathBuf,
}

/// A file that must not be forgotten.
pub(super) struct LeftOver {
    file: PathBuf,
    /// What is known to stand in it; something else is news.
    known: Vec<u8>,
}

/// What is left when the editor has ended.
pub(super) struct Ended {
    program: String,
    file: PathBuf,
    written: Vec<u8>,
    status: Result<Status, String>,
    /// What stands in the file then.
    saved: Result<Vec<u8>, ErrorKind>,
    /// It was not even started: an earlier one had saved something.
    is_earlier: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Fine,
    Code(i32),
    Killed,
}

/// What becomes of it.
#[derive(Debug, PartialEq)]
struct Verdict {
    words: Option<String>,
    notice: Option<Notice>,
    /// The file holds, or may come to hold, what is nowhere else.
    keeps_file: bool,
}

impl Editing {
    /// The program ends while the editor runs on: where its words will be.
    pub(super) fn leave(self) -> String {
        format!("the editor still runs; what it saves stays in {}", self.file.display())
    }
}

impl LeftOver {
    /// Where the words are that nobody took over, if there are any.
    pub(super) fn leave(self) -> Option<String> {
        if std::fs::read(&self.file).is_ok_and(|saved| saved != self.known) {
            return Some(format!("what the editor saved is in {}", self.file.display()));
        }
        remove(&self.file);
        None
    }
}

pub(super) async fn ended(editing: &mut Option<Editing>) -> Option<Ended> {
    editing.as_mut()?;
    match editing {
        Some(editing) => (&mut editing.task).await.ok(),
        None => None,
    }
}

impl Loop {
    pub(super) fn edit_outside(&mut self, words: String) {
        let editor = match &self.options.editor {
            Ok(editor) => editor.clone(),
            Err(problem) => return self.say(Tone::Error, format!("EDITOR: {problem}")),
        };
        let lent = match self.terminal.lend() {
            Ok(lent) => lent,
            Err(error) => return self.say(Tone::Error, error.message),
        };
        let file = std::env::temp_dir()
            .join(format!("editree-{}", uuid::Uuid::new_v4()))
            .join("prompt.txt");
        let (left_over, path) = (self.left_over.take(), file.clone());
        let task = tokio::task::spawn_blocking(move || work(&editor, lent, words, path, left_over));
        self.editing = Some(Editing { task, file });
    }

    pub(super) fn take_edited(&mut self, ended: Option<Ended>) {
        if let Err(error) = self.terminal.take_back() {
            self.say(Tone::Error, error.message);
        }
        self.learn_size();
        self.is_stale = true;
        let Some(ended) = ended else {
            return self.say(Tone::Error, "the editor could not be waited for".into());
        };
        let verdict = judge(&ended);
        if verdict.keeps_file {
            // Words that were not taken are news whenever they are asked for again.
            let is_new = ended.saved.as_ref().is_ok_and(|saved| *saved != ended.written);
            let known = if is_new { Vec::new() } else { ended.written };
            self.left_over = Some(LeftOver { file: ended.file, known });
        } else {
            let file = ended.file;
            drop(tokio::task::spawn_blocking(move || remove(&file)));
        }
        if let Some(words) = verdict.words {
            self.step(EventKind::Message(Message::TaskEvent(TaskEvent::EditedPrompt(words))));
        }
        if let Some(notice) = verdict.notice {
            self.step(EventKind::Message(Message::TaskEvent(TaskEvent::Notice(notice))));
        }
    }
}

/// Off the loop: writes the file, runs the editor, reads the file.
fn work(
    editor: &[String],
    lent: Lent,
    words: String,
    file: PathBuf,
    left_over: Option<LeftOver>,
) -> Ended {
    let program = editor.first().cloned().unwrap_or_default();
    if let Some(LeftOver { file, known }) = left_over {
        if let Ok(saved) = std::fs::read(&file)
            && saved != known
        {
            let (written, status) = (words.into_bytes(), Ok(Status::Fine));
            return Ended { program, file, written, status, saved: Ok(saved), is_earlier: true };
        }
        remove(&file);
    }
    let written = words.into_bytes();
    let status = match write(&file, &written) {
        Ok(()) => {
            let mut command = Command::new(&program);
            command.args(editor.iter().skip(1)).arg(&file);
            let status = lent.run(&mut command);
            status.map(Status::from).map_err(|error| format!("cannot run `{program}`: {error}"))
        }
        Err(error) => Err(format!("cannot write the prompt to {}: {error}", file.display())),
    };
    let saved = std::fs::read(&file).map_err(|error| error.kind());
    Ended { program, file, written, status, saved, is_earlier: false }
}

impl From<ExitStatus> for Status {
    fn from(status: ExitStatus) -> Self {
        match status.code() {
            Some(0) => Self::Fine,
            Some(code) => Self::Code(code),
            None => Self::Killed,
        }
    }
}

/// For nobody else to read: a prompt is private.
fn write(file: &Path, words: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().mode(0o700).create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(file)?.write_all(words)
}

fn remove(file: &Path) {
    let _ = std::fs::remove_file(file);
    // Only when the editor has left nothing of its own there.
    if let Some(folder) = file.parent() {
        let _ = std::fs::remove_dir(folder);
    }
}

impl Ended {
    /// The program without its folder, which would take the place of what happened.
    fn called(&self) -> Cow<'_, str> {
        Path::new(&self.program).file_name().unwrap_or_default().to_string_lossy()
    }
}

fn judge(ended: &Ended) -> Verdict {
    let (program, place) = (ended.called(), ended.file.display());
    let stays = |tone: Tone, text: String, keeps_file: bool| Verdict {
        words: None,
        notice: Some(Notice::new(tone, text)),
        keeps_file,
    };
    let hinted = |verdict: Verdict, hint: Hint| Verdict {
        notice: verdict.notice.map(|notice| notice.hint(hint)),
        ..verdict
    };
    let status = match &ended.status {
        Ok(status) => *status,
        Err(problem) => return stays(Tone::Error, problem.clone(), false),
    };
    let why = match status {
        Status::Fine => "ended".to_owned(),
        Status::Code(code) => format!("ended with exit {code}"),
        Status::Killed => "was killed".to_owned(),
    };
    let saved = match &ended.saved {
        Ok(saved) => saved,
        Err(ErrorKind::NotFound) => {
            let text = format!("`{program}` removed its file; the prompt stays as it was");
            return stays(Tone::Warning, text, false);
        }
        Err(error) => {
            return stays(Tone::Error, format!("cannot read {place}: {error}"), true);
        }
    };
    if *saved == ended.written && !ended.is_earlier {
        if status != Status::Fine {
            let text = format!("`{program}` {why}; the prompt stays as it was");
            return stays(Tone::Warning, text, false);
        }
        // A window of its own may still be open on the file.
        let text = format!("`{program}` saved nothing; what it saves later can be taken too");
        let words = "take it; editors such as `code` need `--wait` in EDITOR";
        return hinted(stays(Tone::Info, text, true), Hint::to(CommandId::Editor, words));
    }
    if status != Status::Fine {
        let text = format!("`{program}` {why}; what it saved is kept in {place}");
        let hint = Hint::to(CommandId::Editor, "take it into the prompt");
        return hinted(stays(Tone::Warning, text, true), hint);
    }
    let Some((words, coding)) = decoded(saved) else {
        let text = format!("what `{program}` saved is not text; it is kept in {place}");
        return stays(Tone::Warning, text, true);
    };
    let text = match (coding, ended.is_earlier) {
        (None, false) => None,
        (None, true) => Some("what the editor saved is in the prompt".to_owned()),
        (Some(coding), _) => Some(format!("`{program}` saved {coding}: look at the words")),
    };
    Verdict {
        words: Some(pasted(&words).trim_end().to_owned()),
        notice: text.map(|text| Notice::new(Tone::Info, text)),
        keeps_file: false,
    }
}

/// The text, and what it is coded in where that is not UTF-8.
fn decoded(bytes: &[u8]) -> Option<(String, Option<&'static str>)> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks_exact(2);
        let units = pairs.filter_map(|pair| Some(unit(pair.try_into().ok()?)));
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    if bytes.len() > LONGEST {
        return None;
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some((wide(rest, u16::from_le_bytes)?, Some("UTF-16"))),
        [0xfe, 0xff, rest @ ..] => Some((wide(rest, u16::from_be_bytes)?, Some("UTF-16"))),
        _ if bytes.contains(&0) => None,
        _ => Some(match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (bytes.iter().map(|byte| western(*byte)).collect(), Some("Latin-1")),
        }),
    }
}

/// Latin-1, with what Windows has in the place of its controls.
fn western(byte: u8) -> char {
    const WINDOWS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let place = usize::from(byte).checked_sub(0x80);
    place.and_then(|place| WINDOWS.get(place)).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ended(status: Result<Status, String>, saved: Result<&[u8], ErrorKind>) -> Ended {
        Ended {
            program: "ed".into(),
            file: "/tmp/editree-1/prompt.txt".into(),
            written: b"my draft".to_vec(),
            status,
            saved: saved.map(<[u8]>::to_vec),
            is_earlier: false,
        }
    }

    fn told(verdict: &Verdict) -> String {
        let notice = verdict.notice.as_ref();
        notice.map_or(String::new(), |notice| format!("{}; {:?}", notice.text, notice.hint))
    }

    #[test]
    fn what_an_editor_saves_is_taken_in_every_coding() {
        for (saved, words) in [
            (&b"a red cat\n"[..], "a red cat"),
            (b"\xef\xbb\xbfa red cat", "a red cat"),
            (b"caf\xe9 gr\xfcn \x93hat\x94", "café grün “hat”"),
            (b"\xff\xfea\0 \0\xe9\0", "a é"),
            (b"\xfe\xff\0a\0 \0\xe9", "a é"),
            (b"one\twith tab\r\ntwo \x1b[31mred\x1b[0m\r\n\r\n", "one with tab\ntwo [31mred[0m"),
            (b"", ""),
        ] {
            let verdict = judge(&ended(Ok(Status::Fine), Ok(saved)));
            assert_eq!(verdict.words.as_deref(), Some(words), "{saved:?}");
            assert!(!verdict.keeps_file);
            let is_plain = std::str::from_utf8(saved).is_ok();
            assert_eq!(verdict.notice.is_none(), is_plain, "{}", told(&verdict));
        }
    }

    #[test]
    fn what_cannot_be_taken_is_kept_and_its_place_is_told() {
        let long = vec![b'a'; LONGEST + 1];
        for (status, saved) in [
            (Status::Code(1), &b"long work of mine"[..]),
            (Status::Killed, b"long work of mine"),
            (Status::Fine, b"\x7fELF\0\0\x01"),
            (Status::Fine, b"\xff\xfe\0\xd8a\0"),
            (Status::Fine, &long),
        ] {
            let verdict = judge(&ended(Ok(status), Ok(saved)));
            assert_eq!((verdict.words.as_ref(), verdict.keeps_file), (None, true), "{status:?}");
            let told = told(&verdict);
            assert!(told.contains("/tmp/editree-1/prompt.txt"), "{told}");
        }
    }

    #[test]
    fn an_editor_that_changes_nothing_is_told() {
        let verdict = judge(&ended(Ok(Status::Fine), Ok(b"my draft")));
        assert!(told(&verdict).contains("--wait"), "{}", told(&verdict));
        assert!(verdict.keeps_file && verdict.words.is_none());
        for (status, saved) in [
            (Ok(Status::Code(1)), Ok(&b"my draft"[..])),
            (Ok(Status::Fine), Err(ErrorKind::NotFound)),
            (Err("cannot run `ed`: no such file".into()), Ok(b"my draft")),
        ] {
            let verdict = judge(&ended(status, saved));
            assert!(verdict.notice.is_some() && verdict.words.is_none() && !verdict.keeps_file);
        }
    }

    #[test]
    fn what_an_earlier_editor_saved_is_taken_later() {
        let earlier = Ended { is_earlier: true, ..ended(Ok(Status::Fine), Ok(b"from the window")) };
        let verdict = judge(&earlier);
        assert_eq!(verdict.words.as_deref(), Some("from the window"));
        assert!(verdict.notice.is_some() && !verdict.keeps_file);
    }

    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("editree-1").join("prompt.txt");
        write(&file, b"words").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        remove(&file);
        assert!(!file.parent().unwrap().exists());
    }
}
