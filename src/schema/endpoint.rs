//! What an [`Endpoint`] can tell: its parameters and the request.
//! Whether a draft may be sent is in `validation`, the size of a result in `output_size`, its cost in
//! `price`.
//!
//! Invariant: a request holds only fields of the schema, in its order.

use serde_json::{Map, Value};

use super::kind::Wire;
use super::suggest::{one_of, similar_names};
use super::{Endpoint, Param, Problem, Values};

/// The parameter that holds the words, at every endpoint of the service.
pub(super) const PROMPT: &str = "prompt";

impl Endpoint {
    /// The parameter of that name.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// What a person may set: everything but the prompt and the pictures, in the schema's order.
    pub fn form(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| self.is_in_form(&param.name))
    }

    pub(super) fn is_in_form(&self, name: &str) -> bool {
        name != PROMPT && !self.takes.holds(name)
    }

    /// What will be in effect at the service: what was changed, else the preset, else the default.
    pub fn value<'a>(&'a self, name: &str, values: &'a Values) -> Option<&'a Value> {
        self.param(name)?.effective(values.get(name))
    }

    /// Takes one setting as it is typed (`-s KEY=VALUE`); what equals the start is not kept.
    pub fn set(&self, values: &mut Values, name: &str, text: &str) -> Result<(), Problem> {
        let param = self.settable(name)?;
        let value = param.parse(text)?;
        if value == param.start().cloned().unwrap_or_default() {
            values.remove(name);
        } else {
            values.insert(name.to_owned(), value);
        }
        Ok(())
    }

    pub(super) fn settable(&self, name: &str) -> Result<&Param, Problem> {
        if let Some(param) = self.form().find(|param| param.name == name) {
            return Ok(param);
        }
        if self.param(name).is_some() {
            return Err(Problem::new(format!("`{name}` is not a setting"), None));
        }
        let alike = similar_names(name, self.form().map(|param| param.name.as_str()));
        Err(Problem::new(
            format!("`{}` has no setting `{name}`", self.short),
            one_of(&alike).map(|names| format!("did you mean {names}?")),
        ))
    }

    /// The bare model input in the schema's order. `pictures` are addresses or data URIs.
    /// What was not changed and has no preset is left to the endpoint's defaults.
    pub fn request(
        &self,
        prompt: &str,
        values: &Values,
        pictures: &[String],
    ) -> Map<String, Value> {
        self.params
            .iter()
            .filter_map(|param| {
                let value = self.sent(param, prompt, values, pictures)?;
                Some((param.name.clone(), value))
            })
            .collect()
    }

    fn sent(
        &self,
        param: &Param,
        prompt: &str,
        values: &Values,
        pictures: &[String],
    ) -> Option<Value> {
        if param.name == PROMPT {
            return (param.required || !prompt.is_empty()).then(|| Value::from(prompt));
        }
        if self.takes.holds(&param.name) {
            return self.takes.value(&param.name, pictures, param.required);
        }
        let value = values.get(&param.name).or(param.preset.as_ref())?;
        (!value.is_null()).then(|| value.clone())
    }

    /// Values that were chosen for another endpoint, as far as this one knows them. What it writes
    /// otherwise (a number where the other has a text) is written its way; what it does not accept
    /// stays, to be told of.
    pub fn adopted(&self, values: &Values) -> Values {
        let known = self.form().filter_map(|param| {
            let value = values.get(&param.name)?;
            let again = || match value {
                Value::String(text) => param.parse(text).ok(),
                // A number is no address.
                Value::Number(_) | Value::Bool(_) if param.kind.wire() == Wire::Address => None,
                Value::Number(_) | Value::Bool(_) => param.parse(&value.to_string()).ok(),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            };
            let fits = param.check(value).is_ok();
            let value = if fits { None } else { again() }.unwrap_or_else(|| value.clone());
            Some((param.name.clone(), value))
        });
        known.collect()
    }

    /// Whether a request can be made again: without a seed the next picture is another one.
    pub fn has_seed(&self) -> bool {
        self.param("seed").is_some()
    }

    /// For `editree schema MODEL --json`: every key of the documents, always present.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
