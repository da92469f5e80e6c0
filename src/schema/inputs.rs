//! The pictures of a request: which field each goes into, how many there may be, how large.
//!
//! Whoever composes a request hands over one list, the picture that is edited first. Invariant: each
//! of a list that [`Takes::accepts`] has exactly one place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::price::Size;
use super::{Endpoint, Problem, Takes};

/// A place for pictures behind the first one: a mask, a control picture, references.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub field: String,
    #[serde(default)]
    pub required: bool,
    /// All that are left go here. Only of the last slot.
    #[serde(default)]
    pub many: bool,
}

/// What a picture must be, where a page names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputLimits {
    /// Pixels of the shorter side.
    #[serde(default)]
    pub min_side: Option<u32>,
    /// Width times height; larger ones are reduced before they are sent.
    #[serde(default)]
    pub most_pixels: Option<u32>,
}

impl Takes {
    /// The parameter that the first picture goes into.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::One { field, .. } | Self::Many { field, .. } => Some(field),
        }
    }

    /// The places behind the first one.
    pub fn slots(&self) -> &[Slot] {
        match self {
            Self::One { then, .. } => then,
            Self::Nothing | Self::Many { .. } => &[],
        }
    }

    /// Whether this parameter holds pictures of the list.
    pub fn holds(&self, name: &str) -> bool {
        self.field() == Some(name) || self.slots().iter().any(|slot| slot.field == name)
    }

    /// Whether this number of pictures can be sent.
    pub fn accepts(&self, pictures: usize) -> bool {
        match self {
            Self::Nothing => pictures == 0,
            Self::One { optional, then, .. } => {
                if pictures == 0 {
                    return *optional;
                }
                let needed = then.iter().filter(|slot| slot.required).count();
                let most = then.iter().any(|slot| slot.many).then_some(usize::MAX);
                (1 + needed..=most.unwrap_or(1 + then.len())).contains(&pictures)
            }
            Self::Many { min, max, .. } => {
                *min <= pictures && max.is_none_or(|max| pictures <= max)
            }
        }
    }

    /// What this parameter is sent with, of all pictures.
    pub(super) fn value(&self, name: &str, pictures: &[String], required: bool) -> Option<Value> {
        match self {
            Self::Nothing => None,
            Self::Many { .. } => {
                (required || !pictures.is_empty()).then(|| Value::from(pictures.to_vec()))
            }
            Self::One { field, .. } if field == name => pictures.first().cloned().map(Value::from),
            Self::One { then, .. } => {
                let place = then.iter().position(|slot| slot.field == name)?;
                let rest = pictures.get(1 + place..).filter(|rest| !rest.is_empty())?;
                match then.get(place)?.many {
                    true => Some(Value::from(rest.to_vec())),
                    false => rest.first().cloned().map(Value::from),
                }
            }
        }
    }

    /// The pictures of a request, in the order of the list, each with its field and, in a list of
    /// the request, its place.
    pub fn pictures<'a>(
        &'a self,
        request: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (&'a str, Option<usize>, &'a str)> {
        let fields =
            self.field().into_iter().chain(self.slots().iter().map(|it| it.field.as_str()));
        fields.flat_map(|field| {
            let value = request.get(field);
            let one = value.and_then(Value::as_str).map(|url| (field, None, url));
            let list = value.and_then(Value::as_array).into_iter().flatten().enumerate();
            let list =
                list.map(move |(at, url)| (field, Some(at), url.as_str().unwrap_or_default()));
            one.into_iter().chain(list)
        })
    }

    /// What the picture at this place of the list is for, where it is not one of many alike.
    pub fn role(&self, place: usize) -> Option<String> {
        let slot = self.slots().get(place.checked_sub(1)?)?;
        let words = slot.field.trim_end_matches("_url").trim_end_matches("_urls").replace('_', " ");
        Some(words)
    }
}

impl Endpoint {
    /// The first picture that the service would refuse by its size.
    pub fn problem_of_size(&self, sizes: &[Size]) -> Option<Problem> {
        let least = self.limits?.min_side?;
        let is_small = |(width, height): &(u32, u32)| (*width).min(*height) < least;
        let (width, height) = sizes.iter().flatten().find(|size| is_small(size))?;
        let message = format!("a picture of {width}×{height} is too small for `{}`", self.short);
        Some(Problem::new(message, Some(format!("at least {least} pixels on each side"))))
    }
}
