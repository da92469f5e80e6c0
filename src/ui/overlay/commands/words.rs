//! What the rows of the command line say, and the marks below them. Runs nothing.

use crate::ui::cells::pieces;
use crate::ui::command::{CommandRow, Stakes};
use crate::ui::mode::KeyContext;
use crate::ui::overlay::picker::Item;
use crate::ui::theme::{Mark, Theme};

/// What the marks mean, in lines that part no mark from its meaning.
pub(super) fn legend(theme: Theme, columns: usize) -> Vec<String> {
    let told = |mark: &Mark| format!("{} {}", theme.mark(*mark), mark.meaning());
    pieces(&Mark::ALL.iter().map(told).collect::<Vec<_>>(), columns)
}

/// At the right where it works, and what it costs.
pub(super) fn item(row: &CommandRow, price: &str, here: Option<KeyContext>) -> Item {
    let place = match row.context {
        place if Some(place) == here => "",
        KeyContext::Everywhere | KeyContext::Normal | KeyContext::ByName => "",
        place => place.name(),
    };
    let stakes = match row.stakes {
        Stakes::Costs if row.name == "run" => price,
        Stakes::Costs => "pays",
        Stakes::Cancels => "cancels",
        Stakes::Deletes => "deletes",
        Stakes::None | Stakes::Little | Stakes::Leaves => "",
    };
    let detail = [stakes, place].into_iter().filter(|words| !words.is_empty());
    let detail = detail.collect::<Vec<_>>().join(" · ");
    Item { label: format!("{}: {}", row.name, row.doc), detail }
}
