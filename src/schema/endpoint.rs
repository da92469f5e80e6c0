//! What an [`Endpoint`] can tell: its parameters and the request.
//! Whether a draft may be sent is in `validation`, the size of a result in `output_size`, its cost in
//! `price`.
//!
//! Invariant: a request holds only fields of the schema, in its order.

use serde_json::{Map, Value};

use super::suggest::{one_of, similar_names};
use super::{Endpoint, Param, Problem, Takes, Values};

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
        name != PROMPT && self.takes.field() != Some(name)
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
        match &self.takes {
            Takes::One { field, .. } if *field == param.name => {
                pictures.first().cloned().map(Value::from)
            }
            Takes::Many { field, .. } if *field == param.name => {
                (param.required || !pictures.is_empty()).then(|| Value::from(pictures.to_vec()))
            }
            Takes::Nothing | Takes::One { .. } | Takes::Many { .. } => {
                let value = values.get(&param.name).or(param.preset.as_ref())?;
                (!value.is_null()).then(|| value.clone())
            }
        }
    }

    /// For `editree schema MODEL --json`: every key of the documents, always present.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Takes {
    /// The parameter that the pictures go into.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::One { field, .. } | Self::Many { field, .. } => Some(field),
        }
    }

    /// Whether this number of pictures can be sent.
    pub fn accepts(&self, pictures: usize) -> bool {
        match self {
            Self::Nothing => pictures == 0,
            Self::One { optional, .. } => pictures == 1 || (*optional && pictures == 0),
            Self::Many { min, max, .. } => {
                *min <= pictures && max.is_none_or(|max| pictures <= max)
            }
        }
    }
}
