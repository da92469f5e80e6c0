//! What a chord means: the keys of the command rows and of the config file.

use super::chord::{Chord, normal_form, show};
use super::command::CommandRow;
use super::mode::KeyContext;
use super::pane::Pane;
use super::registry;

/// The keys of all commands, with the changes of the config file.
#[derive(Clone, Debug)]
pub struct Keymap {
    keys: Vec<Key>,
    /// Number of default keys; those of the config file follow.
    defaults: usize,
}

#[derive(Clone, Debug)]
struct Key {
    context: KeyContext,
    chord: Chord,
    row: &'static CommandRow,
}

impl Default for Keymap {
    fn default() -> Self {
        let of = |row: &'static CommandRow| {
            let key =
                move |chord: &&str| Key { context: row.context, chord: (*chord).to_owned(), row };
            row.keys.iter().map(key)
        };
        let keys: Vec<Key> = registry::rows().into_iter().flat_map(of).collect();
        Self { defaults: keys.len(), keys }
    }
}

/// A line of the config file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[keys] {reason}")]
pub struct KeyProblem {
    /// As it is written there.
    pub chord: String,
    pub reason: String,
}

/// What frees a chord of what it means by default.
const NONE: &str = "none";

/// Columns of the keys in help.
const KEYS_COLUMN: usize = 11;

impl Keymap {
    /// With chords of the config file. A chord may take the place of a default one if that is freed,
    /// or if the command that loses it gets another; `none` frees it. Anything else is refused.
    pub fn with(overrides: &[(String, String)]) -> Result<Self, KeyProblem> {
        let mut keymap = Self::default();
        let given: Vec<_> =
            overrides.iter().filter_map(|(_, name)| registry::named(name)).collect();
        let mut own: Vec<Key> = Vec::new();
        for (written, name) in overrides {
            let refused = |reason| KeyProblem { chord: written.clone(), reason };
            let chord =
                normal_form(written).ok_or_else(|| refused(format!("invalid key `{written}`")))?;
            if name == NONE {
                keymap.keys.retain(|key| key.chord != chord);
                continue;
            }
            let row = registry::named(name)
                .ok_or_else(|| refused(format!("`{written}`: no command `{name}`")))?;
            let context = match row.context {
                KeyContext::ByName => KeyContext::Normal,
                own => own,
            };
            let is_taken =
                |key: &&Key| key.chord == chord && overlaps(key.context, context) && key.row != row;
            let taken = keymap.keys.iter().filter(is_taken);
            let lost =
                taken.filter(|key| !given.contains(&key.row)).chain(own.iter().filter(is_taken));
            if let Some(other) = lost.map(|key| key.row.name).next() {
                let reason = format!(
                    "`{written}` for `{name}` already means `{other}`: give `{other}` another key"
                );
                return Err(refused(reason));
            }
            keymap.keys.retain(|key| !is_taken(&key));
            own.push(Key { context, chord, row });
        }
        keymap.defaults = keymap.keys.len();
        keymap.keys.extend(own);
        Ok(keymap)
    }

    /// The command of a chord in this context or the nearest outer one.
    pub fn find(&self, chord: &str, here: KeyContext) -> Option<&'static CommandRow> {
        let known = |context: KeyContext| {
            self.keys.iter().find(|key| key.context == context && key.chord == chord)
        };
        // With Alt, keys of normal mode also work in the prompt.
        let alt =
            (here == KeyContext::Prompt && chord.starts_with("alt-")).then_some(KeyContext::Normal);
        let contexts = [here].into_iter().chain(here.outer().iter().copied()).chain(alt);
        contexts.into_iter().find_map(known).map(|key| key.row)
    }

    pub fn named(&self, name: &str) -> Option<&'static CommandRow> {
        registry::named(name)
    }

    /// Every command there is.
    pub fn rows(&self) -> Vec<&'static CommandRow> {
        registry::rows()
    }

    /// The same under the headings of help and palette.
    pub fn grouped(&self) -> Vec<(&'static str, &'static CommandRow)> {
        registry::grouped()
    }

    /// Begins a chord of two keys, such as `ctrl-x ctrl-e`.
    pub fn is_prefix(&self, chord: &str) -> bool {
        let first = format!("{chord} ");
        self.keys.iter().any(|key| key.chord.starts_with(&first))
    }

    /// The keys of a command, those of the config file first.
    fn keys_of(&self, name: &str) -> impl Iterator<Item = &Key> {
        let (own, changed) = self.keys.split_at_checked(self.defaults).unwrap_or_default();
        changed.iter().chain(own).filter(move |key| key.row.name == name)
    }

    /// The chord to show for a command: one of the config file, else the first.
    pub fn chord_of(&self, name: &str) -> Option<&str> {
        self.keys_of(name).next().map(|key| key.chord.as_str())
    }

    /// Its own chords in its own place, else what to press from here; none where only its name runs it.
    pub fn keys_in_help(&self, row: &CommandRow, here: KeyContext) -> String {
        if self.chord_of(row.name).is_none() {
            return String::new();
        }
        if row.context != here {
            // A way that the column has no room for is longer than its name, which is told anyway.
            let keys = self.keys_from(row.name, here);
            return if keys.chars().count() <= KEYS_COLUMN + 2 { keys } else { String::new() };
        }
        // As many as the column of keys has room for.
        self.keys_of(row.name).map(|key| show(&key.chord)).fold(String::new(), |keys, key| {
            match keys.chars().count() + key.chars().count() {
                _ if keys.is_empty() => key,
                0..KEYS_COLUMN => format!("{keys} {key}"),
                _ => keys,
            }
        })
    }

    /// Keys and sentences of all commands of a place.
    pub fn lines_of(&self, place: KeyContext) -> Vec<String> {
        let own = registry::rows().into_iter().filter(|row| row.context == place);
        own.map(|row| format!("{:<18} {}", self.keys_in_help(row, place), row.doc)).collect()
    }

    /// The keys that do it from here, as people write them: `Alt-c`, `Esc b`, `Alt-4 x`, or the
    /// command line and its name.
    pub fn keys_from(&self, name: &str, here: KeyContext) -> String {
        self.presses(name, here).join(" ")
    }

    /// What is pressed one after the other.
    pub fn presses(&self, name: &str, here: KeyContext) -> Vec<String> {
        // A mode that takes all keys starts from the canvas and returns to it.
        let here = match here.is_exclusive() && here != KeyContext::OnSheet {
            true => KeyContext::In(Pane::CANVAS),
            false => here,
        };
        let works = |key: &&Key| self.find(&key.chord, here).is_some_and(|row| row.name == name);
        if let Some(key) = self.keys_of(name).find(works) {
            return vec![show(&key.chord)];
        }
        for key in self.keys_of(name) {
            let first = match key.context {
                KeyContext::In(pane) if here != key.context => pane.name(),
                KeyContext::Normal if here == KeyContext::Prompt => "normal",
                KeyContext::Prompt if here != KeyContext::Prompt => "insert",
                KeyContext::In(_)
                | KeyContext::Normal
                | KeyContext::Prompt
                | KeyContext::Everywhere
                | KeyContext::InReferences
                | KeyContext::OnSheet
                | KeyContext::OnRegion
                | KeyContext::OnHeal
                | KeyContext::ByName => continue,
            };
            return [self.presses(first, here), vec![show(&key.chord)]].concat();
        }
        let mut presses = match name {
            "command" => vec![":".to_owned()],
            _ => self.presses("command", here),
        };
        presses.last_mut().into_iter().for_each(|last| last.push_str(name));
        presses
    }
}

