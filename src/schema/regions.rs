//! Boxes of a picture, each with its own words, as models read them in the prompt.
//!
//! The prompt that is sent holds them at its end, so that a recipe is whole by its prompt alone:
//! [`RegionForm::write`] puts them there and [`read`] finds them again. Pure; knows no pixels but
//! those it is given. Invariant: what was written is read again, and written the same once more.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How an endpoint wants to be told of boxes. Both forms end the prompt with a JSON array whose
/// boxes are `[top, left, bottom, right]` in thousandths of the picture's sides, by the model's
/// page on bounding boxes (docs.bfl.ai, FLUX 3 Image).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionForm {
    /// Parts of the first picture that are to change. The page shows the array; the sentence before
    /// it, which names each box by its id as the page does, is editree's own.
    Anchors,
    /// What a new picture is to show, and where.
    Elements,
}

/// A part of a picture, and what is to be seen in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    pub part: RegionPart,
    /// Empty: what the rest of the prompt says.
    #[serde(default)]
    pub words: String,
}

/// Top, left, bottom and right, each from 0 to 1000 of the picture's side; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegionPart([u16; 4]);

/// More are more than a prompt can tell apart.
pub const MOST: usize = 8;

const FORM: &str = "TOP,LEFT,BOTTOM,RIGHT, each from 0 to 1000";

/// The far end of a side.
const FULL: u16 = 1_000;

/// A prompt taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub form: RegionForm,
    /// What stands before the boxes.
    pub words: String,
    pub regions: Vec<Region>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor<'a> {
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    from: Cow<'a, str>,
    src_bbox: [u16; 4],
    tgt_bbox: [u16; 4],
    desc: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Element<'a> {
    id: Cow<'a, str>,
    bbox: [u16; 4],
    desc: Cow<'a, str>,
}

impl RegionForm {
    /// The prompt with its boxes at the end. A box without words of its own gets those of the
    /// prompt; where there are none either, nothing was said.
    pub fn write(self, words: &str, regions: &[Region]) -> String {
        let words = words.trim();
        let is_silent = |region: &Region| region.words.trim().is_empty();
        if regions.is_empty() || (words.is_empty() && regions.iter().any(is_silent)) {
            return words.to_owned();
        }
        let filled: Vec<Region> = regions.iter().map(|region| region.or_words(words)).collect();
        let is_said = filled != regions;
        let before = if is_said || words.is_empty() { "" } else { words };
        let gap = if before.is_empty() { "" } else { " " };
        format!("{before}{gap}{}\n{}", self.sentence(&filled), self.array(&filled))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Anchors => "region",
            Self::Elements => "element",
        }
    }

    fn sentence(self, regions: &[Region]) -> String {
        let named = regions
            .iter()
            .enumerate()
            .map(|(at, region)| format!("<{}_{}>: {}", self.name(), at + 1, region.words.trim()));
        let named = named.collect::<Vec<_>>().join("; ");
        match self {
            Self::Anchors => format!(
                "Edit <ref_image_0> inside these boxes only. {named}. \
                 Leave all pixels outside of the boxes untouched."
            ),
            Self::Elements => named,
        }
    }

    fn array(self, regions: &[Region]) -> String {
        let id = |at: usize| Cow::Owned(format!("{}_{}", self.name(), at + 1));
        let numbered = regions.iter().enumerate();
        let json = match self {
            Self::Anchors => {
                let anchors = numbered.map(|(at, region)| Anchor {
                    id: id(at),
                    kind: "anchor".into(),
                    from: "ref_image_0".into(),
                    src_bbox: region.part.0,
                    tgt_bbox: region.part.0,
                    desc: region.words.trim().into(),
                });
                serde_json::to_string(&anchors.collect::<Vec<_>>())
            }
            Self::Elements => {
                let elements = numbered.map(|(at, region)| Element {
                    id: id(at),
                    bbox: region.part.0,
                    desc: region.words.trim().into(),
                });
                serde_json::to_string(&elements.collect::<Vec<_>>())
            }
        };
        json.unwrap_or_default()
    }
}

/// The boxes at the end of a prompt; `None` where there are none, or some that cannot be kept as
/// [`Region`]s, such as one that moves.
pub fn read(prompt: &str) -> Option<Parsed> {
    let prompt = prompt.trim_end();
    if !prompt.ends_with("}]") {
        return None;
    }
    prompt.match_indices("[{").find_map(|(at, _)| {
        let (before, array) = prompt.split_at(at);
        let (form, regions) = anchors(array).or_else(|| elements(array))?;
        let before = before.trim();
        let sentence = form.sentence(&regions);
        let words = before.strip_suffix(sentence.trim_end()).unwrap_or(before).trim().to_owned();
        Some(Parsed { form, words, regions }.with_common_words())
    })
}

impl Parsed {
    /// What all boxes say alike is what the prompt says.
    fn with_common_words(mut self) -> Self {
        let first = self.regions.first().map(|region| region.words.clone()).unwrap_or_default();
        let is_common = self.regions.iter().all(|region| region.words == first);
        if self.words.is_empty() && is_common {
            self.regions.iter_mut().for_each(|region| region.words.clear());
            self.words = first;
        }
        self
    }
}

