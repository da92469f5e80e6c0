//! The one rule by which requests are asked about before they leave.
//!
//! Pure, and the only place that compares with `[confirm]`: the prompt, counts, braces, sweeps,
//! replays, steps and what was held all ask here, and the headless commands as well. Knows neither
//! budgets nor what the question looks like. Invariant: a price that is unknown is no small one.

use crate::schema::Usd;
use crate::schema::price::Quote;

/// What may leave at one press without a question; `[confirm]` of the config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub requests: usize,
    pub amount: Usd,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 1, amount: Usd(500_000) }
    }
}

/// In what way requests are more than may leave unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    Requests(usize),
    /// As much as is known of the price.
    Amount(Usd),
    UnknownPrice,
}

/// Why these requests, at their prices, must be asked about together; empty: they may leave.
/// Later steps are requests as well.
pub fn excess(limits: Limits, quotes: &[Quote]) -> Vec<Excess> {
    let known: Usd = quotes.iter().filter_map(|quote| quote.amount).sum();
    let is_unknown = |quote: &Quote| quote.amount.is_none();
    let mut found = Vec::new();
    found.extend((quotes.len() > limits.requests).then_some(Excess::Requests(quotes.len())));
    found.extend((known > limits.amount).then_some(Excess::Amount(known)));
    found.extend(quotes.iter().any(is_unknown).then_some(Excess::UnknownPrice));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_the_limits_is_asked_about() {
        let none = Quote::default();
        let cents = |cents: i64| Quote { amount: Some(Usd(cents * 10_000)), ..none };
        let usual = Limits::default();
        let table: [(&[Quote], &[Excess]); 6] = [
            (&[], &[]),
            (&[cents(50)], &[]),
            (&[cents(51)], &[Excess::Amount(Usd(510_000))]),
            (&[cents(4), cents(4)], &[Excess::Requests(2)]),
            (&[none], &[Excess::UnknownPrice]),
            (
                &[cents(60), none],
                &[Excess::Requests(2), Excess::Amount(Usd(600_000)), Excess::UnknownPrice],
            ),
        ];
        for (prices, wanted) in table {
            assert_eq!(excess(usual, prices), wanted, "{prices:?}");
        }
    }

    #[test]
    fn the_limits_are_those_that_were_set() {
        let limits = Limits { requests: 4, amount: Usd(100_000) };
        let of = |micros| Quote { amount: Some(Usd(micros)), ..Quote::default() };
        assert_eq!(excess(limits, &[of(25_000); 4]), []);
        assert_eq!(excess(limits, &[of(25_000); 5]).len(), 2);
        let all = Limits { requests: 0, amount: Usd(100_000) };
        assert_eq!(excess(all, &[of(1)]), [Excess::Requests(1)]);
    }
}
