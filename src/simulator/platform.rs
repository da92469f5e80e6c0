//! The platform's own interface: prices, the documents of the endpoints, and the way to what it has
//! written down of requests.
//!
//! `api.fal.ai/v1` wants the key, the documents of `fal.ai` are public. Nothing here costs.

#![allow(clippy::indexing_slicing, reason = "a JSON object takes any key that is assigned to it")]

use serde_json::{Map, Value, json};

use super::fault::Step;
use super::request::Request;
use super::responses::{answer, detail, not_found};
use super::state::ServerState;
use super::{apply_fault, records, storage};
use crate::schema::kind::{Kind, Wire};
use crate::schema::{Catalogue, Endpoint, OutputField, Param, Takes};
use axum::http::Method;
use axum::response::Response;

/// More endpoints in one question are refused.
const MOST: usize = 50;
/// Models of one page.
const PAGE: usize = 100;

/// `api.fal.ai`.
pub(super) async fn api(server: &ServerState, request: &Request) -> Response {
    let is_signing = request.path == "v1/storage/files/sign";
    let fault = server.take_fault(if is_signing { Step::Sign } else { Step::Api });
    if let Some(response) = apply_fault::before(server, fault).await {
        return response;
    }
    let wanted = if is_signing { Method::POST } else { Method::GET };
    let response = match request.method == wanted {
        true => answered(server, request),
        false => detail(405, "Method Not Allowed"),
    };
    apply_fault::after(server, fault, response).await
}

fn answered(server: &ServerState, request: &Request) -> Response {
    let names = request.parameters("endpoint_id");
    match request.path.as_str() {
        "v1/models/requests/by-endpoint" => records::requests(server, request),
        "v1/models/billing-events" => records::billing_events(server, request),
        "v1/account/billing" => {
            let credits = request.parameters("expand").iter().any(|word| word == "credits");
            answer(200, &server.state().account.billing(credits))
        }
        "v1/storage/files/sign" => storage::sign(server, request),
        "v1/models/pricing" if names.is_empty() || names.len() > MOST => {
            detail(422, "endpoint_id: 1 to 50 are needed")
        }
        "v1/models/pricing" => prices(&server.catalogue, &names),
        "v1/models" => models(&server.catalogue, &names, request),
        _ => not_found(),
    }
}

/// `fal.ai`.
pub(super) fn site(server: &ServerState, request: &Request) -> Response {
    let catalogue = &server.catalogue;
    let id = request.parameter("endpoint_id").unwrap_or_default();
    match (request.path.as_str(), catalogue.endpoints().find(|endpoint| endpoint.id == id)) {
        ("api/openapi/queue/openapi.json", Some(endpoint)) => answer(200, &document(endpoint)),
        ("api/openapi/queue/openapi.json", None) => {
            detail(404, &format!("Application \"{id}\" not found"))
        }
        _ => not_found(),
    }
}

/// Endpoints without a known price are left out, as are unknown ones.
fn prices(catalogue: &Catalogue, names: &[String]) -> Response {
    let known = catalogue.endpoints().filter(|endpoint| names.contains(&endpoint.id));
    let prices = known.filter_map(|endpoint| {
        let price = endpoint.price.as_ref()?;
        Some(json!({ "endpoint_id": endpoint.id, "unit_price": price.each?.to_f64(),
            "unit": price.unit, "currency": "USD" }))
    });
    let prices: Value = prices.collect();
    answer(200, &json!({ "prices": prices, "next_cursor": null, "has_more": false }))
}