fn anchors(array: &str) -> Option<(RegionForm, Vec<Region>)> {
    let anchors: Vec<Anchor<'_>> = serde_json::from_str(array).ok()?;
    let regions = anchors.into_iter().map(|anchor| {
        let is_kept = anchor.src_bbox == anchor.tgt_bbox && anchor.from == "ref_image_0";
        let part = RegionPart::new(anchor.src_bbox).filter(|_| is_kept)?;
        Some(Region { part, words: anchor.desc.into_owned() })
    });
    Some((RegionForm::Anchors, regions.collect::<Option<_>>()?))
}

fn elements(array: &str) -> Option<(RegionForm, Vec<Region>)> {
    let elements: Vec<Element<'_>> = serde_json::from_str(array).ok()?;
    let regions = elements.into_iter().map(|element| {
        Some(Region { part: RegionPart::new(element.bbox)?, words: element.desc.into_owned() })
    });
    Some((RegionForm::Elements, regions.collect::<Option<_>>()?))
}

/// A prompt as a person reads it: its words, else those of its boxes.
pub fn caption(prompt: &str) -> Cow<'_, str> {
    let Some(Parsed { words, regions, .. }) = read(prompt) else {
        return Cow::Borrowed(prompt);
    };
    let count = match regions.len() {
        1 => "1 box".to_owned(),
        many => format!("{many} boxes"),
    };
    let said = match words.is_empty() {
        false => words,
        true => {
            let mut said: Vec<&str> = regions.iter().map(|region| region.words.as_str()).collect();
            said.dedup();
            said.join("; ")
        }
    };
    Cow::Owned(format!("{said} ({count})"))
}

impl Region {
    fn or_words(&self, words: &str) -> Self {
        match self.words.trim().is_empty() {
            true => Self { words: words.to_owned(), ..self.clone() },
            false => self.clone(),
        }
    }
}

impl RegionPart {
    /// `None` for what lies outside of the picture or is empty.
    pub fn new([top, left, bottom, right]: [u16; 4]) -> Option<Self> {
        let is_part = top < bottom && left < right && bottom <= FULL && right <= FULL;
        is_part.then_some(Self([top, left, bottom, right]))
    }

    /// From pixels of a picture of this size, to the nearest thousandth; x, y, width and height.
    pub fn of_pixels([x, y, width, height]: [u32; 4], size: (u32, u32)) -> Option<Self> {
        let part = |pixel: u32, all: u32| {
            let all = u64::from(all.max(1));
            let thousandth = (u64::from(pixel) * u64::from(FULL) + all / 2) / all;
            u16::try_from(thousandth.min(u64::from(FULL))).unwrap_or(FULL)
        };
        let (right, bottom) = (x.saturating_add(width), y.saturating_add(height));
        Self::new([part(y, size.1), part(x, size.0), part(bottom, size.1), part(right, size.0)])
    }

    /// x, y, width and height in pixels of a picture of this size, each at least 1.
    pub fn pixels(self, size: (u32, u32)) -> [u32; 4] {
        let [top, left, bottom, right] = self.0;
        let pixel = |part: u16, all: u32| {
            let scaled = (u64::from(part) * u64::from(all) + u64::from(FULL) / 2) / u64::from(FULL);
            u32::try_from(scaled).unwrap_or(all).min(all)
        };
        let (x, y) = (pixel(left, size.0), pixel(top, size.1));
        let (x, y) = (x.min(size.0.saturating_sub(1)), y.min(size.1.saturating_sub(1)));
        let width = pixel(right, size.0).saturating_sub(x).max(1);
        [x, y, width, pixel(bottom, size.1).saturating_sub(y).max(1)]
    }
}

impl fmt::Display for RegionPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [top, left, bottom, right] = self.0;
        write!(out, "{top},{left},{bottom},{right}")
    }
}

