//! What a screen must not do to who looks at it: jump, cut what has to be read, go on speaking of what
//! is no longer there, leave one without a way out.

use editree::app::draft::file_browser::{DirListing, Entry};
use editree::app::effect::{Effect, PictureEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::hint::Hint;
use editree::app::message::{PictureResult, ServiceResult, StoreResult, TaskResult};
use editree::app::notice::{Notice, Tone};
use editree::tree::NodeId;
use ratatui::layout::Rect;

use crate::support::driver::Driver;

pub mod measured;

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 50)];
const PHOTO: (u32, u32) = (1248, 832);

/// An edit of a photo, and what was found out about it.
fn edited(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver
}

fn as_photos(driver: &mut Driver) {
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("<A-1>");
}

/// The row and the column where these words begin.
fn place(driver: &Driver, words: &str) -> (usize, usize) {
    let screen = driver.screen();
    let found = screen.lines().enumerate().find_map(|(row, line)| {
        let before = line.split_once(words)?.0;
        Some((row, before.chars().count()))
    });
    found.unwrap_or_else(|| panic!("no `{words}`\n{screen}"))
}

fn footer(driver: &Driver) -> String {
    driver.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_tree_stays_where_it_is_while_one_walks_it() {
    for (columns, rows) in SIZES {
        let mut driver = crate::screens::sixty(columns, rows);
        as_photos(&mut driver);
        driver.press("<A-3>");
        let before = place(&driver, "[3] ");
        for _ in 0..56 {
            driver.press("k");
            assert_eq!(place(&driver, "[3] "), before, "{}", driver.screen());
        }
        assert_eq!(driver.model().current.map(|it| it.node), Some(NodeId(1)));
    }
}

#[test]
fn a_drawer_lies_where_its_rows_are_whole_and_the_picture_stays() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40)] {
        let mut driver = edited(columns, rows);
        let before = driver.frame().placements[0].area;
        driver.press("<A-5>");
        let (frame, screen) = (driver.frame(), driver.screen());
        assert_eq!(frame.placements[0].area, before, "{screen}");
        let row = screen.lines().find(|line| line.contains("✓ Make it red  ")).unwrap_or_default();
        assert!(row.contains("1024×1024") && row.contains("$0.04"), "whole: {screen}");
        let over = frame.covers.first().copied().unwrap_or_default();
        assert!(over.width + 1 >= columns && over.height * 2 < rows, "{over}\n{screen}");
        assert!(screen.contains("[3] tree") && screen.contains("n1 cat.png"), "{screen}");
        driver.press("e");
        assert!(driver.screen().contains("no warnings and no errors"), "{}", driver.screen());
        assert!(footer(&driver).ends_with("Esc back"), "{}", footer(&driver));
        driver.press("<Esc>");
        assert_eq!(driver.frame().covers, [], "{}", driver.screen());
        assert!(!driver.screen().contains("log: problems"), "{}", driver.screen());
    }
}

#[test]
fn what_was_found_takes_as_many_rows_as_it_has() {
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        driver.press("<Esc>/red");
        let nodes = Ok(vec![driver.model().nodes[&NodeId(2)].clone()]);
        driver.finish(TaskResult::Store(StoreResult::Found { text: "red".into(), nodes }));
        let cover = driver.frame().covers.last().copied().unwrap_or_default();
        assert!(cover.height <= 8, "{cover}\n{}", driver.screen());
        let empty = (cover.y + 1..cover.bottom() - 1).filter(|y| is_blank(&driver, cover, *y));
        assert!(empty.count() <= 2, "{}", driver.screen());
    }
}

fn is_blank(driver: &Driver, area: Rect, y: u16) -> bool {
    let cells = driver.frame().cells;
    (area.x + 1..area.right() - 1).all(|x| cells[(x, y)].symbol() == " ")
}

/// The service has refused the edit n2.
fn refused(columns: u16, rows: u16, why: &str) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match driver.answer(effect) {
            Some(TaskResult::Service(ServiceResult::Sent { job, .. })) => {
                let answer = Err(Failure::new(FailureKind::Policy, why));
                Some(TaskResult::Service(ServiceResult::Sent { job, answer }))
            }
            other => other,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
    driver
}

