//! What is looked for in the tree: `hat model:max is:star cost>0.1 seed:7 after:2026-11-01 -night`.
//!
//! Reads only what was typed; the store finds. Invariant: a query that was read means something for
//! every node, so that "nothing was found" is never a slip of the keyboard.

use jiff::civil::Date;

use super::NodeId;
use crate::schema::Usd;

/// Everything must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub terms: Vec<Term>,
}

/// One condition; `not` turns it round.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub not: bool,
    pub what: Filter,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// In the prompt, the file's name, or the branch's name; upper and lower case alike.
    Text(String),
    /// A part of the endpoint's id, or its short name.
    Model(String),
    Seed(u64),
    Is(Mark),
    Cost(Cmp, Usd),
    /// 1 to 5, as the person gave it.
    Rating(Cmp, u8),
    /// The node itself, or what came of it in one step.
    Node(NodeId),
    Parent(NodeId),
    /// Local days, counted from 1970-01-01: made on this one, after it, or before it.
    Day(Cmp, i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Star,
    Trash,
    Named,
    Root,
    Failed,
    Simulated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    Less,
    Equal,
    More,
}

/// What can be asked for beside words, for the line below the query.
pub const GRAMMAR: &str = "words \"as is\" -not is:star rating>3 cost>0.1 seed:7 model:max id:n32 parent:n7 after:2026-11-01";

impl Query {
    /// Reads what was typed. The error says what is wrong and what would be right.
    pub fn read(text: &str) -> Result<Self, String> {
        let terms = split(text).into_iter().map(|word| term(&word));
        Ok(Self { terms: terms.collect::<Result<_, _>>()? })
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// A word as it was typed; what was quoted is never a condition.
struct Word {
    text: String,
    quoted: bool,
}

fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for (place, part) in text.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(Word { text: part.to_owned(), quoted: true });
        } else {
            let plain = part.split_whitespace();
            words.extend(plain.map(|word| Word { text: word.to_owned(), quoted: false }));
        }
    }
    words.retain(|word| !word.text.trim().is_empty());
    words
}

fn term(word: &Word) -> Result<Term, String> {
    if word.quoted {
        return Ok(Term { not: false, what: Filter::Text(word.text.clone()) });
    }
    let (not, text) = match word.text.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        Some(_) | None => (false, word.text.as_str()),
    };
    Ok(Term { not, what: what(text)? })
}

fn what(text: &str) -> Result<Filter, String> {
    for (sign, than) in [('>', Cmp::More), ('<', Cmp::Less)] {
        match text.split_once(sign) {
            Some(("cost", amount)) => return cost(than, amount),
            Some(("rating", number)) => return rating(than, number),
            Some(_) | None => {}
        }
    }
    let Some((name, value)) = text.split_once(':').filter(|(_, value)| !value.is_empty()) else {
        return Ok(Filter::Text(text.to_owned()));
    };
    match name {
        "is" => mark(value).map(Filter::Is),
        "cost" => cost(Cmp::Equal, value),
        "rating" => rating(Cmp::Equal, value),
        "model" => Ok(Filter::Model(value.to_owned())),
        "seed" => {
            let seed = value.parse().map(Filter::Seed);
            seed.map_err(|_| format!("invalid seed `{value}`: expected a whole number"))
        }
        "id" => node(value).map(Filter::Node),
        "parent" => node(value).map(Filter::Parent),
        "date" => day(value).map(|day| Filter::Day(Cmp::Equal, day)),
        "after" => day(value).map(|day| Filter::Day(Cmp::More, day)),
        "before" => day(value).map(|day| Filter::Day(Cmp::Less, day)),
        _ => Ok(Filter::Text(text.to_owned())),
    }
}

/// `n32` or `32`.
fn node(text: &str) -> Result<NodeId, String> {
    NodeId::read(text).ok_or_else(|| format!("`{text}` is no node: use for example id:n32"))
}

fn mark(word: &str) -> Result<Mark, String> {
    Ok(match word {
        "star" | "starred" => Mark::Star,
        "trash" => Mark::Trash,
        "named" => Mark::Named,
        "root" => Mark::Root,
        "failed" => Mark::Failed,
        "simulated" => Mark::Simulated,
        _ => {
            let known = "star, trash, named, root, failed or simulated";
            return Err(format!("`is:{word}` is unknown: {known}"));
        }
    })
}

fn cost(than: Cmp, amount: &str) -> Result<Filter, String> {
    let dollars = amount.trim_start_matches('$').parse().ok().and_then(Usd::from_f64);
    let dollars =
        dollars.ok_or_else(|| format!("invalid amount `{amount}`: use for example cost>0.1"))?;
    Ok(Filter::Cost(than, dollars))
}

fn rating(than: Cmp, number: &str) -> Result<Filter, String> {
    let stars = number.parse().ok().filter(|stars| *stars <= 5);
    stars
        .map(|stars| Filter::Rating(than, stars))
        .ok_or_else(|| format!("invalid rating `{number}`: use for example rating>3"))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, written `2026-11-21`.
fn day(text: &str) -> Result<i64, String> {
    let wrong = |_| format!("`{text}` is not a date; write it as in date:2026-11-21");
    let date = Date::strptime("%Y-%m-%d", text).map_err(wrong)?;
    let days = Date::constant(1970, 1, 1).until(date).map_err(wrong)?;
    Ok(i64::from(days.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(bool, Filter)> {
        let query = Query::read(text).unwrap_or_default();
        query.terms.into_iter().map(|term| (term.not, term.what)).collect()
    }

    #[test]
    fn words_phrases_and_conditions_are_told_apart() {
        let words = |text: &str| Filter::Text(text.into());
        assert_eq!(
            read("hat \"in the rain\" -night is:star cost>0.1 seed:7 model:max 16:9"),
            [
                (false, words("hat")),
                (false, words("in the rain")),
                (true, words("night")),
                (false, Filter::Is(Mark::Star)),
                (false, Filter::Cost(Cmp::More, Usd(100_000))),
                (false, Filter::Seed(7)),
                (false, Filter::Model("max".into())),
                // Nobody means a condition by it.
                (false, words("16:9")),
            ]
        );
        assert_eq!(read("id:n32"), [(false, Filter::Node(NodeId(32)))]);
        assert_eq!(read("-parent:7"), [(true, Filter::Parent(NodeId(7)))]);
        assert_eq!(read("\"is:star\""), [(false, words("is:star"))]);
        assert!(Query::read("  ").is_ok_and(|query| query.is_empty()));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(read("date:2024-02-29"), [(false, Filter::Day(Cmp::Equal, 19_782))]);
        assert_eq!(read("date:1970-01-01"), [(false, Filter::Day(Cmp::Equal, 0))]);
        assert_eq!(read("after:2000-03-01"), [(false, Filter::Day(Cmp::More, 11_017))]);
        assert_eq!(read("-before:2026-11-21"), [(true, Filter::Day(Cmp::Less, 20_778))]);
    }

    #[test]
    fn what_cannot_be_meant_is_explained() {
        for (text, words) in [
            ("is:nice", "star, trash"),
            ("cost>much", "cost>0.1"),
            ("seed:x", "whole number"),
            ("id:cat", "id:n32"),
            ("date:tomorrow", "2026-11-21"),
            ("after:2026-13-01", "2026-11-21"),
            ("date:2026-02-31", "2026-11-21"),
            ("before:2025-02-29", "2026-11-21"),
            ("date:2026-11-21x", "2026-11-21"),
        ] {
            assert!(Query::read(text).is_err_and(|error| error.contains(words)), "{text}");
        }
    }
}
