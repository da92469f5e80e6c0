//! What a newcomer reads: from its beginning, with room, and no sign for nothing.

use editree::app::money::account::Account;
use editree::schema::Usd;

use crate::support::driver::Driver;

const PHOTO: (u32, u32) = (1248, 832);

fn edited(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver
}

#[test]
fn a_long_draft_is_read_from_its_beginning_and_tells_that_there_is_more() {
    let mut driver = edited(80, 24);
    let words: Vec<String> = (1..=120).map(|number| format!("word{number}")).collect();
    driver.press(&words.join(" "));
    let screen = driver.screen();
    assert!(screen.contains("▌[1]↑") && screen.contains("word120"), "{screen}");
    driver.press("<Esc>");
    let screen = driver.screen();
    assert!(screen.contains("│[1] word1 ") && screen.contains("│   ↓"), "{screen}");
    assert!(!screen.contains("word120"), "{screen}");
}

#[test]
fn a_question_shows_a_cursor_only_where_one_types() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>4r");
    assert!(driver.screen().contains("y send"), "{}", driver.screen());
    assert_eq!(driver.frame().cursor, None, "a letter is no text");
}

#[test]
fn a_wide_screen_has_a_wide_tree() {
    let mut driver = edited(200, 50);
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("<A-1>");
    let canvas = driver.frame().placements[0].area;
    assert!(canvas.x >= 36 && canvas.width >= 100, "{canvas}\n{}", driver.screen());
}

#[test]
fn a_command_without_a_key_has_none_in_the_list() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>:sync");
    let screen = driver.screen();
    let row = screen.lines().find(|line| line.contains("send synchronously")).unwrap_or_default();
    assert!(row.trim_start_matches(['┃', '▌', ' ']).starts_with("send"), "{screen}");
}

#[test]
fn sums_of_the_account_are_no_more_exact_than_they_are_known() {
    let mut driver = edited(120, 40);
    driver.press("<Esc>*");
    let account = Account { cost: Usd(306_666), ..Account::default() };
    driver.workbench.model.money.account = Some(account);
    let lines = editree::ui::overlay::account::lines(driver.model()).join("\n");
    assert!(lines.contains("each starred  sim $0.31 · 1 starred"), "{lines}");
}
