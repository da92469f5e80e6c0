//! A result's JSON read for its files, its seed and its warnings, in every form that services and
//! gateways give them.
//!
//! Pure. Invariant: any JSON is read without complaint; what is not understood is not there.

use serde_json::{Map, Value};

/// A file as the answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// An address, or a data URI.
    pub(crate) url: String,
    pub(crate) nsfw: bool,
    /// It is named as a picture.
    pub(crate) is_picture: bool,
}

/// Where answers keep their pictures: the service's own names first.
const PICTURES: [&str; 6] = ["images", "image", "image_urls", "image_url", "pictures", "picture"];
/// Where gateways keep the whole answer, or files without saying of which kind.
const AROUND: [&str; 8] =
    ["output", "outputs", "result", "results", "data", "response", "artifacts", "files"];
/// How deep answers are wrapped, and no deeper.
const DEEPEST: usize = 4;
/// Where one file keeps its address, and where its bytes.
const ADDRESSES: [&str; 5] = ["url", "image_url", "uri", "file_url", "src"];
const BYTES: [&str; 5] = ["b64_json", "base64", "b64", "file_data", "image_base64"];
/// How the filter's word is spelt.
const FLAGS: [&str; 5] =
    ["has_nsfw_concepts", "has_nsfw_concept", "nsfw_content_detected", "is_nsfw", "nsfw"];
/// Shorter strings cannot be a picture.
const FEWEST_LETTERS: usize = 64;

/// `images`, or the single `image` that other endpoints answer with; without any, whatever else
/// has an address: a film, a sound, a model of a body.
pub(crate) fn files(body: &Value) -> Vec<Listed> {
    let mut found = wrapped(body, 0);
    if found.is_empty() {
        found = anything(body);
    }
    let flags = FLAGS.iter().find_map(|name| body.get(name));
    for (place, file) in found.iter_mut().enumerate() {
        let flag = match flags {
            Some(Value::Array(flags)) => flags.get(place),
            flag => flag,
        };
        file.nsfw |= flag.is_some_and(means_yes);
    }
    found
}

