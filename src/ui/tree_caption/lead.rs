//! What leads to the words that tell a row apart, and how much of it may be left out.
//!
//! In any language one word can turn what follows into its opposite: `Add a hat without a feather`.
//! So what leads there is told whole, or one sign stands for all of it: `…feather`. A part is told
//! only where a word is known to turn what follows:
//! - from that word on, if none before it turns that one too: `…without feather`, but not `…remove
//!   hat` of `Do not remove the hat`;
//! - up to that word, if behind it a single word is missing that neither turns anything nor begins
//!   something else: `Take…spoon`, `Do not…hat`.
//!
//! Pure. Invariant: no word that is known to turn what is told is missing without the sign at the
//! beginning.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

/// In place of words that are left out.
pub const MISSING: &str = "…";
pub const SIGNS: [char; 6] = [',', ';', ':', '.', '(', '–'];
/// They turn what follows, as does each that ends with `n't`.
const TURNS: [&str; 20] = [
    "not", "no", "never", "nor", "neither", "none", "nothing", "cannot", "without", "except",
    "but", "instead", "avoid", "remove", "delete", "erase", "drop", "hide", "omit", "lose",
];
/// What turned the words before these does not turn them.
const BEGIN_ANEW: [&str; 4] = ["but", "except", "instead", "without"];
/// Behind these stands what something is in, from or beside, or something else.
const RELATE: [&str; 23] = [
    "in", "into", "on", "onto", "at", "of", "to", "with", "from", "for", "by", "under", "over",
    "above", "below", "behind", "beside", "near", "around", "between", "and", "or", "as",
];
/// What begins or describes what follows.
const DESCRIBE: [&str; 27] = [
    "a", "an", "the", "it", "this", "that", "its", "his", "her", "their", "my", "your", "some",
    "more", "very", "like", "keep", "make", "turn", "change", "put", "take", "away", "add",
    "replace", "give", "only",
];
/// What goes on with one of these is not what it says alone: black is not black and white.
const GO_ON: [&str; 7] = ["and", "or", "but", "without", "except", "not", "nor"];
/// What one of these follows is not there: a hat that is put away.
const UNDO: [&str; 6] = ["away", "off", "out", "weg", "fort", "raus"];
/// What leads to a word is told without these.
const ARTICLES: [&str; 3] = ["a", "an", "the"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    words: Vec<String>,
    /// The longest first.
    parts: Vec<Part>,
}

/// A part that may be told without the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    told: Range<usize>,
    /// With the signs for what is missing.
    columns: usize,
}

impl Lead {
    pub fn of(words: &[&str]) -> Self {
        let words = without_articles(words);
        let all = words.len();
        let up_to = all.saturating_sub(1);
        let has_end =
            matches!(words.as_slice(), [.., turns, plain] if is_told_without(turns, plain));
        let parts = std::iter::once(0..all).chain((has_end && up_to > 0).then_some(0..up_to));
        let parts = parts.chain(starts(&words).filter(|at| *at > 0).map(|at| at..all));
        let columns = |told: &Range<usize>| {
            let own = words.get(told.clone()).unwrap_or_default();
            let signs = usize::from(told.start > 0) + usize::from(all > 0);
            own.iter().map(|word| word.width() + 1).sum::<usize>().saturating_sub(1) + signs
        };
        let parts = parts.map(|told| Part { columns: columns(&told), told }).collect();
        Self { parts, words: words.into_iter().map(str::to_owned).collect() }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn part(&self, count: usize) -> Option<&Part> {
        self.parts.iter().find(|part| part.told.len() == count)
    }

    /// What so many of them take, with what parts them from the next one; `None`: that many may not be
    /// told without the others.
    pub fn columns(&self, count: usize) -> Option<usize> {
        match (count, self.is_empty()) {
            (0, false) => Some(MISSING.width()),
            _ => self.part(count).map_or((count == 0).then_some(0), |part| Some(part.columns)),
        }
    }

    pub fn text(&self, count: usize) -> String {
        let Some(told) = self.part(count).map(|part| part.told.clone()) else {
            return if self.is_empty() { String::new() } else { MISSING.to_owned() };
        };
        let before = if told.start > 0 { MISSING } else { "" };
        let behind = match self.len() - told.end {
            0 if told.is_empty() => "",
            0 => " ",
            _ => MISSING,
        };
        format!("{before}{}{behind}", self.words.get(told).unwrap_or_default().join(" "))
    }
}

/// What stands between two words that are told, where these stand between them in the text: the
/// last that turns the second one, and what follows it.
pub fn between(words: &[&str]) -> String {
    let words = without_articles(words);
    match starts(&words).last() {
        _ if words.is_empty() => " ".to_owned(),
        None => MISSING.to_owned(),
        Some(at) => {
            let gap = if at > 0 { MISSING } else { " " };
            format!("{gap}{} ", words.get(at..).unwrap_or_default().join(" "))
        }
    }
}

/// What is told before this word is not what it says alone.
pub fn goes_on(next: &str) -> bool {
    is_of(&GO_ON, next) || is_undone(next)
}

/// What is told before this word may be the opposite of what it says alone.
pub fn is_undone(next: &str) -> bool {
    is_of(&UNDO, next)
}

/// Behind this word something is missing.
pub fn leads_on(word: &str) -> bool {
    is_of(&DESCRIBE, word) || is_of(&RELATE, word) || turns(word)
}

fn without_articles<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().filter(|word| !is_of(&ARTICLES, word)).copied().collect()
}

