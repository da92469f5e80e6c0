//! Which of the words the painter understands.

use super::object::Object;
use super::tone::Tone;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Tone(Tone),
    Letters(String),
    /// With a colour where one was named.
    Object(Object, Option<[u8; 3]>),
}

impl Change {
    /// For the request's log.
    pub fn describe(&self) -> String {
        match self {
            Self::Tone(tone) => format!("changed the whole picture: {}", tone.name()),
            Self::Letters(text) => format!("wrote \"{text}\" across the lower third"),
            Self::Object(object, _) => format!("drew a {} where there was room", object.name()),
        }
    }
}

/// In the order in which the words stand there.
pub fn read(prompt: &str) -> Vec<Change> {
    let lower = prompt.to_lowercase();
    let mut found: Vec<(usize, Change)> = Vec::new();
    let mut take = |place: Option<usize>, change: Change| {
        let known = found.iter().any(|(_, other)| *other == change);
        if let (Some(place), false) = (place, known) {
            found.push((place, change));
        }
    };
    for (words, tone) in TONES {
        take(find_word(&lower, words), Change::Tone(tone));
    }
    for (word, object) in OBJECTS {
        let place = find_word(&lower, word);
        take(place, Change::Object(object, place.and_then(|place| colour_before(&lower, place))));
    }
    if let Some((place, text)) = quoted(prompt) {
        take(Some(place), Change::Letters(text));
    }
    // "make it red": a colour that belongs to no object tints everything.
    let has_object = found.iter().any(|(_, change)| matches!(change, Change::Object(..)));
    let is_grey = found.iter().any(|(_, change)| *change == Change::Tone(Tone::Grey));
    if !has_object
        && !is_grey
        && let Some((place, colour)) =
            COLOURS.iter().find_map(|(word, colour)| Some((find_word(&lower, word)?, *colour)))
    {
        found.push((place, Change::Tone(Tone::Tint(colour))));
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, change)| change).collect()
}

/// Longer words before those that they contain.
const TONES: [(&str, Tone); 13] = [
    ("black and white", Tone::Grey),
    ("black-and-white", Tone::Grey),
    ("grayscale", Tone::Grey),
    ("monochrome", Tone::Grey),
    ("sepia", Tone::Sepia),
    ("warmer", Tone::Warm),
    ("colder", Tone::Cold),
    ("cooler", Tone::Cold),
    ("brighter", Tone::Bright),
    ("darker", Tone::Dark),
    ("night", Tone::Night),
    ("sunset", Tone::Sunset),
    ("mirror", Tone::Mirror),
];

const OBJECTS: [(&str, Object); 9] = [
    ("donut", Object::Donut),
    ("hat", Object::Hat),
    ("sun", Object::Sun),
    ("moon", Object::Moon),
    ("balloon", Object::Balloon),
    ("star", Object::Star),
    ("heart", Object::Heart),
    ("tree", Object::Tree),
    ("duckling", Object::Bird),
];

const COLOURS: [(&str, [u8; 3]); 10] = [
    ("red", [214, 40, 40]),
    ("green", [50, 160, 70]),
    ("blue", [45, 90, 200]),
    ("yellow", [240, 205, 50]),
    ("orange", [240, 140, 40]),
    ("purple", [130, 60, 170]),
    ("pink", [240, 130, 170]),
    ("white", [245, 245, 245]),
    ("black", [25, 25, 25]),
    ("brown", [120, 75, 40]),
];

/// As a word of its own, so that "that" holds no hat and "sunset" no sun.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).map(|(place, _)| place).find(|place| {
        let before = text.get(..*place).and_then(|text| text.chars().next_back());
        let after = text.get(place + word.len()..).and_then(|text| text.chars().next());
        !letter(before) && !letter(after)
    })
}

/// A colour among the three words before the object.
fn colour_before(text: &str, place: usize) -> Option<[u8; 3]> {
    let mut words = text.get(..place)?.split_whitespace().rev().take(3);
    words.find_map(|word| COLOURS.iter().find(|(name, _)| *name == word).map(|(_, colour)| *colour))
}

/// Words in quotation marks of any kind, also when the two do not match.
fn quoted(prompt: &str) -> Option<(usize, String)> {
    let opens = |c: char| matches!(c, '"' | '“' | '‘' | '«');
    let closes = |c: char| matches!(c, '"' | '”' | '’' | '»');
    let (place, first) = prompt.char_indices().find(|(_, c)| opens(*c))?;
    let inside = prompt.get(place + first.len_utf8()..)?;
    let end = inside.find(closes)?;
    let text = inside.get(..end)?.trim();
    (!text.is_empty()).then(|| (place, text.chars().take(24).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_in_order() {
        let grey = Change::Tone(Tone::Grey);
        assert_eq!(read("Make it black and white"), std::slice::from_ref(&grey));
        assert_eq!(read("Keep that sunset"), [Change::Tone(Tone::Sunset)]);
        let hat = Change::Object(Object::Hat, Some([214, 40, 40]));
        assert_eq!(read("Add a red hat, then make it black and white"), [hat, grey]);
        assert_eq!(read("Put it somewhere else"), []);
    }

    #[test]
    fn lettering_is_what_stands_in_quotes_of_any_kind() {
        assert_eq!(read("write “Hello” on it"), [Change::Letters("Hello".into())]);
        assert_eq!(read("replace ‘joy’ by ‘fal\""), [Change::Letters("joy".into())]);
    }

    #[test]
    fn a_colour_without_an_object_tints() {
        assert_eq!(read("make the car green"), [Change::Tone(Tone::Tint([50, 160, 70]))]);
    }
}
