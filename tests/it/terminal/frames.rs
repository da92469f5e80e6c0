//! Whatever was shown before, in the end the terminal shows the last frame.

use editree::graphics::protocol::Protocol;
use editree::ui::frame::{Frame, Placement};
use proptest::prelude::*;
use ratatui::layout::{Position, Rect};

use super::screen::{Rig, SIZE, frame, placement};

/// Which pictures of a frame stand where: three slots beside each other, some empty.
type Slots = [Option<u8>; 3];

fn slots() -> impl Strategy<Value = Slots> {
    let slot = || proptest::option::of(0u8..4);
    (slot(), slot(), slot()).prop_map(|(a, b, c)| [a, b, c])
}

/// An overlay somewhere, or none.
fn cover() -> impl Strategy<Value = Option<Rect>> {
    let place = (0u16..16, 1u16..7, 1u16..5, 1u16..3);
    proptest::option::of(place.prop_map(|(x, y, width, height)| {
        Rect::new(x, y, width, height).intersection(Rect::new(0, 0, SIZE.0, SIZE.1))
    }))
}

fn slotted(slots: Slots, narrow: bool, text: u8, cover: Option<Rect>) -> Frame {
    let width = if narrow { 3 } else { 5 };
    let placements: Vec<Placement> = slots
        .iter()
        .enumerate()
        .filter_map(|(slot, name)| {
            let x = u16::try_from(slot).unwrap() * 6;
            name.map(|name| placement(name, (x, 2, width, 4)))
        })
        .collect();
    let mut frame = frame(&[&format!("text {text}")], &placements);
    for position in cover.iter().flat_map(|cover| cover.positions()) {
        frame.cells[position].set_symbol("o");
    }
    // Sometimes the cursor is not shown.
    let cursor = frame.cursor.filter(|_| !text.is_multiple_of(3));
    Frame { covers: cover.into_iter().collect(), cursor, ..frame }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was shown before and however little of it was written: in the end the terminal
    /// shows the last frame. (The terminal of the test fails at commands inside an upload.)
    #[test]
    fn the_last_frame_wins(
        steps in proptest::collection::vec(
            (slots(), any::<bool>(), any::<u8>(), cover(), 0usize..6),
            1..20,
        ),
        protocol in prop_oneof![Just(Protocol::KittyDirect), Just(Protocol::Iterm2), Just(Protocol::Sixel)],
    ) {
        let mut rig = Rig::new(protocol);
        for (slots, narrow, text, cover, written) in &steps {
            rig.show(&slotted(*slots, *narrow, *text, *cover));
            rig.write(*written);
        }
        let (slots, narrow, text, cover, _) = *steps.last().unwrap();
        let last = slotted(slots, narrow, text, cover);
        rig.write(usize::MAX);
        rig.shown(&last);
        prop_assert_eq!(rig.mini.row(0), format!("text {text}"));
        let is_covered = |at: Position| cover.is_some_and(|cover| cover.contains(at));
        for at in Rect::new(0, 1, SIZE.0, SIZE.1 - 1).positions() {
            let placement = last.placements.iter().find(|p| p.area.contains(at));
            if protocol == Protocol::KittyDirect {
                let is_there = |(x, y, width, height): (u16, u16, u16, u16)| {
                    Rect::new(x, y, width, height).contains(at)
                };
                let shown = rig.mini.places.iter().filter(|(_, place)| is_there(**place));
                let shown: Vec<&String> = shown.map(|((id, _), _)| &rig.mini.held[id]).collect();
                let wanted = placement.filter(|_| !is_covered(at));
                let wanted = wanted.map(|placement| format!("{}xx", placement.picture.0[0]));
                prop_assert_eq!(shown, wanted.iter().collect::<Vec<_>>());
            } else {
                let wanted = placement.and_then(|placement| {
                    let (x, y) = (at.x - placement.area.x, at.y - placement.area.y);
                    let band = Rect { y: at.y - y % 2, height: 2, ..placement.area };
                    let is_free = !cover.is_some_and(|cover| cover.intersects(band));
                    let own = (format!("{}.{}", placement.picture.0[0], y / 2 * 2), x, y % 2);
                    // Beside an overlay what stood there may stay.
                    let stays = !is_covered(at) && rig.mini.pixels(at.x, at.y) == Some(&own);
                    (is_free || stays).then_some(own)
                });
                prop_assert_eq!(rig.mini.pixels(at.x, at.y), wanted.as_ref());
            }
        }
        for at in cover.iter().flat_map(|cover| cover.positions()) {
            prop_assert_eq!(rig.mini.symbol(at.x, at.y), "o");
        }
        prop_assert_eq!(rig.mini.is_cursor_shown, last.cursor.is_some());
        prop_assert_eq!(rig.shown(&last), "");
    }
}
