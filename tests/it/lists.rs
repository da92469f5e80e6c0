//! Lists of one kind look alike: help, command line and menu; and what a line finds that names
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use editree::app::notice::{Notice, Tone};
use editree::ui::command::{CommandRow, Stakes};
use editree::ui::keys::Keymap;
use editree::ui::mode::KeyContext;
use editree::ui::overlay::Overlay as _;
use editree::ui::overlay::commands::Commands;
use editree::ui::pane::Pane;
use editree::ui::theme::{Mark, Role};
use editree::ui::{hint, registry};
use unicode_width::UnicodeWidthStr as _;

use crate::look::theme;
use crate::support::driver::Driver;

const PLACES: [&str; 4] = ["<Esc>", "<A-1>", "<A-3>", "<Esc>S"];

fn made(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>");
    driver.workbench.model.notice = None;
    driver
}

/// What stands between the sides of the box on top.
fn inside(driver: &Driver) -> Vec<String> {
    let frame = driver.frame();
    let Some(area) = frame.covers.last().copied() else { return Vec::new() };
    let row = |y| {
        let cells = (area.x + 1..area.right() - 1).map(|x| frame.cells[(x, y)].symbol());
        cells.collect::<String>()
    };
    (area.y + 1..area.bottom() - 1).map(row).collect()
}

/// The column in which the words of a command begin, and its key, where its list is scrolled to.
fn words_begin(rows: &[String], row: &CommandRow) -> Option<(usize, String)> {
    let words = row.doc.split_once("; ").map_or(row.doc, |(words, _)| words);
    let found = rows
        .iter()
        .find(|line| line.contains(words) && line.ends_with(&format!("{} ", row.name)))?;
    let (before, _) = found.split_once(words)?;
    Some((before.width(), before.trim_matches(['▌', ' ']).to_owned()))
}

#[test]
fn the_words_of_help_and_command_line_begin_in_one_column() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut seen: BTreeMap<usize, BTreeSet<(String, String)>> = BTreeMap::new();
        for (place, opens) in PLACES.into_iter().flat_map(|at| [(at, "<F1>"), (at, "<Esc>:")]) {
            let mut driver = made(columns, rows);
            driver.press(place);
            driver.press(opens);
            for turn in 0.. {
                assert!(turn < 60, "no end\n{}", driver.screen());
                let list = inside(&driver);
                for row in registry::rows() {
                    if let Some((column, key)) = words_begin(&list, row) {
                        let name = format!("{place}{opens} {}", row.name);
                        seen.entry(column).or_default().insert((key, name));
                    }
                }
                if !driver.screen().contains(" more below ") {
                    break;
                }
                driver.press("<PageDown>");
            }
        }
        let most = seen.values().map(BTreeSet::len).max().unwrap_or(0);
        assert!(most > 200, "{columns}: {most}");
        let others = seen.into_values().filter(|names| names.len() < most).flatten();
        // On the narrowest screens the longest keys push their words.
        let is_long = |key: &str| columns < 66 && key.chars().count() > 8;
        let others: Vec<_> = others.filter(|(key, _)| !is_long(key)).collect();
        assert!(others.is_empty(), "{columns}: {others:?}");
    }
}

/// What explains the chosen row is no row; and rows stay where they are, whether it is long or not.
#[test]
fn what_explains_the_chosen_row_stands_below_a_rule() {
    let headings: BTreeSet<&str> =
        registry::grouped().into_iter().map(|(group, _)| group).chain(["Often", "Here"]).collect();
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        for opens in ["<Esc>:", "<Esc><F1>"] {
            let mut driver = made(columns, rows);
            driver.press(opens);
            let mut told = 0;
            for _ in 0..8 {
                let list = inside(&driver);
                let rule = list.iter().position(|row| row.contains("───"));
                assert_eq!(rule, Some(list.len() - 2), "{}", driver.screen());
                assert!(!list[1].trim().is_empty(), "{}", driver.screen());
                // No heading without a row of its own.
                let last = list[list.len() - 3].trim();
                assert!(!headings.contains(last), "{last}: {}", driver.screen());
                told += usize::from(!list[list.len() - 1].trim().is_empty());
                driver.press("<Down>");
            }
            assert!(told > 0, "{}", driver.screen());
        }
    }
    // Found by words: what has nothing to explain has no rule either.
    let mut driver = made(80, 24);
    driver.press("<Esc>:quit");
    assert!(!inside(&driver).concat().contains("───"), "{}", driver.screen());
}

#[test]
fn a_list_leaves_what_will_be_typed_next_in_sight() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40), (200, 50), (250, 70)] {
        let mut driver = made(columns, rows);
        driver.press("<Esc>:");
        let screen = driver.screen();
        assert!(screen.contains("[1] "), "{screen}");
        let shown = inside(&driver).len() + 2;
        let free = screen.lines().position(|row| row.contains("[1] ")).unwrap_or_default();
        assert!(shown + 4 > free, "{shown} of {free} rows\n{screen}");
    }
}

