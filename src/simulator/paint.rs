//! The painter: carries out a few kinds of instructions visibly, and restyles for the others.
//!
//! No recognition: it picks places by simple rules and says in the log what it did. Whole-number
//! arithmetic where pixels are decided. Invariant: the same inputs, words, settings and seed give
//! the same pixels; another seed gives visibly different ones.

use std::time::Instant;

use image::RgbaImage;
use serde_json::{Map, Value, json};

use crate::picture;
use crate::schema::{self, Endpoint};
use crate::simulator::python_json;

pub mod artifacts;
pub mod backdrop;
pub mod background;
mod blur;
mod edit;
pub mod lettering;
pub mod mark;
pub mod object;
mod place;
pub mod plan;
pub mod regions;
pub mod scene;
pub mod style;
pub mod tone;
pub mod weather;

use artifacts::{Artifacts, Drift};
use plan::Change;
use regions::RegionTruth;

/// What to paint.
#[derive(Clone, Debug)]
pub struct PaintRequest {
    prompt: String,
    seed: u64,
    /// How strongly an edit is carried out: 0 to 256, from the guidance scale.
    strength: i32,
    count: u64,
    is_png: bool,
    size: (u32, u32),
    pictures: Vec<RgbaImage>,
    endpoint: String,
    /// The model knows boxes in the prompt.
    reads_boxes: bool,
    artifacts: Artifacts,
    filtered: bool,
}

/// A finished picture as a file.
#[derive(Debug)]
pub struct Painted {
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub width: u32,
    pub height: u32,
}

/// All pictures of an order.
#[derive(Debug)]
pub struct Paintings {
    pub pictures: Vec<Painted>,
    pub seed: u64,
    pub nsfw: bool,
    /// What was done, in sentences.
    pub log: Vec<String>,
    pub truth: GroundTruth,
    pub seconds: f64,
}

/// What was really done, for the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundTruth {
    /// x, y, width and height of every change, in pixels of the output before the habits.
    pub boxes: Vec<[u32; 4]>,
    /// The boxes that the prompt told of.
    pub regions: Vec<RegionTruth>,
    pub drift: Drift,
    /// Quality of the file's encoding; 100 is lossless.
    pub quality: u8,
}

impl GroundTruth {
    pub fn to_json(&self) -> Value {
        let place = |[x, y, w, h]: &[u32; 4]| json!({ "x": x, "y": y, "w": w, "h": h });
        let boxes = self.boxes.iter().map(place);
        let regions = self
            .regions
            .iter()
            .map(|region| json!({ "part": place(&region.part), "changed": region.changed }));
        json!({ "boxes": boxes.collect::<Vec<_>>(), "regions": regions.collect::<Vec<_>>(),
            "shift": { "dx": self.drift.dx, "dy": self.drift.dy }, "scale": self.drift.scale,
            "quality": self.quality.min(self.drift.quality) })
    }
}

/// JPEG as the service sends it, about.
const JPEG_QUALITY: u8 = 92;
const PIXELS_WITHOUT_RULE: (u32, u32) = (1024, 1024);
/// Words at which the service's filter would return a black picture.
const FILTERED: [&str; 8] =
    ["nude", "naked", "nsfw", "porn", "gore", "gory", "bloody corpse", "sexual"];

impl PaintRequest {
    /// From a checked input.
    pub(super) fn read(
        endpoint: &Endpoint,
        input: &Map<String, Value>,
        pictures: Vec<RgbaImage>,
        artifacts: Artifacts,
    ) -> Self {
        let values = input.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let first = pictures.first().map(RgbaImage::dimensions);
        let size = endpoint.forecast(&values, first).or(first).unwrap_or(PIXELS_WITHOUT_RULE);
        let number = |name: &str| input.get(name).and_then(Value::as_u64);
        let guidance = input.get("guidance_scale").and_then(Value::as_f64).unwrap_or(3.5);
        Self {
            prompt: input.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
            seed: input.get("seed").and_then(seed).unwrap_or_else(|| fastrand::u64(..) >> 33),
            // 3.5 is full strength but for a tenth; the scale ends at 20.
            strength: (200.0 + guidance.clamp(1.0, 20.0) * 12.0).min(256.0) as i32,
            count: number("num_images").unwrap_or(1).clamp(1, 4),
            is_png: input.get("output_format").and_then(Value::as_str) == Some("png"),
            size: (size.0.clamp(64, 4096), size.1.clamp(64, 4096)),
            pictures,
            endpoint: endpoint.id.clone(),
            reads_boxes: endpoint.regions.is_some(),
            artifacts,
            filtered: false,
        }
    }

