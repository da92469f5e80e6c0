//! From frame to frame: the bytes, and what a terminal shows after them.

use std::time::Instant;

use editree::graphics::patch::CellRect;
use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::graphics::{Band, Cell, Chunk, Colour, Encoded, QualityLevel};
use editree::terminal::image_request::ImageRequest;
use editree::terminal::image_request::Mode;
use editree::terminal::queue::Queue;
use editree::terminal::screen::Screen;
use editree::tree::Hash;
use editree::ui::frame::{Frame, Placement};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::mini::Mini;

pub const SIZE: (u16, u16) = (20, 8);
const QUESTION: &[u8] = b"\x1b[5n";

/// Screen, queue and terminal.
pub struct Rig {
    pub screen: Screen,
    pub queue: Queue,
    pub mini: Mini,
    protocol: Protocol,
}

impl Rig {
    pub fn new(protocol: Protocol) -> Self {
        let screen = Screen::new(Mode { protocol, wrap: false, ascii: false }, 0x0012_3400);
        let queue = Queue::new(Some(QUESTION.to_vec()));
        Self { screen, queue, mini: Mini::new(SIZE.0, SIZE.1), protocol }
    }

    /// Shows and supplies what is lacking; nothing is written yet.
    pub fn show(&mut self, frame: &Frame) {
        let lacking = self.screen.show(frame.clone(), &mut self.queue);
        if !lacking.is_empty() {
            for wanted in lacking {
                let encoded = encoded(self.protocol, &wanted.placement, self.screen.id_for());
                self.screen.supply(wanted, encoded);
            }
            assert_eq!(self.screen.show(frame.clone(), &mut self.queue), []);
        }
    }

    /// Writes that many portions; the bytes.
    pub fn write(&mut self, most: usize) -> String {
        let mut all = Vec::new();
        let mut written = 0;
        while written < most {
            let Some(portion) = self.queue.next(Instant::now()) else { break };
            self.mini.feed(&portion.bytes);
            self.queue.acknowledge(Instant::now());
            written += 1;
            all.extend(portion.bytes);
        }
        String::from_utf8(all).unwrap()
    }

    pub fn shown(&mut self, frame: &Frame) -> String {
        self.show(frame);
        self.write(usize::MAX)
    }
}

pub fn frame(lines: &[&str], placements: &[Placement]) -> Frame {
    sized(SIZE, lines, placements)
}

fn sized((columns, rows): (u16, u16), lines: &[&str], placements: &[Placement]) -> Frame {
    let mut cells = Buffer::empty(Rect::new(0, 0, columns, rows));
    for (row, line) in lines.iter().enumerate() {
        cells.set_string(0, u16::try_from(row).unwrap(), line, ratatui::style::Style::new());
    }
    let (placements, covers) = (placements.to_vec(), Vec::new());
    Frame { cells, cursor: Some(Position::new(1, 2)), placements, covers, ..Frame::default() }
}

pub fn placement(name: u8, (x, y, width, height): (u16, u16, u16, u16)) -> Placement {
    Placement::whole(Hash([name; 32]), Rect::new(x, y, width, height))
}

fn exact(placement: &Placement) -> ImageRequest {
    ImageRequest { placement: placement.clone(), level: QualityLevel::Lossless }
}

