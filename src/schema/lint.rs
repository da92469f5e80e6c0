//! What Kontext is known to take badly in a prompt: a handful of rules, each with its reason.
//! Advice in English for English prompts; nothing here forbids anything.
//!
//! Invariant: a quoted passage is never judged, and a fix changes only what its hint is about.

mod tokenize;

use std::ops::Range;

use super::Hint;
use tokenize::{Word, words};

/// As many imperatives are still done in one go, by the makers' guides.
const CHANGES_AT_ONCE: usize = 3;

/// What in this prompt Kontext is known to take badly; text in quotation marks is left alone.
/// Advice only: none of it keeps a prompt from being sent.
pub fn hints(prompt: &str) -> Vec<Hint> {
    let words = words(prompt);
    let rules = [nameless, transform, negative, nothing_kept, many_changes];
    rules.into_iter().filter_map(|rule| rule(prompt, &words)).collect()
}

/// What in this prompt speaks of a picture that is not there: "image 3" when there are two.
pub fn references(prompt: &str, pictures: usize) -> Vec<Hint> {
    let words = words(prompt);
    words
        .windows(2)
        .filter_map(|pair| {
            let [one, two] = pair else { return None };
            let number = reference(one, two)?;
            (number > pictures).then(|| Hint {
                message: match pictures {
                    0 => "there is no picture to speak of".to_owned(),
                    1 => format!("there is no image {number}: only one is given"),
                    more => format!("there is no image {number}: {more} are given"),
                },
                fix: None,
                at: Some(one.at.start..two.at.end),
            })
        })
        .collect()
}

/// The pictures that the prompt speaks of by number, from 1: "image 2", "the second photo".
pub fn mentioned(prompt: &str) -> Vec<usize> {
    let words = words(prompt);
    let pairs = words.windows(2).filter_map(|pair| {
        let [one, two] = pair else { return None };
        reference(one, two)
    });
    pairs.collect()
}

/// "image 3", "picture two", "second photo".
fn reference(one: &Word, two: &Word) -> Option<usize> {
    const THINGS: [&str; 5] = ["image", "picture", "photo", "img", "reference"];
    const COUNTED: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
    const ORDERED: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    if one.is(&THINGS) {
        let counted = COUNTED.iter().position(|word| *word == two.text).map(|place| place + 1);
        return two.text.parse().ok().or(counted).filter(|number| (1..=99).contains(number));
    }
    let ordered = ORDERED.iter().position(|word| *word == one.text)?;
    two.is(&THINGS).then_some(ordered + 1)
}

/// A pronoun before anything was named: the model guesses who is meant.
fn nameless(_prompt: &str, words: &[Word]) -> Option<Hint> {
    const PEOPLE: [&str; 9] = ["he", "she", "him", "her", "his", "hers", "they", "them", "their"];
    const HANDLING: [&str; 10] = [
        "remove", "delete", "erase", "replace", "move", "rotate", "recolor", "recolour", "enlarge",
        "shrink",
    ];
    const NAMING: [&str; 10] =
        ["the", "a", "an", "this", "that", "these", "those", "both", "every", "all"];
    let place = words.iter().position(|word| word.is(&PEOPLE) || word.text == "it")?;
    let (before, rest) = words.split_at_checked(place)?;
    let pronoun = rest.first()?;
    let handled = before.last().is_some_and(|word| word.is(&HANDLING));
    let named = before.iter().any(|word| word.is(&NAMING));
    // "Make it snow" speaks of the whole picture, "remove it" of a thing.
    (!named && (pronoun.text != "it" || handled)).then(|| Hint {
        message: format!(
            "`{}` names nobody and nothing yet: say what is seen, like `the woman with the red coat`",
            pronoun.text
        ),
        fix: None,
        at: Some(pronoun.at.clone()),
    })
}

