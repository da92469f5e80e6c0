//! Every state and every mode at every size that people have: what holds for all of them, and a way
//! to read them one by one.

use editree::ui::frame::Frame;

use crate::overlays::{OVERLAYS, SIZES};
use crate::screens::{filled, refused, sixty, ten_jobs};
use crate::support::driver::{Driver, text};

/// Its name, and how it comes about.
type State = (&'static str, fn() -> Driver);

/// What is behind an overlay, or stands alone.
const STATES: [State; 5] = [
    ("first", || Driver::new(80, 24)),
    ("edited", || filled(80, 24)),
    ("sixty", || sixty(80, 24)),
    ("jobs", || ten_jobs(80, 24)),
    ("refused", || refused(80, 24)),
];
/// What is no overlay, but changes the screen.
const MODES: [(&str, &str); 12] = [
    ("plain", ""),
    ("draft", "Make it night, and keep the lamp"),
    ("parameters", "<A-2>"),
    ("tree", "<A-3>"),
    ("queue", "<A-4>"),
    ("log", "<A-5>"),
    ("whole-tree", "<Esc>T"),
    ("sheet", "<Esc>S"),
    ("compare", "<A-c>"),
    ("beside", "<A-c><A-m>"),
    ("box", "<Esc>M"),
    ("heal", "<A-H>"),
];

/// Each of them at each size, by name; `GALLERY=folder` takes the overlays too, and writes all that
/// was seen there.
fn each(mut see: impl FnMut(&str, &Frame)) {
    let folder = std::env::var("GALLERY").ok();
    for (state, make) in STATES {
        let overlays = OVERLAYS.iter().filter(|_| folder.is_some() && state == "sixty");
        for (name, keys) in MODES.iter().chain(overlays) {
            let mut driver = make();
            driver.press(keys);
            for (columns, rows) in SIZES {
                driver.resize(columns, rows);
                let (name, frame) = (format!("{columns:03}x{rows}-{state}-{name}"), driver.frame());
                if let Some(folder) = &folder {
                    std::fs::create_dir_all(folder).unwrap();
                    std::fs::write(format!("{folder}/{name}.txt"), text(&frame)).unwrap();
                }
                see(&name, &frame);
            }
        }
    }
}

/// Whatever is on the screen: words begin behind a column for the bars, and end before the last one.
#[test]
fn words_have_one_left_and_one_right_edge_on_every_screen() {
    let mut faults = Vec::new();
    each(|name, frame| {
        let area = frame.cells.area;
        for y in 0..area.bottom() {
            for x in [0, area.right() - 1] {
                let symbol = frame.cells[(x, y)].symbol();
                let is_drawn = symbol.chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}'));
                // In the column of the bars a mark may stand.
                let is_mark = ["✓", "◎"].contains(&symbol);
                if symbol != " " && !is_mark && !is_drawn {
                    faults.push(format!("{name}: `{symbol}` at {x}, {y}\n{}", text(frame)));
                }
            }
        }
    });
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