/// Stand-ins of the right shape: three pieces, bands of two rows.
pub fn encoded(protocol: Protocol, placement: &Placement, id: u32) -> Encoded {
    let name = placement.picture.0[0];
    let (width, height) = (placement.area.width, placement.area.height);
    let cell = |_| Cell { symbol: "▀".into(), fg: Colour::Rgb(name, 0, 0), bg: Colour::Default };
    let cells: Vec<Cell> = (0..width * height).map(cell).collect();
    match protocol {
        Protocol::KittyDirect | Protocol::KittyPlaceholder => {
            let first = format!("\x1b_Ga=t,f=100,i={id},q=1,m=1;{name}\x1b\\");
            let chunks = [first.as_str(), "\x1b_Gm=1,q=1;x\x1b\\", "\x1b_Gm=0,q=1;x\x1b\\"];
            let chunks = chunks.map(|chunk| Chunk(chunk.as_bytes().to_vec())).to_vec();
            Encoded::Upload { id, chunks, size: (60, 40) }
        }
        Protocol::Iterm2 | Protocol::Sixel => {
            let band = |row: u16| {
                let rows = 2.min(height - row);
                let bytes = format!("\x1b]1337;File={width},{rows}:{name}.{row}\x07").into_bytes();
                let at = CellRect { column: 0, row, columns: width, rows };
                Band { at, chunk: Chunk(bytes) }
            };
            Encoded::Bands((0..height).step_by(2).map(band).collect())
        }
        Protocol::Blocks | Protocol::None => Encoded::Cells(cells),
    }
}

#[test]
fn a_frame_like_the_one_before_costs_no_byte() {
    for protocol in [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Blocks, Protocol::None] {
        let mut rig = Rig::new(protocol);
        let frame = frame(&["header"], &[placement(1, (2, 1, 6, 4))]);
        assert!(!rig.shown(&frame).is_empty());
        assert_eq!(rig.shown(&frame), "", "{protocol:?}");
    }
}

#[test]
fn one_letter_costs_few_bytes_and_comes_in_one_go() {
    let mut rig = Rig::new(Protocol::Blocks);
    rig.shown(&frame(&["a"], &[]));
    let bytes = rig.shown(&frame(&["ab"], &[]));
    assert!(
        bytes.starts_with("\x1b[?2026h\x1b[1;2Hb") && bytes.ends_with("\x1b[?2026l"),
        "{bytes:?}"
    );
    assert!(bytes.len() < 64, "{}", bytes.len());
    assert_eq!(rig.mini.row(0), "ab");
    let mut moved = frame(&["ab"], &[]);
    moved.cursor = None;
    assert_eq!(rig.shown(&moved), "\x1b[?2026h\x1b[?25l\x1b[?2026l");
}

#[test]
fn nothing_that_a_terminal_obeys_leaves_in_a_cell() {
    let mut rig = Rig::new(Protocol::Blocks);
    let mut frame = frame(&["ok"], &[]);
    let evil = ["\x1b[2J", "\u{9b}2J", "\r\n", "\u{202e}x", "\u{2066}", "\0", "\x7f"];
    for (column, symbol) in evil.iter().enumerate() {
        frame.cells[(4 + u16::try_from(column).unwrap(), 0)].set_symbol(symbol);
    }
    frame.cells[(12, 0)].set_symbol(&format!("a{}", "\u{301}".repeat(200)));
    // The test's terminal takes no control that it does not know.
    rig.shown(&frame);
    assert_eq!(rig.mini.row(0), "ok  ??????? ?");
}

#[test]
fn kitty_gets_a_picture_once_and_then_a_few_bytes() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let at = |x| frame(&["header"], &[placement(1, (x, 1, 6, 4))]);
    let bytes = rig.shown(&at(2));
    let place = "\x1b7\x1b[2;3H\x1b_Ga=p,i=1192961,p=1,c=6,r=4,C=1,q=1\x1b\\\x1b8\x1b[5n";
    assert!(bytes.contains("\x1b_Ga=t,f=100,i=1192961,q=1,m=1;1\x1b\\\x1b[5n"), "{bytes:?}");
    assert!(bytes.ends_with(place), "{bytes:?}");
    assert_eq!(rig.mini.places[&(1_192_961, 1)], (2, 1, 6, 4));

    // Elsewhere: moved, neither sent nor taken away.
    let bytes = rig.shown(&at(9));
    assert!(!bytes.contains("a=d") && !bytes.contains("a=t"), "{bytes:?}");
    assert_eq!(rig.mini.places[&(1_192_961, 1)], (9, 1, 6, 4));

    // Under an overlay, and back.
    let gone = rig.shown(&frame(&["header"], &[]));
    assert!(gone.contains("\x1b_Ga=d,d=i,i=1192961,p=1,q=1\x1b\\"), "{gone:?}");
    assert!(rig.mini.places.is_empty() && rig.mini.held.len() == 1);
    let back = rig.shown(&at(9));
    assert_eq!((rig.mini.uploads, rig.mini.places.len()), (1, 1));
    assert!(back.len() < 100, "{}", back.len());
}

