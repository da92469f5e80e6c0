//! Units times the price of a unit: every formula, before and after.

use editree::schema::price::{Quote, Size};
use editree::schema::{Endpoint, Price, Usd};
use serde_json::{Value, json};

use super::{endpoint, values};

/// Redux in shape, at this price: its result is as large as `image_size` says.
fn priced(price: Value) -> Endpoint {
    let mut price = price;
    price["read_on"] = "2026-11-28".into();
    price["source"] = "the test".into();
    Endpoint { price: Some(serde_json::from_value(price).unwrap()), ..endpoint("redux") }
}

fn amount(endpoint: &Endpoint, changed: &[(&str, Value)], inputs: &[Size]) -> Option<f64> {
    endpoint.quote(&values(changed), inputs).amount.map(Usd::to_f64)
}

fn size(width: u32, height: u32) -> (&'static str, Value) {
    ("image_size", json!({ "width": width, "height": height }))
}

#[test]
fn megapixels_are_those_of_the_result_rounded_as_the_page_says() {
    let up = priced(json!({ "usd": 0.025, "unit": "megapixels" }));
    assert_eq!(amount(&up, &[size(1024, 1024)], &[]), Some(0.025), "one megapixel is 1024 squared");
    assert_eq!(amount(&up, &[size(1025, 1024)], &[]), Some(0.05));
    assert_eq!(amount(&up, &[size(256, 256)], &[]), Some(0.025), "a small one counts as one");
    assert_eq!(amount(&up, &[size(1024, 1024), ("num_images", json!(3))], &[]), Some(0.075));
    let exact = json!({ "per": "megapixel", "round": "exact" });
    let exact = priced(json!({ "usd": 0.025, "unit": "megapixels", "formula": exact }));
    assert_eq!(amount(&exact, &[size(1536, 1024)], &[]), Some(0.0375));
    assert!(up.quote(&values(&[size(1024, 1024)]), &[]).is_estimate, "the size is a forecast");
}

#[test]
fn further_megapixels_cost_less_and_the_inputs_count() {
    let formula =
        json!({ "per": "first_megapixel", "further": 0.5, "inputs": true, "round": "up" });
    let it = priced(json!({ "usd": 0.03, "unit": "megapixels", "formula": formula }));
    let one = Some((1024, 1024));
    assert_eq!(amount(&it, &[size(1024, 1024)], &[]), Some(0.03));
    assert_eq!(amount(&it, &[size(1024, 1024)], &[one]), Some(0.045));
    assert_eq!(amount(&it, &[size(2048, 1024)], &[one, Some((1030, 1024))]), Some(0.09));
    assert_eq!(amount(&it, &[size(1024, 1024)], &[one, None]), None, "unknown stays unknown");
}

#[test]
fn a_price_by_setting_knows_only_what_was_read() {
    let formula = json!({ "per": "setting", "of": ["output_format", "num_images"],
        "units": { "png 1": 1.0, "jpeg 1": 0.5 } });
    let it = priced(json!({ "usd": 0.04, "unit": "units", "formula": formula }));
    assert_eq!(amount(&it, &[], &[]), Some(0.04), "png is what editree asks for");
    assert_eq!(amount(&it, &[("output_format", json!("jpeg"))], &[]), Some(0.02));
    assert_eq!(amount(&it, &[("num_images", json!(2))], &[]), None);
    assert!(!it.quote(&values(&[]), &[]).is_estimate);
}

#[test]
fn steps_and_hearsay() {
    let formula = json!({ "per": "step", "of": "num_inference_steps" });
    let it =
        priced(json!({ "usd": 0.001, "unit": "steps", "formula": formula, "unverified": true }));
    let quote = it.quote(&values(&[("num_inference_steps", json!(30))]), &[]);
    assert_eq!((quote.to_string(), quote.is_estimate), ("about $0.03".into(), true));
    let unit = priced(json!({ "usd": 0.001, "unit": "compute seconds" }));
    let quote = unit.quote(&values(&[]), &[]);
    assert_eq!((quote.amount, quote.to_string()), (None, "an unknown price".into()));
    assert_eq!(quote.billed(Some(12.5)), Some(Usd(12_500)), "afterwards it is known");
}

#[test]
fn a_sum_with_an_unknown_price_is_unknown() {
    let known =
        Quote { amount: Some(Usd(40_000)), unit_price: Some(Usd(40_000)), is_estimate: false };
    let about = Quote { is_estimate: true, ..known };
    let words = |quotes: &[Quote]| quotes.iter().copied().sum::<Quote>().to_string();
    assert_eq!(words(&[known, known]), "$0.08");
    assert_eq!(words(&[known, about]), "about $0.08");
    assert_eq!(words(&[known, Quote::default()]), "an unknown price");
    assert_eq!(known.times(3).to_string(), "$0.12");
}

#[test]
fn what_the_service_tells_today_scales_a_formula_or_ends_it() {
    let told =
        |each, unit: &str| Price { each: Some(Usd(each)), unit: unit.into(), ..Price::default() };
    let setting = json!({ "per": "setting", "of": ["output_format"], "units": { "png": 2.0 } });
    let it = priced(json!({ "usd": 0.04, "unit": "megapixels", "formula": setting }));
    let half = it.price.clone().unwrap().refreshed(told(20_000, "megapixels"));
    let cheaper = Endpoint { price: Some(half), ..it.clone() };
    assert_eq!(amount(&cheaper, &[], &[]), Some(0.04));
    let other = it.price.clone().unwrap().refreshed(told(20_000, "images"));
    let other = Endpoint { price: Some(other), ..it };
    assert_eq!(amount(&other, &[], &[]), Some(0.02), "another unit is counted by its own name");
    let only_unit = json!({ "usd": null, "unit": "megapixels", "formula": setting });
    let only_unit = priced(only_unit).price.unwrap();
    assert_eq!(only_unit.clone().refreshed(told(20_000, "images")).formula, None, "not its unit");
    assert!(only_unit.refreshed(told(20_000, "megapixels")).formula.is_some());
    let first = json!({ "per": "first_megapixel", "further": 0.5, "inputs": false, "round": "up" });
    let it = priced(json!({ "usd": 0.03, "unit": "megapixels", "formula": first }));
    let same = it.price.clone().unwrap().refreshed(told(30_000, "megapixels"));
    assert!(same.formula.is_some());
    let moved = it.price.unwrap().refreshed(told(15_000, "megapixels"));
    assert_eq!(moved.formula, None, "which megapixel that is, only the page says");
}
