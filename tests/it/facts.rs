//! The facts of a picture, beside it: whole clauses at every size, and no sign in the place of one.

use editree::app::message::{PictureResult, TaskResult};
use editree::tree::NodeId;
use ratatui::layout::Rect;

use crate::small::found;
use crate::support::driver::Driver;

const SIZES: [(u16, u16); 5] = [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)];
const PHOTO: (u32, u32) = (1248, 832);
const SEED: u64 = 1_125_017_349;

/// An edit of a photo.
fn edited(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make the cup red<Enter>");
    driver.answer_all();
    driver.change_nodes(|_, node| {
        node.seed = node.seed.map(|_| SEED);
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    });
    driver.press("<Esc>");
    driver
}

/// What stands right of the picture, above the next pane, with one blank between words.
fn beside(driver: &Driver) -> String {
    let frame = driver.frame();
    let x = frame.placements.iter().map(|it| it.area.right()).max().unwrap_or_default();
    let row = |y: u16| -> String {
        let cells = (x..frame.cells.area.width).map(|x| frame.cells[(x, y)].symbol());
        cells.collect()
    };
    let is_next = |row: &String| row.contains("[3] ") || row.contains("[2] ");
    let rows: Vec<String> = (1..frame.cells.area.height).map(row).collect();
    let end = rows.iter().position(is_next).unwrap_or(rows.len());
    let words = rows.iter().take(end).flat_map(|row| row.split([' ', '┃']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn told_of(driver: &mut Driver, parts: [&str; 4], short: [&str; 2]) {
    let after = driver.model().current.unwrap();
    let before = driver.model().nodes[&after.node].parent.unwrap();
    let (a, b) = (before.picture, after.picture);
    let found = Ok(Box::new(found(&parts, &short)));
    driver.finish(TaskResult::Picture(PictureResult::Compared { a, b, found }));
}

/// The picture, or both halves of it.
fn picture(driver: &Driver) -> Rect {
    let placed = driver.frame().placements.into_iter().map(|it| it.area);
    placed.reduce(Rect::union).unwrap()
}

#[test]
fn all_that_is_to_know_of_a_picture_stands_beside_it() {
    for (columns, rows) in SIZES {
        let driver = edited(columns, rows);
        let (told, screen) = (beside(&driver), driver.screen());
        for fact in ["pro", "seed 1125017349", "1248×832", "sim $0.04", "from n1", "01:00"] {
            assert!(told.contains(fact), "{fact}: {told}\n{screen}");
        }
        assert!(!told.contains('…'), "{told}\n{screen}");
    }
}

#[test]
fn what_was_compared_is_told_in_whole_clauses_in_every_way_of_comparing() {
    let shifts = ["0.4 % larger", "1.0 px right", "1.2 px down"];
    let moved = format!("moved {}, {}", shifts[1], shifts[2]);
    let long = ["9 % changed at the top", "rest good, 38.5 dB", shifts[0], &moved];
    let short = ["9 % at the top", "rest good, 38.5 dB"];
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        let alone = picture(&driver);
        driver.press("c");
        told_of(&mut driver, long, short);
        let place = |driver: &Driver| {
            let screen = driver.screen();
            screen.lines().position(|line| line.contains("[3] tree")).unwrap()
        };
        let below = place(&driver);
        for (at, keys) in ["", "c", "m", "m", "m", "m"].into_iter().enumerate() {
            driver.press(keys);
            let (told, screen) = (beside(&driver), driver.screen());
            // Two beside each other have another shape.
            if screen.contains("side by side") {
                continue;
            }
            let is_told = |one: &str, other: &str| told.contains(one) || told.contains(other);
            assert!(is_told(long[0], short[0]) && is_told(long[1], short[1]), "{told}\n{screen}");
            for (shift, is_last) in shifts.iter().zip([false, false, true]) {
                // No row is left for it.
                let is_dropped = columns == 60 && at == 5 && is_last;
                assert!(is_dropped || told.contains(shift), "{shift}: {told}\n{screen}");
            }
            assert!(!told.contains('…') && !told.ends_with(','), "{told}\n{screen}");
            assert_eq!(picture(&driver), alone, "{screen}");
            assert_eq!(place(&driver), below, "{screen}");
        }
    }
}

#[test]
fn a_filtered_picture_has_all_its_facts_beside_it() {
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        driver.change_nodes(|_, node| {
            if node.id == NodeId(2) {
                node.pictures.iter_mut().for_each(|it| it.nsfw = true);
            }
        });
        driver.press("<Left>");
        let (told, screen) = (beside(&driver), driver.screen());
        for fact in ["Make the cup red", "seed 1125017349", "1248×832", "sim $0.04"] {
            assert!(told.contains(fact), "{fact}: {told}\n{screen}");
        }
        let is_origin_told = told.contains("from n1");
        assert!(is_origin_told || columns == 60, "{told}\n{screen}");
        assert!(!told.contains('…'), "{told}\n{screen}");
    }
}

#[test]
fn where_the_facts_have_one_row_they_end_with_a_whole_one() {
    for (columns, rows) in [(40, 12), (50, 16), (60, 20), (80, 24), (200, 50)] {
        let mut driver = edited(columns, rows);
        driver.press("f");
        let screen = driver.screen();
        let row = screen.lines().nth(usize::from(rows) - 3).unwrap().trim();
        let facts = ["pro", "seed 1125017349", "1248×832", "sim $0.04", "from n1", "01:00"];
        let told: Vec<&str> = row.split(" · ").filter(|part| *part != "Make the cup red").collect();
        let count = told.len();
        assert!(count > 1 && (count == facts.len() || columns < 80), "{row}\n{screen}");
        assert_eq!(told, facts[..count], "{screen}");
    }
}

#[test]
fn no_fact_gives_way_to_a_blank_row() {
    let mut driver = edited(60, 20);
    let is_blank = |driver: &Driver| {
        let screen = driver.screen();
        let tree = screen.lines().position(|line| line.contains("[3] tree")).unwrap();
        let column = screen.lines().nth(tree).unwrap().split("[3]").next().unwrap().chars().count();
        let above: String = screen.lines().nth(tree - 1).unwrap().chars().skip(column).collect();
        above.trim().is_empty()
    };
    for drawer in ["", ":sim filtered<Enter>", "iA red hat<Enter>"] {
        driver.press(drawer);
        let told = beside(&driver);
        let is_all = told.contains("from n1") && told.contains("sim $0.04");
        assert!(is_all || !is_blank(&driver), "{drawer}: {told}\n{}", driver.screen());
    }
}

#[test]
fn the_time_has_no_row_of_its_own() {
    let is_clock = |word: &str| word.len() == 5 && word.as_bytes()[2] == b':';
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        for seed in [1_u64, 123_456, 1_234_567_890] {
            let mut driver = Driver::new(columns, rows);
            driver.press("Put a biscuit beside it<Enter>");
            driver.answer_all();
            driver.change_nodes(|_, node| node.seed = node.seed.map(|_| seed));
            let screen = driver.screen();
            let alone = screen.lines().any(|line| {
                let words = line.rsplit("  ").find(|it| !it.trim().is_empty());
                words.is_some_and(|words| is_clock(words.trim()))
            });
            assert!(!alone, "{columns} {seed}\n{screen}");
        }
    }
}

