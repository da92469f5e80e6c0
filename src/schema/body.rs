//! Whether two request bodies are the same request: ours as it was kept, and one that a service lists.
//!
//! Pure. Invariant: pictures inside a body are compared by their hash, so that a kept body is small,
//! and to bring a kept body into that form again changes nothing.

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

/// Longer texts are kept as their hash.
const LONGEST: usize = 4_096;

/// The body with every long text as its hash.
#[must_use]
pub fn brief(body: &Value) -> Value {
    match body {
        Value::String(text) if text.len() > LONGEST => {
            let digest = digest(&SHA256, text.as_bytes());
            let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256:{hex}").into()
        }
        Value::Array(values) => values.iter().map(brief).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), brief(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => body.clone(),
    }
}

/// How alike a listed body is to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    Same,
    /// The same words with something else: it may be ours as the service has rewritten it.
    Alike,
    Other,
}

/// Compares what was sent with what is listed. Fields that are only listed are the service's own
/// defaults.
pub fn sameness(ours: &Value, listed: &Value) -> Sameness {
    let (ours, listed) = (brief(ours), brief(listed));
    let (Some(own), Some(theirs)) = (ours.as_object(), listed.as_object()) else {
        return if same(&ours, &listed) { Sameness::Same } else { Sameness::Other };
    };
    let is_there =
        |(name, value): (&String, &Value)| theirs.get(name).is_some_and(|it| same(value, it));
    if own.iter().all(is_there) {
        return Sameness::Same;
    }
    let words = |body: &Map<String, Value>| {
        body.get("prompt").and_then(Value::as_str).map(|words| words.trim().to_owned())
    };
    // Only other words are surely another request: a picture may be listed under another address.
    match (words(own), words(theirs)) {
        (Some(own), Some(theirs)) if own != theirs => Sameness::Other,
        (Some(_) | None, Some(_) | None) => Sameness::Alike,
    }
}

/// Numbers are equal by what they say, however they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|it| same(value, it))
            };
            one.len() == other.len() && one.iter().all(is_there)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_known_again_whatever_a_service_adds_or_how_it_writes_numbers() {
        let picture = format!("data:image/png;base64,{}", "A".repeat(10_000));
        let ours =
            json!({ "prompt": "Make it red", "image_url": picture, "seed": 7, "scale": 3.5 });
        let kept = brief(&ours);
        assert!(kept.to_string().len() < 300, "{kept}");
        assert_eq!(brief(&kept), kept);
        for listed in [
            ours.clone(),
            json!({ "scale": 3.5, "seed": 7.0, "prompt": "Make it red", "image_url": picture,
                    "num_images": 1 }),
        ] {
            assert_eq!(sameness(&kept, &listed), Sameness::Same, "{listed}");
        }
        let other_seed = json!({ "prompt": "Make it red", "image_url": picture, "seed": 8 });
        assert_eq!(sameness(&kept, &other_seed), Sameness::Alike);
        assert_eq!(sameness(&kept, &json!({ "prompt": "Make it blue" })), Sameness::Other);
        assert_eq!(sameness(&kept, &Value::Null), Sameness::Other);
    }
}
