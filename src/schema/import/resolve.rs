//! Finding one's way in an OpenAPI document: references, paths, what may be left out.
//!
//! Invariant: a reference that leads nowhere, or in a circle, ends as an empty schema.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::limits::{Account, LIMITS, harmless};

static NOTHING: Value = Value::Null;

/// A document with `openapi` and `paths`.
pub(super) struct Document<'a> {
    root: &'a Value,
    paths: &'a Map<String, Value>,
    pub(super) account: Account,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Value) -> Option<Self> {
        root.get("openapi")?.as_str().filter(|version| version.starts_with('3'))?;
        Some(Self { root, paths: root.get("paths")?.as_object()?, account: Account::default() })
    }

    /// Path and input schema of everything that takes a JSON object by POST.
    pub(super) fn posts(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        // A path with a placeholder is not a URL.
        let whole = self.paths.iter().filter(|(path, _)| !path.contains('{'));
        whole.filter_map(|(path, methods)| {
            let body = self.follow(methods.get("post")?.get("requestBody")?);
            let schema = self.follow(body.pointer("/content/application~1json/schema")?);
            schema
                .get("properties")
                .is_some_and(Value::is_object)
                .then_some((path.as_str(), schema))
        })
    }

    /// What comes back: of the queue's result route where there is one, else of the POST itself.
    pub(super) fn output(&self, path: &str) -> Option<&'a Value> {
        let route = format!("{}/requests/{{request_id}}", path.trim_end_matches('/'));
        let answer = |path: &str, method: &str| {
            let responses = self.paths.get(path)?.get(method)?.get("responses")?;
            let answer = self.follow(responses.get("200")?);
            Some(self.follow(answer.pointer("/content/application~1json/schema")?))
        };
        answer(&route, "get").or_else(|| answer(path, "post"))
    }

    pub(super) fn endpoint_id(&self) -> Option<&'a str> {
        self.root.pointer("/info/x-fal-metadata/endpointId")?.as_str()
    }

    /// Paths hold the whole name only where the service itself is the server.
    pub(super) fn is_served_by_the_service(&self) -> bool {
        let servers = self.root.get("servers").and_then(Value::as_array);
        servers.is_some_and(|servers| {
            let urls = servers.iter().filter_map(|server| server.get("url")?.as_str());
            urls.into_iter().any(|url| url.ends_with("fal.run") || url.ends_with("fal.run/"))
        })
    }

    /// The title, unless it is the framework's own.
    pub(super) fn title(&self) -> Option<String> {
        let title = self.root.pointer("/info/title")?.as_str()?;
        let title = harmless(title.strip_prefix("Queue OpenAPI for ").unwrap_or(title).trim());
        (!title.is_empty() && title != "FastAPI").then_some(title)
    }

    /// The schema behind references; a single `allOf` is only a reference with a default beside it.
    pub(super) fn follow(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..LIMITS.references {
            if !self.account.schema() {
                break;
            }
            let only = schema.get("allOf").and_then(Value::as_array).filter(|all| all.len() == 1);
            let next = match schema.get("$ref").and_then(Value::as_str) {
                Some(reference) if reference.len() > LIMITS.reference => None,
                Some(reference) => reference.strip_prefix('#').and_then(|at| self.root.pointer(at)),
                None => only.and_then(|all| all.first()),
            };
            match (next, schema.get("$ref")) {
                (Some(next), _) => schema = next,
                (None, Some(_)) => return &NOTHING,
                (None, None) => return schema,
            }
        }
        &NOTHING
    }

    /// The ways a value may look, without `null`; whether `null` is one of them.
    pub(super) fn choices(&self, schema: &'a Value) -> (Vec<&'a Value>, bool) {
        let schema = self.follow(schema);
        let several = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
        let Some(several) = several else {
            let nullable = schema.get("nullable").and_then(Value::as_bool).unwrap_or_default();
            return (vec![schema], nullable);
        };
        let goes_on = |_: &&Value| !self.account.is_over();
        let followed: Vec<&Value> =
            several.iter().take_while(goes_on).map(|one| self.follow(one)).collect();
        let is_null = |one: &&Value| one.get("type").and_then(Value::as_str) == Some("null");
        let nullable = followed.iter().any(is_null);
        (followed.into_iter().filter(|one| !is_null(one)).collect(), nullable)
    }

    /// The fields of an object in the order in which the service shows them.
    pub(super) fn properties(&self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let Some(all) = schema.get("properties").and_then(Value::as_object) else {
            return Vec::new();
        };
        if all.len() > LIMITS.properties {
            let (count, most) = (all.len(), LIMITS.properties);
            self.account.refuse(|| format!("an object has {count} properties, at most {most}"));
            return Vec::new();
        }
        let order = schema.get("x-fal-order-properties").and_then(Value::as_array);
        let ordered = order.into_iter().flatten().take(LIMITS.properties);
        let ordered = ordered.filter_map(Value::as_str).enumerate();
        let mut places = HashMap::new();
        for (place, name) in ordered {
            places.entry(name).or_insert(place);
        }
        let mut fields: Vec<(&str, &Value)> =
            all.iter().map(|(name, property)| (name.as_str(), property)).collect();
        fields.retain(|(name, _)| self.account.word("parameter", name));
        // The sort is stable: what the order leaves out keeps the document's own.
        fields.sort_by_key(|(name, _)| places.get(name).copied().unwrap_or(usize::MAX));
        fields
    }
}

/// A text of the schema, without the white space around it.
pub(super) fn text(schema: &Value, key: &str) -> Option<String> {
    let text = harmless(schema.get(key)?.as_str()?);
    (!text.is_empty()).then_some(text)
}
