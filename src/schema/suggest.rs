//! Names that look alike, for "did you mean". Knows nothing of what the names stand for.
//!
//! Invariant: the answer is a subset of the candidates, the likeliest first.

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
    let slips = distance(typed, candidate);
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

/// Letters to insert, delete or change, after Levenshtein.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (done, letter) in a.chars().enumerate() {
        let mut next = vec![done + 1];
        for ((other, both), above) in b.chars().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(done + 1);
            let changed = both + usize::from(letter != other);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
