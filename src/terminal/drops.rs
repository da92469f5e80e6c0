//! Pictures that are dropped on the terminal's window, also from the person's machine over ssh: the
//! accepting side of OSC 72, by kitty's page on its drag and drop protocol (kitty 0.47 to 0.49).
//!
//! Pure but for `this_machine`: says what to send, takes the replies, asks no clock. One drop at a
//! time. Invariant: what arrives never grows beyond [`MOST`], and every drop ends.
//!
//! ```text
//!  drop ─► list of kinds ─► a picture's bytes ───────────────────────────────► picture
//!                       └─► list of files ─┬─ on this machine ───────────────► pasted names
//!                                          └─ on the person's: file by file ─► pictures
//! ```

use std::time::{Duration, Instant};

use super::clipboard::{FILES, KINDS};

/// All pictures of one drop have no more bytes.
pub const MOST: usize = 64 << 20;
/// A drop of more files is one of a folder's.
pub const MOST_FILES: usize = 32;
/// Between two pieces, on a slow line.
const STALLED: Duration = Duration::from_secs(30);
/// Lists of kinds and of files.
const LONGEST_LIST: usize = 64 << 10;
pub(super) const BEGIN: &[u8] = b"\x1b]72;";
pub(super) const DROPS_OFF: &[u8] = b"\x1b]72;t=A\x1b\\";
/// Of these a terminal makes a paste where nobody asks for drops, and so do we.
const WORDS: [&str; 2] = ["text/plain;charset=utf-8", "text/plain"];

/// A picture's file, and what it is called.
pub type File = (String, Vec<u8>);

/// What is dropped, and how far it has come.
#[derive(Debug)]
pub struct Drops {
    is_picture: fn(&str) -> bool,
    /// The list of kinds that was answered last, while something hovers.
    hovers: Option<String>,
    /// The words of a code whose payload goes on in the next one, and its payload so far.
    open: Option<(String, String)>,
    drop: Option<Drop>,
    /// When it is given up.
    due: Option<Instant>,
}

#[derive(Debug)]
struct Drop {
    /// Its place in the terminal's list of kinds.
    kind: u32,
    what: What,
    bytes: Vec<u8>,
    files: Vec<File>,
    /// Pictures of its list that are not asked for.
    left_out: usize,
}

#[derive(Debug)]
enum What {
    Picture,
    Words,
    List {
        is_elsewhere: bool,
    },
    /// Places and names, the first of which is being sent.
    Files(Vec<(u32, String)>),
}

/// What a reply has led to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// To be sent now.
    pub say: Vec<u8>,
    pub news: Option<Dropped>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Dropped {
    /// It has begun to come.
    Coming,
    /// The terminal will let nothing fall here.
    InVain,
    /// As if it had been pasted.
    Paste(String),
    /// What has come, and why not all of it has.
    Pictures(Vec<File>, Option<DropFailure>),
}

/// Why nothing came of it, or not all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropFailure {
    #[error("what is dropped is larger than {} MB", MOST >> 20)]
    TooLarge,
    #[error("the words or the list that is dropped has more than {} kB", LONGEST_LIST >> 10)]
    TooLong,
    #[error("files left out: {0}; at most {MOST_FILES} are taken at a time")]
    LeftOut(usize),
    #[error("the terminal stopped in the middle of what was dropped")]
    Stalled,
    #[error("`{0}` is no file but a folder or a link to one")]
    NoFile(String),
    #[error("nothing is in what was dropped")]
    Empty,
    #[error("what was dropped cannot be read: the terminal answers `{0}`")]
    Other(String),
}

/// One code of the protocol.
struct Code<'a> {
    words: &'a str,
    payload: &'a str,
}

impl Code<'_> {
    fn word(&self, key: &str) -> Option<&str> {
        let words = self.words.split(':').filter_map(|word| word.split_once('='));
        words.into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    fn number(&self, key: &str) -> u32 {
        self.word(key).and_then(|value| value.parse().ok()).unwrap_or_default()
    }
}

impl Drops {
    /// Takes files whose names pass.
    pub fn of(is_picture: fn(&str) -> bool) -> Self {
        Self { is_picture, hovers: None, open: None, drop: None, due: None }
    }

    /// When to give up, while something is under way.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Takes a reply; `None`: it is none of what is dropped.
    pub fn take(&mut self, reply: &[u8], now: Instant) -> Option<Heard> {
        let text = reply.strip_prefix(BEGIN)?;
        let text = text.strip_suffix(b"\x1b\\").or_else(|| text.strip_suffix(b"\x07"))?;
        let text = String::from_utf8_lossy(text);
        let (words, payload) = text.split_once(';').unwrap_or((&text, ""));
        let code = Code { words, payload };
        if code.word("t") == Some("q") {
            return None;
        }
        let Some((words, payload)) = self.join(&code) else {
            return Some(self.go_on(now));
        };
        let code = Code { words: &words, payload: &payload };
        Some(match code.word("t") {
            Some("m") => self.hover(&code),
            Some("M") => self.begin(&code, now),
            Some("r") if self.is_asked(&code) => self.take_data(&code, now),
            Some("R") if self.is_asked(&code) => self.end(Some(failure(&payload))),
            // Of something that was given up.
            _ => Heard::default(),
        })
    }