/// `TOP,LEFT,BOTTOM,RIGHT`, with words behind a colon where it has its own.
impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (part, words) = text.split_once(':').unwrap_or((text, ""));
        let sides: Vec<u16> = part
            .split(',')
            .map(|side| side.trim().parse::<u16>())
            .collect::<Result<_, _>>()
            .map_err(|_| format!("`{part}` is not {FORM}"))?;
        let sides = <[u16; 4]>::try_from(sides)
            .map_err(|sides| format!("`{part}` has {} numbers and not 4: {FORM}", sides.len()))?;
        let part = RegionPart::new(sides)
            .ok_or_else(|| format!("`{part}` is no part of a picture: {FORM}"))?;
        Ok(Self { part, words: words.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().expect("a region")
    }

    #[test]
    fn three_boxes_are_written_as_the_model_reads_them() {
        let regions = [
            region("0,100,250,400:a red hat"),
            region("500,0,1000,500: grass"),
            region("1,2,3,4:x"),
        ];
        assert_eq!(
            RegionForm::Anchors.write("At noon.", &regions),
            "At noon. Edit <ref_image_0> inside these boxes only. <region_1>: a red hat; \
             <region_2>: grass; <region_3>: x. Leave all pixels outside of the boxes untouched.\n\
             [{\"id\":\"region_1\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
             \"src_bbox\":[0,100,250,400],\"tgt_bbox\":[0,100,250,400],\"desc\":\"a red hat\"},\
             {\"id\":\"region_2\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
             \"src_bbox\":[500,0,1000,500],\"tgt_bbox\":[500,0,1000,500],\"desc\":\"grass\"},\
             {\"id\":\"region_3\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
             \"src_bbox\":[1,2,3,4],\"tgt_bbox\":[1,2,3,4],\"desc\":\"x\"}]"
        );
        assert_eq!(
            RegionForm::Elements.write("A field.", &regions[..1]),
            "A field. <element_1>: a red hat\n\
             [{\"id\":\"element_1\",\"bbox\":[0,100,250,400],\"desc\":\"a red hat\"}]"
        );
    }

    #[test]
    fn a_box_without_words_gets_those_of_the_prompt() {
        let plain = [region("0,0,500,500")];
        let written = RegionForm::Anchors.write("make it red", &plain);
        assert!(written.starts_with("Edit <ref_image_0> inside"), "{written}");
        assert!(written.contains("\"desc\":\"make it red\""), "{written}");
        assert_eq!(caption(&written), "make it red (1 box)");
    }

    #[test]
    fn what_moves_or_is_something_else_stays_words() {
        let written = RegionForm::Anchors.write("", &[region("0,0,500,500:a")]);
        let moved = written.replace("\"tgt_bbox\":[0,0", "\"tgt_bbox\":[1,0");
        for prompt in [moved.as_str(), "use [{\"a\":1}]", "[{]", "plain", "x }]", "[{}]"] {
            assert_eq!(read(prompt), None, "{prompt}");
            assert_eq!(caption(prompt), prompt);
        }
    }

    #[test]
    fn parts_outside_of_the_picture_are_refused_by_what_is_wrong() {
        for (text, why) in [
            ("1,2,3", "3 numbers"),
            ("a,b,c,d", "TOP,LEFT,BOTTOM,RIGHT"),
            ("0,0,0,10", "no part"),
            ("0,0,10,1001", "no part"),
        ] {
            let refusal = text.parse::<Region>().expect_err(text);
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }

    mod any {
        use proptest::prelude::*;

        use super::*;

        fn any_region() -> impl Strategy<Value = Region> {
            (0..1_000_u16, 0..1_000_u16, 1..1_000_u16, 1..1_000_u16, "[ -~äß\n]{0,12}").prop_map(
                |(top, left, height, width, words)| {
                    let (bottom, right) = ((top + height).min(1_000), (left + width).min(1_000));
                    let part = RegionPart::new([top, left, bottom, right]);
                    Region { part: part.expect("a part"), words: words.trim().to_owned() }
                },
            )
        }

        proptest! {
            #[test]
            fn what_was_written_is_read_and_written_the_same(
                words in "[ -~äß\n]{0,30}",
                regions in prop::collection::vec(any_region(), 1..5),
            ) {
                let is_said = regions.iter().all(|region| !region.words.is_empty());
                prop_assume!(is_said || !words.trim().is_empty());
                for form in [RegionForm::Anchors, RegionForm::Elements] {
                    let written = form.write(&words, &regions);
                    let found = read(&written).expect("its boxes");
                    prop_assert_eq!(found.form, form);
                    prop_assert_eq!(found.regions.len(), regions.len());
                    let parts = found.regions.iter().zip(&regions);
                    prop_assert!(parts.into_iter().all(|(a, b)| a.part == b.part));
                    prop_assert_eq!(form.write(&found.words, &found.regions), written);
                }
            }

            #[test]
            fn pixels_and_thousandths_agree_to_a_pixel_or_a_thousandth(
                width in 1..5_000_u32, height in 1..5_000_u32,
                x in 0.0..0.9_f64, y in 0.0..0.9_f64, w in 0.01..1.0_f64, h in 0.01..1.0_f64,
            ) {
                let of = |part: f64, all: u32| (part * f64::from(all)) as u32;
                let (left, top) = (of(x, width), of(y, height));
                let wide = of(w, width).clamp(1, width - left);
                let high = of(h, height).clamp(1, height - top);
                if let Some(part) = RegionPart::of_pixels([left, top, wide, high], (width, height)) {
                    let back = part.pixels((width, height));
                    let near = |a: u32, b: u32, all: u32| a.abs_diff(b) <= all / 1_000 + 1;
                    prop_assert!(near(back[0], left, width) && near(back[2], wide, width));
                    prop_assert!(near(back[1], top, height) && near(back[3], high, height));
                    prop_assert!(back[0] + back[2] <= width && back[1] + back[3] <= height);
                }
            }
        }
    }
}
