//! How long the compare view takes, and whether keys feel it.
//!
//! `cargo bench --bench look` compares a megapixel photo with an edited, slightly shifted copy by
//! the runtime's own pieces: from asking to the findings, to both pictures made ready for kitty,
//! beside decoding and scaling one of them in the same run; then what the findings are made of; then
//! step and view of the workbench for each key, idle and while two comparisons run. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../tests/support/driver.rs"]
#[allow(dead_code, reason = "the scenarios use the rest")]
mod driver;
#[path = "../tests/it/compare/edits.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod edits;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use driver::Driver;
use editree::graphics::protocol::Protocol;
use editree::graphics::{Colours, EncodeRequest, QualityLevel, USUAL_BACKGROUND};
use editree::picture::align::align;
use editree::picture::compare::compare_without;
use editree::picture::heatmap::heat_map;
use editree::picture::{self, Limits, compare};
use editree::runtime::pictures::ImageCache;
use editree::runtime::{comparison, encode_pool};
use editree::store::media::Media;
use editree::store::{Options, Store};
use editree::terminal::image_request::ImageRequest;
use editree::tree::{Hash, Timestamp};
use editree::ui::frame::Placement;
use edits::{EDITS, carry_out, photo};
use image::{DynamicImage, RgbImage};
use ratatui::layout::Rect;

const RUNS: usize = 15;
/// Side by side on a screen of 200 columns.
const AREA: Rect = Rect { x: 0, y: 0, width: 90, height: 45 };
const CELL: (u16, u16) = (10, 20);
const KEYS: &str = "Make it red<Esc>hlhlcmmmm<Esc>gtjkjk<Esc>gpMake it blue<C-u><A-c><A-c><A-c>";
const ROUNDS: usize = 40;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        project: "main".into(),
        simulated: false,
        day_start: Timestamp(0),
        now: Timestamp(1_000),
        take_over_orphans: false,
        with_page: true,
        log_days: 90,
    };
    let (store, _) = Store::open(folder.path(), options).unwrap();
    let (photo, other) = (photo("reference-1024.png"), photo("coffee.png"));
    let done = carry_out(&EDITS[1], &photo, &other);
    let files = [&done.a, &done.b].map(png);
    let pair = [0, 1].map(|at| store.media().write(&files[at]).unwrap());
    asking(&store.media(), pair, &files[1]);
    phases(&done.a, &done.b);
    keys(&store.media(), pair);
}

fn png(picture: &RgbImage) -> Vec<u8> {
    picture::encode_png(&DynamicImage::ImageRgb8(picture.clone()).into_rgba8(), &[]).unwrap()
}

/// From asking to what is shown.
fn asking(media: &Media, pair: [Hash; 2], file: &[u8]) {
    let decoded = || {
        let image_cache = ImageCache::new(media.clone());
        for hash in pair {
            image_cache.pixels(hash).unwrap();
        }
        image_cache
    };
    let alone = times(
        || (),
        |()| {
            let decoded = picture::decode(file, Limits::default()).unwrap();
            picture::resize(&decoded.image, 900, 900)
        },
    );
    let asked = |image_cache: ImageCache| {
        comparison::compare(&image_cache, pair[0], pair[1], &[]).unwrap();
        image_cache
    };
    println!("{:<44} {:>9} {:>9} {:>7}", "", "median ms", "worst ms", "ratio");
    let row = |what: &str, measured: &[f64]| {
        let (median, worst) = (measured[RUNS / 2], measured[RUNS - 1]);
        println!("{what:<44} {median:>9.1} {worst:>9.1} {:>7.2}", median / alone[RUNS / 2]);
    };
    row("one picture decoded and scaled", &alone);
    row("findings, pictures on the canvas already", &times(decoded, asked));
    row("findings, pictures from the disk", &times(|| ImageCache::new(media.clone()), asked));
    let shown = |image_cache: ImageCache| encode_pair(&asked(image_cache), pair);
    row("findings and the pair for kitty", &times(decoded, shown));
    row("the pair for kitty alone", &times(decoded, |image_cache| encode_pair(&image_cache, pair)));
}

