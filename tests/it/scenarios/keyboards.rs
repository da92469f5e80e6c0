//! Keyboards without Latin letters: the place of a key is the command, and what is typed is text.

use editree::ui::pane::Pane;

use super::accidents::{busy, current, edited, harm};

#[test]
fn the_key_at_the_place_of_a_command_is_the_command() {
    for (parent, child, tree) in [("р", "д", "пе"), ("η", "λ", "γτ"), ("י", "ך", "עא")]
    {
        let mut driver = edited();
        driver.press("<Esc>");
        let last = current(&driver);
        driver.press(parent);
        assert_ne!(current(&driver), last, "{parent}");
        driver.press(child);
        assert_eq!(current(&driver), last, "{child}");
        driver.press(tree);
        assert_eq!(driver.workbench.ui.focus(), Pane("tree"), "{tree}");
    }
}

#[test]
fn in_the_prompt_letters_are_text_and_with_alt_they_are_commands() {
    let mut driver = edited();
    let last = current(&driver);
    driver.press("сделай ночь");
    assert_eq!(driver.model().draft.prompt, "сделай ночь");
    driver.press("<A-р>");
    assert_ne!(current(&driver), last);
    assert_eq!(driver.model().draft.prompt, "сделай ночь");
    // A word back, as readline has it, and what Alt makes of a Latin letter.
    driver.press("<A-и>синюю <A-å>");
    assert_eq!(driver.model().draft.prompt, "сделай синюю åночь");
}

#[test]
fn a_menu_takes_the_place_of_its_letter() {
    let mut driver = edited();
    driver.press("<Esc> п");
    assert!(driver.screen().contains("how pictures are shown"), "{}", driver.screen());
}

#[test]
fn a_sentence_in_another_script_does_no_harm_where_letters_are_commands() {
    let sentences = [
        "сделай небо красным",
        "замени машину",
        "Remove μωβ",
        "κάνε τη νύχτα",
        "הסר את הרכב",
        "أزل السيارة",
    ];
    for sentence in sentences {
        for gap in [20, 150, 350] {
            let mut driver = busy();
            driver.press("<Esc>");
            driver.take();
            driver.type_quickly(sentence, gap);
            driver.type_quickly("<Enter>", 200);
            driver.rest();
            assert_eq!(harm(&mut driver), [], "`{sentence}` with {gap} ms");
            assert!(driver.model().session.exit.is_none(), "`{sentence}` with {gap} ms");
        }
    }
}

#[test]
fn words_in_another_script_are_offered_to_the_prompt_as_they_were_typed() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.press_at_once("сделай небо красным");
    driver.press("i");
    assert_eq!(driver.model().draft.prompt, "сделай небо красным");
}