#[test]
fn the_same_picture_may_stand_twice() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let (left, right) = (placement(1, (0, 1, 6, 4)), placement(1, (8, 1, 6, 4)));
    rig.shown(&frame(&[], &[left.clone(), right.clone()]));
    assert_eq!((rig.mini.uploads, rig.mini.places.len()), (1, 2));
    rig.shown(&frame(&[], &[right]));
    assert_eq!(rig.mini.places.values().collect::<Vec<_>>(), [&(8, 1, 6, 4)]);
}

#[test]
fn a_picture_stands_in_for_itself_until_its_new_size_has_come() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    rig.shown(&frame(&[], &[placement(1, (0, 1, 6, 4))]));
    let large = frame(&[], &[placement(1, (0, 0, 9, 6))]);
    let lacking = rig.screen.show(large.clone(), &mut rig.queue);
    rig.write(usize::MAX);
    assert_eq!(lacking, [exact(&large.placements[0])]);
    assert_eq!(rig.mini.places.values().collect::<Vec<_>>(), [&(0, 0, 9, 6)]);
    rig.show(&large);
    // While it is on its way nothing changes; its end takes the other away.
    rig.write(2);
    assert_eq!(rig.mini.places.len(), 1);
    rig.write(usize::MAX);
    assert_eq!((rig.mini.uploads, rig.mini.places.len()), (2, 1));
    assert_eq!(rig.mini.places[&(0x0012_3402, 1)], (0, 0, 9, 6));
    assert_eq!(rig.shown(&large), "");
}

/// Far away, on a line that is not known yet.
pub fn remote() -> QualityPlan {
    QualityPlan { is_remote: true, cell: (10, 20), ..QualityPlan::default() }
}

#[test]
fn a_first_look_comes_first_and_the_sharp_picture_takes_its_place() {
    for protocol in [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Sixel] {
        let mut rig = Rig::new(protocol);
        rig.screen.set_ladder(remote());
        let frame = frame(&["a"], &[placement(1, (0, 1, 6, 4))]);
        let supply = |rig: &mut Rig, level| {
            let lacking = rig.screen.show(frame.clone(), &mut rig.queue);
            assert_eq!(
                lacking,
                [ImageRequest { level, ..exact(&frame.placements[0]) }],
                "{protocol:?}"
            );
            // Its name tells the two apart.
            let named = placement(10 + level as u8, (0, 1, 6, 4));
            let encoded = encoded(protocol, &named, rig.screen.id_for());
            rig.screen.supply(lacking[0].clone(), encoded);
        };
        supply(&mut rig, QualityLevel::Preview);
        supply(&mut rig, QualityLevel::Sharp);
        assert_eq!(rig.screen.show(frame.clone(), &mut rig.queue), []);
        let seen = |rig: &Rig| match rig.mini.pixels(0, 1) {
            Some((name, ..)) => name.split('.').next().map(str::to_owned),
            None => rig.mini.places.keys().next().map(|(id, _)| rig.mini.held[id].clone()),
        };
        // The frame, and the first look; then the beginning of the sharp one.
        rig.write(if protocol == Protocol::KittyDirect { 6 } else { 3 });
        assert!(seen(&rig).is_some_and(|name| name.starts_with("10")), "{protocol:?}");
        if protocol == Protocol::KittyDirect {
            assert_eq!(rig.screen.show(frame.clone(), &mut rig.queue), []);
            assert_eq!(rig.screen.level(), Some(QualityLevel::Preview), "not what is on its way");
        }
        rig.write(usize::MAX);
        rig.shown(&frame);
        assert_eq!(rig.screen.level(), Some(QualityLevel::Sharp));
        assert!(seen(&rig).is_some_and(|name| name.starts_with("12")), "{protocol:?}");
        assert!(rig.mini.places.len() <= 1);
        assert_eq!(rig.shown(&frame), "");
    }
}