/// As the workshop does: both at once.
fn encode_pair(image_cache: &ImageCache, [a, b]: [Hash; 2]) {
    std::thread::scope(|scope| {
        for (picture, like) in [(a, b), (b, a)] {
            scope.spawn(move || {
                let placement = Placement { like: Some(like), ..Placement::whole(picture, AREA) };
                let request = EncodeRequest {
                    protocol: Protocol::KittyDirect,
                    colours: Colours::True,
                    shapes: Default::default(),
                    ascii: false,
                    wrap: false,
                    cells: (AREA.width, AREA.height),
                    cell: CELL,
                    background: USUAL_BACKGROUND,
                    id: 1,
                    level: QualityLevel::Sharp,
                };
                let wanted = ImageRequest { placement, level: QualityLevel::Sharp };
                black_box(encode_pool::encode(image_cache, &wanted, &[], &request).unwrap());
            });
        }
    });
}

/// What the findings are made of.
fn phases(a: &RgbImage, b: &RgbImage) {
    let ignored = compare::Ignored::default();
    let found = compare_without(a, b, &ignored);
    let rgba = DynamicImage::ImageRgb8(a.clone()).into_rgba8();
    let row = |what: &str, measured: Vec<f64>| {
        println!("{what:<44} {:>9.1} {:>9.1}", measured[RUNS / 2], measured[RUNS - 1]);
    };
    println!("of the findings");
    row(
        "  without transparency",
        times(|| (), |()| DynamicImage::ImageRgba8(rgba.clone()).into_rgb8()),
    );
    row("  aligning", times(|| (), |()| align(a, b, &|_, _| false)));
    row("  aligning, measuring and marking", times(|| (), |()| compare_without(a, b, &ignored)));
    row("  bringing one over the other", times(|| (), |()| found.mapping.bring(b).is_some()));
    row("  heat map", times(|| (), |()| heat_map(a, &found)));
}

fn times<P, T>(prepare: impl Fn() -> P, work: impl Fn(P) -> T) -> Vec<f64> {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let prepared = prepare();
            let began = Instant::now();
            black_box(work(prepared));
            milliseconds(began.elapsed())
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Step and view for each key; the terminal's part is measured by `--bench keys`.
fn keys(media: &Media, pair: [Hash; 2]) {
    println!("step and view for a key");
    let idle = typed();
    println!("  idle: {}", words(&idle));
    let is_over = Arc::new(AtomicBool::new(false));
    let compared = Arc::new(AtomicUsize::new(0));
    let busy = std::thread::scope(|scope| {
        for _ in 0..2 {
            let (is_over, compared) = (Arc::clone(&is_over), Arc::clone(&compared));
            scope.spawn(move || {
                let image_cache = ImageCache::new(media.clone());
                while !is_over.load(Ordering::Relaxed) {
                    comparison::compare(&image_cache, pair[0], pair[1], &[]).unwrap();
                    compared.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let busy = typed();
        is_over.store(true, Ordering::Relaxed);
        busy
    });
    let compared = compared.load(Ordering::Relaxed);
    println!("  two comparisons at once: {} ({compared} done meanwhile)", words(&busy));
}

/// A person's keys, one every few milliseconds.
fn typed() -> Vec<f64> {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mut rest = KEYS;
        while let Some(first) = rest.chars().next() {
            let end = rest.find('>').filter(|_| first == '<').unwrap_or(first.len_utf8() - 1);
            let (key, after) = rest.split_at(end + 1);
            std::thread::sleep(Duration::from_millis(1));
            let began = Instant::now();
            driver.press(key);
            times.push(milliseconds(began.elapsed()));
            rest = after;
        }
        driver.answer_all();
    }
    times.sort_by(f64::total_cmp);
    times
}

fn words(times: &[f64]) -> String {
    let of = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    format!("median {:.2} ms, p99 {:.2} ms, {} keys", of(50), of(99), times.len())
}