/// "Transform" licenses a new identity; for clothes, "change" is what is meant.
fn transform(prompt: &str, words: &[Word]) -> Option<Hint> {
    const CLOTHES: [&str; 22] = [
        "clothes",
        "clothing",
        "outfit",
        "dress",
        "shirt",
        "t-shirt",
        "suit",
        "jacket",
        "coat",
        "hat",
        "costume",
        "armor",
        "armour",
        "uniform",
        "trousers",
        "jeans",
        "skirt",
        "sweater",
        "shoes",
        "hair",
        "hairstyle",
        "beard",
    ];
    const PEOPLE: [&str; 9] =
        ["man", "woman", "person", "boy", "girl", "him", "her", "face", "people"];
    let verb = words.iter().find(|word| word.is(&["transform", "convert"]))?;
    if words.iter().any(|word| word.is(&CLOTHES)) {
        return Some(Hint {
            message: format!(
                "`{}` may change who is shown: for clothes or hair say `change`",
                verb.text
            ),
            fix: replaced(prompt, verb.at.clone(), "change"),
            at: Some(verb.at.clone()),
        });
    }
    words.iter().any(|word| word.is(&PEOPLE)).then(|| Hint {
        message: format!("`{}` may change who is shown: add `keep the face`", verb.text),
        fix: None,
        at: Some(verb.at.clone()),
    })
}

/// Naming what is not wanted may summon it; what must stay is better said as such.
fn negative(prompt: &str, words: &[Word]) -> Option<Hint> {
    const CHANGING: [&str; 8] =
        ["change", "changing", "alter", "altering", "modify", "modifying", "touch", "touching"];
    let negated = |place: usize| {
        let word = words.get(place)?;
        let next = words.get(place + 1);
        match word.text.as_str() {
            "don't" | "dont" | "without" | "never" => Some(place + 1),
            "do" if next.is_some_and(|next| next.text == "not") => Some(place + 2),
            "no" | "avoid" if next.is_some() => Some(place + 1),
            _other => None,
        }
    };
    let (place, after) = (0..words.len()).find_map(|place| Some((place, negated(place)?)))?;
    let start = words.get(place)?.at.start;
    let object = words.get(after).filter(|word| word.is(&CHANGING)).and(words.get(after + 1));
    if let Some(object) = object {
        let end = part_end(prompt, words, after + 1);
        let kept = prompt.get(object.at.start..end)?.trim_end();
        return Some(Hint {
            message: "say what stays instead of what not to do".to_owned(),
            fix: with_kept(prompt, start..end, kept),
            at: Some(start..end),
        });
    }
    Some(Hint {
        message: "naming what is not wanted may summon it: say what is there instead".to_owned(),
        fix: None,
        at: Some(start..words.get(after).map_or(start, |word| word.at.end)),
    })
}

/// A new background or style takes the rest along unless told what stays.
fn nothing_kept(prompt: &str, words: &[Word]) -> Option<Hint> {
    const KEEPING: [&str; 14] = [
        "keep",
        "keeping",
        "keeps",
        "maintain",
        "maintaining",
        "preserve",
        "preserving",
        "same",
        "unchanged",
        "retain",
        "retaining",
        "stay",
        "stays",
        "only",
    ];
    const CHANGING: [&str; 6] = ["change", "replace", "swap", "put", "place", "make"];
    if words.iter().any(|word| word.is(&KEEPING)) || !words.iter().any(|word| word.is(&CHANGING)) {
        return None;
    }
    let large = words.iter().find(|word| word.is(&["background", "backdrop", "scene", "style"]))?;
    let clause = match large.text.as_str() {
        "style" => "keep the composition and the faces the same",
        _place => "keep the subject in the same position, scale and pose",
    };
    let start = prompt.trim_end().trim_end_matches(['.', ',', ';']);
    Some(Hint {
        message: "nothing is said about what stays: the subject may move or change".to_owned(),
        fix: Some(format!("{start}, {clause}")),
        at: Some(large.at.clone()),
    })
}

