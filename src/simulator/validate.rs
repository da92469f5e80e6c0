//! Checks of an input as the service's own toolkit words them (pydantic 2, lax mode).
//!
//! The shapes come from the schema documents; the words and codes from the toolkit run locally.

use serde_json::{Map, Value, json};

use crate::schema::kind::Wire;
use crate::schema::{Endpoint, Param};

/// The input with defaults filled in and unknown fields dropped, or the `detail` list of a 422.
pub(super) fn validate(
    endpoint: &Endpoint,
    body: &Value,
) -> Result<Map<String, Value>, Vec<Value>> {
    let Some(given) = body.as_object() else {
        let entry =
            entry("model_attributes_type", &["body"], "Input should be a valid dictionary", body);
        return Err(vec![entry]);
    };
    let (mut input, mut wrong) = (Map::new(), Vec::new());
    for param in &endpoint.params {
        // Nothing is something only where a field may be left empty.
        let may_be_null = !param.required && param.default.is_none();
        match given.get(&param.name).filter(|value| !(may_be_null && value.is_null())) {
            Some(value) => match check(param, value) {
                Ok(value) => {
                    input.insert(param.name.clone(), value);
                }
                Err(entry) => wrong.push(entry),
            },
            None if param.required => {
                wrong.push(entry("missing", &["body", &param.name], "Field required", body));
            }
            None => {
                if let Some(default) = &param.default {
                    input.insert(param.name.clone(), default.clone());
                }
            }
        }
    }
    if wrong.is_empty() { Ok(input) } else { Err(wrong) }
}

fn check(param: &Param, value: &Value) -> Result<Value, Value> {
    let at = ["body", param.name.as_str()];
    match param.kind.wire() {
        Wire::Text | Wire::Address => match value {
            Value::String(_) => Ok(value.clone()),
            _ => Err(entry("string_type", &at, "Input should be a valid string", value)),
        },
        // Lists of anything but pictures are known from imported endpoints alone, and the simulator
        // serves none of those.
        Wire::List { of, .. } => match value {
            Value::Array(items)
                if of.wire() != Wire::Address || items.iter().all(Value::is_string) =>
            {
                Ok(value.clone())
            }
            _ => Err(entry("list_type", &at, "Input should be a valid list", value)),
        },
        Wire::Switch => {
            let is_told = value.is_number() || value.is_string();
            let word = if is_told { "bool_parsing" } else { "bool_type" };
            let wrong = || entry(word, &at, "Input should be a valid boolean", value);
            as_switch(value).map(Value::from).ok_or_else(wrong)
        }
        Wire::OneOf { options, open } => match value.as_str() {
            Some(text) if open || options.iter().any(|option| option == text) => Ok(value.clone()),
            _ => Err(wrong_choice(options, &at, value)),
        },
        Wire::Whole { min, max } => {
            let number = as_integer(value).map_err(|(word, text)| entry(word, &at, text, value))?;
            let limit = |limit: Option<i64>| limit.map(|limit| limit as f64);
            in_range(number as f64, limit(min), limit(max), &at, value)?;
            Ok(Value::from(number))
        }
        Wire::Number { min, max } => {
            let text = value.as_str().and_then(|text| text.trim().parse().ok());
            let switch = value.as_bool().map(|on| f64::from(u8::from(on)));
            let number = value.as_f64().or(text).or(switch).ok_or_else(|| {
                let word = if value.is_string() { "float_parsing" } else { "float_type" };
                entry(word, &at, "Input should be a valid number", value)
            })?;
            in_range(number, min, max, &at, value)?;
            Ok(json!(number))
        }
        Wire::Object { .. } | Wire::Any => Ok(value.clone()),
        Wire::Sides { presets, .. } => match value {
            Value::String(text) if presets.contains(text) => Ok(value.clone()),
            Value::Object(size) if size.values().all(Value::is_u64) => Ok(value.clone()),
            _ => Err(wrong_choice(presets, &at, value)),
        },
    }
}

fn wrong_choice(options: &[String], at: &[&str], value: &Value) -> Value {
    let quoted: Vec<String> = options.iter().map(|option| format!("'{option}'")).collect();
    let expected = match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    };
    let mut entry = entry("literal_error", at, &format!("Input should be {expected}"), value);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("ctx".into(), json!({ "expected": expected }));
    }
    entry
}

fn in_range(
    number: f64,
    min: Option<f64>,
    max: Option<f64>,
    at: &[&str],
    value: &Value,
) -> Result<(), Value> {
    let beyond = |word: &str, name: &str, text: &str, limit: f64| {
        let shown = if limit.fract() == 0.0 { json!(limit as i64) } else { json!(limit) };
        let mut entry = entry(word, at, &format!("Input should be {text} {shown}"), value);
        if let Some(entry) = entry.as_object_mut() {
            entry.insert("ctx".into(), json!({ name: shown }));
        }
        entry
    };
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(beyond("less_than_equal", "le", "less than or equal to", max));
    }
    if let Some(min) = min.filter(|min| number < *min) {
        return Err(beyond("greater_than_equal", "ge", "greater than or equal to", min));
    }
    Ok(())
}

fn as_integer(value: &Value) -> Result<i64, (&'static str, &'static str)> {
    const PARSING: (&str, &str) =
        ("int_parsing", "Input should be a valid integer, unable to parse string as an integer");
    const FRACTION: (&str, &str) =
        ("int_from_float", "Input should be a valid integer, got a number with a fractional part");
    match value {
        Value::String(text) => text.trim().parse().map_err(|_| PARSING),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Ok(number),
            (None, Some(number)) if number.fract() == 0.0 => Ok(number as i64),
            _ => Err(FRACTION),
        },
        Value::Bool(on) => Ok(i64::from(*on)),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(("int_type", "Input should be a valid integer"))
        }
    }
}

fn as_switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" | "t" => Some(true),
            "false" | "no" | "off" | "0" | "n" | "f" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn entry(word: &str, at: &[&str], text: &str, input: &Value) -> Value {
    json!({ "type": word, "loc": at, "msg": text, "input": input })
}
