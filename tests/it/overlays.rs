//! Every overlay at every size: inside the screen, whole, with its way out, and nothing cut in
//! silence.

use editree::ui::frame::Frame;
use editree::ui::theme::Role;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::look::{coloured, seasons, theme};
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

/// What stands in the box on top, as one line.
pub(crate) fn in_box(driver: &Driver) -> String {
    let frame = driver.frame();
    let area = popup(&frame).unwrap_or_default();
    let rows = (area.y + 1..area.bottom().saturating_sub(1)).map(|y| row(&frame, area, y));
    let rows: Vec<String> = rows.map(|row| row.trim_matches(['┃', ' ']).to_owned()).collect();
    rows.join(" ")
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
            // A question tells its answers itself, and the footer does not say them again.
            let is_told = |way: &str| lines.iter().any(|line| line.contains(way));
            if footer.contains("Esc") == (name == "question")
                || !is_told("Esc") && name == "question"
            {
                say("the way out is not told once");
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// A few columns of what lies behind tell nothing: the box takes them.
#[test]
fn no_scrap_is_left_between_a_box_and_the_edge_of_the_screen() {
    let mut seen = 0;
    for (columns, rows) in SIZES {
        for (name, keys) in OVERLAYS {
            let mut driver = filled();
            driver.resize(columns, rows);
            let before = driver.screen();
            let begin =
                |row: &str| row.split_once("[3] tree").map(|(left, _)| left.chars().count());
            let tree = before.lines().find_map(begin).and_then(|at| u16::try_from(at).ok());
            driver.press(keys);
            let frame = driver.frame();
            let Some(area) = popup(&frame) else { continue };
            let screen = driver.screen();
            let beside = [area.x, columns - area.right()];
            let is_scrap = |left: &u16| (1..=12).contains(left);
            assert!(!beside.iter().any(is_scrap), "{name} {columns}: {screen}");
            // The tree is seen from its first letters to its last, or not at all.
            let is_right = |tree: &u16| *tree > 20 && tree + 20 < columns;
            let Some(tree) = tree.filter(is_right) else { continue };
            let is_beside = area.right() <= tree || area.x + 1 >= tree && area.x <= tree + 1;
            let is_over = area.right() == columns && (area.x <= tree || area.x > tree + 12);
            assert!(is_beside || is_over, "{name} {columns} {tree} {area}: {screen}");
            seen += 1;
        }
    }
    assert!(seen > 10, "boxes beside a tree: {seen}");
}

/// What is answered with a key, and what is chosen from a list or written.
#[test]
fn boxes_of_one_kind_stand_in_the_same_columns_whatever_they_say() {
    let kinds: [&[&str]; 2] = [
        &["menu", "panes", "copy", "question", "trashing"],
        &["commands", "help", "endpoint", "profile", "trash", "history", "name", "sweep"],
    ];
    for (columns, rows) in SIZES {
        for shape in [(1024, 1024), (1248, 832), (832, 1248)] {
            let mut all: [Vec<(&str, Rect)>; 2] = Default::default();
            for (name, keys) in OVERLAYS.into_iter().chain([("trashing", "<Esc>:n1<Enter>d")]) {
                let Some(kind) = kinds.iter().position(|kind| kind.contains(&name)) else {
                    continue;
                };
                let mut driver = filled();
                driver.change_nodes(|_, node| {
                    node.pictures.iter_mut().for_each(|it| (it.width, it.height) = shape);
                });
                driver.resize(columns, rows);
                driver.press("<A-1>");
                let picture = driver.frame().placements.first().map(|it| it.area);
                driver.press(keys);
                let area = popup(&driver.frame()).unwrap();
                // What has room beside the picture leaves it free.
                let beside = picture.map_or(0, |it| columns - it.right());
                let is_free = picture.is_none_or(|it| !it.intersects(area));
                let needed = if kind == 0 { 44 } else { 64 };
                let is_over = kind == 1 && picture.is_some_and(|it| it.width > 40);
                assert!(beside < needed || is_free || is_over, "{name}\n{}", driver.screen());
                all[kind].push((name, area));
            }
            for kind in all {
                let first = kind[0].1;
                let is_alike = |(_, at): &(&str, Rect)| (at.x, at.width) == (first.x, first.width);
                assert!(kind.iter().all(is_alike), "{columns}x{rows} {shape:?}: {kind:?}");
            }
        }
    }
}

/// The last row, where the keys are told.
fn keys(driver: &Driver) -> String {
    driver.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_row_that_enter_runs_is_lit_and_the_keys_begin_with_it() {
    for opens in ["<Esc>:", "<Esc>?"] {
        let mut driver = filled();
        let is_lit = |driver: &Driver, words: &str| {
            let screen = driver.screen();
            screen.lines().any(|row| row.starts_with("┃▌") && row.contains(words))
        };
        driver.press(opens);
        // What stands first is lit: it costs nothing.
        let begins =
            if opens == "<Esc>:" { " Enter run compare  type" } else { " Enter run zoom-in  type" };
        assert!(keys(&driver).starts_with(begins), "{}", keys(&driver));
        for (typed, lit, does) in [
            ("mess", "show the last messages", " Enter run messages  "),
            ("sta", "star this picture", " Enter run star  "),
            ("n1", "go to a picture", " Enter go to n1  "),
            // What costs or deletes asks for its whole name.
            ("tras", "", " Up Down select  type on: 2 begin with tras"),
            ("trash", "move to the trash", " Enter run trash  "),
            ("rer", "", " Up Down select  type on: 2 begin with rer"),
            ("rero", "repeat with a new seed", " Enter twice: run reroll  "),
            // By another word, and by it alone.
            ("gallery", "show the contact sheet", " Enter run sheet  "),
            ("biscuit", "", " type a name  "),
        ] {
            driver.press(&format!("<C-u>{typed}"));
            let screen = driver.screen();
            assert!(keys(&driver).starts_with(does), "{typed}: {}", keys(&driver));
            assert_eq!(is_lit(&driver, lit), !lit.is_empty(), "{typed}\n{screen}");
        }
        for typed in ["star foo", "trash foo", "rero foo"] {
            driver.press(&format!("<C-u>{}", typed.replace(' ', "<Space>")));
            assert!(!keys(&driver).contains("run"), "{typed}: {}", keys(&driver));
        }
        driver.press("<C-u>rero<Space>4");
        assert!(keys(&driver).starts_with(" Enter twice: run"), "{}", keys(&driver));
        driver.press("<C-u>tras<Down>");
        assert!(keys(&driver).starts_with(" Enter twice: run"), "{}", keys(&driver));
        driver.press("<C-u>rero<Enter>");
        assert!(driver.screen().contains(": reroll"), "{}", driver.screen());
        assert!(keys(&driver).starts_with(" Enter run reroll"), "{}", keys(&driver));
    }
}

/// Wherever a row is lit before anything is typed, `Enter` costs nothing.
#[test]
fn a_row_that_costs_nothing_is_lit_from_the_start_in_help_and_command_line() {
    for place in ["<Esc>", "<A-1>", "<A-2>", "<A-3>", "<A-4>", "<A-5>", "<Esc>S"] {
        for ((columns, rows), opens) in
            SIZES.into_iter().flat_map(|at| [(at, "<F1>"), (at, "<Esc>:")])
        {
            let mut driver = filled();
            driver.resize(columns, rows);
            driver.press(place);
            driver.press(opens);
            let screen = driver.screen();
            assert_eq!(screen.matches("┃▌").count(), 1, "{place}\n{screen}");
            assert!(keys(&driver).starts_with(" Enter run "), "{place}: {}", keys(&driver));
            let (before, draft) = (driver.model().tree.len(), driver.model().draft.parent);
            driver.take();
            driver.press("<Enter>");
            assert_eq!(driver.saves(), 0, "{place}");
            assert!(driver.model().money.confirmation.is_none(), "{place}\n{screen}");
            assert_eq!(driver.model().tree.len(), before, "{place}");
            assert_eq!(driver.model().draft.parent, draft, "{place}\n{screen}");
        }
    }
}

/// What alone fits is run by `Enter` where it costs nothing; what costs asks for its name.
#[test]
fn a_word_that_leaves_one_command_lights_it_where_that_costs_nothing() {
    for opens in ["<Esc>:", "<Esc>?"] {
        let mut driver = filled();
        driver.press(opens);
        driver.press("gallery");
        assert!(driver.screen().contains("┃▌"), "{}", driver.screen());
        driver.press("<Enter>");
        assert!(driver.screen().contains("contact sheet"), "{}", driver.screen());
        driver.press("<Esc>");
        driver.press(opens);
        driver.press("retry");
        assert!(!keys(&driver).contains("Enter"), "{}", keys(&driver));
        driver.press("<Enter><Enter>");
        assert_eq!(driver.saves(), 0, "{}", driver.screen());
    }
}

#[test]
fn counts_and_what_may_follow_a_command_are_told_of_the_lit_row_alone() {
    let mut driver = filled();
    driver.press("<Esc>:he");
    assert!(!driver.screen().contains("30H"), "{}", driver.screen());
    driver.press("<C-u>heal");
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let lit = rows.iter().position(|row| row.starts_with("┃▌")).unwrap();
    let foot = rows.iter().position(|row| row.contains("30H: strength 30 %")).unwrap();
    assert!(rows[foot + 1].starts_with('┗') && foot > lit, "{screen}");
}

#[test]
fn a_row_that_was_found_by_what_is_told_where_it_is_lit_says_by_what() {
    let mut driver = filled();
    for (sought, row, why) in [
        ("heat map", "show the next comparison", "“heat map”"),
        ("strengt", "restore what should not have changed", "“strength”"),
    ] {
        driver.press(&format!("<Esc>:{sought}"));
        let screen = driver.screen();
        let found = screen.lines().find(|line| line.contains(row)).unwrap_or_default();
        assert!(found.contains(why), "{sought}\n{screen}");
    }
}

#[test]
fn the_chosen_reference_is_lit_from_edge_to_edge() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = filled();
        driver.resize(columns, rows);
        driver.press("<Esc>:n1<Enter>aA");
        let frame = driver.frame();
        let area = popup(&frame).unwrap();
        let lit = |y: u16| row(&frame, area, y).contains('▌');
        let y = (area.y..area.bottom()).find(|y| lit(*y)).unwrap();
        let is_lit = |x: u16| frame.cells[(x, y)].modifier.contains(Modifier::REVERSED);
        assert!((area.x + 2..area.right() - 1).all(is_lit), "{}", driver.screen());
    }
}

#[test]
fn what_was_typed_wrong_is_red_in_every_box() {
    let mut driver = coloured(seasons(120, 40));
    for (keys, words) in [
        ("<Esc>:nonsense<Enter>", "no command `nonsense`"),
        ("<Esc><Esc>:2<Enter>B<C-u>seed=x", "is not a whole number"),
    ] {
        driver.press(keys);
        let (cells, screen) = (driver.frame().cells, driver.screen());
        let at = screen.lines().enumerate().find_map(|(y, row)| {
            let (left, _) = row.split_once(words)?;
            Some((u16::try_from(left.chars().count()).ok()?, u16::try_from(y).ok()?))
        });
        let at = at.unwrap_or_else(|| panic!("{screen}"));
        assert_eq!(Some(cells[at].fg), theme(&driver).error().fg, "{screen}");
    }
}

#[test]
fn sentences_of_a_narrow_box_go_on_in_the_next_row() {
    let mut driver = filled();
    driver.resize(60, 20);
    driver.press("<Esc>:graphics<Enter>");
    let screen = driver.screen();
    let rows = screen.lines().filter(|row| row.starts_with('┃'));
    let told: Vec<&str> = rows.map(|row| row.trim_matches(['┃', ' '])).collect();
    assert!(told.join(" ").contains("s sixel, b blocks, n none"), "{screen}");
    assert!(!told.iter().any(|row| row.contains('…')), "{screen}");
}

#[test]
fn a_low_screen_shows_what_a_question_is_about() {
    for rows in 9..16 {
        let mut driver = filled();
        driver.resize(80, rows);
        driver.press("<Esc>:n1<Enter>d");
        let screen = driver.screen();
        if popup(&driver.frame()).is_some_and(|area| area.height > 4) {
            assert!(screen.contains("┃ n1 "), "{rows}\n{screen}");
            assert!(screen.contains("y move all 3"), "{rows}\n{screen}");
        }
    }
}

/// One rule for every box: the words behind it go back, also behind what speaks of the picture.
#[test]
fn behind_every_box_the_words_go_back() {
    for (name, keys) in OVERLAYS {
        let mut driver = coloured(seasons(120, 40));
        driver.press(keys);
        let (frame, theme) = (driver.frame(), theme(&driver));
        let area = popup(&frame).unwrap();
        // But for the header and the two rows at the end.
        let behind =
            frame.cells.area.positions().filter(|at| {
                !area.contains(*at) && (1..frame.cells.area.bottom() - 2).contains(&at.y)
            });
        let letters = behind.filter(|at| frame.cells[*at].symbol() != " ");
        let loud = letters.filter(|at| Some(frame.cells[*at].fg) != theme.role(Role::Line).fg);
        assert_eq!(loud.count(), 0, "{name}\n{}", driver.screen());
        // Beside a box the picture is what it speaks of.
        let picture = frame.placements.iter().find(|it| !it.is_on_top).map(|it| it.area);
        let is_over = picture.is_some_and(|picture| picture.intersects(area));
        assert_eq!(frame.veil.is_some(), is_over, "{name}: pictures behind it go back too");
        driver.press("<Esc><Esc><Esc>");
        assert_eq!(driver.frame().veil, None, "{name}");
    }
}

#[test]
fn no_word_of_the_details_is_cut_and_their_rest_is_counted_in_the_frame() {
    for (columns, rows) in SIZES {
        let mut driver = filled();
        driver.resize(columns, rows);
        driver.press("<Esc>I");
        let mut seen: Vec<String> = Vec::new();
        loop {
            let (frame, screen) = (driver.frame(), driver.screen());
            let area = popup(&frame).unwrap();
            let lines = (area.y + 1..area.bottom() - 1).map(|y| row(&frame, area, y));
            let lines: Vec<String> =
                lines.map(|line| line.trim_matches(['┃', ' ']).to_owned()).collect();
            assert!(!lines.iter().any(|line| line.contains("more below")), "{screen}");
            let frame_row = row(&frame, area, area.bottom() - 1);
            let is_end = !frame_row.contains(" more below ━┛");
            assert_eq!(lines.iter().any(|line| line.contains("request-j")), is_end, "{screen}");
            let is_first = seen.is_empty();
            seen.extend(lines.iter().filter(|_| is_first).cloned());
            seen.extend(lines.last().filter(|_| !is_first).cloned());
            if is_end {
                break;
            }
            driver.press("<Down>");
        }
        assert!(seen.join(" ").contains("FLUX.1 Kontext [pro]"), "{seen:#?}");
        let at = seen.iter().position(|line| line.starts_with("endpoint")).unwrap();
        let told = seen[at..].join("");
        let told: String = told.split_whitespace().collect();
        assert!(told.contains("fal-ai/flux-pro/kontext"), "{columns}: {seen:#?}");
        assert!(seen.iter().any(|line| line.ends_with("unusable")), "{columns}: {seen:#?}");
    }
}