fn many_changes(prompt: &str, words: &[Word]) -> Option<Hint> {
    let found = imperatives(words);
    let surplus = found.get(CHANGES_AT_ONCE)?;
    let count = found.len();
    if prompt.lines().filter(|line| !line.trim().is_empty()).count() >= count {
        let message = format!(":steps sends these {count} lines one after the other");
        return Some(Hint { message, fix: None, at: None });
    }
    Some(Hint {
        message: format!("{count} changes in one request: one a line, as steps, is done better"),
        fix: split(prompt),
        at: Some(surplus.at.clone()),
    })
}

/// Words that begin a change: they open a part, or follow "and" or "then".
fn imperatives(words: &[Word]) -> Vec<&Word> {
    const VERBS: [&str; 14] = [
        "change", "replace", "add", "remove", "make", "turn", "put", "move", "swap", "rotate",
        "crop", "recolor", "delete", "place",
    ];
    let imperative = |place: usize| {
        let word = words.get(place)?;
        let joined = place.checked_sub(1).and_then(|before| words.get(before));
        let begins = word.opens || joined.is_some_and(|word| word.is(&["and", "then", "also"]));
        (begins && word.is(&VERBS)).then_some(word)
    };
    (0..words.len()).filter_map(imperative).collect()
}

/// One change a line, without what joined them.
pub fn split(prompt: &str) -> Option<String> {
    const JOINTS: [&str; 3] = [" and", " then", " also"];
    let words = words(prompt);
    let starts: Vec<usize> = imperatives(&words).iter().map(|word| word.at.start).collect();
    let ends = starts.iter().skip(1).copied().chain([prompt.len()]);
    let first = starts.first()?;
    let mut lines = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        // What stands before the first change belongs to it.
        let start = if start == first { 0 } else { *start };
        let mut line = prompt.get(start..end)?.trim_end_matches([' ', ',', ';', '.', '\n']);
        while let Some(rest) = JOINTS.iter().find_map(|joint| line.strip_suffix(joint)) {
            line = rest.trim_end_matches([' ', ',', ';', '.']);
        }
        let mut letters = line.trim().chars();
        let capital = letters.next()?.to_uppercase();
        lines.push(format!("{capital}{}", letters.as_str()));
    }
    (lines.len() > 1).then(|| lines.join("\n"))
}

/// Where the part of the sentence that this word is in ends.
fn part_end(prompt: &str, words: &[Word], place: usize) -> usize {
    let start = words.get(place).map_or(prompt.len(), |word| word.at.start);
    let rest = prompt.get(start..).unwrap_or_default();
    start + rest.find(['.', ',', ';', '\n']).unwrap_or(rest.len())
}

/// The prompt with that range as a preserving clause, set off by a comma.
fn with_kept(prompt: &str, range: Range<usize>, kept: &str) -> Option<String> {
    let before = prompt.get(..range.start)?.trim_end();
    let inner = before.trim_end_matches([',', ';']);
    let clause = match before.chars().last() {
        None | Some('.' | '!' | '?') => format!("Keep {kept} the same"),
        Some(_) => format!("keep {kept} the same"),
    };
    let joint = match before.chars().last() {
        None => "",
        Some('.' | '!' | '?') => " ",
        Some(_) => ", ",
    };
    Some(format!("{inner}{joint}{clause}{}", prompt.get(range.end..)?))
}

/// The prompt with another word in that place, capital kept.
fn replaced(prompt: &str, range: Range<usize>, word: &str) -> Option<String> {
    let capital = prompt.get(range.clone())?.chars().next().is_some_and(char::is_uppercase);
    let mut letters = word.chars();
    let first = letters.next()?;
    let first = if capital { first.to_ascii_uppercase() } else { first };
    let (before, after) = (prompt.get(..range.start)?, prompt.get(range.end..)?);
    Some(format!("{before}{first}{}{after}", letters.as_str()))
}
