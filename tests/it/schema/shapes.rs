//! The shapes that documents of the service have, by the schema's own grammar: each becomes a field
//! that takes what the service takes, and refuses what it would refuse.

use editree::schema::import::import;
use editree::schema::kind::Kind;
use editree::schema::{Endpoint, Takes};
use serde_json::{Value, json};

use super::values;

/// An endpoint that takes these, of which the first ones are needed.
fn read(required: &[&str], properties: Value) -> Endpoint {
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "App" },
        "paths": { "/": { "post": { "requestBody": { "content": { "application/json": {
            "schema": { "type": "object", "required": required, "properties": properties } } } } } } }
    });
    import(&document, "the test", Some("me/app")).unwrap().remove(0)
}

fn kind(property: Value) -> Kind {
    read(&[], json!({ "it": property })).params.remove(0).kind
}

/// What is typed, and what becomes of it; an error is its words.
fn typed(property: Value, words: &[&str]) -> Vec<String> {
    let kind = kind(property);
    let one = |word: &&str| match kind.parse(word) {
        Ok(value) => value.to_string(),
        Err(problem) => problem.to_string(),
    };
    words.iter().map(one).collect()
}

#[test]
fn a_number_or_a_word() {
    let mixed = json!({ "anyOf": [{ "type": "integer", "maximum": 9 }, { "const": "auto" }] });
    assert_eq!(
        typed(mixed, &["7", "auto", "10", "x"]),
        [
            "7",
            "\"auto\"",
            "10 is above 9 (auto, or at most 9)",
            "`x` is not a whole number (auto, or at most 9)"
        ]
    );
}

#[test]
fn a_picture_is_told_by_its_format_alone() {
    let input = json!({ "anyOf": [{ "type": "string", "format": "https-url" },
        { "type": "string", "format": "data-uri" }] });
    assert_eq!(kind(input.clone()), Kind::Picture);
    let endpoint = read(&["ref"], json!({ "ref": input }));
    assert_eq!(endpoint.takes.field(), Some("ref"));
    assert_eq!(
        kind(json!({ "type": "string", "format": "https-url" })),
        kind(json!({ "type": "string" }))
    );
}

