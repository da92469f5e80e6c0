//! Key presses as text, independent of the terminal's encoding.
//!
//! Knows no commands.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, the same whatever encoding the terminal uses; written `ctrl-x`.
pub type Chord = String;

/// Modifiers that mean nothing to us but make another key of any: Cmd on a Mac is Super.
pub const FOREIGN: KeyModifiers =
    KeyModifiers::SUPER.union(KeyModifiers::HYPER).union(KeyModifiers::META);

/// The letter that the key types where there is something to type. Also with Alt, or with Ctrl-Alt
/// (which is how AltGr is told), where that makes signs: `å`, `€`, `@`.
pub fn letter(key: &KeyEvent) -> Option<char> {
    let KeyCode::Char(c) = key.code else { return None };
    let modifiers = key.modifiers.difference(KeyModifiers::SHIFT);
    let types = if modifiers.is_empty() {
        true
    } else if modifiers == KeyModifiers::ALT {
        !c.is_ascii()
    } else if modifiers == KeyModifiers::ALT | KeyModifiers::CONTROL {
        !c.is_ascii_alphanumeric() && c != ' '
    } else {
        false
    };
    (types && !c.is_control()).then_some(c)
}

/// The chord of a key event, or `None` for one that only modifies.
pub fn chord(key: &KeyEvent) -> Option<Chord> {
    let mut modifiers = key.modifiers;
    let name = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        // 0x1F: the old encoding of Ctrl-_ and of Ctrl-/ is told as Ctrl-7.
        KeyCode::Char('7' | '/' | '-') if modifiers.contains(KeyModifiers::CONTROL) => "_".into(),
        KeyCode::Char(c) => {
            let shifted = modifiers.contains(KeyModifiers::SHIFT);
            modifiers.remove(KeyModifiers::SHIFT);
            if modifiers.contains(KeyModifiers::CONTROL) {
                c.to_lowercase().to_string()
            } else if shifted {
                c.to_uppercase().to_string()
            } else {
                c.to_string()
            }
        }
        KeyCode::BackTab => {
            modifiers.insert(KeyModifiers::SHIFT);
            "tab".into()
        }
        KeyCode::Enter => "enter".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::Backspace => "backspace".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::PageUp => "pageup".into(),
        KeyCode::PageDown => "pagedown".into(),
        KeyCode::Insert => "insert".into(),
        KeyCode::F(number) => format!("f{number}"),
        KeyCode::KeypadBegin => "keypad-5".into(),
        KeyCode::PrintScreen => "print".into(),
        KeyCode::Pause => "pause".into(),
        KeyCode::Menu => "menu".into(),
        KeyCode::Null
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    };
    Some(prefix(modifiers) + &name)
}

fn prefix(modifiers: KeyModifiers) -> String {
    let words = [
        (KeyModifiers::SUPER, "super-"),
        (KeyModifiers::HYPER, "hyper-"),
        (KeyModifiers::META, "meta-"),
        (KeyModifiers::CONTROL, "ctrl-"),
        (KeyModifiers::ALT, "alt-"),
        (KeyModifiers::SHIFT, "shift-"),
    ];
    let held = words.into_iter().filter(|(modifier, _)| modifiers.contains(*modifier));
    held.map(|(_, word)| word).collect()
}

/// Modifiers as they are told and as people write them.
const WORDS: [(&str, &str); 6] = [
    ("super-", "Super-"),
    ("hyper-", "Hyper-"),
    ("meta-", "Meta-"),
    ("ctrl-", "Ctrl-"),
    ("alt-", "Alt-"),
    ("shift-", "Shift-"),
];

