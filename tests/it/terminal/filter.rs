//! The input filter: keys out are keys in, replies out are replies in.

use editree::terminal::filter::{Filter, Sorted};
use proptest::prelude::*;

const REPLIES: [&[u8]; 18] = [
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b_Gi=7,p=1;ENOENT:gone\x1b\\",
    b"\x1bP>|kitty(0.41.1)\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1bP1$r0m\x1b\\",
    b"\x1bP!|464f4f54\x1b\\",
    b"\x1b]11;rgb:1414/1616/1a1a\x1b\\",
    b"\x1b]11;rgb:1414/1616/1a1a\x07",
    b"\x1b[?2026;2$y",
    b"\x1b[?2;0;992;720S",
    b"\x1b[?62;4c",
    b"\x1b[>1;4000;29c",
    b"\x1b[0n",
    b"\x1b[6;20;10t",
    b"\x1b[?997;1n",
    b"\x1b[?1u",
    b"\x1b[2;1R",
    b"\x1b[1;1R",
];
/// What none of these begins with must not stand alone at the end: see the tests below.
const KEYS: [&[u8]; 22] = [
    b"a",
    "é漢👍".as_bytes(),
    b"\r",
    b"\n",
    b"\x03",
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1bOP",
    b"\x1bh",
    b"\x1b\x7f",
    b"\x1b\r",
    b"\x1b[97;5u",
    b"\x1b[<0;3;4M",
    b"\x1b[M !!",
    b"\x1b[3~",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[c",
    b"\x1b[[A",
    b"\x1b[1;5R",
    b"\x1b[Z",
    b"\x1b[12;34R",
];
const PASTES: [&[u8]; 5] = [
    b"paste \x1b_Gi=1;OK\x1b\\ \x1b[0n more",
    b"",
    b"\x1b[201\x1b[200~\x1b[201",
    b"lines\r\nand \x1b\x1b[A lines\n",
    "漢字 \x1b]11;?".as_bytes(),
];

/// Neighbours of one kind joined: how they were cut is another matter.
fn joined(sorted: Vec<Sorted>) -> Vec<Sorted> {
    let mut out: Vec<Sorted> = Vec::new();
    for part in sorted {
        match (out.last_mut(), part) {
            (Some(Sorted::Keys(before)), Sorted::Keys(more)) => before.extend(more),
            (_, part) => out.push(part),
        }
    }
    out
}

fn filtered(chunks: &[&[u8]]) -> Vec<Sorted> {
    let mut filter = Filter::default();
    let mut out: Vec<Sorted> = chunks.iter().flat_map(|chunk| filter.feed(chunk)).collect();
    out.extend(filter.release());
    joined(out)
}

fn bytes(sorted: &Sorted) -> Vec<u8> {
    match sorted {
        Sorted::Keys(bytes) | Sorted::Reply(bytes) => bytes.clone(),
        Sorted::Paste(text) => [b"\x1b[200~", text.as_slice(), b"\x1b[201~"].concat(),
        Sorted::PasteEnd => b"\x1b[201~".to_vec(),
    }
}

fn part() -> impl Strategy<Value = Sorted> {
    prop_oneof![
        (0..REPLIES.len()).prop_map(|at| Sorted::Reply(REPLIES[at].to_vec())),
        (0..KEYS.len()).prop_map(|at| Sorted::Keys(KEYS[at].to_vec())),
        (0..PASTES.len()).prop_map(|at| Sorted::Paste(PASTES[at].to_vec())),
    ]
}

#[test]
fn every_reply_is_known_when_split_at_any_byte() {
    for reply in REPLIES {
        for at in 0..=reply.len() {
            let (first, rest) = reply.split_at(at);
            let wanted = vec![
                Sorted::Keys(b"a".to_vec()),
                Sorted::Reply(reply.to_vec()),
                Sorted::Keys("é".into()),
            ];
            let got = filtered(&[b"a", first, rest, "é".as_bytes()]);
            assert_eq!(got, wanted, "{reply:?} split at {at}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replies_keys_and_pastes_are_told_apart_however_they_are_mixed_and_split(
        parts in proptest::collection::vec(part(), 0..24), sizes in proptest::collection::vec(1usize..9, 1..40)
    ) {
        let all: Vec<u8> = parts.iter().flat_map(bytes).collect();
        let (mut chunks, mut rest) = (Vec::new(), all.as_slice());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, later) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = later;
        }
        prop_assert_eq!(filtered(&chunks), joined(parts));
    }

    #[test]
    fn no_byte_is_ever_lost_or_moved(
        noise in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0x1b), Just(b'['), Just(b'G'), Just(b'_'), Just(b'\\')], 0..300)
    ) {
        // An open paste keeps what it has: close it.
        let noise = [noise.as_slice(), b"\x1b[201~"].concat();
        let out: Vec<u8> = filtered(&noise.chunks(1).collect::<Vec<_>>()).iter().flat_map(bytes).collect();
        prop_assert_eq!(out, noise);
    }
}

