//! What stands in the prompt and is hardly meant as one: a command's name, a file, an answer.

use crate::support::driver::Driver;

/// Whoever takes the prompt for a command line pays for nothing, and whoever means the word does.
#[test]
fn a_lone_command_word_in_the_prompt_is_asked_about_each_time() {
    for (words, told) in [
        ("help", "`help` is a command: `:help` runs it"),
        ("help:", "`help:` is a command: `:help` runs it"),
        ("exit", "`exit` is a command: `:quit` runs it"),
        ("photo.jpg", "`photo.jpg` is a file: `:open photo.jpg` opens it"),
        ("Set seed 4", "`Set seed 4` is a command:"),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.press(&format!("{words}<Enter>"));
        assert_eq!(driver.saves(), 0, "`{words}` pays");
        assert!(driver.screen().contains(told), "{words}\n{}", driver.screen());
        assert_eq!(driver.model().draft.prompt, words, "it stays in the prompt");
        driver.press("<Enter><Enter>");
        assert_eq!(driver.saves(), 0, "`{words}`: Enter is no answer");
        driver.press(&format!("<Esc><C-u>{words}<Enter>"));
        assert_eq!(driver.saves(), 0, "`{words}` is asked about each time");
        driver.press("y");
        assert_eq!(driver.saves(), 1, "{words}");
    }
}

#[test]
fn an_answer_to_nothing_is_never_sent() {
    for words in ["y", "Yes.", "no", "ok!"] {
        let mut driver = Driver::new(120, 40);
        driver.press(&format!("{words}<Enter><Enter>"));
        assert_eq!(driver.saves(), 0, "`{words}` pays");
        assert!(driver.model().money.confirmation.is_none(), "{words}");
    }
}

#[test]
fn a_sentence_that_begins_like_a_command_is_sent_at_once() {
    for words in [
        "open the door.",
        "set the sun.",
        "name it.",
        "Edit number 4",
        "Heal the scratches",
        "night",
    ] {
        let mut driver = Driver::new(120, 40);
        driver.press(&format!("{words}<Enter>"));
        assert_eq!(driver.saves(), 1, "{words}\n{}", driver.screen());
    }
}

/// What asks for several has questions of its own.
#[test]
fn a_lone_word_is_asked_about_by_what_sends_it_alone() {
    let mut driver = Driver::new(120, 40);
    driver.press("help<Esc>B");
    assert!(driver.model().money.confirmation.is_none(), "{}", driver.screen());
    assert!(!driver.screen().contains("is a command"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
}
