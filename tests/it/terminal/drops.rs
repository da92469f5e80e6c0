//! Drops from a scripted terminal that plays kitty's part: what is offered, asked for and sent.

use std::time::{Duration, Instant};

use editree::terminal::drops::{DropFailure, Dropped, Drops, File, Heard, MOST, MOST_FILES};

/// What is dragged: kinds and their data; and the files that a list of addresses names.
#[derive(Default)]
struct Dragged<'a> {
    kinds: Vec<(&'a str, &'a [u8])>,
    /// Those of the person's machine; a mark other than 0 is a link or a folder.
    files: Vec<(u32, &'a [u8])>,
    is_elsewhere: bool,
}

fn encoded(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

fn code(words: &str) -> Vec<u8> {
    format!("\x1b]72;{words}\x1b\\").into_bytes()
}

/// In pieces, the last of which is marked as such, and the empty one that ends it.
fn data(words: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let count = bytes.chunks(3_072).count();
    let pieces = bytes.chunks(3_072).zip(1..).map(|(piece, at)| {
        let more = u8::from(at < count);
        code(&format!("{words}:m={more};{}", encoded(piece)))
    });
    pieces.chain([code(words)]).collect()
}

impl Dragged<'_> {
    fn list(&self) -> String {
        self.kinds.iter().map(|(kind, _)| format!("{kind} ")).collect()
    }

    /// What kitty says to this.
    fn answers(&self, said: &str) -> Vec<Vec<u8>> {
        let Some(words) = said.strip_prefix("\x1b]72;t=r:x=") else { return Vec::new() };
        let mut numbers = words.trim_end_matches("\x1b\\").split(":y=");
        let kind: usize = numbers.next().unwrap().parse().unwrap();
        match numbers.next().map(|file| file.parse::<usize>().unwrap()) {
            None => {
                let mark = if self.is_elsewhere { ":X=1" } else { "" };
                data(&format!("t=r{mark}:x={kind}"), self.kinds[kind - 1].1)
            }
            Some(file) => {
                let (mark, bytes) = self.files[file - 1];
                let mark = if mark == 0 { String::new() } else { format!(":X={mark}") };
                data(&format!("t=r:x={kind}:y={file}{mark}"), bytes)
            }
        }
    }

    /// Drops it; all that editree says, and what came of it.
    fn dropped(&self) -> (Vec<String>, Vec<Dropped>) {
        let (mut drops, now) = (Drops::of(|name| name.ends_with(".png")), Instant::now());
        let (mut said, mut news) = (Vec::new(), Vec::new());
        let mut answers = vec![
            code(&format!("t=m:x=3:y=4:X=30:Y=70:o=3;{}", self.list())),
            code(&format!("t=m:x=3:y=5:X=30:Y=88:o=3;{}", self.list())),
            code(&format!("t=M:x=3:y=5:X=30:Y=88:o=3;{}", self.list())),
        ];
        while !answers.is_empty() {
            let heard = drops.take(&answers.remove(0), now).expect("one of ours");
            news.extend(heard.news);
            if !heard.say.is_empty() {
                let words = String::from_utf8(heard.say).unwrap();
                answers.extend(self.answers(&words));
                said.push(words);
            }
        }
        assert_eq!(drops.due(), None, "nothing is waited for in the end");
        (said, news)
    }
}

fn says(words: &[&str]) -> Vec<String> {
    words.iter().map(|words| format!("\x1b]72;{words}\x1b\\")).collect()
}

fn picture(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 % 251) as u8).collect()
}

#[test]
fn a_picture_of_another_program_is_taken_byte_for_byte() {
    let png = picture(200_000);
    let kinds: Vec<(&str, &[u8])> =
        vec![("text/html", b"<img>"), ("text/uri-list", b"https://x/"), ("image/png", &png)];
    let (said, news) = Dragged { kinds, ..Dragged::default() }.dropped();
    assert_eq!(said, says(&["t=m:o=1;image/png text/uri-list", "t=r:x=3", "t=r:o=1"]));
    let file: File = ("dropped".into(), png);
    assert_eq!(news, [Dropped::Coming, Dropped::Pictures(vec![file], None)]);
}