#[test]
fn words_behind_a_node_say_how_one_goes_there() {
    let mut driver = made(80, 24);
    driver.press(":28 T");
    let told = "a node takes no words: write :28 alone";
    assert!(inside(&driver)[1].contains(told), "{}", driver.screen());
    assert!(inside(&driver)[2].trim().is_empty(), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(inside(&driver)[1].contains(told), "{}", driver.screen());
    // What has such a number in its words is found by it all the same.
    driver.press("<Esc><Esc><Esc>S<F1>5 of");
    assert!(inside(&driver).concat().contains("rate 5 of 5"), "{}", driver.screen());
}

#[test]
fn what_is_no_fault_of_the_simulator_says_where_they_are_listed() {
    let mut driver = made(80, 24);
    for (typed, told) in [
        ("500", "no fault is called `500`: `:sim` alone lists them"),
        ("faling", "no fault is called `faling`: `:sim` alone lists them"),
    ] {
        driver.press(&format!(":sim {typed}<Enter>"));
        assert!(driver.screen().contains(told), "{}", driver.screen());
    }
    driver.press(":sim<Enter>");
    assert!(inside(&driver).concat().contains("failing"), "{}", driver.screen());
}

/// Where the picture would have to be sent again for each letter the box stays as it is.
#[test]
fn a_list_ends_below_what_was_found_where_the_picture_comes_back_for_nothing() {
    for (protocol, is_cut) in [("kitty", true), ("blocks", true), ("sixel", false)] {
        for opens in ["<Esc>:", "<Esc><Space>m"] {
            let mut driver = made(120, 40);
            driver.workbench.ui.graphics.protocol = protocol.into();
            driver.press(opens);
            let whole = *driver.frame().covers.last().unwrap();
            driver.press("ma");
            let found = *driver.frame().covers.last().unwrap();
            assert_eq!((found.x, found.y, found.width), (whole.x, whole.y, whole.width));
            assert_eq!(found.height < whole.height, is_cut, "{protocol}: {}", driver.screen());
            let list = inside(&driver);
            let blank = list.iter().rev().take_while(|row| row.trim().is_empty()).count();
            assert!(!is_cut || blank < 3 || found.height == 8, "{protocol}: {}", driver.screen());
            assert!(!driver.screen().contains("more below"), "{}", driver.screen());
            driver.press("<Backspace><Backspace>");
            assert_eq!(*driver.frame().covers.last().unwrap(), whole);
        }
    }
}

#[test]
fn the_menu_stands_under_the_headings_of_help() {
    let headings: BTreeSet<&str> =
        registry::grouped().into_iter().map(|(group, _)| group).collect();
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = made(columns, rows);
        driver.press("<Space>");
        let list: Vec<String> = inside(&driver).iter().map(|row| row.trim().to_owned()).collect();
        let told: Vec<&str> =
            list.iter().map(String::as_str).filter(|row| headings.contains(row)).collect();
        assert_eq!(told, ["Look", "Change", "Tree", "Program"], "{}", driver.screen());
        let letters: Vec<&str> =
            list.iter().filter_map(|row| Some(row.split_once("  ")?.0)).collect();
        assert_eq!(letters, ["i", "g", "f", "m", "k", "s", "h", "p", "?"], "{}", driver.screen());
        // Each under the heading that help gives it.
        let group = |name: &str| {
            let all = registry::grouped();
            all.into_iter().find(|(_, row)| row.name == name).map(|(group, _)| group)
        };
        let mut heading = "";
        for row in &list {
            match row.split_once("  ") {
                None => heading = row,
                Some(("f", _)) => assert_eq!(group("open"), Some(heading)),
                Some(("i", _)) => assert_eq!(group("about"), Some(heading)),
                Some(("p", _)) => assert_eq!(group("profile"), Some(heading)),
                Some(_) => {}
            }
        }
    }
    // Where they have no room its rows have.
    let mut driver = made(80, 14);
    driver.press("<Space>");
    let list = inside(&driver).concat();
    assert!(list.contains("show details") && list.contains("list all commands"), "{list}");
}

