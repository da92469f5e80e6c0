//! Parts of pictures that kitty has already: shown at once, without an upload.

use editree::app::action::{Annotation, Bounds};
use editree::graphics::QualityLevel;
use editree::graphics::protocol::Protocol;
use editree::ui::frame::{Crop, Mark, Placement, Sketch};

use super::screen::{Rig, frame, placement, remote};

/// A part of it, in pixels of a picture of 1200×800.
fn part(x: u32, y: u32, width: u32, height: u32) -> Option<Crop> {
    Some(Crop { x, y, width, height, of: (1200, 800) })
}

#[test]
fn a_zoom_and_a_step_aside_are_seen_at_once_for_a_few_bytes() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let whole = placement(1, (0, 1, 6, 4));
    rig.shown(&frame(&[], std::slice::from_ref(&whole)));
    rig.screen.set_ladder(remote());
    for (crop, source) in [
        (part(600, 400, 600, 400), "x=30,y=20,w=30,h=20"),
        (part(500, 300, 600, 400), "x=25,y=15,w=30,h=20"),
    ] {
        let zoomed = frame(&[], &[Placement { crop, ..whole.clone() }]);
        let lacking = rig.screen.show(zoomed.clone(), &mut rig.queue);
        let bytes = rig.write(usize::MAX);
        assert!(bytes.contains(source) && bytes.len() < 100, "{bytes:?}");
        assert_eq!(rig.mini.places.len(), 1);
        let levels: Vec<QualityLevel> = lacking.iter().map(|wanted| wanted.level).collect();
        assert_eq!(levels, [QualityLevel::Sharp], "a first look would tell no more");
    }
}

#[test]
fn what_reaches_beyond_a_part_that_is_there_is_not_guessed() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let zoomed = Placement { crop: part(0, 0, 600, 400), ..placement(1, (0, 1, 6, 4)) };
    rig.shown(&frame(&[], std::slice::from_ref(&zoomed)));
    let beside = Placement { crop: part(300, 0, 600, 400), ..zoomed };
    rig.screen.show(frame(&[], &[beside]), &mut rig.queue);
    let bytes = rig.write(usize::MAX);
    assert!(!bytes.contains("a=p"), "{bytes:?}");
}

/// A box at these columns of a picture of 1200×800.
fn boxed(x: i32) -> Placement {
    let seen = Bounds { x: 0, y: 0, width: 1200, height: 800 };
    let shapes =
        vec![Mark::Annotation(Annotation::Box(Bounds { x, y: 0, width: 100, height: 100 }))];
    let sketch = Some(Sketch { of: (1200, 800), seen, shapes });
    Placement { sketch, ..placement(1, (0, 1, 6, 4)) }
}

#[test]
fn while_a_box_moves_the_picture_stays_until_the_next_one_is_there() {
    for protocol in [Protocol::KittyDirect, Protocol::Sixel, Protocol::Blocks] {
        let mut rig = Rig::new(protocol);
        rig.shown(&frame(&[], &[boxed(0)]));
        let moved = frame(&[], &[boxed(50)]);
        let lacking = rig.screen.show(moved.clone(), &mut rig.queue);
        let bytes = rig.write(usize::MAX);
        // In kitty a letter stands below the picture.
        let is_alone = bytes.is_empty() || protocol == Protocol::KittyDirect;
        assert!(is_alone && !bytes.contains("a=d"), "{protocol:?} blanks or erases: {bytes:?}");
        assert_eq!(lacking.len(), 1, "{protocol:?}");
        // The stand-ins of this test are equal cells.
        assert!(!rig.shown(&moved).is_empty() || protocol == Protocol::Blocks, "{protocol:?}");
    }
}

#[test]
fn what_was_there_stays_until_the_other_of_two_that_are_compared_has_come() {
    let protocols =
        [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Sixel, Protocol::Blocks];
    for protocol in protocols {
        let mut rig = Rig::new(protocol);
        let (one, other) = (placement(1, (0, 1, 6, 4)), placement(2, (0, 1, 6, 4)));
        rig.shown(&frame(&[], std::slice::from_ref(&one)));
        let next = |is_awaited| frame(&[], &[Placement { is_awaited, ..other.clone() }]);
        let lacking = rig.screen.show(next(true), &mut rig.queue);
        let bytes = rig.write(usize::MAX);
        let is_alone = bytes.is_empty() || protocol == Protocol::KittyDirect;
        assert!(is_alone && !bytes.contains("a=d"), "{protocol:?} blanks or erases: {bytes:?}");
        assert_eq!(lacking.len(), 1, "{protocol:?}");
    }
    // Of one that nobody awaits the place is cleared: what stands beside it is said of it alone.
    for protocol in [Protocol::KittyDirect, Protocol::Blocks] {
        let mut rig = Rig::new(protocol);
        rig.shown(&frame(&[], &[placement(1, (0, 1, 6, 4))]));
        rig.screen.show(frame(&[], &[placement(2, (0, 1, 6, 4))]), &mut rig.queue);
        assert!(!rig.write(usize::MAX).is_empty(), "{protocol:?}");
    }
}
