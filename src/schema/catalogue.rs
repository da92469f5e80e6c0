//! The endpoints that are known: embedded documents, imported ones, and finding one by name.
//! Does not read files: an imported endpoint is handed over ready.
//!
//! Invariant: ids and short names are unique, so that a name means one endpoint.

use std::sync::Arc;

use serde_json::{Value, json};

use super::suggest::{one_of, similar_names};
use super::{Catalogue, Endpoint, Problem, Takes, UnknownModel, Usd, Values};

/// Names and texts of the files in the folder.
const DOCUMENTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/endpoints.rs"));

impl Catalogue {
    /// The endpoints that come with editree: Kontext first, then the cheapest first, unknown prices
    /// last, then by short name. A document that does not parse is left out; a test sees to it that all do.
    pub fn builtin() -> Self {
        let mut endpoints: Vec<Endpoint> =
            DOCUMENTS.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect();
        endpoints.sort_by(|a, b| rank(a).cmp(&rank(b)));
        Self { endpoints: Arc::new(endpoints) }
    }

    /// This catalogue and one endpoint more, which takes the place of one with the same id.
    /// If its short name is taken by another, it goes by its id.
    pub fn with(&self, mut endpoint: Endpoint) -> Self {
        let mut endpoints = (*self.endpoints).clone();
        if endpoints.iter().any(|known| known.short == endpoint.short && known.id != endpoint.id) {
            endpoint.short.clone_from(&endpoint.id);
        }
        match endpoints.iter_mut().find(|known| known.id == endpoint.id) {
            Some(known) => *known = endpoint,
            None => endpoints.push(endpoint),
        }
        Self { endpoints: Arc::new(endpoints) }
    }

    /// All of them, in the order in which they are offered.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter()
    }

    /// By full id or short name; both exact, apart from slashes at the ends.
    pub fn find(&self, name: &str) -> Result<&Endpoint, UnknownModel> {
        let wanted = name.trim().trim_matches('/');
        self.endpoints()
            .find(|endpoint| endpoint.id == wanted || endpoint.short == wanted)
            .ok_or_else(|| UnknownModel {
                name: name.to_owned(),
                near: similar_names(
                    wanted,
                    self.endpoints().map(|endpoint| endpoint.short.as_str()),
                ),
            })
    }

    /// The member of a family that takes this many pictures. An endpoint made for exactly that
    /// number goes before one that takes several: of `pro`, 0 is from words, 1 edits, 2 or more combine.
    pub fn for_pictures(&self, family: &str, pictures: usize) -> Option<&Endpoint> {
        let fitting = || {
            self.endpoints().filter(|endpoint| {
                endpoint.family.as_deref() == Some(family) && endpoint.takes.accepts(pictures)
            })
        };
        fitting()
            .find(|endpoint| !matches!(endpoint.takes, Takes::Many { .. }))
            .or_else(|| fitting().next())
    }

    /// [`Endpoint::problems`]; a wrong number of pictures is answered with the name that fits.
    pub fn problems(
        &self,
        endpoint: &Endpoint,
        prompt: &str,
        values: &Values,
        pictures: usize,
    ) -> Vec<(String, Problem)> {
        let mut problems = endpoint.problems(prompt, values, pictures);
        if let (false, Some(name)) =
            (endpoint.takes.accepts(pictures), self.fitting_name(endpoint, pictures))
        {
            let field = endpoint.takes.field().unwrap_or_default();
            for (_, problem) in problems.iter_mut().filter(|(at, _)| at == field) {
                problem.hint = Some(format!("{name} fits"));
            }
        }
        problems
    }

    /// For `editree models --json`: `{"models":[{"id","short","title","about","family",
    /// "takes":{"pictures":"nothing|one|many",…},"price":{"usd","unit","formula","read_on","unverified","note"}|null,"seed","note","simulable"}]}`.
    pub fn to_json(&self) -> Value {
        json!({ "models": self.endpoints().map(row).collect::<Vec<_>>() })
    }

    fn fitting_name(&self, endpoint: &Endpoint, pictures: usize) -> Option<String> {
        let other = self.for_pictures(endpoint.family.as_deref()?, pictures)?;
        one_of(std::slice::from_ref(&other.short))
    }
}

/// What editree is made for stands first.
const HEART: [&str; 2] = ["pro", "max"];

fn rank(endpoint: &Endpoint) -> (bool, Usd, &str) {
    let is_heart = endpoint.family.as_deref().is_some_and(|family| HEART.contains(&family));
    let price = endpoint.price.as_ref().and_then(|price| price.each).unwrap_or(Usd(i64::MAX));
    (!is_heart, price, &endpoint.short)
}

fn row(endpoint: &Endpoint) -> Value {
    let price = endpoint.price.as_ref().map(|price| {
        json!({ "usd": price.each, "unit": price.unit, "formula": price.formula(),
            "read_on": price.read_on, "unverified": price.unverified, "note": price.note })
    });
    json!({
        "id": endpoint.id,
        "short": endpoint.short,
        "title": endpoint.title,
        "about": endpoint.about,
        "family": endpoint.family,
        "takes": endpoint.takes,
        "price": price,
        "seed": endpoint.has_seed(),
        "note": endpoint.note,
        "simulable": endpoint.output.iter().any(|field| field.name == "images" || field.name == "image"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Every key of `document` is still there after reading and writing: no key is misspelt.
    fn assert_kept(document: &Value, written: &Value, at: &str) {
        match (document, written) {
            (Value::Object(document), Value::Object(written)) => {
                for (key, value) in document {
                    let kept = written.get(key).unwrap_or(&Value::Null);
                    assert!(written.contains_key(key), "{at}.{key} is not a key");
                    assert_kept(value, kept, &format!("{at}.{key}"));
                }
            }
            (Value::Array(document), Value::Array(written)) => {
                assert_eq!(document.len(), written.len(), "{at}");
                for (place, (value, kept)) in document.iter().zip(written).enumerate() {
                    assert_kept(value, kept, &format!("{at}[{place}]"));
                }
            }
            (document, written) => assert_eq!(document, written, "{at}"),
        }
    }

    #[test]
    fn every_document_parses_and_has_no_key_that_nobody_reads() {
        let mut count = 0;
        for (path, text) in DOCUMENTS {
            let document: Value = serde_json::from_str(text).unwrap();
            let endpoint: Endpoint =
                serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{path}: {error}"));
            assert_eq!(*path, format!("{}.json", endpoint.short));
            assert_kept(&document, &serde_json::to_value(&endpoint).unwrap(), path);
            count += 1;
        }
        assert_eq!(Catalogue::builtin().endpoints().count(), count);
    }
}
