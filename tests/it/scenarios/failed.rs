//! A request has failed: what helps, and what the next one costs.

use editree::app::advice::Advice;
use editree::app::failure::Failure;

use super::notices::{failed, refuse};
use crate::support::driver::Driver;

/// What may have been no fault of the words is not told as one; fields are named where they stand.
#[test]
fn what_helps_after_a_failure_follows_from_what_was_named() {
    let named = |field: &str| vec![(field.to_owned(), "no".to_owned())];
    for (fields, told) in [
        (Vec::new(), "take its words again, changed or not; sending costs as usual"),
        (named("prompt"), "take its words again, and change what was refused;"),
        (named("seed"), "change the marked fields;"),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.is_strange = true;
        driver.press("Make it red<Enter>");
        refuse(&mut driver, |failure| Failure {
            advice: Some(Advice::MendFields),
            fields: fields.clone(),
            ..failure
        });
        let (screen, is_marked) = (driver.screen(), told.contains("marked"));
        assert!(screen.contains(told), "{told}\n{screen}");
        // In the whole of the form nothing would be marked.
        assert_eq!(!driver.model().composer.field_errors.is_empty(), is_marked, "{screen}");
    }
}

#[test]
fn the_price_of_the_next_edit_stays_beside_what_went_wrong() {
    let words = "a fault set in the simulator; it has many words to say, and more; and more";
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40)] {
        for words in [words, "no"] {
            let (mut driver, ..) = failed(columns, rows, words);
            for keys in ["", "<Esc>", "iMake it blue"] {
                driver.press(keys);
                let screen = driver.screen();
                assert!(screen.contains("sim next $0.04"), "{columns} {keys}\n{screen}");
            }
        }
    }
}
