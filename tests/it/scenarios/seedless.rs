//! Endpoints without a seed: everything works, and nothing is promised that cannot be kept.

use editree::app::draft::Choice;
use ratatui::style::Modifier;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use crate::overlays::in_box;
use crate::support::driver::Driver;

/// On FLUX 3, where `n1` is a picture that it has made.
fn flux3() -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.choice = Choice::Fixed("blackforestlabs/flux-3/edit-image".into());
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.take();
    driver
}

#[test]
fn a_request_has_no_seed_and_costs_what_the_page_says() {
    let driver = flux3();
    let spec = &driver.model().jobs.values().next().unwrap().spec;
    assert!(!spec.recipe.values.contains_key("seed"), "{:?}", spec.recipe);
    assert_eq!(spec.quote.to_string(), "$0.048");
    assert!(driver.screen().contains("next $0.048"), "{}", driver.screen());
}

/// Whether these words of the screen stand back.
fn dim(driver: &Driver, words: &str) -> bool {
    let frame = driver.frame();
    let screen = driver.screen();
    let (y, row) = (0..).zip(screen.lines()).find(|(_, row)| row.contains(words)).unwrap();
    let before = row.split(words).next().unwrap_or_default();
    let x = u16::try_from(before.width()).unwrap();
    let style = frame.cells.cell((x, y)).unwrap().style();
    let dim = driver.workbench.ui.theme().dim();
    (dim.fg.is_some() && style.fg == dim.fg) || style.add_modifier.contains(Modifier::DIM)
}

/// The picture on which later steps stand, what is left out: all of it is agreed to.
#[test]
fn only_what_the_list_says_too_stands_back_in_a_question() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it {red|blue}<Enter>");
    assert!(dim(&driver, "the braces in the prompt"), "{}", driver.screen());
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>");
    assert!(!dim(&driver, "each on the last result"), "{}", driver.screen());
}

#[test]
fn several_tries_say_that_none_can_be_repeated() {
    let mut driver = flux3();
    driver.press("<Esc>4r");
    let screen = driver.screen();
    assert!(screen.contains("4 more tries; this endpoint takes no seed"), "{screen}");
    assert!(screen.contains("another try") && !screen.contains("new seed"), "{screen}");
    assert!(!dim(&driver, "4 more tries"), "what one agrees to must be read: {screen}");
    driver.press("y<Enter>");
    assert_eq!(driver.saves(), 4);
}

#[test]
fn the_same_again_says_that_it_is_another() {
    let mut driver = flux3();
    driver.press("<Esc>R");
    let told = in_box(&driver);
    assert!(told.contains("takes no seed: the same picture cannot be made again"), "{told}");
    driver.press("y<Enter>");
    assert_eq!(driver.saves(), 1);
    let last = driver.model().queue.saving.values().last().unwrap();
    assert!(!last.recipe.values.contains_key("seed"));
}

#[test]
fn a_sweep_needs_no_seed_and_gives_one_to_those_that_take_it() {
    let mut driver = flux3();
    driver.press("<Esc>B<C-u>safety_tolerance=1,2,3");
    assert!(driver.screen().contains("3 requests · sim $0.144"), "{}", driver.screen());
    driver.press("<C-u>seed=1..2");
    assert!(driver.screen().contains("`flux3` takes no seed"), "{}", driver.screen());
    driver.press("<C-u>model=flux3,max");
    assert!(driver.screen().contains("2 requests · sim $0.128"), "{}", driver.screen());
    driver.press("<Enter>y<Enter>");
    let seeds: Vec<_> = driver
        .model()
        .queue
        .saving
        .values()
        .map(|spec| spec.recipe.values.get("seed").cloned())
        .collect();
    assert_eq!(seeds, [None, Some(json!(1))]);
}

#[test]
fn words_pictures_and_settings_go_along_to_another_endpoint() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.values.insert("safety_tolerance".into(), json!("3"));
    driver.workbench.model.draft.values.insert("guidance_scale".into(), json!(2.0));
    driver.press("Make it red");
    let before = driver.model().draft.clone();
    driver.workbench.model.draft.choice = Choice::Fixed("blackforestlabs/flux-3/edit-image".into());
    assert!(driver.model().blockers().is_empty(), "{:?}", driver.model().blockers());
    driver.press("<Enter>");
    let sent = driver.model().queue.saving.values().next().unwrap().recipe.clone();
    assert_eq!(
        sent.values.into_iter().collect::<Vec<_>>(),
        [("safety_tolerance".into(), json!(3))]
    );
    assert_eq!((sent.prompt, sent.inputs.len()), (before.prompt, 1));
    assert_eq!(driver.model().draft.values, before.values, "nothing is forgotten on the way back");
}

#[test]
fn a_mask_has_its_name_in_the_list_of_references() {
    let mut driver = Driver::new(120, 40);
    let model = &mut driver.workbench.model;
    model.draft.choice = Choice::Fixed("fal-ai/flux-kontext-lora/inpaint".into());
    let parent = editree::tree::Input::Picture(model.draft.parent.unwrap());
    model.draft.references = vec![parent.clone(), parent];
    driver.press("<Esc>A");
    let screen = driver.screen();
    assert!(screen.contains("mask: n1") && screen.contains("reference image: n1"), "{screen}");
}
