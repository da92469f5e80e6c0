//! Uploads in parts, as both official clients do them: begun, filled in any order, completed.
//!
//! Python reads a part's mark from the header, JavaScript from the body. Invariant: a file shows
//! only when it is complete, its parts in the order of their numbers.

use std::collections::BTreeMap;

use axum::http::Method;
use axum::response::Response;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::request::Request;
use super::request::json_body;
use super::responses::{answer, detail, not_found, with_header};
use super::state::{Parts, ServerState};

/// The future file's name and the upload's id.
pub(super) fn begin(server: &ServerState, wanted: &str, mime: &str) -> (String, String) {
    let (name, id) = (server.name_for(wanted), uuid::Uuid::new_v4().simple().to_string());
    let parts = Parts { name: name.clone(), mime: mime.to_owned(), arrived: BTreeMap::new() };
    server.state().parts.insert(id.clone(), parts);
    (name, id)
}

/// `PUT ID/NUMBER` and `POST ID/complete` below a file's address.
pub(super) fn serve(server: &ServerState, request: &Request, name: &str, rest: &str) -> Response {
    let Some((id, what)) = rest.split_once('/') else {
        return not_found();
    };
    let is_known = server.state().parts.get(id).is_some_and(|parts| parts.name == name);
    match (request.method.clone(), what) {
        _ if !is_known => detail(404, "Upload not found"),
        (Method::PUT, number) => match number.parse() {
            Ok(number) => take(server, id, number, request.body.to_vec()),
            Err(_) => detail(400, "Invalid part number"),
        },
        (Method::POST, "complete") => complete(server, id, request),
        _ => not_found(),
    }
}

fn take(server: &ServerState, id: &str, number: u64, bytes: Vec<u8>) -> Response {
    let digest = digest(&SHA256, &bytes);
    let mark: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mark = format!("\"{mark}\"");
    let body = json!({ "partNumber": number, "etag": mark });
    if let Some(parts) = server.state().parts.get_mut(id) {
        parts.arrived.insert(number, (mark.clone(), bytes));
    }
    with_header(answer(200, &body), "etag", &mark)
}

/// Every part that arrived must be named with its mark, and no other.
fn complete(server: &ServerState, id: &str, request: &Request) -> Response {
    let body = match json_body(request) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let named = body.get("parts").and_then(Value::as_array).into_iter().flatten();
    let named: BTreeMap<u64, &str> = named
        .filter_map(|part| Some((part.get("partNumber")?.as_u64()?, part.get("etag")?.as_str()?)))
        .collect();
    let mut state = server.state();
    let is_whole = state.parts.get(id).is_some_and(|parts| {
        let arrived = parts.arrived.iter().map(|(number, (mark, _))| (*number, mark.as_str()));
        !named.is_empty() && arrived.eq(named)
    });
    let Some(parts) = is_whole.then(|| state.parts.remove(id)).flatten() else {
        return detail(400, "InvalidPart: the parts named are not those that arrived");
    };
    drop(state);
    let bytes = parts.arrived.into_values().flat_map(|(_, bytes)| bytes).collect();
    server.put_file(&parts.name, &parts.mime, bytes);
    answer(200, &json!({ "access_url": format!("{}/files/{}", request.root, parts.name) }))
}