#[test]
fn an_overlay_that_opens_between_two_rungs_stays_whole() {
    let mut rig = Rig::new(Protocol::Sixel);
    rig.screen.set_ladder(remote());
    let at = [placement(1, (2, 1, 10, 6))];
    for _ in 0..2 {
        let lacking = rig.screen.show(frame(&[], &at), &mut rig.queue);
        let encoded = encoded(Protocol::Sixel, &at[0], 0);
        rig.screen.supply(lacking[0].clone(), encoded);
        rig.screen.show(frame(&[], &at), &mut rig.queue);
    }
    // The frame, and the first band of the first look.
    rig.write(2);
    let mut popup = frame(&[], &at);
    popup.covers = vec![Rect::new(3, 5, 4, 1)];
    popup.cells[(3, 5)].set_symbol("o");
    rig.show(&popup);
    rig.write(usize::MAX);
    rig.shown(&popup);
    assert_eq!((rig.mini.symbol(3, 5), rig.mini.pixels(3, 5)), ("o", None));
    assert!(rig.mini.pixels(3, 2).is_some());
    assert_eq!(rig.mini.pixels(3, 6), None, "the strip that the overlay touches");
}

#[test]
fn an_overlay_costs_kitty_a_few_bytes_and_strips_only_what_it_touches() {
    let at = [placement(1, (2, 1, 10, 6))];
    for (protocol, most) in [(Protocol::KittyDirect, 600), (Protocol::Iterm2, 300)] {
        let mut rig = Rig::new(protocol);
        rig.shown(&frame(&["header"], &at));
        let covers = vec![Rect::new(4, 3, 5, 1)];
        let opened = rig.shown(&Frame { covers, ..frame(&["header"], &at) });
        let closed = rig.shown(&frame(&["header"], &at));
        assert!(opened.len() + closed.len() <= most, "{protocol:?}: {opened:?} {closed:?}");
        let bands = closed.matches("1337;File").count();
        assert_eq!((rig.mini.uploads <= 1, bands <= 1), (true, true), "{closed:?}");
    }
}

#[test]
fn an_upload_that_nobody_waits_for_is_ended_and_the_next_one_is_whole() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    rig.show(&frame(&["one"], &[placement(1, (0, 1, 6, 4))]));
    // The frame, and two of three pieces.
    rig.write(3);
    rig.shown(&frame(&["two"], &[placement(2, (0, 1, 6, 4))]));
    assert_eq!(rig.mini.held.values().collect::<Vec<_>>(), ["2xx"]);
    assert_eq!(rig.mini.places.len(), 1);
}

#[test]
fn text_goes_on_between_the_pieces_of_an_upload() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let picture = [placement(1, (0, 1, 6, 4))];
    rig.show(&frame(&["a"], &picture));
    rig.write(2);
    rig.show(&frame(&["ab"], &picture));
    rig.write(1);
    assert_eq!(rig.mini.row(0), "ab");
    rig.write(usize::MAX);
    assert_eq!((rig.mini.uploads, rig.mini.places.len()), (1, 1));
}

#[test]
fn a_picture_that_must_go_at_once_restarts_the_one_on_its_way() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let (first, second) = (placement(1, (0, 1, 6, 4)), placement(2, (8, 1, 6, 4)));
    rig.shown(&frame(&[], std::slice::from_ref(&first)));
    rig.show(&frame(&[], &[first, second.clone()]));
    rig.write(2);
    rig.show(&frame(&["popup"], std::slice::from_ref(&second)));
    rig.write(1);
    assert!(rig.mini.places.is_empty());
    rig.write(usize::MAX);
    assert_eq!(rig.mini.places.values().collect::<Vec<_>>(), [&(8, 1, 6, 4)]);
}

