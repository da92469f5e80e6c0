//! The list of all commands: one line for each file that defines some.
//!
//! Within a context their order is that of help, palette and README.

use super::command::{
    CommandRow, compare, focus, heal, picture, references, region, session, sheet, walk,
};
use super::mode::KeyContext;
use super::panes;

/// Commands that belong to no pane.
const SUBJECTS: [&[CommandRow]; 9] = [
    focus::ROWS,
    picture::ROWS,
    compare::ROWS,
    walk::ROWS,
    references::ROWS,
    sheet::ROWS,
    region::ROWS,
    heal::ROWS,
    session::ROWS,
];

/// Every command there is, as help, palette and README list them.
pub fn rows() -> Vec<&'static CommandRow> {
    let mut rows: Vec<_> = all().collect();
    rows.sort_by_key(|row| match row.context {
        KeyContext::Prompt => 0,
        KeyContext::Everywhere | KeyContext::Normal => 1,
        KeyContext::In(_) => 2,
        KeyContext::InReferences
        | KeyContext::OnSheet
        | KeyContext::OnRegion
        | KeyContext::OnHeal => 3,
        KeyContext::ByName => 4,
    });
    rows
}

pub fn named(name: &str) -> Option<&'static CommandRow> {
    all().find(|row| row.name == name)
}

fn all() -> impl Iterator<Item = &'static CommandRow> {
    let of_panes = panes::ALL.into_iter().flat_map(|pane| pane.commands);
    of_panes.chain(SUBJECTS.into_iter().flatten())
}