    /// Nothing came for too long.
    pub fn expire(&mut self, now: Instant) -> Option<Heard> {
        self.due.filter(|due| *due <= now)?;
        Some(self.end(Some(DropFailure::Stalled)))
    }

    /// A list that comes in parts, whole at its end; data as it comes. Only the first of several
    /// parts need say what it is of.
    fn join(&mut self, code: &Code<'_>) -> Option<(String, String)> {
        let (first, mut all) = match self.open.take() {
            Some(open)
                if code.word("t").is_none_or(|kind| open.0.contains(&format!("t={kind}"))) =>
            {
                open
            }
            _ => (code.words.to_owned(), String::new()),
        };
        let is_data = Code { words: &first, payload: "" }.word("t") == Some("r");
        all.extend(code.payload.chars().filter(char::is_ascii));
        if code.number("m") == 0 {
            return Some((first, all));
        }
        // What does not make whole bytes yet waits for more.
        let rest = if is_data { all.split_off(all.len() & !3) } else { String::new() };
        let done = is_data.then(|| (first.clone(), std::mem::take(&mut all)));
        let kept = if is_data { rest } else { all };
        self.open = (kept.len() <= LONGEST_LIST).then_some((first, kept));
        done.filter(|(_, data)| !data.is_empty())
    }

    /// Says once for each list whether it will be taken.
    fn hover(&mut self, code: &Code<'_>) -> Heard {
        let is_corner = ["x", "y", "X", "Y"].iter().all(|key| code.word(key) == Some("0"));
        if code.word("x").is_some_and(|x| x.starts_with('-')) {
            self.hovers = None;
        } else if is_corner && self.hovers.is_none() {
            // On X11 kitty 0.48 tells of the beginning so, wherever it is, and takes only a yes that
            // comes before it has asked.
            self.hovers = Some(code.payload.to_owned());
            return Heard { say: Vec::new(), news: Some(Dropped::InVain) };
        } else if !code.payload.is_empty() && self.hovers.as_deref() != Some(code.payload) {
            self.hovers = Some(code.payload.to_owned());
            let offered: Vec<&str> = code.payload.split_ascii_whitespace().collect();
            let taken = kinds().filter(|kind| offered.contains(kind));
            let taken: Vec<&str> = taken.collect();
            return say(match taken.is_empty() {
                true => "t=m:o=0".to_owned(),
                false => format!("t=m:o=1;{}", taken.join(" ")),
            });
        }
        Heard::default()
    }

    fn begin(&mut self, code: &Code<'_>, now: Instant) -> Heard {
        // The terminal has forgotten the one before.
        let before = self
            .drop
            .take()
            .map(|before| Dropped::Pictures(before.files, Some(DropFailure::Stalled)));
        (self.hovers, self.due) = (None, None);
        let offered = || code.payload.split_ascii_whitespace();
        let Some(kind) = kinds().find(|kind| offered().any(|it| it == *kind)) else {
            return Heard { news: before, ..say("t=r:o=0".into()) };
        };
        let place = offered().zip(1..).find(|(it, _)| *it == kind).map_or(1, |(_, place)| place);
        let what = match kind {
            FILES => What::List { is_elsewhere: false },
            kind if kind.starts_with("image/") => What::Picture,
            _ => What::Words,
        };
        let news = before.or_else(|| matches!(what, What::Picture).then_some(Dropped::Coming));
        self.drop =
            Some(Drop { kind: place, what, bytes: Vec::new(), files: Vec::new(), left_out: 0 });
        self.due = Some(now + STALLED);
        Heard { news, ..say(format!("t=r:x={place}")) }
    }

    /// Whether this is of what was asked for last.
    fn is_asked(&self, code: &Code<'_>) -> bool {
        self.drop.as_ref().is_some_and(|drop| {
            let file = match &drop.what {
                What::Files(left) => left.first().map_or(0, |(place, _)| *place),
                What::Picture | What::Words | What::List { .. } => 0,
            };
            (code.number("x"), code.number("y")) == (drop.kind, file) && code.number("Y") == 0
        })
    }

    fn go_on(&mut self, now: Instant) -> Heard {
        self.due = self.drop.is_some().then(|| now + STALLED);
        Heard::default()
    }

