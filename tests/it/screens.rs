//! What people see, at many sizes; pictures inside their slots, nothing under an overlay.

use std::collections::BTreeSet;

use editree::app::failure::{Failure, FailureKind};
use editree::app::log::{Level, LogEntry};
use editree::app::message::{ServiceResult, TaskResult};
use editree::tree::Timestamp;
use editree::ui::theme::Mark;
use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};
use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::layout::Rect;

use crate::support::driver::{Driver, text};
use crate::support::svg::svg;

/// Two edits, a branch, a failure in the log.
pub(crate) fn filled(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it black and white<Enter>");
    driver.answer_all();
    driver.press("Add a red hat<Enter>");
    driver.answer_all();
    driver.press("<A-h><A-h><A-e>Make it sepia<Enter>");
    driver.answer_all();
    driver
}

#[test]
fn screens_at_the_usual_sizes() {
    for (columns, rows) in [(20, 6), (80, 24), (120, 40), (200, 60)] {
        assert_snapshot!(format!("first_{columns}x{rows}"), Driver::new(columns, rows).screen());
        assert_snapshot!(format!("filled_{columns}x{rows}"), filled(columns, rows).screen());
    }
}

/// Some sixty nodes in chains and takes, the newest starred.
pub(crate) fn sixty(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    let prompts = [
        "Make it a {summer|winter|spring} {morning|evening|night}<Enter>y",
        "Add a {1..20} cm tall hat<Enter>y",
        "Make it black and white<Enter>",
        "Add a red hat<Enter>",
        "Take the hat off again<Enter>",
        "Put a {red|blue|green|white} plate on the table, keep the rest<Enter>y",
        "Turn the lamp on {1..20}<Enter>y",
    ];
    for prompt in prompts {
        driver.press(prompt);
        driver.answer_all();
    }
    driver.press("<Esc>*<A-1>");
    driver
}

/// All saved, the first under way, nothing come.
pub(crate) fn ten_jobs(columns: u16, rows: u16) -> Driver {
    let mut driver = filled(columns, rows);
    driver.press("Add a {1..10} cm tall hat<Enter>y");
    let saves = driver.take();
    for effect in saves {
        let result = driver.answer(effect);
        result.into_iter().for_each(|result| driver.finish(result));
    }
    driver
}

/// A request that the service has refused.
pub(crate) fn refused(columns: u16, rows: u16) -> Driver {
    let mut driver = filled(columns, rows);
    driver.is_strange = true;
    driver.press("Make it night<Enter>");
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match driver.answer(effect) {
            Some(TaskResult::Service(ServiceResult::Sent { job, .. })) => {
                let failure = Failure::new(FailureKind::Policy, "this prompt is not allowed");
                Some(TaskResult::Service(ServiceResult::Sent { job, answer: Err(failure) }))
            }
            other => other,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
    driver
}

#[test]
fn screens_of_much_and_of_what_went_wrong() {
    let made = [("sixty", sixty(60, 20)), ("jobs", ten_jobs(60, 20)), ("refused", refused(60, 20))];
    for (name, mut driver) in made {
        for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50), (250, 70)] {
            driver.resize(columns, rows);
            assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
        }
    }
}

#[test]
fn overlays_at_80_by_24() {
    for (name, keys) in [
        ("help", "<Esc>?"),
        ("commands", "<Esc>:"),
        ("menu", "<Esc><Space>"),
        ("panes", "<Esc>g"),
        ("copy", "<Esc>y"),
        ("endpoint", "<Esc><Space>m"),
        ("references", "<Esc>A"),
        ("graphics", "<Esc><Space>g"),
        ("find", "<Esc>/"),
        ("sweep", "<Esc>B"),
        ("inspector", "<Esc>I"),
        ("question", "<C-u>Add a {1..12} cm tall hat<Enter>"),
    ] {
        let mut driver = filled(80, 24);
        driver.press(keys);
        assert_snapshot!(format!("overlay_{name}"), driver.screen());
    }
}

#[test]
fn what_is_known_of_the_terminal_is_told_with_its_evidence_and_what_would_help() {
    let mut driver = filled(80, 24);
    let graphics = &mut driver.workbench.ui.graphics;
    graphics.why = "tmux blocks pictures".into();
    graphics.evidence = "XTVERSION tmux 3.5a, outside XTVERSION kitty(0.26.5), TMUX, OK to kitty \
                         graphics, DA1 1;2;4, outside DA1 62"
        .into();
    graphics.advice = Some("in kitty or Ghostty: tmux set -p allow-passthrough on".into());
    driver.press("<Esc><Space>g");
    assert_snapshot!("overlay_graphics_in_tmux", driver.screen());
}

#[test]
fn words_of_a_server_cannot_steer_the_terminal() {
    let mut driver = Driver::new(120, 40);
    let text = "evil \x1b]0;title\x07 \x1b[2J \u{202e}txet \u{200b}end".to_owned();
    let line = LogEntry {
        at: Timestamp(1_000),
        level: Level::Error,
        job: None,
        node: None,
        text: text.clone(),
    };
    driver.workbench.model.log.push(line);
    driver.workbench.model.nodes.values_mut().for_each(|node| node.title = Some(text.clone()));
    let screen = driver.screen();
    assert!(screen.contains("evil"), "{screen}");
    assert!(
        !screen.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')),
        "{screen:?}"
    );
}

