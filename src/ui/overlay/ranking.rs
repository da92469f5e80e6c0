//! How well a row of a list fits what was typed, and which of its letters do.
//!
//! First the name, then the words by which a newcomer knows it, then the text, letters in any
//! place last. Knows nothing of lists and screens.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What is searched of a row.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'row> {
    pub name: &'row str,
    /// What others call it.
    pub words: &'static [&'static str],
    /// All that is written in the row.
    pub text: &'row str,
    /// What is written of it elsewhere.
    pub more: &'row str,
    /// Where the letters may be scattered.
    pub scattered: &'row str,
}

/// From the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    Name,
    BeginsName,
    Word,
    BeginsWord,
    /// A part of the name begins so.
    BeginsPart,
    BeginsText,
    InText,
    /// In words that are seen of the selected row only.
    InMore,
    /// Its score.
    Scattered(Reverse<u32>),
}

impl Fit {
    /// It is seen in a list that begins with this one: what is only likely to be meant is left out
    /// where better is found.
    pub fn stands_below(&self, best: &Self) -> bool {
        match self {
            Self::BeginsWord => self == best,
            Self::InMore => *best > Self::Word,
            Self::Scattered(_) => matches!(best, Self::Scattered(_)),
            Self::Name
            | Self::BeginsName
            | Self::Word
            | Self::BeginsPart
            | Self::BeginsText
            | Self::InText => true,
        }
    }
}

/// Finds the rows for one query.
pub struct Ranking {
    whole: String,
    parts: Vec<String>,
    pattern: Pattern,
    matcher: Matcher,
    letters: Vec<char>,
}

impl Ranking {
    pub fn new(query: &str) -> Self {
        let whole = query.trim().to_lowercase();
        Self {
            parts: whole.split_whitespace().map(str::to_owned).collect(),
            pattern: Pattern::parse(&whole, CaseMatching::Ignore, Normalization::Smart),
            whole,
            matcher: Matcher::new(Config::DEFAULT),
            letters: Vec::new(),
        }
    }

    /// `None`: it does not fit.
    pub fn fit(&mut self, row: Sought) -> Option<Fit> {
        let [name, text, more] = [row.name, row.text, row.more].map(str::to_lowercase);
        let in_more = |sought: &str| more.contains(sought).then_some(Fit::InMore);
        let fit =
            |sought: &str| plain_fit(sought, &name, row.words, &text).or_else(|| in_more(sought));
        // Each word for itself, where they do not stand together: the worst counts.
        let apart = || self.parts.iter().map(|part| fit(part)).collect::<Option<Vec<Fit>>>();
        let plain = fit(&self.whole).or_else(|| apart()?.into_iter().max());
        plain.or_else(|| {
            let scattered = Utf32Str::new(row.scattered, &mut self.letters);
            let score = self.pattern.score(scattered, &mut self.matcher)?;
            Some(Fit::Scattered(Reverse(score)))
        })
    }

    /// Places of the letters of a label that fit, in characters.
    pub fn places(&mut self, label: &str) -> Vec<usize> {
        let label: Vec<char> = label.chars().flat_map(|c| c.to_lowercase().next()).collect();
        let whole = places_of(&self.whole, &label);
        let apart = || self.parts.iter().map(|part| places_of(part, &label));
        let plain = whole.or_else(|| Some(apart().collect::<Option<Vec<_>>>()?.concat()));
        plain.unwrap_or_else(|| {
            let mut places = Vec::new();
            let text = Utf32Str::Unicode(&label);
            self.pattern.indices(text, &mut self.matcher, &mut places);
            places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()
        })
    }
}

/// Places of the words of a query that stand in a text, in characters.
pub fn standing(query: &str, text: &str) -> Vec<usize> {
    let text: Vec<char> = text.chars().flat_map(|c| c.to_lowercase().next()).collect();
    let query = query.to_lowercase();
    query.split_whitespace().filter_map(|part| places_of(part, &text)).flatten().collect()
}

