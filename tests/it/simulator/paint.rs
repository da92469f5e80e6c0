//! The painter does what the words say, visibly, and tells the truth about it.

use editree::picture;
use editree::picture::compare::compare;
use editree::simulator::paint::artifacts::{Artifacts, Drift};
use editree::simulator::paint::{Composed, Random, difference, edit};
use image::RgbaImage;

/// How much of the picture an instruction changes.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Part,
    Whole,
}

use Reach::{Part, Whole};

const PROMPTS: [(&str, Reach); 56] = [
    ("Put a donut next to the flour.", Part),
    ("Restyle to Claymation style", Whole),
    ("Change the car color to green", Part),
    ("replace ‘joy’ by ‘fal\"", Part),
    ("Make it black and white", Whole),
    ("Make it sepia", Whole),
    ("Make it warmer", Whole),
    ("Make it colder", Whole),
    ("Make it brighter", Whole),
    ("Make it darker", Whole),
    ("Make it night", Whole),
    ("Make it a sunset", Whole),
    ("Let it snow", Whole),
    ("Make it rain", Whole),
    ("Add fog", Whole),
    ("Blur the background", Whole),
    ("Sharpen it", Whole),
    ("Rotate it by 90 degrees", Whole),
    ("Turn it upside down", Whole),
    ("Mirror it", Whole),
    ("Crop it to 1:1", Whole),
    ("Remove the background", Whole),
    ("Replace the background with a beach", Whole),
    ("Replace the background with a city at night", Whole),
    ("Add the text \"HELLO\" at the top", Part),
    ("Add the text \"HELLO\" at the bottom", Part),
    ("Add the text \"HI\" at the left", Part),
    ("Add the text \"HI\" at the right", Part),
    ("Replace \"OPEN\" by \"CLOSED\"", Part),
    ("Make the cup red", Part),
    ("Make the cat blue", Part),
    ("Make the car yellow", Part),
    ("Make it an oil painting", Whole),
    ("Make it a watercolour painting", Whole),
    ("Make it a pencil sketch", Whole),
    ("Make it pixel art", Whole),
    ("Make it a poster", Whole),
    ("Make it line art", Whole),
    ("Make it a vintage photo", Whole),
    ("Add a red hat", Part),
    ("Add a sun", Part),
    ("Add a moon", Part),
    ("Add a yellow balloon", Part),
    ("Add a tree", Part),
    ("Add a bird", Part),
    ("Add a heart", Part),
    ("Add a star", Part),
    ("Add a flower", Part),
    ("Add a cloud", Part),
    ("Add sunglasses", Part),
    ("Remove the object", Part),
    ("Remove the cup", Part),
    ("Add a frame", Part),
    ("Add a golden frame", Part),
    ("Make it blue", Whole),
    ("Frobnicate the whatsit", Whole),
];

const PHOTOS: [&str; 5] =
    ["chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg", "reference-1024.png"];

/// Small, so that all of them are painted in a few seconds without optimisation.
fn photo(name: &str) -> RgbaImage {
    let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
    let decoded =
        picture::decode(&std::fs::read(path).unwrap(), picture::Limits::default()).unwrap();
    picture::resize(&decoded.image, 288, 192)
}

fn painted(prompt: &str, pictures: &[RgbaImage], seed: u64) -> Composed {
    edit(prompt, pictures, (288, 192), 256, &mut Random::new(seed, prompt))
}

/// Part of the pixels that differ by more than a person could overlook.
fn changed(before: &RgbaImage, after: &RgbaImage) -> f64 {
    let differs = before.pixels().zip(after.pixels()).filter(|(one, other)| {
        one.0.iter().zip(other.0).any(|(one, other)| one.abs_diff(other) > 1)
    });
    differs.count() as f64 / (before.width() * before.height()) as f64
}