/// By words, kind and state, page by page; an endpoint by its name is found whatever its state.
fn models(catalogue: &Catalogue, names: &[String], request: &Request) -> Response {
    let asked = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let number = |name: &str, usual| match asked(name) {
        Some(text) => text.parse::<usize>().ok(),
        None => Some(usual),
    };
    let (Some(limit @ 1..=PAGE), Some(from)) = (number("limit", PAGE), number("cursor", 0)) else {
        return detail(422, "limit: 1 to 100; cursor: as it was given");
    };
    let words = asked("q").unwrap_or_default().to_lowercase();
    let has_words = |endpoint: &&Endpoint| {
        let text = format!("{} {} {}", endpoint.id, endpoint.title, endpoint.about).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    let is_asked = |name: &str, own: &str| asked(name).is_none_or(|asked| asked == own);
    let wanted: Vec<&Endpoint> = catalogue
        .endpoints()
        .filter(|endpoint| names.is_empty() || names.contains(&endpoint.id))
        .filter(has_words)
        .filter(|it| is_asked("category", category(it)) && is_asked("status", status(it)))
        .collect();
    let has_more = wanted.len() > from.saturating_add(limit);
    let expand = asked("expand").as_deref() == Some("openapi-3.0");
    let models = wanted.into_iter().skip(from).take(limit).map(|endpoint| {
        let mut model = json!({ "endpoint_id": endpoint.id, "metadata": {
            "display_name": endpoint.title, "description": endpoint.about,
            "category": category(endpoint), "status": status(endpoint) } });
        if expand {
            model["openapi"] = document(endpoint);
        }
        model
    });
    let models: Value = models.collect();
    let next = has_more.then(|| (from + limit).to_string());
    answer(200, &json!({ "models": models, "next_cursor": next, "has_more": has_more }))
}

fn category(endpoint: &Endpoint) -> &'static str {
    match endpoint.takes {
        Takes::Nothing => "text-to-image",
        Takes::One { .. } | Takes::Many { .. } => "image-to-image",
    }
}

/// What the simulator serves for tests alone plays those that are to go.
fn status(endpoint: &Endpoint) -> &'static str {
    if Catalogue::builtin().find(&endpoint.id).is_ok() { "active" } else { "deprecated" }
}

/// The queue document of one endpoint, in the form of the public ones.
fn document(endpoint: &Endpoint) -> Value {
    let (id, title) = (&endpoint.id, &endpoint.title);
    let at = |rest: &str| format!("/{id}{rest}");
    let answers = |schema: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        json!({ "200": { "description": "", "content": { "application/json": { "schema": schema } } } })
    };
    let body = json!({ "required": true, "content": { "application/json": {
        "schema": { "$ref": "#/components/schemas/Input" } } } });
    let paths: Map<String, Value> = [
        (at(""), json!({ "post": { "requestBody": body, "responses": answers("QueueStatus") } })),
        (at("/requests/{request_id}"), json!({ "get": { "responses": answers("Output") } })),
        (
            at("/requests/{request_id}/status"),
            json!({ "get": { "responses": answers("QueueStatus") } }),
        ),
        (
            at("/requests/{request_id}/cancel"),
            json!({ "put": { "responses": { "200": { "description": "" } } } }),
        ),
    ]
    .into_iter()
    .collect();
    json!({
        "openapi": "3.0.4",
        "info": { "title": format!("Queue OpenAPI for {id}"), "version": "1.0.0",
            "x-fal-metadata": { "endpointId": id, "displayName": title,
                "documentationUrl": endpoint.source } },
        "servers": [{ "url": "https://queue.fal.run" }],
        "security": [{ "apiKeyAuth": [] }],
        "components": {
            "securitySchemes": { "apiKeyAuth": { "type": "apiKey", "in": "header",
                "name": "Authorization", "description": "Fal Key" } },
            "schemas": { "QueueStatus": queue_status(), "Input": input(endpoint),
                "Output": output(&endpoint.output), "Image": image() },
        },
        "paths": paths,
    })
}

fn queue_status() -> Value {
    let text = || json!({ "type": "string" });
    json!({ "type": "object", "required": ["status", "request_id"], "properties": {
        "status": { "type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"] },
        "request_id": text(), "response_url": text(), "status_url": text(), "cancel_url": text(),
        "logs": { "type": "object" }, "metrics": { "type": "object" },
        "queue_position": { "type": "integer" } } })
}

fn image() -> Value {
    json!({ "type": "object", "title": "Image", "required": ["url"], "properties": {
        "url": { "type": "string" }, "content_type": { "type": "string" },
        "file_name": { "type": "string" }, "file_size": { "type": "integer" },
        "width": { "type": "integer" }, "height": { "type": "integer" } } })
}

