//! A prompt in another language: the model's own letters by a command of the person's.

use editree::app::effect::Effect;
use editree::app::message::TaskEvent;

use crate::support::driver::Driver;

fn asked(driver: &mut Driver) -> Option<String> {
    driver.take().into_iter().find_map(|effect| match effect {
        Effect::Translate(words) => Some(words),
        _ => None,
    })
}

#[test]
fn what_the_model_cannot_read_is_offered_to_the_command_that_is_set() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.session.translates = true;
    driver.press("красная шляпа, пожалуйста");
    let screen = driver.screen();
    assert!(screen.contains("the model cannot read") && screen.contains(":translate"), "{screen}");
    driver.press("<Esc>:translate<Enter>");
    let from = asked(&mut driver).expect("it is asked for");
    driver.event(TaskEvent::Translated { from: from.clone(), to: "a red hat".into() });
    assert_eq!(driver.model().draft.prompt, "a red hat");
    assert!(driver.model().draft.aside.contains(&from), "the words before are kept");
}

#[test]
fn words_that_were_typed_meanwhile_stay_and_the_translation_is_put_aside() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.session.translates = true;
    driver.press("ein Hut<Esc>:translate<Enter>");
    let from = asked(&mut driver).expect("it is asked for");
    driver.press("i, bitte");
    driver.event(TaskEvent::Translated { from, to: "a hat".into() });
    assert_eq!(driver.model().draft.prompt, "ein Hut, bitte");
    assert_eq!(driver.model().draft.aside.last().map(String::as_str), Some("a hat"));
}

#[test]
fn without_a_command_it_says_where_one_is_set() {
    let mut driver = Driver::new(120, 40);
    driver.press("ein Hut<Esc>:translate<Enter>");
    assert_eq!(asked(&mut driver), None);
    assert!(driver.screen().contains("`[translate] command`"), "{}", driver.screen());
}
