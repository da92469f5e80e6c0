//! Checks of an input as the service's own toolkit words them (pydantic 2, lax mode).
//!
//! The shapes come from the schema documents; the words and codes from the toolkit run locally.

use serde_json::{Map, Value, json};

use super::python_json::{self, digits, echo, float};

use crate::schema::kind::{Kind, Wire};
use crate::schema::{Endpoint, Param};

/// The input with defaults filled in and unknown fields dropped, or the `detail` list of a 422.
pub(super) fn validate(
    endpoint: &Endpoint,
    body: &Value,
) -> Result<Map<String, Value>, Vec<Value>> {
    let at = At::root("body");
    if body.is_null() {
        return Err(vec![at.wrong("missing", "Field required", body)]);
    }
    let Some(given) = body.as_object() else {
        return Err(vec![at.wrong("model_attributes_type", NO_OBJECT, body)]);
    };
    fields(&endpoint.params, &at, given, body)
}

const NO_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";

/// Where in the body a value stands.
#[derive(Clone)]
struct At(Vec<Value>);

impl At {
    fn root(name: &str) -> Self {
        Self(vec![name.into()])
    }

    fn then(&self, part: impl Into<Value>) -> Self {
        let mut at = self.clone();
        at.0.push(part.into());
        at
    }

    fn wrong(&self, word: &str, text: &str, input: &Value) -> Value {
        json!({ "type": word, "loc": self.0, "msg": text, "input": echo(input) })
    }

    fn wrong_with(&self, word: &str, text: &str, input: &Value, context: Value) -> Value {
        let mut wrong = self.wrong(word, text, input);
        if let Some(wrong) = wrong.as_object_mut() {
            wrong.insert("ctx".into(), context);
        }
        wrong
    }
}

fn fields(
    params: &[Param],
    at: &At,
    given: &Map<String, Value>,
    whole: &Value,
) -> Result<Map<String, Value>, Vec<Value>> {
    let (mut input, mut wrong) = (Map::new(), Vec::new());
    for param in params {
        let name = param.name.as_str();
        // Nothing is something only where a field may be left empty.
        let may_be_null = !param.required && param.default.is_none();
        match given.get(name).filter(|value| !(may_be_null && value.is_null())) {
            Some(value) => match check(&param.kind, &at.then(name), value) {
                Ok(value) => drop(input.insert(name.to_owned(), value)),
                Err(entries) => wrong.extend(entries),
            },
            None if param.required => {
                wrong.push(at.then(name).wrong("missing", "Field required", whole));
            }
            None => {
                if let Some(default) = &param.default {
                    input.insert(name.to_owned(), default.clone());
                }
            }
        }
    }
    if wrong.is_empty() { Ok(input) } else { Err(wrong) }
}

fn check(kind: &Kind, at: &At, value: &Value) -> Result<Value, Vec<Value>> {
    let one = |word: &str, text: &str| vec![at.wrong(word, text, value)];
    match kind.wire() {
        Wire::Text | Wire::Address => match value {
            Value::String(_) if !is_number(value) => Ok(value.clone()),
            _ => Err(one("string_type", "Input should be a valid string")),
        },
        Wire::List { of, min, max } => list(of, (min, max), at, value),
        Wire::Switch => as_switch(value).map(Value::from).map_err(|(word, text)| one(word, text)),
        Wire::OneOf { options, open } => match value.as_str() {
            Some(text) if open || options.iter().any(|option| option == text) => Ok(value.clone()),
            _ => Err(vec![wrong_choice(options, at, value)]),
        },
        Wire::Whole { min, max } => {
            let number = as_integer(value).map_err(|(word, text)| one(word, text))?;
            let size = size_of(&number);
            let whole = |limit: Option<i64>| limit.map(|limit| (limit as f64, json!(limit)));
            in_range(size, whole(min), whole(max), at, value)?;
            Ok(number)
        }
        Wire::Number { min, max } => {
            let number = as_float(value).map_err(|(word, text)| one(word, text))?;
            let limit = |limit: Option<f64>| limit.map(|limit| (limit, json!(limit)));
            in_range(number, limit(min), limit(max), at, value)?;
            Ok(json!(number))
        }
        Wire::Object { fields: params } => match value.as_object() {
            Some(given) => fields(params, at, given, value).map(Value::Object),
            None => Err(one("model_attributes_type", NO_OBJECT)),
        },
        Wire::Values(options) => match options.contains(value) {
            true => Ok(value.clone()),
            false => {
                let words: Vec<String> = options.iter().map(Value::to_string).collect();
                Err(vec![wrong_choice(&words, at, value)])
            }
        },
        Wire::Either(of) => {
            let tried = of.iter().map(|kind| check(kind, at, value));
            let mut wrong = Vec::new();
            for one in tried {
                match one {
                    Ok(value) => return Ok(value),
                    Err(entries) => wrong.extend(entries),
                }
            }
            Err(wrong)
        }
        Wire::Tuple(of) => {
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            let checked = of.iter().zip(items).enumerate();
            let checked = checked.map(|(place, (kind, item))| check(kind, &at.then(place), item));
            match items.len() == of.len() {
                true => Ok(Value::Array(checked.collect::<Result<_, _>>()?)),
                false => Err(one("tuple_type", "Input should be a valid tuple")),
            }
        }
        Wire::Any => Ok(value.clone()),
        Wire::Sides { presets, .. } => match value {
            Value::String(text) if presets.contains(text) => Ok(value.clone()),
            Value::Object(size) if size.values().all(Value::is_u64) => Ok(value.clone()),
            _ => Err(vec![wrong_choice(presets, at, value)]),
        },
    }
}

