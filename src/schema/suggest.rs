//! Names that look alike, for "did you mean". Knows nothing of what the names stand for.
//!
//! Invariant: the answer is a subset of the candidates, the likeliest first.

use strsim::osa_distance;

/// Slips that lead from one word to the other, two letters that changed places being one; and
/// whether the letters are others: of two names that are as near, the one of the same was meant.
pub fn slips(typed: &str, name: &str) -> (usize, bool) {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    (osa_distance(typed, name), letters(typed) != letters(name))
}

/// At most three candidates that start with what was typed or are a few slips away from it.
pub(super) fn similar_names<'a>(
    typed: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut found: Vec<((usize, bool), &str)> = candidates
        .filter_map(|candidate| {
            Some((distance_if_near(&typed, &candidate.to_lowercase())?, candidate))
        })
        .collect();
    found.sort();
    found.truncate(3);
    found.into_iter().map(|(_, candidate)| candidate.to_owned()).collect()
}

/// The tail of a message: "; did you mean `a` or `b`?", or nothing.
pub(super) fn did_you_mean(near: &[String]) -> String {
    match one_of(near) {
        Some(names) => format!("; did you mean {names}?"),
        None => String::new(),
    }
}

/// "`a`, `b` or `c`".
pub(super) fn one_of(names: &[String]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (last, others) = quoted.split_last()?;
    if others.is_empty() {
        return Some(last.clone());
    }
    Some(format!("{} or {last}", others.join(", ")))
}

fn distance_if_near(typed: &str, candidate: &str) -> Option<(usize, bool)> {
    if typed.is_empty() {
        return None;
    }
    let (slips, is_other) = slips(typed, candidate);
    let begins = typed.len() >= 2 && candidate.starts_with(typed);
    let allowed = typed.chars().count().div_ceil(3).min(3);
    if slips <= allowed {
        Some((slips, is_other))
    } else if begins {
        Some((allowed + 1, is_other))
    } else {
        None
    }
}
