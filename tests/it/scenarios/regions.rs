//! Boxes with words of their own, for models that read boxes: drawn, moved, sent, used again.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use editree::app::action::{Annotation, Bounds};
use editree::app::draft::Choice;
use editree::app::effect::{Effect, PictureEffect};
use editree::schema::regions::{Region, RegionForm};
use editree::tree::{Node, NodeId, NodeState};
use editree::ui::frame::Mark;

use crate::support::driver::{Driver, hash};

/// `n1` is shown, in normal mode.
fn flux3() -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.choice = Choice::Auto { family: "flux3".into() };
    driver.press("<Esc>");
    driver
}

fn regions(driver: &Driver) -> Vec<Region> {
    driver.model().draft.regions.clone()
}

fn words(driver: &Driver) -> Vec<String> {
    regions(driver).into_iter().map(|region| region.words).collect()
}

/// The prompt of the newest request.
fn sent(driver: &Driver) -> String {
    driver.model().jobs.values().last().unwrap().spec.recipe.prompt.clone()
}

/// Boxes that are drawn over the picture, and whether the rest is dimmed.
fn drawn(driver: &Driver) -> Vec<bool> {
    let frame = driver.frame();
    let sketch = frame.placements.first().and_then(|placement| placement.sketch.clone());
    let lit = |mark: &Mark| match mark {
        Mark::Region { is_lit, .. } => *is_lit,
        Mark::Annotation(_) | Mark::Dimmed => panic!("no red box: {mark:?}"),
    };
    sketch.iter().flat_map(|sketch| &sketch.shapes).map(lit).collect()
}

#[test]
fn boxes_with_words_are_sent_in_the_form_that_the_model_reads() {
    let mut driver = flux3();
    driver.press("M4h<Enter>a red hat<Enter>");
    assert!(driver.workbench.ui.in_prompt(), "the request is what comes next");
    assert!(driver.screen().contains("png 1 kB, 1 box → "), "{}", driver.screen());
    driver.press("<Esc>M8l<Enter>a blue door<Enter>");
    let boxes = regions(&driver);
    assert_eq!(words(&driver), ["a red hat", "a blue door"]);
    assert!(driver.screen().contains("boxes: 1 a red hat · 2 a blue door"), "{}", driver.screen());
    driver.press("At noon<Enter>");
    driver.answer_all();
    assert_eq!(sent(&driver), RegionForm::Anchors.write("At noon", &boxes));
    assert_eq!(regions(&driver), [], "what was sent has left the draft");
    assert!(driver.screen().contains("At noon (2 boxes)"), "{}", driver.screen());
}

#[test]
fn a_box_without_words_is_where_the_prompt_applies() {
    let mut driver = flux3();
    driver.press("M<Enter><Enter>Make it red<Enter>");
    driver.answer_all();
    let sent = sent(&driver);
    assert!(sent.contains("<region_1>: Make it red.") && !sent.starts_with("Make"), "{sent}");
}

#[test]
fn boxes_alone_are_enough_to_send() {
    let mut driver = flux3();
    driver.press("M<Enter>a red hat<Enter><Enter>");
    assert_eq!(driver.saves(), 1);
    driver.press("<Esc>M<Enter><Enter><Enter>");
    assert_eq!(driver.saves(), 0, "and one that says nothing is not");
}

#[test]
fn boxes_are_chosen_moved_added_and_taken_away_by_keys() {
    let mut driver = flux3();
    driver.press("Mn");
    assert_eq!(regions(&driver).len(), 1);
    driver.press("9l9jn");
    let two = regions(&driver);
    assert_eq!(two.len(), 2);
    assert_ne!(two[0].part, two[1].part);
    // The third is never kept; the first is moved.
    driver.press("<Tab>");
    assert!(driver.screen().contains("box 1 "), "{}", driver.screen());
    driver.press("5h<Tab>");
    assert!(driver.screen().contains("box 2 "), "{}", driver.screen());
    let moved = regions(&driver);
    assert_eq!(moved.len(), 2);
    assert_ne!(moved[0].part, two[0].part);
    assert_eq!(moved[1].part, two[1].part);
    driver.press("x");
    assert_eq!(regions(&driver), [moved[0].clone()]);
    driver.press("<Esc><A-z>");
    assert_eq!(regions(&driver), moved, "undone like any decision");
    driver.press("<A-z><A-z><A-z>");
    assert_eq!(regions(&driver), []);
}

#[test]
fn a_new_box_that_is_left_is_not_kept() {
    let mut driver = flux3();
    driver.press("M5l<Esc>");
    assert_eq!(regions(&driver), []);
    assert!(!driver.frame().placements.iter().any(|placement| placement.sketch.is_some()));
}

#[test]
fn they_are_drawn_over_their_picture_and_change_nothing_of_it() {
    let mut driver = flux3();
    driver.press("Mn9l");
    assert_eq!(drawn(&driver), [true, true], "what lies outside is dimmed while they are placed");
    driver.press("<Enter><Enter><Esc>");
    assert_eq!(drawn(&driver), [false, false]);
    assert_eq!(driver.frame().placements[0].picture, hash(1));
    let effects = driver.take();
    let is_drawn =
        |effect: &Effect| matches!(effect, Effect::Picture(PictureEffect::Annotate { .. }));
    assert!(!effects.iter().any(is_drawn), "{effects:?}");
    driver.press("=");
    assert!(drawn(&driver).is_empty(), "a part of the picture has no room for them");
}

