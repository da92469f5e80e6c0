//! Where a picture will stand, it says so until it has come; what shows nothing yet comes first.

use editree::graphics::QualityLevel;
use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::terminal::image_request::{ImageRequest, Mode};
use editree::terminal::queue::Queue;
use editree::terminal::screen::Screen;

use super::screen::{Rig, encoded, frame, placement};

#[test]
fn a_picture_on_its_way_tells_its_place_by_corners_and_a_word() {
    for protocol in [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Iterm2] {
        let mut rig = Rig::new(protocol);
        let frame = frame(&["header"], &[placement(1, (2, 1, 14, 6))]);
        let lacking = rig.screen.show(frame.clone(), &mut rig.queue);
        rig.write(usize::MAX);
        let rows: Vec<String> = (0..8).map(|row| rig.mini.row(row)).collect();
        assert!(rows[1].contains("┌─") && rows[1].contains("─┐"), "{protocol:?} {rows:?}");
        assert!(rows[6].contains("└─") && rows[6].contains("─┘"), "{protocol:?} {rows:?}");
        assert!(rows[4].contains("loading…"), "{protocol:?} {rows:?}");
        // Also while it is encoded, and only its bytes are missing.
        for wanted in lacking {
            let made = encoded(protocol, &wanted.placement, rig.screen.id_for());
            rig.screen.supply(wanted, made);
        }
        rig.screen.show(frame.clone(), &mut rig.queue);
        if protocol == Protocol::KittyDirect {
            rig.write(2);
            assert!(rig.mini.places.is_empty(), "it has not come");
            assert!(rig.mini.row(4).contains("loading…"), "{:?}", rig.mini.row(4));
        }
        rig.write(usize::MAX);
        assert!(protocol != Protocol::KittyDirect || !rig.mini.places.is_empty());
        assert_eq!(rig.shown(&frame), "", "{protocol:?}");
    }
}

#[test]
fn what_could_not_be_made_says_so_in_its_place() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let frame = frame(&[], &[placement(1, (0, 1, 20, 6))]);
    for wanted in rig.screen.show(frame.clone(), &mut rig.queue) {
        rig.screen.refuse(wanted);
    }
    rig.screen.show(frame.clone(), &mut rig.queue);
    rig.write(usize::MAX);
    assert!(rig.mini.row(4).contains("✗ cannot be shown"), "{:?}", rig.mini.row(4));
}

/// On a slow line each picture has several levels.
#[test]
fn every_picture_is_seen_before_one_of_them_becomes_sharper() {
    let plan = QualityPlan {
        rate: Some(5_000.0),
        is_remote: true,
        is_settled: true,
        is_idle: true,
        cell: (10, 20),
        ..QualityPlan::default()
    };
    let mode = Mode { protocol: Protocol::KittyDirect, wrap: false, ascii: false };
    let tile = |name: u8| placement(name, (u16::from(name % 2) * 5, u16::from(name / 2) * 4, 5, 4));
    let large = placement(9, (10, 0, 10, 8));
    let tiles = [large, tile(0), tile(1), tile(2), tile(3)];
    let mut screen = Screen::new(mode, 0x0012_3400);
    screen.set_ladder(plan);
    let mut queue = Queue::new(Some(b"?".to_vec()));
    let frame = frame(&[], &tiles);
    let mut made: Vec<(u8, QualityLevel)> = Vec::new();
    while let Some(ImageRequest { placement, level }) =
        screen.show(frame.clone(), &mut queue).into_iter().next()
    {
        made.push((placement.picture.0[0], level));
        let upload = encoded(Protocol::KittyDirect, &placement, screen.id_for());
        screen.supply(ImageRequest { placement, level }, upload);
    }
    assert!(made.len() > tiles.len(), "{made:?}");
    let first: Vec<u8> = made.iter().take(tiles.len()).map(|(name, _)| *name).collect();
    assert_eq!(first, [9, 0, 1, 2, 3], "{made:?}");
}
