//! Every overlay at every size: inside the screen, whole, with its way out, and nothing cut in
//! silence.

use editree::ui::frame::Frame;
use ratatui::layout::Rect;

use crate::support::driver::{Driver, text};

pub(crate) const SIZES: [(u16, u16); 6] =
    [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50), (250, 70)];

/// How each is opened.
pub(crate) const OVERLAYS: [(&str, &str); 19] = [
    ("help", "<Esc>?"),
    ("commands", "<Esc>:"),
    ("menu", "<Esc><Space>"),
    ("panes", "<Esc>g"),
    ("copy", "<Esc>y"),
    ("endpoint", "<Esc><Space>m"),
    ("profile", "<Esc>:profile<Enter>"),
    ("references", "<Esc>A"),
    ("graphics", "<Esc><Space>g"),
    ("account", "<Esc>$"),
    ("find", "<Esc>/"),
    ("sweep", "<Esc>B"),
    ("name", "<Esc>b"),
    ("inspector", "<Esc>I"),
    ("keep", "<Esc>:keep<Enter>"),
    ("trash", "<Esc>d:trash-list<Enter>"),
    ("messages", "<Esc>:messages<Enter>"),
    ("history", "<A-1><C-r>"),
    ("question", "<C-u>Add a {1..10} cm tall hat<Enter>"),
];

/// Two edits and a branch.
fn filled() -> Driver {
    let mut driver = Driver::new(80, 24);
    for words in ["Make it black and white<Enter>", "<A-h><A-e>Make it sepia<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver
}

/// The rectangle of the overlay, if its frame can be seen.
fn popup(frame: &Frame) -> Option<Rect> {
    frame.covers.last().copied()
}

fn row(frame: &Frame, area: Rect, y: u16) -> String {
    (area.x..area.right()).map(|x| frame.cells[(x, y)].symbol()).collect()
}

#[test]
fn every_overlay_is_whole_at_every_size_and_tells_the_way_out() {
    let mut faults = Vec::new();
    for (name, keys) in OVERLAYS {
        let mut driver = filled();
        driver.press(keys);
        for (columns, rows) in SIZES {
            driver.resize(columns, rows);
            let frame = driver.frame();
            let Some(area) = popup(&frame) else {
                faults.push(format!("{name} {columns}x{rows}: nothing opens\n{}", text(&frame)));
                continue;
            };
            let mut say = |what: &str| {
                faults.push(format!("{name} {columns}x{rows}: {what}\n{}", text(&frame)));
            };
            if Rect::new(0, 1, columns, rows - 2).intersection(area) != area {
                say("it leaves the room between header and footer");
            }
            let (top, bottom) = (row(&frame, area, area.y), row(&frame, area, area.bottom() - 1));
            if !top.starts_with("┏━ ") || !top.ends_with('┓') || !bottom.starts_with('┗') {
                say("its frame is not whole");
            }
            let inside = area.y + 1..area.bottom() - 1;
            let lines: Vec<String> = inside.map(|y| row(&frame, area, y)).collect();
            if lines.iter().any(|line| !line.starts_with('┃') || !line.ends_with('┃')) {
                say("something is written over its frame");
            }
            // A letter that touches the frame was cut there, or its line has no margin.
            let touches = |line: &String| {
                let last = line.trim_end_matches('┃').chars().next_back();
                last.is_some_and(|last| last.is_alphanumeric())
            };
            if lines.iter().any(touches) {
                say("a line ends in its frame");
            }
            let begins = |line: &String| line.chars().nth(1).is_some_and(char::is_alphanumeric);
            if lines.iter().any(begins) {
                say("a line begins at its frame");
            }
            let footer = row(&frame, Rect::new(0, 0, columns, rows), rows - 1);
            if !footer.contains("Esc") {
                say("the footer does not tell the way out");
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