#[test]
fn a_line_that_finds_nothing_shows_what_comes_nearest_and_runs_none_of_it() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40)] {
        for (typed, first) in [
            ("comapre", "compare"),
            ("galery", "sheet"),
            ("thrash", "trash"),
            ("rerlol", "reroll"),
            // Nothing is near: the list as it begins.
            ("nonsense", "Often"),
            ("qqqqqq", "Often"),
        ] {
            let mut driver = made(columns, rows);
            driver.press(&format!(":{typed}"));
            let list = inside(&driver);
            assert!(list[1].contains("no command of that name"), "{}", driver.screen());
            let below = list[2].trim_end();
            assert!(below.ends_with(first), "{typed}: {}", driver.screen());
            let before = (driver.model().tree.len(), driver.saves());
            driver.press("<Enter><Enter><Enter>");
            let list = inside(&driver);
            assert!(list[1].contains(&format!("no command `{typed}`")), "{}", driver.screen());
            assert!(list.iter().any(|row| row.trim_end().ends_with(first)), "{}", driver.screen());
            assert!(!driver.screen().contains("┃▌"), "{}", driver.screen());
            assert_eq!((driver.model().tree.len(), driver.saves()), before);
            assert!(driver.model().money.confirmation.is_none());
            // Gone to, it is what Enter runs; what loses something has its name written first.
            driver.press("<Down>");
            assert!(driver.screen().contains("┃▌"), "{}", driver.screen());
            driver.press("<Enter>");
            match first {
                "trash" => {
                    assert!(inside(&driver)[0].starts_with(" : trash "), "{}", driver.screen())
                }
                _ => assert!(!inside(&driver).concat().contains(typed), "{}", driver.screen()),
            }
        }
    }
}

/// By another word than its name: the row is lit, and the next `Enter` runs it.
#[test]
fn a_word_alone_lights_only_what_loses_nothing() {
    let mut lit: BTreeSet<&str> = BTreeSet::new();
    let rows = registry::rows();
    let words = |row: &&'static CommandRow| {
        let own = row.doc.split([' ', ';', ',', ':']).chain(row.name.split('-'));
        own.chain(row.sought_as.iter().copied()).collect::<Vec<&str>>()
    };
    let all: BTreeSet<&str> = rows.iter().flat_map(words).collect();
    let is_word = |word: &&&str| word.len() > 2 && word.bytes().all(|it| it.is_ascii_lowercase());
    for here in [KeyContext::Prompt, KeyContext::In(Pane::CANVAS), KeyContext::OnSheet] {
        for word in all.iter().filter(is_word) {
            let no_key = |_: &CommandRow| String::new();
            let mut line = Commands::all(registry::grouped(), no_key, &[], (Some(here), ""));
            line.on_paste(word);
            let keys = line.keys_now();
            let Some(name) = keys
                .iter()
                .find_map(|(key, does)| (key == "Enter").then(|| does.strip_prefix("run "))?)
            else {
                continue;
            };
            let row = registry::named(name).unwrap_or_else(|| panic!("{keys:?}"));
            if !row.name.starts_with(word) && !row.is_named(word) {
                assert_eq!(row.stakes, Stakes::None, "{word}: {name}");
                lit.insert(row.name);
            }
        }
    }
    assert!(lit.len() > 30 && !lit.contains("default"), "{lit:?}");
    insta::assert_snapshot!(lit.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_is_only_likely_is_left_out_where_names_are_found() {
    let mut driver = Driver::new(80, 24);
    let rows = |driver: &mut Driver, word: &str| {
        driver.press(&format!("<Esc><Esc>:{word}"));
        let rows = inside(driver);
        rows.iter().skip(1).map(|row| row.trim().to_owned()).collect::<Vec<String>>()
    };
    let named = rows(&mut driver, "mo");
    assert!(named[0].ends_with("model") && named[1].ends_with("models"), "{named:#?}");
    assert!(named.iter().all(|row| !row.contains('“')), "{named:#?}");
    // A whole word stays: who looks for the way back does not mean the background.
    let back = rows(&mut driver, "back");
    let ends = |name: &str| back.iter().any(|row| row.contains(name));
    assert!(ends("go to the parent") && ends("undo the last") && !ends("“background”"), "{back:?}");
    let begun = rows(&mut driver, "backg");
    assert!(begun.iter().any(|row| row.contains("“background”")), "{begun:#?}");
    let scattered = rows(&mut driver, "cmpr");
    assert!(scattered[0].ends_with("compare"), "{scattered:#?}");
}

#[test]
fn a_price_in_a_list_of_commands_has_the_colour_of_money_and_the_name_has_not() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = made(columns, rows);
        driver.press(":rer");
        let (frame, screen) = (driver.frame(), driver.screen());
        let y = screen.lines().position(|line| line.contains("reroll")).unwrap();
        let line = screen.lines().nth(y).unwrap();
        let column = |word: &str| {
            let at = line.find(word).unwrap_or_else(|| panic!("{word}\n{screen}"));
            u16::try_from(line[..at].width()).unwrap()
        };
        let y = u16::try_from(y).unwrap();
        let colour = |x: u16| frame.cells[(x, y)].fg;
        let role = |role| theme(&driver).role(role).fg.unwrap_or_default();
        let price = column("sim $0.04");
        assert_eq!([colour(price), colour(price + 8)], [role(Role::Money); 2], "{screen}");
        assert_eq!(colour(price + 10), role(Role::Secondary), "{screen}");
        assert_ne!(colour(column("reroll")), role(Role::Money), "{screen}");
    }
}

