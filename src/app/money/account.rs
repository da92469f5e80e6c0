//! What was paid and how long it was waited for: per day and endpoint, and in all.
//!
//! Pure arithmetic over what the store lists; which day a moment belongs to is told from outside.

use std::collections::BTreeMap;

use crate::schema::Usd;
use crate::tree::Timestamp;

/// One request that was sent and accepted, or is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub endpoint: String,
    /// Its day is the one that it counts in.
    pub sent_at: Timestamp,
    /// `None`: it is not over.
    pub ended_at: Option<Timestamp>,
    /// What it was thought to cost when it was saved.
    pub estimate: Option<Usd>,
    /// What it did cost; `None` where it was not billed, or nobody knows.
    pub cost: Option<Usd>,
    /// It brought its pictures.
    pub is_done: bool,
    /// The service's filter has made a picture of it black.
    pub is_filtered: bool,
    /// The cost is the service's own bill, after discounts.
    pub is_exact: bool,
}

impl Entry {
    /// It was accepted at a price that nobody knows: no sum holds it.
    fn is_unknown(&self) -> bool {
        self.is_done && self.cost.is_none() && self.estimate.is_none()
    }

    fn has_failed(&self) -> bool {
        self.ended_at.is_some() && !self.is_done
    }
}

/// The requests of one local day to one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageRow {
    pub day: String,
    pub endpoint: String,
    pub requests: usize,
    pub failed: usize,
    /// Those that brought their pictures.
    pub done: usize,
    /// Of them those with a picture that the service's filter made black.
    pub filtered: usize,
    /// Of them those at a price that nobody knows; not in `cost`.
    pub unknown: usize,
    pub cost: Usd,
    /// Milliseconds from sending to the picture on the disk: half took less, and 95 of 100.
    pub median: Option<i64>,
    pub most: Option<i64>,
}

/// Everything that the account shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The newest day first.
    pub lines: Vec<UsageRow>,
    pub requests: usize,
    /// Of them those at a price that nobody knows; not in `cost`.
    pub unknown: usize,
    pub cost: Usd,
    /// How many costs are the service's own bill, after discounts.
    pub exact: usize,
    /// Estimates of those requests whose cost is known, to be compared with it.
    pub estimated: Usd,
}

impl Account {
    /// Adds the entries up. `day_of` names the local day of a moment so that names sort by time.
    pub fn of(entries: &[Entry], day_of: impl Fn(Timestamp) -> String) -> Self {
        let mut groups: BTreeMap<(String, &str), Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            let key = (day_of(entry.sent_at), entry.endpoint.as_str());
            groups.entry(key).or_default().push(entry);
        }
        let priced = |entry: &&Entry| entry.cost.is_some();
        let lines = groups.into_iter().rev().map(|((day, endpoint), entries)| {
            let waits = waits(&entries);
            UsageRow {
                day,
                endpoint: endpoint.to_owned(),
                requests: entries.len(),
                failed: entries.iter().filter(|entry| entry.has_failed()).count(),
                done: entries.iter().filter(|entry| entry.is_done).count(),
                filtered: entries.iter().filter(|entry| entry.is_filtered).count(),
                unknown: entries.iter().filter(|entry| entry.is_unknown()).count(),
                cost: entries.iter().filter_map(|entry| entry.cost).sum(),
                median: share(&waits, 50),
                most: share(&waits, 95),
            }
        });
        Self {
            lines: lines.collect(),
            requests: entries.len(),
            unknown: entries.iter().filter(|entry| entry.is_unknown()).count(),
            cost: entries.iter().filter_map(|entry| entry.cost).sum(),
            exact: entries.iter().filter(|entry| entry.is_exact).count(),
            estimated: entries.iter().filter(priced).filter_map(|entry| entry.estimate).sum(),
        }
    }
}

/// How long the pictures were waited for, shortest first; a clock that was set back tells nothing.
fn waits(entries: &[&Entry]) -> Vec<i64> {
    let done = entries.iter().filter(|entry| entry.is_done);
    let wait = |entry: &&Entry| Some(entry.ended_at?.since(entry.sent_at));
    let mut waits: Vec<i64> = done.filter_map(wait).filter(|wait| *wait >= 0).collect();
    waits.sort_unstable();
    waits
}

/// The smallest wait that so many of a hundred do not exceed.
fn share(sorted: &[i64], percent: usize) -> Option<i64> {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(endpoint: &str, ended: i64, wait: i64, cost: Option<i64>) -> Entry {
        Entry {
            endpoint: endpoint.into(),
            sent_at: Timestamp(ended - wait),
            ended_at: Some(Timestamp(ended)),
            estimate: Some(Usd(40_000)),
            cost: cost.map(Usd),
            is_done: cost.is_some(),
            is_filtered: false,
            is_exact: false,
        }
    }

    #[test]
    fn requests_are_added_up_by_day_and_endpoint_with_their_waits() {
        let mut entries: Vec<Entry> =
            (1..=20).map(|wait| entry("pro", 1_000 + wait, wait, Some(40_000))).collect();
        entries.push(entry("max", 1_500, 9, Some(80_000)));
        entries.push(entry("pro", 900, 5, None));
        let account = Account::of(&entries, |at| format!("day {}", at.0 / 1_000));
        let told: Vec<_> = account
            .lines
            .iter()
            .map(|line| (line.day.as_str(), line.endpoint.as_str(), line.requests, line.cost.0))
            .collect();
        let expected =
            [("day 1", "pro", 20, 800_000), ("day 1", "max", 1, 80_000), ("day 0", "pro", 1, 0)];
        assert_eq!(told, expected);
        let waits: Vec<_> = account.lines.iter().map(|line| (line.median, line.most)).collect();
        assert_eq!(waits, [(Some(10), Some(19)), (Some(9), Some(9)), (None, None)]);
        assert_eq!((account.cost, account.estimated), (Usd(880_000), Usd(840_000)));
        assert_eq!(account.lines.last().map(|line| line.failed), Some(1));
        // Free is known; what nobody could tell is not.
        let free = Entry { is_done: true, ..entry("pro", 900, 5, None) };
        let unknown = Entry { estimate: None, ..free.clone() };
        let account = Account::of(&[free, unknown], |_| "day 1".into());
        let line = account.lines.first().map(|line| (line.unknown, line.done));
        assert_eq!((account.unknown, line), (1, Some((1, 2))));
    }
}
