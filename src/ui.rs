//! What the person sees and presses: focus, layout, panes, keys, overlays.
//!
//! Holds what another screen would not share (focus, scroll, cursor, overlays). Never changes the
//! model: keys become actions. Does no IO and asks no clock.

pub mod frame;
