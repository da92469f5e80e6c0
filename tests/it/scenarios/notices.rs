//! What is said in the footer: for how long, and how often.

use editree::app::hint::{CommandId, Hint};
use editree::app::notice::{Notice, Tone};

use crate::support::driver::Driver;

fn said(driver: &Driver) -> Option<&str> {
    driver.model().notice.as_ref().map(|notice| notice.text.as_str())
}

#[test]
fn forty_results_are_one_notice_that_counts_them() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>");
    for _ in 0..4 {
        driver.press("iAdd a {1..10} hat<Enter>y<Esc>");
        driver.answer_all();
    }
    let told = driver.model().notices.iter().filter(|notice| notice.text.contains("result"));
    assert!(told.count() <= 4, "one for each press: {:?}", driver.model().notices);
    assert_eq!(said(&driver), Some("10 results, the last is n41 · sim $0.40 together"));
    let logged = driver.model().log.lines().filter(|line| line.text.contains("done in"));
    assert_eq!(logged.count(), 40, "the log has each");
}

#[test]
fn a_result_that_the_draft_does_not_follow_says_so_with_itself() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>Add a hat");
    driver.answer_all();
    let text = said(&driver).unwrap();
    assert!(text.starts_with("n2 done in") && text.ends_with("still starts from n1"), "{text}");
    assert!(driver.screen().contains("start from n2"), "{}", driver.screen());
}

/// The next hints are seen again.
#[test]
fn what_was_read_goes_with_the_next_key() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>D");
    assert!(said(&driver).is_some());
    driver.press("=");
    driver.tick(1_500);
    assert_eq!(said(&driver), None, "{}", driver.screen());
    // Nobody has seen it yet.
    driver.press("D");
    driver.tick(5_000);
    assert!(said(&driver).is_some(), "{}", driver.screen());
    driver.press("=");
    assert_eq!(said(&driver), None);
}

/// The last three rows as one text.
fn told(driver: &Driver) -> String {
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let told = rows[rows.len() - 3..].join(" ").replace(['│', '▌', '─'], " ");
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_message_with_a_hint_is_whole_in_two_rows_and_moves_nothing() {
    let text = "n7 is black: the service's filter has stopped it, and it was paid for";
    let hint = Hint::to(CommandId::Heal, "restore what was not meant to change");
    for (columns, rows) in [(60, 20), (80, 24), (100, 30)] {
        for (keys, place) in [("", "in the prompt"), ("<Esc>", "on the canvas")] {
            let mut driver = Driver::new(columns, rows);
            driver.press(keys);
            let above = |driver: &Driver| {
                let screen = driver.screen();
                let rows: Vec<String> = screen.lines().map(str::to_owned).collect();
                rows[..rows.len() - 3].join("\n")
            };
            let before = above(&driver);
            let notice = Notice::new(Tone::Warning, text).hint(hint.clone());
            driver.workbench.model.notice = Some(notice);
            let told = told(&driver);
            assert!(told.contains("H: restore"), "{told}");
            // Between the two rows stands the money.
            let is_whole = text.split(' ').all(|word| told.contains(word));
            let leads = told.contains("…") && told.contains(":messages");
            assert!(is_whole || columns == 60 && leads, "{columns} {place}: {told}");
            assert_eq!(above(&driver), before, "{columns} {place}");
            // Where words fill the prompt there is one row, and the way to the rest.
            driver
                .press("iwords<C-j>in<C-j>many<C-j>rows<C-j>and<C-j>more<C-j>of<C-j>them<C-j>yet");
            let notice = Notice::new(Tone::Warning, text).hint(hint.clone());
            driver.workbench.model.notice = Some(notice);
            let screen = driver.screen();
            let row = screen.lines().rev().nth(1).unwrap_or_default();
            assert!(row.contains("…") && row.contains(":messages"), "{columns}: {row}");
        }
    }
}

#[test]
fn a_key_that_begins_the_second_row_of_a_message_looks_as_keys_do() {
    let mut driver = Driver::new(120, 40);
    let text = "n7 is black: the service's filter has stopped what it made";
    let words = "restore what was not meant to change in it, and keep all the rest as it is";
    let hint = Hint::to(CommandId::Heal, words);
    driver.workbench.model.notice = Some(Notice::new(Tone::Warning, text).hint(hint));
    let frame = driver.frame();
    let row: String = (0..120).map(|x| frame.cells[(x, 38)].symbol()).collect();
    assert!(row.starts_with("── Alt-H: restore"), "{row}");
    let accent = driver.workbench.ui.theme().accent();
    assert_eq!(Some(frame.cells[(3, 38)].fg), accent.fg, "{row}");
}
