//! Every reason why a draft cannot be sent. Does not judge the style of a prompt: `lint` does.
//!
//! Invariant: the list is empty if and only if the request may leave.

use serde_json::Value;

use super::endpoint::PROMPT;
use super::{Endpoint, Problem, Takes, Values};

/// More pictures in one request are surely a slip, where the endpoint names no limit.
const MOST: usize = 16;

impl Problem {
    pub fn new(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { message: message.into(), hint }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.hint {
            Some(hint) => write!(out, "{} ({hint})", self.message),
            None => out.write_str(&self.message),
        }
    }
}

impl Endpoint {
    /// Every reason why this cannot be sent, in the order of the schema; empty: it can.
    /// The first part is the parameter, or empty for the draft as a whole.
    pub fn problems(
        &self,
        prompt: &str,
        values: &Values,
        pictures: usize,
    ) -> Vec<(String, Problem)> {
        let mut found: Vec<(String, Problem)> = self
            .params
            .iter()
            .filter_map(|param| {
                let problem = if param.name == PROMPT {
                    self.problem_of_prompt(prompt)
                } else if self.is_in_form(&param.name) {
                    let value = values.get(&param.name).or(param.start()).unwrap_or(&Value::Null);
                    param.check(value).err()
                } else if self.takes.field() == Some(&param.name) {
                    self.problem_of_pictures(pictures)
                } else {
                    None
                };
                Some((param.name.clone(), problem?))
            })
            .collect();
        found.extend(self.problem_of_no_pictures(pictures));
        found.extend(
            values.keys().filter_map(|name| Some((name.clone(), self.settable(name).err()?))),
        );
        found
    }

    fn problem_of_prompt(&self, prompt: &str) -> Option<Problem> {
        let param = self.param(PROMPT)?;
        if !prompt.trim().is_empty() {
            let wrong = param.kind.check(&Value::from(prompt)).err()?;
            return Some(Problem { message: format!("the prompt is not taken: {wrong}"), ..wrong });
        }
        param.required.then(|| {
            let what = match self.takes {
                Takes::Nothing => "say what the picture shows",
                Takes::One { .. } | Takes::Many { .. } => "say what to change",
            };
            Problem::new("the prompt is empty", Some(what.to_owned()))
        })
    }

    /// An endpoint from words has no parameter that the blame could go to.
    fn problem_of_no_pictures(&self, pictures: usize) -> Option<(String, Problem)> {
        match self.takes {
            Takes::Nothing => Some((String::new(), self.problem_of_pictures(pictures)?)),
            Takes::One { .. } | Takes::Many { .. } => None,
        }
    }

    fn problem_of_pictures(&self, pictures: usize) -> Option<Problem> {
        let short = &self.short;
        if self.takes.accepts(pictures) {
            let has_no_limit = matches!(self.takes, Takes::Many { max: None, .. });
            return (has_no_limit && pictures > MOST).then(|| {
                let message = format!("`{short}` is to take {pictures} pictures at once");
                Problem::new(message, Some(format!("{MOST} are the most; take some out")))
            });
        }
        Some(match &self.takes {
            Takes::Nothing => Problem::new(
                format!("`{short}` takes no picture, and there {}", are(pictures)),
                Some("leave the pictures out".to_owned()),
            ),
            Takes::One { then, .. } if pictures > 0 && !then.is_empty() => {
                let named = (1..=then.len()).filter_map(|place| self.takes.role(place));
                Problem::new(
                    format!(
                        "`{short}` needs {} pictures, and there {}",
                        then.len() + 1,
                        are(pictures)
                    ),
                    Some(format!("add in this order: {}", named.collect::<Vec<_>>().join(", "))),
                )
            }
            Takes::One { .. } if pictures == 0 => Problem::new(
                format!("`{short}` needs a picture"),
                Some("open or paste one".to_owned()),
            ),
            Takes::One { .. } => Problem::new(
                format!("`{short}` takes one picture, and there {}", are(pictures)),
                Some("leave the others out".to_owned()),
            ),
            Takes::Many { min, max, .. } => {
                let limits = match max {
                    Some(max) => format!("{min} to {max}"),
                    None => format!("{min} or more"),
                };
                Problem::new(
                    format!("`{short}` takes several pictures, and there {}", are(pictures)),
                    Some(limits),
                )
            }
        })
    }
}

fn are(pictures: usize) -> String {
    match pictures {
        0 => "is none".to_owned(),
        1 => "is 1".to_owned(),
        more => format!("are {more}"),
    }
}
