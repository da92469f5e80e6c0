//! Endpoints and parameters as data. Temporary types until the room is finished.

/// Money in whole micro-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(pub i64);

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.map(|usd| usd.0).sum())
    }
}

/// All endpoints that are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue;