#[test]
fn a_lone_escape_is_in_doubt_and_then_a_key() {
    let mut filter = Filter::default();
    assert_eq!(filter.feed(b"\x1b"), []);
    assert!(filter.is_in_doubt());
    assert_eq!(filter.release(), [Sorted::Keys(b"\x1b".to_vec())]);
    assert!(!filter.is_in_doubt());
}

#[test]
fn escapes_are_parsed_one_by_one() {
    // `ESC ESC [ A` in one go would be taken for Esc, `[` and `A`.
    let mut filter = Filter::default();
    let wanted = [Sorted::Keys(b"\x1b".to_vec()), Sorted::Keys(b"\x1b[Ab".to_vec())];
    assert_eq!(filter.feed(b"\x1b\x1b[Ab"), wanted);
    // And what is pressed after an escape was let go is not held against it.
    filter.feed(b"\x1b");
    assert_eq!(filter.release(), [Sorted::Keys(b"\x1b".to_vec())]);
    assert_eq!(filter.feed(b"a"), [Sorted::Keys(b"a".to_vec())]);
}

#[test]
fn a_reply_that_has_begun_may_come_as_late_as_it_likes() {
    for reply in REPLIES {
        let mut filter = Filter::default();
        let (begun, rest) = reply.split_at(3);
        filter.feed(begun);
        for (at, byte) in rest.iter().enumerate() {
            assert!(!filter.is_in_doubt(), "{reply:?}");
            let is_last = at + 1 == rest.len();
            let wanted = is_last.then(|| Sorted::Reply(reply.to_vec()));
            assert_eq!(filter.feed(&[*byte]).pop(), wanted, "{reply:?}");
        }
    }
}

/// hterm 1.78 answers a status with what Alt-0 and `n` send.
#[test]
fn an_answer_that_looks_like_two_keys_is_one_while_it_is_due() {
    for at in 0..=3 {
        let mut filter = Filter::default();
        filter.expect_status(true);
        let (first, rest) = b"\x1b0n".split_at(at);
        let got = joined([filter.feed(first), filter.feed(rest), filter.feed(b"n")].concat());
        assert_eq!(got, [Sorted::Reply(b"\x1b0n".to_vec()), Sorted::Keys(b"n".to_vec())], "{at}");
    }
    // Other keys stay what they are, and so do these once it is not due.
    let mut filter = Filter::default();
    filter.expect_status(true);
    assert_eq!(joined(filter.feed(b"\x1b0a\x1b1")), [Sorted::Keys(b"\x1b0a\x1b1".to_vec())]);
    filter.expect_status(false);
    assert_eq!(joined(filter.feed(b"\x1b0n")), [Sorted::Keys(b"\x1b0n".to_vec())]);
}

#[test]
fn an_answer_that_ends_with_an_escape_alone_is_one_before_the_next() {
    let got = filtered(&[b"\x1b]11;rgb:1414/1616/1a1a\x1b", b"\x1b[?1;2c"]);
    let colour = Sorted::Reply(b"\x1b]11;rgb:1414/1616/1a1a\x1b".to_vec());
    assert_eq!(got, [colour, Sorted::Reply(b"\x1b[?1;2c".to_vec())]);
}

#[test]
fn a_reply_whose_end_was_lost_does_not_swallow_what_is_pressed() {
    let got = filtered(&[b"\x1b_Gi=31;O", b"\x03"]);
    assert_eq!(got, [Sorted::Keys(b"\x1b_Gi=31;O\x03".to_vec())]);
    let got = filtered(&[b"\x1b]11;rgb", b"\x1b[A"]);
    assert_eq!(got, [Sorted::Keys(b"\x1b]11;rgb\x1b[A".to_vec())]);
}