    fn take_data(&mut self, code: &Code<'_>, now: Instant) -> Heard {
        let Some(drop) = &mut self.drop else { return Heard::default() };
        let mark = code.number("X");
        match &mut drop.what {
            What::List { is_elsewhere } => *is_elsewhere |= mark == 1,
            // A link's target, or a folder's list.
            What::Files(left) if mark != 0 => {
                let name = left.first().map_or_else(String::new, |(_, name)| name.clone());
                return self.end(Some(DropFailure::NoFile(name)));
            }
            What::Files(_) | What::Picture | What::Words => {}
        }
        if code.payload.is_empty() {
            return self.end_of_data(now);
        }
        let Ok(piece) = base64_simd::forgiving_decode_to_vec(code.payload.as_bytes()) else {
            return self.end(Some(DropFailure::Other("data that is no base64".into())));
        };
        let (most, failure) = match drop.what {
            What::Picture | What::Files(_) => (MOST, DropFailure::TooLarge),
            What::Words | What::List { .. } => (LONGEST_LIST, DropFailure::TooLong),
        };
        let so_far: usize = drop.files.iter().map(|(_, bytes)| bytes.len()).sum();
        if so_far + drop.bytes.len() + piece.len() > most {
            return self.end(Some(failure));
        }
        drop.bytes.extend(piece);
        self.go_on(now)
    }

    fn end_of_data(&mut self, now: Instant) -> Heard {
        let Some(drop) = &mut self.drop else { return Heard::default() };
        let bytes = std::mem::take(&mut drop.bytes);
        match &mut drop.what {
            What::Picture if bytes.is_empty() => return self.end(Some(DropFailure::Empty)),
            What::Picture => drop.files.push(("dropped".into(), bytes)),
            What::Files(left) => drop.files.push((left.remove(0).1, bytes)),
            What::Words => return self.paste(bytes),
            What::List { is_elsewhere } => {
                let wanted =
                    if *is_elsewhere { wanted(&bytes, self.is_picture) } else { Vec::new() };
                if wanted.is_empty() {
                    return self.paste(bytes);
                }
                drop.left_out = wanted.len().saturating_sub(MOST_FILES);
                drop.what = What::Files(wanted.into_iter().take(MOST_FILES).collect());
                return Heard { news: Some(Dropped::Coming), ..self.ask_next(now) };
            }
        }
        self.ask_next(now)
    }

    /// The next file, or the end.
    fn ask_next(&mut self, now: Instant) -> Heard {
        match self.drop.as_ref().map(|drop| (drop.kind, &drop.what)) {
            Some((kind, What::Files(left))) if let Some((place, _)) = left.first() => {
                self.due = Some(now + STALLED);
                say(format!("t=r:x={kind}:y={place}"))
            }
            _ => {
                let left_out = self.drop.as_ref().map_or(0, |drop| drop.left_out);
                self.end((left_out > 0).then_some(DropFailure::LeftOut(left_out)))
            }
        }
    }

    fn paste(&mut self, text: Vec<u8>) -> Heard {
        (self.drop, self.due, self.open) = (None, None, None);
        let text = String::from_utf8_lossy(&text).into_owned();
        Heard { news: Some(Dropped::Paste(text)), ..say("t=r:o=1".into()) }
    }

    /// What has come is kept.
    fn end(&mut self, failure: Option<DropFailure>) -> Heard {
        let files = self.drop.take().map_or_else(Vec::new, |drop| drop.files);
        (self.due, self.open) = (None, None);
        let is_done = matches!(failure, None | Some(DropFailure::LeftOut(_)));
        let ended = if is_done { "t=r:o=1" } else { "t=r:o=0" };
        Heard { news: Some(Dropped::Pictures(files, failure)), ..say(ended.into()) }
    }
}

fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().chain(WORDS)
}

fn say(words: String) -> Heard {
    Heard { say: [BEGIN, words.as_bytes(), b"\x1b\\"].concat(), news: None }
}

/// Places in the list, and names, of files that may be pictures.
fn wanted(list: &[u8], is_picture: fn(&str) -> bool) -> Vec<(u32, String)> {
    let list = String::from_utf8_lossy(list);
    let addresses = list.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    let name = |address: &str| {
        let path = address.strip_prefix("file://")?;
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        path.rsplit('/').next().map(|name| name.chars().take(120).collect::<String>())
    };
    let named = addresses.zip(1..).filter_map(|(address, place)| Some((place, name(address)?)));
    named.filter(|(_, name)| is_picture(name)).collect()
}

/// `ENOENT:what it says`.
fn failure(payload: &str) -> DropFailure {
    let code = payload.split(':').next().unwrap_or_default();
    DropFailure::Other(code.chars().filter(char::is_ascii_alphanumeric).take(20).collect())
}

/// Tells the terminal to tell of drops, and which machine this is: of another one it sends the files.
pub(super) fn switch_on(machine: &str) -> Vec<u8> {
    let kinds = kinds().collect::<Vec<_>>().join(" ");
    format!("\x1b]72;t=a;{kinds}\x1b\\\x1b]72;t=a:x=1;{machine}\x1b\\").into_bytes()
}

/// As the protocol calls this machine. Where that is not known, a version that no terminal knows
/// stands for "another one", whose files are sent.
pub(super) fn this_machine() -> String {
    const KEY: &[u8] = b"tty-dnd-protocol-machine-id";
    let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    match id.trim_end() {
        "" => "0:unknown".to_owned(),
        id => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, KEY);
            let tag = ring::hmac::sign(&key, id.as_bytes());
            let hash: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("1:{hash}")
        }
    }
}
