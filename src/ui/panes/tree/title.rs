//! The title of the tree: which of all pictures is seen, and where the next edit starts while its row
//! is out of sight.
//!
//! Draws nothing. Invariant: which of how many is told in every width that has room for it; then where
//! the next edit starts; what the pane is called gives way first.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::skeleton::Row;
use crate::ui::Ui;
use crate::ui::cells::cut;
use crate::ui::panes::TITLE;
use crate::ui::theme::Mark;

/// What is looked for is told in so many columns before it gives way.
const FILTER: usize = 6;

/// What a title says, each in its forms, the longest first.
struct Title {
    names: Vec<String>,
    places: Vec<String>,
    starts: Vec<String>,
}

/// Of these rows, one of which is lit wherever the keys act, while those of a range are seen.
pub(super) fn title(
    model: &Model,
    ui: &Ui,
    (rows, at): (&[Row], usize),
    seen: Range<usize>,
    columns: u16,
) -> String {
    if model.session.is_loading {
        return "tree (reading)".into();
    }
    if rows.is_empty() {
        return "tree".into();
    }
    let parent = model.draft.parent.map(|parent| parent.node);
    let start = parent.and_then(|node| Some((node, ui.panes.tree.rows.start(rows, node)?)));
    let start = start.filter(|(_, place)| !seen.contains(place));
    let starts = start.map(|(node, place)| starts(ui, node, place < seen.start));
    let filter = ui.panes.tree.filter.as_ref().filter(|_| ui.panes.tree.rows.is_filtered());
    let names = match filter {
        Some(filter) => {
            let short = format!("/{filter}");
            vec![format!("tree {short}"), short.clone(), cut(&short, FILTER)]
        }
        None => vec!["tree".into()],
    };
    let title =
        Title { names, places: places(model, ui, rows, at), starts: starts.unwrap_or_default() };
    title.within(usize::from(columns.saturating_sub(TITLE)))
}

/// `28 of 56`: which of all pictures, folded ones among them; with a filter, of those that were found.
fn places(model: &Model, ui: &Ui, rows: &[Row], at: usize) -> Vec<String> {
    let tree = &ui.panes.tree.rows;
    let upto = |row: Option<&Row>| row.map_or(0, |row| row.upto);
    // What came of the row itself stands behind it.
    let behind = rows.get(at).filter(|row| tree.is_folded(row.node)).map_or(0, |row| row.hidden);
    let place = upto(rows.get(at)).saturating_sub(behind);
    let more = if tree.is_filtered() && model.finder.found.is_cut { "+" } else { "" };
    let all = format!("{}{more}", upto(rows.last()));
    match rows.get(at) {
        Some(row) if tree.is_only_way(row.node) => vec![format!("{all} found")],
        Some(_) | None => vec![format!("{place} of {all}"), format!("{place}/{all}")],
    }
}

/// Where the next edit starts: by its words, by its mark, and at last only on which side.
fn starts(ui: &Ui, node: NodeId, is_above: bool) -> Vec<String> {
    let (mark, arrow) = (ui.theme().mark(Mark::Parent), if is_above { "↑" } else { "↓" });
    vec![
        format!(" · edits {node} {arrow}"),
        format!(" · {mark} {node} {arrow}"),
        format!(" {mark}{node} {arrow}"),
        format!(" {mark}{arrow}"),
    ]
}

impl Title {
    /// As much as fits: a name is not kept for a start that says less.
    fn within(&self, columns: usize) -> String {
        let starts = self.starts.iter().map(String::as_str).chain([""]);
        let names = || self.names.iter().map(|name| format!("{name} · ")).chain([String::new()]);
        let forms = starts.flat_map(|start| {
            let places = names()
                .flat_map(|name| self.places.iter().map(move |place| format!("{name}{place}")));
            places.map(move |place| format!("{place}{start}")).collect::<Vec<_>>()
        });
        let mut forms = forms.peekable();
        let fits = |form: &String| form.width() <= columns;
        forms.find(fits).unwrap_or_else(|| self.places.last().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(names: &[&str], places: &[&str], starts: &[&str]) -> Title {
        let owned = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect();
        Title { names: owned(names), places: owned(places), starts: owned(starts) }
    }

    #[test]
    fn the_place_stays_then_where_the_next_edit_starts_then_the_name() {
        let starts = [" · edits n56 ↓", " · ▶ n56 ↓", " ▶n56 ↓", " ▶↓"];
        let places = ["28 of 56", "28/56"];
        let told = title(&["tree"], &places, &starts);
        assert_eq!(
            [29, 28, 26, 22, 21, 18, 14, 10, 7, 4].map(|columns| told.within(columns)),
            [
                "tree · 28 of 56 · edits n56 ↓",
                "tree · 28/56 · edits n56 ↓",
                "tree · 28/56 · edits n56 ↓",
                "28 of 56 · edits n56 ↓",
                "28/56 · edits n56 ↓",
                "28 of 56 · ▶ n56 ↓",
                "28/56 ▶n56 ↓",
                "28/56 ▶↓",
                "28/56",
                "28/56",
            ]
        );
        let found = title(&["tree /hat", "/hat"], &["3 of 12", "3/12"], &[]);
        assert_eq!(
            [19, 18, 16, 13, 10, 6].map(|columns| found.within(columns)),
            [
                "tree /hat · 3 of 12",
                "tree /hat · 3/12",
                "tree /hat · 3/12",
                "/hat · 3/12",
                "3 of 12",
                "3/12"
            ]
        );
    }
}
