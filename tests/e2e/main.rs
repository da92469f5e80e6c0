//! The real binary: under a pty, over loopback, with signals.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod account;
mod clipboard;
mod command;
mod crash;
mod docs;
mod drops;
mod elsewhere;
mod ends;
#[path = "../support/key_names.rs"]
mod key_names;

mod export;
mod falls;
mod formats;
#[path = "../support/grown.rs"]
mod grown;
mod grown_store;
mod headless;
mod interview;
mod kills;
mod labels;
mod lineage;
mod lines;
mod models;
mod money;
mod names;
mod plain;
mod pty;
mod regions;
mod results;
mod service;
mod settings;
mod soak;
#[path = "../support/spoilt.rs"]
mod spoilt;
mod spoilt_pictures;
mod sweep;
mod terminal;
mod terminals;
mod told;
mod typed;
mod typing;
mod whole;
mod world;
