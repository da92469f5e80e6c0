//! Requests as code: what one would run to make a picture, or a chain of them, without editree.
//!
//! The key is never part of it: the code reads it from `FAL_KEY`, as the service's own clients do.
//! Invariant: whatever stands in prompts and addresses, the code is one program that means the
//! same body.

use serde_json::{Map, Value, json};

use super::{Endpoint, Values};

mod curl;
mod javascript;
mod python;

/// How requests are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Curl,
    Python,
    JavaScript,
    /// The bare bodies.
    Json,
    /// All that is needed to make it again with editree.
    Recipe,
}

/// Where an input picture comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Url(String),
    /// A file on this machine.
    File(String),
    /// A picture of an earlier step, both counted from 0.
    Step {
        step: usize,
        picture: usize,
    },
}

/// One request of a chain.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    pub endpoint: &'a Endpoint,
    pub prompt: String,
    /// With the seed that was used, so that the same picture comes out.
    pub values: Values,
    pub inputs: Vec<Source>,
}

/// The steps as a program, ending in a line feed. It prints the addresses of the last pictures.
pub fn export(language: Language, steps: &[Step<'_>]) -> String {
    match language {
        Language::Curl => curl::export(steps),
        Language::Python => python::export(steps),
        Language::JavaScript => javascript::export(steps),
        Language::Json => match steps {
            [one] => format!("{:#}\n", Value::Object(plain_body(one))),
            many => {
                let bodies = many.iter().map(|step| Value::Object(plain_body(step)));
                format!("{:#}\n", bodies.collect::<Value>())
            }
        },
        Language::Recipe => {
            let steps: Value = steps.iter().map(recipe).collect();
            format!("{:#}\n", json!({ "editree": "recipe", "steps": steps }))
        }
    }
}

/// One word for a POSIX shell, whatever is in it.
pub fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn recipe(step: &Step<'_>) -> Value {
    let input = |source: &Source| match source {
        Source::Url(url) => json!({ "url": url }),
        Source::File(path) => json!({ "file": path }),
        Source::Step { step, picture } => json!({ "step": step, "picture": picture }),
    };
    json!({
        "endpoint": step.endpoint.id,
        "prompt": step.prompt,
        "params": step.values,
        "inputs": step.inputs.iter().map(input).collect::<Value>(),
    })
}

/// The body with addresses that only stand for something in place.
fn plain_body(step: &Step<'_>) -> Map<String, Value> {
    let address = |source: &Source| match source {
        Source::Url(url) => url.clone(),
        Source::File(path) => format!("ADDRESS OF {path}"),
        Source::Step { step, .. } => format!("ADDRESS OF THE RESULT OF STEP {}", step + 1),
    };
    step.endpoint.request(
        &step.prompt,
        &step.values,
        &step.inputs.iter().map(address).collect::<Vec<_>>(),
    )
}

/// Stands in the body for a variable of the program; no prompt contains it.
fn placeholder(name: &str) -> String {
    format!("\u{f8ff}{name}\u{f8ff}")
}

/// The body in which every input is a variable: its name, and where it comes from.
fn body_with_variables(
    number: usize,
    step: &Step<'_>,
    clean: fn(&str) -> String,
) -> (Map<String, Value>, Vec<(String, Source)>) {
    let name = |place: usize| format!("input_{}_{}", number + 1, place + 1);
    let variables: Vec<(String, Source)> = step
        .inputs
        .iter()
        .enumerate()
        .map(|(place, source)| (name(place), source.clone()))
        .collect();
    let addresses: Vec<String> = variables.iter().map(|(name, _)| placeholder(name)).collect();
    let body = step.endpoint.request(&clean(&step.prompt), &step.values, &addresses);
    (body, variables)
}

/// Without the mark of placeholders, which is in nobody's alphabet.
fn without_marks(text: &str) -> String {
    text.replace('\u{f8ff}', "")
}