#[test]
fn an_error_begins_with_what_it_is_about_and_tells_where_the_rest_of_it_is() {
    let why = "guidance_scale must be less than 20, and whatever else is wrong with all of this \
               stands in the documentation of the endpoint";
    let mut driver = refused(80, 24, why);
    let screen = driver.screen();
    // In two rows, the second of which is the line above the keys.
    let rows: Vec<&str> = screen.lines().collect();
    let said = rows[21..23].join("\n");
    assert!(said.starts_with("▌    ✗ n2 failed: "), "{said}");
    assert_eq!(said.matches('…').count(), 1, "cut at its end only: {said}");
    assert!(said.contains(":messages: the rest"), "{said}");
    driver.press("<Esc>:messages<Enter>");
    let all = driver.screen().replace('┃', " ");
    let all: Vec<&str> = all.split_whitespace().collect();
    assert!(all.join(" ").contains("documentation of the endpoint"), "{}", driver.screen());
}

#[test]
fn what_speaks_of_another_picture_or_mode_goes() {
    let mut driver = edited(80, 24);
    let said = |driver: &Driver| driver.model().notice.as_ref().map(|it| it.text.clone());
    driver.press("<Esc>hc");
    assert!(said(&driver).is_some_and(|text| text.contains("no parent")), "{:?}", said(&driver));
    driver.press("l");
    assert_eq!(said(&driver), None, "another picture is shown");
    driver.press("D");
    assert!(said(&driver).is_some_and(|text| text.contains("nothing here")));
    driver.press("S");
    assert_eq!(said(&driver), None, "another mode");
    driver.press("<Esc>d");
    let thrown = said(&driver);
    assert!(thrown.as_ref().is_some_and(|text| text.contains("trash")), "{thrown:?}");
    driver.press("=");
    assert_eq!(said(&driver), thrown, "what has happened is told for its time");
}

#[test]
fn each_way_to_compare_names_the_keys_that_move_and_leave() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>c");
    for (mode, told) in [
        ("side by side · n1 | n2 · 2 of 5", "Esc back"),
        ("wipe · n1 | n2 · 3 of 5", "Left Right move the line"),
        ("overlay · n1 + n2 · 4 of 5", "Esc back"),
        ("heat map · n1 → n2 · 5 of 5", "Esc back"),
    ] {
        driver.press("m");
        driver.workbench.model.notice = None;
        assert!(driver.screen().contains(&format!("[6] {mode}")), "{mode}: {}", driver.screen());
        let footer = footer(&driver);
        assert!(footer.contains(told) && footer.contains("Esc back"), "{mode}: {footer}");
    }
    driver.press("<Esc><A-1><A-c><A-m><A-m>");
    driver.workbench.model.notice = None;
    let footer = footer(&driver);
    assert!(footer.contains("Left Right move the line"), "from the prompt: {footer}");
}

/// Each is a column further in than the one that it was made from; siblings stand in one column.
#[test]
fn a_chain_does_not_look_like_siblings() {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red", "Add a hat", "Make it snow"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    let column = |driver: &Driver, words: &str| place(driver, words).1;
    let [first, second, third] =
        ["● n2 Make", "● n3 Add", "▶ n4 Make"].map(|words| column(&driver, words));
    assert!(first < second && second < third, "{}", driver.screen());
    driver.press("<A-h><A-e>Make it rain<Enter>");
    driver.answer_all();
    assert_eq!(column(&driver, "▶ n5 Make"), column(&driver, "● n4 Make"), "{}", driver.screen());
}

#[test]
fn the_tree_tells_which_of_all_pictures_is_selected() {
    let mut driver = Driver::new(120, 40);
    for number in 0..12 {
        driver.press(&format!("Edit number {number}<Enter>"));
        driver.answer_all();
    }
    driver.resize(120, 12);
    let screen = driver.screen();
    assert!(screen.contains("▸11") && screen.contains("tree · 13 of 13"), "{screen}");
    driver.press("<A-3><Right>hh");
    assert!(driver.screen().contains("tree · 12 of 13"), "{}", driver.screen());
    driver.press("1Gh");
    assert!(driver.screen().contains("tree · 1 of 13"), "folded below itself\n{}", driver.screen());
}

#[test]
fn rows_of_one_run_tell_the_same_fact_in_one_form_and_in_words() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make the hat red<Enter>");
    driver.answer_all();
    driver.press("<Esc>B<C-u>guidance_scale=2.5,3.5,10.5<Enter>y");
    driver.answer_all();
    as_photos(&mut driver);
    let screen = driver.screen();
    assert!(!screen.contains("gs "), "{screen}");
    for value in ["2.5", "3.5", "10.5"] {
        assert!(screen.contains(&format!(" g{value}")), "{screen}");
    }
}

