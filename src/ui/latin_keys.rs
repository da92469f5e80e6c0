//! Keyboards without Latin letters: which Latin letter stands at the place of another one.
//!
//! Pure data. Terminals tell the letter, mostly not the place; so commands are found by this table.

/// The letters of a layout, and those at the same places of a Latin keyboard.
const LAYOUTS: [(&str, &str); 6] = [
    ("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm"),
    // Ukrainian, Belarusian.
    ("іў", "so"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("קראטוןםפשדגכעיחלךזסבהנמצ", "ertyuiopasdfghjklzxcvbnm"),
    ("ضصثقفغعهخحشسيبلاتنمئءؤرىة", "qwertyuiopasdfghjklzxcvnm"),
    ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm"),
];

/// The Latin letter at its place, as large as it is.
pub(super) fn latin(letter: char) -> Option<char> {
    let small = letter.to_lowercase().next()?;
    let found = |(theirs, latin): &(&str, &'static str)| {
        let place = theirs.chars().position(|one| one == small)?;
        latin.chars().nth(place)
    };
    let latin = LAYOUTS.iter().find_map(found)?;
    Some(if letter.is_uppercase() { latin.to_ascii_uppercase() } else { latin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_one_place() {
        for (theirs, latin) in LAYOUTS {
            assert_eq!(theirs.chars().count(), latin.chars().count(), "{theirs}");
        }
        assert_eq!(
            ["с", "С", "ρ", "ט", "ق", "ㄱ"].map(|c| latin(c.chars().next().unwrap_or(' '))),
            [Some('c'), Some('C'), Some('r'), Some('y'), Some('r'), Some('r'),]
        );
        assert_eq!(latin('c').or(latin('å')).or(latin('€')), None);
    }
}
