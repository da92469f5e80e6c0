//! What a request costs: **units times the price of a unit**, both before and after.
//!
//! A [`Price`] holds what one unit costs and, as its [`Formula`], how many units a request comes to.
//! Before a request leaves, the units follow from the forecast sizes ([`Endpoint::quote`]); after it,
//! the service has counted them itself (`x-fal-billable-units`, [`Quote::billed`]). The simulator bills
//! by the same formula from the sizes that it really made. Everything that tells or adds up money goes
//! through a [`Quote`]. Does not ask the service: a price that was read there today is handed over.
//!
//! Invariant: what cannot be told is `None`, never zero, and a sum with it is `None` as well; an
//! amount that rests on a forecast or on hearsay says so wherever it is shown.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Endpoint, Price, Usd, Values};

/// Pixels that the service's pages call a megapixel: 1024 times 1024 is one, not two.
const MEGAPIXEL: f64 = 1_048_576.0;

/// Width and height, where they are known.
pub type Size = Option<(u32, u32)>;

/// How many units a request comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "per", rename_all = "snake_case")]
pub enum Formula {
    /// One for each picture that is made.
    Picture,
    /// One for each megapixel that is made.
    Megapixel { round: Rounding },
    /// One for the first megapixel, and a share of one for each that is more. `inputs`: the
    /// pictures that are sent count as well.
    FirstMegapixel { further: f64, inputs: bool, round: Rounding },
    /// So many for each picture, by what these parameters say (`high 1024x1024`).
    Setting { of: Vec<String>, units: BTreeMap<String, f64> },
    /// One for each step that this parameter asks for, and for each picture.
    Step { of: String },
}

/// What becomes of a part of a megapixel, of each picture for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// It counts as a whole one.
    Up,
    /// It counts as what it is.
    Exact,
}

/// What one request will cost, as far as that can be told, and what settles it afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// `None`: it cannot be told before.
    pub amount: Option<Usd>,
    /// The price of one unit; `None`: unknown.
    pub unit_price: Option<Usd>,
    /// The amount rests on a forecast, or on what others report.
    pub is_estimate: bool,
}

impl Formula {
    /// What the service's word for its unit says by itself.
    fn of_unit(unit: &str) -> Option<Self> {
        match unit {
            "images" | "image" => Some(Self::Picture),
            "megapixels" | "megapixel" => Some(Self::Megapixel { round: Rounding::Up }),
            _other => None,
        }
    }

    /// What it says still holds when a unit costs otherwise. Of a first and a further megapixel
    /// only the page says which of them the unit is.
    fn scales(&self) -> bool {
        !matches!(self, Self::FirstMegapixel { .. })
    }

    /// Whether the units rest on sizes, which are forecast before they are known.
    fn is_by_size(&self) -> bool {
        matches!(self, Self::Megapixel { .. } | Self::FirstMegapixel { .. })
    }
}

impl Rounding {
    fn megapixels(self, (width, height): (u32, u32)) -> f64 {
        let whole = f64::from(width) * f64::from(height) / MEGAPIXEL;
        match self {
            Self::Up => whole.ceil().max(1.0),
            // To the thousandth, so that what is shown can be recomputed.
            Self::Exact => (whole * 1e3).round() / 1e3,
        }
    }
}

impl Price {
    /// How the units are counted; `None`: the service's word for them says nothing to us.
    pub fn formula(&self) -> Option<Formula> {
        self.formula.clone().or_else(|| Formula::of_unit(&self.unit))
    }

    /// This knowledge with what the service tells today: the formula stays where it still holds.
    #[must_use]
    pub fn refreshed(self, told: Self) -> Self {
        let is_known = self.each.is_none() || self.each == told.each;
        let holds = |formula: &Formula| self.unit == told.unit && (is_known || formula.scales());
        let formula = self.formula.clone().filter(holds);
        Self { formula, note: self.note, ..told }
    }
}

impl Price {
    /// For a list: what it costs at least, and for what: `from $0.03`, `per image`; `None`: not known.
    pub fn in_short(&self) -> Option<(String, String)> {
        let unit = format!("per {}", self.unit.strip_suffix('s').unwrap_or(&self.unit));
        let each = self.each?;
        let image = || "per image".to_owned();
        let (word, sum, unit) = match &self.formula {
            Some(Formula::FirstMegapixel { .. }) => ("from ", each, image()),
            Some(Formula::Setting { units, .. }) => {
                let sums = units.values().filter_map(|count| each.units(*count));
                let word = if units.len() > 1 { "from " } else { "" };
                (word, sums.min().unwrap_or(each), image())
            }
            Some(Formula::Step { .. }) => ("", each, "per step".into()),
            Some(Formula::Megapixel { .. }) => ("", each, "per megapixel".into()),
            Some(Formula::Picture) => ("", each, image()),
            None => ("", each, unit),
        };
        let about = if self.unverified { "about " } else { "" };
        Some((format!("{about}{word}{sum}"), unit))
    }
}

