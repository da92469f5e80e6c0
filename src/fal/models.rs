//! The service's catalogue: which models there are, and the document of one, by the Platform API.
//!
//! It understands no document. Invariant: an answer of any size is cut at [`MOST`].

use reqwest::Method;
use serde_json::Value;

use super::Client;
use super::error::{Error, Kind, Step};
use super::http::Call;
use super::profile::join;

/// What makes pictures; edits first.
const CATEGORIES: [&str; 2] = ["image-to-image", "text-to-image"];
/// As many are asked for and taken of each.
pub const MOST: usize = 50;

/// One model, as the catalogue has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub id: String,
    pub title: String,
    pub about: String,
    /// Still served, and to go.
    pub is_deprecated: bool,
}

impl Client {
    /// Models that make pictures and have these words; edits before those from words alone.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where the profile has no such interface; network, key and service failures.
    pub async fn find_models(&self, words: &str) -> Result<Vec<Model>, Error> {
        let mut found: Vec<Model> = Vec::new();
        let most = MOST.to_string();
        for category in CATEGORIES {
            let question = [("q", words), ("category", category), ("limit", &most)];
            let listed = self.catalogue(&question).await?;
            let models = listed.iter().take(MOST).filter_map(model);
            for model in models {
                if !found.iter().any(|known| known.id == model.id) {
                    found.push(model);
                }
            }
        }
        Ok(found)
    }

    /// The OpenAPI document of that model; `None`: the catalogue does not know it.
    ///
    /// # Errors
    /// As [`Client::find_models`].
    pub async fn model_document(&self, id: &str) -> Result<Option<Value>, Error> {
        let question = [("endpoint_id", id), ("expand", "openapi-3.0")];
        let listed = self.catalogue(&question).await?;
        let is_it = |entry: &&Value| entry.get("endpoint_id").and_then(Value::as_str) == Some(id);
        Ok(listed.iter().find(is_it).and_then(|entry| entry.get("openapi")).cloned())
    }

    async fn catalogue(&self, question: &[(&str, &str)]) -> Result<Vec<Value>, Error> {
        let Some(api) = &self.settings().hosts.api else {
            return Err(Error::new(Step::Models, Kind::NotFound, "this profile has no `api_url`"));
        };
        let mut url = join(api, "v1/models")?;
        url.query_pairs_mut().extend_pairs(question);
        let reply = self.succeed(&Call::new(Step::Models, Method::GET, url), &mut |_| ()).await?;
        match reply.json.and_then(|mut body| body.get_mut("models").map(Value::take)) {
            Some(Value::Array(models)) => Ok(models),
            _other => Err(Error::new(Step::Models, Kind::Protocol, "the answer holds no models")),
        }
    }
}

fn model(entry: &Value) -> Option<Model> {
    let told = entry.get("metadata")?;
    let text =
        |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    Some(Model {
        id: entry.get("endpoint_id")?.as_str()?.to_owned(),
        title: text("display_name"),
        about: text("description"),
        is_deprecated: text("status") == "deprecated",
    })
}
