//! Two pictures compared: every mark tells which of them is on the screen, and which is the other.

use editree::tree::NodeId;
use editree::ui::theme::Mark;
use ratatui::buffer::Buffer;

use crate::look::{coloured, theme};
use crate::support::driver::Driver;

const SIZES: [(u16, u16); 5] = [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)];

/// A photo, and two edits of it; the first of them is shown.
fn edited(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make the cup red<Enter>");
    driver.answer_all();
    driver.press("<A-h><A-e>Make it blue<Enter>");
    driver.answer_all();
    let mut driver = coloured(driver);
    driver.press("<Esc>:n2<Enter>");
    driver.workbench.model.notice = None;
    driver
}

fn row(cells: &Buffer, y: u16) -> String {
    (0..cells.area.width).map(|x| cells[(x, y)].symbol()).collect()
}

/// The numbers that stand on the ground of what is selected, or are bold where nothing has one: in
/// the tree, and below the picture.
fn lit(driver: &Driver) -> Vec<String> {
    let (cells, theme) = (driver.frame().cells, theme(driver));
    let numbers = ["n1", "n2", "n3"];
    let rows = (1..cells.area.height - 5).filter(|y| !row(&cells, *y).contains("[6]"));
    let found = rows.flat_map(|y| (1..cells.area.width - 2).map(move |x| (x, y)));
    let found = found.filter_map(|(x, y)| {
        let told = format!("{}{}", cells[(x, y)].symbol(), cells[(x + 1, y)].symbol());
        let style = cells[(x, y)].style();
        let is_lit = match theme.has_bar() {
            true => style.bg == theme.selected().bg,
            false => style.add_modifier.contains(ratatui::style::Modifier::BOLD),
        };
        (is_lit && numbers.contains(&told.as_str())).then_some(told)
    });
    found.collect()
}

/// The signs in the first column of the tree, by number.
fn signs(driver: &Driver) -> Vec<(String, String)> {
    let cells = driver.frame().cells;
    let head = (0..cells.area.height).find(|y| row(&cells, *y).contains("[3] tree")).unwrap();
    let x = row(&cells, head).split("[3]").next().unwrap().chars().count() as u16 - 1;
    let number = |y: u16| {
        let row: String = row(&cells, y).chars().skip(usize::from(x)).take(9).collect();
        ["n1 ", "n2 ", "n3 "].into_iter().find(|number| row.contains(*number))
    };
    let rows = (head + 1..cells.area.height - 5).filter_map(|y| Some((number(y)?, y)));
    let sign =
        |(number, y): (&str, u16)| (number.trim().to_owned(), cells[(x, y)].symbol().to_owned());
    rows.map(sign).filter(|(_, sign)| sign != " ").collect()
}

