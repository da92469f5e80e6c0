//! What is said of a parameter: what it is for, and why a value is refused.
//!
//! Pure. Invariant: what has no room is left out by whole sentences, as long as one of them fits.

use unicode_width::UnicodeWidthStr as _;

use super::{Row, rows, typed_problem};
use crate::app::model::Model;
use crate::schema::Problem;
use crate::ui::Ui;
use crate::ui::cells::{cut, wrapped};
use crate::ui::mode::Mode;

/// A range of more letters is a list, which comes last.
const SHORT: usize = 20;

/// What it is set to where that has no room beside its name, where it starts, what it takes if that is
/// not told with what is wrong, and what it is for: in at most so many lines.
pub(super) fn help_of(
    (row, set): (&Row, Option<String>),
    columns: usize,
    most: usize,
    tells_range: bool,
) -> Vec<String> {
    let mut sentences = sentences(row, tells_range);
    sentences.splice(0..0, set.map(|set| format!("Set to {set}.")));
    loop {
        let mut lines = wrapped(&sentences.join(" "), columns);
        if lines.len() <= most || most == 0 {
            lines.truncate(most);
            return lines;
        }
        if sentences.len() > 1 {
            sentences.pop();
            continue;
        }
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), columns);
        }
        return lines;
    }
}

/// The most important first.
fn sentences(row: &Row, tells_range: bool) -> Vec<String> {
    let param = &row.param;
    let range = param.kind.range().filter(|_| tells_range && !row.is_list());
    let (range, list) = match range {
        Some(range) if range.len() <= SHORT => (Some(range), None),
        range => (None, range.map(|range| format!("{range}."))),
    };
    let start = match (param.show(None), range) {
        (start, None) if start.is_empty() => None,
        (start, Some(range)) if start.is_empty() => Some(format!("{range}.")),
        (start, None) => Some(format!("Default: {start}.")),
        (start, Some(range)) => Some(format!("Default: {start} ({range}).")),
    };
    let items = row.is_list().then(|| "Each is a row below.".to_owned());
    let help = param.help.split_inclusive(". ").map(|sentence| sentence.trim().to_owned());
    start.into_iter().chain(items).chain(help).chain(list).filter(|it| !it.is_empty()).collect()
}

/// Why a value cannot be sent: whole, and what of it is enough.
pub(super) struct Wrong {
    whole: String,
    parts: Vec<String>,
}

impl Wrong {
    /// The value itself, which stands beside it, need not be said again.
    fn new(problem: Problem, value: &str) -> Self {
        let whole = problem.to_string();
        let bare = problem.message.strip_prefix(value).and_then(|rest| rest.strip_prefix(" is "));
        let bare = bare.map(str::to_owned).filter(|_| !value.is_empty());
        let parts = [Some(problem.message), bare, problem.hint].into_iter().flatten().collect();
        Self { whole, parts }
    }

    /// The longest of its forms that goes into so many columns.
    pub(super) fn in_columns(&self, columns: usize) -> Option<&str> {
        let mut forms = std::iter::once(&self.whole).chain(&self.parts);
        forms.find(|form| form.width() <= columns).map(String::as_str)
    }

    /// In one row where one of its forms goes into it.
    pub(super) fn lines(&self, columns: usize) -> Vec<String> {
        match self.in_columns(columns) {
            Some(form) => vec![form.to_owned()],
            None => wrapped(&self.whole, columns),
        }
    }
}

/// Why what is set here, or is being typed, cannot be sent.
pub(super) fn wrong(model: &Model, ui: &Ui, row: &Row) -> Option<Wrong> {
    let is_selected = || rows(model).get(ui.panes.form.selected).is_some_and(|it| it.is(row));
    if let Mode::EditField(line) = &ui.mode
        && is_selected()
    {
        // What would be right the keys say.
        let told = |problem| Wrong::new(Problem { hint: None, ..problem }, line.text());
        return typed_problem(ui, model).map(told);
    }
    let param = Some(&row.param).filter(|_| !row.is_item())?;
    let blockers = model.blockers();
    let wrong = blockers.iter().find(|(field, _)| *field == param.name);
    let wrong = wrong.map(|(_, problem)| Wrong::new(problem.clone(), &row.show(model)));
    let told = || model.composer.field_errors.get(&param.name).cloned();
    wrong.or_else(|| Some(Wrong { whole: told()?, parts: Vec::new() }))
}
