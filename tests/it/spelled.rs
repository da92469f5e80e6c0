//! How what tells rows apart is spelled: in one form in all that are seen, in the log as in the tree,
//! ending with whole words, and nothing is cut for what a sign says.

use std::collections::BTreeSet;

use editree::tree::NodeId;
use unicode_width::UnicodeWidthStr as _;

use crate::look::{coloured, seasons, turned_away};
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

/// How many of these rows tell their seed in a word, and how many in a sign.
fn seeds(rows: &[String]) -> (usize, usize) {
    let count = |is_it: fn(&str, &str) -> bool| {
        let ends = |row: &&String| {
            let (before, last) = row.rsplit_once(' ').unwrap_or(("", row.as_str()));
            is_it(before, last)
        };
        rows.iter().filter(ends).count()
    };
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let in_word = count(|before, last| before.ends_with(" seed") && last.parse::<u32>().is_ok());
    let in_sign =
        count(|_, last| last.strip_prefix('s').is_some_and(|it| it.parse::<u32>().is_ok()));
    let told = rows.iter().filter(|row| row.rsplit(' ').next().is_some_and(is_number)).count();
    assert_eq!(told, in_word, "a bare number is no seed: {rows:#?}");
    (in_word, in_sign)
}

#[test]
fn a_seed_is_spelled_alike_in_all_rows_that_are_seen() {
    let mut all = (0, 0);
    for (columns, height) in SIZES {
        let mut driver = many(columns, height);
        for keys in ["", "<Esc>:n8<Enter>", "<Esc>:n19<Enter>", "<Esc>:n21<Enter>"] {
            driver.press(keys);
            // Without what stands in other columns.
            let far = " ".repeat(20);
            let own = |row: String| row.split(&far).next().unwrap_or_default().to_owned();
            let (in_word, in_sign) = seeds(&rows(&driver).into_iter().map(own).collect::<Vec<_>>());
            let screen = driver.screen();
            assert!(in_word == 0 || in_sign == 0, "{in_word} {in_sign} {columns}\n{screen}");
            all = (all.0 + in_word, all.1 + in_sign);
        }
    }
    assert!(all.0 > 0 && all.1 > 0, "{all:?}");
}

/// Hats in two colours, each with four seeds, and paintings of the last one by two values.
fn hats(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Put a {red|blue} hat on the cat, {1..4}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>:n9<Enter>ei<C-u>Make it a watercolour painting, {1..4}<Enter>y");
    driver.answer_all();
    driver.change_nodes(|at, node| {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
        let Some(recipe) = node.recipe.as_mut() else { return };
        recipe.prompt = match at {
            ..5 => "Put a red hat on the cat",
            5..9 => "Put a blue hat on the cat",
            _ => "Make it a watercolour painting",
        }
        .to_owned();
        recipe.values.insert("seed".into(), ((at - 1) % 4 + 1).into());
        if at > 8 {
            recipe.values.insert("guidance_scale".into(), (2.5 + (at % 2) as f64).into());
        }
    });
    driver.press("<Esc>:n5<Enter><A-1>");
    driver
}

#[test]
fn rows_of_one_wording_are_shortened_alike_and_at_a_word() {
    for (columns, height) in SIZES {
        let mut driver = hats(columns, height);
        for node in [5, 9, 13] {
            driver.press(&format!("<Esc>:n{node}<Enter>"));
            let (rows, screen) = (rows(&driver), driver.screen());
            // A word that is longer than its place is cut even so.
            let is_cut = |row: &&String| row.contains('…') && !row.contains(" w");
            assert_eq!(rows.iter().filter(is_cut).count(), 0, "{columns}\n{screen}");
            // What follows the colour, up to the gap before the seed.
            let rest = |row: &String| {
                let (_, rest) = row.split_once("red ").or_else(|| row.split_once("blue "))?;
                Some(rest.split("  ").next()?.split(" s").next()?.trim_end().to_owned())
            };
            let forms: BTreeSet<String> = rows.iter().filter_map(rest).collect();
            assert!(forms.len() < 2, "{forms:?} {columns}\n{screen}");
            assert!(forms.iter().all(|form| !form.ends_with(" the")), "{forms:?}\n{screen}");
        }
    }
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

#[test]
fn no_words_of_the_queue_are_cut_for_what_its_sign_says() {
    let mut compared = 0;
    for (columns, height) in SIZES {
        let row_of = |words: &str| {
            let mut driver = coloured(Driver::new(columns, height));
            turned_away(&mut driver, &format!("{words}<Enter>"));
            let screen = driver.screen();
            let below = screen.lines().skip_while(|line| !line.contains("[4] queue"));
            let row = below.skip(1).find(|line| line.contains("✗ n2 "));
            row.map(|row| row.split("✗ n2 ").nth(1).unwrap_or_default().to_owned())
        };
        let Some(short) = row_of("Make it red") else { continue };
        let is_told = short.contains("failed") || columns == 60;
        assert!(short.contains("red") && is_told, "{columns}: {short}");
        let long = row_of("Turn the whole picture upside down and left to right").unwrap();
        // At their end stands that they go on.
        let words = long.trim_end().trim_end_matches('…');
        assert!(!long.contains("failed") && !words.contains('…'), "{columns}: {long}");
        compared += 1;
    }
    assert!(compared > 1, "{compared}");
}