fn assert_sound(driver: &Driver, area: Rect) {
    let frame = driver.workbench.view(area);
    assert_eq!(frame.cells.area, area);
    assert_eq!(frame, driver.workbench.view(area), "drawing twice gives the same");
    for placement in &frame.placements {
        let inside = area.intersection(placement.area) == placement.area;
        assert!(inside && placement.area.bottom() < area.bottom(), "{placement:?} in {area}");
        let on_top = placement.is_on_top;
        let is_covered =
            |position| !on_top && frame.covers.iter().any(|cover| cover.contains(position));
        for position in placement.area.positions().filter(|position| !is_covered(*position)) {
            assert_eq!(frame.cells[position].symbol(), " ", "{position} of {placement:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// I4 and I5.
    #[test]
    fn every_size_can_be_drawn_and_pictures_stay_in_their_place(
        columns in 0u16..260, rows in 0u16..80, keys in "(<Esc>|<A-[1-6]>|[hjkliecmfzTgSMIB?:y]|<Tab>|<Enter>|<Space>|=|-){0,8}"
    ) {
        let mut driver = filled(columns.max(1), rows.max(1));
        assert_sound(&driver, Rect::new(0, 0, columns, rows));
        driver.press(&keys);
        assert_sound(&driver, Rect::new(0, 0, columns, rows));
    }
}

/// Golden scenes under `screenshots/`; `UPDATE=1 cargo test` writes them anew.
#[test]
fn the_screenshots_are_what_the_program_shows() {
    let photo = |name: &str| {
        let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
        image::open(path).unwrap().to_rgba8()
    };
    let mut compare = filled(120, 40);
    compare.press("<A-m><A-m>");
    let scenes = [("first", Driver::new(80, 24)), ("tree", filled(120, 40)), ("compare", compare)];
    let pictures =
        [photo("chelsea.png"), photo("rocket.jpg"), photo("coffee.png"), photo("astronaut.png")];
    for (name, mut driver) in scenes {
        let ground = Ground { fg: Some([0xd8; 3]), bg: [0x14, 0x16, 0x1a] };
        driver.workbench.ui.graphics.palette =
            ThemeChoice::default().palette(Some(ground), Depth::True);
        let frame = driver.frame();
        let drawn = svg(&frame, |placement| {
            pictures.get(placement.picture.0[3] as usize % pictures.len()).cloned()
        });
        assert!(drawn.len() <= 300_000, "{name}: {} bytes", drawn.len());
        let path = format!("{}/screenshots/{name}.svg", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{path} is stale: UPDATE=1 cargo test\n{}", text(&frame));
    }
}

/// Whatever is typed, opened or drawn: a locale without UTF-8 shows nothing else.
#[test]
fn without_utf8_only_ascii_leaves_and_everything_stays_in_its_column() {
    let mut driver = filled(80, 24);
    driver.workbench.ui.graphics.utf8 = false;
    driver.press("<Esc>iÄ café — “猫” …");
    let screen = driver.screen();
    assert!(screen.is_ascii(), "{screen}");
    assert!(screen.contains("A cafe - \"? \" ~"), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    for keys in ["<F1>", "<Esc><Esc>:account<Enter>", "<Esc>T", "I", "<Esc>S"] {
        driver.press(keys);
        assert!(driver.screen().is_ascii(), "{keys}: {}", driver.screen());
    }
}

/// What the legend of the help says of a sign is what it means wherever it stands.
#[test]
fn without_utf8_each_sign_becomes_the_one_that_the_legend_names() {
    let mut seen = BTreeSet::new();
    for (columns, rows) in [(80, 24), (200, 50)] {
        for mut driver in [ten_jobs(columns, rows), refused(columns, rows)] {
            for keys in ["", "<Esc>gtv", "gqv", "T", "<Esc><A-2>jl", "<Esc>S"] {
                driver.press(keys);
                let fine = driver.frame();
                driver.workbench.ui.graphics.utf8 = false;
                let plain = driver.frame();
                driver.workbench.ui.graphics.utf8 = true;
                for at in fine.cells.area.positions() {
                    let sign = fine.cells[at].symbol();
                    // The step of a tree is drawn with its rails.
                    let is_it = |mark: &&Mark| mark.sign(false) == sign && **mark != Mark::Step;
                    let Some(mark) = Mark::ALL.iter().find(is_it).filter(|_| !sign.is_ascii())
                    else {
                        continue;
                    };
                    let told = plain.cells[at].symbol();
                    assert_eq!(told, mark.sign(true), "{keys} {mark:?}\n{}", text(&plain));
                    seen.insert(mark.meaning());
                }
            }
        }
    }
    for meaning in ["marked", "failed", "done", "edits start here", "changed"] {
        assert!(seen.contains(meaning), "{meaning}: {seen:?}");
    }
}

#[test]
fn a_part_that_cannot_be_drawn_says_so_and_spoils_no_other() {
    for part in ["header", "footer", "prompt", "parameters", "tree", "queue", "log", "canvas"] {
        let mut driver = Driver::new(120, 40);
        driver.press("Make it red");
        let whole = driver.frame();
        driver.workbench.ui.breaks = Some(part);
        let frame = driver.frame();
        let screen = driver.screen();
        if whole.broken == frame.broken {
            // Not on this screen.
            assert_eq!(whole, frame, "{part}");
            continue;
        }
        assert_eq!(frame.broken, [part]);
        assert!(screen.contains(&format!("cannot draw `{part}`")), "{screen}");
        assert_eq!(screen.contains("Make it red"), part != "prompt", "{screen}");
        driver.press("<Esc>:");
        assert!(driver.screen().contains("commands"), "{screen}");
    }
    for keys in ["<Esc>:", "<F1>"] {
        let mut driver = Driver::new(120, 40);
        driver.press(keys);
        driver.workbench.ui.breaks = Some("overlay");
        assert!(driver.screen().contains("cannot draw `overlay`"), "{}", driver.screen());
        driver.press("<Esc>");
        assert_eq!(driver.frame().broken, Vec::<&str>::new());
    }
}
