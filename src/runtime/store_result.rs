//! From a result and the bytes of its files to what is kept of them.
//!
//! Invariant: bytes that arrived are kept whatever they are, unless they are plainly not the file
//! but a page about it.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::listed::{self, Listed};
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::answer::{Answer, Outcome};
use crate::picture;
use crate::picture::signature;
use crate::store::media::Media;
use crate::tree::Picture;

/// The last chunk of a PNG, with its length and check sum.
const PNG_END: usize = 12;
/// Some encoders write a little behind the end.
const TRAILER: usize = 1 << 16;
/// Longer texts without a blank are bytes, which are kept as files.
const LONGEST_TEXT: usize = 4_096;

/// The bytes, and whether only the account may read them.
pub(crate) struct Arrived {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_private: bool,
}

/// The answer names no file; what it says instead.
pub(crate) fn no_file(body: &Value) -> Failure {
    let text = match listed::words(body) {
        Some(words) => format!("the answer names no picture and no other file: {words}"),
        None => "the answer names no picture and no other file".to_owned(),
    };
    Failure::new(FailureKind::Protocol, text)
}

/// The bytes are named as a picture and are not a whole one.
pub(crate) fn needs_a_second_look(bytes: &[u8], listed: &Listed) -> bool {
    let is_elsewhere = !listed.url.starts_with("data:");
    let is_whole = || picture::decode(bytes, picture::Limits::default()).is_ok();
    let is_other =
        || !matches!(signature::of(bytes).name, "png" | "jpeg" | "webp" | "gif" | "file");
    listed.is_picture && is_elsewhere && !is_other() && !is_whole()
}

/// A picture whose end is missing: its bytes are kept, and it is asked for again.
pub(crate) fn is_cut(bytes: &[u8], listed: &Listed) -> bool {
    let last = |count: usize| bytes.get(bytes.len().saturating_sub(count)..).unwrap_or_default();
    let has_end = match signature::of(bytes).name {
        "png" => last(PNG_END).windows(4).any(|word| word == b"IEND"),
        "jpeg" => last(TRAILER).windows(2).any(|mark| mark == [0xff, 0xd9]),
        "gif" => last(TRAILER).contains(&b';'),
        "webp" => match bytes.get(4..8) {
            Some([a, b, c, d]) => {
                u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8 <= bytes.len() as u64
            }
            Some(_) | None => false,
        },
        _ => true,
    };
    listed.is_picture && !listed.url.starts_with("data:") && !has_end
}

/// It is in the store, and not whole.
pub(crate) fn is_to_be_had_again(picture: &Picture) -> bool {
    !picture.is_picture() && matches!(picture.format.as_str(), "png" | "jpeg" | "gif" | "webp")
}

/// Some stores compress what is compressed already, and do not say so.
pub(crate) fn unpacked(bytes: Vec<u8>, listed: &Listed) -> Vec<u8> {
    if !listed.is_picture || !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut unpacked = Vec::new();
    let most = picture::Limits::default().bytes;
    match GzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut unpacked) {
        Ok(count) if (count as u64) < most => unpacked,
        Ok(_) | Err(_) => bytes,
    }
}

/// A page in place of the file: a log-in page, a store's own error. Nothing, too.
pub(crate) fn check(bytes: &[u8], listed: &Listed) -> Result<(), Failure> {
    let wrong = |text: &str| Err(Failure::new(FailureKind::Protocol, text));
    if bytes.is_empty() {
        return wrong("the address of the picture answers with nothing");
    }
    if listed.is_picture && is_page(bytes) {
        return wrong("the address of the picture answers with a page");
    }
    Ok(())
}

fn is_page(bytes: &[u8]) -> bool {
    let Ok(head) = std::str::from_utf8(bytes.get(..bytes.len().min(LONGEST_TEXT)).unwrap_or(bytes))
    else {
        return false;
    };
    let head = head.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let starts = ["<!doctype", "<html", "<head", "<body", "<error", "{\"", "{ \"", "[{"];
    let is_marked = starts.iter().any(|start| head.starts_with(start));
    let is_xml = head.starts_with("<?xml");
    (is_marked || is_xml) && !head.contains("<svg")
}

