//! The endpoints beyond Kontext: their pictures, sizes, prices, and going from one to another.

use editree::schema::{Endpoint, Usd};
use serde_json::{Value, json};

use super::{endpoint, values};

fn pictures(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("https://x/{number}.png")).collect()
}

fn forecast(short: &str, changed: &[(&str, Value)], input: (u32, u32)) -> Option<(u32, u32)> {
    endpoint(short).forecast(&values(changed), Some(input))
}

fn words(endpoint: &Endpoint, pictures: usize) -> String {
    let problems = endpoint.problems("Make it snow", &values(&[]), pictures);
    problems.iter().map(|(at, problem)| format!("{at}: {problem}")).collect::<Vec<_>>().join("; ")
}

#[test]
fn flux_3_takes_ten_pictures_and_is_sent_what_its_page_says() {
    let it = endpoint("flux3");
    assert!(it.takes.accepts(10) && !it.takes.accepts(11) && !it.takes.accepts(0));
    let body = Value::Object(it.request("Make it snow", &values(&[]), &pictures(2)));
    assert_eq!(
        body,
        json!({ "prompt": "Make it snow", "image_urls": pictures(2), "output_format": "png" })
    );
    assert!(!it.has_seed() && it.param("num_images").is_none());
    let small = it.problem_of_size(&[Some((1024, 1024)), Some((300, 255))]).unwrap();
    assert_eq!(
        small.to_string(),
        "a picture of 300×255 is too small for `flux3` (at least 256 pixels on each side)"
    );
    assert_eq!(it.input_need().most_pixels, Some(4 << 20));
}

#[test]
fn the_price_of_flux_3_is_known_for_1k_only() {
    let it = endpoint("flux3");
    let price = |tier: &str| it.quote(&values(&[("resolution", json!(tier))]), &[None]);
    assert_eq!(price("1k").amount, Some(Usd(48_000)));
    assert_eq!(price("4k").amount, None, "asked about");
    assert_eq!(price("4k").billed(Some(16.0)), Some(Usd(768_000)), "what is counted is known");
}

#[test]
fn tiers_and_shapes_are_forecast() {
    for (short, changed, input, expected) in [
        ("flux3", vec![], (2000, 1000), Some((1456, 720))),
        ("flux3", vec![("aspect_ratio", json!("1:1"))], (2000, 1000), Some((1024, 1024))),
        ("flux3", vec![("resolution", json!("4k"))], (500, 500), Some((4096, 4096))),
        ("nano-banana", vec![("resolution", json!("2K"))], (800, 600), Some((2368, 1776))),
        ("nano-banana", vec![], (800, 600), None),
        ("flux2-pro", vec![], (1000, 700), Some((1008, 704))),
        ("flux2-pro", vec![], (8000, 4000), Some((2896, 1456))),
        ("flux2-pro", vec![("image_size", json!("square"))], (1000, 700), Some((512, 512))),
        ("klein-4b", vec![], (640, 480), Some((640, 480))),
        ("flux2-turbo", vec![], (640, 480), Some((1024, 1024))),
        ("kontext-dev", vec![], (1920, 1080), Some((1392, 752))),
        ("kontext-dev", vec![("resolution_mode", json!("1:1"))], (1920, 1080), Some((1024, 1024))),
        ("gpt-image", vec![], (640, 480), None),
    ] {
        assert_eq!(forecast(short, &changed, input), expected, "{short} {changed:?} {input:?}");
    }
}

#[test]
fn flux_2_pro_counts_the_pictures_that_are_sent() {
    let quote = endpoint("flux2-pro").quote(&values(&[]), &[Some((1024, 1024)), Some((512, 512))]);
    assert_eq!(quote.to_string(), "about $0.06", "three megapixels: 0.03 + 2 × 0.015");
}

#[test]
fn a_mask_and_a_reference_are_the_second_and_third_picture() {
    let it = endpoint("kontext-inpaint");
    assert_eq!(
        [it.takes.role(1), it.takes.role(2)],
        ["mask", "reference image"].map(|w| Some(w.into()))
    );
    assert_eq!(words(&it, 3), "");
    assert_eq!(
        words(&it, 1),
        "image_url: `kontext-inpaint` needs 3 pictures, and there is 1 (add in this order: mask, \
         reference image)"
    );
    let body = it.request("Make it snow", &values(&[]), &pictures(3));
    let sent = ["image_url", "mask_url", "reference_image_url"].map(|field| body[field].clone());
    assert_eq!(sent, ["1", "2", "3"].map(|n| json!(format!("https://x/{n}.png"))));
    assert!(it.form().all(|param| !param.name.ends_with("_url")), "no addresses in the form");
}

#[test]
fn values_go_along_to_another_endpoint_as_far_as_it_knows_them() {
    let chosen = values(&[
        ("safety_tolerance", json!("3")),
        ("guidance_scale", json!(2.0)),
        ("aspect_ratio", json!("16:9")),
        ("num_images", json!(2)),
    ]);
    let on = |short| endpoint(short).adopted(&chosen);
    assert_eq!(on("max"), chosen);
    assert_eq!(
        on("flux3"),
        values(&[("safety_tolerance", json!(3)), ("aspect_ratio", json!("16:9"))]),
        "a number there"
    );
    assert_eq!(endpoint("pro").adopted(&on("flux3"))["safety_tolerance"], json!("3"), "and back");
}