/// From which words on they may be told.
fn starts(words: &[&str]) -> impl Iterator<Item = usize> {
    let mut is_turned = false;
    let is_start = move |(at, word): (usize, &&str)| {
        is_turned &= !is_of(&BEGIN_ANEW, word);
        let is_start = turns(word) && !is_turned;
        is_turned |= turns(word) && !word.eq_ignore_ascii_case("but");
        is_start.then_some(at)
    };
    words.iter().enumerate().filter_map(is_start)
}

/// Whether the second one may be missing behind the first one.
fn is_told_without(first: &str, second: &str) -> bool {
    let is = |word: &str, is: &str| word.eq_ignore_ascii_case(is);
    let is_open = is(first, "but") || is(first, "instead") || is_of(&RELATE, second);
    let is_ended = [first, second].iter().any(|word| word.ends_with(SIGNS));
    let has_turned = turns(first) && !turns(second) && !is_open && !is_ended;
    has_turned || (is(first, "take") && is(second, "away"))
}

fn turns(word: &str) -> bool {
    let end = word.to_lowercase();
    let end = end.trim_end_matches(SIGNS);
    is_of(&TURNS, word) || ["n't", "n’t"].iter().any(|it| end.ends_with(it))
}

fn is_of(list: &[&str], word: &str) -> bool {
    let word = word.trim_end_matches(SIGNS);
    list.iter().any(|it| it.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each part, the longest first.
    fn parts(words: &str) -> Vec<String> {
        let lead = Lead::of(&words.split(' ').collect::<Vec<_>>());
        let told = (0..=lead.len()).rev().filter(|count| lead.columns(*count).is_some());
        told.map(|count| {
            let text = lead.text(count);
            assert_eq!(Some(text.width()), lead.columns(count), "{text}");
            text
        })
        .collect()
    }

    #[test]
    fn a_part_is_told_only_with_the_word_that_turns_what_follows() {
        for (words, told) in [
            ("Add a hat without a", &["Add hat without ", "…without ", "…"][..]),
            ("Keep the cup but no", &["Keep cup but no ", "…but no ", "…no ", "…"]),
            ("Do not add a", &["Do not add ", "Do not…", "…"]),
            ("Don't add a", &["Don't add ", "Don't…", "…"]),
            ("Take away the", &["Take away ", "Take…", "…"]),
            ("Keep away the", &["Keep away ", "…"]),
            ("Do not remove the", &["Do not remove ", "…not remove ", "…"]),
            ("Remove the hat from the", &["Remove hat from ", "…"]),
            ("No, add a", &["No, add ", "…"]),
            ("Remove the hat but not the", &["Remove hat but not ", "…but not ", "…not ", "…"]),
            ("All but my", &["All but my ", "…but my ", "…"]),
            ("Füge keinen", &["Füge keinen ", "…"]),
            ("Ne pas ajouter", &["Ne pas ajouter ", "…"]),
            ("Remove the", &["Remove ", "…"]),
        ] {
            assert_eq!(parts(words), told, "{words}");
        }
        assert_eq!(Lead::of(&["a"]).columns(0), Some(0), "nothing is missing");
    }

    #[test]
    fn between_two_words_stands_what_turns_the_second_one() {
        let told = |words: &str| between(&words.split_whitespace().collect::<Vec<_>>());
        let all = ["", "a", "cup, take", "hat without a", "without a", "Hut ohne"].map(told);
        assert_eq!(all, [" ", " ", "…", "…without ", " without ", "…"]);
    }
}
