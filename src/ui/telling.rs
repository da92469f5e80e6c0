//! The words that tell prompts of the same form apart: `Make it a summer morning` from `Make it a
//! winter morning`.
//!
//! Pure. Invariant: what is left out, all of the compared prompts say.

use unicode_width::UnicodeWidthStr as _;

use super::cells::cut;

/// Prompts that are compared with one at most.
const MOST: usize = 32;
/// A cut word of fewer columns has no room for the sign that it is cut.
const LEAST: usize = 4;

/// Where one prompt differs from others of as many words, of which it shares at least half.
pub fn places<'a>(own: &str, others: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let words: Vec<&str> = own.split_whitespace().collect();
    let mut places = vec![false; words.len()];
    for other in others.take(MOST) {
        if let Some(differing) = alike(&words, other) {
            places.iter_mut().zip(differing).for_each(|(place, differs)| *place |= differs);
        }
    }
    places.iter().enumerate().filter(|(_, differs)| **differs).map(|(at, _)| at).collect()
}

/// Where they differ, if they are of one form.
fn alike(words: &[&str], other: &str) -> Option<Vec<bool>> {
    let other: Vec<&str> = other.split_whitespace().collect();
    let differs: Vec<bool> = words.iter().zip(&other).map(|(own, other)| own != other).collect();
    let count = differs.iter().filter(|differs| **differs).count();
    (other.len() == words.len() && count * 2 <= words.len()).then_some(differs)
}

/// So many of the words at these places, from the first on, differ from each of the others.
pub fn enough<'a>(own: &str, others: impl Iterator<Item = &'a str>, places: &[usize]) -> usize {
    let words: Vec<&str> = own.split_whitespace().collect();
    let of_one = |other: &str| {
        let differs = alike(&words, other)?;
        let is_other = |at: &usize| differs.get(*at) == Some(&true);
        places.iter().position(is_other).map(|place| place + 1)
    };
    others.take(MOST).filter_map(of_one).max().unwrap_or(0)
}

/// The same of all of them; none where they have not one form.
pub fn places_of_all(prompts: &[&str]) -> Vec<usize> {
    let Some((first, others)) = prompts.split_first() else { return Vec::new() };
    let count = first.split_whitespace().count();
    let mut places: Vec<usize> = Vec::new();
    for other in others.iter().filter(|other| *other != first) {
        if other.split_whitespace().count() != count {
            return Vec::new();
        }
        let pairs = first.split_whitespace().zip(other.split_whitespace()).enumerate();
        places.extend(pairs.filter(|(_, (one, other))| one != other).map(|(at, _)| at));
    }
    places.sort_unstable();
    places.dedup();
    if places.len() * 2 <= count { places } else { Vec::new() }
}

pub fn words_at<'a>(prompt: &'a str, places: &[usize]) -> Vec<&'a str> {
    let words: Vec<&str> = prompt.split_whitespace().collect();
    places.iter().filter_map(|at| words.get(*at)).copied().collect()
}

/// Each word that all share, and a sign for each where they differ.
pub fn form<'a>(prompt: &'a str, places: &[usize]) -> Vec<&'a str> {
    let sign = |(at, word)| if places.binary_search(&at).is_ok() { "…" } else { word };
    prompt.split_whitespace().enumerate().map(sign).collect()
}

/// What all share, with a sign where they differ.
pub fn template(prompt: &str, places: &[usize]) -> String {
    let mut words = form(prompt, places);
    words.dedup_by(|one, before| *one == "…" && *before == "…");
    words.join(" ")
}

/// In so many columns, each word cut alike; the last ones are left out before the others become
/// letters that nobody can read.
pub fn fitted(words: &[String], columns: usize) -> String {
    let whole = words.join(" ");
    if whole.width() <= columns {
        return whole;
    }
    let each = ((columns + 1) / words.len().max(1)).saturating_sub(1);
    match words {
        [first] => cut(first, columns),
        [before @ .., _] if each < LEAST => fitted(before, columns),
        _ => words.iter().map(|word| cut(word, each)).collect::<Vec<_>>().join(" "),
    }
}

/// Nearly every instruction begins with some of these.
const OPENING: [&str; 12] =
    ["make", "turn", "change", "put", "it", "this", "into", "to", "in", "a", "an", "the"];

/// Without the words at its beginning that tell nothing.
pub fn bare(words: &str) -> &str {
    let is_opening = |word: &str| OPENING.iter().any(|it| it.eq_ignore_ascii_case(word));
    let mut rest = words;
    while let Some((_, after)) = rest.split_once(' ').filter(|(word, _)| is_opening(word)) {
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let prompts =
            ["Make it a summer morning", "Make it a winter morning", "Make it a winter night"];
        let others = || prompts.iter().skip(1).copied();
        assert_eq!(places(prompts[0], others()), [3, 4]);
        assert_eq!(places_of_all(&prompts), [3, 4]);
        assert_eq!(template(prompts[0], &[3, 4]), "Make it a …");
        assert_eq!(words_at(prompts[2], &[3, 4]), ["winter", "night"]);
        assert_eq!(places("Add a hat", others()), [0; 0]);
        assert_eq!(places_of_all(&["Add a hat", prompts[0]]), [0; 0]);
    }

    #[test]
    fn the_words_that_all_instructions_begin_with_are_left_out_first() {
        let told = ["Make it a watercolour", "Turn the lamp on", "Take away the spoon", "Make it"];
        assert_eq!(told.map(bare), ["watercolour", "lamp on", "Take away the spoon", "it"]);
    }

    #[test]
    fn words_are_cut_alike_and_never_to_initials() {
        let words = ["summer".to_owned(), "morning".to_owned()];
        let told = [14, 9, 6, 3].map(|columns| fitted(&words, columns));
        assert_eq!(told, ["summer morning", "sum… mor…", "summer", "su…"]);
    }
}