/// As people write it: `Ctrl-R`, `Alt-e`, `Space`.
pub fn show(chord: &str) -> String {
    let one = |key: &str| {
        let mut key = key.to_owned();
        for (plain, word) in WORDS.iter().filter(|_| chord.contains('-')) {
            key = key.replace(plain, word);
        }
        let (head, last) = key.rsplit_once('-').map_or(("", key.as_str()), |(head, last)| {
            if last.is_empty() { ("", key.as_str()) } else { (head, last) }
        });
        let last = match last {
            "pageup" => "PgUp".into(),
            "pagedown" => "PgDn".into(),
            word if word.len() > 1 && word.is_ascii() => {
                let mut word = word.to_owned();
                if let Some(first) = word.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                word
            }
            letter if head == "Ctrl" => letter.to_uppercase(),
            letter => letter.to_owned(),
        };
        if head.is_empty() { last } else { format!("{head}-{last}") }
    };
    chord.split(' ').map(one).collect::<Vec<_>>().join(" ")
}

/// As [`chord`] tells it, or `None` for what no key is.
pub fn normal_form(text: &str) -> Option<Chord> {
    let keys: Option<Vec<Chord>> = text.split_whitespace().map(normal_key).collect();
    keys.filter(|keys| (1..=2).contains(&keys.len())).map(|keys| keys.join(" "))
}

fn normal_key(text: &str) -> Option<Chord> {
    const MODIFIERS: [&str; 6] = ["super-", "hyper-", "meta-", "ctrl-", "alt-", "shift-"];
    let (mut name, mut has) = (text, [false; MODIFIERS.len()]);
    let begins = |name: &str, word: &str| {
        name.len() > word.len()
            && name.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    while let Some(place) = MODIFIERS.iter().position(|word| begins(name, word)) {
        *has.get_mut(place)? = true;
        name = name.get(MODIFIERS.get(place)?.len()..)?;
    }
    let [.., has_control, _, has_shift] = &mut has;
    let mut letters = name.chars();
    let name = match (letters.next(), letters.next()) {
        (Some(letter), None) if *has_control => letter.to_lowercase().to_string(),
        // The letter itself tells of Shift.
        (Some(letter), None) if std::mem::take(has_shift) => letter.to_uppercase().to_string(),
        (Some(letter), None) => letter.to_string(),
        _ => match name.to_ascii_lowercase().as_str() {
            // As they are printed on keyboards, and so by `show`.
            "pgup" => "pageup".into(),
            "pgdn" => "pagedown".into(),
            name if is_named(name) => name.into(),
            _ => return None,
        },
    };
    let modifiers = MODIFIERS.iter().zip(has).filter(|(_, has)| *has);
    Some(modifiers.map(|(word, _)| *word).collect::<String>() + &name)
}

const NAMES: [&str; 15] = [
    "space",
    "enter",
    "esc",
    "tab",
    "backspace",
    "delete",
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "pageup",
    "pagedown",
    "insert",
];

fn is_named(name: &str) -> bool {
    let number = name.strip_prefix('f').and_then(|number| number.parse::<u8>().ok());
    NAMES.contains(&name) || number.is_some_and(|number| (1..=35).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_written_into_the_config_file() {
        for name in
            NAMES.iter().map(|name| (*name).to_owned()).chain((1..=35).map(|n| format!("f{n}")))
        {
            for chord in
                ["", "ctrl-", "alt-", "shift-", "ctrl-alt-"].map(|held| format!("{held}{name}"))
            {
                assert_eq!(normal_form(&show(&chord)), Some(chord));
            }
        }
    }

    #[test]
    fn chords_of_the_config_file_are_read_as_they_are_pressed() {
        for (written, pressed) in [
            ("alt-h", "alt-h"),
            ("Alt-H", "alt-H"),
            ("Ctrl-X ctrl-E", "ctrl-x ctrl-e"),
            ("shift-a", "A"),
            ("shift-tab", "shift-tab"),
            ("alt-ctrl-Left", "ctrl-alt-left"),
            ("PageDown", "pagedown"),
            ("F12", "f12"),
            ("-", "-"),
            ("ctrl--", "ctrl--"),
            ("super-z", "super-z"),
            ("é", "é"),
        ] {
            assert_eq!(normal_form(written).as_deref(), Some(pressed), "{written}");
        }
        for wrong in ["", "ctrl-", "alt-qq", "f99", "hyperspace", "ctrl", "a b c", "strg-a"] {
            assert_eq!(normal_form(wrong), None, "{wrong}");
        }
    }
}