#[test]
fn the_command_line_begins_with_what_is_likely_now_and_loses_no_name() {
    let mut driver = edited(80, 24);
    driver.press("<Esc>:");
    let screen = driver.screen();
    let screen = screen.replace('▌', " ");
    let rows: Vec<&str> = screen.lines().filter(|line| line.starts_with('┃')).collect();
    assert!(rows[1].contains("Often") && rows[2].contains("compare"), "{screen}");
    let names = editree::ui::registry::rows();
    for row in rows.iter().skip(2).filter(|row| row.trim_matches(['┃', ' ']).contains("  ")) {
        let last = row.trim_end_matches('┃').split_whitespace().next_back().unwrap_or_default();
        let is_heading = ["Often", "Look", "Change"].contains(&last);
        assert!(is_heading || names.iter().any(|it| it.name == last), "`{last}`: {screen}");
    }
    driver.press("<Esc>h:");
    let screen = driver.screen();
    let often = screen.lines().skip_while(|line| !line.contains("Often"));
    let often: Vec<&str> = often.take_while(|line| !line.contains("Look")).collect();
    assert!(often[1].contains("open a picture"), "a root\n{screen}");
    assert!(!often.iter().any(|row| row.contains("compare")), "{screen}");
}

#[test]
fn tab_completes_the_path_of_a_picture_to_open() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:open shots/ca<Tab>");
    assert!(driver.take().contains(&Effect::Picture(PictureEffect::List("shots".into()))));
    let entry = |name: &str, is_folder| Entry {
        name: name.into(),
        path: format!("/home/me/shots/{name}").into(),
        is_folder,
        bytes: 9,
    };
    let entries = vec![
        entry("..", true),
        entry("cats", true),
        entry("cat 1.png", false),
        entry("dog.png", false),
    ];
    let listing = DirListing { folder: "/home/me/shots".into(), entries, problem: None };
    let listed = || TaskResult::Picture(PictureResult::Listed(Box::new(listing.clone())));
    driver.finish(listed());
    assert!(driver.screen().contains(": open shots/cat"), "{}", driver.screen());
    driver.press("<Tab>");
    driver.finish(listed());
    let screen = driver.screen();
    assert!(screen.contains("cats/  cat 1.png"), "what goes on so: {screen}");
    driver.press(" <Tab>");
    driver.finish(listed());
    assert!(driver.screen().contains(": open shots/cat 1.png"), "{}", driver.screen());
    driver.press("<Enter>");
    let opens = |effect: Effect| match effect {
        Effect::Picture(PictureEffect::OpenFiles { paths, .. }) => Some(paths),
        _ => None,
    };
    let opened: Vec<_> = driver.take().into_iter().filter_map(opens).flatten().collect();
    assert_eq!(opened, [std::path::PathBuf::from("shots/cat 1.png")]);
}

#[test]
fn the_picture_that_others_are_compared_with_is_marked() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>hCl");
    let screen = driver.screen();
    let head = screen.lines().next().unwrap_or_default();
    assert!(head.contains("◎ vs n1"), "{head}");
    let row = screen.lines().find(|line| line.contains("◆ n1 cat.png")).unwrap_or_default();
    assert!(row.contains('◎'), "{screen}");
    driver.press("C");
    assert!(!driver.screen().contains('◎'), "{}", driver.screen());
}

