//! What receives the next key: the focused pane, or a mode that takes all keys.
//!
//! One list for the keymap, the footer and the help: [`Ui::context`] tells which keys hold where the
//! person is. Invariant: at most one mode at a time; the focus tells where it leads back to.

use super::Ui;
use super::chord::Chord;
use super::healing::Healing;
use super::line_input::LineInput;
use super::pane::Pane;
use super::region::RegionSelector;
use super::sheet::Sheet;

#[derive(Debug, Default)]
pub enum Mode {
    /// Keys go to the focused pane.
    #[default]
    Pane,
    /// One command key, then back to the prompt.
    OneShot,
    /// The first key of a chord of two.
    Prefix(Chord),
    /// A parameter's value is typed in the form.
    EditField(LineInput),
    /// A box is placed on the picture.
    Region(RegionSelector),
    /// The strength of healing is tried.
    Heal(Healing),
    /// The contact sheet stands in the place of the panes.
    Sheet(Sheet),
}

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyContext {
    /// In the prompt and in normal mode.
    Everywhere,
    Prompt,
    Normal,
    In(Pane),
    /// In the list of references.
    InReferences,
    /// On the contact sheet.
    OnSheet,
    /// While a box is placed on the picture.
    OnRegion,
    /// While the strength of healing is tried.
    OnHeal,
    /// Only by name, or from a menu.
    ByName,
}

impl KeyContext {
    /// As help and README call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "anywhere",
            Self::Prompt => "prompt",
            Self::Normal => "normal mode",
            Self::In(pane) => pane.name(),
            Self::InReferences => "references",
            Self::OnSheet => "contact sheet",
            Self::OnRegion => "box",
            Self::OnHeal => "heal preview",
            Self::ByName => "`:`",
        }
    }

    /// Contexts whose keys also work here, nearest first.
    pub fn outer(self) -> &'static [Self] {
        match self {
            Self::Prompt => &[Self::Everywhere],
            Self::In(_) => &[Self::Everywhere, Self::Normal],
            Self::OnSheet => &[Self::In(Pane::CANVAS), Self::Everywhere, Self::Normal],
            Self::Everywhere
            | Self::Normal
            | Self::InReferences
            | Self::OnRegion
            | Self::OnHeal
            | Self::ByName => &[],
        }
    }

    /// Its commands work only in this context.
    pub fn is_exclusive(self) -> bool {
        match self {
            Self::InReferences | Self::OnSheet | Self::OnRegion | Self::OnHeal => true,
            Self::Everywhere | Self::Prompt | Self::Normal | Self::In(_) | Self::ByName => false,
        }
    }
}

impl Ui {
    /// The key context of the next press.
    pub fn context(&self) -> KeyContext {
        match (&self.mode, self.focus) {
            (Mode::Region(_), _) => KeyContext::OnRegion,
            (Mode::Heal(_), _) => KeyContext::OnHeal,
            (Mode::Sheet(_), _) => KeyContext::OnSheet,
            (Mode::OneShot, _) => KeyContext::In(Pane::CANVAS),
            (Mode::Pane | Mode::Prefix(_) | Mode::EditField(_), Pane::PROMPT) => KeyContext::Prompt,
            (Mode::Pane | Mode::Prefix(_) | Mode::EditField(_), pane) => KeyContext::In(pane),
        }
    }

    pub fn sheet(&self) -> Option<&Sheet> {
        match &self.mode {
            Mode::Sheet(sheet) => Some(sheet),
            Mode::Pane
            | Mode::OneShot
            | Mode::Prefix(_)
            | Mode::EditField(_)
            | Mode::Region(_)
            | Mode::Heal(_) => None,
        }
    }
}
