//! Checks of an input as the service's own toolkit words them (pydantic 2, lax mode).
//!
//! The shapes come from the schema documents; the words and codes from the toolkit run locally.

use serde_json::{Map, Value, json};

use crate::schema::kind::{Kind, Wire};
use crate::schema::{Endpoint, Param};

/// The input with defaults filled in and unknown fields dropped, or the `detail` list of a 422.
pub(super) fn validate(
    endpoint: &Endpoint,
    body: &Value,
) -> Result<Map<String, Value>, Vec<Value>> {
    let at = At::root("body");
    let Some(given) = body.as_object() else {
        let text = "Input should be a valid dictionary";
        return Err(vec![at.wrong("model_attributes_type", text, body)]);
    };
    fields(&endpoint.params, &at, given, body)
}

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
        json!({ "type": word, "loc": self.0, "msg": text, "input": input })
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
            Value::String(_) => Ok(value.clone()),
            _ => Err(one("string_type", "Input should be a valid string")),
        },
        Wire::List { of, min, max } => list(of, (min, max), at, value),
        Wire::Switch => {
            let is_told = value.is_number() || value.is_string();
            let word = if is_told { "bool_parsing" } else { "bool_type" };
            let wrong = || one(word, "Input should be a valid boolean");
            as_switch(value).map(Value::from).ok_or_else(wrong)
        }
        Wire::OneOf { options, open } => match value.as_str() {
            Some(text) if open || options.iter().any(|option| option == text) => Ok(value.clone()),
            _ => Err(vec![wrong_choice(options, at, value)]),
        },
        Wire::Whole { min, max } => {
            let number = as_integer(value).map_err(|(word, text)| one(word, text))?;
            let limit = |limit: Option<i64>| limit.map(|limit| limit as f64);
            in_range(number as f64, limit(min), limit(max), at, value)?;
            Ok(Value::from(number))
        }
        Wire::Number { min, max } => {
            let text = value.as_str().and_then(|text| text.trim().parse().ok());
            let switch = value.as_bool().map(|on| f64::from(u8::from(on)));
            let number = value.as_f64().or(text).or(switch).ok_or_else(|| {
                let word = if value.is_string() { "float_parsing" } else { "float_type" };
                one(word, "Input should be a valid number")
            })?;
            in_range(number, min, max, at, value)?;
            Ok(json!(number))
        }
        Wire::Object { fields: params } => match value.as_object() {
            Some(given) => fields(params, at, given, value).map(Value::Object),
            None => Err(one("model_attributes_type", "Input should be a valid dictionary")),
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

fn in_range(
    number: f64,
    min: Option<f64>,
    max: Option<f64>,
    at: &At,
    value: &Value,
) -> Result<(), Vec<Value>> {
    let beyond = |word: &str, name: &str, text: &str, limit: f64| {
        let shown = if limit.fract() == 0.0 { json!(limit as i64) } else { json!(limit) };
        let text = format!("Input should be {text} {shown}");
        vec![at.wrong_with(word, &text, value, json!({ name: shown }))]
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
