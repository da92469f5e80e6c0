//! Healing: at once, or with a strength that is tried on the canvas first.

use super::{Args, CommandRow, Stakes};
use crate::app::action::{Action, PictureAction};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::healing::Healing;
use crate::ui::mode::KeyContext::{ByName, Normal, OnHeal};
use crate::ui::mode::Mode;

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("heal", Normal, &["H", "alt-H"], "restore what should not have changed; 30H: strength 30 %", |_, _, args| vec![Action::Picture(PictureAction::Heal { strength: strength(args.count) })]).counted().stakes(Stakes::Little).sought_as(&["repair", "fix", "mend", "drift"]),
    CommandRow::new("try-heal", ByName, &[], "preview healing, choose its strength", begin).counted().sought_as(&["repair", "fix", "strength"]),
    CommandRow::new("heal-less", OnHeal, &["left", "h"], "lower the strength", |ui, _, _| change(ui, false)),
    CommandRow::new("heal-more", OnHeal, &["right", "l"], "raise the strength", |ui, _, _| change(ui, true)),
    CommandRow::new("heal-swap", OnHeal, &["c"], "show before or after", swap),
    CommandRow::new("heal-keep", OnHeal, &["enter"], "keep it; makes a new picture, free", keep),
    CommandRow::new("heal-leave", OnHeal, &["esc", "q"], "cancel", |ui, _, _| ui.leave_mode()),
];

/// In percent; half without a count.
fn strength(count: Option<u16>) -> u8 {
    count.map_or(50, |count| u8::try_from(count.min(100)).unwrap_or(100))
}

fn begin(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    if let Some((_, why)) = model.nothing_to_heal() {
        return Ui::say(&why);
    }
    let Some(child) = model.current else { return Vec::new() };
    ui.comparing.end();
    let healing = Healing { strength: strength(args.count), ..Healing::new(child) };
    ui.mode = Mode::Heal(healing);
    preview(healing)
}

fn preview(healing: Healing) -> Vec<Action> {
    vec![Action::Picture(PictureAction::PreviewHeal {
        child: healing.child,
        strength: healing.strength,
    })]
}

fn change(ui: &mut Ui, more: bool) -> Vec<Action> {
    let Mode::Heal(healing) = &mut ui.mode else { return Vec::new() };
    healing.change(more, 1);
    preview(*healing)
}

fn swap(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    if let Mode::Heal(healing) = &mut ui.mode {
        healing.is_bare = !healing.is_bare;
    }
    Vec::new()
}

fn keep(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Heal(healing) = ui.mode else { return Vec::new() };
    if healing.refused(model).is_some() {
        return Ui::say("there is nothing to keep at this strength");
    }
    ui.mode = Mode::Pane;
    vec![Action::Picture(PictureAction::Heal { strength: healing.strength })]
}
