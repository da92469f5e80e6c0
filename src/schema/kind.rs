//! The kinds of parameter, and **everything that differs from kind to kind**: what a person types,
//! what the service accepts, how it is shown, what the next value is. Drawing is not done here.
//!
//! Invariant: what `parse` gives, `check` accepts; `parse(show(v))` gives `v` again; `step` gives
//! only values that `check` accepts.

mod step;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::suggest::{one_of, similar_names};
use super::{Param, Problem};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Text,
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// Both limits are included. `step` is for stepping only: values between are accepted.
    Number {
        min: Option<f64>,
        max: Option<f64>,
        step: f64,
    },
    Switch,
    /// Texts, also where they look like numbers. `open`: any other text will do as well.
    Choice {
        options: Vec<String>,
        #[serde(default)]
        open: bool,
    },
    /// A name, or `{"width","height"}` in pixels, each side from `min` to `max`.
    Size {
        presets: Vec<String>,
        min: u32,
        max: u32,
    },
    /// An address or a data URI.
    Picture,
    /// A list of them.
    Pictures {
        min: usize,
        max: Option<usize>,
    },
    /// A whole number from 0 on; the service documents no upper limit.
    Seed,
    /// Fields of their own; typed as JSON.
    Object {
        fields: Vec<Param>,
    },
    /// Values of one kind; typed as JSON.
    List {
        of: Box<Kind>,
        min: usize,
        max: Option<usize>,
    },
    /// Whatever is valid JSON: the service alone knows what it accepts.
    Json,
}

/// What a value is in a request, whatever a person types for it. What checks or describes requests goes
/// by this, so that a kind more is known there as soon as it says what it becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wire<'a> {
    Text,
    /// A text that is an address or a data URI.
    Address,
    Whole {
        min: Option<i64>,
        max: Option<i64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Switch,
    /// `open`: any other text will do as well.
    OneOf {
        options: &'a [String],
        open: bool,
    },
    /// One of the names, or an object with `width` and `height`.
    Sides {
        presets: &'a [String],
        min: u32,
        max: u32,
    },
    List {
        of: &'a Kind,
        min: usize,
        max: Option<usize>,
    },
    Object {
        fields: &'a [Param],
    },
    Any,
}

