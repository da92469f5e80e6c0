//! Models beyond the built-in ones: looked for in the service's catalogue, added to the data folder,
//! compared with what they were when they were added.
//!
//! What was found last is kept with its date, for when the service cannot be reached. Invariant:
//! a file in the folder of models is whole; no file of found models grows without end.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::convert;
use crate::app::failure::{Failure, FailureKind};
use crate::app::found_models::{FoundModel, FoundModels};
use crate::fal::error::Kind;
use crate::fal::{Client, models, openapi_fetch, prices};
use crate::limits;
use crate::schema::import::import;
use crate::schema::{Added, Endpoint, Price, Usd};
use crate::tree::Hash;

/// Searches that are kept.
const SEARCHES: usize = 50;
const FOUND: &str = "models-found.json";

/// One search that was answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    words: String,
    on: String,
    models: Vec<FoundModel>,
}

/// Models of these words; where the service cannot be reached, those that it told of last.
pub(crate) async fn find(
    client: &Client,
    data_dir: &Path,
    words: &str,
) -> Result<FoundModels, Failure> {
    let words = words.trim();
    let mut kept = read_kept(data_dir);
    match client.find_models(words).await {
        Ok(models) => {
            let models: Vec<FoundModel> = models.into_iter().map(found).collect();
            let on = super::local_day(super::now());
            kept.retain(|search| search.words != words);
            kept.insert(0, Kept { words: words.into(), on, models: models.clone() });
            kept.truncate(SEARCHES);
            // Only a convenience: what cannot be kept is found again.
            let _ = write(&data_dir.join(FOUND), &serde_json::to_vec(&kept).unwrap_or_default());
            Ok(FoundModels { words: words.into(), models, as_of: None })
        }
        Err(error) => match kept.into_iter().find(|search| search.words == words) {
            Some(Kept { on, models, .. }) if error.kind == Kind::Network => {
                Ok(FoundModels { words: words.into(), models, as_of: Some(on) })
            }
            _none => Err(convert::failure(error)),
        },
    }
}

/// Adds the model of this id, with its price where that is told.
pub(crate) async fn add(client: &Client, data_dir: &Path, id: &str) -> Result<Endpoint, Failure> {
    let document = document(client, id).await?;
    let mut endpoint = described(&document, id)?;
    endpoint.price = price(client, id).await;
    keep(data_dir, endpoint, &document)
}

/// The service's own document: its catalogue's, or else the one that it publishes.
pub(crate) async fn document(client: &Client, id: &str) -> Result<serde_json::Value, Failure> {
    if client.has_catalogue() {
        let document = client.model_document(id).await.map_err(convert::failure)?;
        let unknown =
            || Failure::new(FailureKind::Gone, format!("the service knows no model `{id}`"));
        return document.ok_or_else(unknown);
    }
    openapi_fetch::document(id).await.map_err(convert::failure)
}

/// The endpoint of that id in its document.
pub(crate) fn described(document: &serde_json::Value, id: &str) -> Result<Endpoint, Failure> {
    let wrong = |message: String| Failure::new(FailureKind::Service, message);
    let all = import(document, id, None).map_err(|error| wrong(error.message))?;
    let found = all.into_iter().find(|endpoint| endpoint.id == id);
    found.ok_or_else(|| wrong(format!("the document of `{id}` describes another model")))
}

/// What it costs today; `None`: nobody tells.
pub(crate) async fn price(client: &Client, id: &str) -> Option<Price> {
    let told = client.prices(std::slice::from_ref(&id.to_owned())).await.ok()?;
    told.into_iter().find(|price| price.endpoint == id).and_then(told_price)
}

pub(super) fn told_price(told: prices::Price) -> Option<Price> {
    Some(Price {
        each: Some(Usd::from_f64(told.each)?),
        unit: told.unit,
        read_on: super::local_day(super::now()),
        source: "the service's own prices".to_owned(),
        ..Price::default()
    })
}

/// Writes the endpoint as a file that a person can read and edit, with the day and the hash of the
/// document that it came from.
pub(crate) fn keep(
    data_dir: &Path,
    mut endpoint: Endpoint,
    document: &serde_json::Value,
) -> Result<Endpoint, Failure> {
    endpoint.added = Some(Added { on: super::local_day(super::now()), document: hash(document) });
    let name = format!("{}.json", endpoint.id.replace('/', "--"));
    let path = data_dir.join("models").join(name);
    write(&path, format!("{:#}\n", endpoint.to_json()).as_bytes())?;
    Ok(endpoint)
}

/// Of a document, whatever the order in which it is written.
pub(crate) fn hash(document: &serde_json::Value) -> String {
    let mut sorted = document.clone();
    sorted.sort_all_objects();
    Hash::of(sorted.to_string().as_bytes()).to_string()
}

fn found(model: models::Model) -> FoundModel {
    let models::Model { id, title, about, is_deprecated } = model;
    FoundModel { id, title, about, is_deprecated }
}

fn read_kept(data_dir: &Path) -> Vec<Kept> {
    let bytes = limits::read(&data_dir.join(FOUND), limits::LIST).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(FailureKind::Store, format!("cannot write `{}`: {error}", path.display()))
    };
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let part = path.with_extension("part");
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(failed)
}
