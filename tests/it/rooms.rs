//! One form for one thing, however wide the screen is: rows of the tree, facts of a picture, numbers
//! of panes; and no room that tells nothing.

use editree::app::message::{StoreResult, TaskResult};
use editree::tree::NodeId;

use crate::look::seasons;
use crate::still::measured::measured;
use crate::support::driver::Driver;

fn as_photos(driver: &mut Driver) {
    driver.change_nodes(|_, node| {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
    });
    // The layout follows the picture after the next step.
    driver.press("<A-1>");
}

fn line(driver: &Driver, words: &str) -> String {
    let screen = driver.screen();
    let line = screen.lines().find(|line| line.contains(words));
    line.unwrap_or_else(|| panic!("{words}\n{screen}")).to_owned()
}

fn place(driver: &Driver, words: &str) -> usize {
    let screen = driver.screen();
    let place = screen.lines().position(|line| line.contains(words));
    place.unwrap_or_else(|| panic!("{words}\n{screen}"))
}

/// The first column of these words.
fn column(driver: &Driver, words: &str) -> usize {
    let line = line(driver, words);
    line.split_once(words).map_or(0, |(before, _)| before.chars().count())
}

/// Shows what was found for these words.
fn filtered(driver: &mut Driver, words: &str, found: &[u32]) {
    driver.press(&format!("<Esc>/{words}"));
    driver.answer_all();
    let found = found.iter().map(|id| driver.model().nodes[&NodeId(*id)].clone()).collect();
    driver.finish(TaskResult::Store(StoreResult::Found { text: words.into(), nodes: Ok(found) }));
    driver.press("<Enter>");
}

#[test]
fn a_filtered_tree_keeps_one_row_an_entry_as_it_was() {
    let mut driver = seasons(120, 40);
    driver.workbench.ui.graphics.protocol = "kitty".into();
    // More nodes than rows, of which few are found.
    driver.press("<Esc>:6<Enter>iMake it a {dark|bright} evening, {1..8}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>:6<Enter>");
    as_photos(&mut driver);
    let small = |driver: &Driver| {
        let placements = driver.frame().placements;
        placements.iter().filter(|it| it.area.height == 2 && it.area.x > 80).count()
    };
    assert_eq!(small(&driver), 0, "{}", driver.screen());
    let told = |driver: &Driver, number: &str| {
        let row = line(driver, &format!("─● n{number} "));
        let (_, row) = row.split_once("─● ").unwrap_or_default();
        let words = row.split_whitespace().filter(|word| !["│", "┃"].contains(word));
        words.map(|word| word.trim_end_matches(['│', '┃'])).collect::<Vec<_>>().join(" ")
    };
    let before = told(&driver, "6");
    filtered(&mut driver, "seed:3", &[4, 6, 14]);
    let screen = driver.screen();
    assert!(screen.contains("tree /seed:3 · 1 of 3"), "{screen}");
    assert_eq!(told(&driver, "6"), before, "{screen}");
    assert_eq!(small(&driver), 0, "{screen}");
    for number in ["4", "6", "14"] {
        let row = told(&driver, number);
        assert!(row.contains("summer") || row.contains("winter"), "{row}\n{screen}");
        assert!(row.contains("seed "), "{row}\n{screen}");
    }
    let rows = ["─● n4 ", "─● n6 ", "─● n14 "].map(|words| place(&driver, words));
    assert_eq!(rows, [rows[0], rows[0] + 1, rows[0] + 2], "{screen}");
}

#[test]
fn the_keys_of_the_help_end_two_columns_before_the_words() {
    let mut driver = seasons(60, 20);
    driver.press("<Esc>?");
    let screen = driver.screen();
    for whole in ["show the whole picture", "compare with the parent"] {
        assert!(screen.contains(whole), "{whole}\n{screen}");
    }
    // Each key ends two columns before the words.
    let begin = column(&driver, "zoom in");
    assert!(begin < 12, "{screen}");
    for (key, words) in [("=", "zoom in"), ("0", "show the whole"), ("c", "compare with")] {
        assert_eq!(column(&driver, words), begin, "{screen}");
        let row: Vec<char> = line(&driver, words).chars().collect();
        assert_eq!(row[begin - 3].to_string(), key, "{screen}");
    }
    // A longer text ends with what is whole.
    assert!(!screen.lines().any(|line| line.starts_with('┃') && line.contains('…')), "{screen}");
    assert!(line(&driver, "show the original size").contains("one-to-one"), "{screen}");
}