    /// The content filter refuses it, whatever the words are.
    pub(super) fn filtered(self, filtered: bool) -> Self {
        Self { filtered, ..self }
    }
}

/// Paints all pictures of the order. Takes a core for a while: call it off the loop.
pub fn paint(paint_request: &PaintRequest) -> Paintings {
    let began = Instant::now();
    let lower = paint_request.prompt.to_lowercase();
    let nsfw = paint_request.filtered || FILTERED.iter().any(|word| lower.contains(word));
    let mut log = Vec::new();
    let quality = if paint_request.is_png { 100 } else { JPEG_QUALITY };
    let mut truth =
        GroundTruth { boxes: Vec::new(), regions: Vec::new(), drift: Drift::NONE, quality };
    let pictures = (0..paint_request.count)
        .filter_map(|number| {
            let mut random =
                Random::new(paint_request.seed.wrapping_add(number), &paint_request.prompt);
            let mut canvas = if nsfw {
                RgbaImage::from_pixel(
                    paint_request.size.0,
                    paint_request.size.1,
                    image::Rgba([0, 0, 0, 255]),
                )
            } else {
                let composed = compose(paint_request, &mut random);
                log.extend(composed.log);
                truth.boxes = composed.boxes;
                truth.regions = composed.regions;
                truth.drift = composed.drift;
                composed.canvas
            };
            mark::stamp(&mut canvas);
            encode(paint_request, &canvas, number)
        })
        .collect();
    if nsfw {
        log.push("the content filter replaced the picture by a black one".into());
    }
    log.dedup();
    let seconds = began.elapsed().as_secs_f64();
    Paintings { pictures, seed: paint_request.seed, nsfw, log, truth, seconds }
}

/// One picture before its mark.
pub struct Composed {
    pub canvas: RgbaImage,
    pub boxes: Vec<[u32; 4]>,
    pub regions: Vec<RegionTruth>,
    pub drift: Drift,
    pub log: Vec<String>,
}

/// Carries the words out on the pictures, then lets the habits have their way.
fn compose(paint_request: &PaintRequest, random: &mut Random) -> Composed {
    let PaintRequest { prompt, pictures, size, strength, .. } = paint_request;
    let boxes = paint_request.reads_boxes.then(|| schema::regions::read(prompt)).flatten();
    let mut composed = match boxes {
        Some(parsed) => regions::paint(&parsed, pictures, *size, *strength, random),
        None => edit(prompt, pictures, *size, *strength, random),
    };
    if !paint_request.pictures.is_empty() {
        composed.drift = paint_request.artifacts.apply(&mut composed.canvas, random);
    }
    composed
}

/// The change itself: without habits, mark or file.
pub fn edit(
    prompt: &str,
    pictures: &[RgbaImage],
    (width, height): (u32, u32),
    strength: i32,
    random: &mut Random,
) -> Composed {
    let changes = plan::read(prompt, pictures.len());
    let mut log = Vec::new();
    let mut canvas = match pictures {
        [] => {
            log.push(format!("painted a scene of {width}×{height} from the words"));
            scene::paint(width, height, prompt, random)
        }
        [first, ..] => picture::resize(first, width, height),
    };
    let is_scene = pictures.is_empty();
    let mut boxes = Vec::new();
    for change in &changes {
        // A scene is already made of the words; only lettering is laid over it.
        if is_scene && !matches!(change, Change::Letters { .. }) {
            continue;
        }
        let before = canvas.clone();
        apply(change, &mut canvas, pictures, strength, random);
        log.push(change.describe());
        boxes.extend(difference(&before, &canvas));
    }
    if changes.is_empty() && !is_scene {
        log.push("knows none of these words: a seeded restyle instead".into());
        let before = canvas.clone();
        tone::restyle(&mut canvas, strength, random);
        boxes.extend(difference(&before, &canvas));
    }
    Composed { canvas, boxes, regions: Vec::new(), drift: Drift::NONE, log }
}