#[test]
fn files_of_this_machine_are_names_and_words_are_words() {
    let list: &[u8] = b"file:///home/me/a%20b.png\r\n";
    let kinds = vec![("text/uri-list", list), ("text/plain", b"/home/me/a b.png" as &[u8])];
    let (said, news) = Dragged { kinds, ..Dragged::default() }.dropped();
    assert_eq!(said[1..], says(&["t=r:x=1", "t=r:o=1"]));
    assert_eq!(news, [Dropped::Paste("file:///home/me/a%20b.png\r\n".into())]);
    let kinds = vec![("text/plain", b"make it red" as &[u8])];
    let (_, news) = Dragged { kinds, ..Dragged::default() }.dropped();
    assert_eq!(news, [Dropped::Paste("make it red".into())]);
}

#[test]
fn files_of_the_persons_machine_are_brought_over_one_after_the_other() {
    let (first, second) = (picture(9_000), picture(4));
    let list: &[u8] =
        b"# two of them\r\nfile:///a/one%20.png\r\nfile:///a/notes.txt\r\nfile:///a/two.png\r\n";
    let dragged = Dragged {
        kinds: vec![("text/uri-list", list)],
        files: vec![(0, &first), (0, b"no picture"), (0, &second)],
        is_elsewhere: true,
    };
    let (said, news) = dragged.dropped();
    assert_eq!(said[1..], says(&["t=r:x=1", "t=r:x=1:y=1", "t=r:x=1:y=3", "t=r:o=1"]));
    let files = vec![("one .png".to_owned(), first), ("two.png".to_owned(), second)];
    assert_eq!(news, [Dropped::Coming, Dropped::Pictures(files, None)]);
}

#[test]
fn a_link_or_a_folder_ends_it_and_what_came_before_is_kept() {
    let list: &[u8] = b"file:///a/one.png\nfile:///a/link.png\n";
    for mark in [1, 7] {
        let dragged = Dragged {
            kinds: vec![("text/uri-list", list)],
            files: vec![(0, b"one"), (mark, b"elsewhere")],
            is_elsewhere: true,
        };
        let (said, news) = dragged.dropped();
        assert_eq!(said.last(), says(&["t=r:o=0"]).last());
        let files = vec![("one.png".to_owned(), b"one".to_vec())];
        let failure = DropFailure::NoFile("link.png".into());
        assert_eq!(news[1], Dropped::Pictures(files, Some(failure)));
    }
}

#[test]
fn what_is_no_picture_is_refused_while_it_hovers_and_when_it_falls() {
    let kinds = vec![("application/x-color", b"red" as &[u8])];
    let (said, news) = Dragged { kinds, ..Dragged::default() }.dropped();
    assert_eq!((said, news), (says(&["t=m:o=0", "t=r:o=0"]), vec![]));
}

/// Takes these one after the other; what came of the last.
fn heard(drops: &mut Drops, codes: &[&str]) -> Heard {
    let now = Instant::now();
    codes.iter().map(|words| drops.take(&code(words), now).unwrap()).last().unwrap()
}

/// kitty 0.48 on X11 reports its corner first, and lets nothing fall after that.
#[test]
fn a_drag_that_begins_in_the_corner_is_known_to_be_in_vain() {
    let mut drops = Drops::of(|_| true);
    let corner = heard(&mut drops, &["t=m:x=0:y=0:X=0:Y=0:o=1;image/png "]);
    assert_eq!(corner, Heard { say: vec![], news: Some(Dropped::InVain) });
    assert_eq!(heard(&mut drops, &["t=m:x=5:y=1:X=45:Y=9:o=1;image/png "]), Heard::default());
    let mut drops = Drops::of(|_| true);
    let moved =
        heard(&mut drops, &["t=m:x=5:y=0:X=45:Y=9;image/png", "t=m:x=0:y=0:X=0:Y=0;image/png"]);
    assert_eq!(moved, Heard::default());
}

#[test]
fn a_drag_that_leaves_and_comes_back_is_answered_again() {
    let mut drops = Drops::of(|_| true);
    let over = "t=m:x=1:y=1;image/png";
    assert!(!heard(&mut drops, &[over]).say.is_empty());
    assert_eq!(heard(&mut drops, &[over, "t=m:x=2:y=1"]), Heard::default());
    assert!(!heard(&mut drops, &["t=m:x=-1:y=-1", over]).say.is_empty());
}