fn crumb(driver: &Driver) -> String {
    driver.screen().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn what_is_lit_follows_the_picture_that_is_swapped_in_and_the_other_has_a_mark_of_its_own() {
    for (columns, rows) in SIZES {
        for (ascii, mono) in [(false, false), (true, false), (false, true)] {
            let mut driver = edited(columns, rows);
            driver.workbench.ui.graphics.utf8 = !ascii;
            driver.workbench.ui.graphics.mono = mono;
            let marks = [Mark::Selected, Mark::Partner].map(|mark| theme(&driver).mark(mark));
            let [own, other] = marks.map(str::to_owned);
            let pair = |shown: &str| {
                let sign = |node: &str| if node == shown { own.clone() } else { other.clone() };
                ["n1", "n2"].map(|node| (node.to_owned(), sign(node)))
            };
            let alone = signs(&driver);
            for (keys, shown, told) in
                [("c", "n1", "before"), ("c", "n2", "after"), ("c", "n1", "before")]
            {
                driver.press(keys);
                let screen = driver.screen();
                assert!(screen.contains(&format!("{shown}, {told}")), "{screen}");
                let lit = lit(&driver);
                assert!(lit.iter().all(|number| number == shown), "{lit:?}\n{screen}");
                assert!(!lit.is_empty(), "{screen}");
                assert_eq!(signs(&driver), pair(shown), "{screen}");
                // What is counted above the tree is what is lit in it.
                let place = [format!("{} of 3", &shown[1..]), format!("{}/3", &shown[1..])];
                let head = screen.lines().find(|line| line.contains("[3] ")).unwrap();
                assert!(place.iter().any(|place| head.contains(place)), "{screen}");
                let crumb = crumb(&driver);
                let has = |words: &str| crumb.contains(words);
                assert!(has("cat"), "{screen}");
                assert_eq!(has("n2") || has("cup"), shown == "n2", "{screen}");
            }
            // The keys act on the same picture all the time.
            assert_eq!(driver.model().current.unwrap().node, NodeId(2));
            driver.press("<Esc>");
            assert_eq!(signs(&driver), alone, "{}", driver.screen());
        }
    }
}

#[test]
fn of_two_that_are_seen_at_once_the_picture_is_lit_and_the_other_marked() {
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        driver.press("c");
        for _ in 0..4 {
            driver.press("m");
            let (screen, lit) = (driver.screen(), lit(&driver));
            assert!(lit.iter().all(|number| number == "n2"), "{lit:?}\n{screen}");
            let found = signs(&driver);
            assert!(
                found.contains(&("n1".into(), "◎".into())) || columns < 80,
                "{found:?}\n{screen}"
            );
            assert!(found.contains(&("n2".into(), "▌".into())), "{found:?}\n{screen}");
        }
    }
}

#[test]
fn a_sibling_that_one_compares_with_is_marked_below_the_picture_too() {
    let mut driver = edited(120, 40);
    let strip = |driver: &Driver| {
        let screen = driver.screen();
        screen.lines().find(|line| line.contains(" of 2")).unwrap_or_default().to_owned()
    };
    let alone = strip(&driver);
    driver.press(":compare n3<Enter>");
    let told = strip(&driver);
    assert!(told.contains("n2◎") && !told.contains("n3◎"), "{told}");
    assert!(told.contains("2 of 2"), "{told}");
    assert_eq!(lit(&driver), ["n3", "n3"], "{}", driver.screen());
    driver.press("c");
    let told = strip(&driver);
    assert!(told.contains("n3◎") && told.contains("1 of 2"), "{told}");
    driver.press("c");
    let told = strip(&driver);
    let place = |told: &str, words: &str| told.split(words).next().unwrap().chars().count();
    assert_eq!(place(&told, "n3"), place(&alone, "n3"), "nothing moves");
}

#[test]
fn while_the_one_before_is_seen_none_of_its_edits_is_lit_or_counted_below_it_and_nothing_moves() {
    for protocol in ["kitty", "none"] {
        let mut driver = edited(120, 40);
        driver.workbench.ui.graphics.protocol = protocol.into();
        let strip = |driver: &Driver| {
            let cells = driver.frame().cells;
            let is_it = |y: &u16| row(&cells, *y).contains("n2") && row(&cells, *y).contains("n3");
            (10..cells.area.height).find(is_it).map(|y| (y, row(&cells, y))).unwrap()
        };
        driver.press("cc");
        let (y, after) = strip(&driver);
        assert!(after.contains("1 of 2"), "{after}");
        driver.press("c");
        let (same, before) = strip(&driver);
        assert!(!before.contains(" of 2") && before.contains("n2◎"), "{before}");
        let column = |told: &str| told.split("n3").next().unwrap().chars().count();
        assert_eq!((same, column(&before)), (y, column(&after)), "{before}\n{after}");
        let cells = driver.frame().cells;
        let at = before.split("n2").next().unwrap().chars().count() as u16;
        let quiet = [(at, y), (column(&before) as u16, y)].map(|at| cells[at].fg);
        assert_eq!(quiet[0], quiet[1], "as quiet as the others\n{}", driver.screen());
    }
}

