//! `sweep`: one picture under many settings, as single requests that can each be repeated.
//!
//! A sweep that was killed goes on when it is called again: `batch` sends nothing twice.

use std::path::PathBuf;

use image::RgbaImage;
use serde_json::{Value, json};

use super::batch::{self, carry_out};
use super::compare::write_png;
use super::confirm::{Request, confirm};
use super::inputs::{check_files, check_nodes, inputs};
use super::quote::{quote, sizes};
use super::session::{Session, executor};
use super::values::warn_of_unread;
use super::{CommandError, code, listing, print, print_json, say};
use crate::app::draft::grid::{Cell as Plan, Grid, axis};
use crate::config::Config;
use crate::config::arguments::Sweep;
use crate::picture::contact_sheet::{Cell, sheet};
use crate::picture::{self, Limits};
use crate::schema::price::Quote;
use crate::schema::{Catalogue, Problem, Usd};
use crate::tree::{Input, Node, NodeState, Recipe, Values};

/// `editree sweep`.
pub(crate) fn sweep(config: &Config, arguments: &Sweep) -> Result<u8, CommandError> {
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    // All that can be wrong is found before anything is opened.
    let (plans, _) = plan(&catalogue, arguments, &[])?;
    check_files(&arguments.input)?;
    let sizes = executor()?.block_on(sizes(config, &arguments.input));
    let endpoints = plans.iter().filter_map(|plan| catalogue.find(&plan.recipe.endpoint).ok());
    if let Some(problem) = endpoints.into_iter().find_map(|it| it.problem_of_size(&sizes)) {
        return Err(CommandError::usage(problem.message).hint_opt(problem.hint));
    }
    let one = |plan: &Plan| quote(&catalogue, &plan.recipe.endpoint, &plan.recipe.values, &sizes);
    let total: Quote = plans.iter().map(one).sum();
    say(&format!("{} requests for {total}", plans.len()));
    let prompts = plans.iter().filter_map(|plan| {
        Some((catalogue.find(&plan.recipe.endpoint).ok()?, plan.recipe.prompt.as_str()))
    });
    warn_of_unread(prompts);
    if arguments.batch.dry_run {
        executor()?.block_on(check_nodes(config, &arguments.input))?;
        let labels: Vec<&str> = plans.iter().map(|plan| plan.label.as_str()).collect();
        return print_json(&json!({ "cells": labels, "cost": total.amount.map(Usd::to_f64),
            "is_estimate": total.is_estimate }));
    }
    let executor = executor()?;
    let done = executor.block_on(go(config, arguments));
    executor.shutdown_background();
    done
}

/// Every combination, and how many values the last of the axes has.
fn plan(
    catalogue: &Catalogue,
    arguments: &Sweep,
    inputs: &[Input],
) -> Result<(Vec<Plan>, usize), CommandError> {
    let pictures = arguments.input.len();
    let models = match arguments.model.as_slice() {
        [] => {
            let endpoint = catalogue.for_pictures("pro", pictures).ok_or_else(|| {
                CommandError::usage(format!("no endpoint of `pro` takes {pictures} pictures"))
            })?;
            vec![endpoint.id.clone()]
        }
        names => {
            let find = |name| listing::find(catalogue, name).map(|found| found.id.clone());
            names.iter().map(|name| find(name)).collect::<Result<_, _>>()?
        }
    };
    let command_error =
        |problem: Problem| CommandError::usage(problem.message).hint_opt(problem.hint);
    let axes: Result<_, _> = arguments.set.iter().map(|text| axis(text)).collect();
    let grid = Grid {
        models,
        prompt: arguments.prompt.clone(),
        axes: axes.map_err(command_error)?,
        base: Values::new(),
        inputs: inputs.to_vec(),
        pictures,
    };
    grid.cells(catalogue).map_err(command_error)
}

async fn go(config: &Config, arguments: &Sweep) -> Result<u8, CommandError> {
    // What a killed sweep has left is ours now, and goes on.
    let mut session = Session::open(config, true).await?;
    if session.model.profile.simulated {
        say("simulated: nothing is sent, nothing costs");
    }
    let inputs = inputs(&mut session, &arguments.input).await?;
    let (plans, columns) = plan(&session.model.catalogue, arguments, &inputs)?;
    let recipes: Vec<Recipe> = plans.iter().map(|plan| plan.recipe.clone()).collect();
    session.begin();
    let known = batch::nodes(&session).await?;
    let sent = batch::to_send(&session, &known, &recipes);
    let words = |recipe: &Recipe| {
        let plan = plans.iter().find(|plan| plan.recipe == *recipe);
        let label = plan.map_or("", |plan| plan.label.as_str());
        let parts = [recipe.prompt.as_str(), label].into_iter().filter(|part| !part.is_empty());
        let words = parts.collect::<Vec<_>>().join(" · ");
        (words, session.model.quote(recipe))
    };
    let requests: Vec<Request> = sent.iter().map(words).collect();
    confirm(&session, &requests, arguments.batch.yes)?;
    let Some(found) = carry_out(&mut session, &recipes, arguments.batch.over_budget).await? else {
        return Ok(code::INTERRUPTED);
    };
    report(&session, arguments, &plans, &found, columns)
}

fn report(
    session: &Session,
    arguments: &Sweep,
    plans: &[Plan],
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
        let cells: Vec<Cell> = plans
            .iter()
            .zip(found)
            .map(|(plan, node)| cell(plan, node.as_ref(), picture))
            .collect();
        let sheet = image::DynamicImage::ImageRgb8(sheet(&cells, columns)).into_rgba8();
        write_png(output, picture::encode_png(&sheet, &[("Software", "editree")]))?;
    }
    let cells: Vec<Value> = plans
        .iter()
        .zip(found)
        .map(|(plan, node)| describe(plan, node.as_ref(), node.as_ref().and_then(path)))
        .collect();
    let code = batch::code_of(found);
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

fn cell(plan: &Plan, node: Option<&Node>, picture: impl Fn(&Node) -> Option<RgbaImage>) -> Cell {
    Cell {
        picture: node.and_then(picture),
        label: match node {
            Some(node) => format!("{} {}", node.id, plan.label),
            None => plan.label.clone(),
        },
    }
}

fn describe(plan: &Plan, node: Option<&Node>, file: Option<PathBuf>) -> Value {
    json!({ "label": plan.label, "endpoint": plan.recipe.endpoint,
        "prompt": plan.recipe.prompt, "settings": plan.recipe.values,
        "node": node.map(|node| node.id.to_string()),
        "done": node.is_some_and(|node| node.state == NodeState::Done),
        "file": file.map(|file| file.display().to_string()),
        "cost": node.and_then(|node| node.cost).map(Usd::to_f64) })
}
