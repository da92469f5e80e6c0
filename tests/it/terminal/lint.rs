//! What leaves for the terminal, byte by byte: whole escapes, nothing outside of the screen, sixel
//! never on the last row, uploads in order. With the real encoders; what is seen is `frames`'.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use editree::graphics::patch::Ground;
use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::graphics::{self, Colours, EncodeRequest, Encoded, USUAL_BACKGROUND, encode_over};
use editree::terminal::image_request::Mode;
use editree::terminal::queue::Queue;
use editree::terminal::screen::Screen;
use editree::tree::Hash;
use editree::ui::frame::{Frame, Placement};
use image::RgbaImage;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

const FIRST_ID: u32 = 0x0012_3400;
/// As many pictures kitty holds at most.
const HELD: usize = 32;

/// A terminal that draws nothing and takes offence at everything.
struct Lint {
    /// Columns and rows, and the pixels of a cell.
    size: (u16, u16),
    cell: (u16, u16),
    cursor: (u16, u16),
    held: BTreeSet<u32>,
    has_veil: bool,
    open: Option<u32>,
    uploads: usize,
}

impl Lint {
    /// One portion: between two of them anything may come.
    fn portion(&mut self, bytes: &[u8]) {
        let mut rest = std::str::from_utf8(bytes).expect("only text is ever sent");
        let (mut is_synchronised, mut saved) = (false, None);
        while !rest.is_empty() {
            let Some(escape) = rest.strip_prefix('\x1b') else {
                let (text, after) = rest.split_at(rest.find('\x1b').unwrap_or(rest.len()));
                self.print(text);
                rest = after;
                continue;
            };
            let (kind, body) = escape.split_at(1);
            rest = match kind {
                "7" => {
                    assert_eq!(saved.replace(self.cursor), None, "saved twice");
                    body
                }
                "8" => {
                    self.cursor = saved.take().expect("something saved");
                    body
                }
                "[" => {
                    let end = body.find(|c: char| ('@'..='~').contains(&c)).expect("a final byte");
                    let (control, after) = body.split_at(end + 1);
                    if control.starts_with("?2026") {
                        assert_ne!(is_synchronised, control == "?2026h", "a frame in a frame");
                        is_synchronised = control == "?2026h";
                    }
                    self.control(control);
                    after
                }
                "]" => self.string(body, "\x07", Self::file),
                "_" => self.string(body, "\x1b\\", Self::kitty),
                "P" if body.starts_with("tmux;") => self.wrapped(body),
                "P" => self.string(body, "\x1b\\", Self::sixel),
                _ => panic!("an unknown escape: {escape:?}"),
            };
        }
        assert!(!is_synchronised && saved.is_none(), "left open: {bytes:?}");
    }

    fn print(&mut self, text: &str) {
        assert!(!text.chars().any(char::is_control), "a control: {text:?}");
        let width = u16::try_from(text.width()).unwrap();
        assert!(self.cursor.0 + width <= self.size.0, "over the edge: {:?} {text:?}", self.cursor);
        self.cursor.0 += width;
    }

    fn control(&mut self, control: &str) {
        let (parameters, last) = control.split_at(control.len() - 1);
        match (parameters, last) {
            (_, "m") | ("5", "n") | ("2", "J") | ("", "K") => {}
            ("?25" | "?2026", "h" | "l") => {}
            (_, "H") => {
                let (row, column) = parameters.split_once(';').expect("a row and a column");
                let number = |text: &str| text.parse::<u16>().unwrap().checked_sub(1).unwrap();
                self.cursor = (number(column), number(row));
                let (columns, rows) = self.size;
                assert!(self.cursor.0 < columns && self.cursor.1 < rows, "outside: {control}");
            }
            _ => panic!("an unknown control: {control:?}"),
        }
    }