/// The word by which the row was found, where neither its name nor its text holds it.
pub fn other_word(query: &str, label: &str, words: &[&'static str]) -> Option<&'static str> {
    let sought = query.trim().to_lowercase();
    if sought.is_empty() || label.to_lowercase().contains(&sought) {
        return None;
    }
    let exact = words.iter().find(|word| **word == sought);
    exact.or_else(|| words.iter().find(|word| word.starts_with(&sought))).copied()
}

fn plain_fit(sought: &str, name: &str, words: &[&str], text: &str) -> Option<Fit> {
    let begins = |text: &str, between: &[char]| {
        text.split(between).any(|part| part.starts_with(sought))
            || (sought.contains(between) && text.starts_with(sought))
    };
    if name == sought {
        return Some(Fit::Name);
    }
    if name.starts_with(sought) {
        return Some(Fit::BeginsName);
    }
    if words.iter().any(|word| *word == sought || word.split(' ').any(|part| part == sought)) {
        return Some(Fit::Word);
    }
    if words.iter().any(|word| begins(word, &[' '])) {
        return Some(Fit::BeginsWord);
    }
    if begins(name, &['-']) {
        return Some(Fit::BeginsPart);
    }
    let begins_text = text.match_indices(sought).any(|(at, _)| is_begin(text, at));
    match (begins_text, text.contains(sought)) {
        (true, _) => Some(Fit::BeginsText),
        (false, true) => Some(Fit::InText),
        (false, false) => None,
    }
}

/// No letter stands before it.
fn is_begin(text: &str, at: usize) -> bool {
    !text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric))
}

/// Where it stands in the label, best where a word begins.
fn places_of(sought: &str, label: &[char]) -> Option<Vec<usize>> {
    let sought: Vec<char> = sought.chars().collect();
    if sought.is_empty() {
        return None;
    }
    let mut found = label.windows(sought.len()).enumerate().filter(|(_, part)| *part == sought);
    let is_begin = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| label.get(at));
        !before.is_some_and(|c| c.is_alphanumeric())
    };
    let first = found.clone().find(|(at, _)| is_begin(*at)).or_else(|| found.next());
    first.map(|(at, _)| (at..at + sought.len()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(query: &str, name: &str, words: &'static [&'static str], text: &str) -> Option<Fit> {
        let more = "as far as :open 7";
        Ranking::new(query).fit(Sought { name, words, text, more, scattered: name })
    }

    #[test]
    fn a_name_comes_before_a_word_and_a_word_before_the_text() {
        let fits = [
            fit("open", "open", &[], "open: a picture"),
            fit("op", "open", &[], "open: a picture"),
            fit("load", "open", &["load"], "open: a picture"),
            fit("lo", "open", &["load"], "open: a picture"),
            fit("out", "open-outside", &[], "open-outside"),
            fit("pict", "open", &[], "open: a picture"),
            fit("ctur", "open", &[], "open: a picture"),
            fit("far", "open", &[], "open: a picture"),
            fit("oen", "open", &[], "open: a picture"),
        ];
        assert!(fits.is_sorted() && fits.iter().all(Option::is_some), "{fits:?}");
        assert_eq!(fit("oen", "fold", &[], "open: a picture"), None);
    }

    #[test]
    fn likenesses_are_left_out_where_names_are_found() {
        let seen = |best: Fit, fits: &[Fit]| {
            fits.iter().filter(|fit| fit.stands_below(&best)).cloned().collect::<Vec<_>>()
        };
        let scattered = |score| Fit::Scattered(Reverse(score));
        let likely = [Fit::Word, Fit::BeginsWord, Fit::InText, Fit::InMore, scattered(9)];
        assert_eq!(seen(Fit::Name, &likely), [Fit::Word, Fit::InText]);
        assert_eq!(seen(Fit::BeginsName, &likely), [Fit::Word, Fit::InText]);
        assert_eq!(seen(Fit::Word, &likely), [Fit::Word, Fit::InText]);
        assert_eq!(seen(Fit::BeginsWord, &likely[1..]), likely[1..4]);
        assert_eq!(seen(Fit::InMore, &likely[3..]), [Fit::InMore]);
        assert_eq!(seen(scattered(10), &likely[4..]), [scattered(9)]);
    }

    #[test]
    fn words_of_a_query_may_stand_apart() {
        assert_eq!(fit("picture a", "open", &[], "open: a picture"), Some(Fit::BeginsText));
        assert_eq!(fit("side by", "mode", &["side by side"], "mode"), Some(Fit::BeginsWord));
        assert_eq!(fit("picture zzz", "open", &[], "open: a picture"), None);
    }

    #[test]
    fn the_letters_that_fit_are_together_where_they_can_be() {
        let places = |query: &str, label: &str| Ranking::new(query).places(label);
        assert_eq!(places("pic", "a topic, a picture"), [11, 12, 13]);
        assert_eq!(places("oen", "open"), [0, 2, 3]);
        assert_eq!(places("b a", "a b"), [2, 0]);
        assert!(places("", "open").is_empty());
    }

    #[test]
    fn a_row_that_another_word_has_found_tells_it() {
        assert_eq!(other_word("bac", "parent: go to the parent", &["back"]), Some("back"));
        assert_eq!(other_word("par", "parent: go to the parent", &["back"]), None);
    }
}