fn list(
    of: &Kind,
    (min, max): (usize, Option<usize>),
    at: &At,
    value: &Value,
) -> Result<Value, Vec<Value>> {
    let Some(items) = value.as_array() else {
        return Err(vec![at.wrong("list_type", "Input should be a valid list", value)]);
    };
    let (mut checked, mut wrong) = (Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        match check(of, &at.then(place), item) {
            Ok(item) => checked.push(item),
            Err(entries) => wrong.extend(entries),
        }
    }
    let count = items.len();
    let counted = |word: &str, name: &str, side: &str, limit: usize| {
        let many = if limit == 1 { "item" } else { "items" };
        let text =
            format!("List should have at {side} {limit} {many} after validation, not {count}");
        let context = json!({ "field_type": "List", name: limit, "actual_length": count });
        at.wrong_with(word, &text, value, context)
    };
    match max.filter(|max| count > *max) {
        Some(max) => wrong.push(counted("too_long", "max_length", "most", max)),
        None if count < min => wrong.push(counted("too_short", "min_length", "least", min)),
        None => {}
    }
    if wrong.is_empty() { Ok(Value::Array(checked)) } else { Err(wrong) }
}

fn wrong_choice(options: &[String], at: &At, value: &Value) -> Value {
    let quoted: Vec<String> = options.iter().map(|option| format!("'{option}'")).collect();
    let expected = match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    };
    let text = format!("Input should be {expected}");
    at.wrong_with("literal_error", &text, value, json!({ "expected": expected }))
}

/// A limit, and how a refusal gives it.
type Limit = Option<(f64, Value)>;

fn in_range(number: f64, min: Limit, max: Limit, at: &At, value: &Value) -> Result<(), Vec<Value>> {
    let beyond = |word: &str, name: &str, text: &str, (limit, shown): (f64, Value)| {
        let text = format!("Input should be {text} {limit}");
        vec![at.wrong_with(word, &text, value, json!({ name: shown }))]
    };
    // What is no number is within no limit.
    let is_over = |limit: &(f64, Value)| number.is_nan() || number > limit.0;
    if let Some(max) = max.filter(is_over) {
        return Err(beyond("less_than_equal", "le", "less than or equal to", max));
    }
    if let Some(min) = min.filter(|min| number.is_nan() || number < min.0) {
        return Err(beyond("greater_than_equal", "ge", "greater than or equal to", min));
    }
    Ok(())
}

/// The stable word and the text of a refusal.
type Refusal = (&'static str, &'static str);

fn is_number(value: &Value) -> bool {
    float(value).is_some() || digits(value).is_some()
}

fn size_of(whole: &Value) -> f64 {
    let far = || digits(whole).and_then(|digits| digits.parse().ok());
    whole.as_f64().or_else(far).unwrap_or_default()
}

fn as_integer(value: &Value) -> Result<Value, Refusal> {
    const PARSING: Refusal =
        ("int_parsing", "Input should be a valid integer, unable to parse string as an integer");
    const FRACTION: Refusal =
        ("int_from_float", "Input should be a valid integer, got a number with a fractional part");
    const SIZE: Refusal =
        ("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size");
    match value {
        _ if digits(value).is_some() => Ok(value.clone()),
        _ if float(value).is_some() => Err(("finite_number", "Input should be a finite number")),
        Value::String(text) => whole_in(text).ok_or(PARSING),
        Value::Number(number) if number.is_f64() => match number.as_f64().unwrap_or_default() {
            number if number.fract() != 0.0 => Err(FRACTION),
            number if number.abs() >= i64::MAX as f64 => Err(SIZE),
            number => Ok(Value::from(number as i64)),
        },
        Value::Number(_) => Ok(value.clone()),
        Value::Bool(on) => Ok(Value::from(i64::from(*on))),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(("int_type", "Input should be a valid integer"))
        }
    }
}