fn wrapped(body: &Value, depth: usize) -> Vec<Listed> {
    if depth > DEEPEST {
        return Vec::new();
    }
    match body {
        Value::Array(values) => values.iter().flat_map(|value| one(value, false, depth)).collect(),
        Value::Object(map) => {
            let named = PICTURES.iter().find_map(|name| listed(map, name, true, depth));
            let around = || AROUND.iter().find_map(|name| listed(map, name, false, depth));
            named.or_else(around).unwrap_or_default()
        }
        Value::String(_) => one(body, false, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn listed(
    map: &Map<String, Value>,
    name: &str,
    is_picture: bool,
    depth: usize,
) -> Option<Vec<Listed>> {
    let value = map.get(name)?;
    let found: Vec<Listed> = match value {
        Value::Array(values) => {
            values.iter().flat_map(|value| one(value, is_picture, depth)).collect()
        }
        value => one(value, is_picture, depth),
    };
    (!found.is_empty()).then_some(found)
}

/// One entry: an address, bytes, an object with either, or one more wrapping.
fn one(value: &Value, is_picture: bool, depth: usize) -> Vec<Listed> {
    let Some(url) = address(value) else {
        return match value {
            Value::Object(_) => wrapped(value, depth + 1),
            _ => Vec::new(),
        };
    };
    let mime = value.get("content_type").and_then(Value::as_str).unwrap_or_default();
    let is_picture = is_picture || mime.starts_with("image/") || has_picture_ending(&url);
    let nsfw = FLAGS.iter().filter_map(|name| value.get(name)).any(means_yes);
    vec![Listed { url, nsfw, is_picture }]
}

/// Whatever has an address, by any name.
fn anything(body: &Value) -> Vec<Listed> {
    let all = body.as_object().into_iter().flatten().flat_map(|(_, value)| match value {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    });
    let with_address = all.filter(|value| value.is_object());
    with_address
        .filter_map(address)
        .map(|url| Listed { url, nsfw: false, is_picture: false })
        .collect()
}

fn address(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return address_in(text).or_else(|| data_uri(text));
    }
    let at = ADDRESSES.iter().filter_map(|name| value.get(name)).find_map(|url| match url {
        Value::String(text) => address_in(text),
        // `{"url": {"url": "…"}}` has been seen.
        Value::Object(_) => address_in(url.get("url")?.as_str()?),
        _ => None,
    });
    let inside = || {
        let texts = BYTES.iter().filter_map(|name| value.get(name)?.as_str());
        texts.filter_map(|text| address_in(text).or_else(|| data_uri(text))).next()
    };
    at.or_else(inside)
}

fn address_in(text: &str) -> Option<String> {
    let text = text.trim();
    let starts = |scheme: &str| {
        text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    ["https://", "http://", "data:"].into_iter().any(starts).then(|| text.to_owned())
}

/// Bare base64, as some gateways send it.
fn data_uri(text: &str) -> Option<String> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(&byte);
    let is_long = text.len() >= FEWEST_LETTERS;
    (is_long && text.bytes().all(is_base64)).then(|| format!("data:;base64,{text}"))
}

fn has_picture_ending(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"].iter().any(|ending| path.ends_with(ending))
}

fn means_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
        Value::String(text) => {
            matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "yes" | "1")
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The seed, also as text, as a float, or alone in a list.
pub(crate) fn seed(body: &Value) -> Option<u64> {
    let whole = |number: f64| {
        let fits = (0.0..9.0e15).contains(&number) && number.fract() == 0.0;
        fits.then_some(number as u64)
    };
    match body.get("seed")? {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
        }
        Value::Array(seeds) => seeds.first()?.as_u64(),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// What the service says in an answer that names no file.
pub(crate) fn words(body: &Value) -> Option<String> {
    let places = ["/detail", "/error/message", "/error", "/message", "/detail/0/msg", "/reason"];
    let texts = places.iter().filter_map(|place| body.pointer(place)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn urls(body: &Value) -> Vec<String> {
        files(body).into_iter().map(|file| file.url).collect()
    }

    #[test]
    fn pictures_are_found_in_every_form_that_was_seen() {
        let base64 = "iVBORw0KGgo".repeat(10);
        let inline = format!("data:;base64,{base64}");
        let table = [
            (json!({"images": [{"url": "https://a"}, {"url": "https://b"}]}), 2),
            (json!({"images": {"url": "https://a"}}), 1),
            (json!({"images": ["https://a", "data:image/png;base64,AA"]}), 2),
            (json!({"image": "HTTPS://a"}), 1),
            (json!({"image": {"image_url": "https://a"}}), 1),
            (json!({"image": {"url": {"url": "https://a"}}}), 1),
            (json!({"output": "https://a/x.png"}), 1),
            (json!({"output": ["https://a", "https://b"]}), 2),
            (json!({"output": {"images": [{"url": "https://a"}]}}), 1),
            (json!({"data": {"images": [{"url": "https://a"}]}}), 1),
            (json!({"data": [{"b64_json": base64}]}), 1),
            (json!({"data": [{"url": "https://a"}], "images": []}), 1),
            (json!({"result": {"data": {"output": {"image": "https://a"}}}}), 1),
            (json!(["https://a"]), 1),
            (json!({"images": [{"base64": base64}]}), 1),
        ];
        for (body, count) in table {
            assert_eq!(files(&body).len(), count, "{body}");
        }
        assert_eq!(urls(&json!({"image": base64})), [inline]);
        for nothing in
            [json!({}), json!([]), json!(null), json!({"images": "x"}), json!({"images": [1]})]
        {
            assert_eq!(files(&nothing), [], "{nothing}");
        }
    }

    #[test]
    fn the_filters_word_is_read_in_every_spelling() {
        let flags =
            |body: &Value| files(body).into_iter().map(|file| file.nsfw).collect::<Vec<_>>();
        let two = json!([{"url": "https://a"}, {"url": "https://b"}]);
        let yes =
            [json!([false, true]), json!([0, 1]), json!(["false", "True"]), json!(["0", "yes"])];
        for flag in yes {
            let body = json!({"images": two, "has_nsfw_concepts": flag});
            assert_eq!(flags(&body), [false, true], "{body}");
        }
        for flag in [json!(true), json!("true"), json!(1)] {
            let body = json!({"images": two, "nsfw": flag});
            assert_eq!(flags(&body), [true, true], "{body}");
        }
        let inside = json!({"images": [{"url": "https://a", "is_nsfw": "true"}]});
        assert_eq!(flags(&inside), [true]);
        let short = json!({"images": two, "has_nsfw_concepts": [true]});
        assert_eq!(flags(&short), [true, false]);
    }

    #[test]
    fn without_pictures_whatever_has_an_address_is_the_result() {
        let body = json!({"seed": 1, "video": {"url": "https://v", "content_type": "video/mp4"}});
        let found: Vec<_> = files(&body).into_iter().map(|p| (p.url, p.is_picture)).collect();
        assert_eq!(found, [("https://v".into(), false)]);
        let body = json!({"images": [{"url": "https://p"}], "archive": {"url": "https://z"}});
        assert_eq!(files(&body).len(), 1);
    }

    #[test]
    fn seeds_are_whole_numbers_however_they_are_written() {
        let table = [
            (json!(7), Some(7)),
            (json!(7.0), Some(7)),
            (json!("7"), Some(7)),
            (json!("7.0"), Some(7)),
            (json!(18_446_744_073_709_551_615_u64), Some(u64::MAX)),
            (json!([7]), Some(7)),
            (json!(7.5), None),
            (json!(-1), None),
            (json!("x"), None),
            (json!(null), None),
        ];
        for (seed, expected) in table {
            assert_eq!(super::seed(&json!({ "seed": seed })), expected, "{seed}");
        }
    }

    #[test]
    fn an_answer_wrapped_without_end_is_left() {
        let mut body = json!({"images": ["https://a"]});
        for _ in 0..50 {
            body = json!({ "output": body });
        }
        assert_eq!(files(&body), []);
    }
}
