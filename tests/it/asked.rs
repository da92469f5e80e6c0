//! What a question shows before money leaves or pictures go: which, at what price, and what it all
//! comes to.

use editree::app::job::State;
use editree::ui::theme::Role;
use ratatui::style::Modifier;

use crate::look::{coloured, seasons, theme};
use crate::overlays::SIZES;
use crate::support::driver::Driver;

/// Rows of the box, without its frame.
fn rows(driver: &Driver) -> Vec<String> {
    let screen = driver.screen();
    let inside = |row: &str| {
        let (_, row) = row.split_once('┃')?;
        let (row, _) = row.rsplit_once('┃')?;
        Some(row.trim().to_owned())
    };
    screen.lines().filter_map(inside).collect()
}

/// The place of a row of the screen that has these words.
fn place(driver: &Driver, words: &str) -> (u16, u16) {
    let screen = driver.screen();
    let found = screen.lines().enumerate().find_map(|(y, row)| {
        let (left, _) = row.split_once(words)?;
        Some((u16::try_from(left.chars().count()).ok()?, u16::try_from(y).ok()?))
    });
    found.unwrap_or_else(|| panic!("{words}\n{screen}"))
}

fn last(driver: &Driver) -> String {
    let cells = driver.frame().cells;
    let y = cells.area.bottom() - 1;
    (0..cells.area.width).map(|x| cells[(x, y)].symbol()).collect()
}

#[test]
fn requests_have_their_price_and_below_a_rule_their_sum_at_every_size() {
    for (columns, height) in SIZES {
        let mut driver = coloured(Driver::new(columns, height));
        driver.press("a {red|blue|green} cup, take {1..3}<Enter>");
        let (all, screen) = (rows(&driver), driver.screen());
        for (number, words) in [(1, "a red cup, take 1"), (9, "a green cup, take 3")] {
            let begin = format!("{number}. {words} ");
            let row = all.iter().find(|row| row.starts_with(&begin));
            assert!(row.is_some_and(|row| row.ends_with(" sim $0.04")), "{begin}\n{screen}");
        }
        let sum = all.iter().position(|row| row.starts_with("9 requests · pro · on n1"));
        let sum = sum.unwrap_or_else(|| panic!("{columns}: {screen}"));
        assert!(all[sum].ends_with(" sim $0.36"), "{screen}");
        assert!(all[sum - 1].chars().all(|c| c == '─'), "{screen}");
        // The sum has weight, the remark stands back.
        let cells = driver.frame().cells;
        let at = place(&driver, "9 requests · pro");
        assert!(cells[at].modifier.contains(Modifier::BOLD), "{screen}");
        let at = place(&driver, "the braces");
        assert_eq!(Some(cells[at].fg), theme(&driver).role(Role::Secondary).fg, "{screen}");
    }
}

/// A row of the box from these words to those.
fn has_row(driver: &Driver, begin: &str, end: &str) -> bool {
    rows(driver).iter().any(|row| row.starts_with(begin) && row.ends_with(end))
}

#[test]
fn equal_requests_tell_what_each_costs() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>3r");
    let screen = driver.screen();
    let has = |begin, end| has_row(&driver, begin, end);
    assert!(has("3 × Make it red · a new seed", " sim $0.12"), "{screen}");
    assert!(has("3 requests · pro · on n1", "  sim $0.12"), "{screen}");
    assert!(screen.contains("sim $0.04 each"), "{screen}");
}

#[test]
fn of_one_request_the_price_stands_in_its_sum_alone() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.workbench.model.money.limits.requests = 0;
    driver.press("<Esc>r");
    let screen = driver.screen();
    assert!(rows(&driver).iter().any(|row| row.starts_with("Make it red")), "{screen}");
    let is_sum = |row: &&String| row.starts_with("1 request · pro · on n1");
    assert!(
        rows(&driver).iter().find(is_sum).is_some_and(|it| it.ends_with("sim $0.04")),
        "{screen}"
    );
    assert_eq!(rows(&driver).concat().matches("$0.04").count(), 1, "{screen}");
}

