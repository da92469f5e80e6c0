//! The list of all commands: one line for each file that defines some.
//!
//! Within a context their order is that of help, palette and README.

use super::command::{
    CommandRow, Stakes, compare, focus, heal, picture, references, region, session, sheet, walk,
};
use super::mode::KeyContext;
use super::panes::{self, Slot};

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

/// Headings of help and palette, in their order.
const GROUPS: [&str; 6] = ["Look", "Change", "Money", "Tree", "Panes", "Program"];

/// Every command under its heading.
pub fn grouped() -> Vec<(&'static str, &'static CommandRow)> {
    let mut rows: Vec<_> = rows().into_iter().map(|row| (group(row), row)).collect();
    rows.sort_by_key(|(group, _)| GROUPS.iter().position(|other| other == group));
    rows
}

fn group(row: &CommandRow) -> &'static str {
    let [look, change, money, tree, panes, program] = GROUPS;
    let holds = |rows: &[CommandRow]| rows.contains(row);
    let of_pane = panes::ALL.into_iter().find(|pane| holds(pane.commands));
    let of_subject = [
        (look, compare::ROWS),
        (look, sheet::ROWS),
        (panes, focus::ROWS),
        (change, picture::ROWS),
        (change, references::ROWS),
        (change, region::ROWS),
        (change, heal::ROWS),
        (tree, walk::ROWS),
    ];
    let subject = of_subject.into_iter().find(|(_, rows)| holds(rows)).map(|(group, _)| group);
    let pays = matches!(row.stakes, Stakes::Costs | Stakes::Cancels);
    match (pays, of_pane.map(|pane| pane.slot), subject) {
        (true, _, _) => money,
        (false, _, Some(_)) if row.name == "about" => look,
        (false, _, Some(group)) => group,
        (false, Some(Slot::Bottom), None) => change,
        (false, Some(Slot::Middle), None) => look,
        (false, Some(Slot::Left), None) => tree,
        (false, Some(Slot::Drawer), None) => panes,
        (false, None, None) => match row.name {
            "account" => money,
            "graphics" => look,
            "model" | "models" | "open" | "paste-picture" => change,
            _ => program,
        },
    }
}

/// The command of a name, an alias or an old name.
pub fn named(name: &str) -> Option<&'static CommandRow> {
    all().find(|row| row.is_named(name))
}

fn all() -> impl Iterator<Item = &'static CommandRow> {
    let of_panes = panes::ALL.into_iter().flat_map(|pane| pane.commands);
    of_panes.chain(SUBJECTS.into_iter().flatten())
}
