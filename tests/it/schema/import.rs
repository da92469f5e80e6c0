//! Any other endpoint from its OpenAPI document. The documents in `tests/documents` were written by
//! the service's own toolkit (`make.py` beside them).

use editree::schema::import::import;
use editree::schema::inputs::Slot;
use editree::schema::kind::Kind;
use editree::schema::{Catalogue, Endpoint, Takes, Values};
use serde_json::{Value, json};

pub fn document(name: &str) -> Value {
    let path = format!("{}/tests/documents/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn imported(name: &str) -> Vec<Endpoint> {
    import(&document(name), "a file", Some(&format!("me/{name}-like"))).unwrap()
}

/// Every endpoint of every document.
pub fn every_document() -> Vec<Endpoint> {
    ["kontext", "lora", "inpaint", "film"].into_iter().flat_map(imported).collect()
}

fn first(name: &str) -> Endpoint {
    imported(name).remove(0)
}

fn kind(endpoint: &Endpoint, name: &str) -> Kind {
    endpoint.param(name).unwrap_or_else(|| panic!("no {name}")).kind.clone()
}

#[test]
fn a_kontext_like_app_comes_out_as_the_built_in_endpoint_is() {
    let catalogue = Catalogue::builtin();
    let own = catalogue.find("pro").unwrap();
    let app = first("kontext");
    assert_eq!(app.id, "me/kontext-like");
    assert_eq!(app.takes, own.takes);
    for param in app.params.iter().filter(|param| param.name != "prompt") {
        let known = own.param(&param.name).unwrap_or_else(|| panic!("{}", param.name));
        assert_eq!(param.kind, known.kind, "{}", param.name);
        assert_eq!(param.required, known.required, "{}", param.name);
        assert_eq!(param.default, known.default, "{}", param.name);
        assert_eq!(param.preset, known.preset, "{}", param.name);
    }
    let order: Vec<&str> = app.params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!((order[0], order[order.len() - 1]), ("prompt", "image_url"));
    assert_eq!(app.output[0].kind, "list<image>");
}

#[test]
fn every_path_of_an_app_becomes_an_endpoint() {
    let all = imported("kontext");
    let ids: Vec<&str> = all.iter().map(|endpoint| endpoint.id.as_str()).collect();
    assert_eq!(ids, ["me/kontext-like", "me/kontext-like/multi"]);
    assert!(matches!(&all[1].takes, Takes::Many { field, .. } if field == "image_urls"));
    assert_eq!(all[1].short, "kontext-like-multi");
}

#[test]
fn a_list_of_objects_is_typed_short_or_as_json_and_checked_field_by_field() {
    let app = first("lora");
    let Kind::List { of, .. } = kind(&app, "loras") else { panic!("{:?}", kind(&app, "loras")) };
    assert!(matches!(*of, Kind::Object { .. }));
    let mut values = Values::new();
    app.set(&mut values, "loras", r#"[{"path":"https://x/w","scale":0.5}]"#).unwrap();
    assert_eq!(app.request("a cat", &values, &[])["loras"][0]["scale"], 0.5);
    let wrong = app.set(&mut values, "loras", r#"[{"path":"https://x/w","scale":9}]"#).unwrap_err();
    assert!(wrong.message.contains("`scale`: 9 is above 4"), "{wrong}");
    let missing = app.set(&mut values, "loras", "[{}]").unwrap_err();
    assert!(missing.message.contains("`path` is needed"), "{missing}");
    app.set(&mut values, "loras", "https://x/w*0.5").unwrap();
    assert_eq!(app.request("a cat", &values, &[])["loras"][0]["scale"], 0.5);
    let wrong = app.set(&mut values, "loras", "https://x/w*9").unwrap_err();
    assert!(wrong.message.contains("`scale`: 9 is above 4"), "{wrong}");
}

#[test]
fn a_size_is_a_name_or_two_sides() {
    let app = first("lora");
    let mut values = Values::new();
    app.set(&mut values, "image_size", "800x600").unwrap();
    assert_eq!(values["image_size"], json!({ "width": 800, "height": 600 }));
    app.set(&mut values, "image_size", "square_hd").unwrap();
    assert_eq!(values["image_size"], "square_hd");
    assert!(app.set(&mut values, "image_size", "huge").is_err());
}

#[test]
fn a_mask_that_is_needed_is_the_second_picture() {
    let app = first("inpaint");
    let mask = Slot { field: "mask_url".into(), required: true, many: false };
    let takes = Takes::One { field: "image_url".into(), optional: false, then: vec![mask] };
    assert_eq!((&app.takes, kind(&app, "mask_url")), (&takes, Kind::Picture));
    assert!(app.form().all(|param| param.name != "mask_url"));
    let without = app.problems("fill it", &Values::new(), 1);
    assert_eq!(without[0].1.hint.as_deref(), Some("add in this order: mask"));
    let pictures = ["https://x/cat.png".to_owned(), "https://x/mask.png".to_owned()];
    let body = app.request("fill it", &Values::new(), &pictures);
    assert_eq!(body["mask_url"], "https://x/mask.png");
    assert_eq!(body["image_url"], "https://x/cat.png");
}

#[test]
fn a_film_is_a_file_and_its_picture_may_be_left_out() {
    let app = first("film");
    assert_eq!((app.output[0].name.as_str(), app.output[0].kind.as_str()), ("video", "file"));
    assert!(app.takes.accepts(0) && app.takes.accepts(1) && !app.takes.accepts(2));
    assert!(!app.request("a storm", &Values::new(), &[]).contains_key("image_url"));
    assert_eq!(kind(&app, "camera"), Kind::Json);
}

/// The form of the service's public documents, told by its reference.
fn public() -> Value {
    json!({
        "openapi": "3.0.4",
        "info": { "title": "Queue OpenAPI for fal-ai/some/model",
                  "x-fal-metadata": { "endpointId": "fal-ai/some/model" } },
        "servers": [{ "url": "https://queue.fal.run" }],
        "components": { "schemas": {
            "SomeInput": { "type": "object", "required": ["prompt"],
                "x-fal-order-properties": ["prompt", "strength", "seed"],
                "properties": {
                    "seed": { "type": "integer" },
                    "strength": { "type": "number", "minimum": 0, "maximum": 1, "default": 0.5 },
                    "prompt": { "type": "string" } } },
            "SomeOutput": { "type": "object", "properties": { "audio": {
                "allOf": [{ "$ref": "#/components/schemas/File" }] } } },
            "File": { "type": "object", "title": "File",
                      "properties": { "url": { "type": "string" } } },
            "Loop": { "$ref": "#/components/schemas/Loop" } } },
        "paths": {
            "/fal-ai/some/model": { "post": { "requestBody": { "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/SomeInput" } } } },
                "responses": {} } },
            "/fal-ai/some/model/requests/{request_id}": { "get": { "responses": { "200": {
                "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/SomeOutput" } } } } } } },
            "/fal-ai/some/model/requests/{request_id}/cancel": { "put": {} }
        }
    })
}

