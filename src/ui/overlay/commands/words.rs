//! What the rows of the command line say. Runs nothing.

use ratatui::style::Style;

use crate::app::model::Model;
use crate::ui::command::{CommandRow, Stakes};
use crate::ui::mode::KeyContext;
use crate::ui::overlay::picker::{Item, Picker};
use crate::ui::theme::Theme;

/// What is said of the line.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) words: String,
    /// What was typed cannot be used as it stands.
    is_wrong: bool,
}

impl Told {
    pub(super) fn wrong(words: String) -> Option<Self> {
        Some(Self { words, is_wrong: true })
    }

    pub(super) fn next(words: String) -> Option<Self> {
        Some(Self { words, is_wrong: false })
    }

    pub(super) fn style(&self, theme: Theme) -> Style {
        if self.is_wrong { theme.error() } else { theme.text() }
    }
}

/// Again costs what the picture's own endpoint does, not the draft's; what can do nothing says why.
pub(super) fn tell(rows: &[&'static CommandRow], picker: &mut Picker, model: &Model) {
    let recipe = model.current_node().and_then(|node| node.recipe.as_ref());
    let price = recipe.map_or(String::new(), |recipe| model.told(model.quote(recipe)));
    for (place, row) in rows.iter().enumerate() {
        picker.switch(place, why_not(row.name, model));
        if let "reroll" | "rerun" = row.name {
            picker.tell_price(place, &price);
        }
    }
}

/// Why this command would do nothing now, in few words; it says the same itself.
fn why_not(name: &str, model: &Model) -> Option<String> {
    let why = |is_it: bool, why: &str| is_it.then(|| why.to_owned());
    match name {
        "heal" | "try-heal" => model.nothing_to_heal().map(|(why, _)| why.to_owned()),
        "parent" => why(model.current_node()?.parent.is_none(), "this is the root"),
        "child" => {
            let node = model.current_node()?;
            let has_children = model.tree.children(node.id).next().is_some();
            why(!has_children, "no children yet")
        }
        "undo" => why(!model.decisions.can_undo(), "nothing to undo"),
        "redo" => why(!model.decisions.can_redo(), "nothing to redo"),
        "trash-list" => why(!model.tree.has_trash(), "the trash is empty"),
        "sim" => why(!model.profile.simulated, "only with --sim"),
        _ => None,
    }
}

/// What it costs, as far as that is known before it is asked for: the next edit, and no other.
pub(super) fn price(row: &CommandRow, next: &str) -> String {
    match row.stakes {
        Stakes::Costs if row.name == "run" => next.to_owned(),
        Stakes::Costs => "pays".to_owned(),
        Stakes::None | Stakes::Little | Stakes::Cancels | Stakes::Deletes | Stakes::Leaves => {
            String::new()
        }
    }
}

/// At the right what it does that cannot be had back, and where it works.
pub(super) fn item(row: &CommandRow, here: Option<KeyContext>) -> Item {
    let place = match row.context {
        place if Some(place) == here => "",
        KeyContext::Everywhere | KeyContext::Normal | KeyContext::ByName => "",
        place => place.name(),
    };
    let stakes = match row.stakes {
        Stakes::Cancels => "cancels",
        Stakes::Deletes => "deletes",
        Stakes::None | Stakes::Little | Stakes::Leaves | Stakes::Costs => "",
    };
    let detail = [stakes, place].into_iter().filter(|words| !words.is_empty());
    let detail = detail.collect::<Vec<_>>().join(" · ");
    Item { label: format!("{}: {}", row.name, row.doc), detail }
}