fn input(endpoint: &Endpoint) -> Value {
    let names: Vec<&str> = endpoint.params.iter().map(|param| param.name.as_str()).collect();
    let required = endpoint.params.iter().filter(|param| param.required);
    let required: Vec<&str> = required.map(|param| param.name.as_str()).collect();
    let properties: Map<String, Value> =
        endpoint.params.iter().map(|param| (param.name.clone(), property(param))).collect();
    json!({ "type": "object", "description": endpoint.about, "required": required,
        "x-fal-order-properties": names, "properties": properties })
}

fn property(param: &Param) -> Value {
    let mut schema = of_kind(&param.kind);
    schema["title"] = param.label.clone().into();
    schema["description"] = param.help.clone().into();
    if let Some(default) = &param.default {
        schema["default"] = default.clone();
    }
    if param.advanced {
        schema["ui"] = json!({ "hidden": true });
    }
    schema
}

fn of_kind(kind: &Kind) -> Value {
    let limited = |name: &str, min: Option<Value>, max: Option<Value>| {
        let mut schema = json!({ "type": name });
        for (key, limit) in [("minimum", min), ("maximum", max)] {
            if let Some(limit) = limit {
                schema[key] = limit;
            }
        }
        schema
    };
    let counted = |items: Value, min: usize, max: Option<usize>| {
        let mut schema = json!({ "type": "array", "items": items });
        if min > 0 {
            schema["minItems"] = min.into();
        }
        if let Some(max) = max {
            schema["maxItems"] = max.into();
        }
        schema
    };
    match kind.wire() {
        Wire::Text => json!({ "type": "string" }),
        Wire::Address => json!({ "type": "string", "ui": { "field": "image" } }),
        Wire::Switch => json!({ "type": "boolean" }),
        Wire::Whole { min, max } => limited("integer", min.map(Value::from), max.map(Value::from)),
        Wire::Number { min, max } => limited("number", min.map(Value::from), max.map(Value::from)),
        Wire::OneOf { options, open: false } => json!({ "type": "string", "enum": options }),
        Wire::OneOf { options, open: true } => {
            json!({ "anyOf": [{ "type": "string", "enum": options }, { "type": "string" }] })
        }
        Wire::Sides { presets, min, max } => {
            let side = json!({ "type": "integer", "minimum": min, "maximum": max });
            json!({ "anyOf": [{ "type": "object", "properties": { "width": side, "height": side } },
                { "type": "string", "enum": presets }] })
        }
        Wire::Object { fields } => {
            let required = fields.iter().filter(|field| field.required);
            let required: Vec<&str> = required.map(|field| field.name.as_str()).collect();
            let fields: Map<String, Value> =
                fields.iter().map(|field| (field.name.clone(), property(field))).collect();
            json!({ "type": "object", "required": required, "properties": fields })
        }
        Wire::List { of, min, max } => counted(of_kind(of), min, max),
        Wire::Values(options) => json!({ "enum": options }),
        Wire::Either(of) => json!({ "anyOf": of.iter().map(of_kind).collect::<Vec<_>>() }),
        Wire::Tuple(of) => {
            json!({ "type": "array", "prefixItems": of.iter().map(of_kind).collect::<Vec<_>>() })
        }
        Wire::Any => json!({ "type": "object" }),
    }
}

fn output(fields: &[OutputField]) -> Value {
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let of = |kind: &str| match kind {
        "image" => json!({ "$ref": "#/components/schemas/Image" }),
        other => json!({ "type": other }),
    };
    let property = |field: &OutputField| {
        let kind = field.kind.as_str();
        let items = kind.strip_prefix("list<").and_then(|kind| kind.strip_suffix('>'));
        let mut schema = match items {
            Some(items) => json!({ "type": "array", "items": of(items) }),
            None => of(kind),
        };
        schema["description"] = field.help.clone().into();
        (field.name.clone(), schema)
    };
    let properties: Map<String, Value> = fields.iter().map(property).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}