#[test]
fn a_public_document_names_itself_and_its_result() {
    let all = import(&public(), "a page", None).unwrap();
    assert_eq!(all.len(), 1, "routes of the queue are no endpoints");
    let endpoint = &all[0];
    assert_eq!(endpoint.id, "fal-ai/some/model");
    let order: Vec<&str> = endpoint.params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(order, ["prompt", "strength", "seed"]);
    assert_eq!(kind(endpoint, "seed"), Kind::Seed { min: None, max: None });
    assert_eq!(endpoint.output[0].kind, "file");
    assert_eq!(endpoint.price, None, "unknown, not free");
}

#[test]
fn an_imported_endpoint_survives_being_written_and_read() {
    for endpoint in every_document() {
        let text = endpoint.to_json().to_string();
        assert_eq!(serde_json::from_str::<Endpoint>(&text).unwrap(), endpoint);
    }
}

#[test]
fn a_document_that_cannot_be_used_says_why() {
    let message = |document: &Value, owner| {
        let error = import(document, "x", owner).unwrap_err();
        format!("{error} ({})", error.hint.clone().unwrap())
    };
    assert!(message(&json!({ "a": 1 }), None).contains("not an OpenAPI document"));
    let empty = json!({ "openapi": "3.1.0", "paths": {} });
    assert!(message(&empty, None).contains("no path"));
    assert!(message(&document("film"), None).contains("--as"));
    assert!(message(&document("film"), Some("film")).contains("not OWNER/NAME"));
    let mut circle = public();
    circle["paths"]["/fal-ai/some/model"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
        json!({ "$ref": "#/components/schemas/Loop" });
    assert!(message(&circle, None).contains("no path"));
}