#[test]
fn limits_that_are_left_out() {
    let open = json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 20 });
    let told = typed(open.clone(), &["0", "20", "25", "0.5"]);
    assert_eq!(told[0], "0 is the limit, which is left out (above 0, below 20)");
    assert_eq!(
        (told[1].contains("limit"), told[2].contains("above 20"), &*told[3]),
        (true, true, "0.5")
    );
    let older = json!({ "type": "number", "minimum": 0, "exclusiveMinimum": true });
    assert!(typed(older, &["0"])[0].contains("left out"), "as 3.0 writes it");
    let whole = json!({ "type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 4 });
    assert_eq!(kind(whole), Kind::Integer { min: Some(1), max: Some(3), multiple_of: None });
    let kind = kind(open);
    let mut at = Some(json!(0.5));
    for by in [-1, -1, -1, 1, 100, 100] {
        at = kind.step(at.as_ref(), by);
        assert_eq!(kind.check(at.as_ref().unwrap()), Ok(()), "{at:?}");
    }
}

#[test]
fn numbers_to_choose_from() {
    let level = json!({ "type": "integer", "enum": [2, 4], "default": 2 });
    assert_eq!(
        typed(level.clone(), &["2", "4", "9"]),
        ["2", "4", "`9` is not one of the choices (2, 4)"]
    );
    assert_eq!(kind(level).step(Some(&json!(4)), 1), Some(json!(2)));
}

#[test]
fn multiples_are_checked() {
    let side = json!({ "type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 64 });
    assert_eq!(
        typed(side.clone(), &["1024", "1000"]),
        ["1024", "`1000` is not a multiple of 64 (64 to 2048 in multiples of 64)"]
    );
    assert_eq!(kind(side).step(Some(&json!(1024)), 1), Some(json!(1088)));
    assert!(typed(json!({ "type": "number", "multipleOf": 0.1 }), &["0.3"])[0] == "0.3");
}

#[test]
fn a_seed_keeps_its_limits() {
    let endpoint = read(
        &[],
        json!({ "seed": { "type": "integer", "minimum": 0, "exclusiveMaximum": 4_294_967_296_u64 } }),
    );
    let seed = endpoint.param("seed").unwrap();
    assert!(matches!(seed.kind, Kind::Seed { .. }));
    assert_eq!(
        seed.parse("4294967296").unwrap_err().to_string(),
        "4294967296 is above 4294967295 (0 to 4294967295)"
    );
}

#[test]
fn tuples_closed_objects_and_lengths() {
    let pair =
        json!({ "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "string" }] });
    assert_eq!(typed(pair.clone(), &["[1,\"a\"]"]), ["[1,\"a\"]"]);
    assert!(typed(pair, &["[\"a\",1]"])[0].starts_with("`a` is not a whole number"));
    let closed = json!({ "type": "object", "additionalProperties": false,
        "properties": { "a": { "type": "integer" } } });
    assert_eq!(typed(closed, &["{\"b\":1}"])[0], "`b` is no field of it (like {\"a\":…})");
    let text = json!({ "type": "string", "minLength": 2, "maxLength": 4 });
    assert_eq!(
        typed(text, &["abc", "abcde"]),
        ["\"abc\"", "the text has 5 letters (2 to 4 letters)"]
    );
}

#[test]
fn the_length_of_the_prompt_is_a_limit_of_the_endpoint() {
    let endpoint = read(&["prompt"], json!({ "prompt": { "type": "string", "maxLength": 10 } }));
    let problems = endpoint.problems("Make it snow at night", &values(&[]), 0);
    assert_eq!(
        problems[0].1.message,
        "the prompt is not taken: the text has 21 letters (at most 10 letters)"
    );
}

#[test]
fn sides_may_be_as_small_as_the_document_says() {
    let side = json!({ "type": "integer", "exclusiveMinimum": 0, "maximum": 14142 });
    let size = json!({ "anyOf": [{ "type": "object", "properties": { "width": side, "height": side } },
        { "type": "string", "enum": ["auto", "square"] }] });
    assert_eq!(kind(size.clone()).parse("32x48"), Ok(json!({ "width": 32, "height": 48 })));
    assert_eq!(typed(size, &["auto"]), ["\"auto\""]);
}

#[test]
fn a_list_of_weights_is_typed_without_json() {
    let loras = json!({ "type": "array", "items": { "type": "object", "required": ["path"],
        "properties": { "path": { "type": "string" }, "scale": { "type": "number", "default": 1 } } } });
    let kind = kind(loras);
    let value = kind.parse("https://x/a.safetensors*0.8 me/b").unwrap();
    assert_eq!(
        value,
        json!([{ "path": "https://x/a.safetensors", "scale": 0.8 }, { "path": "me/b" }])
    );
    assert_eq!(kind.show(&value), "https://x/a.safetensors*0.8 me/b");
    assert_eq!(kind.describe(), "list like ADDRESS*0.8, several with blanks between");
    assert!(kind.parse("[{\"path\":\"a\"}]").is_ok(), "JSON as before");
}

/// Where the pictures of a request go, by the shape of the document.
#[test]
fn the_main_picture_lands_in_the_right_field() {
    let url = json!({ "type": "string" });
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let table: [(&str, &[&str], Value, &str); 9] = [
        ("one", &["image_url"], json!({ "image_url": url }), "image_url"),
        ("a list", &["image_urls"], json!({ "image_urls": list }), "image_urls…"),
        (
            "needed beside an optional list",
            &["image_url"],
            json!({ "reference_image_urls": list, "image_url": url }),
            "image_url reference_image_urls…",
        ),
        (
            "optional beside a needed list",
            &["image_urls"],
            json!({ "image_url": url, "image_urls": list }),
            "image_urls…",
        ),
        ("both optional", &[], json!({ "image_url": url, "image_urls": list }), "image_urls…"),
        (
            "a mask that is needed",
            &["image_url", "mask_url"],
            json!({ "mask_url": url, "image_url": url }),
            "image_url mask_url",
        ),
        (
            "a mask that may be left out",
            &["image_url"],
            json!({ "image_url": url, "mask_url": url }),
            "image_url",
        ),
        (
            "a garment",
            &["human_image_url", "garment_image_url"],
            json!({ "human_image_url": url, "garment_image_url": url }),
            "human_image_url garment_image_url",
        ),
        ("words only", &["prompt"], json!({ "prompt": url }), ""),
    ];
    let mut told = String::new();
    for (shape, required, properties, expected) in table {
        let takes = read(required, properties).takes;
        let mut fields: Vec<String> = takes.field().map(str::to_owned).into_iter().collect();
        fields.extend(
            takes
                .slots()
                .iter()
                .map(|slot| format!("{}{}", slot.field, if slot.many { "…" } else { "" })),
        );
        let many = matches!(takes, Takes::Many { .. });
        let fields = format!("{}{}", fields.join(" "), if many { "…" } else { "" });
        told.push_str(&format!("{shape}: {fields}\n"));
        assert_eq!(fields, expected, "{shape}");
    }
    println!("{told}");
}

#[test]
fn tiers_of_an_imported_endpoint_are_forecast() {
    let endpoint = read(
        &["image_urls"],
        json!({ "image_urls": { "type": "array", "items": { "type": "string" } },
            "resolution": { "type": "string", "enum": ["1K", "2K"], "default": "2K" },
            "aspect_ratio": { "type": "string", "enum": ["auto", "1:1"], "default": "auto" } }),
    );
    assert_eq!(endpoint.forecast(&values(&[]), Some((2000, 1000))), Some((2896, 1456)));
    let square = values(&[("aspect_ratio", json!("1:1")), ("resolution", json!("1K"))]);
    assert_eq!(endpoint.forecast(&square, Some((2000, 1000))), Some((1024, 1024)));
}

#[test]
fn the_picture_that_is_worked_on_is_found_among_several() {
    let address = || json!({ "type": "string" });
    let list = || json!({ "type": "array", "items": { "type": "string" } });
    let places = |required: &[&str], properties: Value| {
        let takes = read(required, properties).takes;
        let slots = takes.slots().iter().map(|slot| slot.field.clone());
        takes.field().map(str::to_owned).into_iter().chain(slots).collect::<Vec<_>>().join(" + ")
    };
    let character = json!({ "image_urls": list(), "reference_image_urls": list(),
        "mask_url": address(), "image_url": address() });
    let required = ["reference_image_urls", "image_url", "mask_url"];
    assert_eq!(places(&required, character), "image_url + mask_url + reference_image_urls");
    let archive = json!({ "image_archive_url": address(), "initial_image_url": address() });
    assert_eq!(places(&["image_archive_url"], archive), "initial_image_url", "a zip is no picture");
    let two = json!({ "second_image_url": address(), "first_image_url": address() });
    assert_eq!(places(&[], two), "first_image_url + second_image_url");
    assert_eq!(places(&[], json!({ "structure_image_url": address() })), "structure_image_url");
    let controls = json!({ "canny_image_url": address(), "depth_image_url": address() });
    assert_eq!(places(&[], controls), "", "none of them is the one");
}