    /// A string as far as its end; what comes behind it.
    fn string<'text>(
        &mut self,
        body: &'text str,
        end: &str,
        take: fn(&mut Self, &str),
    ) -> &'text str {
        let (string, rest) = body.split_once(end).expect("an end");
        assert!(string.len() < 1 << 20 && !string.chars().any(char::is_control), "{string:?}");
        take(self, string);
        rest
    }

    /// tmux takes the doubled escapes apart.
    fn wrapped<'text>(&mut self, body: &'text str) -> &'text str {
        let mut inner = String::new();
        let mut rest = body.strip_prefix("tmux;").unwrap();
        loop {
            let (text, after) = rest.split_once('\x1b').expect("an end");
            inner.push_str(text);
            match after.split_at(1) {
                ("\x1b", after) => {
                    inner.push('\x1b');
                    rest = after;
                }
                ("\\", after) => {
                    self.portion(inner.as_bytes());
                    return after;
                }
                _ => panic!("a single escape: {after:?}"),
            }
        }
    }

    /// A rectangle of cells at the cursor.
    fn place(&self, columns: u16, rows: u16) -> Rect {
        let place = Rect::new(self.cursor.0, self.cursor.1, columns, rows);
        let inside = place.intersection(Rect::new(0, 0, self.size.0, self.size.1));
        assert!(inside == place && !place.is_empty(), "outside: {place:?}");
        place
    }

    fn file(&mut self, string: &str) {
        let (head, file) = string.split_once(':').expect("a file");
        let head = head.strip_prefix("1337;File=").expect("a file");
        let pairs = pairs(head, ';');
        let file = base64_simd::STANDARD.decode_to_vec(file).expect("base64");
        assert_eq!(number(&pairs, "size"), file.len());
        assert!(file.starts_with(b"\x89PNG") || file.starts_with(b"\xff\xd8"));
        let cells = |key| u16::try_from(number(&pairs, key)).unwrap();
        self.place(cells("width"), cells("height"));
    }

    fn sixel(&mut self, string: &str) {
        let body =
            string.strip_prefix("0;1;0q\"1;1;").expect("a sixel picture that blanks nothing");
        let end = body.find('#').unwrap_or(body.len());
        let (width, height) = body[..end].split_once(';').expect("a width and a height");
        let (width, height): (u16, u16) = (width.parse().unwrap(), height.parse().unwrap());
        assert_eq!(height % 6, 0, "a fringe");
        assert!(!string.ends_with('-'), "a line feed at the end");
        assert_eq!(body.matches('-').count() + 1, usize::from(height / 6));
        // A band may reach over the band, into rows that are ours as well.
        let place = self.place(width.div_ceil(self.cell.0), height.div_ceil(self.cell.1));
        assert!(place.bottom() < self.size.1, "on the last row: {place:?}");
    }

    fn kitty(&mut self, string: &str) {
        let command = string.strip_prefix('G').expect("kitty's");
        let (head, payload) = command.split_once(';').unwrap_or((command, ""));
        let pairs = pairs(head, ',');
        let id = u32::try_from(number(&pairs, "i")).unwrap();
        let action = pairs.iter().find(|(key, _)| *key == "a").map(|(_, value)| *value);
        assert!(action.is_none() || id & !0xff == FIRST_ID, "{head}");
        // What lies over pictures behind a box is no picture.
        let is_veil = action.is_some() && id & 0xff == 0;
        let is_pixel = pairs.contains(&("s", "1"));
        assert!(action != Some("t") || is_pixel || !is_veil, "{head}");
        match action {
            None | Some("t") => {
                let is_last = number(&pairs, "m") == 0;
                assert!(payload.len() <= 4096 && (is_last || payload.len().is_multiple_of(4)));
                if action.is_some() && is_pixel {
                    assert_eq!(self.open, None, "a pixel inside an upload");
                    // In the place of a picture it holds nothing.
                    self.held.remove(&id);
                    self.has_veil |= is_veil;
                } else if action.is_some() {
                    assert_eq!(self.open.replace(id), None, "an upload inside an upload");
                    assert!(self.held.insert(id), "in use already: {id}");
                    self.uploads += 1;
                    assert!(self.held.len() <= HELD, "too many: {}", self.held.len());
                } else {
                    // Ended once more, where only its command for placeholders was still to come.
                    assert!(self.open.is_some() || head == "m=0,q=2", "goes on with nothing");
                    assert!(pairs.iter().all(|(key, _)| ["m", "q"].contains(key)), "{head}");
                }
                if is_last {
                    self.open = None;
                }
            }
            Some("p") => {
                let is_held = self.held.contains(&id) || (is_veil && self.has_veil);
                assert!(is_held && self.open.is_none(), "{head}");
                let cells = |key| u16::try_from(number(&pairs, key)).unwrap();
                // A virtual one stands nowhere.
                if number(&pairs, "U") == 0 {
                    self.place(cells("c"), cells("r"));
                }
            }
            Some("d") => {
                assert!(self.open.is_none(), "an upload was cut and not ended");
                if pairs.contains(&("d", "I")) {
                    self.held.remove(&id);
                    self.has_veil &= !is_veil;
                }
            }
            Some(other) => panic!("an unknown command: {other}"),
        }
    }
}

fn pairs(head: &str, between: char) -> Vec<(&str, &str)> {
    head.split(between).map(|pair| pair.split_once('=').expect("a key and a value")).collect()
}

/// 0 without the key, as in kitty's protocol.
fn number(pairs: &[(&str, &str)], key: &str) -> usize {
    pairs.iter().find(|(known, _)| *known == key).map_or(0, |(_, value)| value.parse().unwrap())
}

