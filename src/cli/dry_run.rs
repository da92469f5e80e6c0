//! `run --dry-run`: the request, its price, and what would leave of each picture.
//!
//! Sends nothing and keeps nothing.

use serde_json::{Value, json};

use super::compare::Source;
use super::quote::sizes;
use super::session::private;
use super::values::NodeName;
use super::{CommandError, print_json, say, stdin_picture};
use crate::config::Config;
use crate::config::arguments::Run;
use crate::runtime::sent_form;
use crate::schema::{Endpoint, Usd, Values};

/// `pictures` are the inputs of the store and of the disk.
pub(super) async fn dry_run(
    config: &Config,
    endpoint: &Endpoint,
    (arguments, prompt): (&Run, &str),
    values: &Values,
    pictures: &[&String],
) -> Result<u8, CommandError> {
    let sent = told(config, endpoint, pictures).await?;
    let body = endpoint.request(prompt, values, &arguments.input);
    let quote = endpoint.quote(values, &sizes(config, &arguments.input).await);
    print_json(&json!({ "endpoint": endpoint.id, "input": body, "sent": sent,
        "cost": quote.amount.map(Usd::to_f64), "is_estimate": quote.is_estimate }))
}

/// What would leave of each picture.
async fn told(
    config: &Config,
    endpoint: &Endpoint,
    inputs: &[&String],
) -> Result<Vec<Value>, CommandError> {
    let mut told = Vec::new();
    for name in inputs {
        let file = match NodeName::parse(name) {
            Some(_) => Source::find_in(config, name).await?.into_bytes(),
            None => stdin_picture::read(name)?.0,
        };
        let Some(sent) = sent_form::told(file, endpoint.input_need(), private(config)) else {
            continue;
        };
        say(&format!("{name} would be sent as {}", sent.words()));
        told.push(json!({ "input": name, "width": sent.size.0, "height": sent.size.1,
            "format": sent.format, "bytes": sent.bytes, "reduced": sent.is_reduced,
            "flattened": sent.is_normalised, "bare": sent.is_bare }));
    }
    Ok(told)
}
