//! What is said in the footer: for how long, and how often.

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
    assert_eq!(said(&driver), Some("10 results, the last is n41 · $0.40 together"));
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