#[test]
fn a_number_tells_what_it_waits_for_and_that_a_pane_needs_alt() {
    let mut driver = edited(80, 24);
    driver.press("<Esc>4");
    let told = footer(&driver);
    for words in ["4 × … a move or r", "Alt-4 queue", "Esc cancels"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    driver.press("<Esc>");
    assert!(footer(&driver).contains(": commands"), "{}", footer(&driver));
    assert!(!driver.screen().contains("takes no number"), "{}", driver.screen());
    driver.press("r");
    assert_eq!(driver.saves(), 1, "the number is gone");
}

#[test]
fn the_tip_on_branches_does_what_it_says() {
    let mut driver = edited(80, 24);
    driver.press("Make it blue<Enter>");
    driver.answer_all();
    let screen = driver.screen();
    assert!(screen.contains("Alt-h go back · Alt-e edit there: a branch"), "{screen}");
    driver.press("<A-h><A-e>Make it green<Enter>");
    driver.answer_all();
    let children = driver.model().tree.children(NodeId(2)).count();
    assert_eq!(children, 2, "a branch\n{}", driver.screen());
}

#[test]
fn the_way_to_why_there_are_no_pictures_works_where_it_is_told() {
    for (before, way) in [("", "<Esc> g"), ("<Esc>", " g")] {
        let mut driver = Driver::new(120, 40);
        driver.workbench.ui.graphics.advice = Some("another terminal".into());
        driver.press(before);
        let told = if before.is_empty() { "(Esc then Space g: why)" } else { "(Space g: why)" };
        assert!(driver.screen().contains(told), "{}", driver.screen());
        driver.press(way);
        assert!(driver.screen().contains(" how pictures are shown "), "{}", driver.screen());
        assert!(footer(&driver).contains("a k i s b n another way"), "{}", footer(&driver));
    }
}

#[test]
fn what_is_edited_is_told_truly_while_the_other_picture_is_seen() {
    let mut driver = edited(120, 40);
    driver.press("Make it blue<Enter>");
    driver.answer_all();
    driver.press("<A-h>Make it green<Esc>");
    driver.workbench.model.notice = None;
    assert!(driver.screen().contains("you see n2; the prompt edits n3"), "{}", driver.screen());
    driver.press("c");
    driver.workbench.model.notice = None;
    let screen = driver.screen();
    assert!(!screen.contains("you see n2"), "the one before stands there\n{screen}");
    assert!(screen.contains("you see n1; the prompt edits n3"), "{screen}");
    driver.press("c");
    driver.workbench.model.notice = None;
    let screen = driver.screen();
    assert!(screen.contains("the prompt edits n3 · e: edit n2 instead"), "{screen}");
}

#[test]
fn the_selected_row_is_seen_above_a_drawer_that_lies_over_the_tree() {
    let mut driver = crate::screens::sixty(80, 24);
    as_photos(&mut driver);
    for node in [1, 20, 57] {
        driver.press(&format!("<Esc>:n{node}<Enter><A-5>"));
        let (frame, screen) = (driver.frame(), driver.screen());
        let over = frame.covers.first().copied().unwrap_or_default();
        let rows: Vec<&str> = screen.lines().take(usize::from(over.y)).collect();
        let is_selected = |row: &&&str| row.contains(&format!("n{node} ")) && row.contains('▌');
        assert!(rows.iter().any(|row| is_selected(&row)), "n{node}\n{screen}");
        driver.press("<Esc>");
    }
}

#[test]
fn what_was_chosen_is_thrown_away_only_when_asked_and_comes_back_to_the_canvas() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>2ry");
    driver.answer_all();
    driver.press("<Esc>:n3<Enter>e<Esc>*d");
    let screen = driver.screen();
    assert!(screen.contains("trash n3?") && screen.contains("★ n3"), "{screen}");
    driver.press("y");
    let current = |driver: &Driver| driver.model().current.map(|it| it.node);
    assert_ne!(current(&driver), Some(NodeId(3)), "{}", driver.screen());
    driver.press("z");
    assert_eq!(current(&driver), Some(NodeId(3)), "{}", driver.screen());
    let parent = driver.model().draft.parent.map(|it| it.node);
    assert_eq!(parent, Some(NodeId(3)), "and the next edit starts there again");
    driver.press("*d");
    assert_ne!(current(&driver), Some(NodeId(3)), "without a star it goes at once");
}

#[test]
fn who_only_looks_at_the_sheet_is_back_where_they_were() {
    let mut driver = crate::screens::sixty(120, 40);
    driver.press("<Esc>");
    let begun_on = driver.model().current;
    for leave in ["<Esc>", "q"] {
        driver.press("S");
        let screen = driver.screen();
        assert!(screen.contains("contact sheet · ") && !screen.contains("· S same"), "{screen}");
        assert!(footer(&driver).contains("S same parent"), "{}", footer(&driver));
        driver.press("Sl");
        assert_ne!(driver.model().current, begun_on);
        driver.press(leave);
        assert_eq!(driver.model().current, begun_on, "{leave}\n{}", driver.screen());
    }
    driver.press("SSl");
    let chosen = driver.model().current;
    driver.press("<Enter>");
    assert_eq!(driver.model().current, chosen);
}

