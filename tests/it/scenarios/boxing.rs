//! A box on the picture, placed by keys: a cue for the prompt, or another frame.

use editree::app::action::{Annotation, Bounds};
use editree::app::effect::{Effect, PictureEffect};
use editree::app::message::{PictureResult, TaskResult};
use editree::tree::{Node, NodeId, PictureRef};
use editree::ui::frame::Mark;

use crate::support::driver::{Driver, hash, root};

fn first() -> PictureRef {
    PictureRef { node: NodeId(1), picture: hash(1) }
}

fn annotation(driver: &mut Driver) -> Option<Annotation> {
    driver.take().into_iter().find_map(|effect| match effect {
        Effect::Picture(PictureEffect::Annotate { on, annotation }) if on == first() => {
            Some(annotation)
        }
        _ => None,
    })
}

#[test]
fn a_cue_begins_in_the_middle_and_is_moved_and_sized_by_keys() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>M");
    let screen = driver.screen();
    assert!(screen.contains("box 341×341 · 1:1"), "{screen}");
    assert!(
        screen.contains("hjkl move  HJKL resize  t shape  s steps  Enter apply  Esc cancel"),
        "{screen}"
    );
    driver.press("3l2K<Enter>");
    let Some(Annotation::Box(at)) = annotation(&mut driver) else { panic!("a box is drawn") };
    assert!(at.x > 341 && at.y == 341 && at.height < 341 && at.width == 341, "{at:?}");
    assert!(driver.workbench.ui.in_prompt(), "where it is spoken of");
}

#[test]
fn steps_are_a_cell_a_pixel_or_large() {
    let mut driver = Driver::new(120, 40);
    let moved = |driver: &mut Driver, keys: &str| {
        driver.press(&format!("<Esc>M{keys}<Enter>"));
        match annotation(driver) {
            Some(Annotation::Box(at)) => at.x - 341,
            _ => panic!("a box is drawn"),
        }
    };
    let cell = moved(&mut driver, "l");
    assert_eq!(moved(&mut driver, "s3l"), 3);
    assert_eq!(moved(&mut driver, "ssl"), 5 * cell);
    driver.press("<Esc>Ms");
    assert!(driver.screen().contains("moves by one pixel"), "{}", driver.screen());
}

#[test]
fn it_never_leaves_the_picture() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>M999h999k999H999K<Enter>");
    let Some(Annotation::Box(at)) = annotation(&mut driver) else { panic!("a box is drawn") };
    assert_eq!(at, Bounds { x: 0, y: 0, width: 16, height: 16 });
}

#[test]
fn t_turns_it_into_arrows_and_back() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>Mt");
    assert!(driver.screen().contains("arrow to the upper right"), "{}", driver.screen());
    driver.press("tttt");
    assert!(driver.screen().contains("box 341×341"), "{}", driver.screen());
}

#[test]
fn a_frame_may_add_ground_and_keeps_the_shape_that_was_chosen() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:crop<Enter>");
    assert!(driver.screen().contains("crop 1024×1024 · 1:1"), "{}", driver.screen());
    driver.press("t99L<Enter>");
    let Some(Annotation::Frame(at)) = annotation(&mut driver) else { panic!("a frame is made") };
    assert_eq!((at.width, at.height), (1536, 1536), "square, and as large as may be");
    assert_eq!((at.x, at.y), (-256, -256));
}

#[test]
fn the_draft_goes_on_from_what_was_drawn_on_its_picture() {
    let mut driver = Driver::new(120, 40);
    driver.press("Turn what the box shows blue<Esc>M<Enter>");
    assert!(annotation(&mut driver).is_some());
    let node = Node { parent: Some(first()), ..root(7, "n1 with a red box") };
    driver.finish(TaskResult::Picture(PictureResult::Annotated {
        on: first(),
        node: Ok(Box::new(node)),
    }));
    let model = driver.model();
    assert_eq!(model.draft.parent.map(|parent| parent.node), Some(NodeId(7)));
    assert_eq!(model.draft.prompt, "Turn what the box shows blue");
    driver.press("<A-z>");
    assert_eq!(driver.model().draft.parent, Some(first()), "undone like any decision");
}

#[test]
fn escape_leaves_the_picture_as_it_is() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>Mlll<Esc>");
    assert_eq!(annotation(&mut driver), None);
    assert!(driver.screen().contains("[6] n1 cat.png"), "{}", driver.screen());
}

#[test]
fn the_box_is_drawn_into_the_picture_and_costs_no_cell_of_it() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>");
    let before = driver.frame().placements[0].clone();
    driver.press("M");
    let frame = driver.frame();
    let placement = &frame.placements[0];
    let sketch = placement.sketch.as_ref().expect("a box over the picture");
    assert_eq!((placement.picture, placement.area), (before.picture, before.area));
    assert!(
        matches!(sketch.shapes[..], [Mark::Annotation(Annotation::Box(at))] if at.width == 341)
    );
    assert!(frame.covers.is_empty());
    driver.press("<Esc>");
    assert_eq!(driver.frame().placements[0], before);
}

#[test]
fn a_crop_keeps_the_picture_as_large_as_it_was_until_it_reaches_beyond() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>");
    let before = driver.frame().placements[0].area;
    driver.press(":crop<Enter>3H3K");
    assert_eq!(driver.frame().placements[0].area, before);
    driver.press("99L");
    let frame = driver.frame();
    let sketch = frame.placements[0].sketch.as_ref().expect("a frame over the picture");
    assert_eq!(sketch.seen, Bounds { x: -256, y: -256, width: 1536, height: 1536 });
}

#[test]
fn where_no_picture_is_drawn_the_edges_are_cells() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.ui.graphics.protocol = "none".into();
    driver.press("<Esc>M");
    let screen = driver.screen();
    assert!(["┏━", "━┓", "┃", "┗━", "━┛"].iter().all(|edge| screen.contains(edge)), "{screen}");
    driver.press("t");
    let screen = driver.screen();
    assert!(screen.contains('X') && !screen.contains('┏'), "{screen}");
}

#[test]
fn a_ratio_has_the_name_that_people_know() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:crop<Enter>ttt");
    assert!(driver.screen().contains("crop 768×1024 · 3:4 kept"), "{}", driver.screen());
}
