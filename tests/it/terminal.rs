//! Tests of `terminal`: what becomes a key, what is written when, and what a terminal shows then.

mod burst;
mod drops;
mod filter;
mod frames;
mod fuzz;
mod keys;
mod lint;
mod losses;
mod mini;
mod overlays;
mod queue;
mod screen;
mod zoom;