#[test]
fn the_log_has_a_column_of_numbers_and_one_word_for_what_went_wrong() {
    let mut driver = edited(120, 40);
    driver.press("<Esc><A-5>");
    assert!(footer(&driver).contains("e problems"), "{}", footer(&driver));
    driver.press("e");
    assert!(driver.screen().contains("[5] log · problems"), "{}", driver.screen());
    assert!(footer(&driver).contains("e all"), "{}", footer(&driver));
    let mut driver = refused(120, 40, "it says no");
    driver.press("<Esc><A-5>");
    let screen = driver.screen();
    let row = screen.lines().find(|line| line.contains("it says no")).unwrap_or_default();
    assert_eq!(row.matches("n2").count(), 1, "{screen}");
    assert!(row.contains(" n2 ✗ failed: it says no"), "{row}");
}

/// What stands in the rows of the column beside the picture, from that of these words on.
fn side(driver: &Driver, from: &str) -> Vec<String> {
    let screen = driver.screen();
    let (head, column) = place(driver, from);
    let row = |line: &str| line.chars().skip(column).collect::<String>().trim_end().to_owned();
    screen.lines().skip(head).map(row).collect()
}

#[test]
fn the_queue_that_opens_by_itself_ends_where_the_tree_does_and_apart_from_what_is_below() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40)] {
        let driver = refused(columns, rows, "not today");
        let screen = driver.screen();
        let row = screen.lines().find(|line| line.contains("✗ n2") && line.contains("failed"));
        let end = row.map(|row| row.trim_end().chars().count());
        assert_eq!(end, Some(usize::from(columns) - 1), "{screen}");
        let below = side(&driver, "[4] queue");
        let log = below.iter().position(|row| row.contains("[5] log")).unwrap();
        assert!(log > 2 && below[log - 1].is_empty(), "{below:?}\n{screen}");
    }
}

#[test]
fn the_sum_of_the_day_stays_beside_a_message_whose_last_clause_goes_below_it() {
    let mut driver = edited(80, 24);
    let text = "n57 failed: a fault set in the simulator · not charged";
    let hint = "Up: take its words again; the request costs as usual".to_owned();
    driver.workbench.model.notice = Some(Notice::new(Tone::Error, text).hint(Hint::Text(hint)));
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    assert!(rows[21].contains("in the simulator ") && rows[21].contains("· day $"), "{screen}");
    assert!(rows[22].contains(" not charged · Up: ") && rows[22].contains("usual"), "{screen}");
}

#[test]
fn what_a_parameter_is_for_has_a_blank_row_above_and_below_it() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = edited(columns, rows);
        driver.press("<A-2>");
        let below = side(&driver, "[2] parameters");
        let help = below.iter().position(|row| row.contains("Default: random")).unwrap();
        let end = below.iter().position(|row| row.contains("[4] queue")).unwrap();
        let is_blank = |at: usize| below[at].is_empty();
        assert!(is_blank(help - 1) && !is_blank(help - 2), "{}", driver.screen());
        assert!(is_blank(end - 1), "{}", driver.screen());
    }
}

#[test]
fn the_picture_that_is_selected_on_the_sheet_is_in_the_middle_of_its_frame() {
    for (columns, rows) in [(80, 24), (81, 24), (100, 30), (120, 40), (130, 40)] {
        let mut driver = crate::screens::sixty(columns, rows);
        as_photos(&mut driver);
        driver.press("<Esc>S");
        let (frame, screen) = (driver.frame(), driver.screen());
        let (y, row) = screen.lines().enumerate().find(|(_, row)| row.contains('┏')).unwrap();
        let column = |sign| row.chars().position(|it| it == sign).unwrap() as u16;
        let (left, right) = (column('┏'), column('┓'));
        let is_in = |at: &Rect| at.x > left && at.right() <= right && at.y == y as u16 + 1;
        let at = frame.placements.iter().map(|it| it.area).find(is_in).unwrap();
        let label: Vec<char> = screen.lines().nth(at.bottom().into()).unwrap().chars().collect();
        // Words that need the column that is left over have it.
        let is_full = label[usize::from(right) - 1] != ' ';
        assert!(at.x - left - 1 == right - at.right() || is_full, "{at} {left} {right}\n{screen}");
    }
}
