//! A result's JSON read for what we keep: pictures, seed, timings. Everything else stays raw.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app::failure::{Failure, FailureKind};
use crate::app::news::Outcome;
use crate::fal::answer::Answer;
use crate::picture;
use crate::store::media::{self, Media};
use crate::tree::Picture;

/// A file as the answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) url: String,
    pub(crate) nsfw: bool,
    /// It is named as a picture, so anything else is a mistake.
    pub(crate) is_picture: bool,
}

/// `images`, or the single `image` that other endpoints answer with; without any, whatever else
/// has an address: a film, a sound, a model of a body.
pub(crate) fn files(body: &Value) -> Vec<Listed> {
    let flags = body.get("has_nsfw_concepts").and_then(Value::as_array);
    let nsfw = |index: usize| {
        flags.and_then(|flags| flags.get(index)).and_then(Value::as_bool).unwrap_or(false)
    };
    let many = body.get("images").and_then(Value::as_array).into_iter().flatten();
    let pictures = many.chain(body.get("image")).enumerate().filter_map(|(index, file)| {
        Some(Listed { url: address(file)?, nsfw: nsfw(index), is_picture: true })
    });
    let pictures: Vec<Listed> = pictures.collect();
    if !pictures.is_empty() {
        return pictures;
    }
    let all = body.as_object().into_iter().flatten().flat_map(|(_, value)| match value {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    });
    all.filter_map(|file| Some(Listed { url: address(file)?, nsfw: false, is_picture: false }))
        .collect()
}

fn address(file: &Value) -> Option<String> {
    let url = file.get("url")?.as_str().filter(|url| !url.is_empty())?;
    Some(url.to_owned())
}

/// Checks that the bytes are what they are named and puts them into the store's media.
pub(crate) fn keep(media: &Media, bytes: &[u8], listed: &Listed) -> Result<Picture, Failure> {
    let (width, height, format) = match picture::inspect(bytes) {
        Ok(info) => (info.width, info.height, info.format.name()),
        Err(error) if listed.is_picture => {
            let text = format!("the service sent no picture: {error}");
            return Err(Failure::new(FailureKind::Protocol, text));
        }
        Err(_) => (0, 0, media::format(bytes)),
    };
    let hash = media.write(bytes)?;
    // A data URI is the file itself; keeping it as an address would keep it twice.
    let url = (!listed.url.starts_with("data:")).then(|| listed.url.clone());
    Ok(Picture {
        hash,
        width,
        height,
        format: format.to_owned(),
        bytes: bytes.len() as u64,
        nsfw: listed.nsfw,
        url,
    })
}

/// The answer and its pictures as one outcome.
pub(crate) fn assemble(answer: Answer, pictures: Vec<Picture>) -> Outcome {
    let timings = answer.body.get("timings").and_then(Value::as_object);
    let timings: BTreeMap<String, f64> = timings
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)))
        .collect();
    Outcome {
        pictures,
        seed: answer.body.get("seed").and_then(Value::as_u64),
        request_id: answer.request_id,
        billable_units: answer.billable_units,
        timings,
        raw: without_data_uris(answer.body),
    }
}

/// The raw answer is kept for ever; the pictures in it are already kept as files.
fn without_data_uris(mut body: Value) -> Value {
    for list in ["images", "image"] {
        let files: Vec<&mut Value> = match body.get_mut(list) {
            Some(Value::Array(files)) => files.iter_mut().collect(),
            Some(file) => vec![file],
            None => continue,
        };
        for file in files {
            if let Some(url) = file.get_mut("url")
                && url.as_str().is_some_and(|url| url.starts_with("data:"))
            {
                *url = Value::from("data:");
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pictures_are_found_in_lists_and_alone_with_their_flags() {
        let body = json!({"images": [{"url": "https://a"}, {"url": ""}, {"url": "https://b"}],
                          "has_nsfw_concepts": [false, false, true]});
        let found: Vec<_> = files(&body).into_iter().map(|p| (p.url, p.nsfw)).collect();
        assert_eq!(found, [("https://a".into(), false), ("https://b".into(), true)]);
        assert_eq!(files(&json!({"image": {"url": "x"}})).len(), 1);
        for nothing in [json!({}), json!([]), json!({"images": "x"}), json!({"images": [1]})] {
            assert_eq!(files(&nothing), []);
        }
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
    fn data_uris_are_not_kept_twice() {
        let body = json!({"images": [{"url": "data:image/png;base64,AAAA"}], "seed": 1});
        assert_eq!(without_data_uris(body), json!({"images": [{"url": "data:"}], "seed": 1}));
    }
}