#[test]
fn parts_are_changed_in_part_and_wholes_as_a_whole() {
    let mut wrong = Vec::new();
    for name in PHOTOS {
        let photo = photo(name);
        for (prompt, reach) in PROMPTS {
            let share = changed(&photo, &painted(prompt, std::slice::from_ref(&photo), 7).canvas);
            let right = match reach {
                Part => (0.01..=0.40).contains(&share),
                Whole => share >= 0.60,
            };
            if !right {
                wrong.push(format!("{name}, {prompt}: {share:.3}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_two_instructions_give_the_same_picture() {
    for name in PHOTOS {
        let photo = photo(name);
        let mut seen: Vec<(&str, Vec<u8>)> = Vec::new();
        for (prompt, _) in PROMPTS {
            let pixels = painted(prompt, std::slice::from_ref(&photo), 7).canvas.into_raw();
            let same = seen.iter().find(|(_, other)| *other == pixels);
            assert!(same.is_none(), "{prompt} and {:?} on {name}", same.map(|(other, _)| other));
            seen.push((prompt, pixels));
        }
    }
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    let photo = photo("coffee.png");
    for (prompt, _) in PROMPTS {
        let one = |seed| painted(prompt, std::slice::from_ref(&photo), seed).canvas.into_raw();
        // Not `assert_eq`: it would print the pixels.
        assert!(one(7) == one(7), "{prompt}");
        assert!((7..11).any(|seed| one(seed) != one(seed + 1)), "{prompt}");
    }
}

#[test]
fn the_truth_is_what_a_comparison_of_pixels_finds() {
    let photos = PHOTOS.map(photo);
    for number in 0..200_u64 {
        let (prompt, _) = PROMPTS[(number * 31 % 56) as usize];
        let photo = &photos[(number % 5) as usize];
        let composed = painted(prompt, std::slice::from_ref(photo), number);
        let found = difference(&picture::resize(photo, 288, 192), &composed.canvas);
        let told = composed.boxes.iter().copied().reduce(|[x, y, w, h], [ox, oy, ow, oh]| {
            let (right, bottom) = ((x + w).max(ox + ow), (y + h).max(oy + oh));
            let (x, y) = (x.min(ox), y.min(oy));
            [x, y, right - x, bottom - y]
        });
        assert_eq!(told, found, "{prompt}, seed {number}");
    }
}

#[test]
fn several_instructions_are_done_in_order() {
    let photo = photo("chelsea.png");
    let words = "Make it black and white, then add a red hat";
    let composed = painted(words, std::slice::from_ref(&photo), 7);
    assert_eq!(composed.log.len(), 2, "{:?}", composed.log);
    assert!(composed.log[0].contains("black and white") && composed.log[1].contains("hat"));
    let is_red = |pixel: &&image::Rgba<u8>| pixel.0[0] > 120 && pixel.0[1] < 90;
    assert!(composed.canvas.pixels().filter(is_red).count() > 500, "the hat was painted last");
}

#[test]
fn unknown_words_lead_to_a_restyle_that_the_log_names() {
    let photo = photo("coffee.png");
    let composed = painted("Frobnicate the whatsit", std::slice::from_ref(&photo), 7);
    assert!(composed.log.concat().contains("restyle"), "{:?}", composed.log);
}

#[test]
fn two_pictures_are_combined_as_the_words_say() {
    let pictures = [photo("coffee.png"), photo("chelsea.png")];
    let one = |prompt: &str| painted(prompt, &pictures, 7);
    let duckling = one("Put the little duckling on top of the woman's t-shirt.");
    let share = changed(&pictures[0], &duckling.canvas);
    assert!((0.01..0.4).contains(&share), "a part of the second on the first: {share}");
    let beside = one("Show them side by side");
    let borrowed = one("Use the style of image 2");
    assert!(changed(&pictures[0], &beside.canvas) > 0.6);
    assert!(changed(&pictures[0], &borrowed.canvas) > 0.6);
}

#[test]
fn the_scenes_of_the_services_own_pages_differ_from_each_other() {
    let prompts = [
        "Extreme close-up of a single tiger eye, direct frontal view. Detailed iris and pupil. Sharp focus on eye texture and color. Natural lighting to capture authentic eye shine and depth. The word \"FLUX\" is painted over it in big, white brush strokes with visible texture.",
        "A solo figure sits on a wooden stool in a dimly lit virtual reality dive bar with textured concrete walls and neon art by Nick Knight.",
        "In the mystical realm of Aethereia, where moonlit rivers flowed with stardust and crystal forests pierced the sky, a serene marble bath tub sat at the river's edge, surrounded by luxury decor that shimmered with an ethereal glow, as if infused with the soft, sensual light of sun rays dancing through...",
        "A woman stands centered in a secret underground city, surrounded by blurred foliage and a creek, under an overcast sky with natural light.",
        "a lighthouse at night",
    ];
    let scenes: Vec<RgbaImage> =
        prompts.iter().map(|prompt| painted(prompt, &[], 7).canvas).collect();
    for (at, scene) in scenes.iter().enumerate() {
        for other in &scenes[at + 1..] {
            assert!(changed(scene, other) > 0.9);
        }
    }
    assert!(painted(prompts[0], &[], 7).log.concat().contains("FLUX"));
}

#[test]
fn the_habits_are_what_comparing_finds() {
    let path = format!("{}/tests/photos/astronaut.png", env!("CARGO_MANIFEST_DIR"));
    let decoded =
        picture::decode(&std::fs::read(path).unwrap(), picture::Limits::default()).unwrap();
    let photo = picture::resize(&decoded.image, 512, 512);
    let rgb = |picture: &RgbaImage| image::DynamicImage::ImageRgba8(picture.clone()).into_rgb8();
    for (artifacts, seed) in [(Artifacts::Mild, 1), (Artifacts::Mild, 2), (Artifacts::Strong, 3)] {
        let mut worn = photo.clone();
        let truth = artifacts.apply(&mut worn, &mut Random::new(seed, "words"));
        assert!(truth.quality < 100);
        let found = compare(&rgb(&photo), &rgb(&worn)).drift;
        let near = |told: f64, found: f64| (told - found).abs() < 0.3;
        assert!(near(truth.dx, found.dx) && near(truth.dy, found.dy), "{truth:?} {found:?}");
        assert!((truth.scale - found.scale).abs() < 0.001, "{truth:?} {found:?}");
    }
    let mut same = photo.clone();
    assert_eq!(Artifacts::Off.apply(&mut same, &mut Random::new(1, "words")), Drift::NONE);
    assert!(same == photo);
}
