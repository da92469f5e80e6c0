//! What a kind takes, in words: its range, its description, an example.
//!
//! Checks nothing. Invariant: a hint that is given is enough to type a value that is accepted.

use serde_json::Value;

use super::{Kind, Wire};

impl Kind {
    /// What would be right, in a few words: "1 to 4". `None`: anything.
    pub fn range(&self) -> Option<String> {
        match self {
            Self::Text { shortest, longest } => {
                Some(format!("{} letters", limits(*shortest, *longest)?))
            }
            Self::Integer { min, max, multiple_of } => multiples(limits(*min, *max), *multiple_of),
            Self::Number { min, max, open_min, open_max, multiple_of, .. } => {
                multiples(between((*min, *open_min), (*max, *open_max)), *multiple_of)
            }
            Self::Seed { min, max } => limits(min.or(Some(0)), *max),
            Self::Values { options } => {
                Some(options.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Either { of } => {
                let ranges: Vec<String> = of.iter().filter_map(Self::range).collect();
                (!ranges.is_empty()).then(|| ranges.join(", or "))
            }
            Self::Switch => Some("on or off".to_owned()),
            Self::Choice { options, open: false } => Some(options.join(", ")),
            Self::Choice { options, open: true } => {
                Some(format!("{}, or another", options.join(", ")))
            }
            Self::Size { presets, .. } => Some(format!("{}, or like 1280x720", presets.join(", "))),
            Self::Picture => Some("an address or a data URI".to_owned()),
            Self::Pictures { min, max } => {
                Some(format!("{} addresses", limits(Some(*min), *max).unwrap_or_default()))
            }
            Self::List { of, .. } if of.shorthand().is_some() => {
                Some("like ADDRESS*0.8, several with blanks between".to_owned())
            }
            Self::Object { .. } | Self::List { .. } | Self::Tuple { .. } => {
                Some(format!("like {}", self.example()))
            }
            Self::Json => Some("JSON".to_owned()),
        }
    }

    /// Where a value lies between the limits, from 0 to 1; `None` where there is no such scale.
    pub fn place(&self, value: &Value) -> Option<f64> {
        let (min, max) = match self.wire() {
            Wire::Whole { min, max } => (min? as f64, max? as f64),
            Wire::Number { min, max } => (min?, max?),
            Wire::Text
            | Wire::Address
            | Wire::Switch
            | Wire::OneOf { .. }
            | Wire::Values(_)
            | Wire::Either(_)
            | Wire::Tuple(_)
            | Wire::Sides { .. }
            | Wire::List { .. }
            | Wire::Object { .. }
            | Wire::Any => return None,
        };
        let part = (value.as_f64()? - min) / (max - min);
        part.is_finite().then(|| part.clamp(0.0, 1.0))
    }

    /// What it takes, in a few words: "whole number 1 to 4".
    pub fn describe(&self) -> String {
        let range = self.range().map_or(String::new(), |range| format!(" {range}"));
        match self {
            Self::Text { .. } => format!("text{range}"),
            Self::Values { .. } => format!("one of{range}"),
            Self::Either { of } => of.iter().map(Self::describe).collect::<Vec<_>>().join(", or "),
            Self::Integer { .. } => format!("whole number{range}"),
            Self::Number { .. } => format!("number{range}"),
            Self::Switch => "true or false".into(),
            Self::Choice { options, open } => {
                let more = if *open { ", or your own" } else { "" };
                format!("one of {}{more}", options.join(", "))
            }
            Self::Size { presets, .. } => format!("{}, or WIDTHxHEIGHT", presets.join(", ")),
            Self::Picture => "a picture".into(),
            Self::Pictures { .. } => "pictures".into(),
            Self::Seed { max: None, .. } => "whole number".into(),
            Self::Seed { .. } => format!("whole number{range}"),
            Self::Json => "JSON".into(),
            Self::List { of, .. } if of.shorthand().is_some() => format!("list{range}"),
            Self::Object { .. } | Self::List { .. } | Self::Tuple { .. } => format!("JSON{range}"),
        }
    }

    /// The shape of what is typed as JSON: `[{"path":…,"scale":…}]`.
    pub(super) fn example(&self) -> String {
        match self {
            Self::Tuple { of } => {
                format!("[{}]", of.iter().map(Self::example).collect::<Vec<_>>().join(","))
            }
            Self::Object { fields, .. } => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|field| format!("\"{}\":{}", field.name, field.kind.example()))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }
            Self::List { of, .. } => format!("[{}]", of.example()),
            Self::Text { .. } | Self::Picture | Self::Choice { .. } => "\"…\"".to_owned(),
            Self::Pictures { .. } => "[\"…\"]".to_owned(),
            Self::Integer { .. }
            | Self::Number { .. }
            | Self::Switch
            | Self::Size { .. }
            | Self::Seed { .. }
            | Self::Values { .. }
            | Self::Either { .. }
            | Self::Json => "…".to_owned(),
        }
    }
}

/// `1 to 20`, `above 0, at most 20`, `below 8`.
fn between(
    (min, open_min): (Option<f64>, bool),
    (max, open_max): (Option<f64>, bool),
) -> Option<String> {
    if !open_min && !open_max {
        return limits(min, max);
    }
    let low = min.map(|min| if open_min { format!("above {min}") } else { format!("from {min}") });
    let high =
        max.map(|max| if open_max { format!("below {max}") } else { format!("at most {max}") });
    Some(low.into_iter().chain(high).collect::<Vec<_>>().join(", "))
}

fn multiples<N: std::fmt::Display>(range: Option<String>, of: Option<N>) -> Option<String> {
    let of = of.map(|of| format!("in multiples of {of}"));
    match (range, of) {
        (Some(range), Some(of)) => Some(format!("{range} {of}")),
        (range, of) => range.or(of),
    }
}

pub(super) fn limits<N: std::fmt::Display>(min: Option<N>, max: Option<N>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}
