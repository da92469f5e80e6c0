//! The painter: carries out a few kinds of instructions visibly, and restyles for the others.
//!
//! No recognition: it picks places by simple rules and says in the log what it did. Whole-number
//! arithmetic where pixels are decided. Invariant: the same inputs, words, settings and seed give
//! the same pixels; another seed gives visibly different ones.

use std::time::Instant;

use image::RgbaImage;
use serde_json::{Map, Value, json};

use crate::picture;
use crate::schema::Endpoint;

pub mod lettering;
pub mod mark;
pub mod object;
pub mod plan;
pub mod scene;
pub mod tone;

use plan::Change;

/// What shall be painted.
#[derive(Clone, Debug)]
pub struct Order {
    prompt: String,
    seed: u64,
    /// How strongly an edit is carried out: 0 to 256, from the guidance scale.
    strength: i32,
    count: u64,
    is_png: bool,
    size: (u32, u32),
    pictures: Vec<RgbaImage>,
    endpoint: String,
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
    pub truth: Truth,
    pub seconds: f64,
}

/// What was really changed, for the ledger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// x, y, width, height in pixels of the output; empty: everywhere.
    pub boxes: Vec<[u32; 4]>,
    /// Quality of the encoding; 100 is lossless.
    pub quality: u8,
}

impl Truth {
    pub fn to_json(&self) -> Value {
        let boxes = self.boxes.iter().map(|[x, y, w, h]| json!({ "x": x, "y": y, "w": w, "h": h }));
        json!({ "boxes": boxes.collect::<Vec<_>>(), "shift": { "dx": 0, "dy": 0 }, "scale": 1.0,
            "quality": self.quality })
    }
}

/// JPEG as the service sends it, about.
const JPEG_QUALITY: u8 = 92;
const PIXELS_WITHOUT_RULE: (u32, u32) = (1024, 1024);
/// Words at which the service's filter would return a black picture.
const FILTERED: [&str; 8] =
    ["nude", "naked", "nsfw", "porn", "gore", "gory", "bloody corpse", "sexual"];

impl Order {
    /// From a checked input.
    pub(super) fn read(
        endpoint: &Endpoint,
        input: &Map<String, Value>,
        pictures: Vec<RgbaImage>,
    ) -> Self {
        let values = input.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let first = pictures.first().map(RgbaImage::dimensions);
        let size = endpoint.forecast(&values, first).or(first).unwrap_or(PIXELS_WITHOUT_RULE);
        let number = |name: &str| input.get(name).and_then(Value::as_u64);
        let guidance = input.get("guidance_scale").and_then(Value::as_f64).unwrap_or(3.5);
        Self {
            prompt: input.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
            seed: number("seed").unwrap_or_else(|| fastrand::u64(..) >> 33),
            // 3.5 is full strength but for a tenth; the scale ends at 20.
            strength: (200.0 + guidance.clamp(1.0, 20.0) * 12.0).min(256.0) as i32,
            count: number("num_images").unwrap_or(1).clamp(1, 4),
            is_png: input.get("output_format").and_then(Value::as_str) == Some("png"),
            size: (size.0.clamp(64, 4096), size.1.clamp(64, 4096)),
            pictures,
            endpoint: endpoint.id.clone(),
        }
    }
}

/// Paints all pictures of the order. Takes a core for a while: call it off the loop.
pub fn paint(order: &Order) -> Paintings {
    let began = Instant::now();
    let lower = order.prompt.to_lowercase();
    let nsfw = FILTERED.iter().any(|word| lower.contains(word));
    let mut log = Vec::new();
    let mut truth =
        Truth { boxes: Vec::new(), quality: if order.is_png { 100 } else { JPEG_QUALITY } };
    let pictures = (0..order.count)
        .filter_map(|number| {
            let mut random = Random::new(order.seed.wrapping_add(number), &order.prompt);
            let mut canvas = if nsfw {
                RgbaImage::from_pixel(order.size.0, order.size.1, image::Rgba([0, 0, 0, 255]))
            } else {
                compose(order, &mut random, &mut log, &mut truth)
            };
            mark::stamp(&mut canvas);
            encode(order, &canvas, number)
        })
        .collect();
    if nsfw {
        log.push("the content filter replaced the picture by a black one".into());
    }
    log.dedup();
    let seconds = began.elapsed().as_secs_f64();
    Paintings { pictures, seed: order.seed, nsfw, log, truth, seconds }
}

fn compose(
    order: &Order,
    random: &mut Random,
    log: &mut Vec<String>,
    truth: &mut Truth,
) -> RgbaImage {
    let (width, height) = order.size;
    let changes = plan::read(&order.prompt);
    let mut canvas = match order.pictures.as_slice() {
        [] => {
            log.push(format!("painted a scene of {width}×{height} from the words"));
            scene::paint(width, height, &order.prompt, random)
        }
        [one] => picture::resize(one, width, height),
        several => beside(several, width, height, log),
    };
    let is_scene = order.pictures.is_empty();
    for change in &changes {
        // A scene is already made of the words; only lettering is laid over it.
        if is_scene && !matches!(change, Change::Letters(_)) {
            continue;
        }
        let area = apply(change, &mut canvas, order.strength, random);
        log.push(change.describe());
        match area {
            Some(area) => truth.boxes.push(area),
            None => truth.boxes.clear(),
        }
    }
    if changes.is_empty() && !is_scene {
        log.push("knows none of these words: a seeded restyle instead".into());
        tone::restyle(&mut canvas, order.strength, random);
    }
    canvas
}

/// The area of a local change; `None`: everywhere.
fn apply(
    change: &Change,
    canvas: &mut RgbaImage,
    strength: i32,
    random: &mut Random,
) -> Option<[u32; 4]> {
    match change {
        Change::Tone(tone) => {
            tone::apply(canvas, *tone, strength, random);
            None
        }
        Change::Letters(text) => Some(lettering::write(canvas, text, random)),
        Change::Object(object, colour) => Some(object::draw(canvas, *object, *colour, random)),
    }
}

/// Several inputs stand side by side, each filling its share.
fn beside(pictures: &[RgbaImage], width: u32, height: u32, log: &mut Vec<String>) -> RgbaImage {
    log.push(format!("put {} pictures side by side", pictures.len()));
    let mut canvas = RgbaImage::new(width, height);
    let count = pictures.len() as u32;
    for (place, picture) in pictures.iter().enumerate() {
        let place = place as u32;
        let (left, right) = (width * place / count, width * (place + 1) / count);
        let part = picture::resize(picture, (right - left).max(1), height);
        image::imageops::replace(&mut canvas, &part, left.into(), 0);
    }
    canvas
}

fn encode(order: &Order, canvas: &RgbaImage, number: u64) -> Option<Painted> {
    let seed = order.seed.wrapping_add(number);
    let words = format!("painted by editree's simulator, not by FLUX; seed {seed}");
    let (bytes, mime) = if order.is_png {
        let words = [
            ("Software", "editree simulator"),
            ("Comment", words.as_str()),
            ("Description", order.prompt.as_str()),
            ("Source", order.endpoint.as_str()),
        ];
        (picture::encode_png(canvas, &words)?, "image/png")
    } else {
        (picture::encode_jpeg(canvas, JPEG_QUALITY, &words)?, "image/jpeg")
    };
    let (width, height) = canvas.dimensions();
    Some(Painted { bytes, mime, width, height })
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
