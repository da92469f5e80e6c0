//! Endpoints and their parameters as data: what the service takes, what it gives back, what it costs.
//!
//! This page holds the words of the room; the files below it hold what they can do. The form, the
//! checks, the request, the help and the code that is exported all derive from an [`Endpoint`],
//! and each built-in one is a single JSON document in `schema/endpoints/`.
//! No input or output, no time, nothing of the screen.
//!
//! Invariant: for a draft without [`Endpoint::problems`], [`Endpoint::request`] holds every
//! required field, only fields of the schema, and only values that [`kind::Kind::check`] accepts.

pub mod body;
mod catalogue;
pub mod difference;
mod endpoint;
pub mod export;
pub mod import;
pub mod inputs;
pub mod kind;
pub mod lint;
pub mod money;
pub mod output_size;
mod param;
pub mod price;
pub mod regions;
pub(crate) mod suggest;
pub mod tokens;
mod validation;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All endpoints that are known, the built-in ones and the imported ones. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    endpoints: Arc<Vec<Endpoint>>,
}

/// One model behind one address, described completely. Its JSON form is the documents of
/// `schema/endpoints/`, and what `editree schema MODEL --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// As in the address: `fal-ai/flux-pro/kontext`.
    pub id: String,
    /// The name a person types: `pro`. Unique within a catalogue.
    pub short: String,
    pub title: String,
    /// One sentence on what it is for.
    #[serde(default)]
    pub about: String,
    /// Endpoints of one family differ in the pictures they take: see [`Catalogue::for_pictures`].
    #[serde(default)]
    pub family: Option<String>,
    pub takes: Takes,
    /// Transparency of an input means something to it; elsewhere it is laid over white.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_opacity: bool,
    /// Tokens of the prompt that are read, where the text encoder is FLUX.1's (T5, counted in
    /// [`tokens`]). `None`: another one, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<usize>,
    /// How boxes of the picture go into the prompt; `None`: it knows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<regions::RegionForm>,
    /// What a picture must be to be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<inputs::InputLimits>,
    #[serde(default)]
    pub sizes: Sizes,
    /// `None`: unknown. Unknown is not free.
    #[serde(default)]
    pub price: Option<Price>,
    /// What one should know before using it, and where the description is unsure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The page that the description was written from.
    pub source: String,
    /// Of one that was added: when, and from which document. `None`: it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Added>,
    /// In the order of the service's schema. The prompt is the one called `prompt`.
    pub params: Vec<Param>,
    #[serde(default)]
    pub output: Vec<OutputField>,
}

/// Where a description comes from that is not built in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The day, `2026-11-28`.
    pub on: String,
    /// Hash of the service's document as it was then.
    pub document: String,
}

/// The pictures that an endpoint takes, and the parameter they go into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "pictures", rename_all = "snake_case")]
pub enum Takes {
    Nothing,
    One {
        field: String,
        /// Words alone are enough.
        #[serde(default)]
        optional: bool,
        /// Where the pictures behind the first one go.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        then: Vec<inputs::Slot>,
    },
    /// `max` is `None` where no limit is documented.
    Many {
        field: String,
        min: usize,
        max: Option<usize>,
    },
}

/// How the size of a result follows from the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Sizes {
    /// The nearest of the model's seventeen sizes to `aspect_ratio`, else to the first picture.
    Kontext,
    /// What `image_size` says, by name or by width and height; `auto` or nothing is the first
    /// picture's, as far as it is known.
    ImageSize,
    /// As many pixels as a parameter's word means, in the shape of `aspect_ratio`, else of the
    /// first picture; sides in multiples.
    Tiers { of: String, pixels: BTreeMap<String, u32>, multiple: u32 },
    /// About this many pixels in the shape of `aspect_ratio`, sides in multiples. `known`
    /// are sizes that users of the model report; the service's pages name none.
    Area {
        pixels: u32,
        multiple: u32,
        #[serde(default)]
        known: BTreeMap<String, (u32, u32)>,
    },
    #[default]
    Unknown,
}

/// How an input picture comes to lie in the frame of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Both sides are scaled on their own: nothing is lost, the shape changes a little.
    Stretch,
    /// Scaled evenly until it covers; what hangs over is lost.
    Crop,
    /// Scaled evenly until it is inside; the rest is new.
    Pad,
}

/// What a unit costs, how units are counted, and how old that knowledge is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// `None`: only what is counted is known.
    #[serde(rename = "usd")]
    pub each: Option<Usd>,
    /// What is counted: `images`, `megapixels`, or another word of the service.
    pub unit: String,
    /// `None`: the unit says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<price::Formula>,
    /// The day it was read, `2026-11-20`.
    pub read_on: String,
    /// The page it was read on.
    pub source: String,
    /// Not on the service's own page: told as an estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// What the pages leave open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One field of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub name: String,
    /// For people: short, capitalised.
    pub label: String,
    #[serde(flatten)]
    pub kind: kind::Kind,
    #[serde(default)]
    pub required: bool,
    /// What the endpoint takes when nothing is sent; `None` where its pages name nothing.
    #[serde(default)]
    pub default: Option<Value>,
    /// What editree sends unless it is changed.
    #[serde(default)]
    pub preset: Option<Value>,
    /// What it means to send nothing, where there is no default: `random`.
    #[serde(default)]
    pub unset: Option<String>,
    /// What it is for, in full sentences.
    #[serde(default)]
    pub help: String,
    /// Where the service's pages disagree or leave something open.
    #[serde(default)]
    pub note: Option<String>,
    /// Rarely wanted: folded away in a form.
    #[serde(default)]
    pub advanced: bool,
}

/// One field of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputField {
    pub name: String,
    /// `integer`, `string`, `object`, `list<image>`, `list<boolean>`, or a word of the service.
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub help: String,
}

/// What was changed, by parameter: everything else is at its preset or default.
/// `null` means "send nothing", also where there is a preset.
pub type Values = BTreeMap<String, Value>;

/// Why a value or a draft cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Lower case, no final stop: "`9` is above 4".
    pub message: String,
    /// What would be right: "1 to 4".
    pub hint: Option<String>,
}

/// No endpoint of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no model is called `{name}`{}", suggest::did_you_mean(.near))]
pub struct UnknownModel {
    pub name: String,
    /// Short names that look alike, the likeliest first.
    pub near: Vec<String>,
}

/// Money in whole micro-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(pub i64);

/// Something in a prompt that Kontext is known to take badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Lower case, no final stop.
    pub message: String,
    /// The whole prompt as it would be after the fix.
    pub fix: Option<String>,
    /// The bytes of the prompt that it is about; on character borders.
    pub at: Option<Range<usize>>,
}