#[test]
fn kitty_keeps_no_more_than_it_has_room_for() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    for name in 0..100 {
        rig.shown(&frame(&[], &[placement(name, (0, 1, 6, 4))]));
    }
    assert!(rig.mini.held.len() <= 32, "{}", rig.mini.held.len());
    assert_eq!(rig.mini.places.len(), 1);
}

#[test]
fn a_resized_terminal_gets_its_pictures_where_they_belong_without_new_uploads() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    rig.shown(&frame(&["a"], &[placement(1, (0, 1, 6, 4)), placement(2, (8, 1, 6, 4))]));
    rig.mini.places.clear();
    rig.mini.columns = 10;
    let narrow = sized((10, 8), &["b"], &[placement(1, (0, 1, 6, 4))]);
    rig.shown(&narrow);
    assert_eq!(rig.mini.places.values().collect::<Vec<_>>(), [&(0, 1, 6, 4)]);
    assert_eq!(rig.mini.uploads, 2);
}

#[test]
fn what_was_forgotten_is_sent_and_written_again() {
    for protocol in [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Blocks] {
        let mut rig = Rig::new(protocol);
        let frame = frame(&["text"], &[placement(1, (0, 1, 6, 4))]);
        rig.shown(&frame);
        rig.screen.forget(&mut rig.queue);
        rig.write(usize::MAX);
        assert_eq!((rig.mini.places.len(), rig.mini.held.len()), (0, 0));
        // Another program has had the screen.
        rig.mini = Mini::new(SIZE.0, SIZE.1);
        rig.mini.feed(b"rubbish");
        rig.shown(&frame);
        assert_eq!(rig.mini.row(0), "text");
        let has_pixels = rig.mini.pixels(0, 1).is_some();
        assert!(has_pixels || rig.mini.places.len() == 1 || rig.mini.row(1).contains('▀'));
    }
}

#[test]
fn strips_stand_on_blank_cells_and_text_takes_their_place_again() {
    for protocol in [Protocol::Iterm2, Protocol::Sixel] {
        let mut rig = Rig::new(protocol);
        rig.shown(&frame(&["header", "xxxxxxxxxx", "xxxxxxxxxx"], &[]));
        let picture = [placement(1, (2, 1, 4, 3))];
        rig.shown(&frame(&["header", "xx    xxxx", "xx    xxxx"], &picture));
        assert_eq!(rig.mini.row(1), "xx####xxxx");
        assert_eq!(rig.mini.pixels(3, 3), Some(&("1.2".into(), 1, 0)));

        // A popup: the picture's place is the popup's, all of it.
        rig.shown(&frame(&["header", "xx -- xxxx", "xx -- xxxx"], &[]));
        assert_eq!((rig.mini.row(1), rig.mini.row(3)), ("xx -- xxxx".into(), String::new()));

        rig.shown(&frame(&["header", "xx    xxxx", "xx    xxxx"], &picture));
        assert_eq!(rig.mini.row(2), "xx####xxxx");
    }
}

#[test]
fn a_picture_in_anothers_place_is_painted_over_it() {
    let mut rig = Rig::new(Protocol::Iterm2);
    rig.shown(&frame(&[], &[placement(1, (2, 1, 4, 4))]));
    rig.show(&frame(&[], &[placement(1, (2, 1, 4, 4))]));
    let next = placement(2, (2, 1, 4, 4));
    let ready = encoded(Protocol::Iterm2, &next, 9);
    rig.screen.supply(exact(&next), ready);
    let bytes = rig.shown(&frame(&[], &[next]));
    assert!(!bytes.contains("    "), "{bytes:?}");
    assert_eq!(rig.mini.pixels(2, 1), Some(&("2.0".into(), 0, 0)));
}

#[test]
fn sixel_never_stands_on_the_last_row() {
    let mut rig = Rig::new(Protocol::Sixel);
    let bytes = rig.shown(&frame(&[], &[placement(1, (0, 4, 4, 4))]));
    assert!(!bytes.contains("1337"), "{bytes:?}");
}

