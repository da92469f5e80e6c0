//! Pictures that the service's filter has made black: told, left alone, and what was sent in their place.

use editree::app::message::{ServiceResult, TaskResult};
use editree::tree::{NodeId, Picture};
use editree::ui::frame::Mark;

use crate::support::driver::{Driver, hash};

/// Results that the service's filter took.
fn blacken(driver: &mut Driver, keys: &str) {
    arrive(driver, keys, |pictures| pictures.iter_mut().for_each(|it| it.nsfw = true));
}

/// Results whose pictures are changed so before they come in.
fn arrive(driver: &mut Driver, keys: &str, change: impl Fn(&mut Vec<Picture>)) {
    driver.press(keys);
    loop {
        let effects = driver.take();
        if effects.is_empty() {
            break;
        }
        for effect in effects {
            let mut result = driver.answer(effect);
            if let Some(TaskResult::Service(ServiceResult::Fetched {
                outcome: Ok(outcome), ..
            })) = &mut result
            {
                change(&mut outcome.pictures);
            }
            result.into_iter().for_each(|result| driver.finish(result));
        }
    }
}

#[test]
fn nobody_goes_on_from_a_picture_that_the_filter_has_blackened() {
    let mut driver = Driver::new(120, 40);
    blacken(&mut driver, "Make it red<Enter>");
    assert_eq!(driver.model().current.unwrap().node, NodeId(2), "it is shown");
    assert_eq!(driver.model().draft.parent.unwrap().node, NodeId(1), "and left alone");
}

#[test]
fn in_the_place_of_a_black_picture_stands_what_was_sent_dimmed_and_its_title_says_so() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        blacken(&mut driver, "Make it red<Enter>");
        let frame = driver.frame();
        let large = frame.placements.iter().max_by_key(|place| place.area.area()).unwrap();
        let sketch = large.sketch.as_ref().unwrap();
        assert_eq!((large.picture, &sketch.shapes[..]), (hash(1), &[Mark::Dimmed][..]));
        let screen = driver.screen();
        assert!(screen.contains("[6] n2 ⊘ filtered · shown: n1, as sent"), "{screen}");
        // Its words are one key away.
        assert!(screen.contains("Up: reword it, or raise Safety tolerance"), "{screen}");
        driver.press("<Up>");
        assert_eq!(driver.model().draft.prompt, "Make it red");
    }
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.parent = None;
    blacken(&mut driver, "A red cat<Enter>");
    assert!(driver.screen().contains("⊘ filtered by the service"), "{}", driver.screen());
}

#[test]
fn each_of_several_black_pictures_is_told_as_billed() {
    let mut driver = Driver::new(120, 40);
    blacken(&mut driver, "Make it {red|blue}<Enter>y");
    let told = driver.model().notices.iter();
    let text = "was filtered by the service; sim $0.04 counted";
    let billed = told.filter(|notice| notice.text.ends_with(text));
    assert_eq!(billed.count(), 2);
}

#[test]
fn one_of_several_pictures_that_is_filtered_has_no_sign_that_the_tree_has_not() {
    for (count, sign) in [(1, "! n2 was"), (2, "⊘ n2 was")] {
        let mut driver = Driver::new(120, 40);
        arrive(&mut driver, "Make it red<Enter>", |pictures| {
            pictures.extend_from_within(..);
            pictures[1].hash = hash(77);
            pictures.iter_mut().take(count).for_each(|it| it.nsfw = true);
        });
        let screen = driver.screen();
        assert!(screen.contains(sign), "{screen}");
        let row = screen.lines().find(|line| line.contains("n2 Make")).unwrap_or_default();
        assert_eq!(row.contains('⊘'), count == 2, "{screen}");
    }
}

#[test]
fn nobody_is_told_to_edit_a_picture_that_the_filter_has_blackened() {
    let mut driver = Driver::new(120, 40);
    blacken(&mut driver, "Make it red<Enter>");
    driver.press("M");
    driver.tick(20_000);
    let screen = driver.screen();
    assert!(screen.contains("n2 was filtered; Enter edits n1 · Alt-r: new seed"), "{screen}");
    driver.press("<Esc>e");
    assert_eq!(driver.model().draft.parent.unwrap().node, NodeId(1), "{}", driver.screen());
    assert!(
        driver.screen().contains("n2 was filtered: there is no picture"),
        "{}",
        driver.screen()
    );
}