/// `7`, ` +7 `, `1_000`, `007`, `7.00`.
fn whole_in(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((whole, rest)) if !rest.is_empty() && rest.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let text = without_underscores(text)?;
    let is_whole = text.trim_start_matches(['+', '-']).bytes().all(|digit| digit.is_ascii_digit());
    match is_whole {
        true => python_json::parse(plain(&text).as_bytes()).ok(),
        false => None,
    }
}

/// As JSON writes it: no plus, no noughts before it.
fn plain(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = match digits.trim_start_matches('0') {
        "" if !digits.is_empty() => "0",
        digits => digits,
    };
    format!("{sign}{digits}")
}

/// One between two digits is for the eye.
fn without_underscores(text: &str) -> Option<String> {
    let is_odd = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!is_odd).then(|| text.replace('_', ""))
}

fn as_float(value: &Value) -> Result<f64, Refusal> {
    const PARSING: Refusal =
        ("float_parsing", "Input should be a valid number, unable to parse string as a number");
    let far = || digits(value).and_then(|digits| digits.parse().ok());
    match (float(value).or_else(far), value) {
        (Some(number), _) => Ok(number),
        (None, Value::String(text)) => {
            let text = without_underscores(text.trim());
            text.and_then(|text| text.parse().ok()).ok_or(PARSING)
        }
        (None, Value::Bool(on)) => Ok(f64::from(u8::from(*on))),
        (None, value) => value.as_f64().ok_or(("float_type", "Input should be a valid number")),
    }
}

fn as_switch(value: &Value) -> Result<bool, Refusal> {
    const PARSING: Refusal =
        ("bool_parsing", "Input should be a valid boolean, unable to interpret input");
    const TYPE: Refusal = ("bool_type", "Input should be a valid boolean");
    match value {
        _ if is_number(value) => Err(TYPE),
        Value::Bool(on) => Ok(*on),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            _ if number.is_f64() => Err(TYPE),
            _ => Err(PARSING),
        },
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" | "t" => Ok(true),
            "false" | "no" | "off" | "0" | "n" | "f" => Ok(false),
            _ => Err(PARSING),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Err(TYPE),
    }
}

pub(super) fn entry(word: &str, at: &[&str], text: &str, input: &Value) -> Value {
    json!({ "type": word, "loc": at, "msg": text, "input": input })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use axum::http::{HeaderMap, Method, header};
    use base64_simd::STANDARD;

    use super::super::request::{ApiHost, Request, model_input};
    use super::*;
    use crate::schema::Catalogue;

    /// What the service's own toolkit answers, by `tests/official/oracle.py`.
    const ORACLE: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/official/oracle.json"));

    fn request(row: &Value) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(kind) = row["kind"].as_str() {
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        let text = String::new;
        Request {
            api_host: ApiHost::Run,
            root: text(),
            cdn: text(),
            method: Method::POST,
            path: text(),
            query: text(),
            headers,
            body: STANDARD.decode_to_vec(row["body"].as_str().unwrap()).unwrap().into(),
        }
    }

    async fn answered(row: &Value) -> (u16, Value) {
        let name = format!("fal-ai/flux-pro/{}", row["endpoint"].as_str().unwrap());
        let catalogue = Catalogue::builtin();
        let endpoint = catalogue.find(&name).unwrap();
        match model_input(&request(row)) {
            Ok(body) => match validate(endpoint, &body) {
                Ok(input) => (200, input.get("seed").map_or(json!(0), echo)),
                Err(wrong) => (422, json!({ "detail": wrong })),
            },
            Err(refusal) => {
                let status = refusal.status().as_u16();
                let body = axum::body::to_bytes(refusal.into_body(), usize::MAX).await.unwrap();
                (status, serde_json::from_slice(&body).unwrap())
            }
        }
    }

    #[tokio::test]
    async fn every_body_is_answered_as_the_services_own_toolkit_does() {
        let oracle: Vec<Value> = serde_json::from_str(ORACLE).unwrap();
        assert!(oracle.len() >= 150);
        let mut different = Vec::new();
        for row in &oracle {
            let (status, body) = answered(row).await;
            let got = match status {
                200 => Value::from(python_json::written(&body)),
                _refused => serde_json::from_str(&python_json::written(&body)).unwrap(),
            };
            let wanted = if status == 200 { &row["seed"] } else { &row["refusal"] };
            if row["status"] != status || got != *wanted {
                different.push(format!("{}: {status} {got}\n  wanted {wanted}", row["name"]));
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    }
}