#[test]
fn what_comes_in_parts_without_words_and_padding_is_put_together() {
    let mut drops = Drops::of(|_| true);
    let begun = heard(&mut drops, &["t=M:x=1:y=1:m=1;text/html ima", "m=0;ge/png"]);
    assert_eq!(begun.say, code("t=r:x=2"));
    let all = encoded(&picture(100));
    let (first, rest) = all.trim_end_matches('=').split_at(51);
    let pieces = [format!("t=r:x=2:m=1;{first}"), format!("m=0;{rest}")];
    heard(&mut drops, &[&pieces[0], &pieces[1]]);
    let news = heard(&mut drops, &["t=r:x=2"]).news;
    assert_eq!(news, Some(Dropped::Pictures(vec![("dropped".into(), picture(100))], None)));
}

#[test]
fn every_drop_ends_however_it_goes_on() {
    let failed =
        |words: &str| Some(Dropped::Pictures(vec![], Some(DropFailure::Other(words.into()))));
    let begun = || {
        let mut drops = Drops::of(|_| true);
        heard(&mut drops, &["t=M:x=1:y=1;image/png"]);
        drops
    };
    let mut drops = begun();
    assert_eq!(heard(&mut drops, &["t=R:x=1;EIO:no\x1b[31m disk"]).news, failed("EIO"));
    assert_eq!(heard(&mut drops, &["t=r:x=1;aaaa", "t=R:x=1;EIO"]), Heard::default(), "late");
    let no_base64 = failed("data that is no base64");
    assert_eq!(heard(&mut begun(), &["t=r:x=1;é!"]).news, no_base64);
    assert_eq!(heard(&mut begun(), &["t=r:x=2;aaaa", "t=r:x=1:y=1;aaaa"]), Heard::default());
    let (mut drops, later) = (begun(), Instant::now() + Duration::from_secs(31));
    assert_eq!(drops.expire(Instant::now()), None);
    let stalled = drops.expire(later).unwrap();
    assert_eq!(stalled.news, Some(Dropped::Pictures(vec![], Some(DropFailure::Stalled))));
    assert_eq!((stalled.say, drops.due()), (code("t=r:o=0"), None));
}

#[test]
fn more_than_the_most_is_not_taken() {
    let mut drops = Drops::of(|_| true);
    heard(&mut drops, &["t=M:x=1:y=1;image/png"]);
    let piece = format!("t=r:x=1;{}", encoded(&vec![7; 1 << 20]));
    for _ in 0..MOST >> 20 {
        assert_eq!(heard(&mut drops, &[&piece]), Heard::default());
    }
    let news = heard(&mut drops, &[&piece]).news;
    assert_eq!(news, Some(Dropped::Pictures(vec![], Some(DropFailure::TooLarge))));
}

#[test]
fn words_that_are_too_long_are_not_called_a_large_picture() {
    let mut drops = Drops::of(|_| true);
    heard(&mut drops, &["t=M:x=1:y=1;text/plain"]);
    let piece = format!("t=r:x=1;{}", encoded(&vec![b'a'; 33 << 10]));
    heard(&mut drops, &[&piece]);
    let news = heard(&mut drops, &[&piece]).news;
    assert_eq!(news, Some(Dropped::Pictures(vec![], Some(DropFailure::TooLong))));
    assert!(DropFailure::TooLong.to_string().contains("64 kB"));
}

#[test]
fn what_is_left_out_of_a_folder_is_told() {
    let list: String = (0..MOST_FILES + 3).map(|at| format!("file:///a/{at}.png\n")).collect();
    let dragged = Dragged {
        kinds: vec![("text/uri-list", list.as_bytes())],
        files: vec![(0, b"one"); MOST_FILES],
        is_elsewhere: true,
    };
    let (said, news) = dragged.dropped();
    assert_eq!(said.last(), says(&["t=r:o=1"]).last(), "what was asked for has come");
    let Some(Dropped::Pictures(files, failure)) = news.last() else { panic!("{news:?}") };
    assert_eq!((files.len(), failure), (MOST_FILES, &Some(DropFailure::LeftOut(3))));
}

#[test]
fn nothing_else_is_taken_for_it() {
    let mut drops = Drops::of(|_| true);
    for reply in
        ["\x1b]72;t=q\x1b\\", "\x1b[0n", "\x1b]5522;type=read:status=OK\x1b\\", "\x1b]7;x\x07"]
    {
        assert_eq!(drops.take(reply.as_bytes(), Instant::now()), None, "{reply:?}");
    }
}