fn apply(
    change: &Change,
    canvas: &mut RgbaImage,
    pictures: &[RgbaImage],
    strength: i32,
    random: &mut Random,
) {
    let (width, height) = canvas.dimensions();
    match change {
        Change::Tone(tone) => tone::apply(canvas, *tone, strength, random),
        Change::Style(style) => style::apply(canvas, *style, random),
        Change::Weather(weather) => weather::apply(canvas, *weather, random),
        Change::Background(backdrop) => background::apply(canvas, *backdrop, random),
        Change::Turn(quarters) => {
            edit::turn(canvas, *quarters);
            tone::grain(canvas, random);
        }
        Change::Mirror => {
            image::imageops::flip_horizontal_in_place(canvas);
            tone::grain(canvas, random);
        }
        Change::Crop(width, height) => edit::crop(canvas, (*width, *height), random),
        Change::Sharpen => style::sharpen(canvas, random),
        Change::Letters { text, spot, colour } => {
            lettering::write(canvas, text, *spot, *colour, random);
        }
        Change::Reletter { new, .. } => lettering::rewrite(canvas, new, random),
        Change::Object(object, colour) => object::draw(canvas, *object, *colour, random),
        Change::Recolour(colour) => {
            let thing = place::thing(canvas);
            tone::recolour(canvas, &thing, *colour, random);
        }
        Change::Remove => edit::remove(canvas, random),
        Change::Frame(colour) => edit::frame(canvas, *colour, random),
        Change::Insert => {
            if let Some(second) = pictures.get(1) {
                edit::insert(canvas, second, random);
            }
        }
        Change::Beside => {
            *canvas = edit::beside(pictures, width, height);
            tone::grain(canvas, random);
        }
        Change::Borrow => {
            if let Some(second) = pictures.get(1) {
                style::borrow(canvas, second);
                tone::grain(canvas, random);
            }
        }
    }
}

/// The box around all that differs; `None`: nothing does.
pub fn difference(before: &RgbaImage, after: &RgbaImage) -> Option<[u32; 4]> {
    let (width, _) = before.dimensions();
    let stride = width as usize * 4;
    let rows = before.as_raw().chunks_exact(stride).zip(after.as_raw().chunks_exact(stride));
    let mut found: Option<[u32; 4]> = None;
    for (y, (one, other)) in rows.enumerate() {
        if one == other {
            continue;
        }
        let differs = |x: &usize| one.get(x * 4..x * 4 + 4) != other.get(x * 4..x * 4 + 4);
        let left = (0..width as usize).find(differs).unwrap_or(0) as u32;
        let right = (0..width as usize).rev().find(differs).unwrap_or(0) as u32;
        let y = y as u32;
        let [l, t, r, _] = found.unwrap_or([left, y, right, y]);
        found = Some([l.min(left), t, r.max(right), y]);
    }
    found.map(|[l, t, r, b]| [l, t, r - l + 1, b - t + 1])
}

fn encode(paint_request: &PaintRequest, canvas: &RgbaImage, number: u64) -> Option<Painted> {
    let seed = paint_request.seed.wrapping_add(number);
    let words = format!("painted by editree's simulator, not by FLUX; seed {seed}");
    let (bytes, mime) = if paint_request.is_png {
        let words = [
            ("Software", "editree simulator"),
            ("Comment", words.as_str()),
            ("Description", paint_request.prompt.as_str()),
            ("Source", paint_request.endpoint.as_str()),
        ];
        (picture::encode_png(canvas, &words)?, "image/png")
    } else {
        (picture::encode_jpeg(canvas, JPEG_QUALITY, &words)?, "image/jpeg")
    };
    let (width, height) = canvas.dimensions();
    Some(Painted { bytes, mime, width, height })
}

/// Any whole number seeds; one beyond 64 bits by its digits.
fn seed(value: &Value) -> Option<u64> {
    let small = value.as_u64().or_else(|| value.as_i64().map(i64::cast_unsigned));
    small.or_else(|| {
        Some(
            python_json::digits(value)?
                .bytes()
                .fold(0, |sum: u64, digit| sum.wrapping_mul(31).wrapping_add(digit.into())),
        )
    })
}

/// Seeded numbers, the same everywhere: SplitMix64 over the seed and the words.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, words: &str) -> Self {
        let mixed = words.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(mixed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, not including, `high`.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low).max(1));
        low.saturating_add(i32::try_from(self.draw() % span).unwrap_or(0))
    }
}
