//! Pictures that were spoilt by chance, and those whose sizes are traps, given to every command that reads
//! one: each ends with an exit code and words, within 400 MB and 10 s of one core.
//!
//! A few here; `EDITREE_HOSTILE=2000 cargo test --profile long --test e2e spoilt_pictures -- --nocapture`
//! tries as many. A failure names its seed, and keeps its picture.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::command::{photo, said};
use crate::pty::environment;
use crate::spoilt::spoilt;

const CASES: u64 = 4;
const SEEDS: [&str; 5] =
    ["chelsea.png", "rocket.jpg", "six-patches.heic", "six-patches.jp2", "six-patches.jxl"];
/// What a shell gives them: kilobytes of memory of their own, seconds of a core.
const LIMITED: &str = "ulimit -d 409600; ulimit -t 10; exec \"$0\" \"$@\"";
const PICTURE: &str = "PICTURE";

fn commands(good: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["show", "--graphics", "blocks", PICTURE],
        vec!["show", "--graphics", "sixel", PICTURE],
        vec!["compare", good, PICTURE, "--json"],
        vec!["compare", PICTURE, good],
        vec!["heal", PICTURE, "--parent", good, "-o", "healed.png"],
        vec!["heal", good, "--parent", PICTURE, "-o", "healed.png"],
        vec!["--sim", "run", "--dry-run", "-i", PICTURE, "Make it red"],
        vec!["--sim", "run", "--dry-run", "-m", "pro-multi", "-i", good, "-i", PICTURE, "As one"],
        vec!["--sim", "sweep", "--dry-run", "-s", "seed=1..3", "-i", PICTURE, "Make it red"],
        vec!["--sim", "replay", "--dry-run", "recipe.json", PICTURE],
        vec!["--sim", "import", PICTURE],
        vec!["--sim", "--plain", PICTURE],
    ]
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LIMITED, env!("CARGO_BIN_EXE_editree")]).args(arguments);
    command.env_clear().envs(environment(folder)).current_dir(folder);
    command.stdin(Stdio::null()).output().expect("a shell")
}

fn of<'a>(command: &[&'a str], picture: &'a str) -> Vec<&'a str> {
    command.iter().map(|word| if *word == PICTURE { picture } else { *word }).collect()
}

/// A PNG that says so many pixels and has as many bytes of nothing as are told.
fn claims(width: u32, height: u32, filled: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width.max(1), height.max(1));
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&vec![0; filled]).unwrap();
    writer.write_chunk(png::chunk::IDAT, &packed.finish().unwrap()).unwrap();
    drop(writer);
    bytes
}

/// By size: longer than any screen, higher, more than memory holds, the largest that can be said.
fn traps() -> Vec<Vec<u8>> {
    vec![
        claims(40_000_000, 1, 40_000_001),
        claims(1, 4_000_000, 8_000_000),
        claims(30_000, 30_000, 90_003_000),
        claims(i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs(), 10),
    ]
}

#[test]
fn no_picture_ends_a_command_otherwise_than_with_words() {
    let cases = std::env::var("EDITREE_HOSTILE").ok().and_then(|cases| cases.parse().ok());
    let cases: u64 = cases.unwrap_or(CASES);
    let seed = fastrand::u64(..);
    println!("{cases} pictures, seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    let good = photo("coffee.png");
    let made = run(folder.path(), &["--sim", "run", "-i", &good, "Make it blue"]);
    assert!(made.status.success(), "{}", said(&made));
    let recipe = run(folder.path(), &["--sim", "export", "@", "--as", "recipe"]);
    fs::write(folder.path().join("recipe.json"), recipe.stdout).unwrap();
    for command in commands(&good) {
        let arguments = of(&command, &good);
        let ended = run(folder.path(), &arguments);
        assert!(ended.status.success(), "{arguments:?} of a whole one: {}", said(&ended));
    }
    let seeds = SEEDS.map(|name| fs::read(photo(name)).unwrap());
    let mut codes = std::collections::BTreeMap::new();
    let mut check = |number: u64, bytes: &[u8]| {
        let file = folder.path().join(format!("{number}.png"));
        fs::write(&file, bytes).unwrap();
        for command in commands(&good) {
            let arguments = of(&command, file.to_str().unwrap());
            let ended = run(folder.path(), &arguments);
            let said = said(&ended);
            let is_clean = !said.contains("panicked")
                && !said.contains(|c: char| c.is_control() && c != '\n' && c != '\r');
            if ended.status.code().is_none() || !is_clean {
                let kept = std::env::temp_dir().join(format!("spoilt-{seed}-{number}.png"));
                fs::copy(&file, &kept).unwrap();
                panic!("{arguments:?} of {}: {}\n{said}", kept.display(), ended.status);
            }
            *codes.entry(ended.status.code()).or_insert(0_u32) += 1;
        }
        fs::remove_file(file).unwrap();
    };
    let changed = (0..cases).map(|_| spoilt(&seeds[random.usize(..seeds.len())], &mut random));
    for (number, bytes) in (0..).zip(traps().into_iter().chain(changed)) {
        check(number, &bytes);
    }
    println!("exit codes: {codes:?}");
}
