//! Finding words: whole ones, quoted ones, colours and ratios.

pub(super) const COLOURS: [(&str, [u8; 3]); 14] = [
    ("red", [214, 40, 40]),
    ("green", [50, 160, 70]),
    ("blue", [45, 90, 200]),
    ("yellow", [240, 205, 50]),
    ("orange", [240, 140, 40]),
    ("purple", [130, 60, 170]),
    ("violet", [130, 60, 170]),
    ("pink", [240, 130, 170]),
    ("white", [245, 245, 245]),
    ("black", [25, 25, 25]),
    ("brown", [120, 75, 40]),
    ("golden", [214, 170, 60]),
    ("gold", [214, 170, 60]),
    ("silver", [190, 194, 200]),
];

/// As a word of its own, so that "that" holds no hat and "sunset" no sun.
pub(super) fn find_word(text: &str, word: &str) -> Option<usize> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).map(|(place, _)| place).find(|place| {
        let before = text.get(..*place).and_then(|text| text.chars().next_back());
        let after = text.get(place + word.len()..).and_then(|text| text.chars().next());
        !letter(before) && !letter(after)
    })
}

/// Where the last of these words stands, whole.
pub(super) fn last_of(text: &str, words: &[&str]) -> Option<usize> {
    let all = |word: &str| {
        let mut from = 0;
        let mut last = None;
        while let Some(place) = text.get(from..).and_then(|rest| find_word(rest, word)) {
            last = Some(from + place);
            from += place + word.len();
        }
        last
    };
    words.iter().filter_map(|word| all(word)).max()
}

/// The last colour that is named: "from red to green" means green.
pub(super) fn colour_in(text: &str) -> Option<(usize, [u8; 3])> {
    let found =
        COLOURS.iter().filter_map(|(word, colour)| Some((last_of(text, &[word])?, *colour)));
    found.max_by_key(|(place, _)| *place)
}

/// A colour among the four words before one of these.
pub(super) fn colour_near(text: &str, words: &[&str]) -> Option<[u8; 3]> {
    let place = words.iter().filter_map(|word| find_word(text, word)).min()?;
    let before = text.get(..place)?;
    let mut last =
        before.split(|c: char| !c.is_alphanumeric()).rev().filter(|w| !w.is_empty()).take(4);
    last.find_map(|word| COLOURS.iter().find(|(name, _)| *name == word).map(|(_, colour)| *colour))
}

/// `16:9`, or a word for it.
pub(super) fn ratio_in(text: &str) -> Option<(u32, u32)> {
    if find_word(text, "square").is_some() {
        return Some((1, 1));
    }
    text.split_whitespace().find_map(|word| {
        let (width, height) = word.trim_matches(|c: char| !c.is_ascii_digit()).split_once(':')?;
        let side = |text: &str| text.parse().ok().filter(|side| (1..=50).contains(side));
        Some((side(width)?, side(height)?))
    })
}

/// What stands in quotation marks of any kind, also where the two do not match.
pub(super) fn quotes(prompt: &str) -> Vec<(usize, String)> {
    let opens = |c: char| matches!(c, '"' | '“' | '‘' | '«' | '„');
    let closes = |c: char| matches!(c, '"' | '”' | '’' | '»' | '“');
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((place, first)) =
        prompt.get(from..).and_then(|rest| rest.char_indices().find(|(_, c)| opens(*c)))
    {
        let inside = from + place + first.len_utf8();
        let rest = prompt.get(inside..).unwrap_or_default();
        let Some(end) = rest.find(closes) else {
            break;
        };
        let text: String = rest.get(..end).unwrap_or_default().trim().chars().take(24).collect();
        if !text.is_empty() {
            found.push((from + place, text));
        }
        from = inside
            + end
            + rest.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
    found
}