impl Endpoint {
    /// What a request will cost. `inputs` are the sizes of its pictures, the one that is edited
    /// first; the simulator and the service count for themselves.
    pub fn quote(&self, values: &Values, inputs: &[Size]) -> Quote {
        let Some(price) = &self.price else {
            return Quote::default();
        };
        let output = self.forecast(values, inputs.first().copied().flatten());
        let units = self.units(values, output, inputs);
        let by_size = price.formula().is_some_and(|formula| formula.is_by_size());
        let amount = units.zip(price.each).and_then(|(units, each)| each.units(units));
        Quote {
            amount,
            unit_price: price.each,
            is_estimate: amount.is_some() && (by_size || price.unverified),
        }
    }

    /// How many units a request with pictures of these sizes comes to; `None`: it cannot be told.
    pub fn units(&self, values: &Values, output: Size, inputs: &[Size]) -> Option<f64> {
        let pictures = self.value("num_images", values).and_then(Value::as_u64).unwrap_or(1) as f64;
        Some(match self.price.as_ref()?.formula()? {
            Formula::Picture => pictures,
            Formula::Megapixel { round } => round.megapixels(output?) * pictures,
            Formula::FirstMegapixel { further, inputs: count_inputs, round } => {
                let sent = inputs.iter().filter(|_| count_inputs);
                let sent: f64 =
                    sent.map(|size| size.map(|size| round.megapixels(size))).sum::<Option<_>>()?;
                let all = round.megapixels(output?) + sent;
                (1.0 + (all - 1.0).max(0.0) * further) * pictures
            }
            Formula::Setting { of, units } => {
                let said = of.iter().map(|name| {
                    let param = self.param(name)?;
                    Some(param.kind.show(self.value(name, values)?))
                });
                let said = said.collect::<Option<Vec<_>>>()?.join(" ");
                units.get(&said)? * pictures
            }
            Formula::Step { of } => self.value(&of, values)?.as_f64()? * pictures,
        })
    }
}

impl Quote {
    /// What the service bills: its units at the price of a unit. Where it counts nothing that
    /// makes sense, the amount stays what it was thought to be.
    pub fn billed(self, units: Option<f64>) -> Option<Usd> {
        let units = units.filter(|units| units.is_finite() && *units >= 0.0);
        let counted = units.zip(self.unit_price).and_then(|(units, each)| each.units(units));
        counted.or(self.amount)
    }

    /// So many requests like this one.
    #[must_use]
    pub fn times(self, count: usize) -> Self {
        std::iter::repeat_n(self, count).sum()
    }
}

impl Usd {
    /// So many units at this price.
    fn units(self, units: f64) -> Option<Self> {
        Self::from_f64(self.to_f64() * units)
    }
}

/// Of several requests together. The price of a unit means nothing any more.
impl Add for Quote {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            amount: self.amount.zip(other.amount).map(|(one, more)| one + more),
            unit_price: None,
            is_estimate: self.is_estimate || other.is_estimate,
        }
    }
}

impl Sum for Quote {
    fn sum<I: Iterator<Item = Self>>(quotes: I) -> Self {
        let nothing = Self { amount: Some(Usd::default()), ..Self::default() };
        quotes.fold(nothing, Add::add)
    }
}

/// `$0.04`, `about $0.12`, `an unknown price`.
impl fmt::Display for Quote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            Some(amount) if self.is_estimate => write!(out, "about {amount}"),
            Some(amount) => write!(out, "{amount}"),
            None => out.write_str("an unknown price"),
        }
    }
}

/// `$0.04 per image`, `$0.025 per megapixel`, `$0.048 at 1k`.
impl fmt::Display for Price {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit.strip_suffix('s').unwrap_or(&self.unit);
        let Some(each) = self.each else {
            return write!(out, "price not known, per {unit}");
        };
        if self.unverified {
            out.write_str("about ")?;
        }
        match &self.formula {
            Some(Formula::FirstMegapixel { further, .. }) => {
                let more = each.units(*further).unwrap_or_default();
                write!(out, "{each}, then {more} per megapixel")
            }
            Some(Formula::Setting { units, .. }) => {
                let said = units
                    .iter()
                    .filter_map(|(said, count)| Some(format!("{} at {said}", each.units(*count)?)));
                out.write_str(&said.collect::<Vec<_>>().join(", "))
            }
            Some(Formula::Step { .. }) => write!(out, "{each} per step"),
            Some(Formula::Megapixel { .. }) => write!(out, "{each} per megapixel"),
            Some(Formula::Picture) => write!(out, "{each} per image"),
            None => write!(out, "{each} per {unit}"),
        }
    }
}
