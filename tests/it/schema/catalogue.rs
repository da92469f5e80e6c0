//! The endpoints that are known: completeness of their documents, names, prices.

use editree::schema::price::Quote;
use editree::schema::{Catalogue, Endpoint, Takes, Usd};
use serde_json::json;

use super::{all_params, endpoint, values};

#[test]
fn the_endpoints_are_there_kontext_first_then_the_cheapest() {
    let catalogue = Catalogue::builtin();
    let names: Vec<(&str, &str)> = catalogue
        .endpoints()
        .map(|endpoint| (endpoint.short.as_str(), endpoint.id.as_str()))
        .collect();
    let expected = [
        ("pro", "fal-ai/flux-pro/kontext"),
        ("pro-multi", "fal-ai/flux-pro/kontext/multi"),
        ("pro-text", "fal-ai/flux-pro/kontext/text-to-image"),
        ("max", "fal-ai/flux-pro/kontext/max"),
        ("max-multi", "fal-ai/flux-pro/kontext/max/multi"),
        ("max-text", "fal-ai/flux-pro/kontext/max/text-to-image"),
        ("klein-4b", "fal-ai/flux-2/klein/4b/edit"),
        ("kontext-dev", "fal-ai/flux-kontext/dev"),
        ("flux2-pro", "fal-ai/flux-2-pro/edit"),
        ("kontext-inpaint", "fal-ai/flux-kontext-lora/inpaint"),
        ("kontext-lora", "fal-ai/flux-kontext-lora"),
        ("flux3", "blackforestlabs/flux-3/edit-image"),
        ("flux3-text", "blackforestlabs/flux-3/text-to-image"),
        ("flux2-flex", "fal-ai/flux-2-flex/edit"),
        ("nano-banana", "fal-ai/nano-banana-pro/edit"),
        ("flux2-dev", "fal-ai/flux-2/edit"),
        ("flux2-max", "fal-ai/flux-2-max/edit"),
        ("flux2-turbo", "fal-ai/flux-2/turbo/edit"),
        ("gpt-image", "openai/gpt-image-2/edit"),
        ("klein-9b", "fal-ai/flux-2/klein/9b/edit"),
        ("qwen-edit", "fal-ai/qwen-image-edit-2511"),
        ("redux", "fal-ai/flux-pro/v1/redux"),
        ("ultra-redux", "fal-ai/flux-pro/v1.1-ultra/redux"),
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_parameters_are_those_of_the_pages() {
    let kontext = "seed guidance_scale sync_mode num_images output_format safety_tolerance \
                   enhance_prompt aspect_ratio";
    let table = [
        ("pro", format!("prompt {kontext} image_url")),
        ("pro-multi", format!("prompt {kontext} image_urls")),
        ("pro-text", format!("prompt {kontext}")),
        ("max", format!("prompt {kontext} image_url")),
        ("max-multi", format!("prompt {kontext} image_urls")),
        ("max-text", format!("prompt {kontext}")),
        (
            "redux",
            "prompt image_size num_inference_steps seed guidance_scale sync_mode num_images \
             safety_tolerance output_format image_url"
                .to_owned(),
        ),
        (
            "ultra-redux",
            "prompt seed sync_mode num_images enable_safety_checker safety_tolerance \
             output_format aspect_ratio raw image_url image_prompt_strength"
                .to_owned(),
        ),
    ];
    for (short, expected) in table {
        let endpoint = endpoint(short);
        let names: Vec<&str> = endpoint.params.iter().map(|param| param.name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "{short}");
    }
}

#[test]
fn the_parameters_of_the_others_are_those_of_their_pages() {
    let mut told = String::new();
    for endpoint in Catalogue::builtin().endpoints().skip(6) {
        let names: Vec<&str> = endpoint.params.iter().map(|param| param.name.as_str()).collect();
        told.push_str(&format!("{}: {}\n", endpoint.short, names.join(" ")));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_parameter_is_explained_and_starts_with_a_valid_value() {
    for (name, param) in all_params() {
        for text in [&param.label, &param.help] {
            assert!(!text.trim().is_empty(), "{name}");
        }
        assert!(param.help.ends_with('.'), "{name}: {}", param.help);
        for start in [&param.default, &param.preset].into_iter().flatten() {
            assert_eq!(param.check(start), Ok(()), "{name}");
        }
        if param.default.is_none() && !param.required {
            assert!(param.unset.is_some(), "{name} has to say what it means to send nothing");
        }
    }
}

#[test]
fn every_output_field_of_the_service_is_described() {
    for endpoint in Catalogue::builtin().endpoints() {
        let fields: Vec<(&str, bool)> =
            endpoint.output.iter().map(|field| (field.name.as_str(), field.required)).collect();
        let expected = ["images", "timings", "seed", "has_nsfw_concepts", "prompt"];
        if fields.len() == expected.len() {
            assert_eq!(fields, expected.map(|name| (name, true)), "{}", endpoint.short);
        }
        assert_eq!(fields[0], ("images", true), "{}", endpoint.short);
        assert!(endpoint.output.iter().all(|field| !field.help.is_empty()));
    }
}

#[test]
fn editing_asks_for_png_and_the_tolerance_is_a_text() {
    for endpoint in Catalogue::builtin().endpoints() {
        let format = endpoint.param("output_format").unwrap();
        assert_eq!(format.start(), Some(&json!("png")), "{}", endpoint.short);
        let kontext = ["pro", "max"].contains(&endpoint.family.as_deref().unwrap_or_default());
        if kontext {
            assert_eq!(format.default, Some(json!("jpeg")));
            assert_eq!(endpoint.param("safety_tolerance").unwrap().default, Some(json!("2")));
        }
    }
    let tolerance = endpoint("flux3").param("safety_tolerance").unwrap().default.clone();
    assert_eq!(tolerance, Some(json!(2)), "a number there");
}

#[test]
fn a_name_is_exact_and_an_unknown_one_is_answered_with_its_neighbours() {
    let catalogue = Catalogue::builtin();
    assert_eq!(catalogue.find("max-text").unwrap().id, "fal-ai/flux-pro/kontext/max/text-to-image");
    assert_eq!(catalogue.find("/fal-ai/flux-pro/kontext/").unwrap().short, "pro");
    let words = |name: &str| catalogue.find(name).unwrap_err().to_string();
    assert_eq!(words("pro-mutli"), "no model is called `pro-mutli`; did you mean `pro-multi`?");
    assert_eq!(words("ultra"), "no model is called `ultra`; did you mean `ultra-redux`?");
    assert_eq!(words("sora"), "no model is called `sora`");
    assert_eq!(words(""), "no model is called ``");
}

#[test]
fn the_endpoint_of_a_family_follows_from_the_number_of_pictures() {
    let catalogue = Catalogue::builtin();
    let short = |family, pictures| {
        catalogue.for_pictures(family, pictures).map(|endpoint| endpoint.short.as_str())
    };
    for (family, expected) in [
        ("pro", ["pro-text", "pro", "pro-multi", "pro-multi"]),
        ("max", ["max-text", "max", "max-multi", "max-multi"]),
    ] {
        for (pictures, expected) in [0, 1, 2, 9].into_iter().zip(expected) {
            assert_eq!(short(family, pictures), Some(expected));
        }
    }
    assert_eq!(short("dev", 1), None);
}

#[test]
fn an_imported_endpoint_replaces_its_older_self_and_takes_no_other_name() {
    let catalogue = Catalogue::builtin();
    let mut imported = endpoint("pro");
    imported.id = "someone/else".to_owned();
    let more = catalogue.with(imported.clone());
    assert_eq!(more.endpoints().count(), 24);
    assert_eq!(more.find("pro").unwrap().id, "fal-ai/flux-pro/kontext");
    assert_eq!(more.find("someone/else").unwrap().short, "someone/else");
    imported.title = "newer".to_owned();
    imported.short = "else".to_owned();
    let newer = more.with(imported);
    assert_eq!(newer.endpoints().count(), 24);
    assert_eq!(newer.find("else").unwrap().title, "newer");
    assert_eq!(catalogue, Catalogue::builtin(), "the first one is untouched");
}

#[test]
fn a_small_document_is_enough_for_an_endpoint() {
    let document = json!({
        "id": "a/b", "short": "b", "title": "B", "source": "file",
        "takes": { "pictures": "nothing" },
        "params": [{ "name": "prompt", "label": "Prompt", "kind": "text" }],
    });
    let endpoint: Endpoint = serde_json::from_value(document).unwrap();
    assert_eq!(endpoint.quote(&values(&[]), &[]).amount, None);
    assert_eq!(endpoint.forecast(&values(&[]), Some((10, 10))), None);
    let again: Endpoint = serde_json::from_value(endpoint.to_json()).unwrap();
    assert_eq!(again, endpoint);
}

#[test]
fn a_wrong_number_of_pictures_is_answered_with_the_name_that_fits() {
    let catalogue = Catalogue::builtin();
    let answer = |short, pictures| {
        let endpoint = catalogue.find(short).unwrap();
        let problems = catalogue.problems(endpoint, "Make it snow", &values(&[]), pictures);
        let words: Vec<String> =
            problems.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
        words.join("; ")
    };
    assert_eq!(
        answer("pro", 2),
        "image_url: `pro` takes one picture, and there are 2 (`pro-multi` fits)"
    );
    assert_eq!(answer("max", 0), "image_url: `max` needs a picture (`max-text` fits)");
    assert_eq!(answer("pro-text", 1), ": `pro-text` takes no picture, and there is 1 (`pro` fits)");
    assert_eq!(
        answer("pro-multi", 0),
        "image_urls: `pro-multi` takes several pictures, and there is none (`pro-text` fits)"
    );
    assert_eq!(answer("redux", 0), "image_url: `redux` needs a picture (open or paste one)");
    assert_eq!(answer("pro-multi", 1), "");
}

#[test]
fn a_price_is_per_picture_and_unknown_is_not_free() {
    let cost = |short, count: u64| {
        endpoint(short).quote(&values(&[("num_images", json!(count))]), &[]).amount
    };
    let quote = endpoint("pro").quote(&values(&[]), &[None]);
    let each = Some(Usd(40_000));
    assert_eq!(quote, Quote { amount: each, unit_price: each, is_estimate: false });
    assert_eq!(cost("pro-multi", 4), Some(Usd(160_000)));
    assert_eq!(cost("max-text", 3), Some(Usd(240_000)));
    assert_eq!(cost("redux", 1), None);
    assert_eq!(cost("ultra-redux", 1), None);
    for endpoint in Catalogue::builtin().endpoints() {
        if let Some(price) = &endpoint.price {
            assert!(["2026-11-20", "2026-11-28"].contains(&price.read_on.as_str()));
            assert!(price.source.starts_with("https://fal.ai/models/"), "{}", endpoint.short);
            assert!(price.formula().is_some(), "{}", endpoint.short);
            assert!(!price.unverified || price.note.is_some(), "hearsay says whose");
        }
    }
}

#[test]
fn money_is_shown_to_the_cent_and_further_only_where_needed() {
    let table = [
        (0, "$0.00"),
        (40_000, "$0.04"),
        (100_000, "$0.10"),
        (12_500, "$0.0125"),
        (1, "$0.000001"),
        (12_000_000, "$12.00"),
        (-1_234_500, "-$1.2345"),
        (i64::MIN, "-$9223372036854.775808"),
    ];
    for (micros, expected) in table {
        assert_eq!(Usd(micros).to_string(), expected);
    }
    assert_eq!(Usd::from_f64(0.08), Some(Usd(80_000)));
    assert_eq!(Usd::from_f64(0.1 + 0.2), Some(Usd(300_000)));
    assert_eq!(Usd::from_f64(f64::NAN), None);
    assert_eq!(Usd::from_f64(1e300), None);
    assert_eq!([Usd(1), Usd(2)].into_iter().sum::<Usd>() + Usd(i64::MAX), Usd(i64::MAX));
    assert_eq!(serde_json::to_string(&Usd(40_000)).unwrap(), "0.04");
}

#[test]
fn the_list_of_models_has_stable_keys() {
    let list = Catalogue::builtin().to_json();
    let models = list["models"].as_array().unwrap();
    assert_eq!(models.len(), 23);
    let expected = json!({
        "id": "fal-ai/flux-pro/kontext/multi",
        "short": "pro-multi",
        "title": "FLUX.1 Kontext [pro], several pictures",
        "about": "Combines several pictures as told. The service calls it experimental.",
        "family": "pro",
        "takes": { "pictures": "many", "field": "image_urls", "min": 1, "max": null },
        "price": { "usd": 0.04, "unit": "images", "formula": { "per": "picture" },
            "read_on": "2026-11-20", "unverified": false, "note": null },
        "seed": true,
        "note": null,
        "simulable": true,
    });
    assert_eq!(models[1], expected);
    assert!(models.last().unwrap()["price"].is_null());
}

#[test]
fn the_schema_of_an_endpoint_has_stable_keys() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&endpoint("pro").to_json()).unwrap());
}

#[test]
fn pictures_are_counted() {
    let many = Takes::Many { field: "images".to_owned(), min: 2, max: Some(3) };
    let accepted: Vec<usize> = (0..6).filter(|count| many.accepts(*count)).collect();
    assert_eq!(accepted, [2, 3]);
}
