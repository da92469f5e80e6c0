//! How what tells takes apart is spelled: in a word wherever its row has the cells, in the log as in
//! the tree, and nothing is cut for what a sign says.

use editree::tree::NodeId;
use unicode_width::UnicodeWidthStr as _;

use crate::look::seasons;
use crate::support::driver::Driver;

const SIZES: [(u16, u16); 5] = [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)];
const FILTERED: NodeId = NodeId(24);

/// Seasons by two models, takes without one on the picture before, and one that was filtered.
fn many(columns: u16, rows: u16) -> Driver {
    let mut driver = seasons(columns, rows);
    driver.press("<Esc>:n2<Enter>ei<C-u>Take away the spoon, {1..4}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>:n3<Enter>ei<C-u>Put a biscuit beside it<Enter>");
    driver.answer_all();
    driver.change_nodes(|at, node| {
        node.pictures.iter_mut().for_each(|it| {
            (it.width, it.height) = (1248, 832);
            it.nsfw = node.id == FILTERED;
        });
        if let Some((recipe, take)) =
            node.recipe.as_mut().zip(at.checked_sub(19)).filter(|it| it.1 < 4)
        {
            recipe.prompt = "Take away the spoon".into();
            recipe.values.insert("seed".into(), (take + 1).into());
        }
    });
    driver.press("<A-1>");
    driver
}

/// The rows of nodes, from their number on.
fn rows(driver: &Driver) -> Vec<String> {
    let screen = driver.screen();
    let row = |line: &str| {
        let begin = line.match_indices('n').map(|(at, _)| at).find(|at| {
            let before = line[..*at].chars().next_back();
            let is_number = line[at + 1..].starts_with(|sign: char| sign.is_ascii_digit());
            is_number && before.is_some_and(|sign| "├└─● ▶⊘".contains(sign))
        })?;
        let is_row = line[..begin].contains(['├', '└']);
        is_row.then(|| line[begin..].trim_end_matches(['│', '┃', ' ']).to_owned())
    };
    screen.lines().filter_map(row).collect()
}

/// Blanks before the last words, and these: `s1`, `pro 1`, `seed 1`.
fn ending(row: &str) -> (usize, &str) {
    let blanks = |before: &str| before.len() - before.trim_end().len();
    let (before, last) = row.rsplit_once(' ').unwrap_or(("", row));
    match before.rsplit_once(' ') {
        Some((earlier, "pro" | "max")) => (blanks(earlier) + 1, &row[earlier.len() + 1..]),
        _ => (blanks(before) + 1, last),
    }
}

#[test]
fn a_row_that_has_the_cells_says_seed() {
    let mut words = 0;
    for (columns, height) in SIZES {
        let driver = many(columns, height);
        for row in rows(&driver) {
            let (blanks, last) = ending(&row);
            let longer = match last.as_bytes() {
                [b's', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => "eed ".len(),
                _ if last.starts_with("pro ") || last.starts_with("max ") => "seed ".len(),
                _ => continue,
            };
            words += 1;
            assert!(blanks <= longer, "{columns}: {row}\n{}", driver.screen());
            assert!(!row.contains("pro1") && !row.contains("max1"), "{row}");
        }
        // A filtered row beside them takes nothing of that.
        let spoons: Vec<String> =
            rows(&driver).into_iter().filter(|row| row.contains("spoon")).collect();
        let is_whole = spoons.iter().all(|row| row.contains("seed "));
        assert!(is_whole || columns == 60, "{spoons:?}\n{}", driver.screen());
    }
    assert!(words > 0, "some have no room for more");
}

#[test]
fn no_words_are_cut_for_what_the_sign_of_a_filtered_picture_says() {
    for (columns, height) in SIZES {
        let mut driver = many(columns, height);
        driver.press(&format!("<Esc>:n3<Enter>e<Esc>:{FILTERED}<Enter>"));
        let screen = driver.screen();
        let is_it = |line: &&str| line.contains(&format!("⊘ {FILTERED} "));
        let is_narrow = |line: &&str| line.contains(&format!("⊘{FILTERED} "));
        let row = screen.lines().skip(2).find(|line| is_it(line) || is_narrow(line)).unwrap();
        assert!(!row.contains('…') || !row.contains("filtered"), "{row}\n{screen}");
        if columns >= 120 {
            assert!(row.contains("biscuit beside it"), "{row}\n{screen}");
        }
        if columns == 200 {
            let end = |line: &str| line.split(['┃']).next().unwrap_or_default().width();
            assert!(row.contains("filtered") && end(row) > 0, "{row}\n{screen}");
        }
    }
}

#[test]
fn the_log_spells_takes_as_the_tree_does() {
    for (columns, height) in [(200, 50), (250, 70)] {
        let driver = many(columns, height);
        let screen = driver.screen();
        let mut compared = 0;
        for number in 4..20 {
            let told = |sign: &str| {
                let begin = format!("{sign}n{number} ");
                let (_, rest) = screen.lines().find_map(|line| line.split_once(&begin))?;
                let mut words = rest
                    .split_whitespace()
                    .skip_while(|word| *word != "seed" && *word != "pro" && *word != "max");
                let first = words.next()?;
                Some(format!("{first} {} {}", words.next()?, words.next()?))
            };
            let Some((tree, log)) = told("● ").zip(told("01:00 ")) else {
                continue;
            };
            compared += 1;
            assert_eq!(tree, log, "{screen}");
        }
        assert!(compared > 3, "{screen}");
    }
}