#[test]
fn facts_of_a_picture_have_one_order_everywhere_and_repeat_nothing() {
    let mut driver = seasons(80, 24);
    driver.press("<Esc>:6<Enter>");
    as_photos(&mut driver);
    let facts = ["pro", "seed 3", "1248×832", "sim $0.04", "from n3"];
    driver.press("<Esc>T");
    driver.answer_all();
    let below = line(&driver, " · sim $0.04 · ");
    let [_, _, size, price, from] = facts;
    // Model and seed stand in the words above.
    assert!(
        below.trim_start().starts_with(&[size, price, from].join(" · ")),
        "{}",
        driver.screen()
    );
    assert!(line(&driver, "n6 Make it a summer morning pro seed 3").contains("n6"));
    driver.press("<Esc>");
    driver.resize(120, 40);
    as_photos(&mut driver);
    let screen = driver.screen();
    let at = |fact: &str| screen.find(fact).unwrap_or_else(|| panic!("{fact}\n{screen}"));
    let from = at("pro · seed ");
    let rest = &screen[from..];
    let found = facts.map(|fact| rest.find(fact).unwrap_or_else(|| panic!("{fact}\n{screen}")));
    assert!(found.is_sorted(), "{found:?}\n{screen}");
    driver.press("<Esc>I");
    let rows = ["model  ", "seed  ", "price  ", "from  "].map(|name| place(&driver, name));
    assert!(rows.is_sorted(), "{rows:?}\n{}", driver.screen());
}

#[test]
fn a_narrow_tree_keeps_the_words_that_tell_its_rows_apart() {
    let mut driver = seasons(60, 20);
    driver.press("<Esc>:6<Enter><A-3>");
    as_photos(&mut driver);
    driver.press("<A-3>");
    let screen = driver.screen();
    for words in ["├n5 summer", "├n6 summer", "├n7 summer"] {
        let row = line(&driver, words);
        assert!(
            (1..5).any(|seed| row.trim_end().contains(&format!(" s{seed}"))),
            "{row}\n{screen}"
        );
    }
    assert!(!screen.contains("su…") && !screen.contains("●n"), "{screen}");
    // What is not as usual has its mark.
    assert!(screen.contains("▶n"), "{screen}");
}

#[test]
fn a_wider_tree_never_has_shorter_words() {
    let seeds = |columns, rows| {
        let mut driver = seasons(columns, rows);
        driver.press("<Esc>:6<Enter>");
        as_photos(&mut driver);
        let sign = if columns == 60 { "├n6 " } else { "● n6 " };
        let row = line(&driver, sign);
        let (_, row) = row.rsplit_once(sign).unwrap();
        let told = ["pro seed 3", "pro s3", "s3"].into_iter().find(|told| row.contains(told));
        (told.unwrap_or_else(|| panic!("{}", driver.screen())), driver.screen())
    };
    let told =
        [(60, 20), (80, 24), (120, 40), (200, 50)].map(|(columns, rows)| seeds(columns, rows));
    let words: Vec<&str> = told.iter().map(|(words, _)| *words).collect();
    assert_eq!(words, ["s3", "pro s3", "pro seed 3", "pro seed 3"], "{}", told[1].1);
}

#[test]
fn where_edits_start_leaves_half_of_its_row_to_the_prompt() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40)] {
        let mut driver = Driver::new(columns, rows);
        as_photos(&mut driver);
        driver.answer_all();
        let screen = driver.screen();
        let row = line(&driver, "[1] ");
        let (words, _) = row.split_once(" from n1").unwrap_or_else(|| panic!("{screen}"));
        assert!(words.chars().count() + 1 >= usize::from(columns) / 2, "{columns}\n{screen}");
    }
}

#[test]
fn numbers_of_panes_are_no_numbers_of_rows() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = seasons(columns, rows);
        driver.press("<Esc>:6<Enter>");
        as_photos(&mut driver);
        let screen = driver.screen();
        for pane in ["[1] ", "[2] ", "[3] tree", "[4] queue", "[5] log", "[6] n6"] {
            assert!(screen.contains(pane), "{pane} {columns}\n{screen}");
        }
        // The siblings are counted at the right of theirs.
        if let Some(row) = screen.lines().find(|line| line.contains(" of 16")) {
            let (before, _) = row.split_once(" of 16").unwrap();
            assert!(before.contains("n6 ") && before.contains("n7 "), "{row}\n{screen}");
        }
    }
}

