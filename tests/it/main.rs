//! Everything that needs neither installation nor a real terminal, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../support/mod.rs"]
mod support;

mod architecture;
mod asked;
mod billing;
mod bills;
mod chaos;
mod columns;
mod compare;
mod contract;
mod contrast;
mod docs;
mod edges;
mod face;
mod facts;
mod fal;
mod formats;
mod gallery;
mod graphics;
mod hints;
mod hostile;
mod jobs;
mod key;
mod lists;
mod look;
mod memory;
mod newcomer;
mod overlays;
mod picture;
mod places;
mod prompt;
mod rail;
mod rooms;

mod scenarios;
mod schema;
mod screens;
mod simulator;
mod small;
mod spelled;
mod still;
mod store;
mod swapped;
mod terminal;
mod told;
