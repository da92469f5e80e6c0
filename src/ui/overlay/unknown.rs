//! What is said of a line that names no command, and what is shown instead.
//!
//! Pure. Invariant: a name is guessed only where most of its letters are those that were typed.

use strsim::osa_distance;

use crate::schema::suggest::slips;
use crate::ui::command::CommandRow;

/// Above what is shown instead.
pub const NEAREST: &str = "no command of that name; the nearest:";
pub const ALL: &str = "no command of that name; all commands:";
/// More of them are no help.
const MOST: usize = 8;
/// What is shorter begins too many words.
const LEAST: usize = 3;

/// How a word that was typed may be meant, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    Same,
    /// So many letters are wrong, missing or too many.
    Misspelt(usize),
    /// One of them begins the other.
    Begins,
}

/// Places of the commands that come nearest to a line that finds none, the best first: by their
/// names and the words that others have for them. The first word names a command; those behind it
/// are looked at where it comes near to none. All commands where nothing is near.
pub fn nearest(line: &str, rows: &[&CommandRow]) -> Vec<usize> {
    let line = line.to_lowercase();
    let mut words = line.split_whitespace().filter(|word| word.chars().count() >= LEAST);
    let near = words.find_map(|word| {
        let near = |row: &CommandRow| {
            let parts = row.name.split('-').filter(|part| part.len() >= LEAST);
            let others = [row.aliases, row.old_names, row.sought_as].concat();
            let words = [row.name].into_iter().chain(parts).chain(others);
            words.filter_map(|own| near(word, own)).min()
        };
        let near = (0..).zip(rows).filter_map(|(place, row)| Some((near(row)?, place)));
        Some(near.collect::<Vec<(Near, usize)>>()).filter(|near| !near.is_empty())
    });
    let Some(mut near) = near else { return (0..rows.len()).collect() };
    near.sort_unstable();
    near.into_iter().map(|(_, place)| place).take(MOST).collect()
}

/// Most of the letters must be those that were typed.
fn near(typed: &str, own: &str) -> Option<Near> {
    if typed == own {
        return Some(Near::Same);
    }
    let distance = osa_distance(typed, own);
    let is_misspelt = distance * 5 <= typed.chars().count().min(own.len()) * 2;
    let begins = own.starts_with(typed) || own.len() >= LEAST && typed.starts_with(own);
    is_misspelt.then_some(Near::Misspelt(distance)).or(begins.then_some(Near::Begins))
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
    let nearest = names.min_by_key(|name| slips(word, name));
    let is_near = |name: &&str| slips(word, name).0 * 3 <= word.chars().count();
    match (first, nearest.filter(is_near)) {
        (Some(name), _) => {
            let tab = if is_line { "" } else { " Tab selects it" };
            format!("no command `{word}`; did you mean `{name}`?{tab}")
        }
        (None, Some(name)) => format!("no command `{word}`; did you mean `{name}`?"),
        (None, None) => format!("no command `{word}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_other_letters_is_not_guessed() {
        let told =
            |word| told(word, ["newline", "compare", "compare-mode"].into_iter(), None, false);
        assert_eq!(told("nonsense"), "no command `nonsense`");
        assert_eq!(told("comapre"), "no command `comapre`; did you mean `compare`?");
        let swapped = told("comapre-moed");
        assert!(swapped.ends_with("did you mean `compare-mode`?"), "{swapped}");
        let help = super::told("hepl", ["heal", "help"].into_iter(), None, false);
        assert!(help.ends_with("did you mean `help`?"), "{help}");
        assert_eq!(told("com"), "`com` is ambiguous: `compare`, `compare-mode` …; Tab selects");
    }
}
