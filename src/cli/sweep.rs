//! `sweep`: one picture under many settings, or the rows of a file, as single requests.
//!
//! A sweep that was killed goes on when it is called again: `batch` sends nothing twice.

mod plan;
mod table;

use std::collections::HashMap;
use std::path::PathBuf;

use image::RgbaImage;
use serde_json::{Value, json};

use self::plan::{Opened, Plan, Planned};
use self::table::Table;
use super::batch::{self, carry_out};
use super::compare::{check_output, write_png};
use super::confirm::{Request, confirm};
use super::inputs::{check_files, check_nodes, inputs};
use super::misplaced::check_prompt;
use super::quote::{quote, sizes};
use super::session::{Session, executor};
use super::values::warn_of_unread;
use super::{CommandError, code, print, print_json, say};
use crate::app::draft::grid::Cell;
use crate::app::money::confirmation::counted;
use crate::config::Config;
use crate::config::arguments::Sweep;
use crate::picture::contact_sheet::{Cell as SheetCell, sheet};
use crate::picture::{self, Limits};
use crate::schema::price::{Quote, Size};
use crate::schema::{Usd, money};
use crate::text::plain;
use crate::tree::{Node, NodeState, Recipe};

/// `editree sweep`.
pub(crate) fn sweep(config: &Config, arguments: &Sweep) -> Result<u8, CommandError> {
    let words = (arguments.prompt.as_deref(), arguments.more.as_slice());
    check_prompt("sweep", &arguments.input, words)?;
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    // All that can be wrong is found before anything is opened.
    arguments.output.as_deref().map(check_output).transpose()?;
    let table = arguments.from.as_deref().map(Table::read).transpose()?;
    let table = table.as_ref();
    let plan = Plan::of(&catalogue, arguments, table, &Opened::new())?;
    check_pictures(&plan, table)?;
    let sizes = measured(config, &plan)?;
    let sizes_of = |planned: &Planned| -> Vec<Size> {
        planned.inputs.iter().map(|name| sizes.get(name).copied().flatten()).collect()
    };
    let mut quotes = Vec::with_capacity(plan.all.len());
    for planned in &plan.all {
        let recipe = &planned.cell.recipe;
        let sizes = sizes_of(planned);
        let endpoint = catalogue.find(&recipe.endpoint).ok();
        if let Some(problem) = endpoint.and_then(|endpoint| endpoint.problem_of_size(&sizes)) {
            return Err(located(planned, table, None, &problem.message).hint_opt(problem.hint));
        }
        quotes.push(quote(&catalogue, &recipe.endpoint, &recipe.values, &sizes));
    }
    let total: Quote = quotes.iter().copied().sum();
    let prompts = plan.all.iter().filter_map(|planned| {
        let recipe = &planned.cell.recipe;
        Some((catalogue.find(&recipe.endpoint).ok()?, recipe.prompt.as_str()))
    });
    warn_of_unread(prompts);
    if arguments.batch.dry_run {
        let price = money::told(total, config.profile.is_simulated());
        say(&format!("{} for {price}", counted(plan.all.len(), "request")));
        executor()?.block_on(check_nodes(config, &plan.inputs()))?;
        return match arguments.batch.json {
            true => dry_run(&plan, total),
            false => list(config, &plan, &quotes),
        };
    }
    let executor = executor()?;
    let done = executor.block_on(go(config, arguments, table));
    executor.shutdown_background();
    done
}

/// A line for each request, with its price where they differ.
fn list(config: &Config, plan: &Plan, quotes: &[Quote]) -> Result<u8, CommandError> {
    let is_one_price = quotes.iter().all(|quote| Some(quote) == quotes.first());
    let price = |quote: &Quote| match is_one_price {
        true => String::new(),
        false => format!(" · {}", money::told(quote, config.profile.is_simulated())),
    };
    let row = |(number, (planned, quote)): (usize, (&Planned, &Quote))| {
        format!("{number}. {}{}\n", plain(&told(&planned.cell).replace('\n', " ")), price(quote))
    };
    let lines: String = (1..).zip(plan.all.iter().zip(quotes)).map(row).collect();
    print(lines.as_bytes())
}

/// What is asked for, and what tells it from the others.
fn told(cell: &Cell) -> String {
    let (prompt, label) = (cell.recipe.prompt.as_str(), cell.label.as_str());
    match label.starts_with(prompt) {
        true => label.to_owned(),
        false => [prompt, label]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
    }
}

fn dry_run(plan: &Plan, total: Quote) -> Result<u8, CommandError> {
    let labels: Vec<&str> = plan.all.iter().map(|planned| planned.cell.label.as_str()).collect();
    let request = |planned: &Planned| {
        let recipe = &planned.cell.recipe;
        json!({ "endpoint": recipe.endpoint, "prompt": recipe.prompt, "settings": recipe.values,
            "inputs": planned.inputs, "row": planned.row })
    };
    let requests: Vec<Value> = plan.all.iter().map(request).collect();
    print_json(&json!({ "cells": labels, "requests": requests,
        "cost": total.amount.map(Usd::to_f64), "is_estimate": total.is_estimate }))
}