/// Where a sentence tells a way that begins with the key that leaves the prompt, both are parted.
#[test]
fn no_way_in_a_sentence_reads_as_one_key() {
    let mut seen = 0;
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut empty = Driver::new(columns, rows);
        empty.workbench.model.current = None;
        let mut taken = made(columns, rows);
        taken.press("iMake it {1..3}<Enter>y");
        taken.answer_all();
        let mut along = made(columns, rows);
        along.press("aiMake it blue");
        let mut written = made(columns, rows);
        written.press("iwords");
        let cut = Notice::new(Tone::Error, "many clauses, ".repeat(20));
        written.workbench.model.notice = Some(cut);
        for driver in [empty, taken, along, written] {
            let screen = driver.screen();
            seen += screen.matches("Esc then ").count();
            for (_, after) in
                screen.match_indices("Esc ").filter_map(|(at, _)| screen[at..].split_once(' '))
            {
                let next = after.split_whitespace().next().unwrap_or_default();
                let is_key = next.chars().count() == 1 || next.starts_with(':') || next == "Space";
                assert!(!is_key, "{next}\n{screen}");
            }
        }
    }
    assert!(seen > 3, "{seen}");
}

/// A prompt without words takes a line with a colon, and the way does not change while it is typed.
#[test]
fn a_line_is_told_as_it_is_typed() {
    let mut driver = made(120, 40);
    let told = |driver: &Driver| hint::way(&driver.workbench.ui, "messages");
    for typed in ["i", ":", "mess"] {
        driver.press(typed);
        assert_eq!(told(&driver), ":messages", "{typed}");
    }
    driver.press("ages<Enter><Enter>");
    assert!(driver.screen().contains(" messages · newest first "), "{}", driver.screen());
    driver.press("<Esc>ired");
    assert_eq!(told(&driver), "Esc then :messages");
    // With the chord that the person has given the command that leaves the prompt.
    let keys = [("ctrl-y".to_owned(), "normal".to_owned()), ("esc".to_owned(), "none".to_owned())];
    driver.workbench.ui.keymap = Keymap::with(&keys).unwrap();
    assert_eq!(told(&driver), "Ctrl-Y then :messages");
}

#[test]
fn each_mark_is_found_in_help_by_what_it_means() {
    for mark in Mark::ALL {
        let mut driver = made(80, 24);
        driver.press("<F1>");
        driver.press(&mark.meaning().replace(' ', "<Space>"));
        let told = format!("{} {}", mark.sign(false), mark.meaning());
        assert!(driver.screen().contains(&told), "{told}\n{}", driver.screen());
        assert!(!inside(&driver).concat().contains("no command of that name"), "{told}");
    }
}

#[test]
fn a_command_that_works_elsewhere_says_where_before_it_is_tried() {
    let mut driver = made(80, 24);
    for (typed, told) in [
        ("blind", "`blind` works on the contact sheet only"),
        ("box-turn", "`box-turn` works on the box only"),
    ] {
        driver.press(&format!(":{typed}"));
        for keys in ["", "<Enter>", "<Enter>"] {
            driver.press(keys);
            let list = inside(&driver).concat();
            assert!(list.contains(told) && !list.contains("no command"), "{}", driver.screen());
        }
        driver.press("<Esc>");
    }
}

/// Words behind a misspelt name are for the command that is chosen instead.
#[test]
fn words_behind_a_misspelt_name_stay() {
    let mut driver = made(80, 24);
    driver.press(":comapre<Space>n1<Down>");
    let keys = driver.screen().lines().last().unwrap_or_default().to_owned();
    assert!(keys.starts_with(" Enter twice: run compare"), "{keys}");
    driver.press("<Enter>");
    assert!(inside(&driver)[0].starts_with(" : compare n1 "), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(driver.screen().contains("comparing with n1"), "{}", driver.screen());
    // They name no command: what the first word comes near to is not pushed away.
    for (typed, first) in
        [("svae red v1.2", "save"), ("sett seed 5", "name"), ("thrash all", "trash")]
    {
        let mut driver = made(80, 24);
        driver.press(&format!(":{}", typed.replace(' ', "<Space>")));
        let list = inside(&driver);
        let first = if first == "name" { "parameters" } else { first };
        assert!(list[2].trim_end().ends_with(first), "{typed}\n{}", driver.screen());
    }
}
