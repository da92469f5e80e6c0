//! The loop by keys in every terminal that was measured, and in some that lie: the test answers as
//! each does. What is typed is what stands in the prompt, what is sent is bounded, an idle screen is
//! silent, and nothing is left switched on.
//!
//! A few by default; `EDITREE_TERMINALS=all` tries them all, a name only that one. The table is in
//! the output.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr as _;

use crate::command::photo;
use crate::pty::{Start, Terminal};

/// What `terminals.json` says of each: what was measured, in a window of cells of 9×18 pixels.
#[derive(Clone, Default, serde::Deserialize)]
struct Person {
    environment: BTreeMap<String, String>,
    /// By what is asked; `<W>` and the like stand for sizes.
    answers: BTreeMap<String, String>,
    /// Who is outside of tmux.
    outer: Option<String>,
    #[serde(skip)]
    whims: Whims,
}

/// How one differs from those that were measured.
#[derive(Clone, Copy, Default)]
struct Whims {
    late: Duration,
    is_twice: bool,
    /// It refuses the pictures that it has said OK to.
    refuses: bool,
    /// So many places of pictures are found, and none after them.
    places: Option<usize>,
    /// What another one answers comes after each of its own.
    stranger: &'static str,
}

fn measured() -> BTreeMap<String, Person> {
    serde_json::from_str(include_str!("terminals.json")).unwrap()
}

/// Those that lie, each made of one that does not.
fn liars() -> Vec<(&'static str, Person)> {
    let all = measured();
    let like = |name: &str, whims| Person { whims, ..all[name].clone() };
    let none = Whims::default;
    let silent_to = |name: &str, asked: &str| {
        let mut person = all[name].clone();
        person.answers.insert(asked.into(), String::new());
        person
    };
    let mut mute = all["silent"].clone();
    mute.environment.insert("TERM".into(), "xterm-kitty".into());
    let stranger = "\x1bP>|tmux 3.5a\x1b\\\x1b[?1;2;4c\x1b]11;rgb:2626/2626/2626\x07\x1b[0n";
    vec![
        ("foot, silent to a status", silent_to("foot", "5n")),
        ("kitty, silent to a status", silent_to("kitty", "5n")),
        ("kitty by its variable, silent", mute),
        ("kitty that refuses", like("kitty", Whims { refuses: true, ..none() })),
        ("kitty that loses", like("kitty", Whims { places: Some(3), ..none() })),
        ("kitty, late", like("kitty", Whims { late: Duration::from_secs(3), ..none() })),
        ("kitty, twice", like("kitty", Whims { is_twice: true, ..none() })),
        ("foot, twice", like("foot", Whims { is_twice: true, ..none() })),
        ("foot, and one outside", like("foot", Whims { stranger, ..none() })),
    ]
}

/// One escape, or text up to the next one; and what is behind it. `None`: it is not whole yet.
fn next_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = match bytes {
        [0x1b, b'[', rest @ ..] => 3 + rest.iter().position(|byte| (0x40..0x7f).contains(byte))?,
        [0x1b, b']' | b'_' | b'P', ..] => {
            let mut at = 2;
            loop {
                match bytes.get(at..)? {
                    [0x07, ..] if bytes[1] == b']' => break at + 1,
                    [0x1b, b'\\', ..] => break at + 2,
                    // Doubled, as tmux wants it.
                    [0x1b, 0x1b, ..] => at += 2,
                    [_, _, ..] => at += 1,
                    _ => return None,
                }
            }
        }
        [0x1b, _, ..] => 2,
        [] | [0x1b] => return None,
        text => text.iter().position(|byte| *byte == 0x1b).unwrap_or(text.len()),
    };
    Some(bytes.split_at(end))
}

struct Player {
    terminal: Terminal,
    person: Person,
    outer: Option<Person>,
    seen: usize,
    rest: Vec<u8>,
    /// Row and column.
    cursor: (usize, usize),
    size: (u16, u16),
    due: Vec<(Instant, String)>,
    /// The picture whose upload goes on.
    upload: String,
    placed: usize,
}

impl Player {
    fn start(folder: &std::path::Path, person: &Person) -> Self {
        // A small one: what is late takes long.
        let (small, size) = (folder.join("small.png"), (120, 40));
        image::open(photo("coffee.png")).unwrap().thumbnail(240, 160).save(&small).unwrap();
        let small = small.display().to_string();
        let environment: Vec<_> = person
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let start =
            Start { folder, arguments: &["--sim", &small], size, environment: &environment };
        Self {
            terminal: Terminal::start(&start),
            person: person.clone(),
            outer: person.outer.as_ref().map(|outer| measured()[outer].clone()),
            seen: 0,
            rest: Vec::new(),
            cursor: (0, 0),
            size,
            due: Vec::new(),
            upload: String::new(),
            placed: 0,
        }
    }

