//! Documents that were written to do harm: each ends soon, in words, and steers no terminal.
//!
//! `EDITREE_DOCUMENTS=10000 cargo test --test it hostile` tries more of them.

use editree::schema::Endpoint;
use editree::schema::import::import;
use editree::schema::import::limits::LIMITS;
use editree::schema::kind::Kind;
use serde_json::{Map, Value, json};

/// A document of one endpoint with these properties and schemas.
fn document(properties: Value, schemas: Value) -> Value {
    let input = json!({ "type": "object", "properties": properties });
    json!({ "openapi": "3.1.0", "components": { "schemas": schemas }, "paths": { "/": post(input) } })
}

fn post(input: Value) -> Value {
    json!({ "post": { "requestBody": { "content": { "application/json": { "schema": input } } },
            "responses": {} } })
}

fn read(document: &Value) -> Result<Vec<Endpoint>, String> {
    import(document, "x", Some("me/app")).map_err(|error| error.to_string())
}

fn many(count: usize, value: impl Fn(usize) -> Value) -> Map<String, Value> {
    (0..count).map(|number| (format!("p{number}"), value(number))).collect()
}

fn depth(kind: &Kind) -> usize {
    match kind {
        Kind::List { of, .. } => 1 + depth(of),
        Kind::Object { fields, .. } => {
            1 + fields.iter().map(|one| depth(&one.kind)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

#[test]
fn what_leads_back_to_itself_ends() {
    let loops = [
        json!({ "$ref": "#/components/schemas/A" }),
        json!({ "type": "array", "items": { "$ref": "#/components/schemas/A" } }),
        json!({ "type": "array", "items": { "anyOf": [{ "type": "null" },
                { "$ref": "#/components/schemas/A" }] } }),
        json!({ "type": "object", "properties": { "a": { "$ref": "#/components/schemas/A" } } }),
        json!({ "type": "object", "properties": { "a": { "type": "array",
                "items": { "$ref": "#/components/schemas/A" } } } }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/A" }] }),
        json!({ "oneOf": [{ "$ref": "#/components/schemas/A" }, { "type": "string" }] }),
    ];
    for schema in loops {
        let mut document = document(
            json!({ "a": { "$ref": "#/components/schemas/A" } }),
            json!({ "A": schema.clone() }),
        );
        let output = json!({ "type": "object", "properties": {
            "out": { "$ref": "#/components/schemas/A" } } });
        document["paths"]["/"]["post"]["responses"] =
            json!({ "200": { "content": { "application/json": { "schema": output } } } });
        let endpoint = read(&document).unwrap().remove(0);
        assert!(depth(&endpoint.params[0].kind) <= LIMITS.depth + 1, "{schema}");
        assert!(endpoint.output[0].kind.len() < 60, "{}", endpoint.output[0].kind);
    }
}

#[test]
fn too_much_of_anything_is_refused_in_words() {
    let text = json!({ "type": "string" });
    let properties = many(100_000, |_| text.clone());
    let refused = read(&document(json!(properties), json!({}))).unwrap_err();
    assert_eq!(refused, "an object has 100000 properties, at most 500");

    let mut paths = document(json!({}), json!({}));
    let input = json!({ "type": "object", "properties": { "prompt": text } });
    paths["paths"] = (0..20_000)
        .map(|number| (format!("/p{number}"), post(input.clone())))
        .collect::<Map<_, _>>()
        .into();
    let refused = read(&paths).unwrap_err();
    assert_eq!(refused, "more than 200 paths take a JSON object by POST");

    // Each object holds 300 of the next kind: 300⁴ fields.
    let next = |name: &str| {
        let next = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "type": "object", "properties": many(300, |_| next.clone()) })
    };
    let schemas =
        json!({ "A": next("B"), "B": next("C"), "C": next("D"), "D": next("E"), "E": text });
    let refused = read(&document(json!({ "a": { "$ref": "#/components/schemas/A" } }), schemas));
    assert_eq!(refused.unwrap_err(), "the document describes more than 4 MiB of parameters");

    let words: Vec<String> = (0..5_000).map(|number| format!("w{number}")).collect();
    let refused = read(&document(json!({ "a": { "type": "string", "enum": words } }), json!({})));
    assert_eq!(refused.unwrap_err(), "a choice has more than 1000 words");

    // A text, a default and a reference that are used again and again.
    let long = "x".repeat(1 << 20);
    let shared = json!({ "type": "string", "description": long, "default": long });
    let of_shared = json!({ "$ref": "#/components/schemas/S" });
    let shared = document(json!(many(400, |_| of_shared.clone())), json!({ "S": shared }));
    assert!(read(&shared).unwrap_err().contains("more than 4 MiB"));
    let reference = json!({ "$ref": format!("#/{}", "a/".repeat(1 << 12)) });
    assert!(read(&document(json!(many(400, |_| reference.clone())), json!({}))).is_ok());
}

#[test]
fn nothing_of_a_document_steers_the_terminal_or_leaves_its_folder() {
    let steering = "a\u{1b}]0;x\u{7}\u{9b}31m\u{202e}b";
    let mut told = document(
        json!({ "prompt": { "type": "string", "title": steering, "description": steering } }),
        json!({}),
    );
    told["info"] = json!({ "title": steering });
    let endpoint = read(&told).unwrap().remove(0);
    let text = endpoint.to_json().to_string();
    assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    assert!(!text.contains("\\u001b"), "{text}");
    for (property, words) in [
        (json!({ steering: { "type": "string" } }), "cannot be a parameter"),
        (json!({ "a": { "enum": [steering] } }), "cannot be a word of a choice"),
    ] {
        let refused = read(&document(property, json!({}))).unwrap_err();
        assert!(refused.contains(words) && !refused.contains('\u{1b}'), "{refused:?}");
    }
    for path in ["/../../x", "/a/\u{1b}[2J", "/a\0", "/.hidden", "/a//b", "/a b"] {
        let mut document = document(json!({}), json!({}));
        document["paths"] = json!({ path: post(json!({ "properties": { "prompt": {} } })) });
        let refused = read(&document).unwrap_err();
        assert!(refused.contains("cannot be the name of an endpoint"), "{refused}");
        assert!(!refused.chars().any(char::is_control), "{refused:?}");
    }
}

// -- documents that were changed by chance --

/// A place of the document, chosen by chance.
fn place<'a>(mut value: &'a mut Value, random: &mut fastrand::Rng) -> &'a mut Value {
    for _ in 0..random.usize(1..14) {
        let inner = match value {
            Value::Object(fields) if !fields.is_empty() => fields.len(),
            Value::Array(items) if !items.is_empty() => items.len(),
            _ => break,
        };
        let at = random.usize(..inner);
        value = match value {
            Value::Object(fields) => fields.values_mut().nth(at).unwrap(),
            Value::Array(items) => &mut items[at],
            _ => unreachable!(),
        };
    }
    value
}

fn piece(random: &mut fastrand::Rng, names: &[String]) -> Value {
    let name = &names[random.usize(..names.len())];
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    match random.u8(0..18) {
        0..4 => reference,
        4 => json!({ "type": "array", "items": reference }),
        5 => json!({ "anyOf": [reference, { "type": "null" }] }),
        6 => json!({ "allOf": [reference] }),
        7 => {
            json!({ "type": "object", "properties": many(random.usize(0..40), |_| reference.clone()) })
        }
        8 => json!({ "enum": ["a", 1, null, "b\u{1b}"] }),
        9 => json!({ "type": "integer", "minimum": 9, "maximum": -9, "default": 1e300 }),
        10 => {
            json!({ "type": "number", "multipleOf": 1e-300, "minimum": -1e308, "maximum": 1e308 })
        }
        11 => Value::Null,
        12 => json!(-1),
        13 => json!([]),
        14 => json!({}),
        15 => json!("\u{202e}\u{9b}"),
        16 => json!({ "type": ["string", "null", 3], "title": 3, "ui": { "field": "image" } }),
        _ => json!(u64::MAX),
    }
}

#[test]
fn documents_that_were_changed_by_chance_are_read_or_refused_and_can_be_used() {
    let count = std::env::var("EDITREE_DOCUMENTS").ok().and_then(|count| count.parse().ok());
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let whole: Vec<Value> =
        ["kontext", "lora", "inpaint", "film"].map(super::import::document).into();
    for number in 0..count.unwrap_or(400) {
        let mut document = whole[number % whole.len()].clone();
        let names: Vec<String> = match &document["components"]["schemas"] {
            Value::Object(schemas) => schemas.keys().cloned().collect(),
            _ => unreachable!(),
        };
        for _ in 0..random.usize(1..8) {
            let piece = piece(&mut random, &names);
            // Mostly inside the schemas, where a change is felt.
            let root = match random.u8(0..4) {
                0 => &mut document,
                _ => &mut document["components"],
            };
            *place(root, &mut random) = piece;
        }
        let Ok(endpoints) = import(&document, "x", Some("me/app")) else { continue };
        for endpoint in endpoints {
            let text = endpoint.to_json().to_string();
            let again: Endpoint = serde_json::from_str(&text).unwrap_or_else(|error| {
                panic!("seed {seed}, number {number}: {error}\n{document}")
            });
            assert_eq!(again.id, endpoint.id);
            let is_steered = text.chars().any(|c| c.is_control() || c == '\u{202e}');
            assert!(!is_steered, "seed {seed}, number {number}: {text:?}");
            for param in &endpoint.params {
                assert!(depth(&param.kind) <= LIMITS.depth + 1, "seed {seed}, number {number}");
                let _ = (param.kind.range(), param.show(param.start()));
                for by in [-100, -1, 1, 100] {
                    let _ = param.step(param.start(), by);
                }
                for typed in ["", "1", "-9e99", "1x1", "[{}]", "{\"a\":[]}", "word"] {
                    if let Ok(value) = param.parse(typed) {
                        let _ = (param.check(&value), param.show(Some(&value)));
                    }
                }
            }
        }
    }
}
