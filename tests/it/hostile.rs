//! Bytes and words from outside, changed by chance: each parser ends, in a value or in words.
//!
//! Short by default; `EDITREE_HOSTILE=100000 cargo test --test it hostile:: -- --nocapture` tries as
//! many of each. A failure names its seed.

use std::path::Path;
use std::time::Instant;

use editree::app::compare::filename_template::Target;
use editree::app::draft::prompt_expansion;
use editree::config::file::File;
use editree::picture::metadata::{self, Label};
use editree::picture::{self, Limits, origin};
use editree::schema::{regions, tokens};
use editree::terminal::clipboard::Clipboard;
use editree::terminal::drops::Drops;
use editree::tree::query::Query;

const CASES: u64 = 300;

/// What stands at the edges of numbers, texts and formats.
const EDGES: [&[u8]; 14] = [
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"9999999999999999999999",
    b"-1",
    b"1e999",
    b"\x1b[2J",
    "\u{202e}".as_bytes(),
    b"\xff\xfe",
    b"{{{{{{{{",
    b"[[[[[[[[",
    b"\"",
    b"\n",
];

fn spoilt(bytes: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.usize(1..5) {
        if bytes.is_empty() {
            return bytes;
        }
        // Heads matter most.
        let at = match random.bool() {
            true => random.usize(..bytes.len()),
            false => random.usize(..bytes.len().min(200)),
        };
        let end = (at + random.usize(1..40)).min(bytes.len());
        match random.u8(0..7) {
            0 | 1 => bytes[at] ^= 1 << random.u8(0..8),
            2 => {
                let edge = EDGES[random.usize(..EDGES.len())];
                bytes.splice(at..end.min(at + edge.len()), edge.iter().copied());
            }
            3 => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at..end].repeat(random.usize(1..8));
                bytes.splice(at..at, again);
            }
            5 => bytes.truncate(at),
            _ => random.fill(&mut bytes[at..end]),
        }
    }
    bytes
}

/// Each case of each seed, told by its number where it fails.
fn each(name: &str, seeds: &[Vec<u8>], of: u64, reads: impl Fn(&[u8])) {
    let asked = std::env::var("EDITREE_HOSTILE").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(CASES) / of;
    let seed = fastrand::u64(..);
    let (mut random, mut slowest) = (fastrand::Rng::with_seed(seed), 0.0_f64);
    for number in 0..cases {
        let bytes = spoilt(&seeds[random.usize(..seeds.len())], &mut random);
        let began = Instant::now();
        let read = std::panic::AssertUnwindSafe(|| reads(&bytes));
        if let Err(panic) = std::panic::catch_unwind(read) {
            println!("{name}: seed {seed}, case {number}, {} bytes", bytes.len());
            println!("{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]));
            std::panic::resume_unwind(panic);
        }
        slowest = slowest.max(began.elapsed().as_secs_f64());
    }
    println!("{name}: {cases} cases, seed {seed}, the slowest {slowest:.2} s");
}

fn texts(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|words| words.as_bytes().to_vec()).collect()
}

#[test]
fn config_files() {
    let example = include_str!("../../docs/config.toml");
    let whole = example.replace("\n# ", "\n");
    let seeds = texts(&[example, &whole, "[keys]\n\"a\" = \"heal\"\n[budget]\nday = 1.0\n"]);
    each("config", &seeds, 1, |bytes| {
        if let Err(error) = File::parse(&String::from_utf8_lossy(bytes), Path::new("c.toml")) {
            let told = error.to_string();
            assert!(!told.contains(|c: char| c.is_control()), "{told:?}");
        }
    });
}

#[test]
fn words_that_are_typed() {
    let seeds = texts(&[
        "Make it {red|green {dark|light}|blue} and {1..20} cm \\{as is\\}",
        "10,20,30,40: a hat; 0,0,1000,1000: \"EXIT\"",
        "star:yes seed:7 before:2026-01-01 model:pro -trash \"two words\"",
        "~/out/{date}/{node}-{prompt}-{model}.{n}.png",
        "pon una señal roja, 漢字 👩‍👩‍👧‍👦 e\u{301}",
    ]);
    each("words", &seeds, 1, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let many = prompt_expansion::expand(&text);
        assert!(many.len() <= 10_000, "{} prompts of {text:?}", many.len());
        assert_eq!(prompt_expansion::expand(&prompt_expansion::escape(&text)).len(), 1);
        let _ = (regions::read(&text), regions::caption(&text), tokens::read(&text));
        let _ = (Query::read(&text), Target::read(Path::new(&*text)));
    });
}

/// As every format carries its words.
fn labelled() -> Vec<Vec<u8>> {
    let photo = |name: &str| {
        let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
        image::open(path).unwrap().thumbnail(40, 40)
    };
    let label = Label {
        parameters: "a hat\nSteps: 20, Seed: 7".into(),
        recipe: "{\"prompt\":\"a hat\"}".into(),
        source: None,
    };
    let formats = [
        image::ImageFormat::Png,
        image::ImageFormat::Jpeg,
        image::ImageFormat::WebP,
        image::ImageFormat::Gif,
        image::ImageFormat::Tiff,
        image::ImageFormat::Bmp,
        image::ImageFormat::Qoi,
    ];
    let written = formats.into_iter().flat_map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        photo("coffee.png").to_rgb8().write_to(&mut bytes, format).unwrap();
        let bytes = bytes.into_inner();
        metadata::attach(&bytes, &label).into_iter().chain([bytes])
    });
    written.collect()
}

#[test]
fn pictures_and_what_they_carry() {
    each("pictures", &labelled(), 2, |bytes| {
        let _ = picture::decode(bytes, Limits::default());
        let recipe = metadata::recipe(bytes);
        let found = origin::read(bytes);
        drop((recipe, found, metadata::is_signed(bytes), metadata::detach(bytes)));
    });
}

#[test]
fn what_terminals_say_of_clipboard_and_drops() {
    let seeds = texts(&[
        "\u{1b}]5522;type=read:status=OK\u{1b}\\",
        "\u{1b}]5522;type=read:status=DATA:mime=aW1hZ2UvcG5n;iVBORw0KGgo=\u{1b}\\",
        "\u{1b}]5522;type=read:status=DONE\u{1b}\\",
        "\u{1b}]72;t=m:x=3:y=4:X=30:Y=70:o=3;text/uri-list image/png\u{1b}\\",
        "\u{1b}]72;t=r:x=1:m=1;bm8gcGljdHVyZQ==\u{1b}\\",
        "\u{1b}]72;t=r:x=1;\u{1b}\\",
    ]);
    let (clipboard, drops) = (
        parking_lot::Mutex::new(Clipboard::default()),
        parking_lot::Mutex::new(Drops::of(|name| name.ends_with(".png"))),
    );
    clipboard.lock().paste(Instant::now());
    each("replies", &seeds, 1, |bytes| {
        let now = Instant::now();
        let _ = (clipboard.lock().take(bytes, now), drops.lock().take(bytes, now));
        if !clipboard.lock().is_busy() {
            clipboard.lock().paste(now);
        }
    });
}
