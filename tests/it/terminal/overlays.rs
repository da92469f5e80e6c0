//! Pictures that are painted over cells, and what stands over them.

use editree::graphics::protocol::Protocol;
use editree::graphics::{Cell, Colour, Encoded};
use editree::terminal::image_request::Mode;
use editree::terminal::screen::Screen;
use editree::ui::frame::Frame;
use ratatui::layout::Rect;

use super::screen::{Rig, frame, placement, remote};

const BLACK: [u8; 3] = [0; 3];
/// No picture has it.
const VEIL: u32 = 0x0012_3400;

/// A box over the middle of a picture, behind which pictures go back.
fn behind(box_over: Rect, is_on_top: bool) -> Frame {
    let mut at = placement(1, (2, 1, 10, 6));
    at.is_on_top = is_on_top;
    Frame { covers: vec![box_over], veil: Some(BLACK), ..frame(&["header"], &[at]) }
}

/// The cells on which the veil lies; each only once.
fn veiled(rig: &Rig) -> Vec<(u16, u16)> {
    let lies = rig.mini.places.iter().filter(|((id, _), _)| *id == VEIL);
    let areas = lies.map(|(_, (x, y, columns, rows))| Rect::new(*x, *y, *columns, *rows));
    let mut cells: Vec<_> =
        areas.flat_map(|area| area.positions().map(|at| (at.x, at.y))).collect();
    cells.sort_unstable();
    assert!(cells.windows(2).all(|pair| pair[0] != pair[1]), "twice: {cells:?}");
    cells
}

#[test]
fn behind_a_box_kittys_pictures_go_back_and_come_again_for_a_few_bytes() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let (whole, hole) = (Rect::new(2, 1, 10, 6), Rect::new(4, 3, 5, 2));
    let open = frame(&["header"], &[placement(1, (2, 1, 10, 6))]);
    rig.shown(&open);
    let places = rig.mini.places.clone();
    let opened = rig.shown(&behind(hole, false));
    let free = |hole: Rect| -> Vec<(u16, u16)> {
        let cells = whole.positions().filter(|at| !hole.contains(*at)).map(|at| (at.x, at.y));
        let mut cells: Vec<_> = cells.collect();
        cells.sort_unstable();
        cells
    };
    assert_eq!(veiled(&rig), free(hole));
    // A larger box, a moved one: no pixel is sent again.
    for hole in [Rect::new(3, 2, 7, 4), Rect::new(2, 1, 3, 3)] {
        let bytes = rig.shown(&behind(hole, false));
        assert!(!bytes.contains("a=t"), "{bytes:?}");
        assert_eq!(veiled(&rig), free(hole));
    }
    let closed = rig.shown(&open);
    assert_eq!((veiled(&rig), &rig.mini.places), (vec![], &places));
    assert!(!rig.shown(&behind(hole, false)).contains("a=t"), "its pixel is there still");
    rig.shown(&open);
    assert!(opened.len() + closed.len() < 1_000, "{opened:?} {closed:?}");
    // What belongs to the box is lit.
    rig.shown(&behind(hole, true));
    assert_eq!(veiled(&rig), []);
}

#[test]
fn a_veil_comes_while_a_picture_is_on_its_way_and_goes_with_all_that_is_forgotten() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let hole = Rect::new(4, 3, 5, 2);
    rig.show(&frame(&["header"], &[placement(1, (2, 1, 10, 6))]));
    // The frame, and two of three pieces.
    rig.write(3);
    rig.shown(&behind(hole, false));
    let covered = veiled(&rig);
    assert_eq!((covered.len(), rig.mini.held.len()), (50, 2));
    rig.screen.forget(&mut rig.queue);
    rig.write(usize::MAX);
    assert!(rig.mini.held.is_empty() && rig.mini.places.is_empty());
    rig.shown(&behind(hole, false));
    assert_eq!(veiled(&rig), covered);
}

/// A box beside a picture that is on its way: it arrives once, and the veil with its end.
#[test]
fn a_box_that_comes_and_goes_does_not_send_a_picture_again() {
    let beside = Rect::new(14, 1, 4, 3);
    for is_closed in [false, true] {
        let mut rig = Rig::new(Protocol::KittyDirect);
        let open = frame(&["header"], &[placement(1, (2, 1, 10, 6))]);
        rig.show(&open);
        rig.write(3);
        for _ in 0..3 {
            rig.show(&behind(beside, false));
            rig.write(1);
        }
        if is_closed {
            rig.show(&open);
        }
        rig.write(usize::MAX);
        assert_eq!(rig.mini.uploads, 1);
        assert_eq!(veiled(&rig).len(), if is_closed { 0 } else { 60 });
        // What came with the picture's end is not said again.
        let last = if is_closed { open } else { behind(beside, false) };
        assert_eq!(rig.shown(&last), "");
    }
}