#[test]
fn what_was_compared_is_parted_alike_at_each_size_and_apart_from_the_tree() {
    let shift = ["moved 0.3 px right, 1.0 px up", "0.3 % larger"];
    for (columns, rows) in [(80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = edited(columns, rows);
        driver.press("c");
        let after = driver.model().current.unwrap();
        let before = driver.model().nodes[&after.node].parent.unwrap();
        let (a, b) = (before.picture, after.picture);
        let parts = ["9 % changed at the top", "rest good, 38.6 dB", shift[1], shift[0]];
        let found = Ok(Box::new(found(&parts, &["9 % at the top", "rest good, 38.6 dB"])));
        driver.finish(TaskResult::Picture(PictureResult::Compared { a, b, found }));
        for keys in ["", "c", "mm"] {
            driver.press(keys);
            let screen = driver.screen();
            let whole = screen.lines().any(|line| line.contains("0.3 px right, 1.0 px up"));
            assert!(screen.contains(shift[0]) || columns < 120, "{columns}×{rows}\n{screen}");
            // Of which of the two it is told.
            assert!(screen.contains("n2: 9 % "), "{columns}×{rows}\n{screen}");
            assert!(whole, "{columns}×{rows}\n{screen}");
            assert!(screen.contains(shift[1]), "{columns}×{rows}\n{screen}");
            let head = screen.lines().position(|line| line.contains("[3] tree")).unwrap();
            let title = screen.lines().nth(head).unwrap();
            let x = title.split("[3]").next().unwrap().chars().count();
            let above: String = screen.lines().nth(head - 1).unwrap().chars().skip(x).collect();
            // On a small screen no fact gives way to it.
            let is_apart = above.trim().is_empty() || columns < 120 || head == 1;
            assert!(is_apart, "{columns}×{rows}\n{screen}");
        }
    }
}

#[test]
fn beside_a_wide_picture_the_facts_begin_with_its_number() {
    for (columns, rows) in [(120, 40), (140, 45), (160, 50), (200, 50)] {
        let mut driver = edited(columns, rows);
        for (keys, begun) in [("", "n2 · pro · seed"), ("h", "n1 · 1248×832")] {
            driver.press(keys);
            let told = beside(&driver);
            let told = told.trim_start_matches(['━', ' ']);
            assert!(told.starts_with(begun), "{told}\n{}", driver.screen());
        }
    }
    // Where the title stands above them it has the number.
    assert!(beside(&edited(80, 24)).starts_with("[6] n2"), "{}", edited(80, 24).screen());
}

#[test]
fn what_is_told_of_two_begins_with_the_number_and_the_size_of_what_is_seen() {
    let long = ["9 % changed at the top", "rest good, 38.6 dB", "0.3 % larger", "moved 1.0 px up"];
    for (columns, rows) in [(120, 40), (140, 45), (160, 50), (200, 50)] {
        let mut driver = edited(columns, rows);
        let size = driver.model().nodes[&NodeId(1)].pictures[0].clone();
        assert_eq!((size.width, size.height), PHOTO);
        driver.press("c");
        told_of(&mut driver, long, ["9 % at the top", "rest good, 38.6 dB"]);
        let wanted = [
            ("", "n1 · 1248×832 n2: 9 % changed at the top rest good"),
            ("c", "n2 · 1248×832 n2: 9 % changed at the top rest good"),
            ("m", "n1 1248×832 · n2 1248×832 n2: 9 % changed"),
            ("m", "n1 1248×832 · n2 1248×832 n2: 9 % changed"),
        ];
        for (keys, begun) in wanted {
            driver.press(keys);
            let (told, screen) = (beside(&driver), driver.screen());
            if screen.contains("side by side") {
                continue;
            }
            let told = told.trim_start_matches(['━', ' ']);
            assert!(told.starts_with(begun), "{told}\n{screen}");
            assert_eq!(told.matches("1248×832").count() > 2, told.contains("cat.png"), "{told}");
        }
    }
}

#[test]
fn the_line_of_the_focus_is_as_high_as_the_facts_beside_it() {
    let driver = edited(80, 24);
    let screen = driver.screen();
    let bars = screen.lines().filter(|line| line.contains('┃') && !line.starts_with('┃')).count();
    let facts = screen.lines().position(|line| line.contains("from n1")).unwrap();
    let head = screen.lines().position(|line| line.contains("[6] n2")).unwrap();
    assert_eq!(bars, facts + 1 - head, "{screen}");
}
