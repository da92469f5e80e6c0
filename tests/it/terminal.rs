//! Tests of `terminal`: what becomes a key, what is written when, and what a terminal shows then.

use crate::support::decode;

mod burst;
mod drops;
mod filter;
mod frames;
mod fuzz;
mod grounds;
mod keys;
#[path = "../support/line.rs"]
mod line;
mod lint;
mod loading;
mod losses;
mod mini;
mod overlays;
mod patches;
mod queue;
mod screen;
mod zoom;