fn overlaps(a: KeyContext, b: KeyContext) -> bool {
    a == b || a == KeyContext::Everywhere || b == KeyContext::Everywhere
}

/// The key table of the documents; `[keys]` of the config file calls commands by their names.
pub fn markdown() -> String {
    let mut out = String::from("| where | key | does | command |\n|---|---|---|---|\n");
    for row in registry::rows() {
        let keys: Vec<String> = row.keys.iter().map(|chord| format!("`{}`", show(chord))).collect();
        let keys = if keys.is_empty() { format!("`:{}`", row.name) } else { keys.join(" ") };
        let (place, doc, name) = (row.context.name(), row.doc, row.name);
        out.push_str(&format!("| {place} | {keys} | {doc} | `{name}` |\n"));
    }
    for row in registry::rows().into_iter().filter(|row| !row.aliases.is_empty()) {
        let names: Vec<String> = row.aliases.iter().map(|alias| format!("`:{alias}`")).collect();
        out.push_str(&format!("| `:` | {} | {} | |\n", names.join(" "), row.alias_doc));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_rows_are_written_as_they_are_pressed() {
        for chord in registry::rows().into_iter().flat_map(|row| row.keys) {
            assert_eq!(normal_form(chord).as_deref(), Some(*chord));
        }
    }

    fn with(pairs: &[(&str, &str)]) -> Result<Keymap, String> {
        let pairs: Vec<_> =
            pairs.iter().map(|(key, name)| ((*key).into(), (*name).into())).collect();
        Keymap::with(&pairs).map_err(|problem| problem.to_string())
    }

    #[test]
    fn every_default_key_can_be_freed() {
        let canvas = KeyContext::In(Pane::CANVAS);
        for row in registry::rows() {
            for chord in row.keys {
                let keymap = with(&[(chord, "none")]).unwrap_or_default();
                for context in [row.context, canvas, KeyContext::Prompt] {
                    assert_eq!(keymap.find(chord, context), None, "{chord}");
                }
            }
        }
    }

    #[test]
    fn two_keys_can_be_swapped_and_none_is_lost_in_silence() {
        let canvas = KeyContext::In(Pane::CANVAS);
        let swapped = with(&[("H", "compare"), ("c", "heal")]).unwrap_or_default();
        let name = |chord| swapped.find(chord, canvas).map(|row| row.name);
        assert_eq!([name("H"), name("c")], [Some("compare"), Some("heal")]);
        let problem = with(&[("c", "heal")]).err().unwrap_or_default();
        assert!(problem.contains("already means `compare`: give `compare`"), "{problem}");
        let problem = with(&[("superkey", "heal")]).err().unwrap_or_default();
        assert!(problem.contains("invalid key `superkey`"), "{problem}");
    }

    #[test]
    fn every_command_is_named_once_and_every_pane_has_one_that_leads_to_it() {
        let mut names: Vec<&str> = registry::rows().iter().map(|row| row.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for pane in crate::ui::panes::ALL {
            assert!(registry::named(pane.id.name()).is_some(), "{}", pane.id.name());
        }
    }
}
