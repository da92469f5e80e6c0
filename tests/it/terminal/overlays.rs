//! Pictures that are painted over cells, and what stands over them.

use editree::graphics::protocol::Protocol;
use ratatui::layout::Rect;

use super::screen::{Rig, frame, placement};

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
