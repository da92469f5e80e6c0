//! `models find`, `models add`, `models diff`: other endpoints than the built-in ones.
//!
//! Kept is what was understood, in the form of the built-in documents, so that a person can read
//! and edit it. Invariant: nothing here costs, and no document is kept that is not understood.

use std::path::Path;

use serde_json::{Value, json};

use crate::text::plain;

use super::catalogue::{bounded, catalogue};
use super::listing::{self, columns};
use super::session::{auth, executor, kind};
use super::{CommandError, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::app::found_models::FoundModel;
use crate::config::arguments::Common;
use crate::config::{self, Config};
use crate::fal::openapi_fetch::document;
use crate::runtime::convert;
use crate::runtime::models;
use crate::runtime::profiles::{self, Asked};
use crate::schema::difference::differences;
use crate::schema::import::import;
use crate::schema::{Catalogue, Endpoint};

/// `editree models find`.
pub(crate) fn find(config: &Config, words: &[String], json: bool) -> Result<u8, CommandError> {
    let known = catalogue(&config.data_dir);
    let found = executor()?.block_on(async {
        let service = asked(config).await?;
        models::find(&service.client, &config.data_dir, &words.join(" ")).await
    })?;
    if config.profile.is_simulated() {
        say("simulated: these are the simulator's own models");
    }
    if let Some(day) = &found.as_of {
        say(&format!("the service cannot be reached; this is what it told on {day}"));
    }
    if json {
        let row = |model: &FoundModel| {
            json!({ "id": model.id, "title": model.title, "about": model.about,
                "deprecated": model.is_deprecated, "short": short(&known, &model.id) })
        };
        let rows: Vec<Value> = found.models.iter().map(row).collect();
        return print_json(&json!({ "models": rows, "as_of": found.as_of }));
    }
    if found.models.is_empty() {
        say("no model has these words");
        return Ok(0);
    }
    let row = |model: &FoundModel| {
        let here = short(&known, &model.id).map(|short| format!("here as {short}"));
        let deprecated = model.is_deprecated.then(|| "deprecated".to_owned());
        let marks: Vec<String> = deprecated.into_iter().chain(here).collect();
        [model.id.clone(), model.title.clone(), marks.join(", ")]
    };
    let rows: Vec<[String; 3]> = found.models.iter().map(row).collect();
    say("`editree models add ID` adds one");
    print(plain(&columns(&rows)).as_bytes())
}

fn short(known: &Catalogue, id: &str) -> Option<String> {
    known.find(id).ok().map(|endpoint| endpoint.short.clone())
}

/// `editree models add`.
pub(crate) fn add(common: &Common, what: &str, owner: Option<&str>) -> Result<u8, CommandError> {
    let data_dir = config::data_dir(common);
    let is_id = !Path::new(what).exists() && !what.contains("://");
    if is_id && !what.contains('/') {
        let message = format!("`{what}` is no endpoint id and no file");
        return Err(CommandError::usage(message).hint(format!(
            "`editree models find {what}` searches; an id is fal-ai/flux-pro/kontext"
        )));
    }
    if is_id && let Some(endpoint) = from_service(common, what.trim_matches('/'))? {
        return tell(&data_dir, &[endpoint]);
    }
    let document = match Path::new(what).exists() {
        true => read(what)?,
        false => executor()?
            .block_on(document(what))
            .map_err(|error| CommandError::from(convert::failure(error)))?,
    };
    let imported = import(&document, what, owner)
        .map_err(|error| CommandError::usage(error.message).hint_opt(error.hint))?;
    let keep = |endpoint| models::keep(&data_dir, endpoint, &document);
    let kept = imported.into_iter().map(keep).collect::<Result<Vec<_>, _>>()?;
    tell(&data_dir, &kept)
}

fn read(file: &str) -> Result<Value, CommandError> {
    let bytes = bounded(Path::new(file))
        .map_err(|reason| CommandError::usage(format!("`{file}` cannot be read: {reason}")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| CommandError::usage(format!("`{file}` is not JSON: {error}")))
}

/// By the profile's own catalogue, which tells the price too. `None`: the profile has none, or is
/// the simulator that nobody asked for, which knows only its own.
fn from_service(common: &Common, id: &str) -> Result<Option<Endpoint>, CommandError> {
    let config = Config::resolve(common)?;
    if config.profile.is_simulated() && !common.sim && common.profile.is_none() {
        return Ok(None);
    }
    executor()?.block_on(async {
        let service = asked(&config).await?;
        match service.client.has_catalogue() {
            true => Ok(Some(models::add(&service.client, &config.data_dir, id).await?)),
            false => Ok(None),
        }
    })
}

/// Under which names they go now.
fn tell(data_dir: &Path, added: &[Endpoint]) -> Result<u8, CommandError> {
    let known = catalogue(data_dir);
    let row = |endpoint: &Endpoint| {
        let short = short(&known, &endpoint.id).unwrap_or_default();
        [short, listing::price(endpoint), endpoint.id.clone()]
    };
    if added.iter().any(|endpoint| endpoint.price.is_none()) {
        say("the price is not in the document: it counts as unknown and is asked about");
    }
    let rows: Vec<[String; 3]> = added.iter().map(row).collect();
    print(plain(&columns(&rows)).as_bytes())
}

/// `editree models diff`.
pub(crate) fn diff(config: &Config, name: Option<&str>, json: bool) -> Result<u8, CommandError> {
    let known = catalogue(&config.data_dir);
    let wanted: Vec<&Endpoint> = match name {
        Some(name) => vec![listing::find(&known, name)?],
        None => known.endpoints().filter(|endpoint| endpoint.added.is_some()).collect(),
    };
    if wanted.is_empty() {
        say("no model was added; `editree models diff NAME` compares a built-in one");
    }
    let told = executor()?.block_on(async {
        let service = asked(config).await?;
        let mut told = Vec::new();
        for endpoint in wanted {
            told.push((endpoint, changes(&service, endpoint).await));
        }
        Ok::<_, CommandError>(told)
    })?;
    let is_all_told = told.iter().all(|(_, changes)| changes.is_ok());
    let code = match json {
        true => {
            let row = |(endpoint, changes): &(&Endpoint, Result<Vec<String>, _>)| {
                let problem =
                    changes.as_ref().err().map(|failure: &Failure| failure.message.clone());
                json!({ "id": endpoint.id, "short": endpoint.short, "since": since(endpoint),
                    "changes": changes.as_ref().ok(), "problem": problem })
            };
            print_json(&json!({ "models": told.iter().map(row).collect::<Vec<_>>() }))?
        }
        false => {
            let text = told.iter().map(|(endpoint, changes)| match changes {
                Ok(changes) => paragraph(endpoint, changes),
                Err(failure) => format!("{}: {}\n", endpoint.short, failure.message),
            });
            let text: String = text.collect();
            print(plain(&text).as_bytes())?
        }
    };
    Ok(if is_all_told { code } else { code::SERVICE })
}

async fn changes(service: &Asked, endpoint: &Endpoint) -> Result<Vec<String>, Failure> {
    let document = models::document(&service.client, &endpoint.id).await?;
    let is_same = endpoint.added.as_ref().is_some_and(|it| it.document == models::hash(&document));
    let price = models::price(&service.client, &endpoint.id).await;
    let mut now = match is_same {
        true => endpoint.clone(),
        false => models::described(&document, &endpoint.id)?,
    };
    now.price = price;
    Ok(differences(endpoint, &now))
}

fn paragraph(endpoint: &Endpoint, changes: &[String]) -> String {
    let since = since(endpoint);
    match changes {
        [] => format!("{}: unchanged since {since}\n", endpoint.short),
        changes => {
            let lines: String = changes.iter().map(|line| format!("  {line}\n")).collect();
            format!("{}: changed since {since}\n{lines}", endpoint.short)
        }
    }
}

/// The day of what is known here.
fn since(endpoint: &Endpoint) -> String {
    let added = endpoint.added.as_ref().map(|added| added.on.clone());
    let read_on = || endpoint.price.as_ref().map(|price| price.read_on.clone());
    added.or_else(read_on).unwrap_or_else(|| "this build".into())
}

/// The profile's service, to ask what is free.
async fn asked(config: &Config) -> Result<Asked, Failure> {
    profiles::asked(kind(config), auth(config), config.profile.key.clone()).await
}
