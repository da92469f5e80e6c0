//! Names that look alike, for "did you mean". Knows nothing of what the names stand for.
//!
//! Invariant: the answer is a subset of the candidates, the likeliest first.

use strsim::levenshtein;

/// At most three candidates that start with what was typed or are a few slips away from it.
pub(super) fn similar_names<'a>(
    typed: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut found: Vec<(usize, &str)> = candidates
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

fn distance_if_near(typed: &str, candidate: &str) -> Option<usize> {
    if typed.is_empty() {
        return None;
    }
    let slips = levenshtein(typed, candidate);
    let begins = typed.len() >= 2 && candidate.starts_with(typed);
    let allowed = typed.chars().count().div_ceil(3).min(3);
    if slips <= allowed {
        Some(slips)
    } else if begins {
        Some(allowed + 1)
    } else {
        None
    }
}
