//! Milliseconds of each instruction, and for each megapixel, on one core.
//!
//! `cargo bench --bench paint` prints the table; `cargo bench --bench paint -- FILE.png` also draws
//! all results on one sheet, to be looked at.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::time::Instant;

use editree::picture;
use editree::simulator::paint::artifacts::Artifacts;
use editree::simulator::paint::{Random, edit};
use image::{RgbaImage, imageops};

const PROMPTS: [&str; 48] = [
    "Put a donut next to the flour.",
    "Restyle to Claymation style",
    "Change the car color to green",
    "replace ‘joy’ by ‘fal\"",
    "Make it black and white",
    "Make it sepia",
    "Make it warmer",
    "Make it colder",
    "Make it brighter",
    "Make it night",
    "Make it a sunset",
    "Let it snow",
    "Make it rain",
    "Add fog",
    "Blur the background",
    "Sharpen it",
    "Rotate it by 90 degrees",
    "Mirror it",
    "Crop it to 1:1",
    "Remove the background",
    "Replace the background with a beach",
    "Replace the background with a city at night",
    "Add the text \"HELLO\" at the top",
    "Add the text \"HELLO\" at the bottom",
    "Add the text \"HI\" at the left",
    "Replace \"OPEN\" by \"CLOSED\"",
    "Make the thing red",
    "Make it an oil painting",
    "Make it a watercolour painting",
    "Make it a pencil sketch",
    "Make it pixel art",
    "Make it a poster",
    "Make it line art",
    "Make it a vintage photo",
    "Add a red hat",
    "Add a sun",
    "Add a moon",
    "Add a yellow balloon",
    "Add a tree",
    "Add a bird",
    "Add a heart",
    "Add a flower",
    "Add a cloud",
    "Add sunglasses",
    "Remove the object",
    "Add a golden frame",
    "Make it blue",
    "Frobnicate the whatsit",
];

const SCENES: [&str; 6] = [
    "Extreme close-up of a single tiger eye. The word \"FLUX\" is painted over it in big, white brush strokes.",
    "A solo figure sits on a wooden stool in a dimly lit virtual reality dive bar with neon art",
    "In the mystical realm of Aethereia, moonlit rivers flowed with stardust and crystal forests pierced the sky",
    "A woman stands centered in a secret underground city, surrounded by blurred foliage and a creek",
    "a lighthouse at night",
    "a green forest",
];

const SIZE: (u32, u32) = (1248, 832);
const TILE: (u32, u32) = (234, 156);
const COLUMNS: u32 = 8;

fn main() {
    let sheet_at = std::env::args().skip(1).find(|argument| argument.ends_with(".png"));
    let photos = ["chelsea.png", "coffee.png"].map(photo);
    let megapixels = f64::from(SIZE.0 * SIZE.1) / 1e6;
    let mut tiles = Vec::new();
    let mut worst: f64 = 0.0;
    println!("{:>8} {:>8}  instruction", "ms", "ms/MP");
    for prompt in PROMPTS {
        for photo in &photos {
            let began = Instant::now();
            let mut random = Random::new(7, prompt);
            let mut composed = edit(prompt, std::slice::from_ref(photo), SIZE, 256, &mut random);
            Artifacts::Mild.apply(&mut composed.canvas, &mut random);
            let took = began.elapsed().as_secs_f64() * 1e3;
            worst = worst.max(took / megapixels);
            println!("{took:>8.1} {:>8.1}  {prompt}", took / megapixels);
            tiles.push(composed.canvas);
        }
    }
    let pair = "Put the little duckling on top of the woman's t-shirt.";
    for prompt in [pair, "Show them side by side", "Use the style of image 2"] {
        tiles.push(edit(prompt, &photos, SIZE, 256, &mut Random::new(7, prompt)).canvas);
    }
    for prompt in SCENES {
        tiles.push(edit(prompt, &[], SIZE, 256, &mut Random::new(7, prompt)).canvas);
    }
    println!("worst: {worst:.1} ms a megapixel, habits included");
    if let Some(path) = sheet_at {
        sheet(&tiles).save(&path).unwrap();
        println!("{path}: {} pictures, row by row as in the table", tiles.len());
    }
}

fn photo(name: &str) -> RgbaImage {
    let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
    picture::decode(&std::fs::read(path).unwrap(), picture::Limits::default()).unwrap().image
}

fn sheet(tiles: &[RgbaImage]) -> RgbaImage {
    let rows = (tiles.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbaImage::new(COLUMNS * (TILE.0 + 4), rows * (TILE.1 + 4));
    for (place, tile) in tiles.iter().enumerate() {
        let small = picture::resize(tile, TILE.0, TILE.1);
        let (column, row) = (place as u32 % COLUMNS, place as u32 / COLUMNS);
        imageops::replace(
            &mut sheet,
            &small,
            i64::from(column * (TILE.0 + 4)),
            i64::from(row * (TILE.1 + 4)),
        );
    }
    sheet
}