#[test]
fn no_key_is_offered_for_another_picture_than_is_seen() {
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        driver.press("c");
        driver.workbench.model.notice = None;
        let screen = driver.screen();
        assert!(screen.contains("you see n1; the prompt edits n3"), "{screen}");
        assert!(!screen.contains("e: edit n2"), "{screen}");
        driver.press("c");
        driver.workbench.model.notice = None;
        assert!(driver.screen().contains("e: edit n2"), "{}", driver.screen());
        // What is seen is what will be edited: there is nothing to say.
        driver.press(":compare n3<Enter>");
        driver.workbench.model.notice = None;
        let screen = driver.screen();
        assert!(screen.contains("n3, not n2") && !screen.contains("the prompt edits"), "{screen}");
    }
}

#[test]
fn numbers_below_the_picture_begin_where_their_small_pictures_do() {
    for (columns, rows, protocol) in
        [(120, 40, "kitty"), (120, 40, "blocks"), (200, 50, "kitty"), (200, 50, "sixel")]
    {
        let mut driver = edited(columns, rows);
        driver.workbench.ui.graphics.protocol = protocol.into();
        let (frame, screen) = (driver.frame(), driver.screen());
        let thumbs: Vec<_> = frame.placements.iter().filter(|it| it.area.height < 6).collect();
        let small: Vec<_> = thumbs.iter().filter(|it| it.area.y > rows / 2).collect();
        assert!(small.len() == 2, "{protocol} {small:?}\n{screen}");
        let ground = theme(&driver).selected().bg;
        for thumb in small {
            let line = row(&frame.cells, thumb.area.bottom());
            let begun: String = line.chars().skip(thumb.area.x.into()).take(2).collect();
            assert!(["n2", "n3"].contains(&begun.as_str()), "{line}\n{screen}");
            // What tells which is shown is as wide as the picture above it.
            let columns = thumb.area.x - 1..=thumb.area.right();
            let is_lit =
                columns.map(|x| frame.cells[(x, thumb.area.bottom())].style().bg == ground);
            let is_lit: Vec<bool> = is_lit.collect();
            let inside = is_lit[1..is_lit.len() - 1].iter().all(|it| *it == (begun == "n2"));
            assert!(inside && !is_lit[0] && !is_lit[is_lit.len() - 1], "{is_lit:?}\n{screen}");
        }
    }
}

#[test]
fn below_a_picture_without_siblings_stand_what_it_was_made_from_and_what_was_made_from_it() {
    for (protocol, row) in [("kitty", "n1     › n2     › n3"), ("none", "n1 › n2 › n3")] {
        let mut driver = Driver::new(120, 40);
        driver.workbench.ui.graphics.protocol = protocol.into();
        driver.press("Make the cup red<Enter>");
        driver.answer_all();
        driver.press("Make it night<Enter>");
        driver.answer_all();
        let mut driver = coloured(driver);
        let large = |driver: &Driver| driver.frame().placements.first().map(|it| it.area);
        let place = large(&driver);
        for keys in ["<Esc>", "h", "h"] {
            driver.press(keys);
            let screen = driver.screen();
            let shown = driver.model().current.unwrap().node;
            let told = match shown {
                NodeId(2) => row,
                // Two steps away is not seen.
                NodeId(3) => row.split_once('›').unwrap().1.trim_start(),
                _ => row.rsplit_once('›').unwrap().0,
            };
            let told = told.trim_end_matches([' ', '›']);
            let below = screen.lines().rev().find(|line| line.contains(told));
            let is_told = below.is_some_and(|line| !line.contains(" of "));
            assert!(is_told, "{protocol} {shown}: {told}\n{screen}");
            assert_eq!(lit(&driver).len(), 2, "in the tree and below the picture\n{screen}");
            assert_eq!(large(&driver), place, "{screen}");
        }
    }
}

#[test]
fn a_zoomed_comparison_is_drawn_at_every_size() {
    for keys in ["c", "m", "mm", "mmm", "mmmm", "mmmmm"] {
        let mut driver = edited(120, 40);
        driver.press(&format!("{keys}==="));
        for (columns, rows) in (40..=200).step_by(16).flat_map(|x| (10..=44).map(move |y| (x, y))) {
            driver.resize(columns, rows);
            let broken = driver.frame().broken;
            assert_eq!(broken, Vec::<&str>::new(), "{keys} {columns}x{rows}\n{}", driver.screen());
        }
    }
}
