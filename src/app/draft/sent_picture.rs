//! What of an input picture leaves for the service, in words: `1254×1254 jpeg 0.4 MB, reduced`.
//!
//! Encodes nothing: from what is known of the picture, or from what was made ready to be sent.

use crate::app::model::Model;
use crate::schema::Endpoint;
use crate::schema::output_size::InputNeed;
use crate::tree::Picture;

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
        }
    }

    pub fn words(&self) -> String {
        let (width, height) = self.size;
        let bytes = self.bytes.map_or(String::new(), |bytes| format!(" {}", amount(bytes)));
        let reduced = if self.is_reduced { ", reduced" } else { "" };
        let normal = if self.is_normalised { ", flat sRGB" } else { "" };
        format!("{width}×{height} {}{bytes}{reduced}{normal}", self.format)
    }
}

/// In which format a picture of this one leaves when it cannot leave as it is: what was encoded
/// with losses is so again.
pub fn sent_format(format: &str) -> &str {
    match format {
        "png" | "jpeg" | "webp" | "gif" => format,
        "heic" | "raw" => "jpeg",
        _ => "png",
    }
}

fn amount(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

impl Model {
    /// What leaves of the draft's first picture, where it is not the file itself.
    pub fn sent_otherwise(&self) -> Option<SentPicture> {
        let parent = self.draft.parent?;
        let node = self.nodes.get(&parent.node)?;
        let picture = node.pictures.iter().find(|picture| picture.hash == parent.picture)?;
        let need = self.endpoint().map(Endpoint::input_need).unwrap_or_default();
        let sent = SentPicture::forecast(picture, need);
        (sent.is_reduced || sent.is_normalised).then_some(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Hash;

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
        assert_eq!(words("heic", (800, 600), None), "800×600 jpeg, flat sRGB");
        assert_eq!(
            words("tiff", (4_000, 3_000), Some(1_572_864)),
            "1448×1086 png, reduced, flat sRGB"
        );
    }
}
