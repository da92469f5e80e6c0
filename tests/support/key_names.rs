//! Whether a text names a key of the workbench: nothing below the screen may.

/// A key by its name, or a single letter that does something: "`r` sends it", "z brings it back".
pub fn names_a_key(text: &str) -> bool {
    const NAMES: [&str; 14] = [
        "Enter",
        "Esc",
        "Tab",
        "Space",
        "Backspace",
        "Up",
        "Down",
        "Left",
        "Right",
        "Home",
        "End",
        "PageUp",
        "PageDown",
        "Delete",
    ];
    const DOES: [&str; 13] = [
        "adds", "asks", "begins", "brings", "cancels", "drops", "goes", "leads", "puts", "sends",
        "shows", "takes", "tries",
    ];
    let words: Vec<&str> = text
        .split([' ', ',', ';', '(', ')', '`'])
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_end_matches([':', '.', '!']))
        .collect();
    words.iter().enumerate().any(|(place, word)| {
        let is_chord = ["Alt-", "Ctrl-", "Shift-"].iter().any(|with| word.starts_with(with));
        let number = word.strip_prefix('F').and_then(|number| number.parse::<u8>().ok());
        let next = words.get(place + 1).is_some_and(|next| DOES.contains(next));
        let is_letter = word.len() == 1 && !word.starts_with(|c: char| c == 'a' || c.is_numeric());
        is_chord || number.is_some() || is_letter && next || NAMES.contains(word)
    })
}