#[test]
fn garbage_without_end_is_let_go() {
    let garbage = [b"\x1b_G".as_slice(), &[b'A'; 10_000]].concat();
    assert_eq!(filtered(&[&garbage]), [Sorted::Keys(garbage.clone())]);
}

#[test]
fn a_paste_of_many_megabytes_comes_in_parts_and_whole() {
    let text = "漢字 ab\n".repeat(1_000_000);
    let all = [b"\x1b[200~", text.as_bytes(), b"\x1b[201~"].concat();
    let mut filter = Filter::default();
    let parts = filter.feed(&all);
    assert!(parts.len() > 1);
    let mut got = String::new();
    for part in parts {
        let Sorted::Paste(part) = part else { panic!("{part:?}") };
        got.push_str(std::str::from_utf8(&part).unwrap());
    }
    assert!(got == text);
}

#[test]
fn a_paste_without_end_is_given_up_and_kept() {
    let paste = |text: &[u8]| Sorted::Paste(text.to_vec());
    let given_up = |chunks: &[&[u8]]| {
        let mut filter = Filter::default();
        assert_eq!(filter.feed(b"\x1b[200~"), []);
        for (place, chunk) in chunks.iter().enumerate() {
            if place > 0 {
                filter.pause();
            }
            assert_eq!(filter.feed(chunk), []);
        }
        assert!(filter.is_pasting());
        let sorted = filter.give_up();
        assert!(!filter.is_pasting() && filter.give_up().is_empty());
        // Keys live again.
        assert_eq!(filter.feed(b"a"), [Sorted::Keys(b"a".to_vec())]);
        sorted
    };
    assert_eq!(given_up(&[b"hello"]), [paste(b"hello")]);
    // A part of the closing bracket is no text.
    for end in 1..6 {
        let closing = b"\x1b[201~".get(..end).unwrap();
        assert_eq!(given_up(&[b"hello", closing]), [paste(b"hello")], "{end}");
    }
    // Ctrl-C is heard when it came after a pause; in the middle of text it is a part of it.
    let interrupt = Sorted::Keys(b"\x03".to_vec());
    assert_eq!(given_up(&[b"hello", b"\x03"]), [paste(b"hello"), interrupt.clone()]);
    assert_eq!(given_up(&[b"hello", b"?", b"\x03"]), [paste(b"hello?"), interrupt]);
    assert_eq!(given_up(&[b"hel\x03lo", b"?"]), [paste(b"hel\x03lo?")]);
    // An Enter after a pause may be the next line of a slow paste: it never becomes a key.
    assert_eq!(given_up(&[b"hello", b"\r"]), [paste(b"hello\r")]);
}

#[test]
fn a_pause_within_a_paste_whose_end_comes_is_none() {
    let mut filter = Filter::default();
    assert_eq!(filter.feed(b"\x1b[200~one"), []);
    filter.pause();
    assert_eq!(filter.feed(b"\x03"), []);
    assert_eq!(filter.feed(b"two\x1b[201~"), [Sorted::Paste(b"one\x03two".to_vec())]);
}

#[test]
fn a_closing_bracket_without_an_opening_one_says_what_stood_before_it() {
    let got = Filter::default().feed(b"lines\r\x1b[201~x");
    let keys = |text: &[u8]| Sorted::Keys(text.to_vec());
    assert_eq!(got, [keys(b"lines\r"), Sorted::PasteEnd, keys(b"x")]);
}

#[test]
fn a_reply_of_the_clipboard_is_never_let_go_as_keys_however_long_it_is() {
    let long = format!("\x1b]5522;type=read:status=DATA:mime=aQ==;{}\x1b\\", "rRd".repeat(9_000));
    for size in [1, 7, 4_096, long.len()] {
        let parts: Vec<&[u8]> = long.as_bytes().chunks(size).chain([&b"x"[..]]).collect();
        let keys: Vec<u8> = filtered(&parts)
            .iter()
            .filter(|part| matches!(part, Sorted::Keys(_)))
            .flat_map(bytes)
            .collect();
        assert_eq!(keys, b"x", "in pieces of {size}");
    }
}