    /// Answers what has come since, or comes soon; how many bytes that were.
    fn play(&mut self) -> usize {
        let more = self.terminal.more_than(self.seen, Duration::from_millis(20));
        self.seen += more.len();
        let all = [std::mem::take(&mut self.rest), more.clone()].concat();
        let mut rest = all.as_slice();
        while let Some((part, behind)) = next_part(rest) {
            let part = String::from_utf8_lossy(part).into_owned();
            self.take(&part);
            rest = behind;
        }
        self.rest = rest.to_vec();
        let now = Instant::now();
        let (due, later) = self.due.drain(..).partition(|(at, _)| *at <= now);
        self.due = later;
        let due: Vec<(Instant, String)> = due;
        due.iter().for_each(|(_, answer)| self.terminal.send(answer));
        more.len()
    }

    fn take(&mut self, part: &str) {
        if let Some(wrapped) = part.strip_prefix("\x1bPtmux;") {
            let inside = wrapped.trim_end_matches("\x1b\\").replace("\x1b\x1b", "\x1b");
            if let Some(outer) = self.outer.clone() {
                let own = std::mem::replace(&mut self.person, outer);
                self.ask(&inside);
                self.person = own;
            }
        } else if part.starts_with('\x1b') {
            self.ask(part);
        } else {
            self.cursor.1 += part.width();
        }
    }

    fn ask(&mut self, part: &str) {
        if let Some(code) = part.strip_prefix("\x1b[") {
            if let Some(place) = code.strip_suffix('H') {
                let (row, column) = place.split_once(';').unwrap_or(("1", "1"));
                self.cursor = (row.parse().unwrap_or(1), column.parse().unwrap_or(1));
            } else if code == "6n" && self.person.answers.contains_key(code) {
                self.answer(format!("\x1b[{};{}R", self.cursor.0, self.cursor.1));
            } else {
                self.answer_as_measured(code);
            }
        } else if let Some(code) = part.strip_prefix("\x1b]") {
            self.answer_as_measured(code.trim_end_matches(['\x07', '\\', '\x1b']));
        } else if let Some(code) = part.strip_prefix("\x1b_G") {
            self.take_kitty(code.trim_end_matches("\x1b\\"));
        }
    }

    fn answer_as_measured(&mut self, code: &str) {
        if let Some(answer) = self.person.answers.get(code).filter(|answer| !answer.is_empty()) {
            let (columns, rows) = self.size;
            let sizes = [("<W>", columns * 9), ("<H>", rows * 18), ("<cw>", 9), ("<ch>", 18)];
            let fill =
                |text: String, (name, value): (&str, u16)| text.replace(name, &value.to_string());
            self.answer(sizes.into_iter().fold(answer.clone(), fill));
        }
    }