#[test]
fn placeholders_and_blocks_are_text() {
    for (protocol, symbol) in [(Protocol::KittyPlaceholder, '\u{10eeee}'), (Protocol::Blocks, '▀')]
    {
        let mut rig = Rig::new(protocol);
        rig.shown(&frame(&["a"], &[placement(1, (1, 1, 3, 2))]));
        let row = rig.mini.row(2);
        assert_eq!(row.chars().filter(|c| *c == symbol).count(), 3, "{protocol:?} {row}");
        rig.shown(&frame(&["a"], &[]));
        assert_eq!(rig.mini.row(2), "");
    }
}

#[test]
fn far_away_blocks_come_a_few_rows_at_a_time() {
    let mut rig = Rig::new(Protocol::Blocks);
    rig.screen.set_ladder(QualityPlan { is_settled: true, ..remote() });
    let frame = frame(&["a"], &[placement(1, (0, 1, 6, 7))]);
    let at = &frame.placements[0];
    for level in [QualityLevel::Preview, QualityLevel::Sharp] {
        let lacking = rig.screen.show(frame.clone(), &mut rig.queue);
        assert_eq!(lacking, [ImageRequest { level, ..exact(at) }]);
        let encoded = match encoded(Protocol::Blocks, at, 0) {
            Encoded::Cells(cells) if level == QualityLevel::Preview => Encoded::Cells(
                cells.into_iter().map(|c| Cell { symbol: "t".into(), ..c }).collect(),
            ),
            other => other,
        };
        rig.screen.supply(lacking[0].clone(), encoded);
    }
    let count = |rig: &Rig| (1..8).filter(|row| rig.mini.row(*row).contains('▀')).count();
    for rows in [3, 6, 7] {
        let bytes = rig.shown(&frame);
        assert_eq!(count(&rig), rows);
        assert_eq!(bytes.ends_with("\x1b[5n"), rows < 7, "asks until all has come: {bytes:?}");
        assert!(rows > 3 || rig.mini.row(7).contains('t'));
    }
    assert_eq!(rig.shown(&frame), "");
}

#[test]
fn in_tmux_every_command_is_wrapped() {
    let mode = Mode { protocol: Protocol::KittyPlaceholder, wrap: true, ascii: false };
    let (mut screen, mut queue) = (Screen::new(mode, 0x0100), Queue::new(None));
    let picture = placement(1, (1, 1, 3, 2));
    let id = screen.id_for();
    let ready = encoded(Protocol::KittyPlaceholder, &picture, id);
    screen.supply(exact(&picture), ready);
    screen.show(frame(&[], &[picture]), &mut queue);
    while queue.next(Instant::now()).is_some() {}
    screen.forget(&mut queue);
    let bytes = queue.next(Instant::now()).unwrap().bytes;
    assert_eq!(bytes, b"\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=257,q=1\x1b\x1b\\\x1b\\");
}

#[test]
fn what_must_be_made_again_stays_as_long_as_it_is_text_and_goes_where_it_is_painted() {
    for protocol in [Protocol::Blocks, Protocol::Sixel, Protocol::KittyDirect] {
        let mut rig = Rig::new(protocol);
        let frame = frame(&["a"], &[placement(1, (0, 1, 6, 4))]);
        rig.shown(&frame);
        rig.screen.forget_pictures(&mut rig.queue);
        let lacking = rig.screen.show(frame.clone(), &mut rig.queue);
        assert_eq!(
            lacking,
            [exact(&frame.placements[0])].map(|it| match protocol {
                Protocol::Blocks => ImageRequest { level: QualityLevel::Sharp, ..it },
                _ => it,
            })
        );
        rig.write(usize::MAX);
        assert_eq!(rig.mini.row(1).contains('▀'), protocol == Protocol::Blocks);
        assert!(rig.mini.pixels(0, 1).is_none() && rig.mini.places.is_empty());
        rig.shown(&frame);
        assert_eq!(rig.shown(&frame), "");
    }
}
