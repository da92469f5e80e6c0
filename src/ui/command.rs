//! A command in one row: its name, its keys, its sentence, what it puts at stake and what it does.
//! Help, footer, palette, README and the remapping in the config file all come from these rows.
//!
//! A row stands in the file of its pane, or of its subject below `command/`; `registry` lists the
//! files. Invariant: no two rows have the same name.

use std::fmt;

use super::Ui;
use super::mode::KeyContext;
use super::overlay::picker::Item;
use crate::app::action::Action;
use crate::app::model::Model;

pub mod compare;
pub mod focus;
pub mod heal;
pub mod picture;
pub mod references;
pub mod region;
pub mod session;
pub mod sheet;
pub mod walk;

/// One command.
pub struct CommandRow {
    /// As the command line and the config file know it.
    pub name: &'static str,
    pub context: KeyContext,
    pub keys: &'static [&'static str],
    /// What it does, in a few words.
    pub doc: &'static str,
    pub stakes: Stakes,
    /// What people type by habit on the command line, and what it means here.
    pub aliases: &'static [&'static str],
    pub alias_doc: &'static str,
    /// What it was called before, which config files and fingers may know.
    pub old_names: &'static [&'static str],
    /// Text may follow its name on the command line.
    pub takes_text: bool,
    /// What follows is the path of a picture.
    pub takes_path: bool,
    /// A number before its key means something; other commands refuse one.
    pub takes_count: bool,
    /// Its key works in a mode that takes all keys too, where that binds nothing to it.
    pub works_in_modes: bool,
    /// Words by which a newcomer looks for it, besides those of its name and sentence.
    pub sought_as: &'static [&'static str],
    /// What may follow its name, offered on the command line.
    pub choices: Option<Choices>,
    pub run: Run,
}

/// What a command does: to the screen's own state at once, to the model by actions.
pub type Run = fn(&mut Ui, &Model, Args) -> Vec<Action>;

/// Rows to choose from, each with what it does.
pub type Choices = fn(&Model) -> Vec<(Item, Vec<Action>)>;

/// What was typed along with a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// The number typed before its key.
    pub count: Option<u16>,
    /// The text typed after its name.
    pub text: Option<String>,
}

impl Args {
    pub fn times(&self) -> u16 {
        self.count.unwrap_or(1).max(1)
    }

    /// So many steps in this direction.
    pub fn steps(&self, direction: isize) -> isize {
        direction * isize::try_from(self.times()).unwrap_or(isize::MAX)
    }
}

/// What a command puts at stake, and so how surely it must have been meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stakes {
    /// Nothing, or what is seen and goes back the same way.
    None,
    /// Little, but not by the way: a reference, a decision, a question that takes the next letters.
    Little,
    /// It may pay.
    Costs,
    /// Running or waiting requests.
    Cancels,
    /// A picture.
    Deletes,
    /// The program: further typing would go to the shell.
    Leaves,
}

impl Stakes {
    /// It runs from the command line by its whole name only.
    pub fn is_grave(self) -> bool {
        match self {
            Self::Costs | Self::Cancels | Self::Deletes => true,
            Self::None | Self::Little | Self::Leaves => false,
        }
    }
}

impl CommandRow {
    pub const fn new(
        name: &'static str,
        context: KeyContext,
        keys: &'static [&'static str],
        doc: &'static str,
        run: Run,
    ) -> Self {
        let (aliases, old_names, sought_as): (&[&str], &[&str], &[&str]) = (&[], &[], &[]);
        let (stakes, alias_doc, choices) = (Stakes::None, "", None);
        let (takes_text, takes_path, takes_count, works_in_modes) = (false, false, false, false);
        Self {
            name,
            context,
            keys,
            doc,
            stakes,
            aliases,
            alias_doc,
            old_names,
            takes_text,
            takes_path,
            takes_count,
            works_in_modes,
            sought_as,
            choices,
            run,
        }
    }

    pub const fn stakes(self, stakes: Stakes) -> Self {
        Self { stakes, ..self }
    }

    pub const fn takes_text(self) -> Self {
        Self { takes_text: true, ..self }
    }

    pub const fn takes_path(self) -> Self {
        Self { takes_text: true, takes_path: true, ..self }
    }

    pub const fn counted(self) -> Self {
        Self { takes_count: true, ..self }
    }

    pub const fn in_modes(self) -> Self {
        Self { works_in_modes: true, ..self }
    }

    pub const fn sought_as(self, sought_as: &'static [&'static str]) -> Self {
        Self { sought_as, ..self }
    }

    pub const fn chooses(self, choices: Choices) -> Self {
        Self { takes_text: true, choices: Some(choices), ..self }
    }

    pub const fn formerly(self, old_names: &'static [&'static str]) -> Self {
        Self { old_names, ..self }
    }

    /// Whether a word means it, wherever a command is named.
    pub fn is_named(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word) || self.old_names.contains(&word)
    }

    pub const fn aliases(self, aliases: &'static [&'static str], alias_doc: &'static str) -> Self {
        Self { aliases, alias_doc, ..self }
    }
}

/// Rows are compared by name.
impl PartialEq for CommandRow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for CommandRow {}

impl fmt::Debug for CommandRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CommandRow").field(&self.name).finish()
    }
}