    fn take_kitty(&mut self, code: &str) {
        let Some(word) = self.person.answers.get("kitty").cloned() else { return };
        let (keys, _) = code.split_once(';').unwrap_or((code, ""));
        let keys: BTreeMap<&str, &str> =
            keys.split(',').filter_map(|pair| pair.split_once('=')).collect();
        let id = keys.get("i").map_or_else(|| self.upload.clone(), |id| (*id).to_owned());
        let is_begun = keys.get("m") == Some(&"1");
        self.upload = if is_begun { id.clone() } else { String::new() };
        let whims = self.person.whims;
        match (keys.get("a"), is_begun) {
            (Some(&"q"), _) => self.answer(format!("\x1b_Gi={id};{word}\x1b\\")),
            (None | Some(&"t"), false) if whims.refuses || word != "OK" => {
                self.answer(format!("\x1b_Gi={id};EINVAL:no such format\x1b\\"));
            }
            (Some(&"p"), _) => {
                self.placed += 1;
                if whims.places.is_some_and(|most| self.placed > most) {
                    self.answer(format!("\x1b_Gi={id},p=1;ENOENT:image not found\x1b\\"));
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, answer: String) {
        let whims = self.person.whims;
        let answer = if whims.is_twice { answer.repeat(2) } else { answer };
        let answer = answer + whims.stranger;
        self.due.push((Instant::now() + whims.late, answer));
    }

    fn wait(&mut self, what: &str, is_there: impl Fn(&str) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !is_there(&self.terminal.screen()) {
            self.play();
            assert!(Instant::now() < end, "`{what}` in vain:\n{}", self.terminal.screen());
        }
    }

    fn wait_for(&mut self, words: &str) {
        self.wait(words, |screen| screen.contains(words));
    }

    /// Until nothing has come for a while and nothing is owed; a screen that never rests fails.
    fn rest(&mut self, name: &str) {
        let (mut since, end) = (Instant::now(), Instant::now() + Duration::from_secs(240));
        while since.elapsed() < Duration::from_millis(1_500) || !self.due.is_empty() {
            if self.play() > 0 {
                since = Instant::now();
            }
            assert!(Instant::now() < end, "{name} never rests: {} bytes", self.seen);
        }
    }
}

/// What was seen, for the table.
struct Row {
    shows: String,
    bytes: usize,
    took: Duration,
}

fn try_out(name: &str, person: &Person) -> Row {
    let (folder, began) = (tempfile::tempdir().unwrap(), Instant::now());
    let mut player = Player::start(folder.path(), person);
    player.wait_for("from n1 as");
    player.rest(name);
    player.terminal.send("a red hat");
    player.wait(name, |screen| screen.lines().any(|line| is_prompt(line, "a red hat")));
    player.terminal.send("\r");
    player.wait_for("from n2 ");
    player.rest(name);
    player.terminal.send("\x1bOP");
    player.wait_for("close");
    player.terminal.send("\x1b");
    player.wait_for("from n2 ");
    player.size = (100, 30);
    player.terminal.resize(100, 30);
    player.wait_for("from n2 ");
    player.rest(name);
    player.terminal.send("\x1bh");
    player.wait_for("[6] n1 ");
    player.rest(name);
    player.terminal.send("Δ n");
    player.wait(name, |screen| screen.lines().any(|line| is_prompt(line, "Δ n")));
    let screen = player.terminal.screen();
    let shows = screen.lines().next().unwrap_or_default().trim().to_owned();
    let first = " editree  SIMULATOR ";
    assert!(shows.starts_with(first.trim_start()), "{name}: the first row is `{shows}`");
    player.terminal.send("\x03");
    player.play();
    let end = player.terminal.end();
    assert_eq!((end.code, &end.left_on), (0, &vec![]), "{name}");
    assert_all_is_off(name, &end.bytes);
    assert!(end.bytes.len() < MOST, "{name}: {} bytes", end.bytes.len());
    Row { shows, bytes: end.bytes.len(), took: began.elapsed() }
}

/// Two pictures in two sizes each, sent twice at worst.
const MOST: usize = 6 << 20;

/// The words of the prompt end where two blanks follow.
fn is_prompt(line: &str, words: &str) -> bool {
    let line = line.trim_start_matches(['▌', ' ']);
    line.strip_prefix("[1] ").is_some_and(|rest| {
        rest.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with("  "))
    })
}

fn assert_all_is_off(name: &str, bytes: &[u8]) {
    let count = |code: &str| {
        let whole = format!("\x1b{code}");
        bytes.windows(whole.len()).filter(|window| *window == whole.as_bytes()).count()
    };
    for mode in ["1049", "2004", "1004", "2031", "2027", "1000"] {
        let (on, off) = (count(&format!("[?{mode}h")), count(&format!("[?{mode}l")));
        assert!(off >= on, "{name}: {mode} is on {on} times, off {off}");
    }
    assert_eq!(count("[>5u"), count("[<1u"), "{name}: kitty's keyboard");
    assert_eq!(count("]72;t=a;"), count("]72;t=A"), "{name}: drops");
    assert_eq!(count("[22;2t"), count("[23;2t"), "{name}: titles");
}

#[test]
fn the_loop_goes_in_every_terminal() {
    let wanted = std::env::var("EDITREE_TERMINALS").unwrap_or_default();
    let short = ["tmux", "hterm", "libghostty-raw"];
    let mut people: Vec<(String, Person)> = measured().into_iter().collect();
    people.extend(liars().into_iter().map(|(name, person)| (name.to_owned(), person)));
    people.retain(|(name, _)| match wanted.as_str() {
        // Who answers late takes minutes.
        "" => short.contains(&name.as_str()) || (name.contains(' ') && !name.contains("late")),
        "all" => true,
        one => name == one,
    });
    let people = std::sync::Mutex::new(people.into_iter());
    let rows = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((name, person)) = people.lock().unwrap().next() else { return };
                    let row = try_out(&name, &person);
                    rows.lock().unwrap().push((name, row));
                }
            });
        }
    });
    for (name, row) in rows.into_inner().unwrap() {
        let kilobytes = row.bytes.div_ceil(1_000);
        println!("{name:32} {kilobytes:5} kB {:5.1} s  {}", row.took.as_secs_f64(), row.shows);
    }
}