/// What is here of the answer, by place.
pub(crate) fn by_place(answer: &Answer, have: &[Picture]) -> Vec<Option<Picture>> {
    let of = |listed: &Listed| {
        have.iter().find(|picture| picture.url.as_ref() == Some(&listed.url)).cloned()
    };
    listed::files(&answer.body).iter().map(of).collect()
}

/// Puts the bytes into the store's media. Anything that cannot be shown as a picture is kept as a file.
pub(crate) fn store_picture(
    media: &Media,
    bytes: &[u8],
    listed: &Listed,
) -> Result<Picture, Failure> {
    let whole = || picture::decode(bytes, picture::Limits::default()).ok();
    let info = picture::inspect(bytes).ok().filter(|_| !listed.is_picture || whole().is_some());
    let (width, height, format) = match info {
        Some(info) => (info.width, info.height, info.format.name()),
        None => (0, 0, signature::of(bytes).name),
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
        seed: listed::seed(&answer.body),
        request_id: answer.request_id,
        billable_units: answer.billable_units,
        timings,
        served_from: answer.served_from,
        raw: without_bytes(answer.body),
    }
}

/// The raw answer is kept for ever; the pictures in it are already kept as files.
fn without_bytes(body: Value) -> Value {
    match body {
        Value::String(text) if text.starts_with("data:") => Value::from("data:"),
        Value::String(text) if text.len() > LONGEST_TEXT && !text.contains(' ') => {
            Value::from("base64:")
        }
        Value::Array(values) => values.into_iter().map(without_bytes).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(name, value)| (name, without_bytes(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    #[test]
    fn data_uris_are_not_kept_twice() {
        let body = json!({"images": [{"url": "data:image/png;base64,AAAA"}], "seed": 1,
            "data": [{"b64_json": "A".repeat(5_000)}], "words": "a b ".repeat(2_000)});
        let kept = without_bytes(body.clone());
        assert_eq!(kept["images"], json!([{"url": "data:"}]));
        assert_eq!(kept["data"], json!([{"b64_json": "base64:"}]));
        assert_eq!((&kept["seed"], &kept["words"]), (&body["seed"], &body["words"]));
    }

    #[test]
    fn a_picture_without_its_end_is_asked_for_again() {
        let listed = Listed { url: "https://a".into(), nsfw: false, is_picture: true };
        let whole: [&[u8]; 5] = [
            b"\x89PNG....\0\0\0\0IEND\xaeB`\x82",
            b"\xff\xd8\xff....\xff\xd9",
            b"GIF89a...;",
            b"RIFF\x10\0\0\0WEBPVP8 12345678",
            b"II*\0abc",
        ];
        for bytes in whole {
            assert!(!is_cut(bytes, &listed), "{bytes:?}");
            let is_ours = signature::of(bytes).name != "tiff";
            assert_eq!(is_cut(&bytes[..bytes.len() - 5], &listed), is_ours, "{bytes:?}");
        }
        assert!(!is_cut(&whole[0][..9], &Listed { is_picture: false, ..listed }));
    }

    #[test]
    fn a_page_is_no_picture_and_everything_else_is_kept() {
        let listed = Listed { url: "https://a".into(), nsfw: false, is_picture: true };
        let pages: [&[u8]; 6] = [
            b"",
            b"<!DOCTYPE html><title>Log in</title>",
            b"\xef\xbb\xbf <html>",
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            b"{\"detail\":\"not here\"}",
            b"<Error>",
        ];
        for page in pages {
            assert!(check(page, &listed).is_err(), "{}", String::from_utf8_lossy(page));
        }
        let files: [&[u8]; 4] =
            [b"<svg xmlns=\"x\">", b"<?xml version=\"1.0\"?><svg>", b"II*\0abc", b"\x89PNG cut"];
        for file in files {
            assert!(check(file, &listed).is_ok(), "{}", String::from_utf8_lossy(file));
        }
    }
}