/// What may happen, in any order.
#[derive(Clone, Debug)]
enum Step {
    Show { size: (u16, u16), places: Vec<(u8, Rect)>, cover: Option<Rect>, cursor: bool },
    Write(usize),
    QualityPlan { rate: Option<u32>, is_exact: bool, is_halved: bool },
    Mode(Protocol),
    Forget,
    Remake,
}

fn area() -> impl Strategy<Value = Rect> {
    let any = (0u16..24, 0u16..9, 0u16..12, 0u16..6);
    let alike = (0u16..12, 0u16..4).prop_map(|(x, y)| Rect::new(x, y, 12, 5));
    prop_oneof![2 => any.prop_map(|(x, y, w, h)| Rect::new(x, y, w, h)), 1 => alike]
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop::sample::select(vec![
        Protocol::KittyDirect,
        Protocol::KittyPlaceholder,
        Protocol::Iterm2,
        Protocol::Sixel,
        Protocol::Blocks,
        Protocol::None,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop::sample::select(vec![(24, 9), (24, 9), (24, 9), (13, 9), (30, 4), (1, 1)]);
    let places = proptest::collection::vec((0u8..5, area()), 0..4);
    let show = (size, places, proptest::option::of(area()), any::<bool>());
    let show =
        show.prop_map(|(size, places, cover, cursor)| Step::Show { size, places, cover, cursor });
    let rate = proptest::option::of(5_000u32..20_000_000);
    let quality_plan = (rate, any::<bool>(), any::<bool>());
    prop_oneof![
        8 => show,
        6 => (0usize..9).prop_map(Step::Write),
        1 => quality_plan.prop_map(|(rate, is_exact, is_halved)| Step::QualityPlan { rate, is_exact, is_halved }),
        1 => protocol().prop_map(Step::Mode),
        1 => Just(Step::Forget),
        1 => Just(Step::Remake),
    ]
}

struct Rig {
    screen: Screen,
    queue: Queue,
    lint: Lint,
    mode: Mode,
    /// Only what differs was sent of some picture.
    is_patched: bool,
}

fn mode(protocol: Protocol) -> Mode {
    Mode { protocol, wrap: protocol == Protocol::KittyPlaceholder, ascii: false }
}

fn question(mode: Mode) -> Vec<u8> {
    if mode.wrap { graphics::wrap(b"\x1b[5n") } else { b"\x1b[5n".to_vec() }
}

impl Rig {
    fn new(protocol: Protocol, cell: (u16, u16)) -> Self {
        let mode = mode(protocol);
        let (held, open) = (BTreeSet::new(), None);
        Self {
            screen: Screen::new(mode, FIRST_ID),
            queue: Queue::new(Some(question(mode))),
            lint: Lint {
                size: (24, 9),
                cell,
                cursor: (0, 0),
                held,
                has_veil: false,
                open,
                uploads: 0,
            },
            mode,
            is_patched: false,
        }
    }

    fn write(&mut self, most: usize) {
        for _ in 0..most {
            let Some(portion) = self.queue.next(Instant::now()) else { break };
            self.lint.portion(&portion.bytes);
            self.queue.acknowledge(Instant::now());
        }
    }

    fn show(&mut self, frame: &Frame) {
        let size = (frame.cells.area.width, frame.cells.area.height);
        if size != self.lint.size {
            // What was drawn for the old size is written; what waits behind it is not.
            self.write(usize::from(self.queue.has_frame()));
            self.lint.size = size;
        }
        for wanted in self.screen.show(frame.clone(), &mut self.queue) {
            let request = EncodeRequest {
                protocol: self.mode.protocol,
                colours: Colours::True,
                shapes: Default::default(),
                ascii: false,
                wrap: self.mode.wrap,
                cells: (wanted.placement.area.width, wanted.placement.area.height),
                cell: self.lint.cell,
                background: USUAL_BACKGROUND,
                id: self.screen.id_for(),
                level: wanted.level,
            };
            let seen = |of: &Placement| Arc::new(picture(of.picture.0[0]));
            let below = |of: &Placement| Some(seen(of));
            let grounds = self.screen.grounds(&wanted);
            let grounds: Vec<Ground> = grounds.iter().filter_map(|it| it.laid(below)).collect();
            let encoded = encode_over(&seen(&wanted.placement), None, &grounds, &request);
            self.is_patched |= matches!(encoded, Encoded::Patch { .. } | Encoded::BandPatch { .. });
            self.screen.supply(wanted, encoded);
        }
    }

    fn step(&mut self, step: &Step, last: &mut Frame) {
        match step {
            Step::Show { size, places, cover, cursor } => {
                *last = frame(*size, places, *cover, *cursor);
                self.show(last);
            }
            Step::Write(most) => self.write(*most),
            Step::QualityPlan { rate, is_exact, is_halved } => {
                self.screen.set_ladder(QualityPlan {
                    rate: rate.map(f64::from),
                    is_remote: rate.is_some(),
                    is_exact: *is_exact,
                    is_halved: *is_halved,
                    cell: self.lint.cell,
                    ..QualityPlan::default()
                })
            }
            Step::Mode(protocol) => {
                self.mode = mode(*protocol);
                self.queue.set_question(Some(question(self.mode)));
                self.screen.set_mode(self.mode, &mut self.queue);
            }
            Step::Forget => self.screen.forget(&mut self.queue),
            Step::Remake => self.screen.forget_pictures(&mut self.queue),
        }
    }
}

/// Half of it lets the background through. Those of one kind differ in a part.
fn picture(name: u8) -> RgbaImage {
    RgbaImage::from_fn(40, 24, |x, y| {
        let alpha = if x < 20 { 255 } else { (y * 10) as u8 };
        let is_own = name > 2 || (x / 8 == 1 && y / 8 == 1);
        let red = if is_own { name * 50 } else { 20 };
        image::Rgba([red, (x * 6) as u8, (y * 10) as u8, alpha])
    })
}

fn frame(
    size: (u16, u16),
    places: &[(u8, Rect)],
    cover: Option<Rect>,
    is_cursor_shown: bool,
) -> Frame {
    let screen = Rect::new(0, 0, size.0, size.1);
    let mut cells = Buffer::empty(screen);
    cells.set_string(0, 0, "é漢字 text", ratatui::style::Style::new());
    let mut placements: Vec<Placement> = Vec::new();
    for (name, area) in places {
        // Pictures never overlap; what lies outside is for the screen to refuse.
        if placements.iter().all(|other| !other.area.intersects(*area)) {
            let picture = Hash([*name; 32]);
            placements.push(Placement::whole(picture, *area));
        }
    }
    let covers = cover.map(|cover| cover.intersection(screen)).into_iter().collect();
    let veil = cover.map(|_| [0; 3]);
    let cursor = is_cursor_shown.then_some(Position::new(size.0 - 1, size.1 - 1));
    Frame { cells, cursor, placements, covers, veil, ..Frame::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_portion_is_whole_and_stays_on_the_screen(
        protocol in protocol(),
        cell in prop::sample::select(vec![(10, 20), (9, 18), (7, 15), (8, 16)]),
        steps in proptest::collection::vec(step(), 1..16),
    ) {
        let mut rig = Rig::new(protocol, cell);
        let mut last = frame((24, 9), &[], None, true);
        for step in &steps {
            rig.step(step, &mut last);
        }
        // In the end all has come, and nothing more is to be sent.
        for _ in 0..12 {
            rig.show(&last);
            rig.write(usize::MAX);
        }
        prop_assert!(rig.lint.open.is_none(), "an upload that does not end");
        prop_assert_eq!(rig.screen.show(last.clone(), &mut rig.queue), []);
        prop_assert!(!rig.queue.has_frame());
    }
}

/// One picture stays while all ids go by beside it.
#[test]
fn ids_come_round_and_none_is_used_twice_at_a_time() {
    for protocol in [Protocol::KittyDirect, Protocol::KittyPlaceholder] {
        let mut rig = Rig::new(protocol, (8, 16));
        let stays = (0, Rect::new(12, 1, 6, 3));
        for turn in 0..600_u16 {
            // Another size is another picture: some hundred of them.
            let (width, height) = (1 + turn % 11, 1 + turn / 11 % 7);
            let name = 1 + (turn / 77 % 4) as u8;
            let passes = (name, Rect::new(0, 1, width, height));
            for _ in 0..3 {
                rig.show(&frame((24, 9), &[stays, passes], None, true));
                rig.write(usize::MAX);
            }
        }
        assert!(rig.lint.uploads > 300, "{}", rig.lint.uploads);
    }
}

/// Else the walks above would never see any.
#[test]
fn pictures_of_one_kind_are_laid_over_each_other() {
    for protocol in
        [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Iterm2, Protocol::Sixel]
    {
        let mut rig = Rig::new(protocol, (8, 16));
        let plan = Step::QualityPlan { rate: Some(100_000), is_exact: true, is_halved: false };
        rig.step(&plan, &mut frame((24, 9), &[], None, true));
        for name in [0, 1, 2] {
            for _ in 0..4 {
                rig.show(&frame((24, 9), &[(name, Rect::new(2, 1, 12, 6))], None, true));
                rig.write(usize::MAX);
            }
        }
        assert!(rig.is_patched, "{protocol:?}");
    }
}
