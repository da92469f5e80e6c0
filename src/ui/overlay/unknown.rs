//! What is said of a line that names no command, and what is shown instead.
//!
//! Pure. Invariant: a name is guessed only where most of its letters are those that were typed.

use strsim::osa_distance;

use crate::ui::command::CommandRow;

/// Above what is shown instead.
pub const NEAREST: &str = "nothing is called so; the nearest:";
pub const ALL: &str = "nothing is called so; all commands:";
/// More of them are no help.
const MOST: usize = 8;
/// What is shorter begins too many words.
const LEAST: usize = 3;

/// Places of the commands that come nearest to a line that finds none, the best first: by a letter
/// more or less, or by a word that they or others have for it. All of them where none is near.
pub fn nearest(line: &str, rows: &[&CommandRow]) -> Vec<usize> {
    let line = line.to_lowercase();
    let typed = || line.split([' ', '-', '_']).filter(|word| word.chars().count() >= LEAST);
    let far = |row: &CommandRow| {
        let parts = row.name.split('-').filter(|part| part.len() >= LEAST);
        let words = [row.name].into_iter().chain(parts).chain(row.sought_as.iter().copied());
        let pairs = words.flat_map(|word| typed().map(move |typed| distance(typed, word)));
        pairs.chain([distance(&line, row.name)]).flatten().min()
    };
    let near = (0..).zip(rows).filter_map(|(place, row)| Some((far(row)?, place)));
    let mut near: Vec<(usize, usize)> = near.collect();
    near.sort_unstable();
    match near.is_empty() {
        true => (0..rows.len()).collect(),
        false => near.into_iter().map(|(_, place)| place).take(MOST).collect(),
    }
}

/// How far they are apart, where that is near.
fn distance(typed: &str, word: &str) -> Option<usize> {
    let begins = typed.starts_with(word) && word.len() >= LEAST;
    if begins || word.starts_with(typed) {
        return Some(1);
    }
    let distance = osa_distance(typed, word);
    (distance * 5 <= typed.chars().count().min(word.len()) * 2).then_some(distance)
}

/// `first`: what the letters find in the list; `is_line`: there is neither a next `Enter` nor `Tab`.
pub fn told<'a>(
    word: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    first: Option<&str>,
    is_line: bool,
) -> String {
    let mut several = names.clone().filter(|name| name.starts_with(word));
    if let (Some(first), Some(second)) = (several.next(), several.next()) {
        let tab = if is_line { "" } else { "; Tab selects" };
        return format!("`{word}` is ambiguous: `{first}`, `{second}` …{tab}");
    }
    // Of two that are as near, the one of the same letters was meant.
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let other = |name: &str| letters(name) != letters(word);
    let nearest = names.min_by_key(|name| (osa_distance(word, name), other(name)));
    let is_near = |name: &&str| osa_distance(word, name) * 3 <= word.chars().count();
    match (first, nearest.filter(is_near)) {
        (Some(name), _) => {
            let tab = if is_line { "" } else { " Tab selects it" };
            format!("unknown command `{word}`; did you mean `{name}`?{tab}")
        }
        (None, Some(name)) => format!("unknown command `{word}`; did you mean `{name}`?"),
        (None, None) => format!("unknown command `{word}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_other_letters_is_not_guessed() {
        let told =
            |word| told(word, ["newline", "compare", "compare-mode"].into_iter(), None, false);
        assert_eq!(told("nonsense"), "unknown command `nonsense`");
        assert_eq!(told("comapre"), "unknown command `comapre`; did you mean `compare`?");
        let swapped = told("comapre-moed");
        assert!(swapped.ends_with("did you mean `compare-mode`?"), "{swapped}");
        let help = super::told("hepl", ["heal", "help"].into_iter(), None, false);
        assert!(help.ends_with("did you mean `help`?"), "{help}");
        assert_eq!(told("com"), "`com` is ambiguous: `compare`, `compare-mode` …; Tab selects");
    }
}