/// Each file once, with the row that names it first.
fn check_pictures(plan: &Plan, table: Option<&Table>) -> Result<(), CommandError> {
    for name in plan.inputs() {
        check_files(std::slice::from_ref(&name)).map_err(|error| {
            let first = plan.all.iter().find(|planned| planned.inputs.contains(&name));
            match first {
                Some(planned) => {
                    let column = "picture";
                    located(planned, table, Some(column), &error.message).hint_opt(error.hint)
                }
                None => error,
            }
        })?;
    }
    Ok(())
}

/// What is wrong with a request, with its row if it has one.
fn located(
    planned: &Planned,
    table: Option<&Table>,
    column: Option<&str>,
    what: &str,
) -> CommandError {
    match (table, planned.row) {
        (Some(table), Some(row)) => table.wrong(row, column, what),
        _none => CommandError::usage(what.to_owned()),
    }
}

fn measured(config: &Config, plan: &Plan) -> Result<HashMap<String, Size>, CommandError> {
    let names = plan.inputs();
    let sizes = executor()?.block_on(sizes(config, &names));
    Ok(names.into_iter().zip(sizes).collect())
}

async fn go(config: &Config, arguments: &Sweep, table: Option<&Table>) -> Result<u8, CommandError> {
    // What a killed sweep has left is ours now, and goes on.
    let mut session = Session::open(config, true).await?;
    if session.model.profile.simulated {
        say("simulated: nothing is sent, nothing costs");
    }
    let catalogue = session.model.catalogue.clone();
    let names = Plan::of(&catalogue, arguments, table, &Opened::new())?.inputs();
    let opened = inputs(&mut session, &names).await?;
    let opened: Opened = names.into_iter().zip(opened).collect();
    let Plan { all, columns } = Plan::of(&catalogue, arguments, table, &opened)?;
    let plans: Vec<Cell> = all.into_iter().map(|planned| planned.cell).collect();
    let recipes: Vec<Recipe> = plans.iter().map(|plan| plan.recipe.clone()).collect();
    session.begin();
    let known = batch::nodes(&session, &recipes).await?;
    let sent = batch::to_send(&session, &known, &recipes);
    let words = |recipe: &Recipe| {
        let plan = plans.iter().find(|plan| plan.recipe == *recipe);
        (plan.map_or_else(|| recipe.prompt.clone(), told), session.model.quote(recipe))
    };
    let requests: Vec<Request> = sent.iter().map(words).collect();
    let is_told = confirm(&session, &requests, arguments.batch.yes)?;
    let over_budget = arguments.batch.over_budget;
    let Some(found) = carry_out(&mut session, &recipes, over_budget, is_told).await? else {
        return Ok(code::INTERRUPTED);
    };
    report(&session, arguments, &plans, &found, columns)
}

fn report(
    session: &Session,
    arguments: &Sweep,
    plans: &[Cell],
    found: &[Option<Node>],
    columns: usize,
) -> Result<u8, CommandError> {
    let media = session.runtime.store.media();
    let path = |node: &Node| media.path(node.pictures.first()?.hash);
    if let Some(output) = &arguments.output {
        let picture = |node: &Node| {
            let bytes = std::fs::read(path(node)?).ok()?;
            Some(picture::decode(&bytes, Limits::default()).ok()?.image)
        };
        let cells: Vec<SheetCell> = plans
            .iter()
            .zip(found)
            .map(|(plan, node)| cell(plan, node.as_ref(), picture))
            .collect();
        let sheet = image::DynamicImage::ImageRgb8(sheet(&cells, columns)).into_rgba8();
        write_png(output, picture::encode_png(&sheet, &[("Software", "editree")]))?;
        say(&format!("all of them on one sheet: {}", output.display()));
    }
    let cells: Vec<Value> = plans
        .iter()
        .zip(found)
        .map(|(plan, node)| describe(plan, node.as_ref(), node.as_ref().and_then(path)))
        .collect();
    let code = batch::code_of(session, found, |job| {
        plans.iter().any(|plan| plan.recipe == job.spec.recipe)
    });
    if code != 0 {
        say("not all are done; run the same command again to send what is missing");
    }
    if arguments.batch.json {
        let cost: Usd = found.iter().flatten().filter_map(|node| node.cost).sum();
        let sheet = arguments.output.as_ref().map(|path| path.display().to_string());
        print_json(&json!({ "cells": cells, "cost": cost.to_f64(), "sheet": sheet,
            "simulated": session.model.profile.simulated }))?;
        return Ok(code);
    }
    let files: Vec<PathBuf> = found.iter().flatten().filter_map(path).collect();
    let lines: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    print(lines.as_bytes())?;
    Ok(code)
}

fn cell(
    plan: &Cell,
    node: Option<&Node>,
    picture: impl Fn(&Node) -> Option<RgbaImage>,
) -> SheetCell {
    SheetCell {
        picture: node.and_then(picture),
        label: match node {
            Some(node) => format!("{} {}", node.id, plan.label),
            None => plan.label.clone(),
        },
    }
}

fn describe(plan: &Cell, node: Option<&Node>, file: Option<PathBuf>) -> Value {
    json!({ "label": plan.label, "endpoint": plan.recipe.endpoint,
        "prompt": plan.recipe.prompt, "settings": plan.recipe.values,
        "node": node.map(|node| node.id.to_string()),
        "done": node.is_some_and(|node| node.state == NodeState::Done),
        "file": file.map(|file| file.display().to_string()),
        "cost": node.and_then(|node| node.cost).map(Usd::to_f64) })
}
