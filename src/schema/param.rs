//! A parameter on top of its kind: where it starts, and what it means to send nothing.
//! What differs from kind to kind is in `kind`.
//!
//! Invariant: `null` stands for "send nothing" and is refused where the service needs a value.

use serde_json::Value;

use super::kind::Wire;
use super::{Param, Problem};

impl Param {
    /// What is in effect when nothing was changed: the preset, else the endpoint's default.
    pub fn start(&self) -> Option<&Value> {
        self.preset.as_ref().or(self.default.as_ref())
    }

    /// Whether nothing need be sent.
    pub fn is_optional(&self) -> bool {
        !self.required || self.default.is_some()
    }

    /// What a person typed. Nothing, or the word for it (`random`, `default`), gives `null`.
    pub fn parse(&self, text: &str) -> Result<Value, Problem> {
        let word = text.trim();
        if self.is_optional() && (word.is_empty() || self.means_unset(word)) {
            return Ok(Value::Null);
        }
        self.kind.parse(text)
    }

    /// `null` where nothing need be sent, else what the kind accepts.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        if !value.is_null() {
            return self.kind.check(value);
        }
        if self.is_optional() {
            return Ok(());
        }
        Err(Problem::new(format!("`{}` is needed", self.name), self.kind.range()))
    }

    /// What is in effect, for people. `None`: it was not changed.
    pub fn show(&self, value: Option<&Value>) -> String {
        match (self.effective(value), &self.unset) {
            (Some(value), _) => self.kind.show(value),
            (None, Some(word)) => word.clone(),
            (None, None) => String::new(),
        }
    }

    /// The next or the previous value from the one in effect. Where sending nothing has a meaning
    /// of its own, it is one of the choices. `None`: this cannot be stepped.
    pub fn step(&self, value: Option<&Value>, by: i32) -> Option<Value> {
        let from = self.effective(value);
        let next = self.kind.step(from, by)?;
        let turned = from.is_some_and(|from| self.kind.wraps(from, by));
        let may_be_unset = self.default.is_none() && self.is_optional();
        Some(if turned && may_be_unset { Value::Null } else { next })
    }

    /// At the service, for what was changed here (`None`: nothing).
    pub(super) fn effective<'a>(&'a self, changed: Option<&'a Value>) -> Option<&'a Value> {
        match changed {
            Some(Value::Null) => self.default.as_ref(),
            Some(value) => Some(value),
            None => self.start(),
        }
    }

    fn means_unset(&self, word: &str) -> bool {
        let is_value = match self.kind.wire() {
            Wire::Text => true,
            Wire::OneOf { options, .. } | Wire::Sides { presets: options, .. } => {
                options.iter().any(|option| option == word)
            }
            // A word that is a value of its own is one of the choices in it.
            Wire::Either(of) => of.iter().any(|kind| kind.check(&Value::from(word)).is_ok()),
            Wire::Values(_)
            | Wire::Tuple(_)
            | Wire::Address
            | Wire::Whole { .. }
            | Wire::Number { .. }
            | Wire::Switch
            | Wire::List { .. }
            | Wire::Object { .. }
            | Wire::Any => false,
        };
        !is_value && (word == "default" || self.unset.as_deref() == Some(word))
    }
}
