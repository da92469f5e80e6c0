//! What was pressed, and what it means: chords, the table's keys and the config file's.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::pane::Pane;
use table::KeyContext::{ByName, Everywhere, In, InReferences, Normal, OnHeal, OnRegion, OnSheet};
use table::{ALIASES, Command, KeyContext, TABLE};

pub mod table;

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
        _ => return None,
    };
    let mut text = String::new();
    for (modifier, word) in [
        (KeyModifiers::SUPER, "super-"),
        (KeyModifiers::HYPER, "hyper-"),
        (KeyModifiers::META, "meta-"),
        (KeyModifiers::CONTROL, "ctrl-"),
        (KeyModifiers::ALT, "alt-"),
        (KeyModifiers::SHIFT, "shift-"),
    ] {
        if modifiers.contains(modifier) {
            text.push_str(word);
        }
    }
    Some(text + &name)
}

/// The table with the config file's changes.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<(KeyContext, Chord, Command)>,
    /// As many rows are the table's own; those of the config file follow.
    defaults: usize,
}

impl Default for Keymap {
    fn default() -> Self {
        let rows = TABLE.iter().flat_map(|(_, command, place, chords, ..)| {
            chords.iter().map(move |chord| (*place, (*chord).to_owned(), *command))
        });
        let rows: Vec<_> = rows.collect();
        Self { defaults: rows.len(), rows }
    }
}

impl Keymap {
    /// With chords of the config file. A chord that is given twice, or that already means another
    /// command in the same place, is refused with the reason.
    pub fn with(overrides: &[(String, String)]) -> Result<Self, String> {
        let mut keymap = Self::default();
        for (chord, name) in overrides {
            let Some((_, command, place, ..)) = TABLE.iter().find(|row| row.0 == name) else {
                return Err(format!("[keys] `{chord}`: there is no command `{name}`"));
            };
            let place = if *place == ByName { Normal } else { *place };
            let chord = normal_form(chord).ok_or_else(|| format!("[keys] `{chord}` is no key"))?;
            let taken = keymap.rows.iter().find(|(other, known, meaning)| {
                *known == chord && overlaps(*other, place) && meaning != command
            });
            if let Some((_, _, meaning)) = taken {
                let other = name_of(*meaning);
                return Err(format!("[keys] `{chord}` for `{name}` already means `{other}`"));
            }
            keymap.rows.push((place, chord, *command));
        }
        Ok(keymap)
    }

    /// What the chord means in this pane and mode.
    pub fn find(&self, chord: &str, pane: Pane, in_prompt: bool) -> Option<Command> {
        let meaning = |place: KeyContext| {
            let row = self.rows.iter().find(|(other, known, _)| *other == place && known == chord);
            row.map(|(_, _, command)| *command)
        };
        if in_prompt {
            let alt = || chord.starts_with("alt-").then(|| meaning(Normal)).flatten();
            return meaning(KeyContext::Prompt).or_else(|| meaning(Everywhere)).or_else(alt);
        }
        meaning(In(pane)).or_else(|| meaning(Everywhere)).or_else(|| meaning(Normal))
    }

    /// What the chord means on the contact sheet.
    pub fn find_on_sheet(&self, chord: &str) -> Option<Command> {
        self.find_only(OnSheet, chord).or_else(|| self.find(chord, Pane::Canvas, false))
    }

    /// What the chord means while a box is placed.
    pub fn find_in_box(&self, chord: &str) -> Option<Command> {
        self.find_only(OnRegion, chord)
    }

    /// What the chord means while the strength of healing is tried.
    pub fn find_in_healing(&self, chord: &str) -> Option<Command> {
        self.find_only(OnHeal, chord)
    }

    /// What the chord means in the list of references.
    pub fn find_in_references(&self, chord: &str) -> Option<Command> {
        self.find_only(InReferences, chord)
    }

    fn find_only(&self, place: KeyContext, chord: &str) -> Option<Command> {
        let row = self.rows.iter().find(|(other, known, _)| *other == place && known == chord);
        row.map(|(_, _, command)| *command)
    }

    /// Begins a chord of two keys, such as `ctrl-x ctrl-e`.
    pub fn is_prefix(&self, chord: &str) -> bool {
        let first = format!("{chord} ");
        self.rows.iter().any(|(_, known, _)| known.starts_with(&first))
    }

