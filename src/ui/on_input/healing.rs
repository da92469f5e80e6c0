//! Keys while the strength of healing is tried.

use super::super::Ui;
use super::super::compare::Compare;
use super::super::healing::Healing;
use super::super::keys::table::{Command, HealCommand, KeyContext};
use super::super::overlay::commands::keys_of;
use super::super::pane::Pane;
use crate::app::action::Action;
use crate::app::model::Model;

impl Ui {
    pub(super) fn begin_healing(&mut self, model: &Model) -> Vec<Action> {
        let has_parent = model.current_node().is_some_and(|node| node.parent.is_some());
        let Some(child) = model.current.filter(|_| has_parent) else {
            return Self::say("this picture has no parent to heal from");
        };
        self.focus_on(Pane::Canvas);
        self.compare = Compare::Off;
        let healing = Healing::new(child);
        self.healing = Some(healing);
        vec![Action::PreviewHeal { child, strength: healing.strength }]
    }

    pub(super) fn handle_healing(&mut self, pressed: &str) -> Vec<Action> {
        if matches!(pressed, "f1" | "?") {
            let title = "keys while healing is tried: Esc closes this";
            return self.put_on_top(keys_of(KeyContext::OnHeal, title));
        }
        let Some(healing) = &mut self.healing else {
            return Vec::new();
        };
        match self.keymap.find_in_healing(pressed) {
            Some(
                command @ (Command::OnHeal(HealCommand::More) | Command::OnHeal(HealCommand::Less)),
            ) => {
                healing.change(command == Command::OnHeal(HealCommand::More), 1);
                vec![Action::PreviewHeal { child: healing.child, strength: healing.strength }]
            }
            Some(Command::OnHeal(HealCommand::Swap)) => {
                healing.is_bare = !healing.is_bare;
                Vec::new()
            }
            Some(Command::OnHeal(HealCommand::Keep)) => {
                let strength = healing.strength;
                self.healing = None;
                vec![Action::Heal { strength }]
            }
            Some(_) => {
                self.healing = None;
                Vec::new()
            }
            None => self.refuse(pressed),
        }
    }
}
