//! What of an input picture leaves for the service, in words: `1254×1254 jpeg 0.4 MB, reduced`.
//!
//! Encodes nothing: from what is known of the picture at first, then from what the runtime has made
//! ready to be sent.

use std::collections::BTreeMap;

use crate::app::model::Model;
use crate::schema::Endpoint;
use crate::schema::output_size::InputNeed;
use crate::tree::{Hash, Input, Picture};

/// A camera's raw file, of which only the preview is used.
pub const RAW: &str = "raw";

/// A picture in the form in which it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPicture {
    pub size: (u32, u32),
    /// As in `image/…`.
    pub format: String,
    /// `None`: not known before it is encoded.
    pub bytes: Option<u64>,
    pub is_reduced: bool,
    /// Into sRGB, 8 bits, over white.
    pub is_normalised: bool,
    /// What a camera has put into its raw file to be looked at.
    pub is_preview: bool,
    /// Nothing else is done but to leave out what may be private: place, time, camera.
    pub is_bare: bool,
}

impl SentPicture {
    /// What the file's size and format tell.
    pub fn forecast(picture: &Picture, need: InputNeed) -> Self {
        let size = (picture.width, picture.height);
        let format = sent_format(&picture.format);
        let is_other = format != picture.format;
        let whole = matches!(format, "webp" | "gif");
        let reduced = need.reduced(size, !is_other).filter(|_| !whole);
        Self {
            size: reduced.unwrap_or(size),
            format: format.to_owned(),
            bytes: (reduced.is_none() && !is_other).then_some(picture.bytes),
            is_reduced: reduced.is_some(),
            is_normalised: is_other,
            is_preview: picture.format == RAW,
            is_bare: false,
        }
    }

    /// It is not the very file.
    pub fn is_other(&self) -> bool {
        self.is_reduced || self.is_normalised || self.is_bare
    }

    pub fn words(&self) -> String {
        let (width, height) = self.size;
        let bytes = self.bytes.map_or(String::new(), |bytes| format!(" {}", amount(bytes)));
        let reduced = if self.is_reduced { ", reduced" } else { "" };
        let normal = if self.is_normalised { ", flat sRGB" } else { "" };
        let preview = if self.is_preview { ", the preview in the raw file" } else { "" };
        let bare = if self.is_bare { ", without metadata" } else { "" };
        format!("{width}×{height} {}{bytes}{reduced}{normal}{preview}{bare}", self.format)
    }
}

/// In which format a picture of this one leaves when it cannot leave as it is: what was encoded
/// with losses is so again.
pub fn sent_format(format: &str) -> &str {
    match format {
        "png" | "jpeg" | "webp" | "gif" => format,
        "heic" | RAW => "jpeg",
        _ => "png",
    }
}

fn amount(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// What leaves of the draft's pictures, as the runtime has made it ready.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentPictures {
    need: InputNeed,
    /// `None`: asked for, or not to be told.
    known: BTreeMap<Hash, Option<SentPicture>>,
}

impl SentPictures {
    /// Which of these are to be asked for: they count as asked for, and others are forgotten. Those
    /// without an answer are named again with new ones, since the task gives way to the next.
    pub(super) fn missing(&mut self, need: InputNeed, pictures: &[Hash]) -> Vec<Hash> {
        if self.need != need {
            *self = Self { need, known: BTreeMap::new() };
        }
        if pictures.iter().all(|hash| self.known.contains_key(hash)) {
            return Vec::new();
        }
        self.known.retain(|hash, _| pictures.contains(hash));
        for hash in pictures {
            self.known.entry(*hash).or_default();
        }
        let unanswered = self.known.iter().filter(|(_, sent)| sent.is_none());
        unanswered.map(|(hash, _)| *hash).collect()
    }

    /// What was asked for before the draft went to another endpoint is nothing by now.
    pub fn take(&mut self, need: InputNeed, sent: Vec<(Hash, Option<SentPicture>)>) {
        for (hash, sent) in sent.into_iter().filter(|_| need == self.need) {
            if let Some(known) = self.known.get_mut(&hash) {
                *known = sent;
            }
        }
    }
}

impl Model {
    /// What leaves of a picture of the draft. `None`: the picture is not loaded yet.
    pub fn sent(&self, input: &Input) -> Option<SentPicture> {
        let Input::Picture(at) = input else { return None };
        let known = || self.composer.sent.known.get(&at.picture)?.clone();
        let forecast = || {
            let need = self.endpoint().map(Endpoint::input_need).unwrap_or_default();
            self.picture(*at).map(|picture| SentPicture::forecast(picture, need))
        };
        known().or_else(forecast)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(format: &str, size: (u32, u32), most_pixels: Option<u32>) -> String {
        let picture = Picture {
            hash: Hash([0; 32]),
            width: size.0,
            height: size.1,
            format: format.into(),
            bytes: 1_234_567,
            nsfw: false,
            url: None,
        };
        SentPicture::forecast(&picture, InputNeed { most_pixels, opacity: false }).words()
    }

    #[test]
    fn size_format_and_what_is_done_are_told() {
        assert_eq!(words("png", (1_248, 832), Some(1_572_864)), "1248×832 png 1.2 MB");
        assert_eq!(words("jpeg", (4_000, 3_000), Some(1_572_864)), "1448×1086 jpeg, reduced");
        let raw = words("raw", (800, 600), None);
        assert_eq!(raw, "800×600 jpeg, flat sRGB, the preview in the raw file");
        assert_eq!(words("heic", (800, 600), None), "800×600 jpeg, flat sRGB");
        assert_eq!(
            words("tiff", (4_000, 3_000), Some(1_572_864)),
            "1448×1086 png, reduced, flat sRGB"
        );
    }
}
