//! The kinds of parameter, and **everything that differs from kind to kind**: what a person types,
//! what the service accepts, how it is shown, what the next value is. Drawing is not done here.
//!
//! Invariant: what `parse` gives, `check` accepts; `parse(show(v))` gives `v` again; `step` gives
//! only values that `check` accepts.

mod check;
mod range;
mod shorthand;
mod step;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use shorthand::{JSON, items, typed};

use super::{Param, Problem};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// So many letters at least and at most.
    Text {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shortest: Option<usize>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        longest: Option<usize>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        multiple_of: Option<i64>,
    },
    /// `step` is for stepping only: values between are accepted. `open_min` and `open_max`: the
    /// limit itself is not.
    Number {
        min: Option<f64>,
        max: Option<f64>,
        step: f64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open_min: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open_max: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        multiple_of: Option<f64>,
    },
    Switch,
    /// Texts, also where they look like numbers. `open`: any other text will do as well.
    Choice {
        options: Vec<String>,
        #[serde(default)]
        open: bool,
    },
    /// One of these, which are no texts: `2` or `4`.
    Values {
        options: Vec<Value>,
    },
    /// Whatever one of these takes; the first that does has it.
    Either {
        of: Vec<Kind>,
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
    /// A whole number from 0 on, unless the document names other limits.
    Seed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// Fields of their own; typed as JSON. `closed`: it may have no others.
    Object {
        fields: Vec<Param>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
    },
    /// One value of each of these; typed as JSON.
    Tuple {
        of: Vec<Kind>,
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
    Values(&'a [Value]),
    Either(&'a [Kind]),
    Tuple(&'a [Kind]),
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
            Self::Text { .. } => Wire::Text,
            Self::Values { options } => Wire::Values(options),
            Self::Either { of } => Wire::Either(of),
            Self::Tuple { of } => Wire::Tuple(of),
            Self::Picture => Wire::Address,
            Self::Pictures { min, max } => Wire::List { of: &Self::Picture, min: *min, max: *max },
            Self::Seed { min, max } | Self::Integer { min, max, .. } => {
                Wire::Whole { min: *min, max: *max }
            }
            Self::Number { min, max, .. } => Wire::Number { min: *min, max: *max },
            Self::Switch => Wire::Switch,
            Self::Choice { options, open } => Wire::OneOf { options, open: *open },
            Self::Size { presets, min, max } => Wire::Sides { presets, min: *min, max: *max },
            Self::Object { fields, .. } => Wire::Object { fields },
            Self::List { of, min, max } => Wire::List { of, min: *min, max: *max },
            Self::Json => Wire::Any,
        }
    }

    /// What a person types: `landscape_4_3`, `1280x720`, `7`, `on`.
    pub fn parse(&self, text: &str) -> Result<Value, Problem> {
        let word = text.trim();
        if word.is_empty() && !matches!(self, Self::Text { .. } | Self::Either { .. }) {
            return Err(Problem::new("a value is missing", self.range()));
        }
        let value = match self {
            Self::Text { .. } => Value::from(text),
            Self::Values { options } => self.one_of(options, word)?,
            Self::Either { of } => return self.first(of, text),
            Self::Integer { .. } => Value::from(self.whole::<i64>(word)?),
            Self::Seed { .. } => match word.parse::<u64>() {
                Ok(seed) => Value::from(seed),
                Err(_) => Value::from(self.whole::<i64>(word)?),
            },
            Self::Number { .. } => Value::from(self.number(word)?),
            Self::Switch => Value::from(self.switch(word)?),
            Self::Choice { options, .. } => Value::from(spelt(options, word)),
            Self::Size { presets, .. } => match sides(word) {
                Some((width, height)) => json!({ "width": width, "height": height }),
                None => Value::from(spelt(presets, word)),
            },
            Self::Picture => Value::from(word),
            Self::Pictures { .. } => word.split_whitespace().collect(),
            Self::List { of, .. } => match of.shorthand() {
                Some((name, scale)) if !word.starts_with(JSON) => items(name, scale, word),
                Some(_) | None => self.json(word)?,
            },
            Self::Object { .. } | Self::Tuple { .. } | Self::Json => self.json(word)?,
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Whether the service accepts the value.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        match self {
            Self::Text { shortest, longest } => {
                let text = value.as_str().ok_or_else(|| self.not(value, "a text"))?;
                self.check_length(text.chars().count(), *shortest, *longest)
            }
            Self::Integer { min, max, multiple_of } => {
                let number = value.as_i64().ok_or_else(|| self.not(value, "a whole number"))?;
                self.within(number, *min, *max)?;
                self.check_multiple(value, multiple_of.map(|of| of as f64))
            }
            Self::Seed { min, max } => {
                if value.as_i64().is_none() && value.is_u64() && max.is_none() {
                    return Ok(());
                }
                let number = value.as_i64().ok_or_else(|| self.not(value, "a whole number"))?;
                self.within(number, min.or(Some(0)), *max)
            }
            Self::Number { min, max, open_min, open_max, multiple_of, .. } => {
                let number = value.as_f64().ok_or_else(|| self.not(value, "a number"))?;
                self.within(number, *min, *max)?;
                let on_limit =
                    (*open_min && Some(number) == *min) || (*open_max && Some(number) == *max);
                if on_limit {
                    let message = format!("{number} is the limit, which is left out");
                    return Err(Problem::new(message, self.range()));
                }
                self.check_multiple(value, *multiple_of)
            }
            Self::Values { options } => match options.contains(value) {
                true => Ok(()),
                false => Err(self.not(value, "one of the choices")),
            },
            Self::Either { of } => self.check_either(of, value),
            Self::Tuple { of } => {
                let items = value.as_array().ok_or_else(|| self.not(value, "a list"))?;
                self.within(items.len(), Some(of.len()), Some(of.len()))?;
                of.iter().zip(items).try_for_each(|(kind, item)| kind.check(item))
            }
            Self::Switch => value.as_bool().map(drop).ok_or_else(|| self.not(value, "on or off")),
            Self::Choice { options, open } => self.check_choice(options, *open, value),
            Self::Size { min, max, .. } if value.is_object() => self.check_sides(*min, *max, value),
            Self::Size { presets, .. } => self.check_choice(presets, false, value),
            Self::Picture => self.check_picture(value),
            Self::Pictures { min, max } => self.check_pictures(*min, *max, value),
            Self::Object { fields, closed } => self.check_fields(fields, *closed, value),
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
            (Self::Either { of }, value) => {
                match of.iter().find(|kind| kind.check(value).is_ok()) {
                    Some(kind) => kind.show(value),
                    None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                }
            }
            (Self::List { of, .. }, Value::Array(listed)) if !listed.is_empty() => {
                let short = of.shorthand().and_then(|(name, scale)| typed(name, scale, listed));
                short.unwrap_or_else(|| value.to_string())
            }
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }

    /// The value `by` steps on. Numbers stop at their limits and fall onto the grid of the step;
    /// choices, names of sizes and switches go round. `None`: this cannot be stepped.
    pub fn step(&self, value: Option<&Value>, by: i32) -> Option<Value> {
        match self {
            Self::Text { .. }
            | Self::Picture
            | Self::Pictures { .. }
            | Self::Object { .. }
            | Self::Tuple { .. }
            | Self::List { .. }
            | Self::Json => None,
            Self::Integer { min, max, multiple_of } => {
                let next = step::whole(value, by, *min, *max, multiple_of.unwrap_or(1));
                self.check(&next).is_ok().then_some(next)
            }
            Self::Seed { min, max } => Some(step::whole(value, by, min.or(Some(0)), *max, 1)),
            Self::Number { min, max, step, multiple_of, .. } => {
                let step = multiple_of.unwrap_or(*step);
                let next = step::number(value, by, *min, *max, step);
                if self.check(&next).is_ok() {
                    return Some(next);
                }
                // A limit that is left out: one step inside of it.
                let inside =
                    step::number(Some(&next), if by < 0 { 1 } else { -1 }, *min, *max, step);
                [Some(inside), value.cloned()]
                    .into_iter()
                    .flatten()
                    .find(|it| self.check(it).is_ok())
            }
            Self::Values { options } => step::value(options, value, by),
            Self::Either { of } => {
                let own = of.iter().find(|kind| value.is_some_and(|it| kind.check(it).is_ok()));
                own.or(of.first())?.step(value, by)
            }
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

    fn not(&self, value: &Value, what: &str) -> Problem {
        Problem::new(format!("`{}` is not {what}", short(value)), self.range())
    }

    fn whole<T: std::str::FromStr>(&self, word: &str) -> Result<T, Problem> {
        word.parse().map_err(|_| self.not(&Value::from(word), "a whole number"))
    }

    fn number(&self, word: &str) -> Result<f64, Problem> {
        let number = word.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.not(&Value::from(word), "a number"))
    }

    fn json(&self, word: &str) -> Result<Value, Problem> {
        serde_json::from_str(word).map_err(|_| self.not(&Value::from(word), "JSON"))
    }

    /// The option that is written like this.
    fn one_of(&self, options: &[Value], word: &str) -> Result<Value, Problem> {
        let meant = options.iter().find(|option| option.to_string().as_str() == word);
        meant.cloned().ok_or_else(|| self.not(&Value::from(word), "one of the choices"))
    }

    /// As the first of them that takes it.
    fn first(&self, of: &[Self], text: &str) -> Result<Value, Problem> {
        let mut problem = Problem::new("a value is missing", self.range());
        for kind in of {
            match kind.parse(text) {
                Ok(value) => return Ok(value),
                Err(wrong) => problem = Problem { hint: self.range(), ..wrong },
            }
        }
        Err(problem)
    }

    fn switch(&self, word: &str) -> Result<bool, Problem> {
        match word.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Ok(true),
            "off" | "false" | "no" | "0" => Ok(false),
            _neither => Err(self.not(&Value::from(word), "on or off")),
        }
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
