//! The requests of a sweep: every combination of a grid, or the rows of a file.
//!
//! Opens nothing. Invariant: planned before and after the pictures are opened, it is the same
//! requests in the same order.

use std::collections::HashMap;

use super::table::{Row, Table};
use crate::app::draft::grid::{Axis, Cell, Grid, Refusal, axis};
use crate::app::draft::prompt_expansion::expand;
use crate::cli::{CommandError, listing};
use crate::config::arguments::Sweep;
use crate::schema::{Catalogue, Problem};
use crate::tree::{Input, Values};

/// Pictures by the names that they were given, as far as they are opened.
pub(super) type Opened = HashMap<String, Input>;

#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) cell: Cell,
    /// Its pictures, as they were named.
    pub(super) inputs: Vec<String>,
    /// Its row in the file.
    pub(super) row: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) all: Vec<Planned>,
    /// Columns of the sheet that shows them well.
    pub(super) columns: usize,
}

impl Plan {
    pub(super) fn of(
        catalogue: &Catalogue,
        arguments: &Sweep,
        table: Option<&Table>,
        opened: &Opened,
    ) -> Result<Self, CommandError> {
        let Some(table) = table else { return grid(catalogue, arguments, opened) };
        let of = |row| planned(catalogue, arguments, table, row, opened);
        let all = table.rows.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let columns = (1..).find(|side| side * side >= all.len()).unwrap_or(1);
        Ok(Self { all, columns })
    }

    /// Every picture's name, once.
    pub(super) fn inputs(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.all.iter().flat_map(|planned| &planned.inputs) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

fn grid(catalogue: &Catalogue, arguments: &Sweep, opened: &Opened) -> Result<Plan, CommandError> {
    let (mut models, mut axes) = (arguments.model.clone(), Vec::<Axis>::new());
    for text in &arguments.set {
        match axis(text).map_err(of_problem)? {
            (name, values) if name == "model" => models.extend(values),
            axis => axes.push(axis),
        }
    }
    let names = &arguments.input;
    let grid = Grid {
        models: match models.as_slice() {
            [] => vec![usual(catalogue, names.len())?],
            named => named.iter().map(|name| id(catalogue, name)).collect::<Result<_, _>>()?,
        },
        prompt: arguments.prompt.clone().unwrap_or_default(),
        axes,
        base: Values::new(),
        inputs: inputs(names, opened),
        regions: Vec::new(),
        pictures: names.len(),
    };
    let (cells, columns) =
        grid.cells(catalogue).map_err(|refusal| of_problem(refusal.in_words()))?;
    let planned = |cell| Planned { cell, inputs: names.clone(), row: None };
    Ok(Plan { all: cells.into_iter().map(planned).collect(), columns })
}

/// A row is one request; what is given on the command line is for all of them.
fn planned(
    catalogue: &Catalogue,
    arguments: &Sweep,
    table: &Table,
    row: &Row,
    opened: &Opened,
) -> Result<Planned, CommandError> {
    let number = row.number;
    let names: Vec<String> = row.pictures.iter().chain(&arguments.input).cloned().collect();
    let axes = axes(arguments, row)?;
    let set = arguments.set.iter().find_map(|text| {
        let (name, value) = text.split_once('=')?;
        (name.trim() == "model").then_some(value.trim())
    });
    if arguments.model.len() + usize::from(set.is_some()) > 1 {
        let error = CommandError::usage("a table takes one model for all of its rows");
        return Err(error.hint("give it a column `model`"));
    }
    let common = arguments.model.first().map(String::as_str).or(set);
    let model = match row.model.as_deref().or(common) {
        Some(name) => id(catalogue, name).map_err(|error| {
            let column = row.model.as_ref().map(|_| "model");
            table.wrong(number, column, &error.message).hint_opt(error.hint)
        })?,
        None => usual(catalogue, names.len())
            .map_err(|error| table.wrong(number, None, &error.message))?,
    };
    let prompt = row.prompt.clone().or_else(|| arguments.prompt.clone()).unwrap_or_default();
    let count = expand(&prompt).len();
    if count > 1 {
        let what = format!("the braces mean {count} requests, and a row is one");
        let error = table.wrong(number, row.prompt.as_ref().map(|_| "prompt"), &what);
        return Err(error.hint(r"write a row for each; `\{` and `\|` are letters"));
    }
    let inputs = inputs(&names, opened);
    let pictures = names.len();
    let (base, regions) = (Values::new(), Vec::new());
    let grid = Grid { models: vec![model], prompt, axes, base, inputs, regions, pictures };
    let (mut cells, _) = grid.cells(catalogue).map_err(|refusal| refused(table, row, &refusal))?;
    let mut cell = cells.pop().ok_or_else(|| table.wrong(number, None, "it is no request"))?;
    let own = row.pictures.iter().map(|name| format!(" · {}", short(name)));
    cell.label = format!("row {number}{}", own.collect::<String>());
    Ok(Planned { cell, inputs: names, row: Some(number) })
}

/// The row's own value goes before that of the command line.
fn axes(arguments: &Sweep, row: &Row) -> Result<Vec<Axis>, CommandError> {
    let mut axes: Vec<Axis> = Vec::new();
    for text in &arguments.set {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            CommandError::usage(format!("`{text}` is not KEY=VALUES"))
                .hint("for example -s seed=1..4")
        })?;
        let is_own = row.settings.iter().any(|(own, _)| own == name.trim());
        if !is_own && name.trim() != "model" {
            axes.push((name.trim().to_owned(), vec![value.trim().to_owned()]));
        }
    }
    axes.extend(row.settings.iter().map(|(name, value)| (name.clone(), vec![value.clone()])));
    Ok(axes)
}

fn refused(table: &Table, row: &Row, refusal: &Refusal) -> CommandError {
    let field = refusal.field.as_str();
    let is_own = row.settings.iter().any(|(name, _)| name == field);
    let column = match field {
        "prompt" => row.prompt.as_ref().map(|_| "prompt"),
        field if is_own => Some(field),
        field if field.starts_with("image_url") => row.picture_column.as_deref(),
        _other => None,
    };
    let words = match (column, field) {
        (Some(_), _) | (None, "") => refusal.problem.message.clone(),
        (None, field) => format!("`{field}`: {}", refusal.problem.message),
    };
    table.wrong(row.number, column, &words).hint_opt(refusal.problem.hint.clone())
}

fn inputs(names: &[String], opened: &Opened) -> Vec<Input> {
    names.iter().filter_map(|name| opened.get(name).cloned()).collect()
}

fn usual(catalogue: &Catalogue, pictures: usize) -> Result<String, CommandError> {
    let found = catalogue.for_pictures("pro", pictures).map(|endpoint| endpoint.id.clone());
    found.ok_or_else(|| {
        CommandError::usage(format!("no endpoint of `pro` takes {pictures} pictures"))
    })
}

fn id(catalogue: &Catalogue, name: &str) -> Result<String, CommandError> {
    listing::find(catalogue, name).map(|found| found.id.clone())
}

fn of_problem(problem: Problem) -> CommandError {
    CommandError::usage(problem.message).hint_opt(problem.hint)
}

/// The last part of a file's or an address' name.
fn short(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}
