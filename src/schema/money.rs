//! Arithmetic and looks of [`Usd`]. Knows no prices.
//!
//! Invariant: whole micro-dollars throughout, so that sums are exact; sums stop at the limits
//! instead of wrapping.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Usd;

const MICROS: i64 = 1_000_000;

impl Usd {
    /// From a number of dollars, rounded to the micro-dollar; `None` if it is not an amount.
    pub fn from_f64(dollars: f64) -> Option<Self> {
        let micros = (dollars * MICROS as f64).round();
        // Beyond 2^53 a float no longer holds every whole number.
        (micros.abs() <= 9.0e15).then_some(Self(micros as i64))
    }

    /// Dollars as a number, for JSON.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / MICROS as f64
    }
}

/// A sum in words that nobody takes for real money where it is none: `sim $0.04`.
pub fn told(sum: impl fmt::Display, is_simulated: bool) -> String {
    if is_simulated { format!("{SIMULATED}{sum}") } else { sum.to_string() }
}

/// Before one sum, or before several that stand together.
pub const SIMULATED: &str = "sim ";

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

/// `$0.04`, `$12.00`, `$0.0125`: to the cent, further only where there is more to say.
impl fmt::Display for Usd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let unit = MICROS.unsigned_abs();
        let mut fraction = format!("{:06}", micros % unit);
        while fraction.len() > 2 && fraction.ends_with('0') {
            fraction.pop();
        }
        out.pad(&format!("{sign}${}.{fraction}", micros / unit))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(from)?;
        Self::from_f64(dollars).ok_or_else(|| serde::de::Error::custom("not an amount of money"))
    }
}
