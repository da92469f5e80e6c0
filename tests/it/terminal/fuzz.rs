//! Keys out are keys in: for every scripted terminal, in every state of the workbench, wherever its
//! replies come between the keys and however all of it is split.
//!
//! Short by default; `EDITREE_FUZZ=100000` tries as many cases.

use crossterm::event::Event;
use editree::terminal::filter::{Filter, Sorted};
use editree::terminal::parser::Parser;
use proptest::prelude::*;

use crate::graphics::scripts::{Script, all};
use crate::support::driver::Driver;

/// Keys that lead to the state, for a picture that is open.
const STATES: [&str; 9] =
    ["", "a draft", "<Esc>", "<Esc>:", "<Esc> ", "<Esc>?", "<Esc>S", "<Esc>gp", "<C-r>"];

/// None of them is a lone escape, which time alone tells from what follows.
const KEYS: [&[u8]; 26] = [
    b"a",
    b"n",
    b"0",
    b"c",
    b"r",
    b"u",
    b"y",
    b"t",
    b"S",
    b"[",
    b"1",
    b" ",
    b"?",
    b":",
    "é".as_bytes(),
    "с".as_bytes(),
    "漢".as_bytes(),
    b"\t",
    b"\x7f",
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1bh",
    b"\x1b[97;5u",
    b"\x1b[1089::99;3u",
    b"\x1bOx",
    b"\x1b[1;2R",
];

/// What terminals answer besides: late, twice, in other forms, from outside of a multiplexer.
const MORE: [&[u8]; 17] = [
    b"\x1b[0n",
    b"\x1b[0n\x1b[0n\x1b[0n",
    b"\x1b[3n",
    b"\x1b[2;1R",
    b"\x1b[1;1R",
    b"\x1b[?1007;1$y",
    b"\x1b[?2027;0$y",
    b"\x1b_Gi=12954626,p=1;OK\x1b\\",
    b"\x1b_Gi=12954626;EINVAL:unsupported\x1b\\",
    b"\x1b_Gi=12954626,p=1;ENOENT:gone\x1b\\",
    b"\x1b_Gi=1;ENOSPC:quota\x1b\\",
    b"\x1b]11;rgb:2626/2626/2626\x07",
    b"\x1b[?997;2n",
    b"\x1b[>83;50000;0c",
    b"\x1b]72;t=q\x1b\\",
    b"\x1b]72;t=m:x=3:y=4:X=30:Y=70:o=3;text/uri-list image/png\x1b\\",
    b"\x1b]72;t=r:x=1:m=1;bm8gcGljdHVyZQ==\x1b\\",
];

#[derive(Clone, Copy, Debug)]
enum Part {
    Key(usize),
    /// The next one of the script.
    Reply,
    More(usize),
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![
        3 => (0..KEYS.len()).prop_map(Part::Key),
        3 => Just(Part::Reply),
        2 => (0..MORE.len()).prop_map(Part::More),
    ];
    proptest::collection::vec(part, 1..24)
}

/// As the input thread does it.
fn events(filter: &mut Filter, parser: &mut Parser, bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    for sorted in filter.feed(bytes) {
        match sorted {
            Sorted::Keys(keys) => events.extend(parser.parse(&keys)),
            Sorted::Paste(text) => {
                events.push(Event::Paste(String::from_utf8_lossy(&text).into_owned()));
            }
            Sorted::PasteEnd => events.push(Event::Paste(String::new())),
            Sorted::Reply(_) => {}
        }
    }
    events
}

fn alone(parts: &[Part]) -> Vec<Event> {
    let (mut filter, mut parser) = (Filter::default(), Parser::default());
    let keys = parts.iter().filter_map(|part| match part {
        Part::Key(key) => Some(KEYS[*key]),
        Part::Reply | Part::More(_) => None,
    });
    keys.flat_map(|key| events(&mut filter, &mut parser, key)).collect()
}

fn mixed(parts: &[Part], replies: &[String], sizes: &[usize]) -> Vec<Event> {
    let mut replies = replies.iter();
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|part| match part {
            Part::Key(key) => KEYS[*key].to_vec(),
            Part::Reply => replies.next().map_or(Vec::new(), |reply| reply.clone().into_bytes()),
            Part::More(more) => MORE[*more].to_vec(),
        })
        .collect();
    let (mut filter, mut parser) = (Filter::default(), Parser::default());
    let (mut out, mut rest) = (Vec::new(), bytes.as_slice());
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, later) = rest.split_at((*size).min(rest.len()));
        out.extend(events(&mut filter, &mut parser, chunk));
        rest = later;
    }
    out
}

/// An escape within an answer is its end, for terminals and for us: none is a part of a name.
fn terminals() -> Vec<Script> {
    let is_whole = |reply: &String| reply.matches('\x1b').count() <= 2;
    all().into_iter().filter(|script| script.replies.iter().all(is_whole)).collect()
}

fn cases() -> u32 {
    let asked = std::env::var("EDITREE_FUZZ").ok().and_then(|cases| cases.parse().ok());
    asked.unwrap_or(300)
}

/// What a person finds after these events.
fn left(state: &str, events: Vec<Event>) -> (String, String) {
    let mut driver = Driver::new(80, 24);
    driver.is_strange = true;
    driver.press(state);
    driver.send(events);
    driver.rest();
    (driver.model().draft.prompt.clone(), driver.screen())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replies_never_become_keys_nor_keys_replies(
        parts in parts(), script in 0..1000_usize, sizes in proptest::collection::vec(1..12_usize, 1..20)
    ) {
        let scripts = terminals();
        let script = &scripts[script % scripts.len()];
        prop_assert_eq!(mixed(&parts, &script.replies, &sizes), alone(&parts), "{}", script.name);
    }
}

/// Every terminal in every state, and all of its answers between two letters: three bytes a read.
#[test]
fn no_answer_of_any_terminal_changes_anything_in_any_state() {
    let (before, after) = (Part::Key(0), Part::Key(4));
    let mut parts = vec![before];
    parts.extend([Part::Reply; 12]);
    parts.extend((0..MORE.len()).map(Part::More));
    parts.push(after);
    for state in STATES {
        let expected = left(state, alone(&parts));
        for script in terminals() {
            let got = left(state, mixed(&parts, &script.replies, &[3]));
            assert_eq!(got, expected, "{} in `{state}`", script.name);
        }
    }
}
