//! What large pictures take of memory and time, beside Pillow for the same files in the same run.
//!
//! `cargo bench --bench pictures` writes the files itself: a photo of 50 megapixels, a PNG of 200, a
//! photo of 12 in Display P3, a PNG of one, and files that promise more than they hold. Each piece of
//! work is done by a process of its own, which prints its milliseconds and the most memory that it
//! had. Pillow is asked for the same by `$PYTHON` (python3 unless set) where it is installed. Judges
//! nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use editree::picture::compare::Ignored;
use editree::picture::heal::{Strength, heal_large};
use editree::picture::{self, Limits};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};

/// What Kontext uses.
const SENT: u32 = 3 << 19;
const RUNS: usize = 5;

const PILLOW: &str = r#"
import io, sys, time
from PIL import Image, ImageCms, ImageOps
Image.MAX_IMAGE_PIXELS = None
work, path, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
best = 1e9
for _ in range(runs):
    begun = time.perf_counter()
    picture = Image.open(path)
    picture.load()
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if profile:
        picture = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"))
    picture = picture.convert("RGB")
    if work == "send":
        scale = (1572864 / (picture.width * picture.height)) ** 0.5
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.LANCZOS)
    best = min(best, time.perf_counter() - begun)
peak = next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"{best * 1000:.0f} ms, at most {peak} MB")
"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only asks whether it starts.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if let [_, mark, work, path, runs, ..] = arguments.as_slice()
        && mark == "--child"
    {
        return child(work, Path::new(path), runs.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    println!("idle: at most {} MB", ask("idle", &files[0].1, 1));
    for (name, path, work, runs) in files {
        println!("{name}, {work}: editree {}", ask(work, &path, runs));
        if matches!(work, "open" | "send") {
            println!("{name}, {work}: Pillow  {}", pillow(work, &path, runs));
        }
    }
}

type File = (&'static str, PathBuf, &'static str, usize);

fn files(folder: &Path) -> Vec<File> {
    let at = |name: &str| folder.join(name);
    photo(&at("50.jpg"), (8_160, 6_144), None);
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    photo(&at("12.jpg"), (4_000, 3_000), Some(p3));
    rows(&at("200.png"), (16_320, 12_240));
    rows(&at("1.png"), (1_024, 1_024));
    rows(&at("bomb.png"), (65_535, 3_000));
    let mut long = fs::read(at("1.png")).unwrap();
    long.splice(16..24, [40_000_000_u32.to_be_bytes(), 1_u32.to_be_bytes()].concat());
    let mut sum = flate2::Crc::new();
    sum.update(&long[12..29]);
    long.splice(29..33, sum.sum().to_be_bytes());
    fs::write(at("long.png"), long).unwrap();
    let mut large = fs::read(at("12.jpg")).unwrap();
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    large.splice(frame + 5..frame + 9, [0xff; 4]);
    fs::write(at("large.jpg"), large).unwrap();
    vec![
        ("JPEG of 50 megapixels", at("50.jpg"), "open", 1),
        ("JPEG of 50 megapixels", at("50.jpg"), "send", 1),
        ("JPEG of 50 megapixels", at("50.jpg"), "heal", 1),
        ("PNG of 200 megapixels", at("200.png"), "open", 1),
        ("JPEG of 12 megapixels in P3", at("12.jpg"), "send", RUNS),
        ("PNG of a megapixel", at("1.png"), "open", RUNS),
        ("PNG of 65535×3000 lines of zeros", at("bomb.png"), "open", 1),
        ("PNG that says 40000000×1", at("long.png"), "open", 1),
        ("JPEG that says 65535×65535", at("large.jpg"), "open", 1),
    ]
}

/// Noise over a soft ground, as photos have it.
fn photo(path: &Path, (width, height): (u32, u32), icc: Option<Vec<u8>>) {
    let mut random = fastrand::Rng::with_seed(7);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let noise = random.u8(0..12);
        Rgb([(x / 64) as u8, (y / 64) as u8, ((x + y) / 128) as u8]
            .map(|value| value.saturating_add(noise)))
    });
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc).unwrap();
    }
    encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8).unwrap();
    fs::write(path, file).unwrap();
}

fn rows(path: &Path, (width, height): (u32, u32)) {
    let file = std::io::BufWriter::new(fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let is_empty = path.ends_with("bomb.png");
    for y in 0..height {
        let number = |at: u32| if is_empty { 0 } else { ((at ^ y) / 3 + at % 7) as u8 };
        let row: Vec<u8> = (0..width * 3).map(number).collect();
        std::io::Write::write_all(&mut stream, &row).unwrap();
    }
    stream.finish().unwrap();
}

fn ask(work: &str, path: &Path, runs: usize) -> String {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--child", work]).arg(path).arg(runs.to_string());
    String::from_utf8_lossy(&command.output().unwrap().stdout).trim().to_owned()
}

fn pillow(work: &str, path: &Path, runs: usize) -> String {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = Command::new(python);
    command.args(["-c", PILLOW, work]).arg(path).arg(runs.to_string());
    match command.output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        Ok(output) => {
            String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("nothing").to_owned()
        }
        Err(error) => error.to_string(),
    }
}

fn child(work: &str, path: &Path, runs: usize) {
    let mut best = f64::MAX;
    let mut refused = None;
    for _ in 0..if work == "idle" { 0 } else { runs } {
        let begun = Instant::now();
        let file = fs::read(path).unwrap();
        let done = match work {
            "open" => picture::decode(&file, Limits::default()).map(drop),
            "send" => picture::decode(&file, Limits::to_reduce_to(SENT)).map(|decoded| {
                let (width, height) = decoded.size;
                let scale = (f64::from(SENT) / (f64::from(width) * f64::from(height))).sqrt();
                let side = |length: u32| (f64::from(length) * scale).round() as u32;
                let flat = DynamicImage::ImageRgb8(decoded.into_flat()).into_rgba8();
                drop(picture::resize(&flat, side(width), side(height)));
            }),
            _ => heal(&file),
        };
        refused = refused.or(done.err());
        best = best.min(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    let peak = peak / 1_024;
    match refused {
        _ if work == "idle" => println!("{peak}"),
        Some(error) => println!("refused, {best:.0} ms, at most {peak} MB: {error}"),
        None => println!("{best:.0} ms, at most {peak} MB"),
    }
}

/// With a result of a megapixel in which a box is white.
fn heal(file: &[u8]) -> Result<(), picture::Error> {
    let decoded = picture::decode(file, Limits::default())?;
    let child = picture::resize(&decoded.image, 1_152, 864);
    let mut child = DynamicImage::ImageRgba8(child).into_rgb8();
    for y in 300..400 {
        for x in 300..500 {
            child.put_pixel(x, y, Rgb([255; 3]));
        }
    }
    let small = decoded.into_flat();
    let whole = picture::decode(file, Limits::whole())?.into_flat();
    let healed = heal_large(&small, whole, &child, Strength::USUAL, &Ignored::default()).unwrap();
    assert!(picture::encode_png_rgb(&healed.picture, &[]).is_some());
    Ok(())
}