#[test]
fn where_a_box_grows_only_what_it_touches_is_veiled_anew() {
    let mut rig = Rig::new(Protocol::KittyDirect);
    let row = [0, 5, 10, 15].map(|x| placement(1, (x, 1, 4, 2)));
    let behind = |hole| Frame { covers: vec![hole], veil: Some(BLACK), ..frame(&[], &row) };
    rig.shown(&behind(Rect::new(0, 1, 2, 1)));
    let grown = rig.shown(&behind(Rect::new(0, 1, 7, 1)));
    let placed = grown.matches(&format!("a=p,i={VEIL},")).count();
    assert_eq!((placed, veiled(&rig).len()), (2, 4 * 8 - 6), "{grown:?}");
}

#[test]
fn no_id_is_the_one_that_means_none() {
    let mode = Mode { protocol: Protocol::KittyDirect, wrap: false, ascii: false };
    assert!(Screen::new(mode, 0x0100_0000).id_for() > 0xff);
}

#[test]
fn behind_a_box_blocks_go_back_but_not_far_away() {
    let hole = Rect::new(4, 3, 5, 2);
    let mut near = Rig::new(Protocol::Blocks);
    let lit = near.shown(&frame(&["header"], &[placement(200, (2, 1, 10, 6))]));
    assert!(lit.contains("38;2;200;0;0"), "{lit:?}");
    let mut at = behind(hole, false);
    at.placements = vec![placement(200, (2, 1, 10, 6))];
    let dark = near.shown(&at);
    assert!(dark.contains("38;2;100;0;0") && !dark.contains("38;2;200;0;0"), "{dark:?}");
    let mut far = Rig::new(Protocol::Blocks);
    far.screen.set_ladder(remote());
    let bytes = far.shown(&at);
    assert!(bytes.contains("38;2;200;0;0") && !bytes.contains("38;2;100;0;0"), "{bytes:?}");
}

#[test]
fn beside_an_overlay_the_picture_stays_and_its_hole_is_filled_afterwards() {
    for protocol in [Protocol::Sixel, Protocol::Iterm2] {
        let mut rig = Rig::new(protocol);
        let at = [placement(1, (2, 1, 10, 6))];
        rig.shown(&frame(&["header"], &at));
        let mut popup = frame(&["header"], &at);
        popup.covers = vec![Rect::new(4, 3, 3, 1)];
        let opened = rig.shown(&popup);
        assert!(!opened.contains("1337;File"), "nothing is sent for it: {opened:?}");
        assert!(rig.mini.pixels(2, 3).is_some() && rig.mini.pixels(8, 3).is_some());
        assert_eq!(rig.mini.pixels(5, 3), None);
        // A larger one over it.
        popup.covers.push(Rect::new(3, 3, 6, 2));
        assert!(!rig.shown(&popup).contains("1337;File"));
        assert!(rig.mini.pixels(2, 3).is_some() && rig.mini.pixels(8, 3).is_none());
        let closed = rig.shown(&frame(&["header"], &at));
        assert_eq!(closed.matches("1337;File").count(), 1, "{closed:?}");
        let inside = Rect::new(2, 1, 10, 6).positions();
        assert!(inside.into_iter().all(|at| rig.mini.pixels(at.x, at.y).is_some()));
    }
}

#[test]
fn the_256_colours_of_blocks_go_back_too() {
    let mut rig = Rig::new(Protocol::Blocks);
    let at = behind(Rect::new(4, 3, 5, 2), false);
    let wanted = rig.screen.show(at.clone(), &mut rig.queue).remove(0);
    let cell = Cell { symbol: "▀".into(), fg: Colour::Index(231), bg: Colour::Index(9) };
    rig.screen.supply(wanted, Encoded::Cells(vec![cell; 60]));
    let bytes = rig.shown(&at);
    // White becomes the grey in the middle; the terminal's own sixteen are not known.
    let is_there = |colour: &str| bytes.contains(&format!("38;5;{colour};48;5;9"));
    assert!(is_there("244") && !is_there("231"), "{bytes:?}");
}