/// `n2`, made of `n1` by these boxes, is shown.
fn made_by_boxes(driver: &mut Driver) -> Vec<Region> {
    let known = [region("100,100,400,400:a hat"), region("500,500,900,900:a door")];
    let parent = driver.model().current;
    let mut node = driver.model().nodes[&NodeId(1)].clone();
    let recipe = editree::tree::Recipe {
        endpoint: "blackforestlabs/flux-3/edit-image".into(),
        prompt: RegionForm::Anchors.write("", &known),
        values: Default::default(),
        inputs: parent.map(editree::tree::Input::Picture).into_iter().collect(),
    };
    node.pictures[0].hash = hash(2);
    let node = Node {
        id: NodeId(2),
        state: NodeState::Done,
        recipe: Some(recipe),
        title: None,
        parent,
        ..node
    };
    let picture = editree::tree::PictureRef { node: NodeId(2), picture: hash(2) };
    driver.workbench.model.insert_node(node);
    (driver.workbench.model.current, driver.workbench.model.draft.parent) =
        (Some(picture), Some(picture));
    known.to_vec()
}

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

#[test]
fn one_key_uses_the_boxes_of_a_picture_again_for_the_next() {
    let mut driver = flux3();
    let known = made_by_boxes(&mut driver);
    driver.press("Mu");
    assert_eq!(regions(&driver), known);
    assert!(driver.screen().contains("box 1 "), "{}", driver.screen());
    let mut driver = flux3();
    driver.press("Mu");
    assert_eq!(regions(&driver), []);
    assert!(driver.screen().contains("no picture of this branch"), "{}", driver.screen());
}

#[test]
fn comparing_and_healing_know_what_was_meant() {
    let mut driver = flux3();
    let known = made_by_boxes(&mut driver);
    let parts: Vec<_> = known.iter().map(|region| region.part).collect();
    driver.press("c<A-H>");
    let effects = driver.take();
    let compares = effects.iter().any(|effect| {
        matches!(effect, Effect::Picture(PictureEffect::Compare { regions, .. }) if *regions == parts)
    });
    let heals = effects.iter().any(|effect| {
        matches!(effect, Effect::Picture(PictureEffect::Heal(spec)) if spec.regions == parts)
    });
    assert!(compares && heals, "{effects:?}");
}

#[test]
fn on_a_model_that_reads_none_the_box_becomes_the_red_outline() {
    let mut driver = flux3();
    driver.press("M9h<Enter>a hat<Enter>");
    let [x, ..] = regions(&driver)[0].part.pixels((1024, 1024));
    driver.workbench.model.draft.choice = Choice::Auto { family: "pro".into() };
    driver.press("<Esc>");
    let screen = driver.screen();
    assert!(screen.contains("this model reads no boxes: they are not sent"), "{screen}");
    driver.press("M<Enter>");
    let annotation = driver.take().into_iter().find_map(|effect| match effect {
        Effect::Picture(PictureEffect::Annotate { annotation, .. }) => Some(annotation),
        _ => None,
    });
    let Some(Annotation::Box(at)) = annotation else { panic!("a red box: {annotation:?}") };
    assert_eq!(u32::try_from(at.x).unwrap(), x);
}

#[test]
fn the_mouse_draws_a_box_and_moves_it() {
    let mut driver = flux3();
    driver.press(":mouse<Enter>M");
    let button = MouseButton::Left;
    mouse(&mut driver, MouseEventKind::Down(button), (4, 4));
    mouse(&mut driver, MouseEventKind::Drag(button), (14, 9));
    mouse(&mut driver, MouseEventKind::Up(button), (14, 9));
    let begun = placed(&driver);
    assert!(begun.x < 341 && begun.width < 341, "{begun:?}");
    mouse(&mut driver, MouseEventKind::Down(button), (8, 6));
    mouse(&mut driver, MouseEventKind::Drag(button), (12, 6));
    let moved = placed(&driver);
    assert_eq!((moved.width, moved.height, moved.y), (begun.width, begun.height, begun.y));
    assert!(moved.x > begun.x, "{moved:?}");
}

fn mouse(driver: &mut Driver, kind: MouseEventKind, (column, row): (u16, u16)) {
    let mouse = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    driver.send(vec![Event::Mouse(mouse)]);
}

/// The first box over the picture.
fn placed(driver: &Driver) -> Bounds {
    let frame = driver.frame();
    let shapes = frame.placements[0].sketch.as_ref().map(|sketch| sketch.shapes.clone());
    match shapes.as_deref() {
        Some([Mark::Region { at, .. }, ..]) => *at,
        other => panic!("a box with words: {other:?}"),
    }
}

#[test]
fn boxes_stay_with_the_picture_that_they_were_drawn_on() {
    let mut driver = flux3();
    made_by_boxes(&mut driver);
    driver.press("Mu<Esc>");
    assert_eq!(regions(&driver).len(), 2);
    driver.press("he");
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(1)));
    assert_eq!(regions(&driver), [], "not on another picture");
    driver.press("<Esc><A-z>");
    assert_eq!(regions(&driver).len(), 2, "and they come back like any decision");
    driver.press("<A-z>");
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(2)));
    // Drawn on another picture than the draft's: none of the old ones come along.
    driver.press("hM<Enter>a moon<Enter>");
    assert_eq!(words(&driver), ["a moon"]);
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(1)));
}

#[test]
fn boxes_of_another_model_pin_no_draft() {
    let mut driver = flux3();
    driver.press("M<Enter>a hat<Enter>");
    driver.workbench.model.draft.choice = Choice::Auto { family: "pro".into() };
    driver.press("Make it red<Enter>");
    driver.answer_all();
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(2)));
}