#[test]
fn the_title_of_a_picture_has_its_words_and_the_tree_the_rows_below() {
    let mut driver = seasons(120, 40);
    driver.press("<Esc>:6<Enter><A-6>");
    as_photos(&mut driver);
    driver.press("<A-6>");
    let screen = driver.screen();
    assert!(line(&driver, "[6] n6 Make it a summer morning ━").contains("▌[6]"), "{screen}");
    assert_eq!(screen.matches("Make it a summer morning").count(), 1, "in the title\n{screen}");
    // As many rows as what is compared takes, and one that is blank.
    let (facts, tree) = (place(&driver, "pro · seed "), place(&driver, "[3] tree"));
    assert_eq!((facts, tree), (1, 6), "{screen}");
    // It stays there while the picture is measured and compared.
    measured(&mut driver, &["8 % changed at the top", "rest same, 41.0 dB"]);
    assert_eq!(place(&driver, "[3] tree"), tree, "{}", driver.screen());
    driver.press("c");
    assert_eq!(place(&driver, "[3] tree"), tree, "{}", driver.screen());
    assert!(driver.screen().contains("[6] swap · "), "{}", driver.screen());
    driver.press("<Esc>=");
    assert!(driver.screen().contains("[6] n6 · zoom 2×, middle"), "{}", driver.screen());
    assert!(line(&driver, "Make it a summer morning").contains("Make it"), "{}", driver.screen());
}

#[test]
fn a_box_before_the_siblings_covers_numbers_and_pictures_alike() {
    let mut driver = seasons(120, 40);
    driver.press("<Esc>:6<Enter>");
    as_photos(&mut driver);
    driver.press("<A-6>");
    assert!(driver.screen().contains(" of 16"), "{}", driver.screen());
    driver.press("<Space>m");
    driver.answer_all();
    let (frame, screen) = (driver.frame(), driver.screen());
    let small = frame.placements.iter().filter(|it| it.area.height <= 3).count();
    let has_numbers = screen.contains(" of 16");
    assert_eq!(small > 0, has_numbers, "{small}\n{screen}");
}

#[test]
fn a_place_of_the_sheet_without_a_picture_has_its_edges_its_mark_and_its_word() {
    let mut driver = seasons(120, 40);
    driver.press("<Esc>:6<Enter>");
    as_photos(&mut driver);
    driver.change_nodes(|at, node| {
        if at == 8 {
            node.pictures.iter_mut().for_each(|picture| picture.nsfw = true);
        }
    });
    driver.press("<Esc>S");
    let screen = driver.screen();
    assert!(screen.contains("⊘ filtered"), "{screen}");
    for corner in ["┌─", "─┐", "└─", "─┘"] {
        assert!(screen.contains(corner), "{corner}\n{screen}");
    }
}

#[test]
fn words_that_give_way_to_what_runs_stand_in_the_details() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make the old cat by the window blue and the chair red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>");
    let is_whole = |driver: &Driver| {
        let screen = driver.screen();
        let above: Vec<&str> = screen.lines().skip(1).take(5).collect();
        let above = above.join(" ").replace(['━', '▌', '│'], " ");
        let words: Vec<&str> = above.split_whitespace().collect();
        words.join(" ").contains("Make the old cat by the window blue and the chair red")
    };
    assert!(is_whole(&driver), "{}", driver.screen());
    driver.press("iAdd a hat<Enter>");
    let save = driver.take().into_iter().find_map(|effect| driver.answer(effect));
    driver.finish(save.unwrap());
    driver.press("<Esc>");
    let busy = driver.model().jobs.counts().open;
    assert!(busy > 0 && is_whole(&driver), "{busy}\n{}", driver.screen());
}

#[test]
fn what_differs_ends_in_one_column_however_long_the_words_before_it_are() {
    let mut driver = Driver::new(250, 60);
    let long = "Make it a painting in oil with heavy strokes and a golden frame around it";
    for words in ["Make it red", long] {
        driver.press(&format!("<Esc>:1<Enter>i{words}<Enter>"));
        driver.answer_all();
        driver.press("<Esc>3ry");
        driver.answer_all();
    }
    driver.press("<Esc>T");
    let screen = driver.screen();
    let end = |row: &str| {
        let (before, _) = row.split_once("take 2")?;
        row.contains("─● n").then(|| before.chars().count())
    };
    let ends: Vec<usize> = screen.lines().filter_map(end).collect();
    assert!(ends.len() == 2 && ends[0] == ends[1], "{ends:?}\n{screen}");
}