    /// The chord of a command that the person knows: one of the config file, else the first.
    pub fn chord_of(&self, command: Command) -> Option<&str> {
        let means = |row: &&(KeyContext, Chord, Command)| row.2 == command;
        let (own, changed) = self.rows.split_at_checked(self.defaults)?;
        let row = changed.iter().find(means).or_else(|| own.iter().find(means));
        row.map(|(_, chord, _)| chord.as_str())
    }

    /// The keys that do it from here, as people write them: `Alt-c`, `Esc b`, `Alt-4 x`, or the
    /// command line and its name.
    pub fn keys_from(&self, command: Command, pane: Pane, in_prompt: bool) -> String {
        // One of the config file stands last and goes first.
        let (defaults, changed) = self.rows.split_at_checked(self.defaults).unwrap_or_default();
        let rows = || changed.iter().chain(defaults).filter(|row| row.2 == command);
        let works = |chord: &str| self.find(chord, pane, in_prompt) == Some(command);
        if let Some((_, chord, _)) = rows().find(|row| works(&row.1)) {
            return show(chord);
        }
        let first = |command| self.keys_from(command, pane, in_prompt);
        for (place, chord, _) in rows() {
            let before = match place {
                In(other) if *other != pane || in_prompt => first(Command::Focus(*other)),
                Normal if in_prompt => first(Command::NormalMode),
                KeyContext::Prompt if !in_prompt => first(Command::Insert),
                In(_) | Normal | KeyContext::Prompt | Everywhere => continue,
                InReferences | OnSheet | OnRegion | OnHeal | ByName => continue,
            };
            return format!("{before} {}", show(chord));
        }
        match command {
            Command::CommandLine => format!(":{}", name_of(command)),
            _ => format!("{}{}", first(Command::CommandLine), name_of(command)),
        }
    }
}

/// Name of a command, as the palette and the config file know it.
pub fn name_of(command: Command) -> &'static str {
    TABLE.iter().find(|row| row.1 == command).map_or("", |row| row.0)
}

fn overlaps(a: KeyContext, b: KeyContext) -> bool {
    a == b || a == Everywhere || b == Everywhere
}

/// As [`chord`] tells it, or `None` for what no key is.
fn normal_form(text: &str) -> Option<Chord> {
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
        _ => Some(name.to_ascii_lowercase()).filter(|name| is_named(name))?,
    };
    let modifiers = MODIFIERS.iter().zip(has).filter(|(_, has)| *has);
    Some(modifiers.map(|(word, _)| *word).collect::<String>() + &name)
}

fn is_named(name: &str) -> bool {
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
    let number = name.strip_prefix('f').and_then(|number| number.parse::<u8>().ok());
    NAMES.contains(&name) || number.is_some_and(|number| (1..=35).contains(&number))
}

/// The key table of the README.
pub fn markdown() -> String {
    let mut out = String::from("| where | key | does |\n|---|---|---|\n");
    for (name, _, place, chords, sentence, _) in TABLE {
        let place = match place {
            Everywhere => "anywhere",
            KeyContext::Prompt => "prompt",
            Normal => "normal mode",
            In(pane) => pane.name(),
            InReferences => "references",
            OnSheet => "contact sheet",
            OnRegion => "box",
            OnHeal => "trying to heal",
            ByName => "`:`",
        };
        let keys: Vec<String> = chords.iter().map(|chord| format!("`{}`", show(chord))).collect();
        let keys = if keys.is_empty() { format!("`:{name}`") } else { keys.join(" ") };
        out.push_str(&format!("| {place} | {keys} | {sentence} |\n"));
    }
    for (aliases, _, sentence) in ALIASES {
        let names: Vec<String> = aliases.iter().map(|alias| format!("`:{alias}`")).collect();
        out.push_str(&format!("| `:` | {} | {sentence} |\n", names.join(" ")));
    }
    out
}

/// As people write it: `Ctrl-R`, `Alt-e`, `Space`.
pub fn show(chord: &str) -> String {
    let one = |key: &str| {
        let mut key = key.to_owned();
        for word in ["Super-", "Hyper-", "Meta-", "Ctrl-", "Alt-", "Shift-"] {
            key = key.replace(&word.to_lowercase(), word);
        }
        let (head, last) = key.rsplit_once('-').map_or(("", key.as_str()), |(head, last)| {
            if last.is_empty() { ("", key.as_str()) } else { (head, last) }
        });
        let last = match last {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        for (_, _, _, chords, _, _) in TABLE {
            for chord in chords.iter() {
                assert_eq!(normal_form(chord).as_deref(), Some(*chord));
            }
        }
    }
}
