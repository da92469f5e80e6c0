//! In which order commands are listed, and below which headings. Runs nothing.

use crate::ui::command::CommandRow;
use crate::ui::mode::KeyContext;

/// A command, after its heading.
pub(super) type Grouped = (&'static str, &'static CommandRow);

/// The heading of the keys of the place where one is.
const HERE: &str = "Here";

/// What most people look for, before everything else. In the prompt the first of these is lit in the
/// help, so that it only shows something.
const OFTEN: &str = "Often";
const MOST_USED: [&str; 11] = [
    "compare", "edit", "parent", "child", "heal", "sheet", "open", "account", "undo", "reroll",
    "quit",
];

/// What is likely to be wanted now comes first; and apart, what cannot run from here.
pub(super) fn likely_first(
    rows: Vec<Grouped>,
    likely: &[&str],
    here: Option<KeyContext>,
) -> (Vec<Grouped>, Vec<&'static CommandRow>) {
    let place = |row: &CommandRow| likely.iter().position(|name| *name == row.name);
    let is_open = |row: &CommandRow| !row.context.is_exclusive() || Some(row.context) == here;
    let (open, elsewhere): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| is_open(row));
    let is_likely = |(_, row): &Grouped| place(row).is_some();
    let (mut first, rest): (Vec<Grouped>, Vec<Grouped>) = open.into_iter().partition(is_likely);
    first.sort_by_key(|(_, row)| place(row));
    let first = first.into_iter().map(|(_, row)| (OFTEN, row));
    (first.chain(rest).collect(), elsewhere.into_iter().map(|(_, row)| row).collect())
}

/// The keys of this place, what is used most, then all others.
pub(super) fn for_help(rows: Vec<Grouped>, place: KeyContext) -> Vec<Grouped> {
    let is_here = |row: &CommandRow| row.context == place;
    let often = |row: &CommandRow| MOST_USED.iter().position(|name| *name == row.name);
    let seen = rows.into_iter().filter(|(_, row)| is_here(row) || !row.context.is_exclusive());
    let headed = seen.map(|(group, row)| match (often(row), is_here(row)) {
        (Some(_), _) if !place.is_exclusive() => (OFTEN, row),
        (_, true) => (HERE, row),
        (_, false) => (group, row),
    });
    let mut rows: Vec<Grouped> = headed.collect();
    // In the prompt one writes: most of its own keys are those of any editor.
    let own = if place == KeyContext::Prompt { 2 } else { 0 };
    rows.sort_by_key(|(group, row)| match *group {
        // A second Enter must not run what costs money.
        HERE => (own, Some(usize::from(row.name == "run"))),
        OFTEN => (1, often(row)),
        _ => (3, None),
    });
    rows
}
