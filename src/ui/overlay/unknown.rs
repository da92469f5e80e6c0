//! What is said of a line that names no command.
//!
//! Pure. Invariant: a name is guessed only where most of its letters are those that were typed.

use strsim::osa_distance;

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