impl Kind {
    pub fn wire(&self) -> Wire<'_> {
        match self {
            Self::Text => Wire::Text,
            Self::Picture => Wire::Address,
            Self::Pictures { min, max } => Wire::List { of: &Self::Picture, min: *min, max: *max },
            // The documents name no limits.
            Self::Seed => Wire::Whole { min: None, max: None },
            Self::Integer { min, max } => Wire::Whole { min: *min, max: *max },
            Self::Number { min, max, .. } => Wire::Number { min: *min, max: *max },
            Self::Switch => Wire::Switch,
            Self::Choice { options, open } => Wire::OneOf { options, open: *open },
            Self::Size { presets, min, max } => Wire::Sides { presets, min: *min, max: *max },
            Self::Object { fields } => Wire::Object { fields },
            Self::List { of, min, max } => Wire::List { of, min: *min, max: *max },
            Self::Json => Wire::Any,
        }
    }

    /// What a person types: `landscape_4_3`, `1280x720`, `7`, `on`.
    pub fn parse(&self, text: &str) -> Result<Value, Problem> {
        let word = text.trim();
        if word.is_empty() && *self != Self::Text {
            return Err(Problem::new("a value is missing", self.range()));
        }
        let value = match self {
            Self::Text => Value::from(text),
            Self::Integer { .. } | Self::Seed => Value::from(self.whole(word)?),
            Self::Number { .. } => Value::from(self.number(word)?),
            Self::Switch => Value::from(self.switch(word)?),
            Self::Choice { options, .. } => Value::from(spelt(options, word)),
            Self::Size { presets, .. } => match sides(word) {
                Some((width, height)) => json!({ "width": width, "height": height }),
                None => Value::from(spelt(presets, word)),
            },
            Self::Picture => Value::from(word),
            Self::Pictures { .. } => word.split_whitespace().collect(),
            Self::Object { .. } | Self::List { .. } | Self::Json => self.json(word)?,
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Whether the service accepts the value.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        match self {
            Self::Text => value.as_str().map(drop).ok_or_else(|| self.not(value, "a text")),
            Self::Integer { min, max } => {
                let number = value.as_i64().ok_or_else(|| self.not(value, "a whole number"))?;
                self.within(number, *min, *max)
            }
            Self::Seed => {
                let number = value.as_i64().ok_or_else(|| self.not(value, "a whole number"))?;
                self.within(number, Some(0), None)
            }
            Self::Number { min, max, .. } => {
                let number = value.as_f64().ok_or_else(|| self.not(value, "a number"))?;
                self.within(number, *min, *max)
            }
            Self::Switch => value.as_bool().map(drop).ok_or_else(|| self.not(value, "on or off")),
            Self::Choice { options, open } => self.check_choice(options, *open, value),
            Self::Size { min, max, .. } if value.is_object() => self.check_sides(*min, *max, value),
            Self::Size { presets, .. } => self.check_choice(presets, false, value),
            Self::Picture => self.check_picture(value),
            Self::Pictures { min, max } => self.check_pictures(*min, *max, value),
            Self::Object { fields } => self.check_fields(fields, value),
            Self::List { of, min, max } => {
                let items = value.as_array().ok_or_else(|| self.not(value, "a list"))?;
                items.iter().try_for_each(|item| of.check(item))?;
                self.within(items.len(), Some(*min), *max)
            }
            Self::Json => Ok(()),
        }
    }

    /// As a person would type it. A value of another kind is shown as JSON.
    pub fn show(&self, value: &Value) -> String {
        match (self, value) {
            (Self::Switch, Value::Bool(on)) => if *on { "on" } else { "off" }.to_owned(),
            // Without the `.0` of a whole number.
            (Self::Number { .. }, Value::Number(number)) => {
                number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
            }
            (Self::Size { .. }, Value::Object(_)) => match size_of(value) {
                Some((width, height)) => format!("{width}x{height}"),
                None => value.to_string(),
            },
            (Self::Pictures { .. }, Value::Array(pictures)) => {
                let addresses: Vec<&str> = pictures.iter().filter_map(Value::as_str).collect();
                addresses.join(" ")
            }
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }

    /// The value `by` steps on. Numbers stop at their limits and fall onto the grid of the step;
    /// choices, names of sizes and switches go round. `None`: this cannot be stepped.
    pub fn step(&self, value: Option<&Value>, by: i32) -> Option<Value> {
        match self {
            Self::Text
            | Self::Picture
            | Self::Pictures { .. }
            | Self::Object { .. }
            | Self::List { .. }
            | Self::Json => None,
            Self::Integer { min, max } => Some(step::whole(value, by, *min, *max)),
            Self::Seed => Some(step::whole(value, by, Some(0), None)),
            Self::Number { min, max, step } => Some(step::number(value, by, *min, *max, *step)),
            Self::Switch => {
                let on = value.and_then(Value::as_bool).unwrap_or_default();
                Some(Value::Bool(on ^ (by % 2 != 0)))
            }
            Self::Choice { options, .. } => step::choice(options, value, by),
            Self::Size { presets, .. } => step::choice(presets, value, by),
        }
    }

    /// Whether that step goes over an end and begins anew at the other.
    pub(super) fn wraps(&self, value: &Value, by: i32) -> bool {
        let (Self::Choice { options, .. } | Self::Size { presets: options, .. }) = self else {
            return false;
        };
        step::position(options, value).is_some_and(|place| {
            let target = i64::try_from(place).unwrap_or(i64::MAX).saturating_add(by.into());
            usize::try_from(target).map_or(true, |target| target >= options.len())
        })
    }

    /// What would be right, in a few words: "1 to 4". `None`: anything.
    pub fn range(&self) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Integer { min, max } => limits(*min, *max),
            Self::Number { min, max, .. } => limits(*min, *max),
            Self::Seed => limits(Some(0), None),
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
            Self::Object { .. } | Self::List { .. } => Some(format!("like {}", self.example())),
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
            Self::Text => "text".into(),
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
            Self::Seed => "whole number".into(),
            Self::Object { .. } | Self::List { .. } | Self::Json => format!("JSON{range}"),
        }
    }

    fn not(&self, value: &Value, what: &str) -> Problem {
        Problem::new(format!("`{}` is not {what}", short(value)), self.range())
    }

    fn whole(&self, word: &str) -> Result<i64, Problem> {
        word.parse().map_err(|_| self.not(&Value::from(word), "a whole number"))
    }

    fn number(&self, word: &str) -> Result<f64, Problem> {
        let number = word.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.not(&Value::from(word), "a number"))
    }

    fn json(&self, word: &str) -> Result<Value, Problem> {
        serde_json::from_str(word).map_err(|_| self.not(&Value::from(word), "JSON"))
    }

    fn check_fields(&self, fields: &[Param], value: &Value) -> Result<(), Problem> {
        let given = value.as_object().ok_or_else(|| self.not(value, "an object"))?;
        for field in fields {
            let value = given.get(&field.name).or(field.default.as_ref()).unwrap_or(&Value::Null);
            let named = |problem: Problem| Problem {
                message: format!("`{}`: {}", field.name, problem.message),
                ..problem
            };
            field.check(value).map_err(named)?;
        }
        Ok(())
    }

    /// The shape of what is typed as JSON: `[{"path":…,"scale":…}]`.
    fn example(&self) -> String {
        match self {
            Self::Object { fields } => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|field| format!("\"{}\":{}", field.name, field.kind.example()))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }
            Self::List { of, .. } => format!("[{}]", of.example()),
            Self::Text | Self::Picture | Self::Choice { .. } => "\"…\"".to_owned(),
            Self::Pictures { .. } => "[\"…\"]".to_owned(),
            Self::Integer { .. }
            | Self::Number { .. }
            | Self::Switch
            | Self::Size { .. }
            | Self::Seed
            | Self::Json => "…".to_owned(),
        }
    }

    fn switch(&self, word: &str) -> Result<bool, Problem> {
        match word.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Ok(true),
            "off" | "false" | "no" | "0" => Ok(false),
            _neither => Err(self.not(&Value::from(word), "on or off")),
        }
    }

    fn within<N: PartialOrd + std::fmt::Display>(
        &self,
        number: N,
        min: Option<N>,
        max: Option<N>,
    ) -> Result<(), Problem> {
        match (min, max) {
            (Some(min), _) if number < min => {
                Err(Problem::new(format!("`{number}` is below {min}"), self.range()))
            }
            (_, Some(max)) if number > max => {
                Err(Problem::new(format!("`{number}` is above {max}"), self.range()))
            }
            _within => Ok(()),
        }
    }

    fn check_choice(&self, options: &[String], open: bool, value: &Value) -> Result<(), Problem> {
        let Some(text) = value.as_str() else {
            return Err(self.not(value, "a text"));
        };
        if options.iter().any(|option| option == text) || (open && is_word(text)) {
            return Ok(());
        }
        let alike = similar_names(text, options.iter().map(String::as_str));
        let hint =
            one_of(&alike).map(|names| format!("did you mean {names}?")).or_else(|| self.range());
        Err(Problem::new(format!("`{}` is not one of the choices", short(value)), hint))
    }

    fn check_sides(&self, min: u32, max: u32, value: &Value) -> Result<(), Problem> {
        let known = value.as_object().is_some_and(|sides| sides.len() == 2);
        let (width, height) = size_of(value)
            .filter(|_| known)
            .ok_or_else(|| self.not(value, "a width and a height"))?;
        let hint = limits(Some(min), Some(max)).map(|limits| format!("each side {limits}"));
        for side in [width, height] {
            self.within(side, Some(min), Some(max))
                .map_err(|problem| Problem { hint: hint.clone(), ..problem })?;
        }
        Ok(())
    }

    fn check_picture(&self, value: &Value) -> Result<(), Problem> {
        match value.as_str() {
            Some(address) if is_word(address) => Ok(()),
            Some(_) | None => Err(self.not(value, "an address")),
        }
    }

    fn check_pictures(&self, min: usize, max: Option<usize>, value: &Value) -> Result<(), Problem> {
        let pictures = value.as_array().ok_or_else(|| self.not(value, "a list of addresses"))?;
        pictures.iter().try_for_each(|picture| self.check_picture(picture))?;
        self.within(pictures.len(), Some(min), max)
    }
}

/// Width and height of `{"width","height"}`.
pub(super) fn size_of(value: &Value) -> Option<(u32, u32)> {
    let side = |name| u32::try_from(value.get(name)?.as_u64()?).ok();
    Some((side("width")?, side("height")?))
}

/// `1280x720`, also with a capital or a real multiplication sign.
fn sides(word: &str) -> Option<(u32, u32)> {
    let (width, height) = word.split_once(['x', 'X', '×'])?;
    Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
}

/// The option that was meant, whatever its capitals; else the word itself.
fn spelt(options: &[String], word: &str) -> String {
    let exact = options.iter().find(|option| *option == word);
    let meant = exact.or_else(|| options.iter().find(|option| option.eq_ignore_ascii_case(word)));
    meant.map_or(word, String::as_str).to_owned()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A value in a message: a text bare, and never a whole data URI.
fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn limits<N: std::fmt::Display>(min: Option<N>, max: Option<N>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}