#[test]
fn models_that_differ_are_told_of_each_request_and_not_in_the_sum() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>B<C-u>model=pro,max<Enter>");
    let screen = driver.screen();
    let has = |begin, end| has_row(&driver, begin, end);
    assert!(has("1. Make it red · pro", " sim $0.04"), "{screen}");
    assert!(has("2. Make it red · max", " sim $0.08"), "{screen}");
    assert!(has("2 requests · on n1", " sim $0.12"), "{screen}");
}

/// In both boxes: the box tells them.
#[test]
fn the_last_row_of_the_screen_does_not_say_the_answers_again() {
    for (columns, height) in SIZES {
        let mut driver = seasons(columns, height);
        for (keys, answers) in
            [("<Esc>:n1<Enter>d", "y move all"), ("<Esc>iMake it {1..3}<Enter>", "y send")]
        {
            driver.press(keys);
            assert_eq!(driver.screen().matches(answers).count(), 1, "{}", driver.screen());
            let last = last(&driver);
            let words: Vec<&str> = last.split_whitespace().collect();
            assert!(words.is_empty() || words == ["Up", "Down", "scroll"], "{last}");
        }
    }
}

#[test]
fn a_long_question_counts_below_in_its_frame_and_tells_how_to_go_there() {
    for (columns, height) in SIZES {
        let mut driver = Driver::new(columns, height);
        driver.press("take {1..20}<Enter>");
        assert!(last(&driver).contains("Up Down scroll"), "{}", driver.screen());
        let told = |driver: &Driver| {
            let screen = driver.screen();
            let row = screen.lines().find(|row| row.contains("┗━")).unwrap_or_default().to_owned();
            row.split(" more below")
                .next()
                .and_then(|left| left.split(' ').next_back()?.parse::<u16>().ok())
        };
        let first = told(&driver).unwrap_or_else(|| panic!("{}", driver.screen()));
        driver.press("<Down>");
        assert_eq!(told(&driver), Some(first - 1), "{}", driver.screen());
        driver.press(&"<Down>".repeat(60));
        assert_eq!(told(&driver), None, "{}", driver.screen());
        assert!(last(&driver).contains("Up Down scroll"), "{}", driver.screen());
        // What was pressed too often does not have to be taken back.
        driver.press("<Up>");
        assert_eq!(told(&driver), Some(1), "{}", driver.screen());
        assert_eq!(driver.saves(), 0);
    }
}

/// The same words to another model, or on another picture, are another request.
#[test]
fn what_is_held_stands_together_by_words_model_and_picture() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it blue<Enter>");
    driver.answer_all();
    driver.workbench.model.queue.is_paused = true;
    for keys in ["Make it red<Enter>", "<Up><Enter>", "<Esc>:model max<Enter>i<Up><Enter>"] {
        driver.press(keys);
        driver.answer_all();
    }
    driver.press("<Esc>:model pro<Enter>:n1<Enter>eMake it red<Enter>");
    driver.answer_all();
    let held = driver.model().jobs.waiting().to_vec();
    assert_eq!(held.len(), 4, "{}", driver.screen());
    for id in &held {
        driver.workbench.model.jobs.get_mut(id).unwrap().state = State::Held("found unsent".into());
    }
    driver.workbench.model.jobs.order_mut().clear();
    driver.press("<Esc>gqkkkkvvvv<Enter>");
    let screen = driver.screen();
    for (begin, price) in [
        ("2 × Make it red · pro · on n2 · n3–4", "sim $0.08"),
        ("n5 Make it red · max · on n2", "sim $0.08"),
        ("n6 Make it red · pro · on n1", "sim $0.04"),
        ("4 requests", "sim $0.20"),
    ] {
        let is_it = |row: &String| row.starts_with(begin) && row.ends_with(price);
        assert!(rows(&driver).iter().any(is_it), "{begin}\n{screen}");
    }
}
