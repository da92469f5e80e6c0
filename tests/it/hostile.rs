//! Bytes and words from outside, changed by chance: each parser ends, in a value or in words.
//!
//! Short by default; `EDITREE_HOSTILE=100000 cargo test --test it hostile:: -- --nocapture` tries as
//! many of each. A failure names its seed.

use std::path::Path;
use std::time::Instant;

use editree::app::compare::filename_template::{Target, TemplateFields};
use editree::app::draft::prompt_expansion;
use editree::config::file::File;
use editree::graphics::hints::Hints;
use editree::graphics::probe::Probe;
use editree::picture::metadata::{self, Label};
use editree::picture::{self, Limits, origin};
use editree::schema::{regions, tokens};
use editree::terminal::clipboard::Clipboard;
use editree::terminal::drops::Drops;
use editree::terminal::filter::{Filter, Sorted};
use editree::terminal::parser::Parser;
use editree::tree::query::Query;

use crate::support::spoilt::spoilt;

const CASES: u64 = 300;

/// How many are tried of each.
pub fn cases() -> u64 {
    let asked = std::env::var("EDITREE_HOSTILE").ok().and_then(|cases| cases.parse().ok());
    asked.unwrap_or(CASES)
}

/// Each case of each seed, told by its number where it fails.
pub fn each(name: &str, seeds: &[Vec<u8>], of: u64, reads: impl Fn(&[u8])) {
    let cases = cases() / of;
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

pub fn texts(words: &[&str]) -> Vec<Vec<u8>> {
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
        let _ = Query::read(&text);
        if let Ok(target) = Target::read(Path::new(&*text))
            && target.is_template()
        {
            let name = target.fill(&TemplateFields { prompt: text.into(), ..facts() });
            assert_eq!(name.parent(), Some(target.folder()), "it leaves its folder");
        }
    });
}

/// Of a picture that a hostile service has named.
fn facts() -> TemplateFields {
    let odd = "../..\u{202e}/.x\0\n";
    TemplateFields {
        node: "n7".into(),
        model: odd.into(),
        moment: (odd.into(), odd.into()),
        format: odd.into(),
        ..TemplateFields::default()
    }
}

#[test]
fn what_terminals_answer_to_questions() {
    let scripts = crate::graphics::scripts::all();
    let replies = scripts.iter().map(|script| script.replies.concat().into_bytes());
    let keys = texts(&[
        "\u{1b}[97;5u\u{1b}[1089::99;3u\u{1b}[<0;3;4M\u{1b}[200~pasted\u{1b}[201~",
        "\u{1b}[1;5C\u{1b}OP\u{1b}[15~\u{1b}\u{1b}[Aü漢",
    ]);
    let seeds: Vec<Vec<u8>> = replies.chain(keys).collect();
    each("terminals", &seeds, 1, |bytes| {
        let (mut filter, mut parser) = (Filter::default(), Parser::default());
        let mut probe = Probe::new(Hints::default(), None);
        probe.queries();
        for piece in bytes.chunks(7) {
            for sorted in filter.feed(piece) {
                match sorted {
                    Sorted::Keys(keys) => drop(parser.parse(&keys)),
                    Sorted::Reply(reply) => drop(probe.reply(&reply)),
                    Sorted::Paste(_) | Sorted::PasteEnd => {}
                }
            }
        }
        let verdict = probe.verdict();
        for told in [&verdict.why, &verdict.evidence, &verdict.name] {
            assert!(!told.contains(|c: char| c.is_control()), "{told:?}");
        }
        assert!(verdict.cell.0 > 0 && verdict.cell.1 > 0, "{:?}", verdict.cell);
        drop((filter.release(), filter.give_up()));
    });
}

/// What each of our own and of others' formats carries, spoilt before it is put into a picture that
/// is whole: no checksum keeps it from its reader.
#[test]
fn what_whole_pictures_carry() {
    let recipe = r#"{"editree":"recipe","node":{"global":"a-b","node":"n4","project":"main",
        "prompt":"a hat","params":{"seed":7},"parent":{"global":"c","picture":"00"},
        "inputs":[{"url":"https://x"}],"pictures":[{"hash":"00","width":4}],"at":1}}"#;
    let seeds = texts(&[
        recipe,
        "a hat\nNegative prompt: x\nSteps: 20, Seed: 7, Size: 8x8, Model: y",
        r#"{"sui_image_params":{"prompt":"x","seed":-1,"steps":1e99}}"#,
        r#"{"3":{"class_type":"KSampler","inputs":{"seed":1,"positive":["3",0]}}}"#,
        "{\"app_version\":\"invokeai\",\"positive_prompt\":\"x\"}",
    ]);
    let plain: Vec<Vec<u8>> = whole_pictures();
    each("labels", &seeds, 1, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        for picture in &plain {
            let label = Label { parameters: text.clone(), recipe: text.clone(), source: None };
            let Some(labelled) = metadata::attach(picture, &label) else { continue };
            assert!(image::load_from_memory(&labelled).is_ok(), "the picture stays whole");
            drop((metadata::recipe(&labelled), origin::read(&labelled)));
            let _ = metadata::is_signed(&labelled);
            assert!(metadata::recipe(&metadata::detach(&labelled)).is_none(), "it is taken off");
        }
    });
}

/// A small one of each format.
fn whole_pictures() -> Vec<Vec<u8>> {
    let photo = |name: &str| {
        let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
        image::open(path).unwrap().thumbnail(40, 40)
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
    let written = formats.into_iter().map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        photo("coffee.png").to_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    });
    written.collect()
}

/// As every format carries its words.
fn labelled() -> Vec<Vec<u8>> {
    let label = Label {
        parameters: "a hat\nSteps: 20, Seed: 7".into(),
        recipe: "{\"prompt\":\"a hat\"}".into(),
        source: None,
    };
    let written = whole_pictures()
        .into_iter()
        .flat_map(|bytes| metadata::attach(&bytes, &label).into_iter().chain([bytes]));
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
