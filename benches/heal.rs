//! How well comparing and healing do on thirty edits of known truth, and how long they take.
//!
//! `cargo bench --bench heal` prints the table, and the time of comparing and of healing a megapixel
//! as a ratio against scaling and encoding it in the same run. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../tests/it/compare/edits.rs"]
mod edits;
#[path = "../tests/it/compare/judge.rs"]
mod judge;

use std::time::Instant;

use editree::picture::compare::compare;
use editree::picture::heal::{Strength, heal};
use edits::{EDITS, PHOTOS, carry_out, photo};
use judge::{judge, median};

const RUNS: usize = 7;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    table();
    times();
}

fn table() {
    println!(
        "{:<20} {:<20} {:>6} {:>5} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "photo", "edit", "off px", "IoU", "before", "after", "gain", "inside", "changed"
    );
    let mut verdicts = Vec::new();
    for (number, name) in PHOTOS.iter().enumerate() {
        let (a, other) = (photo(name), photo(PHOTOS[(number + 2) % PHOTOS.len()]));
        for edit in &EDITS {
            let verdict = judge(&carry_out(edit, &a, &other));
            println!(
                "{name:<20} {:<20} {:>6.2} {:>5.2} {:>7.1} {:>7.1} {:>7.1} {:>7.1} {:>6.1}%",
                edit.name,
                verdict.off,
                verdict.overlap.unwrap_or(f64::NAN),
                verdict.before,
                verdict.after,
                verdict.after - verdict.before,
                verdict.inside,
                verdict.fraction * 100.0
            );
            verdicts.push(verdict);
        }
    }
    let least = |values: Vec<f64>| values.into_iter().fold(f64::INFINITY, f64::min);
    println!(
        "off: median {:.2}, worst {:.2} pixels",
        median(verdicts.iter().map(|v| v.off)),
        verdicts.iter().map(|v| v.off).fold(0.0, f64::max)
    );
    println!(
        "IoU: median {:.2}; least gain {:.1} dB; least inside {:.1} dB",
        median(verdicts.iter().filter_map(|v| v.overlap)),
        least(verdicts.iter().map(|v| v.after - v.before).collect()),
        least(verdicts.iter().map(|v| v.inside).filter(|inside| !inside.is_nan()).collect())
    );
}

fn times() {
    let a = photo("reference-1024.png");
    let other = photo("coffee.png");
    for edit in [&EDITS[0], &EDITS[1], &EDITS[4]] {
        let done = carry_out(edit, &a, &other);
        let time = |work: &dyn Fn()| {
            median((0..RUNS).map(|_| {
                let began = Instant::now();
                work();
                began.elapsed().as_secs_f64() * 1000.0
            }))
        };
        let compared = time(&|| drop(compare(&done.a, &done.b)));
        let healed = time(&|| drop(heal(&done.a, &done.b, Strength::USUAL)));
        let rgba = image::DynamicImage::ImageRgb8(done.b.clone()).into_rgba8();
        let scaled = time(&|| drop(editree::picture::resize(&rgba, 1000, 1000)));
        println!(
            "{}: compare {compared:.0} ms, heal {healed:.0} ms, scaling alone {scaled:.0} ms, ratios {:.1} and {:.1}",
            edit.name,
            compared / scaled,
            healed / scaled
        );
    }
}
